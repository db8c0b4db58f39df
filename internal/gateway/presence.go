package gateway

import (
	"errors"
	"hash/maphash"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/centrifugal/centrifuge"

	"github.com/greenroom-live/greenroom/internal/live"
)

const memberLocks = 1024

var (
	errGone         = errors.New("the connection is closed")
	errTooManyRooms = live.Refuse(live.CodeOverLimit, "one connection may be in %d rooms at once", maxRooms)
)

// presence knows which connections are in which rooms, and runs the offline clock: a member whose last connection is
// gone for offlineAfter is interrupted.
//
// Two kinds of locks keep it true to the store. Whatever makes, ends or resumes one user's membership of one room, or
// subscribes and unsubscribes that user's connections there, holds the membership's lock from before the store's
// transaction until the end. The mutex mu guards the tables only and is never held while something is waited for,
// because the store's writer takes it when a room ends.
type presence struct {
	live         *live.Service
	log          *slog.Logger
	offlineAfter time.Duration
	now          live.Clock

	seed    maphash.Seed
	members [memberLocks]sync.Mutex

	mu       sync.Mutex
	rooms    map[place]*gathering
	visited  map[place]struct{} // rooms that somebody has been in since this process started, until they end
	absences []*absence         // by due, because all of them last equally long
	held     bool               // nobody can come back now: nobody is interrupted
	wake     chan struct{}
}

// place is a room of an app.
type place struct {
	app  live.AppID
	room live.RoomID
}

// gathering is who is in a room, from the first visitor until the room ends. Once ended it does not change any more;
// a new room of the same id gets a gathering of its own.
type gathering struct {
	ended    bool
	visitors map[live.UserID]*visitor
}

// visitor is one user in one room: its connections there or, when a member has none, the clock that runs.
type visitor struct {
	stays []*stay
	away  *absence
}

func (v *visitor) connected() bool {
	return slices.ContainsFunc(v.stays, func(s *stay) bool { return !s.observer })
}

// stay is one connection in one room.
type stay struct {
	conn *conn
	at   *gathering
	over bool
	// observer is an owner or administrator who listens without being a member.
	observer bool
	// listens means that the client subscribed by itself, so that the server must not.
	listens bool
	// expelled means that the user was removed from the room and this connection has not entered it since.
	expelled bool
	// since is where the channel was when the connection entered; zero when it came back.
	since centrifuge.StreamPosition
}

func (s *stay) current() bool { return !s.over && !s.at.ended }

func newPresence(service *live.Service, offlineAfter time.Duration, log *slog.Logger) *presence {
	return &presence{
		live: service, log: log, offlineAfter: offlineAfter, now: time.Now,
		seed: maphash.MakeSeed(), rooms: make(map[place]*gathering), visited: make(map[place]struct{}), wake: make(chan struct{}, 1),
	}
}

// lock takes the lock of a membership and returns what releases it. One caller must not hold two.
func (p *presence) lock(m live.Membership) (unlock func()) {
	l := &p.members[maphash.Comparable(p.seed, m)%memberLocks]
	l.Lock()
	return l.Unlock
}

// arrive notes that c is in the room. It returns the stay and what takes the note back. The caller holds the
// membership's lock.
func (p *presence) arrive(c *conn, room live.RoomID, observer bool) (s *stay, undo func(), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.gone {
		return nil, nil, errGone
	}
	old := c.stays[room]
	if old == nil && len(c.stays) >= maxRooms {
		return nil, nil, errTooManyRooms
	}
	v := p.visitor(c.membership(room))
	wasAway := v.away != nil
	if !observer {
		v.away = nil
	}
	if old != nil && old.current() {
		wasObserver, wasExpelled := old.observer, old.expelled
		old.observer, old.expelled = old.observer && observer, false
		return old, func() {
			p.undo(old, room, wasAway, func() { old.observer, old.expelled = wasObserver, wasExpelled || old.expelled })
		}, nil
	}
	s = &stay{conn: c, at: p.rooms[place{c.caller.App, room}], observer: observer, listens: old != nil && old.listens}
	v.stays = append(v.stays, s)
	c.stays[room] = s
	return s, func() { p.undo(s, room, wasAway, func() { p.remove(s, room) }) }, nil
}

// undo takes an arrival back by f. A clock that the arrival stopped begins anew.
func (p *presence) undo(s *stay, room live.RoomID, wasAway bool, f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !s.current() {
		return
	}
	f()
	m := s.conn.membership(room)
	if v := p.visitor(m); wasAway && v.away == nil && !v.connected() {
		p.startClock(m, v)
	}
	p.tidy(m)
}

// visitor returns the entry of m, made when there is none.
func (p *presence) visitor(m live.Membership) *visitor {
	at := p.rooms[place{m.App, m.Room}]
	if at == nil {
		at = &gathering{visitors: make(map[live.UserID]*visitor)}
		p.rooms[place{m.App, m.Room}] = at
	}
	v := at.visitors[m.User]
	if v == nil {
		v = &visitor{}
		at.visitors[m.User] = v
	}
	return v
}

// tidy forgets the entry of m when nothing is left in it.
func (p *presence) tidy(m live.Membership) {
	at := p.rooms[place{m.App, m.Room}]
	if at == nil {
		return
	}
	if v := at.visitors[m.User]; v != nil && len(v.stays) == 0 && v.away == nil {
		delete(at.visitors, m.User)
	}
	if len(at.visitors) == 0 {
		delete(p.rooms, place{m.App, m.Room})
	}
}

// remove ends a current stay.
func (p *presence) remove(s *stay, room live.RoomID) {
	s.over = true
	if s.conn.stays[room] == s {
		delete(s.conn.stays, room)
	}
	v := s.at.visitors[s.conn.caller.User]
	v.stays = slices.DeleteFunc(v.stays, func(other *stay) bool { return other == s })
}

// settled tells whether the connection is still where it arrived.
func (p *presence) settled(s *stay) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return s.current()
}

// hasAudience tells whether somebody is in the room, or may come back to it and ask what was missed.
func (p *presence) hasAudience(at place) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, visited := p.visited[at]
	return visited || p.rooms[at] != nil
}

// visit notes that the connection of s is in the room and knows its channel's position.
func (p *presence) visit(s *stay, room live.RoomID, since centrifuge.StreamPosition) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.since = since
	if s.current() {
		p.visited[place{s.conn.caller.App, room}] = struct{}{}
	}
}

// set changes a stay.
func (p *presence) set(s *stay, f func(*stay)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(s)
}

// stayOf returns a copy of what is known of c in the room.
func (p *presence) stayOf(c *conn, room live.RoomID) (s stay, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if found := c.stays[room]; found != nil {
		return *found, true
	}
	return stay{}, false
}

// roomsOf returns the rooms that c has joined and that have not ended.
func (p *presence) roomsOf(c *conn) []live.RoomID {
	p.mu.Lock()
	defer p.mu.Unlock()
	var rooms []live.RoomID
	for room, s := range c.stays {
		if s.current() && !s.observer {
			rooms = append(rooms, room)
		}
	}
	return rooms
}

// depart notes that c was closed. Where it was a member's last connection the clock begins to run.
func (p *presence) depart(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.gone = true
	for room, s := range c.stays {
		if !s.current() {
			continue
		}
		m, v := c.membership(room), s.at.visitors[c.caller.User]
		p.remove(s, room)
		if !s.observer && !v.connected() {
			p.startClock(m, v)
		}
		p.tidy(m)
	}
	clear(c.stays)
}

// unlistened notes that c's own subscription ended; an observer has nothing else there.
func (p *presence) unlistened(c *conn, room live.RoomID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := c.stays[room]
	if s == nil {
		return
	}
	s.listens = false
	if s.observer && s.current() {
		p.remove(s, room)
		p.tidy(c.membership(room))
	}
}

// leave forgets a user's membership and returns the connections that were in the room. The caller holds the
// membership's lock.
func (p *presence) leave(m live.Membership) []*stay {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.rooms[place{m.App, m.Room}]
	if at == nil || at.visitors[m.User] == nil {
		return nil
	}
	v := at.visitors[m.User]
	left := slices.Clone(v.stays)
	for _, s := range left {
		p.remove(s, m.Room)
	}
	v.away = nil
	p.tidy(m)
	return left
}

// observers ends the stays of those who listen as m.User without being a member, and returns them. The caller holds
// the membership's lock.
func (p *presence) observers(m live.Membership) []*stay {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.rooms[place{m.App, m.Room}]
	if at == nil || at.visitors[m.User] == nil {
		return nil
	}
	var found []*stay
	for _, s := range slices.Clone(at.visitors[m.User].stays) {
		if s.observer {
			p.remove(s, m.Room)
			found = append(found, s)
		}
	}
	p.tidy(m)
	return found
}

// end notes that the room ended and returns who was in it, nil when nobody was.
func (p *presence) end(at place) *gathering {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.visited, at)
	g := p.rooms[at]
	if g != nil {
		g.ended = true
		delete(p.rooms, at)
	}
	return g
}

// forget removes the trace of an ended room's stay from its connection; false when the connection is in a new room of
// the same id already. The caller holds the membership's lock.
func (p *presence) forget(s *stay, room live.RoomID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := s.conn.stays[room]; now != nil && now != s {
		return false
	}
	delete(s.conn.stays, room)
	return true
}
