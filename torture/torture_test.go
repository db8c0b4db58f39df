// Package torture holds the promises about webhooks against the real binary while it is killed: nothing lost, nothing
// invented, nothing reordered within a room.
//
// Writers set and delete metadata, each in a room of its own, and keep a journal of what they asked for and what was
// answered. An app server that misbehaves takes the webhooks. The process is killed at random moments, also while it
// starts, and started again. In the end the journals are held against what arrived.
package torture

import (
	"flag"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/testkit"
)

var (
	kills  = flag.Int("kills", 5, "how often the process is killed")
	rooms  = flag.Int("rooms", 20, "rooms, each with a writer of its own")
	settle = flag.Duration("settle", time.Minute, "how long deliveries may take after the last start")
)

func TestMain(m *testing.M) {
	code := m.Run()
	testkit.RemoveBinary()
	os.Exit(code)
}

// TestKilledAtAnyMoment is the torture.
func TestKilledAtAnyMoment(t *testing.T) {
	receiver := newReceiver(t)
	server := testkit.NewProcess(t, configuration)
	server.Start()
	server.Ready()
	writers := newWriters(t, server.URL, receiver, *rooms)
	for range *kills {
		// One kill in four comes while the process may not have opened its data yet.
		if rand.IntN(4) > 0 {
			server.Ready()
			pause(time.Duration(rand.IntN(400)) * time.Millisecond)
		} else {
			pause(time.Duration(rand.IntN(60)) * time.Millisecond)
		}
		server.Kill()
		server.Start()
	}
	server.Ready()
	writers.stop()
	delivered := receiver.wait(writers, *settle)
	server.Stop()
	require.True(t, delivered, "what was answered has not arrived within %s: %s", *settle, receiver.summary(writers))
	receiver.check(writers)
	t.Logf("%d kills, %s", *kills, receiver.summary(writers))
}

// TestNothingIsRepeatedWithoutACrash: as long as the process lives, what was taken is not sent again.
func TestNothingIsRepeatedWithoutACrash(t *testing.T) {
	receiver := newReceiver(t)
	server := testkit.NewProcess(t, configuration)
	server.Start()
	server.Ready()
	writers := newWriters(t, server.URL, receiver, *rooms)
	receiver.hasTaken(2000)
	writers.stop()
	delivered := receiver.wait(writers, *settle)
	server.Stop()
	require.True(t, delivered, receiver.summary(writers))
	receiver.check(writers)
	require.Zero(t, receiver.repeats(), "sent again after they had been taken")
	t.Log(receiver.summary(writers))
}

// pause lets the writers go on for a moment before a kill; nothing is right or wrong by how long it is.
func pause(d time.Duration) { <-time.After(d) }
