package main

import (
	"context"
	"net/http"
)

// drain measures how fast a backlog goes out. The receiver answers 503 while deletions in all rooms make the backlog; then it
// answers 200, and update_callback with the same URL makes the server try again at once. Counted is from the first webhook
// that the receiver took to the last.
func (b *bench) drain(ctx context.Context) error {
	if err := b.receiver.answer(ctx, http.StatusServiceUnavailable); err != nil {
		return err
	}
	if err := b.webhooks(ctx, b.receiver.hook, delMetadata); err != nil {
		return err
	}
	backlog, err := b.makeBacklog(ctx)
	if err != nil {
		return err
	}
	before, err := b.receiver.counts(ctx)
	if err != nil {
		return err
	}
	b.say("%d events wait, %d attempts were refused", backlog, before.Refused)

	if err := b.receiver.reset(ctx); err != nil { // and 200 from now on
		return err
	}
	if err := b.webhooks(ctx, b.receiver.hook, delMetadata); err != nil {
		return err
	}
	got, err := b.receiver.await(ctx, backlog)
	if err != nil {
		return err
	}
	if took := got.last().Sub(got.first()).Seconds(); took > 0 {
		rate := float64(got.Accepted) / took
		b.report.add(figure{Run: "drain", Name: "webhooks of a backlog", Value: rate, Unit: perSecond,
			exchanges: rate, atLeastRatio: 0.7})
	}
	b.report.addLosses("drain", got.missing(backlog), got.surplus(backlog))
	return nil
}

// makeBacklog makes -backlog events, rounded up to the same number in every room, and returns how many it made.
func (b *bench) makeBacklog(ctx context.Context) (int, error) {
	rooms, err := b.openRooms(ctx, "drain")
	if err != nil {
		return 0, err
	}
	perRoom := (b.backlog + len(rooms) - 1) / len(rooms)
	for done := 0; done < perRoom; done += keysPerRoom {
		keys := min(keysPerRoom, perRoom-done)
		err := b.eachRoom(ctx, func(ctx context.Context, room int) error {
			if err := b.do(ctx, b.set(rooms[room], keys)); err != nil {
				return err
			}
			for key := range keys {
				if err := b.do(ctx, b.del(rooms[room], key)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	return perRoom * len(rooms), nil
}
