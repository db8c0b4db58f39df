package postgres

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
)

// Waiting implements delivery.Records, whoever delivers the events.
func (s *Store) Waiting(ctx context.Context, f delivery.Filter, after delivery.Cursor, limit int) (
	[]delivery.Event, delivery.Cursor, error,
) {
	p := waitingPage{filter: f, limit: min(max(limit, 1), pageRows)}
	if after != "" {
		room, err := store.DecodeCursor(after, store.CursorWaiting, &p.at.Seq)
		if err != nil || storable(room) != room {
			return nil, "", delivery.ErrBadCursor
		}
		p.at.Room = live.RoomID(room)
	}
	if err := s.read(ctx, p.fill); err != nil {
		return nil, "", err
	}
	if !p.more {
		return p.events, "", nil
	}
	return p.events, store.EncodeCursor(store.CursorWaiting, string(p.at.Room), p.at.Seq), nil
}

// waitingPage is a page of the outbox while it is put together.
type waitingPage struct {
	filter delivery.Filter
	at     store.Place // up to this event all have been looked at
	limit  int
	events []delivery.Event
	bytes  int
	more   bool
}

// fill looks at events in order, until the page is full or enough have been looked at.
func (p *waitingPage) fill(c *conn) error {
	at := placeIn(p.filter, p.at)
	last := at
	laterLastOf(c, p.filter, at, &last, &p.more)
	full := false
	err := c.each(func(scan func(...any) error) error {
		if full {
			return nil
		}
		e := delivery.Event{Lane: delivery.Lane{App: p.filter.App}}
		var at, queued int64
		err := scan((*string)(&e.Lane.Room), &e.Seq, &e.ID, (*string)(&e.Command), &e.Body, &e.ClientIP, &e.Platform, &at, &queued,
			&e.Attempts, &e.LastError)
		store.SetTimes(&e, at, queued)
		p.events, p.at = append(p.events, e), store.Place{Room: e.Lane.Room, Seq: e.Seq}
		p.bytes += len(e.Body)
		full = len(p.events) == p.limit || p.bytes >= pageBytes
		return err
	}, `SELECT room, seq, id, command, body, client_ip, platform, created_at, queued_at, attempts, last_error FROM
			(SELECT * FROM outbox WHERE `+behind(p.filter, 5)+` ORDER BY room, seq LIMIT $7) AS looked
		WHERE `+picked+" ORDER BY room, seq LIMIT $8", picks(p.filter, string(at.Room), at.Seq, readRows, p.limit)...)
	switch {
	case err != nil || full:
		p.more = true
	case p.more:
		p.at = last
	}
	return err
}

// laterLastOf reads, with the next flush, the last of the readRows events of the outbox behind a place; more tells whether there
// are so many.
func laterLastOf(c *conn, f delivery.Filter, after store.Place, last *store.Place, more *bool) {
	c.laterFirst(func() error { *more = true; return nil },
		"SELECT room, seq FROM outbox WHERE "+behind(f, 2)+" ORDER BY room, seq LIMIT 1 OFFSET $4",
		[]any{int64(f.App), string(after.Room), after.Seq, readRows - 1}, (*string)(&last.Room), &last.Seq)
}
