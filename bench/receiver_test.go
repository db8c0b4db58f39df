package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
)

func TestAReceiverCountsWebhooksAndTellsThemApart(t *testing.T) {
	rc := newReceiver()
	for _, id := range []string{"evt_1", "evt_2", "evt_2", ""} {
		require.Equal(t, http.StatusOK, deliver(rc, id).Code)
	}
	got := countsOf(t, rc)
	require.Equal(t, 4, got.Accepted)
	require.Equal(t, 2, got.Distinct)
	require.False(t, got.last().Before(got.first()))

	require.Equal(t, 0, got.missing(2))
	require.Equal(t, 3, got.missing(5))
	require.Equal(t, 2, got.surplus(2), "one came twice, one has no id")
	require.Equal(t, 3, got.surplus(1), "and one was not expected")
}

func TestAReceiverRefusesUntilItIsReset(t *testing.T) {
	rc := newReceiver()
	require.Equal(t, http.StatusOK, control(rc, "POST", "/mode?status=503").Code)
	require.Equal(t, http.StatusServiceUnavailable, deliver(rc, "evt_1").Code)
	got := countsOf(t, rc)
	require.Zero(t, got.Accepted)
	require.EqualValues(t, 1, got.Refused)

	require.Equal(t, http.StatusOK, control(rc, "POST", "/reset").Code)
	require.Zero(t, countsOf(t, rc))
	answer := deliver(rc, "evt_1")
	require.Equal(t, http.StatusOK, answer.Code)
	require.JSONEq(t, `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}`, answer.Body.String())

	require.Equal(t, http.StatusBadRequest, control(rc, "POST", "/mode?status=nonsense").Code)
}

func TestAReceiverEndsWithTheProcessThatStartedIt(t *testing.T) {
	in, parent := io.Pipe()
	said, out := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- serveReceiver(in, out) }()
	base := make([]byte, len("http://127.0.0.1:"))
	_, err := io.ReadFull(said, base)
	require.NoError(t, err)
	require.Equal(t, "http://127.0.0.1:", string(base))
	go func() { _, _ = io.Copy(io.Discard, said) }()

	require.NoError(t, parent.Close())
	require.NoError(t, <-ended)
}

func TestArrivalsAreMatchedWithTheCallsThatCausedThem(t *testing.T) {
	const rooms = 3
	a := newArrivals(6, rooms)
	b := &bench{server: &server{base: &url.URL{Scheme: "http", Host: "127.0.0.1", Path: "/"}}}
	started := []time.Duration{0, 10, 20, 30, 40, 50}
	for _, i := range []int{4, 0, 5, 2, 1} {
		room, key := roomID("latency", i%rooms), metadataKey(i/rooms)
		require.Contains(t, string(b.del(room, i/rooms).body), key, "the call deletes that key")
		a.record([]byte(`{"RoomId":"`+room+`","Keys":["`+key+`"]}`), time.Duration(100+i))
	}
	require.Equal(t, 1, a.missing())
	require.Equal(t, []time.Duration{91, 82, 64, 55}, a.since(started, 1), "the third never came")

	for _, odd := range []string{``, `{}`, `{"RoomId":"a","Keys":["b"]}`, `{"RoomId":"r_3","Keys":["k_0"]}`, `{"RoomId":"r_0","Keys":["k_2"]}`,
		`{"RoomId":"r_0","Keys":["k_0"]}`, `{"RoomId":"r_0","Keys":["k_0","k_1"]}`} {
		before := a.surplus.Load()
		a.record([]byte(odd), 1)
		require.Equal(t, before+1, a.surplus.Load(), odd)
	}
	require.Equal(t, 1, a.missing())

	w := httptest.NewRecorder()
	a.ServeHTTP(w, httptest.NewRequest("POST", "/hook", bytes.NewBufferString(`{"RoomId":"r_0","Keys":["k_1"]}`)))
	require.Equal(t, http.StatusOK, w.Code)
	require.Zero(t, a.missing())
	require.NoError(t, a.await(t.Context()))
}

func deliver(rc http.Handler, id string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/hook?SdkAppid=1", bytes.NewReader(ceilingBody()))
	if id != "" {
		r.Header.Set("webhook-id", id)
	}
	w := httptest.NewRecorder()
	rc.ServeHTTP(w, r)
	return w
}

func control(rc http.Handler, method, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	rc.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w
}

func countsOf(t *testing.T, rc http.Handler) counts {
	t.Helper()
	var c counts
	require.NoError(t, json.Unmarshal(control(rc, "GET", "/count").Body.Bytes(), &c))
	return c
}
