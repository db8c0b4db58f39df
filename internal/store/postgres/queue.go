package postgres

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
)

var errClosed = errors.New("the store is closed")

// job is one update on its way.
type job struct {
	ctx   context.Context
	f     func(live.Tx) error
	done  chan error    // how it ended
	back  chan struct{} // holds a token when it was put back since the caller looked
	keys  []key         // what it is known to lock
	alone bool          // it gets a transaction of its own
	tries int           // that failed for a passing reason
	tx    *tx           // of its last run

	mu    sync.Mutex
	begun bool // a writer has it
	over  bool // the caller has given up
	ended bool // done has been told
}

// begin takes the job for a run; false when its caller has given up.
func (j *job) begin() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.begun = !j.over
	return j.begun
}

// end answers the caller.
func (j *job) end(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.ended {
		j.ended = true
		j.done <- err
	}
}

// fails counts a try that failed for a passing reason, and answers the caller when there is to be no other; then it is true.
func (j *job) fails(err error) bool {
	if j.tries++; j.tries < maxTries && j.ctx.Err() == nil {
		return false
	}
	j.end(err)
	return true
}

// answered tells whether the caller has been answered, or wants no answer.
func (j *job) answered() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.ended || j.over
}

// giveUp tells whether the job will not be run, or not again.
func (j *job) giveUp() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.over = !j.begun
	return j.over
}

// putBack lets the caller give up again.
func (j *job) putBack() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.begun = false
	select {
	case j.back <- struct{}{}:
	default:
	}
}

// wait returns how the job ended. When its context ends while no writer has it, it is not carried out.
func (j *job) wait() error {
	select {
	case err := <-j.done:
		return err
	case <-j.ctx.Done():
	}
	for {
		if j.giveUp() {
			return j.ctx.Err()
		}
		select {
		case err := <-j.done:
			return err
		case <-j.back:
		}
	}
}

// slowBatch is how long jobs wait for the writer that is at work before another one takes them.
const slowBatch = 10 * time.Millisecond

// queue holds the updates that wait for a writer. While one is at work the others leave alone what comes, until it is a whole batch
// or the one takes long: the more updates share a transaction, the less each of them costs.
type queue struct {
	mu      sync.Mutex
	waiting []*job
	most    int           // jobs in a batch
	busy    int           // writers at work
	armed   bool          // somebody will look whether the writers at work take long
	ready   chan struct{} // holds a token when a writer is to come
	closed  chan struct{}
}

func newQueue(most int) *queue {
	return &queue{most: most, ready: make(chan struct{}, 1), closed: make(chan struct{})}
}

// add puts a job behind the others.
func (q *queue) add(j *job) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.isClosed() {
		return errClosed
	}
	q.waiting = append(q.waiting, j)
	q.call()
	return nil
}

// putBack puts jobs before the others, in their order, closed or not.
func (q *queue) putBack(jobs ...*job) {
	if len(jobs) == 0 {
		return
	}
	for _, j := range jobs {
		j.putBack()
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(slices.Clone(jobs), q.waiting...)
	q.signal()
}

// call sees to it that a writer comes for what waits: now, or when those at work take long. The caller holds mu.
func (q *queue) call() {
	switch {
	case len(q.waiting) == 0 || q.armed && len(q.waiting) < q.most:
	case q.busy == 0 || len(q.waiting) >= q.most:
		q.signal()
	default:
		q.armed = true
		time.AfterFunc(slowBatch, func() {
			q.mu.Lock()
			defer q.mu.Unlock()
			q.armed = false
			if len(q.waiting) > 0 {
				q.signal()
			}
		})
	}
}

// done says that a writer has done what it took.
func (q *queue) done() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.busy--
	if q.busy == 0 && len(q.waiting) > 0 {
		q.signal()
	}
}

// signal wakes a writer. The caller holds mu.
func (q *queue) signal() {
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// take returns jobs for one batch, waiting for the first until patience ends: none then, and more is false when the queue is
// closed and empty. Who has taken some calls done afterwards.
func (q *queue) take(patience time.Duration) (jobs []*job, more bool) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		if jobs := q.next(); len(jobs) > 0 {
			return jobs, true
		}
		select {
		case <-q.ready:
		case <-q.closed:
			jobs := q.next()
			return jobs, len(jobs) > 0
		case <-timer.C:
			return nil, true
		}
	}
}

// next takes the jobs of one batch: what waits, and none beside one that is to be alone.
func (q *queue) next() []*job {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(q.most, len(q.waiting))
	if n == 0 {
		return nil
	}
	if i := slices.IndexFunc(q.waiting[:n], func(j *job) bool { return j.alone }); i >= 0 {
		n = max(1, i)
	}
	jobs := slices.Clone(q.waiting[:n])
	q.waiting = slices.Delete(q.waiting, 0, n)
	q.busy++
	q.call()
	return jobs
}

func (q *queue) empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting) == 0
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.isClosed() {
		close(q.closed)
	}
}

func (q *queue) isClosed() bool {
	select {
	case <-q.closed:
		return true
	default:
		return false
	}
}

// fail ends all jobs that wait, with an error.
func (q *queue) fail(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, j := range q.waiting {
		j.end(err)
	}
	q.waiting = nil
}

// Update implements live.Store.
func (s *Store) Update(ctx context.Context, f func(live.Tx) error) error {
	j := &job{ctx: ctx, f: f, done: make(chan error, 1), back: make(chan struct{}, 1)}
	if err := s.queue.add(j); err != nil {
		return err
	}
	return j.wait()
}
