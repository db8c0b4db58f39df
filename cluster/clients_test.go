package cluster

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/webhook"
)

// audience makes a room with users on all nodes, so many on each, and returns their devices.
func (w *world) audience(room string, each int) (devices []*device) {
	w.t.Helper()
	owner := w.device("owner_of_"+room, 0)
	owner.starts(room)
	devices = append(devices, owner)
	for i := range each * nodes {
		d := w.device(fmt.Sprint("user_", i, "_in_", room), i%nodes)
		d.joins(room)
		devices = append(devices, d)
	}
	return devices
}

// saw demands of every device that it saw what happened in the room, and finds there what there is. It returns how often they
// were told that something may be missing, from their joining on.
func (w *world) saw(devices []*device) (gaps int) {
	w.t.Helper()
	w.drained(0, 2)
	for _, d := range devices {
		d.sawAll(w.Order(d.room))
		gaps += d.gaps()
	}
	for _, d := range devices {
		require.Equal(w.t, w.State(d.room), d.state(), d.user)
	}
	return gaps
}

// TestMembersOfARoomOnDifferentNodesSeeOneRoom: whoever changes it through whichever node.
func TestMembersOfARoomOnDifferentNodesSeeOneRoom(t *testing.T) {
	t.Parallel()
	w := serve(t, settings{})
	devices := w.audience("stage", 2)
	for n := range 30 {
		require.NoError(t, w.change(n%nodes, "stage", fmt.Sprint("k", n%10)))
	}
	load := w.Load(w.api, []string{"stage"}, 4)
	load.GoesOn(100, patience)
	load.Stop()
	w.Settled(patience)
	require.Zero(t, w.saw(devices), "somebody was told that something is missing")
	for _, d := range devices {
		reply, err := d.ask("audience.fetchAudienceList", m{"liveID": "stage"})
		require.NoError(t, err)
		require.Len(t, reply["audienceList"], len(devices))
	}
	for node := range w.nodes {
		var users []string
		for _, d := range devices {
			users = append(users, d.user)
		}
		known, unknown, err := w.api[node].OnlineStatus(t.Context(), users...)
		require.NoError(t, err)
		require.Empty(t, unknown)
		for _, status := range known {
			require.True(t, status.Online(), "%s, asked of node %d", status.UserID, node)
		}
	}
}

// TestClientsOfAKilledNodeGoOnElsewhere: they miss nothing or are told so, as is who was on another node. Users whose app is
// gone with the node are offline after a while, which the app server is told of once; the others never are.
func TestClientsOfAKilledNodeGoOnElsewhere(t *testing.T) {
	t.Parallel()
	w := serve(t, settings{})
	devices := w.audience("stage", 3)
	var gone []string // the last user of each node
	for _, d := range devices[len(devices)-nodes:] {
		gone = append(gone, d.user)
	}
	staying := devices[:len(devices)-nodes]
	load := w.Load(w.api, []string{"stage"}, 2)
	load.GoesOn(20, patience)
	had := make(map[*device]int)
	for _, d := range staying {
		had[d] = d.had()
	}
	for _, d := range devices[len(devices)-nodes:] {
		d.Close()
	}
	w.nodes[1].Kill()
	for i, d := range staying {
		if i > 0 && (i-1)%nodes == 1 {
			d.reconnects(had[d])
		}
	}
	load.GoesOn(50, patience)
	w.offline(gone...)
	load.Stop()
	w.Settled(patience)
	w.saw(staying)

	last := staying[len(staying)-1] // whose end shows that no other comes
	last.Close()
	w.offline(append(gone, last.user)...)
	w.once(append(gone, last.user)...)
}

// offline waits until the app server was told that all of these went offline because they were not heard of.
func (w *world) offline(users ...string) {
	w.t.Helper()
	w.Until(patience, fmt.Sprint("offline: ", users), func() bool {
		told := w.interrupted()
		return !slices.ContainsFunc(users, func(u string) bool { return told[u] == 0 })
	})
}

// once demands that the app server was told that these went offline, each once, and nobody else.
func (w *world) once(users ...string) {
	w.t.Helper()
	interrupted := w.interrupted()
	require.ElementsMatch(w.t, users, slices.Collect(maps.Keys(interrupted)))
	for user, times := range interrupted {
		require.Equal(w.t, 1, times, "%s went offline", user)
	}
}

// interrupted returns how often the app server was told of each user that went offline because it was not heard of.
func (w *world) interrupted() map[string]int {
	times := make(map[string]int)
	for _, e := range w.Others() {
		if e, ok := e.(webhook.AfterMemberStateChanged); ok && e.EventCause == webhook.CauseHeartbeatInterrupt {
			for _, member := range e.MemberList {
				times[member.MemberAccount]++
			}
		}
	}
	return times
}

// TestClientsOfANodeThatStopsInOrderMissNothing: they are sent away and come back to another node, where they go on.
func TestClientsOfANodeThatStopsInOrderMissNothing(t *testing.T) {
	t.Parallel()
	w := serve(t, settings{lease: forever})
	devices := w.audience("stage", 2)
	load := w.Load(w.api, []string{"stage"}, 2)
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
	w.Settled(patience)
	require.Zero(t, w.saw(devices), "somebody was told that something is missing")
	last := devices[len(devices)-1] // whose end shows that nobody else was taken for offline
	last.Close()
	w.offline(last.user)
	w.once(last.user)
}

// TestClientsAndCallersLiveThroughAStopOfRedis: while it is away calls succeed and webhooks arrive; clients know that they
// are not connected, and come back by themselves to a room that they see rightly.
func TestClientsAndCallersLiveThroughAStopOfRedis(t *testing.T) {
	t.Parallel()
	w := serve(t, settings{offline: patience / 2}) // on a machine that is busy clients take their time to come back
	devices := w.audience("stage", 2)
	load := w.Load(w.api, []string{"stage"}, 2)
	for range 2 {
		load.GoesOn(10, patience)
		had, lost := make(map[*device]int), make(map[*device]int)
		for _, d := range devices {
			had[d], lost[d] = d.had(), d.lost()
		}
		failed := load.Failed()
		w.redis.Stop()
		load.GoesOn(20, patience)
		for _, d := range devices {
			d.until("disconnected", func() bool { return len(d.connecting)-1 > lost[d] })
		}
		load.GoesOn(20, patience)
		require.Equal(t, failed, load.Failed(), "calls failed while Redis was away")
		before := w.Taken()
		load.GoesOn(1, patience)
		w.Until(patience, "webhooks while Redis is away", func() bool { return w.Taken() > before })
		w.redis.Start()
		for _, d := range devices {
			d.reconnects(had[d])
		}
		load.GoesOn(20, patience)
	}
	load.Stop()
	w.Settled(patience)
	w.saw(devices)
	require.Empty(t, w.interrupted(), "members were taken for offline: %+v", w.Others())
}
