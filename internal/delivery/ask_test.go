package delivery_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/testkit"
	"github.com/greenroom-live/greenroom/webhook"
)

// question asks whether fan may say hello.
func question() live.Question {
	return live.Question{
		By: live.Caller{App: app, User: "fan", Kind: live.KindUser, IP: "203.0.113.9", Platform: live.PlatformWeb},
		At: time.Now(),
		Event: webhook.BeforeSendMsg{
			GroupID: "live_9001", Type: "Live", FromAccount: "fan", OperatorAccount: "fan", Random: 7, MsgID: "1-2-7",
			MsgBody: []webhook.MsgElement{{MsgType: "TIMTextElem", MsgContent: []byte(`{"Text":"hello"}`)}}, EventTime: 1765001300444,
		},
	}
}

// answers makes the app server answer with that body and status 200.
func (h *house) answers(body string) {
	h.server.Answer(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
}

func (h *house) ask() (webhook.Answer, error) {
	return h.delivery.Ask(context.Background(), question())
}

func TestAQuestionIsOneSignedRequestLikeEveryWebhook(t *testing.T) {
	h := newHouse(t, nil)
	h.configure(h.server.URL+"/hook?tenant=eu1", "Vb3kTq9ZsX")
	answer, err := h.ask()
	require.NoError(t, err)
	require.Equal(t, webhook.Answer{ActionStatus: "OK"}, answer)
	require.Len(t, h.server.Requests(), 1)
	r := h.server.Requests()[0]
	require.Equal(t, http.MethodPost, r.Method)
	require.Equal(t, "/hook", r.Path)
	now := r.Param("RequestTime")
	require.Equal(t, "tenant=eu1&SdkAppid=1400000123&CallbackCommand=Group.CallbackBeforeSendMsg&contenttype=json"+
		"&ClientIP=203.0.113.9&OptPlatform=Web&Sign="+r.Param("Sign")+"&RequestTime="+now, r.Query)
	at, err := strconv.ParseInt(now, 10, 64)
	require.NoError(t, err)
	require.InDelta(t, time.Now().Unix(), at, 5)
	require.Equal(t, webhook.Sign("Vb3kTq9ZsX", at), r.Param("Sign"))
	require.Equal(t, "application/json", r.Header.Get("Content-Type"))
	require.Equal(t, "Greenroom/test", r.Header.Get("User-Agent"))
	require.Equal(t, now, r.Header.Get("webhook-timestamp"))
	require.Regexp(t, `^ask_[A-Z2-7]{26}$`, r.ID())
	require.Equal(t, h.app.Secrets[0].Signature(r.ID(), at, r.Body), r.Header.Get("webhook-signature"))
	require.JSONEq(t, `{"CallbackCommand":"Group.CallbackBeforeSendMsg","GroupId":"live_9001","Type":"Live","From_Account":"fan",
		"Operator_Account":"fan","Random":7,"MsgId":"1-2-7","MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hello"}}],
		"CloudCustomData":"","EventTime":1765001300444}`, string(r.Body))
}

func TestWhatAnAppServerCanAnswer(t *testing.T) {
	h := newHouse(t, nil)
	data, empty := "new", ""
	for body, want := range map[string]webhook.Answer{
		testkit.Success:     {ActionStatus: "OK"},
		` {"ErrorCode":0} `: {},
		`{"ErrorCode":1,"ActionStatus":"FAIL","ErrorInfo":"no"}`: {ActionStatus: "FAIL", ErrorCode: 1, ErrorInfo: "no"},
		`{"ErrorCode":-7,"Something":{"new":[1]}}`:               {ErrorCode: -7},
		`{"ErrorCode":0,"MsgBody":null,"CloudCustomData":null}`:  {},
		`{"ErrorCode":0,"MsgBody":[],"CloudCustomData":""}`:      {MsgBody: []webhook.MsgElement{}, CloudCustomData: &empty},
		`{"ErrorCode":0,"MsgBody":[{"MsgType":"a","MsgContent":{"b":1}}],"CloudCustomData":"new"}`: {
			MsgBody: []webhook.MsgElement{{MsgType: "a", MsgContent: []byte(`{"b":1}`)}}, CloudCustomData: &data},
	} {
		h.answers(body)
		answer, err := h.ask()
		require.NoError(t, err, body)
		require.Equal(t, want, answer, body)
	}
}

// TestARefusalHoldsWhateverElseTheAnswerSays: an answer that decides is not made void by a field that is not used.
func TestARefusalHoldsWhateverElseTheAnswerSays(t *testing.T) {
	h := newHouse(t, nil)
	gift := question()
	gift.Event = webhook.BeforeSendGift{OperatorAccount: "fan", RoomID: "live_9001"}
	for _, c := range []struct {
		q    live.Question
		body string
		want webhook.Answer
	}{
		{question(), `{"ErrorCode":1,"ActionStatus":7,"ErrorInfo":["no"],"MsgBody":"x","CloudCustomData":{}}`, webhook.Answer{ErrorCode: 1}},
		{gift, `{"ErrorCode":102150,"ErrorInfo":"no coins","MsgBody":"x"}`, webhook.Answer{ErrorCode: 102150, ErrorInfo: "no coins"}},
		{gift, `{"ErrorCode":0,"ErrorInfo":{},"MsgBody":"x","CloudCustomData":7}`, webhook.Answer{}},
	} {
		h.answers(c.body)
		answer, err := h.delivery.Ask(context.Background(), c.q)
		require.NoError(t, err, c.body)
		require.Equal(t, c.want, answer, c.body)
	}
}

func TestWhatIsNoAnswer(t *testing.T) {
	redirected := testkit.NewAppServer(t)
	long := strings.Repeat("n", 30_000)
	for name, c := range map[string]struct {
		status int
		body   string
		says   string
	}{
		"no body":                    {200, "", "JSON"},
		"text":                       {200, "ok", "JSON"},
		"an array":                   {200, "[]", "JSON"},
		"null":                       {200, "null", "ErrorCode"},
		"half an object":             {200, `{"ErrorCode":0`, "JSON"},
		"an object and more":         {200, `{"ErrorCode":0}{}`, "JSON"},
		"no ErrorCode":               {200, `{"ActionStatus":"OK"}`, "ErrorCode"},
		"an ErrorCode in other case": {200, `{"errorCode":0}`, "ErrorCode"},
		"a null ErrorCode":           {200, `{"ErrorCode":null}`, "ErrorCode"},
		"a text for ErrorCode":       {200, `{"ErrorCode":"0"}`, "JSON"},
		"a fraction for ErrorCode":   {200, `{"ErrorCode":0.5}`, "JSON"},
		"two ErrorCodes":             {200, `{"ErrorCode":1,"ErrorCode":0}`, "JSON"},
		"a long name, twice":         {200, `{"` + long + `":0,"` + long + `":0}`, "a name in it occurs twice"},
		"a long number":              {200, `{"ErrorCode":` + strings.Repeat("9", 60_000) + `}`, "what is at /ErrorCode cannot be used"},
		"an error under a long name": {200, `{"` + long + `":[tru]}`, "from byte 30008 on it cannot be read"},
		"a MsgBody that is none":     {200, `{"ErrorCode":0,"MsgBody":"x"}`, "what is at /MsgBody cannot be used"},
		"an internal error":          {500, testkit.Success, "500"},
		"created":                    {201, testkit.Success, "201"},
		"no content":                 {204, "", "204"},
		"a redirect":                 {302, testkit.Success, "302"},
		"too long for reading":       {200, `{"ErrorCode":0,"ErrorInfo":"` + strings.Repeat("x", 70_000) + `"}`, "65536"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, nil)
			h.server.Answer(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", redirected.URL)
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			_, err := h.ask()
			require.ErrorContains(t, err, c.says)
			require.NotContains(t, err.Error(), "%!")
			require.Less(t, len(err.Error()), 200, "the answer is not cited")
			require.Len(t, h.server.Requests(), 1, "a question is asked once")
		})
	}
	require.Empty(t, redirected.Requests(), "redirects are not followed")
}

func TestAQuestionThatReachesNobody(t *testing.T) {
	h := newHouse(t, nil)
	h.server.Close()
	_, err := h.ask()
	require.ErrorContains(t, err, "connection refused")
	require.NoError(t, h.store.Update(context.Background(), func(tx live.Tx) error { return tx.DeleteCallback(app) }))
	_, err = h.ask()
	require.ErrorContains(t, err, "no webhook URL is configured")
	q := question()
	q.By.App = 7
	_, err = h.delivery.Ask(context.Background(), q)
	require.ErrorContains(t, err, "app 7")
}

func TestAQuestionGoesToNoPrivateAddress(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) { a.AllowPrivateAddresses = false })
	_, err := h.ask()
	require.ErrorContains(t, err, "the egress guard refuses the private address 127.0.0.1")
	require.Empty(t, h.server.Requests())
}

func TestAChangedURLIsAskedAtOnce(t *testing.T) {
	h, moved := newHouse(t, nil), testkit.NewAppServer(t)
	_, err := h.ask()
	require.NoError(t, err)
	h.configure(moved.URL, "")
	_, err = h.ask()
	require.NoError(t, err)
	require.Len(t, moved.Requests(), 1)
	require.Len(t, h.server.Requests(), 1)
}

// hold makes the app server answer only after release, and tells how many wait at most at once.
func (h *house) hold() (release func(), most *atomic.Int64) {
	held, waiting := make(chan struct{}), new(atomic.Int64)
	most = new(atomic.Int64)
	h.server.Answer(func(w http.ResponseWriter, r *http.Request) {
		n := waiting.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		select {
		case <-held:
		case <-r.Context().Done():
		}
		waiting.Add(-1)
		_, _ = io.WriteString(w, testkit.Success)
	})
	return func() { close(held) }, most
}

func TestASlowAnswerIsNone(t *testing.T) {
	h := newHouse(t, nil)
	h.askLimit = 30 * time.Millisecond
	h.reopen()
	release, _ := h.hold()
	defer release()
	_, err := h.ask()
	require.EqualError(t, err, "no whole answer within 30ms")
	require.Equal(t, 2*time.Second, delivery.AskTimeout, "docs 72210, 74347")
}

func TestAnEndlessAnswerIsNone(t *testing.T) {
	h := newHouse(t, nil)
	h.server.Answer(func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = io.WriteString(w, strings.Repeat(" ", 1000))
		}
	})
	_, err := h.ask()
	require.ErrorContains(t, err, "longer than 65536 bytes")
}

func TestAnAnswerThatDoesNotEndInTimeIsNone(t *testing.T) {
	h := newHouse(t, nil)
	h.askLimit = 30 * time.Millisecond
	h.reopen()
	h.server.Answer(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, testkit.Success)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	_, err := h.ask()
	require.EqualError(t, err, "no whole answer within 30ms")
}

func TestAnAnswerThatBreaksOffIsNone(t *testing.T) {
	h := newHouse(t, nil)
	h.server.Answer(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, testkit.Success)
	})
	_, err := h.ask()
	require.ErrorContains(t, err, "read the answer")
}

func TestAQuestionEndsWithItsCaller(t *testing.T) {
	h := newHouse(t, nil)
	release, _ := h.hold()
	defer release()
	ctx, cancel := context.WithCancel(context.Background())
	asked := make(chan error, 1)
	go func() {
		_, err := h.delivery.Ask(ctx, question())
		asked <- err
	}()
	h.server.Wait(1)
	cancel()
	require.ErrorIs(t, <-asked, context.Canceled)
	outcomes := h.metrics.WebhookQuestions
	require.Equal(t, 1, testutil.CollectAndCount(outcomes))
	require.False(t, outcomes.DeleteLabelValues(app.String(), "no_answer"), "it says nothing of the app server")
	require.True(t, outcomes.DeleteLabelValues(app.String(), "abandoned"))
}

// TestAnAppServerGetsABoundedNumberOfQuestionsAtOnce: others wait for their turn, and no longer than their time.
func TestAnAppServerGetsABoundedNumberOfQuestionsAtOnce(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) { a.Concurrency = 3 })
	release, most := h.hold()
	answered := make(chan error, 10)
	for range cap(answered) {
		go func() {
			_, err := h.ask()
			answered <- err
		}()
	}
	h.server.Wait(3)
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, err := h.delivery.Ask(ctx, question())
	require.ErrorContains(t, err, "3 questions are in flight already")
	release()
	for range cap(answered) {
		require.NoError(t, <-answered)
	}
	require.EqualValues(t, 3, most.Load())
	require.Len(t, h.server.Requests(), 10)
}

// TestQuestionsDoNotWaitForWebhooks: a question finds its way while all that webhooks may use is taken.
func TestQuestionsDoNotWaitForWebhooks(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) { a.Concurrency = 2; a.Retry.Timeout = 20 * time.Second })
	held := make(chan struct{})
	h.server.Answer(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.RawQuery, "Before") {
			<-held
		}
		_, _ = io.WriteString(w, testkit.Success)
	})
	h.start()
	for i := range 4 {
		h.deleteKey(live.RoomID(fmt.Sprint("r", i)), "k")
	}
	h.server.Wait(2)
	_, err := h.ask()
	require.NoError(t, err)
	close(held)
	h.waitSettled(delivery.Delivered, 4)
}

// TestNoValidAnswerFiveTimesInARowAndTheAppServerIsNotAsked: the error then comes at once and says since when; one question
// at a time tries whether it answers again; an answer, and a new URL, end that.
func TestNoValidAnswerFiveTimesInARowAndTheAppServerIsNotAsked(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) { a.Retry.FirstDelay, a.Retry.MaxDelay = time.Hour, time.Hour })
	h.server.AnswerStatus(500)
	for range 4 {
		_, err := h.ask()
		require.ErrorContains(t, err, "500")
	}
	h.server.Answer(nil)
	_, err := h.ask()
	require.NoError(t, err, "not in a row")
	h.server.Answer(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(500)
	})
	for range 5 {
		_, err := h.ask()
		require.ErrorContains(t, err, "500")
	}
	s := h.status().Asking
	require.Equal(t, delivery.Open, s.State)
	require.Equal(t, 5, s.Failures)
	for range 3 {
		_, err = h.ask()
		require.ErrorContains(t, err, "the app server is not asked: it has given no valid answer since "+
			s.Failing.UTC().Format(time.RFC3339)+", the last error: the answer's HTTP status is 500, not 200")
	}
	require.Len(t, h.server.Requests(), 10)
	require.Equal(t, delivery.Closed, h.status().Breaker.State, "webhooks have their own")
	outcomes := h.metrics.WebhookQuestions
	require.True(t, outcomes.DeleteLabelValues(app.String(), "not_asked"))
	h.server.Answer(nil)
	h.configure(h.server.URL+"/new", "")
	_, err = h.ask()
	require.NoError(t, err)
	require.Equal(t, delivery.BreakerStatus{}, h.status().Asking)
}

func TestOneQuestionAtATimeTriesWhetherTheAppServerAnswersAgain(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) { a.Retry.FirstDelay, a.Retry.MaxDelay = time.Nanosecond, time.Nanosecond })
	h.askLimit = time.Hour
	h.reopen()
	h.server.AnswerStatus(500)
	for range 5 {
		_, err := h.ask()
		require.Error(t, err)
	}
	release, most := h.hold()
	ctx, cancel := context.WithCancel(context.Background())
	probe := make(chan error, 1)
	ask := func(ctx context.Context) {
		_, err := h.delivery.Ask(ctx, question())
		probe <- err
	}
	go ask(ctx)
	h.server.Wait(6)
	for range 20 {
		_, err := h.ask()
		require.ErrorContains(t, err, "not asked")
	}
	cancel() // says nothing about the app server: the next question is the probe
	require.ErrorIs(t, <-probe, context.Canceled)
	require.Equal(t, 5, h.status().Asking.Failures)
	go ask(context.Background())
	h.server.Wait(7)
	_, err := h.ask()
	require.ErrorContains(t, err, "not asked")
	release()
	require.NoError(t, <-probe)
	_, err = h.ask()
	require.NoError(t, err)
	require.LessOrEqual(t, most.Load(), int64(2), "one that was given up may still be there")
	require.Len(t, h.server.Requests(), 8)
}

// A pause by an operator holds up deliveries; it must not let pass what the app server would have refused.
func TestQuestionsAreAskedWhileTheAppIsPaused(t *testing.T) {
	h := newHouse(t, nil)
	newPausable(h).pause()
	_, err := h.ask()
	require.NoError(t, err)
	require.Len(t, h.server.Requests(), 1)
}

func TestNoQuestionIsAskedAfter410(t *testing.T) {
	h := newHouse(t, nil)
	h.endpoint = func(e delivery.Endpoint) delivery.Endpoint {
		e.Pause = &delivery.Pause{Since: time.Now(), Reason: "it said so", Gone: true}
		return e
	}
	_, err := h.ask()
	require.ErrorContains(t, err, "it said so")
	require.Empty(t, h.server.Requests())
	require.True(t, h.metrics.WebhookQuestions.DeleteLabelValues(app.String(), "not_asked"))
}

// TestAQuestionThatFindsNoSlotWasNotAsked: neither that, nor a slot with little time left, says anything of the app server.
func TestAQuestionThatFindsNoSlotWasNotAsked(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) { a.Concurrency = 1 })
	h.askLimit = 500 * time.Millisecond
	h.reopen()
	release, _ := h.hold()
	defer release()
	answered := make(chan error, 20)
	for range cap(answered) {
		go func() {
			_, err := h.ask()
			answered <- err
		}()
	}
	for range cap(answered) {
		require.Error(t, <-answered)
	}
	require.Equal(t, delivery.Closed, h.status().Asking.State)
	require.True(t, h.metrics.WebhookQuestions.DeleteLabelValues(app.String(), "not_asked"))
}

// TestAQuestionIsNotAskedWithLittleTimeLeft: an app server may act on a question whose answer comes too late.
func TestAQuestionIsNotAskedWithLittleTimeLeft(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) { a.Concurrency = 1 })
	h.askLimit = 2 * time.Second
	h.reopen()
	release, _ := h.hold()
	first := make(chan error, 1)
	go func() {
		_, err := h.ask()
		first <- err
	}()
	h.server.Wait(1)
	_, err := h.ask()
	require.ErrorContains(t, err, "1 questions are in flight already: none has ended within 1s")
	require.Empty(t, first, "the first question still has time")
	release()
	require.NoError(t, <-first)
	require.Len(t, h.server.Requests(), 1)
}
