package main

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"
)

// tally is what a closed loop did.
type tally struct {
	start, end time.Time
	took       []time.Duration // of each turn, in no order
}

func (t tally) count() int { return len(t.took) }

// perSecond is the rate of n things that were done from the start of the loop to end.
func (t tally) perSecond(n int, end time.Time) float64 {
	return float64(n) / end.Sub(t.start).Seconds()
}

// closedLoop lets callers take turns until d is over: each makes its next call when its last one was answered.
func closedLoop(ctx context.Context, callers int, d time.Duration, turn func(ctx context.Context, caller, turn int) error) (tally, error) {
	took := make([][]time.Duration, callers)
	t := tally{start: time.Now()}
	g, ctx := errgroup.WithContext(ctx)
	for caller := range callers {
		g.Go(func() error {
			for began := time.Now(); began.Sub(t.start) < d; {
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
	t.end = time.Now()
	for _, mine := range took {
		t.took = append(t.took, mine...)
	}
	return t, err
}
