package postgres

import (
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"slices"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

// errBusy says that something which an update is about is locked by somebody else. Nobody but this package sees it.
var errBusy = errors.New("locked by another update")

// errEnded is how an update ends that has ended its goroutine.
var errEnded = errors.New("the update has ended its goroutine")

var (
	_ live.Reader = reader{}
	_ live.Tx     = (*tx)(nil)
)

// reader implements live.Reader on one connection. In an update it locks what it reads of.
type reader struct {
	c *conn
	t *tx // nil in a view
}

// about says that what is asked next, or written, concerns what k names. In an update it locks that, unless it is locked already.
func (r reader) about(k key) {
	if r.t != nil {
		r.t.lock(k)
	}
}

// tx implements live.Tx for one update of a batch. It runs as a coroutine: whenever it needs an answer it makes way for the
// other updates of the batch, until all of them need one.
type tx struct {
	reader
	b      *batch
	j      *job
	resume func() (struct{}, bool) // goes on until it makes way again; false when the update has ended
	yield  func(struct{}) bool

	keys    []key // all that it has locked, or tried to
	unsure  int   // locks that it is not known to have yet
	refused bool  // somebody else has one of them
	dirty   bool  // something that it writes was sent
	asking  bool  // it waits for answers
	ending  bool  // it has done all it does: all it asks is whether it has its locks
	waits   *tx   // whose end it waits for
	ended   bool
	err     error // how it ended

	changes   []live.Event
	webhooks  []*queuedEvent
	callbacks []live.AppID
	purged    []live.AppID
	revoked   []live.Revocation // which the other nodes must know of
	timers    bool              // some were set
}

// queuedEvent is an event that goes into the outbox with the commit.
type queuedEvent struct {
	delivery.Event
	always bool  // whether its app wants that command or not
	basket int64 // where it went; 0 when it did not
}

func newTx(b *batch, j *job) *tx {
	t := &tx{b: b, j: j}
	t.reader = reader{&conn{update: t}, t}
	j.tx = t
	t.resume, _ = iter.Pull(func(yield func(struct{}) bool) {
		t.yield = yield
		t.err = errEnded
		defer func() { t.ended = true }()
		t.err = t.run()
	})
	for _, k := range j.keys {
		t.own(k)
	}
	return t
}

// run runs the update's function, and turns a panic of it into an error. An update ends only when it is known to have its locks,
// because what it has written goes out with the commit.
func (t *tx) run() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in an update: %v\n%s", p, debug.Stack())
		}
	}()
	if err := t.j.f(t); err != nil {
		return err
	}
	if t.unsure > 0 {
		t.ending = true
		return t.ask()
	}
	if t.refused {
		return errBusy
	}
	return nil
}

// ask has what waits sent, and returns when the answers were taken.
func (t *tx) ask() error {
	if err := t.trouble(); err != nil {
		return err
	}
	t.asking = true
	t.yield(struct{}{})
	return t.trouble()
}

// writes tells whether it has something to send that changes rows.
func (t *tx) writes() bool {
	return slices.ContainsFunc(t.c.queue, func(s statement) bool { return s.write })
}

// trouble is why an update cannot go on.
func (t *tx) trouble() error {
	if t.b.c.failed != nil {
		return t.b.c.failed
	}
	if t.refused {
		return errBusy
	}
	return nil
}

// own notes that the update has k among those of its batch.
func (t *tx) own(k key) {
	t.keys = append(t.keys, k)
	t.b.owner[k] = t
}

// lock gets the lock of k. While another update of the batch has it, this one waits, or is refused when it has locks itself that
// somebody may wait for. Whether somebody else has it comes to light with the next flush, which then fails with errBusy.
func (t *tx) lock(k key) {
	for !slices.Contains(t.keys, k) && t.trouble() == nil {
		other := t.b.owner[k]
		switch {
		case other == nil:
			t.own(k)
			if _, held := t.b.held[k]; !held {
				t.unsure++
				t.b.tries = append(t.b.tries, try{k, t})
			}
		case len(t.keys) > 0:
			t.keys = append(t.keys, k) // so that the next run begins with it
			t.refused = true
		default:
			t.waits = other
			t.yield(struct{}{})
		}
	}
}

// put changes rows, with the next flush.
func (t *tx) put(query string, args ...any) error {
	t.c.queue = append(t.c.queue, statement{write: true, query: query, args: args})
	return nil
}

// write changes rows now, and returns how many.
func (t *tx) write(query string, args ...any) (changed int64, err error) {
	t.c.queue = append(t.c.queue, statement{write: true, query: query, args: args, done: func(n int64) { changed = n }})
	err = t.c.flush()
	return changed, err
}

// Emit implements live.Tx.
func (t *tx) Emit(e live.Event) error {
	t.changes = append(t.changes, e)
	hook := e.Change.Webhook(e)
	if hook == nil {
		return nil
	}
	body, err := webhook.Encode(hook)
	if err != nil {
		return fmt.Errorf("encode %s: %w", hook.Command(), err)
	}
	t.queueEvent(delivery.Event{
		ID: delivery.NewEventID(e.At), Lane: delivery.Lane{App: e.App, Room: e.Room}, Command: hook.Command(), Body: body,
		ClientIP: e.By.IP, Platform: string(e.By.Platform), At: e.At, Queued: e.At,
	}, false)
	return nil
}

// queueEvent puts an event behind what waits in its lane when the update is committed: always, or only if its app wants that
// command then. Its Seq and Prev are set by that.
func (t *tx) queueEvent(e delivery.Event, always bool) {
	t.about(roomKey(e.Lane.App, e.Lane.Room))
	t.webhooks = append(t.webhooks, &queuedEvent{Event: e, always: always})
}
