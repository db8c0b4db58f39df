package delivery

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
)

// Moment is one reading of both clocks of a machine. The monotonic one is never set, but may stand still while the machine
// sleeps; the wall clock goes on then, but may be set.
type Moment struct{ mono, wall time.Duration }

// epoch is where the monotonic clock is read from.
var epoch = time.Now()

// ReadClocks returns the present moment.
func ReadClocks() Moment {
	now := time.Now()
	return Moment{mono: now.Sub(epoch), wall: time.Duration(now.UnixNano())}
}

// Lease is what a node knows of its own lease: whether it may still send in the name of a life of its own, see
// [live.NodeID]. Others may take over what the node has when it has not renewed its lease for as long as a lease lasts, by
// the database's clock. The node counts on it for three quarters of that, from the moment at which its last successful
// renewal began, which is before the database took note of it. So it stops in time although its clocks and the database's
// have nothing in common but how fast they go, to a few parts in a hundred.
//
// The lease is held while both clocks say so. Whether the machine slept or its wall clock was set forward cannot be told
// apart, so either ends it; so does a wall clock that lags behind the monotonic one, because it was set back and would
// not show a sleep any more. The next renewal begins anew. What no clock can show is a wall clock that is set back and a
// sleep as long as that, both between two renewals: then the node may send for as long as it slept, but what it has to
// acknowledge is still refused, see [Outbox].
//
// Its methods may be called at the same time; Holder costs no lock.
type Lease struct {
	lasts time.Duration
	term  atomic.Pointer[term]

	mu   sync.Mutex // of those that change term, and of tell
	tell func()
}

// term is a lease between two renewals.
type term struct {
	node  live.NodeID
	began Moment // the last successful renewal
	lost  bool
}

// NewLease returns a lease that nobody has yet. One that lasts for no time is never held.
func NewLease(lasts time.Duration) *Lease {
	l := &Lease{lasts: lasts}
	l.term.Store(new(term))
	return l
}

// RenewEvery is how often to renew the lease, and to look for nodes that have not: a quarter of what it lasts. Two
// renewals in a row may fail before it is not held.
func (l *Lease) RenewEvery() time.Duration { return l.lasts / 4 }

// Renewed says that a renewal has succeeded which began at that moment, before it was asked for. The first of a node
// begins its life. That of a life which is over or lost, or of one that was renewed later, changes nothing.
func (l *Lease) Renewed(node live.NodeID, began Moment) {
	l.mu.Lock()
	t := l.term.Load()
	if node < t.node || node == t.node && (t.lost || began.mono < t.began.mono) {
		l.mu.Unlock()
		return
	}
	l.term.Store(&term{node: node, began: began})
	tell := l.tell
	l.mu.Unlock()
	if tell != nil {
		tell()
	}
}

// Lost says that the node's life is over: others have what it had, or soon will. It is not renewed any more.
func (l *Lease) Lost() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.term.Store(&term{node: l.term.Load().node, lost: true})
}

// Holder returns the node that holds the lease at that moment; 0 when none does.
func (l *Lease) Holder(at Moment) live.NodeID {
	if t := l.term.Load(); t.holds(at, l.lasts/4*3) {
		return t.node
	}
	return 0
}

// life returns the node whose lease it is, held or not; 0 when it is lost, and before there is one.
func (l *Lease) life() live.NodeID {
	if t := l.term.Load(); !t.lost {
		return t.node
	}
	return 0
}

// holds tells whether a term of so long is held at a moment.
func (t *term) holds(at Moment, good time.Duration) bool {
	mono, wall := at.mono-t.began.mono, at.wall-t.began.wall
	lag := good / 16 // far more than clocks are slewed
	return !t.lost && 0 <= mono && mono < good && mono-lag <= wall && wall < good
}

// whenRenewed has f called after every renewal from now on.
func (l *Lease) whenRenewed(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tell = f
}
