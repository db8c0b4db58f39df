package operator_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/operator"
)

var someChange = live.MetadataDeleted{Keys: []string{"theme"}}

func TestAnAppsState(t *testing.T) {
	w := newWorld(t, nil)
	w.counted()
	require.JSONEq(t, `{"app":1400000123,"configured":true,"url":"`+w.server.URL+`/hook","paused":null,"breaker":{"state":"closed"},
		"waiting":0,"dead":0,"last_success":null,"last_failure":null,"node":"here"}`, w.get("").body)

	taken, failed := w.deletion("a", 1), w.deletion("b", 0)
	w.take(taken)
	w.fail(failed)
	w.deletion("b", 2)
	w.bury(w.deletion("c", 3))
	var state operator.App
	w.get("").into(&state)
	require.Equal(t, 2, *state.Waiting)
	require.Equal(t, 1, *state.Dead)
	require.Equal(t, "2026-03-01T12:00:00.000Z", state.Oldest.String())
	require.Equal(t, &operator.Last{At: operator.Time(taken.At.Add(time.Second).UTC())}, utc(state.Success))
	require.Equal(t, "2026-03-01T12:03:01.000Z", state.Failure.At.String())
	require.Equal(t, "the answer's HTTP status is 503, not 200", state.Failure.Error)
}

func utc(l *operator.Last) *operator.Last {
	l.At = operator.Time(time.Time(l.At).UTC())
	return l
}

// counted waits until the store has counted what waits.
func (w *world) counted() {
	w.t.Helper()
	require.Eventually(w.t, func() bool { return w.store.Backlog(app).Known }, patience, time.Millisecond)
}

func TestAppsAreListedInOrderAndInPages(t *testing.T) {
	w := newWorld(t, func(o *operator.Options) { o.Apps = []live.AppID{app, 7, 1400000001} })
	var all, first, second operator.Apps
	w.send(request(http.MethodGet, "/admin/v1/apps", "")).into(&all)
	require.Empty(t, all.Next)
	require.Len(t, all.Apps, 3)
	require.Equal(t, []live.AppID{7, 1400000001, app}, []live.AppID{all.Apps[0].App, all.Apps[1].App, all.Apps[2].App})
	require.Empty(t, all.Apps[0].URL)
	w.send(request(http.MethodGet, "/admin/v1/apps?limit=2", "")).into(&first)
	require.Len(t, first.Apps, 2)
	require.NotEmpty(t, first.Next)
	w.send(request(http.MethodGet, "/admin/v1/apps?limit=2&after="+first.Next, "")).into(&second)
	require.Len(t, second.Apps, 1)
	require.Equal(t, app, second.Apps[0].App)
	require.Empty(t, second.Next)

	none := newWorld(t, func(o *operator.Options) { o.Apps = nil })
	require.JSONEq(t, `{"apps":[],"next":""}`, none.send(request(http.MethodGet, "/admin/v1/apps", "")).body)
}

func TestPauseAndResume(t *testing.T) {
	w := newWorld(t, nil)
	began := time.Now().Truncate(time.Millisecond)
	var state operator.App
	w.post("/pause", `{"reason":"the \u001b app server moves"}`).into(&state)
	require.Equal(t, "the \x1b app server moves", state.Paused.Reason)
	require.False(t, state.Paused.Gone)
	require.False(t, time.Time(state.Paused.Since).Before(began))
	endpoint, err := w.store.Endpoint(ctx, app)
	require.NoError(t, err)
	require.NotNil(t, endpoint.Pause)

	w.post("/pause", "").into(&state) // another reason, and no body at all
	require.Empty(t, state.Paused.Reason)
	for range 2 { // what is not paused is resumed without a complaint
		w.post("/resume", "").into(&state)
		require.Nil(t, state.Paused)
	}
	endpoint, err = w.store.Endpoint(ctx, app)
	require.NoError(t, err)
	require.Nil(t, endpoint.Pause)

	log := w.log.String()
	require.Contains(t, log, `msg="an operator paused the webhooks"`)
	require.Contains(t, log, `from=127.0.0.1 app=1400000123 reason="the \x1b app server moves"`)
	require.Contains(t, log, `msg="an operator resumed the webhooks"`)
}

func TestAPauseThatTheAppServerAskedForIsShownAsSuch(t *testing.T) {
	w := newWorld(t, nil)
	e := w.deletion("hello", 0)
	e.Attempts, e.LastError = 1, "the answer's HTTP status is 410, not 200"
	w.store.Settle(delivery.Outcome{Event: e, Fate: delivery.Failed, Gone: w.server.URL + "/hook",
		Attempt: delivery.Attempt{Number: 1, At: e.At, Status: 410, Error: e.LastError}})
	w.wait(func() bool { return w.settled == 1 })
	var state operator.App
	w.get("").into(&state)
	require.True(t, state.Paused.Gone)
	require.NotEmpty(t, state.Paused.Reason)
	w.post("/resume", "{}").into(&state)
	require.Nil(t, state.Paused)
}

func TestPausedWebhooksWaitAndGoOutAfterwards(t *testing.T) {
	w := newWorld(t, nil)
	w.deliver()
	require.Equal(t, http.StatusOK, w.post("/pause", "{}").status)
	events := []string{w.deletion("hello", 1).ID, w.deletion("hello", 2).ID, w.deletion("hello", 3).ID}
	require.Equal(t, events, w.outbox())
	require.Equal(t, http.StatusOK, w.post("/resume", "{}").status)
	got := w.server.Wait(3)
	require.Len(t, got, 3)
	for i, id := range events {
		require.Equal(t, id, got[i].ID())
	}
}

func TestTimesAreWrittenInUTCWithMilliseconds(t *testing.T) {
	at := operator.Time(time.Date(2026, 3, 1, 1, 2, 3, 4_999_999, time.FixedZone("", 3600)))
	text, err := json.Marshal(at)
	require.NoError(t, err)
	require.Equal(t, `"2026-03-01T00:02:03.004Z"`, string(text))
	var back operator.Time
	require.NoError(t, json.Unmarshal(text, &back))
	require.True(t, time.Time(back).Equal(time.Date(2026, 3, 1, 0, 2, 3, 4_000_000, time.UTC)))
	require.Error(t, json.Unmarshal([]byte(`"noon"`), &back))
}

func TestTheQueryOfAWebhookURLIsNotShown(t *testing.T) {
	for url, shown := range map[string]string{
		"http://app.example/hook?key=word-of-honour": "http://app.example/hook?...", "http://app.example?word-of-honour": "http://app.example?...",
		"http://app.example/#word-of-honour": "http://app.example/", "http://app.example/hook?": "http://app.example/hook",
	} {
		w := newWorld(t, nil)
		w.configure(app, url)
		var state operator.App
		w.send(request(http.MethodGet, fmt.Sprintf("/admin/v1/apps/%d", app), "")).into(&state)
		require.Equal(t, shown, state.URL)
	}
}
