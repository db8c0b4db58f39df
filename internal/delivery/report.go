package delivery

import "log/slog"

// report logs and counts one attempt.
func (d *dispatcher) report(e Event, a attempt, o Outcome) {
	took := a.ended.Sub(a.started)
	d.fates[o.Fate].Inc()
	d.took.Observe(took.Seconds())
	level := slog.LevelDebug
	switch {
	case o.Fate == Dead:
		level = slog.LevelError
	case o.Fate == Failed && o.Attempts == 1:
		level = slog.LevelWarn
	}
	if !d.log.Enabled(d.ctx, level) {
		return
	}
	d.log.Log(d.ctx, level, "webhook "+o.Fate.String(), "id", e.ID, "command", e.Command, "room", e.Lane.Room,
		"attempt", e.Attempts+1, "status", a.status, "took", took, "age", a.ended.Sub(e.At), "error", o.Error)
}
