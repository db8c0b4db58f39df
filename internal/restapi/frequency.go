package restapi

import (
	"sync"

	"golang.org/x/time/rate"

	"github.com/greenroom-live/greenroom/internal/live"
)

// Frequency says how often an app may call a command. The zero Frequency sets no limit.
type Frequency struct {
	// Contract applies the contract's figures: 200, 100 or fewer calls per second, command by command.
	Contract bool
	// PerSecond sets figures of the operator's own, by path without prefix; they win over the contract's.
	PerSecond map[string]int
}

func (f Frequency) of(c command) float64 {
	if n, ok := f.PerSecond[c.path]; ok {
		return float64(n)
	}
	if f.Contract {
		return c.perSecond
	}
	return 0
}

// tooOften is the code for going past the limit: the gift catalogue, whose limits are 1 call per second or fewer, has
// one of its own (doc 120502).
func (c command) tooOften() live.Code {
	if c.perSecond <= 1 {
		return live.CodeCreateTooOften
	}
	return live.CodeTooOften
}

// limiter holds a token bucket for each app and command that has a limit; a bucket holds one
// second's calls, and one call at least.
type limiter struct {
	frequency Frequency
	now       live.Clock
	buckets   sync.Map // bucketKey to *rate.Limiter
}

type bucketKey struct {
	app  live.AppID
	path string
}

func newLimiter(f Frequency, now live.Clock) *limiter { return &limiter{frequency: f, now: now} }

func (l *limiter) allow(app live.AppID, c command) bool {
	n := l.frequency.of(c)
	if n == 0 {
		return true
	}
	key := bucketKey{app, c.path}
	bucket, ok := l.buckets.Load(key)
	if !ok {
		bucket, _ = l.buckets.LoadOrStore(key, rate.NewLimiter(rate.Limit(n), max(1, int(n))))
	}
	return bucket.(*rate.Limiter).AllowN(l.now(), 1)
}
