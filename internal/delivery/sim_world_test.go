package delivery

import (
	"cmp"
	"container/heap"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
)

// What things take in the simulation. Only their proportions matter.
const (
	simLease    = 400 * time.Millisecond
	simTick     = simLease / 4
	simSessions = 150 * time.Millisecond // after which the database ends the sessions of a node that is silent
	simPatience = 3 * simLease           // in which what waits at a node that is well must have gone on
)

// simRules are the rules that the nodes and the database follow. Each of them broken on purpose must be found out.
type simRules struct {
	settleUnfenced   bool // outcomes change the outbox whoever's they are now
	commitUnfenced   bool // a node that was given up still commits
	takeUnfenced     bool // such a node takes over baskets
	unlocked         bool // rooms are not locked, so numbers are not given in the order of commits
	earlyTakeOver    bool // nodes are given up after half a lease
	wallOnly         bool // a node counts on its lease by its wall clock
	monotonicOnly    bool // or by its monotonic clock, which stands still while it sleeps
	fromTheAnswer    bool // or for a whole lease from the answer to its renewal on
	noPrev           bool // a lane is not told that another node has put something in between
	noWake           bool // nobody is told of events in its lanes
	noSearch         bool // nobody searches the outbox when another node is gone or news were missed
	unknownOnly      bool // such a search leaves out lanes in memory
	lanesSurvive     bool // lanes stay in memory when the lease is lost
	anyonesLanes     bool // the outbox shows a node the lanes of others
	formerLife       bool // events of a former life are taken for those of this one
	readAndHanded    bool // an event read from the outbox is taken again when it is handed over
	basketsGoAtOnce  bool // an empty basket of a dead node is deleted although somebody may be about to use it
	commitsForgotten bool // a commit whose answer was lost is taken for one that failed
}

// simWorld is a discrete simulation: nodes, a database and an app server. It does one thing at a time, in the order of its own
// time; chance comes from the seed alone.
type simWorld struct {
	rules  simRules
	random *rand.Rand
	now    time.Duration
	steps  int
	queue  simQueue
	order  int64
	cur    *simProc
	db     *simDatabase
	nodes  []*simNode
	rooms  map[live.RoomID]*simRoom
	names  []live.RoomID
	failP  float64       // how often the app server fails
	pace   time.Duration // between two commits, at most
	rough  float64       // how often something happens to a node
	lanes  int           // that a node keeps in memory
	calm   bool          // no more commits and no more misfortune
	trace  uint64        // of all that happened
	broken string        // the first invariant that did not hold

	arrivals, repeats, lives int
}

// simProc is something that happens step by step, on a node or outside all of them.
type simProc struct {
	at    time.Duration
	order int64
	node  *simNode
	inc   int // the node's process; whatever is of another one is over
	next  func() (time.Duration, bool)
	stop  func()
	sleep simSleep
	off   bool
}

// simSleep lets time pass. It returns false when the process has been killed meanwhile.
type simSleep func(time.Duration) bool

// Stop makes a proc a timer.
func (p *simProc) Stop() bool { was := !p.off; p.off = true; return was }

type simQueue []*simProc

func (q simQueue) Len() int { return len(q) }
func (q simQueue) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(q[i].at, q[j].at), cmp.Compare(q[i].order, q[j].order)) < 0
}
func (q simQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *simQueue) Push(x any)   { *q = append(*q, x.(*simProc)) }
func (q *simQueue) Pop() any {
	last := len(*q) - 1
	p := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return p
}

// simRoom is what the world knows of one room, whoever else knows what.
type simRoom struct {
	committed []*simEvent // in order
	arrived   int         // how many of them have
	inFlight  []*simRequest
	lastBegun time.Duration
	lost      []live.NodeID // of whom an event arrived after they were given up
}

// simEvent is a committed event.
type simEvent struct {
	seq      int64
	at       time.Duration
	arrived  bool
	taken    bool          // the app server has answered that it has it
	accepted []live.NodeID // the lives that have heard so
}

// simRequest is one attempt.
type simRequest struct {
	event *simEvent
	node  live.NodeID
	done  bool // it has reached the app server
	over  bool // its node does not wait for an answer any more
	ok    bool // which has taken it
}

// newSimWorld makes a world whose circumstances come from the seed as well.
func newSimWorld(seed uint64, rules simRules) *simWorld {
	w := &simWorld{rules: rules, random: rand.New(rand.NewPCG(seed, 1)), rooms: make(map[live.RoomID]*simRoom)}
	w.db = newSimDatabase(w)
	for i := range 2 + w.random.IntN(6) {
		room := live.RoomID(fmt.Sprint("r", i))
		w.rooms[room], w.names = new(simRoom), append(w.names, room)
	}
	w.failP = []float64{0, .05, .3}[w.random.IntN(3)]
	w.lanes = []int{5, 20}[w.random.IntN(2)]
	w.pace = []time.Duration{30 * time.Millisecond, simLease, 4 * simLease}[w.random.IntN(3)]
	w.rough = []float64{.2, 1, 3}[w.random.IntN(3)]
	for i := range 2 + w.random.IntN(3) {
		n := newSimNode(w, i)
		w.nodes = append(w.nodes, n)
		n.boot()
		w.spawn(nil, n.misfortunes)
	}
	w.spawn(nil, w.watch)
	return w
}

// between returns a time out of a range.
func (w *simWorld) between(low, high time.Duration) time.Duration { return low + rand0(w, high-low) }

func rand0(w *simWorld, n time.Duration) time.Duration {
	return time.Duration(w.random.Int64N(int64(n) + 1))
}

func (w *simWorld) chance(p float64) bool { return w.random.Float64() < p }

// hop is how long a message takes.
func (w *simWorld) hop() time.Duration {
	if w.chance(.01) {
		return w.between(0, 30*time.Millisecond)
	}
	return w.between(100*time.Microsecond, 2*time.Millisecond)
}

// stall is how long a node does not come to do what is next, which is rarely long.
func (w *simWorld) stall() time.Duration {
	if w.chance(.005) {
		return rand0(w, 2*simLease)
	}
	return rand0(w, time.Millisecond)
}

func (w *simWorld) push(p *simProc) {
	w.order++
	p.order = w.order
	heap.Push(&w.queue, p)
}

// spawn begins something; on a node it ends with the node's process.
func (w *simWorld) spawn(n *simNode, f func(simSleep)) {
	p := &simProc{at: w.now, node: n}
	if n != nil {
		p.inc = n.inc
	}
	p.next, p.stop = iter.Pull(func(yield func(time.Duration) bool) {
		p.sleep = yield
		f(yield)
	})
	w.push(p)
}

// after has f called once, on a node, unless the timer is stopped.
func (w *simWorld) after(n *simNode, wait time.Duration, f func()) timer {
	p := &simProc{at: w.now + wait, node: n}
	if n != nil {
		p.inc = n.inc
	}
	p.next, p.stop = func() (time.Duration, bool) { f(); return 0, false }, func() {}
	w.push(p)
	return p
}

// run goes on for so many steps, or until a time, or until an invariant does not hold.
func (w *simWorld) run(steps int, until time.Duration) {
	for end := w.steps + steps; w.steps < end && w.broken == "" && w.queue[0].at <= until; {
		w.step()
	}
}

func (w *simWorld) step() {
	p := heap.Pop(&w.queue).(*simProc)
	n := p.node
	switch {
	case p.off || n != nil && n.inc != p.inc:
		w.cur = p
		p.stop()
		return
	case n != nil && n.awake > p.at:
		p.at = n.awake
		w.push(p)
		return
	}
	w.now, w.cur = p.at, p
	w.steps++
	w.trace = (w.trace ^ uint64(p.at) ^ uint64(p.order)<<40) * 1099511628211
	wait, more := p.next()
	if more {
		p.at = w.now + wait
		w.push(p)
	}
	if n != nil && n.inc == p.inc {
		n.employ()
	}
}

// end kills what is left.
func (w *simWorld) end() {
	for _, n := range w.nodes {
		n.inc++
	}
	for _, p := range w.queue {
		w.cur = p
		p.stop()
	}
}

// breaks notes that an invariant does not hold.
func (w *simWorld) breaks(format string, args ...any) {
	if w.broken == "" {
		w.broken = fmt.Sprintf("at %s, after %d steps: %s", w.now, w.steps, fmt.Sprintf(format, args...))
	}
}

// commit notes an event that has become durable.
func (w *simWorld) commit(room live.RoomID, seq int64) {
	r := w.rooms[room]
	if n := len(r.committed); n > 0 && r.committed[n-1].seq >= seq {
		w.breaks("event %d of %s was committed behind event %d", seq, room, r.committed[n-1].seq)
	}
	r.committed = append(r.committed, &simEvent{seq: seq, at: w.now})
}

func (r *simRoom) event(seq int64) *simEvent {
	i, ok := slices.BinarySearchFunc(r.committed, seq, func(e *simEvent, seq int64) int { return cmp.Compare(e.seq, seq) })
	if !ok {
		return nil
	}
	return r.committed[i]
}

// begin checks that a node may begin a request, and notes it.
func (w *simWorld) begin(n *simNode, e Event) *simRequest {
	room := e.Lane.Room
	r := w.rooms[room]
	event := r.event(e.Seq)
	if event == nil {
		w.breaks("node %d sends event %d of %s, which was never committed", e.Node, e.Seq, room)
		return &simRequest{event: new(simEvent)}
	}
	if !w.db.holds(e.Node) {
		w.breaks("node %d begins to send event %d of %s although others may have taken over", e.Node, e.Seq, room)
	}
	if owner, ok := w.db.owner(room, e.Seq); !ok || owner != e.Node {
		w.breaks("node %d begins to send event %d of %s, which is node %d's (in the outbox: %t)", e.Node, e.Seq, room, owner, ok)
	}
	for _, other := range r.inFlight {
		if w.db.holds(other.node) {
			w.breaks("nodes %d and %d send events of %s, %d and %d, at the same time", other.node, e.Node, room, other.event.seq, e.Seq)
		}
	}
	for _, life := range event.accepted {
		if w.living(life) {
			w.breaks("node %d sends event %d of %s again although node %d has delivered it", e.Node, e.Seq, room, life)
		}
	}
	request := &simRequest{event: event, node: e.Node}
	r.inFlight, r.lastBegun = append(r.inFlight, request), w.now
	return request
}

// finish notes that a request is over for the node that made it, which has heard whether it was taken.
func (w *simWorld) finish(room live.RoomID, request *simRequest, heard bool) {
	r := w.rooms[room]
	r.inFlight = slices.DeleteFunc(r.inFlight, func(other *simRequest) bool { return other == request })
	request.over = true
	if heard {
		request.event.accepted = append(request.event.accepted, request.node)
	}
}

// arrive is a request reaching the app server: what it has not seen before must come in order.
func (w *simWorld) arrive(room live.RoomID, request *simRequest) {
	r, e := w.rooms[room], request.event
	request.done = true
	if w.arrivals++; !request.over && w.db.nodes[request.node] == nil {
		if r.lost = append(r.lost, request.node); slices.Index(r.lost, request.node) < len(r.lost)-1 {
			w.breaks("node %d, which was given up, has sent more of %s than the event that was in flight", request.node, room)
		}
	}
	if e.arrived {
		w.repeats++
	} else {
		if r.arrived >= len(r.committed) || r.committed[r.arrived] != e {
			w.breaks("event %d of %s arrives before those that were committed before it", e.seq, room)
		}
		e.arrived = true
		r.arrived++
	}
	if request.ok = !w.chance(w.failP); request.ok {
		e.taken = true
	}
}

// living tells whether some process still works in the name of that life, which nobody has given up.
func (w *simWorld) living(life live.NodeID) bool {
	return w.db.nodes[life] != nil && slices.ContainsFunc(w.nodes, func(n *simNode) bool { return n.up && n.life == life })
}

// watch looks now and then for rooms that wait for nothing.
func (w *simWorld) watch(sleep simSleep) {
	for sleep(simLease / 2) {
		for _, room := range w.names {
			w.checkWaiting(room)
		}
	}
}

// checkWaiting holds the room to going on while whoever has it is well, and its lane to moving when that is dead.
func (w *simWorld) checkWaiting(room live.RoomID) {
	rows, since := w.db.outbox[room], w.now-simPatience
	if len(rows) == 0 || rows[0].at > since || w.rooms[room].lastBegun > since {
		return
	}
	b, well := rows[0].basket, false
	for _, n := range w.nodes {
		healthy := n.well() < since
		if healthy && n.life == b.owner && !b.gone && b.taken < since && !n.full() {
			w.breaks("event %d of %s waits at node %d, which is well since %s, for nothing", rows[0].seq, room, b.owner, n.well())
		}
		well = well || healthy
	}
	late := w.now - simLease - 4*simTick
	if well && (b.gone || b.owner == 0 && b.free < late || b.owner != 0 && w.db.silentSince(b.owner, late)) {
		w.breaks("event %d of %s waits in basket %d of node %d (deleted: %t) for nobody", rows[0].seq, room, b.id, b.owner, b.gone)
	}
}

// settleDown ends all misfortune and waits until nothing is left; what is left then was lost.
func (w *simWorld) settleDown() {
	w.calm = true
	for before := -1; w.broken == "" && w.nothingLeft() != "" && before < w.arrivals; {
		before = w.arrivals
		for now, until := w.now, w.now+3*simPatience; now < until && w.broken == "" && w.nothingLeft() != ""; {
			now += simTick
			w.run(1<<30, now)
		}
	}
	if left := w.nothingLeft(); left != "" {
		w.breaks("after the storm %s", left)
	}
	for _, room := range w.names {
		if r := w.rooms[room]; r.arrived != len(r.committed) {
			w.breaks("of %s %d of %d events arrived", room, r.arrived, len(r.committed))
		}
	}
}

// nothingLeft tells what is left; nothing when all is done.
func (w *simWorld) nothingLeft() string {
	for _, room := range w.names {
		if rows := w.db.outbox[room]; len(rows) > 0 {
			return fmt.Sprintf("%d events of %s are in the outbox, event %d of node %d first", len(rows), room, rows[0].seq,
				rows[0].basket.owner)
		}
	}
	for _, n := range w.nodes {
		d := n.d
		if !n.up || n.life == 0 {
			return fmt.Sprintf("node %d is not there", n.index)
		}
		if len(d.lanes)+d.held+d.unsettled+d.inFlight+len(d.queue) != 0 {
			return fmt.Sprintf("node %d has %d lanes, %d events, %d outcomes and %d requests", n.life, len(d.lanes), d.held, d.unsettled,
				d.inFlight)
		}
	}
	return ""
}
