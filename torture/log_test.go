package torture

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/internal/store"
	"github.com/greenroom-live/greenroom/internal/store/sqlite"
)

// drained waits until the server says that nothing waits any more.
func drained(t *testing.T, url string) {
	t.Helper()
	want := fmt.Sprintf("greenroom_webhook_waiting{app=\"%d\"} 0\n", app)
	require.Eventually(t, func() bool {
		answer, err := http.Get(url + "/metrics")
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		return err == nil && strings.Contains(string(text), want)
	}, *settle, 10*time.Millisecond, "something still waits")
}

// deaf hears of commits, of which there are none.
type deaf struct{}

func (deaf) Committed(store.Commit) {}

// checkLog holds the delivery log of a server that was stopped against what arrived: each event that was taken has a line
// that says so, no other has, and nothing waits or was given up. It returns how many attempts the log has.
func checkLog(t *testing.T, dir string, r *receiver) (attempts int) {
	t.Helper()
	s, err := sqlite.Open(sqlite.Options{
		Dir: dir, Log: slog.New(slog.DiscardHandler), Metrics: observe.NewMetrics(), LogKeep: time.Hour, LogMaxBytes: 1 << 40,
	}, deaf{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	delivered := make(map[string]bool)
	var page []delivery.Logged
	for after, more := delivery.Cursor(""), true; more; more = after != "" {
		page, after, err = s.Log(t.Context(), delivery.Filter{App: live.AppID(app)}, nil, after, 1000)
		require.NoError(t, err)
		attempts += len(page)
		for _, line := range page {
			assert.NotEqual(t, delivery.Dead, line.Fate, "%s was given up: %s", line.Event.ID, line.Attempt.Error)
			if line.Fate == delivery.Delivered {
				delivered[line.Event.ID] = true
			}
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, e := range r.events {
		assert.Equal(t, e.taken, delivered[id], "%s, %v: taken by the app server, and delivered by the log", id, e.step)
		delete(delivered, id)
	}
	assert.Empty(t, delivered, "delivered by the log, but never arrived")
	waiting, _, err := s.Waiting(t.Context(), delivery.Filter{App: live.AppID(app)}, "", 1)
	require.NoError(t, err)
	assert.Empty(t, waiting)
	return attempts
}
