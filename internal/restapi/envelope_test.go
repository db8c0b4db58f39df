package restapi_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/internal/restapi"
)

// TestTheEnvelope writes three answers out in full; everything else that is true of every answer is held by readAnswer.
func TestTheEnvelope(t *testing.T) {
	d := everybodys.open(t)
	for _, s := range []struct{ call, body, want string }{
		{createRoom, aRoom.body, `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","RequestId":"ID","Response":{"RoomId":"live_9001"}}`},
		{modifyAdmin, modify("add", `["lin"]`), `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","RequestId":"ID"}`},
		{accountImport, `{"UserID":"a"}`, `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","RequestId":"ID"}`},
		{accountCheck, `{"CheckItem":[{"UserID":"a"}]}`, `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","RequestId":"ID",
			"ResultItem":[{"UserID":"a","ResultCode":0,"ResultInfo":"","AccountStatus":"Imported"}]}`},
		{destroyRoom, `{}`, `{"ActionStatus":"FAIL","ErrorCode":100002,"ErrorInfo":"RoomId is missing","RequestId":"ID"}`},
	} {
		w := httptest.NewRecorder()
		d.api.ServeHTTP(w, d.request(s.call, d.query(), strings.NewReader(s.body)))
		got := w.Body.String()
		id := readAnswer(t, w.Code, w.Header(), []byte(got)).RequestID
		require.JSONEq(t, strings.Replace(s.want, "ID", id, 1), got)
	}
}

func TestEveryRequestHasAnIDOfItsOwn(t *testing.T) {
	d := everybodys.open(t)
	const callers, each = 8, 50
	ids := make(chan string, callers*each)
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for range each {
				ids <- d.serve(d.request(getRoomInfo, "", nil)).RequestID
			}
		})
	}
	all.Wait()
	close(ids)
	random, sequence := make(map[string]bool), make(map[string]bool)
	for id := range ids {
		hex, n, _ := strings.Cut(strings.TrimPrefix(id, "Id-"), "-O-Seq-")
		random[hex], sequence[n] = true, true
	}
	require.Len(t, random, callers*each)
	require.Len(t, sequence, callers*each)
}

func TestTheMethodMustBePOST(t *testing.T) {
	d := everybodys.open(t)
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions, "FETCH"} {
		r := d.request(getAdminList, d.query(), strings.NewReader(askRoom))
		r.Method = method
		got := d.serve(r)
		require.Equal(t, 60002, got.ErrorCode, method)
		require.Contains(t, got.ErrorInfo, method)
	}
}

func TestUnknownCommands(t *testing.T) {
	d := everybodys.open(t)
	for _, path := range []string{
		"/v4/", "/v4/live_engine_http_srv", "/v4/live_engine_http_srv/", "/v4/live_engine_http_srv/create_room/",
		"/v4/live_engine_http_srv/Create_Room", "/v4/live_engine_http_srv/create_rooms", "/v4/live_config/create_room",
		"/v4/im_open_login_svc/account_delete", "/v4//live_config/get_callback", "/v4/../v4/live_config/get_callback",
		"/v4/live_config/get_callback%2F", "/v4/live_config/get_callback%00", "/v4/live_config/get_callback\xff", "/v4/v4/live_config/get_callback",
	} {
		r := d.request("", "", nil)
		r.URL.Path = path
		got := d.serve(r)
		require.Equal(t, 60009, got.ErrorCode, path)
	}
	r := d.request("", "", nil)
	r.URL.Path, r.Method = "/v4/live_config/nothing", http.MethodGet
	got := d.serve(r)
	require.Equal(t, 60009, got.ErrorCode, "what there is not has no method either")
	require.Contains(t, got.ErrorInfo, "live_config/nothing")
}

// TestCommandsOfTheRegistry calls every command as an App admin: each is found and none fails for a reason of the server's.
func TestCommandsOfTheRegistry(t *testing.T) {
	d := everybodys.open(t)
	require.Len(t, restapi.Commands(), 20)
	for _, command := range restapi.Commands() {
		code := d.call(command, `{}`).ErrorCode
		require.NotContains(t, []int{60009, 100001}, code, command)
	}
}

// TestACallThatWaitsTooLong: the update gives up its place behind others, so that it can never happen.
func TestACallThatWaitsTooLong(t *testing.T) {
	d := newWorld(t).open(t)
	hurried := restapi.New(restapi.Options{Live: d.live, Timeout: 20 * time.Millisecond, Log: quiet(), Metrics: observe.NewMetrics()})
	d.take([]step{aRoom})
	before := d.state()
	release := block(t, d.world)
	w := httptest.NewRecorder()
	hurried.ServeHTTP(w, d.request(setRoomMetadata, d.query(), strings.NewReader(write(theme))))
	got := readAnswer(t, w.Code, w.Header(), w.Body.Bytes())
	require.Equal(t, 60008, got.ErrorCode)
	require.Contains(t, got.ErrorInfo, "20ms")
	release()
	d.take([]step{has(``)})
	require.Equal(t, before, d.state())
	require.Len(t, d.fired(), 1, "that of the room")
	d.take([]step{{call: setRoomMetadata, body: write(theme)}, has(theme)})
}

func TestACallWhoseCallerHasGone(t *testing.T) {
	d := newWorld(t).open(t)
	d.take([]step{aRoom})
	before := d.state()
	release := block(t, d.world)
	gone, cancel := context.WithCancel(ctx)
	cancel()
	got := d.serve(d.request(setRoomMetadata, d.query(), strings.NewReader(write(theme))).WithContext(gone))
	require.Equal(t, 60008, got.ErrorCode)
	release()
	d.take([]step{has(``)})
	require.Equal(t, before, d.state())
}

// block makes every update of the store wait until release is called.
func block(t *testing.T, w *world) (release func()) {
	entered, leave, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- w.store.Update(ctx, func(live.Tx) error { close(entered); <-leave; return nil })
	}()
	<-entered
	release = sync.OnceFunc(func() {
		close(leave)
		require.NoError(t, <-ended)
	})
	t.Cleanup(release)
	return release
}

// TestAFailureOfTheServer: the caller learns that it happened and nothing of why.
func TestAFailureOfTheServer(t *testing.T) {
	d := newWorld(t).open(t)
	d.take([]step{aRoom})
	require.NoError(t, d.close())
	for _, s := range []step{{call: createRoom, body: roomInfo(``)}, {call: setRoomMetadata, body: write(theme)}} {
		got := d.call(s.call, s.body)
		require.Equal(t, 100001, got.ErrorCode)
		require.Equal(t, "internal error, try again", got.ErrorInfo)
	}
}

// TestClientIPOfWebhooks: behind proxies that are trusted it is the address they tell, else the connection's.
func TestClientIPOfWebhooks(t *testing.T) {
	for _, s := range []struct{ trusted, forwarded, want string }{
		{"", "203.0.113.9", "127.0.0.1"},
		{"127.0.0.0/8", "203.0.113.9", "203.0.113.9"},
		{"127.0.0.0/8", "198.51.100.1, 203.0.113.9", "203.0.113.9"},
		{"127.0.0.0/8", "203.0.113.9, 127.0.0.5", "203.0.113.9"},
		{"127.0.0.0/8", "", "127.0.0.1"},
		{"127.0.0.0/8", "nonsense&ClientIP=1", "127.0.0.1"},
		{"10.0.0.0/8", "203.0.113.9", "127.0.0.1"},
	} {
		d := everybodys.open(t, func(o *setup) {
			if s.trusted != "" {
				o.options.ClientIP.Trusted = []netip.Prefix{netip.MustParsePrefix(s.trusted)}
			}
		})
		r, err := http.NewRequest(http.MethodPost, d.server.URL+"/v4/"+createRoom+"?"+d.query(), strings.NewReader(aRoom.body))
		require.NoError(t, err)
		r.Header.Set("X-Forwarded-For", s.forwarded)
		require.Zero(t, d.send(r).ErrorCode)
		require.Equal(t, s.want, d.fired()[0].ClientIP)
	}
}

func TestCallsAreCounted(t *testing.T) {
	d := everybodys.open(t, bare)
	d.take([]step{aRoom, {call: createRoom, body: aRoom.body, code: 100010}, {call: createRoom, body: aRoom.body, code: 100010}})
	d.serve(d.request("live_config/nothing", "", nil))
	require.Equal(t, 1.0, testutil.ToFloat64(d.metrics.RESTCalls.WithLabelValues(createRoom, "0")))
	require.Equal(t, 2.0, testutil.ToFloat64(d.metrics.RESTCalls.WithLabelValues(createRoom, "100010")))
	series := testutil.CollectAndCount(d.metrics.RESTCalls)
	require.Equal(t, len(restapi.Commands())+1, series, "paths that do not exist make no series of their own")
}
