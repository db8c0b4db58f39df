package delivery

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// gate says whether a dispatcher may send: it must know the endpoint, which must not be paused, and the breaker must be
// closed. Lanes that may not send are blocked, and keep no events in memory.
type gate struct {
	known    bool // endpoint is as it was last announced
	endpoint Endpoint
	changes  int           // of the endpoint so far
	changed  chan struct{} // tells keepEndpoint of one
	breaker  breaker
	ticker   timer // runs until the next probe
	places   int64 // given to lanes that are blocked, in the order in which they get the probe
}

func newGate(p Policy) gate { return gate{changed: make(chan struct{}, 1), breaker: newBreaker(p)} }

func (g *gate) paused() bool { return g.endpoint.Pause != nil }

// shut tells whether lanes are to be blocked.
func (g *gate) shut() bool { return g.paused() || g.breaker.open() }

// endpointChanged hears of a change of the app's configuration, or of a pause. No attempt begins until it is read. The
// breaker has learned about another endpoint, so it begins anew.
func (d *dispatcher) endpointChanged() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sender.forgetEndpoint()
	d.known = false
	d.changes++
	d.breaker.reset()
	select {
	case d.changed <- struct{}{}:
	default:
	}
}

// keepEndpoint reads the endpoint at start and after every change, until ctx ends.
func (d *dispatcher) keepEndpoint(ctx context.Context) {
	for {
		if err := d.readEndpoint(ctx); err != nil {
			if ctx.Err() == nil {
				d.log.Error("the webhook configuration cannot be read", "error", err)
			}
			if !sleep(ctx, storeRetry) {
				return
			}
			continue
		}
		select {
		case <-d.changed:
		case <-ctx.Done():
			return
		}
	}
}

// readEndpoint learns where to send to, and whether. What waits, for whatever reason, is then tried at once.
func (d *dispatcher) readEndpoint(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.known { // a change that was read together with one before it
		return nil
	}
	for !d.known {
		changes := d.changes
		d.mu.Unlock()
		e, err := d.opts.Outbox.Endpoint(ctx, d.app.ID)
		d.mu.Lock()
		if err != nil {
			return err
		}
		d.endpoint, d.known = e, d.changes == changes
	}
	if d.paused() {
		d.blockAll()
	} else {
		d.releaseAll()
	}
	return nil
}

// block makes a lane wait until something may be sent. The lane gets the probe at once if it is time for one. The caller
// holds mu.
func (d *dispatcher) block(l *lane) {
	if len(l.events) > 0 {
		l.queued = l.events[0].Queued
	}
	d.drop(l)
	if l.retry != nil {
		l.retry.Stop()
		l.retry = nil
	}
	l.state, l.sweeping = blocked, false
	if l.place == 0 {
		d.places++
		l.place = d.places
	}
	if !d.paused() && d.breaker.due(d.opts.Now()) {
		d.give(l)
	}
}

// blockAll blocks every lane that no worker has. The caller holds mu.
func (d *dispatcher) blockAll() {
	d.queue = nil
	for _, l := range d.lanes {
		if l.state == ready || l.state == waiting {
			d.block(l)
		}
	}
}

// releaseAll makes every lane ready that waits for anything. The caller holds mu.
func (d *dispatcher) releaseAll() {
	for _, l := range d.lanes {
		if l.state == waiting || l.state == blocked {
			d.release(l)
		}
	}
	d.employAll()
}

// learn takes note of how an attempt ended: it may close or open the breaker, or pause the app. The caller holds mu.
func (d *dispatcher) learn(l *lane, a attempt, v verdict) (n notice) {
	defer func() { l.seen = d.attempts }()
	if v.Fate == Delivered {
		d.attempts.delivered++
		d.last.success = a.ended
		if d.breaker.open() {
			n = notice{slog.LevelInfo, "the app server takes webhooks again", []any{"failed_since", d.breaker.failing}}
		}
		if d.breaker.succeed() {
			d.releaseAll()
		}
		return n
	}
	d.attempts.failed++
	d.last.failure, d.last.err = a.ended, a.why
	l.place = 0 // others get the probe first
	if v.Gone != "" {
		return d.giveUp(v, a)
	}
	if d.breaker.fail(string(l.room), a.why, a.ended, v.retryAfter) {
		d.blockAll()
		n = notice{slog.LevelWarn, "the app server fails: webhooks wait, one at a time is sent to see whether it works again",
			[]any{"failed_since", d.breaker.failing, "error", a.why}}
	}
	if d.breaker.open() {
		d.arm()
	}
	return n
}

// giveUp pauses the app, whose server answered 410 Gone. The outbox does the same, for good, and then announces it. The
// caller holds mu.
func (d *dispatcher) giveUp(v verdict, a attempt) (n notice) {
	if d.paused() {
		return n
	}
	d.endpoint.Pause = &Pause{Since: a.ended, Reason: "the app server answered 410 Gone", Gone: true}
	d.breaker.reset()
	d.blockAll()
	return notice{slog.LevelError, "webhooks are paused: the app server answered 410 Gone; they go on when an operator resumes " +
		"them, or the app updates its webhook configuration", []any{"id", v.Event.ID, "room", v.Event.Lane.Room}}
}

// arm sets the clock for the next probe. The caller holds mu.
func (d *dispatcher) arm() {
	if d.ticker != nil {
		d.ticker.Stop()
	}
	d.ticker = d.after(d.breaker.next.Sub(d.opts.Now()), d.tick)
}

// tick is the time of a probe. Lanes whose heads' windows are over, or whose heads are not known, are looked at as well.
func (d *dispatcher) tick() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.running || d.paused() || !d.breaker.open() || d.breaker.probing {
		return // whatever ends this state sets the clock again if it is needed
	}
	if d.opts.Now().Before(d.breaker.next) {
		d.arm() // an attempt that ended late was told to wait longer
		return
	}
	d.probe()
	for _, l := range d.lanes {
		if l.state == blocked && (l.queued.IsZero() || d.overdue(l.queued)) {
			l.sweeping = true
			d.ready(l)
		}
	}
}

// probe gives the probe to the lane that has been blocked longest. When there is none the next one to be blocked gets it.
// The caller holds mu.
func (d *dispatcher) probe() {
	var first *lane
	for _, l := range d.lanes {
		if l.state == blocked && (first == nil || l.place < first.place) {
			first = l
		}
	}
	if first != nil {
		d.give(first)
	}
}

// give gives the probe to a lane. The caller holds mu.
func (d *dispatcher) give(l *lane) {
	d.breaker.take(string(l.room))
	d.ready(l)
}

// abandon gives the probe to another lane if l had it and cannot use it. The caller holds mu.
func (d *dispatcher) abandon(l *lane) {
	if d.breaker.abandon(string(l.room)) && d.breaker.due(d.opts.Now()) {
		d.probe()
	}
}

// overdue tells whether the window of an event is over. The caller holds mu.
func (d *dispatcher) overdue(queued time.Time) bool {
	return !d.opts.Now().Before(d.app.Retry.deadline(queued, d.endpoint.Resumed))
}

// expire makes a lane's head a dead letter without another attempt, and says why. The caller holds mu.
func (d *dispatcher) expire(l *lane) (why string) {
	e := l.events[0]
	why = fmt.Sprintf("it was not sent any more, because the app server has failed since %s; the last error: %s",
		d.breaker.failing.UTC().Format(time.RFC3339), d.breaker.lastError)
	e.LastError = why
	d.fates[Dead].Inc()
	d.settle(l, Outcome{Event: e, Fate: Dead, Attempt: Attempt{Number: e.Attempts + 1, At: d.opts.Now(), Error: why}})
	if l.pass(e.Seq) {
		d.held--
	}
	return why
}
