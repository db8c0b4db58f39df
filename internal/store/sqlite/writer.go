package sqlite

import (
	"context"
	"errors"
	"fmt"
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
	// settleBatch bounds the outcomes in one commit: the first figure while updates wait, the second while none do.
	settleBatch, settleBatchIdle = 256, 4096
	// checkpointEvery is after how many commits the write-ahead log is copied back, and walLimit the size in pages
	// past which the writer itself waits for that.
	checkpointEvery, walLimit = 256, 32_768
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

	settleMu sync.Mutex
	settling []delivery.Outcome
	settleC  chan struct{}

	nextSeq   int64
	callbacks map[live.AppID]*callbackRow // cache; only the writer goroutine touches it

	commits     int
	checkpointC chan struct{}
	walPages    atomic.Int64
	batch       []*job
}

func newWriter(c *conn, opts Options, listener store.Listener) (*writer, error) {
	w := &writer{
		c: c, opts: opts, listener: listener,
		jobs: make(chan *job, 4*opts.MaxBatch), closing: make(chan struct{}),
		settleC: make(chan struct{}, 1), checkpointC: make(chan struct{}, 1),
		callbacks: make(map[live.AppID]*callbackRow),
	}
	_, err := c.first("SELECT coalesce(max(seq), 0) + 1 FROM outbox", nil, &w.nextSeq)
	return w, err
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
	defer close(w.checkpointC)
	var alone <-chan time.Time // when outcomes get a commit without an update
	for {
		select {
		case j := <-w.jobs:
			w.commit(w.collect(j))
		case <-w.settleC:
			if alone == nil {
				alone = time.After(settleDelay)
			}
		case <-alone:
			alone = nil
			w.commit(w.collect(nil))
		case <-w.closing:
			w.drain()
			return
		}
	}
}

// drain carries out all that was sent before the writer was stopped.
func (w *writer) drain() {
	for {
		batch := w.collect(nil)
		w.settleMu.Lock()
		settled := len(w.settling) == 0
		w.settleMu.Unlock()
		if len(batch) == 0 && settled {
			return
		}
		if err := w.commit(batch); err != nil && len(batch) == 0 {
			return // the outcomes cannot be written: what was delivered will be sent once more
		}
	}
}

// collect returns first, if any, and the jobs that wait behind it.
func (w *writer) collect(first *job) []*job {
	w.batch = w.batch[:0]
	if first != nil {
		w.batch = append(w.batch, first)
	}
	for len(w.batch) < w.opts.MaxBatch {
		select {
		case j := <-w.jobs:
			w.batch = append(w.batch, j)
		default:
			return w.batch
		}
	}
	return w.batch
}

// commit carries out a batch of jobs and the settlements that wait, in one transaction.
func (w *writer) commit(batch []*job) error {
	settled := w.takeOutcomes(len(batch) > 0)
	if len(batch) == 0 && len(settled) == 0 {
		return nil
	}
	began := time.Now()
	err := w.transact(batch, settled)
	w.count(len(batch), time.Since(began))
	if err != nil {
		w.opts.Log.Error("commit failed", "updates", len(batch), "outcomes", len(settled), "error", err)
		clear(w.callbacks)
		w.returnOutcomes(settled)
	} else {
		w.announce(batch, settled)
	}
	for _, j := range batch {
		if j.tx.err == nil {
			j.tx.err = err
		}
		if !j.tx.skipped {
			j.done <- j.tx.err
		}
	}
	w.afterCommit()
	return err
}

// transact runs everything between BEGIN and COMMIT. Each job's own failure is left in its tx; the returned error
// is that of the whole transaction, of which then nothing remains.
func (w *writer) transact(batch []*job, settled []delivery.Outcome) (err error) {
	if err := w.c.do("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	firstSeq := w.nextSeq
	defer func() {
		if err != nil {
			w.nextSeq = firstSeq
			err = errors.Join(err, w.c.do("ROLLBACK"))
		}
	}()
	for _, j := range batch {
		if err := w.runJob(j); err != nil {
			return err
		}
	}
	if err := settle(w.c, settled, w.opts.Now); err != nil {
		return err
	}
	return w.c.do("COMMIT")
}

// runJob runs one job in a savepoint, which is opened by its first write. The returned error means that the
// transaction itself is broken.
func (w *writer) runJob(j *job) error {
	j.tx = tx{reader: reader{w.c}, w: w}
	if !j.begun.CompareAndSwap(false, true) {
		j.tx.skipped = true
		return nil
	}
	seq := w.nextSeq
	j.tx.err = protect(j.f, &j.tx)
	switch {
	case !j.tx.open:
		return nil
	case j.tx.err == nil:
		return w.c.do("RELEASE update_")
	}
	w.nextSeq = seq
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
func (w *writer) announce(batch []*job, settled []delivery.Outcome) {
	c := store.Commit{Settled: settled}
	for _, j := range batch {
		if j.tx.err == nil {
			c.Changes = append(c.Changes, j.tx.changes...)
			c.Webhooks = append(c.Webhooks, j.tx.webhooks...)
			c.Callbacks = append(c.Callbacks, j.tx.callbacks...)
		}
	}
	if len(c.Changes)+len(c.Callbacks)+len(c.Settled) > 0 {
		w.listener.Committed(c)
	}
}

func (w *writer) count(updates int, took time.Duration) {
	m := w.opts.Metrics
	m.StoreCommits.Inc()
	m.StoreUpdates.Add(float64(updates))
	m.StoreSeconds.Observe(took.Seconds())
}

// afterCommit asks for a checkpoint now and then. When the log has grown too long for the checkpoints in the
// background to catch up, the writer makes one itself and lets everybody wait.
func (w *writer) afterCommit() {
	w.commits++
	if w.commits%checkpointEvery != 0 {
		return
	}
	if w.walPages.Load() > walLimit {
		var busy, log, done int64
		if _, err := w.c.first("PRAGMA wal_checkpoint(RESTART)", nil, &busy, &log, &done); err == nil {
			w.walPages.Store(log - done)
		}
		return
	}
	select {
	case w.checkpointC <- struct{}{}:
	default:
	}
}

// checkpoint copies the write-ahead log back into the database while the writer goes on.
func (w *writer) checkpoint(c *conn) {
	defer c.close()
	for range w.checkpointC {
		var busy, log, done int64
		if _, err := c.first("PRAGMA wal_checkpoint(PASSIVE)", nil, &busy, &log, &done); err == nil {
			w.walPages.Store(log)
		}
	}
}
