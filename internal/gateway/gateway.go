// Package gateway is the door for app users: WebSocket connections of the official centrifuge SDKs.
//
// A client connects with {sdkAppID, userID, platform} and its UserSig as the token, and calls the methods of the
// registry as RPCs. Whoever starts or joins a room is subscribed to the room's channel by the server, and hears of
// every committed change there as a publication.
//
// No event is lost between a join's snapshot and the events after it: the position of the channel is read before the
// user enters, the snapshot is what the entering transaction saw, and the subscription begins at that position, right
// behind the reply. Later losses are found and mended by centrifuge's own offsets and epochs: every publication has
// an offset, the room's latest ones are kept, and a client that comes back is sent what it missed, or told that too
// much is gone.
//
// Several nodes share Redis: publications, their positions and who is connected are kept there, and each node tells the
// others what concerns single users and who is in a room no more. A node that cannot reach Redis serves no clients until it
// can; what it could not publish meanwhile is marked, so that no client takes the rest for everything (see relay and link).
//
// The gateway carries no rules of its own. It knows which connections are in which rooms, and its offline clock tells
// the domain of members whose last connection has been gone for too long.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/centrifugal/centrifuge"

	"github.com/greenroom-live/greenroom/internal/clientip"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
)

const (
	// callTimeout bounds one call of a client.
	callTimeout = 10 * time.Second
	// shutdownTimeout bounds how long clients are given to take their farewell. The library waits 5 s for each of them.
	shutdownTimeout = 6 * time.Second
	// finishTimeout bounds how long the last events are published through Redis.
	finishTimeout = 2 * time.Second
	// maxRooms is how many rooms one connection may be in at once.
	maxRooms = 100
	// A room's latest events are kept for clients that lost their connection; positions are known for longer, so
	// that a quiet room does not look like another one.
	historySize, historyTTL, positionTTL = 256, 5 * time.Minute, 24 * time.Hour
)

// Options says what the gateway works with. Live is required.
type Options struct {
	Live            *live.Service
	ClientIP        clientip.Resolver
	OfflineAfter    time.Duration // without a connection a member is offline after this; 90 s when 0
	PingInterval    time.Duration // 25 s when 0
	AllowedOrigins  []string      // origins of web pages that may connect, as a browser sends them; empty = any
	MaxMessageBytes int           // largest frame of a client; 65536 when 0
	// RedisURL names the Redis through which the clients of several nodes hear of the same rooms, redis:// or rediss://.
	// Empty: this process is the only one.
	RedisURL string
	Log      *slog.Logger
	Metrics  *observe.Metrics
}

// Gateway serves the clients of this process.
type Gateway struct {
	live     *live.Service
	clientIP clientip.Resolver
	log      *slog.Logger
	metrics  *observe.Metrics
	node     *centrifuge.Node
	socket   http.Handler
	open     atomic.Bool
	seed     maphash.Seed
	lanes    []*lane
	presence *presence
	news     *news

	ending   sync.Mutex
	ended    bool           // guarded by ending
	goodbyes sync.WaitGroup // goroutines that take connections out of rooms

	// What follows is of a gateway that works through Redis; link is nil in others, and the rest is set before link goes up.
	redisURL string
	link     *link
	relay    *relay
	shard    *centrifuge.RedisShard
	online   *centrifuge.RedisPresenceManager
}

// New returns a gateway, which serves nobody before [Gateway.Run].
func New(opts Options) (*Gateway, error) {
	opts, err := opts.complete()
	if err != nil {
		return nil, err
	}
	g := &Gateway{
		live: opts.Live, clientIP: opts.ClientIP, log: opts.Log, metrics: opts.Metrics,
		presence: newPresence(opts.Live, opts.OfflineAfter, opts.Log), news: newNews(), redisURL: opts.RedisURL,
	}
	lanes := 1
	if opts.RedisURL != "" {
		g.link, lanes = newLink(), sharedLanes
		g.presence.hold()
	}
	g.newLanes(lanes, opts.Live.Limits().MessagesPerSecond)
	g.node, err = centrifuge.New(centrifuge.Config{
		HistoryMetaTTL: positionTTL, LogLevel: centrifuge.LogLevelInfo, LogHandler: g.logNode,
		Metrics: centrifuge.MetricsConfig{
			MetricsNamespace: "greenroom_realtime", RegistererGatherer: opts.Metrics.Registry,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("make real-time node: %w", err)
	}
	g.node.OnConnecting(g.connecting)
	g.node.OnConnect(g.connected)
	g.node.OnCommandRead(g.commandRead)
	g.socket = centrifuge.NewWebsocketHandler(g.node, centrifuge.WebsocketConfig{
		CheckOrigin: originCheck(opts.AllowedOrigins), MessageSizeLimit: opts.MaxMessageBytes, UseWriteBufferPool: true,
		PingPongConfig: centrifuge.PingPongConfig{
			PingInterval: opts.PingInterval, PongTimeout: min(10*time.Second, opts.PingInterval/2),
		},
	})
	return g, nil
}

// complete fills in the defaults.
func (o Options) complete() (Options, error) {
	if o.Live == nil {
		return o, errors.New("gateway needs a live.Service")
	}
	if o.OfflineAfter < 0 || o.PingInterval < 0 || o.MaxMessageBytes < 0 {
		return o, errors.New("gateway: a limit is negative")
	}
	if o.RedisURL != "" {
		address, err := checkRedisURL(o.RedisURL)
		if err != nil {
			return o, err
		}
		o.RedisURL = address
	}
	if o.OfflineAfter == 0 {
		o.OfflineAfter = 90 * time.Second
	}
	if o.PingInterval == 0 {
		o.PingInterval = 25 * time.Second
	}
	if o.MaxMessageBytes == 0 {
		o.MaxMessageBytes = 65_536
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = observe.NewMetrics()
	}
	return o, nil
}

// originCheck lets in requests without an origin, which come from no browser, and those from an allowed one.
func originCheck(allowed []string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		origin := r.Header.Get("Origin")
		if len(allowed) == 0 || origin == "" {
			return true
		}
		for _, a := range allowed {
			if strings.EqualFold(a, origin) {
				return true
			}
		}
		return false
	}
}

// Handler serves the clients' WebSocket; it is to be mounted at /connection/websocket. While the gateway does not run
// it answers 503.
func (g *Gateway) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !g.open.Load() {
			http.Error(w, "not serving now", http.StatusServiceUnavailable)
			return
		}
		ctx := context.WithValue(r.Context(), addressKey{}, g.clientIP.Of(r))
		g.socket.ServeHTTP(w, r.WithContext(ctx))
	})
}

// Serves tells whether clients are let in now.
func (g *Gateway) Serves() bool { return g.open.Load() && (g.link == nil || g.link.isUp()) }

// Run serves clients until ctx ends, and then disconnects them in a way that makes them reconnect. Members to whom this
// node, or one that is gone, attends by the store count as disconnected from now on. Through Redis, clients are served as soon
// as, and as long as, Redis is there; everything else is done in any case.
func (g *Gateway) Run(ctx context.Context) error {
	if err := g.presence.recall(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // stopped before it had begun
		}
		return fmt.Errorf("find members online: %w", err)
	}
	var running sync.WaitGroup
	for _, l := range g.lanes {
		running.Go(l.run)
	}
	running.Go(func() { g.presence.run(ctx) })
	running.Go(func() { g.hearNews(ctx) })
	err := g.serve(ctx)
	g.finish()
	running.Wait()
	g.ending.Lock()
	g.ended = true
	g.ending.Unlock()
	g.goodbyes.Wait()
	if g.shard != nil {
		g.shard.Close()
	}
	return err
}

// finish ends the lanes. The clients of other nodes are told what is left, for a while, and what they are not told is marked.
func (g *Gateway) finish() {
	if g.link != nil {
		limited, cancel := context.WithTimeout(context.Background(), finishTimeout)
		defer cancel()
		_ = g.flushed(limited) // what is left then is marked
	}
	for _, l := range g.lanes {
		for _, i := range l.feed.close() {
			if g.link != nil && i.mark == nil {
				g.link.lose(place{i.event.App, i.event.Room})
			}
		}
	}
	if g.link == nil {
		return
	}
	what, any := g.link.takeLost()
	if !any {
		return
	}
	err := errAwayAtTheEnd
	if g.link.isUp() {
		_, err = g.mend(what, g.relay.present())
	}
	if err != nil {
		g.log.Error("clients of other nodes were not told everything, and will not know", "rooms", len(what.rooms), "error", err)
	}
}

// serve lets clients in until ctx ends.
func (g *Gateway) serve(ctx context.Context) error {
	if g.link != nil && !g.connectRedis(ctx) {
		return nil
	}
	if err := g.node.Run(); err != nil {
		return fmt.Errorf("start real-time node: %w", err)
	}
	g.open.Store(true)
	if g.link != nil {
		var refreshing sync.WaitGroup
		refreshing.Go(func() { g.refreshOnline(ctx) })
		g.watch(ctx)
		refreshing.Wait()
	}
	<-ctx.Done()
	g.open.Store(false)
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	err := g.node.Shutdown(limited)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		g.log.Warn("some clients did not take their farewell and were cut off", "after", shutdownTimeout)
	case err != nil:
		return fmt.Errorf("disconnect clients: %w", err)
	}
	return nil
}

// logNode passes on what the real-time library logs. What it calls information concerns single connections.
func (g *Gateway) logNode(e centrifuge.LogEntry) {
	level := slog.LevelDebug
	switch {
	case g.link != nil && !g.link.isUp(): // it says again and again that Redis is away, which was said
	case e.Level >= centrifuge.LogLevelError:
		level = slog.LevelError
	case e.Level == centrifuge.LogLevelWarn:
		level = slog.LevelWarn
	}
	if !g.log.Enabled(context.Background(), level) {
		return
	}
	attrs := make([]any, 0, 2*len(e.Fields))
	for k, v := range e.Fields {
		attrs = append(attrs, k, v)
	}
	g.log.Log(context.Background(), level, "real-time: "+e.Message, attrs...)
}
