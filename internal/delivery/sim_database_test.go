package delivery

import (
	"cmp"
	"slices"
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
)

// simDatabase is the database of a simWorld. What is called here happens at once, as one statement or as a commit.
type simDatabase struct {
	w       *simWorld
	seq     int64
	lives   live.NodeID
	nodes   map[live.NodeID]*simNodeRow
	deleted map[live.NodeID]time.Duration // when a node's row was
	baskets []*simBasket                  // in the order in which they were made
	outbox  map[live.RoomID][]simRow      // in order
	locks   map[live.RoomID]*simSession
	skew    time.Duration // of its clock
}

// simNodeRow is a node's lease.
type simNodeRow struct {
	seen   time.Duration // by the database's clock
	shared int           // transactions that hold it
}

// simBasket says who delivers some lanes.
type simBasket struct {
	id    int64
	maker live.NodeID
	owner live.NodeID   // 0 while nobody does
	free  time.Duration // since when
	taken time.Duration // when it last was
	rows  int
	empty time.Duration // since when
	gone  bool          // deleted
}

// simRow is an event of the outbox.
type simRow struct {
	seq      int64
	basket   *simBasket
	at       time.Duration
	attempts int
}

// simSession is a node's connection with one transaction, and at most one lock.
type simSession struct {
	db   *simDatabase
	node *simNode
	dead bool
	room *live.RoomID
	row  *simNodeRow
}

func newSimDatabase(w *simWorld) *simDatabase {
	return &simDatabase{w: w, nodes: make(map[live.NodeID]*simNodeRow), deleted: make(map[live.NodeID]time.Duration),
		outbox: make(map[live.RoomID][]simRow), locks: make(map[live.RoomID]*simSession)}
}

func (db *simDatabase) now() time.Duration { return db.w.now + db.skew }

// holds tells whether nobody may take over what a node has.
func (db *simDatabase) holds(node live.NodeID) bool {
	row := db.nodes[node]
	return row != nil && db.now() <= row.seen+simLease
}

// silentSince tells whether a node, or what is left of it, should have been taken over by that time.
func (db *simDatabase) silentSince(node live.NodeID, t time.Duration) bool {
	if row := db.nodes[node]; row != nil {
		return row.seen-db.skew < t
	}
	return db.deleted[node] < t
}

// register begins a node's life, with two baskets.
func (db *simDatabase) register() (node live.NodeID, own []*simBasket) {
	db.lives++
	db.w.lives++
	db.nodes[db.lives] = &simNodeRow{seen: db.now()}
	for range 2 {
		own = append(own, &simBasket{id: int64(len(db.baskets)), maker: db.lives, owner: db.lives})
		db.baskets = append(db.baskets, own[len(own)-1])
	}
	return db.lives, own
}

// ownedBy returns the baskets of a node.
func (db *simDatabase) ownedBy(node live.NodeID) (own []*simBasket) {
	for _, b := range db.baskets {
		if b.owner == node {
			own = append(own, b)
		}
	}
	return own
}

// leave ends a node's life, unless a transaction of it is under way.
func (db *simDatabase) leave(node live.NodeID) bool {
	if row := db.nodes[node]; row == nil || row.shared > 0 {
		return false
	}
	delete(db.nodes, node)
	db.deleted[node] = db.w.now
	for _, b := range db.ownedBy(node) {
		b.owner, b.free = 0, db.w.now
	}
	return true
}

// buryDead ends the lives of the nodes that have not renewed their leases, and tells whether there were any.
func (db *simDatabase) buryDead() (any bool) {
	lasts := simLease
	if db.w.rules.earlyTakeOver {
		lasts /= 2
	}
	var dead []live.NodeID
	for node, row := range db.nodes {
		if row.seen+lasts < db.now() {
			dead = append(dead, node)
		}
	}
	slices.Sort(dead)
	for _, node := range dead {
		any = db.leave(node) || any
	}
	return any
}

// take gives a node its share of the baskets that are nobody's: all that have been for a while.
func (db *simDatabase) take(node live.NodeID) (taken []*simBasket) {
	free := 0
	for _, b := range db.baskets {
		if b.owner == 0 {
			free++
		}
	}
	share := (free + len(db.nodes) - 1) / max(len(db.nodes), 1)
	for _, b := range db.baskets {
		if b.owner == 0 && (len(taken) < share || b.free+simTick < db.w.now) {
			b.owner, b.taken = node, db.w.now
			taken = append(taken, b)
		}
	}
	return taken
}

// clear deletes the baskets of a node which are empty and were made by one that is dead.
func (db *simDatabase) clear(node live.NodeID) {
	keep := 2 * simSessions // longer than a transaction lasts
	if db.w.rules.basketsGoAtOnce {
		keep = 0
	}
	db.baskets = slices.DeleteFunc(db.baskets, func(b *simBasket) bool {
		b.gone = b.owner == node && b.maker != node && b.rows == 0 && b.empty+keep <= db.w.now
		return b.gone
	})
}

func (db *simDatabase) open(n *simNode) *simSession {
	s := &simSession{db: db, node: n}
	n.sessions = append(n.sessions, s)
	return s
}

// lock takes a room's lock if it is free.
func (s *simSession) lock(room live.RoomID) bool {
	if s.db.w.rules.unlocked {
		return true
	}
	if s.db.locks[room] != nil {
		return false
	}
	s.db.locks[room], s.room = s, &room
	return true
}

// share holds a node's row until the end of the transaction; false when there is none.
func (s *simSession) share(node live.NodeID) bool {
	row := s.db.nodes[node]
	if row == nil {
		return false
	}
	row.shared++
	s.row = row
	return true
}

// commit ends the transaction; the lock stays.
func (s *simSession) commit() {
	if s.row != nil {
		s.row.shared--
		s.row = nil
	}
}

// close ends the session with all it has.
func (s *simSession) close() {
	if s.dead {
		return
	}
	s.commit()
	if s.room != nil {
		delete(s.db.locks, *s.room)
		s.room = nil
	}
	s.dead = true
	s.node.sessions = slices.DeleteFunc(s.node.sessions, func(other *simSession) bool { return other == s })
}

// next returns the number and the basket of the next event of a room, and the number of the one before it.
func (db *simDatabase) next(room live.RoomID, mine *simBasket) (seq, prev int64, basket *simBasket) {
	db.seq++
	if rows := db.outbox[room]; len(rows) > 0 {
		last := rows[len(rows)-1]
		return db.seq, last.seq, last.basket
	}
	return db.seq, 0, mine
}

func (db *simDatabase) insert(room live.RoomID, seq int64, b *simBasket) {
	db.outbox[room] = append(db.outbox[room], simRow{seq: seq, basket: b, at: db.w.now})
	slices.SortFunc(db.outbox[room], func(a, b simRow) int { return cmp.Compare(a.seq, b.seq) })
	b.rows++
	db.w.commit(room, seq)
}

// settle writes down outcomes. What is acknowledged must have been delivered, by a node that has not been given up.
func (db *simDatabase) settle(outcomes []Outcome) {
	for _, o := range outcomes {
		room, e := o.Event.Lane.Room, o.Event
		i := slices.IndexFunc(db.outbox[room], func(r simRow) bool { return r.seq == e.Seq })
		if i < 0 {
			continue
		}
		if db.nodes[e.Node] == nil {
			db.w.breaks("node %d acknowledges event %d of %s after it was given up", e.Node, e.Seq, room)
		}
		if o.Fate != Delivered {
			db.outbox[room][i].attempts = e.Attempts
			continue
		}
		if !db.w.rooms[room].event(e.Seq).taken {
			db.w.breaks("event %d of %s is acknowledged, but was not delivered", e.Seq, room)
		}
		if b := db.outbox[room][i].basket; b.rows == 1 {
			b.rows, b.empty = 0, db.w.now
		} else {
			b.rows--
		}
		db.outbox[room] = slices.Delete(db.outbox[room], i, i+1)
	}
}

// shows tells whether the lane of a room is shown to a node.
func (db *simDatabase) shows(room live.RoomID, node live.NodeID) bool {
	rows := db.outbox[room]
	return len(rows) > 0 && (db.w.rules.anyonesLanes || !rows[0].basket.gone && rows[0].basket.owner == node)
}

// owner returns who has an event; false when it is not in the outbox.
func (db *simDatabase) owner(room live.RoomID, seq int64) (live.NodeID, bool) {
	for _, row := range db.outbox[room] {
		if row.seq == seq {
			return row.basket.owner, true
		}
	}
	return 0, false
}
