package live

import (
	"context"

	"github.com/greenroom-live/greenroom/webhook"
)

// maxAdminsCall is how many accounts one call may name (doc 63411).
const maxAdminsCall = 5

type adminReader interface {
	IsAdmin(app AppID, room RoomID, user UserID) (bool, error)
	// Admins returns the room's administrators, ordered by id.
	Admins(app AppID, room RoomID) ([]UserID, error)
}

type adminWriter interface {
	PutAdmin(app AppID, room RoomID, user UserID) error
	DeleteAdmin(app AppID, room RoomID, user UserID) error
}

// AdminsModified is the change that gave or took administrator rights.
type AdminsModified struct {
	Users []UserID
	Added bool // given, else taken
}

// Webhook tells whose rights changed (doc 72554).
func (c AdminsModified) Webhook(e Event) webhook.Event {
	op := webhook.AdminDelete
	if c.Added {
		op = webhook.AdminAdd
	}
	return webhook.AfterModifyAdmin{
		RoomID: string(e.Room), EventTime: e.At.UnixMilli(), OperatorAccount: string(e.By.User),
		AdminAccount: userStrings(c.Users), OpType: op,
	}
}

// ModifyAdmins gives the users administrator rights in the room, or takes them. The event names those whose rights
// really changed; when there are none, nothing happens. [CodeTooManyAdmins] past the room's limit, and then nobody is
// added. A user must be the room's owner. The owner needs no rights given and is passed over.
func (s *Service) ModifyAdmins(ctx context.Context, caller Caller, room RoomID, users []UserID, add bool) error {
	if len(users) == 0 || len(users) > maxAdminsCall {
		return badParameter("Admin_Account must name 1 to %d accounts", maxAdminsCall)
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if err := authorize(tx, caller, room, RoleOwner); err != nil {
			return err
		}
		return s.changeAdmins(tx, caller, room, users, add)
	})
}

// Appoint makes a member of the room an administrator, as ModifyAdmins does with anybody; [CodeNotMember] when user is
// not in the room.
func (s *Service) Appoint(ctx context.Context, caller Caller, room RoomID, user UserID) error {
	return s.store.Update(ctx, func(tx Tx) error {
		if err := authorize(tx, caller, room, RoleOwner); err != nil {
			return err
		}
		if err := mustBeMember(tx, caller.App, room, user); err != nil {
			return err
		}
		return s.changeAdmins(tx, caller, room, []UserID{user}, true)
	})
}

// changeAdmins tells of those whose rights changed.
func (s *Service) changeAdmins(tx Tx, caller Caller, room RoomID, users []UserID, add bool) error {
	changed, err := s.modifyAdmins(tx, caller, room, users, add)
	if err != nil || len(changed) == 0 {
		return err
	}
	return tx.Emit(s.event(caller, room, AdminsModified{changed, add}))
}

func (s *Service) modifyAdmins(tx Tx, caller Caller, room RoomID, users []UserID, add bool) ([]UserID, error) {
	owner, err := mustRoom(tx, caller.App, room)
	if err != nil {
		return nil, err
	}
	var changed []UserID
	for _, user := range users {
		is, err := tx.IsAdmin(caller.App, room, user)
		if err != nil {
			return nil, err
		}
		if is == add || add && user == owner {
			continue
		}
		if err := s.modifyAdmin(tx, caller.App, room, user, add); err != nil {
			return nil, err
		}
		changed = append(changed, user)
	}
	if !add || len(changed) == 0 {
		return changed, nil
	}
	admins, err := tx.Admins(caller.App, room)
	if err == nil && len(admins) > s.limits.MaxAdmins {
		err = Refuse(CodeTooManyAdmins, "room %q would have %d administrators, at most %d are allowed", room, len(admins), s.limits.MaxAdmins)
	}
	return changed, err
}

func (s *Service) modifyAdmin(tx Tx, app AppID, room RoomID, user UserID, add bool) error {
	if !add {
		return tx.DeleteAdmin(app, room, user)
	}
	if err := s.admit(tx, app, "Admin_Account", user); err != nil {
		return err
	}
	return tx.PutAdmin(app, room, user)
}

// Admins returns the room's administrators, the owner not among them, ordered by id.
func (s *Service) Admins(ctx context.Context, caller Caller, room RoomID) ([]UserID, error) {
	var admins []UserID
	err := s.store.View(ctx, func(r Reader) error {
		if _, err := mustRoom(r, caller.App, room); err != nil {
			return err
		}
		var err error
		admins, err = r.Admins(caller.App, room)
		return err
	})
	return admins, err
}

func userStrings(users []UserID) []string {
	out := make([]string, len(users))
	for i, u := range users {
		out[i] = string(u)
	}
	return out
}
