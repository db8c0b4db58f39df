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
	"sync/atomic"
	"time"
)

// Clock tells the time. Tests inject their own.
type Clock func() time.Time

// Limits are the sizes that an operator may set; the contract's fixed limits are constants beside the rules they serve.
type Limits struct {
	MaxMembers    int // people in one room at once
	MaxSeats      int // seats of one room
	MaxAdmins     int // administrators of one room, its owner not counted
	MaxRobots     int // robots of one room
	MaxCategories int // category tags of one room
	UserSigCache  int // verified tokens kept in memory
	// MaxBattleRooms is how many rooms one battle may have, the calling one among them; MaxBattleDuration how long it may be.
	MaxBattleRooms    int
	MaxBattleDuration time.Duration

	MaxGifts          int // in the catalogue of one app
	MaxGiftCategories int

	// MessagesPerSecond is the budget of one room's messages (client guide); 0 is none.
	MessagesPerSecond int
	// CreateOncePerSecond refuses to create a room of the same id twice within a second, as the cloud does (doc 60027).
	CreateOncePerSecond bool
}

// DefaultLimits are the contract's figures where it has them (doc 63411, doc 63401), and bounds of ours elsewhere. A page
// has 3 categories of gifts (doc 72848), but real consoles make up to 10.
var DefaultLimits = Limits{
	MaxMembers: 100_000, MaxSeats: 16, MaxAdmins: 5, MaxCategories: 3, UserSigCache: 100_000, MaxRobots: 100,
	MaxBattleRooms: 9, MaxBattleDuration: 5 * time.Minute, MaxGifts: 1000, MaxGiftCategories: 10, MessagesPerSecond: 40,
}

// Service runs the operations. It is safe for concurrent use.
type Service struct {
	store    Store
	apps     map[AppID]*App
	limits   Limits
	now      Clock
	sigs     *sigCache
	recent   *recentRooms
	asker    Asker
	messages *messageBudget

	revoked *revocations
	node    atomic.Int64 // a NodeID

	timersChanged chan struct{}
	newBattleID   func() BattleID
}

// Option changes what a Service is made of.
type Option func(*Service)

// WithBattleIDs gives new battles their ids by f, which must return another one each time, in place of random ones.
func WithBattleIDs(f func() BattleID) Option { return func(s *Service) { s.newBattleID = f } }

// NewService returns a Service for the given apps over store, which asks app servers through asker.
func NewService(store Store, asker Asker, apps []*App, limits Limits, now Clock, options ...Option) *Service {
	s := &Service{
		store: store, asker: asker, apps: make(map[AppID]*App, len(apps)), limits: limits, now: now,
		revoked: newRevocations(), timersChanged: make(chan struct{}, 1), newBattleID: randomBattleID,
	}
	s.SetNode(Alone)
	for _, o := range options {
		o(s)
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
