package gateway

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/centrifugal/centrifuge"

	"github.com/greenroom-live/greenroom/internal/live"
)

const (
	// newsInterval is how often it is looked whether nodes that are gone left members behind, newsPause how long is waited
	// after the store failed.
	newsInterval, newsPause = time.Minute, time.Second
	// membersAtOnce is how many members come back at the same time after the node has changed.
	membersAtOnce = 64
)

// news is what was heard of other nodes and has not been acted upon.
type news struct {
	mu      sync.Mutex
	changed bool          // this node has another number
	gone    []live.NodeID // nodes whose members are to be adopted
	ready   chan struct{} // holds a token while there is some
}

func newNews() *news { return &news{ready: make(chan struct{}, 1)} }

func (n *news) add(f func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	f()
	select {
	case n.ready <- struct{}{}:
	default:
	}
}

func (n *news) take() (changed bool, gone []live.NodeID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	changed, gone = n.changed, n.gone
	n.changed, n.gone = false, nil
	return changed, gone
}

// HeardNode says which node this process is from now on. When it was another one before, what that attended to is given up:
// everybody who is in a room here comes back in the name of the new one. It returns at once.
func (g *Gateway) HeardNode(node live.NodeID) {
	if g.live.Node() == node {
		return
	}
	g.live.SetNode(node)
	g.news.add(func() { g.news.changed = true })
}

// HeardGone says that nodes are gone, and that their members are this node's to look after: their clocks begin. It returns at
// once.
func (g *Gateway) HeardGone(nodes []live.NodeID) {
	if len(nodes) > 0 {
		g.news.add(func() { g.news.gone = append(g.news.gone, nodes...) })
	}
}

// HeardMissed says that events may have been committed that were not published, of rooms that nobody can name. Every client,
// here and on the other nodes, reads its rooms again, within a few seconds. It returns at once.
func (g *Gateway) HeardMissed() {
	if g.link != nil {
		g.link.missed()
	}
}

// HeardRevocations says that UserSigs may have been revoked, of users whom nobody can name; the domain has heeded it. It
// returns at once.
func (g *Gateway) HeardRevocations() { g.later(g.closeAllRevoked) }

// HeardRevoked says that other nodes revoked UserSigs. It returns quickly.
func (g *Gateway) HeardRevoked(revoked []live.Revocation) {
	for _, r := range revoked {
		g.live.Heed(r)
	}
	for _, r := range slices.Clone(revoked) {
		g.later(func() { g.closeRevoked(r) })
	}
}

// hearNews acts upon what was heard until ctx ends.
func (g *Gateway) hearNews(ctx context.Context) {
	wait := time.Duration(0)
	for {
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-g.news.ready:
		case <-timer.C:
		}
		timer.Stop()
		if ctx.Err() != nil {
			return
		}
		wait = newsInterval
		changed, gone := g.news.take()
		if changed {
			g.comeBack(ctx)
		}
		if err := g.presence.adopt(ctx, gone); err != nil && ctx.Err() == nil {
			g.log.Error("taking over members failed, it is tried again", "error", err)
			g.news.add(func() { g.news.gone = append(g.news.gone, gone...) })
			sleep(ctx, newsPause)
		}
	}
}

// comeBack makes this node attend to everybody who has a connection in a room here.
func (g *Gateway) comeBack(ctx context.Context) {
	var working sync.WaitGroup
	slots := make(chan struct{}, membersAtOnce)
	for _, s := range g.presence.connected() {
		slots <- struct{}{}
		working.Go(func() {
			g.comeBackAs(ctx, s)
			<-slots
		})
	}
	working.Wait()
}

// comeBackAs does so for one member. Whom the store does not let come back is judged anew by reconnecting.
func (g *Gateway) comeBackAs(ctx context.Context, m membersConn) {
	defer g.presence.lock(m.Membership)()
	if len(g.presence.staysOf(m.Membership)) == 0 {
		return
	}
	limited, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	err := protect(func() error { return g.live.ComeBack(limited, m.conn.caller, m.Room) })
	if err == nil || ctx.Err() != nil {
		return
	}
	if live.CodeOf(err) == live.CodeInternal {
		g.log.Error("coming back as another node failed", "app", m.App, "room", m.Room, "user", m.User, "error", err)
	}
	for _, s := range g.presence.staysOf(m.Membership) {
		s.conn.client.Disconnect(centrifuge.DisconnectForceReconnect)
	}
}

// membersConn is a member and one of its connections.
type membersConn struct {
	live.Membership
	conn *conn
}

// connected returns everybody who is in a room here with a connection.
func (p *presence) connected() (found []membersConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for at, in := range p.rooms {
		for user, v := range in.visitors {
			if i := slices.IndexFunc(v.stays, func(s *stay) bool { return !s.observer }); i >= 0 {
				found = append(found, membersConn{live.Membership{App: at.app, Room: at.room, User: user}, v.stays[i].conn})
			}
		}
	}
	return found
}

// adopt makes this node attend to the members of nodes that are gone: of these, and of all that the store knows of.
func (p *presence) adopt(ctx context.Context, gone []live.NodeID) error {
	left, err := p.live.NodesGone(ctx)
	if err != nil {
		return err
	}
	for _, node := range append(slices.Clone(gone), left...) {
		if node == p.live.Node() {
			continue
		}
		for {
			page, err := p.live.AdoptAttendances(ctx, node, recallPage)
			if err != nil {
				return err
			}
			for _, m := range page {
				unlock := p.lock(m) // whoever is entering now is in afterwards, or not
				p.await(m)
				unlock()
			}
			if len(page) == 0 {
				break
			}
		}
	}
	return nil
}

// await starts the clock of a member who has no connection here, and to whom this node may attend by the store. The caller
// holds the membership's lock.
func (p *presence) await(m live.Membership) {
	p.mu.Lock()
	defer p.mu.Unlock()
	v := p.visitor(m)
	if !v.connected() && v.away == nil {
		p.startClock(m, v)
	}
	p.tidy(m)
}
