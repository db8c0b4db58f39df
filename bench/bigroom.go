package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/greenroom-live/greenroom/bench/rig"
)

// isolation is by how much trouble elsewhere may raise a p99.
const isolation = 1.3

// oneBigRoom measures the latency of the webhooks of -rooms rooms without and with another room that has -bigroom undelivered
// events and whose first one the app server refuses with 500; then it lets that room go and checks its order. The two are
// measured in turn, because the machine may change its pace: without, with, without.
func (b *bench) oneBigRoom(ctx context.Context) (err error) {
	s, err := b.startServer(ctx, rig.ServerOptions{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop(err != nil)) }()
	rooms, err := b.roomsOf(ctx, s.App(), "bigroom", b.rooms+1)
	if err != nil {
		return err
	}
	f := &follower{b: b, place: func(room int) (*rig.App, string) { return s.App(), rooms[room] }}
	g := newGate(b.rooms, b.bigRoom, f)
	hooks, base, err := rig.Listen(g)
	if err != nil {
		return err
	}
	defer hooks.Close()
	if err := s.App().SetWebhooks(ctx, base.JoinPath("hook"), rig.DelMetadata); err != nil {
		return err
	}
	before, err := f.measure(ctx)
	if err != nil {
		return err
	}
	if err := b.fillRoom(ctx, s, rooms[b.rooms], g); err != nil {
		return err
	}
	with, err := f.measure(ctx)
	if err != nil {
		return err
	}
	b.say("the big room was refused %d times", g.refused.Load())
	during, err := b.emptyRoom(ctx, func() error {
		g.held.Store(false)
		return s.App().Webhooks(ctx, base.JoinPath("hook"), rig.DelMetadata)
	}, f, g)
	if err != nil {
		return err
	}
	after, err := f.measure(ctx)
	if err != nil {
		return err
	}
	b.addBigRoom(before.and(after), with, during, g)
	return nil
}

// fillRoom gives a room its undelivered events and starts the server anew, with the gate closed.
func (b *bench) fillRoom(ctx context.Context, s *rig.Server, room string, g *gate) error {
	g.held.Store(true)
	if err := b.setAndDelete(ctx, s.App(), room, marks(g.room, 0, 1)); err != nil {
		return err
	}
	err := b.restock(ctx, s, func(stock *stockroom) error { return stock.events([]string{room}, g.room, g.want) })
	if err != nil {
		return err
	}
	return s.Restart(ctx)
}

// emptyRoom opens the gate, and measures the others until the big room is empty.
func (b *bench) emptyRoom(ctx context.Context, open func() error, f *follower, g *gate) (followed, error) {
	if err := open(); err != nil {
		return followed{}, err
	}
	var during followed
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() (err error) { during, err = f.measure(ctx); return err })
	all.Go(func() error { return g.await(ctx) })
	return during, all.Wait()
}

func (b *bench) addBigRoom(without, with, during followed, g *gate) {
	const name = "del started to webhook arrived, other rooms"
	b.report.addTimes("bigroom", name+", without", rig.NewSample(without.took), 50, 99)
	b.report.addTimes("bigroom", name+", with", rig.NewSample(with.took), 50, 99)
	b.report.addComparison("bigroom", "p99 with the big room to p99 without it", inMilliseconds(with.p99()),
		inMilliseconds(without.p99()), isolation)
	b.report.addTimes("bigroom", name+", while it drains", rig.NewSample(during.took), 99)
	all := without.and(with).and(during)
	g.mu.Lock()
	defer g.mu.Unlock()
	b.report.add(figure{Run: "bigroom", Name: "webhooks of the big room, one at a time", Value: g.rate(), Unit: perSecond})
	b.report.addDisorder("bigroom", g.outOfOrder)
	b.report.addLosses("bigroom", all.missing+g.want-g.ledger.Len(), all.surplus+g.surplus)
}

// gate is an app server that refuses the webhooks of one room as long as it is held, and then takes them and sees that they
// come in order. The others go to the follower.
type gate struct {
	room    int
	want    int // webhooks of the room
	others  http.Handler
	held    atomic.Bool
	refused atomic.Int64

	mu          sync.Mutex
	ledger      *rig.Ledger
	outOfOrder  int
	surplus     int
	first, last time.Time
}

func newGate(room, want int, others http.Handler) *gate {
	return &gate{room: room, want: want, others: others, ledger: rig.NewLedger()}
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the sender has gone
	}
	mark, found := rig.FindMark(body)
	if !found || mark.Room != g.room {
		r.Body = io.NopCloser(bytes.NewReader(body))
		g.others.ServeHTTP(w, r)
		return
	}
	if g.held.Load() {
		g.refused.Add(1)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	g.take(mark, time.Now())
	rig.Accept(w)
}

func (g *gate) take(mark rig.Mark, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	fresh, late := g.ledger.Add(mark)
	if !fresh || mark.Number >= g.want {
		g.surplus++
	}
	if late {
		g.outOfOrder++
	}
	if g.first.IsZero() {
		g.first = now
	}
	g.last = now
}

// await returns when all webhooks of the room have come, or when it is no use to wait any longer.
func (g *gate) await(ctx context.Context) error {
	return awaitCount(ctx, g.want, func() int {
		g.mu.Lock()
		defer g.mu.Unlock()
		return g.ledger.Len()
	})
}

// rate is that of the room's webhooks. The caller holds mu.
func (g *gate) rate() float64 {
	took := g.last.Sub(g.first).Seconds()
	if took <= 0 {
		return 0
	}
	return float64(g.ledger.Len()) / took
}

// awaitCount returns when count has reached want, or when it has not changed for as long as the runs have patience.
func awaitCount(ctx context.Context, want int, count func() int) error {
	for last, progress := count(), time.Now(); last < want && time.Since(progress) < rig.Patience; {
		if err := rig.Pause(ctx, 20*time.Millisecond); err != nil {
			return err
		}
		if now := count(); now != last {
			last, progress = now, time.Now()
		}
	}
	return nil
}
