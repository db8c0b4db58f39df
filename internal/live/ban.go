package live

import (
	"context"
	"time"
)

const (
	maxBansCall = 20 // accounts in one call (docs 63407, 63410)
	// MaxBansPage is how many bans one answer holds (doc 63408).
	MaxBansPage = 100
	maxReason   = 1000 // bytes (docs 60708, 60711)
	// lapsedBans is how many bans whose time has passed one call clears away, so that they do not pile up.
	lapsedBans = 200
)

// Ban is a user who may not enter a room for a while.
type Ban struct {
	User   UserID
	Until  time.Time // whole seconds
	Reason string
}

type banReader interface {
	// Ban returns the ban of a user from the room. Its time may have passed.
	Ban(app AppID, room RoomID, user UserID) (Ban, bool, error)
	// Bans returns the bans from the room that hold at now, ordered by user: up to limit of them, the first offset
	// left out.
	Bans(app AppID, room RoomID, now time.Time, offset, limit int) ([]Ban, error)
}

type banWriter interface {
	PutBan(app AppID, room RoomID, b Ban) error
	DeleteBan(app AppID, room RoomID, user UserID) error
	// DeleteLapsedBans removes up to limit bans from the room that do not hold at now.
	DeleteLapsedBans(app AppID, room RoomID, now time.Time, limit int) error
}

// BanMembers keeps up to 20 users out of the room for that many seconds, 1 to [SecondsForever], and removes those who
// are in it (doc 63407). They need not be in the room; a ban takes the place of an earlier one. An administrator stays
// one. [CodeNoPermission] for the room's owner, and then nobody is banned.
func (s *Service) BanMembers(ctx context.Context, caller Caller, room RoomID, users []UserID, seconds int, reason string) error {
	if err := checkRemoval(users, reason); err != nil {
		return err
	}
	if seconds < 1 || seconds > SecondsForever {
		return badParameter("Duration must be 1 to %d seconds", SecondsForever)
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if err := authorizeRemoval(tx, caller, room, users); err != nil {
			return err
		}
		if err := tx.DeleteLapsedBans(caller.App, room, s.now(), lapsedBans); err != nil {
			return err
		}
		until := s.after(seconds)
		for _, user := range users {
			if err := s.admit(tx, caller.App, "MemberList_Account", user); err != nil {
				return err
			}
			if err := tx.PutBan(caller.App, room, Ban{user, until, reason}); err != nil {
				return err
			}
		}
		return s.remove(tx, caller, room, users, MembersKicked{Banned: users, Reason: reason})
	})
}

// checkRemoval judges what kicks and bans have in common.
func checkRemoval(users []UserID, reason string) error {
	if err := checkAccounts(len(users), maxBansCall); err != nil {
		return err
	}
	return checkTexts([]textLimit{{"Reason", reason, maxReason}})
}

// UnbanMembers lets up to 20 users enter the room again; those who are not banned are passed over (doc 63410).
func (s *Service) UnbanMembers(ctx context.Context, caller Caller, room RoomID, users []UserID) error {
	if err := checkAccounts(len(users), maxBansCall); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if err := authorize(tx, caller, room, RoleAdmin); err != nil {
			return err
		}
		for _, user := range users {
			if err := tx.DeleteBan(caller.App, room, user); err != nil {
				return err
			}
		}
		return nil
	})
}

// Bans returns the bans from the room that hold now, ordered by user: up to limit of them, at most and by default 100,
// the first offset left out (doc 63408). next is the offset to go on with, 0 at the end.
func (s *Service) Bans(ctx context.Context, caller Caller, room RoomID, offset, limit int) (bans []Ban, next int, err error) {
	limit, err = checkPage(offset, limit, MaxBansPage)
	if err != nil {
		return nil, 0, err
	}
	err = s.store.View(ctx, func(r Reader) error {
		if err := authorize(r, caller, room, RoleAdmin); err != nil {
			return err
		}
		var err error
		bans, err = r.Bans(caller.App, room, s.now(), offset, limit+1)
		return err
	})
	if len(bans) > limit {
		bans, next = bans[:limit], offset+limit
	}
	return bans, next, err
}

// refuseBanned refuses a user who is banned from the room, with [CodeBanned]. No ban holds for the room's owner.
func (s *Service) refuseBanned(r Reader, app AppID, room RoomID, user UserID, role Role) error {
	if role == RoleOwner {
		return nil
	}
	ban, ok, err := r.Ban(app, room, user)
	if err != nil || !ok || !ban.Until.After(s.now()) {
		return err
	}
	return Refuse(CodeBanned, "%q is banned from room %q until %s", user, room, ban.Until.UTC().Format(time.RFC3339))
}
