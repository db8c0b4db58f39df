package delivery

import (
	"slices"
	"time"
)

const (
	// breakerKeys is how many different lanes, or questions, must have failed since the last success until a breaker
	// opens: one bad room never opens it.
	breakerKeys = 5
	// maxProbeDelay bounds the time between two probes, unless the app server asks for more.
	maxProbeDelay = 10 * time.Second
)

// BreakerState is whether an app server is called.
type BreakerState uint8

const (
	Closed  BreakerState = iota // it is
	Probing                     // by one request, to see whether it works again
	Open                        // it is not, until the next probe
)

func (s BreakerState) String() string { return [...]string{"closed", "probing", "open"}[s] }

// BreakerStatus is what a circuit breaker shows.
type BreakerStatus struct {
	State     BreakerState
	Since     time.Time // when it opened; zero while it is closed
	NextProbe time.Time // zero while it is closed, and while a probe is under way
	// Failures since the last success, when the first of them was, and what the last of them was. Zero after a success.
	Failures  int
	Failing   time.Time
	LastError string
}

// breaker stops calling an app server that fails: it opens when at least [breakerKeys] different keys have failed since
// the last success. Then there is one probe at a time, with delays that grow; a success closes it. It does no locking,
// and is told the time. Each node has its own.
type breaker struct {
	policy    Policy        // of the delays
	longest   time.Duration // that an app server may ask for
	keys      []string
	failures  int
	failing   time.Time
	lastError string
	opened    time.Time
	next      time.Time
	probes    int // failed in a row, the failure that opened it counts
	probing   bool
	prober    string // the key that has the probe
}

// newBreaker returns a closed breaker with p's delays, but at most maxProbeDelay.
func newBreaker(p Policy) breaker {
	longest := p.MaxDelay
	p.MaxDelay = min(p.MaxDelay, maxProbeDelay)
	return breaker{policy: p, longest: longest}
}

func (b *breaker) open() bool { return !b.opened.IsZero() }

// due tells whether it is time for a probe.
func (b *breaker) due(now time.Time) bool { return b.open() && !b.probing && !now.Before(b.next) }

// take gives the probe to key.
func (b *breaker) take(key string) { b.probing, b.prober = true, key }

// holds tells whether key has the probe.
func (b *breaker) holds(key string) bool { return b.probing && b.prober == key }

// abandon gives back the probe, if key has it, without a result. It tells whether key had it.
func (b *breaker) abandon(key string) bool {
	had := b.holds(key)
	b.probing = b.probing && !had
	return had
}

// succeed tells whether it closed the breaker.
func (b *breaker) succeed() (closed bool) {
	if b.failures == 0 {
		return false
	}
	closed = b.open()
	b.reset()
	return closed
}

// reset closes the breaker and forgets everything.
func (b *breaker) reset() { *b = breaker{policy: b.policy, longest: b.longest} }

// fail counts a failure of key, whose answer asked to come back after retryAfter. It tells whether that opened the
// breaker.
func (b *breaker) fail(key, why string, now time.Time, retryAfter time.Duration) (opened bool) {
	if b.failures == 0 {
		b.failing = now
	}
	b.failures++
	b.lastError = why
	if b.open() {
		if b.abandon(key) {
			b.schedule(now, retryAfter)
		} else if later := now.Add(retryAfter); later.After(b.next) {
			b.next = later // was under way when the breaker opened
		}
		return false
	}
	if !slices.Contains(b.keys, key) {
		b.keys = append(b.keys, key)
	}
	if len(b.keys) < breakerKeys {
		return false
	}
	b.opened, b.keys = now, nil
	b.schedule(now, retryAfter)
	return true
}

// schedule sets the time of the next probe.
func (b *breaker) schedule(now time.Time, retryAfter time.Duration) {
	b.probes++
	b.next = now.Add(min(max(b.policy.delay(b.probes), scatter(retryAfter)), b.longest))
}

func (b *breaker) status() BreakerStatus {
	s := BreakerStatus{Failures: b.failures, Failing: b.failing, LastError: b.lastError, Since: b.opened}
	switch {
	case !b.open():
	case b.probing:
		s.State = Probing
	default:
		s.State, s.NextProbe = Open, b.next
	}
	return s
}
