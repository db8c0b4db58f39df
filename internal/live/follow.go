package live

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/greenroom-live/greenroom/webhook"
)

// Limits of follow relations (docs 70345, 70346, 70347, 70349, 70350, 64330).
const (
	maxFollowCall    = 20   // users of one call to follow, to unfollow, or to count
	maxFollowCheck   = 100  // users of one check
	maxFollowing     = 5000 // whom one user follows; followers have no limit
	defaultFollows   = 100  // of a page
	maxFollows       = 1000 // of a page
	maxFollowsCursor = 64   // bytes

	// maxForgottenAtOnce is how many relations of deleted accounts one transaction removes.
	maxForgottenAtOnce = 200
)

// timerForgetFollows removes the rest of a deleted account's relations.
const timerForgetFollows TimerKind = "forget_follows"

// Follow is that one user follows another.
type Follow struct {
	From, To UserID
	Since    time.Time // ms
	Mutual   bool      // To follows From too
}

// FollowCounts are how many relations a user has.
type FollowCounts struct {
	Followers int64
	Following int64
	Mutual    int64
}

// FollowType is how another user stands to a user (doc 70349).
type FollowType int

const (
	FollowNone     FollowType = iota // neither follows the other
	FollowedBy                       // the other follows the user
	FollowsThem                      // the user follows the other
	FollowedMutual                   // both
)

// FollowList is one of the lists of a user (doc 70347).
type FollowList int

const (
	Followers FollowList = 1 // who follows the user
	Following FollowList = 2 // whom the user follows
	Mutual    FollowList = 3 // both at once
)

// FollowCursor is a place in a list: behind the user of that time. The zero FollowCursor is the beginning.
type FollowCursor struct {
	Since time.Time
	User  UserID
}

// String is the cursor as a caller sees it, "" for the beginning.
func (c FollowCursor) String() string {
	if c.Since.IsZero() {
		return ""
	}
	return strconv.FormatInt(c.Since.UnixMilli(), 10) + "." + string(c.User)
}

func parseFollowCursor(s string) (FollowCursor, error) {
	if s == "" {
		return FollowCursor{}, nil
	}
	ms, user, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(ms, 10, 64)
	if err != nil || len(s) > maxFollowsCursor || !ValidUserID(user) {
		return FollowCursor{}, Refuse(CodeRelParameter, "StartCursor is none that was given out")
	}
	return FollowCursor{time.UnixMilli(n), UserID(user)}, nil
}

type followReader interface {
	Follow(app AppID, from, to UserID) (Follow, bool, error)
	FollowCounts(app AppID, user UserID) (FollowCounts, error)
	// Follows returns up to limit relations of a list of user, the newest first, behind after.
	Follows(app AppID, user UserID, list FollowList, after FollowCursor, limit int) ([]Follow, error)
	// FollowsUntil returns up to limit relations of user in either direction that are not younger than until.
	FollowsUntil(app AppID, user UserID, until time.Time, limit int) ([]Follow, error)
}

type followWriter interface {
	PutFollow(app AppID, f Follow) error
	DeleteFollow(app AppID, from, to UserID) error
	AddFollowCounts(app AppID, user UserID, add FollowCounts) error
}

// FollowsChanged is the change that one call made to whom From follows.
type FollowsChanged struct {
	From   Account
	To     []Account // in the order asked
	Mutual []Account // those of To to whom it became mutual, or ceased to be
	Added  bool      // followed, else unfollowed
}

// Webhook tells who is followed newly, or no more (docs 74356, 74357).
func (c FollowsChanged) Webhook(e Event) webhook.Event {
	if c.Added {
		list := make([]webhook.Followed, len(c.To))
		for i, a := range c.To {
			list[i] = webhook.Followed{ToAccount: string(a.ID)}
		}
		return webhook.AfterFollowAdd{FromAccount: string(c.From.ID), FollowList: list, EventTime: e.At.UnixMilli()}
	}
	list := make([]string, len(c.To))
	for i, a := range c.To {
		list[i] = string(a.ID)
	}
	return webhook.AfterFollowDelete{FromAccount: string(c.From.ID), ToAccount: list, EventTime: e.At.UnixMilli()}
}

// Follow makes from a follower of up to 20 users (doc 70345). What becomes of each is told in their order: nil, also for
// somebody followed already; [CodeRelParameter] for from itself; [CodeFollowsTooMany] past 5,000; [CodeRelNoAccount] where
// the app demands imports. That code is the whole call's when from was not imported.
func (s *Service) Follow(ctx context.Context, caller Caller, from UserID, users []UserID) ([]error, error) {
	return s.changeFollows(ctx, caller, from, users, true)
}

// Unfollow ends that from follows up to 20 users (doc 70346). It is no error for those whom from does not follow; the
// codes are those of [Service.Follow].
func (s *Service) Unfollow(ctx context.Context, caller Caller, from UserID, users []UserID) ([]error, error) {
	return s.changeFollows(ctx, caller, from, users, false)
}

func (s *Service) changeFollows(ctx context.Context, caller Caller, from UserID, users []UserID, add bool) ([]error, error) {
	if err := checkRelated(users, maxFollowCall); err != nil {
		return nil, err
	}
	outcomes := make([]error, len(users))
	err := s.store.Update(ctx, func(tx Tx) error {
		if err := tx.LockAccounts(caller.App, append([]UserID{from}, users...)); err != nil {
			return err
		}
		if err := s.mustRelate(tx, caller.App, from); err != nil {
			return err
		}
		self, err := profile(tx, caller.App, from)
		if err != nil {
			return err
		}
		change := FollowsChanged{From: self, Added: add}
		for i, to := range users {
			err := s.changeFollow(tx, caller.App, &change, to)
			if outcomes[i] = refusal(err); err != nil && outcomes[i] == nil {
				return err
			}
		}
		if len(change.To) == 0 {
			return nil
		}
		return tx.Emit(s.event(caller, "", change))
	})
	return outcomes, err
}

// changeFollow carries out one item of a call and notes in change what it changed.
func (s *Service) changeFollow(tx Tx, app AppID, change *FollowsChanged, to UserID) error {
	from := change.From.ID
	if to == from {
		return Refuse(CodeRelParameter, "a user cannot follow itself")
	}
	if err := s.mustRelate(tx, app, to); err != nil {
		return err
	}
	before, follows, err := tx.Follow(app, from, to)
	if err != nil || follows == change.Added {
		return err
	}
	mutual := before.Mutual
	if change.Added {
		mutual, err = s.follow(tx, app, from, to)
	} else {
		err = unfollow(tx, app, before)
	}
	if err != nil {
		return err
	}
	account, err := profile(tx, app, to)
	change.To = append(change.To, account)
	if mutual {
		change.Mutual = append(change.Mutual, account)
	}
	return err
}

// follow adds a relation that is not there, and tells whether it is mutual.
func (s *Service) follow(tx Tx, app AppID, from, to UserID) (mutual bool, err error) {
	counts, err := tx.FollowCounts(app, from)
	if err != nil {
		return false, err
	}
	if counts.Following >= maxFollowing {
		return false, Refuse(CodeFollowsTooMany, "%q follows %d users already, more are not allowed", from, maxFollowing)
	}
	back, mutual, err := tx.Follow(app, to, from)
	if err != nil {
		return false, err
	}
	if err := tx.PutFollow(app, Follow{From: from, To: to, Since: s.now(), Mutual: mutual}); err != nil {
		return false, err
	}
	if mutual {
		back.Mutual = true
		if err := tx.PutFollow(app, back); err != nil {
			return false, err
		}
	}
	return mutual, countFollow(tx, app, from, to, mutual, 1)
}

// unfollow removes a relation that is there.
func unfollow(tx Tx, app AppID, f Follow) error {
	if err := tx.DeleteFollow(app, f.From, f.To); err != nil {
		return err
	}
	if f.Mutual {
		back, ok, err := tx.Follow(app, f.To, f.From)
		if err != nil {
			return err
		}
		if back.Mutual = false; ok {
			if err := tx.PutFollow(app, back); err != nil {
				return err
			}
		}
	}
	return countFollow(tx, app, f.From, f.To, f.Mutual, -1)
}

// countFollow adds n relations from one user to another to what both count.
func countFollow(tx Tx, app AppID, from, to UserID, mutual bool, n int64) error {
	both := int64(0)
	if mutual {
		both = n
	}
	if err := tx.AddFollowCounts(app, from, FollowCounts{Following: n, Mutual: both}); err != nil {
		return err
	}
	return tx.AddFollowCounts(app, to, FollowCounts{Followers: n, Mutual: both})
}

// checkRelated refuses a call that names nobody, or too many.
func checkRelated(users []UserID, most int) error {
	if len(users) == 0 || len(users) > most {
		return Refuse(CodeRelParameter, "1 to %d users must be named, not %d", most, len(users))
	}
	return nil
}

// mustRelate registers user, or refuses with [CodeRelNoAccount] where the app demands an import first.
func (s *Service) mustRelate(tx Tx, app AppID, user UserID) error {
	known, err := s.mayBeNamed(tx, app, user)
	if err != nil || known {
		return err
	}
	return noRelAccount(user)
}

// related is mustRelate for questions, which register nobody.
func (s *Service) related(r Reader, app AppID, user UserID) error {
	if !s.apps[app].RequireImportedAccounts {
		return nil
	}
	known, err := s.isAccount(r, app, user)
	if err != nil || known {
		return err
	}
	return noRelAccount(user)
}

func noRelAccount(user UserID) error { return Refuse(CodeRelNoAccount, "%q was never imported", user) }

// FollowCheck is how one user stands to the one who was asked about.
type FollowCheck struct {
	Type FollowType
	Err  error // a refusal
}

// CheckFollows tells how each of 1 to 100 users, in their order, stands to from (doc 70349).
func (s *Service) CheckFollows(ctx context.Context, caller Caller, from UserID, users []UserID) ([]FollowCheck, error) {
	if err := checkRelated(users, maxFollowCheck); err != nil {
		return nil, err
	}
	checks := make([]FollowCheck, len(users))
	err := s.store.View(ctx, func(r Reader) error {
		if err := s.related(r, caller.App, from); err != nil {
			return err
		}
		for i, to := range users {
			var err error
			checks[i].Type, err = s.checkFollow(r, caller.App, from, to)
			if checks[i].Err = refusal(err); err != nil && checks[i].Err == nil {
				return err
			}
		}
		return nil
	})
	return checks, err
}

func (s *Service) checkFollow(r Reader, app AppID, from, to UserID) (FollowType, error) {
	if err := s.related(r, app, to); err != nil {
		return FollowNone, err
	}
	_, follows, err := r.Follow(app, from, to)
	if err != nil {
		return FollowNone, err
	}
	_, followed, err := r.Follow(app, to, from)
	switch {
	case err != nil:
		return FollowNone, err
	case follows && followed:
		return FollowedMutual, nil
	case follows:
		return FollowsThem, nil
	case followed:
		return FollowedBy, nil
	}
	return FollowNone, nil
}

// FollowInfo is what is counted of one user.
type FollowInfo struct {
	FollowCounts
	Err error // a refusal
}

// FollowInfos tells how many followers each of 1 to 20 users has, and how many users it follows (doc 70350).
func (s *Service) FollowInfos(ctx context.Context, caller Caller, from UserID, users []UserID) ([]FollowInfo, error) {
	if err := checkRelated(users, maxFollowCall); err != nil {
		return nil, err
	}
	infos := make([]FollowInfo, len(users))
	err := s.store.View(ctx, func(r Reader) error {
		if err := s.related(r, caller.App, from); err != nil {
			return err
		}
		for i, user := range users {
			err := s.related(r, caller.App, user)
			if err == nil {
				infos[i].FollowCounts, err = r.FollowCounts(caller.App, user)
			}
			if infos[i].Err = refusal(err); err != nil && infos[i].Err == nil {
				return err
			}
		}
		return nil
	})
	return infos, err
}

// Followed is one user of a list.
type Followed struct {
	Account Account
	Since   time.Time // since when one follows the other; in the mutual list, since when the list's user does
}

// Follows returns a page of a list of user, the newest first, and where the next one begins, "" when there is none
// (doc 70347). A cursor can be used again. A page has count users, 100 when 0, 1,000 at most.
func (s *Service) Follows(
	ctx context.Context, caller Caller, user UserID, list FollowList, cursor string, count int,
) (page []Followed, next string, err error) {
	if list < Followers || list > Mutual {
		return nil, "", Refuse(CodeRelParameter, "FollowType must be 1, 2 or 3")
	}
	if count < 0 || count > maxFollows {
		return nil, "", Refuse(CodeRelParameter, "a page may have %d users at most", maxFollows)
	}
	if count == 0 {
		count = defaultFollows
	}
	after, err := parseFollowCursor(cursor)
	if err != nil {
		return nil, "", err
	}
	err = s.store.View(ctx, func(r Reader) error {
		if err := s.related(r, caller.App, user); err != nil {
			return err
		}
		found, err := r.Follows(caller.App, user, list, after, count+1)
		if err != nil {
			return err
		}
		if len(found) > count {
			found = found[:count]
			last := found[count-1]
			next = FollowCursor{last.Since, last.other(list)}.String()
		}
		page, err = followed(r, caller.App, list, found)
		return err
	})
	return page, next, err
}

// other is the user of a relation whom a list names.
func (f Follow) other(list FollowList) UserID {
	if list == Followers {
		return f.From
	}
	return f.To
}

func followed(r Reader, app AppID, list FollowList, found []Follow) ([]Followed, error) {
	page := make([]Followed, len(found))
	for i, f := range found {
		account, err := profile(r, app, f.other(list))
		if err != nil {
			return nil, err
		}
		page[i] = Followed{account, f.Since}
	}
	return page, nil
}

// forgetFollows removes the relations of a deleted account that are not younger than its deletion, as many as budget
// allows, and leaves the others to a timer. Nobody is told.
func (s *Service) forgetFollows(tx Tx, app AppID, user UserID, until time.Time, budget *int) error {
	found, err := tx.FollowsUntil(app, user, until, *budget+1)
	if err != nil {
		return err
	}
	rest := len(found) > *budget
	for _, f := range found[:min(len(found), *budget)] {
		// As it is now: an earlier one of them may have been its counterpart.
		f, ok, err := tx.Follow(app, f.From, f.To)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if err := unfollow(tx, app, f); err != nil {
			return err
		}
		*budget--
	}
	if !rest {
		return nil
	}
	key := strconv.FormatInt(until.UnixMilli(), 10) + " " + string(user)
	return tx.PutTimer(Timer{App: app, Kind: timerForgetFollows, Key: key, At: s.now()})
}

// forgetMoreFollows goes on where forgetFollows stopped.
func (s *Service) forgetMoreFollows(tx Tx, t Timer) error {
	ms, user, _ := strings.Cut(t.Key, " ")
	until, err := strconv.ParseInt(ms, 10, 64)
	if err != nil {
		return nil // of another version
	}
	budget := maxForgottenAtOnce
	return s.forgetFollows(tx, t.App, UserID(user), time.UnixMilli(until), &budget)
}
