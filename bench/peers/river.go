package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/greenroom-live/greenroom/bench/rig"
)

// riverSettings are what is tuned of River. Zero times are River's defaults.
type riverSettings struct {
	workers        int
	cooldown, poll time.Duration
}

// riverDefaults are River's own settings; it has no default for the workers, and 100 is what its guide sets.
var riverDefaults = riverSettings{workers: 100}

// riverSpare is how many database connections River has beside one for each caller and those of its own parts.
const riverSpare = 16

// riverPeer is River on PostgreSQL, in this process: an event is a job, inserted by a transaction that is committed before
// publish returns. A worker posts it over connections that it keeps.
type riverPeer struct {
	settings riverSettings
	callers  int
	pool     *pgxpool.Pool
	poster   *rig.Poster
	hook     atomic.Pointer[url.URL]
	client   *river.Client[pgx.Tx]
	running  bool
}

// hookArgs are a job's arguments. The body is text, because JSON would not keep its bytes.
type hookArgs struct {
	Body string `json:"body"`
}

func (hookArgs) Kind() string { return "webhook" }

type hookWorker struct {
	river.WorkerDefaults[hookArgs]
	peer *riverPeer
}

func (w *hookWorker) Work(ctx context.Context, job *river.Job[hookArgs]) error {
	return w.peer.poster.Post(ctx, w.peer.hook.Load(), []byte(job.Args.Body))
}

// startRiver makes a database of its own, anew.
func startRiver(ctx context.Context, dsn, database string, callers int, s riverSettings) (*riverPeer, error) {
	if err := makeDatabase(ctx, dsn, database); err != nil {
		return nil, err
	}
	p, err := connectRiver(ctx, dsn, database, callers, s)
	if err != nil {
		return nil, err
	}
	migrator, err := rivermigrate.New(riverpgxv5.New(p.pool), &rivermigrate.Config{Logger: quiet()})
	if err == nil {
		_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make River's tables: %w", err), p.close())
	}
	return p, nil
}

func makeDatabase(ctx context.Context, dsn, name string) error {
	c, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer c.Close(context.WithoutCancel(ctx))
	for _, statement := range []string{"DROP DATABASE IF EXISTS ", "CREATE DATABASE "} {
		if _, err := c.Exec(ctx, statement+pgx.Identifier{name}.Sanitize()); err != nil {
			return err
		}
	}
	return nil
}

func connectRiver(ctx context.Context, dsn, database string, callers int, s riverSettings) (*riverPeer, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	config.ConnConfig.Database = database
	config.MaxConns = int32(callers + riverSpare)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	p := &riverPeer{settings: s, callers: callers, pool: pool, poster: rig.NewPoster(s.workers)}
	if p.client, err = p.newClient(); err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

func (p *riverPeer) newClient() (*river.Client[pgx.Tx], error) {
	workers := river.NewWorkers()
	river.AddWorker(workers, &hookWorker{peer: p})
	return river.NewClient(riverpgxv5.New(p.pool), &river.Config{
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: p.settings.workers}},
		Workers:           workers,
		FetchCooldown:     p.settings.cooldown,
		FetchPollInterval: p.settings.poll,
		Logger:            quiet(),
	})
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func (p *riverPeer) open(ctx context.Context, hook *url.URL) error {
	p.hook.Store(hook)
	if p.running {
		return nil
	}
	p.running = true
	return p.client.Start(context.WithoutCancel(ctx))
}

func (p *riverPeer) prepare(context.Context, int, int) error { return nil }

func (p *riverPeer) publish(ctx context.Context, m rig.Mark) error {
	tx, err := p.pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // does nothing after the commit
	if _, err := p.client.InsertTx(ctx, tx, hookArgs{string(body(m))}, nil); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// riverBatch is how many jobs are inserted with one COPY.
const riverBatch = 1000

// fill stops the workers and inserts as fast as River can. The next open starts them again.
func (p *riverPeer) fill(ctx context.Context, rooms, n int) (err error) {
	if err := p.stop(); err != nil {
		return err
	}
	for from := 0; from < n; from += riverBatch {
		batch := make([]river.InsertManyParams, 0, riverBatch)
		for i := from; i < min(n, from+riverBatch); i++ {
			batch = append(batch, river.InsertManyParams{Args: hookArgs{string(body(backlogMark(i, rooms)))}})
		}
		if _, err := p.client.InsertManyFast(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

// riverStop is how long running jobs have at the end.
const riverStop = 30 * time.Second

// stop stops the workers, and makes a client that can be started.
func (p *riverPeer) stop() (err error) {
	if !p.running {
		return nil
	}
	p.running = false
	ctx, cancel := context.WithTimeout(context.Background(), riverStop)
	defer cancel()
	if err := p.client.Stop(ctx); err != nil {
		return fmt.Errorf("stop River: %w", err)
	}
	p.client, err = p.newClient()
	return err
}

func (p *riverPeer) close() error {
	err := p.stop()
	p.pool.Close()
	p.poster.Close()
	return err
}
