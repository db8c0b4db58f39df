package sqlite

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
)

// readRows is how many rows of the outbox or of the dead letters one read transaction looks at.
const readRows = 2000

// Waiting implements delivery.Records.
func (s *Store) Waiting(ctx context.Context, f delivery.Filter, after delivery.Cursor, limit int) (
	events []delivery.Event, next delivery.Cursor, err error,
) {
	var room string
	var seq int64
	if after != "" {
		if room, err = store.DecodeCursor(after, store.CursorWaiting, &seq); err != nil {
			return nil, "", err
		}
	}
	limit = min(max(limit, 1), pageRows)
	p := waitingPage{filter: f, room: live.RoomID(room), seq: seq, limit: limit}
	if err := s.read(ctx, p.fill); err != nil {
		return nil, "", err
	}
	if p.more {
		next = store.EncodeCursor(store.CursorWaiting, string(p.room), p.seq)
	}
	return p.events, next, nil
}

// waitingPage is a page of the outbox while it is put together.
type waitingPage struct {
	filter delivery.Filter
	room   live.RoomID // up to this event all have been looked at
	seq    int64
	limit  int
	events []delivery.Event
	bytes  int
	more   bool
}

// fill reads events in small portions, because their bodies may be large.
func (p *waitingPage) fill(c *conn) error {
	for range readRows / headPage {
		rows, err := p.portion(c)
		if err != nil {
			return err
		}
		for _, e := range rows {
			p.room, p.seq = e.Lane.Room, e.Seq
			if !p.filter.Matches(e) {
				continue
			}
			p.events = append(p.events, e)
			if p.bytes += len(e.Body); len(p.events) == p.limit || p.bytes >= pageBytes {
				p.more = true
				return nil
			}
		}
		if len(rows) < headPage {
			return nil
		}
	}
	p.more = true
	return nil
}

func (p *waitingPage) portion(c *conn) (events []delivery.Event, err error) {
	if p.filter.Room != nil {
		return pending(c, delivery.Lane{App: p.filter.App, Room: *p.filter.Room}, p.seq, headPage)
	}
	err = c.each(func(scan func(...any) error) error {
		e := delivery.Event{Lane: delivery.Lane{App: p.filter.App}}
		var at, queued int64
		err := scan(&e.Lane.Room, &e.Seq, &e.ID, &e.Command, &e.Body, &e.ClientIP, &e.Platform, &at, &queued, &e.Attempts,
			&e.LastError)
		store.SetTimes(&e, at, queued)
		events = append(events, e)
		return err
	}, `SELECT room, seq, id, command, body, client_ip, platform, created_at, queued_at, attempts, last_error FROM outbox
		WHERE app = ? AND (room, seq) > (?, ?) ORDER BY room, seq LIMIT ?`, p.filter.App, p.room, p.seq, headPage)
	return events, err
}
