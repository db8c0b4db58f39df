package gateway

import (
	"context"

	"github.com/centrifugal/centrifuge"

	"github.com/greenroom-live/greenroom/internal/live"
)

// Unsubscribe codes of ours. From 2500 on an SDK subscribes again by itself where it has a subscription of its own.
var (
	unsubscribedOver = centrifuge.Unsubscribe{Code: 2100, Reason: "left or ended"}
	unsubscribedAnew = centrifuge.Unsubscribe{Code: 2600, Reason: "subscribed anew"}
)

func roomSubscription() centrifuge.SubscribeOptions {
	return centrifuge.SubscribeOptions{EnableRecovery: true}
}

type liveParams struct {
	LiveID string `json:"liveID"`
}

func parseLiveID(s string) (live.RoomID, error) {
	if s == "" {
		return "", badParameter("liveID is missing")
	}
	return live.ParseRoomID(s)
}

// roomMeant returns the room of that id or, when none is given, the one room that the connection is in.
func (c *conn) roomMeant(liveID string) (live.RoomID, error) {
	if liveID != "" {
		return live.ParseRoomID(liveID)
	}
	rooms := c.g.presence.roomsOf(c)
	switch len(rooms) {
	case 0:
		return "", badParameter("liveID is missing, and this connection is in no room")
	case 1:
		return rooms[0], nil
	}
	return "", badParameter("liveID is missing, and this connection is in %d rooms", len(rooms))
}

func joinLive(ctx context.Context, c *call, in *liveParams) (*snapshot, error) {
	room, err := parseLiveID(in.LiveID)
	if err != nil {
		return nil, err
	}
	if _, err := c.g.live.Room(ctx, c.caller, room); err != nil {
		return nil, err
	}
	return c.join(ctx, room, func(ctx context.Context) (live.Visit, error) {
		return c.g.live.Enter(ctx, c.caller, room)
	})
}

// join makes the user a member by enter and leaves to be done after the reply what subscribes the connection: the
// client sees the snapshot first and then every change after it.
func (c *call) join(ctx context.Context, room live.RoomID, enter func(context.Context) (live.Visit, error)) (*snapshot, error) {
	unlock := c.g.presence.lock(c.membership(room))
	c.mail.enter(room)
	var visit live.Visit
	_, err := c.enter(ctx, room, false, func(ctx context.Context) (err error) {
		visit, err = enter(ctx)
		enter = func(ctx context.Context) (live.Visit, error) { return c.g.live.Enter(ctx, c.caller, room) }
		return err
	})
	if err != nil {
		unlock()
		c.after = func() { c.mail.flush(c.client) }
		return nil, err
	}
	c.after = func() {
		defer unlock()
		c.listen(room)
		c.mail.flush(c.client)
	}
	return newSnapshot(c.caller, visit), nil
}

// enter brings the connection into the room by f, which is called again in the rare case that meanwhile the room ended,
// more happened in it than the channel keeps, or who listens from outside was removed. Everything that happened up to
// the returned stay's since is in what f saw. The caller holds the membership's lock.
func (c *conn) enter(ctx context.Context, room live.RoomID, observer bool, f func(context.Context) error) (*stay, error) {
	for {
		s, undo, err := c.g.presence.arrive(c, room, observer)
		if err != nil {
			return nil, err
		}
		since, err := c.g.positionNow(ctx, place{c.caller.App, room})
		doubt := false
		if err == nil {
			err = protect(func() error { return f(ctx) })
			doubt = err != nil && live.CodeOf(err) == live.CodeInternal
		}
		marked := err == nil && c.g.presence.marked(s)
		if marked && !observer {
			err = c.stillIn(ctx, s, room)
		}
		if err != nil {
			undo()
			if doubt && !observer {
				c.g.presence.await(c.membership(room))
			}
			return nil, err
		}
		if c.g.presence.settled(s) && !(marked && observer) && c.g.reachable(channelOf(c.caller.App, room), since) {
			c.g.presence.visit(s, room, since)
			return s, nil
		}
	}
}

// reenter brings back a member; who is not a member any more is refused with [live.CodeNotMember]. The caller holds
// the membership's lock.
func (c *conn) reenter(ctx context.Context, room live.RoomID) error {
	s, err := c.enter(ctx, room, false, func(ctx context.Context) error {
		return c.g.live.ComeBack(ctx, c.caller, room)
	})
	if err == nil {
		c.g.presence.set(s, func(s *stay) { s.since = centrifuge.StreamPosition{} })
	}
	return err
}

// listen subscribes the connection to the room's channel from where it entered, unless the client has subscribed by
// itself. The caller holds the membership's lock.
func (c *conn) listen(room live.RoomID) {
	s, here := c.g.presence.stayOf(c, room)
	if !here || s.listens {
		return
	}
	channel := channelOf(c.caller.App, room)
	if c.client.IsSubscribed(channel) {
		c.client.Unsubscribe(channel, unsubscribedAnew)
	}
	err := c.client.Subscribe(channel, centrifuge.WithRecovery(true), centrifuge.WithRecoverSince(&s.since))
	if err != nil && c.client.Context().Err() == nil {
		c.g.log.Warn("cannot subscribe a member", "channel", channel, "user", c.caller.User, "error", err)
		c.client.Disconnect(centrifuge.DisconnectForceReconnect)
	}
}

func leaveLive(ctx context.Context, c *call, in *liveParams) (*none, error) {
	room, err := c.roomMeant(in.LiveID)
	if err != nil {
		return nil, err
	}
	return &none{}, c.leave(ctx, room)
}

// leave ends the user's membership, and the subscriptions of all of the user's connections in the room.
func (c *conn) leave(ctx context.Context, room live.RoomID) error {
	m := c.membership(room)
	defer c.g.presence.lock(m)()
	if err := c.g.live.Leave(ctx, c.caller, room); err != nil {
		return err
	}
	for _, s := range c.g.presence.leave(m) {
		s.conn.client.Unsubscribe(channelOf(m.App, room), unsubscribedOver)
	}
	return nil
}

// subscribe judges a subscription that the client itself asks for. A member's connection counts as being in the room;
// an owner or administrator may listen without being a member.
func (c *conn) subscribe(e centrifuge.SubscribeEvent, answer centrifuge.SubscribeCallback) {
	room, ok := roomOfChannel(c.caller.App, e.Channel)
	if !ok || e.Type != centrifuge.SubscriptionTypeStream {
		answer(centrifuge.SubscribeReply{}, centrifuge.ErrorPermissionDenied)
		return
	}
	ctx, cancel := context.WithTimeout(c.client.Context(), callTimeout)
	defer cancel()
	defer c.g.presence.lock(c.membership(room))()
	c.mail.enter(room)
	defer c.mail.flush(c.client)
	err := c.g.guard("subscribe", c.caller, func() error { return c.admit(ctx, room) })
	answer(centrifuge.SubscribeReply{Options: roomSubscription()}, err)
}

// admit lets the client listen by a subscription of its own. The caller holds the membership's lock.
func (c *conn) admit(ctx context.Context, room live.RoomID) error {
	is, err := c.g.live.IsMember(ctx, c.caller, room)
	if err != nil {
		return err
	}
	s, err := c.enter(ctx, room, !is, func(ctx context.Context) error {
		if is {
			return c.g.live.ComeBack(ctx, c.caller, room)
		}
		return c.g.live.MayListen(ctx, c.caller, room)
	})
	if err == nil {
		c.g.presence.set(s, func(s *stay) { s.listens = true })
	}
	return err
}

// unsubscribed hears of ended subscriptions, of which only the client's own matter.
func (c *conn) unsubscribed(e centrifuge.UnsubscribeEvent) {
	if room, ok := roomOfChannel(c.caller.App, e.Channel); ok && !e.ServerSide {
		c.g.presence.unlistened(c, room)
	}
}

// commandRead makes way for a client that subscribes to a room by itself although the server has subscribed it, which
// centrifuge would refuse: the server's subscription ends, and the client's begins at the snapshot of the join, so
// that it misses nothing in between.
func (g *Gateway) commandRead(client *centrifuge.Client, e centrifuge.CommandReadEvent) error {
	asked := e.Command.Subscribe
	if asked == nil {
		return nil
	}
	err := protect(func() error {
		c := connOf(client)
		if c == nil || !client.IsSubscribed(asked.Channel) {
			return nil
		}
		room, ok := roomOfChannel(c.caller.App, asked.Channel)
		if !ok {
			return nil
		}
		s, _ := g.presence.stayOf(c, room)
		if s.listens {
			return nil
		}
		client.Unsubscribe(asked.Channel, unsubscribedAnew)
		if !asked.Recover && s.since.Epoch != "" {
			asked.Recover, asked.Offset, asked.Epoch = true, s.since.Offset, s.since.Epoch
		}
		return nil
	})
	if err != nil {
		g.log.Error("handing over a subscription failed", "error", err)
		return centrifuge.ErrorInternal
	}
	return nil
}
