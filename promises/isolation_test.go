package promises

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestADeadAppServerAmongAHundredDelaysNobody: it takes connections and never answers, on as many as it is given, while
// each of the other apps gets its events.
func TestADeadAppServerAmongAHundredDelaysNobody(t *testing.T) {
	t.Parallel()
	w := serve(t, "", slices.Repeat([]string{"allow_private_addresses: true, timeout: 30s, concurrency: 16"}, 100)...)
	for _, a := range w.apps {
		a.subscribe(a.server.URL)
	}
	dead, others := w.apps[0], w.apps[1:]
	dead.server.refuses(refuseAll(hang))
	for i := range 40 {
		dead.opens(fmt.Sprint("room_", i))
	}
	dead.server.hasRefused(16)
	for _, a := range others {
		a.opens("stage")
		a.changes("stage", 1, 2)
	}
	for _, a := range others {
		a.server.hasTaken(3)
		require.Equal(t, upTo(0, 2), a.server.of("stage"))
	}
	require.Equal(t, 16, dead.server.count().arrived, "what hangs still hangs, and no more is sent than the app's concurrency")
	w.Kill() // so that what hangs ends
}
