// Package store says what every engine that keeps the state has in common. The engines are packages below it; each
// implements live.Store, delivery.Outbox and delivery.Records, and package storetest holds them all to the same tests.
package store

import (
	"context"

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

// News is what a node of several hears beside its own commits. An embedded engine has none.
type News struct {
	Node   live.NodeID        // who this node is from now on, when it changed: at the start, and after it had lost its lease
	Lost   bool               // the lease is lost: what was this node's to deliver belongs to others, or soon will
	Lanes  []delivery.LaneEnd // lanes of this node into which others have put events
	Claim  bool               // lanes have become this node's: all that are its own are to be looked for
	Gone   []live.NodeID      // nodes whose members' connections are this node's now to look after
	Missed bool               // news may have been missed, or a node is gone: what others do is to be read anew

	Callbacks []live.AppID // as in Commit, by other nodes
	Purged    []live.AppID
	Revoked   []live.Revocation
	Timers    bool
}

// Listener hears of every commit of this node, one after the other, and must return quickly. The slices of a Commit are its
// own only until it returns.
type Listener interface {
	Committed(Commit)
}

// NodeListener is the Listener of one node of several.
type NodeListener interface {
	Listener
	// Published waits until what it was told of has reached the clients of all nodes, or cannot. Nobody changes the rooms
	// of those commits meanwhile, so that every client hears of them in order.
	Published(context.Context)
	// Heard tells of other nodes. It must return quickly too.
	Heard(News)
}
