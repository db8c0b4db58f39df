package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/greenroom-live/greenroom/internal/store"
)

const (
	// maxTries is how often an update is run that fails for a passing reason.
	maxTries = 10
	// publishPatience is how long the locks of a commit are kept for its publication.
	publishPatience = time.Second
	// reconnectMin and reconnectMax bound the time between two attempts to connect.
	reconnectMin, reconnectMax = 20 * time.Millisecond, time.Second
)

// writer carries out updates on a connection of its own.
type writer struct {
	s         *Store
	c         *conn
	mark      mark         // of its session
	holding   bool         // the session has locks of the last commit
	exposed   bool         // clients are told of that commit, and rely on its locks
	announced store.Commit // its buffers are used again
}

// run is the writer's goroutine.
func (w *writer) run() {
	returned := false
	defer func() {
		if !returned {
			w.s.stopped.Go((&writer{s: w.s}).run) // something that was called has ended the goroutine; see rescue
		}
	}()
	defer w.disconnect()
	for w.connect() {
		patience := w.s.idlePatience()
		if w.holding {
			patience = 0 // locks are not kept while there is nothing to do
		}
		jobs, more := w.s.queue.take(patience)
		switch {
		case !more:
			returned = true
			return
		case len(jobs) > 0:
			w.work(jobs)
		default:
			w.release() // a sign of life, too: PostgreSQL ends a session that gives none
		}
	}
	w.s.queue.fail(errClosed)
	returned = true
}

func (w *writer) work(jobs []*job) {
	defer w.s.queue.done()
	w.carryOut(jobs)
}

// idlePatience is how often a session that has nothing to do gives a sign of life.
func (s *Store) idlePatience() time.Duration { return s.opts.sessionPatience() / 3 }

// sessionPatience is how long PostgreSQL waits for the next statement of a session that has locks, or for its client to take an
// answer, before it ends the session and so gives the locks to others. It is longer than clients take to be told of a commit.
func (o Options) sessionPatience() time.Duration { return max(2*publishPatience, o.Lease/2) }

// connect makes the connection when there is none. It tries for as long as the store is open; false when it is closed.
func (w *writer) connect() bool {
	if w.c != nil && w.c.pg.IsClosed() {
		w.disconnect()
	}
	for wait := reconnectMin; w.c == nil; wait = min(2*wait, reconnectMax) {
		c, err := w.s.dialWriter()
		if err == nil {
			if w.mark, err = newMark(c, w.s.Node()); err == nil {
				w.c, w.holding = c, false
				return true
			}
			c.close()
		}
		if err == errLost {
			w.s.keeper.doubt()
		} else {
			w.s.failures.add(w.s.opts.Log, "cannot connect to the database", err)
		}
		select {
		case <-w.s.stopping:
			return false
		case <-time.After(wait/2 + rand.N(wait/2)):
		}
	}
	return true
}

// dialWriter opens a session that PostgreSQL ends when it is silent: it may have locks between two transactions, too.
func (s *Store) dialWriter() (*conn, error) {
	config := s.config.Copy()
	config.RuntimeParams["idle_session_timeout"] = milliseconds(s.opts.sessionPatience())
	return s.dial(config)
}

func (s *Store) dial(config *pgx.ConnConfig) (*conn, error) {
	ctx, cancel := context.WithTimeout(background, config.ConnectTimeout)
	defer cancel()
	pg, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", inOneLine(err))
	}
	return &conn{pg: pg, patience: s.opts.StatementTimeout + patienceMargin}, nil
}

// disconnect closes the connection, and with it gives up all locks. Perhaps they were lost before: then others may have told
// clients of a later change before this node has told them of its own, so they are to look again.
func (w *writer) disconnect() {
	if w.c == nil {
		return
	}
	w.c.close()
	w.c = nil
	if w.exposed {
		w.exposed = false
		w.s.missed()
	}
}

func (c *conn) close() {
	ctx, cancel := context.WithTimeout(background, time.Second)
	defer cancel()
	_ = c.pg.Close(ctx) // whatever it says, the connection is gone
}

// carryOut runs jobs in one transaction, and sees to it that each ends or is put back.
func (w *writer) carryOut(jobs []*job) {
	began := time.Now()
	b := w.begin(jobs)
	if !w.try(b, jobs) {
		w.separate(b, jobs)
		return
	}
	if len(b.ran) == 0 {
		w.rollback()
		w.release()
		b.leave()
		return
	}
	b.queueEvents()
	if w.s.opts.Hush {
		b.queueHush()
	}
	b.queueNews()
	w.mark.put(b.c)
	b.c.later("COMMIT")
	if err := b.c.send(); err != nil {
		if state := stateOf(err); state != "" && !w.c.pg.IsClosed() {
			w.separate(b, jobs)
			if state == stateEnded {
				w.disconnect() // another session will do, in the name of the next life
			}
			return
		}
		w.disconnect() // whether it was committed is not known
		b.again(b.no)
		b.no = nil
		b.leave()
		w.resolve(b, err)
		return
	}
	b.leave()
	w.s.count(len(b.ran), time.Since(began))
	w.announce(b, false)
	if w.s.queue.empty() {
		w.release()
	}
}

// try runs the functions of the jobs, and sees to it that none of them is left without an answer.
func (w *writer) try(b *batch, jobs []*job) (whole bool) {
	returned := false
	defer func() {
		if !returned {
			w.rescue(b, jobs)
		}
	}()
	whole = b.run(jobs)
	returned = true
	return whole
}

// rescue saves the jobs of a batch when the function of one has ended the writer's goroutine, by runtime.Goexit: as a test's
// that fails. That one fails, the others begin anew. The goroutine is past saving; run begins another.
func (w *writer) rescue(b *batch, jobs []*job) {
	w.disconnect()
	b.c.failed = errBusy
	defer func() {
		var others []*job
		for _, j := range jobs {
			if j.tx != nil && j.tx.err == errEnded {
				j.end(errEnded)
			} else if !j.answered() {
				others = append(others, j)
			}
		}
		w.s.queue.putBack(others...)
	}()
	for _, j := range jobs {
		if j.tx != nil && !j.tx.ended {
			b.cancel([]*tx{j.tx})
		}
	}
}

// begin begins a transaction with the locks that the jobs are known to need. Nothing is sent yet. Locks that were kept for the
// announcement of the commit before go first.
func (w *writer) begin(jobs []*job) *batch {
	b := &batch{w: w, c: w.c, held: make(map[key]struct{}), owner: make(map[key]*tx), ran: make([]*tx, 0, len(jobs))}
	b.c.failed = nil
	b.c.queue = b.c.queue[:0]
	if w.holding {
		w.unlock()
	}
	w.holding = true
	b.c.later("BEGIN")
	var keys []int64
	for _, j := range jobs {
		for _, k := range j.keys {
			b.held[k] = struct{}{}
			keys = append(keys, int64(k))
		}
	}
	if len(keys) > 0 {
		slices.Sort(keys)
		b.c.later("SELECT pg_advisory_lock(k) FROM unnest($1::bigint[]) AS k", slices.Compact(keys))
	}
	return b
}

func union(a, b []key) []key {
	all := append(slices.Clone(a), b...)
	slices.Sort(all)
	return slices.Compact(all)
}

// separate rolls a batch back and has its jobs run again, each alone. When there was but one, it ends: with its own error, or
// by being put back when that is passing. Jobs that have been answered are left out.
func (w *writer) separate(b *batch, jobs []*job) {
	lost, failed := w.c.pg.IsClosed(), b.c.failed
	w.rollback()
	w.release()
	open := slices.DeleteFunc(slices.Clone(jobs), func(j *job) bool { return j.answered() })
	if len(open) != 1 || len(jobs) != 1 {
		for _, j := range open {
			j.alone = true
			if j.tx != nil {
				j.keys = union(j.keys, j.tx.keys)
			}
		}
		w.s.queue.putBack(open...)
		return
	}
	j := open[0]
	t := j.tx
	err := failed
	if failed == nil || failed == errBusy {
		err = t.err
	}
	j.keys = union(j.keys, t.keys)
	if t.refused {
		w.s.queue.putBack(j)
		return
	}
	if !lost && !passing(err) {
		j.end(err)
		return
	}
	if !j.fails(err) {
		time.Sleep(rand.N(time.Duration(j.tries) * 2 * time.Millisecond)) // so that two that fail by each other do not meet again
		w.s.queue.putBack(j)
	}
}

// rollback ends the transaction, if there is a connection.
func (w *writer) rollback() {
	w.c.queue = w.c.queue[:0]
	if !w.c.pg.IsClosed() {
		if err := w.c.do("ROLLBACK"); err != nil {
			w.disconnect()
			return
		}
	}
}

// release gives up all locks.
func (w *writer) release() {
	if w.c == nil || w.c.pg.IsClosed() {
		return
	}
	w.c.queue = w.c.queue[:0]
	w.mark.keep(w.c)
	w.unlock()
	if err := w.c.send(); err != nil {
		w.s.failures.add(w.s.opts.Log, "the database has ended a session", err)
		w.disconnect()
		return
	}
	w.holding = false
}

// unlock gives up all locks with what is sent next.
func (w *writer) unlock() {
	w.c.queue = append(w.c.queue, statement{query: "SELECT pg_advisory_unlock_all()", done: func(int64) { w.exposed = false }})
}

// announce tells the listener what was committed, answers the callers, and waits until the clients have been told. When it is
// late, because the locks were lost and others may have changed the rooms since, webhooks are not handed over: they are read from
// the outbox, where the order is known.
func (w *writer) announce(b *batch, late bool) {
	c := &w.announced
	*c = store.Commit{
		Changes: c.Changes[:0], Webhooks: c.Webhooks[:0], Callbacks: c.Callbacks[:0], Purged: c.Purged[:0],
	}
	var others []wakeUp
	state := w.s.node.state.Load()
	for _, t := range b.ran {
		c.Changes = append(c.Changes, t.changes...)
		for _, e := range t.webhooks {
			switch {
			case e.basket == 0: // not wanted
			case !late && state.owns(e.basket):
				e.Event.Node = state.id
				c.Webhooks = append(c.Webhooks, e.Event)
			default:
				others = append(others, wakeUp{Basket: e.basket, App: e.Lane.App, Room: e.Lane.Room, Seq: e.Seq})
			}
		}
		c.Callbacks = append(c.Callbacks, t.callbacks...)
		c.Purged = append(c.Purged, t.purged...)
		c.Timers = c.Timers || t.timers
	}
	w.exposed = !late && len(c.Changes) > 0
	told := len(c.Changes)+len(c.Webhooks)+len(c.Callbacks)+len(c.Purged) > 0 || c.Timers
	if told {
		w.s.tell(*c)
	}
	w.s.wake(others)
	for _, t := range b.ran {
		t.j.end(nil)
	}
	if len(c.Changes) > 0 {
		ctx, cancel := context.WithTimeout(background, publishPatience)
		w.s.listener.Published(ctx)
		cancel()
	}
	clear(c.Changes)
	clear(c.Webhooks)
}

// tell tells the listener of a commit: of one after the other.
func (s *Store) tell(c store.Commit) {
	s.telling.Lock()
	defer s.telling.Unlock()
	s.listener.Committed(c)
	if len(c.Webhooks)+len(c.Settled) > 0 {
		s.backlog.look()
	}
}

// resolve finds out what became of a commit whose answer was lost with the connection. It takes as long as the database cannot
// be asked.
func (w *writer) resolve(b *batch, lost error) {
	w.s.failures.add(w.s.opts.Log, "the connection was lost during a commit", lost)
	for mark := w.mark; w.connect(); {
		committed, known, err := mark.find(w.c)
		switch {
		case err != nil:
			if !sleep(reconnectMin, w.s.stopping) {
				w.end(b, errors.Join(errClosed, lost))
				return
			}
		case !known:
			w.end(b, lost)
			return
		case committed:
			w.announce(b, true)
			w.s.missed()
			return
		default:
			b.retry(lost)
			return
		}
	}
	w.end(b, errors.Join(errClosed, lost))
}

// sleep tells whether d has passed without stopping having been closed.
func sleep(d time.Duration, stopping <-chan struct{}) bool {
	select {
	case <-time.After(d):
		return true
	case <-stopping:
		return false
	}
}

func (w *writer) end(b *batch, err error) {
	for _, t := range b.ran {
		t.j.end(err)
	}
}

// leave answers the updates that were refused, and puts back those that must begin anew.
func (b *batch) leave() {
	for _, t := range b.no {
		t.j.end(t.err)
	}
	if len(b.back) > 0 {
		b.w.s.queue.putBack(b.back...)
	}
	b.no, b.back = nil, nil
}

// retry has the updates run again of a commit that did not come about because its connection was lost: each alone, in case it is
// one of them that the database, or what is before it, does not survive; and not for ever.
func (b *batch) retry(lost error) {
	var jobs []*tx
	for _, t := range b.ran {
		if t.j.alone = true; t.j.fails(lost) {
			continue
		}
		jobs = append(jobs, t)
	}
	b.again(jobs)
}

// again has updates run again of which nothing is left.
func (b *batch) again(txs []*tx) {
	var jobs []*job
	for _, t := range txs {
		t.j.keys = union(t.j.keys, t.keys)
		jobs = append(jobs, t.j)
	}
	b.w.s.queue.putBack(jobs...)
}
