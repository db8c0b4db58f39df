package gateway

import (
	"context"
	"slices"

	"github.com/centrifugal/centrifuge"

	"github.com/greenroom-live/greenroom/internal/live"
)

// judgedAtOnce is how many users of a room are judged at the same time.
const judgedAtOnce = 16

// judge looks again at who is in a room here, because another node says that some are in it no more. What it says may be
// late: who has entered since is left in. It returns at once.
func (g *Gateway) judge(at place, w word) {
	users := g.presence.here(at, w)
	if len(users) == 0 {
		return
	}
	g.later(func() {
		g.fence(at) // what they are told of it first
		slots := make(chan struct{}, judgedAtOnce)
		for _, user := range users {
			slots <- struct{}{}
			g.goodbyes.Go(func() {
				g.judgeUser(live.Membership{App: at.app, Room: at.room, User: user}, w.Listeners)
				<-slots
			})
		}
	})
}

// judgeUser takes a user's connections out of a room in which the user is not any more. Those of who still is, or is again,
// come back: whether each of them entered before or after is not known here, but the store knows that the user is in.
func (g *Gateway) judgeUser(m live.Membership, listenersOnly bool) {
	defer g.presence.lock(m)()
	member, listens, err := g.standing(m, g.presence.observed(m))
	if err != nil {
		g.log.Error("judging a member's connections failed", "app", m.App, "room", m.Room, "user", m.User, "error", err)
		for _, s := range g.presence.staysOf(m) {
			s.conn.client.Disconnect(centrifuge.DisconnectForceReconnect)
		}
		return
	}
	over := g.presence.expelWhere(m, member, func(s *stay) bool {
		return s.observer && !listens || !s.observer && !listenersOnly && !member
	})
	for _, s := range over {
		s.conn.client.Unsubscribe(channelOf(m.App, m.Room), unsubscribedOver)
	}
	if listenersOnly || !member {
		return
	}
	for _, s := range g.presence.staysOf(m) {
		s.conn.client.Disconnect(centrifuge.DisconnectForceReconnect)
	}
}

// standing tells whether a user is a member of a room and, if asked, may listen to it, which takes an update of the room.
func (g *Gateway) standing(m live.Membership, ask bool) (member, listens bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	caller := live.Caller{App: m.App, User: m.User, Kind: live.KindUser}
	if member, err = g.live.IsMember(ctx, caller, m.Room); err != nil || !ask {
		return member, false, err
	}
	err = g.live.MayListen(ctx, caller, m.Room)
	if listens = err == nil; live.CodeOf(err) == live.CodeInternal {
		return member, false, err
	}
	return member, listens, nil
}

// expelWhere ends the stays of a user for which over holds, and returns them. Of who is no member the clock stops.
func (p *presence) expelWhere(m live.Membership, member bool, over func(*stay) bool) []*stay {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.rooms[place{m.App, m.Room}]
	if at == nil || at.visitors[m.User] == nil {
		return nil
	}
	v := at.visitors[m.User]
	var ended []*stay
	for _, s := range v.stays {
		if over(s) {
			ended = append(ended, s)
		}
	}
	for _, s := range ended {
		p.remove(s, m.Room)
	}
	if !member {
		v.away = nil
	}
	p.tidy(m)
	return ended
}

// here returns who, of those that a word is about, has connections in the room or a clock that runs.
func (p *presence) here(at place, w word) (users []live.UserID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	in := p.rooms[at]
	if in == nil {
		return nil
	}
	if w.All {
		for user := range in.visitors {
			users = append(users, user)
		}
		return users
	}
	for _, user := range w.Judge {
		if in.visitors[user] != nil {
			users = append(users, user)
		}
	}
	return users
}

// observed tells whether a user has connections in a room that listen without being a member's.
func (p *presence) observed(m live.Membership) bool {
	return slices.ContainsFunc(p.staysOf(m), func(s *stay) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return s.observer
	})
}

// staysOf returns the connections of a user in a room.
func (p *presence) staysOf(m live.Membership) []*stay {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at := p.rooms[place{m.App, m.Room}]; at != nil && at.visitors[m.User] != nil {
		return append([]*stay(nil), at.visitors[m.User].stays...)
	}
	return nil
}
