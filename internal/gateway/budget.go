package gateway

import (
	"sync"
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
)

// weight says what becomes of a notice when its room is told more in a second than its budget.
type weight uint8

const (
	firm    weight = iota // told in any case
	passing               // left out from the full budget on
	latest                // waits from three quarters of the budget on; of those that wait the last one is told in the end
)

// weights of the notices that give way; all others are firm. Chat is bounded where it is sent, and so finds room here.
var weights = map[string]weight{
	"audience.onAudienceJoined":       passing,
	"audience.onAdminJoined":          passing,
	"audience.onOwnerJoined":          passing,
	"audience.onAudienceLeft":         passing,
	"audience.onAdminLeft":            passing,
	"audience.onOwnerLeft":            passing,
	"audience.onAudienceCountChanged": latest,
	"like.onReceiveLikesMessage":      latest, // it has the total
}

// heldDelay is how often it is tried to tell what waits.
const heldDelay = 100 * time.Millisecond

// noticeBudget bounds what a room is told in a second by leaving out and putting off what matters least (client guide).
// This is the one place that judges notices.
type noticeBudget struct {
	perSecond int // 0: no bound
	now       live.Clock
	pace      *live.Pace[place]

	mu    sync.Mutex
	held  map[heldKey]heldNotice
	tried time.Time // when what waits was last looked at
}

type heldKey struct {
	place
	event string
}

type heldNotice struct {
	of     live.Event
	notice notice
}

func newNoticeBudget(perSecond int) *noticeBudget {
	return &noticeBudget{
		perSecond: perSecond, now: time.Now, pace: live.NewPace[place](max(1, perSecond)), held: make(map[heldKey]heldNotice),
	}
}

// admits tells whether the room is told n now. What waits in its place is superseded by it.
func (b *noticeBudget) admits(e live.Event, n notice) bool {
	if b.perSecond == 0 || n.to != "" {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	at, now := place{e.App, e.Room}, b.now()
	switch weights[n.event] {
	case passing:
		return b.pace.Take(at, b.perSecond, now)
	case latest:
		key := heldKey{at, n.event}
		if !b.pace.Take(at, b.latestShare(), now) {
			b.held[key] = heldNotice{e, n}
			return false
		}
		delete(b.held, key)
		return true
	}
	b.pace.Add(at, now)
	if _, ended := e.Change.(live.RoomDestroyed); ended {
		b.forget(at)
	}
	return true
}

func (b *noticeBudget) latestShare() int { return max(1, b.perSecond*3/4) }

// forget drops what waits to be told to a room that ended. The caller holds mu.
func (b *noticeBudget) forget(at place) {
	for key := range b.held {
		if key.place == at {
			delete(b.held, key)
		}
	}
}

// due returns what has waited and may be told now.
func (b *noticeBudget) due() []heldNotice {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if len(b.held) == 0 || now.Sub(b.tried).Abs() < heldDelay {
		return nil
	}
	b.tried = now
	var due []heldNotice
	for key, h := range b.held {
		if b.pace.Take(key.place, b.latestShare(), now) {
			due = append(due, h)
			delete(b.held, key)
		}
	}
	return due
}

// wake tells when to look again for what may be told; never while nothing waits.
func (b *noticeBudget) wake() <-chan time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.held) == 0 {
		return nil
	}
	return time.After(heldDelay)
}
