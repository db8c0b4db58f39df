package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

func fullGift(id live.GiftID) live.Gift {
	return live.Gift{
		ID: id, GiftText: live.GiftText{Name: "Rose ✨", Desc: "one"}, IconURL: "i", ResourceURL: "r", Coins: 1<<31 - 1, Level: 99,
		ExtensionInfo: `{"a":1}`, CreatedAt: time.Unix(1765000000, 0),
	}
}

func gifts(t *testing.T, f *fixture) {
	rose, car := fullGift("rose"), live.Gift{ID: "car", CreatedAt: time.Unix(0, 0)}
	text := live.GiftText{Name: "玫瑰", Desc: "d"}
	f.update(func(tx live.Tx) error {
		return errors.Join(tx.PutGift(app, rose), tx.PutGift(app, car), tx.PutGift(other, fullGift("rose")),
			tx.PutGiftText(app, "rose", live.SimplifiedChinese, live.GiftText{Name: "first"}),
			tx.PutGiftText(app, "rose", live.SimplifiedChinese, text), tx.PutGiftText(app, "rose", live.English, text),
			tx.DeleteGiftText(app, "rose", live.English), tx.DeleteGiftText(app, "none", live.English))
	})
	rose.Texts = map[live.Language]live.GiftText{live.SimplifiedChinese: text}
	catalogue := func(of live.AppID, want ...live.Gift) {
		t.Helper()
		f.view(func(r live.Reader) {
			all, err := r.Gifts(of)
			require.NoError(t, err)
			require.Equal(t, want, all, "the newest first")
			n, err := r.CountGifts(of)
			require.NoError(t, err)
			require.Equal(t, len(want), n)
			for _, g := range want {
				got, ok, err := r.Gift(of, g.ID)
				require.NoError(t, err)
				require.True(t, ok)
				require.Equal(t, g, got)
			}
			_, ok, err := r.Gift(of, "none")
			require.NoError(t, err)
			require.False(t, ok)
		})
	}
	catalogue(app, car, rose)
	rose.Name, rose.Coins = "renamed", 0
	f.update(func(tx live.Tx) error { return tx.PutGift(app, rose) })
	catalogue(app, car, rose)
	f.update(func(tx live.Tx) error { return tx.DeleteGift(app, "rose") })
	catalogue(app, car)
	catalogue(other, fullGift("rose"))
	rose.Texts = nil
	f.update(func(tx live.Tx) error { return tx.PutGift(app, rose) })
	catalogue(app, rose, car)
}

func giftCategories(t *testing.T, f *fixture) {
	hot := live.GiftCategory{ID: "hot", GiftText: live.GiftText{Name: "Hot", Desc: "d"}, ExtensionInfo: "[]"}
	cold, text := live.GiftCategory{ID: "cold", GiftText: live.GiftText{Name: "Cold"}, Gifts: []live.GiftID{}}, live.GiftText{Name: "n"}
	f.update(func(tx live.Tx) error {
		return errors.Join(tx.PutGift(app, fullGift("rose")), tx.PutGift(app, fullGift("car")),
			tx.PutGiftCategory(app, hot), tx.PutGiftCategory(app, cold), tx.PutGiftCategory(other, hot),
			tx.PutGiftCategoryText(app, "hot", live.English, live.GiftText{Name: "first"}), tx.PutGiftCategoryText(app, "hot", live.English, text),
			tx.PutGiftCategoryText(app, "hot", live.TraditionalChinese, text), tx.DeleteGiftCategoryText(app, "hot", live.TraditionalChinese),
			tx.PutGiftInCategory(app, "hot", "rose"), tx.PutGiftInCategory(app, "hot", "car"), tx.PutGiftInCategory(app, "hot", "rose"),
			tx.PutGiftInCategory(app, "cold", "car"), tx.DeleteGiftFromCategory(app, "cold", "car"))
	})
	hot.Texts, hot.Gifts = map[live.Language]live.GiftText{live.English: text}, []live.GiftID{"rose", "car"}
	catalogue := func(of live.AppID, want ...live.GiftCategory) {
		t.Helper()
		f.view(func(r live.Reader) {
			all, err := r.GiftCategories(of)
			require.NoError(t, err)
			require.Equal(t, want, all, "the oldest first")
			n, err := r.CountGiftCategories(of)
			require.NoError(t, err)
			require.Equal(t, len(want), n)
			for _, c := range want {
				got, ok, err := r.GiftCategory(of, c.ID)
				require.NoError(t, err)
				require.True(t, ok)
				require.Equal(t, c, got)
			}
			_, ok, err := r.GiftCategory(of, "none")
			require.NoError(t, err)
			require.False(t, ok)
		})
	}
	catalogue(app, hot, cold)
	hot.Name = "Hotter"
	f.update(func(tx live.Tx) error { return tx.PutGiftCategory(app, hot) })
	catalogue(app, hot, cold)
	f.update(func(tx live.Tx) error { return tx.DeleteGift(app, "rose") })
	hot.Gifts = []live.GiftID{"car"}
	catalogue(app, hot, cold)
	f.update(func(tx live.Tx) error { return tx.DeleteGiftCategory(app, "hot") })
	catalogue(app, cold)
	hot.Texts, hot.Gifts = nil, []live.GiftID{}
	f.update(func(tx live.Tx) error { return tx.PutGiftCategory(app, hot) })
	catalogue(app, cold, hot)
	hot.Name = "Hot"
	catalogue(other, hot)
}

func giftSenders(t *testing.T, f *fixture) {
	f.update(func(tx live.Tx) error {
		return errors.Join(tx.InsertRoom(app, fullRoom()), tx.AddGiftsFrom(app, room, "bob", 3, 15),
			tx.AddGiftsFrom(app, room, "ann", 1, 1<<53), tx.AddGiftsFrom(app, room, "bob", 2, 10), tx.AddGiftsFrom(other, room, "bob", 1, 1))
	})
	has := func(of live.AppID, user live.UserID, want live.GiftCount, sendings int64) {
		t.Helper()
		f.view(func(r live.Reader) {
			got, ok, err := r.GiftsFrom(of, room, user)
			require.NoError(t, err)
			require.Equal(t, want.Gifts > 0, ok)
			require.Equal(t, want, got)
			n, err := r.GiftSendings(of, room)
			require.NoError(t, err)
			require.Equal(t, sendings, n)
		})
	}
	has(app, "bob", live.GiftCount{Gifts: 5, Coins: 25, Senders: 1}, 3)
	has(app, "ann", live.GiftCount{Gifts: 1, Coins: 1 << 53, Senders: 1}, 3)
	has(app, "zoe", live.GiftCount{}, 3)
	f.update(func(tx live.Tx) error { return tx.DeleteRoom(app, room) })
	has(app, "bob", live.GiftCount{}, 0)
	has(other, "bob", live.GiftCount{Gifts: 1, Coins: 1, Senders: 1}, 1)
}
