package webhook

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"reflect"

	"github.com/go-json-experiment/json"
)

// Before has r answer the webhooks that ask whether something may happen: E is [BeforeSendMsg] or [BeforeSendGift]. What
// decide returns is the answer; an empty ActionStatus becomes "OK", and the zero [Answer] allows. Where nothing is
// registered for a question it is allowed.
//
//	webhook.Before(receiver, func(ctx context.Context, d webhook.Delivery, e webhook.BeforeSendMsg) (webhook.Answer, error) {
//		if moderation.Allows(e.FromAccount, e.MsgBody) {
//			return webhook.Answer{}, nil
//		}
//		return webhook.Answer{ErrorCode: webhook.AnswerRefuse, ErrorInfo: "mind your words"}, nil
//	})
//
// An error is logged and answered with HTTP 500, which to the sender is no answer: by default a message is delivered then
// and a gift is not sent (docs 34354, 72210). So is an answer that comes too late: there are 2 s, and ctx ends with them.
// Questions are not repeated, and each one is put to decide, also when its id came before. Functions registered with [On] and
// [Receiver.OnAny] hear of a question first; their error is answered in the same way.
//
// Register before r serves. Before panics when E is a type that asks nothing, or has a function already.
func Before[E Event](r *Receiver, decide func(ctx context.Context, d Delivery, e E) (Answer, error)) {
	kind := kindByType[reflect.TypeFor[E]()]
	if kind == nil || !kind.Before {
		panic(fmt.Sprintf("webhook: Before: %v asks nothing", reflect.TypeFor[E]()))
	}
	if r.deciders[kind.Command] != nil {
		panic(fmt.Sprintf("webhook: Before: %s has a function already", kind.Command))
	}
	r.deciders[kind.Command] = func(ctx context.Context, d Delivery, event Event) (Answer, error) {
		return decide(ctx, d, event.(E))
	}
}

type decider func(context.Context, Delivery, Event) (Answer, error)

// asks tells whether the answer to an event decides something.
func asks(event Event) bool {
	kind := kindByType[reflect.TypeOf(event)]
	return kind != nil && kind.Before
}

// decide returns the JSON of the answer to a question.
func (r *Receiver) decide(ctx context.Context, d Delivery, event Event) ([]byte, error) {
	if err := r.dispatch(ctx, d, event); err != nil {
		return nil, err
	}
	var given Answer
	if decide := r.deciders[event.Command()]; decide != nil {
		var err error
		if given, err = decide(ctx, d, event); err != nil {
			return nil, err
		}
	}
	given.ActionStatus = cmp.Or(given.ActionStatus, "OK")
	body, err := json.Marshal(given)
	if err != nil {
		return nil, fmt.Errorf("webhook: encode the answer: %w", err)
	}
	return body, nil
}

func writeDecision(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body) // who has gone away takes it for no answer
}
