package promises

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// retryAfter refuses the first request of an event and asks for that much patience.
func retryAfter(code int, value func() string) func(arrival) http.HandlerFunc {
	return func(got arrival) http.HandlerFunc {
		if got.attempt > 1 {
			return nil
		}
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", value())
			status(code)(w, r)
		}
	}
}

// TestRetryAfterIsKeptTo, in seconds and as a date, although the app's own delays are shorter.
func TestRetryAfterIsKeptTo(t *testing.T) {
	t.Parallel()
	const settings = "allow_private_addresses: true, timeout: 1s, retry_first_delay: 10ms, retry_max_delay: 10s"
	values := map[string]func() string{
		"seconds": func() string { return "2" },
		"date":    func() string { return time.Now().Add(3 * time.Second).UTC().Format(http.TimeFormat) }, // cut to the second
	}
	for name, value := range values {
		for _, code := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
			t.Run(fmt.Sprint(name, " ", code), func(t *testing.T) {
				t.Parallel()
				_, a := one(t, "", settings)
				a.server.refuses(retryAfter(code, value))
				a.opens("stage")
				a.server.hasTaken(1)
				got := a.server.requests("stage")
				require.Len(t, got, 2)
				require.GreaterOrEqual(t, got[1].at.Sub(got[0].at), 2*time.Second)
			})
		}
	}
}

// TestRetryAfterIsBounded by the app's longest delay: an hour that the app server asks for is not waited.
func TestRetryAfterIsBounded(t *testing.T) {
	t.Parallel()
	_, a := one(t, "", quick)
	for i, value := range []string{"3600", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT", "-1", "soon", ""} {
		a.server.refuses(retryAfter(http.StatusServiceUnavailable, func() string { return value }))
		a.opens(fmt.Sprint("room_", i))
		a.server.hasTaken(i + 1)
	}
}

// TestAPoisonEventDoesNotBlockItsRoomForEver: it is given up after some attempts, because the app server takes the events
// of the other rooms. Nothing else is.
func TestAPoisonEventDoesNotBlockItsRoomForEver(t *testing.T) {
	t.Parallel()
	w, a := one(t, "", quick+", poison_attempts: 3")
	a.server.refuses(func(got arrival) http.HandlerFunc {
		if got.room == "stage" && got.n == 1 {
			return status(http.StatusUnprocessableEntity)
		}
		return nil
	})
	a.opens("stage")
	a.changes("stage", 1, 5)
	a.opens("hall")
	n := 0
	a.server.until("the events behind the poison", func(count) bool {
		n++
		a.changes("hall", n, n) // so that something is taken meanwhile
		return len(a.server.of("stage")) == 5
	})
	require.Equal(t, []int{0, 2, 3, 4, 5}, a.server.of("stage"))
	a.server.hasTaken(5 + n + 1)
	require.Equal(t, upTo(0, n), a.server.of("hall"))
	require.GreaterOrEqual(t, a.server.count().refused, 3)
	w.shows(1, "greenroom_webhook_dead_letters", a.label())
	w.shows(0, "greenroom_webhook_waiting", a.label())
	w.Log.Wait(t, "poison", "stage")
}

// TestAnOutageMakesNoDeadLetters: while the app server takes nothing at all, no event is at fault, and none is given up
// before its time.
func TestAnOutageMakesNoDeadLetters(t *testing.T) {
	t.Parallel()
	w, a := one(t, "", quick+", poison_attempts: 3")
	a.server.refuses(refuseAll(status(http.StatusBadGateway)))
	const rooms = 5
	for i := range rooms {
		a.opens(fmt.Sprint("room_", i))
		a.changes(fmt.Sprint("room_", i), 1, 2)
	}
	a.server.hasRefused(8 * rooms)
	w.shows(3*rooms, "greenroom_webhook_waiting", a.label())
	w.shows(0, "greenroom_webhook_dead_letters", a.label())
	a.server.takes()
	a.server.hasTaken(3 * rooms)
	for i := range rooms {
		require.Equal(t, upTo(0, 2), a.server.of(fmt.Sprint("room_", i)))
	}
	w.shows(0, "greenroom_webhook_waiting", a.label())
	w.shows(0, "greenroom_webhook_dead_letters", a.label())
}
