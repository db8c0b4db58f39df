package sqlite

import (
	"log/slog"
	"time"
)

// failures tells the operator of commits that fail: on a full disk all may, many times a second.
type failures struct {
	untold int // since the last line
	told   time.Time
}

// add adds a commit of some updates and outcomes.
func (f *failures) add(log *slog.Logger, err error, updates, outcomes int) {
	f.untold++
	if now := time.Now(); now.Sub(f.told) >= complainEvery {
		log.Error("commit failed", "updates", updates, "outcomes", outcomes, "commits", f.untold, "error", err)
		f.untold, f.told = 0, now
	}
}

// patience says how long outcomes wait that could not be written.
type patience struct {
	wait  time.Duration
	until time.Time
}

// grow makes it twice as long as it was, from now on.
func (p *patience) grow() {
	p.wait = min(max(2*p.wait, settleDelay), settleRetry)
	p.until = time.Now().Add(p.wait)
}

// left is how much of it is left.
func (p *patience) left() time.Duration {
	if p.wait == 0 {
		return 0 // costs no look at the clock
	}
	return time.Until(p.until)
}
