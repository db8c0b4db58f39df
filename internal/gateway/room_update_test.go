package gateway

import (
	"context"
	"testing"

	sdk "github.com/centrifugal/centrifuge-go"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

// hearsInfo waits for a live's new looks, and returns them without what a test does not look at.
func (c *client) hearsInfo(fields ...any) m {
	c.t.Helper()
	e := receive(c.t, c.events, c.user+" hears of the live's info")
	require.Equal(c.t, "live.onLiveInfoChanged", e.Event)
	require.Equal(c.t, fields, e.Data["modifyFlagList"])
	require.Len(c.t, e.Data, 2)
	return e.Data["liveInfo"].(m)
}

func TestALivesInfoIsChangedByItsOwnerAndToldToEverybody(t *testing.T) {
	w := newWorld(t)
	mia, ben := w.connect(app1, "mia"), w.connect(app1, "ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	mia.hearsMember("audience.onAudienceJoined", "audience", "ben", 2)
	before := mia.do("live.fetchLiveInfo", m{"liveID": "room_a"})["liveInfo"].(m)

	require.Equal(t, m{}, mia.do("live.updateLiveInfo", m{"liveInfo": m{
		"liveID": "room_a", "liveName": "Late", "notice": "n", "isMessageDisable": true, "isGiftEnabled": false, "isLikeEnabled": false,
		"isPublicVisible": false, "seatMode": "free", "coverURL": "https://c", "backgroundURL": "https://b", "categoryList": []int{7},
		"activityStatus": 9, "maxSeatCount": 3, "unheardOf": m{},
	}}))
	want := m{}
	for k, v := range before {
		want[k] = v
	}
	for k, v := range (m{
		"liveName": "Late", "notice": "n", "isMessageDisable": true, "isGiftEnabled": false, "isLikeEnabled": false, "isPublicVisible": false,
		"seatMode": "free", "coverURL": "https://c", "backgroundURL": "https://b", "categoryList": []any{7.0}, "activityStatus": 9.0,
	}) {
		require.NotEqual(t, want[k], v, k)
		want[k] = v
	}
	for _, c := range []*client{mia, ben} {
		info := c.hearsInfo("liveName", "notice", "isMessageDisable", "isGiftEnabled", "isLikeEnabled", "isPublicVisible", "seatMode",
			"coverURL", "backgroundURL", "categoryList", "activityStatus")
		require.Equal(t, want, info, "the whole of it")
	}
	require.Equal(t, want, ben.do("live.fetchLiveInfo", m{"liveID": "room_a"})["liveInfo"])

	// Of a whole liveInfo only what is named changes; zeros and empty texts are values.
	mia.do("live.updateLiveInfo", m{"liveInfo": before, "modifyFlagList": []string{"activityStatus", "coverURL", "activityStatus"}})
	want["activityStatus"], want["coverURL"] = 0.0, ""
	for _, c := range []*client{mia, ben} {
		require.Equal(t, want, c.hearsInfo("coverURL", "activityStatus"))
	}
	mia.do("live.updateLiveInfo", m{"liveInfo": m{"liveName": ""}}) // the one live that the connection is in
	require.Equal(t, "room_a", ben.hearsInfo("liveName")["liveName"])
}

func TestAdministratorsOnlyMuteALive(t *testing.T) {
	w := newWorld(t)
	mia, ada, ben := w.connect(app1, "mia"), w.connect(app1, "ada"), w.connect(app1, "ben")
	mia.starts("room_a")
	ada.joins("room_a", 2)
	w.makeAdmin("mia", "room_a", "ada")
	ada.hears("audience.onUserInfoChanged", m{"user": m{"userID": "ada", "role": "admin"}})
	mute := m{"liveInfo": m{"liveID": "room_a", "isMessageDisable": true}}
	whole := m{"liveID": "room_a", "isMessageDisable": false, "liveName": "mine"}
	ben.fails(100006, "live.updateLiveInfo", mute)
	ada.do("live.updateLiveInfo", mute)
	require.Equal(t, true, ada.hearsInfo("isMessageDisable")["isMessageDisable"])
	ada.fails(100006, "live.updateLiveInfo", m{"liveInfo": whole})
	ada.do("live.updateLiveInfo", m{"liveInfo": whole, "modifyFlagList": []string{"isMessageDisable"}})
	info := ada.hearsInfo("isMessageDisable")
	require.Equal(t, false, info["isMessageDisable"])
	require.Equal(t, "room_a", info["liveName"])
}

func TestUpdatesThatAreRefused(t *testing.T) {
	w := newWorld(t)
	mia := w.connect(app1, "mia")
	mia.starts("room_a")
	named := func(info m, names ...string) m {
		info["liveID"] = "room_a"
		return m{"liveInfo": info, "modifyFlagList": names}
	}
	for name, tc := range map[string]struct {
		code   int
		params any
	}{
		"nothing":                           {100002, m{}},
		"nothing to change":                 {100002, m{"liveInfo": m{"liveID": "room_a", "createTime": 1}}},
		"nothing named":                     {100002, named(m{"liveName": "x"}, []string{}...)},
		"an empty list":                     {100002, `{"liveInfo":{"liveID":"room_a","liveName":"x"},"modifyFlagList":[]}`},
		"named but not there":               {100002, named(m{"liveName": "x"}, "liveName", "notice")},
		"an unknown name":                   {100002, named(m{"liveName": "x"}, "liveName", "colour")},
		"a layout":                          {100002, named(m{"seatLayoutTemplateID": 600}, "seatLayoutTemplateID")},
		"what only the app server changes":  {100002, named(m{"isUnlimitedRoomEnabled": true}, "isUnlimitedRoomEnabled")},
		"another mode":                      {100002, m{"liveInfo": m{"liveID": "room_a", "seatMode": "none"}}},
		"a wrong type":                      {100002, m{"liveInfo": m{"liveID": "room_a", "liveName": 7}}},
		"too long a name":                   {100002, m{"liveInfo": m{"liveID": "room_a", "liveName": string(make([]byte, 101))}}},
		"too many categories":               {100009, m{"liveInfo": m{"liveID": "room_a", "categoryList": []int{1, 2, 3, 4}}}},
		"a live that is not there":          {100004, m{"liveInfo": m{"liveID": "room_b", "liveName": "x"}}},
		"an id that cannot be that of one":  {100002, m{"liveInfo": m{"liveID": "é", "liveName": "x"}}},
		"a list of names of another type":   {100002, `{"liveInfo":{"liveID":"room_a","liveName":"x"},"modifyFlagList":1}`},
		"a list of names with one as a map": {100002, `{"liveInfo":{"liveID":"room_a","liveName":"x"},"modifyFlagList":[{}]}`},
	} {
		t.Run(name, func(t *testing.T) { mia.fails(tc.code, "live.updateLiveInfo", tc.params) })
	}
	mia.do("live.updateLiveMetaData", m{"metaData": m{"k": "v"}})
	mia.hearsMetadata("k", "v") // and of nothing before
}

func TestWhatTheAppServerChangesIsToldToo(t *testing.T) {
	w := newWorld(t)
	mia := w.connect(app1, "mia")
	mia.starts("room_a")
	admin := live.Caller{App: app1, User: "administrator", Kind: live.KindAdmin}
	change := func(u live.RoomUpdate) {
		require.NoError(t, w.live.UpdateRoom(context.Background(), admin, "room_a", u))
	}
	change(live.RoomUpdate{MaxMemberCount: new(5)}) // which nobody sees
	change(live.RoomUpdate{})
	change(live.RoomUpdate{Unlimited: new(true), MaxMemberCount: new(6)})
	require.Equal(t, true, mia.hearsInfo("isUnlimitedRoomEnabled")["isUnlimitedRoomEnabled"])
}

func TestANewOwnerIsToldToEverybody(t *testing.T) {
	w := newWorld(t)
	mia, ben := w.connect(app1, "mia"), w.connect(app1, "ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	mia.hearsMember("audience.onAudienceJoined", "audience", "ben", 2)
	require.NoError(t, w.live.ChangeOwner(context.Background(), userOf("mia"), "room_a", "ben"))
	for _, c := range []*client{mia, ben} {
		c.hears("audience.onUserInfoChanged", m{"user": m{"userID": "mia", "role": "generalUser"}})
		c.hears("audience.onUserInfoChanged", m{"user": m{"userID": "ben", "role": "owner"}})
	}
	mia.fails(100006, "live.endLive", m{})
	ben.do("live.endLive", m{})
}

// TestAFormerOwnerWhoOnlyListenedHearsNoMore: who is no member may listen as the owner, and no longer than that.
func TestAFormerOwnerWhoOnlyListenedHearsNoMore(t *testing.T) {
	w := newWorld(t)
	mia, ben := w.connect(app1, "mia"), w.connect(app1, "ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	mia.do("live.leaveLive", m{})
	sub, err := mia.NewSubscription("room:1400000001:room_a")
	require.NoError(t, err)
	ended := make(chan struct{})
	subscribed := make(chan struct{})
	sub.OnSubscribed(func(sdk.SubscribedEvent) { close(subscribed) })
	sub.OnUnsubscribed(func(sdk.UnsubscribedEvent) { close(ended) })
	require.NoError(t, sub.Subscribe())
	receive(t, subscribed, "subscribed")
	require.NoError(t, w.live.ChangeOwner(context.Background(), userOf("mia"), "room_a", "ben"))
	receive(t, ended, "unsubscribed")
}
