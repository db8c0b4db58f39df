package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/greenroom-live/greenroom/bench/rig"
)

// What is published in an outage of the receiver: ten events in each room, as many as a notifier in memory easily keeps.
const (
	outageRooms  = 100
	outageEvents = outageRooms * 10
)

// slow is how long the receiver takes for an answer while events are published, until what delivers them is killed.
const slow = time.Second

// losses measures what the peers lose. They do that at the same time, each with a receiver of its own: this is not about speed.
func (c *comparison) losses(ctx context.Context) error {
	c.say("measuring what is lost; that takes up to %v", c.outage+c.patience+time.Minute)
	type lossy struct {
		word   string
		outage func(ctx context.Context, r *rig.Receiver) (peer, error)
		kill   func(ctx context.Context, r *rig.Receiver) (loss, error)
	}
	all, ctx := errgroup.WithContext(ctx)
	outages, kills := make(map[string]*loss), make(map[string]*loss)
	for _, l := range []lossy{
		{"greenroom", func(ctx context.Context, r *rig.Receiver) (peer, error) { return startGreenroom(ctx, c.options, r) }, c.killGreenroom},
		{"river", func(ctx context.Context, _ *rig.Receiver) (peer, error) {
			return startRiver(ctx, c.dsn, "peers_outage", c.callers, c.river)
		}, c.killRiver},
		{"livekit", func(context.Context, *rig.Receiver) (peer, error) { return newLivekit(0), nil }, c.killLivekit},
	} {
		if !c.does(l.word) {
			continue
		}
		outage, kill := new(loss), new(loss)
		outages[l.word], kills[l.word] = outage, kill
		all.Go(func() error { return named(l.word+" in an outage", c.inOutage(ctx, outage, l.outage)) })
		all.Go(func() error { return named(l.word+" killed", withReceiver(ctx, kill, l.kill)) })
	}
	if err := all.Wait(); err != nil {
		return err
	}
	for word := range outages {
		c.table.addLosses(word, outages[word], kills[word])
	}
	return nil
}

func named(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

// withReceiver runs a measurement with a receiver of its own.
func withReceiver(ctx context.Context, into *loss, measure func(context.Context, *rig.Receiver) (loss, error)) error {
	r, err := rig.StartReceiver()
	if err != nil {
		return err
	}
	*into, err = measure(ctx, r)
	return errors.Join(err, r.Stop())
}

// inOutage publishes while the receiver answers 500, lets it recover after -outage, and waits for what comes.
func (c *comparison) inOutage(ctx context.Context, into *loss, start func(context.Context, *rig.Receiver) (peer, error)) error {
	return withReceiver(ctx, into, func(ctx context.Context, r *rig.Receiver) (l loss, err error) {
		p, err := start(ctx, r)
		if err != nil {
			return l, err
		}
		defer func() { err = errors.Join(err, p.close()) }()
		if err := r.Answer(ctx, http.StatusInternalServerError); err != nil {
			return l, err
		}
		if err := errors.Join(p.open(ctx, r.Marked), p.prepare(ctx, outageRooms, 0)); err != nil {
			return l, err
		}
		down := time.Now()
		if err := c.publishAll(ctx, p); err != nil {
			return l, err
		}
		if err := rig.Pause(ctx, c.outage-time.Since(down)); err != nil {
			return l, err
		}
		if err := r.Reset(ctx); err != nil {
			return l, err
		}
		got, err := r.Await(ctx, outageEvents, c.patience)
		return loss{outageEvents, got.Missing(outageEvents)}, err
	})
}

// publishAll publishes the events of an outage.
func (c *comparison) publishAll(ctx context.Context, p peer) error {
	return rig.Each(ctx, c.callers, outageRooms, func(ctx context.Context, room int) error {
		for i := room; i < outageEvents; i += outageRooms {
			if err := p.publish(ctx, backlogMark(i, outageRooms)); err != nil {
				return err
			}
		}
		return nil
	})
}

// killed publishes while the receiver is slow, kills what delivers, starts it again and waits for what comes from a receiver
// that is as fast as ever.
func killed(ctx context.Context, r *rig.Receiver, publish, kill, restart func(context.Context) error) (l loss, err error) {
	if err := r.Slow(ctx, slow); err != nil {
		return l, err
	}
	if err := publish(ctx); err != nil {
		return l, err
	}
	if err := rig.Pause(ctx, slow/2); err != nil {
		return l, err
	}
	if err := errors.Join(kill(ctx), r.Slow(ctx, 0), restart(ctx)); err != nil {
		return l, err
	}
	got, err := r.Await(ctx, outageEvents, rig.Patience)
	return loss{outageEvents, got.Missing(outageEvents)}, err
}

// killGreenroom kills the server and starts it again.
func (c *comparison) killGreenroom(ctx context.Context, r *rig.Receiver) (l loss, err error) {
	g, err := startGreenroom(ctx, c.options, r)
	if err != nil {
		return l, err
	}
	defer func() { err = errors.Join(err, g.close()) }()
	if err := errors.Join(g.open(ctx, r.Marked), g.prepare(ctx, outageRooms, 0)); err != nil {
		return l, err
	}
	publish := func(ctx context.Context) error { return c.publishAll(ctx, g) }
	return killed(ctx, r, publish, func(context.Context) error { return g.server.Kill() }, g.server.Restart)
}

// killRiver kills the process of the workers and starts another. The jobs are inserted by this process.
func (c *comparison) killRiver(ctx context.Context, r *rig.Receiver) (l loss, err error) {
	const database = "peers_kill"
	p, err := startRiver(ctx, c.dsn, database, c.callers, c.river)
	if err != nil {
		return l, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	var workers *victim
	start := func(context.Context) (err error) {
		workers, err = startVictim("river", r.Marked.String(), c.dsn, database, c.river)
		return err
	}
	defer func() { workers.kill() }()
	kill := func(context.Context) error { workers.kill(); return nil }
	publish := func(ctx context.Context) error { return c.publishAll(ctx, p) }
	if err := start(ctx); err != nil {
		return l, err
	}
	return killed(ctx, r, publish, kill, start)
}

// killLivekit kills the process that publishes and delivers. It has nothing to go on with.
func (c *comparison) killLivekit(ctx context.Context, r *rig.Receiver) (l loss, err error) {
	var notifier *victim
	publish := func(context.Context) (err error) {
		notifier, err = startVictim("livekit", r.Marked.String(), "", "", c.river)
		return err
	}
	defer func() { notifier.kill() }()
	kill := func(context.Context) error { notifier.kill(); return nil }
	return killed(ctx, r, publish, kill, func(context.Context) error { return nil })
}
