package cluster

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestChangesThroughAllNodesArriveInTheOrderOfTheirCommitsAndOnce: of rooms that one caller changes through one node after
// the other, and of rooms that many callers change through all of them at once.
func TestChangesThroughAllNodesArriveInTheOrderOfTheirCommitsAndOnce(t *testing.T) {
	t.Parallel()
	w := serve(t, settings{})
	const each = 60
	rooms := w.opens(8)
	var callers sync.WaitGroup
	for i, room := range rooms {
		many := 1
		if i%2 == 0 {
			many = 6
		}
		for c := range many {
			callers.Go(func() {
				for n := range each {
					if !assert.NoError(t, w.change((c+n)%nodes, room, fmt.Sprint("k", n%10))) {
						return
					}
				}
			})
		}
	}
	callers.Wait()
	w.settles(rooms)
	require.Equal(t, 4*each+4*6*each, w.Taken())
	require.Zero(t, w.repeats(), "without a failure nothing is repeated")
}

// TestALaneThatOneNodeHoldsTakesWhatOthersPutIntoIt: the app server is away while all nodes change the same rooms, so that
// what one node is to deliver was committed by all of them.
func TestALaneThatOneNodeHoldsTakesWhatOthersPutIntoIt(t *testing.T) {
	t.Parallel()
	w := serve(t, settings{})
	rooms := w.opens(6)
	w.Refuse(503)
	for n := range 5 * nodes {
		for i, room := range rooms {
			require.NoError(t, w.change((i+n)%nodes, room, fmt.Sprint("k", n%10)))
		}
	}
	w.Behave(nil)
	w.settles(rooms)
	require.Zero(t, w.repeats(), "without a failure nothing is repeated")
}
