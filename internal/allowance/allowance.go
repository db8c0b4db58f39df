// Package allowance says how many calls may be made: so many per second of each key, such as an app and a command.
//
// The calls of a key come out of a bucket that holds one second's calls, and one call at least, and fills up steadily. [Own]
// keeps the buckets in this process. [Shared] keeps them in Redis, for all nodes together.
package allowance

import (
	"sync"

	"golang.org/x/time/rate"

	"github.com/greenroom-live/greenroom/internal/live"
)

// Key is what a limit is of.
type Key struct {
	App     live.AppID
	Command string // its path without prefix
}

// Own keeps the buckets of a process that limits alone.
type Own struct {
	now     live.Clock
	buckets sync.Map // Key to *rate.Limiter
}

// NewOwn returns an Own with full buckets.
func NewOwn(now live.Clock) *Own { return &Own{now: now} }

// Take takes a call out of the bucket of key, and tells whether there was one. PerSecond is more than 0.
func (o *Own) Take(key Key, perSecond float64) bool {
	bucket, ok := o.buckets.Load(key)
	if !ok {
		bucket, _ = o.buckets.LoadOrStore(key, rate.NewLimiter(rate.Limit(perSecond), burst(perSecond)))
	}
	return bucket.(*rate.Limiter).AllowN(o.now(), 1)
}

// takeOf is Take for figures that change from time to time.
func (o *Own) takeOf(key Key, perSecond float64) bool {
	bucket, ok := o.buckets.Load(key)
	if !ok {
		return o.Take(key, perSecond)
	}
	b, now := bucket.(*rate.Limiter), o.now()
	if b.Limit() != rate.Limit(perSecond) {
		b.SetLimitAt(now, rate.Limit(perSecond))
		b.SetBurstAt(now, burst(perSecond))
	}
	return b.AllowN(now, 1)
}

// burst is how many calls a bucket holds.
func burst(perSecond float64) int { return max(1, int(perSecond)) }
