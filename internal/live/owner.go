package live

import (
	"context"

	"github.com/greenroom-live/greenroom/webhook"
)

// OwnerChanged is the change that gave a room to another owner.
type OwnerChanged struct{ Former, Current UserID }

// Webhook tells whose the room was and is (doc 72553).
func (c OwnerChanged) Webhook(e Event) webhook.Event {
	return webhook.AfterChangeOwner{
		RoomID: string(e.Room), EventTime: e.At.UnixMilli(), OperatorAccount: string(e.By.User),
		CurrentOwnerAccount: string(c.Current), OriginalOwnerAccount: string(c.Former),
	}
}

// ChangeOwner gives the room to another owner (doc 72534), who ceases to be one of its administrators; the former owner
// has no rights left in it. Whoever owns it already may be named: then nothing happens. A user must be the room's owner.
// Codes: [CodeBadParameter], [CodeNoRoom], [CodeNoPermission].
func (s *Service) ChangeOwner(ctx context.Context, caller Caller, id RoomID, to UserID) error {
	return s.store.Update(ctx, func(tx Tx) error {
		if err := authorize(tx, caller, id, RoleOwner); err != nil {
			return err
		}
		former, err := mustRoom(tx, caller.App, id)
		if err != nil || former == to {
			return err
		}
		if err := s.admit(tx, caller.App, "NewOwner_Account", to); err != nil {
			return err
		}
		if err := tx.DeleteAdmin(caller.App, id, to); err != nil {
			return err
		}
		if err := tx.SetRoomOwner(caller.App, id, to); err != nil {
			return err
		}
		if err := s.judgeOwner(tx, caller.App, id, to); err != nil {
			return err
		}
		return tx.Emit(s.event(caller, id, OwnerChanged{former, to}))
	})
}
