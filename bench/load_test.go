package main

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
	got, err := closedLoop(t.Context(), 4, 20*time.Millisecond, func(context.Context, int, int) error {
		turns.Add(1)
		return nil
	})
	require.NoError(t, err)
	require.EqualValues(t, turns.Load(), got.count())
	require.GreaterOrEqual(t, got.end.Sub(got.start), 20*time.Millisecond)
	require.InDelta(t, 200, tally{start: got.start}.perSecond(100, got.start.Add(500*time.Millisecond)), 0.001)
}

func TestAClosedLoopEndsAtTheFirstFailure(t *testing.T) {
	broken := errors.New("broken")
	_, err := closedLoop(t.Context(), 2, time.Hour, func(ctx context.Context, caller, turn int) error {
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
				room := roomOfTurn(caller, turn, callers, rooms)
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
