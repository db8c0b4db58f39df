package postgres

import (
	"errors"
	"log/slog"
	"sync"
	"time"
)

// errLost says that this node's life is over: others have what it had, or soon will.
var errLost = errors.New("the lease of this node is lost")

// complainEvery is how often a line says at most that the database fails.
const complainEvery = 5 * time.Second

// failures tells the operator of a database that fails: all connections may notice, many times a second.
type failures struct {
	mu     sync.Mutex
	untold int // since the last line
	told   time.Time
}

func (f *failures) add(log *slog.Logger, what string, err error) {
	f.mu.Lock()
	f.untold++
	count, now := f.untold, time.Now()
	due := now.Sub(f.told) >= complainEvery
	if due {
		f.untold, f.told = 0, now
	}
	f.mu.Unlock()
	if due {
		log.Error(what, "times", count, "error", err)
	}
}
