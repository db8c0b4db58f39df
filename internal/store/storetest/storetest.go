// Package storetest is the one suite of tests that every engine of the store must pass.
package storetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
	"github.com/greenroom-live/greenroom/internal/testkit"
	"github.com/greenroom-live/greenroom/webhook"
)

// Engine is what a store does.
type Engine interface {
	live.Store
	delivery.Outbox
	delivery.Records
	Close() error
}

// Open opens the engine on the data of dir, for a listener, with a delivery log. Opening the same dir again, after Close, finds what was
// committed.
type Open func(t *testing.T, dir string, l store.Listener) Engine

// Run runs the suite.
func Run(t *testing.T, open Open) {
	folder := testkit.Folders(func(dir string) error { return open(t, dir, deaf{}).Close() })
	for name, test := range map[string]func(*testing.T, *fixture){
		"a room is read back as it was written":             roomRoundTrip,
		"a destroyed room leaves nothing behind":            destroyedRoom,
		"metadata is overwritten, measured and ordered":     metadataRows,
		"an update sees what updates before it did":         updatesInSequence,
		"attendances are paged through, node by node":       attendanceRows,
		"attendances go with the membership and the room":   attendancesGo,
		"attendances of a node that is gone are adopted":    adoptedAttendances,
		"a refused update leaves nothing":                   refusedUpdate,
		"an update that panics leaves nothing":              panickingUpdate,
		"an update given up before its turn does not occur": abandonedUpdate,
		"only commands that are switched on are kept":       switchedOn,
		"an alias switches its command on":                  aliases,
		"events keep the order of commits":                  commitOrder,
		"limits hold among concurrent callers":              concurrentLimit,
		"outcomes are written down":                         outcomes,
		"what was committed is there after a restart":       restart,
		"rooms with undelivered events are paged through":   roomsPaged,
		"apps see nothing of each other":                    appsApart,
		"seats that are taken or locked are kept":           seatRows,
		"robots are kept room by room":                      robotRows,
		"timers are kept, set anew and read by time":        timerRows,
		"a room's timers go with it":                        roomTimers,
		"the clock is told of timers that were set":         timersTold,
		"a battle outlives its rooms and a restart":         battleRows,
		"a room is in one running battle":                   oneBattleARoom,
		"a refused battle leaves nothing":                   refusedBattle,

		"gifts keep their order and their texts":          gifts,
		"categories of gifts keep texts and gifts":        giftCategories,
		"a room counts what each sender has given":        giftSenders,
		"an updated room is read back as it was written":  updatedRoom,
		"a room has the owner that was set last":          changedOwner,
		"public rooms are listed page by page":            listedRooms,
		"rooms are counted":                               countedRooms,
		"the layout of a mixed stream goes with its room": mixLayouts,
		"profiles keep what was written":                  profileRows,
		"a deleted account leaves nothing behind":         deletedAccount,
		"revocations are paged through":                   revocationRows,
		"follow relations are listed, newest first":       followRows,
		"follow relations are counted":                    followCountRows,
		"mutes, bans and members are read in parts":       mutesBansMembers,
		"sent messages are known again":                   sentMessages,

		"the delivery log keeps every attempt":                  loggedAttempts,
		"the delivery log is paged through, newest first":       loggedPages,
		"waiting events are paged through":                      waitingPages,
		"dead letters are paged through":                        deadPages,
		"the story of an event is told wherever it is":          stories,
		"the story of a replayed event has what was before":     replayedStory,
		"a dead letter is replayed behind what waits":           replayedDeadLetter,
		"a delivered event is replayed with its id and body":    replayedDelivered,
		"what waits, or is not known, is not replayed":          refusedReplays,
		"dead letters are replayed in order":                    replayedDead,
		"delivered events are replayed in order, each once":     replayedSeries,
		"an event is replayed in one place, however it was":     replayedOnce,
		"waiting events are purged":                             purgedWaiting,
		"dead letters are purged":                               purgedDead,
		"the outcome of a purged event is only logged":          purgedInFlight,
		"what was delivered is not purged":                      purgedAfterDelivery,
		"an operator's pause lasts until it is ended":           operatorPause,
		"410 Gone pauses until there is a new configuration":    gonePause,
		"410 Gone of a former configuration pauses nothing":     formerGone,
		"what waits and what is dead is counted":                countedBacklog,
		"a cursor of another list is refused":                   foreignCursors,
		"operators' calls about one app leave the others alone": recordsApart,
	} {
		t.Run(name, func(t *testing.T) {
			test(t, newFixture(t, open, folder(t)))
		})
	}
}

const (
	app   live.AppID  = 1400000123
	other live.AppID  = 20005678
	room  live.RoomID = "live_9001"
)

var ctx = context.Background()

// deaf is a listener to nothing.
type deaf struct{}

func (deaf) Committed(store.Commit) {}

// fixture is an open engine and what it has told its listener.
type fixture struct {
	t    *testing.T
	open Open
	dir  string
	Engine
	mu      sync.Mutex
	commits []store.Commit
	settled chan delivery.Outcome
	emitted map[live.AppID]int // events
	node    live.NodeID        // whose lanes they are, with an engine of several nodes
}

func newFixture(t *testing.T, open Open, dir string) *fixture {
	f := &fixture{t: t, open: open, dir: dir, settled: make(chan delivery.Outcome, 100),
		emitted: make(map[live.AppID]int)}
	f.Engine = open(t, f.dir, f)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f
}

func (f *fixture) reopen() {
	require.NoError(f.t, f.Close())
	f.Engine = f.open(f.t, f.dir, f)
	f.requireAllLanes(app)
	f.requireAllLanes(other)
}

// requireAllLanes waits until all lanes that hold events are the engine's to deliver: with several nodes it takes those of the
// life before over.
func (f *fixture) requireAllLanes(app live.AppID) {
	f.t.Helper()
	lanes := make(map[live.RoomID]bool)
	for _, e := range f.waiting(of(app)) {
		lanes[e.Lane.Room] = true
	}
	want := slices.Sorted(maps.Keys(lanes))
	require.Eventually(f.t, func() bool {
		rooms, err := f.Rooms(ctx, app, nil, 1000)
		return err == nil && slices.Equal(want, rooms)
	}, 20*time.Second, time.Millisecond)
}

// Committed implements store.Listener. What an engine of several nodes says of itself in events is left out.
func (f *fixture) Committed(c store.Commit) {
	c.Changes, c.Webhooks = slices.Clone(c.Changes), anyones(c.Webhooks)
	c.Callbacks, c.Purged = slices.Clone(c.Callbacks), slices.Clone(c.Purged)
	f.mu.Lock()
	f.commits = append(f.commits, c)
	f.mu.Unlock()
	for _, o := range c.Settled {
		o.Event.Node = 0
		f.settled <- o
	}
}

// Heard implements store.NodeListener.
func (f *fixture) Heard(n store.News) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n.Node != 0 {
		f.node = n.Node
	}
}

// Published implements store.NodeListener.
func (f *fixture) Published(context.Context) {}

// anyones returns events without what is the node's that has them.
func anyones(events []delivery.Event) []delivery.Event {
	events = slices.Clone(events)
	for i := range events {
		events[i].Node, events[i].Prev = 0, 0
	}
	return events
}

// webhooks returns all that were handed over so far.
func (f *fixture) webhooks() (all []delivery.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.commits {
		all = append(all, c.Webhooks...)
	}
	return all
}

func (f *fixture) changes() (all []live.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.commits {
		all = append(all, c.Changes...)
	}
	return all
}

func (f *fixture) update(do func(live.Tx) error) {
	f.t.Helper()
	require.NoError(f.t, f.Update(ctx, do))
}

func (f *fixture) view(do func(live.Reader)) {
	f.t.Helper()
	require.NoError(f.t, f.View(ctx, func(r live.Reader) error { do(r); return nil }))
}

func (f *fixture) switchOn(app live.AppID, words ...string) {
	f.update(func(tx live.Tx) error {
		return tx.PutCallback(app, live.Callback{URL: "http://127.0.0.1:1/", Commands: words})
	})
}

func (f *fixture) pending(app live.AppID, room live.RoomID) []delivery.Event {
	f.t.Helper()
	events, err := f.Pending(ctx, delivery.Lane{App: app, Room: room}, 0, 1000)
	require.NoError(f.t, err)
	return anyones(events)
}

func caller(app live.AppID) live.Caller {
	return live.Caller{App: app, User: "administrator", Kind: live.KindAdmin, IP: "203.0.113.9", Platform: live.PlatformREST}
}

func deleted(app live.AppID, room live.RoomID, key string) live.Event {
	return live.Event{App: app, Room: room, By: caller(app), At: time.UnixMilli(1765001300444),
		Change: live.MetadataDeleted{Keys: []string{key}}}
}

func fullRoom() live.Room {
	return live.Room{
		ID: room, Name: "evening show ✨", Owner: "host_7", SeatTemplate: "VideoFixedGrid9Seats", SeatLayoutTemplateID: 800,
		TakeSeatMode: live.ApplyToTake, SeatEnabled: true, MaxSeatCount: 9, MaxMemberCount: 500, MessageDisabled: true,
		PublicVisible: true, Unlimited: true, KeepOwnerOnSeat: true, CoverURL: "https://img.example.org/c.png",
		BackgroundURL: "https://img.example.org/b.png", Notice: "back at nine", CustomInfo: "v2", Categories: []int{3, 8},
		ActivityStatus: 4, CreatedAt: time.Unix(1765000000, 0), ViewCount: 41, OnlineCount: 2,
	}
}

func roomRoundTrip(t *testing.T, f *fixture) {
	want := fullRoom()
	f.update(func(tx live.Tx) error { return tx.InsertRoom(app, want) })
	f.view(func(r live.Reader) {
		got, ok, err := r.Room(app, room)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, want, got)
		owner, ok, err := r.RoomOwner(app, room)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, live.UserID("host_7"), owner)
		_, ok, err = r.Room(app, "another")
		require.NoError(t, err)
		require.False(t, ok)
	})
	f.update(func(tx live.Tx) error { return tx.CountEntry(app, room, 1, -2) })
	f.view(func(r live.Reader) {
		got, _, err := r.Room(app, room)
		require.NoError(t, err)
		require.Equal(t, int64(42), got.ViewCount)
		require.Equal(t, 0, got.OnlineCount)
	})
}

func destroyedRoom(t *testing.T, f *fixture) {
	f.update(func(tx live.Tx) error {
		return errors.Join(tx.InsertRoom(app, fullRoom()), tx.PutMetadata(app, room, live.Pair{Key: "k", Value: "v"}),
			tx.PutAdmin(app, room, "mod"), tx.PutMember(app, room, live.Member{User: "fan", Online: true}))
	})
	f.update(func(tx live.Tx) error { return tx.DeleteRoom(app, room) })
	f.view(func(r live.Reader) {
		_, ok, err := r.Room(app, room)
		require.NoError(t, err)
		require.False(t, ok)
		pairs, err := r.Metadata(app, room)
		require.NoError(t, err)
		require.Empty(t, pairs)
		admins, err := r.Admins(app, room)
		require.NoError(t, err)
		require.Empty(t, admins)
		_, ok, err = r.Member(app, room, "fan")
		require.NoError(t, err)
		require.False(t, ok)
	})
}

func metadataRows(t *testing.T, f *fixture) {
	f.update(func(tx live.Tx) error {
		return errors.Join(tx.PutMetadata(app, room, live.Pair{Key: "b", Value: "1"}),
			tx.PutMetadata(app, room, live.Pair{Key: "a", Value: "日本"}),
			tx.PutMetadata(app, room, live.Pair{Key: "b", Value: "two\x00"}))
	})
	var had bool
	f.update(func(tx live.Tx) (err error) {
		had, err = tx.DeleteMetadata(app, room, "none")
		return err
	})
	require.False(t, had)
	f.view(func(r live.Reader) {
		pairs, err := r.Metadata(app, room)
		require.NoError(t, err)
		require.Equal(t, []live.Pair{{Key: "a", Value: "日本"}, {Key: "b", Value: "two\x00"}}, pairs)
		sizes, err := r.MetadataSizes(app, room)
		require.NoError(t, err)
		require.Equal(t, map[string]int{"a": 6, "b": 4}, sizes)
	})
}

// What an engine may keep in memory for its updates must follow every change, and forget the refused ones.
func updatesInSequence(t *testing.T, f *fixture) {
	sees := func(owner live.UserID, sizes map[string]int) {
		t.Helper()
		var got live.UserID
		var ok bool
		var known [2]map[string]int
		f.update(func(tx live.Tx) (err error) {
			if got, ok, err = tx.RoomOwner(app, room); err != nil {
				return err
			}
			for i := range known {
				sizes, err := tx.MetadataSizes(app, room)
				if err != nil {
					return err
				}
				known[i] = maps.Clone(sizes)
				sizes["of the caller's own"] = 1
			}
			return nil
		})
		require.Equal(t, owner != "", ok)
		require.Equal(t, owner, got)
		require.Equal(t, sizes, known[0])
		require.Equal(t, sizes, known[1])
	}
	put := func(key, value string) func(live.Tx) error {
		return func(tx live.Tx) error { return tx.PutMetadata(app, room, live.Pair{Key: key, Value: value}) }
	}
	remove := func(key string) func(live.Tx) error {
		return func(tx live.Tx) error { _, err := tx.DeleteMetadata(app, room, key); return err }
	}
	sees("", map[string]int{})
	f.update(func(tx live.Tx) error { return tx.InsertRoom(app, fullRoom()) })
	sees("host_7", map[string]int{})
	f.update(put("a", "12"))
	f.update(put("b", "日本"))
	sees("host_7", map[string]int{"a": 2, "b": 6})
	f.update(put("a", ""))
	f.update(remove("b"))
	f.update(remove("none"))
	sees("host_7", map[string]int{"a": 0})
	for _, do := range []func(live.Tx) error{put("c", "1"), remove("a"), func(tx live.Tx) error { return tx.DeleteRoom(app, room) }} {
		refusal := errors.New("refused")
		require.ErrorIs(t, f.Update(ctx, func(tx live.Tx) error { return errors.Join(do(tx), refusal) }), refusal)
		sees("host_7", map[string]int{"a": 0})
	}
	f.update(func(tx live.Tx) error { return tx.DeleteRoom(app, room) })
	sees("", map[string]int{})
	again := fullRoom()
	again.Owner = "host_8"
	f.update(func(tx live.Tx) error { return tx.InsertRoom(app, again) })
	sees("host_8", map[string]int{})
}

func refusedUpdate(t *testing.T, f *fixture) {
	f.switchOn(app, "Live.CallbackAfterDelMetadata")
	refusal := live.Refuse(live.CodeNoPermission, "no")
	err := f.Update(ctx, func(tx live.Tx) error {
		return cmp.Or(tx.PutMetadata(app, room, live.Pair{Key: "k", Value: "v"}),
			tx.PutCallback(app, live.Callback{URL: "http://127.0.0.1:2/", Commands: nil}),
			tx.Emit(deleted(app, room, "k")), refusal)
	})
	require.Equal(t, refusal, err)
	f.update(func(tx live.Tx) error { return tx.Emit(deleted(app, room, "after")) })
	f.view(func(r live.Reader) {
		pairs, err := r.Metadata(app, room)
		require.NoError(t, err)
		require.Empty(t, pairs)
	})
	require.Len(t, f.changes(), 1)
	require.Len(t, f.pending(app, room), 1, "the refused update's callback must not hold")
}

func panickingUpdate(t *testing.T, f *fixture) {
	err := f.Update(ctx, func(tx live.Tx) error {
		if err := tx.PutMetadata(app, room, live.Pair{Key: "k", Value: "v"}); err != nil {
			return err
		}
		panic("a bug")
	})
	require.ErrorContains(t, err, "a bug")
	f.view(func(r live.Reader) {
		pairs, err := r.Metadata(app, room)
		require.NoError(t, err)
		require.Empty(t, pairs)
	})
}

func abandonedUpdate(t *testing.T, f *fixture) {
	gone, cancel := context.WithCancel(ctx)
	entered, leave := make(chan struct{}), make(chan struct{})
	var first sync.WaitGroup
	first.Go(func() {
		_ = f.Update(ctx, func(live.Tx) error { close(entered); <-leave; return nil })
	})
	<-entered
	result := make(chan error)
	go func() {
		result <- f.Update(gone, func(tx live.Tx) error { return tx.PutMetadata(app, room, live.Pair{Key: "k", Value: "v"}) })
	}()
	cancel()
	require.ErrorIs(t, <-result, context.Canceled)
	close(leave)
	first.Wait()
	f.update(func(live.Tx) error { return nil })
	f.view(func(r live.Reader) {
		pairs, err := r.Metadata(app, room)
		require.NoError(t, err)
		require.Empty(t, pairs)
	})
}

func switchedOn(t *testing.T, f *fixture) {
	emit := func(key string) {
		f.update(func(tx live.Tx) error { return tx.Emit(deleted(app, room, key)) })
	}
	emit("before any configuration")
	f.switchOn(app, "Live.CallbackAfterSetMetadata")
	emit("another command")
	f.switchOn(app, "Live.CallbackAfterDelMetadata")
	emit("kept")
	f.update(func(tx live.Tx) error { return tx.DeleteCallback(app) })
	emit("after the configuration")
	events := f.pending(app, room)
	require.Len(t, events, 1)
	require.JSONEq(t, `{"CallbackCommand":"Live.CallbackAfterDelMetadata","Operator_Account":"administrator",
		"RoomId":"live_9001","Keys":["kept"],"EventTime":1765001300444}`, string(events[0].Body))
	require.Equal(t, webhook.CommandAfterDelMetadata, events[0].Command)
	require.Equal(t, "203.0.113.9", events[0].ClientIP)
	require.Equal(t, "RESTAPI", events[0].Platform)
	require.Len(t, f.changes(), 4, "the room's clients hear of every change")
	require.Equal(t, []string{events[0].ID}, []string{f.webhooks()[0].ID})
}

func aliases(t *testing.T, f *fixture) {
	f.switchOn(app, "Live.CallbackMemberStateChanged")
	f.update(func(tx live.Tx) error {
		return tx.Emit(live.Event{App: app, Room: room, By: caller(app), At: time.UnixMilli(1),
			Change: live.MemberChanged{Member: live.Account{ID: "fan"}, Cause: live.CauseEnter}})
	})
	events := f.pending(app, room)
	require.Len(t, events, 1)
	require.Equal(t, webhook.CommandAfterMemberStateChanged, events[0].Command)
}

func commitOrder(t *testing.T, f *fixture) {
	f.switchOn(app, "Live.CallbackAfterDelMetadata")
	const callers, each = 8, 50
	var all sync.WaitGroup
	for c := range callers {
		all.Go(func() {
			for i := range each {
				_ = f.Update(ctx, func(tx live.Tx) error { return tx.Emit(deleted(app, room, fmt.Sprintf("%d/%d", c, i))) })
			}
		})
	}
	all.Wait()
	events, handed := f.pending(app, room), f.webhooks()
	require.Len(t, events, callers*each)
	ids := make(map[string]bool)
	for i, e := range events {
		require.Equal(t, handed[i].ID, e.ID, "handed over in the order of the outbox")
		require.Equal(t, handed[i].Seq, e.Seq)
		require.Equal(t, string(handed[i].Body), string(e.Body))
		require.False(t, ids[e.ID], "every event has an id of its own")
		ids[e.ID] = true
	}
}

func concurrentLimit(t *testing.T, f *fixture) {
	service := live.NewService(f.Engine, nil, []*live.App{{ID: app, SecretKey: "key"}}, live.DefaultLimits, time.Now)
	_, err := service.CreateRoom(ctx, caller(app), live.RoomSpec{ID: room, Type: live.RoomTypeLive})
	require.NoError(t, err)
	results := make(chan error)
	for i := range 20 {
		go func() {
			results <- service.SetMetadata(ctx, caller(app), room, []live.Pair{{Key: fmt.Sprint("k", i), Value: "v"}})
		}()
	}
	codes := map[live.Code]int{}
	for range 20 {
		codes[live.CodeOf(<-results)]++
	}
	require.Equal(t, map[live.Code]int{0: 10, live.CodeTooManyKeys: 10}, codes)
}

// outcome is what an attempt at e with that number came to.
func outcome(e delivery.Event, fate delivery.Fate, number int, failure string) delivery.Outcome {
	if fate != delivery.Delivered {
		e.Attempts, e.LastError = number, failure
	}
	return delivery.Outcome{Event: e, Fate: fate, Attempt: delivery.Attempt{Number: number, At: time.Now(), Error: failure}}
}

func outcomes(t *testing.T, f *fixture) {
	f.switchOn(app, "Live.CallbackAfterDelMetadata")
	for i := range 3 {
		f.update(func(tx live.Tx) error { return tx.Emit(deleted(app, room, fmt.Sprint(i))) })
	}
	e := f.pending(app, room)
	given := []delivery.Outcome{
		outcome(e[0], delivery.Delivered, 1, ""),
		outcome(e[1], delivery.Failed, 3, "HTTP 500"),
		outcome(e[2], delivery.Dead, 9, "HTTP 404"),
	}
	for _, o := range given {
		f.hand(o)
	}
	var heard []delivery.Outcome
	for range given {
		heard = append(heard, <-f.settled)
	}
	require.ElementsMatch(t, given, heard)
	left := f.pending(app, room)
	require.Len(t, left, 1)
	require.Equal(t, 3, left[0].Attempts)
	require.Equal(t, "HTTP 500", left[0].LastError)
}

func restart(t *testing.T, f *fixture) {
	f.switchOn(app, "Live.CallbackAfterDelMetadata")
	f.update(func(tx live.Tx) error { return tx.InsertRoom(app, fullRoom()) })
	f.update(func(tx live.Tx) error { return tx.Emit(deleted(app, room, "first")) })
	before := f.pending(app, room)
	f.hand(outcome(before[0], delivery.Failed, 1, "refused"))
	f.reopen()
	f.update(func(tx live.Tx) error { return tx.Emit(deleted(app, room, "second")) })
	after := f.pending(app, room)
	require.Len(t, after, 2)
	require.Equal(t, before[0].ID, after[0].ID)
	require.Equal(t, 1, after[0].Attempts, "what was settled before closing is not lost")
	require.Greater(t, after[1].Seq, after[0].Seq)
	endpoint, err := f.Endpoint(ctx, app)
	require.NoError(t, err)
	require.Equal(t, delivery.Endpoint{URL: "http://127.0.0.1:1/"}, endpoint)
	f.view(func(r live.Reader) {
		_, ok, err := r.Room(app, room)
		require.NoError(t, err)
		require.True(t, ok)
	})
}

func roomsPaged(t *testing.T, f *fixture) {
	f.switchOn(app, "Live.CallbackAfterDelMetadata")
	f.switchOn(other, "Live.CallbackAfterDelMetadata")
	for _, r := range []live.RoomID{"c", "a", "", "b", "c", "d"} {
		f.update(func(tx live.Tx) error { return tx.Emit(deleted(app, r, "k")) })
	}
	f.update(func(tx live.Tx) error { return tx.Emit(deleted(other, "z", "k")) })
	first, err := f.Rooms(ctx, app, nil, 3)
	require.NoError(t, err)
	require.Equal(t, []live.RoomID{"", "a", "b"}, first)
	rest, err := f.Rooms(ctx, app, &first[2], 3)
	require.NoError(t, err)
	require.Equal(t, []live.RoomID{"c", "d"}, rest)
	two, err := f.Pending(ctx, delivery.Lane{App: app, Room: "c"}, 0, 1)
	require.NoError(t, err)
	require.Len(t, two, 1)
	next, err := f.Pending(ctx, delivery.Lane{App: app, Room: "c"}, two[0].Seq, 10)
	require.NoError(t, err)
	require.Len(t, next, 1)
}

func appsApart(t *testing.T, f *fixture) {
	f.switchOn(app, "Live.CallbackAfterDelMetadata")
	f.update(func(tx live.Tx) error {
		return errors.Join(tx.InsertRoom(app, fullRoom()), tx.PutMetadata(app, room, live.Pair{Key: "k", Value: "v"}),
			tx.PutAdmin(app, room, "mod"), tx.PutAccount(app, live.Account{ID: "fan", Nick: "Fan"}),
			tx.PutCallbackToken(app, live.CallbackToken{Token: "t", Enabled: true}))
	})
	f.update(func(tx live.Tx) error { return tx.Emit(deleted(other, room, "k")) })
	require.Empty(t, f.pending(other, room))
	f.view(func(r live.Reader) {
		_, isRoom, err1 := r.Room(other, room)
		pairs, err2 := r.Metadata(other, room)
		isAdmin, err3 := r.IsAdmin(other, room, "mod")
		_, isAccount, err4 := r.Account(other, "fan")
		_, isToken, err5 := r.CallbackToken(other)
		require.NoError(t, errors.Join(err1, err2, err3, err4, err5))
		require.False(t, isRoom || isAdmin || isAccount || isToken)
		require.Empty(t, pairs)
	})
	endpoint, err := f.Endpoint(ctx, app)
	require.NoError(t, err)
	require.Equal(t, "t", endpoint.Token)
}
