package operator

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/delivery"
)

// PurgeRequest asks for events to be removed for good.
type PurgeRequest struct {
	State string `json:"state"` // dead or waiting
	Filter
	Confirm bool   `json:"confirm,omitzero"` // must be true when there is no filter
	After   string `json:"after,omitzero"`   // next of the answer before
}

// Purged is how many events were removed.
type Purged struct {
	Purged int    `json:"purged"`
	Next   string `json:"next"` // not empty when there is more to do: call again with it as after
}

func (a *API) purge(ctx context.Context, c *call) (any, error) {
	var in PurgeRequest
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if in.State != delivery.DeadState.String() && in.State != delivery.Waiting.String() {
		return nil, wrong("state", "must be dead or waiting")
	}
	s, err := a.begin("purge "+in.State, c, in.Filter, in.After)
	if err != nil {
		return nil, err
	}
	if in.Filter.IsZero() && !in.Confirm {
		return nil, wrong("confirm", "must be true when there is no filter: everything that is %s would be removed for good", in.State)
	}
	if err := a.demandKnown(ctx, c.app); err != nil {
		return nil, err
	}
	remove := a.opts.Store.PurgeWaiting
	if in.State == delivery.DeadState.String() {
		remove = a.opts.Store.PurgeDead
	}
	n, more, err := s.run(ctx, func(ctx context.Context) (int, bool, error) {
		n, err := remove(ctx, s.filter, a.opts.Page)
		return n, n > 0, err
	})
	if n > 0 || err == nil {
		a.changed(c, "purged webhooks", s.said(in.Filter, "state", in.State, "count", n, "more", more)...)
	}
	if err != nil {
		return nil, err
	}
	return Purged{n, s.next(more)}, nil
}
