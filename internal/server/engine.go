package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/internal/operator"
	"github.com/greenroom-live/greenroom/internal/store/postgres"
	"github.com/greenroom-live/greenroom/internal/store/sqlite"
)

// ErrNoSharedApps says that no app is configured although the state is in PostgreSQL.
var ErrNoSharedApps = errors.New("no app is configured: with database_url there is no app for development; " +
	"name the apps under apps in the configuration, the same in all processes that serve together")

// engine is what keeps the state.
type engine interface {
	live.Store
	delivery.Outbox
	operator.Store
	// Ping tells whether it answers.
	Ping(context.Context) error
	Close() error
}

// openEngine opens the engine that the configuration names.
func (s *Server) openEngine(opts Options, metrics *observe.Metrics) (err error) {
	c := s.config
	if s.name = c.Cluster.NodeName; s.name == "" {
		if s.name, err = os.Hostname(); err != nil {
			return fmt.Errorf("find the name of the host, which cluster.node_name is without a value: %w", err)
		}
	}
	if !c.Shared() {
		return s.openEmbedded(opts, metrics)
	}
	if len(c.Apps) == 0 {
		return ErrNoSharedApps
	}
	s.cluster, err = postgres.Open(postgres.Options{
		URL: c.DatabaseURL.Reveal(), MaxConnections: c.Database.MaxConnections, Writers: c.Database.Writers, MaxBatch: c.Database.MaxBatch,
		StatementTimeout: c.Database.StatementTimeout, Lease: c.Cluster.Lease, NodeName: s.name,
		Version: cmp.Or(opts.Version, "unknown"), ManualMigration: c.Database.Migrate == "manual",
		LogKeep: c.DeliveryLog.Keep, LogMaxBytes: int64(c.DeliveryLog.MaxMiB) << 20, Log: s.log, Metrics: metrics,
		Hush: c.RedisURL != "",
	}, s.heard)
	if err != nil {
		return fmt.Errorf("open the database of database_url: %w", err)
	}
	s.store, s.lease, s.nodes, s.alive = s.cluster, s.cluster.Lease(), s.cluster.Nodes, s.cluster.Alive
	return nil
}

// openEmbedded opens the embedded database, on which this process is the only node.
func (s *Server) openEmbedded(opts Options, metrics *observe.Metrics) error {
	c := s.config
	embedded, err := sqlite.Open(sqlite.Options{
		Dir: c.DataDir, MaxBatch: c.Store.MaxBatch, CacheMiB: c.Store.CacheMiB, Log: s.log, Metrics: metrics,
		LogKeep: c.DeliveryLog.Keep, LogMaxBytes: int64(c.DeliveryLog.MaxMiB) << 20,
	}, s.heard)
	if err != nil {
		return err
	}
	metrics.Nodes.Set(1)
	started := time.Now()
	s.store = embedded
	s.nodes = func(context.Context) ([]live.NodeStatus, error) {
		return []live.NodeStatus{{ID: live.Alone, Name: s.name, Version: opts.Version, Started: started, Seen: time.Now()}}, nil
	}
	return nil
}

// unready is why this process should get no calls now; empty when it should.
func (s *Server) unready(ctx context.Context) string {
	if !s.ready.Load() {
		return "starting or stopping"
	}
	if err := s.store.Ping(ctx); err != nil {
		s.log.Error("the store does not answer", "error", err)
		return "the store does not answer"
	}
	if !s.greeted() {
		return "Redis does not answer yet"
	}
	if s.lease != nil && s.lease.Holder(delivery.ReadClocks()) == 0 {
		return "the lease is not held"
	}
	return ""
}

// redisPatience is how long a process that starts waits for Redis before it takes calls without it: what happens in the rooms
// meanwhile could not be told to the clients of other nodes.
const redisPatience = 10 * time.Second

// greeted tells whether clients have been let in through Redis once, or need not be waited for.
func (s *Server) greeted() bool {
	if s.config.RedisURL == "" {
		return true
	}
	if !s.met.Load() && (s.gateway.Serves() || time.Since(s.started) > redisPatience) {
		s.met.Store(true)
	}
	return s.met.Load()
}

// pause waits a second between attempts; false when ctx has ended.
func pause(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(time.Second):
		return true
	}
}
