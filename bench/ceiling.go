package main

import (
	"context"

	"github.com/greenroom-live/greenroom/bench/rig"
)

// ceiling measures bare POSTs from this process to the receiver's, by as many callers as every other run has: net/http on
// both sides and nothing else.
func (b *bench) ceiling(ctx context.Context) error {
	body := ceilingBody()
	post := func(ctx context.Context, _, _ int) error { return b.poster.Post(ctx, b.receiver.Hook, body) }
	if _, err := rig.ClosedLoop(ctx, b.callers, warmUp, post); err != nil {
		return err
	}
	t, err := rig.ClosedLoop(ctx, b.callers, b.duration, post)
	if err != nil {
		return err
	}
	b.report.addCeiling(t.PerSecond(t.Count(), t.End))
	return nil
}

// ceilingBody is the webhook of a deletion, as the runs cause them.
func ceilingBody() []byte { return rig.Body(roomID("ceiling", 0), rig.Mark{}) }
