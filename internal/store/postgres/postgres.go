// Package postgres keeps the state and the outbox in PostgreSQL, for several processes ("nodes") that serve together.
//
// An update takes a lock on everything that it is about: a room, an account, a battle, an app's catalogue. Nobody else, on any
// node, reads that for a change until the update has been committed, announced to the store's listener and published to the
// clients; so limits hold whoever calls, and each room's changes have one order everywhere. The locks are PostgreSQL's advisory
// ones, of the session.
//
// Updates that wait are carried out together, as with the embedded engine: one transaction for many of them, on one of a few
// connections that write. Such a batch waits for locks only at its beginning, when it holds none, and in one order, so that
// batches never wait for each other in a circle. A lock that an update asks for later is only tried: when somebody else has it,
// the update is put back, and begins anew in another batch with all that it is known to need. So an update may be run more than
// once; see live.Store. What it writes is sent together with its next question, or with the commit.
//
// Reads run on a pool of connections of their own and see the last commit of every node.
package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/internal/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// background is the context of every statement. A transaction that has begun is carried through; what bounds a statement is
// its connection's deadline.
var background = context.Background()

// Options says how a store is opened.
type Options struct {
	URL string // postgres://...
	// MaxConnections bounds the connections of all kinds, 20 when 0; Writers are those that carry out updates, 4 when 0.
	MaxConnections, Writers int
	MaxBatch                int           // updates in one commit at most; 64 when 0
	StatementTimeout        time.Duration // 10 s when 0
	Lease                   time.Duration // 10 s when 0
	NodeName, Version       string
	// ManualMigration makes Open fail while migrations are pending, in place of carrying them out.
	ManualMigration bool
	// LogKeep and LogMaxBytes are how long an attempt to deliver stays in the delivery log, and what the log may take at most.
	// With a LogKeep of 0 nothing is kept; a LogMaxBytes of 0 is no bound.
	LogKeep     time.Duration
	LogMaxBytes int64
	// Hush has changes in rooms that nobody has ever been in marked as unheard: to tell their clients would cost a message to
	// other nodes each.
	Hush    bool
	Now     live.Clock // time.Now when nil
	Log     *slog.Logger
	Metrics *observe.Metrics
}

func (o Options) complete() Options {
	if o.MaxConnections == 0 {
		o.MaxConnections = 20
	}
	if o.Writers == 0 {
		o.Writers = 4
	}
	if o.MaxBatch == 0 {
		o.MaxBatch = 64
	}
	if o.StatementTimeout == 0 {
		o.StatementTimeout = 10 * time.Second
	}
	if o.Lease == 0 {
		o.Lease = 10 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// otherConnections are those that neither write nor are in the pool of readers: for settling, for the lease, for listening and
// for telling.
const otherConnections = 4

// Store implements live.Store, delivery.Outbox and delivery.Records.
type Store struct {
	opts     Options
	config   *pgx.ConnConfig
	readers  *pgxpool.Pool
	queue    *queue
	node     node
	listener store.NodeListener
	telling  sync.Mutex // held while the listener is told of a commit
	stopping chan struct{}
	stopped  sync.WaitGroup
	failures failures
	settler  *settler
	backlog  *backlog
	places   store.Places
	logSize  logSize

	// What makes this process one of several runs until all else has stopped.
	keeper  *keeper
	heir    *heir
	ear     *ear
	mouth   *mouth
	leaving chan struct{}
	left    sync.WaitGroup
}

// Open connects to the database, creates or migrates the tables, and starts the writers.
func Open(opts Options, listener store.NodeListener) (*Store, error) {
	opts = opts.complete()
	config, err := connConfig(opts)
	if err != nil {
		return nil, err
	}
	s := &Store{
		opts: opts, config: config, listener: listener, queue: newQueue(opts.MaxBatch), stopping: make(chan struct{}), leaving: make(chan struct{}),
		node: node{seed: maphash.MakeSeed(), lease: delivery.NewLease(opts.Lease)}, backlog: newBacklog(),
		logSize: logSize{due: make(chan struct{}, 1)},
	}
	s.keeper, s.heir, s.ear, s.mouth, s.settler = newKeeper(s), newHeir(s), newEar(s), newMouth(s), newSettler(s)
	if err := s.start(); err != nil {
		return nil, errors.Join(err, s.abandon())
	}
	return s, nil
}

// connConfig says how every connection is made. The password is never in an error.
func connConfig(opts Options) (*pgx.ConnConfig, error) {
	config, err := parseURL(opts.URL)
	if err != nil {
		return nil, err
	}
	config.ConnectTimeout = 5 * time.Second
	config.StatementCacheCapacity = 1024
	for name, value := range map[string]string{
		"application_name": "greenroom",
		"timezone":         "UTC",
		"jit":              "off", // statements are short
		// A plan that is made while a table is small is used when it is large, too.
		"enable_seqscan":    "off",
		"statement_timeout": milliseconds(opts.StatementTimeout),
		"lock_timeout":      milliseconds(min(opts.StatementTimeout, 5*time.Second)),
		// A node that has stopped, or cannot be reached any more, must not hold up the others with what it has locked: neither
		// between two messages, nor in the middle of one.
		"idle_in_transaction_session_timeout": milliseconds(opts.sessionPatience()),
		"tcp_user_timeout":                    milliseconds(opts.sessionPatience()),
		"tcp_keepalives_idle":                 strconv.Itoa(int(opts.sessionPatience() / (2 * time.Second))),
		"tcp_keepalives_interval":             "1",
	} {
		config.RuntimeParams[name] = value
	}
	return config, nil
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

func (s *Store) start() error {
	ctx, cancel := context.WithTimeout(background, 30*time.Second)
	defer cancel()
	if err := s.migrate(ctx); err != nil {
		return err
	}
	pool, err := pgxpool.ParseConfig(s.opts.URL)
	if err != nil {
		return errors.New("the database's URL cannot be read")
	}
	pool.ConnConfig = s.config.Copy()
	pool.MaxConns = int32(max(1, s.opts.MaxConnections-s.opts.Writers-otherConnections))
	if s.readers, err = pgxpool.NewWithConfig(ctx, pool); err != nil {
		return fmt.Errorf("connect to the database: %w", inOneLine(err))
	}
	if err := s.join(ctx); err != nil {
		return err
	}
	for range s.opts.Writers {
		w := &writer{s: s}
		s.stopped.Go(w.run)
	}
	s.stopped.Go(s.settler.run)
	s.stopped.Go(s.countBacklog)
	s.stopped.Go(s.keepLog)
	s.stopped.Go(s.tidy)
	return nil
}

// join makes this process one of the nodes. It listens before it can have missed anything.
func (s *Store) join(ctx context.Context) error {
	if err := insist(ctx, s.ear.begin); err != nil {
		return err
	}
	if err := insist(ctx, func() error { return s.keeper.link.use(s.register) }); err != nil {
		return err
	}
	for _, run := range []func(){s.keeper.run, s.heir.run, s.ear.run, s.mouth.run} {
		s.left.Go(run)
	}
	return nil
}

// insist tries f until it works, the database refuses it, or ctx ends. What f connects with waits for an answer for a part of a
// lease only, and a database on which many nodes begin at the same time may take longer.
func insist(ctx context.Context, f func() error) error {
	for {
		err := f()
		if err == nil || ctx.Err() != nil {
			return err
		}
		if state := stateOf(err); state != "" && state != stateTooLong && !passing(err) {
			return err
		}
		sleep(reconnectMin, ctx.Done())
	}
}

// Close carries out what waits, gives what this node has to deliver to the others, and closes all connections. Nothing may be
// on its way to the app servers any more. Updates and views that come later fail.
func (s *Store) Close() error {
	s.queue.close()
	close(s.stopping)
	s.stopped.Wait()
	close(s.leaving)
	s.left.Wait()
	if err := s.keeper.link.use(s.leave); err != nil {
		s.opts.Log.Warn("the other nodes will notice later that this one has stopped", "error", err)
	}
	return s.abandon()
}

// abandon lets go of what is open.
func (s *Store) abandon() error {
	s.keeper.link.close()
	s.ear.link.close()
	if s.readers != nil {
		s.readers.Close()
	}
	return nil
}

// View implements live.Store.
func (s *Store) View(ctx context.Context, f func(live.Reader) error) error {
	return s.read(ctx, func(c *conn) error { return f(reader{c: c}) })
}

// read runs f on a connection of the pool, in one read transaction that sees one state. Connections of the pool may be dead without
// anybody knowing, all of them when PostgreSQL was restarted: one on which not even the transaction could begin is replaced.
func (s *Store) read(ctx context.Context, f func(*conn) error) error {
	for {
		stale, err := s.readOnce(ctx, f)
		if !stale || ctx.Err() != nil {
			return err
		}
	}
}

// readOnce is read on one connection; stale says that the connection was dead before anything was read on it.
func (s *Store) readOnce(ctx context.Context, f func(*conn) error) (stale bool, err error) {
	pooled, err := s.readers.Acquire(ctx)
	if err != nil {
		return false, fmt.Errorf("connect to the database: %w", inOneLine(err))
	}
	defer pooled.Release()
	c := &conn{pg: pooled.Conn(), patience: s.opts.StatementTimeout + patienceMargin}
	begun := false
	c.queue = append(c.queue, statement{
		query: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", done: func(int64) { begun = true },
	})
	err = f(c)
	c.queue = c.queue[:0]
	if !c.begun {
		return false, err
	}
	if !begun && c.pg.IsClosed() && err != nil {
		return true, err
	}
	c.later("ROLLBACK")
	if ended := c.flush(); err == nil {
		err = ended
	}
	return false, err
}

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.readers.Ping(ctx); err != nil {
		return fmt.Errorf("ask the database: %w", inOneLine(err))
	}
	return nil
}
