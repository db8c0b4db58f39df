package main

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/greenroom-live/greenroom/bench/rig"
)

// follower makes deletions at -rate and takes their webhooks, both in this process. All keys are written before, so that the
// timed part is deletions only, and deletions that follow each other are in different rooms. As a handler it takes what comes.
type follower struct {
	b        *bench
	place    func(room int) (app *rig.App, id string)
	arrivals atomic.Pointer[rig.Arrivals] // of the measurement that runs; nil before the first
}

// followed is what a follower saw.
type followed struct {
	took    []time.Duration // from the start of the deletion to the arrival
	late    []time.Duration // how late the deletions were started
	missing int
	surplus int
}

func (f *follower) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if arrivals := f.arrivals.Load(); arrivals != nil {
		arrivals.ServeHTTP(w, r)
		return
	}
	rig.Accept(w)
}

// measure makes deletions for -duration in -rooms rooms, which place finds, and waits for their webhooks. The first ones warm
// up and are not counted.
func (f *follower) measure(ctx context.Context) (followed, error) {
	arrivals := rig.NewArrivals(f.b.latencyKeys(), f.b.rooms)
	dels, err := f.ready(ctx, arrivals)
	if err != nil {
		return followed{}, err
	}
	f.arrivals.Store(arrivals)
	started, late, err := rig.OpenLoop(ctx, arrivals.Epoch, len(dels), f.b.rate, func(ctx context.Context, i int) error {
		return f.b.poster.Do(ctx, dels[i])
	})
	if err != nil {
		return followed{}, err
	}
	if err := arrivals.Await(ctx); err != nil {
		return followed{}, err
	}
	first := f.b.during(warmUp)
	return followed{arrivals.Since(started, first), late[first:], arrivals.Missing(), arrivals.Surplus()}, nil
}

// ready writes the keys, evenly over the rooms, and returns the calls that delete them.
func (f *follower) ready(ctx context.Context, arrivals *rig.Arrivals) ([]rig.Call, error) {
	dels := make([]rig.Call, f.b.latencyKeys())
	perRoom := (len(dels) + f.b.rooms - 1) / f.b.rooms
	for i := range dels {
		mark := arrivals.Mark(i)
		app, id := f.place(mark.Room)
		dels[i] = app.Del(id, mark)
	}
	return dels, rig.Each(ctx, f.b.callers, f.b.rooms, func(ctx context.Context, room int) error {
		app, id := f.place(room)
		return f.b.poster.Do(ctx, app.Set(id, marks(room, 0, perRoom)...))
	})
}

// and adds what was seen in another measurement.
func (f followed) and(g followed) followed {
	return followed{append(f.took, g.took...), append(f.late, g.late...), f.missing + g.missing, f.surplus + g.surplus}
}

func (f followed) p99() time.Duration { return rig.NewSample(f.took).Percentile(99) }
