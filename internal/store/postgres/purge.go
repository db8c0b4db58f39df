package postgres

import (
	"context"
	"time"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
)

// maxMoved bounds the events that one update moves or removes for an operator.
const maxMoved = 500

// busyRows is how long to wait before events are looked for once more that others were about to move or to settle.
const busyRows = 5 * time.Millisecond

// place is where an event stands in the outbox or among the dead letters.
type place struct {
	room live.RoomID
	seq  int64
	id   string // of a dead letter
}

// PurgeWaiting implements delivery.Records; it removes maxMoved events at once at most. What another node has delivered in the last
// moment may still count as removed.
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
	if err := s.settler.flush(ctx); err != nil { // what was delivered is not there to be removed
		return 0, err
	}
	for {
		found, reached, err := s.search(ctx, kind, f, limit)
		if err != nil || len(found) == 0 {
			return 0, err
		}
		err = s.change(ctx, func(t *tx) (err error) {
			done, err = do(t, f, found)
			return err
		})
		if err != nil {
			return 0, err
		}
		s.places.Set(kind, f, reached)
		s.backlog.look()
		if done > 0 {
			return done, nil
		}
		if !sleep(busyRows, s.stopping) {
			return 0, errClosed
		}
	}
}

// search looks for up to limit places that a filter picks; see [store.Search].
func (s *Store) search(ctx context.Context, kind store.Series, f delivery.Filter, limit int) ([]place, store.Place, error) {
	look := deadPlaces
	if kind == store.PurgeWaiting {
		look = waitingPlaces
	}
	return store.Search(ctx, &s.places, kind, f, func(after store.Place) (found []place, last store.Place, end bool, err error) {
		err = s.read(ctx, func(c *conn) (err error) {
			found, last, end, err = look(c, f, after, limit)
			return err
		})
		return found, last, end, err
	})
}

// waitingPlaces looks at events of the outbox in order, behind a place, and returns up to limit that the filter picks, and the place
// of the last that it looked at; end says that there are no more.
func waitingPlaces(c *conn, f delivery.Filter, after store.Place, limit int) (found []place, last store.Place, end bool, err error) {
	after = placeIn(f, after)
	last, more := after, false
	laterLastOf(c, f, after, &last, &more)
	err = c.each(func(scan func(...any) error) error {
		var p place
		err := scan((*string)(&p.room), &p.seq)
		found = append(found, p)
		return err
	}, "SELECT room, seq FROM (SELECT room, seq, command, created_at FROM outbox WHERE "+behind(f, 5)+` ORDER BY room, seq LIMIT $7)
		AS looked WHERE `+picked+" ORDER BY room, seq LIMIT $8", picks(f, string(after.Room), after.Seq, readRows, limit)...)
	if len(found) == limit {
		p := found[limit-1]
		return found, store.Place{Room: p.room, Seq: p.seq}, false, err
	}
	return found, last, !more, err
}

// deadPlaces is like waitingPlaces, for the dead letters.
func deadPlaces(c *conn, f delivery.Filter, after store.Place, limit int) (found []place, last store.Place, end bool, err error) {
	last, end = after, true
	laterLastDead(c, f, after.Seq, func(seq int64) { last.Seq, end = seq, false })
	query, args := narrow(f, `SELECT room, seq, id FROM
			(SELECT room, seq, id, command, created_at FROM dead_letters WHERE app = $1 {room} AND seq > $5 ORDER BY seq LIMIT $6) AS looked
		WHERE `+picked+" ORDER BY seq LIMIT $7", picks(f, after.Seq, readRows, limit)...)
	err = c.each(func(scan func(...any) error) error {
		var p place
		err := scan((*string)(&p.room), &p.seq, &p.id)
		found = append(found, p)
		return err
	}, query, args...)
	if len(found) == limit {
		return found, store.Place{Seq: found[limit-1].seq}, false, err
	}
	return found, last, end, err
}

// purgeWaiting removes events that are not just being settled: it waits for nobody's row.
func (t *tx) purgeWaiting(f delivery.Filter, found []place) (int, error) {
	rooms, seqs := make([]string, len(found)), make([]int64, len(found))
	for i, p := range found {
		rooms[i], seqs[i] = string(p.room), p.seq
	}
	removed, err := t.write(`WITH l AS (
			SELECT o.room, o.seq FROM unnest($2::text[], $3::bigint[]) AS u (room, seq)
			JOIN outbox o ON o.app = $1 AND o.room = u.room AND o.seq = u.seq FOR UPDATE OF o SKIP LOCKED
		) DELETE FROM outbox o USING l WHERE o.app = $1 AND o.room = l.room AND o.seq = l.seq`, int64(f.App), rooms, seqs)
	if removed > 0 {
		t.purged = append(t.purged, f.App)
	}
	return int(removed), err
}

// purgeDead removes dead letters that are not just being replayed: it waits for nobody's row.
func (t *tx) purgeDead(f delivery.Filter, found []place) (int, error) {
	removed, err := t.write(`WITH l AS (SELECT id FROM dead_letters WHERE app = $1 AND id = ANY ($2) FOR UPDATE SKIP LOCKED)
		DELETE FROM dead_letters d USING l WHERE d.id = l.id`, int64(f.App), idsOf(found))
	return int(removed), err
}

func idsOf(found []place) []string {
	ids := make([]string, len(found))
	for i, p := range found {
		ids[i] = p.id
	}
	return ids
}
