//go:build unix

package allowance_test

import (
	"context"
	"log/slog"
	"net/url"

	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/rueidis"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/allowance"
	"github.com/greenroom-live/greenroom/internal/testkit"
)

const patience = 20 * time.Second

var create = allowance.Key{App: 1400000123, Command: "live_engine_http_srv/create_room"}

// clock is a clock that stands still unless it is moved.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time       { return time.Unix(1_795_000_000, c.ahead.Load()) }
func (c *clock) move(d time.Duration) { c.ahead.Add(int64(d)) }

// newNodes runs n limiters on a Redis. They wait long for it, as the machine may be busy.
func newNodes(t *testing.T, r *testkit.Redis, c *clock, n int) []*allowance.Shared {
	t.Helper()
	nodes := make([]*allowance.Shared, n)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	t.Cleanup(func() { cancel(); running.Wait() })
	for i := range nodes {
		var err error
		nodes[i], err = allowance.NewShared(allowance.Options{
			URL: r.URL, Nodes: func() int { return n }, Patience: 2 * time.Second, Now: c.now, Log: slog.New(slog.DiscardHandler),
		})
		require.NoError(t, err)
		running.Go(func() { _ = nodes[i].Run(ctx) }) // it ends without an error
	}
	return nodes
}

// together waits until all nodes have found Redis.
func together(t *testing.T, nodes []*allowance.Shared) {
	t.Helper()
	for _, node := range nodes {
		require.Eventually(t, node.Found, patience, time.Millisecond)
	}
}

// hammer makes calls on all nodes at once, from several callers each, and returns how many were let through.
func hammer(nodes []*allowance.Shared, key allowance.Key, perSecond float64, calls int) int {
	const callers = 4
	var allowed atomic.Int64
	var all sync.WaitGroup
	for _, node := range nodes {
		for range callers {
			all.Go(func() {
				for range calls / callers {
					if node.Take(key, perSecond) {
						allowed.Add(1)
					}
				}
			})
		}
	}
	all.Wait()
	return int(allowed.Load())
}

func TestAllNodesTogetherKeepTheLimit(t *testing.T) {
	t.Parallel()
	r := testkit.NewRedis(t)
	for _, perSecond := range []int{1, 3, 100, 5000} {
		nodes := newNodes(t, r, new(clock), 3)
		together(t, nodes)
		key := allowance.Key{App: 1, Command: strconv.Itoa(perSecond)}
		began := time.Now()
		allowed := hammer(nodes, key, float64(perSecond), 4*perSecond+40)
		most := float64(perSecond) * (1 + time.Since(began).Seconds())
		kept := len(nodes) * (allowance.Portion(float64(perSecond)) - 1)
		require.LessOrEqual(t, allowed, int(most)+kept)
		require.GreaterOrEqual(t, allowed, perSecond-kept)
	}
}

func TestMostCallsCostNoRoundTrip(t *testing.T) {
	t.Parallel()
	r := testkit.NewRedis(t)
	nodes := newNodes(t, r, new(clock), 2)
	together(t, nodes)
	require.Equal(t, 10_000, hammer(nodes, create, 50_000, 5000))
	trips, err := strconv.Atoi(regexp.MustCompile(`cmdstat_set:calls=(\d+)`).FindStringSubmatch(redis(t, r, "INFO", "commandstats"))[1])
	require.NoError(t, err)
	require.LessOrEqual(t, trips, 2+10_000/1000+2, "a probe of each, a trip for each portion, and one that was not used up of each")
}

func TestTheBucketFillsSteadilyAndNotBeyondASecond(t *testing.T) {
	t.Parallel()
	r := testkit.NewRedis(t)
	c := new(clock)
	nodes := newNodes(t, r, c, 1)
	together(t, nodes)
	about := func(want int, began time.Time) {
		t.Helper()
		allowed := hammer(nodes, create, 40, 100)
		require.GreaterOrEqual(t, allowed, want)
		require.LessOrEqual(t, allowed, want+1+int(40*time.Since(began).Seconds()))
	}
	began := time.Now()
	about(40, began)
	for ago, want := range map[time.Duration]int{500 * time.Millisecond: 20, time.Hour: 40} {
		full, err := strconv.ParseInt(redis(t, r, "GET", allowance.RedisKey(create)), 10, 64)
		require.NoError(t, err)
		redis(t, r, "SET", allowance.RedisKey(create), strconv.FormatInt(full-ago.Microseconds(), 10))
		c.move(ago)
		about(want, began)
	}
}

func TestAnEmptyBucketIsNotAskedAgainAndAgain(t *testing.T) {
	t.Parallel()
	r := testkit.NewRedis(t)
	nodes := newNodes(t, r, new(clock), 2) // their clock stands still, so for them the bucket stays empty
	together(t, nodes)
	require.Equal(t, 1, hammer(nodes, create, 0.1, 400))
	scripts := regexp.MustCompile(`cmdstat_evalsha:calls=(\d+)`).FindStringSubmatch(redis(t, r, "INFO", "commandstats"))
	calls, err := strconv.Atoi(scripts[1])
	require.NoError(t, err)
	require.LessOrEqual(t, calls, 2*(1+2), "a probe of each, and a trip or two")
}

func TestAClockOfRedisThatIsSetBackStopsNobodyForLong(t *testing.T) {
	t.Parallel()
	r := testkit.NewRedis(t)
	c := new(clock)
	nodes := newNodes(t, r, c, 1)
	together(t, nodes)
	redis(t, r, "SET", allowance.RedisKey(create), strconv.FormatInt(time.Now().Add(time.Hour).UnixMicro(), 10))
	require.False(t, nodes[0].Take(create, 1000), "it counts as an empty bucket")
	c.move(time.Second)
	require.Eventually(t, func() bool { c.move(time.Second); return nodes[0].Take(create, 1000) }, patience, time.Millisecond)
}

func TestKeysAreApart(t *testing.T) {
	t.Parallel()
	r := testkit.NewRedis(t)
	nodes := newNodes(t, r, new(clock), 2)
	together(t, nodes)
	for _, key := range []allowance.Key{
		{App: 1, Command: "a"}, {App: 2, Command: "a"}, {App: 1, Command: "b"}, {App: 11, Command: "a"},
	} {
		require.Equal(t, 1, hammer(nodes, key, 1e-3, 40), "%+v", key)
	}
}

// TestWithoutRedisEachNodeHasItsShare is about a Redis that is there no more, one that does not answer, one that takes nothing,
// and one that never was; and about what holds when it is back.
func TestWithoutRedisEachNodeHasItsShare(t *testing.T) {
	t.Parallel()
	for name, redisIs := range map[string]struct {
		away, back func(*testing.T, *testkit.Redis)
	}{
		"gone":   {func(_ *testing.T, r *testkit.Redis) { r.Stop() }, func(_ *testing.T, r *testkit.Redis) { r.Start() }},
		"silent": {func(_ *testing.T, r *testkit.Redis) { r.Pause() }, func(_ *testing.T, r *testkit.Redis) { r.Resume() }},
		"full": {
			func(t *testing.T, r *testkit.Redis) { redis(t, r, "CONFIG", "SET", "maxmemory", "1") },
			func(t *testing.T, r *testkit.Redis) { redis(t, r, "CONFIG", "SET", "maxmemory", "0") },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := testkit.NewRedis(t)
			nodes := newNodes(t, r, new(clock), 3)
			together(t, nodes)
			redisIs.away(t, r)
			for _, node := range nodes {
				node.Take(allowance.Key{App: 9}, 1e-3) // this one finds out
			}
			require.Equal(t, 90, hammer(nodes, create, 90, 400))
			rare := allowance.Key{App: 1, Command: "rare"}
			require.Equal(t, 3, hammer(nodes, rare, 1, 40), "a node lets through one call at least")
			redisIs.back(t, r)
			together(t, nodes)
			require.Equal(t, 1, hammer(nodes, allowance.Key{App: 2, Command: "rare"}, 1e-3, 40))
		})
	}
	t.Run("late", func(t *testing.T) {
		t.Parallel()
		r := testkit.NewRedis(t)
		r.Stop()
		nodes := newNodes(t, r, new(clock), 3)
		require.Equal(t, 90, hammer(nodes, create, 90, 400))
		r.Start()
		together(t, nodes)
		require.Equal(t, 1, hammer(nodes, create, 1e-3, 40))
	})
}

func TestTheShareFollowsTheNumberOfNodes(t *testing.T) {
	t.Parallel()
	r := testkit.NewRedis(t)
	r.Stop()
	c := new(clock)
	var alive atomic.Int64
	alive.Store(10)
	node, err := allowance.NewShared(allowance.Options{
		URL: r.URL, Nodes: func() int { return int(alive.Load()) }, Now: c.now, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	for n, want := range []int{0, 100, 50, 33} {
		if n == 0 {
			require.Equal(t, 10, hammer([]*allowance.Shared{node}, create, 100, 200))
			continue
		}
		alive.Store(int64(n))
		node.Take(create, 100) // the new share holds from here on
		c.move(time.Hour)
		require.Equal(t, want, hammer([]*allowance.Shared{node}, create, 100, 200))
	}
}

func TestAURLThatIsNoneIsNotShown(t *testing.T) {
	t.Parallel()
	for _, wrong := range []string{"redis://user:hidden@host/name", "http://hidden", "redis://h:x/y/z/hidden", "%hidden"} {
		_, err := allowance.NewShared(allowance.Options{URL: wrong})
		require.Error(t, err)
		require.NotContains(t, err.Error(), "hidden")
	}
	for _, right := range []string{"redis://host", "redis://host/", "rediss://user:secret@host:6380/2"} {
		_, err := allowance.NewShared(allowance.Options{URL: right})
		require.NoError(t, err)
	}
}

// redis sends one command to a Redis server and returns its answer.
func redis(t *testing.T, r *testkit.Redis, command string, args ...string) string {
	t.Helper()
	u, err := url.Parse(r.URL)
	require.NoError(t, err)
	client, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{u.Host}, DisableCache: true, ForceSingleClient: true})
	require.NoError(t, err)
	defer client.Close()
	text, err := client.Do(t.Context(), client.B().Arbitrary(command).Args(args...).Build()).ToString()
	require.NoError(t, err)
	return text
}
