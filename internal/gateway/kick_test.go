package gateway

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	sdk "github.com/centrifugal/centrifuge-go"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

// appAdmin is the caller over REST.
var appAdmin = live.Caller{App: app1, User: "administrator", Kind: live.KindAdmin, Platform: live.PlatformREST}

// told returns a device that has logged in, and what it is told in person.
func (w *world) told(user string) (*client, chan event) {
	w.t.Helper()
	c, messages := w.device(app1, user, sign(app1, user), nil), make(chan event, 64)
	c.OnMessage(func(e sdk.MessageEvent) { messages <- decodeEvent(w.t, "", e.Data) })
	require.NoError(w.t, c.Connect())
	receive(w.t, c.connected, "connected")
	return c, messages
}

func requireKicked(t *testing.T, messages chan event, room, reason, message string) {
	t.Helper()
	e := receive(t, messages, "live.onKickedOutOfLive")
	require.Equal(t, "live.onKickedOutOfLive", e.Event)
	require.Equal(t, room, e.LiveID)
	require.NotZero(t, e.Time)
	require.Equal(t, m{"liveID": room, "reason": reason, "message": message}, e.Data)
}

func (w *world) kick(room live.RoomID, users ...live.UserID) {
	w.t.Helper()
	require.NoError(w.t, w.live.KickMembers(context.Background(), appAdmin, room, users, "be nice"))
}

func (w *world) ban(room live.RoomID, users ...live.UserID) {
	w.t.Helper()
	require.NoError(w.t, w.live.BanMembers(context.Background(), appAdmin, room, users, 600, "be nice"))
}

// hearsAtLast passes over what comes before the event.
func (c *client) hearsAtLast(name string) event {
	c.t.Helper()
	for {
		if e := receive(c.t, c.events, c.user+" hears "+name); e.Event == name {
			return e
		}
	}
}

func TestWhoIsKickedIsToldAndHearsNoMore(t *testing.T) {
	w := newWorld(t)
	mia := w.connect(app1, "mia")
	phone, phoneTold := w.told("ben")
	tablet, tabletTold := w.told("ben")
	zoe := w.connect(app1, "zoe")
	mia.starts("room_a")
	phone.joins("room_a", 2)
	tablet.do("live.joinLive", m{"liveID": "room_a"})
	zoe.joins("room_a", 3)
	mia.hearsMember("audience.onAudienceJoined", "audience", "ben", 2)
	mia.hearsMember("audience.onAudienceJoined", "audience", "zoe", 3)

	mia.do("audience.kickUserOutOfRoom", m{"userID": "ben"})
	requireKicked(t, phoneTold, "room_a", "byAdmin", "")
	requireKicked(t, tabletTold, "room_a", "byAdmin", "")
	mia.hearsMember("audience.onAudienceLeft", "audience", "ben", 2)
	zoe.hearsMember("audience.onAudienceLeft", "audience", "ben", 2)
	for _, c := range []*client{phone, tablet} {
		receive(t, c.unsubscribed, "unsubscribed")
		c.fails(100005, "live.queryMetaData", m{"liveID": "room_a"})
		c.fails(100005, "live.leaveLive", m{"liveID": "room_a"})
		c.fails(100002, "live.queryMetaData", nil)
	}
	for len(phone.events)+len(tablet.events) > 0 { // up to its own leaving
		select {
		case <-phone.events:
		case <-tablet.events:
		}
	}
	mia.do("live.updateLiveMetaData", m{"metaData": m{"k": "v"}})
	zoe.hearsMetadata("k", "v")
	require.Empty(t, phone.events)
	require.Empty(t, tablet.events)

	require.Equal(t, 3.0, phone.do("live.joinLive", m{"liveID": "room_a"})["audienceCount"], "it may come back")
	mia.hearsMetadata("k", "v")
	mia.hearsMember("audience.onAudienceJoined", "audience", "ben", 3)
	phone.hearsMember("audience.onAudienceJoined", "audience", "ben", 3)
	require.Empty(t, tablet.events, "only the device that came back is back")
}

func TestABanOverRESTKeepsOutAndTellsOfAllAtOnce(t *testing.T) {
	w := newWorld(t)
	mia := w.connect(app1, "mia")
	ben, benTold := w.told("ben")
	zoe, zoeTold := w.told("zoe")
	mia.starts("room_a")
	w.makeAdmin("mia", "room_a", "zoe")
	mia.hearsAtLast("audience.onUserInfoChanged")
	ben.joins("room_a", 2)
	zoe.do("live.joinLive", m{"liveID": "room_a"})
	mia.hearsMember("audience.onAudienceJoined", "audience", "ben", 2)
	mia.hearsMember("audience.onAdminJoined", "admin", "zoe", 3)

	w.ban("room_a", "zoe", "stranger", "ben")
	requireKicked(t, benTold, "room_a", "byServer", "be nice")
	requireKicked(t, zoeTold, "room_a", "byServer", "be nice")
	mia.hears("audience.onAdminLeft", m{"admin": m{"userID": "zoe", "userName": "", "avatarURL": ""}})
	mia.hears("audience.onAudienceLeft", m{"audience": m{"userID": "ben", "userName": "", "avatarURL": ""}})
	mia.hears("audience.onAudienceCountChanged", m{"count": 1.0})
	for _, c := range []*client{ben, zoe} {
		receive(t, c.unsubscribed, "unsubscribed")
		c.fails(100016, "live.joinLive", m{"liveID": "room_a"})
		other := w.connect(app1, c.user)
		require.Equal(t, uint32(100016), other.subscribes(t, "room:1400000001:room_a").refused(t), "nor may it listen")
	}
	require.Equal(t, []any{"zoe"}, mia.do("live.joinLive", m{"liveID": "room_a"})["adminList"], "who stays an administrator")
	zoe.do("live.updateLiveMetaData", m{"liveID": "room_a", "metaData": m{"k": "v"}})

	require.NoError(t, w.live.UnbanMembers(context.Background(), appAdmin, "room_a", []live.UserID{"ben"}))
	ben.do("live.joinLive", m{"liveID": "room_a"})
	ben.hearsAtLast("audience.onAudienceJoined")
}

func TestABanEndsListeningFromOutside(t *testing.T) {
	w := newWorld(t)
	mia, zoe := w.connect(app1, "mia"), w.connect(app1, "zoe")
	mia.starts("room_a")
	w.makeAdmin("mia", "room_a", "zoe")
	own := zoe.subscribes(t, "room:1400000001:room_a")
	receive(t, own.subscribed, "subscribed")
	w.kick("room_a", "zoe")
	mia.do("live.updateLiveMetaData", m{"metaData": m{"k": "v"}})
	require.Equal(t, "live.onRoomMetadataChanged", receive(t, own.events, "still there").Event, "a kick is for members")
	w.ban("room_a", "zoe")
	require.Equal(t, unsubscribedOver.Code, own.refused(t))
	require.Empty(t, own.events)
}

func TestWhoMayKickAndMuteWhom(t *testing.T) {
	w := newWorld(t)
	clients := make(map[string]*client)
	for _, user := range []string{"owner", "admin1", "admin2", "fan1", "fan2", "outside"} {
		clients[user] = w.connect(app1, user)
	}
	clients["owner"].starts("room_a")
	w.makeAdmin("owner", "room_a", "admin1", "admin2")
	for _, user := range []string{"admin1", "admin2", "fan1", "fan2"} {
		clients[user].do("live.joinLive", m{"liveID": "room_a"})
	}
	for _, s := range []struct {
		who, whom string
		code      int
	}{
		{"owner", "owner", 100006}, {"owner", "outside", 100005}, {"owner", "nobody", 100005},
		{"admin1", "owner", 100006}, {"admin1", "admin2", 100006}, {"admin1", "admin1", 100006}, {"admin1", "outside", 100005},
		{"fan1", "owner", 100006}, {"fan1", "fan2", 100006}, {"fan1", "fan1", 100006}, {"outside", "fan1", 100006},
		{"admin1", "fan1", 0}, {"owner", "admin2", 0},
	} {
		for _, method := range []string{"audience.disableSendMessage", "audience.kickUserOutOfRoom"} {
			params := m{"liveID": "room_a", "userID": s.whom, "isDisable": true}
			if s.code == 0 {
				clients[s.who].do(method, params)
			} else {
				clients[s.who].fails(s.code, method, params)
			}
		}
	}
	require.Len(t, w.online(), 3, "fan1 and admin2 are gone")
	for _, method := range []string{"audience.disableSendMessage", "audience.kickUserOutOfRoom", "audience.setAdministrator", "audience.revokeAdministrator", "audience.getUserInfo"} {
		clients["owner"].fails(100004, method, m{"liveID": "nowhere", "userID": "fan2", "isDisable": true})
		for _, params := range []string{`{}`, `{"userID":""}`, `{"userID":7}`, `{"userID":"сцена"}`, `{"userID":"123456789012345678901234567890123"}`} {
			clients["owner"].fails(100002, method, params)
		}
	}
	clients["owner"].fails(100002, "audience.disableSendMessage", `{"userID":"fan2"}`)
	clients["owner"].fails(100002, "audience.disableSendMessage", `{"userID":"fan2","isDisable":"yes"}`)
}

func TestAClientThatWasKickedWhileItWasAwayIsToldOnComingBack(t *testing.T) {
	w := newWorld(t)
	mia := w.connect(app1, "mia")
	ben, told := w.told("ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	receive(t, ben.subscribed, "subscribed")
	receive(t, ben.connecting, "first connecting")
	before := w.g.presence.connections()
	restore := ben.dialer.cut()
	require.Eventually(t, func() bool { return w.g.presence.connections() < before }, patience, 1)
	w.kick("room_a", "ben")
	mia.hearsAtLast("audience.onAudienceLeft")
	restore()
	require.Equal(t, "room:1400000001:room_a", receive(t, ben.unsubscribed, "unsubscribed").Channel)
	requireKicked(t, told, "room_a", "forJoinRoomStatusInvalidDuringOffline", "")
	require.Len(t, w.online(), 1)
	require.Equal(t, 1, w.g.presence.connections())
	ben.joins("room_a", 2)
}

func TestAKickedMembersClockDoesNotRun(t *testing.T) {
	w, clock := clockedWorld(t, t.TempDir())
	mia, ben := w.connect(app1, "mia"), w.connect(app1, "ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	w.gone(ben)
	w.kick("room_a", "ben")
	require.Eventually(t, func() bool {
		w.g.presence.mu.Lock()
		defer w.g.presence.mu.Unlock()
		return len(w.g.presence.rooms[place{app1, "room_a"}].visitors) == 1
	}, patience, 1)
	back := w.connect(app1, "ben")
	back.do("live.joinLive", m{"liveID": "room_a"})
	clock.passes(w, 91e9)
	require.Len(t, w.online(), 2, "the clock of its first visit was stopped")
}

func TestTheLastCountIsToldWhenMembersWereKickedInBetween(t *testing.T) {
	w := newWorld(t)
	mia := w.connect(app1, "mia")
	mia.starts("room_a")
	at := func(change live.Change) item {
		return item{event: live.Event{App: app1, Room: "room_a", By: appAdmin, Change: change}}
	}
	came := func(user live.UserID, online int) item {
		return at(live.MemberChanged{Member: live.Account{ID: user}, Cause: live.CauseEnter, Online: online})
	}
	kicked := at(live.MembersKicked{Members: []live.KickedMember{{Member: live.Account{ID: "a"}, Online: true}}, Online: 1})
	person := func(user string) m {
		return m{"audience": m{"userID": user, "userName": "", "avatarURL": ""}}
	}
	w.g.lanes[0].publishBatch([]item{came("a", 2), kicked})
	mia.hears("audience.onAudienceJoined", person("a"))
	mia.hearsMember("audience.onAudienceLeft", "audience", "a", 1)
	w.g.lanes[0].publishBatch([]item{kicked, came("b", 2)})
	mia.hears("audience.onAudienceLeft", person("a"))
	mia.hearsMember("audience.onAudienceJoined", "audience", "b", 2)
}

// TestNobodyListensToARoomItWasRemovedFrom lets clients come and go, also by subscriptions of their own and with cut
// lines, while they are kicked, banned and let in again: in the end exactly the members have connections there, and no
// other connection hears anything.
func TestNobodyListensToARoomItWasRemovedFrom(t *testing.T) {
	w, clock := clockedWorld(t, t.TempDir())
	host := w.connect(app1, "host")
	host.do("live.startLive", m{"liveID": "room_a"})
	w.makeAdmin("host", "room_a", "user0")
	var guests, all sync.WaitGroup
	over := make(chan struct{})
	for device := range 8 {
		c := w.connect(app1, fmt.Sprint("user", device/2))
		chance := rand.New(rand.NewPCG(11, uint64(device)))
		guests.Go(func() {
			for range 60 {
				switch chance.IntN(8) {
				case 0:
					_, _ = c.ask("live.leaveLive", m{"liveID": "room_a"})
				case 1:
					c.dialer.cut()()
					receive(t, c.connected, "connected again")
				default:
					_, _ = c.ask("live.joinLive", m{"liveID": "room_a"})
				}
			}
			if device%4 == 3 {
				c.Close()
			}
		})
	}
	for n := range 2 {
		chance := rand.New(rand.NewPCG(12, uint64(n)))
		all.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
				}
				users := []live.UserID{live.UserID(fmt.Sprint("user", chance.IntN(4)))}
				var err error
				switch chance.IntN(4) {
				case 0:
					err = w.live.BanMembers(t.Context(), appAdmin, "room_a", users, 60, "")
				case 1:
					err = w.live.UnbanMembers(t.Context(), appAdmin, "room_a", users)
				default:
					err = w.live.KickMembers(t.Context(), appAdmin, "room_a", users, "")
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	guests.Wait()
	close(over)
	all.Wait()
	require.Eventually(t, func() bool {
		clock.passes(w, 91e9)
		return fmt.Sprint(w.online()) == fmt.Sprint(w.g.presence.present()) && w.listeners() == w.members()
	}, patience, 20e6, "in the store, in presence, and on the wire")
}

// listeners are the users with a connection that hears room_a, as a text.
func (w *world) listeners() string {
	hears := make(map[live.UserID]bool)
	for _, client := range w.g.node.Hub().Connections() {
		if c := connOf(client); c != nil && client.IsSubscribed(channelOf(app1, "room_a")) {
			hears[c.caller.User] = true
		}
	}
	return fmt.Sprint(hears)
}

func (w *world) members() string {
	is := make(map[live.UserID]bool)
	for _, member := range w.online() {
		is[member.User] = true
	}
	return fmt.Sprint(is)
}

// connsOf are the user's connections.
func (w *world) connsOf(user string) (found []*conn) {
	for _, client := range w.g.node.Hub().UserConnections(connectionUser(app1, live.UserID(user))) {
		found = append(found, connOf(client))
	}
	return found
}

// settle waits until all that was committed has been told, and those who were removed have been unsubscribed.
func (w *world) settle() {
	w.t.Helper()
	require.NoError(w.t, w.g.flushed(context.Background()))
	w.g.goodbyes.Wait()
}

// TestAKickAtTheMomentOfEntering: whichever was committed last holds, for the store and the connection alike.
func TestAKickAtTheMomentOfEntering(t *testing.T) {
	w := newWorld(t)
	w.connect(app1, "mia").starts("room_a")
	w.connect(app1, "ben")
	ben := w.connsOf("ben")[0]
	ctx, m := context.Background(), ben.membership("room_a")
	enter := func() error { _, err := w.live.Enter(ctx, ben.caller, "room_a"); return err }
	kick := func() error { return w.live.KickMembers(ctx, appAdmin, "room_a", []live.UserID{"ben"}, "") }
	ban := func() error { return w.live.BanMembers(ctx, appAdmin, "room_a", []live.UserID{"ben"}, 60, "") }
	listen := func() error { return w.live.MayListen(ctx, ben.caller, "room_a") }
	for _, s := range []struct {
		name     string
		observer bool
		does     []func() error
		code     live.Code
	}{
		{"kicked after it had entered", false, []func() error{enter, kick}, live.CodeNotMember},
		{"entered after it had been kicked", false, []func() error{enter, kick, enter}, 0},
		{"kicked from within, and in again", false, []func() error{kick, enter}, 0},
		{"banned after it had entered", false, []func() error{enter, ban}, live.CodeNotMember},
		{"an administrator who listens is kicked as a member", true, []func() error{enter, kick, listen}, 0},
		{"an administrator who listens is banned", true, []func() error{listen, ban}, live.CodeBanned},
	} {
		t.Run(s.name, func(t *testing.T) {
			if s.observer {
				w.makeAdmin("mia", "room_a", "ben")
			}
			require.NoError(t, w.live.UnbanMembers(ctx, appAdmin, "room_a", []live.UserID{"ben"}))
			unlock, first := w.g.presence.lock(m), true
			_, err := ben.enter(ctx, "room_a", s.observer, func(context.Context) error {
				if !first {
					return listen()
				}
				first = false
				for _, do := range s.does {
					if err := do(); err != nil {
						return err
					}
				}
				return nil
			})
			if err == nil {
				ben.listen("room_a")
			}
			unlock()
			require.Equal(t, s.code, live.CodeOf(err), "%v", err)
			w.settle()
			here := 1
			if s.code == 0 {
				here = 2
			}
			require.Equal(t, here, w.g.presence.connections())
			require.Equal(t, s.code == 0, ben.client.IsSubscribed("room:1400000001:room_a"))
			require.Equal(t, s.code == 0 && !s.observer, len(w.online()) == 2)
		})
	}
}

// TestADeviceThatWasKickedStaysOutWhenAnotherOneComesBack, although its user is a member again before the server gets to
// unsubscribe it.
func TestADeviceThatWasKickedStaysOutWhenAnotherOneComesBack(t *testing.T) {
	w := newWorld(t)
	w.connect(app1, "mia").starts("room_a")
	phone := w.connect(app1, "ben")
	phone.joins("room_a", 2)
	receive(t, phone.subscribed, "subscribed")
	first := w.connsOf("ben")[0]
	tablet := w.connect(app1, "ben")
	unlock := w.g.presence.lock(first.membership("room_a"))
	err := w.live.KickMembers(t.Context(), appAdmin, "room_a", []live.UserID{"ben"}, "")
	for _, c := range w.connsOf("ben") {
		if c == first || err != nil {
			continue
		}
		_, err = c.enter(t.Context(), "room_a", false, func(ctx context.Context) error {
			_, err := w.live.Enter(ctx, c.caller, "room_a")
			return err
		})
		c.listen("room_a")
	}
	unlock()
	require.NoError(t, err)
	w.settle()
	receive(t, phone.unsubscribed, "unsubscribed")
	require.Len(t, w.online(), 2)
	require.Equal(t, 2, w.g.presence.connections())
	tablet.do("live.leaveLive", nil)
	phone.fails(100002, "live.leaveLive", nil)
}
