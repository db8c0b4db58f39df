package sqlite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
)

var errClosed = errors.New("the store is closed")

const (
	// settleDelay is how long outcomes of deliveries wait for an update's commit to ride along with.
	settleDelay = 40 * time.Millisecond
	// settleRide is how long they wait at least, unless there are settleWorth of them: what a commit writes for outcomes
	// costs about as much for some as for one.
	settleRide  = 20 * time.Millisecond
	settleWorth = 64
	// settleBatch bounds the outcomes in one commit: the first figure while updates wait, the second while none do.
	settleBatch, settleBatchIdle = 256, 4096
	// settleRetry is how long outcomes that cannot be written wait at most before they are tried again.
	settleRetry = time.Second
	// complainEvery is how often a line says at most that commits fail.
	complainEvery = 5 * time.Second
)

// job is one update on its way through the writer.
type job struct {
	f     func(live.Tx) error
	begun atomic.Bool // the writer has taken it, or the caller has given up: whoever sets it first
	done  chan error
	tx    tx
}

// writer owns the one connection that writes.
type writer struct {
	c        *conn
	opts     Options
	listener store.Listener
	jobs     chan *job
	closing  chan struct{}
	senders  sync.RWMutex // held for reading while a job is sent, for writing to close
	closed   bool

	settleMu    sync.Mutex
	settling    []delivery.Outcome
	settleSince time.Time // when the first of them came, or was left behind by a commit
	settleC     chan struct{}
	patience    patience

	sequence sequence
	cache    cache
	backlog  backlog
	log      logEnd
	logStart int64         // bytes of the log that were written before its oldest block
	small    int           // blocks written since tidying was asked for
	tidyC    chan struct{} // says that the log has grown past its bound, or has many small blocks

	batch     []*job       // of the commit under way
	counts    []count      // what the commit under way has changed so far
	paused    []live.AppID // whose servers answered 410 Gone
	block     block        // of the log; its buffers are used again
	announced store.Commit // its buffers are used again
	failures  failures

	logTrimmed int64 // logStart as it was counted last
}

func newWriter(c *conn, opts Options, listener store.Listener) *writer {
	return &writer{
		c: c, opts: opts, listener: listener,
		jobs: make(chan *job, 4*opts.MaxBatch), closing: make(chan struct{}),
		settleC: make(chan struct{}, 1), tidyC: make(chan struct{}, 1),
		cache:   newCache(),
		backlog: backlog{apps: make(map[live.AppID]*tally)},
	}
}

// update sends f to the writer and waits for its commit.
func (w *writer) update(ctx context.Context, f func(live.Tx) error) error {
	j := &job{f: f, done: make(chan error, 1)}
	if err := w.send(ctx, j); err != nil {
		return err
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
	}
	if j.begun.CompareAndSwap(false, true) {
		return ctx.Err()
	}
	return <-j.done
}

func (w *writer) send(ctx context.Context, j *job) error {
	w.senders.RLock()
	defer w.senders.RUnlock()
	if w.closed {
		return errClosed
	}
	select {
	case w.jobs <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stop lets the writer finish what was sent to it, and no more.
func (w *writer) stop() {
	w.senders.Lock()
	defer w.senders.Unlock()
	if !w.closed {
		w.closed = true
		close(w.closing)
	}
}

// run is the writer goroutine.
func (w *writer) run() {
	defer w.c.close()
	var alone <-chan time.Time // when outcomes get a commit without an update
	for {
		select {
		case j := <-w.jobs:
			w.commit(j)
		case <-w.settleC:
			if alone == nil {
				alone = time.After(max(settleDelay, w.patience.left()))
			}
		case <-alone:
			if alone = nil; w.settleDue() > 0 {
				alone = time.After(w.settleDue())
				continue
			}
			w.commit(nil)
		case <-w.closing:
			w.drain()
			return
		}
	}
}

// stopping tells whether the writer was stopped.
func (w *writer) stopping() bool {
	select {
	case <-w.closing:
		return true
	default:
		return false
	}
}

// drain carries out all that was sent before the writer was stopped.
func (w *writer) drain() {
	for {
		first, more := w.next()
		w.settleMu.Lock()
		more = more || len(w.settling) > 0
		w.settleMu.Unlock()
		if !more {
			return
		}
		if err := w.commit(first); err != nil && first == nil {
			return // the outcomes cannot be written: what was delivered will be sent once more
		}
	}
}

// next returns a job that waits, if there is one. Callers who are about to send theirs get the chance to: it is
// better to wait for them than to make them wait for an fsync.
func (w *writer) next() (*job, bool) {
	for range 2 {
		select {
		case j := <-w.jobs:
			return j, true
		default:
			runtime.Gosched()
		}
	}
	return nil, false
}

// commit carries out a job, if there is one, the jobs that wait behind it or come while it runs, and the settlements
// that wait, all in one transaction.
func (w *writer) commit(first *job) error {
	w.batch = w.batch[:0]
	if first != nil {
		w.batch = append(w.batch, first)
	}
	settled := w.takeOutcomes(first != nil)
	if first == nil && len(settled) == 0 {
		return nil
	}
	began := time.Now()
	err := w.transact(settled)
	w.count(len(w.batch), time.Since(began))
	if err != nil {
		w.failures.add(w.opts.Log, err, len(w.batch), len(settled))
		w.cache.clear()
		w.returnOutcomes(settled)
	} else {
		if len(settled) > 0 {
			w.patience = patience{}
		}
		w.announce(settled)
	}
	for i, j := range w.batch {
		j.done <- cmp.Or(j.tx.err, err)
		w.batch[i] = nil
	}
	return err
}

// transact runs everything between BEGIN and COMMIT. Each job's own failure is left in its tx; the returned error
// is that of the whole transaction, of which then nothing remains.
func (w *writer) transact(settled []delivery.Outcome) (err error) {
	if err := w.c.do("BEGIN IMMEDIATE"); err != nil {
		w.giveUpWaiting()
		return err
	}
	sequence, log, logStart := w.sequence, w.log, w.logStart
	defer func() {
		if err != nil {
			w.sequence, w.log, w.logStart = sequence, log, logStart
			err = errors.Join(err, w.c.do("ROLLBACK"))
		}
	}()
	err = w.settle(settled, false)
	if errors.Is(err, errNotWaiting) {
		if err := errors.Join(w.c.do("ROLLBACK"), w.c.do("BEGIN IMMEDIATE")); err != nil {
			return err
		}
		err = w.settle(settled, true)
	}
	if err != nil {
		return err
	}
	for i := 0; i < len(w.batch); i++ {
		if err := w.runJob(w.batch[i]); err != nil {
			return err
		}
		if i+1 == len(w.batch) && i+1 < w.opts.MaxBatch {
			if j, ok := w.next(); ok {
				w.batch = append(w.batch, j)
			}
		}
	}
	return w.c.do("COMMIT")
}

// giveUpWaiting lets the jobs fail that wait behind one which could not begin: each would try as long as that did.
func (w *writer) giveUpWaiting() {
	for waiting := len(w.jobs); len(w.batch) > 0 && waiting > 0; waiting-- {
		w.batch = append(w.batch, <-w.jobs)
	}
}

// runJob runs one job in a savepoint, which is opened by its first write. The returned error means that the
// transaction itself is broken.
func (w *writer) runJob(j *job) error {
	j.tx = tx{reader: reader{w.c}, w: w}
	if !j.begun.CompareAndSwap(false, true) {
		return nil
	}
	sequence, logStart := w.sequence, w.logStart
	j.tx.err = protect(j.f, &j.tx)
	switch {
	case !j.tx.open:
		return nil
	case j.tx.err == nil:
		return w.c.do("RELEASE update_")
	}
	w.sequence, w.logStart = sequence, logStart
	j.tx.forget()
	if err := w.c.do("ROLLBACK TO update_"); err != nil {
		return err
	}
	return w.c.do("RELEASE update_")
}

// protect turns a panic of f into an error, so that one update cannot take the writer down.
func protect(f func(live.Tx) error, t *tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in an update: %v\n%s", p, debug.Stack())
		}
	}()
	return f(t)
}

// announce tells the listener what was committed.
func (w *writer) announce(settled []delivery.Outcome) {
	c := &w.announced
	c.Changes, c.Webhooks, c.Callbacks, c.Settled = c.Changes[:0], c.Webhooks[:0], c.Callbacks[:0], settled
	c.Purged, c.Timers = c.Purged[:0], false
	for _, j := range w.batch {
		if j.tx.err == nil {
			c.Changes = append(c.Changes, j.tx.changes...)
			c.Webhooks = append(c.Webhooks, j.tx.webhooks...)
			c.Callbacks = append(c.Callbacks, j.tx.callbacks...)
			c.Purged = append(c.Purged, j.tx.purged...)
			c.Timers = c.Timers || j.tx.timers
		}
	}
	c.Callbacks = append(c.Callbacks, w.paused...)
	w.tell(c.Webhooks)
	if len(c.Changes)+len(c.Webhooks)+len(c.Callbacks)+len(c.Purged)+len(c.Settled) > 0 || c.Timers {
		w.listener.Committed(*c)
	}
	clear(c.Changes)
	clear(c.Webhooks)
}

func (w *writer) count(updates int, took time.Duration) {
	m := w.opts.Metrics
	m.StoreCommits.Inc()
	m.StoreUpdates.Add(float64(updates))
	m.StoreSeconds.Observe(took.Seconds())
	m.DeliveryLogBytes.Set(float64(w.log.bytes - w.logStart))
	if w.logStart > w.logTrimmed {
		m.DeliveryLogTrimmed.Add(float64(w.logStart - w.logTrimmed))
		w.logTrimmed = w.logStart
	}
}
