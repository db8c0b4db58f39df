package operator_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/operator"
)

func ptr(s string) *string { return &s }

// serve serves the world's API over a real connection, with a limit as the server has one.
func (w *world) serve() *operator.Client {
	s := httptest.NewServer(w.api)
	w.t.Cleanup(s.Close)
	return operator.NewClient(s.URL+"/", token, s.Client())
}

func TestClientMakesEveryCall(t *testing.T) {
	w := newWorld(t, nil)
	c := w.serve()
	dead, taken, waits := w.deletion("a", 0), w.deletion("b", 1), w.deletion("c d", 2)
	w.bury(dead)
	w.take(taken)

	apps, err := c.Apps(ctx, "")
	require.NoError(t, err)
	require.Len(t, apps.Apps, 2)
	apps, err = c.Apps(ctx, "7")
	require.NoError(t, err)
	require.Len(t, apps.Apps, 1)
	state, err := c.App(ctx, app)
	require.NoError(t, err)
	require.Equal(t, w.server.URL+"/hook", state.URL)

	events, err := c.Events(ctx, app, operator.EventQuery{State: "waiting", Limit: 5, Filter: operator.Filter{
		Room: ptr("c d"), Command: ptr("AfterDelMetadata"), From: ptr("2026-03-01T12:00:00+00:00"), To: ptr("2026-03-01T13:00:00Z")}})
	require.NoError(t, err)
	require.Len(t, events.Events, 1)
	require.Equal(t, waits.ID, events.Events[0].ID)
	page, err := c.Events(ctx, app, operator.EventQuery{Limit: 1})
	require.NoError(t, err)
	rest, err := c.Events(ctx, app, operator.EventQuery{After: page.Next})
	require.NoError(t, err)
	require.Equal(t, []string{taken.ID, dead.ID}, []string{page.Events[0].ID, rest.Events[0].ID})

	story, err := c.Event(ctx, app, dead.ID)
	require.NoError(t, err)
	require.Equal(t, "dead", story.State)
	require.NoError(t, c.Replay(ctx, app, dead.ID))
	replayed, err := c.ReplayMany(ctx, app, operator.ReplayRequest{State: "delivered", Filter: operator.Filter{Room: ptr("b")}})
	require.NoError(t, err)
	require.Equal(t, operator.Replayed{Replayed: 1}, replayed)
	require.Equal(t, []string{dead.ID, taken.ID, waits.ID}, w.outbox())

	state, err = c.Pause(ctx, app, "for now")
	require.NoError(t, err)
	require.Equal(t, "for now", state.Paused.Reason)
	state, err = c.Resume(ctx, app)
	require.NoError(t, err)
	require.Nil(t, state.Paused)
	purged, err := c.Purge(ctx, app, operator.PurgeRequest{State: "waiting", Confirm: true})
	require.NoError(t, err)
	require.Equal(t, 3, purged.Purged)
	trial, err := c.Test(ctx, app, operator.TrialRequest{})
	require.NoError(t, err)
	require.True(t, trial.Delivered)
}

func TestClientTellsRefusals(t *testing.T) {
	w := newWorld(t, nil)
	c := w.serve()
	var refused *operator.Error
	_, err := c.App(ctx, 99)
	require.ErrorAs(t, err, &refused)
	require.Equal(t, http.StatusNotFound, refused.Status)
	require.Equal(t, operator.CodeNotFound, refused.Code)
	require.NotEmpty(t, refused.RequestID)
	_, err = c.Events(ctx, app, operator.EventQuery{State: "lost"})
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "state", refused.Field)
	_, err = c.Event(ctx, app, "a/../b?c")
	require.ErrorAs(t, err, &refused)
	require.Equal(t, http.StatusNotFound, refused.Status)
	require.EqualError(t, c.Replay(ctx, live.AppID(7), "x"), "not_found: no such event: it was never made, or it was delivered so long ago that the log has forgotten it")

	for body, want := range map[string]string{"<html>": "HTTP status 502", `{"error":null}`: "HTTP status 502", `{}`: "HTTP status 502"} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadGateway)
			_, _ = io.WriteString(w, body)
		}))
		_, err = operator.NewClient(s.URL, token, s.Client()).App(ctx, app)
		require.ErrorContains(t, err, want)
		s.Close()
	}
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	defer other.Close()
	_, err = operator.NewClient(other.URL, token, other.Client()).App(ctx, app)
	require.ErrorContains(t, err, "not one of the operator API")
}

// What goes wrong inside is in the log under the request's id, and not in the answer.
func TestInternalErrorsTellNothing(t *testing.T) {
	broken := &brokenStore{}
	w := newWorld(t, func(o *operator.Options) { broken.Store, o.Store = o.Store, broken })
	for _, c := range []struct{ method, path, body string }{
		{http.MethodPost, "/pause", ""}, {http.MethodPost, "/resume", ""}, {http.MethodPost, "/purge", `{"state":"dead","confirm":true}`},
		{http.MethodGet, "/events?state=dead", ""},
	} {
		got := w.send(request(c.method, "/admin/v1/apps/1400000123"+c.path, c.body)).refused(http.StatusInternalServerError, "internal")
		require.NotContains(t, got.Message, "disk")
		require.Contains(t, w.log.String(), got.RequestID)
	}
	require.Contains(t, w.log.String(), "the disk is on fire")
	require.Contains(t, w.log.String(), "panic: no dead letters")
}

// brokenStore fails, one way or another.
type brokenStore struct{ operator.Store }

var errFire = errors.New("the disk is on fire")

func (brokenStore) Pause(context.Context, live.AppID, string) error { return errFire }
func (brokenStore) Resume(context.Context, live.AppID) error        { return errFire }

func (brokenStore) PurgeDead(context.Context, delivery.Filter, int) (int, error) { return 0, errFire }

func (brokenStore) DeadLetters(context.Context, delivery.Filter, delivery.Cursor, int) ([]delivery.DeadLetter, delivery.Cursor, error) {
	panic("no dead letters")
}
