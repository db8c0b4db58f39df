package gateway

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
)

// When all rooms are to be read again, their clients come back over resyncSteps times resyncStep.
const (
	resyncSteps = 60
	resyncStep  = 50 * time.Millisecond
)

// begin takes part in a generation. When it is not the one that was known, all clients here read their rooms again.
func (g *Gateway) begin(ctx context.Context, generation string) {
	before := g.relay.present()
	if before == generation {
		return
	}
	if before == "" || !g.link.isUp() { // nobody is there
		g.relay.turn(generation, nil)
		return
	}
	rooms := g.presence.occupied()
	channels := make([]string, len(rooms))
	for i, at := range rooms {
		channels[i] = channelOf(at.app, at.room)
	}
	g.relay.turn(generation, channels)
	g.log.Warn("events may have been lost, all clients read their rooms again", "rooms", len(rooms))
	g.later(func() { g.resyncAll(ctx, rooms) })
}

// resyncAll makes the clients in these rooms come back, some rooms at a time.
func (g *Gateway) resyncAll(ctx context.Context, rooms []place) {
	each := (len(rooms) + resyncSteps - 1) / resyncSteps
	for i, at := range rooms {
		g.relay.follow(channelOf(at.app, at.room))
		g.resync(at)
		if (i+1)%each == 0 {
			sleep(ctx, resyncStep)
		}
	}
}

// resyncHere makes all clients here come back, because it is not known which of them may be in their rooms no more.
func (g *Gateway) resyncHere() {
	rooms := g.presence.occupied()
	g.log.Warn("what other nodes said was lost, all clients connect again", "rooms", len(rooms))
	g.later(func() { g.resyncAll(context.Background(), rooms) })
}

// resync makes the clients in a room come back. They find that they cannot go on where they were.
func (g *Gateway) resync(at place) {
	for _, c := range g.presence.connsIn(at) {
		c.client.Disconnect(disconnectedLost)
	}
}

// resyncChannel does so for the room of a channel.
func (g *Gateway) resyncChannel(channel string) {
	app, room, ok := strings.Cut(strings.TrimPrefix(channel, channelPrefix), ":")
	id, err := strconv.ParseUint(app, 10, 32)
	if ok && err == nil {
		at := place{live.AppID(id), live.RoomID(room)}
		g.later(func() { g.resync(at) })
	}
}

// occupied returns the rooms that somebody has a connection in here.
func (p *presence) occupied() (rooms []place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for at := range p.rooms {
		rooms = append(rooms, at)
	}
	return rooms
}

// connsIn returns the connections in a room.
func (p *presence) connsIn(at place) (conns []*conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if in := p.rooms[at]; in != nil {
		for _, v := range in.visitors {
			for _, s := range v.stays {
				conns = append(conns, s.conn)
			}
		}
	}
	return conns
}
