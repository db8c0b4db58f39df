package delivery

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

// maxTrials is how many trials of one app may be under way.
const maxTrials = 4

// What [Deliverer.Test] cannot try.
var (
	ErrUnknownApp    = errors.New("no such app is served here")
	ErrNoSample      = errors.New("no webhook of that name is ever sent")
	ErrNoURL         = errNoURL
	ErrTooManyTrials = fmt.Errorf("%d tests of this app are under way already", maxTrials)
)

// Trial is a test of an app's webhooks: what was sent, what came back and what it means.
type Trial struct {
	Request TrialRequest
	Answer  *TrialAnswer // nil when there was none
	Took    time.Duration
	// Delivered says that the answer counts: that the event would be taken for delivered, or the question for answered.
	// Otherwise Reason says in plain words why not.
	Delivered bool
	Reason    string
	// Decision is what the answer decides, of a command that asks beforehand and was answered; nil otherwise.
	Decision *webhook.Answer
}

// TrialRequest is the request of a [Trial], as it was or would have been sent. Its URL has the Sign of the app's callback
// token, which is good for a minute.
type TrialRequest struct {
	Method string
	URL    string
	Header http.Header // with Host and Content-Length
	Body   []byte
}

// TrialAnswer is the answer to it. Body is what was read of it, 64 KiB at most; it may have broken off.
type TrialAnswer struct {
	Status int
	Proto  string // HTTP/1.1, HTTP/2.0
	Header http.Header
	Body   []byte
}

// Test sends a sample of a command (see [webhook.Sample]) to app's server: to its configured URL, or to the one given if
// that is not empty, which must be such as set_callback takes. It is signed like every webhook, and its id begins with
// test_. It goes out on a connection of its own, made as for every webhook of the app, egress guard, proxy and certificates
// included, whether the app is paused or not; it is in no lane, counts for no breaker, and is not logged. It ends after
// the time of an attempt, or of a question.
//
// That the app server is not reached, or answers wrongly, is not an error but what the Trial says. Errors are
// [ErrUnknownApp], [ErrNoSample], [ErrNoURL], [ErrTooManyTrials], a [live.Error] about the URL, and what reading the
// configuration fails with.
func (d *Deliverer) Test(ctx context.Context, app live.AppID, command webhook.Command, url string) (Trial, error) {
	t, ok := d.trials[app]
	if !ok {
		return Trial{}, ErrUnknownApp
	}
	kind, _ := webhook.Lookup(string(command))
	now := d.opts.Now()
	sample, ok := webhook.Sample(kind.Command, now)
	if !ok {
		return Trial{}, ErrNoSample
	}
	body, err := webhook.Encode(sample)
	if err != nil {
		return Trial{}, fmt.Errorf("encode the sample: %w", err)
	}
	select {
	case t.slots <- struct{}{}:
		defer func() { <-t.slots }()
	default:
		return Trial{}, ErrTooManyTrials
	}
	return t.try(ctx, kind, url, Event{
		ID: "test_" + rand.Text(), Lane: Lane{App: app}, Command: kind.Command, Body: body,
		ClientIP: "203.0.113.9", Platform: webhook.PlatformREST, At: now,
	})
}

// tester makes one app's trials.
type tester struct {
	app   App
	opts  Options
	slots chan struct{}
}

func newTester(app App, opts Options) *tester {
	return &tester{app, opts, make(chan struct{}, maxTrials)}
}

func (t *tester) try(ctx context.Context, kind webhook.Kind, url string, e Event) (Trial, error) {
	s := newSender(t.app, t.opts)
	defer s.close()
	to, err := s.trialTarget(ctx, url)
	if err != nil {
		return Trial{}, err
	}
	limit := t.app.Retry.Timeout
	if kind.Before {
		limit = t.opts.AskLimit
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("no whole answer within %s", limit))
	defer cancel()
	request := s.request(ctx, to, e)
	trial := Trial{Request: asSent(request, e.Body)}
	began := t.opts.Now()
	trial.Answer, err = s.answer(request)
	trial.Took = t.opts.Now().Sub(began)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	t.conclude(&trial, kind, err)
	return trial, nil
}

// trialTarget is the app's endpoint, or another URL with its token.
func (s *sender) trialTarget(ctx context.Context, url string) (*target, error) {
	if url == "" {
		return s.endpoint(ctx)
	}
	if err := live.CheckCallbackURL(url); err != nil {
		return nil, err
	}
	e, err := s.opts.Outbox.Endpoint(ctx, s.app.ID)
	if err != nil {
		return nil, fmt.Errorf("read the webhook configuration: %w", err)
	}
	e.URL = url
	return newTarget(e)
}

func asSent(r *http.Request, body []byte) TrialRequest {
	header := r.Header.Clone()
	header.Set("Host", r.Host)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	return TrialRequest{Method: r.Method, URL: r.URL.String(), Header: header, Body: body}
}

// answer makes a request and reads the answer. The latter is not nil once its headers are there, even with an error.
func (s *sender) answer(r *http.Request) (*TrialAnswer, error) {
	response, err := s.transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer := &TrialAnswer{Status: response.StatusCode, Proto: response.Proto, Header: response.Header}
	answer.Body, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return answer, fmt.Errorf("read the answer: %w", inPlainWords(err))
	}
	if len(answer.Body) > maxAnswer {
		answer.Body = answer.Body[:maxAnswer]
		return answer, fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	}
	return answer, nil
}

// conclude says what an answer, or the error in its place, means by the rules of webhooks or of questions.
func (t *tester) conclude(trial *Trial, kind webhook.Kind, err error) {
	if kind.Before && err == nil {
		var decision webhook.Answer
		if decision, err = readAnswer(kind.Command, trial.Answer.Status, trial.Answer.Body); err == nil {
			trial.Decision = &decision
		}
	}
	a := attempt{err: err}
	if trial.Answer != nil {
		a.status, a.body = trial.Answer.Status, trial.Answer.Body
	}
	switch {
	case !kind.Before:
		a.examine(t.app.Retry)
		trial.Reason = a.why
	case err != nil:
		trial.Reason = err.Error()
	}
	trial.Delivered = trial.Reason == ""
}
