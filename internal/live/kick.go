package live

import (
	"context"

	"github.com/greenroom-live/greenroom/webhook"
)

// MembersKicked is the change that removed members from a room by a kick or a ban.
type MembersKicked struct {
	Members []KickedMember // who were in the room
	Banned  []UserID       // who may not come back for a while, whether they were in the room or not
	Reason  string
	Online  int // members online after the change
}

// KickedMember is somebody who was removed from a room.
type KickedMember struct {
	Member Account
	Role   Role
	Online bool // else the connection had been lost for long, and the room was told so then
}

// Webhook tells who went offline (doc 64424), in one webhook for the whole call.
func (c MembersKicked) Webhook(e Event) webhook.Event {
	var gone []webhook.Member
	for _, k := range c.Members {
		if k.Online {
			gone = append(gone, webhook.Member{MemberAccount: string(k.Member.ID)})
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return webhook.AfterMemberStateChanged{
		RoomID: string(e.Room), EventType: webhook.MemberOffline, EventCause: string(CauseKicked),
		MemberList: gone, EventTime: e.At.UnixMilli(),
	}
}

// KickMembers removes up to 20 users from the room, who may come back at once; those who are not in it are passed over
// (doc 60708). [CodeNoPermission] for the room's owner, and then nobody is removed. A client may remove members of a
// lower role than its own: [CodeNoPermission], [CodeNotMember].
func (s *Service) KickMembers(ctx context.Context, caller Caller, room RoomID, users []UserID, reason string) error {
	if err := checkRemoval(users, reason); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if err := authorizeRemoval(tx, caller, room, users); err != nil {
			return err
		}
		return s.remove(tx, caller, room, users, MembersKicked{Reason: reason})
	})
}

// remove ends the membership of those of users who have one, and tells of them all in one change.
func (s *Service) remove(tx Tx, caller Caller, id RoomID, users []UserID, change MembersKicked) error {
	room, err := roomRow(tx, caller.App, id)
	if err != nil {
		return err
	}
	change.Online = room.OnlineCount
	for _, user := range users {
		kicked, was, err := s.expel(tx, caller.App, room, user)
		if err != nil {
			return err
		}
		if !was {
			continue
		}
		change.Members = append(change.Members, kicked)
		if kicked.Online {
			change.Online--
		}
	}
	if len(change.Members)+len(change.Banned) == 0 {
		return nil
	}
	if err := tx.Emit(s.event(caller, id, change)); err != nil {
		return err
	}
	for _, kicked := range change.Members {
		if !kicked.Online {
			continue
		}
		if err := s.goOffline(tx, caller, room, kicked.Member.ID, CauseKicked); err != nil {
			return err
		}
		room.OnlineCount--
	}
	return nil
}

// expel ends one user's membership, and tells whether there was one.
func (s *Service) expel(tx Tx, app AppID, room Room, user UserID) (kicked KickedMember, was bool, err error) {
	m, was, err := tx.Member(app, room.ID, user)
	if err != nil || !was {
		return KickedMember{}, false, err
	}
	kicked.Online = m.Online
	if kicked.Member, err = profile(tx, app, user); err != nil {
		return kicked, true, err
	}
	if kicked.Role, err = roleOf(tx, app, room.ID, room.Owner, user); err != nil {
		return kicked, true, err
	}
	return kicked, true, tx.DeleteMember(app, room.ID, user)
}
