package main

import (
	"context"
	"time"
)

// exchangesPerPair are the set, the del, and the webhook of the del.
const exchangesPerPair = 3

// pairs measures set_room_metadata and del_room_metadata one after the other, until the last of their webhooks has come.
func (b *bench) pairs(ctx context.Context) error {
	rooms, err := b.openRooms(ctx, "pairs")
	if err != nil {
		return err
	}
	if err := b.webhooks(ctx, b.receiver.hook, delMetadata); err != nil {
		return err
	}
	sets, dels := make([]call, len(rooms)), make([]call, len(rooms))
	for i, room := range rooms {
		sets[i], dels[i] = b.set(room, 1), b.del(room, 0)
	}
	pair := func(ctx context.Context, caller, turn int) error {
		room := roomOfTurn(caller, turn, b.callers, len(rooms))
		if err := b.do(ctx, sets[room]); err != nil {
			return err
		}
		return b.do(ctx, dels[room])
	}
	warm, first, err := b.pairsFor(ctx, warmUp, pair)
	if err != nil {
		return err
	}
	t, got, err := b.pairsFor(ctx, b.duration, pair)
	if err != nil {
		return err
	}
	rate := t.perSecond(t.count(), later(t.end, got.last()))
	b.report.add(figure{Run: "pairs", Name: "set + del + webhook", Value: rate, Unit: perSecond,
		exchanges: exchangesPerPair * rate, atLeastRatio: 0.5})
	b.report.addTimes("pairs", "set + del answered", newSample(t.took), 50, 99)
	b.report.addLosses("pairs", first.missing(warm.count())+got.missing(t.count()),
		first.surplus(warm.count())+got.surplus(t.count()))
	return nil
}

// pairsFor makes pairs for d and waits for their webhooks.
func (b *bench) pairsFor(ctx context.Context, d time.Duration, pair func(context.Context, int, int) error) (tally, counts, error) {
	if err := b.receiver.reset(ctx); err != nil {
		return tally{}, counts{}, err
	}
	t, err := closedLoop(ctx, b.callers, d, pair)
	if err != nil {
		return t, counts{}, err
	}
	got, err := b.receiver.await(ctx, t.count())
	return t, got, err
}

// roomOfTurn goes through the rooms of one caller, which are those of no other: every callers-th, from its own number on.
func roomOfTurn(caller, turn, callers, rooms int) int {
	mine := (rooms - caller + callers - 1) / callers
	return caller + turn%mine*callers
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
