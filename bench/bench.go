package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/greenroom-live/greenroom/client"
)

// delMetadata is the only webhook that the runs switch on, except where they want none.
const delMetadata = "Live.CallbackAfterDelMetadata"

// bench is one run of the command.
type bench struct {
	options
	progress io.Writer
	report   *report
	receiver *receiverProcess
	server   *server
	poster   *poster
}

func (b *bench) run(ctx context.Context) (err error) {
	if b.receiver, err = startReceiver(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.receiver.stop()) }()
	b.poster = newPoster(b.callers)
	defer b.poster.close()

	if b.needsServer() {
		b.say("starting greenroom")
		if b.server, err = startServer(ctx, b.options); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, b.server.stop(err != nil)) }()
		b.say("greenroom serves %s as process %d", b.server.base, b.server.pid())
		if err := b.server.api.SetCallback(ctx, client.Callback{URL: b.receiver.hook.String()}); err != nil {
			return err
		}
	}
	return b.measureAll(ctx)
}

func (b *bench) measureAll(ctx context.Context) error {
	type run struct {
		name string
		do   func(context.Context) error
	}
	runs := []run{
		{"ceiling", b.ceiling}, {"rest", b.rest}, {"pairs", b.pairs}, {"latency", b.latency}, {"drain", b.drain},
	}
	if b.needsServer() { // the machine may have become slower meanwhile
		runs = append(runs, run{"ceiling", b.ceiling})
	}
	for _, r := range runs {
		if !b.does(r.name) {
			continue
		}
		b.say("measuring %s", r.name)
		if err := r.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
	}
	return nil
}

func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(b.progress, "bench: "+format+"\n", args...)
}

// webhooks sends those of the commands to hook from now on.
func (b *bench) webhooks(ctx context.Context, hook *url.URL, commands ...string) error {
	return b.server.api.UpdateCallback(ctx, client.Callback{URL: hook.String(), Commands: commands})
}

// openRooms creates the rooms of a run and returns their ids. No two runs share a room.
func (b *bench) openRooms(ctx context.Context, run string) ([]string, error) {
	ids := make([]string, b.rooms)
	for i := range ids {
		ids[i] = roomID(run, i)
	}
	return ids, b.eachRoom(ctx, func(ctx context.Context, room int) error {
		_, err := b.server.api.CreateRoom(ctx, client.RoomInfo{RoomID: ids[room], SeatTemplate: "VideoDynamicGrid9Seats"})
		return err
	})
}

func roomID(run string, i int) string { return fmt.Sprintf("bench_%s_%06d", run, i) }

func metadataKey(i int) string { return fmt.Sprintf("metadata_key_%d", i) }

// eachRoom does one thing in every room. A room belongs to one caller, who does its rooms one after the other.
func (b *bench) eachRoom(ctx context.Context, do func(ctx context.Context, room int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	for caller := range b.callers {
		g.Go(func() error {
			for room := caller; room < b.rooms; room += b.callers {
				if err := do(ctx, room); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// call is a REST call made ready.
type call struct {
	url  *url.URL
	body []byte
}

func (b *bench) do(ctx context.Context, c call) error { return b.poster.post(ctx, c.url, c.body) }

func (b *bench) getAll(room string) call {
	return call{b.server.url("get_room_metadata"), fmt.Appendf(nil, `{"RoomId":%q,"Keys":[]}`, room)}
}

// set writes the first n keys of a room.
func (b *bench) set(room string, n int) call {
	pairs := make([]string, n)
	for i := range pairs {
		pairs[i] = fmt.Sprintf(`{"Key":%q,"Value":"a value of some length"}`, metadataKey(i))
	}
	return call{b.server.url("set_room_metadata"), fmt.Appendf(nil, `{"RoomId":%q,"Metadata":[%s]}`, room, strings.Join(pairs, ","))}
}

func (b *bench) del(room string, key int) call {
	return call{b.server.url("del_room_metadata"), fmt.Appendf(nil, `{"RoomId":%q,"Keys":[%q]}`, room, metadataKey(key))}
}

// pause waits for d or until the run is over.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
