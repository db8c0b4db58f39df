package webhook

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

func TestASecondClaimWaitsForTheOutcomeOfTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger(10)
		done, err := l.begin(t.Context(), "evt_1")
		require.NoError(t, err)
		require.False(t, done)

		answered := make(chan bool, 1)
		go func() {
			done, err := l.begin(context.Background(), "evt_1")
			answered <- done && err == nil
		}()
		synctest.Wait()
		require.Empty(t, answered, "the second claim waits")
		l.end("evt_1", true)
		require.True(t, <-answered)
	})
}

func TestAClaimStopsWaitingWhenItsCallerDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger(10)
		_, err := l.begin(t.Context(), "evt_1")
		require.NoError(t, err)

		ctx, cancel := context.WithCancel(t.Context())
		gaveUp := make(chan error, 1)
		go func() {
			_, err := l.begin(ctx, "evt_1")
			gaveUp <- err
		}()
		synctest.Wait()
		cancel()
		require.ErrorIs(t, <-gaveUp, context.Canceled)
		l.end("evt_1", true)
		done, err := l.begin(t.Context(), "evt_1")
		require.NoError(t, err)
		require.True(t, done)
	})
}

func TestTheLedgerDoesNotGrow(t *testing.T) {
	const size = 100
	l := newLedger(size)
	for i := range 10 * size {
		id := strconv.Itoa(i)
		done, err := l.begin(t.Context(), id)
		require.NoError(t, err)
		require.False(t, done)
		l.end(id, i%3 > 0)
	}
	require.Len(t, l.done, size)
	require.Len(t, l.ring, size)
	require.Empty(t, l.running)
	for _, id := range l.ring {
		require.Contains(t, l.done, id)
	}
}
