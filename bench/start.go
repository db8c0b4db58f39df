package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/greenroom-live/greenroom/bench/rig"
)

// What a start with many undelivered events may take.
const (
	firstDelivery = 2.0 // seconds
	startMemory   = 300 // MiB
)

// startUp measures a start with -stock undelivered events over -stock-rooms rooms, with an app server that takes everything: how
// long the first delivery takes from the start of the process on, how much memory it needs, and how fast it drains.
func (b *bench) startUp(ctx context.Context) (err error) {
	s, err := b.startServer(ctx, rig.ServerOptions{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop(err != nil)) }()
	if err := b.stockUp(ctx, s); err != nil {
		return err
	}
	if err := b.receiver.Reset(ctx); err != nil {
		return err
	}
	b.say("starting with %d undelivered events", b.stock)
	began := time.Now()
	if err := s.Launch(); err != nil {
		return err
	}
	early, err := b.receiver.Await(ctx, 1, rig.Patience)
	if err != nil {
		return err
	}
	b.report.add(figure{Run: "start", Name: "process started to first delivery", Value: early.FirstAt().Sub(began).Seconds(),
		Unit: seconds, atMost: new(firstDelivery)})
	return b.drainStart(ctx, s)
}

// stockUp leaves a server halted, with events that go to the receiver at the next start.
func (b *bench) stockUp(ctx context.Context, s *rig.Server) error {
	if err := b.receiver.Answer(ctx, http.StatusServiceUnavailable); err != nil {
		return err
	}
	app, room := s.App(), roomID("start", 0)
	if err := errors.Join(app.CreateRoom(ctx, room), app.SetWebhooks(ctx, b.receiver.Marked, rig.DelMetadata)); err != nil {
		return err
	}
	if err := b.setAndDelete(ctx, app, room, marks(0, 0, 1)); err != nil {
		return err
	}
	ids := make([]string, b.lanes)
	for i := range ids {
		ids[i] = roomID("start", i)
	}
	return b.restock(ctx, s, func(stock *stockroom) error { return stock.events(ids, 0, b.stock) })
}

// restock halts a server and changes its database.
func (b *bench) restock(ctx context.Context, s *rig.Server, change func(*stockroom) error) error {
	if err := s.Halt(); err != nil {
		return err
	}
	b.say("writing into the database")
	stock, err := openStockroom(ctx, s.DataDir())
	if err != nil {
		return err
	}
	return errors.Join(change(stock), stock.close())
}

// drainStart waits until all is delivered.
func (b *bench) drainStart(ctx context.Context, s *rig.Server) error {
	if err := b.addMemory(s, "peak memory of the start"); err != nil {
		return err
	}
	got, err := b.receiver.Await(ctx, b.stock, rig.Patience)
	if err != nil {
		return err
	}
	if err := b.addMemory(s, "peak memory until all was delivered"); err != nil {
		return err
	}
	b.report.add(figure{Run: "start", Name: "webhooks after the start", Value: got.Rate(), Unit: perSecond, exchanges: got.Rate()})
	b.report.addDisorder("start", got.OutOfOrder)
	b.report.addLosses("start", got.Missing(b.stock), got.Surplus(b.stock))
	return nil
}

func (b *bench) addMemory(s *rig.Server, name string) error {
	peak, err := rig.PeakMemory(s.PID())
	if err != nil {
		return err
	}
	b.report.add(figure{Run: "start", Name: name, Value: float64(peak) / (1 << 20), Unit: mebibytes, atMost: new(float64(startMemory))})
	return nil
}
