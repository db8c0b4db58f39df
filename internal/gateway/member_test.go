package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"

	sdk "github.com/centrifugal/centrifuge-go"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

func TestJoiningRepliesWithTheSnapshotAndTellsTheOthers(t *testing.T) {
	w := newWorld(t)
	mia, ben := w.connect(app1, "mia"), w.connect(app1, "ben")
	nick := "Ben"
	require.NoError(t, w.live.ImportAccount(context.Background(), userOf("x"), live.AccountImport{ID: "ben", Nick: &nick}))
	mia.starts("room_a")
	w.makeAdmin("mia", "room_a", "zoe", "ada")
	mia.hears("audience.onUserInfoChanged", m{"user": m{"userID": "zoe", "role": "admin"}})
	mia.hears("audience.onUserInfoChanged", m{"user": m{"userID": "ada", "role": "admin"}})
	mia.do("live.updateLiveMetaData", m{"metaData": m{"k": "v"}})
	mia.hearsMetadata("k", "v")

	reply := ben.do("live.joinLive", m{"liveID": "room_a"})
	require.Equal(t, m{"k": "v"}, reply["liveInfo"].(m)["metaData"])
	require.Equal(t, m{"userID": "ben", "role": "generalUser", "isMessageDisabled": false}, reply["self"])
	require.Equal(t, 2.0, reply["audienceCount"])
	require.Equal(t, []any{"ada", "zoe"}, reply["adminList"])
	require.Equal(t, "room:1400000001:room_a", reply["channel"])
	require.Equal(t, "room:1400000001:room_a", receive(t, ben.subscribed, "subscribed").Channel)
	for _, c := range []*client{mia, ben} {
		c.hears("audience.onAudienceJoined", m{"audience": m{"userID": "ben", "userName": "Ben", "avatarURL": ""}})
		c.hears("audience.onAudienceCountChanged", m{"count": 2.0})
	}
}

func TestEventsNameTheRoleOfWhoCameAndWent(t *testing.T) {
	w := newWorld(t)
	mia, ada, ben := w.connect(app1, "mia"), w.connect(app1, "ada"), w.connect(app1, "ben")
	mia.starts("room_a")
	w.makeAdmin("mia", "room_a", "ada")
	mia.hears("audience.onUserInfoChanged", m{"user": m{"userID": "ada", "role": "admin"}})
	require.Equal(t, "admin", ada.do("live.joinLive", m{"liveID": "room_a"})["self"].(m)["role"])
	mia.hearsMember("audience.onAdminJoined", "admin", "ada", 2)
	ben.joins("room_a", 3)
	mia.hearsMember("audience.onAudienceJoined", "audience", "ben", 3)
	ada.do("live.leaveLive", nil)
	mia.hearsMember("audience.onAdminLeft", "admin", "ada", 2)
	require.NoError(t, w.live.ModifyAdmins(context.Background(), userOf("mia"), "room_a", []live.UserID{"ada"}, false))
	mia.hears("audience.onUserInfoChanged", m{"user": m{"userID": "ada", "role": "generalUser"}})
	ben.do("live.leaveLive", m{})
	mia.hearsMember("audience.onAudienceLeft", "audience", "ben", 1)
	ben.hearsMember("audience.onAdminLeft", "admin", "ada", 2)
	ben.hears("audience.onUserInfoChanged", m{"user": m{"userID": "ada", "role": "generalUser"}})
	ben.do("live.joinLive", m{"liveID": "room_a"})
	for receive(t, ben.events, "own arrival").Data["count"] != 2.0 {
	}
	mia.do("live.leaveLive", m{"liveID": "room_a"})
	ben.hearsMember("audience.onOwnerLeft", "owner", "mia", 1)
	require.Equal(t, "mia", ben.do("live.fetchLiveInfo", m{"liveID": "room_a"})["liveInfo"].(m)["liveOwner"].(m)["userID"],
		"the room stays when its owner leaves")
}

func TestLeavingEndsTheSubscriptionOfAllTheUsersConnections(t *testing.T) {
	w := newWorld(t)
	mia, phone, tablet := w.connect(app1, "mia"), w.connect(app1, "ben"), w.connect(app1, "ben")
	mia.starts("room_a")
	phone.joins("room_a", 2)
	require.Equal(t, 2.0, tablet.do("live.joinLive", m{"liveID": "room_a"})["audienceCount"], "one user counts once")
	receive(t, tablet.subscribed, "subscribed")
	phone.do("live.leaveLive", nil)
	receive(t, phone.unsubscribed, "unsubscribed")
	receive(t, tablet.unsubscribed, "unsubscribed")
	tablet.fails(100002, "live.leaveLive", nil)
	tablet.fails(100005, "live.leaveLive", m{"liveID": "room_a"})
	mia.hearsMember("audience.onAudienceJoined", "audience", "ben", 2)
	mia.hearsMember("audience.onAudienceLeft", "audience", "ben", 1)
}

func TestAnotherAppSeesAndReachesNothing(t *testing.T) {
	w := newWorld(t)
	mia, spy := w.connect(app1, "mia"), w.connect(app2, "mia")
	mia.starts("room_a")
	for method, params := range map[string]m{
		"live.joinLive": {}, "live.leaveLive": {}, "live.endLive": {}, "live.fetchLiveInfo": {}, "live.queryMetaData": {},
		"live.updateLiveMetaData": {"metaData": m{"k": "v"}}, "live.deleteLiveMetaData": {"keys": []string{"k"}},
		"audience.fetchAudienceList": {}, "audience.getUserInfo": {"userID": "mia"}, "audience.setAdministrator": {"userID": "mia"},
		"audience.revokeAdministrator": {"userID": "mia"}, "audience.kickUserOutOfRoom": {"userID": "mia"},
		"audience.disableSendMessage": {"userID": "mia", "isDisable": true},
	} {
		params["liveID"] = "room_a"
		spy.fails(100004, method, params)
	}
	require.Equal(t, uint32(103), spy.subscribes(t, "room:1400000001:room_a").refused(t))

	spy.starts("room_a")
	mia.do("live.updateLiveMetaData", m{"metaData": m{"whose": "app1"}})
	mia.hearsMetadata("whose", "app1")
	spy.do("live.updateLiveMetaData", m{"metaData": m{"whose": "app2"}})
	spy.hearsMetadata("whose", "app2")
	mia.do("live.endLive", nil)
	spy.do("live.queryMetaData", nil)
}

// ownSub is a subscription that the client itself made.
type ownSub struct {
	*sdk.Subscription
	subscribed   chan sdk.SubscribedEvent
	unsubscribed chan sdk.UnsubscribedEvent
	events       chan event
}

func (c *client) subscribes(t *testing.T, channel string) *ownSub {
	t.Helper()
	sub, err := c.NewSubscription(channel)
	require.NoError(t, err)
	s := &ownSub{sub, make(chan sdk.SubscribedEvent, 16), make(chan sdk.UnsubscribedEvent, 16), make(chan event, 1024)}
	sub.OnSubscribed(func(e sdk.SubscribedEvent) { s.subscribed <- e })
	sub.OnUnsubscribed(func(e sdk.UnsubscribedEvent) { s.unsubscribed <- e })
	sub.OnPublication(func(e sdk.PublicationEvent) { s.events <- decodeEvent(t, channel, e.Data) })
	require.NoError(t, sub.Subscribe())
	return s
}

// refused returns the code with which the subscription was turned down for good.
func (s *ownSub) refused(t *testing.T) uint32 {
	t.Helper()
	return receive(t, s.unsubscribed, "unsubscribed").Code
}

func TestAMemberMaySubscribeByItselfAndMissesNothingSinceTheSnapshot(t *testing.T) {
	w := newWorld(t)
	mia, ben := w.connect(app1, "mia"), w.connect(app1, "ben")
	mia.starts("room_a")
	channel := ben.do("live.joinLive", m{"liveID": "room_a"})["channel"].(string)
	receive(t, ben.subscribed, "subscribed by the server")
	mia.do("live.updateLiveMetaData", m{"metaData": m{"early": "1"}})
	own := ben.subscribes(t, channel)
	receive(t, own.subscribed, "subscribed")
	mia.do("live.updateLiveMetaData", m{"metaData": m{"late": "2"}})
	for _, want := range []string{"audience.onAudienceJoined", "audience.onAudienceCountChanged"} {
		require.Equal(t, want, receive(t, own.events, want).Event)
	}
	require.Equal(t, "early", receive(t, own.events, "early").Data["key"])
	require.Equal(t, "late", receive(t, own.events, "late").Data["key"])

	t.Run("and goes on after a reconnect", func(t *testing.T) {
		restore := ben.dialer.cut()
		receive(t, ben.connecting, "the first connecting")
		receive(t, ben.connecting, "connecting")
		mia.do("live.updateLiveMetaData", m{"metaData": m{"missed": "3"}})
		restore()
		require.Equal(t, "missed", receive(t, own.events, "missed").Data["key"])
		require.True(t, receive(t, own.subscribed, "subscribed").Recovered)
		ben.do("live.leaveLive", nil)
		require.Equal(t, unsubscribedOver.Code, own.refused(t))
	})
}

func TestJoiningWithAnOwnSubscriptionKeepsIt(t *testing.T) {
	w := newWorld(t)
	mia, ada := w.connect(app1, "mia"), w.connect(app1, "ada")
	mia.starts("room_a")
	w.makeAdmin("mia", "room_a", "ada")
	own := ada.subscribes(t, "room:1400000001:room_a")
	receive(t, own.subscribed, "an administrator may listen from outside")
	require.Equal(t, []live.Membership{{App: app1, Room: "room_a", User: "mia"}}, w.online(), "which does not make a member")
	ada.do("live.joinLive", m{"liveID": "room_a"})
	for receive(t, own.events, "own arrival").Event != "audience.onAdminJoined" {
	}
	require.Empty(t, ada.subscribed, "the server did not subscribe in addition")
	require.NoError(t, own.Unsubscribe())
	receive(t, own.unsubscribed, "unsubscribed")
	ada.do("live.queryMetaData", nil)
}

func TestAnAdministratorWhoListensFromOutsideHearsNothingWithoutTheRight(t *testing.T) {
	w := newWorld(t)
	mia, ada := w.connect(app1, "mia"), w.connect(app1, "ada")
	mia.starts("room_a")
	w.makeAdmin("mia", "room_a", "ada")
	own := ada.subscribes(t, "room:1400000001:room_a")
	receive(t, own.subscribed, "subscribed")
	require.NoError(t, w.live.ModifyAdmins(context.Background(), userOf("mia"), "room_a", []live.UserID{"ada"}, false))
	require.Equal(t, unsubscribedOver.Code, own.refused(t))
	require.NoError(t, own.Subscribe())
	require.Equal(t, uint32(100005), own.refused(t))
}

func TestWhoMayNotSubscribe(t *testing.T) {
	w := newWorld(t)
	mia, eve := w.connect(app1, "mia"), w.connect(app1, "eve")
	mia.starts("room_a")
	for channel, code := range map[string]uint32{
		"room:1400000001:room_a":                     100005,
		"room:1400000001:room_b":                     100004,
		"room:1400000002:room_a":                     103,
		"room:1400000001:":                           103,
		"room:01400000001:room_a":                    103,
		"room:1400000001":                            103,
		"user:1400000001:mia":                        103,
		"room:1400000001:сцена":                      103,
		"room:1400000001:" + fmt.Sprintf("%049d", 1): 103,
	} {
		t.Run(channel, func(t *testing.T) { require.Equal(t, code, eve.subscribes(t, channel).refused(t)) })
	}
}

func TestClientsNeitherPublishNorReadPresenceOrHistory(t *testing.T) {
	w := newWorld(t)
	mia := w.connect(app1, "mia")
	mia.starts("room_a")
	ctx, channel := context.Background(), "room:1400000001:room_a"
	_, publish := mia.Publish(ctx, channel, []byte(`{}`))
	_, history := mia.History(ctx, channel, sdk.WithHistoryLimit(10))
	_, presence := mia.Presence(ctx, channel)
	_, stats := mia.PresenceStats(ctx, channel)
	for name, err := range map[string]error{"publish": publish, "history": history, "presence": presence, "stats": stats} {
		var refusal *sdk.Error
		require.True(t, errors.As(err, &refusal), name)
		require.Equal(t, uint32(108), refusal.Code, name)
	}
}

func TestAClientThatComesBackGetsWhatItMissed(t *testing.T) {
	w := newWorld(t)
	mia, ben := w.connect(app1, "mia"), w.connect(app1, "ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	receive(t, ben.subscribed, "subscribed")
	receive(t, ben.connecting, "first connecting")
	restore := ben.dialer.cut()
	receive(t, ben.connecting, "connecting again")
	mia.do("live.updateLiveMetaData", `{"metaData":{"one":"1","two":"2"}}`)
	mia.do("live.deleteLiveMetaData", m{"keys": []string{"one"}})
	restore()
	ben.hearsMetadata("one", "1")
	ben.hearsMetadata("two", "2")
	ben.hearsMetadata("one", nil)
	e := receive(t, ben.subscribed, "subscribed again")
	require.True(t, e.WasRecovering)
	require.True(t, e.Recovered)
	mia.do("live.updateLiveMetaData", m{"metaData": m{"three": "3"}})
	ben.hearsMetadata("three", "3")
	require.Equal(t, m{"metaData": m{"two": "2", "three": "3"}}, ben.do("live.queryMetaData", nil), "it is in the room again")
}

func TestAClientThatMissedTooMuchIsTold(t *testing.T) {
	w := newWorld(t)
	mia, ben := w.connect(app1, "mia"), w.connect(app1, "ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	receive(t, ben.subscribed, "subscribed")
	receive(t, ben.connecting, "first connecting")
	restore := ben.dialer.cut()
	receive(t, ben.connecting, "connecting again")
	for i := range historySize + 1 {
		mia.do("live.updateLiveMetaData", m{"metaData": m{"n": fmt.Sprint(i)}})
	}
	require.NoError(t, w.g.flushed(context.Background()), "all of it has been published")
	restore()
	e := receive(t, ben.subscribed, "subscribed again")
	require.True(t, e.WasRecovering)
	require.False(t, e.Recovered)
	reply := ben.do("live.joinLive", m{"liveID": "room_a"})
	require.Equal(t, m{"n": fmt.Sprint(historySize)}, reply["liveInfo"].(m)["metaData"])
	require.Equal(t, 2.0, reply["audienceCount"], "it had not left")
	mia.do("live.updateLiveMetaData", m{"metaData": m{"n": "after"}})
	ben.hearsMetadata("n", "after")
}

func TestAClientThatComesBackIntoAnEndedOrLeftRoomIsUnsubscribed(t *testing.T) {
	w := newWorld(t)
	mia, phone, tablet := w.connect(app1, "mia"), w.connect(app1, "ben"), w.connect(app1, "ben")
	for _, room := range []string{"ends", "is left"} {
		mia.do("live.startLive", m{"liveID": room})
		phone.do("live.joinLive", m{"liveID": room})
		receive(t, phone.subscribed, "subscribed")
	}
	receive(t, phone.connecting, "first connecting")
	restore := phone.dialer.cut()
	receive(t, phone.connecting, "connecting again")
	mia.do("live.endLive", m{"liveID": "ends"})
	tablet.do("live.leaveLive", m{"liveID": "is left"})
	restore()
	gone := []string{receive(t, phone.unsubscribed, "1st").Channel, receive(t, phone.unsubscribed, "2nd").Channel}
	require.ElementsMatch(t, []string{"room:1400000001:ends", "room:1400000001:is left"}, gone)
	phone.fails(100002, "live.leaveLive", nil)
}

func TestNoChangeIsLostBetweenSnapshotAndEvents(t *testing.T) {
	w := newWorld(t)
	mia := w.connect(app1, "mia")
	mia.starts("room_a")
	mia.do("live.updateLiveMetaData", m{"metaData": m{"n": "0"}})
	const writes, joiners = 200, 8
	clients := make([]*client, joiners)
	for i := range clients {
		clients[i] = w.connect(app1, fmt.Sprint("user", i))
	}
	var all sync.WaitGroup
	all.Go(func() {
		for n := 1; n <= writes; n++ {
			if _, err := mia.ask("live.updateLiveMetaData", m{"metaData": m{"n": fmt.Sprint(n)}}); err != nil {
				t.Error(err)
			}
		}
	})
	for _, c := range clients {
		all.Go(func() {
			for range 10 {
				if err := c.followCounter(); err != nil {
					t.Errorf("%s: %v", c.user, err)
					return
				}
			}
		})
	}
	all.Wait()
}

// followCounter joins, checks that the first changes of n it hears follow the snapshot without a gap, and leaves.
func (c *client) followCounter() error {
	reply, err := c.ask("live.joinLive", m{"liveID": "room_a"})
	if err != nil {
		return err
	}
	var n int
	if _, err := fmt.Sscan(reply["liveInfo"].(m)["metaData"].(m)["n"].(string), &n); err != nil {
		return err
	}
	for range 12 {
		e := receive(c.t, c.events, "event")
		if e.Event != "live.onRoomMetadataChanged" {
			continue
		}
		var heard int
		if _, err := fmt.Sscan(e.Data["value"].(string), &heard); err != nil {
			return err
		}
		if heard > n+1 {
			return fmt.Errorf("after %d came %d", n, heard)
		}
		n = max(n, heard)
		if n >= 195 {
			break
		}
	}
	_, err = c.ask("live.leaveLive", nil)
	for len(c.events) > 0 {
		<-c.events
	}
	return err
}

func TestOneConnectionCannotBeInTooManyRooms(t *testing.T) {
	w := newWorld(t)
	mia := w.connect(app1, "mia")
	for i := range maxRooms {
		mia.do("live.startLive", m{"liveID": fmt.Sprint("room", i)})
	}
	mia.fails(100013, "live.startLive", m{"liveID": "one too many"})
	mia.fails(100004, "live.fetchLiveInfo", m{"liveID": "one too many"})
	mia.do("live.endLive", m{"liveID": "room0"})
	require.Eventually(t, func() bool {
		_, err := mia.ask("live.startLive", m{"liveID": "another"})
		return err == nil
	}, patience, 1)
}

func TestASecondJoinOfAConnectionIsHarmlessAndAFreshSnapshot(t *testing.T) {
	w := newWorld(t)
	mia := w.connect(app1, "mia")
	mia.starts("room_a")
	mia.do("live.updateLiveMetaData", m{"metaData": m{"k": "v"}})
	mia.hearsMetadata("k", "v")
	reply := mia.do("live.joinLive", m{"liveID": "room_a"})
	require.Equal(t, m{"k": "v"}, reply["liveInfo"].(m)["metaData"])
	mia.do("live.updateLiveMetaData", m{"metaData": m{"k": "w"}})
	mia.hearsMetadata("k", "w")
}

func TestPublicationsAreJSONObjectsOfFourFields(t *testing.T) {
	w := newWorld(t)
	mia := w.device(app1, "mia", sign(app1, "mia"), nil)
	raw := make(chan []byte, 16)
	mia.OnPublication(func(e sdk.ServerPublicationEvent) { raw <- e.Data })
	require.NoError(t, mia.Connect())
	receive(t, mia.connected, "connected")
	mia.do("live.startLive", m{"liveID": "room_a"})
	var fields map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(receive(t, raw, "publication"), &fields))
	require.Len(t, fields, 4)
	for _, name := range []string{"event", "liveID", "time", "data"} {
		require.Contains(t, fields, name)
	}
}
