package gateway

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

// stocked is a world whose first app has a rose, a car and a category with both, and a room of mia's in which ben is.
func stocked(t *testing.T) (w *world, mia, ben *client) {
	t.Helper()
	w = newWorld(t)
	ctx, admin := context.Background(), live.Caller{App: app1, User: "administrator", Kind: live.KindAdmin}
	rose := live.GiftSpec{
		ID: "rose01", GiftTextEdit: text("Rose", "one rose"), Coins: new(5), Level: new(2),
		IconURL: new("https://cdn.example.org/r.png"), ResourceURL: new("https://cdn.example.org/r.mp4"), ExtensionInfo: new(`{"tag": "new"}`),
	}
	require.NoError(t, w.live.AddGift(ctx, admin, rose))
	require.NoError(t, w.live.AddGift(ctx, admin, live.GiftSpec{ID: "car02", GiftTextEdit: text("Car", ""), Coins: new(0)}))
	require.NoError(t, w.live.SetGiftText(ctx, admin, "rose01", live.SimplifiedChinese, text("玫瑰", "一朵")))
	require.NoError(t, w.live.AddGiftCategory(ctx, admin, live.GiftCategorySpec{ID: "hot", GiftTextEdit: text("Hot", "popular"), ExtensionInfo: new("[1]")}))
	require.NoError(t, w.live.AddGiftCategory(ctx, admin, live.GiftCategorySpec{ID: "cold", GiftTextEdit: text("Cold", "")}))
	require.NoError(t, w.live.SetGiftCategoryText(ctx, admin, "hot", live.SimplifiedChinese, text("热", "")))
	_, err := w.live.AddGiftsToCategory(ctx, admin, "hot", []live.GiftID{"rose01", "car02"})
	require.NoError(t, err)
	nick := "Ben"
	require.NoError(t, w.live.ImportAccount(ctx, admin, live.AccountImport{ID: "ben", Nick: &nick}))
	mia, ben = w.connect(app1, "mia"), w.connect(app1, "ben")
	mia.starts("room_a")
	ben.do("live.joinLive", m{"liveID": "room_a"})
	for _, c := range []*client{mia, ben} {
		c.hears("audience.onAudienceJoined", m{"audience": theBen})
		c.hears("audience.onAudienceCountChanged", m{"count": 2.0})
	}
	return w, mia, ben
}

func text(name, desc string) live.GiftTextEdit { return live.GiftTextEdit{Name: &name, Desc: &desc} }

var (
	theMia  = m{"userID": "mia", "userName": "", "avatarURL": ""}
	theBen  = m{"userID": "ben", "userName": "Ben", "avatarURL": ""}
	theRose = m{
		"giftID": "rose01", "name": "Rose", "desc": "one rose", "iconURL": "https://cdn.example.org/r.png",
		"resourceURL": "https://cdn.example.org/r.mp4", "level": 2.0, "coins": 5.0, "extensionInfo": m{"tag": "new"},
	}
	theCar = m{
		"giftID": "car02", "name": "Car", "desc": "", "iconURL": "", "resourceURL": "", "level": 0.0, "coins": 0.0, "extensionInfo": m{},
	}
)

func totals(gifts, coins, senders float64) m {
	return m{"totalGiftsSent": gifts, "totalGiftCoins": coins, "totalUniqueGiftSenders": senders}
}

func TestAGiftIsHeardByEverybodyItsSenderToo(t *testing.T) {
	w, mia, ben := stocked(t)
	ben.do("gift.sendGift", m{"giftID": "rose01", "count": 3})
	mia.do("gift.sendGift", m{"liveID": "room_a", "giftID": "car02"})
	for _, c := range []*client{mia, ben} {
		e := c.hears("gift.onReceiveGift", m{"gift": theRose, "count": 3.0, "sender": theBen, "receivers": []any{theMia}})
		require.Equal(t, "room_a", e.LiveID)
		c.hears("gift.onGiftCountChanged", totals(3, 15, 1))
		c.hears("gift.onReceiveGift", m{"gift": theCar, "count": 1.0, "sender": theMia, "receivers": []any{theMia}})
		c.hears("gift.onGiftCountChanged", totals(4, 15, 2))
	}
	require.Equal(t, totals(4, 15, 2), mia.do("gift.getGiftCountByAnchor", nil))
	zoe := w.connect(app1, "zoe")
	require.Equal(t, totals(4, 15, 2), zoe.do("live.joinLive", m{"liveID": "room_a"})["giftTotals"])
	require.Equal(t, 4.0, mia.do("live.endLive", nil)["statistics"].(m)["totalGiftsSent"])
}

func TestAGiftOverRESTIsHeardTooAndNamesItsReceivers(t *testing.T) {
	w, mia, _ := stocked(t)
	admin := live.Caller{App: app1, User: "administrator", Kind: live.KindAdmin}
	sending := live.GiftSending{Gift: "rose01", Count: 1, From: "shop", To: []live.UserID{"ben", "mia"}}
	require.NoError(t, w.live.SendGift(context.Background(), admin, "room_a", sending))
	mia.hears("gift.onReceiveGift", m{"gift": theRose, "count": 1.0, "sender": m{"userID": "shop", "userName": "", "avatarURL": ""}, "receivers": []any{theBen, theMia}})
	mia.hears("gift.onGiftCountChanged", totals(2, 10, 1))
}

func TestUsableGiftsComeByCategoryInTheLanguageAskedFor(t *testing.T) {
	w, _, ben := stocked(t)
	list := func(language string) any {
		return ben.do("gift.refreshUsableGifts", m{"language": language})["usableGifts"]
	}
	cold := m{"categoryID": "cold", "name": "Cold", "desc": "", "extensionInfo": m{}, "giftList": []any{}}
	byDefault := []any{m{"categoryID": "hot", "name": "Hot", "desc": "popular", "extensionInfo": []any{1.0}, "giftList": []any{theRose, theCar}}, cold}
	for _, language := range []string{"", "en", "fr", "zh-TW", "zh-Hant", "鬼"} {
		require.Equal(t, byDefault, list(language), language)
	}
	rose := m{}
	for k, v := range theRose {
		rose[k] = v
	}
	rose["name"], rose["desc"] = "玫瑰", "一朵"
	inChinese := []any{m{"categoryID": "hot", "name": "热", "desc": "", "extensionInfo": []any{1.0}, "giftList": []any{rose, theCar}}, cold}
	for _, language := range []string{"zh-CN", "zh-Hans", "zh"} {
		require.Equal(t, inChinese, list(language), language)
	}
	require.Equal(t, byDefault, ben.do("gift.refreshUsableGifts", m{"liveID": "room_a"})["usableGifts"])

	stranger := w.connect(app2, "mia")
	stranger.starts("room_a")
	require.Equal(t, m{"usableGifts": []any{}}, stranger.do("gift.refreshUsableGifts", m{}), "gifts are the app's own")
	stranger.fails(102002, "gift.sendGift", m{"giftID": "rose01"})
}

func TestWhoMayGiveGifts(t *testing.T) {
	w, mia, ben := stocked(t)
	zoe := w.connect(app1, "zoe")
	for method, params := range map[string]m{
		"gift.sendGift": {"liveID": "room_a", "giftID": "rose01"}, "gift.refreshUsableGifts": {"liveID": "room_a"},
		"like.sendLike": {"liveID": "room_a"}, "like.getLikesCount": {"liveID": "room_a"},
	} {
		zoe.fails(100005, method, params)
		params["liveID"] = "nowhere"
		zoe.fails(100004, method, params)
	}
	ben.fails(100006, "gift.getGiftCountByAnchor", nil)
	zoe.fails(100004, "gift.getGiftCountByAnchor", m{"liveID": "nowhere"})
	ben.fails(102002, "gift.sendGift", m{"giftID": "no"})
	ben.fails(102002, "gift.sendGift", m{"giftID": "роза"})
	for _, params := range []string{
		`{}`, `{"giftID":""}`, `{"giftID":7}`, `{"giftID":"ro\nse"}`, `{"giftID":"123456789012345678901"}`, `{"giftID":"rose01","count":0}`,
		`{"giftID":"rose01","count":-1}`, `{"giftID":"rose01","count":100001}`, `{"giftID":"rose01","count":1.5}`, `{"giftID":"rose01","count":"2"}`,
	} {
		ben.fails(100002, "gift.sendGift", params)
	}
	ben.fails(100002, "gift.refreshUsableGifts", `{"language":7}`)
	require.Equal(t, totals(0, 0, 0), mia.do("gift.getGiftCountByAnchor", m{}), "nothing was given")
}
