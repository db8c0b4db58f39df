package postgres

import (
	"context"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"sync"
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
	lease *delivery.Lease

	mu    sync.Mutex // of those that change state
	state atomic.Pointer[nodeState]
}

// nodeState does not change; a change is another one. What it says may be behind the tables: then somebody is about to tell us.
type nodeState struct {
	id    live.NodeID
	lost  bool                 // that life is over, and there is no other yet
	fresh [basketsOfNode]int64 // where lanes go that this node begins; of a life that is over they are somebody else's
	owned map[int64]struct{}   // the baskets that it delivers
}

// basketFor returns the basket of a lane that begins here. All events of one commit must be given to the same state.
func (n *node) basketFor(state *nodeState, l delivery.Lane) int64 {
	return state.fresh[maphash.Comparable(n.seed, l)%basketsOfNode]
}

// owns tells whether this node delivers the lanes of a basket.
func (s *nodeState) owns(basket int64) bool {
	_, ok := s.owned[basket]
	return ok
}

// owns tells whether this node delivers the lanes of a basket now.
func (n *node) owns(basket int64) bool { return n.state.Load().owns(basket) }

// own notes that a life has taken baskets; false when it is over.
func (n *node) own(id live.NodeID, baskets []int64) bool {
	return n.change(id, func(owned map[int64]struct{}) {
		for _, b := range baskets {
			owned[b] = struct{}{}
		}
	})
}

// disown notes that baskets are no more.
func (n *node) disown(id live.NodeID, baskets []int64) {
	n.change(id, func(owned map[int64]struct{}) {
		for _, b := range baskets {
			delete(owned, b)
		}
	})
}

func (n *node) change(id live.NodeID, f func(owned map[int64]struct{})) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	before := n.state.Load()
	if before.id != id || before.lost {
		return false
	}
	after := *before
	after.owned = maps.Clone(before.owned)
	f(after.owned)
	n.state.Store(&after)
	return true
}

// lose notes that the life is over: nothing is this node's to deliver.
func (n *node) lose() {
	n.mu.Lock()
	defer n.mu.Unlock()
	after := *n.state.Load()
	after.lost, after.owned = true, nil
	n.state.Store(&after)
}

func (n *node) begin(state *nodeState) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.state.Store(state)
}

// Lease is this node's, for those who may act in its name only while it is held.
func (s *Store) Lease() *delivery.Lease { return s.node.lease }

// Node returns this node's present life, or the last one when that is over.
func (s *Store) Node() live.NodeID { return s.node.state.Load().id }

// Alive returns how many nodes serve, this one among them, as it was last seen.
func (s *Store) Alive() int { return max(1, int(s.heir.alive.Load())) }

// holdLife finds the row of a life, unless that is over, and keeps others from taking over what it has until the transaction
// ends. It does not hold up renewals.
const holdLife = "SELECT 1 FROM nodes WHERE node = $1 FOR KEY SHARE"

// insertNode begins a life with baskets of its own.
const insertNode = `WITH n AS (
		INSERT INTO nodes (node, name, version, started_at, seen_at, lease)
		VALUES (nextval('node_ids'), $1, $2, clock_timestamp(), clock_timestamp(), $3) RETURNING node
	), b AS (
		INSERT INTO baskets (basket, node) SELECT nextval('basket_ids'), n.node FROM n, generate_series(1, $4) RETURNING basket
	) SELECT n.node, (SELECT array_agg(basket) FROM b) FROM n`

// A database that was restored from a backup may know nothing of the life before, nor of its baskets. The next life has a
// greater number even so, and baskets of its own.
const (
	laterLives   = "SELECT setval('node_ids', $1) FROM node_ids WHERE last_value < $1"
	otherBaskets = "SELECT setval('basket_ids', $1) FROM basket_ids WHERE last_value < $1"
)

// keepBaskets makes sure that somebody will look into the baskets of a life that is over: into which it may have put events after
// they were found to be empty, and removed.
const keepBaskets = "INSERT INTO baskets (basket) SELECT unnest($1::bigint[]) ON CONFLICT DO NOTHING"

// register begins a life, in the place of the one before if there was one. The others are told to look again for lanes of
// theirs then: this node may have put events into baskets which it had lost, and told nobody.
func (s *Store) register(c *conn) error {
	began := delivery.ReadClocks()
	state := &nodeState{owned: make(map[int64]struct{})}
	var baskets []int64
	c.later("BEGIN")
	before := s.node.state.Load()
	if before != nil {
		c.later(laterLives, int64(before.id))
		c.later(otherBaskets, slices.Max(before.fresh[:]))
	}
	c.laterFirst(func() error { return nil }, insertNode,
		[]any{s.opts.NodeName, s.opts.Version, s.opts.Lease.Milliseconds(), basketsOfNode}, &state.id, &baskets)
	if before != nil {
		c.later(keepBaskets, before.fresh[:])
		c.later(notify, newsChannel, message{From: before.id, Look: true, Gone: true}.encode())
	}
	c.later("COMMIT")
	if err := c.flush(); err != nil {
		return fmt.Errorf("register with the database: %w", err)
	}
	for i, b := range baskets {
		state.fresh[i], state.owned[b] = b, struct{}{}
	}
	s.node.begin(state)
	s.node.lease.Renewed(state.id, began)
	s.showBaskets()
	s.opts.Log.Info("serving as a node", "node", state.id, "name", s.opts.NodeName)
	s.listener.Heard(store.News{Node: state.id, Claim: true, Missed: before != nil})
	return nil
}

// leave ends the life in order, so that others take over at once.
func (s *Store) leave(c *conn) error {
	id := s.node.state.Load().id
	c.later("BEGIN")
	c.later("UPDATE nodes SET seen_at = '-infinity' WHERE node = $1", int64(id))
	c.later("UPDATE baskets SET node = NULL WHERE node = $1", int64(id))
	c.later(notify, newsChannel, message{From: id, Gone: true, Timers: true}.encode())
	c.later("COMMIT")
	if err := c.flush(); err != nil {
		return fmt.Errorf("tell the other nodes that this one stops: %w", err)
	}
	return nil
}

// Nodes returns the nodes that serve, the oldest first.
func (s *Store) Nodes(ctx context.Context) (nodes []live.NodeStatus, err error) {
	err = s.read(ctx, func(c *conn) error {
		return c.each(func(scan func(...any) error) error {
			var n live.NodeStatus
			err := scan(&n.ID, &n.Name, &n.Version, &n.Started, &n.Seen)
			nodes = append(nodes, n)
			return err
		}, "SELECT node, name, version, started_at, seen_at FROM nodes WHERE seen_at > '-infinity' ORDER BY started_at, node")
	})
	return nodes, err
}

// showBaskets updates the figure of baskets.
func (s *Store) showBaskets() { s.opts.Metrics.Baskets.Set(float64(len(s.node.state.Load().owned))) }

// count adds a commit to the figures.
func (s *Store) count(updates int, took time.Duration) {
	m := s.opts.Metrics
	m.StoreCommits.Inc()
	m.StoreUpdates.Add(float64(updates))
	m.StoreSeconds.Observe(took.Seconds())
}

// baskets lists what a state owns, in order.
func (s *nodeState) baskets() []int64 { return slices.Sorted(maps.Keys(s.owned)) }
