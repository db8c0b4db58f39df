package rig

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAClosedLoopCountsEveryTurn(t *testing.T) {
	var turns atomic.Int64
	got, err := ClosedLoop(t.Context(), 4, 20*time.Millisecond, func(context.Context, int, int) error {
		turns.Add(1)
		return nil
	})
	require.NoError(t, err)
	require.EqualValues(t, turns.Load(), got.Count())
	require.GreaterOrEqual(t, got.End.Sub(got.Start), 20*time.Millisecond)
	require.InDelta(t, 200, Tally{Start: got.Start}.PerSecond(100, got.Start.Add(500*time.Millisecond)), 0.001)
}

func TestAClosedLoopEndsAtTheFirstFailure(t *testing.T) {
	broken := errors.New("broken")
	_, err := ClosedLoop(t.Context(), 2, time.Hour, func(ctx context.Context, caller, turn int) error {
		if caller == 0 && turn == 3 {
			return broken
		}
		return ctx.Err()
	})
	require.ErrorIs(t, err, broken)
}

func TestNoTwoCallersShareARoom(t *testing.T) {
	for _, rooms := range []int{4, 5, 7, 12} {
		const callers = 4
		owner := map[int]int{}
		for caller := range callers {
			for turn := range 3 * rooms {
				room := Place(caller, turn, callers, rooms)
				require.Less(t, room, rooms)
				if other, taken := owner[room]; taken {
					require.Equal(t, other, caller)
				}
				owner[room] = caller
			}
		}
		require.Len(t, owner, rooms, "every room is used")
	}
}

func TestAnOpenLoopKeepsItsRate(t *testing.T) {
	var calls [20]atomic.Bool
	epoch := time.Now()
	started, late, err := OpenLoop(t.Context(), epoch, len(calls), 1000, func(_ context.Context, i int) error {
		calls[i].Store(true)
		return nil
	})
	require.NoError(t, err)
	for i := range calls {
		require.True(t, calls[i].Load(), i)
		require.GreaterOrEqual(t, started[i], time.Duration(i)*time.Millisecond)
		require.GreaterOrEqual(t, late[i], time.Duration(0))
	}
}

func TestAnOpenLoopEndsAtTheFirstFailure(t *testing.T) {
	broken := errors.New("broken")
	_, _, err := OpenLoop(t.Context(), time.Now(), 1<<20, 10_000, func(context.Context, int) error { return broken })
	require.ErrorIs(t, err, broken)
}

func TestEachDoesEverythingOnce(t *testing.T) {
	var done [10]atomic.Int64
	require.NoError(t, Each(t.Context(), 3, len(done), func(_ context.Context, i int) error {
		done[i].Add(1)
		return nil
	}))
	for i := range done {
		require.EqualValues(t, 1, done[i].Load(), i)
	}
}

func TestTheEventsOfARoomHaveRisingNumbers(t *testing.T) {
	const callers, rooms = 3, 7
	next := map[int]int{}
	for caller := range callers {
		for turn := range 12 {
			m := PlaceMark(caller, turn, callers, rooms)
			require.Equal(t, next[m.Room], m.Number, "room %d", m.Room)
			next[m.Room]++
		}
	}
	require.Len(t, next, rooms)
}
