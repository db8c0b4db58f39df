package gateway

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/centrifugal/centrifuge"

	"github.com/greenroom-live/greenroom/internal/live"
)

// feed is the queue between the store's writer and the publishing goroutine. It has no bound: the writer must neither
// wait for clients nor may an event be lost, and what is queued is small and was limited by the speed of commits. When
// publishing falls behind, what becomes superfluous in the queue is left out (see [Gateway.publishBatch]).
type feed struct {
	mu     sync.Mutex
	queue  []item
	ready  chan struct{} // holds a token while something is in queue
	closed chan struct{}
}

// item is an event, or a mark that is closed when everything before it has been published.
type item struct {
	event live.Event
	ended *gathering // who was in the room, when the event is its end
	// expelled are those known here whom the event removed from the room
	expelled []live.Membership
	mark     chan struct{}
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
func (f *feed) take(wake <-chan time.Time) ([]item, bool) {
	select {
	case <-f.closed:
		return nil, false
	case <-f.ready:
	case <-wake:
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	items := f.queue
	f.queue = nil
	return items, true
}

func (f *feed) close() { close(f.closed) }

// flushed waits until everything that is queued now has been published.
func (f *feed) flushed(ctx context.Context) error {
	mark := make(chan struct{})
	f.put(item{mark: mark})
	select {
	case <-mark:
		return nil
	case <-f.closed:
		return errFeedClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Publish takes over the events of a commit, which then go out in order of the calls. It returns at once.
func (g *Gateway) Publish(changes []live.Event) {
	var items []item
	for _, e := range changes {
		audience := e.Room != "" && g.presence.hasAudience(place{e.App, e.Room})
		if !audience && !personal(e.Change) {
			continue
		}
		i := item{event: e}
		switch c := e.Change.(type) {
		case live.RoomDestroyed:
			// Here and now, so that a room made of the same id by a later commit starts with nobody.
			i.ended = g.presence.end(place{e.App, e.Room})
		case live.MembersKicked:
			i.expelled = g.expelled(e, c) // here and now, so that who enters by a later commit is left alone
		}
		items = append(items, i)
	}
	if len(items) > 0 {
		g.feed.put(items...)
	}
}

// publishAll is the publishing goroutine.
func (g *Gateway) publishAll() {
	for items, ok := g.feed.take(nil); ok; items, ok = g.feed.take(g.notices.wake()) {
		g.publishBatch(items)
		g.publishHeld()
	}
}

// publishHeld tells the rooms what has waited for their budgets.
func (g *Gateway) publishHeld() {
	for _, h := range g.notices.due() {
		g.tell(h.of, h.notice)
	}
}

// publishBatch tells the rooms what is in the queue. Of several new member counts of a room only the last is told.
func (g *Gateway) publishBatch(items []item) {
	lastCount := make(map[place]int)
	for n, i := range items {
		if counts(i.event.Change) {
			lastCount[place{i.event.App, i.event.Room}] = n
		}
	}
	for n, i := range items {
		if i.mark != nil {
			close(i.mark)
			continue
		}
		told := notices(i.event)
		if last, ok := lastCount[place{i.event.App, i.event.Room}]; ok && last != n {
			told = withoutCount(told)
		}
		for _, t := range told {
			if g.notices.admits(i.event, t) {
				g.tell(i.event, t)
			}
		}
		g.followUp(i)
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
	_, err = g.node.Publish(channelOf(e.App, e.Room), data, centrifuge.WithHistory(historySize, historyTTL))
	return err
}

// send gives data about an event to every connection of a user, as a message beside all subscriptions.
func (g *Gateway) send(e live.Event, user live.UserID, data []byte) error {
	var errs []error
	for _, client := range g.node.Hub().UserConnections(connectionUser(e.App, user)) {
		c := connOf(client)
		if c == nil {
			continue
		}
		if err := c.mail.deliver(client, e.Room, data); err != nil && client.Context().Err() == nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// followUp takes away the subscriptions that ended with an event. It does not wait for that.
func (g *Gateway) followUp(i item) {
	e := i.event
	if i.ended != nil {
		g.goodbyes.Go(func() { g.dismiss(i.ended, place{e.App, e.Room}) })
	}
	if c, ok := e.Change.(live.LoginsEnded); ok {
		g.endLogins(c.Revocation)
	}
	for _, m := range i.expelled {
		g.goodbyes.Go(func() { g.expel(m) })
	}
	if c, ok := e.Change.(live.AdminsModified); ok && !c.Added {
		g.goodbyes.Go(func() { g.silence(e, c.Users) })
	}
	if c, ok := e.Change.(live.OwnerChanged); ok {
		g.goodbyes.Go(func() { g.silence(e, []live.UserID{c.Former}) })
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
	for _, user := range users {
		m := live.Membership{App: e.App, Room: e.Room, User: user}
		unlock := g.presence.lock(m)
		for _, s := range g.presence.observers(m) {
			s.conn.client.Unsubscribe(channelOf(e.App, e.Room), unsubscribedOver)
		}
		unlock()
	}
}

// positionNow returns where the channel is once all that was committed before has been published.
func (g *Gateway) positionNow(ctx context.Context, channel string) (centrifuge.StreamPosition, error) {
	if err := g.feed.flushed(ctx); err != nil {
		return centrifuge.StreamPosition{}, err
	}
	h, err := g.node.History(channel, centrifuge.WithHistoryFilter(centrifuge.HistoryFilter{Limit: 0}))
	return h.StreamPosition, err
}

// reachable tells whether the channel still keeps everything that came after since, with some room to spare.
func (g *Gateway) reachable(channel string, since centrifuge.StreamPosition) bool {
	h, err := g.node.History(channel, centrifuge.WithHistoryFilter(centrifuge.HistoryFilter{Limit: 0}))
	return err != nil || h.Epoch == since.Epoch && h.Offset-since.Offset < historySize/2
}
