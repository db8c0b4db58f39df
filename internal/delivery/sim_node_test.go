package delivery

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"slices"
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
)

const simApp live.AppID = 1

var (
	errSimKilled = errors.New("the process was killed")
	errSimAway   = errors.New("the database does not answer")

	simMetrics = observe.NewMetrics()
	simStart   = time.Unix(1_700_000_000, 0)
)

// simNode is a machine on which one process after the other runs. The dispatcher and the lease are the real ones; around them is
// what an engine does.
type simNode struct {
	w        *simWorld
	index    int
	inc      int // counts its processes
	up       bool
	stopping bool
	awake    time.Duration // it stands still until then
	cut      time.Duration // the database cannot be reached until then
	appCut   time.Duration // the app server cannot be reached until then
	ill      time.Duration // something was wrong until then

	drift   float64
	slept   time.Duration // of which the monotonic clock knows nothing
	offset  time.Duration // of the wall clock
	sleptAt time.Duration // until when it last slept
	setBack time.Duration // when the wall clock last was

	d                           *dispatcher
	lease                       *Lease
	life                        live.NodeID
	made                        []*simBasket
	own                         map[*simBasket]bool
	began                       time.Duration // the last successful renewal
	sessions                    []*simSession
	settling                    []Outcome
	notices                     []LaneEnd
	listening                   bool
	busy                        int // workers
	settles, notifies, searches bool
}

const simNever = time.Duration(math.MaxInt64)

func newSimNode(w *simWorld, index int) *simNode {
	return &simNode{w: w, index: index, drift: 1 + (w.random.Float64()-.5)*.04, offset: rand0(w, time.Hour), setBack: -1, sleptAt: -1}
}

// well returns since when nothing was wrong with the node.
func (n *simNode) well() time.Duration {
	if !n.up || n.life == 0 || n.stopping || n.w.now < n.ill {
		return simNever
	}
	return n.ill
}

// full tells whether lanes wait in the outbox for their place in memory.
func (n *simNode) full() bool { return len(n.d.lanes) > n.d.opts.MaxLanes-n.d.page }

func (n *simNode) wall() time.Duration { return time.Duration(float64(n.w.now)*n.drift) + n.offset }

// clocks is what the node reads.
func (n *simNode) clocks() Moment {
	m := Moment{mono: time.Duration(float64(n.w.now-n.slept) * n.drift), wall: n.wall()}
	switch {
	case n.w.rules.wallOnly:
		m.mono = m.wall
	case n.w.rules.monotonicOnly:
		m.wall = m.mono
	}
	return m
}

// boot starts a process.
func (n *simNode) boot() {
	n.inc++
	lasts := simLease
	if n.w.rules.fromTheAnswer {
		lasts = lasts / 3 * 4
	}
	n.up, n.stopping, n.life, n.lease = true, false, 0, NewLease(lasts)
	n.made, n.own, n.settling, n.notices, n.busy = nil, nil, nil, nil, 0
	n.settles, n.notifies, n.searches, n.listening = false, false, false, false
	n.ill = simNever
	n.d = newDispatcher(App{ID: simApp, Retry: Policy{Timeout: time.Second, Window: 1 << 60, FirstDelay: 1, Factor: 1, MaxDelay: 1}}, Options{
		Outbox: simOutbox{n, n.inc}, Lease: n.lease, Window: 2 + n.w.random.IntN(3), MaxLanes: n.w.lanes, MaxHeld: 6,
		Now: func() time.Time { return simStart.Add(n.wall()) }, Log: slog.New(slog.DiscardHandler), Metrics: simMetrics,
	})
	// No worker and no clock of its own: the simulation is all of them.
	n.d.clocks, n.d.page = n.clocks, 2
	n.d.after = func(wait time.Duration, f func()) timer { return n.w.after(n, wait, f) }
	n.d.ctx, n.d.running, n.d.known = context.Background(), true, true
	n.w.spawn(n, n.keepLease)
	n.w.spawn(n, n.listen)
	for range 2 {
		n.w.spawn(n, n.commits)
	}
}

// kill ends the process; the database notices at once, or a little later.
func (n *simNode) kill() {
	n.inc++
	n.up, n.life, n.ill = false, 0, simNever
	sessions := slices.Clone(n.sessions)
	end := func() {
		for _, s := range sessions {
			s.close()
		}
	}
	if n.w.chance(.5) {
		end()
		return
	}
	n.w.after(nil, rand0(n.w, simSessions), end)
}

// reach brings a message to the database, or its answer back.
func (n *simNode) reach(sleep simSleep) error {
	if !sleep(n.w.hop()) {
		return errSimKilled
	}
	if n.w.now >= n.cut {
		return nil
	}
	if !sleep(n.w.between(5*time.Millisecond, 60*time.Millisecond)) {
		return errSimKilled
	}
	return errSimAway
}

// employ begins whatever there is to do.
func (n *simNode) employ() {
	for d := n.d; n.busy < 3 && n.busy < len(d.queue) && d.mayWork(); {
		n.busy++
		n.w.spawn(n, n.work)
	}
	if len(n.settling) > 0 && !n.settles {
		n.settles = true
		n.w.spawn(n, n.settle)
	}
	if len(n.notices) > 0 && !n.notifies {
		n.notifies = true
		n.w.spawn(n, n.notify)
	}
	if n.searches {
		return
	}
	select {
	case <-n.d.wake:
		n.searches = true
		n.w.spawn(n, n.search)
	default:
	}
}

// keepLease begins a life, renews its lease and takes over what others have lost.
func (n *simNode) keepLease(sleep simSleep) {
	for {
		var err error
		switch {
		case n.life == 0 && !n.stopping:
			err = n.register(sleep)
		case n.life != 0:
			err = n.renew(sleep)
		}
		if err == errSimKilled || !sleep(n.w.between(simTick*9/10, simTick)) {
			return
		}
	}
}

func (n *simNode) register(sleep simSleep) error {
	began, at := n.clocks(), n.w.now
	if err := n.reach(sleep); err != nil {
		return err
	}
	life, own := n.w.db.register()
	if err := n.reach(sleep); err != nil {
		return err // and what was begun is taken over some time
	}
	n.life, n.made, n.own, n.began = life, own, make(map[*simBasket]bool), at
	n.have(own)
	n.renewed(began)
	if n.w.rules.lanesSurvive && n.d.node != 0 {
		n.d.node = life
	}
	n.d.claimed()
	n.ill = n.w.now
	return nil
}

func (n *simNode) renewed(began Moment) {
	if n.w.rules.fromTheAnswer {
		began = n.clocks()
	}
	n.lease.Renewed(n.life, began)
	n.d.renewed()
}

// have notes baskets as the node's own, and tells whether any is new.
func (n *simNode) have(baskets []*simBasket) (news bool) {
	for _, b := range baskets {
		news = news || !n.own[b]
		n.own[b] = true
	}
	return news
}

func (n *simNode) renew(sleep simSleep) error {
	life, began, at := n.life, n.clocks(), n.w.now
	if err := n.reach(sleep); err != nil {
		return err
	}
	row := n.w.db.nodes[life]
	if row == nil {
		n.lose(life)
		return nil
	}
	row.seen = n.w.db.now()
	n.w.db.clear(life)
	own := n.w.db.ownedBy(life)
	if err := n.reach(sleep); err != nil || n.life != life {
		return err
	}
	n.began = at
	n.renewed(began)
	if n.have(own) {
		n.claimed() // the answer to a take-over was lost
	}
	if n.stopping {
		return nil
	}
	return n.takeOver(life, sleep)
}

// takeOver gives up dead nodes, and takes a share of what they had.
func (n *simNode) takeOver(life live.NodeID, sleep simSleep) error {
	if !sleep(n.w.stall()) {
		return errSimKilled
	}
	if err := n.reach(sleep); err != nil {
		return err
	}
	s := n.w.db.open(n)
	if !n.w.rules.takeUnfenced && !s.share(life) {
		s.close()
		n.lose(life)
		return nil
	}
	if n.w.db.buryDead() {
		n.w.tellGone()
	}
	taken := n.w.db.take(life)
	s.close()
	if err := n.reach(sleep); err != nil || n.life != life {
		return err
	}
	if n.have(taken) {
		n.claimed()
	}
	return nil
}

// tellGone tells every node that another is gone.
func (w *simWorld) tellGone() {
	for _, n := range w.nodes {
		n.hear(func() {
			if !w.rules.noSearch {
				n.claimed()
			}
		})
	}
}

// hear has news reach the node, unless its connection for them is broken.
func (n *simNode) hear(f func()) {
	if n.listening {
		n.w.after(n, n.w.hop(), func() {
			if n.listening {
				f()
			}
		})
	}
}

func (n *simNode) claimed() {
	if n.w.rules.unknownOnly && n.life == n.d.node {
		n.d.scan.again = true
		n.d.poke()
		return
	}
	n.d.claimed()
}

// lose ends a life whose lease is lost.
func (n *simNode) lose(life live.NodeID) {
	if n.life != life {
		return
	}
	n.lease.Lost()
	if !n.w.rules.lanesSurvive {
		n.d.lose()
	}
	n.life, n.own, n.ill = 0, nil, simNever
}

// listen keeps the connection for news. What was missed while there was none is looked for.
func (n *simNode) listen(sleep simSleep) {
	for sleep(n.w.between(time.Millisecond, 20*time.Millisecond)) {
		if n.listening || n.w.now < n.cut {
			continue
		}
		switch n.reach(sleep) {
		case errSimKilled:
			return
		case nil:
			if n.listening = true; !n.w.rules.noSearch {
				n.claimed()
			}
			n.ill = max(n.ill, n.w.now)
		}
	}
}

// commits makes changes in rooms, one after the other.
func (n *simNode) commits(sleep simSleep) {
	for !n.w.calm && !n.stopping {
		if !sleep(rand0(n.w, n.w.pace)) {
			return
		}
		if n.life == 0 {
			continue
		}
		if n.reach(sleep) == errSimKilled {
			return
		}
		s := n.w.db.open(n)
		killed := n.commit(s, sleep) == errSimKilled
		if killed {
			return // the session ends when the database notices
		}
		s.close()
	}
}

// commit makes one change, in a session of its own, which has the room's lock until the change is announced.
func (n *simNode) commit(s *simSession, sleep simSleep) error {
	room := n.w.names[n.w.random.IntN(len(n.w.names))]
	if len(n.w.db.outbox[room]) >= 12 {
		return nil // lanes are to be empty now and then
	}
	for !s.lock(room) {
		if !sleep(n.w.between(0, 3*time.Millisecond)) {
			return errSimKilled
		}
		if s.dead {
			return errSimAway
		}
	}
	life := n.life
	if life == 0 {
		return nil
	}
	if !n.w.rules.commitUnfenced && !s.share(life) {
		n.lose(life)
		return nil
	}
	mine := n.made[int(room[1])%len(n.made)]
	seq, prev, basket := n.w.db.next(room, mine)
	if err := n.reach(sleep); err != nil || s.dead {
		return err // and the transaction never happened
	}
	n.w.db.insert(room, seq, basket)
	s.commit()
	own := n.own[basket]
	unknown := n.reach(sleep)
	if unknown == nil && n.w.chance(.002) {
		unknown = errSimAway // the connection broke on its way back
	}
	if unknown == errSimKilled || !sleep(n.w.stall()) {
		return errSimKilled
	}
	e := Event{Seq: seq, Lane: Lane{simApp, room}, Prev: prev, Node: life, At: simStart, Queued: simStart}
	n.announce(e, own, unknown != nil)
	return nil
}

// announce hands an event of an own lane over in memory, or tells whoever has its lane. Whether the commit happened is not
// known when its answer was lost.
func (n *simNode) announce(e Event, own, unknown bool) {
	rules, end := n.w.rules, LaneEnd{e.Lane, e.Seq}
	switch {
	case unknown && rules.commitsForgotten:
		return
	case !own:
		n.notices = append(n.notices, end)
		return
	case unknown:
		n.d.woken(end)
		return
	case rules.noPrev:
		e.Prev = 0
	case rules.formerLife:
		e.Node = n.d.node
	case rules.readAndHanded:
		n.d.dropped = 0
	}
	n.d.enqueue(e)
}

// notify tells the owners of lanes that something was put in.
func (n *simNode) notify(sleep simSleep) {
	for len(n.notices) > 0 {
		ends := n.notices
		n.notices = nil
		switch n.reach(sleep) {
		case errSimKilled:
			return
		case errSimAway:
			n.notices = append(ends, n.notices...)
			continue
		}
		for _, end := range ends {
			n.w.wake(end)
		}
	}
	n.notifies = false
}

// wake tells the owner of a lane of its end.
func (w *simWorld) wake(end LaneEnd) {
	rows := w.db.outbox[end.Lane.Room]
	if len(rows) == 0 || w.rules.noWake {
		return
	}
	for _, n := range w.nodes {
		if n.life != 0 && n.life == rows[0].basket.owner {
			n.hear(func() { n.d.woken(end) })
		}
	}
}

// settle writes down outcomes.
func (n *simNode) settle(sleep simSleep) {
	for len(n.settling) > 0 {
		if !sleep(n.w.between(0, 3*time.Millisecond)) {
			return
		}
		batch, life := n.settling, n.life
		n.settling = nil
		if !n.w.rules.settleUnfenced {
			batch = slices.DeleteFunc(batch, func(o Outcome) bool { return o.Event.Node != life })
		}
		if len(batch) == 0 {
			continue
		}
		err := n.settleBatch(life, batch, sleep)
		if err == errSimKilled {
			return
		}
		if err != nil {
			n.settling = append(batch, n.settling...)
		}
	}
	n.settles = false
}

func (n *simNode) settleBatch(life live.NodeID, batch []Outcome, sleep simSleep) error {
	if err := n.reach(sleep); err != nil {
		return err
	}
	s := n.w.db.open(n)
	if !n.w.rules.settleUnfenced && !s.share(life) {
		s.close()
		n.lose(life)
		return nil
	}
	if err := n.reach(sleep); err == errSimKilled {
		return err
	} else if err != nil || s.dead {
		s.close()
		return errSimAway
	}
	n.w.db.settle(batch)
	s.close()
	if err := n.reach(sleep); err != nil {
		return err // unknown: the same again changes nothing
	}
	if !sleep(n.w.hop() / 4) {
		return errSimKilled
	}
	for _, o := range batch {
		n.d.settled(o)
	}
	return nil
}

// search is the dispatcher's search of the outbox.
func (n *simNode) search(sleep simSleep) {
	for inc := n.inc; ; {
		more, err := n.d.searchPage(context.Background())
		if n.inc != inc || err != nil && !sleep(n.w.between(0, 20*time.Millisecond)) {
			return
		}
		if !more && err == nil {
			n.searches = false
			return
		}
	}
}

// work is a worker of the dispatcher.
func (n *simNode) work(sleep simSleep) {
	inc, d := n.inc, n.d
	for l := n.pick(); l != nil; l = n.pick() {
		for l.turn = 0; n.serve(l, sleep); {
			if l.turn++; l.turn == 4 {
				d.yield(l)
				break
			}
		}
		if n.inc != inc {
			return
		}
	}
	n.busy--
}

// pick takes a ready lane, whichever it is.
func (n *simNode) pick() *lane {
	d := n.d
	if len(d.queue) == 0 || !d.mayWork() {
		return nil
	}
	slices.SortFunc(d.queue, func(a, b *lane) int { return int(a.room[1]) - int(b.room[1]) })
	i := n.w.random.IntN(len(d.queue))
	l := d.queue[i]
	d.queue = slices.Delete(d.queue, i, i+1)
	l.state = running
	return l
}

// serve makes one attempt.
func (n *simNode) serve(l *lane, sleep simSleep) (more bool) {
	inc, d := n.inc, n.d
	t, ok := d.begin(l)
	if !ok || n.inc != inc {
		return false
	}
	request := n.w.begin(n, t.event)
	heard, alive := n.exchange(t.event, request, sleep)
	n.w.finish(l.room, request, heard)
	if !alive {
		return false
	}
	a := attempt{started: d.opts.Now(), ended: d.opts.Now()}
	if !heard {
		a.fail(cause{kind: noAnswer}, "no answer")
	}
	v := d.app.Retry.judge(t.event, a, d.situation(l, t, a))
	v.wait = n.w.between(0, 20*time.Millisecond)
	more, _ = d.advance(l, t, a, v)
	d.breaker.reset() // is not what this is about
	return more
}

// exchange makes a request, which may stay in the network for longer than its node, and tells whether the app server was
// heard to take it.
func (n *simNode) exchange(e Event, request *simRequest, sleep simSleep) (heard, alive bool) {
	if !sleep(rand0(n.w, 2*time.Millisecond)) {
		return false, false
	}
	there := n.w.hop()
	if n.w.now >= n.appCut {
		n.w.after(nil, there, func() { n.w.arrive(e.Lane.Room, request) })
	}
	if !sleep(min(there, 10*time.Millisecond) + rand0(n.w, 4*time.Millisecond)) {
		return false, false
	}
	return request.done && request.ok && n.w.now >= n.appCut && !n.w.chance(.005), true
}

// simOutbox is the outbox as a node sees it.
type simOutbox struct {
	n   *simNode
	inc int
}

func (o simOutbox) ask() error {
	if o.n.inc != o.inc {
		return errSimKilled
	}
	return o.n.reach(o.n.w.cur.sleep)
}

func (o simOutbox) Rooms(_ context.Context, _ live.AppID, after *live.RoomID, limit int) ([]live.RoomID, error) {
	if err := o.ask(); err != nil {
		return nil, err
	}
	var rooms []live.RoomID
	for _, room := range o.n.w.names {
		if (after == nil || room > *after) && len(rooms) < limit && o.n.w.db.shows(room, o.n.life) {
			rooms = append(rooms, room)
		}
	}
	return rooms, o.ask()
}

func (o simOutbox) Pending(_ context.Context, lane Lane, after int64, limit int) (page []Event, err error) {
	if err := o.ask(); err != nil {
		return nil, err
	}
	if db := o.n.w.db; db.shows(lane.Room, o.n.life) {
		for _, row := range db.outbox[lane.Room] {
			if row.seq > after && len(page) < limit {
				page = append(page, Event{Seq: row.seq, Lane: lane, Attempts: row.attempts, Node: o.n.life, At: simStart, Queued: simStart})
			}
		}
	}
	return page, o.ask()
}

func (o simOutbox) Settle(outcome Outcome) {
	if o.n.inc == o.inc {
		o.n.settling = append(o.n.settling, outcome)
	}
}

func (o simOutbox) Endpoint(context.Context, live.AppID) (Endpoint, error) { return Endpoint{}, nil }

// misfortunes is what happens to a node, and when it starts again.
func (n *simNode) misfortunes(sleep simSleep) {
	w := n.w
	for {
		if !sleep(time.Duration(w.random.ExpFloat64() * float64(4*simLease) / w.rough)) {
			return
		}
		if w.calm {
			return
		}
		if !n.misfortune(w.random.IntN(10), sleep) {
			return
		}
	}
}

func (n *simNode) misfortune(kind int, sleep simSleep) (alive bool) {
	w := n.w
	long := rand0(w, 2*simLease)
	switch kind {
	case 0:
		n.kill()
	case 1:
		if !n.stop(sleep) {
			return false
		}
	case 2:
		n.pause(rand0(w, 50*time.Millisecond))
	case 3:
		n.pause(long)
	case 4:
		if n.setBack < n.began && n.awake <= w.now { // of a clock set back as well nothing would be seen
			n.slept += long
			n.sleptAt = w.now + long
		}
		n.pause(long)
	case 5:
		n.part(long)
	case 6:
		n.part(rand0(w, 20*time.Millisecond))
	case 7:
		n.jump()
	case 8:
		n.listening, n.ill = false, max(n.ill, w.now+60*time.Millisecond)
	default:
		n.appCut = w.now + long
		n.ill = max(n.ill, n.appCut)
	}
	if !n.up {
		if !sleep(rand0(w, 3*simLease)) {
			return false
		}
		n.boot()
	}
	return true
}

// jump sets a clock: the node's by as much as it likes, or the database's by less than a lease leaves room for.
func (n *simNode) jump() {
	w := n.w
	switch w.random.IntN(3) {
	case 0:
		n.offset += rand0(w, 2*simLease)
	case 1:
		if n.sleptAt < n.began {
			n.offset -= rand0(w, 2*simLease)
			n.setBack = w.now
		}
	default:
		w.db.skew = rand0(w, simLease/20)
	}
}

// pause lets the node stand still.
func (n *simNode) pause(long time.Duration) {
	n.awake = max(n.awake, n.w.now+long)
	n.silent(n.awake)
}

// part cuts the node off from the database.
func (n *simNode) part(long time.Duration) {
	n.cut = max(n.cut, n.w.now+long)
	n.silent(n.cut)
}

// silent has the database end the sessions of a node that it does not hear of until then.
func (n *simNode) silent(until time.Duration) {
	n.ill = max(n.ill, until)
	if until-n.w.now <= simSessions {
		return
	}
	inc := n.inc
	n.w.after(nil, simSessions, func() {
		if n.inc != inc {
			return
		}
		for _, s := range slices.Clone(n.sessions) {
			s.close()
		}
		n.listening = false
		n.ill = max(n.ill, until+60*time.Millisecond)
	})
}

// stop ends the process in order, or, when that takes too long, at once.
func (n *simNode) stop(sleep simSleep) bool {
	if !n.up {
		return true
	}
	n.stopping = true
	n.d.stop()
	for range 40 {
		if !sleep(2 * time.Millisecond) {
			return false
		}
		if n.busy == 0 && len(n.settling) == 0 && !n.settles && !n.notifies && len(n.sessions) == 0 {
			break
		}
	}
	if n.life != 0 && n.w.now >= n.cut && n.w.now >= n.awake && n.w.db.leave(n.life) {
		n.w.tellGone()
	}
	n.kill()
	return true
}
