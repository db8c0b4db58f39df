package restapi_test

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
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
	"github.com/greenroom-live/greenroom/internal/store/sqlite/sqlitetest"
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

// world is a store, shared by tests whose apps see nothing of each other, and what it has told its listener.
type world struct {
	store *sqlite.Store
	close func() error         // closes the store
	rows  *sql.DB              // reads the store's file beside it
	table map[string]*sql.Stmt // the rows that a table has of one app
	apps  atomic.Uint32

	mu    sync.Mutex
	heard map[live.AppID]*heard
}

// heard is what the store told of one app.
type heard struct {
	webhooks []delivery.Event
	changes  int // of its rooms and of its webhook settings
}

// everybodys is the world of all tests that do no more to the store than call the API.
var everybodys *world

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "restapi")
		if err == nil {
			defer os.RemoveAll(dir)
			everybodys, err = openWorld(dir)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		code := m.Run()
		if missing := unplayed(); code == 0 && len(missing) > 0 {
			fmt.Fprintln(os.Stderr, "no scenario of their contract tests gets these codes:\n"+strings.Join(missing, "\n"))
			code = 1
		}
		if err := errors.Join(everybodys.rows.Close(), everybodys.close()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return code
	}())
}

// newWorld opens a store of the test's own.
func newWorld(t testing.TB) *world {
	t.Helper()
	w, err := openWorld(sqlitetest.Folder(t))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, errors.Join(w.rows.Close(), w.close())) })
	return w
}

func openWorld(dir string) (*world, error) {
	w := &world{heard: make(map[live.AppID]*heard)}
	var err error
	w.store, err = sqlite.Open(sqlite.Options{Dir: dir, Log: quiet(), Metrics: observe.NewMetrics()}, w)
	if err != nil {
		return nil, err
	}
	w.close = sync.OnceValue(w.store.Close)
	if w.rows, err = sql.Open("sqlite", filepath.Join(dir, sqlite.FileName)); err != nil {
		return nil, err
	}
	w.rows.SetMaxOpenConns(1)
	return w, w.findTables()
}

// findTables prepares to read every table that has rows of apps.
func (w *world) findTables() error {
	var names string
	err := w.rows.QueryRow(`SELECT group_concat(m.name) FROM sqlite_master m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND c.name = 'app'`).Scan(&names)
	if err != nil {
		return err
	}
	w.table = make(map[string]*sql.Stmt)
	for name := range strings.SplitSeq(names, ",") {
		if w.table[name], err = w.rows.Prepare("SELECT * FROM " + name + " WHERE app = ?"); err != nil {
			return err
		}
	}
	return nil
}

// Committed implements store.Listener.
func (w *world) Committed(c store.Commit) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range c.Webhooks {
		h := w.of(e.Lane.App)
		h.webhooks = append(h.webhooks, e)
	}
	for _, e := range c.Changes {
		w.of(e.App).changes++
	}
	for _, app := range c.Callbacks {
		w.of(app).changes++
	}
}

// of returns what was told of app. The caller holds mu.
func (w *world) of(app live.AppID) *heard {
	h := w.heard[app]
	if h == nil {
		h = new(heard)
		w.heard[app] = h
	}
	return h
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// setup is what a door is opened with.
type setup struct {
	app     live.App
	limits  live.Limits
	options restapi.Options
	bare    bool // no webhook is configured; else all of them are switched on
	answers func(webhook.Event) (webhook.Answer, error)
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

	// answers is what the app server says to each question; every question is allowed when it is nil.
	answers func(webhook.Event) (webhook.Answer, error)
	battles int      // that it has given ids to
	asked   []string // bodies of the questions so far
}

// Ask implements live.Asker.
func (d *door) Ask(_ context.Context, q live.Question) (webhook.Answer, error) {
	body, err := webhook.Encode(q.Event)
	if err != nil {
		return webhook.Answer{}, err
	}
	d.mu.Lock()
	d.asked = append(d.asked, string(body))
	d.mu.Unlock()
	if d.answers == nil {
		return webhook.Answer{ActionStatus: "OK"}, nil
	}
	return d.answers(q.Event)
}

func (d *door) now() time.Time { return began.Add(time.Duration(d.ahead.Load())) }

// open serves a new app over the world's store.
func (w *world) open(t testing.TB, change ...func(*setup)) *door {
	t.Helper()
	d := &door{world: w, t: t, app: live.AppID(1400000000 + w.apps.Add(1)), metrics: observe.NewMetrics()}
	s := setup{
		app:     live.App{ID: d.app, SecretKey: key, Admins: []live.UserID{admin}},
		limits:  live.DefaultLimits,
		options: restapi.Options{Timeout: time.Minute, Now: d.now, Log: quiet(), Metrics: d.metrics},
	}
	s.limits.UserSigCache = 100
	for _, c := range change {
		c(&s)
	}
	d.live = live.NewService(w.store, d, []*live.App{&s.app}, s.limits, d.now, live.WithBattleIDs(d.nextBattle))
	s.options.Live, d.answers = d.live, s.answers
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
func (d *door) fired() []delivery.Event {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.of(d.app).webhooks)
}

// told returns how much the app's rooms and webhook settings were said to have changed so far.
func (d *door) told() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.of(d.app).changes
}

// state returns every row that the store has of the app.
func (d *door) state() []string {
	d.t.Helper()
	var all []string
	for name, stmt := range d.table {
		rows, err := stmt.Query(uint32(d.app))
		require.NoError(d.t, err)
		columns, err := rows.Columns()
		require.NoError(d.t, err)
		row, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			places[i] = &row[i]
		}
		for rows.Next() {
			require.NoError(d.t, rows.Scan(places...))
			all = append(all, fmt.Sprint(name, row))
		}
		require.NoError(d.t, rows.Err())
	}
	slices.Sort(all)
	return all
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

// requireAsked holds the questions after the first ones against the bodies that were expected.
func (d *door) requireAsked(bodies []string, first int) {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	require.Len(d.t, d.asked[first:], len(bodies))
	for i, body := range bodies {
		require.Equal(d.t, compact(d.t, body), d.asked[first+i])
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
		GroupID         string `json:"GroupId"`
		FromRoomID      string `json:"FromRoomId"`
		RoomInfo        struct {
			RoomID string `json:"RoomId"`
		}
		FromRoomInfo struct {
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
	room := cmp.Or(body.RoomID, body.RoomInfo.RoomID, body.GroupID, body.FromRoomID, body.FromRoomInfo.RoomID)
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
	do    func(*door) // done in place of a call; nil for none
	call  string
	body  string
	reply string // exact, as in scenario; not looked at when empty
	code  int
}

func (d *door) take(steps []step) {
	d.t.Helper()
	for _, s := range steps {
		if s.do != nil {
			s.do(d)
			continue
		}
		got := d.serve(d.request(s.call, d.query(), strings.NewReader(s.body)))
		require.Equal(d.t, s.code, got.ErrorCode, "%s %s: %s", s.call, s.body, got.ErrorInfo)
		played(d.t, s.call, got)
		if s.reply != "" {
			require.JSONEq(d.t, payload(s.call, s.reply), got.Payload, "%s %s", s.call, s.body)
		}
	}
}

// payload is where a command's reply lies in the envelope: beside its fields in the login family, else in Response.
func payload(command, reply string) string {
	if reply == "" {
		return "{}"
	}
	switch response, beside := restapi.Places(command); {
	case response && beside:
		return strings.TrimSuffix(strings.TrimSpace(reply), "}") + `,"Response":` + reply + `}`
	case beside:
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
	asks  []string // bodies of the webhooks that ask beforehand, in order
	fires []string // bodies of webhooks, in order
	then  []step
}

// play calls command as each scenario says.
func play(t *testing.T, command string, scenarios []scenario) {
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			d := everybodys.open(t, s.with...)
			d.take(s.given)
			fired, told, asked := len(d.fired()), d.told(), len(d.asked)
			var before []string
			changesNothing := s.code != 0 || asks(command)
			if changesNothing {
				before = d.state()
			}
			got := d.call(command, s.body)
			require.Equal(t, s.code, got.ErrorCode, "%s", got.ErrorInfo)
			played(t, command, got)
			for _, part := range s.info {
				require.Contains(t, got.ErrorInfo, part)
			}
			require.JSONEq(t, payload(command, s.reply), got.Payload)
			d.requireFired(s.fires, d.fired()[fired:])
			d.requireAsked(s.asks, asked)
			if changesNothing {
				require.Equal(t, before, d.state(), "nothing may have changed")
				require.Equal(t, told, d.told(), "nobody may have been told")
			}
			d.take(s.then)
		})
	}
}

// asks tells whether a command only reads.
func asks(command string) bool {
	for _, word := range []string{"/get_", "_check", "/query_", "/portrait_get", "/follow_get"} {
		if strings.Contains(command, word) {
			return true
		}
	}
	return false
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
