package main

import (
	"io"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/bench/rig"
)

// sink takes events, or refuses them.
type sink struct {
	mu     sync.Mutex
	status int
	marks  []rig.Mark
	change chan struct{}
}

func newSink(t *testing.T) (*sink, *url.URL) {
	s := &sink{status: http.StatusOK, change: make(chan struct{}, 1)}
	server, base, err := rig.Listen(s)
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Close() })
	return s, base.JoinPath("hook")
}

func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	m, _ := rig.FindMark(body)
	s.marks = append(s.marks, m)
	select {
	case s.change <- struct{}{}:
	default:
	}
	if s.status != http.StatusOK {
		w.WriteHeader(s.status)
		return
	}
	rig.Accept(w)
}

// await returns what came when that are n events.
func (s *sink) await(t *testing.T, n int) []rig.Mark {
	t.Helper()
	for deadline := time.After(20 * time.Second); ; {
		s.mu.Lock()
		marks := s.marks
		s.mu.Unlock()
		if len(marks) >= n {
			return marks
		}
		select {
		case <-s.change:
		case <-deadline:
			require.FailNow(t, "too few events", "%d of %d", len(marks), n)
		}
	}
}

func (s *sink) answer(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, s.marks = status, nil
}

func TestTheSQLiteLoopDeliversInOrder(t *testing.T) {
	s, hook := newSink(t)
	l := newSQLiteLoop(t.TempDir(), 4)
	require.NoError(t, l.fill(t.Context(), 2, 3000))
	require.NoError(t, l.open(t.Context(), hook))
	ledger := rig.NewLedger()
	for _, m := range s.await(t, 3000) {
		fresh, late := ledger.Add(m)
		require.True(t, fresh, m)
		require.False(t, late, m)
	}
	require.NoError(t, l.publish(t.Context(), rig.Mark{Room: 1, Number: 5000}))
	require.Equal(t, rig.Mark{Room: 1, Number: 5000}, s.await(t, 3001)[3000])
	require.NoError(t, l.close())
	require.NoError(t, l.close(), "it is closed")
}

func TestTheSQLiteLoopKeepsWhatWasNotTaken(t *testing.T) {
	s, hook := newSink(t)
	s.answer(http.StatusServiceUnavailable)
	l := newSQLiteLoop(t.TempDir(), 2)
	require.NoError(t, l.open(t.Context(), hook))
	require.NoError(t, l.publish(t.Context(), rig.Mark{Number: 7}))
	s.await(t, 1)
	s.answer(http.StatusOK)
	require.NoError(t, l.open(t.Context(), hook))
	require.Equal(t, []rig.Mark{{Number: 7}}, s.await(t, 1))
	require.NoError(t, l.close())
}

func TestLiveKitsNotifierSendsTheSameMarks(t *testing.T) {
	s, hook := newSink(t)
	p := newLivekit(livekitWindow)
	require.NoError(t, p.open(t.Context(), hook))
	for i := range 300 {
		require.NoError(t, p.publish(t.Context(), backlogMark(i, 10)))
	}
	require.Len(t, s.await(t, 300), 300)
	require.ErrorIs(t, p.fill(t.Context(), 1, 1), errMemory)
	require.NoError(t, p.close())
}

func TestAllEventsAreOfOneSize(t *testing.T) {
	m := rig.Mark{Room: 999, Number: 9}
	require.InDelta(t, 200, len(body(m)), 50)
	found, ok := rig.FindMark(body(m))
	require.True(t, ok)
	require.Equal(t, m, found)
}
