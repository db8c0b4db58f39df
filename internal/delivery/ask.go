package delivery

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

// AskTimeout is how long an app server has to answer a question (docs 72210, 74347).
const AskTimeout = 2 * time.Second

// asker puts one app's questions to its app server. They have connections and a bound of their own, so that webhooks
// that wait do not keep questions waiting.
type asker struct {
	*sender
	slots chan struct{}
}

func newAsker(app App, opts Options) *asker {
	return &asker{newSender(app, opts), make(chan struct{}, app.Concurrency)}
}

// Ask implements live.Asker: one attempt, never repeated, which ends with ctx or after [AskTimeout]. Questions never
// touch the outbox.
func (d *Deliverer) Ask(ctx context.Context, q live.Question) (webhook.Answer, error) {
	a, ok := d.askers[q.By.App]
	if !ok {
		return webhook.Answer{}, fmt.Errorf("app %d is not served here", q.By.App)
	}
	began := d.opts.Now()
	answer, err := a.ask(ctx, q)
	outcome := "allowed"
	switch {
	case err != nil && ctx.Err() != nil:
		outcome = "abandoned" // by the caller, which says nothing of the app server
	case err != nil:
		outcome = "no_answer"
		d.opts.Log.Warn("an app server did not answer a question", "app", q.By.App, "command", q.Event.Command(), "error", err)
	case answer.ErrorCode != webhook.AnswerAllow:
		outcome = "refused"
	}
	d.opts.Metrics.WebhookQuestions.WithLabelValues(q.By.App.String(), outcome).Observe(d.opts.Now().Sub(began).Seconds())
	return answer, err
}

func (a *asker) ask(ctx context.Context, q live.Question) (webhook.Answer, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, a.opts.AskLimit, fmt.Errorf("no whole answer within %s", a.opts.AskLimit))
	defer cancel()
	body, err := webhook.Encode(q.Event)
	if err != nil {
		return webhook.Answer{}, err
	}
	select {
	case a.slots <- struct{}{}:
		defer func() { <-a.slots }()
	case <-ctx.Done():
		return webhook.Answer{}, fmt.Errorf("%d questions are in flight already: %w", cap(a.slots), context.Cause(ctx))
	}
	t, err := a.endpoint(ctx)
	if err != nil {
		return webhook.Answer{}, err
	}
	answer, err := a.exchange(ctx, t, Event{
		ID: "ask_" + rand.Text(), Lane: Lane{App: q.By.App}, Command: q.Event.Command(), Body: body,
		ClientIP: q.By.IP, Platform: string(q.By.Platform), At: q.At,
	})
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return answer, err
}

func (a *asker) exchange(ctx context.Context, t *target, e Event) (webhook.Answer, error) {
	response, err := a.transport.RoundTrip(a.request(ctx, t, e))
	if err != nil {
		return webhook.Answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return webhook.Answer{}, fmt.Errorf("read the answer: %w", inPlainWords(err))
	}
	if len(body) > maxAnswer {
		return webhook.Answer{}, fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	}
	return readAnswer(e.Command, response.StatusCode, body)
}

var errNoDecision = errors.New("the answer has no ErrorCode")

// readAnswer demands HTTP status 200 and a JSON object with an ErrorCode, which alone decides (doc 64412). Of the other
// fields those must have their types that are to be used: what a message is replaced with, when it is allowed.
func readAnswer(command webhook.Command, status int, body []byte) (webhook.Answer, error) {
	if status != http.StatusOK {
		return webhook.Answer{}, fmt.Errorf("the answer's HTTP status is %d, not 200", status)
	}
	var decision struct {
		ActionStatus any
		ErrorCode    *int
		ErrorInfo    any
	}
	if err := json.Unmarshal(body, &decision); err != nil {
		return webhook.Answer{}, unexpected(err)
	}
	if decision.ErrorCode == nil {
		return webhook.Answer{}, errNoDecision
	}
	answer := webhook.Answer{ErrorCode: *decision.ErrorCode}
	answer.ActionStatus, _ = decision.ActionStatus.(string)
	answer.ErrorInfo, _ = decision.ErrorInfo.(string)
	if answer.ErrorCode != webhook.AnswerAllow || command != webhook.CommandBeforeSendMsg {
		return answer, nil
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return webhook.Answer{}, unexpected(err)
	}
	return answer, nil
}

func unexpected(err error) error {
	return fmt.Errorf("the answer is not the JSON object that is expected: %w", err)
}
