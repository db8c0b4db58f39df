package operator

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/greenroom-live/greenroom/internal/delivery"
)

// series is a change of many events, in pages, over one call or several. It has an end even while events come and die: it
// takes those that were there when it began.
type series struct {
	api    *API
	what   string
	filter delivery.Filter
	place  place
}

// begin begins a series, or goes on with it where after says.
func (a *API) begin(what string, c *call, f Filter, after string) (*series, error) {
	filter, err := f.parse(c.app)
	if err != nil {
		return nil, err
	}
	what = fmt.Sprintf("%s of %d", what, c.app)
	at, err := placeOf(after, what)
	if err != nil {
		return nil, err
	}
	if after == "" {
		at = place{To: a.opts.Now().UnixMilli() + 1, Left: math.MaxInt32}
		if b := a.opts.Store.Backlog(c.app); b.Known {
			at.Left = b.Dead + a.opts.Page // more than were dead, in case some died just now
		}
	}
	if to := time.UnixMilli(at.To); filter.To.IsZero() || filter.To.After(to) {
		filter.To = to
	}
	return &series{a, what, filter, at}, nil
}

// run repeats step until there is nothing more to do, the caller is gone or the time of a call is over.
func (s *series) run(ctx context.Context, step func(context.Context) (int, bool, error)) (n int, more bool, err error) {
	end := s.api.opts.Now().Add(s.api.budget)
	for {
		changed, more, err := step(ctx)
		n += changed
		if err != nil || !more || ctx.Err() != nil || !s.api.opts.Now().Before(end) {
			return n, more, err
		}
	}
}

// next is what the caller goes on with.
func (s *series) next(more bool) string {
	if !more {
		return ""
	}
	return s.place.text(s.what)
}

// said is what is logged of a change, with the filter as the caller gave it.
func (s *series) said(f Filter, more ...any) []any {
	for i, value := range []*string{f.Room, f.Command, f.From, f.To} {
		if value != nil {
			more = append(more, filterNames[i], *value)
		}
	}
	return more
}
