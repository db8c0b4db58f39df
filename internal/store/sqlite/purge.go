package sqlite

import (
	"context"
	"time"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/store"
)

// maxMoved bounds the events that one update moves or removes for an operator.
const maxMoved = 500

// PurgeWaiting implements delivery.Records; it removes maxMoved events at once at most.
func (s *Store) PurgeWaiting(ctx context.Context, f delivery.Filter, limit int) (int, error) {
	return s.treat(ctx, store.PurgeWaiting, f, limit, (*tx).purgeWaiting)
}

// PurgeDead implements delivery.Records; it removes maxMoved dead letters at once at most.
func (s *Store) PurgeDead(ctx context.Context, f delivery.Filter, limit int) (int, error) {
	return s.treat(ctx, store.PurgeDead, f, limit, (*tx).purgeDead)
}

// treat searches events and does to them what do does, in one update. Events that are gone by then do not count; it
// returns 0 only when the search finds none.
func (s *Store) treat(ctx context.Context, kind store.Series, f delivery.Filter, limit int,
	do func(*tx, delivery.Filter, []place) (int, error)) (done int, err error) {
	limit = min(max(limit, 1), maxMoved)
	for {
		found, reached, err := s.search(ctx, kind, f, limit)
		if err != nil || len(found) == 0 {
			return 0, err
		}
		s.writer.settleNow() // what was delivered meanwhile is not there to be removed
		err = s.change(ctx, func(t *tx) (err error) {
			done, err = do(t, f, found)
			return err
		})
		if err != nil {
			return 0, err
		}
		s.places.Set(kind, f, reached)
		if done > 0 {
			return done, nil
		}
	}
}

func (t *tx) purgeWaiting(f delivery.Filter, found []place) (removed int, err error) {
	for _, p := range found {
		n, err := t.write("DELETE FROM outbox WHERE app = ? AND room = ? AND seq = ?", f.App, p.room, p.seq)
		if err != nil {
			return 0, err
		}
		if n > 0 {
			t.counts = append(t.counts, count{f.App, p.second, -1, 0})
			removed++
		}
	}
	if removed > 0 {
		t.purged = append(t.purged, f.App)
	}
	return removed, nil
}

func (t *tx) purgeDead(f delivery.Filter, found []place) (removed int, err error) {
	for _, p := range found {
		n, err := t.write("DELETE FROM dead_letters WHERE id = ? AND app = ?", p.id, f.App)
		if err != nil {
			return 0, err
		}
		removed += int(n)
	}
	t.counts = append(t.counts, count{f.App, 0, 0, -removed})
	return removed, nil
}

// waitingPlaces is like deadPlaces, for the outbox.
func waitingPlaces(c *conn, f delivery.Filter, after store.Place, limit int) (found []place, last store.Place, end bool, err error) {
	query, args := `SELECT room, seq, created_at, command FROM outbox WHERE app = ? AND (room, seq) > (?, ?)
		ORDER BY room, seq LIMIT ?`, []any{f.App, after.Room, after.Seq, readRows}
	if f.Room != nil {
		query, args = `SELECT room, seq, created_at, command FROM outbox WHERE app = ? AND room = ? AND seq > ?
			ORDER BY seq LIMIT ?`, []any{f.App, *f.Room, after.Seq, readRows}
	}
	rows, last := 0, after
	err = c.each(func(scan func(...any) error) error {
		if rows++; len(found) == limit {
			return nil
		}
		var p place
		e := delivery.Event{Lane: delivery.Lane{App: f.App}}
		var at int64
		if err := scan(&p.room, &p.seq, &at, &e.Command); err != nil {
			return err
		}
		e.Lane.Room, e.At, p.second, last = p.room, time.UnixMilli(at), at/1000, store.Place{Room: p.room, Seq: p.seq}
		if f.Matches(e) {
			found = append(found, p)
		}
		return nil
	}, query, args...)
	return found, last, rows < readRows && len(found) < limit, err
}
