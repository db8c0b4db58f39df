package main

import "context"

// rest measures get_room_metadata, a call that changes nothing and fires nothing.
func (b *bench) rest(ctx context.Context) error {
	rooms, err := b.openRooms(ctx, "rest")
	if err != nil {
		return err
	}
	calls := make([]call, len(rooms))
	for i, room := range rooms {
		calls[i] = b.getAll(room)
	}
	err = b.eachRoom(ctx, func(ctx context.Context, room int) error { return b.do(ctx, b.set(rooms[room], 1)) })
	if err != nil {
		return err
	}
	get := func(ctx context.Context, caller, turn int) error {
		return b.do(ctx, calls[(caller+turn*b.callers)%len(calls)])
	}
	if _, err := closedLoop(ctx, b.callers, warmUp, get); err != nil {
		return err
	}
	t, err := closedLoop(ctx, b.callers, b.duration, get)
	if err != nil {
		return err
	}
	rate := t.perSecond(t.count(), t.end)
	b.report.add(figure{Run: "rest", Name: "get_room_metadata", Value: rate, Unit: perSecond, exchanges: rate})
	b.report.addTimes("rest", "get_room_metadata", newSample(t.took), 50, 99)
	return nil
}
