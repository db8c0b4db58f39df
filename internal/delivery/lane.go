package delivery

import (
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
)

// lane is a room's queue as far as it is in memory. Its dispatcher's mutex guards it.
type lane struct {
	room   live.RoomID
	events []Event // the head of the queue, in order
	// behind says that the outbox may hold events of this lane past last that are not in memory.
	behind bool
	last   int64 // Seq of the last event that was in memory
	state  laneState
	retry  *time.Timer // runs while the lane waits
	// unsettled counts outcomes that are not durable yet. The lane is kept until they are: a lane that begins anew
	// may read the outbox from its start, which must not hold what has been delivered.
	unsettled int
}

type laneState uint8

const (
	idle    laneState = iota // nothing to do
	ready                    // in the dispatcher's queue
	running                  // a worker has it
	waiting                  // for its retry
)

func (l *lane) empty() bool { return len(l.events) == 0 && !l.behind }

// push adds a committed event behind the others, in memory if it may be kept there. It tells whether it was kept.
func (l *lane) push(e Event, keep bool) bool {
	if e.Seq <= l.last {
		return false // was read from the outbox before it was handed over
	}
	if l.behind || !keep {
		l.behind = true
		return false
	}
	l.events = append(l.events, e)
	l.last = e.Seq
	return true
}

// pop removes the head.
func (l *lane) pop() {
	l.events[0] = Event{}
	l.events = l.events[1:]
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
