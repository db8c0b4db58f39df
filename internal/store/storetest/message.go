package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

// sentMessages: a message is known by its room, sender and Random until it is forgotten or its room ends.
func sentMessages(t *testing.T, f *fixture) {
	now := time.Unix(1765001300, 0)
	put := func(app live.AppID, room live.RoomID, m live.SentMessage, forget time.Time) {
		f.update(func(tx live.Tx) error { return tx.PutSentMessage(app, room, m, forget) })
	}
	known := func(app live.AppID, room live.RoomID, from live.UserID, random uint32) (seq int64) {
		require.NoError(t, f.View(ctx, func(r live.Reader) error {
			m, ok, err := r.SentMessage(app, room, from, random)
			if ok {
				require.Equal(t, from, m.From)
				require.Equal(t, random, m.Random)
				require.WithinDuration(t, now, m.Time, time.Minute)
				seq = m.Seq
			}
			return err
		}))
		return seq
	}
	const most = 1<<32 - 1
	put(app, room, live.SentMessage{From: "lin", Random: 7, Seq: 1, Time: now}, now.Add(-time.Minute))
	put(app, room, live.SentMessage{From: "lin", Random: most, Seq: 2, Time: now.Add(time.Second)}, now.Add(-time.Minute))
	put(app, "other", live.SentMessage{From: "lin", Random: 7, Seq: 3, Time: now}, now.Add(-time.Minute))
	put(other, room, live.SentMessage{From: "lin", Random: 7, Seq: 4, Time: now}, now.Add(-time.Minute))
	require.EqualValues(t, 1, known(app, room, "lin", 7))
	require.EqualValues(t, 2, known(app, room, "lin", most))
	require.EqualValues(t, 3, known(app, "other", "lin", 7))
	require.EqualValues(t, 4, known(other, room, "lin", 7))
	require.Zero(t, known(app, room, "Lin", 7))
	require.Zero(t, known(app, room, "lin", 8))

	put(app, room, live.SentMessage{From: "lin", Random: most, Seq: 5, Time: now.Add(time.Second)}, now)
	require.Zero(t, known(app, room, "lin", 7), "it is from the time that was to be forgotten")
	require.EqualValues(t, 5, known(app, room, "lin", most), "the latest one counts")
	require.EqualValues(t, 3, known(app, "other", "lin", 7), "only the room's own are forgotten")
	require.EqualValues(t, 4, known(other, room, "lin", 7))
	f.update(func(tx live.Tx) error { return tx.DeleteRoom(app, room) })
	require.Zero(t, known(app, room, "lin", most))
	f.reopen()
	require.EqualValues(t, 4, known(other, room, "lin", 7))
}
