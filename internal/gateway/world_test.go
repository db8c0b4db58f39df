package gateway

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	sdk "github.com/centrifugal/centrifuge-go"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/internal/store"
	"github.com/greenroom-live/greenroom/internal/store/sqlite"
	"github.com/greenroom-live/greenroom/internal/store/sqlite/sqlitetest"
	"github.com/greenroom-live/greenroom/usersig"
	"github.com/greenroom-live/greenroom/webhook"
)

const (
	app1, app2 = live.AppID(1400000001), live.AppID(1400000002)
	key1, key2 = "key-of-the-first-app", "key-of-the-second-app"
	patience   = 10 * time.Second
)

// world is a running gateway with its store and an HTTP server.
type world struct {
	t       *testing.T
	live    *live.Service
	rows    *sqlite.Store
	g       *Gateway
	url     string
	http    string
	metrics *observe.Metrics
	answers func(live.Question) (webhook.Answer, error) // of the app server; it allows everything when this is nil
	close   func()                                      // the store
	stop    func()                                      // everything
}

// listener passes commits on once there is a gateway.
type listener struct{ g atomic.Pointer[Gateway] }

func (l *listener) Committed(c store.Commit) {
	if g := l.g.Load(); g != nil {
		g.Publish(c.Changes)
	}
}

func newWorld(t *testing.T, change ...func(*Options)) *world {
	return openWorld(t, sqlitetest.Folder(t), change...)
}

// openWorld starts a server on a data folder.
func openWorld(t *testing.T, dir string, change ...func(*Options)) *world {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	w := &world{t: t, metrics: observe.NewMetrics()}
	told := &listener{}
	rows, err := sqlite.Open(sqlite.Options{Dir: dir, Log: log, Metrics: w.metrics}, told)
	require.NoError(t, err)
	w.close = sync.OnceFunc(func() { require.NoError(t, rows.Close()) })
	apps := []*live.App{{ID: app1, SecretKey: key1}, {ID: app2, SecretKey: key2}}
	w.rows = rows
	w.live = live.NewService(rows, w, apps, live.DefaultLimits, time.Now)
	opts := Options{Live: w.live, Log: log, Metrics: w.metrics}
	for _, c := range change {
		c(&opts)
	}
	w.g, err = New(opts)
	require.NoError(t, err)
	told.g.Store(w.g)
	server := httptest.NewServer(w.g.Handler())
	w.http, w.url = server.URL, "ws"+strings.TrimPrefix(server.URL, "http")
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.g.Run(ctx) }()
	w.stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-ended)
		server.Close()
		w.close()
	})
	t.Cleanup(w.stop)
	require.Eventually(t, w.g.open.Load, patience, time.Millisecond)
	return w
}

// Ask implements live.Asker.
func (w *world) Ask(_ context.Context, q live.Question) (webhook.Answer, error) {
	if w.answers == nil {
		return webhook.Answer{}, nil
	}
	return w.answers(q)
}

func sign(app live.AppID, user string) string {
	key := key1
	if app == app2 {
		key = key2
	}
	return usersig.New(uint32(app), key, user, time.Now(), time.Hour)
}

// client is an app user's device.
type client struct {
	*sdk.Client
	t            *testing.T
	user         string
	connected    chan sdk.ConnectedEvent
	connecting   chan sdk.ConnectingEvent
	disconnected chan sdk.DisconnectedEvent
	subscribed   chan sdk.ServerSubscribedEvent
	unsubscribed chan sdk.ServerUnsubscribedEvent
	events       chan event
	dialer       *dialer
}

// event is a publication as a client decodes it.
type event struct {
	Event   string         `json:"event"`
	LiveID  string         `json:"liveID"`
	Time    int64          `json:"time"`
	Data    map[string]any `json:"data"`
	channel string
}

// dialer is the client's network, which can be cut.
type dialer struct {
	mu   sync.Mutex
	conn net.Conn
	up   chan struct{} // closed while there is a network
	to   string        // where the server has moved; empty while it has not
}

func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	d.mu.Lock()
	up := d.up
	d.mu.Unlock()
	select {
	case <-up:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.to != "" {
		address = d.to
	}
	c, err := new(net.Dialer).DialContext(ctx, network, address)
	d.conn = c
	return c, err
}

// moves makes the client find the server of w from now on.
func (d *dialer) moves(w *world) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.to = strings.TrimPrefix(w.http, "http://")
}

// cut takes the network away; the returned function gives it back.
func (d *dialer) cut() (restore func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.up = make(chan struct{})
	_ = d.conn.Close()
	up := d.up
	return func() { close(up) }
}

// device returns a client that has not connected yet. The fields replace those of its connect data.
func (w *world) device(app live.AppID, user, sig string, fields map[string]any) *client {
	data := map[string]any{"sdkAppID": app, "userID": user, "platform": "iOS"}
	for k, v := range fields {
		data[k] = v
	}
	text, err := json.Marshal(data)
	require.NoError(w.t, err)
	return w.rawDevice(user, sig, text)
}

func (w *world) rawDevice(user, sig string, data []byte) *client {
	up := make(chan struct{})
	close(up)
	c := &client{
		t: w.t, user: user, dialer: &dialer{up: up},
		connected: make(chan sdk.ConnectedEvent, 4096), connecting: make(chan sdk.ConnectingEvent, 4096),
		disconnected: make(chan sdk.DisconnectedEvent, 4096), subscribed: make(chan sdk.ServerSubscribedEvent, 4096),
		unsubscribed: make(chan sdk.ServerUnsubscribedEvent, 4096), events: make(chan event, 4096),
	}
	c.Client = sdk.NewJsonClient(w.url, sdk.Config{
		Token: sig, Data: data, NetDialContext: c.dialer.dial,
		MinReconnectDelay: time.Millisecond, MaxReconnectDelay: 10 * time.Millisecond,
	})
	c.OnConnected(func(e sdk.ConnectedEvent) { c.connected <- e })
	c.OnConnecting(func(e sdk.ConnectingEvent) { c.connecting <- e })
	c.OnDisconnected(func(e sdk.DisconnectedEvent) { c.disconnected <- e })
	c.OnSubscribing(func(sdk.ServerSubscribingEvent) {}) // without which the SDK does not tell of the unsubscribed
	c.OnSubscribed(func(e sdk.ServerSubscribedEvent) { c.subscribed <- e })
	c.OnUnsubscribed(func(e sdk.ServerUnsubscribedEvent) { c.unsubscribed <- e })
	c.OnPublication(func(e sdk.ServerPublicationEvent) { c.events <- decodeEvent(w.t, e.Channel, e.Data) })
	w.t.Cleanup(c.Close)
	return c
}

func decodeEvent(t *testing.T, channel string, data []byte) event {
	e := event{channel: channel}
	if err := json.Unmarshal(data, &e); err != nil {
		t.Errorf("publication %q: %v", data, err)
	}
	return e
}

// connect returns a device of the user that has logged in.
func (w *world) connect(app live.AppID, user string) *client {
	w.t.Helper()
	c := w.device(app, user, sign(app, user), nil)
	require.NoError(w.t, c.Connect())
	receive(w.t, c.connected, "connected")
	return c
}

// receive waits for what must come.
func receive[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		require.FailNow(t, "nothing came", what)
		panic("unreachable")
	}
}

// refused connects and returns the code and message with which the server turned the client away for good.
func (c *client) refused() (code uint32, message string) {
	c.t.Helper()
	require.NoError(c.t, c.Connect())
	e := receive(c.t, c.disconnected, "disconnected")
	return e.Code, e.Reason
}

// ask calls a method, params being anything that encodes to JSON or its text.
func (c *client) ask(method string, params any) (map[string]any, error) {
	text, ok := params.(string)
	data := []byte(text)
	if !ok {
		var err error
		data, err = json.Marshal(params)
		require.NoError(c.t, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	result, err := c.RPC(ctx, method, data)
	if err != nil {
		return nil, err
	}
	var reply map[string]any
	require.NoError(c.t, json.Unmarshal(result.Data, &reply))
	return reply, nil
}

// do calls a method that must succeed.
func (c *client) do(method string, params any) map[string]any {
	c.t.Helper()
	reply, err := c.ask(method, params)
	require.NoError(c.t, err, "%s %v", method, params)
	return reply
}

// fails calls a method that must be refused with code.
func (c *client) fails(code int, method string, params any) {
	c.t.Helper()
	_, err := c.ask(method, params)
	var refusal *sdk.Error
	require.True(c.t, errors.As(err, &refusal), "%s %v: %v", method, params, err)
	require.Equal(c.t, code, int(refusal.Code), "%s %v: %s", method, params, refusal.Message)
	require.NotEmpty(c.t, refusal.Message)
}

type m = map[string]any

// hears waits for the next event, which must be this one.
func (c *client) hears(name string, data m) event {
	c.t.Helper()
	e := receive(c.t, c.events, c.user+" hears "+name)
	require.Equal(c.t, name, e.Event)
	require.Equal(c.t, data, e.Data)
	return e
}

func (c *client) hearsMetadata(key string, value any) event {
	c.t.Helper()
	return c.hears("live.onRoomMetadataChanged", m{"key": key, "value": value})
}

// hearsMember waits for the event of a member who came or went, and the count that follows.
func (c *client) hearsMember(name, field, user string, count int) {
	c.t.Helper()
	c.hears(name, m{field: m{"userID": user, "userName": "", "avatarURL": ""}})
	c.hears("audience.onAudienceCountChanged", m{"count": float64(count)})
}

// starts begins a live and waits for its own arrival.
func (c *client) starts(room string) {
	c.t.Helper()
	c.do("live.startLive", m{"liveInfo": m{"liveID": room}})
	c.hearsMember("audience.onOwnerJoined", "owner", c.user, 1)
}

// joins joins a live as a member of the audience and waits for its own arrival.
func (c *client) joins(room string, count int) {
	c.t.Helper()
	c.do("live.joinLive", m{"liveID": room})
	c.hearsMember("audience.onAudienceJoined", "audience", c.user, count)
}

// userOf returns the caller for a user, to do through the domain what clients have no method for.
func userOf(user string) live.Caller { return live.Caller{App: app1, User: live.UserID(user)} }

func (w *world) makeAdmin(owner, room string, users ...live.UserID) {
	w.t.Helper()
	require.NoError(w.t, w.live.ModifyAdmins(context.Background(), userOf(owner), live.RoomID(room), users, true))
}

// online returns who the store has online in app1, of the first rooms by views.
func (w *world) online() (found []live.Membership) {
	w.t.Helper()
	require.NoError(w.t, w.rows.View(context.Background(), func(r live.Reader) error {
		rooms, err := r.PublicRooms(app1, nil, false, 1000)
		for _, room := range rooms {
			users, err := r.MembersOnline(app1, room.ID, "", 1000)
			require.NoError(w.t, err)
			for _, user := range users {
				found = append(found, live.Membership{App: app1, Room: room.ID, User: user})
			}
		}
		return err
	}))
	slices.SortFunc(found, func(a, b live.Membership) int {
		return cmp.Or(cmp.Compare(a.Room, b.Room), cmp.Compare(a.User, b.User))
	})
	return found
}

func get(t *testing.T, url string, header http.Header) *http.Response {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, url, nil)
	require.NoError(t, err)
	req.Header = header
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}
