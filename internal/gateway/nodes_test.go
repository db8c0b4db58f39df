package gateway

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/centrifugal/centrifuge-go"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/internal/store"
	"github.com/greenroom-live/greenroom/internal/store/sqlite"
	"github.com/greenroom-live/greenroom/internal/store/sqlite/sqlitetest"
	"github.com/greenroom-live/greenroom/internal/testkit"
)

// nodes are several gateways over one store and one Redis.
type nodes struct {
	t     *testing.T
	rows  *sqlite.Store
	redis *testkit.Redis

	mu    sync.Mutex // stands for the locks of rooms, of which an engine for several nodes has one each
	nodes map[string]*Gateway
}

// nodeStore is the store as one node has it: it hears of its own commits alone, and of those of one room nobody makes another
// before they were published.
type nodeStore struct {
	*sqlite.Store
	of  *nodes
	tag string
}

func (s nodeStore) Update(ctx context.Context, f func(live.Tx) error) error {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	err := s.Store.Update(ctx, func(tx live.Tx) error { return f(nodeTx{tx, s.tag}) })
	if g := s.of.nodes[s.tag]; g != nil {
		g.Published(ctx)
	}
	return err
}

// nodeTx notes which node an event is of.
type nodeTx struct {
	live.Tx
	tag string
}

func (t nodeTx) Emit(e live.Event) error {
	e.By.IP = t.tag
	return t.Tx.Emit(e)
}

// Committed implements store.Listener. The updates of nodes come one after the other.
func (n *nodes) Committed(c store.Commit) {
	for _, e := range c.Changes {
		if g := n.nodes[e.By.IP]; g != nil {
			g.Publish([]live.Event{e})
		}
	}
}

func newNodes(t *testing.T, options ...testkit.RedisOption) *nodes {
	t.Helper()
	n := &nodes{t: t, redis: testkit.NewRedis(t, options...), nodes: make(map[string]*Gateway)}
	var err error
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	n.rows, err = sqlite.Open(sqlite.Options{Dir: sqlitetest.Folder(t), Log: log, Metrics: observe.NewMetrics()}, n)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, n.rows.Close()) })
	return n
}

// start starts a node and waits until it lets clients in.
func (n *nodes) start(id live.NodeID) *world {
	n.t.Helper()
	w := n.begin(id)
	require.Eventually(n.t, w.g.link.isUp, patience, time.Millisecond)
	return w
}

// begin starts a node.
func (n *nodes) begin(id live.NodeID) *world {
	n.t.Helper()
	log := slog.New(slog.NewTextHandler(n.t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})).With("node", id)
	w := &world{t: n.t, metrics: observe.NewMetrics(), rows: n.rows, close: func() {}}
	apps := []*live.App{{ID: app1, SecretKey: key1}, {ID: app2, SecretKey: key2}}
	w.live = live.NewService(nodeStore{n.rows, n, id.String()}, w, apps, live.DefaultLimits, time.Now)
	w.live.SetNode(id)
	var err error
	w.g, err = New(Options{Live: w.live, Log: log, Metrics: w.metrics, RedisURL: n.redis.URL})
	require.NoError(n.t, err)
	n.mu.Lock()
	n.nodes[id.String()] = w.g
	n.mu.Unlock()
	server := httptest.NewServer(w.g.Handler())
	w.http, w.url = server.URL, "ws"+strings.TrimPrefix(server.URL, "http")
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.g.Run(ctx) }()
	w.stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(n.t, <-ended)
		server.Close()
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.nodes, id.String())
	})
	n.t.Cleanup(w.stop)
	return w
}

func (n *nodes) startTwo() (a, b *world) {
	n.t.Helper()
	return n.start(101), n.start(102)
}

// clocked puts the node's offline clock into the hands of the test.
func (w *world) clocked() *clock {
	c := &clock{}
	w.g.presence.mu.Lock()
	defer w.g.presence.mu.Unlock()
	w.g.presence.now = c.now
	return c
}

// hearsAmong waits for an event and returns it, whatever comes before.
func (c *client) hearsAmong(name string) event {
	c.t.Helper()
	for {
		if e := receive(c.t, c.events, c.user+" hears "+name); e.Event == name {
			return e
		}
	}
}

// letters collects what comes to a client as messages.
func (c *client) letters() <-chan event {
	letters := make(chan event, 100)
	c.OnMessage(func(e sdk.MessageEvent) { letters <- decodeEvent(c.t, "", e.Data) })
	return letters
}

func (w *world) attends() []live.Membership {
	w.t.Helper()
	page, err := w.live.Attendances(context.Background(), live.Membership{}, 100)
	require.NoError(w.t, err)
	return page
}

func inRoomA(user live.UserID) live.Membership {
	return live.Membership{App: app1, Room: "room_a", User: user}
}

func TestMembersOnTwoNodesSeeOneRoom(t *testing.T) {
	a, b := newNodes(t).startTwo()
	mia, ben := a.connect(app1, "mia"), b.connect(app1, "ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	mia.hearsMember("audience.onAudienceJoined", "audience", "ben", 2)
	mia.do("live.updateLiveMetaData", m{"metaData": m{"from": "a"}})
	require.NoError(t, b.live.SetMetadata(t.Context(), userOf("mia"), "room_a", []live.Pair{{Key: "from", Value: "b"}}))
	for _, c := range []*client{mia, ben} {
		c.hearsMetadata("from", "a")
		c.hearsMetadata("from", "b")
	}
	require.Len(t, a.online(), 2)
	ben.do("live.leaveLive", nil)
	mia.hearsMember("audience.onAudienceLeft", "audience", "ben", 1)
	receive(t, ben.unsubscribed, "unsubscribed on leaving")
	ben.do("live.joinLive", m{"liveID": "room_a"})
	ben.hearsAmong("audience.onAudienceJoined")
	mia.hearsMember("audience.onAudienceJoined", "audience", "ben", 2)
	mia.do("live.endLive", nil)
	ended := m{"liveID": "room_a", "reason": "endedByHost", "message": ""}
	mia.hears("live.onLiveEnded", ended)
	receive(t, mia.unsubscribed, "unsubscribed")
	ben.hearsAmong("live.onLiveEnded")
	receive(t, ben.unsubscribed, "unsubscribed at the end")
	ben.fails(100002, "live.queryMetaData", nil)
	require.Zero(t, b.g.presence.connections())

	ben.starts("room_a")
	require.Len(t, b.online(), 1)
}

func TestWhoIsKickedOnOneNodeIsOutOnTheOther(t *testing.T) {
	a, b := newNodes(t).startTwo()
	mia, ben, eve := a.connect(app1, "mia"), b.connect(app1, "ben"), b.connect(app1, "eve")
	letters := ben.letters()
	mia.starts("room_a")
	ben.joins("room_a", 2)
	eve.joins("room_a", 3)
	mia.do("audience.kickUserOutOfRoom", m{"userID": "ben"})
	require.Equal(t, "live.onKickedOutOfLive", receive(t, letters, "a message").Event)
	receive(t, ben.unsubscribed, "unsubscribed")
	eve.hearsMember("audience.onAudienceLeft", "audience", "ben", 2)
	ben.fails(100005, "live.queryMetaData", m{"liveID": "room_a"})
	require.Equal(t, 1, b.g.presence.connections())
}

func TestAMemberWhoLeavesIsOutOnAllDevices(t *testing.T) {
	a, b := newNodes(t).startTwo()
	mia, here, there := a.connect(app1, "mia"), a.connect(app1, "ben"), b.connect(app1, "ben")
	mia.starts("room_a")
	here.joins("room_a", 2)
	there.do("live.joinLive", m{"liveID": "room_a"})
	receive(t, there.subscribed, "subscribed")
	here.do("live.leaveLive", nil)
	receive(t, there.unsubscribed, "unsubscribed")
	require.Empty(t, b.attends())
	require.Zero(t, b.g.presence.connections())
}

func TestAKickThatArrivesLateLeavesInWhoIsInAgain(t *testing.T) {
	a, b := newNodes(t).startTwo()
	mia, ben := a.connect(app1, "mia"), b.connect(app1, "ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	receive(t, ben.subscribed, "subscribed")
	b.g.judge(place{app1, "room_a"}, word{Judge: []live.UserID{"ben", "zoe"}})
	again := receive(t, ben.subscribed, "subscribed again")
	require.True(t, again.Recovered)
	mia.do("live.updateLiveMetaData", m{"metaData": m{"k": "v"}})
	ben.hearsMetadata("k", "v")
	require.Equal(t, []live.Membership{inRoomA("ben")}, b.attends())
	b.g.judge(place{app1, "room_a"}, word{Judge: []live.UserID{"ben"}, Listeners: true})
	b.g.judge(place{app1, "room_b"}, word{All: true})
	b.g.goodbyes.Wait()
	ben.do("live.queryMetaData", nil)
}

func TestWhoListensWithoutBeingAMemberIsRemovedOnAllNodes(t *testing.T) {
	a, b := newNodes(t).startTwo()
	mia, adam := a.connect(app1, "mia"), b.connect(app1, "adam")
	mia.starts("room_a")
	a.makeAdmin("mia", "room_a", "adam")
	own := adam.subscribes(t, "room:1400000001:room_a")
	receive(t, own.subscribed, "subscribed")
	mia.do("audience.revokeAdministrator", m{"userID": "adam"})
	receive(t, own.unsubscribed, "unsubscribed")
	require.Zero(t, b.g.presence.connections())
}

func TestMessagesForOneUserReachAllNodesInOrder(t *testing.T) {
	a, b := newNodes(t).startTwo()
	here, there := a.connect(app1, "ben"), b.connect(app1, "ben")
	letters := []<-chan event{here.letters(), there.letters()}
	const many = 50
	for i := range many {
		user := live.UserID("fan" + string(rune('a'+i%26)) + string(rune('a'+i/26)))
		_, err := a.live.Follow(t.Context(), userOf(string(user)), user, []live.UserID{"ben"})
		require.NoError(t, err)
	}
	for _, from := range letters {
		for i := range many {
			e := receive(t, from, "a message")
			require.Equal(t, "follow.onMyFollowersListChanged", e.Event)
			user := "fan" + string(rune('a'+i%26)) + string(rune('a'+i/26))
			require.Equal(t, user, e.Data["userInfoList"].([]any)[0].(m)["userID"])
		}
	}
}

func TestOnANodeMessagesAndRoomEventsKeepTheirOrder(t *testing.T) {
	a, b := newNodes(t).startTwo()
	mia, ben := b.connect(app1, "mia"), a.mingled("ben")
	_, err := a.live.CreateRoom(t.Context(), appAdmin, live.RoomSpec{ID: "room_a", Type: live.RoomTypeLive, Owner: "mia", SeatEnabled: new(true)})
	require.NoError(t, err)
	mia.do("live.joinLive", m{"liveID": "room_a"})
	ben.do("live.joinLive", m{"liveID": "room_a"})
	ben.hearsInOrder("audience.onAudienceJoined", "audience.onAudienceCountChanged")
	for range 20 {
		require.NoError(t, a.live.PickUserOnSeat(t.Context(), appAdmin, "room_a", 3, "ben"))
		require.NoError(t, a.live.KickUserOffSeat(t.Context(), appAdmin, "room_a", "ben", ""))
		ben.hearsInOrder("seat.onSeatListChanged", "seat.onSeatListChanged", "coGuest.onKickedOffSeat")
	}
}

func TestLoginsEndOnAllNodes(t *testing.T) {
	a, b := newNodes(t).startTwo()
	here, there, third := a.connect(app1, "ben"), b.connect(app1, "ben"), b.connect(app1, "mia")
	letters := there.letters()
	require.NoError(t, a.live.Kick(t.Context(), appAdmin, "ben"))
	require.Equal(t, uint32(4501), receive(t, here.disconnected, "disconnected").Code)
	require.Equal(t, "login.onKickedOffline", receive(t, letters, "a message").Event)
	require.Equal(t, uint32(4501), receive(t, there.disconnected, "disconnected").Code)
	require.True(t, b.live.Revoked(app1, "ben", time.Now().Add(-time.Second)))

	b.g.HeardRevoked([]live.Revocation{{App: app1, User: "mia", Until: time.Now()}})
	require.Equal(t, uint32(4501), receive(t, third.disconnected, "disconnected").Code)
}

func TestWhoChangesNodesMissesNothing(t *testing.T) {
	a, b := newNodes(t).startTwo()
	mia, ben := b.connect(app1, "mia"), a.connect(app1, "ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	receive(t, ben.subscribed, "subscribed")
	for round, to := range []*world{b, a, b} {
		receive(t, ben.connecting, "connecting")
		ben.dialer.moves(to)
		restore := ben.dialer.cut()
		for range 10 {
			mia.do("live.updateLiveMetaData", m{"metaData": m{"k": string(rune('a' + round))}})
		}
		restore()
		back := receive(t, ben.subscribed, "subscribed again")
		require.True(t, back.WasRecovering)
		require.True(t, back.Recovered)
		for range 10 {
			ben.hearsMetadata("k", string(rune('a'+round)))
		}
	}
	require.Len(t, mia.do("audience.fetchAudienceList", nil)["audienceList"], 2)
}

func TestTheMembersOfANodeThatIsGoneAreOfflineByTheRules(t *testing.T) {
	n := newNodes(t)
	a, b := n.startTwo()
	ben, eve, mia := a.connect(app1, "ben"), a.connect(app1, "eve"), b.connect(app1, "mia")
	mia.starts("room_a")
	ben.do("live.joinLive", m{"liveID": "room_a"})
	eve.do("live.joinLive", m{"liveID": "room_a"})
	receive(t, eve.subscribed, "subscribed")
	clock := b.clocked()
	ben.dialer.cut()
	eve.dialer.moves(b)
	a.stop()
	receive(t, eve.connected, "connected to the other node")
	require.Eventually(t, func() bool { return len(b.attends()) == 2 }, patience, time.Millisecond)
	clock.passes(b, 91*time.Second)
	require.Len(t, b.online(), 3, "nobody has been given up yet")

	b.g.HeardGone([]live.NodeID{101})
	require.Eventually(t, func() bool { return len(b.attends()) == 3 }, patience, time.Millisecond)
	require.Eventually(t, func() bool { return b.g.presence.absent() == 1 }, patience, time.Millisecond)
	clock.passes(b, 89*time.Second)
	require.Len(t, b.online(), 3, "not yet")
	clock.passes(b, 2*time.Second)
	require.Equal(t, []live.Membership{inRoomA("eve"), inRoomA("mia")}, b.online())
	mia.hearsAmong("audience.onAudienceLeft")
}

// absent counts the clocks that run.
func (p *presence) absent() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, at := range p.rooms {
		for _, v := range at.visitors {
			if v.away != nil {
				n++
			}
		}
	}
	return n
}

func TestWhoMovesWhileTheClockRunsStaysOnline(t *testing.T) {
	a, b := newNodes(t).startTwo()
	mia, ben := a.connect(app1, "mia"), a.connect(app1, "ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	atA, atB := a.clocked(), b.clocked()
	a.gone(ben)
	atA.passes(a, time.Minute)
	back := b.connect(app1, "ben")
	back.do("live.joinLive", m{"liveID": "room_a"})
	atA.passes(a, time.Minute)
	require.Len(t, a.online(), 2, "he is at the other node")
	require.Equal(t, []live.Membership{inRoomA("ben")}, b.attends())
	require.Equal(t, []live.Membership{inRoomA("mia")}, a.attends())
	b.gone(back)
	atB.passes(b, 89*time.Second)
	require.Len(t, a.online(), 2)
	atB.passes(b, 2*time.Second)
	require.Len(t, a.online(), 1)
	mia.hearsAmong("audience.onAudienceLeft")
}

func TestOneOfTwoConnectionsOnTwoNodesIsEnough(t *testing.T) {
	a, b := newNodes(t).startTwo()
	mia, here, there := a.connect(app1, "mia"), a.connect(app1, "ben"), b.connect(app1, "ben")
	mia.starts("room_a")
	here.joins("room_a", 2)
	there.do("live.joinLive", m{"liveID": "room_a"})
	atA, atB := a.clocked(), b.clocked()
	a.gone(here)
	atA.passes(a, 91*time.Second)
	require.Len(t, a.online(), 2)
	b.gone(there)
	atB.passes(b, 91*time.Second)
	require.Equal(t, []live.Membership{inRoomA("mia")}, a.online())
}

func TestANodeThatLostItsLeaseComesBackWithItsMembers(t *testing.T) {
	a, b := newNodes(t).startTwo()
	mia, ben := a.connect(app1, "mia"), a.connect(app1, "ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	b.g.HeardGone([]live.NodeID{101})
	atB := b.clocked()
	require.Eventually(t, func() bool { return b.g.presence.absent() == 2 }, patience, time.Millisecond)
	a.g.HeardNode(103)
	require.Eventually(t, func() bool { return len(a.attends()) == 2 }, patience, time.Millisecond)
	atB.passes(b, 91*time.Second)
	require.Len(t, a.online(), 2)
	require.Empty(t, b.attends())
	require.Equal(t, live.NodeID(103), a.live.Node())
	atA := a.clocked()
	a.gone(ben)
	atA.passes(a, 91*time.Second)
	require.Equal(t, []live.Membership{inRoomA("mia")}, a.online())
}

func TestPlatformsAreThoseOfAllNodes(t *testing.T) {
	n := newNodes(t)
	a, b := n.startTwo()
	a.connect(app1, "ben")
	there := b.device(app1, "ben", sign(app1, "ben"), m{"platform": "Web"})
	require.NoError(t, there.Connect())
	receive(t, there.connected, "connected")
	both := []live.Platform{live.PlatformWeb, live.PlatformIOS}
	require.Eventually(t, func() bool { return len(a.platforms(app1, "ben")) == 2 }, patience, time.Millisecond,
		"a connection is told of to the other nodes when its client may know of it already")
	require.Equal(t, [][]live.Platform{both, nil}, a.g.Platforms(app1, []live.UserID{"ben", "zoe"}))
	require.Equal(t, both, b.platforms(app1, "ben"))
	require.Empty(t, b.platforms(app2, "ben"))
	there.Close()
	require.Eventually(t, func() bool { return len(a.platforms(app1, "ben")) == 1 }, patience, time.Millisecond)
	n.redis.Pause()
	require.Eventually(t, func() bool { return !a.g.link.isUp() }, patience, time.Millisecond)
	require.LessOrEqual(t, len(a.platforms(app1, "ben")), 1)
	n.redis.Resume()
}

// TestWhatNodesTellEachOtherIsNotLostWithAConnection breaks off what the nodes hear through, and has things happen before they
// have noticed.
func TestWhatNodesTellEachOtherIsNotLostWithAConnection(t *testing.T) {
	n := newNodes(t)
	a, b := n.startTwo()
	mia, ben := b.connect(app1, "mia"), b.connect(app1, "ben")
	letters := ben.letters()
	mia.starts("room_a")
	ben.joins("room_a", 2)
	receive(t, ben.subscribed, "subscribed")
	n.order("CLIENT KILL TYPE pubsub")
	require.NoError(t, a.live.KickMembers(t.Context(), appAdmin, "room_a", []live.UserID{"ben"}, "enough"))
	require.Equal(t, "enough", receive(t, letters, "a message").Data["message"])
	receive(t, ben.unsubscribed, "unsubscribed")
	require.Eventually(t, func() bool { return b.g.presence.connections() == 1 }, patience, time.Millisecond)
	require.True(t, b.g.link.isUp())
}

func TestWhenWhatNodesSaidIsKeptNoMoreEverybodyIsJudgedAnew(t *testing.T) {
	a, b := newNodes(t).startTwo()
	mia, ben := a.connect(app1, "mia"), b.connect(app1, "ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	receive(t, ben.subscribed, "subscribed")
	b.g.relay.hearing.Lock()
	b.g.relay.heardTo.Epoch = "of data that is gone"
	b.g.relay.hearing.Unlock()
	require.True(t, receive(t, ben.subscribed, "back").Recovered)
	require.True(t, mia.neverLeft(), "the other node has heard everything")
	require.NoError(t, a.live.KickMembers(t.Context(), appAdmin, "room_a", []live.UserID{"ben"}, ""))
	receive(t, ben.unsubscribed, "unsubscribed")
}

// TestJudgingMembersWaitsForNoUpdate has everybody in a room judged while it is being changed: at the end of a large one it is
// all of them at once.
func TestJudgingMembersWaitsForNoUpdate(t *testing.T) {
	n := newNodes(t)
	b := n.start(102)
	mia, ben := b.connect(app1, "mia"), b.connect(app1, "ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	receive(t, ben.subscribed, "subscribed")
	unheard := live.NewService(n.rows, b, []*live.App{{ID: app1}}, live.DefaultLimits, time.Now)
	require.NoError(t, unheard.KickMembers(t.Context(), live.System(app1), "room_a", []live.UserID{"ben"}, ""))
	n.mu.Lock()
	defer n.mu.Unlock()
	b.g.judge(place{app1, "room_a"}, word{Judge: []live.UserID{"ben"}})
	receive(t, ben.unsubscribed, "unsubscribed")
}
