package live

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestRecentRoomsForgetWhatIsOver: the memory of rooms that were created lasts a second, not for ever.
func TestRecentRoomsForgetWhatIsOver(t *testing.T) {
	r, now := newRecentRooms(), time.UnixMilli(1765001300444)
	for i := range 1000 {
		require.NoError(t, r.create(1, RoomID(strconv.Itoa(i)), now.Add(time.Duration(i)*100*time.Millisecond)))
		require.LessOrEqual(t, len(r.asked), 20)
	}
	require.NoError(t, r.create(1, "a", now))
	require.Equal(t, CodeCreateTooOften, CodeOf(r.create(1, "a", now)))
	require.NoError(t, r.create(2, "a", now), "every app counts for itself")
	require.NoError(t, (*recentRooms)(nil).create(1, "a", now), "without the limit nothing is remembered")
}

// TestRecentRoomsCountFromTheirOwnTime: a whole second after it was created a room may be again, whenever others were.
func TestRecentRoomsCountFromTheirOwnTime(t *testing.T) {
	r, now := newRecentRooms(), time.UnixMilli(1765001300444)
	after := func(ms int, room RoomID) Code {
		return CodeOf(r.create(1, room, now.Add(time.Duration(ms)*time.Millisecond)))
	}
	require.Zero(t, after(0, "x"))
	require.Zero(t, after(500, "a"))
	require.Zero(t, after(1000, "y"))
	require.Equal(t, CodeCreateTooOften, after(1499, "a"))
	require.Zero(t, after(1500, "a"))
}
