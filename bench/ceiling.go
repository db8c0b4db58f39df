package main

import (
	"context"

	"github.com/greenroom-live/greenroom/bench/rig"
)

// ceiling measures bare POSTs from this process to the receiver's, by as many callers as every other run has: net/http on
// both sides and nothing else.
func (b *bench) ceiling(ctx context.Context) error {
	rate, err := b.bare(ctx)
	if err == nil {
		b.report.addCeiling(rate)
	}
	return err
}

// bare returns how many bare POSTs a second there are.
func (b *bench) bare(ctx context.Context) (rate float64, err error) {
	body := ceilingBody()
	post := func(ctx context.Context, _, _ int) error { return b.poster.Post(ctx, b.receiver.Hook, body) }
	if _, err := rig.ClosedLoop(ctx, b.callers, warmUp, post); err != nil {
		return 0, err
	}
	t, err := rig.ClosedLoop(ctx, b.callers, b.duration, post)
	return t.PerSecond(t.Count(), t.End), err
}

// ceilingBody is the webhook of a deletion, as the runs cause them.
func ceilingBody() []byte { return rig.Body(roomID("ceiling", 0), rig.Mark{}) }
