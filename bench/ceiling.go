package main

import (
	"context"
	"fmt"
	"time"
)

// ceiling measures bare POSTs from this process to the receiver's: net/http on both sides and nothing else.
func (b *bench) ceiling(ctx context.Context) error {
	body := ceilingBody()
	post := func(ctx context.Context, _, _ int) error { return b.poster.post(ctx, b.receiver.hook, body) }
	if _, err := closedLoop(ctx, b.callers, warmUp, post); err != nil {
		return err
	}
	t, err := closedLoop(ctx, b.callers, b.duration, post)
	if err != nil {
		return err
	}
	b.report.addCeiling(t.perSecond(t.count(), t.end))
	return nil
}

// ceilingBody is the webhook of a deletion, as the runs cause them.
func ceilingBody() []byte {
	return fmt.Appendf(nil, `{"CallbackCommand":%q,"Operator_Account":%q,"RoomId":%q,"Keys":[%q],"EventTime":%d}`,
		delMetadata, admin, roomID("ceiling", 0), metadataKey(0), time.Now().UnixMilli())
}
