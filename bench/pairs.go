package main

import (
	"context"
	"time"

	"github.com/greenroom-live/greenroom/bench/rig"
)

// exchangesPerPair are the set, the del, and the webhook of the del.
const exchangesPerPair = 3

// pairs measures set_room_metadata and del_room_metadata one after the other, until the last of their webhooks has come.
func (b *bench) pairs(ctx context.Context) error {
	rooms, err := b.openRooms(ctx, "pairs")
	if err != nil {
		return err
	}
	if err := b.webhooks(ctx, b.receiver.Hook); err != nil {
		return err
	}
	sets, dels := make([]rig.Call, len(rooms)), make([]rig.Call, len(rooms))
	for i, room := range rooms {
		key := rig.Mark{Room: i}
		sets[i], dels[i] = b.app().Set(room, key), b.app().Del(room, key)
	}
	pair := func(ctx context.Context, caller, turn int) error {
		room := rig.Place(caller, turn, b.callers, len(rooms))
		if err := b.poster.Do(ctx, sets[room]); err != nil {
			return err
		}
		return b.poster.Do(ctx, dels[room])
	}
	warm, first, err := b.pairsFor(ctx, warmUp, pair)
	if err != nil {
		return err
	}
	t, got, err := b.pairsFor(ctx, b.duration, pair)
	if err != nil {
		return err
	}
	rate := t.PerSecond(t.Count(), later(t.End, got.LastAt()))
	b.report.add(figure{Run: "pairs", Name: "set + del + webhook", Value: rate, Unit: perSecond,
		exchanges: exchangesPerPair * rate, atLeastRatio: 0.6})
	b.report.addTimes("pairs", "set + del answered", rig.NewSample(t.Took), 50, 99)
	b.report.addLosses("pairs", first.Missing(warm.Count())+got.Missing(t.Count()),
		first.Surplus(warm.Count())+got.Surplus(t.Count()))
	return nil
}

// pairsFor makes pairs for d and waits for their webhooks.
func (b *bench) pairsFor(ctx context.Context, d time.Duration, pair func(context.Context, int, int) error) (rig.Tally, rig.Counts, error) {
	if err := b.receiver.Reset(ctx); err != nil {
		return rig.Tally{}, rig.Counts{}, err
	}
	t, err := rig.ClosedLoop(ctx, b.callers, d, pair)
	if err != nil {
		return t, rig.Counts{}, err
	}
	got, err := b.receiver.Await(ctx, t.Count(), rig.Patience)
	return t, got, err
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
