package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/internal/store"
	"github.com/greenroom-live/greenroom/internal/store/sqlite"
	"github.com/greenroom-live/greenroom/internal/store/sqlite/sqlitetest"
	"github.com/greenroom-live/greenroom/internal/testkit"
	"github.com/greenroom-live/greenroom/webhook"
)

const app live.AppID = 1400000123

// house is a real store with a deliverer behind it and an app server at the end.
type house struct {
	t      *testing.T
	dir    string
	app    delivery.App
	others []delivery.App // beside app
	window int
	// for a whole answer to a question; as usual when 0
	askLimit time.Duration
	options  func(*delivery.Options) // changes the deliverer's options at the next reopen
	faults
	store    *sqlite.Store
	delivery *delivery.Deliverer
	metrics  *observe.Metrics
	server   *testkit.AppServer
	stop     func()

	mu      sync.Mutex
	settled map[delivery.Fate]int
	change  chan struct{}
}

func (h *house) Committed(c store.Commit) {
	h.delivery.Enqueue(c.Webhooks)
	for _, id := range c.Callbacks {
		h.delivery.EndpointChanged(id)
	}
	for _, id := range c.Purged {
		h.delivery.Purged(id)
	}
	h.delivery.Settled(c.Settled)
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, o := range c.Settled {
		h.settled[o.Fate]++
	}
	close(h.change)
	h.change = make(chan struct{})
}

// newHouse opens a store with the callback switched on; nothing is delivered before start.
func newHouse(t *testing.T, change func(*delivery.App)) *house { return newHouseWith(t, change, nil) }

// newHouseWith is newHouse for a deliverer with options of its own.
func newHouseWith(t *testing.T, change func(*delivery.App), options func(*delivery.Options)) *house {
	h := &house{t: t, dir: sqlitetest.Folder(t), server: testkit.NewAppServer(t), window: 4, options: options}
	h.app = delivery.App{
		ID: app, Concurrency: 8, Retry: delivery.DefaultPolicy, AllowPrivateAddresses: true,
		Secrets: []webhook.Secret{webhook.SecretFromKey("a key of the app's own")},
	}
	h.app.Retry.FirstDelay, h.app.Retry.MaxDelay = 2*time.Millisecond, 10*time.Millisecond
	if change != nil {
		change(&h.app)
	}
	h.openStore()
	t.Cleanup(func() {
		h.halt()
		require.NoError(t, h.store.Close())
	})
	h.configure(h.server.URL+"/hook?tenant=eu1", "")
	return h
}

// faults are hooks into the outbox, each of them used when it is set.
type faults struct {
	pending  func() error                                          // before a lane is read
	read     func()                                                // after a lane was read
	rooms    func()                                                // before lanes are looked for
	endpoint func(delivery.Endpoint) delivery.Endpoint             // after the configuration was read
	settle   func(o delivery.Outcome, pass func(delivery.Outcome)) // in place of settling
}

// faulty is the store with those hooks.
type faulty struct {
	*sqlite.Store
	h *house
}

func (f faulty) Rooms(ctx context.Context, app live.AppID, after *live.RoomID, limit int) ([]live.RoomID, error) {
	if f.h.rooms != nil {
		f.h.rooms()
	}
	return f.Store.Rooms(ctx, app, after, limit)
}

func (f faulty) Endpoint(ctx context.Context, app live.AppID) (delivery.Endpoint, error) {
	e, err := f.Store.Endpoint(ctx, app)
	if f.h.endpoint != nil {
		e = f.h.endpoint(e)
	}
	return e, err
}

func (f faulty) Settle(o delivery.Outcome) {
	if f.h.settle != nil {
		f.h.settle(o, f.Store.Settle)
		return
	}
	f.Store.Settle(o)
}

func (f faulty) Pending(ctx context.Context, lane delivery.Lane, after int64, limit int) ([]delivery.Event, error) {
	if f.h.pending != nil {
		if err := f.h.pending(); err != nil {
			return nil, err
		}
	}
	events, err := f.Store.Pending(ctx, lane, after, limit)
	if f.h.read != nil {
		f.h.read()
	}
	return events, err
}

func (h *house) openStore() {
	log, metrics := slog.New(slog.NewTextHandler(io.Discard, nil)), observe.NewMetrics()
	h.settled, h.change = make(map[delivery.Fate]int), make(chan struct{})
	var err error
	h.store, err = sqlite.Open(sqlite.Options{Dir: h.dir, Log: log, Metrics: metrics}, h)
	require.NoError(h.t, err)
	h.metrics = metrics
	opts := delivery.Options{
		Apps: append([]delivery.App{h.app}, h.others...), Outbox: faulty{h.store, h}, UserAgent: "Greenroom/test", Window: h.window, Log: log, Metrics: metrics,
		Grace: time.Second, AskLimit: h.askLimit,
	}
	if h.options != nil {
		h.options(&opts)
	}
	h.delivery = delivery.New(opts)
	h.stop = nil
}

func (h *house) start() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		_ = h.delivery.Run(ctx)
		close(done)
	}()
	h.stop = func() { cancel(); <-done }
}

func (h *house) halt() {
	if h.stop != nil {
		h.stop()
		h.stop = nil
	}
}

// reopen closes the store and opens it again, with what the house is set to now.
func (h *house) reopen() {
	require.NoError(h.t, h.store.Close())
	h.openStore()
}

// restart closes everything and opens it again on the same data.
func (h *house) restart() {
	h.halt()
	require.NoError(h.t, h.store.Close())
	h.openStore()
	h.start()
}

func (h *house) configure(url, token string) { h.configureApp(app, url, token) }

func (h *house) configureApp(app live.AppID, url, token string) {
	require.NoError(h.t, h.store.Update(context.Background(), func(tx live.Tx) error {
		if token != "" {
			if err := tx.PutCallbackToken(app, live.CallbackToken{Token: token, Enabled: true}); err != nil {
				return err
			}
		}
		return tx.PutCallback(app, live.Callback{URL: url, Commands: []string{
			string(webhook.CommandAfterDelMetadata), string(webhook.CommandAfterMemberStateChanged)}})
	}))
}

// deleteKey commits one event in a room.
func (h *house) deleteKey(room live.RoomID, key string) { h.deleteKeyOf(app, room, key) }

func (h *house) deleteKeyOf(app live.AppID, room live.RoomID, key string) {
	require.NoError(h.t, h.store.Update(context.Background(), func(tx live.Tx) error {
		return tx.Emit(live.Event{
			App: app, Room: room, At: time.Now(), Change: live.MetadataDeleted{Keys: []string{key}},
			By: live.Caller{App: app, User: "administrator", IP: "203.0.113.9", Platform: live.PlatformREST},
		})
	}))
}

// waitSettled waits until n outcomes of that fate are durable, as long as there is progress.
func (h *house) waitSettled(fate delivery.Fate, n int) {
	h.t.Helper()
	const patience = 20 * time.Second
	timeout, before := time.After(patience), 0
	for {
		h.mu.Lock()
		got, change := h.settled[fate], h.change
		h.mu.Unlock()
		if got >= n {
			require.Equal(h.t, n, got)
			return
		}
		if got > before {
			timeout, before = time.After(patience), got
		}
		select {
		case <-change:
		case <-timeout:
			require.FailNowf(h.t, "outcomes are missing", "%d of %d %s", got, n, fate)
		}
	}
}

// keysByRoom returns the keys that arrived, room by room, in order; repeats of one webhook-id once.
func (h *house) keysByRoom() map[string][]string {
	keys, seen := make(map[string][]string), make(map[string]bool)
	for _, r := range h.server.Requests() {
		if seen[r.ID()] {
			continue
		}
		seen[r.ID()] = true
		room := r.Field(h.t, "RoomId").(string)
		keys[room] = append(keys[room], r.Field(h.t, "Keys").([]any)[0].(string))
	}
	return keys
}

func TestAWebhookIsOneSignedRequest(t *testing.T) {
	h := newHouse(t, nil)
	h.configure(h.server.URL+"/hook?tenant=eu1", "Vb3kTq9ZsX")
	h.start()
	h.deleteKey("live_9001", "theme")
	r := h.server.Wait(1)[0]
	require.Equal(t, http.MethodPost, r.Method)
	require.Equal(t, "/hook", r.Path)
	now := r.Param("RequestTime")
	require.Equal(t, "tenant=eu1&SdkAppid=1400000123&CallbackCommand=Live.CallbackAfterDelMetadata&contenttype=json"+
		"&ClientIP=203.0.113.9&OptPlatform=RESTAPI&Sign="+r.Param("Sign")+"&RequestTime="+now, r.Query)
	var at int64
	_, err := fmt.Sscan(now, &at)
	require.NoError(t, err)
	require.InDelta(t, time.Now().Unix(), at, 5)
	require.Equal(t, webhook.Sign("Vb3kTq9ZsX", at), r.Param("Sign"))
	require.Equal(t, "application/json", r.Header.Get("Content-Type"))
	require.Equal(t, "Greenroom/test", r.Header.Get("User-Agent"))
	require.Equal(t, now, r.Header.Get("webhook-timestamp"))
	require.Equal(t, h.app.Secrets[0].Signature(r.ID(), at, r.Body), r.Header.Get("webhook-signature"))
	require.Equal(t, "live_9001", r.Field(t, "RoomId"))
	h.waitSettled(delivery.Delivered, 1)
}

func TestMemberStateHasNoClientInItsQuery(t *testing.T) {
	h := newHouse(t, nil)
	h.start()
	require.NoError(t, h.store.Update(context.Background(), func(tx live.Tx) error {
		return tx.Emit(live.Event{App: app, Room: "r", At: time.Now(), By: live.Caller{App: app, User: "fan", IP: "10.1.2.3"},
			Change: live.MemberChanged{Member: live.Account{ID: "fan"}, Cause: live.CauseEnter}})
	}))
	require.Equal(t, "tenant=eu1&SdkAppid=1400000123&CallbackCommand=Live.CallbackAfterMemberStateChanged&contenttype=json",
		h.server.Wait(1)[0].Query)
}

func TestTheDocumentedQueryOfADeletionCanBeChosen(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) { a.DocumentedDelQuery = true })
	h.start()
	h.deleteKey("r", "k")
	r := h.server.Wait(1)[0]
	require.Equal(t, "Live.CallbackAfterSetMetadata", r.Param("CallbackCommand"))
	require.Equal(t, "Live.CallbackAfterDelMetadata", r.Field(t, "CallbackCommand"))
}

// What is and what is not a delivery: HTTP 200 and a JSON object is, whatever its codes; nothing else.
func TestOnly200WithAJSONObjectIsADelivery(t *testing.T) {
	redirected := testkit.NewAppServer(t)
	for name, c := range map[string]struct {
		status    int
		body      string
		delivered bool
	}{
		"success":              {200, testkit.Success, true},
		"an empty object":      {200, " {} ", true},
		"FAIL":                 {200, `{"ActionStatus":"FAIL","ErrorCode":1}`, true},
		"odd types":            {200, `{"ActionStatus":7,"ErrorCode":"x"}`, true},
		"no body":              {200, "", false},
		"text":                 {200, "ok", false},
		"an array":             {200, "[]", false},
		"half an object":       {200, `{"ActionStatus":"OK"`, false},
		"an object and more":   {200, `{}{}`, false},
		"null":                 {200, `null`, false},
		"created":              {201, testkit.Success, false},
		"no content":           {204, "", false},
		"a redirect":           {302, testkit.Success, false},
		"not found":            {404, testkit.Success, false},
		"an internal error":    {500, testkit.Success, false},
		"too long for reading": {200, `{"a":"` + strings.Repeat("x", 70_000) + `"}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, nil)
			h.server.Answer(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", redirected.URL)
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			h.start()
			h.deleteKey("r", "k")
			if c.delivered {
				h.waitSettled(delivery.Delivered, 1)
				require.Len(t, h.server.Requests(), 1)
				return
			}
			h.server.Wait(2)
			h.server.Answer(nil)
			h.waitSettled(delivery.Delivered, 1)
		})
	}
	require.Empty(t, redirected.Requests(), "redirects are not followed")
}

func TestAnAppMayHaveFailAnswersRetried(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) { a.Retry.RetryOnFail = true })
	h.server.Answer(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"ActionStatus":"FAIL","ErrorCode":1,"ErrorInfo":"later"}`)
	})
	h.start()
	h.deleteKey("r", "k")
	h.server.Wait(3)
	h.server.Answer(nil)
	h.waitSettled(delivery.Delivered, 1)
}

func TestARoomKeepsItsOrderAndItsIDsThroughFailures(t *testing.T) {
	h := newHouse(t, nil)
	h.server.AnswerStatus(500)
	h.start()
	const events = 20 // more than a lane keeps in memory
	for i := range events {
		h.deleteKey("a", fmt.Sprintf("k%02d", i))
		h.deleteKey("b", fmt.Sprintf("k%02d", i))
	}
	failed := h.server.Wait(10)
	for _, r := range failed {
		require.Equal(t, "k00", r.Field(t, "Keys").([]any)[0], "nothing overtakes the head of a lane")
	}
	h.server.Answer(nil)
	h.waitSettled(delivery.Delivered, 2*events)
	keys := h.keysByRoom()
	for _, room := range []string{"a", "b"} {
		require.Len(t, keys[room], events)
		require.IsIncreasing(t, keys[room])
	}
	ids := make(map[string]string)
	for _, r := range h.server.Requests() {
		if known, ok := ids[r.ID()]; ok {
			require.Equal(t, known, string(r.Body), "an id stands for one body")
		}
		ids[r.ID()] = string(r.Body)
	}
	require.Len(t, ids, 2*events)
}

func TestOneFailingRoomDoesNotHoldUpAnother(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) { a.Concurrency = 1 })
	h.server.Answer(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if strings.Contains(string(body), `"bad"`) {
			w.WriteHeader(500)
			return
		}
		_, _ = io.WriteString(w, testkit.Success)
	})
	h.start()
	h.deleteKey("bad", "k")
	h.server.Wait(1)
	for i := range 5 {
		h.deleteKey("good", fmt.Sprint(i))
	}
	h.waitSettled(delivery.Delivered, 5)
	h.server.Answer(nil)
	h.waitSettled(delivery.Delivered, 6)
}

func TestWhatWasNotDeliveredArrivesAfterARestart(t *testing.T) {
	h := newHouse(t, nil)
	h.server.AnswerStatus(503)
	h.start()
	for i := range 15 {
		h.deleteKey(live.RoomID(fmt.Sprint("r", i%3)), fmt.Sprintf("k%02d", i))
	}
	h.server.Wait(3)
	h.halt()
	h.server.Answer(nil)
	h.restart()
	h.deleteKey("r0", "k99")
	h.waitSettled(delivery.Delivered, 16)
	for _, keys := range h.keysByRoom() {
		require.IsIncreasing(t, keys)
	}
}

func TestAnUnreadableOutboxDoesNotReorder(t *testing.T) {
	h := newHouse(t, nil)
	h.deleteKey("r", "k00")
	var once sync.Once
	h.pending = func() (err error) {
		once.Do(func() {
			h.deleteKey("r", "k01") // is handed over while the read of the earlier event fails
			err = errors.New("the disk is on strike")
		})
		return err
	}
	h.start()
	h.waitSettled(delivery.Delivered, 2)
	require.Equal(t, []string{"k00", "k01"}, h.keysByRoom()["r"])
}

func TestNothingIsSentTwiceWithoutACrash(t *testing.T) {
	h := newHouse(t, nil)
	h.start()
	const callers, each = 8, 100
	var all sync.WaitGroup
	for c := range callers {
		all.Go(func() {
			for i := range each {
				h.deleteKey(live.RoomID(fmt.Sprint("r", c%3)), fmt.Sprintf("%d-%03d", c, i))
			}
		})
	}
	all.Wait()
	h.waitSettled(delivery.Delivered, callers*each)
	require.Len(t, h.server.Requests(), callers*each)
}

func TestANewURLIsTriedAtOnce(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) {
		a.Retry.FirstDelay, a.Retry.MaxDelay = time.Hour, time.Hour
	})
	h.configure("http://127.0.0.1:1/", "")
	h.start()
	h.deleteKey("r", "k")
	h.waitSettled(delivery.Failed, 1)
	h.configure(h.server.URL, "")
	h.server.Wait(1)
	h.waitSettled(delivery.Delivered, 1)
}

func TestAnAttemptThatFailsAtAnOldURLIsRepeatedAtOnce(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) { a.Retry.FirstDelay, a.Retry.MaxDelay = time.Hour, time.Hour })
	changed := make(chan struct{})
	h.server.Answer(func(w http.ResponseWriter, _ *http.Request) {
		<-changed
		w.WriteHeader(503)
	})
	h.start()
	h.deleteKey("r", "k")
	h.server.Wait(1)
	h.configure(h.server.URL+"/new", "")
	h.server.Answer(nil)
	close(changed)
	h.waitSettled(delivery.Delivered, 1)
	require.Equal(t, "/new", h.server.Requests()[1].Path)
}

func TestAConfigurationThatChangesWhileItIsReadIsReadAgain(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) { a.Retry.FirstDelay, a.Retry.MaxDelay = time.Millisecond, time.Millisecond })
	h.configure("http://127.0.0.1:1/", "")
	var once sync.Once
	h.endpoint = func(old delivery.Endpoint) delivery.Endpoint {
		once.Do(func() { h.configure(h.server.URL, "") })
		return old
	}
	h.start()
	h.deleteKey("r", "k")
	h.waitSettled(delivery.Delivered, 1)
}

// A lane that begins anew may read the outbox from its start, so one must not be forgotten while what it delivered is
// still there.
func TestALaneIsKeptUntilItsOutcomesAreDurable(t *testing.T) {
	h := newHouse(t, nil)
	scan, held := make(chan struct{}), make(chan func(), 1)
	t.Cleanup(func() { close(scan) })
	h.rooms = func() { <-scan } // lanes begin in the outbox as long as the search for lanes has not ended
	var outcomes int
	h.settle = func(o delivery.Outcome, pass func(delivery.Outcome)) {
		if outcomes++; outcomes == 2 {
			held <- func() { pass(o) }
			return
		}
		pass(o)
	}
	h.start()
	h.deleteKey("r", "k0")
	h.deleteKey("r", "k1")
	settleSecond := <-held
	h.waitSettled(delivery.Delivered, 1)
	h.deleteKey("r", "k2")
	h.waitSettled(delivery.Delivered, 2)
	settleSecond()
	h.waitSettled(delivery.Delivered, 3)
	require.Len(t, h.server.Requests(), 3, "nothing is sent twice")
}

func TestAnEventIsGivenUpWhenItsWindowIsOver(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) { a.Retry.Window = 150 * time.Millisecond })
	h.server.AnswerStatus(500)
	h.start()
	h.deleteKey("r", "first")
	h.waitSettled(delivery.Dead, 1)
	h.server.Answer(nil)
	h.deleteKey("r", "second")
	h.waitSettled(delivery.Delivered, 1)
	require.Equal(t, "second", lastKey(t, h), "the lane goes on")
	pending, err := h.store.Pending(context.Background(), delivery.Lane{App: app, Room: "r"}, 0, 10)
	require.NoError(t, err)
	require.Empty(t, pending)
}

func lastKey(t *testing.T, h *house) string {
	all := h.server.Requests()
	return all[len(all)-1].Field(t, "Keys").([]any)[0].(string)
}

func TestASlowAnswerIsAFailure(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) { a.Retry.Timeout = 50 * time.Millisecond })
	release := make(chan struct{})
	defer close(release)
	h.server.Answer(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	h.start()
	h.deleteKey("r", "k")
	h.server.Wait(2)
	h.server.Answer(nil)
	h.waitSettled(delivery.Delivered, 1)
}

func TestMoreLanesThanMemoryTakesAreAllDelivered(t *testing.T) {
	h := newHouseWith(t, func(a *delivery.App) { a.Retry.FirstDelay, a.Retry.MaxDelay = time.Hour, time.Hour },
		func(o *delivery.Options) { o.MaxLanes = 600 })
	h.server.AnswerStatus(503)
	h.start()
	const rooms = 1500
	require.NoError(t, h.store.Update(context.Background(), func(tx live.Tx) error {
		for i := range 2 * rooms {
			err := tx.Emit(live.Event{App: app, Room: live.RoomID(fmt.Sprintf("r%05d", i%rooms)), At: time.Now(),
				Change: live.MetadataDeleted{Keys: []string{fmt.Sprint(i / rooms)}}})
			if err != nil {
				return err
			}
		}
		return nil
	}))
	h.server.Wait(10)
	h.server.Answer(nil)
	h.configure(h.server.URL, "")
	h.waitSettled(delivery.Delivered, 2*rooms)
	for room, keys := range h.keysByRoom() {
		require.Equal(t, []string{"0", "1"}, keys, room)
	}
}
