package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/greenroom-live/greenroom/bench/rig"
)

const (
	// mostNodes is how many nodes the nodes run goes up to.
	mostNodes = 3
	// sharedCost is by how much an event may cost more on PostgreSQL than in the embedded database.
	sharedCost = 3
)

// nodes measures the same load on the embedded database and on one, two and three nodes that share a PostgreSQL. Each caller keeps
// to one node and to rooms of its own; then, with more than one node, each room is written through one node and deleted from
// through another, so that most events are delivered by another node than the one that committed them.
func (b *bench) nodes(ctx context.Context) error {
	embedded, err := b.fleetCost(ctx, 0, "embedded")
	if err != nil {
		return err
	}
	for n := 1; n <= mostNodes; n++ {
		name := fmt.Sprintf("%d nodes", n)
		if n == 1 {
			name = "1 node"
		}
		shared, err := b.fleetCost(ctx, n, name)
		if err != nil {
			return err
		}
		if n == 1 {
			b.report.addShare(shared, embedded)
		}
	}
	return nil
}

// fleet is the nodes that a load goes to.
type fleet struct {
	nodes      []*rig.Server
	shared     bool // on PostgreSQL
	postmaster int  // PID, to measure its CPU time; 0 for none
}

// fleetCost measures n nodes, or the embedded database when n is 0.
func (b *bench) fleetCost(ctx context.Context, n int, name string) (c cost, err error) {
	f, remove, err := b.startFleet(ctx, n)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, remove(err != nil)) }()
	if err := f.nodes[0].App().SetWebhooks(ctx, b.receiver.Hook); err != nil {
		return c, err
	}
	rooms, err := b.roomsOf(ctx, f.nodes[0].App(), "nodes", b.rooms)
	if err != nil {
		return c, err
	}
	if err := b.fleetPairs(ctx, f, rooms, 0, &c); err != nil {
		return c, err
	}
	b.report.addNodes(name, c)
	if err := b.measureFleetDrain(ctx, f, rooms, &c); err != nil {
		return c, err
	}
	b.report.addNodesDrain(name, c)
	if n > 1 {
		var scattered cost
		if err := b.fleetPairs(ctx, f, rooms, 1, &scattered); err != nil {
			return c, err
		}
		b.report.addNodes(name+", rooms on all of them", scattered)
	}
	return c, nil
}

// startFleet starts n nodes on a new PostgreSQL database and one Redis, or one on the embedded database when n is 0.
func (b *bench) startFleet(ctx context.Context, n int) (f *fleet, remove func(failed bool) error, err error) {
	f = new(fleet)
	database := ""
	remove = func(failed bool) error {
		var errs []error
		for _, s := range f.nodes {
			errs = append(errs, s.Stop(failed))
		}
		if database != "" {
			errs = append(errs, b.administer("DROP DATABASE "+database+" WITH (FORCE)"))
		}
		return errors.Join(errs...)
	}
	o := rig.ServerOptions{Key: rig.RandomKey()}
	if n > 0 {
		f.shared, f.postmaster = true, b.postmaster
		name := fmt.Sprintf("bench_%d_%d", n, time.Now().UnixNano())
		if err := b.administer("CREATE DATABASE " + name); err != nil {
			return nil, nil, err
		}
		database = name
		if o.Config, err = b.fleetConfig(name); err != nil {
			return nil, nil, errors.Join(err, remove(true))
		}
	}
	for range max(1, n) {
		s, err := b.startServer(ctx, o)
		if err != nil {
			return nil, nil, errors.Join(err, remove(true))
		}
		f.nodes = append(f.nodes, s)
	}
	return f, remove, nil
}

// fleetConfig is the part of the configuration that makes a server one of several.
func (b *bench) fleetConfig(database string) (string, error) {
	u, err := url.Parse(b.database)
	if err != nil {
		return "", fmt.Errorf("-database: %w", err)
	}
	u.Path = "/" + database
	return fmt.Sprintf("database_url: %q\nredis_url: %q\n", u.String(), b.redis), nil
}

// administer runs a statement on the server of -database.
func (b *bench) administer(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := pgx.Connect(ctx, b.database)
	if err != nil {
		return fmt.Errorf("connect to -database: %w", err)
	}
	defer c.Close(ctx)
	_, err = c.Exec(ctx, statement)
	return err
}

// cpu is the CPU time of the nodes and of PostgreSQL so far.
func (f *fleet) cpu() (nodes, database time.Duration, err error) {
	for _, s := range f.nodes {
		used, err := rig.CPUTime(s.PID())
		if err != nil {
			return 0, 0, err
		}
		nodes += used
	}
	if f.postmaster != 0 {
		database, err = rig.FamilyCPUTime(f.postmaster)
	}
	return nodes, database, err
}

// written is how many bytes PostgreSQL has written to its log so far.
func (b *bench) written(ctx context.Context, f *fleet) (bytes int64, err error) {
	if !f.shared {
		return 0, nil
	}
	c, err := pgx.Connect(ctx, b.database)
	if err != nil {
		return 0, fmt.Errorf("connect to -database: %w", err)
	}
	defer c.Close(ctx)
	err = c.QueryRow(ctx, "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint").Scan(&bytes)
	return bytes, err
}

// fleetPairs makes pairs. Caller k sets through node k and deletes through the node that is shift places further.
func (b *bench) fleetPairs(ctx context.Context, f *fleet, rooms []string, shift int, c *cost) error {
	if err := f.nodes[0].App().Webhooks(ctx, b.receiver.Hook, rig.DelMetadata); err != nil {
		return err
	}
	pair := func(ctx context.Context, caller, turn int) error {
		i := rig.Place(caller, turn, b.callers, len(rooms))
		key := rig.Mark{Room: i}
		if err := b.poster.Do(ctx, f.nodes[caller%len(f.nodes)].App().Set(rooms[i], key)); err != nil {
			return err
		}
		return b.poster.Do(ctx, f.nodes[(caller+shift)%len(f.nodes)].App().Del(rooms[i], key))
	}
	warm, first, err := b.pairsFor(ctx, 2*warmUp, pair)
	if err != nil {
		return err
	}
	bytes, err := b.written(ctx, f)
	if err != nil {
		return err
	}
	nodes, database, err := f.cpu()
	if err != nil {
		return err
	}
	t, got, err := b.pairsFor(ctx, b.duration, pair)
	if err != nil {
		return err
	}
	nodesAfter, databaseAfter, err := f.cpu()
	if err != nil {
		return err
	}
	bytesAfter, err := b.written(ctx, f)
	if err != nil {
		return err
	}
	c.pairBytes = (bytesAfter - bytes) / int64(max(1, t.Count()))
	c.pairs = t.PerSecond(t.Count(), later(t.End, got.LastAt()))
	c.pairCPU = (nodesAfter - nodes) / time.Duration(max(1, t.Count()))
	c.pairDatabaseCPU = (databaseAfter - database) / time.Duration(max(1, t.Count()))
	b.report.note(first.Missing(warm.Count())+got.Missing(t.Count()), first.Surplus(warm.Count())+got.Surplus(t.Count()))
	return nil
}

func (b *bench) measureFleetDrain(ctx context.Context, f *fleet, rooms []string, c *cost) error {
	app := f.nodes[0].App()
	backlog, err := b.makeBacklog(ctx, app, rooms)
	if err != nil {
		return err
	}
	nodes, database, err := f.cpu()
	if err != nil {
		return err
	}
	got, err := b.release(ctx, app, backlog)
	if err != nil {
		return err
	}
	nodesAfter, databaseAfter, err := f.cpu()
	if err != nil {
		return err
	}
	n := time.Duration(max(1, backlog))
	c.drain, c.drainCPU, c.drainDatabaseCPU = got.Rate(), (nodesAfter-nodes)/n, (databaseAfter-database)/n
	b.report.note(got.Missing(backlog), got.Surplus(backlog)+got.OutOfOrder)
	return nil
}

// addNodes adds what pairs cost.
func (r *report) addNodes(with string, c cost) {
	r.add(figure{Run: "nodes", Name: with + ": set + del + webhook", Value: c.pairs, Unit: perSecond})
	r.add(figure{Run: "nodes", Name: with + ": CPU of the nodes for a pair", Value: inMicroseconds(c.pairCPU), Unit: microseconds})
	r.add(figure{Run: "nodes", Name: with + ": CPU of PostgreSQL for a pair", Value: inMicroseconds(c.pairDatabaseCPU), Unit: microseconds})
	if c.pairBytes > 0 {
		r.add(figure{Run: "nodes", Name: with + ": write-ahead log of PostgreSQL for a pair", Value: float64(c.pairBytes), Unit: "bytes"})
	}
}

// addNodesDrain adds what the webhooks of a backlog cost.
func (r *report) addNodesDrain(with string, c cost) {
	r.add(figure{Run: "nodes", Name: with + ": webhooks of a backlog", Value: c.drain, Unit: perSecond})
	r.add(figure{Run: "nodes", Name: with + ": CPU of the nodes for one of them", Value: inMicroseconds(c.drainCPU), Unit: microseconds})
	r.add(figure{Run: "nodes", Name: with + ": CPU of PostgreSQL for one of them", Value: inMicroseconds(c.drainDatabaseCPU), Unit: microseconds})
}

// addShare compares one node on PostgreSQL with the embedded database.
func (r *report) addShare(shared, embedded cost) {
	r.addComparison("nodes", "1 node to embedded: time for a pair", embedded.pairs, shared.pairs, sharedCost)
	r.addComparison("nodes", "1 node to embedded: CPU for a pair, with PostgreSQL's",
		(shared.pairCPU + shared.pairDatabaseCPU).Seconds(), embedded.pairCPU.Seconds(), sharedCost)
	r.addComparison("nodes", "1 node to embedded: time for a webhook of a backlog", embedded.drain, shared.drain, sharedCost)
	r.addComparison("nodes", "1 node to embedded: CPU for a webhook of a backlog, with PostgreSQL's",
		(shared.drainCPU + shared.drainDatabaseCPU).Seconds(), embedded.drainCPU.Seconds(), sharedCost)
}
