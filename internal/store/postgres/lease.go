package postgres

import (
	"time"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
)

// keeper renews this node's lease, on a connection where nothing else is in its way. When the others have given this node up it
// begins a new life.
type keeper struct {
	s      *Store
	link   link
	doubts chan struct{} // holds a token when somebody has reason to believe that the lease is lost
}

func newKeeper(s *Store) *keeper {
	patience := max(s.opts.Lease/4, 500*time.Millisecond)
	return &keeper{s: s, doubts: make(chan struct{}, 1), link: link{s: s, patience: patience, params: map[string]string{
		"application_name": "greenroom lease", "statement_timeout": milliseconds(patience), "lock_timeout": milliseconds(patience),
	}}}
}

// run keeps the lease until the node leaves.
func (k *keeper) run() {
	for wait := k.s.node.lease.RenewEvery(); ; {
		timer := time.NewTimer(wait)
		select {
		case <-k.s.leaving:
			timer.Stop()
			return
		case <-k.doubts:
		case <-timer.C:
		}
		timer.Stop()
		wait = k.s.node.lease.RenewEvery()
		if err := k.renew(); err != nil {
			k.s.failures.add(k.s.opts.Log, "the lease cannot be renewed", err)
			wait = min(wait, max(reconnectMin, wait/10))
		}
	}
}

// renew says that this node lives, or finds that the others have given it up and begins anew. The moment that counts is taken
// before the database is asked.
func (k *keeper) renew() error {
	s := k.s
	state := s.node.state.Load()
	began, changed := delivery.ReadClocks(), int64(0)
	if !state.lost {
		err := k.link.use(func(c *conn) (err error) {
			changed, err = c.exec("UPDATE nodes SET seen_at = clock_timestamp() WHERE node = $1 AND seen_at > '-infinity'", int64(state.id))
			return err
		})
		if err != nil {
			return err
		}
	}
	if changed > 0 {
		if s.node.lease.Holder(began) == 0 {
			s.heir.holdOff(time.Now())
		}
		s.node.lease.Renewed(state.id, began)
		return nil
	}
	if !state.lost {
		k.lose()
	}
	if err := k.link.use(s.register); err != nil {
		return err
	}
	s.heir.poke()
	return nil
}

// lose stops everything that is done in the name of the life that is over.
func (k *keeper) lose() {
	s := k.s
	s.node.lease.Lost()
	s.node.lose()
	s.showBaskets()
	s.opts.Metrics.LeasesLost.Inc()
	s.opts.Log.Warn("the lease is lost: other nodes have taken over", "node", s.Node())
	s.listener.Heard(store.News{Lost: true})
}

// leaseDoubted is called when an outcome was refused: the life of this node is over in whose name it was to be written.
func (s *Store) leaseDoubted(life live.NodeID) {
	if life == s.Node() {
		s.keeper.doubt()
	}
}

// doubt has the lease looked at now, because something was refused that is not refused while it is held.
func (k *keeper) doubt() {
	select {
	case k.doubts <- struct{}{}:
	default:
	}
}
