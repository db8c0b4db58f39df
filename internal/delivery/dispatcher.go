package delivery

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/greenroom-live/greenroom/internal/live"
)

const (
	// maxUnsettled bounds the outcomes of one app that are not durable yet. While there are more nothing is sent: a store
	// that cannot write must not fill the memory, nor have everything sent once more after a restart.
	maxUnsettled = 10_000
	// scanPage is how many lanes are read from the outbox at a time.
	scanPage = 500
	// maxTurn is how many events of one lane go out before the next lane has its turn. A lane's events lie together
	// in the outbox, so it is cheaper to take some at a time.
	maxTurn = 32
	// storeRetry is how long to wait when the outbox could not be read.
	storeRetry = time.Second
)

// dispatcher delivers one app's webhooks: it keeps its lanes and runs a bounded number of workers on those that are
// ready. Nothing that can wait, logging included, is done with mu held.
type dispatcher struct {
	app    App
	opts   Options
	log    *slog.Logger
	sender *sender
	count  prometheus.Gauge // of lanes
	figures
	failures failures
	expiries failures
	clocks   func() Moment
	after    func(time.Duration, func()) timer
	page     int // lanes read from the outbox at a time

	mu        sync.Mutex
	lanes     map[live.RoomID]*lane
	queue     []*lane // ready lanes, first come first served
	workers   int
	held      int // events in memory, and those that are being read
	unsettled int // outcomes that are not durable yet
	inFlight  int // requests
	running   bool
	scan      scan
	wake      chan struct{} // tells run that a scan may go on
	done      sync.WaitGroup
	ctx       context.Context // of the attempts
	purges    int             // of the app's events so far
	attempts  tally           // so far, at endpoints that had not changed when they ended
	last      lastAttempts
	// node is whose lanes these are, 0 without a lease. An event of another life of this node is not ours to deliver, or is
	// found in the outbox. lapsed says that the lease was not held when last looked at, so no worker begins anything.
	node   live.NodeID
	lapsed bool
	// dropped is the last event of the lanes that were forgotten because nothing was left of them. One up to there that is
	// handed over for a lane not in memory may have been read from the outbox and delivered before.
	dropped int64
	gate
}

// scan is the search of the outbox for lanes that are not in memory: once at start, and again after events had to be
// left there because too many lanes were in memory.
type scan struct {
	active bool
	cursor *live.RoomID // lanes up to here were found; nil before the first
	again  bool         // events were left in the outbox that this scan may not find
}

// lastAttempts is what operators want to know first.
type lastAttempts struct {
	success, failure time.Time
	err              string
}

func newDispatcher(app App, opts Options) *dispatcher {
	id, m := app.ID.String(), opts.Metrics
	return &dispatcher{
		app: app, opts: opts, log: opts.Log.With("app", app.ID), sender: newSender(app, opts),
		count: m.WebhookLanes.WithLabelValues(id), figures: newFigures(m, id),
		clocks: ReadClocks, after: afterFunc, page: scanPage,
		lanes: make(map[live.RoomID]*lane), wake: make(chan struct{}, 1), scan: scan{active: opts.Lease == nil}, gate: newGate(app.Retry),
	}
}

// enqueue takes an event that was just committed.
func (d *dispatcher) enqueue(e Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if e.Node != d.node {
		return
	}
	l, known := d.lanes[e.Lane.Room]
	if !known {
		if len(d.lanes) >= d.opts.MaxLanes {
			d.scan.again = true
			return
		}
		// While the outbox may hold earlier events of lanes that are not in memory, a new lane begins there.
		l = &lane{room: e.Lane.Room, behind: d.scan.active || d.scan.again || e.Seq <= d.dropped}
		d.addLane(l)
	}
	if !l.behind && l.lacks(e) {
		d.byOthers.Inc()
	}
	first := l.empty()
	if l.push(e, !d.shut() && d.held < d.opts.MaxHeld && len(l.events) < d.opts.Window) {
		d.held++
	}
	if l.state != idle {
		return
	}
	if first {
		l.queued = e.Queued
	}
	d.admit(l)
}

// addLane takes a lane into memory. The caller holds mu.
func (d *dispatcher) addLane(l *lane) {
	l.seen = d.attempts
	d.lanes[l.room] = l
	d.count.Set(float64(len(d.lanes)))
}

// admit makes a lane that holds something ready, or blocks it while nothing may be sent. The caller holds mu.
func (d *dispatcher) admit(l *lane) {
	if d.shut() {
		d.block(l)
		return
	}
	d.ready(l)
}

// ready queues a lane and sees to it that a worker comes. The caller holds mu.
func (d *dispatcher) ready(l *lane) {
	d.requeue(l)
	d.employ()
}

// requeue puts a lane at the end of the queue. The caller holds mu.
func (d *dispatcher) requeue(l *lane) {
	l.state = ready
	d.queue = append(d.queue, l)
}

// mayWork tells whether workers may take lanes: not before it is known where to send to, and whether, and not without the
// node's lease. The caller holds mu.
func (d *dispatcher) mayWork() bool {
	return d.running && d.known && d.unsettled < maxUnsettled && !d.lapsed
}

// employ adds a worker if there may be one more. The caller holds mu.
func (d *dispatcher) employ() {
	if d.mayWork() && d.workers < d.app.Concurrency {
		d.workers++
		d.done.Go(d.work)
	}
}

// employAll adds workers for all that is in the queue. The caller holds mu.
func (d *dispatcher) employAll() {
	for range min(len(d.queue), d.app.Concurrency) {
		d.employ()
	}
}

// work serves ready lanes until there are none.
func (d *dispatcher) work() {
	c := newCourier(d.ctx, d.sender)
	defer c.close()
	for {
		l := d.next()
		if l == nil {
			return
		}
		for l.turn = 0; d.serve(l, c); {
			if l.turn++; l.turn == maxTurn {
				d.yield(l)
				break
			}
		}
	}
}

// next takes the first ready lane, or dismisses the worker.
func (d *dispatcher) next() *lane {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.mayWork() || len(d.queue) == 0 {
		d.workers--
		return nil
	}
	l := d.queue[0]
	d.queue[0] = nil
	d.queue = d.queue[1:]
	l.state = running
	return l
}

// serve makes one attempt at a lane's head, which may have to be read from the outbox first. It tells whether the
// lane can go on.
func (d *dispatcher) serve(l *lane, c *courier) (more bool) {
	t, ok := d.begin(l)
	if t.expired > 0 {
		d.reportExpired(t)
	}
	if !ok {
		return false
	}
	a := c.send(t.event)
	if a.err != nil && (d.ctx.Err() != nil || a.err == errPaused) {
		return d.rest(l) // stopped by us, not failed
	}
	a.examine(d.app.Retry)
	var s situation
	if a.why != "" {
		s = d.situation(l, t, a)
	}
	v := d.app.Retry.judge(t.event, a, s)
	d.report(a, v)
	more, n := d.advance(l, t, a, v)
	d.tell(n)
	return more
}

// try is an attempt that is about to be made.
type try struct {
	event   Event
	alike   streak
	changes int // of the endpoint, so far

	expired int // events that were given up before it, because their windows were over
	why     string
}

// begin prepares the next attempt of a lane that a worker has; false when there is none to be made. An attempt that was
// begun before something changed counts as in flight then.
func (d *dispatcher) begin(l *lane) (t try, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for {
		open := d.breaker.open() && !d.breaker.holds(string(l.room))
		l.sweeping = l.sweeping && open
		switch {
		case l.lost:
			return t, false
		case !d.running:
			l.state = idle
			return t, false
		case !d.leased():
			d.lapsed = true
			d.requeue(l)
			return t, false
		case !d.mayWork():
			d.requeue(l)
			return t, false
		case d.paused() || open && !l.sweeping:
			d.block(l)
			return t, false
		case len(l.events) == 0 && l.behind:
			if !d.load(l) {
				return t, false
			}
		case len(l.events) == 0:
			d.leave(l)
			return t, false
		case open && d.overdue(l.events[0].Queued):
			t.why = d.expire(l)
			t.expired++
		case open:
			d.block(l)
			return t, false
		case d.early(l):
			return t, false
		default:
			d.inFlight++
			t.event, t.changes, t.alike = l.events[0], d.changes, streak{}
			if l.tried.seq == t.event.Seq {
				t.alike = l.tried.alike
			}
			return t, true
		}
	}
}

// early makes a lane wait that was read again before its head may be tried again. The caller holds mu.
func (d *dispatcher) early(l *lane) bool {
	if l.tried.notBefore.IsZero() || !l.heads(l.tried.seq) || d.breaker.open() {
		return false
	}
	left := l.tried.notBefore.Sub(d.opts.Now())
	if left > 0 {
		d.await(l, left)
	}
	return left > 0
}

// load reads a page of the lane from the outbox; false when it cannot be read. The caller holds mu, which is released
// meanwhile. What is read counts as held from the beginning, and when too much is held a lane gets no more than is sent
// in its turn.
func (d *dispatcher) load(l *lane) bool {
	limit := min(d.opts.Window, max(d.opts.MaxHeld-d.held, maxTurn-l.turn))
	if l.sweeping && l.queued.IsZero() {
		limit = 1 // only to learn when it was queued
	}
	after, purges := l.passed, d.purges
	l.behind = false
	d.held += limit
	d.mu.Unlock()
	page, err := d.opts.Outbox.Pending(d.ctx, Lane{d.app.ID, l.room}, after, limit)
	d.mu.Lock()
	if l.lost {
		return false
	}
	d.held -= limit
	switch {
	case err != nil:
		// What was handed over meanwhile must wait for what could not be read.
		d.drop(l)
		l.behind = true
		if d.tellUnreadable(l, err); !l.lost {
			d.abandon(l)
			d.await(l, storeRetry)
		}
		return false
	case len(page) > 0 && page[0].Node != d.node:
		d.drop(l) // a new life has begun of which this dispatcher has not been told yet
		l.behind = true
		d.requeue(l)
		d.lapsed = true
		return false
	case d.purges != purges:
		d.drop(l) // some of it may have been purged since
		l.behind = true
	case len(page) > 0:
		d.held += len(page) - len(l.events)
		l.fill(page, len(page) == limit)
		l.queued = page[0].Queued
	}
	return true // of an empty page what was handed over meanwhile, if anything, comes next
}

// tellUnreadable logs that a lane cannot be read. The caller holds mu, which is released meanwhile.
func (d *dispatcher) tellUnreadable(l *lane, err error) {
	if d.ctx.Err() != nil {
		return
	}
	d.mu.Unlock()
	d.log.Error("the outbox cannot be read", "room", l.room, "error", err)
	d.mu.Lock()
}

// situation is what a failure is judged by. What failed at an endpoint that has changed meanwhile, or while the app is
// paused, is nobody's fault and no time has passed.
func (d *dispatcher) situation(l *lane, t try, a attempt) situation {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.changes != t.changes || d.paused() {
		return situation{alike: t.alike, resumed: a.ended}
	}
	return situation{t.alike, d.attempts.since(l.seen), d.endpoint.Resumed}
}

// advance records an outcome and applies it to the lane it came from. An attempt that failed at an endpoint which has
// changed meanwhile is repeated at once, and says nothing about the endpoint. Of a lane that was lost meanwhile there is no
// outcome. It tells whether the lane can go on.
func (d *dispatcher) advance(l *lane, t try, a attempt, v verdict) (more bool, n notice) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inFlight--
	if l.lost {
		return false, n
	}
	current := d.changes == t.changes
	if current {
		n = d.learn(l, a, v)
	} else {
		v.Gone = ""
	}
	d.settle(l, v.Outcome)
	if v.Fate == Failed {
		return d.retain(l, v, current), n
	}
	if l.pass(v.Event.Seq) {
		d.held--
	}
	if l.empty() {
		d.leave(l)
		return false, n
	}
	return true, n
}

// retain keeps an event that failed at the head of its lane. The caller holds mu.
func (d *dispatcher) retain(l *lane, v verdict, current bool) (more bool) {
	known := l.heads(v.Event.Seq)
	l.note(v)
	if !current {
		return true
	}
	l.tried.notBefore = d.opts.Now().Add(v.wait)
	switch {
	case d.shut():
		d.block(l)
		return false
	case !known:
		return true // was dropped meanwhile; what comes next need not wait
	case d.held > d.opts.MaxHeld:
		d.drop(l)
	default:
		d.held -= l.shrink()
	}
	d.await(l, v.wait)
	return false
}

// settle hands over an outcome. The caller holds mu, so that the outcomes of a lane are handed over in order.
func (d *dispatcher) settle(l *lane, o Outcome) {
	l.unsettled++
	d.unsettled++
	d.opts.Outbox.Settle(o)
}

// drop takes a lane's events from memory; they are read again. The caller holds mu.
func (d *dispatcher) drop(l *lane) { d.held -= l.drop() }

// yield sends a lane behind those that wait.
func (d *dispatcher) yield(l *lane) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !l.lost {
		d.requeue(l)
	}
}

// rest gives up a lane's turn without an outcome. It returns false: the lane cannot go on.
func (d *dispatcher) rest(l *lane) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inFlight--
	if l.lost {
		return false
	}
	if !d.running {
		l.state = idle
		return false
	}
	d.admit(l) // paused: begin will wait until that is known
	return false
}

// leave lets go of a lane that holds nothing any more. The caller holds mu.
func (d *dispatcher) leave(l *lane) {
	l.state = idle
	l.sweeping = false
	d.abandon(l)
	d.dropIfDone(l)
}

// await lets a lane wait before it is ready again. The caller holds mu.
func (d *dispatcher) await(l *lane, wait time.Duration) {
	l.state = waiting
	var retry timer
	retry = d.after(wait, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if l.state == waiting && l.retry == retry && !l.lost {
			d.release(l)
		}
	})
	l.retry = retry
}

// release ends a lane's waiting. The caller holds mu.
func (d *dispatcher) release(l *lane) {
	if l.retry != nil {
		l.retry.Stop()
		l.retry = nil
	}
	l.tried.notBefore = time.Time{}
	l.sweeping, l.place = false, 0
	d.admit(l)
}

// settled hears that an outcome is durable. One of a life that is over was forgotten with its lane.
func (d *dispatcher) settled(o Outcome) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if o.Event.Node != d.node {
		return
	}
	if d.unsettled--; d.unsettled == maxUnsettled-1 {
		d.employAll()
	}
	if l, ok := d.lanes[o.Event.Lane.Room]; ok {
		l.unsettled--
		d.dropIfDone(l)
	}
}

// dropIfDone forgets a lane that holds nothing any more. The caller holds mu.
func (d *dispatcher) dropIfDone(l *lane) {
	if l.state != idle || !l.empty() || l.unsettled > 0 {
		return
	}
	delete(d.lanes, l.room)
	d.dropped = max(d.dropped, l.passed)
	d.count.Set(float64(len(d.lanes)))
	if d.scan.active || d.scan.again {
		d.poke()
	}
}

func (d *dispatcher) poke() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// purged hears that events of the app were removed from the outbox: what is in memory may be among them, and is read
// again. What has left its lane already is not: it may still be in the outbox until its outcome is durable.
func (d *dispatcher) purged() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.purges++
	for _, l := range d.lanes {
		d.drop(l)
		l.queued = time.Time{}
		if l.state == waiting && l.retry != nil {
			l.retry.Stop()
			l.retry = nil
			d.admit(l) // what comes next need not wait for a head that is gone
		}
	}
}
