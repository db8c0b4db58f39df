package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/centrifugal/centrifuge"
	"golang.org/x/sync/errgroup"

	"github.com/greenroom-live/greenroom/internal/live"
)

const (
	// beatInterval is how often a node tries whether Redis passes on what it publishes, beatPatience how long one try may
	// take. A second try follows at once on the first that fails.
	beatInterval, beatPatience = 500 * time.Millisecond, 750 * time.Millisecond
	// beatsUnheard is how many beats in a row may not have come back.
	beatsUnheard = 3
	// beatsToTrust is how many beats in a row must have come back before clients are let in again. What Redis held back
	// while it stood still is carried out in that time.
	beatsToTrust = 3
	// redisPatience bounds one connection to Redis and one answer.
	redisPatience = time.Second
	// maxLost is how many rooms with lost publications are known by name; when there are more, all rooms count as such.
	maxLost = 4096
	// breaksAtOnce is how many rooms are broken off at the same time.
	breaksAtOnce = 32
)

// Disconnect codes of ours with which an SDK connects again by itself.
var (
	disconnectedAway = centrifuge.Disconnect{Code: 4001, Reason: "real-time is away for a while"}
	disconnectedLost = centrifuge.Disconnect{Code: 4002, Reason: "events were lost, read the room again"}
)

// errAway is what clients are told who come while Redis is away.
var errAway = &centrifuge.Error{Code: uint32(live.CodeInternal), Message: "real-time is away for a while, try again", Temporary: true}

var errAwayAtTheEnd = errors.New("this node stopped while Redis was away")

// link is what is known of the way through Redis. Clients are served while it is up. What could not be published is
// remembered room by room, and the rooms are broken off before clients are let in again.
type link struct {
	up    atomic.Bool
	falls atomic.Uint64 // how often it went down

	mu   sync.Mutex
	down chan struct{} // closed while it is down
	lost map[place]struct{}
	all  bool // every room may have lost something
	// gone means that all nodes were told so at the same time, because one of them is gone
	gone bool

	alarm chan struct{} // holds a token when something was lost: Redis is to be tried at once
}

func newLink() *link {
	down := make(chan struct{})
	close(down)
	return &link{down: down, lost: make(map[place]struct{}), alarm: make(chan struct{}, 1)}
}

func (l *link) isUp() bool { return l.up.Load() }

// away returns a channel that is closed when, or while, Redis is away.
func (l *link) away() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.down
}

// lose notes that something about a room was not published.
func (l *link) lose(at place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at.room != "" && !l.all {
		l.lost[at] = struct{}{}
	}
	if len(l.lost) > maxLost {
		l.all = true
		clear(l.lost)
	}
	l.ring()
}

// missed notes that every room may have lost something, of which all nodes hear.
func (l *link) missed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gone = true
	l.ring()
}

func (l *link) ring() {
	select {
	case l.alarm <- struct{}{}:
	default:
	}
}

// losses are what was lost and is not mended.
type losses struct {
	rooms     []place
	all, gone bool
}

// takeLost returns what was lost so far, and forgets it.
func (l *link) takeLost() (what losses, any bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for at := range l.lost {
		what.rooms = append(what.rooms, at)
	}
	what.all, what.gone = l.all, l.gone
	clear(l.lost)
	l.all, l.gone = false, false
	return what, what.all || what.gone || len(what.rooms) > 0
}

// putBack notes again what could not be mended.
func (l *link) putBack(what losses) {
	for _, at := range what.rooms {
		l.lose(at)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all, l.gone = l.all || what.all, l.gone || what.gone
}

// fall notes that Redis is away; false when that was known.
func (l *link) fall() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.up.Load() {
		return false
	}
	l.falls.Add(1)
	l.up.Store(false)
	close(l.down)
	return true
}

// rise lets clients in, unless something was lost that is not mended.
func (l *link) rise() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.lost) > 0 || l.all || l.gone {
		return false
	}
	if !l.up.Load() {
		l.down = make(chan struct{})
		l.up.Store(true)
	}
	return true
}

// through publishes something about a room by f. While Redis is away or too slow, or when it fails, it is lost; so is what may
// have been overtaken by Redis's going away.
func (g *Gateway) through(at place, f func() error) error {
	if g.link == nil {
		return f()
	}
	falls := g.link.falls.Load()
	if !g.reaches(at) {
		g.link.lose(at)
		return nil
	}
	err := f()
	if err != nil || g.link.falls.Load() != falls {
		g.link.lose(at)
	}
	if err != nil && g.link.isUp() {
		g.log.Warn("publishing through Redis failed", "app", at.app, "room", at.room, "error", err)
	}
	return nil
}

// reaches tells whether what is told about a room now gets through to Redis in good time.
func (g *Gateway) reaches(at place) bool { return g.link.isUp() && !g.laneOf(at).feed.behind() }

// checkRedisURL refuses what can be seen to be wrong without asking Redis.
func checkRedisURL(text string) (address string, err error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "redis" && u.Scheme != "rediss" {
		return "", errors.New("gateway: the URL of Redis must begin with redis:// or rediss:// and name a host")
	}
	if u.Path = strings.TrimPrefix(u.Path, "/"); u.Path != "" {
		if _, err := strconv.ParseUint(u.Path, 10, 31); err != nil {
			return "", errors.New("gateway: the path of Redis's URL must be the number of a database")
		}
		u.Path = "/" + u.Path
	}
	return u.String(), nil
}

// connectRedis makes the real-time node work through Redis, as soon as there is one; false when ctx ended before.
func (g *Gateway) connectRedis(ctx context.Context) bool {
	for said := ""; ; {
		shard, err := centrifuge.NewRedisShard(g.node, centrifuge.RedisShardConfig{
			Address: g.redisURL, ConnectTimeout: redisPatience, IOTimeout: redisPatience,
		})
		if err == nil {
			err = g.useRedis(shard)
		}
		if err == nil {
			return true
		}
		if said != err.Error() {
			g.log.Error("Redis is away, clients are not let in", "error", err)
			said = err.Error()
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(beatInterval):
		}
	}
}

func (g *Gateway) useRedis(shard *centrifuge.RedisShard) error {
	shards := []*centrifuge.RedisShard{shard}
	broker, err := centrifuge.NewRedisBroker(g.node, centrifuge.RedisBrokerConfig{Prefix: redisPrefix, Shards: shards})
	if err != nil {
		return err
	}
	online, err := centrifuge.NewRedisPresenceManager(g.node, centrifuge.RedisPresenceManagerConfig{
		Prefix: redisPrefix, Shards: shards, PresenceTTL: onlineTTL,
	})
	if err != nil {
		return err
	}
	g.relay = &relay{
		RedisBroker: broker, nodeID: g.node.ID(), lagging: make(map[string]string),
		heard: g.hear, unheard: g.resyncHere, gap: g.resyncChannel,
	}
	g.shard, g.online = shard, online
	g.node.SetController(g.relay)
	g.node.SetBroker(g.relay)
	g.node.SetPresenceManager(online)
	return nil
}

// pulse is one try of Redis.
type pulse struct {
	generation string
	err        error
}

// watch keeps the link's state true until ctx ends.
func (g *Gateway) watch(ctx context.Context) {
	answers := make(chan pulse, 1)
	trusted, n, waiting := 0, uint64(0), false
	for ctx.Err() == nil {
		p := g.tryRedis(ctx, &n, &waiting, answers)
		if p.err != nil && ctx.Err() == nil {
			p = g.tryRedis(ctx, &n, &waiting, answers)
		}
		if p.err == nil && n > g.relay.beats.Load()+beatsUnheard {
			p.err = errors.New("what is published does not come back")
		}
		trusted++
		if p.err == nil && (g.link.isUp() || trusted >= beatsToTrust && n <= g.relay.beats.Load()+1) {
			p.err = g.foundRedis(ctx, p.generation)
		}
		if ctx.Err() != nil {
			return // what was not waited for is no failure of Redis, through which the last is told yet
		}
		if p.err != nil {
			trusted = 0
			g.lostRedis(p.err)
		}
		select {
		case <-ctx.Done():
		case <-g.link.alarm:
			if !g.link.isUp() {
				sleep(ctx, beatInterval)
			}
		case <-time.After(beatInterval):
		}
	}
}

// tryRedis sends a beat and waits for Redis's answer, or that to the last one.
func (g *Gateway) tryRedis(ctx context.Context, n *uint64, waiting *bool, answers chan pulse) pulse {
	if !*waiting {
		*n, *waiting = *n+1, true
		number := *n
		go func() {
			generation, err := g.relay.beat(number)
			answers <- pulse{generation, err}
		}()
	}
	late := time.NewTimer(beatPatience)
	defer late.Stop()
	select {
	case p := <-answers:
		*waiting = false
		return p
	case <-late.C:
		return pulse{err: fmt.Errorf("no answer in %s", beatPatience)}
	case <-ctx.Done():
		return pulse{err: ctx.Err()}
	}
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// lostRedis turns all clients away until Redis is back. The clock of who was in a room stands still meanwhile.
func (g *Gateway) lostRedis(why error) {
	if !g.link.fall() {
		return
	}
	g.log.Error("Redis is away, clients are disconnected until it is back", "error", why)
	g.presence.hold()
	for _, client := range g.node.Hub().Connections() {
		client.Disconnect(disconnectedAway)
	}
}

// foundRedis mends what was lost, and lets clients in when they were not.
func (g *Gateway) foundRedis(ctx context.Context, generation string) error {
	if what, any := g.link.takeLost(); any {
		var err error
		if generation, err = g.mend(what, generation); err != nil {
			g.link.putBack(what)
			return fmt.Errorf("mark where events were lost: %w", err)
		}
	}
	g.begin(ctx, generation)
	if was := g.link.isUp(); g.link.rise() && !was {
		g.presence.release()
		g.log.Info("clients are let in: Redis is there")
	}
	return nil
}

// mend breaks the rooms off, or ends the generation, and returns which it is then. When all nodes do so at the same time they
// end the one that they know, and so do it once.
func (g *Gateway) mend(what losses, generation string) (string, error) {
	if known := g.relay.present(); what.gone && known != "" && !what.all {
		return g.relay.end(known)
	}
	if what.all || what.gone {
		return g.relay.end(generation)
	}
	var breaks errgroup.Group
	breaks.SetLimit(breaksAtOnce)
	for _, at := range what.rooms {
		breaks.Go(func() error { return g.relay.breakOff(channelOf(at.app, at.room)) })
	}
	return generation, breaks.Wait()
}
