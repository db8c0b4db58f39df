package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/greenroom-live/greenroom/bench/rig"
)

const (
	fewRooms = 10
	fewLog   = 1000 // rows
	// flatness is by how much the cost of an event may grow with what is in the database.
	flatness = 1.3
)

// largeLog keeps the server from trimming the log that the flat run makes.
const largeLog = "delivery_log:\n  keep: 8760h\n  max_mib: 1048576\n"

// flat compares what an event costs with little and with much in the database: with 10 rooms and with -many-rooms, with 1,000
// rows of delivery log and with -many-log.
func (b *bench) flat(ctx context.Context) error {
	if err := b.flatRooms(ctx); err != nil {
		return err
	}
	return b.flatLog(ctx)
}

// flatRooms measures the same load in 10 rooms when there are no others, in the same 10 when there are many, and all over them.
func (b *bench) flatRooms(ctx context.Context) (err error) {
	s, err := b.startServer(ctx, rig.ServerOptions{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop(err != nil)) }()
	if err := s.App().SetWebhooks(ctx, b.receiver.Hook); err != nil {
		return err
	}
	few, err := b.roomsOf(ctx, s.App(), "flat", fewRooms)
	if err != nil {
		return err
	}
	alone, err := b.cost(ctx, s, fewRooms, few)
	if err != nil {
		return err
	}
	err = b.restock(ctx, s, func(stock *stockroom) error { return stock.rooms("flat", fewRooms, b.manyRooms) })
	if err != nil {
		return err
	}
	if err := s.Restart(ctx); err != nil {
		return err
	}
	among, err := b.cost(ctx, s, fewRooms, few)
	if err != nil {
		return err
	}
	all, err := b.cost(ctx, s, b.manyRooms, b.spread())
	if err != nil {
		return err
	}
	count := thousands(float64(b.manyRooms))
	b.report.addCost(fmt.Sprintf("%d rooms", fewRooms), alone)
	b.report.addCost(fmt.Sprintf("%d of %s rooms", fewRooms, count), among)
	b.report.addFlatness(fmt.Sprintf("%d of %s rooms to %d rooms", fewRooms, count, fewRooms), among, alone)
	b.report.addCost(count+" rooms", all)
	b.report.addFlatness(fmt.Sprintf("%s rooms to %d rooms", count, fewRooms), all, alone)
	return nil
}

// spread are as many rooms as the few, but from one end of the many to the other: a backlog has the same shape in them.
func (b *bench) spread() []string {
	ids := make([]string, fewRooms)
	for i := range ids {
		ids[i] = roomID("flat", i*(b.manyRooms/fewRooms))
	}
	return ids
}

// flatLog measures the same load with a short and with a long delivery log.
func (b *bench) flatLog(ctx context.Context) (err error) {
	s, err := b.startServer(ctx, rig.ServerOptions{Config: largeLog})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop(err != nil)) }()
	if err := s.App().SetWebhooks(ctx, b.receiver.Hook); err != nil {
		return err
	}
	rooms, err := b.roomsOf(ctx, s.App(), "flat", b.rooms)
	if err != nil {
		return err
	}
	if err := b.deliver(ctx, s, rooms, fewLog); err != nil {
		return err
	}
	short, err := b.cost(ctx, s, len(rooms), rooms)
	if err != nil {
		return err
	}
	if err := b.restock(ctx, s, func(stock *stockroom) error { return stock.log(b.manyLog) }); err != nil {
		return err
	}
	if err := s.Restart(ctx); err != nil {
		return err
	}
	long, err := b.cost(ctx, s, len(rooms), rooms)
	if err != nil {
		return err
	}
	few, many := thousands(fewLog)+" rows of log", thousands(float64(b.manyLog))+" rows of log"
	b.report.addCost(few, short)
	b.report.addCost(many, long)
	b.report.addFlatness(many+" to "+thousands(fewLog), long, short)
	return nil
}

// deliver makes n events and waits until they are delivered.
func (b *bench) deliver(ctx context.Context, s *rig.Server, rooms []string, n int) error {
	if err := b.receiver.Reset(ctx); err != nil {
		return err
	}
	if err := s.App().Webhooks(ctx, b.receiver.Hook, rig.DelMetadata); err != nil {
		return err
	}
	err := rig.Each(ctx, b.callers, n, func(ctx context.Context, i int) error {
		return b.setAndDelete(ctx, s.App(), rooms[i%len(rooms)], []rig.Mark{{Room: i % len(rooms), Number: i}})
	})
	if err != nil {
		return err
	}
	_, err = b.receiver.Await(ctx, n, rig.Patience)
	return err
}

// cost is what events cost.
type cost struct {
	pairs    float64       // a second
	pairCPU  time.Duration // of the server, for one pair
	drain    float64       // events a second
	drainCPU time.Duration // of the server, for one event

	pairDatabaseCPU, drainDatabaseCPU time.Duration // of PostgreSQL, where it is used
	pairBytes                         int64         // that it wrote to its log
}

// cost measures pairs of set_room_metadata and del_room_metadata all over the first rooms of the flat run, and then how a backlog
// drains that is made in some of them.
func (b *bench) cost(ctx context.Context, s *rig.Server, rooms int, backlogRooms []string) (c cost, err error) {
	if err := b.measurePairs(ctx, s, rooms, &c); err != nil {
		return c, err
	}
	return c, b.measureDrain(ctx, s, backlogRooms, &c)
}

func (b *bench) measurePairs(ctx context.Context, s *rig.Server, rooms int, c *cost) error {
	if err := s.App().Webhooks(ctx, b.receiver.Hook, rig.DelMetadata); err != nil {
		return err
	}
	pair := b.pairAnywhere(s.App(), rooms)
	warm, first, err := b.pairsFor(ctx, warmUp, pair)
	if err != nil {
		return err
	}
	before, err := rig.CPUTime(s.PID())
	if err != nil {
		return err
	}
	t, got, err := b.pairsFor(ctx, b.duration, pair)
	if err != nil {
		return err
	}
	after, err := rig.CPUTime(s.PID())
	if err != nil {
		return err
	}
	c.pairs = t.PerSecond(t.Count(), later(t.End, got.LastAt()))
	c.pairCPU = (after - before) / time.Duration(max(1, t.Count()))
	b.report.note(first.Missing(warm.Count())+got.Missing(t.Count()), first.Surplus(warm.Count())+got.Surplus(t.Count()))
	return nil
}

// pairAnywhere makes pairs in one room after the other. Callers share rooms but not keys: each room has as many keys as it may.
func (b *bench) pairAnywhere(app *rig.App, rooms int) func(ctx context.Context, caller, turn int) error {
	stride := 1
	if rooms > fewRooms {
		stride = rooms/fewRooms + 1 // so that neighbours in time are far from each other in the database
	}
	return func(ctx context.Context, caller, turn int) error {
		place := rig.Place(caller, turn, b.callers, rooms*rig.KeysPerRoom)
		room := place * stride % rooms
		return b.setAndDelete(ctx, app, roomID("flat", room), []rig.Mark{{Room: room, Number: place}})
	}
}

func (b *bench) measureDrain(ctx context.Context, s *rig.Server, rooms []string, c *cost) error {
	backlog, err := b.makeBacklog(ctx, s.App(), rooms)
	if err != nil {
		return err
	}
	before, err := rig.CPUTime(s.PID())
	if err != nil {
		return err
	}
	got, err := b.release(ctx, s.App(), backlog)
	if err != nil {
		return err
	}
	after, err := rig.CPUTime(s.PID())
	if err != nil {
		return err
	}
	c.drain, c.drainCPU = got.Rate(), (after-before)/time.Duration(max(1, backlog))
	b.report.note(got.Missing(backlog), got.Surplus(backlog)+got.OutOfOrder)
	return nil
}
