package delivery

import (
	"log/slog"
	"sync/atomic"
	"time"
)

// warnEvery is how often an app's failures are warned of; each of them is in the log at level debug.
const warnEvery = 10 * time.Second

// failures counts an app's failed attempts since the last warning.
type failures struct {
	count  atomic.Int64
	warned atomic.Int64 // Unix nanoseconds
}

// due counts failures and tells whether to warn now, and of how many.
func (f *failures) due(now time.Time, more int) (count int64, warn bool) {
	f.count.Add(int64(more))
	last := f.warned.Load()
	if now.UnixNano()-last < int64(warnEvery) || !f.warned.CompareAndSwap(last, now.UnixNano()) {
		return 0, false
	}
	return f.count.Swap(0), true
}

// notice is something that operators are told once, when it happens.
type notice struct {
	level slog.Level
	text  string // empty for nothing
	args  []any
}

func (d *dispatcher) tell(n notice) {
	if n.text != "" {
		d.log.Log(d.ctx, n.level, n.text, n.args...)
	}
}

// report logs and counts one attempt.
func (d *dispatcher) report(a attempt, v verdict) {
	took, e := a.ended.Sub(a.started), v.Event
	d.measure(a, v)
	level, failed, text := slog.LevelDebug, int64(0), "webhook "+v.Fate.String()
	switch {
	case v.poison:
		level, text = slog.LevelError, "webhook given up as poison; its room goes on"
	case v.Fate == Dead:
		level = slog.LevelError
	case v.Fate == Failed:
		if count, warn := d.failures.due(a.ended, 1); warn {
			level, failed = slog.LevelWarn, count
		}
	}
	if !d.log.Enabled(d.ctx, level) {
		return
	}
	d.log.Log(d.ctx, level, text, "id", e.ID, "command", e.Command, "room", e.Lane.Room,
		"attempt", v.Attempt.Number, "status", a.status, "took", took, "age", a.ended.Sub(e.At), "error", a.why,
		"failures_since_last_warning", failed)
}

// reportExpired logs events that were given up without another attempt, now and then: there may be many of them.
func (d *dispatcher) reportExpired(t try) {
	if count, warn := d.expiries.due(d.opts.Now(), t.expired); warn {
		d.log.Error("webhooks given up: their retry windows ended while the app server failed", "webhooks", count, "error", t.why)
	}
}
