package postgres

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// trimMost and trimLeast bound how often the log is looked at for rows that are too old.
	trimMost, trimLeast = time.Minute, time.Second
	// trimPart is the part of the time that an attempt is kept by which it may be there too long.
	trimPart = 10
	// trimRows and trimBytes bound what one transaction removes from the log.
	trimRows, trimBytes = 1000, 4 << 20
	// trimBelow is by which part the log is made smaller than it may be, so that not every settlement makes it too large again.
	trimBelow = 32
)

// logSize is what this node knows of the size of the log.
type logSize struct {
	added atomic.Int64  // by this node since it was looked at
	due   chan struct{} // holds a token when this node has added so much that it is to be looked at
}

// grow counts what was added. The log may be too large by a thirty-second of its bound for each node before that is noticed.
func (l *logSize) grow(bytes, most int64) {
	if added := l.added.Add(bytes); most > 0 && added > most/trimBelow {
		signal(l.due)
	}
}

// keepLog trims the log at start, from time to time, and when this node has added much, until the store is closed.
func (s *Store) keepLog() {
	tick := time.NewTicker(trimEvery(s.opts.LogKeep))
	defer tick.Stop()
	for {
		if err := s.trim(); err != nil && !s.closing() {
			s.failures.add(s.opts.Log, "the delivery log cannot be trimmed", err)
		}
		select {
		case <-tick.C:
		case <-s.logSize.due:
			select { // how large it is, is not asked more often than that
			case <-time.After(countSoon):
			case <-s.stopping:
			}
		case <-s.stopping:
			return
		}
	}
}

// trimEvery is how often the log is looked at when attempts are kept for that long.
func trimEvery(keep time.Duration) time.Duration { return min(max(keep/trimPart, trimLeast), trimMost) }

// trim removes what the log holds too long or too much, in small transactions: after each it rests for as long as that took. One
// node at a time does; the others leave it to that one.
func (s *Store) trim() error {
	most := s.opts.LogMaxBytes
	for !s.closing() {
		began := time.Now()
		s.logSize.added.Store(0)
		t := trimming{s: s}
		if err := t.step(most); err != nil || !t.more {
			return err
		}
		s.opts.Metrics.DeliveryLogTrimmed.Add(float64(t.removed))
		if t.large {
			most = s.opts.LogMaxBytes - s.opts.LogMaxBytes/trimBelow
		}
		sleep(time.Since(began), s.stopping)
	}
	return nil
}

// trimming is one step of it.
type trimming struct {
	s       *Store
	most    int64 // bytes to be removed
	removed int64 // bytes
	large   bool  // the log has more bytes than it may
	more    bool  // there may be more to be removed
}

// oldestRow is the oldest row of an app.
type oldestRow struct{ app, number, written int64 }

// step removes the oldest rows, in the order of their numbers, while they are too old or the log has more than most bytes.
func (t *trimming) step(most int64) error {
	ctx, cancel := context.WithTimeout(background, t.s.opts.StatementTimeout)
	defer cancel()
	return pgx.BeginFunc(ctx, t.s.readers, func(tx pgx.Tx) error {
		var mine bool
		err := tx.QueryRow(ctx, "SELECT pg_try_advisory_xact_lock($1)", int64(newKey(kindTrim, 0, ""))).Scan(&mine)
		if err != nil || !mine {
			return err
		}
		c := &conn{pg: tx.Conn(), patience: t.s.opts.StatementTimeout + patienceMargin}
		size, err := t.measure(c)
		if err != nil {
			return err
		}
		t.most = trimBytes
		if t.large = most > 0 && size > most; t.large {
			t.most = min(trimBytes, size-(t.s.opts.LogMaxBytes-t.s.opts.LogMaxBytes/trimBelow))
		}
		return t.remove(c)
	})
}

// measure adds up the size of the log, and puts the counts of nodes that are gone together: they add nothing any more.
func (t *trimming) measure(c *conn) (size int64, err error) {
	c.later(byKey)
	c.later(`WITH gone AS (DELETE FROM delivery_log_sizes s WHERE node <> 0 AND NOT EXISTS (SELECT FROM nodes n WHERE n.node = s.node)
			RETURNING bytes)
		INSERT INTO delivery_log_sizes AS s (node, bytes) SELECT 0, sum(bytes) FROM gone HAVING count(*) > 0
		ON CONFLICT (node) DO UPDATE SET bytes = s.bytes + excluded.bytes`)
	_, err = c.first("SELECT coalesce(sum(bytes), 0)::bigint FROM delivery_log_sizes", nil, &size)
	if err == nil {
		t.s.opts.Metrics.DeliveryLogBytes.Set(float64(size))
	}
	return size, err
}

// remove removes rows, if the oldest of all is too old or the log too large.
func (t *trimming) remove(c *conn) error {
	oldest, apps, err := oldestRows(c)
	if err != nil || len(apps) == 0 {
		return err
	}
	before := t.s.opts.Now().Add(-t.s.opts.LogKeep).UnixMilli() // written before then is too old
	switch {
	case t.large || t.s.opts.LogKeep <= 0:
		before = 1<<63 - 1
	case oldest.written >= before:
		return nil
	}
	err = c.each(func(scan func(...any) error) error { return scan(&t.removed) },
		`WITH old AS (
				SELECT app, number, sum(bytes) OVER (ORDER BY number) - bytes AS older FROM delivery_log
				WHERE app = ANY ($1) AND number < $2 AND written_at < $3
			), gone AS (
				DELETE FROM delivery_log l USING old WHERE l.app = old.app AND l.number = old.number AND old.older < $4 RETURNING l.bytes
			) SELECT coalesce(sum(bytes), 0)::bigint FROM gone`, apps, oldest.number+trimRows, before, t.most)
	t.more = err == nil
	if err != nil || t.removed == 0 {
		return err
	}
	return c.do(growLog, int64(0), -t.removed)
}

// oldestRows hops from app to app and returns the oldest row of all, and the apps that have any.
func oldestRows(c *conn) (oldest oldestRow, apps []int64, err error) {
	err = c.each(func(scan func(...any) error) error {
		var r oldestRow
		err := scan(&r.app, &r.number, &r.written)
		if len(apps) == 0 || r.number < oldest.number {
			oldest = r
		}
		apps = append(apps, r.app)
		return err
	}, `WITH RECURSIVE a AS (
			(SELECT app, number, written_at FROM delivery_log ORDER BY app, number LIMIT 1)
			UNION ALL
			SELECT n.app, n.number, n.written_at FROM a CROSS JOIN LATERAL
				(SELECT app, number, written_at FROM delivery_log WHERE app > a.app ORDER BY app, number LIMIT 1) n
		) SELECT app, number, written_at FROM a`)
	return oldest, apps, err
}
