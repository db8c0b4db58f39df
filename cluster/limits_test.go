package cluster

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/client"
)

// atOnce makes n calls at the same time, each through another node than the one before, and returns how many succeeded. The
// others must have been refused with that code.
func (w *world) atOnce(n int, refusal client.Code, call func(i int, api *client.Client) error) (succeeded int) {
	w.t.Helper()
	results := make([]error, n)
	begin := make(chan struct{})
	var calls sync.WaitGroup
	for i := range n {
		calls.Go(func() {
			<-begin
			results[i] = call(i, w.api[i%nodes])
		})
	}
	close(begin)
	calls.Wait()
	for i, err := range results {
		if err == nil {
			succeeded++
		} else {
			assert.ErrorIs(w.t, err, refusal, "call %d", i)
		}
	}
	return succeeded
}

// rounds is how often a race for the last free place is run, each in a room of its own.
const rounds = 10

// TestALimitHoldsThoughTenCallersOnThreeNodesRaceForTheLastPlace: exactly one of them gets it.
func TestALimitHoldsThoughTenCallersOnThreeNodesRaceForTheLastPlace(t *testing.T) {
	t.Parallel()
	w := serve(t, settings{})
	const callers = 10
	for round := range rounds {
		room := w.room(round, client.RoomInfo{SeatTemplate: "AudioSalon", MaxSeatCount: 1})
		t.Run(fmt.Sprint("the tenth metadata key ", round), func(t *testing.T) {
			for n := range 9 {
				require.NoError(t, w.change(n%nodes, room, fmt.Sprint("k", n)))
			}
			got := w.atOnce(callers, client.CodeTooManyMetadataKeys, func(i int, api *client.Client) error {
				return w.Change(room, fmt.Sprint("more_", i), func(value string) error {
					return api.SetMetadata(t.Context(), room, client.MetadataPair{Key: fmt.Sprint("more_", i), Value: value})
				})
			})
			require.Equal(t, 1, got)
			require.Len(t, w.metadata(round%nodes, room), 10)
		})
		t.Run(fmt.Sprint("the fifth administrator ", round), func(t *testing.T) {
			require.NoError(t, w.api[0].ModifyAdmin(t.Context(), room, client.AddAdmin, "a", "b", "c", "d"))
			got := w.atOnce(callers, client.CodeTooManyAdmins, func(i int, api *client.Client) error {
				return api.ModifyAdmin(t.Context(), room, client.AddAdmin, fmt.Sprint("admin_", i))
			})
			require.Equal(t, 1, got)
			admins, err := w.api[round%nodes].Admins(t.Context(), room)
			require.NoError(t, err)
			require.Len(t, admins, 5)
		})
		t.Run(fmt.Sprint("the only seat ", round), func(t *testing.T) {
			robots := make([]string, callers)
			for i := range robots {
				robots[i] = fmt.Sprint("robot_", i)
			}
			require.NoError(t, w.api[1].AddRobots(t.Context(), room, robots...))
			got := w.atOnce(callers, client.CodeSeatHasUser, func(i int, api *client.Client) error {
				return api.PickUserOnSeat(t.Context(), room, robots[i], 0)
			})
			require.Equal(t, 1, got)
		})
		t.Run(fmt.Sprint("the id of a room ", round), func(t *testing.T) {
			got := w.atOnce(callers, client.CodeRoomExists, func(i int, api *client.Client) error {
				_, err := api.CreateRoom(t.Context(), client.RoomInfo{RoomID: fmt.Sprint("raced_", round), Owner: fmt.Sprint("owner_", i)})
				return err
			})
			require.Equal(t, 1, got)
		})
	}
	w.Settled(patience)
}

// TestAllCallersOfARaceSucceedWhereThereIsRoomForAll: nobody is turned away because somebody else is at it.
func TestAllCallersOfARaceSucceedWhereThereIsRoomForAll(t *testing.T) {
	t.Parallel()
	w := serve(t, settings{})
	for round := range rounds {
		room := w.room(round, client.RoomInfo{})
		got := w.atOnce(10, client.CodeTooManyMetadataKeys, func(i int, api *client.Client) error {
			return w.Change(room, fmt.Sprint("k", i), func(value string) error {
				return api.SetMetadata(t.Context(), room, client.MetadataPair{Key: fmt.Sprint("k", i), Value: value})
			})
		})
		require.Equal(t, 10, got)
		require.Len(t, w.metadata(round%nodes, room), 10)
	}
	w.Settled(patience)
}

// TestWhatOneNodeHasAnsweredEveryNodeShows, from the moment of the answer on.
func TestWhatOneNodeHasAnsweredEveryNodeShows(t *testing.T) {
	t.Parallel()
	w := serve(t, settings{})
	for round := range 3 * nodes {
		writer := round % nodes
		room := w.room(round, client.RoomInfo{})
		for reader := range w.nodes {
			_, err := w.api[reader].RoomInfo(t.Context(), room)
			require.NoError(t, err, "a room that node %d made, asked of node %d", writer, reader)
		}
		for n := range 10 {
			require.NoError(t, w.change(writer, room, "k"))
			value := w.metadata(writer, room)["k"]
			reader := (writer + 1 + n%2) % nodes
			require.Equal(t, value, w.metadata(reader, room)["k"], "written through node %d, read from node %d", writer, reader)
		}
		_, err := w.api[writer].DestroyRoom(t.Context(), room)
		require.NoError(t, err)
		for reader := range w.nodes {
			_, err := w.api[reader].RoomInfo(t.Context(), room)
			require.ErrorIs(t, err, client.CodeRoomNotFound)
		}
	}
}

// room makes a room through one of the nodes.
func (w *world) room(n int, info client.RoomInfo) string {
	w.t.Helper()
	info.RoomID = fmt.Sprint("room_", n)
	_, err := w.api[n%nodes].CreateRoom(w.t.Context(), info)
	require.NoError(w.t, err)
	return info.RoomID
}

// TestACallLimitIsOneForAllNodes: what an app may call in a second it may call of all nodes together, with Redis, and without it
// as soon as each node has counted the others. The bound leaves out what may come twice when Redis comes or goes: one bucket.
func TestACallLimitIsOneForAllNodes(t *testing.T) {
	t.Parallel()
	const perSecond = 60
	w := serve(t, settings{more: fmt.Sprintf("limits: {frequency: {live_engine_http_srv/get_room_metadata: %d}}\n", perSecond)})
	room := w.room(0, client.RoomInfo{})
	w.showsLine(fmt.Sprint("greenroom_nodes ", nodes))
	for _, redis := range []string{"there", "away"} {
		if redis == "away" {
			w.redis.Stop()
		}
		began := time.Now()
		got := w.atOnce(4*perSecond, client.CodeTooFrequent, func(_ int, api *client.Client) error {
			_, err := api.Metadata(t.Context(), room)
			return err
		})
		require.Positive(t, got)
		most := 2*perSecond + int(perSecond*time.Since(began).Seconds()) + 1
		require.LessOrEqual(t, got, most, "Redis is %s", redis)
	}
}
