package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

// clock is an offline clock's time in the hands of a test.
type clock struct {
	mu  sync.Mutex
	off time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.off)
}

// passes lets time pass for the gateway and waits until it has interrupted everybody who is due.
func (c *clock) passes(w *world, d time.Duration) {
	c.mu.Lock()
	c.off += d
	c.mu.Unlock()
	w.g.presence.interruptDue(context.Background())
}

func clockedWorld(t *testing.T, dir string) (*world, *clock) {
	w, c := openWorld(t, dir), &clock{}
	w.g.presence.mu.Lock()
	w.g.presence.now = c.now
	w.g.presence.mu.Unlock()
	return w, c
}

// gone closes a device and waits until the server has noticed.
func (w *world) gone(c *client) {
	w.t.Helper()
	before := w.g.presence.connections()
	c.Close()
	require.Eventually(w.t, func() bool { return w.g.presence.connections() < before }, patience, time.Millisecond)
}

// connections counts all stays.
func (p *presence) connections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, at := range p.rooms {
		for _, v := range at.visitors {
			n += len(v.stays)
		}
	}
	return n
}

func TestAMemberWithoutConnectionIsOfflineAfterAWhileAndComesBack(t *testing.T) {
	w, clock := clockedWorld(t, t.TempDir())
	mia, ben := w.connect(app1, "mia"), w.connect(app1, "ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	mia.hearsMember("audience.onAudienceJoined", "audience", "ben", 2)
	receive(t, ben.subscribed, "subscribed")
	receive(t, ben.connecting, "first connecting")
	before := w.g.presence.connections()
	restore := ben.dialer.cut()
	require.Eventually(t, func() bool { return w.g.presence.connections() < before }, patience, time.Millisecond)

	clock.passes(w, 89*time.Second)
	require.Len(t, w.online(), 2, "not yet")
	clock.passes(w, 2*time.Second)
	mia.hearsMember("audience.onAudienceLeft", "audience", "ben", 1)
	require.Equal(t, []live.Membership{{App: app1, Room: "room_a", User: "mia"}}, w.online())

	restore()
	ben.hearsMember("audience.onAudienceLeft", "audience", "ben", 1)
	ben.hearsMember("audience.onAudienceJoined", "audience", "ben", 2)
	mia.hearsMember("audience.onAudienceJoined", "audience", "ben", 2)
	require.Equal(t, 2.0, mia.do("live.fetchLiveInfo", m{"liveID": "room_a"})["liveInfo"].(m)["totalViewerCount"],
		"coming back is no new entry")
}

func TestWhatHappenedWhileNobodyWasThereIsHeardOnComingBack(t *testing.T) {
	w, clock := clockedWorld(t, t.TempDir())
	mia := w.connect(app1, "mia")
	mia.starts("room_a")
	receive(t, mia.subscribed, "subscribed")
	receive(t, mia.connecting, "first connecting")
	restore := mia.dialer.cut()
	require.Eventually(t, func() bool { return w.g.presence.connections() == 0 }, patience, time.Millisecond)
	clock.passes(w, 91*time.Second)
	require.Empty(t, w.online())
	require.NoError(t, w.live.SetMetadata(t.Context(), live.System(app1), "room_a", []live.Pair{{Key: "k", Value: "v"}}))
	restore()
	mia.hearsMember("audience.onOwnerLeft", "owner", "mia", 0)
	mia.hearsMetadata("k", "v")
	mia.hearsMember("audience.onOwnerJoined", "owner", "mia", 1)
}

func TestWhoComesBackInTimeWasNeverGone(t *testing.T) {
	w, clock := clockedWorld(t, t.TempDir())
	mia, ben := w.connect(app1, "mia"), w.connect(app1, "ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	w.gone(ben)
	clock.passes(w, time.Minute)
	back := w.connect(app1, "ben")
	back.do("live.joinLive", m{"liveID": "room_a"})
	clock.passes(w, time.Hour)
	require.Len(t, w.online(), 2)
	mia.hearsMember("audience.onAudienceJoined", "audience", "ben", 2)
	mia.do("live.updateLiveMetaData", m{"metaData": m{"k": "v"}})
	mia.hearsMetadata("k", "v")

	w.gone(back)
	clock.passes(w, 91*time.Second)
	mia.hearsMember("audience.onAudienceLeft", "audience", "ben", 1)
}

func TestTheClockRunsOnlyWhenTheLastConnectionIsGone(t *testing.T) {
	w, clock := clockedWorld(t, t.TempDir())
	mia, phone, tablet := w.connect(app1, "mia"), w.connect(app1, "ben"), w.connect(app1, "ben")
	mia.starts("room_a")
	phone.joins("room_a", 2)
	tablet.do("live.joinLive", m{"liveID": "room_a"})
	w.gone(phone)
	clock.passes(w, time.Hour)
	require.Len(t, w.online(), 2)
	w.gone(tablet)
	clock.passes(w, 91*time.Second)
	require.Len(t, w.online(), 1)
}

func TestWhoLeftOrWhoseRoomEndedIsNotInterrupted(t *testing.T) {
	w, clock := clockedWorld(t, t.TempDir())
	mia, ben := w.connect(app1, "mia"), w.connect(app1, "ben")
	mia.do("live.startLive", m{"liveID": "left"})
	mia.do("live.startLive", m{"liveID": "ended"})
	ben.do("live.joinLive", m{"liveID": "left"})
	ben.do("live.joinLive", m{"liveID": "ended"})
	ben.do("live.leaveLive", m{"liveID": "left"})
	w.gone(ben)
	mia.do("live.endLive", m{"liveID": "ended"})
	clock.passes(w, 91*time.Second)
	require.Equal(t, []live.Membership{{App: app1, Room: "left", User: "mia"}}, w.online())
	w.gone(mia)
	clock.passes(w, 91*time.Second)
	require.Empty(t, w.online())
	require.Empty(t, w.g.presence.rooms, "nothing is remembered of rooms that nobody is in")
	require.Empty(t, w.g.presence.absences)
}

func TestAfterAServerStartEverybodyCountsAsDisconnected(t *testing.T) {
	dir := t.TempDir()
	first := openWorld(t, dir)
	mia, ben := first.connect(app1, "mia"), first.connect(app1, "ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	first.stop()
	mia.Close()
	ben.Close()

	w, clock := clockedWorld(t, dir)
	require.Len(t, w.online(), 2)
	back := w.connect(app1, "mia")
	back.do("live.joinLive", m{"liveID": "room_a"})
	clock.passes(w, 91*time.Second)
	require.Equal(t, []live.Membership{{App: app1, Room: "room_a", User: "mia"}}, w.online())
	back.hearsMember("audience.onAudienceLeft", "audience", "ben", 1)
}

func TestAClientComesBackByItselfAfterAServerStart(t *testing.T) {
	dir := t.TempDir()
	first := openWorld(t, dir)
	mia := first.connect(app1, "mia")
	mia.starts("room_a")
	receive(t, mia.subscribed, "subscribed")
	receive(t, mia.connecting, "first connecting")
	restore := mia.dialer.cut()
	receive(t, mia.connecting, "connecting again")
	first.stop()

	w, clock := clockedWorld(t, dir)
	mia.dialer.moves(w)
	restore()
	e := receive(t, mia.subscribed, "subscribed again")
	require.True(t, e.WasRecovering)
	require.False(t, e.Recovered, "the events of the last run are gone, and the client is told so")
	mia.do("live.updateLiveMetaData", m{"metaData": m{"k": "v"}})
	mia.hearsMetadata("k", "v")
	clock.passes(w, time.Hour)
	require.Len(t, w.online(), 1)
}

func TestTheRunningClockInterruptsByItself(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.OfflineAfter = time.Millisecond })
	mia, ben := w.connect(app1, "mia"), w.connect(app1, "ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	mia.hearsMember("audience.onAudienceJoined", "audience", "ben", 2)
	ben.Close()
	mia.hearsMember("audience.onAudienceLeft", "audience", "ben", 1)
}

func TestARefusedJoinLeavesNoTrace(t *testing.T) {
	w, clock := clockedWorld(t, t.TempDir())
	mia, ben := w.connect(app1, "mia"), w.connect(app1, "ben")
	mia.starts("room_a")
	ben.fails(100004, "live.joinLive", m{"liveID": "nowhere"})
	ben.fails(100003, "live.startLive", m{"liveID": "room_a"})
	require.Equal(t, 1, w.g.presence.connections())
	ben.joins("room_a", 2)
	clock.passes(w, time.Hour)
	require.Len(t, w.online(), 2)
}

func TestAMembersOwnSubscriptionBringsItBackToo(t *testing.T) {
	w, clock := clockedWorld(t, t.TempDir())
	mia, ben := w.connect(app1, "mia"), w.connect(app1, "ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	w.gone(ben)
	clock.passes(w, 91*time.Second)
	require.Len(t, w.online(), 1)
	back := w.connect(app1, "ben")
	own := back.subscribes(t, "room:1400000001:room_a")
	receive(t, own.subscribed, "subscribed")
	require.Len(t, w.online(), 2)
	clock.passes(w, time.Hour)
	require.Len(t, w.online(), 2)
	back.do("live.queryMetaData", nil)
}

func TestAClosedConnectionCannotArriveAnyMore(t *testing.T) {
	w := newWorld(t)
	c := &conn{g: w.g, caller: userOf("mia"), stays: make(map[live.RoomID]*stay)}
	w.g.presence.depart(c)
	_, _, err := w.g.presence.arrive(c, "room_a", false)
	require.ErrorIs(t, err, errGone)
	require.Zero(t, w.g.presence.connections())
}

// TestWhoseEnteringFailedInDoubtIsNotOnlineForEver: the store may have carried out what it reported as failed.
func TestWhoseEnteringFailedInDoubtIsNotOnlineForEver(t *testing.T) {
	w, clock := clockedWorld(t, t.TempDir())
	w.connect(app1, "mia").starts("room_a")
	w.connect(app1, "ben").do("live.fetchLiveInfo", m{"liveID": "room_a"}) // its connection has been taken up then
	c := w.connOfUser("ben")
	entering := &call{conn: c}
	_, err := entering.join(t.Context(), "room_a", func(ctx context.Context) (live.Visit, error) {
		_, err := w.live.Enter(ctx, c.caller, "room_a")
		require.NoError(t, err)
		return live.Visit{}, errors.New("the connection to the store was lost")
	})
	require.Error(t, err)
	entering.after()
	require.Len(t, w.online(), 2)
	clock.passes(w, 91*time.Second)
	require.Len(t, w.online(), 1)
}

func TestPresenceStaysTrueToTheStoreWhateverHappensAtOnce(t *testing.T) {
	w, clock := clockedWorld(t, t.TempDir())
	var all sync.WaitGroup
	for device := range 8 {
		c := w.connect(app1, fmt.Sprint("user", device/2))
		chance := rand.New(rand.NewPCG(7, uint64(device)))
		all.Go(func() {
			for range 60 {
				room := m{"liveID": fmt.Sprint("room", chance.IntN(2))}
				switch chance.IntN(6) {
				case 0, 1:
					_, _ = c.ask("live.startLive", room)
				case 2:
					_, _ = c.ask("live.joinLive", room)
				case 3:
					_, _ = c.ask("live.leaveLive", room)
				case 4:
					_, _ = c.ask("live.endLive", room)
				case 5:
					c.dialer.cut()()
					receive(t, c.connected, "connected again") // the SDK must not be asked while it loses its connection
				}
				clock.passes(w, 5*time.Second)
			}
			if device%4 == 3 {
				c.Close()
			}
		})
	}
	all.Wait()
	require.Eventually(t, func() bool {
		clock.passes(w, 91*time.Second)
		return fmt.Sprint(w.online()) == fmt.Sprint(w.g.presence.present())
	}, patience, 20*time.Millisecond, "in the store and here")
}

// present returns who has a connection in a room, in the store's order.
func (p *presence) present() []live.Membership {
	p.mu.Lock()
	defer p.mu.Unlock()
	var found []live.Membership
	for at, g := range p.rooms {
		for user, v := range g.visitors {
			if v.connected() {
				found = append(found, live.Membership{App: at.app, Room: at.room, User: user})
			}
		}
	}
	slices.SortFunc(found, func(a, b live.Membership) int {
		return cmp.Or(cmp.Compare(a.Room, b.Room), cmp.Compare(a.User, b.User))
	})
	return found
}
