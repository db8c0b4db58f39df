package gateway

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

func TestTheListOfLives(t *testing.T) {
	w := newWorld(t)
	ben, eve := w.connect(app1, "ben"), w.connect(app2, "eve")
	admin := live.Caller{App: app1, User: "administrator", Kind: live.KindAdmin}
	require.NoError(t, w.live.ImportAccount(context.Background(), admin, live.AccountImport{ID: "mia", Nick: new("Mia"), FaceURL: new("m.png")}))
	hidden := false
	for i := range 60 {
		spec := live.RoomSpec{ID: live.RoomID(fmt.Sprintf("room_%02d", i)), Type: live.RoomTypeLive, Owner: "mia"}
		if i == 59 {
			spec.PublicVisible = &hidden
		}
		_, err := w.live.CreateRoom(context.Background(), admin, spec)
		require.NoError(t, err)
	}
	ben.joins("room_07", 1)

	first := ben.do("live.fetchLiveList", nil)
	lives := first["liveList"].([]any)
	require.Len(t, lives, 20)
	want := ben.do("live.fetchLiveInfo", m{"liveID": "room_07"})["liveInfo"]
	require.Equal(t, want, lives[0], "the one with most views first, with all that is known of it")
	require.Equal(t, m{"userID": "mia", "userName": "Mia", "avatarURL": "m.png"}, lives[1].(m)["liveOwner"])
	require.NotContains(t, lives[0], "metaData")

	seen := map[string]bool{}
	for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
		require.Less(t, pages, 2)
		page := ben.do("live.fetchLiveList", m{"cursor": cursor, "count": 50})
		for _, l := range page["liveList"].([]any) {
			seen[l.(m)["liveID"].(string)] = true
		}
		cursor = page["cursor"].(string)
	}
	require.Len(t, seen, 59, "all but the hidden one")
	require.Equal(t, m{"liveList": []any{}, "cursor": ""}, eve.do("live.fetchLiveList", m{"cursor": ""}), "of another app")

	for _, params := range []m{{"count": 0}, {"count": 51}, {"count": -1}, {"count": "20"}, {"cursor": "x"}, {"cursor": 0}} {
		ben.fails(100002, "live.fetchLiveList", params)
	}
}

func TestTheSummaryOfALiveIsForItsHosts(t *testing.T) {
	w := newWorld(t)
	mia, ada, ben := w.connect(app1, "mia"), w.connect(app1, "ada"), w.connect(app1, "ben")
	mia.starts("room_a")
	w.makeAdmin("mia", "room_a", "ada")
	ben.joins("room_a", 2)
	require.NoError(t, w.rows.Update(context.Background(), func(tx live.Tx) error {
		return tx.AddTotals(app1, "room_a", live.Totals{GiftsSent: 4, GiftCoins: 50, GiftSenders: 2, LikesReceived: 700, Messages: 18})
	}))
	for _, c := range []*client{mia, ada} {
		summary := c.do("summary.getLiveSummary", m{"liveID": "room_a"})["summaryData"].(m)
		lasted := summary["totalDuration"].(float64)
		require.GreaterOrEqual(t, lasted, 0.0)
		require.Less(t, lasted, 3_600_000.0)
		delete(summary, "totalDuration")
		require.Equal(t, m{
			"totalViewers": 2.0, "totalGiftsSent": 4.0, "totalGiftUniqueSenders": 2.0, "totalGiftCoins": 50.0,
			"totalLikesReceived": 700.0, "totalMessageSent": 18.0,
		}, summary)
	}
	mia.do("summary.getLiveSummary", nil) // the one live that the connection is in
	ben.fails(100006, "summary.getLiveSummary", m{"liveID": "room_a"})
	ben.fails(100004, "summary.getLiveSummary", m{"liveID": "room_b"})
	ada.fails(100002, "summary.getLiveSummary", m{})
	statistics := mia.do("live.endLive", m{})["statistics"].(m)
	require.Contains(t, statistics, "liveDuration")
	delete(statistics, "liveDuration")
	require.Equal(t, m{
		"totalViewers": 2.0, "totalGiftsSent": 4.0, "totalGiftCoins": 50.0, "totalUniqueGiftSenders": 2.0,
		"totalLikesReceived": 700.0, "totalMessageCount": 18.0,
	}, statistics)
}
