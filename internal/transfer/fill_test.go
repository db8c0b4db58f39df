package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/internal/store"
	"github.com/greenroom-live/greenroom/internal/store/sqlite"
	"github.com/greenroom-live/greenroom/internal/store/sqlite/sqlitetest"
	"github.com/greenroom-live/greenroom/webhook"
)

const (
	app    live.AppID    = 1400000123
	other  live.AppID    = 4294967295
	battle live.BattleID = "q0Zb3m1p8m9k6cVxJ2h5WnT4uYs7aLdEo1RfGiKpXwU="
)

// nasty has what some databases do not keep: U+0000, what stands for it, noncharacters, characters of four bytes, both forms of é.
const nasty = "a\x00b \u2400 \uFDD0 \uFDD0\u2400 \uFFFF \U0010FFFF \U0001F525 é e\u0301 \u2028 \\ ' \" \t\r\n\x7f \\u0000 %s"

var (
	ctx   = context.Background()
	began = time.UnixMilli(1_765_001_300_444)
)

// embedded is the engine of a data folder; it counts what was settled.
type embedded struct {
	*sqlite.Store
	settled chan int
	events  chan []delivery.Event
}

func (e *embedded) Committed(c store.Commit) {
	if len(c.Settled) > 0 {
		e.settled <- len(c.Settled)
	}
	if len(c.Webhooks) > 0 {
		e.events <- slices.Clone(c.Webhooks)
	}
}

func open(t testing.TB, dir string) *embedded {
	t.Helper()
	e := &embedded{settled: make(chan int, 10_000), events: make(chan []delivery.Event, 10_000)}
	var err error
	e.Store, err = sqlite.Open(sqlite.Options{
		Dir: dir, Log: slog.New(slog.DiscardHandler), Metrics: observe.NewMetrics(), LogKeep: 10 * 365 * 24 * time.Hour, Now: time.Now,
	}, e)
	require.NoError(t, err)
	return e
}

// settle writes outcomes down and waits until they are.
func (e *embedded) settle(outcomes ...delivery.Outcome) {
	for _, o := range outcomes {
		e.Settle(o)
	}
	for n := 0; n < len(outcomes); {
		n += <-e.settled
	}
}

// fill makes a data folder with rows in every table, so many rooms, and that many events in each.
func fill(t testing.TB, rooms, events int) (dir string) {
	t.Helper()
	dir = sqlitetest.Folder(t)
	e := open(t, dir)
	for _, of := range []live.AppID{app, other} {
		require.NoError(t, e.Update(ctx, func(tx live.Tx) error { return errors.Join(catalogue(tx, of), users(tx, of)) }))
	}
	require.NoError(t, e.Pause(ctx, other, "moving "+nasty))
	var waiting []delivery.Event
	for i := range rooms {
		id := live.RoomID(fmt.Sprintf("live %d ✨", i))
		require.NoError(t, e.Update(ctx, func(tx live.Tx) error { return room(tx, id, i) }))
		require.NoError(t, e.Update(ctx, func(tx live.Tx) error { return emit(tx, id, events) }))
		waiting = append(waiting, <-e.events...)
	}
	require.NoError(t, e.Update(ctx, func(tx live.Tx) error { return fight(tx) }))
	e.settle(outcomes(waiting)...)
	dead, _, err := e.DeadLetters(ctx, delivery.Filter{App: app}, "", 1)
	require.NoError(t, err)
	require.NoError(t, e.Replay(ctx, app, dead[0].ID))
	require.NoError(t, e.Close())
	return dir
}

// outcomes are what became of some events of each room: the first is delivered, the second failed, the third is dead.
func outcomes(events []delivery.Event) (all []delivery.Outcome) {
	place := map[live.RoomID]int{}
	for _, e := range events {
		o := delivery.Outcome{Event: e, Attempt: delivery.Attempt{
			Number: 1, At: began, Took: 1234 * time.Microsecond, Status: 200, Answer: []byte("{}\x00\xff"), AnswerBytes: 70_000,
		}}
		switch place[e.Lane.Room] {
		case 0:
			o.Fate = delivery.Delivered
		case 1:
			o.Fate, o.Attempt.Status, o.Attempt.Error, o.Event.Attempts, o.Event.LastError = delivery.Failed, 0, "no "+nasty, 1, "no "+nasty
		case 2:
			o.Fate, o.Attempt.Error, o.Event.Attempts, o.Event.LastError = delivery.Dead, "broken \xff text", 7, "another"
		default:
			continue
		}
		place[e.Lane.Room]++
		all = append(all, o)
	}
	return all
}

func emit(tx live.Tx, room live.RoomID, events int) error {
	for i := range events {
		err := tx.Emit(live.Event{
			App: app, Room: room, At: began.Add(time.Duration(i) * time.Millisecond),
			By:     live.Caller{App: app, Kind: live.KindAdmin, User: "administrator", IP: "203.0.113.9", Platform: live.PlatformREST},
			Change: live.MetadataDeleted{Keys: []string{fmt.Sprint(i), nasty}},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func catalogue(tx live.Tx, app live.AppID) error {
	text := live.GiftText{Name: "玫瑰 " + nasty, Desc: "d"}
	gift := live.Gift{ID: "rose", GiftText: text, IconURL: "i", ResourceURL: "r", Coins: 1<<31 - 1, Level: 99, ExtensionInfo: `{"a":1}`,
		CreatedAt: time.Unix(1_765_000_000, 0)}
	return errors.Join(
		tx.PutCallback(app, live.Callback{URL: "http://127.0.0.1:9/" + app.String(), Commands: []string{
			string(webhook.CommandAfterDelMetadata), string(webhook.CommandAfterSetMetadata)}}),
		tx.PutCallbackToken(app, live.CallbackToken{Token: "t0ken", Enabled: true}),
		tx.PutGift(app, gift), tx.PutGiftText(app, "rose", live.English, text),
		tx.PutGiftCategory(app, live.GiftCategory{ID: "flowers", GiftText: text}),
		tx.PutGiftCategoryText(app, "flowers", live.English, text), tx.PutGiftInCategory(app, "flowers", "rose"),
	)
}

func users(tx live.Tx, app live.AppID) error {
	ada, bob := live.UserID("ada"), live.UserID("bob")
	return errors.Join(
		tx.PutAccount(app, live.Account{ID: ada, Nick: nasty, FaceURL: "https://img.example.org/a.png"}), tx.AddAccount(app, bob),
		tx.PutProfileValue(app, ada, live.ProfileItem{Tag: live.TagLevel, Value: "3"}),
		tx.PutProfileValue(app, ada, live.ProfileItem{Tag: live.CustomTag("Tier"), Value: nasty}),
		tx.PutRevocation(live.Revocation{App: app, User: bob, Until: time.Unix(1_765_000_001, 0)}),
		tx.PutFollow(app, live.Follow{From: ada, To: bob, Since: began, Mutual: true}),
		tx.PutFollow(app, live.Follow{From: bob, To: ada, Since: began, Mutual: true}),
		tx.AddFollowCounts(app, ada, live.FollowCounts{Followers: 1, Following: 1, Mutual: 1}),
		tx.AddFollowCounts(app, bob, live.FollowCounts{Followers: 1, Following: 1, Mutual: 1}),
	)
}

func room(tx live.Tx, id live.RoomID, i int) error {
	owner := live.UserID(fmt.Sprint("host_", i))
	member := live.Membership{App: app, Room: id, User: owner}
	return errors.Join(
		tx.InsertRoom(app, live.Room{
			ID: id, Name: nasty, Owner: owner, SeatTemplate: "VideoFixedGrid9Seats", TakeSeatMode: live.ApplyToTake, SeatEnabled: true,
			MaxSeatCount: 9, MaxMemberCount: 500, PublicVisible: i%2 == 0, Categories: []int{3, 8}, CreatedAt: time.Unix(1_765_000_000+int64(i), 0),
			ViewCount: 1<<53 - 1, OnlineCount: 1, GiftEnabled: true, Totals: live.Totals{GiftCoins: 1 << 62, Messages: 1},
		}),
		tx.PutMetadata(app, id, live.Pair{Key: "k\x00", Value: nasty}), tx.PutMetadata(app, id, live.Pair{Key: "empty"}),
		tx.PutMember(app, id, live.Member{User: owner, Online: true}), tx.PutMember(app, id, live.Member{User: "gone"}),
		tx.PutAttendance(member, live.Alone), tx.PutAdmin(app, id, "ada"), tx.PutRobot(app, id, "robot"),
		tx.PutMute(app, id, live.Mute{User: "bob", Until: time.Unix(1_999_000_000, 0)}),
		tx.PutBan(app, id, live.Ban{User: "eve", Until: time.Unix(1_999_000_000, 0), Reason: nasty}),
		tx.PutSeats(app, id, []live.Seat{{Index: 0, Sitter: live.Sitter{Account: live.Account{ID: owner}}}, {Index: 3, Locked: true}}),
		tx.PutSentMessage(app, id, live.SentMessage{From: "ada", Random: 1<<32 - 1, Seq: 1, Time: time.Unix(1_765_000_000, 0)}, time.Time{}),
		tx.PutMixLayout(app, id, live.MixLayout{Mode: live.MixGrid, Width: 720}),
		tx.AddGiftsFrom(app, id, "ada", 3, 1<<40),
		tx.PutTimer(live.Timer{App: app, Kind: "room_empty", Room: id, At: began}),
	)
}

func fight(tx live.Tx) error {
	return tx.InsertBattle(app, live.Battle{
		ID: battle, Extension: nasty, Duration: 90_001 * time.Millisecond, Status: live.BattleRunning,
		StartedAt: began, EndsAt: began.Add(90_001 * time.Millisecond),
		Rooms: []live.BattleRoom{{Room: "live 0 ✨", Owner: "host_0", Score: 1<<53 - 1}, {Room: "live 1 ✨", Owner: "host_1", Out: true}},
	})
}
