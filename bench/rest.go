package main

import (
	"context"

	"github.com/greenroom-live/greenroom/bench/rig"
)

// rest measures get_room_metadata, a call that changes nothing and fires nothing.
func (b *bench) rest(ctx context.Context) error {
	rooms, err := b.openRooms(ctx, "rest")
	if err != nil {
		return err
	}
	calls := make([]rig.Call, len(rooms))
	for i, room := range rooms {
		calls[i] = b.app().Get(room)
	}
	err = rig.Each(ctx, b.callers, len(rooms), func(ctx context.Context, i int) error {
		return b.poster.Do(ctx, b.app().Set(rooms[i], rig.Mark{Room: i}))
	})
	if err != nil {
		return err
	}
	get := func(ctx context.Context, caller, turn int) error {
		return b.poster.Do(ctx, calls[(caller+turn*b.callers)%len(calls)])
	}
	if _, err := rig.ClosedLoop(ctx, b.callers, warmUp, get); err != nil {
		return err
	}
	t, err := rig.ClosedLoop(ctx, b.callers, b.duration, get)
	if err != nil {
		return err
	}
	rate := t.PerSecond(t.Count(), t.End)
	b.report.add(figure{Run: "rest", Name: "get_room_metadata", Value: rate, Unit: perSecond, exchanges: rate})
	b.report.addTimes("rest", "get_room_metadata", rig.NewSample(t.Took), 50, 99)
	return nil
}
