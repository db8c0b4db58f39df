package store

import (
	"context"
	"sync"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
)

// Series is a kind of calls of [delivery.Records] that are repeated with one filter until nothing is left to do.
type Series uint8

const (
	ReplayDead Series = iota
	PurgeDead
	PurgeWaiting
)

// Place is where an event stands in the outbox or, where Room does not matter, among the dead letters.
type Place struct {
	Room live.RoomID
	Seq  int64
}

// Places remembers how far the last series of each kind has come, so that each call need not look again at all that the
// filter did not pick. It is a hint: at the end of a series everything is looked at once more. Nothing that the filter picks
// is passed over before it was moved or removed, or another series at the same time would go on behind it, out of order.
type Places struct {
	mu sync.Mutex
	of [PurgeWaiting + 1]reached
}

type reached struct {
	filter delivery.Filter // with a room of its own
	room   live.RoomID
	place  Place
}

// Get returns where a series with that filter has come to; its beginning when it is not the one that went last.
func (p *Places) Get(kind Series, f delivery.Filter) Place {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r := &p.of[kind]; r.is(f) {
		return r.place
	}
	return Place{}
}

// Set notes where a series has come to.
func (p *Places) Set(kind Series, f delivery.Filter, at Place) {
	r := reached{filter: f, place: at}
	if f.Room != nil {
		r.room = *f.Room
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.of[kind] = r
}

func (r *reached) is(f delivery.Filter) bool {
	g := r.filter
	return f.App == g.App && f.Command == g.Command && f.From.Equal(g.From) && f.To.Equal(g.To) &&
		(f.Room == nil) == (g.Room == nil) && (f.Room == nil || *f.Room == r.room)
}

// Search looks, with look, for up to limit events that a filter picks, a bounded number of rows at a time, from where the
// series has come to. It returns none when there are none at all, and where the series has come to once they are done with.
// Look returns what it found behind a place, the last place that it looked at, and whether there are no more.
func Search[T any](ctx context.Context, p *Places, kind Series, f delivery.Filter,
	look func(after Place) (found []T, last Place, end bool, err error)) (found []T, at Place, err error) {
	at = p.Get(kind, f)
	again := at != Place{}
	for {
		var end bool
		found, at, end, err = look(at)
		if err != nil {
			return nil, at, err
		}
		if end {
			at = Place{}
		}
		if len(found) > 0 {
			return found, at, nil
		}
		p.Set(kind, f, at)
		if end && !again {
			return nil, at, nil
		}
		if end {
			again = false
		}
		if ctx.Err() != nil {
			return nil, at, ctx.Err()
		}
	}
}
