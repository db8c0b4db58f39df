package promises

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// firstResend is how long it may take from the start of the program until it sends what waited.
const firstResend = 5 * time.Second

// TestAnAnsweredCallSurvivesAKill: the process is killed at once after the answer, again and again. After the next start
// everything that was answered arrives, in order and at once: nothing waits for a delay or a lease of the life before.
func TestAnAnsweredCallSurvivesAKill(t *testing.T) {
	t.Parallel()
	w, a := one(t, "", "allow_private_addresses: true, timeout: 1s, retry_first_delay: 1h, retry_max_delay: 1h")
	a.server.refuses(refuseAll(status(503)))
	a.opens("stage")
	const kills, each = 5, 4
	for kill := range kills {
		a.changes("stage", kill*each+1, (kill+1)*each)
		w.Kill()
		a.server.takes()
		before := a.server.count().arrived
		began := time.Now()
		w.Start()
		a.server.until("a first resend", func(c count) bool { return c.arrived > before })
		require.Less(t, time.Since(began), firstResend)
		a.server.hasTaken((kill+1)*each + 1)
		w.Ready()
		require.Equal(t, upTo(0, (kill+1)*each), a.server.of("stage"))
		a.server.refuses(refuseAll(status(503)))
	}
}

// TestAKillInTheMiddleOfAnAttemptRepeatsItAtOnce: the app server has read the event and not answered when the process is
// killed. It comes again after the next start, with the same id, and not after some time-out of a job that seems to run.
func TestAKillInTheMiddleOfAnAttemptRepeatsItAtOnce(t *testing.T) {
	t.Parallel()
	w, a := one(t, "", "allow_private_addresses: true, timeout: 30s, retry_first_delay: 1h, retry_max_delay: 1h")
	a.server.refuses(refuseAll(hang))
	a.opens("stage")
	a.changes("stage", 1, 3)
	a.server.hasRefused(1)
	w.Kill()
	a.server.takes()
	began := time.Now()
	w.Start()
	a.server.hasTaken(4)
	require.Less(t, time.Since(began), firstResend)
	require.Equal(t, upTo(0, 3), a.server.of("stage"))
	got := a.server.requests("stage")
	require.Equal(t, got[0].id, got[1].id)
	require.Equal(t, string(got[0].body), string(got[1].body))
}

// hang does not answer while the connection lasts.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
