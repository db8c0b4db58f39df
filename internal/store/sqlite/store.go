// Package sqlite keeps the state and the outbox in one SQLite file.
//
// All changes go through one writer goroutine. It collects the updates that wait, runs each in a savepoint of one
// transaction, commits once and then answers them all: a group commit, so that many callers share one fsync. An
// update that fails is rolled back alone. Outcomes of deliveries ride along in the same commits.
//
// The same commit writes the attempts into the delivery log, so that an event is always in the outbox, among the dead
// letters or in the log. The log lies in blocks of many records, which are numbered; small blocks are merged, and old ones
// removed, in the background.
//
// After a commit, and only then, the writer hands the emitted events to the store's listener in commit order.
// Reads run on a pool of connections of their own and see the last commit.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/internal/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// FileName is the database's name in the data folder.
const FileName = "greenroom.db"

// readerCacheKiB is the page cache of each connection that reads. A commit empties it, so a large one is of no use.
const readerCacheKiB = "4096"

// Options says how a store is opened.
type Options struct {
	Dir      string // the data folder; it must exist
	MaxBatch int    // updates in one commit at most; 128 when 0
	CacheMiB int    // page cache of the writer; 64 when 0
	// LogKeep and LogMaxBytes are how long an attempt to deliver stays in the delivery log, and what the log may take at
	// most. With a LogKeep of 0 nothing is kept; a LogMaxBytes of 0 is no bound.
	LogKeep     time.Duration
	LogMaxBytes int64
	Now         live.Clock // time.Now when nil
	Log         *slog.Logger
	Metrics     *observe.Metrics
}

// Store implements live.Store, delivery.Outbox and delivery.Records.
type Store struct {
	db      *sql.DB
	opts    Options
	unlock  func() error
	readers chan *conn
	writer  *writer
	stopped sync.WaitGroup
	places  store.Places
}

var (
	_ live.Store       = (*Store)(nil)
	_ delivery.Outbox  = (*Store)(nil)
	_ delivery.Records = (*Store)(nil)
)

// Open opens the database of a data folder, creates or migrates it, and starts its writer. The folder belongs to one
// process at a time.
func Open(opts Options, listener store.Listener) (*Store, error) {
	unlock, err := lockFolder(opts.Dir)
	if err != nil {
		return nil, err
	}
	s, err := open(opts, listener)
	if err != nil {
		return nil, errors.Join(err, unlock())
	}
	s.unlock = unlock
	return s, nil
}

func open(opts Options, listener store.Listener) (*Store, error) {
	if opts.MaxBatch == 0 {
		opts.MaxBatch = 128
	}
	if opts.CacheMiB == 0 {
		opts.CacheMiB = 64
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	db, err := sql.Open("sqlite", dsn(opts))
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	s := &Store{db: db, opts: opts}
	if err := s.start(listener); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// dsn names the file and the settings of every connection. The write-ahead log is copied back when it has grown to
// some 16 MB: seldom enough not to be felt, and soon enough for the log to be written in place again. SQLite counts
// the bytes of the pages that it caches; the driver's allocator rounds each page, which has a header, up to the next power of
// two, so they take twice as much.
func dsn(opts Options) string {
	pragmas := []string{
		"busy_timeout(2000)", "journal_mode(WAL)", "synchronous(FULL)", "wal_autocheckpoint(4000)",
		"temp_store(MEMORY)", "cache_size(-" + strconv.Itoa(opts.CacheMiB*1024/2) + ")",
	}
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.Join(opts.Dir, FileName)}).EscapedPath()}
	u.RawQuery = url.Values{"_pragma": pragmas}.Encode()
	return u.String()
}

func (s *Store) start(listener store.Listener) error {
	if _, err := migrate(background, s.db); err != nil {
		return err
	}
	c, err := openConn(s.db)
	if err != nil {
		return err
	}
	s.writer = newWriter(c, s.opts, listener)
	s.readers = make(chan *conn, max(4, 2*runtime.GOMAXPROCS(0)))
	for range cap(s.readers) {
		r, err := openConn(s.db)
		if err != nil {
			return err
		}
		if err := errors.Join(r.do("PRAGMA query_only = 1"), r.do("PRAGMA cache_size = -"+readerCacheKiB)); err != nil {
			return err
		}
		s.readers <- r
	}
	return s.run()
}

// run starts what runs in the background. The backlog is counted as it is before the first commit: what c reads first
// settles what it sees. It is one of the readers afterwards.
func (s *Store) run() error {
	if err := s.writer.findLog(); err != nil {
		return err
	}
	c := <-s.readers
	if err := c.do("BEGIN"); err != nil {
		return err
	}
	if _, err := c.first("SELECT next FROM outbox_sequence LIMIT 1", nil, new(int64)); err != nil {
		return err
	}
	logEnd := s.writer.log.next
	s.stopped.Go(s.writer.run)
	go s.count(c)
	s.stopped.Go(func() { s.tidy(logEnd) })
	return nil
}

// Close carries out what waits, stops the writer, waits for the readers and closes the file, which is then whole
// without its write-ahead log. Updates and views that come later fail.
func (s *Store) Close() error {
	s.writer.stop()
	s.stopped.Wait()
	var errs []error
	for range cap(s.readers) {
		errs = append(errs, (<-s.readers).close())
	}
	close(s.readers)
	return errors.Join(append(errs, s.db.Close(), s.unlock())...)
}

// Update implements live.Store.
func (s *Store) Update(ctx context.Context, f func(live.Tx) error) error {
	return s.writer.update(ctx, f)
}

// View implements live.Store.
func (s *Store) View(ctx context.Context, f func(live.Reader) error) error {
	return s.read(ctx, func(c *conn) error { return f(reader{c}) })
}

// read runs f on a connection of the pool, in one read transaction.
func (s *Store) read(ctx context.Context, f func(*conn) error) error {
	var c *conn
	select {
	case c = <-s.readers:
	case <-ctx.Done():
		return ctx.Err()
	}
	if c == nil {
		return errClosed
	}
	defer func() { s.readers <- c }()
	if err := c.do("BEGIN"); err != nil {
		return err
	}
	err := f(c)
	return errors.Join(err, c.do("ROLLBACK"))
}

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	return s.read(ctx, func(*conn) error { return nil })
}
