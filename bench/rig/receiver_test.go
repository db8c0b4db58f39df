package rig

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
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
	require.False(t, got.LastAt().Before(got.FirstAt()))

	require.Equal(t, 0, got.Missing(2))
	require.Equal(t, 3, got.Missing(5))
	require.Equal(t, 2, got.Surplus(2), "one came twice, one has no id")
	require.Equal(t, 3, got.Surplus(1), "and one was not expected")
}

func TestAReceiverRefusesUntilItIsReset(t *testing.T) {
	rc := newReceiver()
	require.Equal(t, http.StatusOK, control(rc, "POST", "/mode?status=503&delay=0s").Code)
	require.Equal(t, http.StatusServiceUnavailable, deliver(rc, "evt_1").Code)
	got := countsOf(t, rc)
	require.Zero(t, got.Accepted)
	require.EqualValues(t, 1, got.Refused)

	require.Equal(t, http.StatusOK, control(rc, "POST", "/reset").Code)
	require.Zero(t, countsOf(t, rc))
	answer := deliver(rc, "evt_1")
	require.Equal(t, http.StatusOK, answer.Code)
	require.JSONEq(t, `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}`, answer.Body.String())

	for _, odd := range []string{"status=nonsense&delay=0s", "status=99&delay=0s", "status=200", "status=200&delay=-1s"} {
		require.Equal(t, http.StatusBadRequest, control(rc, "POST", "/mode?"+odd).Code, odd)
	}
}

func TestASlowReceiverDoesNotCountThoseWhoDidNotWait(t *testing.T) {
	rc := newReceiver()
	require.Equal(t, http.StatusOK, control(rc, "POST", "/mode?status=200&delay=1h").Code)
	gone, leave := context.WithCancel(t.Context())
	leave()
	r := httptest.NewRequest("POST", "/marked", bytes.NewReader(Body("r", Mark{}))).WithContext(gone)
	rc.ServeHTTP(httptest.NewRecorder(), r)
	require.Zero(t, countsOf(t, rc))

	require.Equal(t, http.StatusOK, control(rc, "POST", "/mode?status=200&delay=5ms").Code)
	before := time.Now()
	require.Equal(t, http.StatusOK, deliver(rc, "evt_1").Code)
	require.GreaterOrEqual(t, time.Since(before), 5*time.Millisecond)
	require.Equal(t, 1, countsOf(t, rc).Distinct)
}

func TestAReceiverEndsWithTheProcessThatStartedIt(t *testing.T) {
	in, parent := io.Pipe()
	said, out := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- ServeReceiver(in, out) }()
	base := make([]byte, len("http://127.0.0.1:"))
	_, err := io.ReadFull(said, base)
	require.NoError(t, err)
	require.Equal(t, "http://127.0.0.1:", string(base))
	go func() { _, _ = io.Copy(io.Discard, said) }()

	require.NoError(t, parent.Close())
	require.NoError(t, <-ended)
}

func TestAReceiverSeesTheOrderOfMarks(t *testing.T) {
	rc := newReceiver()
	for _, m := range []Mark{{0, 0}, {1, 0}, {0, 2}, {0, 1}, {0, 1}, {1, 1}} {
		w := httptest.NewRecorder()
		rc.ServeHTTP(w, httptest.NewRequest("POST", "/marked", bytes.NewReader(Body("r", m))))
		require.Equal(t, http.StatusOK, w.Code)
	}
	require.Equal(t, http.StatusOK, control(rc, "POST", "/marked").Code, "something without a mark")
	got := countsOf(t, rc)
	require.Equal(t, 7, got.Accepted)
	require.Equal(t, 5, got.Distinct)
	require.Equal(t, 1, got.OutOfOrder)
	require.Equal(t, 2, got.Surplus(5))

	require.Equal(t, http.StatusOK, control(rc, "POST", "/mode?status=500&delay=0s").Code)
	require.Equal(t, http.StatusInternalServerError, control(rc, "POST", "/marked").Code)
}

func TestTheRateIsThatFromTheFirstToTheLast(t *testing.T) {
	require.Zero(t, Counts{Accepted: 1, First: 5, Last: 5}.Rate())
	require.InDelta(t, 20, Counts{Accepted: 10, First: 1e9, Last: 15e8}.Rate(), 1e-9)
}

func deliver(rc http.Handler, id string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/hook?SdkAppid=1", bytes.NewReader(Body("bench_ceiling_000000", Mark{})))
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

func countsOf(t *testing.T, rc http.Handler) Counts {
	t.Helper()
	var c Counts
	require.NoError(t, json.Unmarshal(control(rc, "GET", "/count").Body.Bytes(), &c))
	return c
}
