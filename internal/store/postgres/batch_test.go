package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/internal/store"
	"github.com/greenroom-live/greenroom/internal/testkit"
)

// ears are a listener that remembers.
type ears struct {
	mu      sync.Mutex
	commits []store.Commit
	gate    chan struct{} // publishing waits until it is closed, where there is one
}

func (e *ears) Committed(c store.Commit) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c.Changes, c.Webhooks = slices.Clone(c.Changes), slices.Clone(c.Webhooks)
	e.commits = append(e.commits, c)
}

func (e *ears) Published(context.Context) {
	if e.gate != nil {
		<-e.gate
	}
}
func (e *ears) Heard(store.News) {}

// openNode opens a store on a database.
func openNode(t *testing.T, url string, change func(*Options)) (*Store, *ears) {
	t.Helper()
	opts := Options{URL: url, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Metrics: observe.NewMetrics(),
		LogKeep: 72 * time.Hour, LogMaxBytes: 1 << 30}
	if change != nil {
		change(&opts)
	}
	e := new(ears)
	s, err := Open(opts, e)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s, e
}

func makeRoom(t *testing.T, s *Store, id live.RoomID) {
	t.Helper()
	require.NoError(t, s.Update(background, func(tx live.Tx) error {
		return tx.InsertRoom(7, live.Room{ID: id, Owner: "owner"})
	}))
}

var errFull = errors.New("full")

// addKey is an update that adds a key unless there are most already.
func addKey(room live.RoomID, key string, most int) func(live.Tx) error {
	return func(tx live.Tx) error {
		if _, _, err := tx.RoomOwner(7, room); err != nil {
			return err
		}
		sizes, err := tx.MetadataSizes(7, room)
		if err != nil {
			return err
		}
		if len(sizes) >= most {
			return errFull
		}
		return tx.PutMetadata(7, room, live.Pair{Key: key, Value: strings.Repeat("v", 10)})
	}
}

func TestLimitsHoldWithinAndAmongBatchesAndNodes(t *testing.T) {
	url := testkit.Database(t)
	a, _ := openNode(t, url, nil)
	b, _ := openNode(t, url, nil)
	const rooms, most, callers = 5, 10, 40
	for r := range rooms {
		makeRoom(t, a, live.RoomID(fmt.Sprint("r", r)))
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	added := make(map[live.RoomID]int)
	for n, s := range []*Store{a, b} {
		for i := range callers {
			for r := range rooms {
				all.Go(func() {
					room := live.RoomID(fmt.Sprint("r", r))
					err := s.Update(background, addKey(room, fmt.Sprint("k", n, "_", i), most))
					if err == nil {
						mu.Lock()
						added[room]++
						mu.Unlock()
						return
					}
					require.ErrorIs(t, err, errFull)
				})
			}
		}
	}
	all.Wait()
	for r := range rooms {
		room := live.RoomID(fmt.Sprint("r", r))
		require.Equal(t, most, added[room])
		require.NoError(t, b.View(background, func(r live.Reader) error {
			sizes, err := r.MetadataSizes(7, room)
			require.Len(t, sizes, most)
			return err
		}))
	}
}

// TestARoomIsLockedUntilItsClientsHaveBeenTold: another node changes it only then, so that all hear of both in order.
func TestARoomIsLockedUntilItsClientsHaveBeenTold(t *testing.T) {
	url := testkit.Database(t)
	a, heard := openNode(t, url, nil)
	b, _ := openNode(t, url, nil)
	makeRoom(t, a, "room")
	heard.gate = make(chan struct{})
	require.NoError(t, a.Update(background, func(tx live.Tx) error {
		if _, _, err := tx.RoomOwner(7, "room"); err != nil {
			return err
		}
		return tx.Emit(live.Event{App: 7, Room: "room", At: time.Now(), Change: live.LoginsEnded{}})
	}))
	var told, early atomic.Bool
	tried, done := make(chan struct{}, 100), make(chan error, 1)
	go func() {
		done <- b.Update(background, func(tx live.Tx) error {
			_, _, err := tx.RoomOwner(7, "room")
			early.Store(early.Load() || err == nil && !told.Load())
			tried <- struct{}{}
			return err
		})
	}()
	<-tried
	told.Store(true)
	close(heard.gate)
	require.NoError(t, <-done)
	require.False(t, early.Load())
}
