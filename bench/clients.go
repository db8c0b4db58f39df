package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/centrifugal/centrifuge-go"

	"github.com/greenroom-live/greenroom/bench/rig"
)

const (
	// audience is how many clients are in each room of the clients run.
	audience = 20
	// announcers is how many callers change the rooms.
	announcers = 16
)

// clients measures what connections of app users cost one node on PostgreSQL and Redis: memory for each, and CPU for each change
// of a room that reaches those in it.
func (b *bench) clients(ctx context.Context) (err error) {
	f, remove, err := b.startFleet(ctx, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove(err != nil)) }()
	node := f.nodes[0]
	rooms, err := b.roomsOf(ctx, node.App(), "clients", max(1, b.connections/audience))
	if err != nil {
		return err
	}
	before, err := rig.PeakMemory(node.PID())
	if err != nil {
		return err
	}
	var told atomic.Int64
	leave, err := b.connectClients(ctx, node, rooms, &told)
	defer leave()
	if err != nil {
		return err
	}
	after, err := rig.PeakMemory(node.PID())
	if err != nil {
		return err
	}
	b.report.add(figure{Run: "clients", Name: "connections", Value: float64(len(rooms) * audience)})
	b.report.add(figure{Run: "clients", Name: "peak memory of the node for a connection in a room",
		Value: float64(after-before) / float64(len(rooms)*audience) / 1024, Unit: "KiB"})
	return b.measureAnnouncements(ctx, node, rooms, &told)
}

// connectClients has clients join the rooms, and returns what disconnects them.
func (b *bench) connectClients(ctx context.Context, node *rig.Server, rooms []string, told *atomic.Int64) (leave func(), err error) {
	all := make([]*centrifuge.Client, len(rooms)*audience)
	leave = func() {
		for _, c := range all {
			if c != nil {
				c.Close()
			}
		}
	}
	socket := (&url.URL{Scheme: "ws", Host: node.Base().Host, Path: "/connection/websocket"}).String()
	return leave, rig.Each(ctx, announcers, len(all), func(ctx context.Context, i int) error {
		app, user := node.App(), fmt.Sprintf("client_%06d", i)
		c := centrifuge.NewJsonClient(socket, centrifuge.Config{
			Token: app.UserSig(user), Data: fmt.Appendf(nil, `{"sdkAppID":%d,"userID":%q,"platform":"Web"}`, app.ID, user),
		})
		all[i] = c
		c.OnPublication(func(centrifuge.ServerPublicationEvent) { told.Add(1) })
		if err := c.Connect(); err != nil {
			return fmt.Errorf("connect a client: %w", err)
		}
		_, err := c.RPC(ctx, "live.joinLive", fmt.Appendf(nil, `{"liveID":%q}`, rooms[i/audience]))
		if err != nil {
			return fmt.Errorf("join a room: %w", err)
		}
		return nil
	})
}

// measureAnnouncements changes the rooms one after the other, as fast as it goes.
func (b *bench) measureAnnouncements(ctx context.Context, node *rig.Server, rooms []string, told *atomic.Int64) error {
	set := make([]rig.Call, len(rooms))
	for i, room := range rooms {
		set[i] = node.App().Set(room, rig.Mark{Room: i})
	}
	turn := func(ctx context.Context, caller, turn int) error {
		return b.poster.Do(ctx, set[rig.Place(caller, turn, announcers, len(set))])
	}
	if _, err := rig.ClosedLoop(ctx, announcers, warmUp, turn); err != nil {
		return err
	}
	cpu, err := rig.CPUTime(node.PID())
	if err != nil {
		return err
	}
	first := told.Load()
	t, err := rig.ClosedLoop(ctx, announcers, b.duration, turn)
	if err != nil {
		return err
	}
	if err := rig.Pause(ctx, 200*time.Millisecond); err != nil {
		return err
	}
	reached := told.Load() - first
	after, err := rig.CPUTime(node.PID())
	if err != nil {
		return err
	}
	b.report.add(figure{Run: "clients", Name: fmt.Sprintf("changes of rooms with %d clients in each", audience),
		Value: t.PerSecond(t.Count(), t.End), Unit: perSecond})
	b.report.add(figure{Run: "clients", Name: "messages to clients", Value: t.PerSecond(int(reached), t.End), Unit: perSecond})
	b.report.add(figure{Run: "clients", Name: "CPU of the node for a message to a client, with its share of the change",
		Value: inMicroseconds(after-cpu) / float64(max(1, reached)), Unit: microseconds})
	return nil
}
