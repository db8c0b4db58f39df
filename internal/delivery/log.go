package delivery

import (
	"context"
	"errors"
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

// Outcome is what became of an event by one attempt.
type Outcome struct {
	Event   Event // with Attempts and LastError as they are after the attempt
	Fate    Fate
	Attempt Attempt
	// Gone is the URL that answered 410 Gone: nothing more is to be sent to it.
	Gone string
}

// Attempt is one request, or one decision to make none, as the delivery log keeps it.
type Attempt struct {
	Number      int // 1 for the first since the event was queued
	At          time.Time
	Took        time.Duration
	Status      int    // HTTP status of the answer; 0 when there was none
	Answer      []byte // its body, as far as it is kept
	AnswerBytes int    // length of its body, as far as it was read
	Error       string // why it does not count as a delivery, in plain words; empty when it does
}

// Logged is one line of the delivery log: an attempt and the event that it was made for.
type Logged struct {
	Event   Event // Body, ClientIP and Platform are there only when the event was delivered
	Fate    Fate
	Attempt Attempt
}

// DeadLetter is an event that was given up.
type DeadLetter struct {
	Event
	Died time.Time
}

// State is where an event is.
type State uint8

const (
	Removed   State = iota // purged; the delivery log has what was tried before
	Waiting                // in the outbox
	DeadState              // given up, among the dead letters
	Done                   // delivered; the delivery log remembers it for a while
)

func (s State) String() string { return [...]string{"removed", "waiting", "dead", "delivered"}[s] }

// Filter picks events of one app. What is not set picks all.
type Filter struct {
	App     live.AppID
	Room    *live.RoomID // a pointer, because events without a room are of the room ""
	Command webhook.Command
	From    time.Time // committed at that time or later
	To      time.Time // committed before that time
}

// Matches tells whether the filter picks e.
func (f Filter) Matches(e Event) bool {
	return e.Lane.App == f.App &&
		(f.Room == nil || *f.Room == e.Lane.Room) &&
		(f.Command == "" || f.Command == e.Command) &&
		(f.From.IsZero() || !e.At.Before(f.From)) &&
		(f.To.IsZero() || e.At.Before(f.To))
}

// Cursor is a place in a list, opaque to who asks for the list; empty at its beginning, and again behind its end.
type Cursor string

// Story is all that is known of one event.
type Story struct {
	Event    Event // Body is empty when the event is in no table any more and was never delivered
	State    State
	Died     time.Time // of a dead letter
	Attempts []Attempt // oldest first, as far as the delivery log reaches; those before a replay too
}

// Records are what operators see and do. The store keeps them beside the outbox. Every method bounds what it reads and
// writes at a time, so that none of them holds up commits; a page may be shorter than the limit and still not be the last.
type Records interface {
	// Log returns the attempts of events that the filter picks, newest first, those with one of the fates (all when
	// there are none).
	Log(ctx context.Context, f Filter, fates []Fate, after Cursor, limit int) ([]Logged, Cursor, error)
	// Waiting returns events of the outbox, lane by lane in order of the rooms' ids, and in order in each lane.
	Waiting(ctx context.Context, f Filter, after Cursor, limit int) ([]Event, Cursor, error)
	// DeadLetters returns dead letters in the order of their commits.
	DeadLetters(ctx context.Context, f Filter, after Cursor, limit int) ([]DeadLetter, Cursor, error)
	// Story returns one event of app; [ErrUnknownEvent] when nothing is known of that id.
	Story(ctx context.Context, app live.AppID, id string) (Story, error)

	// Replay puts one event back into its lane, behind what waits there, with a new retry window and the same id: a
	// dead letter is moved, a delivered event copied from the log. [ErrUnknownEvent], [ErrStillWaiting].
	Replay(ctx context.Context, app live.AppID, id string) error
	// ReplayDead moves dead letters that the filter picks back into their lanes, in the order of their commits, or of the
	// replay for one that died again after it, up to limit at once. It returns how many it moved; 0 when there are no more.
	ReplayDead(ctx context.Context, f Filter, limit int) (moved int, err error)
	// ReplayDelivered copies delivered events that the filter picks back into their lanes in the order in which each was
	// first delivered, each once however often it was delivered; up to limit events from after on. What several nodes
	// delivered at the same time comes in the order of the log, in which each lane's events are in order. Events that were
	// delivered after the first call of a series are not in it: the cursor keeps the end.
	ReplayDelivered(ctx context.Context, f Filter, after Cursor, limit int) (copied int, next Cursor, err error)
	// PurgeWaiting and PurgeDead remove events for good, up to limit at once, and return how many; 0 when there are no more.
	// An event in flight may still arrive. One that another node has delivered a moment ago may count as removed.
	PurgeWaiting(ctx context.Context, f Filter, limit int) (removed int, err error)
	PurgeDead(ctx context.Context, f Filter, limit int) (removed int, err error)

	// Pause stops sending to app's server, Resume goes on. Both are durable when they return, and are announced like a
	// change of the app's configuration. Pausing again changes the reason; resuming what is not paused changes nothing.
	Pause(ctx context.Context, app live.AppID, reason string) error
	Resume(ctx context.Context, app live.AppID) error

	// Backlog returns what waits and what is dead of app, on all nodes. It costs no read of the database. With several nodes
	// the figures are of a moment ago: they are counted in the background.
	Backlog(app live.AppID) Backlog
}

// Backlog counts an app's undelivered events.
type Backlog struct {
	Known   bool      // false for a moment after start, until they are counted
	Waiting int       // in the outbox, in flight or not
	Oldest  time.Time // when the oldest of them was committed, to the second; zero when none waits
	Dead    int       // dead letters
}

// What [Records] refuses.
var (
	ErrUnknownEvent = errors.New("no such event: it was never made, or it was delivered so long ago that the log has forgotten it")
	ErrStillWaiting = errors.New("the event is still waiting to be delivered")
	ErrBadCursor    = errors.New("the cursor is not one that this list has given out")
)
