package cluster

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/client"
	"github.com/greenroom-live/greenroom/internal/testkit"
)

const loadedRooms, callersARoom = 6, 2

// TestNodesThatAreKilledUnderLoadLoseAndReorderNothing: one after the other is killed and started again.
func TestNodesThatAreKilledUnderLoadLoseAndReorderNothing(t *testing.T) {
	t.Parallel()
	w := serve(t, settings{})
	rooms := w.opens(loadedRooms)
	load := w.Load(w.api, rooms, callersARoom)
	load.GoesOn(10, patience)
	for node := range w.nodes {
		w.nodes[node].Kill()
		load.GoesOn(20, patience) // whatever the dead node held has to be given up for that
		w.restart(node)
		load.GoesOn(20, patience)
	}
	load.Stop()
	w.settles(rooms)
	t.Log(w.Summary())
}

// TestADeadNodesEventsArriveThroughTheOthersWithinAboutTheLease, though it was killed while the app server was away and is
// not started again.
func TestADeadNodesEventsArriveThroughTheOthersWithinAboutTheLease(t *testing.T) {
	t.Parallel()
	w := serve(t, settings{})
	rooms := w.opens(12)
	w.Settled(patience)
	w.Refuse(http.StatusServiceUnavailable)
	for _, room := range rooms {
		w.changes(0, room, 5)
	}
	w.nodes[0].Kill()
	w.Behave(nil)
	killed := time.Now()
	w.Settled(patience)
	took := time.Since(killed)
	t.Logf("taken over and delivered after %s", took)
	require.Less(t, took, 2*lease)
	for _, room := range rooms {
		require.Equal(t, w.State(room), w.metadata(1, room))
	}
}

// TestANodeThatIsPausedPastItsLeaseSendsNothingMoreThanWhatWasOnItsWay: the others take over, and when it goes on it sends
// at most one request of each room again, the one that had been begun, and acknowledges nothing. Then it serves again.
func TestANodeThatIsPausedPastItsLeaseSendsNothingMoreThanWhatWasOnItsWay(t *testing.T) {
	t.Parallel()
	w := serve(t, settings{})
	rooms := w.opens(loadedRooms)
	load := w.Load(w.api, rooms, callersARoom)
	load.GoesOn(10, patience)
	w.nodes[0].Pause()
	paused := time.Now()
	load.GoesOn(10, patience)
	load.Stop() // which waits for the calls that the paused node has
	w.Settled(patience)
	require.Eventually(t, func() bool { return time.Since(paused) > lease }, patience, lease/10) // a lease is an amount of time
	w.drained(1, 2)
	before := w.Repeated()
	w.nodes[0].Resume()

	load = w.Load(w.api[:1], rooms, 1) // through the node that was paused
	load.GoesOn(5, patience)
	load.Stop()
	load = w.Load(w.api, rooms, callersARoom)
	load.GoesOn(10, patience)
	load.Stop()
	w.settles(rooms)
	for room, n := range w.Repeated() {
		require.LessOrEqual(t, n-before[room], 1, "requests to %s under a lease that was lost", room)
	}
	t.Log(w.Summary())
}

// TestPausesUnderLoadLoseAndReorderNothing: each node is paused past its lease while the callers go on, and gets calls again
// at the moment at which it wakes up.
func TestPausesUnderLoadLoseAndReorderNothing(t *testing.T) {
	t.Parallel()
	w := serve(t, settings{})
	rooms := w.opens(loadedRooms)
	load := w.Load(w.api, rooms, callersARoom)
	for node := range w.nodes {
		load.GoesOn(10, patience)
		w.nodes[node].Pause()
		load.GoesOn(1, patience)
		<-time.After(lease + lease/4) // a lease is an amount of time
		w.nodes[node].Resume()
		w.nodes[node].Ready()
	}
	load.GoesOn(20, patience)
	load.Stop()
	w.settles(rooms)
	t.Log(w.Summary())
}

// TestPostgreSQLMayGoAndComeBack: calls fail meanwhile, what was answered is there afterwards, and everything goes on by
// itself, whether PostgreSQL was stopped in order or crashed, for a moment or for longer than a lease.
func TestPostgreSQLMayGoAndComeBack(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		mode testkit.StopMode
		away time.Duration
	}{
		"stopped in order":   {testkit.Fast, 0},
		"crashed":            {testkit.Immediate, 0},
		"away past a lease":  {testkit.Immediate, lease + lease/2},
		"paused for a while": {0, lease + lease/2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			postgres := testkit.NewPostgres(t)
			w := serve(t, settings{database: postgres.Database()})
			rooms := w.opens(loadedRooms)
			load := w.Load(w.api, rooms, callersARoom)
			load.GoesOn(10, patience)
			if row.mode == 0 {
				postgres.Pause()
			} else {
				postgres.Stop(row.mode)
			}
			load.Fails(2*nodes, patience)
			<-time.After(row.away)
			if row.mode == 0 {
				postgres.Resume()
			} else {
				postgres.Start()
			}
			load.GoesOn(20, patience)
			for _, node := range w.nodes {
				node.Ready()
			}
			load.Stop()
			w.settles(rooms)
			t.Log(w.Summary())
		})
	}
}

// TestOrderlyStopsHandOverAtOnce: no lease ends in this test, so what a node had to deliver is delivered by the others only
// because it was handed over.
func TestOrderlyStopsHandOverAtOnce(t *testing.T) {
	t.Parallel()
	w := serve(t, settings{lease: forever})
	rooms := w.opens(12)
	w.Refuse(http.StatusServiceUnavailable)
	for _, room := range rooms {
		w.changes(0, room, 5)
	}
	w.nodes[0].Terminate()
	w.nodes[0].Ended()
	w.Behave(nil)
	w.Settled(patience)
	w.nodes[1].Terminate()
	w.nodes[1].Ended()
	for _, room := range rooms {
		w.changes(2, room, 1)
	}
	w.Settled(patience)
	for _, room := range rooms {
		require.Equal(t, w.State(room), w.metadata(2, room))
	}
}

// TestARollingRestartUnderLoadLosesAndRepeatsNoWebhook: every node is stopped in order and started again, and no lease ends
// meanwhile.
func TestARollingRestartUnderLoadLosesAndRepeatsNoWebhook(t *testing.T) {
	t.Parallel()
	w := serve(t, settings{lease: forever})
	rooms := w.opens(loadedRooms)
	load := w.Load(w.api, rooms, callersARoom)
	for node := range w.nodes {
		load.GoesOn(10, patience)
		w.nodes[node].Terminate()
		w.nodes[node].Ended()
		load.Leave(node)
		load.GoesOn(10, patience)
		w.restart(node)
		load.Return(node)
	}
	load.GoesOn(10, patience)
	load.Stop()
	w.settles(rooms)
	require.Zero(t, w.repeats(), "what was in flight is waited for and acknowledged by a node that stops in order")
	t.Log(w.Summary())
}

// TestLimitsHoldThroughKills: callers add keys to rooms with a limit of ten while nodes are killed.
func TestLimitsHoldThroughKills(t *testing.T) {
	t.Parallel()
	w := serve(t, settings{})
	room := w.room(0, client.RoomInfo{})
	added := make(chan int)
	killed := make(chan struct{})
	for caller := range 6 {
		go func() {
			n := 0
			defer func() { added <- n }()
			for i := 0; ; i++ {
				select {
				case <-killed:
					return
				default:
				}
				if w.change((caller+i)%nodes, room, fmt.Sprintf("caller_%d_%d", caller, i)) == nil {
					n++
				}
			}
		}()
	}
	for node := range w.nodes {
		w.nodes[node].Kill()
		w.restart(node)
	}
	close(killed)
	sum := 0
	for range 6 {
		sum += <-added
	}
	require.LessOrEqual(t, sum, 10)
	require.Len(t, w.metadata(0, room), 10)
	w.settles([]string{room})
}
