package promises

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestARoomPublishedSeriallyArrivesInThatOrder, with 64 requests in flight and 64 rooms that are written to at once; and
// without a crash nothing arrives twice. Lanes keep few events in memory here, so that most come by way of the disk.
func TestARoomPublishedSeriallyArrivesInThatOrder(t *testing.T) {
	t.Parallel()
	_, a := one(t, "delivery: {concurrency: 64, lane_window: 3}", quick)
	const rooms, each = 64, 50
	var writers sync.WaitGroup
	for i := range rooms {
		writers.Go(func() {
			room := fmt.Sprint("room_", i)
			a.opens(room)
			for n := 1; n < each; n++ {
				if !assert.NoError(t, a.change(room, n)) {
					return
				}
			}
		})
	}
	writers.Wait()
	a.server.hasTaken(rooms * each)
	for i := range rooms {
		require.Equal(t, upTo(0, each-1), a.server.of(fmt.Sprint("room_", i)))
	}
	require.Equal(t, rooms*each, a.server.count().arrived, "without a crash nothing is repeated")
}

// TestEventsOfOneRoomArriveInTheOrderOfTheirCommits: 64 callers write to one room at once. A call that was answered before
// another was made has been committed before it, and is told of before it.
func TestEventsOfOneRoomArriveInTheOrderOfTheirCommits(t *testing.T) {
	t.Parallel()
	_, a := one(t, "delivery: {concurrency: 64, lane_window: 3}", quick)
	const callers, each = 64, 20
	a.opens("stage")
	var clock atomic.Int64
	made, answered := make([]int64, callers*each+1), make([]int64, callers*each+1)
	var calls sync.WaitGroup
	for caller := range callers {
		calls.Go(func() {
			for i := range each {
				n := caller*each + i + 1
				made[n] = clock.Add(1)
				assert.NoError(t, a.change("stage", n))
				answered[n] = clock.Add(1)
			}
		})
	}
	calls.Wait()
	a.server.hasTaken(callers*each + 1)
	arrived := a.server.of("stage")
	require.Zero(t, arrived[0])
	require.ElementsMatch(t, upTo(0, callers*each), arrived)
	latest := int64(0) // of the calls told of so far
	for _, n := range arrived[1:] {
		require.Greater(t, answered[n], latest, "change %d was answered before one was made that is told of earlier", n)
		latest = max(latest, made[n])
	}
	require.Zero(t, a.server.count().repeated)
}
