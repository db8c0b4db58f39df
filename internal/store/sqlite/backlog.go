package sqlite

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
)

// backlog knows how much of each app waits and is dead, without asking the database. The writer tells it what every
// commit changed, from the first on; what was there before is counted in the background and added when it is known.
// Until then the figures may be anything, negative too.
type backlog struct {
	mu    sync.Mutex
	known bool
	apps  map[live.AppID]*tally
}

type tally struct {
	waiting, dead int
	ages          ages
}

// count is a change of the figures.
type count struct {
	app     live.AppID
	second  int64 // when the events were committed
	waiting int   // so many more, or fewer
	dead    int
}

// secondOf is the Unix second of an event's commit, as SQLite divides.
func secondOf(e delivery.Event) int64 { return e.At.UnixMilli() / 1000 }

func (b *backlog) apply(counts []count) {
	if len(counts) == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range counts {
		t, ok := b.apps[c.app]
		if !ok {
			t = new(tally)
			b.apps[c.app] = t
		}
		t.waiting += c.waiting
		t.dead += c.dead
		if c.waiting != 0 {
			t.ages.add(c.second, c.waiting)
		}
	}
}

// complete adds what was there before the first commit. It comes in the order of rooms, with a second again and again: put
// in order and together, each second goes behind the one before it, and the writer hardly waits.
func (b *backlog) complete(counts []count) {
	slices.SortFunc(counts, func(x, y count) int { return cmp.Or(cmp.Compare(x.app, y.app), cmp.Compare(x.second, y.second)) })
	b.apply(counts)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.known = true
}

// Backlog implements delivery.Records.
func (s *Store) Backlog(app live.AppID) delivery.Backlog {
	b := &s.writer.backlog
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.known {
		return delivery.Backlog{}
	}
	t, ok := b.apps[app]
	if !ok {
		return delivery.Backlog{Known: true}
	}
	return delivery.Backlog{Known: true, Waiting: t.waiting, Oldest: t.ages.oldest(), Dead: t.dead}
}

// ages counts events by the second of their commit, in order. Most come at the end and go from the beginning.
type ages struct {
	buckets []bucket
	empty   int // buckets that count nothing
}

type bucket struct {
	second int64
	events int
}

func (a *ages) add(second int64, events int) {
	i, ok := a.find(second)
	if !ok {
		a.buckets = slices.Insert(a.buckets, i, bucket{second, 0})
		a.empty++
	}
	b := &a.buckets[i]
	if b.events == 0 {
		a.empty--
	}
	if b.events += events; b.events == 0 {
		a.empty++
		a.compact()
	}
}

func (a *ages) find(second int64) (place int, found bool) {
	if n := len(a.buckets); n == 0 || second > a.buckets[n-1].second {
		return n, false
	} else if second == a.buckets[n-1].second {
		return n - 1, true
	}
	return slices.BinarySearchFunc(a.buckets, second, func(b bucket, s int64) int { return cmp.Compare(b.second, s) })
}

// compact drops empty buckets from the beginning, and all of them when they are more than the others.
func (a *ages) compact() {
	for len(a.buckets) > 0 && a.buckets[0].events == 0 {
		a.buckets = a.buckets[1:]
		a.empty--
	}
	if a.empty > 64 && a.empty > len(a.buckets)/2 {
		a.buckets = slices.DeleteFunc(a.buckets, func(b bucket) bool { return b.events == 0 })
		a.empty = 0
	}
}

func (a *ages) oldest() time.Time {
	for _, b := range a.buckets {
		if b.events > 0 {
			return time.Unix(b.second, 0)
		}
	}
	return time.Time{}
}

// countPage is how many rows are counted at a time; between pages the store may be closed.
const countPage = 5000

// count counts what was there when c's transaction began, in the background.
func (s *Store) count(c *conn) {
	defer func() { s.readers <- c }()
	counts, err := s.countWaiting(c)
	if err == nil {
		var dead []count
		dead, err = s.countDead(c)
		counts = append(counts, dead...)
	}
	if ended := c.do("ROLLBACK"); err == nil {
		err = ended
	}
	switch {
	case s.writer.stopping():
	case err != nil:
		s.opts.Log.Error("undelivered webhooks cannot be counted", "error", err)
	default:
		s.writer.backlog.complete(counts)
	}
}

func (s *Store) countWaiting(c *conn) (counts []count, err error) {
	app, room, seq, more := int64(-1), "", int64(0), true
	for more && err == nil && !s.writer.stopping() {
		err = c.each(func(scan func(...any) error) error {
			var n count
			err := scan(&n.app, &n.second, &n.waiting)
			counts = append(counts, n)
			return err
		}, `SELECT app, created_at / 1000 AS second, count(*) FROM
			(SELECT app, created_at FROM outbox WHERE (app, room, seq) > (?, ?, ?) ORDER BY app, room, seq LIMIT ?)
			GROUP BY app, second`, app, room, seq, countPage)
		if err == nil {
			more, err = c.first(`SELECT app, room, seq FROM outbox WHERE (app, room, seq) > (?, ?, ?)
				ORDER BY app, room, seq LIMIT 1 OFFSET ?`, []any{app, room, seq, countPage - 1}, &app, &room, &seq)
		}
	}
	return counts, err
}

func (s *Store) countDead(c *conn) (counts []count, err error) {
	app, seq, more := int64(-1), int64(0), true
	for more && err == nil && !s.writer.stopping() {
		err = c.each(func(scan func(...any) error) error {
			var n count
			err := scan(&n.app, &n.dead)
			counts = append(counts, n)
			return err
		}, `SELECT app, count(*) FROM
			(SELECT app FROM dead_letters WHERE (app, seq) > (?, ?) ORDER BY app, seq LIMIT ?) GROUP BY app`,
			app, seq, countPage)
		if err == nil {
			more, err = c.first(`SELECT app, seq FROM dead_letters WHERE (app, seq) > (?, ?)
				ORDER BY app, seq LIMIT 1 OFFSET ?`, []any{app, seq, countPage - 1}, &app, &seq)
		}
	}
	return counts, err
}
