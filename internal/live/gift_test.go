package live_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/internal/store/sqlite"
	"github.com/greenroom-live/greenroom/webhook"
)

// appServer answers the questions of a giving world. It also has the world's rows.
type appServer struct {
	rows   *sqlite.Store
	asked  []live.Question
	answer func(context.Context) (webhook.Answer, error)
}

// Ask implements live.Asker.
func (a *appServer) Ask(ctx context.Context, q live.Question) (webhook.Answer, error) {
	a.asked = append(a.asked, q)
	return a.answer(ctx)
}

// giving is a world like peopled whose app server answers, and whose gifts are roses for 5 coins.
func giving(t testing.TB) (*world, *appServer) {
	t.Helper()
	w, a := &world{t: t}, &appServer{answer: func(context.Context) (webhook.Answer, error) { return webhook.Answer{}, nil }}
	rows, err := sqlite.Open(sqlite.Options{
		Dir: t.TempDir(), Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Metrics: observe.NewMetrics(),
	}, w)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rows.Close()) })
	a.rows = rows
	w.Service = live.NewService(rows, a, []*live.App{{ID: app, SecretKey: key}}, live.DefaultLimits, func() time.Time { return began })
	callback := live.Callback{URL: "http://x/", Commands: []string{string(webhook.CommandBeforeSendGift)}}
	require.NoError(t, w.SetCallback(ctx, by(live.KindAdmin, "administrator"), callback))
	w.people()
	spec := live.GiftSpec{ID: "rose", GiftTextEdit: live.GiftTextEdit{Name: new("Rose")}, Coins: new(5)}
	require.NoError(t, w.AddGift(ctx, by(live.KindAdmin, "administrator"), spec))
	w.drained()
	return w, a
}

// drained returns the changes since it was last asked.
func (w *world) drained() []live.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	changes := w.changes
	w.changes = nil
	return changes
}

func TestAClientsGiftGoesToTheOwnerAndIsAskedAboutAsTheirs(t *testing.T) {
	w, a := giving(t)
	require.NoError(t, w.SendGift(ctx, user("fan"), room, live.GiftSending{Gift: "rose", Count: 2, From: "somebody else"}))
	require.Equal(t, []live.Question{{By: user("fan"), At: began, Event: webhook.BeforeSendGift{
		OperatorAccount: "fan", RoomID: string(room),
		GiftWater: webhook.GiftWater{FromAccount: "fan", ToAccount: []string{"host"}, Time: began.Unix(), GiftID: "rose", Count: 2, Coins: 5},
	}}}, a.asked)
	changes := w.drained()
	require.Len(t, changes, 1)
	require.Equal(t, live.GiftSent{
		Gift:  live.Gift{ID: "rose", GiftText: live.GiftText{Name: "Rose"}, Coins: 5, CreatedAt: began.Truncate(time.Second)},
		Count: 2, Sender: live.Account{ID: "fan"}, Receivers: []live.Account{{ID: "host"}},
		Totals: live.Totals{GiftsSent: 2, GiftCoins: 10, GiftSenders: 1},
	}, changes[0].Change)
	require.Empty(t, w.fired(), "there is no webhook after a gift")
}

func TestARefusedGiftLeavesNothing(t *testing.T) {
	w, a := giving(t)
	for _, s := range []struct {
		answer webhook.Answer
		err    error
		code   live.Code
	}{
		{webhook.Answer{ErrorCode: 1}, nil, live.CodeGiftRefused},
		{webhook.Answer{ErrorCode: 102100}, nil, 102100},
		{webhook.Answer{}, errors.New("HTTP 500"), live.CodeGiftRefused},
	} {
		a.answer = func(context.Context) (webhook.Answer, error) { return s.answer, s.err }
		err := w.SendGift(ctx, user("fan"), room, live.GiftSending{Gift: "rose", Count: 1})
		require.Equal(t, s.code, live.CodeOf(err))
	}
	require.Len(t, a.asked, 3)
	require.Empty(t, w.drained())
	require.Zero(t, w.room().Totals)
}

// A caller who is gone has no gift given, not even where silence of the app server does not stop it.
func TestAGiftWhoseSenderIsGone(t *testing.T) {
	w, a := giving(t)
	callback := live.Callback{URL: "http://x/", Commands: []string{
		string(webhook.CommandBeforeSendGift), string(webhook.CommandBeforeCallBackNotBlock),
	}}
	require.NoError(t, w.UpdateCallback(ctx, by(live.KindAdmin, "administrator"), callback))
	gone, leave := context.WithCancel(ctx)
	a.answer = func(ctx context.Context) (webhook.Answer, error) {
		leave()
		return webhook.Answer{}, ctx.Err()
	}
	require.ErrorIs(t, w.SendGift(gone, user("fan"), room, live.GiftSending{Gift: "rose", Count: 1}), context.Canceled)
	require.Empty(t, w.drained())
	require.Zero(t, w.room().Totals)
}

func TestWhoMayGiveAndCountGifts(t *testing.T) {
	give := func(w *world, c live.Caller) error {
		return w.SendGift(ctx, c, room, live.GiftSending{Gift: "rose", Count: 1, From: "anybody", To: []live.UserID{"host"}})
	}
	count := func(w *world, c live.Caller) error { _, err := w.GiftCount(ctx, c, room, ""); return err }
	usable := func(w *world, c live.Caller) error { _, err := w.UsableGifts(ctx, c, room); return err }
	like := func(w *world, c live.Caller) error { return w.SendLikes(ctx, c, room, 1) }
	likes := func(w *world, c live.Caller) error { _, err := w.Likes(ctx, c, room); return err }
	members, owner := [5]live.Code{4: live.CodeNotMember}, [5]live.Code{1: live.CodeNoPermission, 2: live.CodeNoPermission, 3: live.CodeNoPermission, 4: live.CodeNoPermission}
	for name, s := range map[string]struct {
		do    func(*world, live.Caller) error
		codes [5]live.Code // of: owner, administrator, member, member who is offline, stranger
	}{
		"give gifts": {give, members}, "count gifts": {count, owner}, "see the gifts": {usable, members},
		"like": {like, members}, "count likes": {likes, members},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := giving(t)
			for i, id := range []live.UserID{"host", "mod", "fan", "sleeper", "stranger"} {
				require.Equal(t, s.codes[i], live.CodeOf(s.do(w, user(id))), id)
			}
			require.NoError(t, s.do(w, by(live.KindAdmin, "administrator")))
			_, err := w.DestroyRoom(ctx, live.System(app), room)
			require.NoError(t, err)
			require.Equal(t, live.CodeNoRoom, live.CodeOf(s.do(w, user("host"))))
		})
	}
}

func TestManyGiveAtOnce(t *testing.T) {
	w, a := giving(t)
	require.NoError(t, w.DeleteCallback(ctx, by(live.KindAdmin, "administrator")))
	results := make(chan error)
	const senders, each = 5, 8
	for i := range senders * each {
		go func() {
			sending := live.GiftSending{Gift: "rose", Count: 3, From: live.UserID(rune('a' + i%senders)), To: []live.UserID{"host", "mod"}}
			results <- w.SendGift(ctx, by(live.KindAdmin, "administrator"), room, sending)
		}()
	}
	for range senders * each {
		require.NoError(t, <-results)
	}
	require.Empty(t, a.asked)
	require.Equal(t, live.Totals{GiftsSent: 240, GiftCoins: 1200, GiftSenders: senders}, w.room().Totals)
	count, err := w.GiftCount(ctx, user("host"), room, "a")
	require.NoError(t, err)
	require.Equal(t, live.GiftCount{Sendings: 40, Gifts: 48, Coins: 240, Senders: 1}, count)
}

func TestLanguagesOfTags(t *testing.T) {
	for tag, want := range map[string]live.Language{
		"en": live.English, "en-US": live.English, "EN_gb": live.English, "english": "", "": "", "-": "", "fr": "", "e": "",
		"zh": live.SimplifiedChinese, "zh-CN": live.SimplifiedChinese, "zh_SG": live.SimplifiedChinese, "zh-Hans": live.SimplifiedChinese,
		"zh-Hans-HK": live.SimplifiedChinese, "zh-Hant": live.TraditionalChinese, "ZH-TW": live.TraditionalChinese,
		"zh-HK": live.TraditionalChinese, "zh-Hant-CN": live.TraditionalChinese, "zh-MO": live.TraditionalChinese, "zho": "",
	} {
		require.Equal(t, want, live.LanguageOf(tag), tag)
	}
}
