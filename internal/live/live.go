// Package live is the domain: apps, accounts, rooms, members and metadata, the rules they obey, and the events that
// their changes cause.
//
// Every operation is a method of [Service]. It runs inside one transaction of a [Store]: it checks who asks and what
// the rules allow, changes rows, and emits typed events. The transaction's commit makes the change and the webhooks
// it causes durable together; after the commit the same events go to the people in the room. REST, client
// connections, the console and the clock are doors to these methods and carry no rules of their own.
//
// The package knows no HTTP, no SQL and no WebSocket.
package live

import (
	"crypto/rand"
	"time"
)

// Clock tells the time. Tests inject their own.
type Clock func() time.Time

// Limits are the sizes that an operator may set; the contract's fixed limits are constants beside the rules they serve.
type Limits struct {
	MaxMembers    int // people in one room at once
	MaxSeats      int // seats of one room
	MaxAdmins     int // administrators of one room, its owner not counted
	MaxCategories int // category tags of one room
	UserSigCache  int // verified tokens kept in memory
	// MessagesPerSecond is the budget of one room's messages (client guide); 0 is none.
	MessagesPerSecond int
	// CreateOncePerSecond refuses to create a room of the same id twice within a second, as the cloud does (doc 60027).
	CreateOncePerSecond bool
}

// DefaultLimits are the contract's figures where it has them (doc 63411, doc 63401), and bounds of ours elsewhere.
var DefaultLimits = Limits{MaxMembers: 100_000, MaxSeats: 16, MaxAdmins: 5, MaxCategories: 3, UserSigCache: 100_000, MessagesPerSecond: 40}

// Service runs the operations. It is safe for concurrent use.
type Service struct {
	store  Store
	apps   map[AppID]*App
	limits Limits
	now    Clock
	sigs   *sigCache
	recent *recentRooms
	asker  Asker
	// messages
	messages *messageBudget

	timersChanged chan struct{}
}

// NewService returns a Service for the given apps over store, which asks app servers through asker.
func NewService(store Store, asker Asker, apps []*App, limits Limits, now Clock) *Service {
	s := &Service{
		store: store, asker: asker, apps: make(map[AppID]*App, len(apps)), limits: limits, now: now,
		timersChanged: make(chan struct{}, 1),
	}
	for _, a := range apps {
		s.apps[a.ID] = a
	}
	s.messages = newMessageBudget(limits.MessagesPerSecond)
	s.sigs = newSigCache(limits.UserSigCache)
	if limits.CreateOncePerSecond {
		s.recent = newRecentRooms()
	}
	return s
}

// App returns the app with that id, if this server serves it.
func (s *Service) App(id AppID) (*App, bool) {
	a, ok := s.apps[id]
	return a, ok
}

// Limits returns the sizes the service was made with.
func (s *Service) Limits() Limits { return s.limits }

// newID returns prefix followed by 26 random characters of [A-Z2-7].
func newID(prefix string) string { return prefix + rand.Text() }
