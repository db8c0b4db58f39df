package postgres

import (
	"context"
	"sync"
	"time"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
)

const (
	// countPage is how many events are counted by one statement.
	countPage = 50_000
	// countPart is the part of the time that is spent on counting.
	countPart = 100
	// countSoon is when it is counted anew at the earliest, after this node has changed something; countLate when nothing is known
	// to have changed, as other nodes may have done so.
	countSoon, countLate = 50 * time.Millisecond, 2 * time.Second
)

// backlog knows how much of each app waits and is dead, without asking the database: it is counted in the background, of all nodes'
// lanes. The figures are of a moment ago: some 50 ms, or as much longer as counting takes a hundredth of the time.
type backlog struct {
	changed chan struct{} // holds a token when something has changed

	mu   sync.Mutex
	apps map[live.AppID]*delivery.Backlog // nil before the first count
}

func newBacklog() *backlog { return &backlog{changed: make(chan struct{}, 1)} }

// look says that something has changed.
func (b *backlog) look() { signal(b.changed) }

// Backlog implements delivery.Records.
func (s *Store) Backlog(app live.AppID) delivery.Backlog {
	b := s.backlog
	b.mu.Lock()
	defer b.mu.Unlock()
	switch counted, ok := b.apps[app]; {
	case b.apps == nil:
		return delivery.Backlog{}
	case !ok:
		return delivery.Backlog{Known: true}
	default:
		return *counted
	}
}

// countBacklog counts until the store is closed.
func (s *Store) countBacklog() {
	for {
		began := time.Now()
		counted, err := s.counts()
		took := time.Since(began)
		if err != nil {
			s.failures.add(s.opts.Log, "undelivered webhooks cannot be counted", err)
			took = max(took, countLate/countPart)
		} else {
			s.backlog.mu.Lock()
			s.backlog.apps = counted
			s.backlog.mu.Unlock()
		}
		if !sleep(max(countSoon, countPart*took), s.stopping) {
			return
		}
		select {
		case <-s.backlog.changed:
		case <-time.After(countLate):
		case <-s.stopping:
			return
		}
	}
}

// counts counts what there is, page by page: each page as it is then.
func (s *Store) counts() (map[live.AppID]*delivery.Backlog, error) {
	counted := make(map[live.AppID]*delivery.Backlog)
	of := func(app int64) *delivery.Backlog {
		b, ok := counted[live.AppID(app)]
		if !ok {
			b = &delivery.Backlog{Known: true}
			counted[live.AppID(app)] = b
		}
		return b
	}
	if err := s.countWaiting(of); err != nil {
		return nil, err
	}
	return counted, s.countDead(of)
}

func (s *Store) countWaiting(of func(app int64) *delivery.Backlog) error {
	app, at := int64(-1), store.Place{}
	for more := true; more && !s.closing(); {
		err := s.readShortly(func(c *conn) error {
			more = false
			after, from := app, at
			c.laterFirst(func() error { more = true; return nil }, `SELECT app, room, seq FROM outbox WHERE (app, room, seq) > ($1, $2, $3)
				ORDER BY app, room, seq LIMIT 1 OFFSET $4`, []any{after, string(from.Room), from.Seq, countPage - 1},
				&app, (*string)(&at.Room), &at.Seq)
			return c.each(func(scan func(...any) error) error {
				var id, n, oldest int64
				if err := scan(&id, &n, &oldest); err != nil {
					return err
				}
				b, second := of(id), time.Unix(oldest/1000, 0)
				if b.Waiting == 0 || second.Before(b.Oldest) {
					b.Oldest = second
				}
				b.Waiting += int(n)
				return nil
			}, `SELECT app, count(*), min(created_at) FROM (SELECT app, created_at FROM outbox WHERE (app, room, seq) > ($1, $2, $3)
				ORDER BY app, room, seq LIMIT $4) AS page GROUP BY app`, after, string(from.Room), from.Seq, countPage)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) countDead(of func(app int64) *delivery.Backlog) error {
	app, seq := int64(-1), int64(0)
	for more := true; more && !s.closing(); {
		err := s.readShortly(func(c *conn) error {
			more = false
			after, from := app, seq
			c.laterFirst(func() error { more = true; return nil }, `SELECT app, seq FROM dead_letters WHERE (app, seq) > ($1, $2)
				ORDER BY app, seq LIMIT 1 OFFSET $3`, []any{after, from, countPage - 1}, &app, &seq)
			return c.each(func(scan func(...any) error) error {
				var app, n int64
				err := scan(&app, &n)
				of(app).Dead += int(n)
				return err
			}, `SELECT app, count(*) FROM (SELECT app FROM dead_letters WHERE (app, seq) > ($1, $2) ORDER BY app, seq LIMIT $3) AS page
				GROUP BY app`, after, from, countPage)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// readShortly is read for what runs in the background: it does not wait for a connection longer than a statement may take.
func (s *Store) readShortly(f func(*conn) error) error {
	ctx, cancel := context.WithTimeout(background, s.opts.StatementTimeout)
	defer cancel()
	return s.read(ctx, func(c *conn) error {
		c.later(byKey)
		return f(c)
	})
}

// byKey has PostgreSQL find rows by their keys and nested loops until the end of the transaction, however few or many it thinks that
// there are: tables of which a part is read at a time.
const byKey = `SELECT set_config('enable_seqscan', 'off', true), set_config('enable_sort', 'off', true),
	set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)`

// closing tells whether the store is being closed.
func (s *Store) closing() bool {
	select {
	case <-s.stopping:
		return true
	default:
		return false
	}
}
