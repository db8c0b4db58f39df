package server

import (
	"context"
	"sync"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/gateway"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
)

// listeners hands every commit, and what other nodes tell, to those who care: the deliverer, the clients in the rooms, the
// clock.
type listeners struct {
	delivery *delivery.Deliverer
	gateway  *gateway.Gateway
	live     *live.Service
	apps     []live.AppID
	recall   chan struct{} // holds a token when revocations may have been missed

	mu    sync.Mutex // makes one piece of news follow the other
	begun bool
	early []store.News // heard before those who care were there
}

// Committed implements store.Listener.
func (l *listeners) Committed(c store.Commit) {
	l.delivery.Enqueue(c.Webhooks)
	for _, app := range c.Callbacks {
		l.delivery.EndpointChanged(app)
	}
	for _, app := range c.Purged {
		l.delivery.Purged(app)
	}
	l.delivery.Settled(c.Settled)
	l.gateway.Publish(c.Changes)
	if c.Timers {
		l.live.TimersChanged()
	}
}

// Published implements store.NodeListener.
func (l *listeners) Published(ctx context.Context) { l.gateway.Published(ctx) }

// Heard implements store.NodeListener.
func (l *listeners) Heard(n store.News) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.begun {
		l.early = append(l.early, n)
		return
	}
	l.hear(n)
}

// begin passes on what was heard until now, and from then on everything at once.
func (l *listeners) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range l.early {
		l.hear(n)
	}
	l.begun, l.early = true, nil
}

// hear tells those who care. Who this node is comes first, as all else is done in its name.
func (l *listeners) hear(n store.News) {
	if n.Lost {
		l.delivery.Lost()
	}
	if n.Node != 0 {
		l.gateway.HeardNode(n.Node)
	}
	if n.Missed {
		l.hearMissed()
	}
	for _, app := range n.Callbacks {
		l.delivery.EndpointChanged(app)
	}
	for _, app := range n.Purged {
		l.delivery.Purged(app)
	}
	if n.Claim {
		l.delivery.Claimed()
	}
	l.delivery.Woken(n.Lanes)
	l.gateway.HeardGone(n.Gone)
	l.gateway.HeardRevoked(n.Revoked)
	if n.Timers || n.Missed {
		l.live.TimersChanged()
	}
}

// hearMissed has everything read anew that others may have changed without this node's having heard of it.
func (l *listeners) hearMissed() {
	for _, app := range l.apps {
		l.delivery.EndpointChanged(app)
		l.delivery.Purged(app)
	}
	l.gateway.HeardMissed()
	select {
	case l.recall <- struct{}{}:
	default:
	}
}

// recallRevocations reads the revocations again whenever some may have been missed, until ctx ends.
func (s *Server) recallRevocations(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.heard.recall:
		}
		for s.recallOnce(ctx) != nil {
			if !pause(ctx) {
				return nil
			}
		}
	}
}

func (s *Server) recallOnce(ctx context.Context) error {
	err := s.live.RecallRevocations(ctx)
	if err != nil && ctx.Err() == nil {
		s.log.Error("the revoked logins cannot be read", "error", err)
	}
	if err == nil {
		s.gateway.HeardRevocations()
	}
	return err
}
