// Package torture holds the promises about webhooks against the real binary while it is killed, alone or as one of several:
// nothing lost, nothing invented, nothing reordered within a room.
//
// Writers set and delete metadata, each in a room of its own, and keep a journal of what they asked for and what was
// answered. An app server that misbehaves takes the webhooks. The process is killed at random moments, also while it
// starts and right after bursts of answers, and started again. In the end the journals and the delivery log are held
// against what arrived. Of several processes on one PostgreSQL and one Redis each fails in turn, and so do those two.
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
	nodes  = flag.Int("nodes", 3, "processes that serve together on PostgreSQL and Redis")
	faults = flag.Int("faults", 6, "how often something goes wrong with them")
	seed   = flag.Uint64("seed", rand.Uint64(), "of what goes wrong with them")
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
	began := time.Now()
	for range *kills {
		waitForKill(server, writers)
		server.Kill()
		server.Start()
	}
	server.Ready()
	writers.stop()
	finish(t, server, writers, receiver)
	t.Logf("%d kills in %s", *kills, time.Since(began).Round(time.Second))
}

// waitForKill returns at the moment of the next kill: in one of four cases at once, while the process may not have opened
// its data yet; in another right after a burst of answers; else at some time.
func waitForKill(server *testkit.Process, w *writers) {
	switch rand.IntN(4) {
	case 0:
		pause(time.Duration(rand.IntN(60)) * time.Millisecond)
	case 1:
		server.Ready()
		w.answer(1 + rand.IntN(10*len(w.rooms)))
	default:
		server.Ready()
		pause(time.Duration(rand.IntN(400)) * time.Millisecond)
	}
}

// finish lets the deliveries end, stops the server and holds what arrived against the journals and against the delivery log.
func finish(t *testing.T, server *testkit.Process, w *writers, r *receiver) {
	t.Helper()
	delivered := r.wait(w, *settle)
	require.True(t, delivered, "what was answered has not arrived within %s: %s", *settle, r.summary(w))
	drained(t, server.URL)
	server.Stop()
	r.check(w)
	attempts := checkLog(t, server.DataDir, r)
	t.Logf("%s; %d attempts in the delivery log", r.summary(w), attempts)
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
	finish(t, server, writers, receiver)
	require.Zero(t, receiver.repeats(), "sent again after they had been taken")
}

// pause lets the writers go on for a moment before a kill; nothing is right or wrong by how long it is.
func pause(d time.Duration) { <-time.After(d) }
