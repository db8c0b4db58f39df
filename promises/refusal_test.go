package promises

import (
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/testkit"
)

// TestARedirectIsNotFollowedAndIsNoDelivery: a 302 that turns the POST into a GET of a login page is not what the app
// server was to do with the event.
func TestARedirectIsNotFollowedAndIsNoDelivery(t *testing.T) {
	t.Parallel()
	w, a := one(t, "", quick)
	elsewhere := newReceiver(t)
	const refusals = 2
	codes := []int{301, 302, 303, 307, 308}
	a.server.refuses(func(got arrival) http.HandlerFunc {
		var code int
		if _, err := fmt.Sscanf(got.room, "room_%d", &code); err != nil || got.attempt > refusals {
			return nil
		}
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", elsewhere.URL+"/login")
			status(code)(w, r)
		}
	})
	for _, code := range codes {
		a.opens(fmt.Sprint("room_", code))
	}
	a.server.hasTaken(len(codes))
	for _, code := range codes {
		require.Len(t, a.server.requests(fmt.Sprint("room_", code)), refusals+1, "after a %d it has to come again", code)
	}
	require.Zero(t, elsewhere.count().arrived, "a redirect was followed")
	w.shows(float64(len(codes)), "greenroom_webhook_attempts_total", a.label(), `fate="delivered"`)
	w.shows(float64(len(codes)*refusals), "greenroom_webhook_attempts_total", a.label(), `fate="failed"`)
}

// TestOnlyStatus200WithAJSONObjectIsADelivery: everything else is tried again, with the same id.
func TestOnlyStatus200WithAJSONObjectIsADelivery(t *testing.T) {
	t.Parallel()
	w, a := one(t, "", quick)
	answers := map[string]http.HandlerFunc{
		"empty":      text(""),
		"words":      text("thank you"),
		"page":       text("<html><body>ok</body></html>"),
		"array":      text(`[` + testkit.Success + `]`),
		"string":     text(`"OK"`),
		"null":       text("null"),
		"unfinished": text(testkit.Success[:len(testkit.Success)-1]),
		"two":        text(testkit.Success + testkit.Success),
		"cut off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(2*len(testkit.Success)))
			_, _ = io.WriteString(w, testkit.Success)
		},
		"reset": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	}
	for _, code := range []int{201, 202, 204, 206, 304, 400, 401, 403, 404, 405, 409, 413, 418, 422, 429, 500, 501, 502, 503, 504} {
		answers[fmt.Sprint(code)] = status(code)
	}
	const refusals = 2
	a.server.refuses(func(got arrival) http.HandlerFunc {
		if got.attempt > refusals {
			return nil
		}
		return answers[got.room]
	})
	for room := range answers {
		a.opens(room)
	}
	a.server.hasTaken(len(answers))
	for room := range answers {
		got := a.server.requests(room)
		require.Len(t, got, refusals+1, "after the answer %q it has to come again", room)
		for _, again := range got {
			require.Equal(t, got[0].id, again.id)
			require.Equal(t, string(got[0].body), string(again.body))
		}
	}
	w.shows(float64(len(answers)), "greenroom_webhook_attempts_total", a.label(), `fate="delivered"`)
}

// TestTenOfTenEventsArriveAfterAnOutage, in order and each once, however often the app server answered 500 before.
func TestTenOfTenEventsArriveAfterAnOutage(t *testing.T) {
	t.Parallel()
	w, a := one(t, "", quick)
	a.server.refuses(refuseAll(status(500)))
	a.opens("stage")
	a.changes("stage", 1, 9)
	a.server.hasRefused(15)
	for _, got := range a.server.requests("stage") {
		require.Zero(t, got.n, "an event overtook the one that is refused")
	}
	a.server.takes()
	a.server.hasTaken(10)
	require.Equal(t, upTo(0, 9), a.server.of("stage"))
	require.Zero(t, a.server.count().repeated)
	w.shows(10, "greenroom_webhook_attempts_total", a.label(), `fate="delivered"`)
	w.shows(0, "greenroom_webhook_attempts_total", a.label(), `fate="dead"`)
}
