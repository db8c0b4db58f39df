package gateway

import (
	"context"
	"time"

	"github.com/centrifugal/centrifuge"

	"github.com/greenroom-live/greenroom/internal/live"
)

// Why a client is in a room no more.
const (
	kickedByAdmin  = "byAdmin"
	kickedByServer = "byServer"
	kickedMeantime = "forJoinRoomStatusInvalidDuringOffline" // the room is missing when the client comes back
)

type kickedOut struct {
	LiveID  string `json:"liveID"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

// kickNotices tell those who were removed why, and the others who left.
func kickNotices(e live.Event, c live.MembersKicked) []notice {
	reason := kickedByServer
	if e.By.Kind == live.KindUser {
		reason = kickedByAdmin
	}
	var told, left []notice
	for _, k := range c.Members {
		told = append(told, notice{
			event: "live.onKickedOutOfLive", data: kickedOut{string(e.Room), reason, c.Reason}, to: k.Member.ID,
		})
		if k.Online {
			left = append(left, memberNotice(live.MemberChanged{Member: k.Member, Role: k.Role, Cause: live.CauseKicked}))
		}
	}
	if len(left) == 0 {
		return told
	}
	return append(append(told, left...), notice{event: "audience.onAudienceCountChanged", data: countChanged{c.Online}})
}

// counts tells whether the room is told a new member count with the change.
func counts(change live.Change) bool {
	switch change.(type) {
	case live.MemberChanged, live.MembersKicked:
		return true
	}
	return false
}

func kickUserOutOfRoom(ctx context.Context, c *call, in *userParams) (*none, error) {
	room, user, err := c.userMeant(in.LiveID, in.UserID)
	if err != nil {
		return nil, err
	}
	return &none{}, c.g.live.KickMembers(ctx, c.caller, room, []live.UserID{user}, "")
}

// expelled marks the connections of those whom a commit removed from a room, and returns whose they are. It is called in
// the order of commits, before anybody's update that was committed later, or with it, is answered: a mark that a
// connection has when its user's entering was answered says that the order of the two is not known.
func (g *Gateway) expelled(e live.Event, c live.MembersKicked) []live.Membership {
	users := c.Banned // the members who were banned among them
	if len(users) == 0 {
		for _, k := range c.Members {
			users = append(users, k.Member.ID)
		}
	}
	var found []live.Membership
	for _, user := range users {
		if m := (live.Membership{App: e.App, Room: e.Room, User: user}); g.presence.mark(m) {
			found = append(found, m)
		}
	}
	return found
}

// expel unsubscribes the connections of a user who was removed from a room, but not those that have entered it since.
func (g *Gateway) expel(m live.Membership) {
	defer g.presence.lock(m)()
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	member, err := g.live.IsMember(ctx, live.Caller{App: m.App, User: m.User}, m.Room)
	if err != nil {
		g.log.Error("removing a member's connections failed", "app", m.App, "room", m.Room, "user", m.User, "error", err)
		for _, s := range g.presence.expel(m, true) {
			s.conn.client.Disconnect(centrifuge.DisconnectForceReconnect) // it is judged anew when it comes back
		}
		return
	}
	for _, s := range g.presence.expel(m, member) {
		s.conn.client.Unsubscribe(channelOf(m.App, m.Room), unsubscribedOver)
	}
}

// mark notes of the user's connections in the room that their user was removed from it; false when nothing is known of
// the user there.
func (p *presence) mark(m live.Membership) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.rooms[place{m.App, m.Room}]
	if at == nil || at.visitors[m.User] == nil {
		return false
	}
	for _, s := range at.visitors[m.User].stays {
		s.expelled = true
	}
	return true
}

// expel ends the stays of a user who was removed from a room, and returns them; when the user is a member again only
// those that have not entered since. The caller holds the membership's lock.
func (p *presence) expel(m live.Membership, member bool) []*stay {
	return p.expelWhere(m, member, func(s *stay) bool { return s.expelled || !member && !s.observer })
}

// marked tells whether the user of s was removed since it arrived, or at the same time.
func (p *presence) marked(s *stay) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return s.expelled
}

// stillIn refuses, with [live.CodeNotMember], a connection whose user was removed from the room after it had entered.
// Only the holder of the membership's lock can have brought the user back.
func (c *conn) stillIn(ctx context.Context, s *stay, room live.RoomID) error {
	is, err := c.g.live.IsMember(ctx, c.caller, room)
	if err != nil {
		return err
	}
	if !is {
		return live.Refuse(live.CodeNotMember, "%q was removed from room %q", c.caller.User, room)
	}
	c.g.presence.set(s, func(s *stay) { s.expelled = false })
	return nil
}

// tellMissing tells a client that came back of a room in which its user is not any more.
func (c *conn) tellMissing(room live.RoomID) {
	data, err := encode(publication{
		"live.onKickedOutOfLive", string(room), time.Now().UnixMilli(), kickedOut{string(room), kickedMeantime, ""},
	})
	if err == nil {
		err = c.client.Send(data)
	}
	if err != nil && c.client.Context().Err() == nil {
		c.g.log.Warn("cannot tell a client of a room it lost", "room", room, "user", c.caller.User, "error", err)
	}
}
