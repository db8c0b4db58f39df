package restapi

import (
	"github.com/greenroom-live/greenroom/internal/allowance"
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

// Allowance says whether one more call may be made of those that a key has each second.
type Allowance interface {
	Take(key allowance.Key, perSecond float64) bool
}

// limiter judges the calls of commands that have a limit.
type limiter struct {
	frequency Frequency
	allowance Allowance
}

func (l *limiter) allow(app live.AppID, c command) bool {
	n := l.frequency.of(c)
	return n == 0 || l.allowance.Take(allowance.Key{App: app, Command: c.path}, n)
}
