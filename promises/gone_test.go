package promises

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGoneStopsSendingUntilTheAppSpeaksUp: after 410 Gone nothing more is sent, however much happens, and nothing is lost;
// the operator can see why. The app starts it again by configuring its webhooks.
func TestGoneStopsSendingUntilTheAppSpeaksUp(t *testing.T) {
	t.Parallel()
	again := map[string]func(*app){
		"update_callback": func(a *app) { require.NoError(t, a.api.UpdateCallback(t.Context(), callback(a.server.URL))) },
		"set_callback": func(a *app) {
			require.NoError(t, a.api.DeleteCallback(t.Context()))
			a.subscribe(a.server.URL)
		},
	}
	for name, configure := range again {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := serve(t, "", quick, quick)
			gone, other := w.apps[0], w.apps[1]
			gone.subscribe(gone.server.URL)
			other.subscribe(other.server.URL)
			gone.server.refuses(refuseAll(status(http.StatusGone)))
			gone.opens("stage")
			gone.server.hasRefused(1)
			w.shows(1, "greenroom_webhook_paused", gone.label())
			w.shows(0, "greenroom_webhook_paused", other.label())

			gone.changes("stage", 1, 20)
			gone.opens("hall")
			other.opens("stage")
			other.changes("stage", 1, 20)
			other.server.hasTaken(21)
			require.Equal(t, 1, gone.server.count().arrived, "something was sent to a server that is gone")
			w.Log.Wait(t, "paused", "410 Gone", strings.ReplaceAll(gone.label(), `"`, ""))

			w.Stop() // a pause outlives the process
			w.Start()
			w.Ready()
			other.changes("stage", 21, 21)
			other.server.hasTaken(22)
			w.shows(1, "greenroom_webhook_paused", gone.label())
			require.Equal(t, 1, gone.server.count().arrived, "something was sent to a server that is gone, after a restart")

			gone.server.takes()
			configure(gone)
			gone.server.hasTaken(22)
			require.Equal(t, upTo(0, 20), gone.server.of("stage"))
			require.Equal(t, []int{0}, gone.server.of("hall"))
			w.shows(0, "greenroom_webhook_paused", gone.label())
		})
	}
}
