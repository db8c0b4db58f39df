package postgres

import (
	"context"
	"slices"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
)

// maxStoryAttempts bounds the attempts of one story; the latest are kept.
const maxStoryAttempts = 1000

// searchRows is how many events of the outbox one statement looks at for one of which nothing is known but its id.
const searchRows = 10_000

// Story implements delivery.Records.
func (s *Store) Story(ctx context.Context, app live.AppID, id string) (delivery.Story, error) {
	if storable(id) != id {
		return delivery.Story{}, delivery.ErrUnknownEvent
	}
	t := teller{app: app, id: id}
	if err := s.read(ctx, t.follow); err != nil || t.known {
		return t.story, err
	}
	// No attempt, and given up by none: it waits for its first, or there is no such event.
	found, err := s.searchOutbox(ctx, &t)
	if err == nil && !found {
		err = s.read(ctx, t.follow) // it may have had its first attempt while it was searched for
	}
	if err != nil || t.known {
		return t.story, err
	}
	return delivery.Story{}, delivery.ErrUnknownEvent
}

// teller puts the story of one event together.
type teller struct {
	app    live.AppID
	id     string
	story  delivery.Story
	known  bool
	logged bool // there was an attempt
}

// follow reads what the log has of the event, and where it is now, as of one moment.
func (t *teller) follow(c *conn) error {
	var lines []delivery.Logged
	err := c.each(func(scan func(...any) error) error {
		_, l, err := scanLogged(scan, t.app)
		lines = append(lines, l)
		return err
	}, "SELECT "+logged+" FROM delivery_log WHERE app = $1 AND id = $2 ORDER BY number DESC LIMIT $3",
		int64(t.app), t.id, maxStoryAttempts)
	if err != nil {
		return err
	}
	for _, l := range slices.Backward(lines) {
		t.add(l)
	}
	return t.locate(c)
}

func (t *teller) add(l delivery.Logged) {
	st := &t.story
	st.Attempts = append(st.Attempts, l.Attempt)
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

// locate finds out where the event is now.
func (t *teller) locate(c *conn) error {
	st := &t.story
	var dead bool
	var letter delivery.DeadLetter
	err := c.each(func(scan func(...any) error) (err error) {
		dead = true
		letter, err = scanDeadLetter(scan, t.app)
		return err
	}, "SELECT "+deadLetter+" FROM dead_letters WHERE id = $1 AND app = $2", t.id, int64(t.app))
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
	waits, err = c.first("SELECT room, seq FROM outbox WHERE app = $1 AND id = $2 AND queued_at > 0", []any{int64(app), id},
		(*string)(&lane.Room), &seq)
	return lane, seq, waits, err
}

// searchOutbox goes through all that waits of the app, for an event of which nothing is known but its id.
func (s *Store) searchOutbox(ctx context.Context, t *teller) (found bool, err error) {
	var at store.Place
	for more := true; more && !found && err == nil; {
		err = s.read(ctx, func(c *conn) error {
			more = false
			last, where := at, store.Place{}
			c.laterFirst(func() error { more = true; return nil }, `SELECT room, seq FROM outbox WHERE app = $1 AND (room, seq) > ($2, $3)
				ORDER BY room, seq LIMIT 1 OFFSET $4`, []any{int64(t.app), string(at.Room), at.Seq, searchRows - 1},
				(*string)(&last.Room), &last.Seq)
			found, err := c.first(`SELECT room, seq FROM
				(SELECT room, seq, id FROM outbox WHERE app = $1 AND (room, seq) > ($2, $3) ORDER BY room, seq LIMIT $4) AS looked
				WHERE id = $5`, []any{int64(t.app), string(at.Room), at.Seq, searchRows, t.id}, (*string)(&where.Room), &where.Seq)
			if at = last; err != nil || !found {
				return err
			}
			rows, err := pending(c, delivery.Lane{App: t.app, Room: where.Room}, where.Seq-1, 1)
			if err == nil {
				t.known, t.story.Event, t.story.State = true, rows[0], delivery.Waiting
			}
			return err
		})
		found = t.known
	}
	return found, err
}
