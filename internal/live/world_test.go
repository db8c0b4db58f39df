package live_test

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
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
	app  live.AppID  = 1400000123
	key              = "4b1d0c9f5a7e42e2b6c8913f20d7aa61"
	room live.RoomID = "live_9001"
)

var (
	ctx   = context.Background()
	began = time.UnixMilli(1765001300444)
)

// world is the domain over a real store, with every webhook switched on.
type world struct {
	*live.Service
	t     testing.TB
	dir   string
	app   live.App
	limit live.Limits
	store *sqlite.Store
	ahead atomic.Int64

	answers func(live.Question) (webhook.Answer, error) // of the app server; it allows everything when this is nil

	mu      sync.Mutex
	all     []delivery.Event
	changes []live.Event
}

func newWorld(t testing.TB, change ...func(*live.Limits)) *world {
	t.Helper()
	return newAppWorld(t, live.App{}, change...)
}

// newAppWorld is newWorld for an app with settings of its own.
func newAppWorld(t testing.TB, settings live.App, change ...func(*live.Limits)) *world {
	t.Helper()
	settings.ID, settings.SecretKey, settings.Admins = app, key, []live.UserID{"administrator"}
	w := &world{t: t, dir: sqlitetest.Folder(t), app: settings, limit: live.DefaultLimits}
	for _, c := range change {
		c(&w.limit)
	}
	w.open()
	t.Cleanup(func() { require.NoError(t, w.store.Close()) })
	words := make([]string, 0)
	for _, word := range webhook.Words() {
		words = append(words, string(word))
	}
	require.NoError(t, w.SetCallback(ctx, by(live.KindAdmin, "administrator"), live.Callback{URL: "http://x/", Commands: words}))
	return w
}

// open starts the server on its data.
func (w *world) open() {
	w.t.Helper()
	var err error
	w.store, err = sqlite.Open(sqlite.Options{
		Dir: w.dir, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Metrics: observe.NewMetrics(),
	}, w)
	require.NoError(w.t, err)
	w.Service = live.NewService(twice{w.store}, w, []*live.App{&w.app}, w.limit, w.now)
}

// twice is a store that carries out every update a second time, as an engine may: all tests of this package hold that nothing
// is left of the first time.
type twice struct{ live.Store }

var errAgain = errors.New("run it again")

func (s twice) Update(ctx context.Context, f func(live.Tx) error) error {
	err := s.Store.Update(ctx, func(tx live.Tx) error { return cmp.Or(f(tx), errAgain) })
	if err == nil || ctx.Err() != nil {
		return err
	}
	return s.Store.Update(ctx, f)
}

// restart stops the server and starts it again, with what was set in app meanwhile.
func (w *world) restart() {
	w.t.Helper()
	require.NoError(w.t, w.store.Close())
	w.open()
}

func (w *world) now() time.Time { return began.Add(time.Duration(w.ahead.Load())) }

// pass moves the clock and carries out what is due then.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	w.ahead.Add(int64(d))
	_, err := w.FireTimers(ctx)
	require.NoError(w.t, err)
}

// Ask implements live.Asker.
func (w *world) Ask(_ context.Context, q live.Question) (webhook.Answer, error) {
	if w.answers == nil {
		return webhook.Answer{}, nil
	}
	return w.answers(q)
}

// Committed implements store.Listener.
func (w *world) Committed(c store.Commit) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, slices.Clone(c.Webhooks)...)
	w.changes = append(w.changes, slices.Clone(c.Changes)...)
}

// fired returns the webhooks since it was last asked.
func (w *world) fired() []delivery.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.all
	w.all = nil
	return all
}

// moves returns what the webhooks since then say of members: EventCause and account of each.
func (w *world) moves() []string {
	w.t.Helper()
	var moves []string
	for _, e := range w.fired() {
		var body struct {
			CallbackCommand, EventType, EventCause string
			MemberList                             []struct {
				Account string `json:"Member_Account"`
			}
		}
		require.NoError(w.t, json.Unmarshal(e.Body, &body))
		if body.EventCause != "" {
			require.Len(w.t, body.MemberList, 1)
			moves = append(moves, body.EventType+" "+body.EventCause+" "+body.MemberList[0].Account)
		}
	}
	return moves
}

// hosted is a world with a room of host's.
func hosted(t testing.TB, change ...func(*live.Limits)) *world {
	t.Helper()
	w := newWorld(t, change...)
	w.host()
	return w
}

func (w *world) host() {
	w.t.Helper()
	_, err := w.CreateRoom(ctx, by(live.KindAdmin, "administrator"), live.RoomSpec{
		ID: room, Type: live.RoomTypeLive, Owner: "host", SeatEnabled: new(true), Unlimited: true,
	})
	require.NoError(w.t, err)
	w.fired()
}

// peopled is a world with a room that has its owner, an administrator, a member, one who is offline, and metadata.
func peopled(t testing.TB) *world {
	t.Helper()
	w := newWorld(t)
	w.people()
	return w
}

// people makes the room of peopled, in place of the one there may be.
func (w *world) people() {
	w.t.Helper()
	if _, err := w.DestroyRoom(ctx, live.System(app), room); err != nil {
		require.Equal(w.t, live.CodeNoRoom, live.CodeOf(err))
	}
	w.host()
	require.NoError(w.t, w.ModifyAdmins(ctx, user("host"), room, []live.UserID{"mod"}, true))
	require.NoError(w.t, w.SetMetadata(ctx, user("host"), room, []live.Pair{{Key: "theme", Value: "dark"}}))
	w.enter("fan")
	w.enter("sleeper")
	require.NoError(w.t, w.Interrupt(ctx, live.Membership{App: app, Room: room, User: "sleeper"}))
	w.fired()
}

func by(kind live.Kind, user live.UserID) live.Caller {
	return live.Caller{App: app, User: user, Kind: kind, IP: "198.51.100.7", Platform: live.PlatformWeb}
}

func user(id live.UserID) live.Caller { return by(live.KindUser, id) }

func (w *world) enter(id live.UserID) live.Visit {
	w.t.Helper()
	visit, err := w.Enter(ctx, user(id), room)
	require.NoError(w.t, err)
	return visit
}

func (w *world) room() live.Room {
	w.t.Helper()
	r, err := w.Room(ctx, user("anybody"), room)
	require.NoError(w.t, err)
	return r
}
