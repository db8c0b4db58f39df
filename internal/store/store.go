// Package store says what every engine that keeps the state has in common. The engines are packages below it; each
// implements live.Store, delivery.Outbox and delivery.Records, and package storetest holds them all to the same tests.
package store

import (
	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
)

// Commit is what one commit made durable, in commit order.
type Commit struct {
	Changes   []live.Event
	Webhooks  []delivery.Event
	Settled   []delivery.Outcome
	Callbacks []live.AppID // apps whose webhook configuration changed, or that were paused or resumed
	Purged    []live.AppID // apps of which waiting webhooks were removed
	Timers    bool         // some timers were set
}

// Listener hears of every commit, one after the other, and must return quickly. The slices of a Commit are its own only
// until it returns.
type Listener interface {
	Committed(Commit)
}
