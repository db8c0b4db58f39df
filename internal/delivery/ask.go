package delivery

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

// AskTimeout is how long an app server has to answer a question (docs 72210, 74347).
const AskTimeout = 2 * time.Second

// asker puts one app's questions to its app server. They have connections, a bound and a breaker of their own, so that
// webhooks that wait do not keep questions waiting, and the other way round.
type asker struct {
	*sender
	slots chan struct{}

	mu      sync.Mutex
	breaker breaker
	changes int // of the endpoint so far
}

func newAsker(app App, opts Options) *asker {
	return &asker{sender: newSender(app, opts), slots: make(chan struct{}, app.Concurrency), breaker: newBreaker(app.Retry)}
}

// notAsked is the error of a question that was not put to the app server.
type notAsked struct{ error }

func (e notAsked) Unwrap() error { return e.error }

// Ask implements live.Asker: one attempt, never repeated, which ends with ctx or after [AskTimeout]. Questions never
// touch the outbox. When five questions in a row got no valid answer, the app server is not asked, and the error comes at
// once; one question at a time then tries whether it answers again. Nor is it asked after it has answered 410 Gone. A pause by
// an operator is about deliveries: questions are still asked, because what is moderated must not become unmoderated by it.
func (d *Deliverer) Ask(ctx context.Context, q live.Question) (webhook.Answer, error) {
	a, ok := d.askers[q.By.App]
	if !ok {
		return webhook.Answer{}, fmt.Errorf("app %d is not served here", q.By.App)
	}
	began := d.opts.Now()
	answer, err := a.ask(ctx, q)
	outcome, level := "allowed", slog.LevelWarn
	switch {
	case err != nil && ctx.Err() != nil:
		outcome = "abandoned" // by the caller, which says nothing of the app server
	case errors.As(err, new(notAsked)):
		outcome, level = "not_asked", slog.LevelDebug
	case err != nil:
		outcome = "no_answer"
	case answer.ErrorCode != webhook.AnswerAllow:
		outcome = "refused"
	}
	if outcome == "no_answer" || outcome == "not_asked" {
		d.opts.Log.Log(ctx, level, "an app server did not answer a question", "app", q.By.App, "command", q.Event.Command(),
			"error", err)
	}
	d.opts.Metrics.WebhookQuestions.WithLabelValues(q.By.App.String(), outcome).Observe(d.opts.Now().Sub(began).Seconds())
	return answer, err
}

func (a *asker) ask(ctx context.Context, q live.Question) (webhook.Answer, error) {
	began := a.opts.Now()
	limited, cancel := context.WithTimeoutCause(ctx, a.opts.AskLimit, fmt.Errorf("no whole answer within %s", a.opts.AskLimit))
	defer cancel()
	body, err := webhook.Encode(q.Event)
	if err != nil {
		return webhook.Answer{}, err
	}
	e := Event{
		ID: "ask_" + rand.Text(), Lane: Lane{App: q.By.App}, Command: q.Event.Command(), Body: body,
		ClientIP: q.By.IP, Platform: string(q.By.Platform), At: q.At,
	}
	if err := a.refuse(); err != nil {
		return webhook.Answer{}, err
	}
	if err := a.enter(limited); err != nil {
		return webhook.Answer{}, err
	}
	defer func() { <-a.slots }()
	t, changes, err := a.admit(limited, e.ID)
	if err != nil {
		return webhook.Answer{}, err
	}
	asked := a.opts.Now()
	answer, retryAfter, err := a.exchange(limited, t, e)
	if err != nil && limited.Err() != nil {
		err = context.Cause(limited)
	}
	// Who gave up, or had not all its time because it waited for a slot, says nothing of the app server.
	idle := ctx.Err() != nil || limited.Err() != nil && asked.Sub(began) > a.opts.AskLimit/4
	a.learn(e.ID, changes, err, idle, retryAfter)
	return answer, err
}

// enter takes a slot, and waits for it for half of the time that a question has at most: an app server that could not
// answer in time any more is not asked, because it may act on what it is asked, such as take the money for a gift.
func (a *asker) enter(ctx context.Context) error {
	patience := time.NewTimer(a.opts.AskLimit / 2)
	defer patience.Stop()
	var why error
	select {
	case a.slots <- struct{}{}:
		return nil
	case <-patience.C:
		why = fmt.Errorf("none has ended within %s", a.opts.AskLimit/2)
	case <-ctx.Done():
		why = context.Cause(ctx)
	}
	return notAsked{fmt.Errorf("%d questions are in flight already: %w", cap(a.slots), why)}
}

// refuse returns an error while no question may be asked, not even to see whether the app server answers again.
func (a *asker) refuse() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.refusal()
}

// refusal is refuse for callers who hold mu.
func (a *asker) refusal() error {
	b := &a.breaker
	if !b.open() || b.due(a.opts.Now()) {
		return nil
	}
	return notAsked{fmt.Errorf("the app server is not asked: it has given no valid answer since %s, the last error: %s",
		b.failing.UTC().Format(time.RFC3339), b.lastError)}
}

// admit lets a question go to the app server, as the probe if that is due. It returns where the question goes, and how
// often the endpoint had changed by then.
func (a *asker) admit(ctx context.Context, id string) (t *target, changes int, err error) {
	for {
		seen := a.seen()
		if t, err = a.endpoint(ctx); err != nil {
			return nil, 0, err
		}
		if p := t.Pause; p != nil && p.Gone {
			return nil, 0, notAsked{fmt.Errorf("the app server is not asked since %s: %s", p.Since.UTC().Format(time.RFC3339), p.Reason)}
		}
		if ok, err := a.begin(id, seen); ok || err != nil {
			return t, seen, err
		}
	}
}

func (a *asker) seen() (changes int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.changes
}

// begin gives the probe to a question if it is due; false when the endpoint has changed since it was read.
func (a *asker) begin(id string, seen int) (ok bool, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.changes != seen {
		return false, nil
	}
	if err := a.refusal(); err != nil {
		return false, err
	}
	if a.breaker.open() {
		a.breaker.take(id)
	}
	return true, nil
}

// learn takes note of how a question ended, unless its failure means nothing or the endpoint has changed meanwhile.
func (a *asker) learn(id string, changes int, failed error, idle bool, retryAfter time.Duration) {
	a.mu.Lock()
	var n notice
	switch {
	case changes != a.changes:
	case failed == nil:
		failing := a.breaker.failing
		if a.breaker.succeed() {
			n = notice{slog.LevelInfo, "the app server answers questions again", []any{"failed_since", failing}}
		}
	case idle:
		a.breaker.abandon(id)
	case a.breaker.fail(id, failed.Error(), a.opts.Now(), retryAfter):
		n = notice{slog.LevelWarn, "the app server does not answer questions: it is asked one at a time to see whether it does again",
			[]any{"failed_since", a.breaker.failing, "error", failed}}
	}
	a.mu.Unlock()
	if n.text != "" {
		a.opts.Log.Log(context.Background(), n.level, n.text, append([]any{"app", a.app.ID}, n.args...)...)
	}
}

// endpointChanged makes the next question go by what is configured now, to an app server of which nothing is known.
func (a *asker) endpointChanged() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.forgetEndpoint()
	a.changes++
	a.breaker.reset()
}

func (a *asker) status() (BreakerStatus, int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.breaker.status(), len(a.slots)
}

func (a *asker) exchange(ctx context.Context, t *target, e Event) (answer webhook.Answer, retryAfter time.Duration, err error) {
	response, err := a.transport.RoundTrip(a.request(ctx, t, e))
	if err != nil {
		return webhook.Answer{}, 0, err
	}
	defer response.Body.Close()
	retryAfter = min(parseRetryAfter(response.Header.Get("Retry-After"), a.opts.Now()), a.app.Retry.MaxDelay)
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return webhook.Answer{}, retryAfter, fmt.Errorf("read the answer: %w", inPlainWords(err))
	}
	if len(body) > maxAnswer {
		return webhook.Answer{}, retryAfter, fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	}
	answer, err = readAnswer(e.Command, response.StatusCode, body)
	return answer, retryAfter, err
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

// unexpected says what is wrong with an answer. It cites nothing of it: the answer can be long, and anything. The member
// that has a wrong type is one that is looked for, so its name is ours.
func unexpected(err error) error {
	const words = "the answer is not the JSON object that is expected"
	var value *json.SemanticError
	var text *jsontext.SyntacticError
	switch {
	case errors.As(err, &value) && value.JSONPointer != "":
		return fmt.Errorf("%s: what is at %s cannot be used", words, bounded(string(value.JSONPointer)))
	case errors.Is(err, jsontext.ErrDuplicateName):
		return fmt.Errorf("%s: a name in it occurs twice", words)
	case errors.As(err, &text):
		return fmt.Errorf("%s: from byte %d on it cannot be read", words, text.ByteOffset)
	}
	return errors.New(words)
}
