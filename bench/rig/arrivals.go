package rig

import (
	"context"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// Arrivals takes the webhooks of a run and remembers when each came first. It lives in the process that causes them, so that
// one clock takes both times. Webhook i has the number i/rooms in the room i%rooms.
type Arrivals struct {
	Epoch   time.Time // what times count from
	rooms   int
	at      []atomic.Int64 // nanoseconds from Epoch; 0 when it did not come
	left    atomic.Int64
	surplus atomic.Int64 // came again, or were not expected at all
	all     chan struct{}
}

// NewArrivals expects n webhooks over a number of rooms.
func NewArrivals(n, rooms int) *Arrivals {
	a := &Arrivals{Epoch: time.Now(), rooms: rooms, at: make([]atomic.Int64, n), all: make(chan struct{})}
	a.left.Store(int64(n))
	return a
}

// Mark is that of webhook i.
func (a *Arrivals) Mark(i int) Mark { return Mark{Room: i % a.rooms, Number: i / a.rooms} }

func (a *Arrivals) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	now := time.Since(a.Epoch)
	if err != nil {
		return // the sender has gone
	}
	a.record(body, now)
	Accept(w)
}

func (a *Arrivals) record(body []byte, at time.Duration) {
	i, ok := a.index(body)
	if !ok || !a.at[i].CompareAndSwap(0, int64(at)) {
		a.surplus.Add(1)
		return
	}
	if a.left.Add(-1) == 0 {
		close(a.all)
	}
}

func (a *Arrivals) index(body []byte) (int, bool) {
	m, found := FindMark(body)
	i := m.Number*a.rooms + m.Room
	return i, found && m.Room < a.rooms && i < len(a.at)
}

// Await returns when all have come and had a moment to come twice, or when it is no use to wait any longer.
func (a *Arrivals) Await(ctx context.Context) error {
	enough, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	select {
	case <-a.all:
		return Pause(ctx, settling)
	case <-enough.Done():
		return ctx.Err()
	}
}

// Missing is how many did not come.
func (a *Arrivals) Missing() int { return int(a.left.Load()) }

// Surplus is how many came again, or were not expected.
func (a *Arrivals) Surplus() int { return int(a.surplus.Load()) }

// Since returns for those from number first on how long after its start each came.
func (a *Arrivals) Since(started []time.Duration, first int) []time.Duration {
	var took []time.Duration
	for i := first; i < len(a.at); i++ {
		if at := a.at[i].Load(); at != 0 {
			took = append(took, time.Duration(at)-started[i])
		}
	}
	return took
}
