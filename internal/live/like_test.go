package live_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

func TestLikes(t *testing.T) {
	w := peopled(t)
	for _, count := range []int{0, -1, 1001} {
		require.Equal(t, live.CodeBadParameter, live.CodeOf(w.SendLikes(ctx, user("fan"), room, count)))
	}
	w.drained()
	require.NoError(t, w.SendLikes(ctx, user("fan"), room, 1000))
	require.NoError(t, w.SendLikes(ctx, user("host"), room, 1))
	changes := w.drained()
	require.Len(t, changes, 2)
	require.Equal(t, live.LikesSent{Count: 1000, Total: 1000, Sender: live.Account{ID: "fan"}}, changes[0].Change)
	require.Equal(t, live.LikesSent{Count: 1, Total: 1001, Sender: live.Account{ID: "host"}}, changes[1].Change)
	require.Empty(t, w.fired(), "there is no webhook for likes")
	likes, err := w.Likes(ctx, user("fan"), room)
	require.NoError(t, err)
	require.EqualValues(t, 1001, likes)
	statistic, err := w.DestroyRoom(ctx, user("host"), room)
	require.NoError(t, err)
	require.EqualValues(t, 1001, statistic.LikesReceived)
}

func TestLikesThatAreSwitchedOff(t *testing.T) {
	w, a := giving(t)
	require.NoError(t, a.rows.Update(ctx, func(tx live.Tx) error {
		r, _, err := tx.Room(app, room)
		if err != nil {
			return err
		}
		r.LikeEnabled = false
		return tx.UpdateRoom(app, r)
	}))
	require.Equal(t, live.CodeNoPermission, live.CodeOf(w.SendLikes(ctx, user("host"), room, 1)), "for everybody")
	require.Equal(t, live.CodeNotMember, live.CodeOf(w.SendLikes(ctx, user("stranger"), room, 1)))
	require.Empty(t, w.drained())
	require.Zero(t, w.room().LikesReceived)
}
