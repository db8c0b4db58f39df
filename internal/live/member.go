package live

import (
	"context"

	"github.com/greenroom-live/greenroom/webhook"
)

// Member is a user who entered a room and has not left it. A member whose connection was lost too long is offline
// and still a member: it comes back without entering anew.
type Member struct {
	User   UserID
	Online bool
}

// Membership is one user's place in one room of one app.
type Membership struct {
	App  AppID
	Room RoomID
	User UserID
}

type memberReader interface {
	Member(app AppID, room RoomID, user UserID) (Member, bool, error)
	// MembersOnline returns up to limit members of the room who are online, ordered by id, after the given one.
	MembersOnline(app AppID, room RoomID, after UserID, limit int) ([]UserID, error)
}

type memberWriter interface {
	PutMember(app AppID, room RoomID, m Member) error
	// DeleteMember ends a membership, and the attendances to it.
	DeleteMember(app AppID, room RoomID, user UserID) error
}

// Cause is why a member went online or offline, in the words of doc 64424.
type Cause string

const (
	CauseEnter     Cause = webhook.CauseEnter
	CauseLeave     Cause = webhook.CauseLeave
	CauseInterrupt Cause = webhook.CauseHeartbeatInterrupt
	CauseRecover   Cause = webhook.CauseHeartbeatRecover
	CauseKicked    Cause = webhook.CauseKicked
)

// Online tells which way the cause changes a member's state.
func (c Cause) Online() bool { return c == CauseEnter || c == CauseRecover }

// MemberChanged is a change of one member's state.
type MemberChanged struct {
	Member Account
	Role   Role
	Cause  Cause
	Online int // members online after the change
}

// Webhook tells who went online or offline and why (doc 64424).
func (c MemberChanged) Webhook(e Event) webhook.Event {
	eventType := webhook.MemberOffline
	if c.Cause.Online() {
		eventType = webhook.MemberOnline
	}
	return webhook.AfterMemberStateChanged{
		RoomID: string(e.Room), EventType: eventType, EventCause: string(c.Cause),
		MemberList: []webhook.Member{{MemberAccount: string(c.Member.ID)}}, EventTime: e.At.UnixMilli(),
	}
}

// Visit is what a user finds on entering a room.
type Visit struct {
	Room     Room
	Owner    Account
	Role     Role
	Muted    bool // the user may send no messages
	Admins   []UserID
	Metadata []Pair
	Seats    []Seat        // all of them, by index
	Battle   *BattleLineup // that is running; nil when none is
}

// Start makes the room of spec, owned by the caller, and enters it. When the caller's room of that id exists already
// it is entered as it is.
func (s *Service) Start(ctx context.Context, caller Caller, spec RoomSpec) (Visit, error) {
	spec.Owner = caller.User
	room, err := s.newRoom(caller, spec)
	if err != nil {
		return Visit{}, err
	}
	return s.enter(ctx, caller, room.ID, func(tx Tx) error {
		err := s.createRoom(tx, caller, room)
		if CodeOf(err) == CodeOwnRoomExists {
			return nil
		}
		return err
	})
}

// Enter makes the caller a member of the room; entering twice is harmless, and a member who was offline comes back.
// [CodeRoomFull] when the room has no place left; its owner always finds one. [CodeBanned] for who is banned.
func (s *Service) Enter(ctx context.Context, caller Caller, room RoomID) (Visit, error) {
	return s.enter(ctx, caller, room, func(Tx) error { return nil })
}

// ComeBack is Enter for who is a member already, and was offline perhaps; [CodeNotMember] for who is none.
func (s *Service) ComeBack(ctx context.Context, caller Caller, room RoomID) error {
	_, err := s.enter(ctx, caller, room, func(tx Tx) error { return mustBeMember(tx, caller.App, room, caller.User) })
	return err
}

func (s *Service) enter(ctx context.Context, caller Caller, id RoomID, before func(Tx) error) (Visit, error) {
	var visit Visit
	err := s.store.Update(ctx, func(tx Tx) error {
		if err := before(tx); err != nil {
			return err
		}
		var err error
		if visit.Room, err = roomRow(tx, caller.App, id); err != nil {
			return err
		}
		if visit.Role, err = roleOf(tx, caller.App, id, visit.Room.Owner, caller.User); err != nil {
			return err
		}
		if err := s.admitMember(tx, caller, &visit); err != nil {
			return err
		}
		if visit.Owner, err = profile(tx, caller.App, visit.Room.Owner); err != nil {
			return err
		}
		if visit.Muted, err = s.muted(tx, caller.App, id, caller.User); err != nil {
			return err
		}
		if visit.Admins, err = tx.Admins(caller.App, id); err != nil {
			return err
		}
		if visit.Seats, err = seatsOf(tx, caller.App, visit.Room); err != nil {
			return err
		}
		if visit.Metadata, err = tx.Metadata(caller.App, id); err != nil {
			return err
		}
		visit.Battle, err = roomsBattle(tx, caller.App, id)
		return err
	})
	return visit, err
}

// admitMember puts the caller into the room of visit unless it is there. In any case this node attends to it from now on.
func (s *Service) admitMember(tx Tx, caller Caller, visit *Visit) error {
	room := &visit.Room
	if err := tx.LockAccounts(caller.App, []UserID{caller.User}); err != nil { // its deletion would have to find it in the room
		return err
	}
	m, member, err := tx.Member(caller.App, room.ID, caller.User)
	if err != nil {
		return err
	}
	at := Membership{caller.App, room.ID, caller.User}
	if m.Online {
		return tx.PutAttendance(at, s.Node())
	}
	if err := s.refuseBanned(tx, caller.App, room.ID, caller.User, visit.Role); err != nil {
		return err
	}
	cause, views := CauseRecover, 0
	if !member {
		cause, views = CauseEnter, 1
	}
	if visit.Role != RoleOwner && room.OnlineCount >= room.MaxMemberCount {
		return Refuse(CodeRoomFull, "room %q is full", room.ID)
	}
	if err := register(tx, caller.App, caller.User); err != nil {
		return err
	}
	room.OnlineCount++
	room.ViewCount += int64(views)
	if err := tx.CountEntry(caller.App, room.ID, views, 1); err != nil {
		return err
	}
	if err := tx.PutMember(caller.App, room.ID, Member{caller.User, true}); err != nil {
		return err
	}
	if err := tx.PutAttendance(at, s.Node()); err != nil {
		return err
	}
	if err := s.emitMember(tx, caller, *room, caller.User, cause); err != nil {
		return err
	}
	return s.arrived(tx, caller, *room, caller.User)
}

// arrived does what follows from user's having come into the room, or come back.
func (s *Service) arrived(tx Tx, caller Caller, room Room, user UserID) error {
	if err := s.lifetimeArrived(tx, caller.App, room, user); err != nil {
		return err
	}
	return s.seatOwner(tx, caller, room, user)
}

// Leave ends the caller's membership; [CodeNotMember] when there is none. The owner may leave: the room stays.
func (s *Service) Leave(ctx context.Context, caller Caller, room RoomID) error {
	return s.store.Update(ctx, func(tx Tx) error {
		r, err := roomRow(tx, caller.App, room)
		if err != nil {
			return err
		}
		m, ok, err := tx.Member(caller.App, room, caller.User)
		if err != nil {
			return err
		}
		if !ok {
			return notMember(room, caller.User)
		}
		if err := tx.DeleteMember(caller.App, room, caller.User); err != nil {
			return err
		}
		if !m.Online {
			return s.leftOffline(tx, caller.App, r, caller.User)
		}
		return s.goOffline(tx, caller, r, caller.User, CauseLeave)
	})
}

// goOffline tells that user is in the room no more, or was lost, and does what follows from that.
func (s *Service) goOffline(tx Tx, caller Caller, room Room, user UserID, cause Cause) error {
	if err := tx.CountEntry(caller.App, room.ID, 0, -1); err != nil {
		return err
	}
	room.OnlineCount--
	if cause != CauseKicked { // [Service.remove] has told of all who were kicked together
		if err := s.emitMember(tx, caller, room, user, cause); err != nil {
			return err
		}
	}
	if err := s.lifetimeGone(tx, caller.App, room, user, cause); err != nil {
		return err
	}
	if err := s.vacate(tx, caller, room, user); err != nil {
		return err
	}
	if user == room.Owner {
		return s.ownerGone(tx, caller, room.ID)
	}
	return nil
}

func (s *Service) emitMember(tx Tx, caller Caller, room Room, user UserID, cause Cause) error {
	account, err := profile(tx, caller.App, user)
	if err != nil {
		return err
	}
	role, err := roleOf(tx, caller.App, room.ID, room.Owner, user)
	if err != nil {
		return err
	}
	return tx.Emit(s.event(caller, room.ID, MemberChanged{account, role, cause, room.OnlineCount}))
}

// IsMember tells whether the caller is a member of the room, online or not.
func (s *Service) IsMember(ctx context.Context, caller Caller, room RoomID) (bool, error) {
	var is bool
	err := s.store.View(ctx, func(r Reader) (err error) {
		_, is, err = r.Member(caller.App, room, caller.User)
		return err
	})
	return is, err
}

// MayListen refuses the caller who may not hear what happens in the room without being in it: [CodeBanned] for who is
// banned, [CodeNotMember] for who neither is in the room nor owns or administers it. Who may is noted: from now on the room's
// clients are told what happens.
func (s *Service) MayListen(ctx context.Context, caller Caller, room RoomID) error {
	return s.store.Update(ctx, func(tx Tx) error {
		owner, err := mustRoom(tx, caller.App, room)
		if err != nil {
			return err
		}
		role, err := roleOf(tx, caller.App, room, owner, caller.User)
		if err != nil {
			return err
		}
		if err := s.refuseBanned(tx, caller.App, room, caller.User, role); err != nil {
			return err
		}
		if err := authorizeMember(tx, caller, room); err != nil {
			return err
		}
		return tx.NoteListener(caller.App, room)
	})
}
