package operator

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/delivery"
)

// ReplayRequest asks for dead letters or delivered events to be sent again.
type ReplayRequest struct {
	State string `json:"state"` // dead or delivered
	Filter
	After string `json:"after,omitzero"` // next of the answer before
}

// Replayed is how many events were put back into their lanes.
type Replayed struct {
	Replayed int    `json:"replayed"`
	Next     string `json:"next"` // not empty when there is more to do: call again with it as after
}

func (a *API) replayOne(ctx context.Context, c *call) (any, error) {
	if err := c.decode(&struct{}{}); err != nil {
		return nil, err
	}
	if err := a.demandConfigured(ctx, c.app); err != nil {
		return nil, err
	}
	if err := a.opts.Store.Replay(ctx, c.app, c.arg); err != nil {
		return nil, err
	}
	a.changed(c, "replayed a webhook", "id", c.arg)
	return Replayed{Replayed: 1}, nil
}

func (a *API) replayMany(ctx context.Context, c *call) (any, error) {
	var in ReplayRequest
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if in.State != delivery.DeadState.String() && in.State != delivery.Done.String() {
		return nil, wrong("state", "must be dead or delivered")
	}
	s, err := a.begin("replay "+in.State, c, in.Filter, in.After)
	if err != nil {
		return nil, err
	}
	if err := a.demandConfigured(ctx, c.app); err != nil {
		return nil, err
	}
	step := s.replayDelivered
	if in.State == delivery.DeadState.String() {
		step = s.replayDead
	}
	n, more, err := s.run(ctx, step)
	if n > 0 || err == nil {
		a.changed(c, "replayed webhooks", s.said(in.Filter, "state", in.State, "count", n, "more", more)...)
	}
	if err != nil {
		return nil, err
	}
	return Replayed{n, s.next(more)}, nil
}

func (s *series) replayDead(ctx context.Context) (n int, more bool, err error) {
	n, err = s.api.opts.Store.ReplayDead(ctx, s.filter, min(s.api.opts.Page, s.place.Left))
	s.place.Left -= n
	return n, n > 0 && s.place.Left > 0, err
}

func (s *series) replayDelivered(ctx context.Context) (n int, more bool, err error) {
	n, next, err := s.api.opts.Store.ReplayDelivered(ctx, s.filter, delivery.Cursor(s.place.Cursor), s.api.opts.Page)
	if err == nil {
		s.place.Cursor = string(next)
	}
	return n, next != "", err
}
