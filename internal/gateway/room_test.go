package gateway

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

func TestStartingALiveRepliesWithItsSnapshot(t *testing.T) {
	w := newWorld(t)
	c := w.connect(app1, "mia")
	before := time.Now().Unix()
	reply := c.do("live.startLive", m{"liveInfo": m{
		"liveID": "room_a", "liveName": "Mia sings", "notice": "be kind", "coverURL": "https://c", "backgroundURL": "https://b",
		"isMessageDisable": true, "isPublicVisible": false, "seatTemplate": "videoDynamicFloat7Seats", "seatMode": "free",
		"isGiftEnabled": false, "keepOwnerOnSeat": true, "categoryList": []int{3, 5}, "activityStatus": 9, "unheardOf": m{},
	}})
	info := reply["liveInfo"].(m)
	created := info["createTime"].(float64)
	require.InDelta(t, before, created, 5, "createTime is in seconds")
	delete(info, "createTime")
	require.Equal(t, m{
		"liveInfo": m{
			"liveID": "room_a", "liveName": "Mia sings", "notice": "be kind", "coverURL": "https://c",
			"backgroundURL": "https://b", "isMessageDisable": true, "isPublicVisible": false, "isSeatEnabled": true,
			"isGiftEnabled": false, "isLikeEnabled": true,
			"seatTemplate": "videoDynamicFloat7Seats", "seatLayoutTemplateID": 601.0, "seatMode": "free",
			"maxSeatCount": 7.0, "keepOwnerOnSeat": true, "categoryList": []any{3.0, 5.0}, "activityStatus": 9.0,
			"customInfo": "", "isUnlimitedRoomEnabled": false, "liveOwner": m{"userID": "mia", "userName": "", "avatarURL": ""},
			"totalViewerCount": 1.0, "currentViewerCount": 1.0, "metaData": m{},
		},
		"self": m{"userID": "mia", "role": "owner", "isMessageDisabled": false}, "audienceCount": 1.0, "adminList": []any{},
		"seatList": append([]any{aSeat(0, "mia", "owner")}, openSeats(7)[1:]...),
		"channel":  "room:1400000001:room_a",
		// gifts and likes
		"totalLikeCount": 0.0, "giftTotals": totals(0, 0, 0),
	}, reply)
}

func TestALiveIsStartedFromEitherShapeAndSpelling(t *testing.T) {
	w := newWorld(t)
	c := w.connect(app1, "mia")
	for name, tc := range map[string]struct {
		params m
		field  string
		want   any
	}{
		"fields beside":      {m{"liveID": "a", "liveName": "Beside"}, "liveName", "Beside"},
		"client spelling":    {m{"liveID": "b", "seatTemplate": "videoFixedGrid9Seats"}, "seatLayoutTemplateID", 800.0},
		"REST spelling":      {m{"liveID": "c", "seatTemplate": "VideoFixedGrid9Seats"}, "seatTemplate", "videoFixedGrid9Seats"},
		"layout":             {m{"liveID": "d", "seatLayoutTemplateID": 200}, "maxSeatCount", 4.0},
		"karaoke":            {m{"liveID": "e", "seatTemplate": "karaoke", "maxSeatCount": 6}, "maxSeatCount", 6.0},
		"apply by default":   {m{"liveID": "f"}, "seatMode", "apply"},
		"apply":              {m{"liveID": "g", "seatMode": "apply"}, "seatMode", "apply"},
		"visible by default": {m{"liveID": "h"}, "isPublicVisible", true},
		"name by default":    {m{"liveID": "i"}, "liveName", "i"},
		"empty template":     {m{"liveID": "j", "seatTemplate": ""}, "isSeatEnabled", false},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tc.want, c.do("live.startLive", tc.params)["liveInfo"].(m)[tc.field])
		})
	}
	generated := c.do("live.startLive", m{})["liveInfo"].(m)["liveID"].(string)
	require.Equal(t, generated, c.do("live.fetchLiveInfo", m{"liveID": generated})["liveInfo"].(m)["liveID"])
}

func TestAnIDInUseCanOnlyBeStartedByItsOwner(t *testing.T) {
	w := newWorld(t)
	mia, ben := w.connect(app1, "mia"), w.connect(app1, "ben")
	mia.starts("room_a")
	ben.fails(100003, "live.startLive", m{"liveID": "room_a"})
	again := mia.do("live.startLive", m{"liveID": "room_a", "liveName": "ignored"})
	require.Equal(t, "room_a", again["liveInfo"].(m)["liveName"])
	require.Equal(t, 1.0, again["audienceCount"])
	ben.fails(100009, "live.startLive", m{"liveID": "room_b", "categoryList": []int{1, 2, 3, 4}})
	ben.fails(100013, "live.startLive", m{"liveID": "room_b", "maxSeatCount": 99})
	ben.fails(100004, "live.fetchLiveInfo", m{"liveID": "room_b"})
}

func TestALiveCanBeLookedAtFromOutsideButNotItsMetadata(t *testing.T) {
	w := newWorld(t)
	mia, ben := w.connect(app1, "mia"), w.connect(app1, "ben")
	mia.starts("room_a")
	mia.do("live.updateLiveMetaData", m{"metaData": m{"k": "v"}})
	info := ben.do("live.fetchLiveInfo", m{"liveID": "room_a"})["liveInfo"].(m)
	require.Equal(t, "room_a", info["liveID"])
	require.Equal(t, m{"userID": "mia", "userName": "", "avatarURL": ""}, info["liveOwner"])
	require.NotContains(t, info, "metaData")
	ben.fails(100005, "live.queryMetaData", m{"liveID": "room_a"})
}

func TestEndingALiveTellsEverybodyAndRepliesWithItsStatistics(t *testing.T) {
	w := newWorld(t)
	mia, ben := w.connect(app1, "mia"), w.connect(app1, "ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	ben.fails(100006, "live.endLive", m{})
	reply := mia.do("live.endLive", m{})
	require.Equal(t, m{"statistics": m{
		"totalViewers": 2.0, "totalGiftsSent": 0.0, "totalGiftCoins": 0.0, "totalUniqueGiftSenders": 0.0,
		"totalLikesReceived": 0.0, "totalMessageCount": 0.0, "liveDuration": reply["statistics"].(m)["liveDuration"],
	}}, reply)
	require.Less(t, reply["statistics"].(m)["liveDuration"], 3600.0, "liveDuration is in seconds")
	ben.hears("live.onLiveEnded", m{"liveID": "room_a", "reason": "endedByHost", "message": ""})
	require.Equal(t, "room:1400000001:room_a", receive(t, ben.unsubscribed, "unsubscribed").Channel)
	receive(t, mia.unsubscribed, "unsubscribed")
	ben.fails(100004, "live.joinLive", m{"liveID": "room_a"})
	ben.fails(100002, "live.leaveLive", m{})
	mia.fails(100004, "live.endLive", m{"liveID": "room_a"})
}

func TestALiveThatTheServerEndsSaysSo(t *testing.T) {
	w := newWorld(t)
	mia := w.connect(app1, "mia")
	mia.starts("room_a")
	admin := live.Caller{App: app1, User: "administrator", Kind: live.KindAdmin}
	_, err := w.live.DestroyRoom(context.Background(), admin, "room_a")
	require.NoError(t, err)
	mia.hears("live.onLiveEnded", m{"liveID": "room_a", "reason": "endedByServer", "message": ""})
	receive(t, mia.unsubscribed, "unsubscribed")
}

func TestAnIDIsFreeAgainAtOnceAndNothingOfTheOldLiveIsHeard(t *testing.T) {
	w := newWorld(t)
	mia, ben := w.connect(app1, "mia"), w.connect(app1, "ben")
	for range 20 {
		mia.do("live.startLive", m{"liveID": "room_a"})
		ben.do("live.joinLive", m{"liveID": "room_a"})
		mia.do("live.endLive", m{"liveID": "room_a"})
		reply := ben.do("live.startLive", m{"liveID": "room_a"})
		require.Equal(t, "owner", reply["self"].(m)["role"])
		require.Equal(t, 1.0, reply["audienceCount"])
		ben.do("live.updateLiveMetaData", m{"liveID": "room_a", "metaData": m{"mine": "yes"}})
		for receive(t, ben.events, "event").Data["key"] != "mine" {
		}
		ben.do("live.endLive", m{"liveID": "room_a"})
		for receive(t, ben.events, "event").Event != "live.onLiveEnded" {
		}
	}
	for len(mia.events) > 0 {
		require.NotEqual(t, "live.onRoomMetadataChanged", (<-mia.events).Event, "who was in the old room hears nothing of the new one")
	}
}

func TestWithoutALiveIDTheOneRoomOfTheConnectionIsMeant(t *testing.T) {
	w := newWorld(t)
	mia := w.connect(app1, "mia")
	optional := map[string]m{
		"live.queryMetaData": {}, "live.updateLiveMetaData": {"metaData": m{"k": "v"}},
		"live.deleteLiveMetaData": {"keys": []string{"k"}}, "live.leaveLive": {}, "live.endLive": {},
	}
	for method, params := range optional {
		mia.fails(100002, method, params)
	}
	mia.do("live.startLive", m{"liveID": "room_a"})
	mia.do("live.updateLiveMetaData", optional["live.updateLiveMetaData"])
	require.Equal(t, m{"metaData": m{"k": "v"}}, mia.do("live.queryMetaData", nil))
	mia.do("live.startLive", m{"liveID": "room_b"})
	for method, params := range optional {
		mia.fails(100002, method, params)
	}
	mia.do("live.leaveLive", m{"liveID": "room_b"})
	mia.do("live.deleteLiveMetaData", optional["live.deleteLiveMetaData"])
	mia.do("live.endLive", nil)
}
