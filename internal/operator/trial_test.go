package operator_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/operator"
	"github.com/greenroom-live/greenroom/internal/testkit"
	"github.com/greenroom-live/greenroom/webhook"
)

func TestATrialShowsBothSides(t *testing.T) {
	w := newWorld(t, nil)
	w.server.Answer(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-App-Server", "seven")
		_, _ = io.WriteString(w, testkit.Success)
	})
	var trial operator.Trial
	w.post("/test", `{"command":"AfterDelMetadata"}`).into(&trial)
	require.True(t, trial.Delivered)
	require.Empty(t, trial.Error)
	require.Positive(t, trial.Took)
	require.Nil(t, trial.Decision)
	arrived := w.server.Wait(1)[0]
	require.Equal(t, http.MethodPost, trial.Request.Method)
	require.Equal(t, w.server.URL+arrived.Path+"?"+arrived.Query, trial.Request.URL)
	require.Equal(t, "/hook", arrived.Path)
	require.JSONEq(t, string(arrived.Body), string(trial.Request.Body))
	require.Equal(t, "Live.CallbackAfterDelMetadata", arrived.Field(t, "CallbackCommand"))
	require.Equal(t, []string{arrived.ID()}, trial.Request.Headers["Webhook-Id"])
	require.Equal(t, 200, trial.Answer.Status)
	require.Equal(t, []string{"seven"}, trial.Answer.Headers["X-App-Server"])
	require.Equal(t, testkit.Success, trial.Answer.Body)
	require.Equal(t, len(testkit.Success), trial.Answer.BodyBytes)
	require.Contains(t, w.log.String(), `msg="an operator tested the webhooks"`)
	require.Contains(t, w.log.String(), "command=Live.CallbackAfterDelMetadata own_url=true delivered=true")

	require.Empty(t, w.outbox())
	require.Empty(t, w.list("", 10), "a trial is in no log")
}

func TestATrialOfEveryCommand(t *testing.T) {
	w := newWorld(t, nil)
	for _, word := range append(webhook.Words(), "") {
		if kind, _ := webhook.Lookup(string(word)); kind.Switch {
			continue
		}
		var trial operator.Trial
		w.post("/test", `{"command":"`+string(word)+`"}`).into(&trial)
		require.True(t, trial.Delivered, "%s: %s", word, trial.Error)
	}
}

func TestATrialOfAQuestionTellsTheDecision(t *testing.T) {
	w := newWorld(t, nil)
	w.server.Answer(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"ActionStatus":"OK","ErrorCode":10100,"ErrorInfo":"no"}`)
	})
	var trial operator.Trial
	w.post("/test", `{"command":"BeforeSendMsg"}`).into(&trial)
	require.True(t, trial.Delivered)
	require.Equal(t, 10100, *trial.Decision)
}

func TestATrialThatFailsSaysWhy(t *testing.T) {
	w := newWorld(t, nil)
	var trial operator.Trial
	w.server.Answer(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, strings.Repeat("é", 20_000))
	})
	w.post("/test", "").into(&trial)
	require.False(t, trial.Delivered)
	require.Contains(t, trial.Error, "418")
	require.Equal(t, 418, trial.Answer.Status)
	require.Equal(t, 40_000, trial.Answer.BodyBytes)
	require.Equal(t, strings.Repeat("é", 8<<10), trial.Answer.Body, "a bounded part of it")

	elsewhere := httptest.NewServer(http.NotFoundHandler())
	elsewhere.Close()
	trial = operator.Trial{}
	w.post("/test", `{"url":"`+elsewhere.URL+`/other?a=b"}`).into(&trial)
	require.False(t, trial.Delivered)
	require.NotEmpty(t, trial.Error)
	require.Nil(t, trial.Answer)
	require.True(t, strings.HasPrefix(trial.Request.URL, elsewhere.URL+"/other?a=b&"), trial.Request.URL)
	require.Len(t, w.server.Requests(), 1, "another URL is another server")
}

func TestATrialNeedsAnURL(t *testing.T) {
	w := newWorld(t, nil)
	w.configure(app, "")
	w.post("/test", "").refused(http.StatusConflict, "conflict")
}

// An app server may take longer than the HTTP server gives an answer by default.
func TestATrialMayTakeLongerThanOtherCalls(t *testing.T) {
	w := newWorld(t, nil)
	w.server.Answer(func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(400 * time.Millisecond) // past the limits below
		_, _ = io.WriteString(w, testkit.Success)
	})
	s := httptest.NewUnstartedServer(w.api)
	s.Config.ReadTimeout, s.Config.WriteTimeout = 100*time.Millisecond, 100*time.Millisecond
	s.Start()
	t.Cleanup(s.Close)
	trial, err := operator.NewClient(s.URL, token, s.Client()).Test(ctx, app, operator.TrialRequest{Command: "AfterDelMetadata"})
	require.NoError(t, err)
	require.True(t, trial.Delivered, trial.Error)
}
