package gateway

import (
	"context"
	"errors"
	"hash/maphash"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/centrifugal/centrifuge"

	"github.com/greenroom-live/greenroom/internal/live"
)

const (
	// interruptsAtOnce is how many members the offline clock interrupts at the same time, so that they share commits.
	interruptsAtOnce = 64
	recallPage       = 1000
	memberLocks      = 1024
)

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
	absences []*absence // by due, because all of them last equally long
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
	// since is where the channel was when the connection entered; zero when it came back.
	since centrifuge.StreamPosition
}

func (s *stay) current() bool { return !s.over && !s.at.ended }

// absence is how long a member without connection may still come back.
type absence struct {
	member live.Membership
	at     *gathering
	due    time.Time
}

func newPresence(service *live.Service, offlineAfter time.Duration, log *slog.Logger) *presence {
	return &presence{
		live: service, log: log, offlineAfter: offlineAfter, now: time.Now,
		seed: maphash.MakeSeed(), rooms: make(map[place]*gathering), wake: make(chan struct{}, 1),
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
		wasObserver := old.observer
		old.observer = old.observer && observer
		return old, func() { p.undo(old, room, wasAway, func() { old.observer = wasObserver }) }, nil
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

// recall starts the clock for every member who is online in the store.
func (p *presence) recall(ctx context.Context) error {
	var after live.Membership
	for {
		page, err := p.live.OnlineMembers(ctx, after, recallPage)
		if err != nil {
			return err
		}
		p.mu.Lock()
		for _, m := range page {
			p.startClock(m, p.visitor(m))
		}
		p.mu.Unlock()
		if len(page) < recallPage {
			return nil
		}
		after = page[len(page)-1]
	}
}

func (p *presence) startClock(m live.Membership, v *visitor) {
	v.away = &absence{member: m, at: p.rooms[place{m.App, m.Room}], due: p.now().Add(p.offlineAfter)}
	p.absences = append(p.absences, v.away)
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// run is the offline clock.
func (p *presence) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.wake:
		case <-timer.C:
		}
		p.interruptDue(ctx)
		if next, ok := p.nextDue(); ok {
			timer.Reset(next)
		}
	}
}

// nextDue returns how long it is until the first absence ends; false when nobody is absent.
func (p *presence) nextDue() (time.Duration, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.absences) == 0 {
		return 0, false
	}
	return max(0, p.absences[0].due.Sub(p.now())), true
}

// interruptDue interrupts all members who are due, and returns when that is done.
func (p *presence) interruptDue(ctx context.Context) {
	var working sync.WaitGroup
	defer working.Wait()
	slots := make(chan struct{}, interruptsAtOnce)
	for a := p.takeDue(); a != nil; a = p.takeDue() {
		slots <- struct{}{}
		working.Go(func() {
			p.interrupt(ctx, a)
			<-slots
		})
	}
}

// takeDue removes and returns the first absence that is due, nil when none is.
func (p *presence) takeDue() *absence {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.absences) == 0 || p.absences[0].due.After(p.now()) {
		return nil
	}
	a := p.absences[0]
	p.absences[0] = nil
	p.absences = p.absences[1:]
	return a
}

// interrupt ends one absence, unless the member came back. When the store fails the clock begins anew.
func (p *presence) interrupt(ctx context.Context, a *absence) {
	defer p.lock(a.member)()
	if !p.counts(a) {
		return
	}
	err := protect(func() error { return p.live.Interrupt(ctx, a.member) })
	if err != nil && ctx.Err() == nil {
		p.log.Error("interrupt failed", "app", a.member.App, "room", a.member.Room, "user", a.member.User, "error", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if a.at.ended {
		return
	}
	v := a.at.visitors[a.member.User]
	if err != nil {
		p.startClock(a.member, v)
		return
	}
	v.away = nil
	p.tidy(a.member)
}

// counts tells whether the clock of a is still that of its member.
func (p *presence) counts(a *absence) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	v := a.at.visitors[a.member.User]
	return !a.at.ended && v != nil && v.away == a
}
