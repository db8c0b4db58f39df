package cluster

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/client"
	"github.com/greenroom-live/greenroom/internal/operator"
	"github.com/greenroom-live/greenroom/internal/testkit/witness"
)

// TestAKickThroughOneNodeHoldsOnAll: the user's connections end wherever they are, and every node refuses the UserSigs that the
// user was given before.
func TestAKickThroughOneNodeHoldsOnAll(t *testing.T) {
	t.Parallel()
	w := serve(t, settings{})
	sig := sign("ben")
	var devices []*device
	for node := range w.nodes {
		d := w.newDevice("ben", node, sig)
		require.NoError(t, d.Connect())
		d.until("connected", func() bool { return d.connections > 0 })
		devices = append(devices, d)
	}
	mia := w.device("mia", 1)
	require.NoError(t, w.api[0].Kick(t.Context(), "ben"))
	for _, d := range devices {
		d.until("disconnected", func() bool { return d.disconnected != nil })
		require.EqualValues(t, 4501, d.disconnected.Code)
	}
	for node := range w.nodes {
		again := w.newDevice("ben", node, sig)
		require.NoError(t, again.Connect())
		again.until("disconnected", func() bool { return again.disconnected != nil })
		require.EqualValues(t, client.CodeUserSigRevoked, again.disconnected.Code, "by node %d", node)
	}
	require.Equal(t, 1, mia.had(), "somebody else was sent away")
	require.Zero(t, mia.lost())
}

// TestAMemberIsRemovedFromARoomThroughAnyNode: its connections hear no more of the room.
func TestAMemberIsRemovedFromARoomThroughAnyNode(t *testing.T) {
	t.Parallel()
	w := serve(t, settings{})
	devices := w.audience("stage", 2)
	for i, d := range devices[1:] {
		require.NoError(t, w.api[(i+1)%nodes].KickMembers(t.Context(), "stage", "", d.user))
		d.until("unsubscribed", func() bool { return d.unsubscribed > 0 })
		_, err := d.ask("live.queryMetaData", m{"liveID": "stage"})
		require.ErrorContains(t, err, "100005")
	}
	require.NoError(t, w.change(2, "stage", "k"))
	w.Settled(patience)
	devices[0].sawAll(w.Order("stage"))
}

// TestARoomThatIsEndedThroughOneNodeIsOverOnAll.
func TestARoomThatIsEndedThroughOneNodeIsOverOnAll(t *testing.T) {
	t.Parallel()
	w := serve(t, settings{})
	devices := w.audience("stage", 1)
	_, err := w.api[2].DestroyRoom(t.Context(), "stage")
	require.NoError(t, err)
	for _, d := range devices {
		d.until("unsubscribed", func() bool { return d.unsubscribed > 0 })
	}
	for node := range w.nodes {
		require.Error(t, w.change(node, "stage", "k"))
	}
	devices[1].starts("stage") // by another owner, on another node
	for _, d := range devices[2:] {
		d.joins("stage")
	}
	require.NoError(t, w.change(0, "stage", "k"))
	w.Settled(patience)
	for _, d := range devices[1:] {
		d.sawAll(w.Order("stage"))
	}
}

// TestWebhooksGoWhereAnyNodeWasTold: a URL that is set through one node holds for what the others deliver, as soon as they
// have heard of it.
func TestWebhooksGoWhereAnyNodeWasTold(t *testing.T) {
	t.Parallel()
	w := serve(t, settings{})
	rooms := w.opens(nodes)
	var at sync.Map // the path at which each room's latest change came
	w.Behave(func(a witness.Attempt) (bool, http.HandlerFunc) {
		at.Store(a.Room, a.Request.URL.Path)
		return true, nil
	})
	for round := range 2 * nodes {
		path := fmt.Sprint("/round_", round)
		require.NoError(t, w.api[round%nodes].UpdateCallback(t.Context(), callback(w.URL+path)))
		for node, room := range rooms {
			require.Eventually(t, func() bool {
				w.changes(node, room, 1)
				w.Settled(patience)
				got, _ := at.Load(room)
				return got == path
			}, patience, time.Millisecond, "node %d has not heard", node)
		}
	}
}

// TestNobodyIsToldWhatNobodyAskedFor: which webhooks there are is decided with the change, whoever was told what is wanted.
func TestNobodyIsToldWhatNobodyAskedFor(t *testing.T) {
	t.Parallel()
	w := serve(t, settings{})
	rooms := w.opens(nodes)
	for round := range nodes {
		require.NoError(t, w.api[round].DeleteCallback(t.Context()))
		for node, room := range rooms {
			// The witness does not know of these, and fails the test when it is told of one.
			require.NoError(t, w.api[node].SetMetadata(t.Context(), room, client.MetadataPair{Key: "k1", Value: "in silence"}))
		}
		require.NoError(t, w.api[(round+1)%nodes].SetCallback(t.Context(), callback(w.URL)))
		for node, room := range rooms {
			w.changes(node, room, 2)
		}
		w.settles(rooms)
	}
}

// TestAPauseThroughOneNodeHoldsOnAll: nothing is sent by any node until it is resumed, through another.
func TestAPauseThroughOneNodeHoldsOnAll(t *testing.T) {
	t.Parallel()
	w := serve(t, settings{})
	rooms := w.opens(6)
	w.Settled(patience)
	w.drained(0, 1, 2)
	for round := range nodes {
		_, err := w.operator(round).Pause(t.Context(), appID, "to try it")
		require.NoError(t, err)
		w.shows(1, "greenroom_webhook_paused")
		quiet := w.Taken()
		for i, room := range rooms {
			w.changes((round+i)%nodes, room, 2)
		}
		for node := range w.nodes {
			waiting, err := w.operator(node).Events(t.Context(), appID, operator.EventQuery{State: "waiting", Limit: 1000})
			require.NoError(t, err)
			require.Len(t, waiting.Events, 2*len(rooms), "by node %d", node)
		}
		require.Equal(t, quiet, w.Taken(), "webhooks were sent during a pause")
		_, err = w.operator((round+1)%nodes).Resume(t.Context(), appID)
		require.NoError(t, err)
		w.Settled(patience)
	}
	w.settles(rooms)
	require.Zero(t, w.repeats())
}

// shows waits until a figure of the app is as wanted in the metrics of every node.
func (w *world) shows(want int, name string) {
	w.t.Helper()
	w.showsLine(fmt.Sprintf("%s{app=\"%d\"} %d", name, app, want))
}

// showsLine waits until a line is in the metrics of every node.
func (w *world) showsLine(line string) {
	w.t.Helper()
	for node := range w.nodes {
		require.Eventually(w.t, func() bool {
			answer, err := http.Get(w.nodes[node].URL + "/metrics")
			if err != nil {
				return false
			}
			defer answer.Body.Close()
			text, err := io.ReadAll(answer.Body)
			return err == nil && strings.Contains(string(text), "\n"+line+"\n")
		}, patience, 10*time.Millisecond, "node %d does not show %s", node, line)
	}
}

// TestWhatIsPurgedThroughOneNodeIsSentByNone: the events of a room that others were to deliver are removed, those of other
// rooms are not.
func TestWhatIsPurgedThroughOneNodeIsSentByNone(t *testing.T) {
	t.Parallel()
	w := serve(t, settings{})
	rooms := w.opens(4)
	w.Settled(patience)
	w.drained(0, 1, 2)
	w.Refuse(503)
	purged := rooms[1]
	for node := range w.nodes {
		w.changes(node, purged, 3)
		w.changes(node, rooms[0], 3)
		w.changes(node, rooms[2], 3)
	}
	out, err := w.operator(2).Purge(t.Context(), appID, operator.PurgeRequest{State: "waiting", Filter: operator.Filter{Room: &purged}})
	require.NoError(t, err)
	require.EqualValues(t, 9, out.Purged)
	w.Excuse(purged)
	w.shows(2*3*nodes, "greenroom_webhook_waiting")
	seen := len(w.Order(purged)) // before it was purged
	w.Behave(nil)
	w.changes(0, purged, 1)
	w.changes(1, purged, 1)
	w.settles([]string{rooms[0], rooms[2]})
	w.Until(patience, "what came after the purge", func() bool { return len(w.Order(purged)) == seen+2 })
}
