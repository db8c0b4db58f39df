package live_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

func TestARoomThatTheServerDissolves(t *testing.T) {
	w := hosted(t)
	w.enter("fan")
	w.fired()
	statistic, err := w.DestroyRoom(ctx, live.System(app), room)
	require.NoError(t, err)
	require.Equal(t, live.Statistic{Viewers: 1, Lasted: 444 * time.Millisecond}, statistic)
	fired := w.fired()
	require.Len(t, fired, 1)
	event, err := webhook.Decode(fired[0].Body)
	require.NoError(t, err)
	destroyed := event.(webhook.AfterDestroyRoom)
	require.Equal(t, "@TIM#SYSTEM", destroyed.OperatorAccount)
	require.Equal(t, "DestroyBySystem", destroyed.EventType)
	require.EqualValues(t, 1, destroyed.Statistic.TotalViewers)
	require.Equal(t, "0.0.0.0", fired[0].ClientIP)
	require.Equal(t, "Unknown", fired[0].Platform)
}

func TestARoomThatItsOwnerDissolves(t *testing.T) {
	w := hosted(t)
	_, err := w.DestroyRoom(ctx, user("host"), room)
	require.NoError(t, err)
	fired := w.fired()
	require.Len(t, fired, 1)
	event, err := webhook.Decode(fired[0].Body)
	require.NoError(t, err)
	destroyed := event.(webhook.AfterDestroyRoom)
	require.Equal(t, "host", destroyed.OperatorAccount)
	require.Equal(t, "DestroyByUser", destroyed.EventType)
	require.Equal(t, "198.51.100.7", fired[0].ClientIP)
	require.Equal(t, "Web", fired[0].Platform)
}

func TestStartingARoom(t *testing.T) {
	w := newWorld(t)
	spec := live.RoomSpec{ID: room, Type: live.RoomTypeLive, Owner: "somebody else"}
	visit, err := w.Start(ctx, user("host"), spec)
	require.NoError(t, err)
	require.Equal(t, live.UserID("host"), visit.Room.Owner, "who starts a room owns it, whatever was asked")
	require.Equal(t, live.RoleOwner, visit.Role)
	require.Equal(t, 1, visit.Room.OnlineCount)
	fired := w.fired()
	require.Len(t, fired, 2)
	require.Equal(t, webhook.CommandAfterCreateRoom, fired[0].Command, "it is there before its owner is in it")
	require.Equal(t, webhook.CommandAfterMemberStateChanged, fired[1].Command)

	name := "renamed"
	spec.Name = &name
	visit, err = w.Start(ctx, user("host"), spec)
	require.NoError(t, err)
	require.Equal(t, string(room), visit.Room.Name, "an own room is entered as it is")
	require.Empty(t, w.fired())

	_, err = w.Start(ctx, user("mallory"), spec)
	require.Equal(t, live.CodeRoomExists, live.CodeOf(err))
	require.Empty(t, w.fired())
}

func TestADissolvedRoomLeavesNothingToTheNextOfItsID(t *testing.T) {
	w := peopled(t)
	_, err := w.DestroyRoom(ctx, user("host"), room)
	require.NoError(t, err)
	visit, err := w.Start(ctx, user("next"), live.RoomSpec{ID: room, Type: live.RoomTypeLive})
	require.NoError(t, err)
	require.Empty(t, visit.Admins)
	require.Empty(t, visit.Metadata)
	require.Equal(t, 1, visit.Room.OnlineCount)
	require.EqualValues(t, 1, visit.Room.ViewCount)
	for _, former := range []live.UserID{"host", "mod"} {
		err := w.SetMetadata(ctx, user(former), room, []live.Pair{{Key: "k", Value: "v"}})
		require.Equal(t, live.CodeNoPermission, live.CodeOf(err), former)
	}
}
