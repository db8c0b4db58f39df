package operator

import (
	"context"
	"unicode/utf8"
)

// maxReason is how long the reason of a pause may be, in characters.
const maxReason = 1000

// PauseRequest asks for an app's webhooks to wait.
type PauseRequest struct {
	Reason string `json:"reason"` // for operators; up to 1000 characters, may be empty
}

func (a *API) pause(ctx context.Context, c *call) (any, error) {
	var in PauseRequest
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(in.Reason) > maxReason {
		return nil, wrong("reason", "must have at most %d characters", maxReason)
	}
	if err := a.demandConfigured(ctx, c.app); err != nil {
		return nil, err
	}
	if err := a.opts.Store.Pause(ctx, c.app, in.Reason); err != nil {
		return nil, err
	}
	a.changed(c, "paused the webhooks", "reason", in.Reason)
	return a.state(ctx, c.app)
}

func (a *API) resume(ctx context.Context, c *call) (any, error) {
	if err := c.decode(&struct{}{}); err != nil {
		return nil, err
	}
	if err := a.demandConfigured(ctx, c.app); err != nil {
		return nil, err
	}
	if err := a.opts.Store.Resume(ctx, c.app); err != nil {
		return nil, err
	}
	a.changed(c, "resumed the webhooks")
	return a.state(ctx, c.app)
}
