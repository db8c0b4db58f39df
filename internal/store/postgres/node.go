package postgres

import (
	"context"
	"fmt"
	"hash/maphash"
	"sync/atomic"
	"time"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
)

// basketsOfNode is how many baskets a node makes for the lanes that it begins: when it is gone, so many others share its work.
const basketsOfNode = 16

// node is who this process is among those that serve together, and what it has to deliver.
type node struct {
	seed  maphash.Seed
	state atomic.Pointer[nodeState]
}

// nodeState does not change; a change is another one.
type nodeState struct {
	id    live.NodeID
	fresh [basketsOfNode]int64 // where lanes go that this node begins
	owned map[int64]struct{}   // the baskets that it delivers
}

// basketFor returns the basket of a lane that begins here.
func (n *node) basketFor(l delivery.Lane) int64 {
	return n.state.Load().fresh[maphash.Comparable(n.seed, l)%basketsOfNode]
}

// owns tells whether this node delivers the lanes of a basket.
func (s *nodeState) owns(basket int64) bool {
	_, ok := s.owned[basket]
	return ok
}

func (n *node) owns(basket int64) bool { return n.state.Load().owns(basket) }

// register takes a new identity and makes its baskets.
func (s *Store) register(ctx context.Context) error {
	state := &nodeState{owned: make(map[int64]struct{})}
	tx, err := s.readers.Begin(ctx)
	if err != nil {
		return fmt.Errorf("register with the database: %w", err)
	}
	defer tx.Rollback(background) //nolint:errcheck // after a commit it does nothing
	err = tx.QueryRow(ctx, `INSERT INTO nodes (node, name, version, started_at, seen_at)
		VALUES (nextval('node_ids'), $1, $2, clock_timestamp(), clock_timestamp()) RETURNING node`,
		s.opts.NodeName, s.opts.Version).Scan(&state.id)
	if err != nil {
		return fmt.Errorf("register with the database: %w", err)
	}
	for i := range state.fresh {
		err := tx.QueryRow(ctx, "INSERT INTO baskets (basket, node) VALUES (nextval('basket_ids'), $1) RETURNING basket",
			int64(state.id)).Scan(&state.fresh[i])
		if err != nil {
			return fmt.Errorf("register with the database: %w", err)
		}
		state.owned[state.fresh[i]] = struct{}{}
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("register with the database: %w", err)
	}
	s.node.seed = maphash.MakeSeed()
	s.node.state.Store(state)
	s.listener.Heard(store.News{Node: state.id, Claim: true})
	return nil
}

// wake tells the nodes whose lanes those are that there is something in them.
func (s *Store) wake([]delivery.LaneEnd) {}

// missed tells all nodes that clients may have missed something.
func (s *Store) missed() { s.listener.Heard(store.News{Missed: true}) }

// count adds a commit to the figures.
func (s *Store) count(updates int, took time.Duration) {
	m := s.opts.Metrics
	m.StoreCommits.Inc()
	m.StoreUpdates.Add(float64(updates))
	m.StoreSeconds.Observe(took.Seconds())
}

// announce has the other nodes told what they must know of a transaction, with its commit.
func (s *Store) announce(c *conn, callbacks, purged []live.AppID, ended []live.Revocation) {}
