package delivery

import (
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
)

// lane is a room's queue as far as it is in memory. Its dispatcher's mutex guards it, except for turn, which is the
// worker's that has the lane.
//
// passed <= last. What is in the outbox behind passed is still to be sent; what is in it up to passed has left the lane,
// and only its outcome is not durable yet. events are what comes next, without a gap; last is the end of them, or passed
// when there are none.
type lane struct {
	room   live.RoomID
	events []Event // the head of the queue, in order
	lost   bool    // with its node's lease: it is in no map any more, and whoever still has it lets go
	// behind says that the outbox may hold events of this lane past last that are not in memory.
	behind bool
	last   int64
	passed int64
	state  laneState
	retry  timer // runs while the lane waits
	turn   int   // attempts since a worker took the lane
	// unsettled counts outcomes that are not durable yet. The lane is kept until they are: a lane that begins anew
	// may read the outbox from its start, which must not hold what has been delivered.
	unsettled int
	// seen is what the app's attempts had come to after the lane's last one; what has come since is of other lanes.
	seen  tally
	tried tried
	// For a lane that is blocked: when its head was queued, zero while that is not known; its place among those that
	// wait for a probe; whether a worker is to look for events whose window is over.
	queued   time.Time
	place    int64
	sweeping bool
}

type laneState uint8

const (
	idle    laneState = iota // nothing to do
	ready                    // in the dispatcher's queue
	running                  // a worker has it
	waiting                  // for its retry
	blocked                  // until the app is not paused any more, or the breaker closes or gives it the probe
)

// tried is what is known of a head that failed, also while the head itself is not in memory.
type tried struct {
	seq       int64
	attempts  int
	lastError string
	alike     streak
	notBefore time.Time // when it may be tried again
}

func (l *lane) empty() bool { return len(l.events) == 0 && !l.behind }

// push adds a committed event behind the others, in memory if it may be kept there. It tells whether it was kept. When
// there is an event before it that was never handed over, another node has put that in between.
func (l *lane) push(e Event, keep bool) bool {
	if e.Seq <= l.last {
		return false // was read from the outbox before it was handed over
	}
	if l.behind || !keep || l.lacks(e) {
		l.behind = true
		return false
	}
	l.events = append(l.events, e)
	l.last = e.Seq
	return true
}

// lacks tells whether events before e are in the outbox that are not in memory. A Prev before last says nothing: what was
// behind it is gone from the outbox meanwhile, and that of an event which opened its lane is 0.
func (l *lane) lacks(e Event) bool { return e.Prev > l.last }

// pass notes that an event has left the lane, and removes it from memory. It tells whether it was there: it may have been
// dropped while it was under way.
func (l *lane) pass(seq int64) bool {
	l.passed, l.last = max(l.passed, seq), max(l.last, seq)
	l.tried, l.queued = tried{}, time.Time{}
	if !l.heads(seq) {
		return false
	}
	l.events[0] = Event{}
	if l.events = l.events[1:]; len(l.events) == 0 {
		l.events = nil // and not the end of an array that stays as large as it was
	}
	return true
}

// heads tells whether an event is the head, and in memory.
func (l *lane) heads(seq int64) bool { return len(l.events) > 0 && l.events[0].Seq == seq }

// note keeps what is known of the head after a failure.
func (l *lane) note(v verdict) {
	e := v.Event
	l.tried = tried{seq: e.Seq, attempts: e.Attempts, lastError: e.LastError, alike: v.alike}
	if l.heads(e.Seq) {
		l.events[0] = e
	}
}

// fill puts in memory what was read from the outbox behind passed; full says that there may be more. What was handed over
// meanwhile is in the page as well, or behind it in the outbox.
func (l *lane) fill(page []Event, full bool) {
	end := page[len(page)-1].Seq
	l.behind = l.behind || full || l.last > end
	l.events, l.last = page, end
	if head := &page[0]; head.Seq == l.tried.seq && l.tried.attempts > head.Attempts {
		head.Attempts, head.LastError = l.tried.attempts, l.tried.lastError // is not durable yet
	}
}

// shrink leaves only the head in memory while the lane waits, and returns how many events it gave up.
func (l *lane) shrink() int {
	given := len(l.events) - 1
	if given <= 0 {
		return 0
	}
	l.events = append([]Event(nil), l.events[0])
	l.last, l.behind = l.events[0].Seq, true
	return given
}

// drop leaves no event in memory, and returns how many it gave up. They are read again from the outbox.
func (l *lane) drop() int {
	given := len(l.events)
	if given > 0 {
		l.events, l.behind = nil, true
	}
	l.last = l.passed
	return given
}
