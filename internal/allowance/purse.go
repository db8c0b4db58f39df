package allowance

import (
	"sync"
	"time"
)

// purse is what a node has of one bucket. One call at a time goes to Redis for more, for all that wait.
//
// Invariant: calls in the purse that are not meant for somebody who waits are fewer than a portion.
type purse struct {
	mu      sync.Mutex
	calls   int       // taken out of the bucket, and not made yet
	waiting int       // who wait for the end of a trip
	empty   time.Time // until then the bucket has nothing
	trip    *trip     // under way, or nil
}

// trip is one question to Redis.
type trip struct {
	want int
	over chan struct{} // closed at its end
}

// wait is what a call has to wait for.
type wait struct {
	trip  *trip
	first bool // whoever comes first sets out
}

func newPurse() *purse { return new(purse) }

// portion is how many calls are taken at once: a fiftieth of a second's, and one at least.
func portion(perSecond float64) int { return max(1, int(perSecond/50)) }

// take takes a call, or finds that there is none, or says what to wait for.
func (p *purse) take(perSecond float64, now time.Time) (allowed bool, _ *wait) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.calls > p.waiting {
		p.calls--
		return true, nil
	}
	if now.Before(p.empty) && p.trip == nil {
		return false, nil
	}
	p.waiting++
	if p.trip != nil {
		return false, &wait{trip: p.trip}
	}
	// Those who wait without a trip are about to take what is meant for them, or to come here again.
	p.trip = &trip{want: p.waiting - p.calls + portion(perSecond) - 1, over: make(chan struct{})}
	return false, &wait{trip: p.trip, first: true}
}

// end ends a trip that brought those calls; there are no more until empty.
func (p *purse) end(t *trip, calls int, empty time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls += calls
	p.empty = empty
	p.trip = nil
	close(t.over)
}

// served gives one who waited what the trip has brought. A call for which there was nothing is to try again: it finds out then
// whether the bucket is empty.
func (p *purse) served() (allowed, served bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting--
	if p.calls == 0 {
		return false, false
	}
	p.calls--
	return true, true
}
