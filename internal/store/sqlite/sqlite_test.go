package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/internal/store"
	"github.com/greenroom-live/greenroom/internal/store/storetest"
	"github.com/greenroom-live/greenroom/internal/testkit"
)

type deaf struct{}

func (deaf) Committed(store.Commit) {}

func options(dir string) Options {
	return Options{Dir: dir, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Metrics: observe.NewMetrics(),
		LogKeep: 72 * time.Hour, LogMaxBytes: 1 << 30}
}

// folder makes a data folder with a new database in it.
var folder = testkit.Folders(func(dir string) error {
	s, err := Open(options(dir), deaf{})
	if err != nil {
		return err
	}
	return s.Close()
})

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T, dir string, l store.Listener) storetest.Engine {
		s, err := Open(options(dir), l)
		require.NoError(t, err)
		return s
	})
}

func TestWaitingUpdatesShareOneCommit(t *testing.T) {
	opts := options(folder(t))
	s, err := Open(opts, deaf{})
	require.NoError(t, err)
	defer s.Close()
	entered, leave := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		_ = s.Update(context.Background(), func(live.Tx) error { close(entered); <-leave; return nil })
	})
	<-entered
	const waiting = 50
	for i := range waiting {
		all.Go(func() {
			err := s.Update(context.Background(), func(tx live.Tx) error {
				return tx.PutAccount(1, live.Account{ID: live.UserID(fmt.Sprint(i))})
			})
			require.NoError(t, err)
		})
	}
	require.Eventually(t, func() bool { return len(s.writer.jobs) == waiting }, 10*time.Second, time.Millisecond)
	close(leave)
	all.Wait()
	require.Equal(t, 1.0, testutil.ToFloat64(opts.Metrics.StoreCommits))
	require.Equal(t, float64(waiting+1), testutil.ToFloat64(opts.Metrics.StoreUpdates))
}

func TestADataFolderBelongsToOneStore(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(options(dir), deaf{})
	require.NoError(t, err)
	_, err = Open(options(dir), deaf{})
	require.ErrorContains(t, err, "in use")
	require.NoError(t, s.Close())
	s, err = Open(options(dir), deaf{})
	require.NoError(t, err)
	require.NoError(t, s.Close())
}

func TestAClosedStoreRefusesEverything(t *testing.T) {
	s, err := Open(options(folder(t)), deaf{})
	require.NoError(t, err)
	require.NoError(t, s.Update(context.Background(), func(tx live.Tx) error { return tx.PutAccount(1, live.Account{ID: "u"}) }))
	require.NoError(t, s.View(context.Background(), func(live.Reader) error { return nil }))
	require.NoError(t, s.Close())
	require.ErrorIs(t, s.Update(context.Background(), func(live.Tx) error { return nil }), errClosed)
	require.ErrorIs(t, s.View(context.Background(), func(live.Reader) error { return nil }), errClosed)
}

func TestAClosedDatabaseIsOneFile(t *testing.T) {
	opts := options(folder(t))
	s, err := Open(opts, deaf{})
	require.NoError(t, err)
	require.NoError(t, s.Update(context.Background(), func(tx live.Tx) error { return tx.PutAccount(1, live.Account{ID: "u"}) }))
	require.FileExists(t, opts.Dir+"/"+FileName+"-wal")
	require.NoError(t, s.Close())
	require.NoFileExists(t, opts.Dir+"/"+FileName+"-wal")
}

// heard passes on what became durable.
type heard chan store.Commit

func (h heard) Committed(c store.Commit) { h <- store.Commit{Settled: slices.Clone(c.Settled)} }

func TestALockedDatabaseFailsTheCallAndLosesNoOutcome(t *testing.T) {
	opts, commits := options(folder(t)), make(heard, 10)
	s, err := Open(opts, commits)
	require.NoError(t, err)
	defer s.Close()
	other, err := sql.Open("sqlite", "file:"+opts.Dir+"/"+FileName)
	require.NoError(t, err)
	defer other.Close()
	lock, err := other.Conn(context.Background())
	require.NoError(t, err)
	_, err = lock.ExecContext(context.Background(), "BEGIN IMMEDIATE")
	require.NoError(t, err)
	outcome := delivery.Outcome{Event: delivery.Event{Seq: 1, Lane: delivery.Lane{App: 1, Room: "r"}}}
	s.Settle(outcome)
	err = s.Update(context.Background(), func(tx live.Tx) error { return tx.PutAccount(1, live.Account{ID: "u"}) })
	require.ErrorContains(t, err, "locked")
	_, err = lock.ExecContext(context.Background(), "ROLLBACK")
	require.NoError(t, err)
	select {
	case c := <-commits:
		require.Equal(t, []delivery.Outcome{outcome}, c.Settled)
	case <-time.After(20 * time.Second):
		require.FailNow(t, "the outcome is lost")
	}
	require.NoError(t, s.View(context.Background(), func(r live.Reader) error {
		_, ok, err := r.Account(1, "u")
		require.False(t, ok, "a call that failed has not happened")
		return err
	}))
}

func TestAFolderNameMayHoldAnything(t *testing.T) {
	dir := t.TempDir() + "/a b?c#d%e"
	require.NoError(t, os.Mkdir(dir, 0o700))
	s, err := Open(options(dir), deaf{})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.FileExists(t, dir+"/"+FileName)
}

// BenchmarkUpdates measures durable metadata writes with a number of concurrent callers.
func BenchmarkUpdates(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprint("callers=", callers), func(b *testing.B) {
			s, err := Open(options(b.TempDir()), deaf{})
			require.NoError(b, err)
			defer s.Close()
			b.SetParallelism(callers)
			b.ReportAllocs()
			var n atomic.Int64
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					value := fmt.Sprint(n.Add(1)) // writing the same value again would write nothing
					_ = s.Update(context.Background(), func(tx live.Tx) error {
						if _, err := tx.MetadataSizes(1, "room"); err != nil {
							return err
						}
						return tx.PutMetadata(1, "room", live.Pair{Key: "k", Value: value})
					})
				}
			})
		})
	}
}
