package sqlite

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
)

// place is where an event stands in the outbox or among the dead letters.
type place struct {
	room   live.RoomID
	seq    int64
	id     string // of a dead letter
	second int64  // when it was committed
}

// search looks for up to limit places that a filter picks; see [store.Search].
func (s *Store) search(ctx context.Context, kind store.Series, f delivery.Filter, limit int) ([]place, store.Place, error) {
	return store.Search(ctx, &s.places, kind, f, func(after store.Place) (found []place, last store.Place, end bool, err error) {
		err = s.read(ctx, func(c *conn) (err error) {
			if kind == store.PurgeWaiting {
				found, last, end, err = waitingPlaces(c, f, after, limit)
				return err
			}
			found, last.Seq, end, err = deadPlaces(c, f, after.Seq, limit)
			return err
		})
		return found, last, end, err
	})
}
