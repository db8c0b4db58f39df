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

// due counts a failure and tells whether to warn now, and of how many.
func (f *failures) due(now time.Time) (count int64, warn bool) {
	f.count.Add(1)
	last := f.warned.Load()
	if now.UnixNano()-last < int64(warnEvery) || !f.warned.CompareAndSwap(last, now.UnixNano()) {
		return 0, false
	}
	return f.count.Swap(0), true
}

// report logs and counts one attempt.
func (d *dispatcher) report(e Event, a attempt, o Outcome) {
	took := a.ended.Sub(a.started)
	d.fates[o.Fate].Inc()
	d.took.Observe(took.Seconds())
	level, failed := slog.LevelDebug, int64(0)
	switch o.Fate {
	case Dead:
		level = slog.LevelError
	case Failed:
		if count, warn := d.failures.due(a.ended); warn {
			level, failed = slog.LevelWarn, count
		}
	}
	if !d.log.Enabled(d.ctx, level) {
		return
	}
	d.log.Log(d.ctx, level, "webhook "+o.Fate.String(), "id", e.ID, "command", e.Command, "room", e.Lane.Room,
		"attempt", o.Attempt.Number, "status", a.status, "took", took, "age", a.ended.Sub(e.At), "error", o.Attempt.Error,
		"failures_since_last_warning", failed)
}
