package gateway

import (
	"context"
	"slices"
	"time"

	"github.com/centrifugal/centrifuge"
	"golang.org/x/sync/errgroup"

	"github.com/greenroom-live/greenroom/internal/live"
)

const (
	// onlineTTL is how long other nodes take a connection for open whose node does not say so any more, and
	// onlineInterval how often a node says so.
	onlineTTL, onlineInterval = 60 * time.Second, 20 * time.Second
	// onlineAtOnce is how many questions to Redis are under way for one purpose.
	onlineAtOnce = 32
)

// Platforms implements live.Presence, for the clients of all nodes. While Redis is away those of this node are known.
func (g *Gateway) Platforms(app live.AppID, users []live.UserID) [][]live.Platform {
	found := make([][]live.Platform, len(users))
	var asking errgroup.Group
	asking.SetLimit(onlineAtOnce)
	for i, user := range users {
		found[i] = g.platformsHere(app, user)
		if g.link == nil || !g.link.isUp() {
			continue
		}
		asking.Go(func() error {
			found[i] = g.withOthers(found[i], app, user)
			return nil
		})
	}
	_ = asking.Wait()
	return found
}

// platformsHere returns the platforms that the user is connected to this node from.
func (g *Gateway) platformsHere(app live.AppID, user live.UserID) (platforms []live.Platform) {
	for _, client := range g.node.Hub().UserConnections(connectionUser(app, user)) {
		if c := connOf(client); c != nil && !slices.Contains(platforms, c.caller.Platform) {
			platforms = append(platforms, c.caller.Platform)
		}
	}
	slices.Sort(platforms)
	return platforms
}

// withOthers adds the platforms that the user is connected to other nodes from.
func (g *Gateway) withOthers(platforms []live.Platform, app live.AppID, user live.UserID) []live.Platform {
	connections, err := g.online.Presence(onlineKey(app, user))
	if err != nil {
		g.log.Warn("asking Redis who is connected failed", "app", app, "user", user, "error", err)
		return platforms
	}
	for _, info := range connections {
		if p := live.Platform(info.ConnInfo); !slices.Contains(platforms, p) {
			platforms = append(platforms, p)
		}
	}
	slices.Sort(platforms)
	return platforms
}

// onlineKey names the list of a user's connections.
func onlineKey(app live.AppID, user live.UserID) string { return "user:" + connectionUser(app, user) }

// comesOnline makes a connection known to the other nodes, for a while.
func (g *Gateway) comesOnline(c *conn, client *centrifuge.Client) {
	if g.link == nil || !g.link.isUp() {
		return
	}
	id, key := client.ID(), onlineKey(c.caller.App, c.caller.User)
	info := &centrifuge.ClientInfo{ClientID: id, UserID: client.UserID(), ConnInfo: []byte(c.caller.Platform)}
	if err := g.online.AddPresence(key, id, info); err != nil {
		g.log.Debug("telling other nodes of a connection failed, it is tried again", "error", err)
	}
	if g.presence.departed(c) {
		g.goesOffline(c, client)
	}
}

// goesOffline takes a connection that was closed from what other nodes know. They forget it by themselves too.
func (g *Gateway) goesOffline(c *conn, client *centrifuge.Client) {
	if g.link == nil || !g.link.isUp() {
		return
	}
	if err := g.online.RemovePresence(onlineKey(c.caller.App, c.caller.User), client.ID(), client.UserID()); err != nil {
		g.log.Debug("telling other nodes of a closed connection failed", "error", err)
	}
}

// refreshOnline says again and again who is connected here, until ctx ends.
func (g *Gateway) refreshOnline(ctx context.Context) {
	for ctx.Err() == nil {
		sleep(ctx, onlineInterval)
		var telling errgroup.Group
		telling.SetLimit(onlineAtOnce)
		for _, client := range g.node.Hub().Connections() {
			if c := connOf(client); c != nil && ctx.Err() == nil && g.link.isUp() {
				telling.Go(func() error { g.comesOnline(c, client); return nil })
			}
		}
		_ = telling.Wait()
	}
}

// departed tells whether the connection was closed.
func (p *presence) departed(c *conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return c.gone
}
