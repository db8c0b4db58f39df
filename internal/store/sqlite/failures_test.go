package sqlite

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
)

// journal keeps what was logged.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(line)
}

func (j *journal) count(text string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Count(j.text.String(), text)
}

// While outcomes cannot be written, updates that can are; a line says now and then that commits fail.
func TestOutcomesThatCannotBeWrittenHoldUpNoUpdates(t *testing.T) {
	var logged journal
	heard := quiet{make(chan int, 1000)}
	opts := options(t.TempDir())
	opts.Log = slog.New(slog.NewTextHandler(&logged, nil))
	s, err := Open(opts, heard)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	switchOn(t, s)
	emit(t, s, newClock(), testApp, rand.New(rand.NewPCG(1, 1)), 10)
	events, _, err := s.Waiting(background, delivery.Filter{App: testApp}, "", 100)
	require.NoError(t, err)
	end := fullDisk(t, s)
	for len(heard.settled) > 0 {
		<-heard.settled
	}
	for _, e := range events {
		e.Body = make([]byte, 100_000) // more than what is free in the file
		s.Settle(delivery.Outcome{Event: e})
	}
	require.Eventually(t, func() bool { return logged.count("commit failed") == 1 }, 20*time.Second, time.Millisecond)
	failed := 0
	for i := range 200 {
		if err := s.Update(background, func(tx live.Tx) error {
			return tx.PutAccount(testApp, live.Account{ID: "u", Nick: fmt.Sprint(i)})
		}); err != nil {
			failed++
		}
		time.Sleep(5 * time.Millisecond)
	}
	require.Less(t, failed, 10, "updates fail because of outcomes that ride along with them")
	require.LessOrEqual(t, logged.count("commit failed"), 2)
	require.Empty(t, lines(t, s, delivery.Filter{App: testApp}))
	end()
	for settled := 0; settled < len(events); {
		settled += <-heard.settled
	}
	s.Settle(delivery.Outcome{Event: events[0]})
	began := time.Now()
	<-heard.settled
	require.Less(t, time.Since(began), settleRetry/2, "all is as it was before")
}

func TestFailuresAreToldOfNowAndThen(t *testing.T) {
	var logged journal
	log := slog.New(slog.NewTextHandler(&logged, nil))
	var f failures
	for range 100 {
		f.add(log, errors.New("full"), 1, 2)
	}
	require.Equal(t, 1, logged.count("\n"))
	require.Equal(t, 1, logged.count(`msg="commit failed" updates=1 outcomes=2 commits=1 error=full`))
	f.told = f.told.Add(-complainEvery)
	f.add(log, errors.New("full"), 1, 2)
	require.Equal(t, 1, logged.count("commits=100 "))
	require.Equal(t, 2, logged.count("\n"))
}

func TestPatienceGrowsUpToABound(t *testing.T) {
	var p patience
	require.Zero(t, p.left())
	for want := settleDelay; want < settleRetry; want *= 2 {
		p.grow()
		require.Equal(t, want, p.wait)
		require.Greater(t, p.left(), want/2)
	}
	for range 100 {
		p.grow()
	}
	require.Equal(t, settleRetry, p.wait)
}

// Callers who wait behind one that cannot begin fail with it, and not one after the other.
func TestCallersOfALockedDatabaseFailTogether(t *testing.T) {
	s := openAt(t, options(t.TempDir()))
	defer lockedDatabase(t, s)()
	began := time.Now()
	var calls sync.WaitGroup
	for i := range 50 {
		calls.Go(func() {
			err := s.Update(background, func(tx live.Tx) error {
				return tx.PutAccount(testApp, live.Account{ID: live.UserID(fmt.Sprint(i))})
			})
			if err == nil || !strings.Contains(err.Error(), "locked") {
				t.Error(err)
			}
		})
	}
	calls.Wait()
	require.Less(t, time.Since(began), 15*time.Second) // the first waits for 2 s, and so may those that came later
}

// What a failed commit or update has trimmed is still there.
func TestTrimmingThatFailsChangesNothing(t *testing.T) {
	c := newClock()
	s := openAt(t, c.options(t.TempDir()))
	untidy(t, s)
	for i := range 5 {
		write(t, s, delivered(c, i, 10))
	}
	c.move(s.opts.LogKeep + time.Second)
	start := func() (at int64) {
		require.NoError(t, s.change(background, func(own *tx) error { at = own.w.logStart; return nil }))
		return at
	}
	before := start()
	refused := errors.New("refused")
	require.ErrorIs(t, s.change(background, func(own *tx) error {
		_, err := own.trimLog(0)
		require.NoError(t, err)
		require.Greater(t, own.w.logStart, before)
		return refused
	}), refused)
	require.Equal(t, before, start())
	require.Error(t, s.change(background, func(own *tx) error {
		_, err := own.trimLog(0)
		require.NoError(t, err)
		return own.c.do("ROLLBACK") // so that the commit cannot be made
	}))
	require.Equal(t, before, start())
	require.Len(t, lines(t, s, delivery.Filter{App: testApp}), 5)
	require.NoError(t, s.trim())
	require.Greater(t, start(), before)
}
