package live_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

func TestTheQuotaOfRooms(t *testing.T) {
	w := newAppWorld(t, live.App{MaxRooms: 10})
	create := func(i int) error {
		_, err := w.CreateRoom(ctx, user("host"), live.RoomSpec{ID: live.RoomID(fmt.Sprint("r", i)), Type: live.RoomTypeLive})
		return err
	}
	for i := 1; i <= 10; i++ {
		require.NoError(t, create(i))
		fired := w.fired()
		require.Equal(t, webhook.CommandAfterCreateRoom, fired[0].Command)
		if i < 7 {
			require.Len(t, fired, 1)
			continue
		}
		require.Len(t, fired, 2, "from 70 % on every creation tells")
		require.Equal(t, fmt.Sprintf(`{"CallbackCommand":"Live.CallbackAfterCreateRoomReachingThreshold","Operator_Account":"host",`+
			`"EventTime":1765001300444,"CurRoomCount":%d,"MaxRoomCount":10}`, i), string(fired[1].Body))
		require.Empty(t, fired[1].Lane.Room, "it is told in a lane of its own")
		require.Equal(t, "198.51.100.7", fired[1].ClientIP)
	}
	require.Equal(t, live.CodeOverLimit, live.CodeOf(create(11)))
	require.Equal(t, live.CodeOwnRoomExists, live.CodeOf(create(3)), "what is wrong with the id is told first")
	_, err := w.Start(ctx, user("fan"), live.RoomSpec{ID: "r11", Type: live.RoomTypeLive})
	require.Equal(t, live.CodeOverLimit, live.CodeOf(err))
	_, err = w.Start(ctx, user("host"), live.RoomSpec{ID: "r3", Type: live.RoomTypeLive})
	require.NoError(t, err, "a room that is there can be entered")
	w.restart()
	require.Equal(t, live.CodeOverLimit, live.CodeOf(create(11)))
	_, err = w.DestroyRoom(ctx, user("host"), "r5")
	require.NoError(t, err)
	require.NoError(t, create(11))
	require.Equal(t, live.CodeOverLimit, live.CodeOf(create(12)))
}

func TestTheThresholdIsAtSeventyPercentExactly(t *testing.T) {
	for most, first := range map[int]int{1: 1, 2: 2, 3: 3, 4: 3, 9: 7, 10: 7, 11: 8} {
		w := newAppWorld(t, live.App{MaxRooms: most})
		for i := 1; i <= most; i++ {
			_, err := w.CreateRoom(ctx, user("host"), live.RoomSpec{Type: live.RoomTypeLive})
			require.NoError(t, err)
			require.Equal(t, i >= first, len(w.fired()) == 2, "%d of %d", i, most)
		}
	}
}
