package allowance

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"

	"github.com/greenroom-live/greenroom/internal/live"
)

const (
	// defaultPatience is how long a call waits for Redis at most.
	defaultPatience = 50 * time.Millisecond
	// probeEvery is how often a Redis that is away is looked for.
	probeEvery = 500 * time.Millisecond
	// probeTimeout is how long that may take.
	probeTimeout = time.Second
)

// Options says how allowances are shared.
type Options struct {
	URL      string        // of Redis, redis:// or rediss://
	Nodes    func() int    // how many nodes are alive, this one among them; 1 when nil
	Patience time.Duration // how long a call waits for Redis at most; 50 ms when 0
	Now      live.Clock    // of the fallback; time.Now when nil
	Log      *slog.Logger
}

// Shared keeps the buckets in Redis. A node takes calls out of them in portions of a fiftieth of a second's, so that most
// calls cost no round trip, and keeps what is left of a portion until it is needed. All nodes together therefore let through
// what one bucket would, and at most a portion less one call for each node more or fewer.
//
// When Redis does not answer within the patience of a call, each node lets through its share: the limit divided by how many
// nodes there are, out of a bucket of its own, which holds one call at least. It looks for Redis in the background meanwhile, so
// that no further call waits. Around each such change all nodes together may let through one bucket more.
type Shared struct {
	opts   Options
	redis  rueidis.ClientOption
	client atomic.Pointer[rueidis.Client] // nil while Redis is away
	lost   chan error                     // why Redis is to be looked for
	purses sync.Map                       // Key to *purse
	shares *Own
}

// NewShared returns a Shared that looks for Redis as soon as it runs. The error says that the URL is none; it does not show it.
func NewShared(opts Options) (*Shared, error) {
	redis, err := rueidis.ParseURL(strings.TrimSuffix(opts.URL, "/"))
	if err != nil {
		return nil, errors.New("the URL of Redis cannot be read")
	}
	redis.DisableCache, redis.DisableRetry = true, true
	redis.PipelineMultiplex, redis.ReadBufferEachConn, redis.WriteBufferEachConn = -1, 16<<10, 16<<10
	if redis.Dialer.Timeout == 0 {
		redis.Dialer.Timeout = probeTimeout
	}
	redis.ClientName = "greenroom-allowance"
	if opts.Nodes == nil {
		opts.Nodes = func() int { return 1 }
	}
	if opts.Patience == 0 {
		opts.Patience = defaultPatience
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	return &Shared{opts: opts, redis: redis, lost: make(chan error, 1), shares: NewOwn(opts.Now)}, nil
}

// Run keeps a connection to Redis until ctx ends.
func (s *Shared) Run(ctx context.Context) error {
	client, err := s.find(ctx, nil)
	for {
		if err != nil && ctx.Err() == nil {
			s.opts.Log.Warn("Redis is away: each node limits the frequency of calls by itself", "error", err)
		}
		for err != nil && ctx.Err() == nil {
			pause(ctx, probeEvery)
			client, err = s.find(ctx, client)
		}
		if err == nil {
			found := client
			s.client.Store(&found)
			s.opts.Log.Info("frequency limits hold for all nodes together")
		}
		select {
		case <-ctx.Done():
			s.client.Store(nil)
			if client != nil {
				client.Close()
			}
			return nil
		case err = <-s.lost:
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// find returns a client and whether Redis answers it: the one there is, or a new one.
func (s *Shared) find(ctx context.Context, client rueidis.Client) (rueidis.Client, error) {
	if client == nil {
		var err error
		if client, err = rueidis.NewClient(s.redis); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	_, _, err := draw(ctx, client, Key{Command: "probe"}, 1, 1) // a Redis that answers but takes no writes is away too
	return client, err
}

// away has Redis looked for. Until it is found nobody asks it.
func (s *Shared) away(client *rueidis.Client, why error) {
	if s.client.CompareAndSwap(client, nil) {
		s.lost <- why // whoever found the client took the one before
	}
}

// Take takes a call out of the bucket of key, and tells whether there was one. PerSecond is more than 0.
func (s *Shared) Take(key Key, perSecond float64) bool {
	entry, ok := s.purses.Load(key)
	if !ok {
		entry, _ = s.purses.LoadOrStore(key, newPurse())
	}
	p := entry.(*purse)
	for {
		client := s.client.Load()
		if client == nil {
			return s.shares.takeOf(key, perSecond/float64(max(1, s.opts.Nodes())))
		}
		allowed, wait := p.take(perSecond, s.opts.Now())
		if wait == nil {
			return allowed
		}
		if wait.first {
			go s.fill(client, p, wait.trip, key, perSecond)
		}
		<-wait.trip.over // within the patience, and a little
		if allowed, served := p.served(); served {
			return allowed
		}
	}
}

// fill makes a trip to Redis for all who wait for it.
func (s *Shared) fill(client *rueidis.Client, p *purse, t *trip, key Key, perSecond float64) {
	type reply struct {
		granted int
		wait    time.Duration
		err     error
	}
	answered := make(chan reply, 1)
	ctx, cancel := context.WithTimeout(context.Background(), s.opts.Patience)
	defer cancel()
	go func() {
		var r reply
		r.granted, r.wait, r.err = draw(ctx, *client, key, perSecond, t.want)
		answered <- r
	}()
	var r reply
	select {
	case r = <-answered:
	case <-ctx.Done(): // whatever the client is doing
		r.err = ctx.Err()
	}
	if r.err != nil {
		s.away(client, r.err)
	}
	p.end(t, r.granted, s.opts.Now().Add(r.wait))
}

// bucket takes up to ARGV[3] calls out of a bucket of ARGV[2] calls, which gains one in ARGV[1] microseconds. What is kept is
// when the bucket will be full, in microseconds of the server's clock; a bucket that is full is not kept. It is never more than
// empty, also when the clock was set back. The answer is how many
// calls it was and, when they were fewer than asked for, in how many microseconds there will be one more.
var bucket = rueidis.NewLuaScript(`
local each, size, want = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local kept = tonumber(redis.call('GET', KEYS[1]) or 0)
local full = math.min(math.max(kept, now), now + size * each)
local granted = math.min(want, math.floor(size - (full - now) / each + 0.001))
if granted > 0 or full < kept then
  full = full + granted * each
  redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) + 1)
end
local wait = 0
if granted < want then
  wait = math.max(0, math.ceil(full - now - (size - 1) * each))
end
return {granted, wait}
`)

// draw asks Redis for calls out of the bucket of key.
func draw(ctx context.Context, client rueidis.Client, key Key, perSecond float64, want int) (int, time.Duration, error) {
	args := []string{fmt.Sprintf("%.3f", 1e6/perSecond), fmt.Sprint(burst(perSecond)), fmt.Sprint(want)}
	answer, err := bucket.Exec(ctx, client, []string{redisKey(key)}, args).AsIntSlice()
	if err != nil {
		return 0, 0, err
	}
	if len(answer) != 2 || answer[0] < 0 || answer[0] > int64(want) {
		return 0, 0, fmt.Errorf("an answer that is none: %v", answer)
	}
	return int(answer[0]), time.Duration(answer[1]) * time.Microsecond, nil
}

func redisKey(key Key) string { return fmt.Sprintf("greenroom.frequency.%d.%s", key.App, key.Command) }
