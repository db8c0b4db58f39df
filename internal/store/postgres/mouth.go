package postgres

import (
	"sync"
	"time"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/store"
)

const (
	// maxUntold bounds the lanes of which others have not been told yet; past it they are told to look at everything.
	maxUntold = 10_000
	// tellEvery is how often the others are told something at most: every notification takes a lock that all of PostgreSQL's
	// notifications share.
	tellEvery = 2 * time.Millisecond
	// lastWords bounds the time for telling what is left when the node leaves.
	lastWords = 2 * time.Second
)

// mouth tells the other nodes what need not be told with a commit: that there is something in lanes of theirs. It has a
// connection of its own, so commits do not wait for it. It tells everything, sooner or later.
type mouth struct {
	s     *Store
	link  link
	ready chan struct{} // holds a token while there is something to tell

	mu     sync.Mutex
	lanes  map[delivery.Lane]wakeUp
	look   bool
	missed bool
}

func newMouth(s *Store) *mouth {
	return &mouth{s: s, ready: make(chan struct{}, 1), lanes: make(map[delivery.Lane]wakeUp),
		link: link{s: s, patience: max(s.opts.Lease/4, 500*time.Millisecond),
			params: map[string]string{"application_name": "greenroom mouth", "synchronous_commit": "off"}}}
}

// add puts something to be told beside the rest.
func (m *mouth) add(what message) {
	if len(what.Lanes) == 0 && !what.Look && !what.Missed {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.look, m.missed = m.look || what.Look, m.missed || what.Missed
	for _, l := range what.Lanes {
		lane := delivery.Lane{App: l.App, Room: l.Room}
		if l.Seq > m.lanes[lane].Seq {
			m.lanes[lane] = l
		}
	}
	if m.look || len(m.lanes) > maxUntold {
		m.look = true
		clear(m.lanes)
	}
	select {
	case m.ready <- struct{}{}:
	default:
	}
}

// next takes all that is to be told.
func (m *mouth) next() (what message, some bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	what = message{From: m.s.Node(), Look: m.look, Missed: m.missed}
	for _, l := range m.lanes {
		what.Lanes = append(what.Lanes, l)
	}
	clear(m.lanes)
	m.look, m.missed = false, false
	return what, len(what.Lanes) > 0 || what.Look || what.Missed
}

// run tells until the node leaves.
func (m *mouth) run() {
	defer m.link.close()
	for {
		select {
		case <-m.s.leaving:
			m.finish()
			return
		case <-m.ready:
		}
		if err := m.tell(); err != nil {
			m.s.failures.add(m.s.opts.Log, "the other nodes cannot be told", err)
			m.link.pause()
			continue
		}
		m.link.tries = 0
		sleep(tellEvery, m.s.leaving)
	}
}

// finish tells what is left.
func (m *mouth) finish() {
	for end := time.Now().Add(lastWords); m.tell() != nil && time.Now().Before(end); {
		time.Sleep(reconnectMin)
	}
}

// tell tells all that is to be told, in one transaction. What could not be told stays.
func (m *mouth) tell() error {
	what, some := m.next()
	if !some {
		return nil
	}
	err := m.link.use(func(c *conn) error {
		for _, payload := range what.payloads() {
			c.later(notify, newsChannel, payload)
		}
		return c.flush()
	})
	if err != nil {
		m.add(what)
		return err
	}
	m.s.opts.Metrics.NodeMessages.WithLabelValues("told").Inc()
	return nil
}

// wake tells the nodes whose lanes those are that there is something in them, this one as well.
func (s *Store) wake(lanes []wakeUp) {
	if len(lanes) == 0 {
		return
	}
	what := message{Lanes: lanes}
	s.mouth.add(what)
	if mine := what.news(s.node.state.Load()); len(mine.Lanes) > 0 {
		s.listener.Heard(mine)
	}
}

// missed tells all nodes that clients may have missed something.
func (s *Store) missed() {
	s.mouth.add(message{Missed: true})
	s.listener.Heard(store.News{Missed: true})
}
