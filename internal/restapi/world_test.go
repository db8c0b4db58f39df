package restapi_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/internal/restapi"
	"github.com/greenroom-live/greenroom/internal/store"
	"github.com/greenroom-live/greenroom/internal/store/sqlite"
	"github.com/greenroom-live/greenroom/usersig"
	"github.com/greenroom-live/greenroom/webhook"
)

const (
	key   = "4b1d0c9f5a7e42e2b6c8913f20d7aa61"
	admin = "administrator"
)

// began is when every test's clock stands: EventTime 1765001300444, CreateTime 1765001300.
var began = time.UnixMilli(1765001300444)

var ctx = context.Background()

// world is a store that the scenarios of one test share, each for an app of its own, and what it has told its listener.
type world struct {
	store *sqlite.Store
	close func()  // closes the store
	rows  *sql.DB // reads the store's file beside it
	apps  uint32

	mu    sync.Mutex
	heard []store.Commit
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{}
	dir := t.TempDir()
	var err error
	w.store, err = sqlite.Open(sqlite.Options{Dir: dir, Log: quiet(), Metrics: observe.NewMetrics()}, w)
	require.NoError(t, err)
	w.close = sync.OnceFunc(func() { require.NoError(t, w.store.Close()) })
	t.Cleanup(w.close)
	w.rows, err = sql.Open("sqlite", filepath.Join(dir, sqlite.FileName))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.rows.Close()) })
	return w
}

// Committed implements store.Listener.
func (w *world) Committed(c store.Commit) {
	c.Changes, c.Webhooks, c.Callbacks = slices.Clone(c.Changes), slices.Clone(c.Webhooks), slices.Clone(c.Callbacks)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heard = append(w.heard, c)
}

// forget drops what the store told so far.
func (w *world) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heard = nil
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// setup is what a door is opened with.
type setup struct {
	app     live.App
	limits  live.Limits
	options restapi.Options
	bare    bool // no webhook is configured; else all of them are switched on
}

// door is the REST API of one app.
type door struct {
	*world
	t       testing.TB
	app     live.AppID
	live    *live.Service
	api     *restapi.API
	server  *httptest.Server
	metrics *observe.Metrics
	ahead   atomic.Int64 // how far its clock is ahead of began
}

func (d *door) now() time.Time { return began.Add(time.Duration(d.ahead.Load())) }

// open serves a new app over the world's store.
func (w *world) open(t testing.TB, change ...func(*setup)) *door {
	t.Helper()
	w.apps++
	d := &door{world: w, t: t, app: live.AppID(1400000000 + w.apps), metrics: observe.NewMetrics()}
	s := setup{
		app:     live.App{ID: d.app, SecretKey: key, Admins: []live.UserID{admin}},
		limits:  live.DefaultLimits,
		options: restapi.Options{Timeout: time.Minute, Now: d.now, Log: quiet(), Metrics: d.metrics},
	}
	s.limits.UserSigCache = 100
	for _, c := range change {
		c(&s)
	}
	d.live = live.NewService(w.store, []*live.App{&s.app}, s.limits, d.now)
	s.options.Live = d.live
	d.api = restapi.New(s.options)
	d.server = httptest.NewServer(d.api)
	t.Cleanup(d.server.Close)
	if !s.bare {
		words := make([]string, 0)
		for _, w := range webhook.Words() {
			words = append(words, string(w))
		}
		callback := live.Callback{URL: "https://hooks.example.net/live", Commands: words}
		require.NoError(t, d.live.SetCallback(ctx, live.System(d.app), callback))
	}
	return d
}

// sign returns a UserSig of user that the app's clients could have made now.
func (d *door) sign(user string) string {
	return usersig.New(uint32(d.app), key, user, d.now(), 7*24*time.Hour)
}

// query is a call's query as real clients write it: in this order, nothing escaped.
func (d *door) query() string {
	return fmt.Sprintf("sdkappid=%d&identifier=%s&usersig=%s&random=99999999&contenttype=json", d.app, admin, d.sign(admin))
}

// answer is what a call got back.
type answer struct {
	ActionStatus string
	ErrorCode    int
	ErrorInfo    string
	RequestID    string
	Payload      string // the other members, as a JSON object
}

func (d *door) call(command, body string) answer {
	d.t.Helper()
	return d.post(command, d.query(), strings.NewReader(body))
}

func (d *door) post(command, query string, body io.Reader) answer {
	d.t.Helper()
	r, err := http.NewRequest(http.MethodPost, d.server.URL+"/v4/"+command+"?"+query, body)
	require.NoError(d.t, err)
	r.Header.Set("Content-Type", "application/json")
	return d.send(r)
}

func (d *door) send(r *http.Request) answer {
	d.t.Helper()
	response, err := d.server.Client().Do(r)
	require.NoError(d.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(d.t, err)
	return readAnswer(d.t, response.StatusCode, response.Header, body)
}

// serve hands a call to the API without a network between them.
func (d *door) serve(r *http.Request) answer {
	d.t.Helper()
	w := httptest.NewRecorder()
	d.api.ServeHTTP(w, r)
	return readAnswer(d.t, w.Code, w.Header(), w.Body.Bytes())
}

// request is a call that is yet to be sent or served.
func (d *door) request(command, query string, body io.Reader) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/v4/"+command, body)
	r.URL.RawQuery, r.RemoteAddr = query, "127.0.0.1:4711"
	return r
}

var requestID = regexp.MustCompile(`^Id-[0-9a-f]{32}-O-Seq-[1-9][0-9]*$`)

// readAnswer takes an envelope apart and holds it against what is true of every one.
func readAnswer(t testing.TB, status int, header http.Header, body []byte) answer {
	t.Helper()
	require.Equal(t, http.StatusOK, status, "the outcome is in the body, never in the status")
	require.Equal(t, "application/json", header.Get("Content-Type"))
	var members map[string]jsontext.Value
	require.NoError(t, json.Unmarshal(body, &members), "%s", body)
	var a answer
	for name, dst := range map[string]any{
		"ActionStatus": &a.ActionStatus, "ErrorCode": &a.ErrorCode, "ErrorInfo": &a.ErrorInfo, "RequestId": &a.RequestID,
	} {
		require.Contains(t, members, name)
		require.NoError(t, json.Unmarshal(members[name], dst), "%s of %s", name, body)
		delete(members, name)
	}
	rest, err := json.Marshal(members)
	require.NoError(t, err)
	a.Payload = string(rest)
	require.Regexp(t, requestID, a.RequestID)
	if a.ErrorCode == 0 {
		require.Equal(t, "OK", a.ActionStatus)
		require.Empty(t, a.ErrorInfo)
		return a
	}
	require.Equal(t, "FAIL", a.ActionStatus)
	require.NotEmpty(t, a.ErrorInfo, "a refusal says why")
	require.Equal(t, "{}", a.Payload, "a refusal has no payload")
	return a
}

// fired returns the webhooks of the app that were committed so far.
func (d *door) fired() (all []delivery.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.heard {
		for _, e := range c.Webhooks {
			if e.Lane.App == d.app {
				all = append(all, e)
			}
		}
	}
	return all
}

// told returns how much the app's rooms and webhook settings were said to have changed so far.
func (d *door) told() (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.heard {
		for _, e := range c.Changes {
			if e.App == d.app {
				n++
			}
		}
		for _, app := range c.Callbacks {
			if app == d.app {
				n++
			}
		}
	}
	return n
}

// state returns every row that the store has of the app.
func (d *door) state() []string {
	d.t.Helper()
	var all []string
	d.each(`SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND c.name = 'app' ORDER BY m.name`, func(table []any) {
		d.each(fmt.Sprintf("SELECT * FROM %s WHERE app = %d", table[0], d.app), func(row []any) {
			all = append(all, fmt.Sprint(table[0], row))
		})
	})
	return all
}

func (d *door) each(query string, use func(row []any)) {
	d.t.Helper()
	rows, err := d.rows.Query(query)
	require.NoError(d.t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(d.t, err)
	for rows.Next() {
		row, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			places[i] = &row[i]
		}
		require.NoError(d.t, rows.Scan(places...))
		use(row)
	}
	require.NoError(d.t, rows.Err())
}

// omitClient are the webhooks whose query tells neither address nor platform (docs 64424, 72553, 72554).
var omitClient = []string{
	"Live.CallbackAfterMemberStateChanged", "Live.CallbackAfterChangeOwner", "Live.CallbackAfterModifyAdmin",
}

// requireFired holds webhooks against the bodies that were expected, and their queries against what their bodies say.
func (d *door) requireFired(bodies []string, events []delivery.Event) {
	d.t.Helper()
	got := make([]string, len(events))
	for i, e := range events {
		got[i] = string(e.Body)
	}
	want := make([]string, len(bodies))
	for i, b := range bodies {
		want[i] = compact(d.t, b)
	}
	require.Equal(d.t, want, got)
	for _, e := range events {
		d.requireQuery(e)
	}
}

func (d *door) requireQuery(e delivery.Event) {
	d.t.Helper()
	sent := webhook.Query{SDKAppID: uint32(d.app), Command: e.Command, ClientIP: e.ClientIP, Platform: e.Platform}
	u, err := url.Parse(sent.AppendTo("https://hooks.example.net/live"))
	require.NoError(d.t, err)
	var body struct {
		CallbackCommand string
		RoomID          string `json:"RoomId"`
		RoomInfo        struct {
			RoomID string `json:"RoomId"`
		}
	}
	require.NoError(d.t, json.Unmarshal(e.Body, &body))
	want := url.Values{
		"SdkAppid": {d.app.String()}, "CallbackCommand": {body.CallbackCommand}, "contenttype": {"json"},
		"ClientIP": {"127.0.0.1"}, "OptPlatform": {"RESTAPI"},
	}
	if slices.Contains(omitClient, body.CallbackCommand) {
		delete(want, "ClientIP")
		delete(want, "OptPlatform")
	}
	require.Equal(d.t, want, u.Query())
	room := body.RoomID
	if room == "" {
		room = body.RoomInfo.RoomID
	}
	require.Equal(d.t, live.RoomID(room), e.Lane.Room, "the room's events keep their order in the room's lane")
}

// compact writes JSON without white space, and leaves everything else as it is.
func compact(t testing.TB, text string) string {
	t.Helper()
	v := jsontext.Value(text)
	require.NoError(t, v.Compact(), "%s", text)
	return string(v)
}

// step is a call before or after the one that a scenario is about.
type step struct {
	call  string
	body  string
	reply string // exact, as in scenario; not looked at when empty
	code  int
}

func (d *door) take(steps []step) {
	d.t.Helper()
	for _, s := range steps {
		got := d.serve(d.request(s.call, d.query(), strings.NewReader(s.body)))
		require.Equal(d.t, s.code, got.ErrorCode, "%s %s: %s", s.call, s.body, got.ErrorInfo)
		if s.reply != "" {
			require.JSONEq(d.t, payload(s.call, s.reply), got.Payload, "%s %s", s.call, s.body)
		}
	}
}

// payload is where a command's reply lies in the envelope: beside its fields in the login family, else in Response.
func payload(command, reply string) string {
	switch {
	case reply == "":
		return "{}"
	case strings.HasPrefix(command, "im_open_login_svc/"):
		return reply
	}
	return `{"Response":` + reply + `}`
}

// scenario is one call and everything that comes of it. After a refusal the state must be what it was before and nobody
// may have been told anything; after a success the webhooks are exactly those of fires.
type scenario struct {
	name  string
	with  []func(*setup)
	given []step
	body  string
	code  int
	info  []string // what ErrorInfo says, in parts
	reply string   // the payload as exact JSON
	fires []string // bodies of webhooks, in order
	then  []step
}

// play calls command as each scenario says.
func play(t *testing.T, command string, scenarios []scenario) {
	w := newWorld(t)
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			d := w.open(t, s.with...)
			d.take(s.given)
			before, fired, told := d.state(), len(d.fired()), d.told()
			got := d.call(command, s.body)
			require.Equal(t, s.code, got.ErrorCode, "%s", got.ErrorInfo)
			for _, part := range s.info {
				require.Contains(t, got.ErrorInfo, part)
			}
			require.JSONEq(t, payload(command, s.reply), got.Payload)
			d.requireFired(s.fires, d.fired()[fired:])
			if s.code != 0 || asks(command) {
				require.Equal(t, before, d.state(), "nothing may have changed")
				require.Equal(t, told, d.told(), "nobody may have been told")
			}
			d.take(s.then)
		})
	}
}

// asks tells whether a command only reads.
func asks(command string) bool {
	return strings.Contains(command, "/get_") || strings.HasSuffix(command, "_check")
}

// The commands, as the scenarios name them.
const (
	createRoom      = "live_engine_http_srv/create_room"
	destroyRoom     = "live_engine_http_srv/destroy_room"
	getRoomInfo     = "live_engine_http_srv/get_room_info"
	setRoomMetadata = "live_engine_http_srv/set_room_metadata"
	getRoomMetadata = "live_engine_http_srv/get_room_metadata"
	delRoomMetadata = "live_engine_http_srv/del_room_metadata"
	modifyAdmin     = "live_engine_http_srv/modify_admin"
	getAdminList    = "live_engine_http_srv/get_admin_list"

	setCallback         = "live_config/set_callback"
	updateCallback      = "live_config/update_callback"
	getCallback         = "live_config/get_callback"
	deleteCallback      = "live_config/delete_callback"
	setCallbackToken    = "live_config/set_callback_token"
	getCallbackToken    = "live_config/get_callback_token"
	deleteCallbackToken = "live_config/delete_callback_token"

	accountImport = "im_open_login_svc/account_import"
	accountCheck  = "im_open_login_svc/account_check"
)

// aRoom is the room that most scenarios are about.
var aRoom = step{call: createRoom, body: `{"RoomInfo":{"RoomId":"live_9001","RoomType":"Live","Owner_Account":"host_7"}}`}

// bare opens a door without a webhook configuration.
func bare(s *setup) { s.bare = true }

// list writes n quoted elements, made by f, as a JSON array.
func list(n int, f func(i int) string) string {
	elements := make([]string, n)
	for i := range elements {
		elements[i] = `"` + f(i) + `"`
	}
	return "[" + strings.Join(elements, ",") + "]"
}
