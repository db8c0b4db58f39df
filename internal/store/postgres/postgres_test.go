package postgres

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/internal/store"
	"github.com/greenroom-live/greenroom/internal/store/storetest"
	"github.com/greenroom-live/greenroom/internal/testkit"
)

// deaf is a listener to nothing.
type deaf struct{}

func (deaf) Committed(store.Commit)    {}
func (deaf) Published(context.Context) {}
func (deaf) Heard(store.News)          {}

func options(url string) Options {
	return Options{URL: url, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Metrics: observe.NewMetrics(),
		LogKeep: 72 * time.Hour, LogMaxBytes: 1 << 30}
}

// database makes a database with all tables.
var database = testkit.Databases(func(url string) error {
	s, err := Open(options(url), deaf{})
	if err != nil {
		return err
	}
	return s.Close()
})

// opener opens the engine on the database that stands for a folder.
func opener() storetest.Open {
	var mu sync.Mutex
	urls := make(map[string]string)
	return func(t *testing.T, dir string, l store.Listener) storetest.Engine {
		mu.Lock()
		url, ok := urls[dir]
		if !ok {
			url = database(t)
			urls[dir] = url
		}
		mu.Unlock()
		listener, ok := l.(store.NodeListener)
		if !ok {
			listener = deaf{}
		}
		s, err := Open(options(url), listener)
		require.NoError(t, err)
		return s
	}
}

func TestStore(t *testing.T) { storetest.Run(t, opener()) }
