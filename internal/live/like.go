package live

import (
	"context"

	"github.com/greenroom-live/greenroom/webhook"
)

// maxLikes is how many likes one call may send: clients collect taps for some seconds. The documentation gives no number.
const maxLikes = 1000

// LikesSent is the change that a member sent likes. No webhook tells of it (doc 64413).
type LikesSent struct {
	Count  int
	Total  int64 // of the room, after it
	Sender Account
}

// Webhook returns nil: there is none.
func (LikesSent) Webhook(Event) webhook.Event { return nil }

// SendLikes adds count likes, 1 to 1,000, to those of the room. A user must be in the room; [CodeNoPermission] when likes
// are switched off there.
func (s *Service) SendLikes(ctx context.Context, caller Caller, id RoomID, count int) error {
	if count < 1 || count > maxLikes {
		return badParameter("count must be 1 to %d", maxLikes)
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if err := authorizeMember(tx, caller, id); err != nil {
			return err
		}
		room, err := roomRow(tx, caller.App, id)
		if err != nil {
			return err
		}
		if !room.LikeEnabled {
			return Refuse(CodeNoPermission, "likes are switched off in room %q", id)
		}
		sender, err := profile(tx, caller.App, caller.User)
		if err != nil {
			return err
		}
		if err := tx.AddTotals(caller.App, id, Totals{LikesReceived: int64(count)}); err != nil {
			return err
		}
		return tx.Emit(s.event(caller, id, LikesSent{count, room.LikesReceived + int64(count), sender}))
	})
}

// Likes returns how many likes the room has received. A user must be in it.
func (s *Service) Likes(ctx context.Context, caller Caller, id RoomID) (int64, error) {
	var likes int64
	err := s.store.View(ctx, func(r Reader) error {
		if err := authorizeMember(r, caller, id); err != nil {
			return err
		}
		room, err := roomRow(r, caller.App, id)
		likes = room.LikesReceived
		return err
	})
	return likes, err
}
