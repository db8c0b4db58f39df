package sqlite

import (
	"context"
	"time"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
)

func (t *tx) insertOutbox(e delivery.Event) error {
	return t.put(`INSERT INTO outbox (seq, id, app, room, command, body, client_ip, platform, created_at, queued_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, e.Seq, e.ID, e.Lane.App, e.Lane.Room, string(e.Command), e.Body,
		e.ClientIP, e.Platform, e.At.UnixMilli(), store.QueuedAt(e))
}

// Rooms implements delivery.Outbox. It hops from lane to lane through the index, so its cost is that of the lanes and
// not of the events in them.
func (s *Store) Rooms(ctx context.Context, app live.AppID, after *live.RoomID, limit int) ([]live.RoomID, error) {
	var rooms []live.RoomID
	err := s.read(ctx, func(c *conn) error {
		for len(rooms) < limit {
			next, found, err := nextRoom(c, app, after)
			if err != nil || !found {
				return err
			}
			rooms = append(rooms, next)
			after = &next
		}
		return nil
	})
	return rooms, err
}

func nextRoom(c *conn, app live.AppID, after *live.RoomID) (room live.RoomID, found bool, err error) {
	if after == nil {
		found, err = c.first("SELECT room FROM outbox WHERE app = ? ORDER BY room LIMIT 1", []any{app}, &room)
		return room, found, err
	}
	found, err = c.first("SELECT room FROM outbox WHERE app = ? AND room > ? ORDER BY room LIMIT 1",
		[]any{app, *after}, &room)
	return room, found, err
}

// Pending implements delivery.Outbox.
func (s *Store) Pending(ctx context.Context, lane delivery.Lane, after int64, limit int) ([]delivery.Event, error) {
	var events []delivery.Event
	err := s.read(ctx, func(c *conn) (err error) {
		events, err = pending(c, lane, after, limit)
		return err
	})
	return events, err
}

func pending(c *conn, lane delivery.Lane, after int64, limit int) (events []delivery.Event, err error) {
	err = c.each(func(scan func(...any) error) error {
		e := delivery.Event{Lane: lane}
		var at, queued int64
		err := scan(&e.Seq, &e.ID, &e.Command, &e.Body, &e.ClientIP, &e.Platform, &at, &queued, &e.Attempts, &e.LastError)
		store.SetTimes(&e, at, queued)
		events = append(events, e)
		return err
	}, `SELECT seq, id, command, body, client_ip, platform, created_at, queued_at, attempts, last_error FROM outbox
		WHERE app = ? AND room = ? AND seq > ? ORDER BY seq LIMIT ?`, lane.App, lane.Room, after, limit)
	return events, err
}

// Settle implements delivery.Outbox: the outcome becomes durable with the commit of an update, or soon by itself.
func (s *Store) Settle(o delivery.Outcome) {
	w := s.writer
	w.settleMu.Lock()
	defer w.settleMu.Unlock()
	if len(w.settling) == 0 {
		w.settleSince = time.Now()
	}
	w.settling = append(w.settling, o)
	w.settleSoon()
}

// settleSoon sees to it that a commit comes. The caller holds settleMu.
func (w *writer) settleSoon() {
	select {
	case w.settleC <- struct{}{}:
	default:
	}
}

// settleNow makes the next commit take the outcomes that wait, whether they are worth it or not.
func (w *writer) settleNow() {
	w.settleMu.Lock()
	defer w.settleMu.Unlock()
	w.settleSince = time.Time{}
}

// settleDue returns how long the outcomes that wait may still wait for an update to ride along with.
func (w *writer) settleDue() time.Duration {
	w.settleMu.Lock()
	defer w.settleMu.Unlock()
	if len(w.settling) == 0 {
		return 0
	}
	return max(settleDelay-time.Since(w.settleSince), w.patience.left())
}

// takeOutcomes returns the outcomes that go into the next commit; a bounded number, so that updates do not wait long
// behind them. It returns none to ride along with updates until they are worth it, and none for a while when the last
// could not be written, so that they cannot make updates fail.
func (w *writer) takeOutcomes(busy bool) []delivery.Outcome {
	w.settleMu.Lock()
	defer w.settleMu.Unlock()
	limit := settleBatchIdle
	switch {
	case w.stopping():
	case w.patience.left() > 0, busy && len(w.settling) < settleWorth && time.Since(w.settleSince) < settleRide:
		return nil // settleSoon was called for them
	case busy:
		limit = settleBatch
	}
	taken := w.settling[:min(limit, len(w.settling))]
	w.settling = w.settling[len(taken):]
	if len(w.settling) == 0 {
		w.settling = nil
	} else {
		w.settleSince = time.Now()
		w.settleSoon()
	}
	return taken
}

// returnOutcomes puts outcomes back whose commit failed.
func (w *writer) returnOutcomes(outcomes []delivery.Outcome) {
	if len(outcomes) == 0 {
		return
	}
	w.patience.grow()
	w.settleMu.Lock()
	defer w.settleMu.Unlock()
	w.settling = append(outcomes[:len(outcomes):len(outcomes)], w.settling...)
	w.settleSoon()
}

// sequence gives out the numbers of the outbox. It takes them from the database in blocks, of which a restart skips
// the rest.
type sequence struct{ next, end int64 }

const sequenceBlock = 1 << 20

// take gives out a number, in the transaction of c. Whoever rolls that back puts the sequence back as well.
func (s *sequence) take(c *conn) (int64, error) {
	if s.next == s.end {
		_, err := c.first("UPDATE outbox_sequence SET next = next + ? RETURNING next", []any{sequenceBlock}, &s.end)
		if err != nil {
			return 0, err
		}
		s.next = s.end - sequenceBlock
	}
	s.next++
	return s.next - 1, nil
}
