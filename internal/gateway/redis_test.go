package gateway

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	sdk "github.com/centrifugal/centrifuge-go"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/testkit"
)

func isAway(w *world) func() bool { return func() bool { return !w.g.link.isUp() } }

// order has Redis carry out a command.
func (n *nodes) order(command string) {
	n.t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(n.redis.URL, "redis://"))
	require.NoError(n.t, err)
	defer c.Close()
	require.NoError(n.t, c.SetDeadline(time.Now().Add(patience)))
	_, err = fmt.Fprint(c, command, "\r\n")
	require.NoError(n.t, err)
	answer, err := bufio.NewReader(c).ReadString('\n')
	require.NoError(n.t, err)
	require.NotEqual(n.t, byte('-'), answer[0], answer)
}

// turnedAway waits until a client that was let in is turned away because of Redis.
func (c *client) turnedAway() {
	c.t.Helper()
	for {
		e := receive(c.t, c.connecting, c.user+" is turned away")
		if e.Code == disconnectedAway.Code {
			require.Equal(c.t, disconnectedAway.Reason, e.Reason)
			return
		}
	}
}

// back waits until a client comes back, and tells whether it may go on in its room where it was.
func (c *client) back() sdk.ServerSubscribedEvent {
	c.t.Helper()
	e := receive(c.t, c.subscribed, c.user+" is back")
	require.True(c.t, e.WasRecovering)
	return e
}

// beginRedisAway is a room with a member on each of two nodes, both of which know it.
func beginRedisAway(t *testing.T, options ...testkit.RedisOption) (n *nodes, a, b *world, mia, ben *client) {
	n = newNodes(t, options...)
	a, b = n.startTwo()
	mia, ben = a.connect(app1, "mia"), b.connect(app1, "ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	mia.hearsMember("audience.onAudienceJoined", "audience", "ben", 2)
	receive(t, mia.subscribed, "subscribed")
	receive(t, ben.subscribed, "subscribed")
	return n, a, b, mia, ben
}

// serveWithoutRedis holds that everything but clients goes on.
func serveWithoutRedis(t *testing.T, w *world) {
	t.Helper()
	began := time.Now()
	for i := range 20 {
		require.NoError(t, w.live.SetMetadata(t.Context(), live.System(app1), "room_a", []live.Pair{{Key: "k", Value: fmt.Sprint(i)}}))
	}
	require.Less(t, time.Since(began), patience, "publishing does not hold calls up")
}

func TestWhileRedisIsAwayClientsAreTurnedAwayAndComeBack(t *testing.T) {
	for name, halt := range map[string]struct {
		options []testkit.RedisOption
		stop    func(*testkit.Redis)
		start   func(*testkit.Redis)
	}{
		"killed":                  {nil, (*testkit.Redis).Stop, (*testkit.Redis).Start},
		"killed, with data kept":  {[]testkit.RedisOption{testkit.KeepData()}, (*testkit.Redis).Stop, (*testkit.Redis).Start},
		"paused, and in no hurry": {nil, (*testkit.Redis).Pause, (*testkit.Redis).Resume},
	} {
		t.Run(name, func(t *testing.T) {
			n, a, b, mia, ben := beginRedisAway(t, halt.options...)
			halt.stop(n.redis)
			noticed := time.Now()
			require.Eventually(t, func() bool { return isAway(a)() && isAway(b)() }, patience, time.Millisecond)
			t.Log("noticed after", time.Since(noticed))
			mia.turnedAway()
			ben.turnedAway()
			serveWithoutRedis(t, a)
			late := b.device(app1, "zoe", sign(app1, "zoe"), nil)
			refused := make(chan error, 4096)
			late.OnError(func(e sdk.ErrorEvent) { refused <- e.Error })
			require.NoError(t, late.Connect())
			require.ErrorContains(t, receive(t, refused, "refused"), "real-time is away for a while, try again")

			halt.start(n.redis)
			for _, c := range []*client{mia, ben} {
				for c.back().Recovered { // a node may let clients in before the one that could not publish marks the loss
				}
				require.Equal(t, m{"metaData": m{"k": "19"}}, c.do("live.queryMetaData", nil))
			}
			receive(t, late.connected, "connected")
			require.Len(t, a.online(), 2)
			mia.do("live.updateLiveMetaData", m{"metaData": m{"k": "after"}})
			for _, c := range []*client{mia, ben} {
				for e := c.hearsAmong("live.onRoomMetadataChanged"); e.Data["value"] != "after"; {
					e = c.hearsAmong("live.onRoomMetadataChanged")
				}
			}
		})
	}
}

func TestARoomThatLostNothingGoesOnAfterRedisWasAway(t *testing.T) {
	n, a, _, mia, ben := beginRedisAway(t)
	_, err := a.live.CreateRoom(t.Context(), appAdmin, live.RoomSpec{ID: "room_b", Type: live.RoomTypeLive})
	require.NoError(t, err)
	n.redis.Pause()
	require.Eventually(t, isAway(a), patience, time.Millisecond)
	require.NoError(t, a.live.SetMetadata(t.Context(), live.System(app1), "room_b", []live.Pair{{Key: "k", Value: "v"}}))
	mia.turnedAway()
	ben.turnedAway()
	n.redis.Resume()
	require.True(t, mia.back().Recovered)
	require.True(t, ben.back().Recovered)
}

func TestTheClockStandsStillWhileRedisIsAway(t *testing.T) {
	n, a, b, mia, ben := beginRedisAway(t)
	atA, atB := a.clocked(), b.clocked()
	n.redis.Stop()
	mia.turnedAway()
	ben.turnedAway()
	ben.Close()
	require.Eventually(t, func() bool { return a.g.presence.absent()+b.g.presence.absent() == 2 }, patience, time.Millisecond)
	atA.passes(a, time.Hour)
	atB.passes(b, time.Hour)
	require.Len(t, a.online(), 2, "nobody could come back")
	n.redis.Start()
	mia.back()
	require.Eventually(t, b.g.link.isUp, patience, time.Millisecond)
	atB.passes(b, 89*time.Second)
	require.Len(t, a.online(), 2, "who may come back has all of the time")
	atB.passes(b, 2*time.Second)
	require.Equal(t, []live.Membership{inRoomA("mia")}, a.online())
}

func TestAServerStartsWithoutRedisAndLetsClientsInLater(t *testing.T) {
	n := newNodes(t)
	n.redis.Stop()
	w := n.begin(101)
	_, err := w.live.CreateRoom(t.Context(), appAdmin, live.RoomSpec{ID: "room_a", Type: live.RoomTypeLive, Owner: "mia"})
	require.NoError(t, err)
	serveWithoutRedis(t, w)
	require.Equal(t, http.StatusServiceUnavailable, get(t, w.http, nil).StatusCode)
	mia := w.device(app1, "mia", sign(app1, "mia"), nil)
	require.ErrorContains(t, mia.Connect(), "bad handshake")
	n.redis.Start()
	receive(t, mia.connected, "connected")
	mia.starts("room_a")
}

func TestAServerThatNeverFoundRedisStops(t *testing.T) {
	n := newNodes(t)
	n.redis.Stop()
	n.begin(101).stop()
}

func TestAfterANodeIsGoneEverybodyReadsTheRoomsAgain(t *testing.T) {
	n, a, b, mia, ben := beginRedisAway(t)
	third := n.start(103)
	before := a.g.relay.present()
	require.Eventually(t, func() bool { return third.g.relay.present() == before }, patience, time.Millisecond)
	away := n.start(104)
	eve := away.connect(app1, "eve")
	eve.do("live.joinLive", m{"liveID": "room_a"})
	receive(t, eve.subscribed, "subscribed")
	receive(t, eve.connecting, "first connecting")
	eve.dialer.moves(b)
	restore := eve.dialer.cut()
	away.stop()

	for _, w := range []*world{a, b, third} {
		w.g.HeardMissed()
	}
	for _, c := range []*client{mia, ben} {
		require.False(t, c.back().Recovered)
		c.do("live.joinLive", m{"liveID": "room_a"})
	}
	restore()
	require.False(t, eve.back().Recovered, "whoever was on the way learns it too")
	for _, w := range []*world{b, third} {
		require.Eventually(t, func() bool { return w.g.relay.present() == a.g.relay.present() }, patience, time.Millisecond)
	}
	require.NotEqual(t, before, a.g.relay.present())
	require.Equal(t, before[:len(before)-2], a.g.relay.present()[:len(before)-2], "once, by whichever node was first")
	mia.do("live.updateLiveMetaData", m{"metaData": m{"k": "v"}})
	ben.hearsAmong("live.onRoomMetadataChanged")

	n.redis.Stop()
	n.redis.Start()
}

func TestWhatCannotBeNamedEndsTheGeneration(t *testing.T) {
	_, a, b, mia, ben := beginRedisAway(t)
	before := a.g.relay.present()
	a.g.link.putBack(losses{all: true})
	a.g.link.ring()
	require.False(t, mia.back().Recovered)
	require.False(t, ben.back().Recovered)
	require.NotEqual(t, before, a.g.relay.present())
	require.Eventually(t, func() bool { return b.g.relay.present() == a.g.relay.present() }, patience, time.Millisecond)
}

func TestOnlySoManyRoomsWithLossesAreKnownByName(t *testing.T) {
	l := newLink()
	for i := range maxLost {
		l.lose(place{app1, live.RoomID(fmt.Sprint("room", i))})
	}
	what, any := l.takeLost()
	require.True(t, any)
	require.Len(t, what.rooms, maxLost)
	require.False(t, what.all)
	l.putBack(what)
	l.lose(place{app1, "one more"})
	require.False(t, l.rise())
	what, _ = l.takeLost()
	require.Empty(t, what.rooms)
	require.True(t, what.all)
	require.True(t, l.rise())
	require.True(t, l.fall())
	require.False(t, l.fall())
}

func TestALostPublicationIsMarkedInItsRoom(t *testing.T) {
	_, a, _, mia, ben := beginRedisAway(t)
	eve := a.connect(app1, "eve")
	eve.starts("room_b")
	a.g.link.lose(place{app1, "room_a"})
	require.False(t, mia.back().Recovered)
	require.False(t, ben.back().Recovered)
	require.True(t, eve.neverLeft(), "other rooms go on")
	mia.do("live.updateLiveMetaData", m{"metaData": m{"k": "v"}})
	ben.hearsAmong("live.onRoomMetadataChanged")
}

// neverLeft tells whether the client has stayed connected since it first was.
func (c *client) neverLeft() bool {
	c.t.Helper()
	receive(c.t, c.connecting, "first connecting")
	return len(c.connecting) == 0
}

func TestARedisURLIsChecked(t *testing.T) {
	for text, want := range map[string]string{
		"redis://h:1/0": "redis://h:1/0", "rediss://u:p@h:1/": "rediss://u:p@h:1", "redis://h": "redis://h",
		"http://h": "", "redis:///0": "", "redis://h/first": "", "redis://h:port": "", "h:1": "",
	} {
		got, err := checkRedisURL(text)
		require.Equal(t, want == "", err != nil, text)
		require.Equal(t, want, got, text)
	}
}

// TestWhatGoesOutLateIsReadAgain has Redis stand still for a moment that is too short for it to count as away.
func TestWhatGoesOutLateIsReadAgain(t *testing.T) {
	n, a, b, mia, ben := beginRedisAway(t)
	eve := b.connect(app1, "eve")
	eve.starts("room_b")
	falls := a.g.link.falls.Load()
	n.order("CLIENT PAUSE 600 WRITE")
	a.g.Publish([]live.Event{{App: app1, Room: "room_a", Change: live.MetadataSet{Pairs: []live.Pair{{Key: "k", Value: "v"}}}}})
	late, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	a.g.Published(late)
	require.False(t, mia.back().Recovered)
	require.False(t, ben.back().Recovered)
	require.True(t, eve.neverLeft(), "other rooms go on")
	require.Equal(t, falls, a.g.link.falls.Load())
	require.False(t, a.g.laneOf(place{app1, "room_a"}).feed.late(), "what follows is in time")
}

func TestALaneThatIsTooLongIsGivenUp(t *testing.T) {
	g := &Gateway{link: newLink()}
	g.newLanes(1, 40)
	require.True(t, g.link.rise())
	at, published := place{app1, "room_a"}, 0
	publish := func() error { published++; return nil }
	g.lanes[0].feed.put(make([]item, maxQueued)...)
	require.NoError(t, g.through(at, publish))
	require.Equal(t, 1, published)
	_, lost := g.link.takeLost()
	require.False(t, lost)
	g.lanes[0].feed.put(item{})
	require.NoError(t, g.through(at, publish))
	require.Equal(t, 1, published)
	what, _ := g.link.takeLost()
	require.Equal(t, []place{at}, what.rooms)
}

func TestWhatANodeHasToTellIsToldBeforeItStops(t *testing.T) {
	_, a, _, _, ben := beginRedisAway(t)
	other := live.RoomID("room_b") // that waits for the same lane
	for a.g.laneOf(place{app1, other}) != a.g.laneOf(place{app1, "room_a"}) {
		other += "b"
	}
	change := live.MetadataSet{Pairs: []live.Pair{{Key: "k", Value: "v"}}}
	events := make([]live.Event, 2*maxQueued)
	for i := range events {
		events[i] = live.Event{App: app1, Room: other, Change: change}
	}
	a.g.Publish(append(events, live.Event{App: app1, Room: "room_a", Change: change}))
	a.stop()
	for heard, after := false, time.After(patience); !heard; {
		select {
		case e := <-ben.events:
			heard = e.Event == "live.onRoomMetadataChanged"
		case e := <-ben.subscribed:
			require.False(t, e.Recovered)
			heard = true // there was no time for all of it, and the client knows
		case <-after:
			require.Fail(t, "nothing was told")
		}
	}
}

func TestAFullRedisIsAwayUntilItHasRoom(t *testing.T) {
	n, a, _, mia, ben := beginRedisAway(t)
	n.order("CONFIG SET maxmemory 1")
	require.NoError(t, a.live.SetMetadata(t.Context(), live.System(app1), "room_a", []live.Pair{{Key: "k", Value: "v"}}))
	mia.turnedAway()
	serveWithoutRedis(t, a)
	n.order("CONFIG SET maxmemory 0")
	for _, c := range []*client{mia, ben} {
		for c.back().Recovered { // a node may let clients in before the one that could not publish marks the loss
		}
		require.Equal(t, m{"metaData": m{"k": "19"}}, c.do("live.queryMetaData", nil))
	}
}
