//go:build unix

package torture

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/client"
	"github.com/greenroom-live/greenroom/internal/operator"
	"github.com/greenroom-live/greenroom/internal/testkit"
	"github.com/greenroom-live/greenroom/internal/testkit/witness"
)

// lease is the shortest that can be configured, so that much happens at its end.
const (
	lease         = time.Second
	operatorToken = "the-token-of-the-operator"
)

// nodesConfiguration is what all nodes share.
const nodesConfiguration = configuration + `
database_url: %q
redis_url: %q
cluster: {lease: %s}
database: {max_connections: 12}
operator: {token: %s}
`

// cluster is nodes under load, with what they work with.
type cluster struct {
	t        *testing.T
	random   *rand.Rand
	witness  *witness.Witness
	postgres *testkit.Postgres
	redis    *testkit.Redis
	nodes    []*testkit.Process
	load     *witness.Load
}

// TestNodesFailAtAnyMoment: several nodes serve one PostgreSQL and one Redis, and everything fails, one after the other or
// two at once: nodes are killed, stopped or stand still past their lease; so do PostgreSQL and Redis. In the end everything
// that was answered has arrived, in order, nothing else has, and the delivery log says so too.
func TestNodesFailAtAnyMoment(t *testing.T) {
	t.Parallel()
	c := startCluster(t)
	began := time.Now()
	for n := range *faults {
		c.revive()
		first := c.pick()
		t.Logf("%s fault %d: %s", time.Since(began).Round(time.Millisecond), n, first.name)
		heal := first.strike(c)
		c.pause(3 * lease / 2)
		if second := c.pick(); second.kind != first.kind && c.random.IntN(3) == 0 {
			t.Logf("%s beside it: %s", time.Since(began).Round(time.Millisecond), second.name)
			healSecond := second.strike(c)
			c.pause(lease)
			if c.random.IntN(2) == 0 {
				heal, healSecond = healSecond, heal
			}
			healSecond()
		}
		heal()
		if c.random.IntN(2) == 0 {
			c.load.GoesOn(1+c.random.IntN(20), *settle)
		}
	}
	c.recover()
	c.load.GoesOn(10, *settle)
	c.load.Stop()
	c.finish()
	t.Logf("%d faults in %s; %s", *faults, time.Since(began).Round(time.Second), c.witness.Summary())
}

// startCluster starts everything, and the load.
func startCluster(t *testing.T) *cluster {
	t.Helper()
	t.Logf("-seed %d", *seed)
	c := &cluster{
		t: t, random: rand.New(rand.NewPCG(*seed, 0)), witness: witness.New(t),
		postgres: testkit.NewPostgres(t), redis: testkit.NewRedis(t),
	}
	text := fmt.Sprintf(nodesConfiguration, c.postgres.Database(), c.redis.URL, lease, operatorToken)
	var api []*client.Client
	for i := range *nodes {
		node := testkit.NewProcess(t, text, "--cluster-node-name", fmt.Sprint("node_", i))
		node.Start()
		c.nodes = append(c.nodes, node)
	}
	c.recover()
	for _, node := range c.nodes {
		hasty := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: *rooms}, Timeout: 5 * time.Second}
		a, err := client.New(node.URL, client.WithApp(app, key, "administrator"), client.WithHTTPClient(hasty))
		require.NoError(t, err)
		api = append(api, a)
	}
	c.witness.Behave(func(witness.Attempt) (bool, http.HandlerFunc) { return behaviour() })
	require.NoError(t, api[0].SetCallback(t.Context(), client.Callback{
		URL: c.witness.URL, Commands: []string{"Live.CallbackAfterSetMetadata"},
	}))
	var names []string
	for i := range *rooms {
		room := fmt.Sprint("room_", i)
		_, err := api[i%len(api)].CreateRoom(t.Context(), client.RoomInfo{RoomID: room})
		require.NoError(t, err)
		names = append(names, room)
	}
	c.load = c.witness.Load(api, names, 2)
	return c
}

// revive starts nodes again that have ended by themselves, as what runs services does: a node does not start while PostgreSQL is
// away.
func (c *cluster) revive() {
	for _, node := range c.nodes {
		if !node.Alive() {
			require.Error(c.t, node.Exited(), "a node stopped though nobody had told it to")
			node.Start()
		}
	}
}

// recover waits until all nodes serve.
func (c *cluster) recover() {
	c.t.Helper()
	require.Eventually(c.t, func() bool {
		c.revive()
		for _, node := range c.nodes {
			answer, err := http.Get(node.URL + "/readyz")
			if err != nil {
				return false
			}
			_ = answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				return false
			}
		}
		return true
	}, *settle, 50*time.Millisecond, "the nodes do not serve again")
}

// fault is one thing that goes wrong. strike returns what puts it right again.
type fault struct {
	name, kind string // two faults of one kind do not happen at once
	strike     func(*cluster) (heal func())
}

// kinds are all faults. What happens to nodes is the likeliest.
var kinds = []fault{
	{"a node is killed", "node", (*cluster).killNode},
	{"a node is killed", "node", (*cluster).killNode},
	{"a node stands still", "node", (*cluster).pauseNode},
	{"a node stands still", "node", (*cluster).pauseNode},
	{"a node stops in order", "node", (*cluster).stopNode},
	{"all nodes are killed", "node", (*cluster).killAll},
	{"PostgreSQL crashes", "postgres", func(c *cluster) func() { return c.stopPostgres(testkit.Immediate) }},
	{"PostgreSQL stops in order", "postgres", func(c *cluster) func() { return c.stopPostgres(testkit.Fast) }},
	{"PostgreSQL stands still", "postgres", func(c *cluster) func() { c.postgres.Pause(); return c.postgres.Resume }},
	{"Redis crashes", "redis", func(c *cluster) func() { c.redis.Stop(); return c.redis.Start }},
	{"Redis stands still", "redis", func(c *cluster) func() { c.redis.Pause(); return c.redis.Resume }},
}

func (c *cluster) pick() fault { return kinds[c.random.IntN(len(kinds))] }

// pause lets things go on for a moment, of that length at most; nothing is right or wrong by how long it is.
func (c *cluster) pause(most time.Duration) { pause(time.Duration(c.random.Int64N(int64(most)))) }

func (c *cluster) node() *testkit.Process { return c.nodes[c.random.IntN(len(c.nodes))] }

func (c *cluster) killNode() func() {
	node := c.node()
	node.Kill()
	return node.Start
}

func (c *cluster) killAll() func() {
	for _, node := range c.nodes {
		node.Kill()
	}
	return func() {
		for _, node := range c.nodes {
			node.Start()
		}
	}
}

func (c *cluster) pauseNode() func() {
	node := c.node()
	node.Pause()
	return func() {
		c.pause(lease)
		node.Resume()
	}
}

// stopNode tells a node to stop and waits for that only when it is started again.
func (c *cluster) stopNode() func() {
	node := c.node()
	node.Terminate()
	return func() {
		_ = node.Exited() // which is not 0 when PostgreSQL is away meanwhile
		node.Start()
	}
}

func (c *cluster) stopPostgres(mode testkit.StopMode) func() {
	c.postgres.Stop(mode)
	return c.postgres.Start
}

// finish lets the deliveries end and holds the delivery log against what arrived: each event that was taken has a line that
// says so, no other has, and nothing waits or was given up.
func (c *cluster) finish() {
	c.t.Helper()
	c.witness.Settled(*settle)
	for _, node := range c.nodes {
		api := operator.NewClient(node.URL, operatorToken, http.DefaultClient)
		require.Eventually(c.t, func() bool {
			waiting, err := api.Events(c.t.Context(), app, operator.EventQuery{State: "waiting", Limit: 1})
			return err == nil && len(waiting.Events) == 0
		}, *settle, 10*time.Millisecond, "something still waits")
	}
	api := operator.NewClient(c.node().URL, operatorToken, http.DefaultClient)
	dead, err := api.Events(c.t.Context(), app, operator.EventQuery{State: "dead", Limit: 1})
	require.NoError(c.t, err)
	require.Empty(c.t, dead.Events)
	delivered := make(map[string]bool)
	query := operator.EventQuery{State: "delivered", Limit: 1000}
	for more := true; more; more = query.After != "" {
		page, err := api.Events(c.t.Context(), app, query)
		require.NoError(c.t, err)
		for _, e := range page.Events {
			delivered[e.ID] = true
		}
		query.After = page.Next
	}
	for id, taken := range c.witness.Fates() {
		require.Equal(c.t, taken, delivered[id], "%s: taken by the app server, and delivered by the log", id)
		delete(delivered, id)
	}
	require.Empty(c.t, delivered, "delivered by the log, but never arrived")
	for _, node := range c.nodes {
		node.Stop()
	}
}
