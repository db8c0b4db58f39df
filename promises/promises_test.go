// Package promises holds what Greenroom promises about webhooks, as someone from outside would check it: the real binary
// as a process, app servers that misbehave in the ways that real ones do, calls through the public client. Each promise is
// a test named after it. What the process does while it is killed at random is package torture's.
//
// The tests wait for what must happen, for [patience] at most, and show that something does not happen by what comes after
// it: an event of another room or app, a figure of the metrics.
package promises

import (
	"os"
	"testing"
	"time"

	"github.com/greenroom-live/greenroom/internal/testkit"
)

// patience is how long a test waits for what must happen.
const patience = 30 * time.Second

func TestMain(m *testing.M) {
	code := m.Run()
	testkit.RemoveBinary()
	os.Exit(code)
}
