package cluster

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/client"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/operator"
	"github.com/greenroom-live/greenroom/internal/testkit"
	"github.com/greenroom-live/greenroom/internal/testkit/witness"
	"github.com/greenroom-live/greenroom/webhook"
)

const (
	app           = 1400000123
	key           = "the-secret-key-of-the-app"
	operatorToken = "the-token-of-the-operator"
	nodes         = 3
)

// configuration is the one file that all nodes share.
const configuration = `
database_url: %q
redis_url: %q
cluster: {lease: %s}
database: {max_connections: 12}
client: {offline_after: %s, ping_interval: 1s}
operator: {token: %s}
apps:
  - sdk_app_id: %d
    secret_key: %s
    webhook: {allow_private_addresses: true, timeout: 2s, retry_first_delay: 20ms, retry_max_delay: 200ms, poison_attempts: 0}
`

// world is three nodes, what they work with, and the app server of their one app.
type world struct {
	*witness.Witness
	t     *testing.T
	nodes []*testkit.Process
	api   []*client.Client // of the App admin, through each of the nodes
	redis *testkit.Redis
}

// settings change how a world is made.
type settings struct {
	lease    time.Duration
	offline  time.Duration // client.offline_after
	database string        // its URL; a database of its own on the package's server when empty
	more     string        // lines of the configuration
}

// serve starts three nodes. The app's webhooks about metadata, new rooms and members go to the world's app server.
func serve(t *testing.T, s settings) *world {
	t.Helper()
	if s.database == "" {
		s.database = testkit.Database(t)
	}
	if s.lease == 0 {
		s.lease = lease
	}
	if s.offline == 0 {
		s.offline = offlineAfter
	}
	w := &world{Witness: witness.New(t), t: t, redis: testkit.NewRedis(t)}
	text := fmt.Sprintf(configuration, s.database, w.redis.URL, s.lease, s.offline, operatorToken, app, key) + s.more
	for i := range nodes {
		node := testkit.NewProcess(t, text, "--cluster-node-name", fmt.Sprint("node_", i))
		node.Start()
		w.nodes = append(w.nodes, node)
	}
	for _, node := range w.nodes {
		node.Ready()
		api, err := client.New(node.URL, client.WithApp(app, key, "administrator"), client.WithHTTPClient(hasty()))
		require.NoError(t, err)
		w.api = append(w.api, api)
	}
	w.subscribe(0, w.URL)
	return w
}

// hasty returns what callers use who do not wait for long for a node that does not answer. The server itself gives up on a
// call after 3 s.
func hasty() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: 5 * time.Second}
}

// subscribe sends the app's webhooks to url, by a call through that node.
func (w *world) subscribe(node int, url string) {
	w.t.Helper()
	require.NoError(w.t, w.api[node].SetCallback(w.t.Context(), callback(url)))
}

func callback(url string) client.Callback {
	return client.Callback{URL: url, Commands: []string{
		string(webhook.CommandAfterCreateRoom), string(webhook.CommandAfterSetMetadata), string(webhook.CommandAfterMemberStateChanged),
	}}
}

// operator returns the operator API of a node.
func (w *world) operator(node int) *operator.Client {
	return operator.NewClient(w.nodes[node].URL, operatorToken, http.DefaultClient)
}

// appID is the app as the operator API names it.
const appID = live.AppID(app)

// opens makes rooms and returns their ids.
func (w *world) opens(n int) (rooms []string) {
	w.t.Helper()
	for i := range n {
		room := fmt.Sprint("room_", i)
		_, err := w.api[i%nodes].CreateRoom(w.t.Context(), client.RoomInfo{RoomID: room})
		require.NoError(w.t, err)
		rooms = append(rooms, room)
	}
	return rooms
}

// change makes one change of a room through a node, of which the app server has to be told.
func (w *world) change(node int, room, key string) error {
	return w.Change(room, key, func(value string) error {
		return w.api[node].SetMetadata(w.t.Context(), room, client.MetadataPair{Key: key, Value: value})
	})
}

// changes makes n changes of a room through a node, all of which must succeed.
func (w *world) changes(node int, room string, n int) {
	w.t.Helper()
	for i := range n {
		require.NoError(w.t, w.change(node, room, fmt.Sprint("k", i%10)))
	}
}

// metadata returns what a room has, as a node answers.
func (w *world) metadata(node int, room string) map[string]string {
	w.t.Helper()
	pairs, err := w.api[node].Metadata(w.t.Context(), room)
	require.NoError(w.t, err)
	state := make(map[string]string)
	for _, p := range pairs {
		state[p.Key] = p.Value
	}
	return state
}

// settles waits until everything that was answered has been told to the app server, and demands that what it was told is
// what the rooms have now, whichever node is asked, and that nothing more waits.
func (w *world) settles(rooms []string) {
	w.t.Helper()
	w.Settled(patience)
	w.drained(0, 1, 2)
	for _, room := range rooms {
		for node := range w.nodes {
			require.Equal(w.t, w.State(room), w.metadata(node, room), "%s, by what was told of it and by node %d", room, node)
		}
	}
}

// drained waits until no webhook of the app waits any more, as each of these nodes says.
func (w *world) drained(nodes ...int) {
	w.t.Helper()
	for _, node := range nodes {
		require.Eventually(w.t, func() bool {
			waiting, err := w.operator(node).Events(w.t.Context(), appID, operator.EventQuery{State: "waiting", Limit: 1})
			return err == nil && len(waiting.Events) == 0
		}, patience, 10*time.Millisecond, "webhooks wait that were delivered")
	}
}

// repeats returns how many requests carried what had been taken already.
func (w *world) repeats() (sum int) {
	for _, n := range w.Repeated() {
		sum += n
	}
	return sum
}

// restart starts a node that has ended, and waits until it serves.
func (w *world) restart(node int) {
	w.t.Helper()
	w.nodes[node].Start()
	w.nodes[node].Ready()
}
