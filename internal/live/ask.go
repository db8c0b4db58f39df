package live

import (
	"context"
	"slices"
	"time"

	"github.com/greenroom-live/greenroom/webhook"
)

// Question is a webhook that asks the app server whether something may happen, before it does.
type Question struct {
	By    Caller
	At    time.Time
	Event webhook.Event
}

// Asker puts questions to app servers. An error means that there was no valid answer in time.
type Asker interface {
	Ask(ctx context.Context, q Question) (webhook.Answer, error)
}

// ask puts event to the app server of the caller's app, if the app has switched its command on; asked is false when not,
// and then there is nothing to obey. Nobody may be in a transaction meanwhile: the answer can take seconds. An err with
// asked set means that the app server did not answer, which is for the caller's policy to judge.
func (s *Service) ask(ctx context.Context, caller Caller, event webhook.Event) (answer webhook.Answer, asked bool, err error) {
	var callback Callback
	err = s.store.View(ctx, func(r Reader) (err error) {
		callback, _, err = r.Callback(caller.App)
		return err
	})
	if err != nil || !callback.wants(event.Command()) {
		return webhook.Answer{}, false, err
	}
	answer, err = s.asker.Ask(ctx, Question{By: caller, At: s.now(), Event: event})
	if ctx.Err() != nil {
		return answer, false, ctx.Err() // the caller is gone, or its time is up
	}
	return answer, true, err
}

// wants tells whether the app has switched command on, under whichever of its spellings.
func (c Callback) wants(command webhook.Command) bool {
	return slices.ContainsFunc(c.Commands, func(word string) bool {
		kind, ok := webhook.Lookup(word)
		return ok && kind.Command == command
	})
}
