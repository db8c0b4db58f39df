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
	// maxLanes bounds the lanes of one app in memory, maxHeld the events in them that were handed over by commits.
	// What goes past them waits in the outbox.
	maxLanes, maxHeld = 10_000, 20_000
	// scanPage is how many lanes are read from the outbox at a time.
	scanPage = 500
	// maxTurn is how many events of one lane go out before the next lane has its turn. A lane's events lie together
	// in the outbox, so it is cheaper to take some at a time.
	maxTurn = 32
	// storeRetry is how long to wait when the outbox could not be read.
	storeRetry = time.Second
)

// dispatcher delivers one app's webhooks: it keeps its lanes and runs a bounded number of workers on those that are
// ready.
type dispatcher struct {
	app      App
	opts     Options
	log      *slog.Logger
	sender   *sender
	count    prometheus.Gauge // of lanes
	took     prometheus.Observer
	fates    [3]prometheus.Counter // by Fate
	failures failures

	mu      sync.Mutex
	lanes   map[live.RoomID]*lane
	queue   []*lane // ready lanes, first come first served
	workers int
	held    int // events in memory
	changes int // of the endpoint
	running bool
	scan    scan
	wake    chan struct{} // tells run that a scan may go on
	done    sync.WaitGroup
	ctx     context.Context // of the attempts
}

// scan is the search of the outbox for lanes that are not in memory: once at start, and again after events had to be
// left there because too many lanes were in memory.
type scan struct {
	active bool
	cursor *live.RoomID // lanes up to here were found; nil before the first
	again  bool         // events were left in the outbox that this scan may not find
}

func newDispatcher(app App, opts Options) *dispatcher {
	id, m := app.ID.String(), opts.Metrics
	d := &dispatcher{
		app: app, opts: opts, log: opts.Log.With("app", app.ID), sender: newSender(app, opts),
		count: m.WebhookLanes.WithLabelValues(id), took: m.WebhookDuration.WithLabelValues(id),
		lanes: make(map[live.RoomID]*lane), wake: make(chan struct{}, 1), scan: scan{active: true},
	}
	for fate := range d.fates {
		d.fates[fate] = m.WebhookAttempts.WithLabelValues(id, Fate(fate).String())
	}
	return d
}

// enqueue takes an event that was just committed.
func (d *dispatcher) enqueue(e Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	l, known := d.lanes[e.Lane.Room]
	if !known {
		if len(d.lanes) >= maxLanes {
			d.scan.again = true
			return
		}
		// While the outbox may hold earlier events of lanes that are not in memory, a new lane begins there.
		l = &lane{room: e.Lane.Room, behind: d.scan.active || d.scan.again}
		d.addLane(l)
	}
	if l.push(e, d.held < maxHeld && len(l.events) < d.opts.Window) {
		d.held++
	}
	if l.state == idle {
		d.ready(l)
	}
}

// addLane takes a lane into memory. The caller holds mu.
func (d *dispatcher) addLane(l *lane) {
	d.lanes[l.room] = l
	d.count.Set(float64(len(d.lanes)))
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

// employ adds a worker if there may be one more. The caller holds mu.
func (d *dispatcher) employ() {
	if d.running && d.workers < d.app.Concurrency {
		d.workers++
		d.done.Go(d.work)
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
		for turn := 1; d.serve(l, c); turn++ {
			if turn == maxTurn {
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
	if !d.running || len(d.queue) == 0 {
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
	head, changes, ok := d.head(l)
	if !ok {
		return false
	}
	a := c.send(head)
	if d.ctx.Err() != nil && a.err != nil {
		d.rest(l) // stopped by us, not failed
		return false
	}
	outcome, wait := d.app.Retry.judge(head, a)
	d.report(head, a, outcome)
	return d.advance(l, outcome, wait, changes)
}

// head returns the first event of a lane that is running, and how often the endpoint had changed by then; false when
// the lane turned out empty or unreadable.
func (d *dispatcher) head(l *lane) (e Event, changes int, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.running {
		l.state = idle
		return Event{}, 0, false
	}
	if len(l.events) == 0 && l.behind {
		d.load(l)
	}
	if len(l.events) == 0 {
		if l.state == running {
			l.state = idle
			d.dropIfDone(l)
		}
		return Event{}, 0, false
	}
	return l.events[0], d.changes, true
}

// load reads a page of the lane from the outbox. The caller holds mu, which is released meanwhile.
func (d *dispatcher) load(l *lane) {
	after := l.last
	l.behind = false
	d.mu.Unlock()
	page, err := d.opts.Outbox.Pending(d.ctx, Lane{d.app.ID, l.room}, after, d.opts.Window)
	d.mu.Lock()
	if err != nil {
		// What was handed over meanwhile must wait for what could not be read.
		d.held -= len(l.events)
		l.events, l.last, l.behind = nil, after, true
		if d.ctx.Err() == nil {
			d.log.Error("the outbox cannot be read", "room", l.room, "error", err)
		}
		d.await(l, storeRetry)
		return
	}
	if len(page) == 0 {
		return // what was handed over meanwhile, if anything, comes next
	}
	// What was handed over meanwhile is in the page as well, or behind it in the outbox.
	end := page[len(page)-1].Seq
	d.held += len(page) - len(l.events)
	l.behind = l.behind || len(page) == d.opts.Window || l.last > end
	l.events, l.last = page, end
}

// advance records an outcome and applies it to the lane it came from. An attempt that failed at an endpoint which has
// changed meanwhile is repeated at once. It tells whether the lane can go on.
func (d *dispatcher) advance(l *lane, o Outcome, wait time.Duration, changes int) (more bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	l.unsettled++
	d.opts.Outbox.Settle(o)
	if o.Fate == Failed {
		l.events[0] = o.Event
		if d.changes != changes {
			return true
		}
		d.held -= l.shrink()
		d.await(l, wait)
		return false
	}
	l.pop()
	d.held--
	if l.empty() {
		l.state = idle
		return false
	}
	return true
}

// yield sends a lane behind those that wait.
func (d *dispatcher) yield(l *lane) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.requeue(l)
}

// rest gives up a lane's turn without an outcome.
func (d *dispatcher) rest(l *lane) {
	d.mu.Lock()
	defer d.mu.Unlock()
	l.state = idle
}

// await lets a lane wait before it is ready again. The caller holds mu.
func (d *dispatcher) await(l *lane, wait time.Duration) {
	l.state = waiting
	l.retry = time.AfterFunc(wait, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.resume(l)
	})
}

// resume ends a lane's waiting. The caller holds mu.
func (d *dispatcher) resume(l *lane) {
	if l.state != waiting {
		return
	}
	l.retry.Stop()
	l.retry = nil
	d.ready(l)
}

// settled hears that an outcome is durable.
func (d *dispatcher) settled(o Outcome) {
	d.mu.Lock()
	defer d.mu.Unlock()
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

// endpointChanged makes every lane that waits ready.
func (d *dispatcher) endpointChanged() {
	d.sender.forgetEndpoint()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.changes++
	for _, l := range d.lanes {
		d.resume(l)
	}
}
