// Package cluster holds what several Greenroom processes promise together, as someone from outside would check it: three
// real processes over one PostgreSQL and one Redis, calls through the public client, app users through the official SDK, an
// app server that remembers everything. Each promise is a test named after it. Nodes are killed, paused and stopped, and so
// are PostgreSQL and Redis. What happens when all of that comes at random is package torture's.
//
// The tests wait for what must happen, for [patience] at most.
package cluster

import (
	"os"
	"testing"
	"time"

	"github.com/greenroom-live/greenroom/internal/testkit"
)

const (
	// patience is how long a test waits for what must happen.
	patience = time.Minute
	// lease is how long the others wait until they take over from a node that they do not hear of.
	lease = 2 * time.Second
	// forever is a lease that no test sees the end of: what has to be handed over is, or is not heard of any more.
	forever = time.Hour
	// offlineAfter is when a member without a connection counts as offline.
	offlineAfter = 5 * time.Second
)

func TestMain(m *testing.M) {
	code := m.Run()
	testkit.RemoveBinary()
	os.Exit(code)
}
