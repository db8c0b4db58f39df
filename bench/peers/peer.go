package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/greenroom-live/greenroom/bench/rig"
)

// peer is one way to get events delivered.
type peer interface {
	// open begins to deliver to hook; what was taken before goes there too.
	open(ctx context.Context, hook *url.URL) error
	// prepare begins a measurement, in which the numbers of events start at 0 again. It does what can be done beforehand for
	// the first n events of each room.
	prepare(ctx context.Context, rooms, n int) error
	// publish returns when the peer has taken an event. Those of one room are published one after the other.
	publish(ctx context.Context, m rig.Mark) error
	// fill makes the peer have n events that it does not deliver yet, evenly over the rooms; errMemory when it cannot.
	fill(ctx context.Context, rooms, n int) error
	// close ends the delivery. The peer can be opened again unless it is in memory.
	close() error
}

// errMemory is why some peers have no backlog.
var errMemory = errors.New("it keeps events in memory, and not many")

// entry is a peer in the table.
type entry struct {
	word  string // of -only
	name  string
	notes string // how durable, how ordered
	make  func(ctx context.Context) (peer, error)
}

// body is what the receiver gets for an event, from all peers that send a given body.
func body(m rig.Mark) []byte { return rig.Body(roomID(m.Room), m) }

func roomID(i int) string { return fmt.Sprintf("bench_peers_%06d", i) }

// backlogMark is event i of a backlog that goes round the rooms.
func backlogMark(i, rooms int) rig.Mark { return rig.Mark{Room: i % rooms, Number: i / rooms} }
