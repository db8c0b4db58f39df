package delivery_test

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/internal/testkit"
)

// shared is an outbox that several nodes see, in memory. What each of them sees is its own lanes.
type shared struct {
	mu     sync.Mutex
	url    string
	seq    int64
	rows   map[live.RoomID][]delivery.Event // with the Node that has them
	reads  int
	before func() // a read's answer comes

	hold bool               // outcomes are kept
	kept []delivery.Outcome // those
	tell func([]delivery.Outcome)
}

// commit puts an event into a room: into the lane that is there, or into one of that node.
func (s *shared) commit(node live.NodeID, room live.RoomID) delivery.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq++
	e := delivery.Event{Seq: s.seq, ID: fmt.Sprint("e", s.seq), Lane: delivery.Lane{App: app, Room: room}, Node: node,
		Body: fmt.Appendf(nil, `{"RoomId":%q,"Keys":["%05d"]}`, room, s.seq), At: time.Now(), Queued: time.Now()}
	if rows := s.rows[room]; len(rows) > 0 {
		e.Prev, e.Node = rows[len(rows)-1].Seq, rows[len(rows)-1].Node
	}
	s.rows[room] = append(s.rows[room], e)
	return e
}

// give makes all lanes a node's.
func (s *shared) give(node live.NodeID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, rows := range s.rows {
		for i := range rows {
			rows[i].Node = node
		}
	}
}

func (s *shared) left() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, rows := range s.rows {
		n += len(rows)
	}
	return n
}

// view is the outbox as one node sees it.
type view struct {
	*shared
	node func() live.NodeID
}

func (v view) Rooms(_ context.Context, _ live.AppID, after *live.RoomID, limit int) (rooms []live.RoomID, _ error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for room, rows := range v.rows {
		if len(rows) > 0 && rows[0].Node == v.node() && (after == nil || room > *after) {
			rooms = append(rooms, room)
		}
	}
	slices.Sort(rooms)
	return rooms[:min(limit, len(rooms))], nil
}

func (v view) Pending(_ context.Context, lane delivery.Lane, after int64, limit int) (page []delivery.Event, _ error) {
	v.mu.Lock()
	v.reads++
	for _, e := range v.rows[lane.Room] {
		if e.Seq > after && e.Node == v.node() && len(page) < limit {
			e.Prev = 0
			page = append(page, e)
		}
	}
	before := v.before
	v.mu.Unlock()
	if before != nil {
		before()
	}
	return page, nil
}

func (v view) Settle(o delivery.Outcome) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.kept = append(v.kept, o); !v.hold {
		go v.settle()
	}
}

func (v view) Endpoint(context.Context, live.AppID) (delivery.Endpoint, error) {
	return delivery.Endpoint{URL: v.url}, nil
}

// settle writes down what was kept, of nodes that still have it, and tells of it.
func (s *shared) settle() {
	s.mu.Lock()
	var done []delivery.Outcome
	for _, o := range s.kept {
		rows := s.rows[o.Event.Lane.Room]
		i, ok := slices.BinarySearchFunc(rows, o.Event.Seq, func(e delivery.Event, seq int64) int { return cmp.Compare(e.Seq, seq) })
		if !ok || rows[i].Node != o.Event.Node {
			continue
		}
		if o.Fate != delivery.Failed {
			s.rows[o.Event.Lane.Room] = slices.Delete(slices.Clone(rows), i, i+1)
		}
		done = append(done, o)
	}
	s.kept = nil
	s.mu.Unlock()
	s.tell(done)
}

// member is one node of several, with a deliverer at an app server.
type member struct {
	*shared
	t        *testing.T
	lease    *delivery.Lease
	delivery *delivery.Deliverer
	metrics  *observe.Metrics
	server   *testkit.AppServer
	mu       sync.Mutex
	life     live.NodeID
}

func (m *member) current() live.NodeID {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.life
}

// newMember starts a node that has its lease and nothing to do.
func newMember(t *testing.T) *member {
	m := &member{shared: &shared{rows: make(map[live.RoomID][]delivery.Event)}, t: t, lease: delivery.NewLease(time.Hour),
		metrics: observe.NewMetrics(), server: testkit.NewAppServer(t)}
	m.url = m.server.URL
	policy := delivery.DefaultPolicy
	policy.FirstDelay, policy.MaxDelay = time.Millisecond, 5*time.Millisecond
	m.delivery = delivery.New(delivery.Options{
		Apps:   []delivery.App{{ID: app, Concurrency: 4, Retry: policy, AllowPrivateAddresses: true}},
		Outbox: view{m.shared, m.current}, Lease: m.lease, Window: 4, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Metrics: m.metrics,
		Grace: time.Second,
	})
	m.tell = m.delivery.Settled
	m.metrics.Registry.MustRegister(m.delivery.Collector(func(live.AppID) delivery.Backlog { return delivery.Backlog{} }))
	m.live(1)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { _ = m.delivery.Run(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	m.until("the outbox is searched", func() bool { return m.delivery.Searched(app) })
	return m
}

// live begins a life.
func (m *member) live(node live.NodeID) {
	m.mu.Lock()
	m.life = node
	m.mu.Unlock()
	m.lease.Renewed(node, delivery.ReadClocks())
	m.delivery.Claimed()
}

// lose ends it.
func (m *member) lose() {
	m.lease.Lost()
	m.delivery.Lost()
}

// put commits an event of the node, and hands it over.
func (m *member) put(room live.RoomID) delivery.Event {
	e := m.commit(m.current(), room)
	m.delivery.Enqueue([]delivery.Event{e})
	return e
}

// until waits for something to be so.
func (m *member) until(what string, ok func() bool) {
	m.t.Helper()
	require.Eventually(m.t, ok, 20*time.Second, time.Millisecond, what)
}

func (m *member) status() delivery.Status {
	s, _ := m.delivery.Status(app)
	return s
}

// idle waits until the outbox and the memory are empty.
func (m *member) idle() {
	m.t.Helper()
	m.until("nothing is left", func() bool {
		s := m.status()
		return m.left() == 0 && s.Lanes == 0 && s.Held == 0 && s.InFlight == 0
	})
}

// keys are what arrived, in order.
func (m *member) keys() (keys []string) {
	for _, r := range m.server.Requests() {
		keys = append(keys, r.Field(m.t, "Keys").([]any)[0].(string))
	}
	return keys
}

func TestWhatAnotherNodePutsInBetweenIsSentInBetween(t *testing.T) {
	m := newMember(t)
	m.put("r")
	m.idle()
	release := m.holdServer(http.StatusOK)
	m.put("r")
	m.until("the event is in flight", func() bool { return m.status().InFlight == 1 })
	reads := m.readsSoFar()
	m.commit(2, "r") // by another node, which does not come to tell
	m.put("r")
	m.put("r")
	release()
	m.idle()
	require.Equal(t, []string{"00001", "00002", "00003", "00004", "00005"}, m.keys())
	require.Greater(t, m.readsSoFar(), reads)
	require.EqualValues(t, 1, testutil.ToFloat64(m.metrics.WebhookLanesRead.WithLabelValues(app.String())))
}

func TestALaneThatIsNotInMemoryBeginsInTheOutboxWhenItHoldsMore(t *testing.T) {
	m := newMember(t)
	m.commit(1, "r")
	m.commit(1, "r")
	m.put("r")
	m.idle()
	require.Equal(t, []string{"00001", "00002", "00003"}, m.keys())
}

func TestAnEventWithoutOthersBeforeItCostsNoRead(t *testing.T) {
	m := newMember(t)
	m.idle()
	reads := m.readsSoFar()
	for range 20 {
		m.put("r")
		m.idle()
	}
	require.Equal(t, reads, m.readsSoFar())
	require.Len(t, m.keys(), 20)
}

func TestANodeReadsWhatItIsWokenFor(t *testing.T) {
	m := newMember(t)
	end := func(e delivery.Event) []delivery.LaneEnd { return []delivery.LaneEnd{{Lane: e.Lane, Seq: e.Seq}} }
	m.delivery.Woken(end(m.commit(1, "unknown")))
	m.idle()
	release := m.holdServer(http.StatusOK)
	m.put("known")
	m.until("the event is in flight", func() bool { return m.status().InFlight == 1 })
	second := m.put("known")
	reads := m.readsSoFar()
	m.delivery.Woken(end(second)) // is in memory already
	third := m.commit(1, "known")
	release()
	m.until("the lane is empty", func() bool { return m.left() == 1 })
	require.Equal(t, reads, m.readsSoFar())
	m.delivery.Woken(end(third))
	m.delivery.Woken([]delivery.LaneEnd{{Lane: delivery.Lane{App: app + 1, Room: "r"}, Seq: 9}})
	m.idle()
	m.delivery.Woken(end(third)) // has been delivered
	m.idle()
	require.Equal(t, []string{"00001", "00002", "00003", "00004"}, m.keys())
}

// A commit that is announced late may have been read, delivered and forgotten.
func TestAnEventThatWasReadIsNotTakenAgain(t *testing.T) {
	m := newMember(t)
	e := m.commit(1, "r")
	m.delivery.Claimed()
	m.idle()
	m.delivery.Enqueue([]delivery.Event{e})
	m.put("s")
	m.idle()
	require.Equal(t, []string{"00001", "00002"}, m.keys())
}

func TestNothingIsSentWithoutALease(t *testing.T) {
	m := newMember(t)
	m.idle()
	gauge := func() string {
		families, err := m.metrics.Registry.Gather()
		require.NoError(t, err)
		for _, f := range families {
			if f.GetName() == "greenroom_lease_held" {
				return fmt.Sprint(f.GetMetric()[0].GetGauge().GetValue())
			}
		}
		return "none"
	}
	require.Equal(t, "1", gauge())
	m.lose()
	require.Equal(t, "0", gauge())
	m.put("r")
	m.delivery.Woken([]delivery.LaneEnd{{Lane: delivery.Lane{App: app, Room: "r"}, Seq: 1}})
	m.delivery.Claimed() // of nobody's
	require.Zero(t, m.status().Lanes)
	m.live(2)
	require.Empty(t, m.server.Requests())
	m.give(2)
	m.delivery.Claimed()
	m.idle()
	require.Equal(t, []string{"00001"}, m.keys())
}

// A lease that lapsed and was renewed in the end goes on with what is in memory.
func TestALeaseThatIsRenewedLateGoesOn(t *testing.T) {
	m := newMember(t)
	m.idle()
	m.lease.Renewed(1, delivery.ReadClocks())
	m.lease.Lapse()
	m.put("r")
	m.put("r")
	m.until("the events wait", func() bool { return m.status().Held == 2 })
	m.lease.Renewed(1, delivery.ReadClocks())
	m.idle()
	require.Equal(t, []string{"00001", "00002"}, m.keys())
}

// A request that was in flight when the lease was lost ends, and nothing comes of it: its outcome is neither recorded nor
// counted, whichever it is, and whoever has the lane sends the event again.
func TestALostLeaseLeavesNothingBehind(t *testing.T) {
	for _, status := range []int{200, 500} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			m := newMember(t)
			release := m.holdServer(status)
			m.put("r")
			m.put("r")
			m.put("waits for its turn")
			m.until("two are in flight", func() bool { return m.status().InFlight == 2 })
			m.lose()
			require.Zero(t, m.status().Lanes)
			require.Zero(t, m.status().Held)
			release()
			m.until("nothing is in flight", func() bool { return m.status().InFlight == 0 })
			require.Len(t, m.server.Requests(), 2)
			require.Equal(t, 3, m.left(), "nothing was acknowledged")
			m.server.Answer(nil)
			m.give(2)
			m.live(2)
			m.idle()
			require.Equal(t, []string{"00001", "00002"}, m.firsts("r"))
		})
	}
}

// Outcomes that were handed over under a lost lease may be refused, or told of late; neither counts.
func TestOutcomesOfALostLeaseDoNotCount(t *testing.T) {
	for _, refused := range []bool{true, false} {
		t.Run(fmt.Sprint("refused: ", refused), func(t *testing.T) {
			m := newMember(t)
			m.hold = true
			m.put("r")
			m.until("it is delivered", func() bool { return m.status().Held == 0 && len(m.server.Requests()) == 1 })
			m.until("its outcome is handed over", func() bool { m.shared.mu.Lock(); defer m.shared.mu.Unlock(); return len(m.kept) == 1 })
			m.shared.mu.Lock()
			kept := slices.Clone(m.kept)
			if refused {
				m.kept = nil
			}
			m.shared.mu.Unlock()
			m.lose()
			if !refused {
				m.settle() // was durable before the lease was lost, and is told of now
			}
			m.shared.mu.Lock()
			m.hold = false
			m.shared.mu.Unlock()
			m.give(2)
			m.live(2)
			m.delivery.Settled(kept)
			m.idle()
			sent := 1
			if refused {
				sent = 2
			}
			require.Len(t, m.server.Requests(), sent)
			m.put("r")
			m.idle()
			require.Len(t, m.server.Requests(), sent+1)
		})
	}
}

// While a lane is being read the lease may be lost, and another life begin.
func TestALeaseIsLostWhileALaneIsRead(t *testing.T) {
	m := newMember(t)
	m.idle()
	m.commit(1, "r")
	m.commit(1, "r")
	var once sync.Once
	m.shared.mu.Lock()
	m.before = func() {
		once.Do(func() {
			m.lose()
			m.give(2)
			m.live(2)
		})
	}
	m.shared.mu.Unlock()
	m.delivery.Claimed()
	m.idle()
	require.Equal(t, []string{"00001", "00002"}, m.keys())
	require.EqualValues(t, 2, m.current())
}

// A lane in memory may have been emptied, filled by another node and become this one's again.
func TestClaimedReadsLanesInMemoryToo(t *testing.T) {
	m := newMember(t)
	m.hold = true
	m.put("r")
	m.until("it is delivered", func() bool { return m.status().Held == 0 && len(m.server.Requests()) == 1 })
	m.commit(1, "r")
	m.delivery.Claimed()
	m.server.Wait(2)
	m.until("both are handed over", func() bool { m.shared.mu.Lock(); defer m.shared.mu.Unlock(); return len(m.kept) == 2 })
	m.settle()
	m.idle()
	require.Equal(t, []string{"00001", "00002"}, m.keys())
}

func TestEventsOfAFormerLifeAreIgnored(t *testing.T) {
	m := newMember(t)
	e := m.commit(1, "r")
	m.lose()
	m.live(2)
	m.delivery.Enqueue([]delivery.Event{e})
	require.Zero(t, m.status().Lanes, "whose it is now is found out in the outbox")
	m.give(2)
	m.delivery.Claimed()
	m.idle()
	require.Equal(t, []string{"00001"}, m.keys())
}

func (m *member) readsSoFar() int {
	m.shared.mu.Lock()
	defer m.shared.mu.Unlock()
	return m.reads
}

// holdServer makes the app server answer nothing until release is called, and then with that status.
func (m *member) holdServer(status int) (release func()) {
	held := make(chan struct{})
	m.server.Answer(func(w http.ResponseWriter, _ *http.Request) {
		<-held
		w.WriteHeader(status)
		_, _ = io.WriteString(w, testkit.Success)
	})
	var once sync.Once
	release = func() { once.Do(func() { close(held) }) }
	m.t.Cleanup(release)
	return release
}

// firsts are the keys of a room that arrived, each once.
func (m *member) firsts(room string) (keys []string) {
	for _, r := range m.server.Requests() {
		if key := r.Field(m.t, "Keys").([]any)[0].(string); r.Field(m.t, "RoomId") == room && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}
