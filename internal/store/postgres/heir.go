package postgres

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
)

const (
	// claimAgain is how soon a node looks again for baskets of nobody that it has left to others.
	claimAgain = 50 * time.Millisecond
	// searchEvery is how often a node looks for baskets that are of no use any more, and for events in baskets that are no more.
	searchEvery = 30 * time.Minute
)

// heir takes over what nodes leave behind that are gone: it removes their rows, and shares their baskets with the other nodes.
type heir struct {
	s       *Store
	look    chan struct{}             // holds a token when there may be something
	steady  atomic.Pointer[time.Time] // not before then are others given up; nil for at once
	age     time.Duration             // basketAge
	useless map[int64]bool            // baskets of this node's that were found to be empty
	tidied  time.Time
	alive   atomic.Int64 // nodes, when last looked
}

func newHeir(s *Store) *heir {
	return &heir{s: s, look: make(chan struct{}, 1), age: basketAge, tidied: time.Now()}
}

func (h *heir) poke() {
	select {
	case h.look <- struct{}{}:
	default:
	}
}

// holdOff says that this node could not reach the database until now. The others may not have reached it either, so they get
// half a lease to renew theirs.
func (h *heir) holdOff(now time.Time) { h.steady.Store(new(now.Add(h.s.opts.Lease / 2))) }

// run looks for what is nobody's until the node leaves: all the time, when somebody tells, and when a lease runs out.
func (h *heir) run() {
	for {
		wait, err := h.round()
		if err != nil {
			h.s.failures.add(h.s.opts.Log, "cannot look after the other nodes", err)
			wait = h.s.node.lease.RenewEvery()
		}
		timer := time.NewTimer(wait)
		select {
		case <-h.s.leaving:
			timer.Stop()
			return
		case <-h.look:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// round does what there is to do, and returns how long there will be nothing.
func (h *heir) round() (wait time.Duration, err error) {
	state := h.s.node.state.Load()
	wait = h.s.node.lease.RenewEvery()
	if state.lost || h.s.node.lease.Holder(delivery.ReadClocks()) == 0 {
		return min(wait, claimAgain), nil // nobody gives up others who may be given up itself
	}
	seen, err := h.survey(state.id)
	if err != nil {
		return 0, err
	}
	h.alive.Store(int64(seen.alive))
	h.s.opts.Metrics.Nodes.Set(float64(seen.alive))
	pool := h.s.readers.Stat()
	h.s.opts.Metrics.Connections.WithLabelValues("busy").Set(float64(pool.AcquiredConns()))
	h.s.opts.Metrics.Connections.WithLabelValues("idle").Set(float64(pool.IdleConns()))
	if steady := h.steady.Load(); steady != nil && time.Now().Before(*steady) {
		return min(wait, time.Until(*steady)+time.Millisecond), nil
	}
	if seen.dead > 0 {
		if err := h.bury(state.id); err != nil {
			return 0, err
		}
		if seen, err = h.survey(state.id); err != nil {
			return 0, err
		}
	}
	if seen.free > 0 {
		share := seen.share()
		if err := h.claim(state.id, share); err != nil {
			return 0, err
		}
		if share < seen.free {
			wait = claimAgain + rand.N(claimAgain)
		}
	}
	if now := time.Now(); now.Sub(h.tidied) > searchEvery {
		h.tidied = now
		err = h.tidy(state)
	}
	return min(wait, seen.next), err
}

// survey is what a node sees of the others.
type survey struct {
	alive int           // nodes, this one too
	dead  int           // nodes whose leases have run out
	free  int           // baskets of nobody
	next  time.Duration // until a lease runs out that is not renewed
}

// share is how many of the baskets of nobody a node takes at a time: its fair part. What the others are slow to take it takes
// later.
func (v survey) share() int { return (v.free + v.alive - 1) / max(1, v.alive) }

// nobodys finds the baskets b that nobody delivers.
const nobodys = "(b.node IS NULL OR NOT EXISTS (SELECT 1 FROM nodes n WHERE n.node = b.node))"

func (h *heir) survey(me live.NodeID) (v survey, err error) {
	var next int64
	err = h.s.alter(func(c *conn) error {
		_, err := c.first(`SELECT count(*) FILTER (WHERE left_ms > 0 OR node = $1), count(*) FILTER (WHERE left_ms <= 0 AND node <> $1),
			coalesce(min(left_ms) FILTER (WHERE left_ms > 0 AND node <> $1), 3600000)::bigint,
			(SELECT count(*) FROM baskets b WHERE `+nobodys+`)
			FROM (SELECT node, CASE WHEN seen_at = '-infinity' THEN 0
				ELSE ceil(lease - 1000 * extract(epoch FROM clock_timestamp() - seen_at)) END AS left_ms FROM nodes) AS n`,
			[]any{int64(me)}, &v.alive, &v.dead, &next, &v.free)
		return err
	})
	v.next = time.Duration(next+1) * time.Millisecond
	return v, err
}

// bury removes the rows of the nodes whose leases have run out. That of one which is writing down an outcome this moment waits:
// the next round finds it. Who removes a row is who looks after what else that node has left behind; all hear that it is gone.
func (h *heir) bury(me live.NodeID) error {
	var gone []live.NodeID
	var died, held bool
	err := h.s.alter(func(c *conn) error {
		c.later("BEGIN")
		c.laterFirst(func() error { held = true; return nil }, holdLife, []any{int64(me)}, new(int))
		err := c.each(func(scan func(...any) error) error {
			var id live.NodeID
			var name string
			var stopped bool
			if err := scan(&id, &name, &stopped); err != nil {
				return err
			}
			gone, died = append(gone, id), died || !stopped
			h.s.opts.Log.Info("a node is gone", "node", id, "name", name, "stopped", stopped)
			return nil
		}, `WITH dead AS (
				SELECT node FROM nodes WHERE node <> $1 AND seen_at + lease * interval '1 millisecond' <= clock_timestamp()
				FOR UPDATE SKIP LOCKED
			) DELETE FROM nodes n USING dead WHERE n.node = dead.node RETURNING n.node, n.name, n.seen_at = '-infinity'`, int64(me))
		if err != nil {
			return err
		}
		if !held {
			return errLost
		}
		if len(gone) > 0 {
			c.later(endSessions, gone)
			c.later(notify, newsChannel, message{From: me, Gone: true, Missed: died, Timers: true}.encode())
		}
		return c.do("COMMIT")
	})
	if err != nil {
		return h.s.explain(err)
	}
	if len(gone) > 0 {
		h.s.opts.Metrics.NodesGone.Add(float64(len(gone)))
		h.s.listener.Heard(store.News{Gone: gone, Missed: died, Timers: true})
	}
	return nil
}

// claim takes up to so many baskets that are nobody's.
func (h *heir) claim(me live.NodeID, most int) error {
	var taken []int64
	err := h.s.alter(func(c *conn) (err error) {
		taken, err = claimBaskets(c, me, most)
		return err
	})
	if err != nil {
		return h.s.explain(err)
	}
	if len(taken) == 0 || !h.s.node.own(me, taken) {
		return nil // of a life that is over they are nobody's
	}
	h.s.showBaskets()
	h.s.opts.Metrics.Takeovers.Add(float64(len(taken)))
	h.s.opts.Log.Info("taken over the rooms of a node that is gone", "baskets", len(taken))
	h.s.listener.Heard(store.News{Claim: true})
	return nil
}

// claimBaskets takes up to so many baskets. Whose they are is looked at once more when their rows are locked: a node that was
// not there at first may have taken one.
func claimBaskets(c *conn, me live.NodeID, most int) (taken []int64, err error) {
	var held bool
	var locked []int64
	collect := func(into *[]int64) func(func(...any) error) error {
		return func(scan func(...any) error) error {
			var b int64
			err := scan(&b)
			*into = append(*into, b)
			return err
		}
	}
	c.later("BEGIN")
	c.laterFirst(func() error { held = true; return nil }, holdLife, []any{int64(me)}, new(int))
	err = c.each(collect(&locked), "SELECT b.basket FROM baskets b WHERE "+nobodys+" ORDER BY b.basket LIMIT $1 FOR UPDATE OF b SKIP LOCKED", most)
	if err == nil && !held {
		err = errLost
	}
	if err != nil {
		return nil, err
	}
	err = c.each(collect(&taken), "UPDATE baskets b SET node = $1, taken_at = clock_timestamp() WHERE b.basket = ANY ($2) AND "+nobodys+
		" RETURNING b.basket", int64(me), locked)
	if err != nil {
		return nil, err
	}
	return taken, c.do("COMMIT")
}

// explain has the lease looked at when it was found to be lost.
func (s *Store) explain(err error) error {
	if err == errLost {
		s.keeper.doubt()
		return nil
	}
	return fmt.Errorf("take over from nodes that are gone: %w", err)
}
