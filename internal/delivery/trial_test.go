package delivery_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/testkit"
	"github.com/greenroom-live/greenroom/webhook"
)

// receive has the webhooks of the app come to a Receiver; it returns where that is, and the commands that it takes.
func receive(t *testing.T, config webhook.ReceiverConfig) (url string, taken *[]webhook.Command) {
	config.SDKAppID = uint32(app)
	receiver, err := webhook.NewReceiver(config)
	require.NoError(t, err)
	taken = new([]webhook.Command)
	receiver.OnAny(func(_ context.Context, d webhook.Delivery, e webhook.Event) error {
		*taken = append(*taken, e.Command())
		return nil
	})
	server := httptest.NewServer(receiver)
	t.Cleanup(server.Close)
	return server.URL, taken
}

// TestEveryCommandCanBeTried: the sample arrives and is accepted, under the token and the signing secret.
func TestEveryCommandCanBeTried(t *testing.T) {
	h := newHouse(t, nil)
	url, taken := receive(t, webhook.ReceiverConfig{Token: "Vb3kTq9ZsX", Secrets: h.app.Secrets})
	h.configure(url+"?tenant=eu1", "Vb3kTq9ZsX")
	var sent []webhook.Command
	for _, command := range webhook.Words() {
		trial, err := h.delivery.Test(context.Background(), app, command, "")
		if kind, _ := webhook.Lookup(string(command)); kind.Switch {
			require.ErrorIs(t, err, delivery.ErrNoSample)
			continue
		}
		require.NoError(t, err)
		require.True(t, trial.Delivered, "%s: %s", command, trial.Reason)
		sent = append(sent, command)
		kind, _ := webhook.Lookup(string(command))
		require.Equal(t, kind.Before, trial.Decision != nil, command)
	}
	require.Equal(t, sent, *taken)
}

func TestATrialTellsRequestAndAnswer(t *testing.T) {
	h := newHouse(t, nil)
	h.configure(h.server.URL+"/hook?tenant=eu1", "Vb3kTq9ZsX")
	h.server.Answer(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Own", "seen")
		_, _ = io.WriteString(w, `{"ActionStatus":"FAIL","ErrorInfo":"but well"}`)
	})
	trial, err := h.delivery.Test(context.Background(), app, "Live.CallbackMemberStateChanged", "") // another spelling
	require.NoError(t, err)
	r := h.server.Wait(1)[0]
	require.Equal(t, http.MethodPost, trial.Request.Method)
	require.Equal(t, h.server.URL+"/hook?"+r.Query, trial.Request.URL)
	require.Equal(t, string(webhook.CommandAfterMemberStateChanged), r.Param("CallbackCommand"))
	require.NotEmpty(t, r.Param("Sign"))
	require.Equal(t, string(r.Body), string(trial.Request.Body))
	for name := range r.Header {
		require.Equal(t, r.Header.Get(name), trial.Request.Header.Get(name), name)
	}
	require.Equal(t, strings.TrimPrefix(h.server.URL, "http://"), trial.Request.Header.Get("Host"))
	require.Regexp(t, `^test_[A-Z2-7]{26}$`, r.ID())
	require.Equal(t, http.StatusOK, trial.Answer.Status)
	require.Equal(t, "HTTP/1.1", trial.Answer.Proto)
	require.Equal(t, "seen", trial.Answer.Header.Get("X-Own"))
	require.Equal(t, `{"ActionStatus":"FAIL","ErrorInfo":"but well"}`, string(trial.Answer.Body))
	require.True(t, trial.Delivered)
	require.Empty(t, trial.Reason)
	require.Nil(t, trial.Decision)
	require.Positive(t, trial.Took)

	h.app.Retry.RetryOnFail = true
	h.reopen()
	trial = h.try(t)
	require.False(t, trial.Delivered, "as the app has it")
	require.Equal(t, "the answer says ActionStatus FAIL", trial.Reason)
}

func TestATrialOfAQuestionTellsWhatTheAnswerDecides(t *testing.T) {
	h := newHouse(t, nil)
	for body, want := range map[string]*webhook.Answer{
		testkit.Success: {ActionStatus: "OK"},
		`{"ErrorCode":102150,"ErrorInfo":"no coins"}`: {ErrorCode: 102150, ErrorInfo: "no coins"},
		`{"ActionStatus":"OK"}`:                       nil,
		`[]`:                                          nil,
	} {
		h.answers(body)
		trial, err := h.delivery.Test(context.Background(), app, webhook.CommandBeforeSendGift, "")
		require.NoError(t, err)
		require.Equal(t, want, trial.Decision, body)
		require.Equal(t, want != nil, trial.Delivered)
		require.Equal(t, want == nil, trial.Reason != "")
	}
	h.server.AnswerStatus(500)
	trial, err := h.delivery.Test(context.Background(), app, webhook.CommandBeforeSendMsg, "")
	require.NoError(t, err)
	require.Nil(t, trial.Decision)
	require.Equal(t, "the answer's HTTP status is 500, not 200", trial.Reason)
}

// TestATrialGoesOutBesideTheWebhooks: while the app is paused, while the lanes have all the connections there may be, and
// without a word in the delivery log or the metrics.
func TestATrialGoesOutBesideTheWebhooks(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) { a.Concurrency, a.Retry.Timeout = 1, 20*time.Second })
	held := make(chan struct{})
	h.server.Answer(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("webhook-id"), "test_") {
			<-held
		}
		_, _ = io.WriteString(w, testkit.Success)
	})
	h.faults.endpoint = func(e delivery.Endpoint) delivery.Endpoint {
		e.Pause = &delivery.Pause{Reason: "moving house"}
		return e
	}
	trial := h.try(t)
	require.True(t, trial.Delivered, trial.Reason)
	h.faults.endpoint = nil
	h.start()
	h.deleteKey("r", "k")
	h.server.Wait(2)
	trial = h.try(t)
	require.True(t, trial.Delivered, trial.Reason)
	h.mu.Lock()
	require.Empty(t, h.settled)
	h.mu.Unlock()
	close(held)
	h.waitSettled(delivery.Delivered, 1)
}

func TestATrialAtAnotherURL(t *testing.T) {
	h, elsewhere := newHouse(t, nil), testkit.NewAppServer(t)
	trial, err := h.delivery.Test(context.Background(), app, webhook.CommandAfterDelMetadata, elsewhere.URL+"/new#part")
	require.NoError(t, err)
	require.True(t, trial.Delivered, trial.Reason)
	require.Len(t, elsewhere.Requests(), 1)
	require.Empty(t, h.server.Requests())

	for _, bad := range []string{"hooks.example.com", "ftp://hooks.example.com/", "http://", "http://u:p@hooks.example.com/", "http://a:0/",
		"http://hooks.example.com/ x", "http://" + strings.Repeat("a", 2050)} {
		_, err := h.delivery.Test(context.Background(), app, webhook.CommandAfterDelMetadata, bad)
		var refused *live.Error
		require.ErrorAs(t, err, &refused, bad)
		require.Equal(t, live.CodeBadParameter, refused.Code)
	}
	require.Len(t, elsewhere.Requests(), 1)
}

func TestWhatCannotBeTried(t *testing.T) {
	h := newHouse(t, nil)
	test := func(id live.AppID, command webhook.Command) error {
		_, err := h.delivery.Test(context.Background(), id, command, "")
		return err
	}
	require.ErrorIs(t, test(7, webhook.CommandAfterDelMetadata), delivery.ErrUnknownApp)
	require.ErrorIs(t, test(app, "Live.CallbackAfterParty"), delivery.ErrNoSample)
	require.ErrorIs(t, test(app, ""), delivery.ErrNoSample)
	require.ErrorIs(t, test(app, webhook.CommandBeforeCallBackNotBlock), delivery.ErrNoSample)
	require.NoError(t, h.store.Update(context.Background(), func(tx live.Tx) error { return tx.DeleteCallback(app) }))
	require.ErrorIs(t, test(app, webhook.CommandAfterDelMetadata), delivery.ErrNoURL)
	require.Empty(t, h.server.Requests())
}

// TestATrialEnds: with the time of an attempt, with that of a question, and with its caller; only so many go on at once.
func TestATrialEnds(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) { a.Retry.Timeout = 40 * time.Millisecond })
	h.askLimit = 30 * time.Millisecond
	h.reopen()
	release, _ := h.hold()
	defer release()
	require.Equal(t, "no whole answer within 40ms", h.try(t).Reason)
	trial, err := h.delivery.Test(context.Background(), app, webhook.CommandBeforeSendMsg, "")
	require.NoError(t, err)
	require.Equal(t, "no whole answer within 30ms", trial.Reason)
	require.Nil(t, trial.Answer)

	h.app.Retry.Timeout = time.Minute
	h.reopen()
	ctx, cancel := context.WithCancel(context.Background())
	const most = 4
	ended := make(chan delivery.Trial, most)
	before := len(h.server.Requests())
	for range most {
		go func() {
			trial, _ := h.delivery.Test(ctx, app, webhook.CommandAfterDelMetadata, "")
			ended <- trial
		}()
	}
	h.server.Wait(before + most)
	_, err = h.delivery.Test(ctx, app, webhook.CommandAfterDelMetadata, "")
	require.ErrorIs(t, err, delivery.ErrTooManyTrials)
	cancel()
	for range most {
		require.Equal(t, context.Canceled.Error(), (<-ended).Reason)
	}
}

// TestAnAnswerThatBreaksOffIsShownAsFarAsItCame.
func TestAnAnswerThatBreaksOffIsShownAsFarAsItCame(t *testing.T) {
	h := newHouse(t, nil)
	h.server.Answer(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, testkit.Success)
	})
	trial := h.try(t)
	require.False(t, trial.Delivered)
	require.Equal(t, testkit.Success, string(trial.Answer.Body))
	require.Contains(t, trial.Reason, "closed before the answer was complete")
}

// TestSecretsRotateWithoutAGap: the app has the new secret beside the old one while its receiver changes over; receivers
// with the old one, the new one or both take the same webhooks.
func TestSecretsRotateWithoutAGap(t *testing.T) {
	secret := func(letter string) webhook.Secret { return webhook.SecretFromKey(strings.Repeat(letter, 32)) }
	first, second, other := secret("a"), secret("b"), secret("c")
	for _, step := range []struct {
		name           string
		sends, accepts []webhook.Secret
		taken          bool
	}{
		{"before", []webhook.Secret{first}, []webhook.Secret{first}, true},
		{"the sender has both, the receiver the old one", []webhook.Secret{first, second}, []webhook.Secret{first}, true},
		{"the sender has both, the receiver the new one", []webhook.Secret{first, second}, []webhook.Secret{second}, true},
		{"both have both", []webhook.Secret{first, second}, []webhook.Secret{second, first}, true},
		{"the sender has the new one, the receiver both", []webhook.Secret{second}, []webhook.Secret{first, second}, true},
		{"after", []webhook.Secret{second}, []webhook.Secret{second}, true},
		{"the old one is over", []webhook.Secret{first}, []webhook.Secret{second}, false},
		{"somebody else", []webhook.Secret{other, first}, []webhook.Secret{second}, false},
	} {
		t.Run(step.name, func(t *testing.T) {
			h := newHouse(t, func(a *delivery.App) { a.Secrets = step.sends })
			url, taken := receive(t, webhook.ReceiverConfig{Secrets: step.accepts})
			h.configure(url, "")
			if !step.taken {
				require.Contains(t, h.try(t).Reason, "403")
				require.Empty(t, *taken)
				return
			}
			h.start()
			h.deleteKey("r", "k")
			h.waitSettled(delivery.Delivered, 1)
			h.waitSettled(delivery.Failed, 0)
			require.Equal(t, []webhook.Command{webhook.CommandAfterDelMetadata}, *taken)
			_, err := h.ask()
			require.NoError(t, err)
		})
	}
}
