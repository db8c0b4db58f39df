package operator_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/internal/operator"
	"github.com/greenroom-live/greenroom/internal/store"
	"github.com/greenroom-live/greenroom/internal/store/sqlite"
	"github.com/greenroom-live/greenroom/internal/store/sqlite/sqlitetest"
	"github.com/greenroom-live/greenroom/internal/testkit"
	"github.com/greenroom-live/greenroom/webhook"
)

const (
	app   live.AppID = 1400000123
	gone  live.AppID = 1400000009 // not configured any more, but with a dead letter
	token            = "operators-own-token-of-these-tests"

	patience = 20 * time.Second
)

// noon is when the events of these tests are committed, give or take minutes.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var ctx = context.Background()

// world is a real store with the API in front of it. What becomes of events the test says, unless it starts a deliverer.
type world struct {
	t        testing.TB
	store    *sqlite.Store
	delivery *delivery.Deliverer
	api      *operator.API
	server   *testkit.AppServer
	log      *lockedBuffer

	mu       sync.Mutex
	running  bool
	queued   []delivery.Event // by commits, in order
	settled  int
	changed  chan struct{}
	toSettle int
}

func newWorld(t testing.TB, change func(*operator.Options)) *world {
	t.Helper()
	w := &world{t: t, server: testkit.NewAppServer(t), log: new(lockedBuffer), changed: make(chan struct{})}
	metrics, quiet := observe.NewMetrics(), slog.New(slog.DiscardHandler)
	var err error
	w.store, err = sqlite.Open(sqlite.Options{Dir: sqlitetest.Folder(t), Log: quiet, Metrics: metrics, LogKeep: time.Hour}, w)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.store.Close()) })
	retry := delivery.DefaultPolicy
	retry.FirstDelay, retry.MaxDelay = time.Millisecond, time.Millisecond
	w.delivery = delivery.New(delivery.Options{
		Apps: []delivery.App{{
			ID: app, Concurrency: 4, Retry: retry, AllowPrivateAddresses: true,
			Secrets: []webhook.Secret{webhook.SecretFromKey("a key of the app's own")},
		}},
		Outbox: w.store, UserAgent: "Greenroom/test", Log: quiet, Metrics: metrics,
	})
	opts := operator.Options{
		Apps: []live.AppID{app, 7}, Store: w.store, Delivery: w.delivery, Token: token,
		Node: "here", NodeID: func() live.NodeID { return 7 },
		Nodes: func(context.Context) ([]live.NodeStatus, error) {
			started := time.Date(2026, 7, 8, 9, 10, 11, 12e6, time.UTC)
			return []live.NodeStatus{{ID: 4, Name: "there", Version: "1", Started: started, Seen: started.Add(time.Hour)},
				{ID: 7, Name: "here", Version: "2", Started: started.Add(time.Minute), Seen: started.Add(time.Hour)}}, nil
		},
		Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}, Page: 3,
		Log: slog.New(slog.NewTextHandler(w.log, nil)),
	}
	if change != nil {
		change(&opts)
	}
	w.api = operator.New(opts)
	w.configure(app, w.server.URL+"/hook")
	return w
}

// Committed implements store.Listener.
func (w *world) Committed(c store.Commit) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queued = append(w.queued, c.Webhooks...)
	w.settled += len(c.Settled)
	close(w.changed)
	w.changed = make(chan struct{})
	if !w.running {
		return
	}
	w.delivery.Enqueue(c.Webhooks)
	for _, id := range c.Callbacks {
		w.delivery.EndpointChanged(id)
	}
	w.delivery.Settled(c.Settled)
}

// deliver lets the deliverer run for the rest of the test.
func (w *world) deliver() {
	w.mu.Lock()
	w.running = true
	w.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		_ = w.delivery.Run(ctx)
		close(done)
	}()
	w.t.Cleanup(func() { cancel(); <-done })
}

func (w *world) configure(app live.AppID, url string) {
	w.t.Helper()
	require.NoError(w.t, w.store.Update(ctx, func(tx live.Tx) error {
		return tx.PutCallback(app, live.Callback{URL: url, Commands: []string{
			string(webhook.CommandAfterDelMetadata), string(webhook.CommandAfterSetMetadata)}})
	}))
}

// commit commits an event in a room, so many minutes after noon, and returns it.
func (w *world) commit(app live.AppID, room live.RoomID, minute int, change live.Change) delivery.Event {
	w.t.Helper()
	require.NoError(w.t, w.store.Update(ctx, func(tx live.Tx) error {
		return tx.Emit(live.Event{
			App: app, Room: room, At: noon.Add(time.Duration(minute) * time.Minute), Change: change,
			By: live.Caller{App: app, User: "administrator", IP: "203.0.113.9", Platform: live.PlatformREST},
		})
	}))
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.queued[len(w.queued)-1]
}

// deletion commits the deletion of a key.
func (w *world) deletion(room live.RoomID, minute int) delivery.Event {
	w.t.Helper()
	return w.commit(app, room, minute, live.MetadataDeleted{Keys: []string{fmt.Sprint("key ", minute)}})
}

// settle says what became of an event by an attempt, and waits until that is durable.
func (w *world) settle(e delivery.Event, fate delivery.Fate, a delivery.Attempt) {
	w.t.Helper()
	a.Number = e.Attempts + 1
	if a.At.IsZero() {
		a.At = e.At.Add(time.Second)
	}
	if fate != delivery.Delivered {
		e.Attempts, e.LastError = a.Number, a.Error
	}
	w.store.Settle(delivery.Outcome{Event: e, Fate: fate, Attempt: a})
	w.toSettle++
	w.wait(func() bool { return w.settled >= w.toSettle })
}

func (w *world) fail(e delivery.Event) delivery.Event {
	w.t.Helper()
	w.settle(e, delivery.Failed, delivery.Attempt{Took: 3 * time.Millisecond, Status: 500, Error: "the answer's HTTP status is 500, not 200"})
	e.Attempts++
	return e
}

func (w *world) bury(e delivery.Event) {
	w.t.Helper()
	w.settle(e, delivery.Dead, delivery.Attempt{Took: 3 * time.Millisecond, Status: 503, Error: "the answer's HTTP status is 503, not 200"})
}

func (w *world) take(e delivery.Event) {
	w.t.Helper()
	w.settle(e, delivery.Delivered, delivery.Attempt{
		Took: 1500 * time.Microsecond, Status: 200, Answer: []byte(testkit.Success), AnswerBytes: len(testkit.Success)})
}

// wait waits until a condition holds that commits bring about; the condition is asked under the lock.
func (w *world) wait(holds func() bool) {
	w.t.Helper()
	timeout := time.After(patience)
	for {
		w.mu.Lock()
		ok, changed := holds(), w.changed
		w.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-timeout:
			require.FailNow(w.t, "it did not happen")
		}
	}
}

// outbox are the ids in the outbox, lane by lane.
func (w *world) outbox() []string {
	w.t.Helper()
	events, next, err := w.store.Waiting(ctx, delivery.Filter{App: app}, "", 1000)
	require.NoError(w.t, err)
	require.Empty(w.t, next)
	return idsOf(events)
}

func idsOf(events []delivery.Event) []string {
	ids := []string{}
	for _, e := range events {
		ids = append(ids, e.ID)
	}
	return ids
}

// reply is what the API answered.
type reply struct {
	t      testing.TB
	status int
	header http.Header
	body   string
}

// refusal is the error of a reply.
type refusal struct {
	Code      string `json:"code"`
	Message   string `json:"message"`
	Field     string `json:"field"`
	RequestID string `json:"request_id"`
}

func (r reply) refused(status int, code string) refusal {
	r.t.Helper()
	require.Equal(r.t, status, r.status, r.body)
	var body struct {
		Error refusal `json:"error"`
	}
	require.NoError(r.t, json.Unmarshal([]byte(r.body), &body, json.RejectUnknownMembers(true)), r.body)
	require.Equal(r.t, code, body.Error.Code, r.body)
	require.NotEmpty(r.t, body.Error.Message)
	require.Equal(r.t, r.header.Get("X-Request-Id"), body.Error.RequestID)
	require.NotEmpty(r.t, body.Error.RequestID)
	return body.Error
}

// into reads an answer of which every field must be known to out.
func (r reply) into(out any) {
	r.t.Helper()
	require.Equal(r.t, http.StatusOK, r.status, r.body)
	require.NoError(r.t, json.Unmarshal([]byte(r.body), out, json.RejectUnknownMembers(true)), r.body)
}

// request is a call from this machine with the token.
func request(method, path, body string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:4711"
	r.Header.Set("Authorization", "Bearer "+token)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

func (w *world) send(r *http.Request) reply {
	w.t.Helper()
	recorder := httptest.NewRecorder()
	w.api.ServeHTTP(recorder, r)
	body, err := io.ReadAll(recorder.Result().Body)
	require.NoError(w.t, err)
	require.Equal(w.t, "application/json", recorder.Header().Get("Content-Type"))
	require.Equal(w.t, "no-store", recorder.Header().Get("Cache-Control"))
	require.Equal(w.t, "nosniff", recorder.Header().Get("X-Content-Type-Options"))
	require.NotContains(w.t, string(body), token)
	return reply{w.t, recorder.Code, recorder.Header(), string(body)}
}

// get and post call a path below the app's.
func (w *world) get(path string) reply {
	w.t.Helper()
	return w.send(request(http.MethodGet, "/admin/v1/apps/1400000123"+path, ""))
}

func (w *world) post(path, body string) reply {
	w.t.Helper()
	return w.send(request(http.MethodPost, "/admin/v1/apps/1400000123"+path, body))
}

// lockedBuffer is a log that can be read while it is written.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
