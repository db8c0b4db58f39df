package sqlite

import (
	"context"
	"sync"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
)

// place is where an event stands in the outbox or among the dead letters.
type place struct {
	room   live.RoomID
	seq    int64
	id     string // of a dead letter
	second int64  // when it was committed
}

// series is a kind of calls that are repeated with one filter until nothing is left to do.
type series uint8

const (
	replayDead series = iota
	purgeDead
	purgeWaiting
)

// places remembers how far the last series of each kind has come, so that each call need not look again at all that the
// filter did not pick. It is a hint: at the end of a series everything is looked at once more. Nothing that the filter picks
// is passed over before it was moved or removed, or another series at the same time would go on behind it, out of order.
type places struct {
	mu sync.Mutex
	of [purgeWaiting + 1]reached
}

type reached struct {
	filter delivery.Filter // with a room of its own
	room   live.RoomID
	place  place
}

// get returns where a series with that filter has come to; its beginning when it is not the one that went last.
func (p *places) get(kind series, f delivery.Filter) place {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r := &p.of[kind]; r.is(f) {
		return r.place
	}
	return place{}
}

func (p *places) set(kind series, f delivery.Filter, at place) {
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

// search looks for up to limit places that a filter picks, a bounded number of rows at a time, from where the series has
// come to. It returns none when there are none at all, and where the series has come to once they are done with.
func (s *Store) search(ctx context.Context, kind series, f delivery.Filter, limit int) (found []place, at place, err error) {
	at = s.places.get(kind, f)
	again := at != place{}
	for {
		var end bool
		err := s.read(ctx, func(c *conn) (err error) {
			if kind == purgeWaiting {
				found, at, end, err = waitingPlaces(c, f, at, limit)
				return err
			}
			found, at.seq, end, err = deadPlaces(c, f, at.seq, limit)
			return err
		})
		if err != nil {
			return nil, at, err
		}
		if end {
			at = place{}
		}
		at = place{room: at.room, seq: at.seq}
		if len(found) > 0 {
			return found, at, nil
		}
		s.places.set(kind, f, at)
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
