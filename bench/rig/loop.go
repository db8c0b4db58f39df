package rig

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"
)

// Tally is what a closed loop did.
type Tally struct {
	Start, End time.Time
	Took       []time.Duration // of each turn, in no order
}

// Count is how many turns there were.
func (t Tally) Count() int { return len(t.Took) }

// PerSecond is the rate of n things that were done from the start of the loop to end.
func (t Tally) PerSecond(n int, end time.Time) float64 {
	return float64(n) / end.Sub(t.Start).Seconds()
}

// ClosedLoop lets callers take turns until d is over: each makes its next call when its last one was answered. The first
// error ends it.
func ClosedLoop(ctx context.Context, callers int, d time.Duration, turn func(ctx context.Context, caller, turn int) error) (Tally, error) {
	took := make([][]time.Duration, callers)
	t := Tally{Start: time.Now()}
	g, ctx := errgroup.WithContext(ctx)
	for caller := range callers {
		g.Go(func() error {
			for began := time.Now(); began.Sub(t.Start) < d; {
				if err := turn(ctx, caller, len(took[caller])); err != nil {
					return err
				}
				ended := time.Now()
				took[caller] = append(took[caller], ended.Sub(began))
				began = ended
			}
			return nil
		})
	}
	err := g.Wait()
	t.End = time.Now()
	for _, mine := range took {
		t.Took = append(t.Took, mine...)
	}
	return t, err
}

// Place goes through the places of one caller, which are those of no other: every callers-th, from its own number on.
func Place(caller, turn, callers, places int) int {
	mine := (places - caller + callers - 1) / callers
	return caller + turn%mine*callers
}

// PlaceMark is the mark of a caller's turn, when callers go through rooms as [Place] says: the events of a room have rising
// numbers and are made by one caller, one after the other.
func PlaceMark(caller, turn, callers, rooms int) Mark {
	mine := (rooms - caller + callers - 1) / callers
	return Mark{Room: Place(caller, turn, callers, rooms), Number: turn / mine}
}

// OpenLoop starts n calls at rate per second, whether those before were answered or not. It returns when each began, counted
// from epoch, and by how much that was late. The first error ends it.
func OpenLoop(ctx context.Context, epoch time.Time, n, rate int, call func(ctx context.Context, i int) error) (started, late []time.Duration, err error) {
	started, late = make([]time.Duration, n), make([]time.Duration, n)
	g, running := errgroup.WithContext(ctx)
	begin := time.Now()
	for i := range n {
		due := time.Duration(i) * time.Second / time.Duration(rate)
		if Pause(running, due-time.Since(begin)) != nil {
			break // a call failed, which Wait returns, or the run was interrupted
		}
		g.Go(func() error {
			now := time.Now()
			started[i], late[i] = now.Sub(epoch), now.Sub(begin)-due
			return call(running, i)
		})
	}
	if err := g.Wait(); err != nil {
		return nil, nil, err
	}
	return started, late, ctx.Err()
}

// Each does one thing for all n. Every thing belongs to one caller, who does its things one after the other.
func Each(ctx context.Context, callers, n int, do func(ctx context.Context, i int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	for caller := range callers {
		g.Go(func() error {
			for i := caller; i < n; i += callers {
				if err := do(ctx, i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// Pause waits for d or until the run is over.
func Pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
