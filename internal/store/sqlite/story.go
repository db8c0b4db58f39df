package sqlite

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
)

// maxStoryAttempts bounds the attempts of one story; the latest are kept.
const maxStoryAttempts = 1000

// Story implements delivery.Records.
func (s *Store) Story(ctx context.Context, app live.AppID, id string) (delivery.Story, error) {
	t := teller{app: app, id: id, mark: markOfEvent(app, id)}
	t.from = delivery.TimeOfEventID(id, s.opts.Now())
	if err := s.follow(ctx, &t); err != nil || t.known {
		return t.story, err
	}
	// No attempt, and given up by none: it waits for its first, or there is no such event.
	found, err := s.searchOutbox(ctx, &t)
	if err == nil && !found {
		err = s.follow(ctx, &t) // it may have had its first attempt while it was searched for
	}
	if err != nil || t.known {
		return t.story, err
	}
	return delivery.Story{}, delivery.ErrUnknownEvent
}

// teller puts the story of one event together.
type teller struct {
	app     live.AppID
	id      string
	mark    uint32
	from    int64 // Unix milliseconds of its commit at the earliest
	started bool
	next    int64 // number of the next record to look at
	story   delivery.Story
	known   bool
	logged  bool // there was an attempt
}

// follow reads the log from where the teller is to its end, a bounded number of blocks at a time, and, in the transaction
// that saw the end, where the event is now: so nothing can happen in between.
func (s *Store) follow(ctx context.Context, t *teller) error {
	for done := false; !done; {
		err := s.read(ctx, func(c *conn) (err error) {
			if done, err = t.readLog(c); err == nil && done {
				err = t.settle(c)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// readLog reads some blocks. It tells whether the log ends there.
func (t *teller) readLog(c *conn) (done bool, err error) {
	if !t.started {
		if t.next, err = blockSince(c, t.from); err != nil {
			return false, err
		}
		t.started = true
	}
	opened := 0
	for range readBlocks / headPage {
		heads, err := blocksFrom(c, t.next, headPage)
		if err != nil {
			return false, err
		}
		for _, h := range heads {
			if hasMark(h.marks, t.mark) {
				if opened++; opened > openBlocks {
					return false, nil
				}
				if err := t.readBlock(c, h.first); err != nil {
					return false, err
				}
			}
			t.next = max(t.next, h.end())
		}
		if len(heads) < headPage {
			return true, nil
		}
	}
	return false, nil
}

func (t *teller) readBlock(c *conn, first int64) error {
	return blockRecords(c, first, func(number int64, r *record) bool {
		if number < t.next {
			return true
		}
		t.next = number + 1
		if r.app == t.app && string(r.id) == t.id {
			t.add(r.logged())
		}
		return true
	})
}

func (t *teller) add(l delivery.Logged) {
	st := &t.story
	st.Attempts = append(st.Attempts, l.Attempt)
	if len(st.Attempts) > maxStoryAttempts {
		st.Attempts = st.Attempts[1:]
	}
	t.known, t.logged = true, true
	switch {
	case l.Fate == delivery.Delivered:
		st.State = delivery.Done
	case st.State == delivery.Done:
		body, ip, platform := st.Event.Body, st.Event.ClientIP, st.Event.Platform
		st.Event = l.Event
		st.Event.Body, st.Event.ClientIP, st.Event.Platform = body, ip, platform
		return
	}
	st.Event = l.Event
}

// settle finds out where the event is now.
func (t *teller) settle(c *conn) error {
	st := &t.story
	letter, dead, err := deadLetter(c, t.app, t.id)
	if err != nil {
		return err
	}
	if dead {
		t.known, st.Event, st.State, st.Died = true, letter.Event, delivery.DeadState, letter.Died
		return nil
	}
	lane, seq, waits, err := replayed(c, t.app, t.id)
	if err != nil {
		return err
	}
	if !waits && t.logged {
		lane, seq = st.Event.Lane, st.Event.Seq
	}
	if !waits && !t.logged {
		return nil
	}
	rows, err := pending(c, lane, seq-1, 1)
	if err == nil && len(rows) == 1 && rows[0].ID == t.id {
		t.known, st.Event, st.State = true, rows[0], delivery.Waiting
	}
	return err
}

// replayed tells whether an event waits that was dead or delivered before, and where.
func replayed(c *conn, app live.AppID, id string) (lane delivery.Lane, seq int64, waits bool, err error) {
	lane.App = app
	waits, err = c.first("SELECT room, seq FROM outbox WHERE app = ? AND id = ? AND queued_at > 0", []any{app, id},
		&lane.Room, &seq)
	return lane, seq, waits, err
}

// searchOutbox goes through all that waits of the app, for an event of which nothing is known but its id.
func (s *Store) searchOutbox(ctx context.Context, t *teller) (found bool, err error) {
	lane, seq := delivery.Lane{App: t.app}, int64(0)
	for more := true; more && !found; {
		err := s.read(ctx, func(c *conn) error {
			after, from := lane.Room, seq
			found, err = c.first(`SELECT room, seq FROM
				(SELECT room, seq, id FROM outbox WHERE app = ? AND (room, seq) > (?, ?) ORDER BY room, seq LIMIT ?)
				WHERE id = ?`, []any{t.app, after, from, readRows, t.id}, &lane.Room, &seq)
			if err != nil {
				return err
			}
			if found {
				rows, err := pending(c, lane, seq-1, 1)
				if err == nil {
					t.known, t.story.Event, t.story.State = true, rows[0], delivery.Waiting
				}
				return err
			}
			more, err = c.first(`SELECT room, seq FROM outbox WHERE app = ? AND (room, seq) > (?, ?)
				ORDER BY room, seq LIMIT 1 OFFSET ?`, []any{t.app, after, from, readRows - 1}, &lane.Room, &seq)
			return err
		})
		if err != nil {
			return false, err
		}
	}
	return found, nil
}
