package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/greenroom-live/greenroom/bench/rig"
)

// outageRooms is how many rooms of the dead app have undelivered events, ten each.
const outageRooms = 500

// outage measures the latency of the webhooks of all apps but one, without and with that one being dead: it takes connections
// and never answers, and has thousands of events waiting. The two are measured in turn: without, with, without.
func (b *bench) outage(ctx context.Context) (err error) {
	s, err := b.startServer(ctx, rig.ServerOptions{Apps: b.apps})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop(err != nil)) }()
	ids := make([]string, b.rooms)
	for i := range ids {
		ids[i] = roomID("outage", i)
	}
	f := &follower{b: b, place: func(room int) (*rig.App, string) { return s.Apps[room%(b.apps-1)], ids[room] }}
	v := &victim{b: b, app: s.Apps[b.apps-1]}
	hooks, base, err := rig.Listen(apart(f, v))
	if err != nil {
		return err
	}
	defer hooks.Close()
	v.alive = base.JoinPath("victim")
	if err := b.openApps(ctx, s, f, v, base.JoinPath("hook")); err != nil {
		return err
	}
	return b.measureOutage(ctx, f, v)
}

// apart gives the victim's webhooks to it, and all others to the follower.
func apart(f *follower, v *victim) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /hook", f)
	mux.Handle("POST /victim", v)
	return mux
}

// openApps gives all apps their webhook URL and their rooms.
func (b *bench) openApps(ctx context.Context, s *rig.Server, f *follower, v *victim, hook *url.URL) (err error) {
	for _, app := range s.Apps {
		if err := app.SetWebhooks(ctx, hook, rig.DelMetadata); err != nil {
			return err
		}
	}
	err = rig.Each(ctx, b.callers, b.rooms, func(ctx context.Context, i int) error {
		app, id := f.place(i)
		return app.CreateRoom(ctx, id)
	})
	if err != nil {
		return err
	}
	v.rooms, err = b.roomsOf(ctx, v.app, "victim", min(b.rooms, outageRooms))
	return err
}

func (b *bench) measureOutage(ctx context.Context, f *follower, v *victim) error {
	if err := v.live(ctx); err != nil {
		return err
	}
	before, err := v.during(ctx, f.measure)
	if err != nil {
		return err
	}
	dead, err := listenDead()
	if err != nil {
		return err
	}
	defer dead.close()
	if err := v.die(ctx, dead.url); err != nil {
		return err
	}
	with, err := v.during(ctx, f.measure)
	if err != nil {
		return err
	}
	if err := v.live(ctx); err != nil {
		return err
	}
	if err := v.await(ctx); err != nil {
		return err
	}
	after, err := v.during(ctx, f.measure)
	if err != nil {
		return err
	}
	if err := v.await(ctx); err != nil {
		return err
	}
	b.addOutage(before.and(after), with, v, dead.taken.Load())
	return nil
}

func (b *bench) addOutage(without, with followed, v *victim, connections int64) {
	const name = "del started to webhook arrived, other apps"
	b.report.addTimes("outage", name+", without", rig.NewSample(without.took), 50, 99)
	b.report.addTimes("outage", name+", with", rig.NewSample(with.took), 50, 99)
	b.report.addComparison("outage", "p99 with a dead app to p99 without one", inMilliseconds(with.p99()),
		inMilliseconds(without.p99()), isolation)
	b.report.add(figure{Run: "outage", Name: "attempts to reach the dead app", Value: float64(connections), Unit: "connections"})
	all := without.and(with)
	b.report.addLosses("outage", all.missing+max(0, v.made-int(v.taken.Load())), all.surplus+max(0, int(v.taken.Load())-v.made))
}

// victim is the app whose server dies. Its rooms have the same marks as those of the follower, but its webhooks go elsewhere.
type victim struct {
	b     *bench
	app   *rig.App
	rooms []string
	alive *url.URL
	made  int // events
	taken atomic.Int64
}

func (v *victim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return
	}
	v.taken.Add(1)
	rig.Accept(w)
}

func (v *victim) live(ctx context.Context) error {
	return v.app.Webhooks(ctx, v.alive, rig.DelMetadata)
}

// die sends the app's webhooks where nobody answers, and makes it have many.
func (v *victim) die(ctx context.Context, nowhere *url.URL) error {
	if err := v.app.Webhooks(ctx, nowhere, rig.DelMetadata); err != nil {
		return err
	}
	v.made += len(v.rooms) * rig.KeysPerRoom
	return rig.Each(ctx, v.b.callers, len(v.rooms), func(ctx context.Context, i int) error {
		return v.b.setAndDelete(ctx, v.app, v.rooms[i], marks(i, 0, rig.KeysPerRoom))
	})
}

// during lets the app have as many events as each of the others while something is measured.
func (v *victim) during(ctx context.Context, measure func(context.Context) (followed, error)) (followed, error) {
	measuring, stop := context.WithCancel(ctx)
	var failed error
	var busy sync.WaitGroup
	busy.Go(func() {
		every := time.Duration(v.b.apps-1) * time.Second / time.Duration(v.b.rate)
		for i := 0; failed == nil && rig.Pause(measuring, every) == nil; i++ {
			room := i % len(v.rooms)
			failed = v.b.setAndDelete(ctx, v.app, v.rooms[room], marks(room, 0, 1))
			v.made++
		}
	})
	got, err := measure(ctx)
	stop()
	busy.Wait()
	return got, errors.Join(err, failed)
}

// await returns when all of the app's webhooks have come, or when it is no use to wait any longer.
func (v *victim) await(ctx context.Context) error {
	return awaitCount(ctx, v.made, func() int { return int(v.taken.Load()) })
}

// deadEnd takes connections and never answers.
type deadEnd struct {
	listener net.Listener
	url      *url.URL
	taken    atomic.Int64
	done     sync.WaitGroup
}

func listenDead() (*deadEnd, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	d := &deadEnd{listener: l, url: &url.URL{Scheme: "http", Host: l.Addr().String(), Path: "/hook"}}
	d.done.Go(d.accept)
	return d, nil
}

func (d *deadEnd) accept() {
	for {
		c, err := d.listener.Accept()
		if err != nil {
			return // closed
		}
		d.taken.Add(1)
		go func() { // until the sender gives up, which its own limit sees to
			_, _ = io.Copy(io.Discard, c)
			_ = c.Close()
		}()
	}
}

func (d *deadEnd) close() {
	_ = d.listener.Close()
	d.done.Wait()
}
