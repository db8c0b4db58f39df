package client

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

// pagesOf serves the answers in order, one for each call, and keeps the bodies of the calls.
func pagesOf(t *testing.T, answers ...string) (c *Client, asked *[]string) {
	t.Helper()
	asked = new([]string)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*asked = append(*asked, string(body))
		_, _ = io.WriteString(w, answers[len(*asked)-1])
	}))
	t.Cleanup(s.Close)
	c, err := New(s.URL, WithUserSig(1400000123, "administrator", "eJw1-sig*_"))
	require.NoError(t, err)
	return c, asked
}

const (
	firstRooms = `{"ErrorCode":0,"Response":{"Next":"c2","RoomList":[{"RoomId":"a"},{"RoomId":"b"}]}}`
	lastRooms  = `{"ErrorCode":0,"Response":{"Next":"","RoomList":[{"RoomId":"c"}]}}`
)

func TestRoomsGoesThroughAllPages(t *testing.T) {
	c, asked := pagesOf(t, firstRooms, lastRooms)
	var ids []string
	for room, err := range c.Rooms(t.Context(), RoomQuery{SortDirection: SortAscending, Count: 2}) {
		require.NoError(t, err)
		ids = append(ids, room.RoomID)
	}
	require.Equal(t, []string{"a", "b", "c"}, ids)
	require.Equal(t, []string{`{"Next":"","Count":2,"SortDirection":"ascend"}`, `{"Next":"c2","Count":2,"SortDirection":"ascend"}`}, *asked)
}

func TestRoomsAsksForNoMoreThanIsWanted(t *testing.T) {
	c, asked := pagesOf(t, firstRooms)
	for room, err := range c.Rooms(t.Context(), RoomQuery{}) {
		require.NoError(t, err)
		if room.RoomID == "b" {
			break
		}
	}
	require.Len(t, *asked, 1)
}

func TestRoomsEndsAfterAnError(t *testing.T) {
	c, _ := pagesOf(t, firstRooms, `{"ActionStatus":"FAIL","ErrorCode":100001,"ErrorInfo":"try again","RequestId":"Id-2"}`)
	var last error
	n := 0
	for _, err := range c.Rooms(t.Context(), RoomQuery{}) {
		n++
		last = err
	}
	require.Equal(t, 3, n)
	require.ErrorIs(t, last, CodeInternal)
}

func TestRoomsEndsWhereAServerGoesRoundInCircles(t *testing.T) {
	c, asked := pagesOf(t, firstRooms, firstRooms)
	n := 0
	for range c.Rooms(t.Context(), RoomQuery{}) {
		n++
	}
	require.Equal(t, 4, n)
	require.Len(t, *asked, 2)
}
