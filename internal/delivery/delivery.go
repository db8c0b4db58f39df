// Package delivery takes committed webhooks from the outbox to the app servers.
//
// A [Lane] is the queue of one app's one room. Within a lane webhooks go out one at a time, strictly in commit order;
// lanes run in parallel, bounded for each app. An event leaves its lane when the app server has taken it, or when it is
// given up; until then the lane waits. What happened is written back to the outbox in batches, so a crash may repeat a
// delivery but never loses or reorders one.
//
// A committed event is handed to its lane from memory. The outbox on disk is read at start, and for what did not fit:
// a lane keeps a bounded number of events in memory, an app a bounded number of lanes and of events.
//
// What becomes of an event after an attempt is decided in one place, the method judge of [Policy]. An event that failed is
// tried again until its retry window ends, after delays that grow, or after what the answer's Retry-After says. An event
// that alone keeps failing while the app server takes those of other rooms is poison, and is given up earlier; how often it
// failed is counted in memory only and begins anew after a restart.
//
// An app server that fails as a whole opens the app's circuit breaker: when events of five rooms have failed and none was
// taken since, only one request at a time is made to see whether it works again, each time for another room. The first
// success closes the breaker, and everything that waits is tried at once. The breaker is also closed when the endpoint
// changes. A pause stops an app's webhooks altogether, by an operator or by an answer of 410 Gone, and no retry window runs
// meanwhile. While the breaker is open or the app is paused, lanes keep no events in memory; what is not sent when its window
// ends, while the breaker is open, is given up. When operators purge events, what is in memory is read again.
//
// Nothing of this concerns another app: each has its own lanes, workers, connections and breakers.
//
// Several nodes on one database share the lanes: each is one node's at a time, as long as there are events in it. A node
// sends only while it holds its [Lease], so it stops before others can take over what it has. A lane in memory is read on
// from the outbox when another node has put events in, which is told by [Event].Prev and [Deliverer.Woken]. A node that
// has lost its lease forgets its lanes, and what it then learns of requests in flight is refused. Thus a lane never has
// two senders, but for the one request that was in flight. Everything else is each node's own: requests in flight are
// bounded on each, each has its breakers, which open by what it has seen itself, and poison is what failed so often on
// one node while that node delivered events of other rooms.
//
// The webhooks that ask an app server beforehand go another way, with connections and a breaker of their own:
// [Deliverer.Ask]. How things stand is told by [Deliverer.Status].
package delivery

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/webhook"
)

// Lane names the queue of one app's one room. Events without a room share the lane of the empty room.
type Lane struct {
	App  live.AppID
	Room live.RoomID
}

// Event is one webhook on its way.
type Event struct {
	Seq       int64 // the order of commits
	ID        string
	Lane      Lane
	Command   webhook.Command
	Body      []byte
	ClientIP  string
	Platform  string
	At        time.Time // when it was committed
	Queued    time.Time // when it was put into its lane: At, or later when it was replayed
	Attempts  int       // failed so far, since it was queued
	LastError string
	// Prev is the Seq of the event that was last in the lane when this one was committed; 0 when there was none, or when
	// nobody else could have put one there. It tells a node that another has put an event in between.
	Prev int64
	// Node is in whose name this node delivers the event: the life of it whose the lane was when the event was committed or
	// read. 0 with an embedded database. It is the fencing token of the event's outcomes.
	Node live.NodeID
}

// LaneEnd says that a lane holds events up to Seq.
type LaneEnd struct {
	Lane Lane
	Seq  int64
}

// Endpoint is where an app's webhooks go now, and whether they may.
type Endpoint struct {
	URL     string    // empty when none is configured
	Token   string    // empty when webhooks are not signed by token
	Pause   *Pause    // nil while webhooks go out
	Resumed time.Time // when the last pause ended; the retry windows of what waited begin then
}

// Pause is why and since when no event is delivered to an app's server.
type Pause struct {
	Since  time.Time
	Reason string
	// Gone says that the app server asked for it by answering 410 Gone. An operator can end that as any other pause,
	// and so does an app that sets or updates its configuration, which does not end a pause by an operator.
	Gone bool
}

// Outbox is the durable side of the lanes. To one node of several it shows the lanes of that node only: those that are its
// own at that moment, in the name of its life then, which it writes into the events' Node.
//
// An outcome is fenced by its event's Node. When that life is over the outcome is refused, which is no failure: the outbox
// changes nothing, logs no attempt, forgets the outcome and tells nobody. Outcomes that were settled may still be told of
// after that; the Deliverer knows them by their Node. What it had counted of a life that is over it has forgotten itself,
// when it heard that the lease is lost, so whoever finds that out by a refused outcome must see to it that
// [Deliverer.Lost] is called.
type Outbox interface {
	// Rooms returns, in order, up to limit rooms of app behind the given one whose lanes hold events; a nil after
	// begins at the first.
	Rooms(ctx context.Context, app live.AppID, after *live.RoomID, limit int) ([]live.RoomID, error)
	// Pending returns up to limit events of a lane in order, those with a Seq past after.
	Pending(ctx context.Context, lane Lane, after int64, limit int) ([]Event, error)
	// Settle records an outcome, and its attempt in the delivery log, in one step. It returns at once;
	// [Deliverer.Settled] is told when both are durable. An outcome that says Gone also pauses the app, unless the app's
	// URL is not the one that the attempt went to any more. The outcome of an event that is not in the outbox any more
	// changes nothing there, and is logged.
	Settle(Outcome)
	// Endpoint returns where app's webhooks go.
	Endpoint(ctx context.Context, app live.AppID) (Endpoint, error)
}

// Options says what a Deliverer works with.
type Options struct {
	Apps      []App
	Outbox    Outbox
	UserAgent string
	Lease     *Lease // this node's, when it is one of several; nothing is sent while it is not held. nil is always held
	Window    int    // events of one lane in memory; 64 when 0
	// MaxLanes bounds the lanes of one app in memory, 10,000 when 0; MaxHeld the events in them, 10,000 when 0. What goes
	// past them waits in the outbox; a worker may hold the events of one turn beyond MaxHeld. Lanes come from the outbox
	// 500 at a time, so MaxLanes is to be more than that.
	MaxLanes, MaxHeld int
	Grace             time.Duration // for attempts in flight when Run is stopped; 5 s when 0
	AskLimit          time.Duration // for a whole answer to a question; AskTimeout when 0
	Now               live.Clock    // time.Now when nil
	Resolver          *net.Resolver // of the names in URLs; the system's when nil
	Log               *slog.Logger
	Metrics           *observe.Metrics
}

// Deliverer delivers the webhooks of all apps.
type Deliverer struct {
	opts   Options
	apps   map[live.AppID]*dispatcher
	askers map[live.AppID]*asker
	trials map[live.AppID]*tester
}

// New returns a Deliverer; nothing is sent before Run.
func New(opts Options) *Deliverer {
	opts.Window, opts.MaxLanes, opts.MaxHeld = cmp.Or(opts.Window, 64), cmp.Or(opts.MaxLanes, 10_000), cmp.Or(opts.MaxHeld, 10_000)
	opts.Grace, opts.AskLimit = cmp.Or(opts.Grace, 5*time.Second), cmp.Or(opts.AskLimit, AskTimeout)
	if opts.Now == nil {
		opts.Now = time.Now
	}
	d := &Deliverer{
		opts: opts, apps: make(map[live.AppID]*dispatcher), askers: make(map[live.AppID]*asker), trials: make(map[live.AppID]*tester),
	}
	for _, a := range opts.Apps {
		d.apps[a.ID], d.askers[a.ID] = newDispatcher(a, opts), newAsker(a, opts)
		d.trials[a.ID] = newTester(a, opts)
	}
	if opts.Lease != nil {
		opts.Lease.whenRenewed(d.renewed)
	}
	return d
}

// Enqueue hands over events that were just committed, in commit order: of several nodes, those that were put into lanes of
// this one. Those of a life that is over are ignored: whoever has their lanes now finds them in the outbox.
func (d *Deliverer) Enqueue(events []Event) {
	for _, e := range events {
		if app, ok := d.apps[e.Lane.App]; ok {
			app.enqueue(e)
		}
	}
}

// EndpointChanged tells that a change of an app's configuration, a pause or its end was just committed. No attempt begins
// until the endpoint has been read again; then what waits is tried at once, or stays while the app is paused.
func (d *Deliverer) EndpointChanged(id live.AppID) {
	if app, ok := d.apps[id]; ok {
		app.endpointChanged()
		d.askers[id].endpointChanged()
	}
}

// Purged tells that events of an app were just removed from the outbox. Those that were in flight may still arrive.
func (d *Deliverer) Purged(id live.AppID) {
	if app, ok := d.apps[id]; ok {
		app.purged()
	}
}

// Settled tells that outcomes have become durable.
func (d *Deliverer) Settled(outcomes []Outcome) {
	for _, o := range outcomes {
		if app, ok := d.apps[o.Event.Lane.App]; ok {
			app.settled(o)
		}
	}
}

// Run delivers until ctx ends. Attempts in flight then get the grace period to end; it returns when all have.
func (d *Deliverer) Run(ctx context.Context) error {
	var all sync.WaitGroup
	for _, app := range d.apps {
		all.Go(func() { app.run(ctx) })
	}
	all.Wait()
	for _, a := range d.askers {
		a.close()
	}
	return nil
}
