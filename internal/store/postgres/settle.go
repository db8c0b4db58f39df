package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/store"
)

const (
	// settleDelay is how long outcomes wait for others, unless there are settleWorth of them: what a transaction costs, it
	// costs for one as for many.
	settleDelay = 20 * time.Millisecond
	settleWorth = 64
	// settleMost and settleBytes bound the outcomes in one transaction, and the bodies and answers in them.
	settleMost, settleBytes = 4096, 4 << 20
	// settleRetry is how long outcomes that cannot be written wait at most before they are tried again.
	settleRetry = time.Second
)

// settler writes outcomes down, on a connection of its own, in transactions in which nothing else is done. Outcomes in the name
// of a life of this node that is over are refused: they are forgotten, and whoever has the lanes now delivers their events.
type settler struct {
	s     *Store
	c     *conn
	most  int           // outcomes in the next transaction: fewer after one that failed
	some  chan struct{} // holds a token when something waits
	ample chan struct{} // holds a token when it is worth a transaction, or is waited for

	mu      sync.Mutex
	waiting []delivery.Outcome
	handed  int64         // outcomes so far
	done    int64         // of those, the ones that are durable or refused
	moved   chan struct{} // closed when done has grown; then there is another
}

func newSettler(s *Store) *settler {
	return &settler{s: s, most: settleMost, some: make(chan struct{}, 1), ample: make(chan struct{}, 1), moved: make(chan struct{})}
}

// add hands over an outcome.
func (w *settler) add(o delivery.Outcome) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waiting = append(w.waiting, o)
	w.handed++
	switch len(w.waiting) {
	case 1:
		signal(w.some)
	case settleWorth:
		signal(w.ample)
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// flush returns when everything that was handed over before is durable, or refused.
func (w *settler) flush(ctx context.Context) error {
	w.mu.Lock()
	until := w.handed
	w.mu.Unlock()
	for {
		w.mu.Lock()
		done, moved := w.done >= until, w.moved
		w.mu.Unlock()
		if done {
			return nil
		}
		signal(w.ample)
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("wait for what was delivered to be written down: %w", ctx.Err())
		case <-w.s.stopping:
			return errClosed
		}
	}
}

// run is the settler's goroutine. When the store is closed what waits is written, if that works at once.
func (w *settler) run() {
	defer w.disconnect()
	for {
		select {
		case <-w.some:
		case <-w.s.stopping:
			w.drain()
			return
		}
		linger := time.NewTimer(settleDelay)
		select {
		case <-w.ample:
		case <-linger.C:
		case <-w.s.stopping:
		}
		linger.Stop()
		w.write()
	}
}

// drain writes what waits when the store is closed.
func (w *settler) drain() {
	for w.next() {
		if err := w.settle(w.take()); err != nil {
			w.s.failures.add(w.s.opts.Log, "outcomes of deliveries cannot be written: what was delivered is sent once more", err)
			return
		}
	}
}

// write writes one transaction, with patience for a database that is away.
func (w *settler) write() {
	for wait := reconnectMin; ; wait = min(2*wait, settleRetry) {
		batch := w.take()
		err := w.settle(batch)
		if err == nil {
			break
		}
		w.s.failures.add(w.s.opts.Log, "outcomes of deliveries cannot be written", err)
		w.putBack(batch)
		w.most = max(1, min(w.most, len(batch))/2) // if it is one of them, it is found
		if !sleep(wait/2+rand.N(wait/2), w.s.stopping) {
			break // drain tries once more
		}
	}
	if w.next() {
		signal(w.some)
	}
}

func (w *settler) next() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.waiting) > 0
}

// take takes the outcomes of one transaction. When many are left it says that the next is worth it.
func (w *settler) take() []delivery.Outcome {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, bytes := 0, 0
	for n < len(w.waiting) && n < w.most && bytes < settleBytes {
		bytes += len(w.waiting[n].Event.Body) + len(w.waiting[n].Attempt.Answer)
		n++
	}
	taken := w.waiting[:n:n]
	if w.waiting = w.waiting[n:]; len(w.waiting) == 0 {
		w.waiting = nil
	} else if len(w.waiting) >= settleWorth || n == w.most {
		signal(w.ample)
	}
	return taken
}

// putBack puts outcomes back that could not be written. One alone that the database refuses goes behind the others, so that they
// get through.
func (w *settler) putBack(batch []delivery.Outcome) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(batch) == 1 && w.c != nil && !w.c.pg.IsClosed() {
		w.waiting = append(w.waiting, batch...)
		return
	}
	w.waiting = append(batch, w.waiting...)
}

// settle writes outcomes, tells the listener of those that were not refused, and those who wait.
func (w *settler) settle(batch []delivery.Outcome) error {
	b := w.s.newSettlement(batch)
	for b.state == unsettled && len(b.outcomes) > 0 {
		if err := w.connect(); err != nil {
			return err
		}
		err := b.write(w.c)
		switch {
		case err == nil:
		case b.state == unsure && w.c.pg.IsClosed():
			if err := w.resolve(b, err); err != nil {
				return err
			}
		default:
			w.rollback()
			return err
		}
	}
	w.most = min(2*w.most, settleMost)
	if b.state == refused {
		w.s.leaseDoubted(b.node)
	} else if len(b.outcomes) > 0 {
		w.s.tell(store.Commit{Settled: b.outcomes, Callbacks: b.paused})
		w.s.logSize.grow(b.logged, w.s.opts.LogMaxBytes)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done += int64(len(batch))
	close(w.moved)
	w.moved = make(chan struct{})
	return nil
}

// resolve finds out what became of a settlement whose commit was not answered: settled, or unsettled as before. It asks until
// the database can tell; only when the store is closed it gives up.
func (w *settler) resolve(b *settlement, lost error) error {
	w.s.failures.add(w.s.opts.Log, "the connection was lost while outcomes of deliveries were written", lost)
	for {
		var status *string
		err := w.connect()
		if err == nil {
			_, err = w.c.first("SELECT pg_xact_status($1::text::xid8)", []any{b.xid}, &status)
		}
		switch {
		case err == nil && status != nil && *status == "committed":
			b.state = settled
			return nil
		case err == nil && (status == nil || *status != "in progress"):
			b.state = unsettled
			return nil
		case !sleep(reconnectMin, w.s.stopping):
			return errors.Join(errClosed, lost)
		}
	}
}

// connect makes the connection when there is none.
func (w *settler) connect() error {
	if w.c != nil && !w.c.pg.IsClosed() {
		return nil
	}
	config := w.s.config.Copy()
	// What is settled is found by its keys, however few or many rows PostgreSQL thinks that there are.
	for _, plan := range []string{"enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit"} {
		config.RuntimeParams[plan] = "off"
	}
	c, err := w.s.dial(config)
	if err == nil {
		w.c = c
	}
	return err
}

func (w *settler) rollback() {
	if w.c == nil || w.c.pg.IsClosed() {
		return
	}
	w.c.queue = w.c.queue[:0]
	if err := w.c.do("ROLLBACK"); err != nil {
		w.disconnect()
	}
}

func (w *settler) disconnect() {
	if w.c == nil {
		return
	}
	ctx, cancel := context.WithTimeout(background, time.Second)
	defer cancel()
	_ = w.c.pg.Close(ctx) // whatever it says, the connection is gone
	w.c = nil
}
