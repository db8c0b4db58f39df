package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/greenroom-live/greenroom/bench/rig"
)

// latency measures the time from the start of a del_room_metadata to the arrival of its webhook, at a fixed rate that does
// not wait for answers; before it, what a bare POST and what a write with its fsync take at that rate. The first of each warm
// up and are not counted.
func (b *bench) latency(ctx context.Context) error {
	post, err := b.bareLatency(ctx)
	if err != nil {
		return err
	}
	sync, err := b.syncLatency(ctx, filepath.Join(b.server.DataDir(), "bench-fsync"))
	if err != nil {
		return err
	}
	rooms, err := b.openRooms(ctx, "latency")
	if err != nil {
		return err
	}
	f := &follower{b: b, place: func(room int) (*rig.App, string) { return b.app(), rooms[room] }}
	hooks, base, err := rig.Listen(f)
	if err != nil {
		return err
	}
	defer hooks.Close()
	if err := b.webhooks(ctx, base.JoinPath("hook")); err != nil {
		return err
	}
	got, err := f.measure(ctx)
	if err != nil {
		return err
	}
	b.report.addLatency(rig.NewSample(got.took), rig.NewSample(got.late), post, sync)
	b.report.addLosses("latency", got.missing, got.surplus)
	return nil
}

// bareLatency measures POSTs from this process to a handler in this process, at the same rate as the deletions.
func (b *bench) bareLatency(ctx context.Context) (rig.Sample, error) {
	got := rig.NewArrivals(b.latencyKeys(), b.rooms)
	hooks, base, err := rig.Listen(got)
	if err != nil {
		return nil, err
	}
	defer hooks.Close()
	bodies := make([][]byte, b.latencyKeys())
	for i := range bodies {
		bodies[i] = rig.Body(roomID("latency", i%b.rooms), got.Mark(i))
	}
	hook := base.JoinPath("hook")
	started, _, err := rig.OpenLoop(ctx, got.Epoch, len(bodies), b.rate, func(ctx context.Context, i int) error {
		return b.poster.Post(ctx, hook, bodies[i])
	})
	if err != nil {
		return nil, err
	}
	return rig.NewSample(got.Since(started, b.during(warmUp))), nil
}

// What the fsync baseline writes: a KiB at a time, over and over in a file that is as large as the database's log becomes.
const (
	syncBytes = 1 << 10
	syncFile  = 16 << 20
)

// syncLatency measures one write with its fsync at a time, at the same rate as the deletions, in a new file that it removes.
func (b *bench) syncLatency(ctx context.Context, path string) (s rig.Sample, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close(); _ = os.Remove(path) }()
	if _, err := f.Write(make([]byte, syncFile)); err != nil {
		return nil, fmt.Errorf("prepare the file for fsync: %w", err)
	}
	if err := f.Sync(); err != nil {
		return nil, err
	}
	took := make([]time.Duration, b.latencyKeys())
	for i, begin, block := 0, time.Now(), make([]byte, syncBytes); i < len(took); i++ {
		due := time.Duration(i) * time.Second / time.Duration(b.rate)
		if err := rig.Pause(ctx, due-time.Since(begin)); err != nil {
			return nil, err
		}
		began := time.Now()
		if _, err := f.WriteAt(block, int64(i*syncBytes%syncFile)); err != nil {
			return nil, err
		}
		if err := f.Sync(); err != nil {
			return nil, err
		}
		took[i] = time.Since(began)
	}
	return rig.NewSample(took[b.during(warmUp):]), nil
}
