package main

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"
	"golang.org/x/sync/errgroup"
)

// latency measures the time from the start of a del_room_metadata to the arrival of its webhook, at a fixed rate that does
// not wait for answers. All keys are written before, so that the timed part is deletions only, and deletions that follow each
// other are in different rooms. The first ones warm up and are not counted.
func (b *bench) latency(ctx context.Context) error {
	dels, err := b.deletionsReady(ctx, b.latencyKeys())
	if err != nil {
		return err
	}
	got := newArrivals(len(dels), b.rooms)
	hooks, base, err := listen(got)
	if err != nil {
		return err
	}
	defer hooks.Close()
	if err := b.webhooks(ctx, base.JoinPath("hook"), delMetadata); err != nil {
		return err
	}
	started, late, err := b.openLoop(ctx, got.epoch, dels)
	if err != nil {
		return err
	}
	if err := got.await(ctx); err != nil {
		return err
	}
	first := b.during(warmUp)
	b.report.addLatency(newSample(got.since(started, first)), newSample(late[first:]))
	b.report.addLosses("latency", got.missing(), int(got.surplus.Load()))
	return nil
}

// deletionsReady writes n keys, evenly over the rooms, and returns the calls that delete them.
func (b *bench) deletionsReady(ctx context.Context, n int) ([]call, error) {
	rooms, err := b.openRooms(ctx, "latency")
	if err != nil {
		return nil, err
	}
	perRoom := (n + len(rooms) - 1) / len(rooms)
	err = b.eachRoom(ctx, func(ctx context.Context, room int) error { return b.do(ctx, b.set(rooms[room], perRoom)) })
	if err != nil {
		return nil, err
	}
	dels := make([]call, n)
	for i := range dels {
		dels[i] = b.del(rooms[i%len(rooms)], i/len(rooms))
	}
	return dels, nil
}

// openLoop starts the calls at -rate and returns when each began, counted from epoch, and by how much that was late.
func (b *bench) openLoop(ctx context.Context, epoch time.Time, calls []call) (started, late []time.Duration, err error) {
	started, late = make([]time.Duration, len(calls)), make([]time.Duration, len(calls))
	g, running := errgroup.WithContext(ctx)
	begin := time.Now()
	for i, c := range calls {
		due := time.Duration(i) * time.Second / time.Duration(b.rate)
		if pause(running, due-time.Since(begin)) != nil {
			break // a call failed, which Wait returns, or the run was interrupted
		}
		g.Go(func() error {
			now := time.Now()
			started[i], late[i] = now.Sub(epoch), now.Sub(begin)-due
			return b.do(running, c)
		})
	}
	if err := g.Wait(); err != nil {
		return nil, nil, err
	}
	return started, late, ctx.Err()
}

// arrivals takes webhooks and remembers when each came first. Webhook i is of room i%rooms and key i/rooms.
type arrivals struct {
	epoch   time.Time
	rooms   int
	at      []atomic.Int64 // nanoseconds from epoch; 0 when it did not come
	left    atomic.Int64
	surplus atomic.Int64 // came again, or were not expected at all
	all     chan struct{}
}

func newArrivals(n, rooms int) *arrivals {
	a := &arrivals{epoch: time.Now(), rooms: rooms, at: make([]atomic.Int64, n), all: make(chan struct{})}
	a.left.Store(int64(n))
	return a
}

func (a *arrivals) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	now := time.Since(a.epoch)
	if err != nil {
		return // the sender has gone
	}
	a.record(body, now)
	accept(w)
}

func (a *arrivals) record(body []byte, at time.Duration) {
	i, ok := a.index(body)
	if !ok || !a.at[i].CompareAndSwap(0, int64(at)) {
		a.surplus.Add(1)
		return
	}
	if a.left.Add(-1) == 0 {
		close(a.all)
	}
}

func (a *arrivals) index(body []byte) (int, bool) {
	var event struct {
		RoomID string `json:"RoomId"`
		Keys   []string
	}
	if err := json.Unmarshal(body, &event); err != nil || len(event.Keys) != 1 {
		return 0, false
	}
	room, noRoom := numberAfterLast(event.RoomID)
	key, noKey := numberAfterLast(event.Keys[0])
	i := key*a.rooms + room
	return i, noRoom == nil && noKey == nil && room >= 0 && room < a.rooms && i >= 0 && i < len(a.at)
}

func numberAfterLast(name string) (int, error) {
	return strconv.Atoi(name[strings.LastIndexByte(name, '_')+1:])
}

// await returns when all have come and had a moment to come twice, or when it is no use to wait any longer.
func (a *arrivals) await(ctx context.Context) error {
	enough, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case <-a.all:
		return pause(ctx, settling)
	case <-enough.Done():
		return ctx.Err()
	}
}

func (a *arrivals) missing() int { return int(a.left.Load()) }

// since returns for those from number first on how long after its start each came.
func (a *arrivals) since(started []time.Duration, first int) []time.Duration {
	var took []time.Duration
	for i := first; i < len(a.at); i++ {
		if at := a.at[i].Load(); at != 0 {
			took = append(took, time.Duration(at)-started[i])
		}
	}
	return took
}
