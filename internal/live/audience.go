package live

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const (
	membersPage      = 100  // members in one answer; the contract does not say how many
	maxMembersListed = 1000 // members that can be paged through (doc 78156)
	// MaxAudiencePage is how many members a client gets at once.
	MaxAudiencePage = 50
)

// MemberPage is a part of the list of members who are online.
type MemberPage struct {
	Users []UserID // ordered by id
	Total int      // members online, listed or not
	Next  string   // what to go on with; empty at the end of the list, or of what may be listed
}

// Members pages through the members of the room who are online (doc 78156), in pages of 100, of which only the first
// ten are given. next is empty or "0" at the beginning and then the Next of the page before; it may be used again.
func (s *Service) Members(ctx context.Context, caller Caller, room RoomID, next string) (MemberPage, error) {
	seen, after, err := parseMemberCursor(next)
	if err != nil {
		return MemberPage{}, err
	}
	limit := min(membersPage, maxMembersListed-seen)
	var page MemberPage
	err = s.store.View(ctx, func(r Reader) error {
		if err := authorizeMember(r, caller, room); err != nil {
			return err
		}
		row, err := roomRow(r, caller.App, room)
		if err != nil {
			return err
		}
		page.Total = row.OnlineCount
		page.Users, err = r.MembersOnline(caller.App, room, after, limit+1)
		return err
	})
	if err != nil || len(page.Users) <= limit {
		return page, err
	}
	page.Users = page.Users[:limit]
	if seen += limit; seen < maxMembersListed {
		page.Next = fmt.Sprintf("%d:%s", seen, page.Users[limit-1])
	}
	return page, nil
}

// parseMemberCursor reads how many members have been listed and after whom to go on, as Members has written it.
func parseMemberCursor(next string) (seen int, after UserID, err error) {
	if next == "" || next == "0" {
		return 0, "", nil
	}
	count, user, _ := strings.Cut(next, ":")
	seen, err = strconv.Atoi(count)
	if err != nil || seen < 1 || seen >= maxMembersListed || !ValidUserID(user) {
		return 0, "", badParameter("Next is not what a call before has answered")
	}
	return seen, UserID(user), nil
}

// Attendee is a member as the others in the room see it.
type Attendee struct {
	Account
	Role  Role
	Muted bool
}

// Audience returns up to count members of the room who are online, at most [MaxAudiencePage], ordered by id and after
// the given one; more tells whether there are others behind them. A user must be in the room, or own or administer it.
func (s *Service) Audience(ctx context.Context, caller Caller, room RoomID, after UserID, count int) (page []Attendee, more bool, err error) {
	if count < 1 || count > MaxAudiencePage {
		return nil, false, badParameter("count must be 1 to %d", MaxAudiencePage)
	}
	err = s.store.View(ctx, func(r Reader) error {
		if err := authorizeMember(r, caller, room); err != nil {
			return err
		}
		users, err := r.MembersOnline(caller.App, room, after, count+1)
		if err != nil {
			return err
		}
		more = len(users) > count
		page, err = s.attendees(r, caller.App, room, users[:min(len(users), count)])
		return err
	})
	return page, more, err
}

// Attendee returns one member of the room; [CodeNotMember] when user is not in it. A user who asks must be in the room,
// or own or administer it.
func (s *Service) Attendee(ctx context.Context, caller Caller, room RoomID, user UserID) (Attendee, error) {
	var found []Attendee
	err := s.store.View(ctx, func(r Reader) error {
		if err := authorizeMember(r, caller, room); err != nil {
			return err
		}
		if err := mustBeMember(r, caller.App, room, user); err != nil {
			return err
		}
		var err error
		found, err = s.attendees(r, caller.App, room, []UserID{user})
		return err
	})
	if err != nil {
		return Attendee{}, err
	}
	return found[0], nil
}

func (s *Service) attendees(r Reader, app AppID, room RoomID, users []UserID) ([]Attendee, error) {
	owner, err := mustRoom(r, app, room)
	if err != nil {
		return nil, err
	}
	admins, err := r.Admins(app, room)
	if err != nil {
		return nil, err
	}
	found := make([]Attendee, len(users))
	for i, user := range users {
		a := &found[i]
		if a.Account, err = profile(r, app, user); err != nil {
			return nil, err
		}
		if a.Muted, err = s.muted(r, app, room, user); err != nil {
			return nil, err
		}
		switch {
		case user == owner:
			a.Role = RoleOwner
		case slices.Contains(admins, user):
			a.Role = RoleAdmin
		}
	}
	return found, nil
}

// muted tells whether user is muted in the room now.
func (s *Service) muted(r Reader, app AppID, room RoomID, user UserID) (bool, error) {
	until, ok, err := r.MutedUntil(app, room, user)
	return ok && until.After(s.now()), err
}
