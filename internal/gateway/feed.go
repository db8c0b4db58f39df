package gateway

import (
	"context"
	"errors"
	"hash/maphash"
	"sync"
	"time"

	"github.com/centrifugal/centrifuge"

	"github.com/greenroom-live/greenroom/internal/live"
)

const (
	// sharedLanes is how many rooms are told at the same time where each notice is a round trip to Redis.
	sharedLanes = 32
	// maxQueued is how many events may wait in such a lane. While there are more, what is next counts as lost in its room.
	maxQueued = 4096
)

// lane publishes the events of the rooms that fall to it, one after the other in order of commits, and bounds what each of
// them is told. A process that serves alone has one.
type lane struct {
	g       *Gateway
	feed    *feed
	notices *noticeBudget
}

// newLanes makes the gateway's lanes.
func (g *Gateway) newLanes(n, perSecond int) {
	for range n {
		g.lanes = append(g.lanes, &lane{g, newFeed(), newNoticeBudget(perSecond)})
	}
	g.seed = maphash.MakeSeed()
}

// laneOf returns the lane of a room; what is about no room of an app has one too.
func (g *Gateway) laneOf(at place) *lane {
	if len(g.lanes) == 1 {
		return g.lanes[0]
	}
	return g.lanes[maphash.Comparable(g.seed, at)%uint64(len(g.lanes))]
}

// feed is the queue between the store's writer and a publishing goroutine. It has no bound: the writer must neither
// wait for clients nor may an event be lost, and what is queued is small and was limited by the speed of commits. When
// publishing falls behind, what becomes superfluous in the queue is left out (see [lane.publishBatch]), and what waits for Redis
// is given up when it is too much (see [feed.behind]).
type feed struct {
	mu      sync.Mutex
	queue   []item
	busy    bool          // what was taken last is being published
	marks   uint64        // how many marks there were
	passed  uint64        // the last mark that was reached
	overdue uint64        // the last mark that nobody waits for any more
	ready   chan struct{} // holds a token while something is in queue
	closed  chan struct{}
}

// mark stands in a feed for everything before it.
type mark struct {
	number uint64
	passed chan struct{} // closed when everything before it has been published
}

// item is an event or a mark.
type item struct {
	event live.Event
	ended *gathering // who was in the room, when the event is its end
	// expelled are those known here whom the event removed from the room
	expelled []live.Membership
	mark     *mark
}

var errFeedClosed = errors.New("the gateway has stopped")

func newFeed() *feed { return &feed{ready: make(chan struct{}, 1), closed: make(chan struct{})} }

func (f *feed) put(items ...item) {
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case <-f.closed:
		return
	default:
	}
	f.queue = append(f.queue, items...)
	select {
	case f.ready <- struct{}{}:
	default:
	}
}

// take returns what is in the queue, waiting until there may be something or until wake; false when the feed is closed.
// What was taken before has been published then.
func (f *feed) take(wake <-chan time.Time) ([]item, bool) {
	f.mu.Lock()
	f.busy = false
	f.mu.Unlock()
	select {
	case <-f.closed:
		return nil, false
	case <-f.ready:
	case <-wake:
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	items := f.queue
	f.queue, f.busy = nil, len(f.queue) > 0
	return items, true
}

// close ends the feed and returns what nobody took.
func (f *feed) close() (left []item) {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.closed)
	left, f.queue = f.queue, nil
	return left
}

// mark puts a mark behind everything that is queued now; nil when all has been published.
func (f *feed) mark() *mark {
	f.mu.Lock()
	if !f.busy && len(f.queue) == 0 {
		f.mu.Unlock()
		return nil
	}
	f.marks++
	m := &mark{f.marks, make(chan struct{})}
	f.mu.Unlock()
	f.put(item{mark: m})
	return m
}

// pass notes that a mark was reached.
func (f *feed) pass(m *mark) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.passed = max(f.passed, m.number)
	close(m.passed)
}

// giveUp notes that nobody waits for a mark any more.
func (f *feed) giveUp(m *mark) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.overdue = max(f.overdue, m.number)
}

// late tells whether what is being published now was to be published by a time that is over.
func (f *feed) late() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.overdue > f.passed
}

// behind tells whether more waits than may.
func (f *feed) behind() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.queue) > maxQueued
}

// flushed waits until everything that is queued now has been published.
func (f *feed) flushed(ctx context.Context) error {
	mark := f.mark()
	select {
	case <-f.closed:
		return errFeedClosed
	default:
	}
	if mark == nil {
		return nil
	}
	select {
	case <-mark.passed:
		return nil
	case <-f.closed:
		return errFeedClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// flushed waits until everything that was handed over so far has been published.
func (g *Gateway) flushed(ctx context.Context) error {
	for _, l := range g.lanes {
		if err := l.feed.flushed(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Publish takes over the events of a commit, which then go out room by room in order of the calls. It returns at once.
func (g *Gateway) Publish(changes []live.Event) {
	var items []item // of the only lane
	for _, e := range changes {
		at := place{e.App, e.Room}
		// Who may be in the room at another node is not known here, only whether somebody ever was.
		audience := e.Room != "" && (g.link != nil && !e.Unheard || g.presence.hasAudience(at))
		if !audience && !personal(e.Change) {
			continue
		}
		i := item{event: e}
		switch c := e.Change.(type) {
		case live.RoomDestroyed:
			// Here and now, so that a room made of the same id by a later commit starts with nobody.
			i.ended = g.presence.end(at)
		case live.MembersKicked:
			i.expelled = g.expelled(e, c) // here and now, so that who enters by a later commit is left alone
		}
		if len(g.lanes) == 1 {
			items = append(items, i)
		} else {
			g.laneOf(at).feed.put(i)
		}
	}
	if len(items) > 0 {
		g.lanes[0].feed.put(items...)
	}
}

// Published waits until all that was handed over has been taken over by Redis, and so reaches the clients of all nodes in
// that order, or cannot be, or ctx ends. Rooms of which something goes out after that may have been changed, and told so, by
// other nodes meanwhile: who is in them reads them again.
func (g *Gateway) Published(ctx context.Context) {
	var away <-chan struct{}
	if g.link != nil {
		away = g.link.away()
	}
	marks := make([]*mark, len(g.lanes))
	for i, l := range g.lanes {
		marks[i] = l.feed.mark()
	}
	for i, l := range g.lanes {
		if marks[i] == nil {
			continue
		}
		select {
		case <-marks[i].passed:
		case <-l.feed.closed:
		case <-away:
			return
		case <-ctx.Done():
			l.feed.giveUp(marks[i])
		}
	}
}

// run is the publishing goroutine.
func (l *lane) run() {
	for items, ok := l.feed.take(nil); ok; items, ok = l.feed.take(l.notices.wake()) {
		l.publishBatch(items)
		l.publishHeld()
	}
}

// publishHeld tells the rooms what has waited for their budgets.
func (l *lane) publishHeld() {
	for _, h := range l.notices.due() {
		l.g.tell(h.of, h.notice)
	}
}

// publishBatch tells the rooms what is in the queue. Of several new member counts of a room only the last is told.
func (l *lane) publishBatch(items []item) {
	lastCount := make(map[place]int)
	for n, i := range items {
		if counts(i.event.Change) {
			lastCount[place{i.event.App, i.event.Room}] = n
		}
	}
	for n, i := range items {
		if i.mark != nil {
			l.feed.pass(i.mark)
			continue
		}
		told := notices(i.event)
		if last, ok := lastCount[place{i.event.App, i.event.Room}]; ok && last != n {
			told = withoutCount(told)
		}
		for _, t := range told {
			if l.notices.admits(i.event, t) {
				l.g.tell(i.event, t)
			}
		}
		l.g.followUp(i)
		if l.g.link != nil && i.event.Room != "" && l.feed.late() {
			l.g.link.lose(place{i.event.App, i.event.Room})
		}
	}
}

// tell publishes one notice. What cannot be published is logged, and the others go on.
func (g *Gateway) tell(e live.Event, n notice) {
	if err := protect(func() error { return g.publish(e, n) }); err != nil {
		g.log.Error("publish failed", "app", e.App, "room", e.Room, "event", n.event, "error", err)
	}
}

func withoutCount(told []notice) []notice {
	kept := told[:0]
	for _, t := range told {
		if _, count := t.data.(countChanged); !count {
			kept = append(kept, t)
		}
	}
	return kept
}

func (g *Gateway) publish(e live.Event, n notice) error {
	data, err := encode(publication{n.event, string(e.Room), e.At.UnixMilli(), n.data})
	if err != nil {
		return err
	}
	if n.to != "" {
		return g.send(e, n.to, data)
	}
	if e.Room == "" {
		return nil
	}
	at := place{e.App, e.Room}
	return g.through(at, func() error {
		_, err := g.node.Publish(channelOf(e.App, e.Room), data, centrifuge.WithHistory(historySize, historyTTL))
		return err
	})
}

// send gives data about an event to every connection of a user, as a message beside all subscriptions.
func (g *Gateway) send(e live.Event, user live.UserID, data []byte) error {
	at := place{e.App, e.Room}
	g.fence(at)
	err := g.deliver(at, user, data)
	if _, ended := e.Change.(live.LoginsEnded); ended {
		return err // the other nodes tell those whom it concerns when they close them
	}
	return errors.Join(err, g.tellNodes(word{App: e.App, Room: e.Room, To: user, Mail: data}))
}

// deliver gives data to every connection that a user has here.
func (g *Gateway) deliver(at place, user live.UserID, data []byte) error {
	var errs []error
	for _, client := range g.node.Hub().UserConnections(connectionUser(at.app, user)) {
		c := connOf(client)
		if c == nil {
			continue
		}
		if err := c.mail.deliver(client, at.room, data); err != nil && client.Context().Err() == nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// followUp takes away the subscriptions that ended with an event, here and on the other nodes. It does not wait for that.
func (g *Gateway) followUp(i item) {
	e := i.event
	switch c := e.Change.(type) {
	case live.RoomDestroyed, live.MembersKicked:
		if i.ended != nil || len(i.expelled) > 0 {
			g.later(func() { g.remove(i) })
		}
	case live.LoginsEnded:
		g.endLogins(c.Revocation)
	case live.AdminsModified:
		if !c.Added {
			g.later(func() { g.silence(e, c.Users) })
		}
	case live.OwnerChanged:
		g.later(func() { g.silence(e, []live.UserID{c.Former}) })
	}
	if w, ok := consequence(e); ok && g.link != nil {
		if err := g.tellNodes(w); err != nil {
			g.log.Error("telling other nodes failed", "app", e.App, "room", e.Room, "error", err)
		}
	}
}

// later runs f in a goroutine of its own, which [Gateway.Run] waits for at its end; when that has come, not at all.
func (g *Gateway) later(f func()) {
	g.ending.Lock()
	defer g.ending.Unlock()
	if !g.ended {
		g.goodbyes.Go(f)
	}
}

// remove unsubscribes who is in a room no more, once all have heard of it.
func (g *Gateway) remove(i item) {
	at := place{i.event.App, i.event.Room}
	g.fence(at)
	if i.ended != nil {
		g.dismiss(i.ended, at)
	}
	for _, m := range i.expelled {
		g.later(func() { g.expel(m) })
	}
}

// dismiss unsubscribes everybody from a room that ended.
func (g *Gateway) dismiss(from *gathering, at place) {
	for user, v := range from.visitors {
		unlock := g.presence.lock(live.Membership{App: at.app, Room: at.room, User: user})
		for _, s := range v.stays {
			if g.presence.forget(s, at.room) {
				s.conn.client.Unsubscribe(channelOf(at.app, at.room), unsubscribedOver)
			}
		}
		unlock()
	}
}

// silence unsubscribes former administrators and owners who listened without being members.
func (g *Gateway) silence(e live.Event, users []live.UserID) {
	g.fence(place{e.App, e.Room})
	for _, user := range users {
		m := live.Membership{App: e.App, Room: e.Room, User: user}
		unlock := g.presence.lock(m)
		for _, s := range g.presence.observers(m) {
			s.conn.client.Unsubscribe(channelOf(e.App, e.Room), unsubscribedOver)
		}
		unlock()
	}
}

// positionNow returns where the room's channel is once all that was committed here before has been published.
func (g *Gateway) positionNow(ctx context.Context, at place) (centrifuge.StreamPosition, error) {
	if err := g.laneOf(at).feed.flushed(ctx); err != nil {
		return centrifuge.StreamPosition{}, err
	}
	h, err := g.node.History(channelOf(at.app, at.room), centrifuge.WithHistoryFilter(centrifuge.HistoryFilter{Limit: 0}))
	return h.StreamPosition, err
}

// reachable tells whether the channel still keeps everything that came after since, with some room to spare.
func (g *Gateway) reachable(channel string, since centrifuge.StreamPosition) bool {
	h, err := g.node.History(channel, centrifuge.WithHistoryFilter(centrifuge.HistoryFilter{Limit: 0}))
	return err != nil || h.Epoch == since.Epoch && h.Offset-since.Offset < historySize/2
}
