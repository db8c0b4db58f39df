package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/greenroom-live/greenroom/bench/rig"
)

// greenroom is the real server. An event is a deletion of a room's metadata, called over HTTP, committed with its webhook before
// the call is answered. The keys are written ten at a time, which is part of publishing unless it was prepared.
type greenroom struct {
	server   *rig.Server
	poster   *rig.Poster
	receiver *rig.Receiver
	callers  int
	phase    int // each measurement has rooms of its own, because the last one leaves keys
	prepared int // events of each room whose keys are written
	opened   bool
}

func startGreenroom(ctx context.Context, o options, receiver *rig.Receiver) (*greenroom, error) {
	s, err := rig.StartServer(ctx, rig.ServerOptions{Binary: o.greenroom, Dir: o.dir})
	if err != nil {
		return nil, err
	}
	return &greenroom{server: s, poster: rig.NewPoster(o.callers), receiver: receiver, callers: o.callers}, nil
}

func (g *greenroom) open(ctx context.Context, hook *url.URL) error {
	set := g.server.App().Webhooks
	if !g.opened {
		set = g.server.App().SetWebhooks
	}
	g.opened = true
	return set(ctx, hook, rig.DelMetadata)
}

func (g *greenroom) prepare(ctx context.Context, rooms, n int) error {
	g.phase++
	g.prepared = min(n, rig.KeysPerRoom)
	return rig.Each(ctx, g.callers, rooms, func(ctx context.Context, room int) error {
		if err := g.server.App().CreateRoom(ctx, g.room(room)); err != nil || g.prepared == 0 {
			return err
		}
		return g.writeKeys(ctx, rig.Mark{Room: room}, g.prepared)
	})
}

func (g *greenroom) room(i int) string { return fmt.Sprintf("%s_%d", roomID(i), g.phase) }

// writeKeys writes n keys from that of m on.
func (g *greenroom) writeKeys(ctx context.Context, m rig.Mark, n int) error {
	keys := make([]rig.Mark, n)
	for i := range keys {
		keys[i] = rig.Mark{Room: m.Room, Number: m.Number + i}
	}
	return g.poster.Do(ctx, g.server.App().Set(g.room(m.Room), keys...))
}

func (g *greenroom) publish(ctx context.Context, m rig.Mark) error {
	if m.Number >= g.prepared && m.Number%rig.KeysPerRoom == 0 {
		if err := g.writeKeys(ctx, m, rig.KeysPerRoom); err != nil {
			return err
		}
	}
	return g.poster.Do(ctx, g.server.App().Del(g.room(m.Room), m))
}

// fill publishes while the receiver answers 503; open then makes the server try again at once.
func (g *greenroom) fill(ctx context.Context, rooms, n int) error {
	if err := g.receiver.Answer(ctx, http.StatusServiceUnavailable); err != nil {
		return err
	}
	if err := g.prepare(ctx, rooms, 0); err != nil {
		return err
	}
	if err := g.open(ctx, g.receiver.Marked); err != nil {
		return err
	}
	err := rig.Each(ctx, g.callers, rooms, func(ctx context.Context, room int) error {
		for i := room; i < n; i += rooms {
			if err := g.publish(ctx, backlogMark(i, rooms)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return g.receiver.Reset(ctx)
}

func (g *greenroom) close() error {
	g.poster.Close()
	return g.server.Stop(false)
}
