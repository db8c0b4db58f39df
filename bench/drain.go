package main

import (
	"context"
	"net/http"

	"github.com/greenroom-live/greenroom/bench/rig"
)

// drain measures how fast a backlog goes out. The receiver answers 503 while deletions in all rooms make the backlog; then it
// answers 200, and update_callback with the same URL makes the server try again at once. Counted is from the first webhook
// that the receiver took to the last.
func (b *bench) drain(ctx context.Context) error {
	rooms, err := b.openRooms(ctx, "drain")
	if err != nil {
		return err
	}
	backlog, err := b.makeBacklog(ctx, b.app(), rooms)
	if err != nil {
		return err
	}
	got, err := b.release(ctx, b.app(), backlog)
	if err != nil {
		return err
	}
	if rate := got.Rate(); rate > 0 {
		b.report.add(figure{Run: "drain", Name: "webhooks of a backlog", Value: rate, Unit: perSecond,
			exchanges: rate, atLeastRatio: 0.7})
	}
	b.report.addDisorder("drain", got.OutOfOrder)
	b.report.addLosses("drain", got.Missing(backlog), got.Surplus(backlog))
	return nil
}

// makeBacklog lets the receiver refuse webhooks, makes -backlog events, rounded up to the same number in every room, and
// returns how many it made.
func (b *bench) makeBacklog(ctx context.Context, app *rig.App, rooms []string) (int, error) {
	if err := b.receiver.Answer(ctx, http.StatusServiceUnavailable); err != nil {
		return 0, err
	}
	if err := app.Webhooks(ctx, b.receiver.Marked, rig.DelMetadata); err != nil {
		return 0, err
	}
	perRoom := (b.backlog + len(rooms) - 1) / len(rooms)
	for done := 0; done < perRoom; done += rig.KeysPerRoom {
		n := min(rig.KeysPerRoom, perRoom-done)
		err := rig.Each(ctx, b.callers, len(rooms), func(ctx context.Context, room int) error {
			return b.setAndDelete(ctx, app, rooms[room], marks(room, done, n))
		})
		if err != nil {
			return 0, err
		}
	}
	return perRoom * len(rooms), nil
}

// setAndDelete makes one event for each key.
func (b *bench) setAndDelete(ctx context.Context, app *rig.App, room string, keys []rig.Mark) error {
	if err := b.poster.Do(ctx, app.Set(room, keys...)); err != nil {
		return err
	}
	for _, key := range keys {
		if err := b.poster.Do(ctx, app.Del(room, key)); err != nil {
			return err
		}
	}
	return nil
}

// release lets the receiver take webhooks and waits for a backlog.
func (b *bench) release(ctx context.Context, app *rig.App, backlog int) (rig.Counts, error) {
	before, err := b.receiver.Counts(ctx)
	if err != nil {
		return before, err
	}
	b.say("%d events wait, %d attempts were refused", backlog, before.Refused)
	if err := b.receiver.Reset(ctx); err != nil { // and 200 from now on
		return before, err
	}
	if err := app.Webhooks(ctx, b.receiver.Marked, rig.DelMetadata); err != nil {
		return before, err
	}
	return b.receiver.Await(ctx, backlog, rig.Patience)
}
