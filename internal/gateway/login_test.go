package gateway

import (
	"context"
	"testing"
	"time"

	"github.com/centrifugal/centrifuge"
	sdk "github.com/centrifugal/centrifuge-go"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/usersig"
)

var byAdmin = live.Caller{App: app1, User: "administrator", Kind: live.KindAdmin}

// hearer is a device and what it is told personally.
type hearer struct {
	*client
	messages chan event
}

// hearing returns a device that has logged in with a UserSig of that age.
func (w *world) hearing(user string, age time.Duration) hearer {
	w.t.Helper()
	sig := usersig.New(uint32(app1), key1, user, time.Now().Add(-age), time.Hour)
	d := hearer{w.device(app1, user, sig, nil), make(chan event, 100)}
	d.OnMessage(func(e sdk.MessageEvent) { d.messages <- decodeEvent(w.t, "", e.Data) })
	require.NoError(w.t, d.Connect())
	receive(w.t, d.connected, "connected")
	return d
}

// isTold waits for the next message, which must be this one.
func (d hearer) isTold(name string, data m) {
	d.t.Helper()
	e := receive(d.t, d.messages, d.user+" is told "+name)
	require.Equal(d.t, name, e.Event)
	require.Empty(d.t, e.LiveID)
	require.Equal(d.t, data, e.Data)
}

func TestAKickedUserIsToldAndDisconnectedForGood(t *testing.T) {
	w := newWorld(t)
	phone, tablet, other := w.hearing("mia", time.Minute), w.hearing("mia", 2*time.Minute), w.connect(app1, "ben")
	require.NoError(t, w.live.Kick(context.Background(), byAdmin, "mia"))
	for _, d := range []hearer{phone, tablet} {
		d.isTold("login.onKickedOffline", m{})
		require.Equal(t, uint32(4501), receive(t, d.disconnected, "disconnected").Code)
		require.Equal(t, sdk.StateDisconnected, d.State(), "it does not connect again by itself")
		require.NoError(t, d.Connect())
		require.Equal(t, uint32(70052), receive(t, d.disconnected, "refused").Code)
	}
	other.do("login.getSelfInfo", m{})

	// A UserSig of the next second; the clock of the test need not get there.
	fresh := w.device(app1, "mia", usersig.New(uint32(app1), key1, "mia", time.Now().Add(2*time.Second), time.Hour), nil)
	require.NoError(t, fresh.Connect())
	receive(t, fresh.connected, "connected")
}

func TestADeletedUserIsDisconnectedAndHasLeft(t *testing.T) {
	w := newWorld(t)
	mia, ben := w.connect(app1, "mia"), w.hearing("ben", time.Minute)
	mia.starts("room_a")
	ben.joins("room_a", 2)
	mia.hearsMember("audience.onAudienceJoined", "audience", "ben", 2)
	outcomes, err := w.live.DeleteAccounts(context.Background(), byAdmin, []live.UserID{"ben"})
	require.NoError(t, err)
	require.NoError(t, outcomes[0])
	mia.hearsMember("audience.onAudienceLeft", "audience", "ben", 1)
	ben.isTold("login.onKickedOffline", m{})
	require.Equal(t, uint32(4501), receive(t, ben.disconnected, "disconnected").Code)
}

// TestAConnectionMadeDuringAKickIsClosed: its login was judged before the kick, and the kick has looked for connections
// before it was one.
func TestAConnectionMadeDuringAKickIsClosed(t *testing.T) {
	w := newWorld(t)
	c := w.device(app1, "mia", usersig.New(uint32(app1), key1, "mia", time.Now().Add(-time.Minute), time.Hour), nil)
	w.g.node.OnConnect(func(client *centrifuge.Client) {
		w.live.Heed(live.Revocation{App: app1, User: "mia", Until: time.Now()})
		w.g.connected(client)
	})
	require.NoError(t, c.Connect())
	require.Equal(t, uint32(4501), receive(t, c.disconnected, "disconnected").Code)
}

// TestWhatEndsConnectionsHoldsForNewOnesToo: before it looks for connections, and so for those it does not find.
func TestWhatEndsConnectionsHoldsForNewOnesToo(t *testing.T) {
	w := newWorld(t)
	w.g.endLogins(live.Revocation{App: app1, User: "mia", Until: time.Now()})
	require.True(t, w.live.Revoked(app1, "mia", time.Now().Add(-time.Minute)))
}

func TestARenewedConnectionHasANewerLogin(t *testing.T) {
	w := newWorld(t)
	mia := w.hearing("mia", time.Minute)
	later := usersig.New(uint32(app1), key1, "mia", time.Now().Add(time.Minute), time.Hour)
	mia.fails(70002, "login.renew", m{})
	mia.fails(70003, "login.renew", m{"userSig": "rubbish"})
	mia.fails(70013, "login.renew", m{"userSig": sign(app1, "ben")})
	mia.fails(70001, "login.renew", m{"userSig": usersig.New(uint32(app1), key1, "mia", time.Now().Add(-time.Hour), time.Minute)})
	mia.fails(100002, "login.renew", m{"userSig": 7})
	require.Equal(t, m{}, mia.do("login.renew", m{"userSig": later}))
	require.NoError(t, w.live.Kick(context.Background(), byAdmin, "mia"))
	mia.isTold("login.onKickedOffline", m{})
	mia.do("login.getSelfInfo", m{})
	mia.fails(70052, "login.renew", m{"userSig": sign(app1, "mia")})
}

func TestWhoLogsOutHasLeftAndStaysAway(t *testing.T) {
	w := newWorld(t)
	mia, ben, second := w.connect(app1, "mia"), w.connect(app1, "ben"), w.connect(app1, "ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	mia.hearsMember("audience.onAudienceJoined", "audience", "ben", 2)
	ben.do("live.startLive", m{"liveID": "room_b"})
	require.Equal(t, m{}, ben.do("login.logout", m{}))
	require.Equal(t, uint32(4502), receive(t, ben.disconnected, "disconnected").Code)
	mia.hearsMember("audience.onAudienceLeft", "audience", "ben", 1)
	require.Equal(t, []live.Membership{{App: app1, Room: "room_a", User: "mia"}}, w.online())
	second.do("login.getSelfInfo", m{})
	second.do("login.logout", m{})
	require.Equal(t, uint32(4502), receive(t, second.disconnected, "disconnected").Code)
}

func TestAUsersOwnProfile(t *testing.T) {
	w := newWorld(t)
	mia, ben := w.connect(app1, "mia"), w.connect(app1, "ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	mia.hearsMember("audience.onAudienceJoined", "audience", "ben", 2)
	nobody := m{"userID": "ben", "userName": "", "avatarURL": "", "customInfo": m{}}
	require.Equal(t, nobody, ben.do("login.getSelfInfo", m{}))

	require.Equal(t, m{}, ben.do("login.setSelfInfo", m{
		"userName": "Ben", "avatarURL": "b.png", "selfSignature": "hi", "location": "here", "gender": "male", "allowType": "needConfirm",
		"birthday": 20010203, "language": 0, "level": 4294967295, "role": 7, "customInfo": m{"Tier": "gold", "Pet": "cat"},
	}))
	want := m{
		"userID": "ben", "userName": "Ben", "avatarURL": "b.png", "selfSignature": "hi", "location": "here", "gender": "male",
		"allowType": "needConfirm", "birthday": 20010203.0, "language": 0.0, "level": 4294967295.0, "role": 7.0,
		"customInfo": m{"Tier": "gold", "Pet": "cat"},
	}
	require.Equal(t, want, ben.do("login.getSelfInfo", m{}))
	for _, c := range []*client{mia, ben} {
		c.hears("audience.onUserInfoChanged", m{"user": m{"userID": "ben", "userName": "Ben", "avatarURL": "b.png"}})
	}
	ben.do("login.setSelfInfo", m{"avatarURL": "", "gender": "", "customInfo": m{"Tier": nil, "Pet": ""}})
	delete(want, "gender")
	want["avatarURL"], want["customInfo"] = "", m{}
	require.Equal(t, want, ben.do("login.getSelfInfo", m{}))
	mia.hears("audience.onUserInfoChanged", m{"user": m{"userID": "ben", "userName": "Ben", "avatarURL": ""}})

	long := string(make([]byte, 501))
	for code, params := range map[int][]m{
		100002: {{}, {"userName": 7}, {"level": "3"}, {"level": -1}, {"role": 1.5}, {"customInfo": []string{"a"}}, {"customInfo": m{"a": 1}}},
		40009:  {{"customInfo": m{"": "x"}}, {"customInfo": m{"Tier1": "x"}}, {"customInfo": m{"TooLongKey": "x"}}},
		40601:  {{"userName": long}, {"customInfo": m{"Tier": long}}},
		40605:  {{"userName": "Other", "gender": "robot"}, {"allowType": "AllowType_Type_AllowAny"}, {"location": long[:17]}},
	} {
		for _, p := range params {
			ben.fails(code, "login.setSelfInfo", p)
		}
	}
	require.Equal(t, want, ben.do("login.getSelfInfo", m{}), "nothing was half done")
}

func TestThePlatformsOfAUser(t *testing.T) {
	w := newWorld(t)
	require.Empty(t, w.platforms(app1, "mia"))
	first := w.connect(app1, "mia")
	w.connect(app1, "mia")
	web := w.device(app1, "mia", sign(app1, "mia"), m{"platform": "Web"})
	require.NoError(t, web.Connect())
	receive(t, web.connected, "connected")
	require.Equal(t, []live.Platform{live.PlatformWeb, live.PlatformIOS}, w.platforms(app1, "mia"))
	require.Empty(t, w.platforms(app2, "mia"))
	require.Empty(t, w.platforms(app1, "mi"))
	for _, c := range []*client{first, web} {
		c.Close()
	}
	require.Eventually(t, func() bool { return len(w.platforms(app1, "mia")) == 1 }, patience, time.Millisecond)
}

func (w *world) platforms(app live.AppID, user live.UserID) []live.Platform {
	return w.g.Platforms(app, []live.UserID{user})[0]
}
