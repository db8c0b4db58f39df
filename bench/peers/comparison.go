package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/greenroom-live/greenroom/bench/rig"
)

// comparison is one run of the command.
type comparison struct {
	options
	progress io.Writer
	table    *table
	folder   string // of everything that is written; removed at the end
	receiver *rig.Receiver
	poster   *rig.Poster
}

func (c *comparison) run(ctx context.Context) (err error) {
	if c.folder, err = os.MkdirTemp(c.dir, "greenroom-peers-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(c.folder)) }()
	c.dir = c.folder
	if c.receiver, err = rig.StartReceiver(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.receiver.Stop()) }()
	c.poster = rig.NewPoster(c.callers)
	defer c.poster.Close()
	if c.greenroom == "" && c.does("greenroom") {
		c.say("building greenroom")
		if c.greenroom, err = rig.Build(ctx, c.folder); err != nil {
			return err
		}
	}
	return c.measureAll(ctx)
}

func (c *comparison) measureAll(ctx context.Context) error {
	if err := c.ceiling(ctx); err != nil {
		return err
	}
	entries := c.entries()
	for _, e := range entries {
		if err := c.measure(ctx, e); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
	}
	if err := c.ceiling(ctx); err != nil { // the machine may have become slower meanwhile
		return err
	}
	if c.outage == 0 {
		return nil
	}
	return c.losses(ctx)
}

func (c *comparison) say(format string, args ...any) {
	fmt.Fprintf(c.progress, "peers: "+format+"\n", args...)
}

// entries are the peers that were asked for.
func (c *comparison) entries() []entry {
	tuned := fmt.Sprintf("River on PostgreSQL, tuned: %d workers, fetches every %v", c.river.workers, c.river.cooldown)
	all := []entry{
		{"greenroom", "Greenroom", "fsync before the call is answered", func(ctx context.Context) (peer, error) {
			return startGreenroom(ctx, c.options, c.receiver)
		}},
		{"river-default", "River on PostgreSQL, defaults", "fsync before the call is answered", func(ctx context.Context) (peer, error) {
			return startRiver(ctx, c.dsn, "peers_default", c.callers, riverDefaults)
		}},
		{"river", tuned, "fsync before the call is answered", func(ctx context.Context) (peer, error) {
			return startRiver(ctx, c.dsn, "peers_tuned", c.callers, c.river)
		}},
		{"livekit", "LiveKit's notifier", "in memory", func(context.Context) (peer, error) {
			return newLivekit(livekitWindow), nil
		}},
		{"sqlite", "bare SQLite loop", "fsync; no API, signature or retry", func(context.Context) (peer, error) {
			return newSQLiteLoop(c.folder, c.callers), nil
		}},
	}
	var wanted []entry
	for _, e := range all {
		if c.does(e.word) {
			wanted = append(wanted, e)
		}
	}
	return wanted
}

// ceiling measures bare POSTs from this process to the receiver, and their latency at -rate.
func (c *comparison) ceiling(ctx context.Context) error {
	c.say("measuring the ceiling")
	event := body(rig.Mark{})
	post := func(ctx context.Context, _, _ int) error { return c.poster.Post(ctx, c.receiver.Hook, event) }
	if _, err := rig.ClosedLoop(ctx, c.callers, warmUp, post); err != nil {
		return err
	}
	t, err := rig.ClosedLoop(ctx, c.callers, c.duration, post)
	if err != nil {
		return err
	}
	took, err := c.latencyOf(ctx, &bare{poster: c.poster})
	if err != nil {
		return err
	}
	c.table.addCeiling(t.PerSecond(t.Count(), t.End), took)
	return nil
}

// measure measures one peer.
func (c *comparison) measure(ctx context.Context, e entry) (err error) {
	c.say("measuring %s", e.name)
	p, err := e.make(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	r := result{entry: e}
	for _, measure := range []func(context.Context, peer, *result) error{c.rateOf, c.latencyInto, c.drainOf, c.orderOf} {
		if err := measure(ctx, p, &r); err != nil {
			return err
		}
	}
	c.table.add(r)
	return nil
}

// rateOf lets callers publish as fast as the peer takes events, until all are delivered. Counted is from the first call to the
// last arrival.
func (c *comparison) rateOf(ctx context.Context, p peer, r *result) error {
	if err := c.receiver.Reset(ctx); err != nil {
		return err
	}
	if err := p.open(ctx, c.receiver.Marked); err != nil {
		return err
	}
	if err := p.prepare(ctx, c.rooms, 0); err != nil {
		return err
	}
	published := make([]int, c.callers) // by each, the warm-up included
	publish := func(ctx context.Context, caller, _ int) error {
		m := rig.PlaceMark(caller, published[caller], c.callers, c.rooms)
		published[caller]++
		return p.publish(ctx, m)
	}
	warm, err := rig.ClosedLoop(ctx, c.callers, warmUp, publish)
	if err != nil {
		return err
	}
	if _, err := c.receiver.Await(ctx, warm.Count(), rig.Patience); err != nil {
		return err
	}
	if err := c.receiver.Reset(ctx); err != nil {
		return err
	}
	t, err := rig.ClosedLoop(ctx, c.callers, c.duration, publish)
	if err != nil {
		return err
	}
	got, err := c.receiver.Await(ctx, t.Count(), rig.Patience)
	if err != nil {
		return err
	}
	r.rate = t.PerSecond(got.Distinct, got.LastAt())
	r.note(got, t.Count())
	return nil
}

// drainOf measures how fast a backlog goes out, from its first arrival to its last, of peers that can have one.
func (c *comparison) drainOf(ctx context.Context, p peer, r *result) error {
	got, err := c.backlogOf(ctx, p, c.rooms, c.backlog)
	if errors.Is(err, errMemory) {
		return nil
	}
	r.drain = got.Rate()
	r.note(got, c.backlog)
	return err
}

// backlogOf lets events wait, and then go out.
func (c *comparison) backlogOf(ctx context.Context, p peer, rooms, n int) (rig.Counts, error) {
	if err := c.receiver.Reset(ctx); err != nil {
		return rig.Counts{}, err
	}
	if err := p.fill(ctx, rooms, n); err != nil {
		return rig.Counts{}, err
	}
	if err := p.open(ctx, c.receiver.Marked); err != nil {
		return rig.Counts{}, err
	}
	return c.receiver.Await(ctx, n, rig.Patience)
}

// What waits in one room where the order is looked at; less for peers in memory, which would drop it.
const (
	orderEvents  = 1000
	memoryEvents = 100
)

// orderOf looks at the order in which the waiting events of one room go out.
func (c *comparison) orderOf(ctx context.Context, p peer, r *result) error {
	r.ordered = orderEvents
	got, err := c.backlogOf(ctx, p, 1, r.ordered)
	if errors.Is(err, errMemory) {
		r.ordered = memoryEvents
		got, err = c.burst(ctx, p, r.ordered)
	}
	r.outOfOrder = got.OutOfOrder
	r.note(got, r.ordered)
	return err
}

// burst publishes in one room, one event after the other.
func (c *comparison) burst(ctx context.Context, p peer, n int) (rig.Counts, error) {
	if err := p.open(ctx, c.receiver.Marked); err != nil {
		return rig.Counts{}, err
	}
	for i := range n {
		if err := p.publish(ctx, rig.Mark{Number: i}); err != nil {
			return rig.Counts{}, err
		}
	}
	return c.receiver.Await(ctx, n, rig.Patience)
}

func (c *comparison) latencyInto(ctx context.Context, p peer, r *result) (err error) {
	r.latency, err = c.latencyOf(ctx, p)
	return err
}

// latencyOf publishes at -rate and takes the events in this process.
func (c *comparison) latencyOf(ctx context.Context, p peer) (rig.Sample, error) {
	n := c.latencyEvents()
	got := rig.NewArrivals(n, c.rooms)
	hooks, base, err := rig.Listen(got)
	if err != nil {
		return nil, err
	}
	defer hooks.Close()
	if err := p.open(ctx, base.JoinPath("hook")); err != nil {
		return nil, err
	}
	if err := p.prepare(ctx, c.rooms, (n+c.rooms-1)/c.rooms); err != nil {
		return nil, err
	}
	started, _, err := rig.OpenLoop(ctx, got.Epoch, n, c.rate, func(ctx context.Context, i int) error {
		return p.publish(ctx, got.Mark(i))
	})
	if err != nil {
		return nil, err
	}
	if err := got.Await(ctx); err != nil {
		return nil, err
	}
	return rig.NewSample(got.Since(started, c.during(warmUp))), nil
}
