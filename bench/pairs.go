package main

import (
	"context"
	"time"

	"github.com/greenroom-live/greenroom/bench/rig"
)

// exchangesPerPair are the set, the del, and the webhook of the del.
const exchangesPerPair = 3

// pairs measures set_room_metadata and del_room_metadata one after the other, until the last of their webhooks has come.
func (b *bench) pairs(ctx context.Context) error { return b.pairsOf(ctx, "pairs", 0) }

// crowdFactor is how many times as many callers there are in the crowd run.
const crowdFactor = 4

// crowd measures pairs again, with more callers: more updates share an fsync then. Its ceiling is that of as many callers.
func (b *bench) crowd(ctx context.Context) error {
	many := *b
	many.callers *= crowdFactor
	many.rooms = max(many.rooms, many.callers)
	many.poster = rig.NewPoster(many.callers)
	defer many.poster.Close()
	ceiling, err := many.bare(ctx)
	if err != nil {
		return err
	}
	b.report.add(figure{Run: "crowd", Name: "bare POST", Value: ceiling, Unit: perSecond})
	return many.pairsOf(ctx, "crowd", ceiling)
}

// pairsOf measures pairs for the run of that name, against a ceiling of its own unless that is 0.
func (b *bench) pairsOf(ctx context.Context, run string, ceiling float64) error {
	rooms, err := b.openRooms(ctx, run)
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
	b.report.add(figure{Run: run, Name: "set + del + webhook", Value: rate, Unit: perSecond, ceiling: ceiling,
		exchanges: exchangesPerPair * rate, atLeastRatio: 0.6})
	b.report.addTimes(run, "set + del answered", rig.NewSample(t.Took), 50, 99)
	b.report.addLosses(run, first.Missing(warm.Count())+got.Missing(t.Count()),
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
