package promises

import (
	"bufio"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/client"
	"github.com/greenroom-live/greenroom/internal/testkit"
)

// quick are the webhook settings of an app whose server is on this machine and whose failures are over soon.
const quick = "allow_private_addresses: true, timeout: 1s, retry_first_delay: 10ms, retry_max_delay: 40ms"

// world is a running server with some apps.
type world struct {
	*testkit.Process
	t    *testing.T
	apps []*app
}

// app is an app with its App admin and its app server.
type app struct {
	id     uint32
	key    string
	api    *client.Client
	server *receiver
	t      *testing.T
}

// serve runs a server with these settings, in YAML, and one app for each of the webhook settings. Where those webhooks go
// is not set.
func serve(t *testing.T, settings string, webhooks ...string) *world {
	t.Helper()
	w := &world{t: t}
	text := settings + "\napps:\n"
	for i, hooks := range webhooks {
		a := &app{id: uint32(1400000001 + i), key: fmt.Sprintf("the-secret-key-of-app-%d", i), server: newReceiver(t), t: t}
		text += fmt.Sprintf("  - {sdk_app_id: %d, secret_key: %s, webhook: {%s}}\n", a.id, a.key, hooks)
		w.apps = append(w.apps, a)
	}
	w.Process = testkit.NewProcess(t, text)
	w.Start()
	w.Ready()
	for _, a := range w.apps {
		api, err := client.New(w.URL, client.WithApp(a.id, a.key, "administrator"))
		require.NoError(t, err)
		a.api = api
	}
	return w
}

// one runs a server with one app, whose webhooks go to its app server.
func one(t *testing.T, settings, webhooks string) (*world, *app) {
	t.Helper()
	w := serve(t, settings, webhooks)
	w.apps[0].subscribe(w.apps[0].server.URL)
	return w, w.apps[0]
}

// subscribe sends the app's webhooks about new rooms and written metadata to url.
func (a *app) subscribe(url string) {
	a.t.Helper()
	require.NoError(a.t, a.api.SetCallback(a.t.Context(), callback(url)))
}

func callback(url string) client.Callback {
	return client.Callback{URL: url, Commands: []string{"Live.CallbackAfterCreateRoom", "Live.CallbackAfterSetMetadata"}}
}

// opens makes a room: change 0 of it.
func (a *app) opens(room string) {
	a.t.Helper()
	_, err := a.api.CreateRoom(a.t.Context(), client.RoomInfo{RoomID: room})
	require.NoError(a.t, err)
}

// change makes the n-th change of a room.
func (a *app) change(room string, n int) error {
	return a.api.SetMetadata(a.t.Context(), room, client.MetadataPair{Key: "n", Value: strconv.Itoa(n)})
}

// changes makes the changes first to last of a room, one after the other.
func (a *app) changes(room string, first, last int) {
	a.t.Helper()
	for n := first; n <= last; n++ {
		require.NoError(a.t, a.change(room, n))
	}
}

// value returns the last change that a room has seen.
func (a *app) value(room string) string {
	a.t.Helper()
	pairs, err := a.api.Metadata(a.t.Context(), room, "n")
	require.NoError(a.t, err)
	if len(pairs) == 0 {
		return ""
	}
	return pairs[0].Value
}

// label is how the app's figures are marked.
func (a *app) label() string { return fmt.Sprintf("app=%q", strconv.Itoa(int(a.id))) }

// metrics returns what the server shows to Prometheus.
func (w *world) metrics() string {
	w.t.Helper()
	answer, err := http.Get(w.URL + "/metrics")
	require.NoError(w.t, err)
	defer answer.Body.Close()
	var text strings.Builder
	_, err = bufio.NewReader(answer.Body).WriteTo(&text)
	require.NoError(w.t, err)
	return text.String()
}

// metric returns the sum of the figures of that name with all of the labels, and whether there are any.
func (w *world) metric(name string, labels ...string) (sum float64, found bool) {
	w.t.Helper()
	for line := range strings.Lines(w.metrics()) {
		series, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		base, marks, _ := strings.Cut(series, "{")
		if base != name || !hasAll(marks, labels) {
			continue
		}
		figure, err := strconv.ParseFloat(value, 64)
		require.NoError(w.t, err, line)
		sum, found = sum+figure, true
	}
	return sum, found
}

func hasAll(marks string, labels []string) bool {
	for _, l := range labels {
		if !strings.Contains(marks, l) {
			return false
		}
	}
	return true
}

// shows waits until a figure of the metrics is as wanted.
func (w *world) shows(want float64, name string, labels ...string) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); ; <-time.After(5 * time.Millisecond) {
		got, found := w.metric(name, labels...)
		if found && got == want {
			return
		}
		require.True(w.t, time.Now().Before(deadline), "%s%q is %v (shown: %t), not %v, after %s", name, labels, got, found, want, patience)
	}
}
