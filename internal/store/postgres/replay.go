package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
)

// Replay implements delivery.Records.
func (s *Store) Replay(ctx context.Context, app live.AppID, id string) error {
	story, err := s.Story(ctx, app, id)
	if err != nil {
		return err
	}
	if story.State == delivery.Waiting {
		return delivery.ErrStillWaiting
	}
	return s.change(ctx, func(t *tx) error {
		t.about(roomKey(app, story.Event.Lane.Room))
		letters, err := t.revive(app, []string{id})
		if err != nil {
			return err
		}
		if len(letters) == 1 {
			t.requeue(letters[0].Event)
			return nil
		}
		if story.State != delivery.Done {
			return t.notRevived(app, id)
		}
		copied, err := t.copyBack(app, []delivery.Event{story.Event})
		if err == nil && copied == 0 {
			err = delivery.ErrStillWaiting // somebody else has replayed it meanwhile
		}
		return err
	})
}

// notRevived says why there is no such dead letter: somebody else has replayed it meanwhile, or it is nowhere.
func (t *tx) notRevived(app live.AppID, id string) error {
	_, _, waits, err := replayed(t.c, app, id)
	if err == nil && waits {
		return delivery.ErrStillWaiting
	}
	return cmp.Or(err, delivery.ErrUnknownEvent)
}

// ReplayDead implements delivery.Records; it moves maxMoved dead letters at once at most.
func (s *Store) ReplayDead(ctx context.Context, f delivery.Filter, limit int) (int, error) {
	return s.treat(ctx, store.ReplayDead, f, limit, func(t *tx, f delivery.Filter, found []place) (int, error) {
		for _, p := range found {
			t.about(roomKey(f.App, p.room))
		}
		letters, err := t.revive(f.App, idsOf(found))
		for _, l := range letters {
			t.requeue(l.Event)
		}
		return len(letters), err
	})
}

// revive removes dead letters and returns them, in their order. The caller has their lanes.
func (t *tx) revive(app live.AppID, ids []string) (letters []delivery.DeadLetter, err error) {
	t.c.queue = append(t.c.queue, statement{
		write: true, args: []any{int64(app), ids},
		query: "DELETE FROM dead_letters WHERE app = $1 AND id = ANY ($2) RETURNING " + deadLetter,
		rows: func(rows pgx.Rows) error {
			for rows.Next() {
				l, err := scanDeadLetter(rows.Scan, app)
				if err != nil {
					return err
				}
				letters = append(letters, l)
			}
			return nil
		}})
	if err := t.c.flush(); err != nil {
		return nil, err
	}
	slices.SortFunc(letters, func(x, y delivery.DeadLetter) int { return cmp.Compare(x.Seq, y.Seq) })
	return letters, nil
}

// copyBack puts delivered events back into their lanes, which the caller has, and returns how many: none that waits there
// already. One that died after it was delivered is moved from the dead letters: an event is in one place at a time.
func (t *tx) copyBack(app live.AppID, events []delivery.Event) (copied int, err error) {
	waits, err := waitingOf(t.c, app, events)
	if err != nil {
		return 0, err
	}
	events = slices.DeleteFunc(slices.Clone(events), func(e delivery.Event) bool { return waits[e.ID] })
	ids := make([]string, len(events))
	for i, e := range events {
		ids[i] = e.ID
	}
	letters, err := t.revive(app, ids)
	if err != nil {
		return 0, err
	}
	dead := make(map[string]delivery.Event, len(letters))
	for _, l := range letters {
		dead[l.ID] = l.Event
	}
	for _, e := range events {
		if letter, ok := dead[e.ID]; ok {
			e = letter
		}
		t.requeue(e)
	}
	return len(events), nil
}

// waitingOf returns which of some events wait in the outbox: again, or still.
func waitingOf(c *conn, app live.AppID, events []delivery.Event) (waits map[string]bool, err error) {
	rooms, seqs, ids := make([]string, len(events)), make([]int64, len(events)), make([]string, len(events))
	for i, e := range events {
		rooms[i], seqs[i], ids[i] = string(e.Lane.Room), e.Seq, e.ID
	}
	waits = make(map[string]bool)
	err = c.each(func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		waits[id] = true
		return err
	}, `SELECT id FROM outbox WHERE app = $1 AND id = ANY ($2) AND queued_at > 0 UNION ALL
		SELECT o.id FROM unnest($2::text[], $3::text[], $4::bigint[]) AS u (id, room, seq)
		JOIN outbox o ON o.app = $1 AND o.room = u.room AND o.seq = u.seq AND o.id = u.id`, int64(app), ids, rooms, seqs)
	return waits, err
}

// requeue puts an event behind what waits in its lane, as if it were new, with the commit.
func (t *tx) requeue(e delivery.Event) {
	queued := max(t.b.w.s.opts.Now().UnixMilli(), e.At.UnixMilli()+1) // what was replayed is known by Queued not being At
	e.Seq, e.Attempts, e.LastError, e.Queued = 0, 0, "", time.UnixMilli(queued)
	t.queueEvent(e, true)
}

// ReplayDelivered implements delivery.Records; it copies maxMoved events at once at most, and none that waits already. The order of
// events that different nodes delivered at the same time is that in which the log has them.
func (s *Store) ReplayDelivered(ctx context.Context, f delivery.Filter, after delivery.Cursor, limit int) (
	copied int, next delivery.Cursor, err error,
) {
	p := replayPage{filter: f, limit: min(max(limit, 1), maxMoved)}
	if after != "" {
		if _, err := store.DecodeCursor(after, store.CursorDelivered, &p.next, &p.end); err != nil {
			return 0, "", err
		}
	} else if p.end, err = s.endOfLog(ctx, f.App); err != nil {
		return 0, "", err
	}
	if err := s.read(ctx, p.fill); err != nil {
		return 0, "", err
	}
	if len(p.events) > 0 {
		err = s.change(ctx, func(t *tx) (err error) {
			for _, e := range p.events {
				t.about(roomKey(f.App, e.Lane.Room))
			}
			copied, err = t.copyBack(f.App, p.events)
			return err
		})
		if err != nil {
			return 0, "", err
		}
	}
	if p.next < p.end {
		next = store.EncodeCursor(store.CursorDelivered, "", p.next, p.end)
	}
	return copied, next, nil
}

// endOfLog returns the number behind all rows of app that have a number so far. It waits for the transactions that are adding rows,
// so that no row before the end comes to light later: a series passes over none.
func (s *Store) endOfLog(ctx context.Context, app live.AppID) (end int64, err error) {
	tx, err := s.readers.Begin(ctx)
	if err != nil {
		return 0, fmt.Errorf("connect to the database: %w", inOneLine(err))
	}
	defer tx.Rollback(background) //nolint:errcheck // there is nothing to be undone
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(logWriters)); err != nil {
		return 0, fmt.Errorf("wait for the writers of the delivery log: %w", err)
	}
	err = tx.QueryRow(ctx, "SELECT coalesce(max(number) + 1, 0) FROM delivery_log WHERE app = $1", int64(app)).Scan(&end)
	if err != nil {
		return 0, fmt.Errorf("read the end of the delivery log: %w", err)
	}
	return end, nil
}

// replayPage is the part of the log that one call of a series replays.
type replayPage struct {
	filter delivery.Filter
	limit  int
	next   int64 // number of the next row to look at
	end    int64 // number of the first row that is not in the series
	events []delivery.Event
	bytes  int
}

// fill looks at the log forwards until the page is full, or enough has been looked at, or the series is at its end. An event that
// the log has as delivered before had its place in the series there.
func (p *replayPage) fill(c *conn) (err error) {
	if p.next == 0 && !p.filter.From.IsZero() {
		if p.next, err = loggedSince(c, p.filter.App, p.filter.From.UnixMilli()); err != nil {
			return err
		}
	}
	behind := p.end // of what is looked at
	query, args := narrow(p.filter, `SELECT number FROM delivery_log WHERE app = $1 {room} AND number >= $2 AND number < $3
		ORDER BY number LIMIT 1 OFFSET $4`, int64(p.filter.App), p.next, p.end, readRows)
	c.laterFirst(func() error { return nil }, query, args, &behind)
	query, args = narrow(p.filter, "SELECT "+logged+` FROM
			(SELECT * FROM delivery_log WHERE app = $1 {room} AND number >= $5 AND number < $6 ORDER BY number LIMIT $7) AS looked
		WHERE `+picked+` AND fate = 0 AND NOT EXISTS (SELECT FROM delivery_log before
			WHERE before.app = $1 AND before.id = looked.id AND before.fate = 0 AND before.number < looked.number)
		ORDER BY number LIMIT $8`, picks(p.filter, p.next, p.end, readRows, p.limit)...)
	full := false
	err = c.each(func(scan func(...any) error) error {
		if full {
			return nil
		}
		number, l, err := scanLogged(scan, p.filter.App)
		p.events, p.next = append(p.events, l.Event), number+1
		p.bytes += len(l.Event.Body)
		full = len(p.events) == p.limit || p.bytes >= pageBytes
		return err
	}, query, args...)
	if err == nil && !full {
		p.next = behind
	}
	return err
}
