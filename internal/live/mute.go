package live

import (
	"context"
	"time"

	"github.com/greenroom-live/greenroom/webhook"
)

const (
	maxMutesCall = 500 // accounts in one call (doc 34951)
	// MaxMutesPage is how many mutes one answer holds; the contract knows no pages of them.
	MaxMutesPage = 10_000

	timerMute = TimerKind("mute")
)

// SecondsForever is how long a mute or ban lasts that has no end; it is also the most that can be asked (doc 34951).
const SecondsForever = 1<<32 - 1

// Forever is until when a mute holds that was given no end.
var Forever = time.Unix(SecondsForever, 0)

// Mute is a user who may send no messages to a room for a while. It outlives the user's leaving.
type Mute struct {
	User  UserID
	Until time.Time // whole seconds
}

type muteReader interface {
	// MutedUntil returns until when user is muted in the room; ok is false when the user is not. The time may have
	// passed: then the room has not been told yet that the mute ended.
	MutedUntil(app AppID, room RoomID, user UserID) (until time.Time, ok bool, err error)
	// Mutes returns the mutes of the room that hold at now, ordered by user: up to limit of them, the first offset
	// left out.
	Mutes(app AppID, room RoomID, now time.Time, offset, limit int) ([]Mute, error)
}

type muteWriter interface {
	PutMute(app AppID, room RoomID, m Mute) error
	DeleteMute(app AppID, room RoomID, user UserID) error
}

// MembersMuted is the change that muted users, or ended their mutes. The app server is not told.
type MembersMuted struct {
	Members []Account
	Muted   bool // else they may send messages again
}

// Webhook implements [Change].
func (MembersMuted) Webhook(Event) webhook.Event { return nil }

// MuteMembers keeps up to 500 users from sending messages to the room for that many seconds, up to [SecondsForever]; 0
// lets them send again (doc 66969). They need not be in the room, and leaving it does not end the mute. The event names
// those who are muted now and were not, or the other way round. A client may mute members of a lower role than its own:
// [CodeNoPermission], [CodeNotMember].
func (s *Service) MuteMembers(ctx context.Context, caller Caller, room RoomID, users []UserID, seconds int) error {
	if err := checkAccounts(len(users), maxMutesCall); err != nil {
		return err
	}
	if seconds < 0 || seconds > SecondsForever {
		return badParameter("MuteTime must be 0 to %d seconds", SecondsForever)
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if err := authorizeOver(tx, caller, room, users); err != nil {
			return err
		}
		var changed []Account
		for _, user := range users {
			did, err := s.muteMember(tx, caller.App, room, user, seconds)
			if err != nil {
				return err
			}
			if !did {
				continue
			}
			account, err := profile(tx, caller.App, user)
			if err != nil {
				return err
			}
			changed = append(changed, account)
		}
		if len(changed) == 0 {
			return nil
		}
		return tx.Emit(s.event(caller, room, MembersMuted{changed, seconds > 0}))
	})
}

// checkAccounts judges how many accounts MemberList_Account names.
func checkAccounts(n, most int) error {
	if n == 0 || n > most {
		return badParameter("MemberList_Account must name 1 to %d accounts", most)
	}
	return nil
}

// muteMember mutes one user or ends the mute, and tells whether that changed anything.
func (s *Service) muteMember(tx Tx, app AppID, room RoomID, user UserID, seconds int) (changed bool, err error) {
	_, muted, err := tx.MutedUntil(app, room, user)
	if err != nil {
		return false, err
	}
	end := Timer{App: app, Kind: timerMute, Room: room, Key: string(user)}
	if seconds == 0 {
		if !muted {
			return false, nil
		}
		if err := tx.DeleteMute(app, room, user); err != nil {
			return false, err
		}
		return true, tx.DeleteTimer(end)
	}
	if err := s.admit(tx, app, "MemberList_Account", user); err != nil {
		return false, err
	}
	end.At = s.after(seconds)
	if err := tx.PutMute(app, room, Mute{user, end.At}); err != nil {
		return false, err
	}
	if end.At.Equal(Forever) {
		return !muted, tx.DeleteTimer(end)
	}
	return !muted, tx.PutTimer(end)
}

// after returns when that many seconds will have passed, as a whole second that is not too early.
func (s *Service) after(seconds int) time.Time {
	if seconds >= SecondsForever {
		return Forever
	}
	end := s.now().Add(time.Duration(seconds) * time.Second)
	if whole := end.Truncate(time.Second); whole.Before(end) {
		end = whole.Add(time.Second)
	}
	if end.After(Forever) {
		return Forever
	}
	return end
}

// endMute tells the room that a mute's time is over.
func (s *Service) endMute(tx Tx, t Timer) error {
	user := UserID(t.Key)
	_, muted, err := tx.MutedUntil(t.App, t.Room, user)
	if err != nil || !muted {
		return err
	}
	if err := tx.DeleteMute(t.App, t.Room, user); err != nil {
		return err
	}
	account, err := profile(tx, t.App, user)
	if err != nil {
		return err
	}
	return tx.Emit(s.event(System(t.App), t.Room, MembersMuted{[]Account{account}, false}))
}

// Mutes returns the mutes of the room that hold now, ordered by user: up to limit of them, at most and by default
// 10,000, the first offset left out (doc 69894).
func (s *Service) Mutes(ctx context.Context, caller Caller, room RoomID, offset, limit int) ([]Mute, error) {
	limit, err := checkPage(offset, limit, MaxMutesPage)
	if err != nil {
		return nil, err
	}
	var mutes []Mute
	err = s.store.View(ctx, func(r Reader) error {
		if err := authorize(r, caller, room, RoleAdmin); err != nil {
			return err
		}
		var err error
		mutes, err = r.Mutes(caller.App, room, s.now(), offset, limit)
		return err
	})
	return mutes, err
}

// checkPage judges which part of a list is asked for, and returns how many of its elements may be answered.
func checkPage(offset, limit, most int) (int, error) {
	if offset < 0 {
		return 0, badParameter("Offset must not be negative")
	}
	if limit < 0 || limit > most {
		return 0, badParameter("Limit must be 1 to %d", most)
	}
	if limit == 0 {
		limit = most
	}
	return limit, nil
}
