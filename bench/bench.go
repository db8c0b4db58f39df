package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"

	"github.com/greenroom-live/greenroom/bench/rig"
)

// bench is one run of the command.
type bench struct {
	options
	progress io.Writer
	report   *report
	folder   string // of everything that is written; removed at the end
	receiver *rig.Receiver
	server   *rig.Server // of the runs that share one
	poster   *rig.Poster
}

func (b *bench) run(ctx context.Context) (err error) {
	if b.folder, err = os.MkdirTemp(b.dir, "greenroom-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.folder)) }()
	if b.receiver, err = rig.StartReceiver(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.receiver.Stop()) }()
	b.poster = rig.NewPoster(b.callers)
	defer b.poster.Close()

	if b.needsServer() && b.greenroom == "" {
		b.say("building greenroom")
		if b.greenroom, err = rig.Build(ctx, b.folder); err != nil {
			return err
		}
	}
	return b.measureAll(ctx)
}

// measureAll does the runs that were asked for, in the order of allRuns. The ceiling is measured again at the end: the machine
// may have become slower meanwhile.
func (b *bench) measureAll(ctx context.Context) error {
	if b.does("ceiling") {
		if err := b.measure(ctx, "ceiling", b.ceiling); err != nil {
			return err
		}
	}
	if err := b.measureShared(ctx); err != nil {
		return err
	}
	for _, r := range []run{{"outage", b.outage}, {"bigroom", b.oneBigRoom}, {"start", b.startUp}, {"flat", b.flat}, {"nodes", b.nodes}, {"clients", b.clients}} {
		if !b.does(r.name) {
			continue
		}
		if err := b.measure(ctx, r.name, r.do); err != nil {
			return err
		}
	}
	if b.does("ceiling") && b.needsServer() {
		return b.measure(ctx, "ceiling", b.ceiling)
	}
	return nil
}

type run struct {
	name string
	do   func(context.Context) error
}

// measureShared does the runs that are done on one server, one after the other.
func (b *bench) measureShared(ctx context.Context) (err error) {
	var runs []run
	for _, r := range []run{{"rest", b.rest}, {"pairs", b.pairs}, {"crowd", b.crowd}, {"latency", b.latency}, {"drain", b.drain}} {
		if b.does(r.name) {
			runs = append(runs, r)
		}
	}
	if len(runs) == 0 {
		return nil
	}
	if b.server, err = b.startServer(ctx, rig.ServerOptions{}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.server.Stop(err != nil)) }()
	if err := b.app().SetWebhooks(ctx, b.receiver.Hook); err != nil {
		return err
	}
	for _, r := range runs {
		if err := b.measure(ctx, r.name, r.do); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) measure(ctx context.Context, name string, do func(context.Context) error) error {
	b.say("measuring %s", name)
	if err := do(ctx); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// startServer starts a server with a new folder.
func (b *bench) startServer(ctx context.Context, o rig.ServerOptions) (*rig.Server, error) {
	o.Binary, o.Dir = b.greenroom, b.folder
	s, err := rig.StartServer(ctx, o)
	if err != nil {
		return nil, err
	}
	b.say("greenroom serves %s as process %d", s.Base(), s.PID())
	return s, nil
}

func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(b.progress, "bench: "+format+"\n", args...)
}

// app is that of the shared server.
func (b *bench) app() *rig.App { return b.server.App() }

// webhooks sends those of deletions to hook from now on.
func (b *bench) webhooks(ctx context.Context, hook *url.URL) error {
	return b.app().Webhooks(ctx, hook, rig.DelMetadata)
}

// openRooms creates the rooms of a run on the shared server and returns their ids. No two runs share a room.
func (b *bench) openRooms(ctx context.Context, run string) ([]string, error) {
	return b.roomsOf(ctx, b.app(), run, b.rooms)
}

// roomsOf creates n rooms of an app and returns their ids. The marks of their events have the place in that list as the room.
func (b *bench) roomsOf(ctx context.Context, app *rig.App, run string, n int) ([]string, error) {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = roomID(run, i)
	}
	return ids, rig.Each(ctx, b.callers, n, func(ctx context.Context, room int) error { return app.CreateRoom(ctx, ids[room]) })
}

func roomID(run string, i int) string { return fmt.Sprintf("bench_%s_%06d", run, i) }

// marks are n events of a room in a row.
func marks(room, from, n int) []rig.Mark {
	all := make([]rig.Mark, n)
	for i := range all {
		all[i] = rig.Mark{Room: room, Number: from + i}
	}
	return all
}
