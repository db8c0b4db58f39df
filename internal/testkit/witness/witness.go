// Package witness holds what an app server is told against what was asked for, whoever carried it out and whatever failed
// meanwhile.
//
// A [Witness] is an app server that remembers everything, and it is told of every change before it is asked for and after
// it was answered: each writes a metadata value that no other writes. So it knows of every webhook which call it comes
// from, and of every call whether it was told of. It demands:
//
//   - nothing lost: each change that was answered with success is told of;
//   - nothing invented: each webhook tells of a change that was asked for, and each change has one webhook;
//   - nothing reordered: a change that was answered before another was asked for has been committed before it, and is told
//     of before it; and the last value that is told of is the one that the room has in the end;
//   - one at a time: the next event of a room is not sent before the one before it was taken.
//
// A call that failed may have happened, at any time after it was asked for.
package witness

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/testkit"
	"github.com/greenroom-live/greenroom/webhook"
)

// Attempt is one request that carries a webhook.
type Attempt struct {
	Event   webhook.Event
	Room    string // of a change; empty for other webhooks
	Number  int    // 1 for the first request with this id
	Request *http.Request
}

// Behaviour decides how a request is answered. An answer of nil is what the contract asks for; takes says whether the event
// counts as taken.
type Behaviour func(Attempt) (takes bool, answer http.HandlerFunc)

// Witness is an app server and what it knows.
type Witness struct {
	URL string

	t         testing.TB
	mu        sync.Mutex
	clock     int64 // counts the moments that have an order
	marks     int
	changes   map[string]*change // by the value that they write
	rooms     map[string]*room
	events    map[string]*event // by webhook-id
	others    []webhook.Event   // that tell of no change, as they were taken first
	repeated  map[string]int    // arrivals of what had been taken, by room; "" for other webhooks
	refused   int
	behaviour Behaviour
	news      chan struct{} // closed and made anew with everything that is told
}

// change is one call.
type change struct {
	room           string
	made, answered int64 // moments; answered is 0 while it is not known that it happened
	event          *event
	excused        bool // nobody need be told of it
}

// event is one webhook through all its attempts.
type event struct {
	id       string
	body     []byte
	taken    bool
	attempts int
}

// room is what is known of a room's webhooks.
type room struct {
	last   *event            // the latest that was new
	latest int64             // the latest moment at which a change was made that has been told of
	order  []string          // the changes told of
	state  map[string]string // what the changes told of have written, by key
}

// New starts a witness, which ends with the test.
func New(t testing.TB) *Witness {
	t.Helper()
	w := &Witness{
		t: t, changes: make(map[string]*change), rooms: make(map[string]*room), events: make(map[string]*event),
		repeated: make(map[string]int), news: make(chan struct{}),
	}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	w.URL = server.URL
	return w
}

// Behave makes the witness answer as b says from now on; nil takes everything.
func (w *Witness) Behave(b Behaviour) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.behaviour = b
}

// Refuse makes the witness take nothing from now on, and answer with that status.
func (w *Witness) Refuse(status int) {
	w.Behave(func(Attempt) (bool, http.HandlerFunc) {
		return false, func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(status) }
	})
}

// Change makes one change by set, which must write value, and nothing else, to that key of the room.
func (w *Witness) Change(roomID, key string, set func(value string) error) error {
	w.mu.Lock()
	w.marks++
	value := fmt.Sprint(roomID, "/", w.marks)
	c := &change{room: roomID, made: w.tick()}
	w.changes[value] = c
	w.mu.Unlock()
	err := set(value)
	if err == nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		c.answered = w.tick()
	}
	return err
}

// tick returns the next moment. The caller holds mu.
func (w *Witness) tick() int64 {
	w.clock++
	return w.clock
}

// ServeHTTP implements http.Handler.
func (w *Witness) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // who sent it was killed meanwhile
	}
	if answer := w.arrived(r, body); answer != nil {
		answer(rw, r)
		return
	}
	rw.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(rw, testkit.Success)
}

// arrived notes a request and decides how it is answered.
func (w *Witness) arrived(r *http.Request, body []byte) http.HandlerFunc {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer w.tell()
	decoded, err := webhook.Decode(body)
	if err != nil {
		w.t.Errorf("not a webhook: %v: %s", err, body)
		return nil
	}
	set, isChange := decoded.(webhook.AfterSetMetadata)
	a := Attempt{Event: decoded, Request: r}
	if isChange {
		a.Room = set.RoomID
	}
	e := w.events[r.Header.Get(webhook.HeaderID)]
	if e == nil {
		e = &event{id: r.Header.Get(webhook.HeaderID), body: body}
		w.events[e.id] = e
		if isChange {
			w.first(set, e)
		}
	} else if !bytes.Equal(e.body, body) {
		w.t.Errorf("one id, two bodies: %s and %s", e.body, body)
	}
	e.attempts++
	a.Number = e.attempts
	if e.taken {
		w.repeated[a.Room]++
	}
	return w.answer(a, e, isChange)
}

// answer takes an event, or does not.
func (w *Witness) answer(a Attempt, e *event, isChange bool) http.HandlerFunc {
	takes, answer := true, http.HandlerFunc(nil)
	if w.behaviour != nil {
		takes, answer = w.behaviour(a)
	}
	if !takes {
		w.refused++
		return answer
	}
	if !e.taken && !isChange {
		w.others = append(w.others, a.Event)
	}
	e.taken = true
	return answer
}

// first notes a change that had not been told of, and judges whether it may be told of now.
func (w *Witness) first(set webhook.AfterSetMetadata, e *event) {
	if len(set.Metadata) != 1 {
		w.t.Errorf("nobody wrote several values at once: %s", e.body)
		return
	}
	pair := set.Metadata[0]
	c := w.changes[pair.Value]
	if c == nil {
		w.t.Errorf("nobody asked for this change: %s", e.body)
		return
	}
	if c.event != nil {
		w.t.Errorf("one change, two webhooks: %s and %s: %s", c.event.id, e.id, e.body)
		return
	}
	c.event = e
	at := w.rooms[set.RoomID]
	if at == nil {
		at = &room{state: make(map[string]string)}
		w.rooms[set.RoomID] = at
	}
	if at.last != nil && !at.last.taken {
		w.t.Errorf("sent before the one before it was taken: %s after %s", e.body, at.last.body)
	}
	if c.answered != 0 && c.answered < at.latest {
		w.t.Errorf("out of order: %s was answered before a change was made that was told of earlier, after %q", e.body, at.order)
	}
	at.last, at.latest = e, max(at.latest, c.made)
	at.state[pair.Key] = pair.Value
	at.order = append(at.order, pair.Value)
}

// tell wakes those who wait. The caller holds mu.
func (w *Witness) tell() {
	close(w.news)
	w.news = make(chan struct{})
}

// Until waits until done holds, which is asked again with everything that is told, for the limit at most.
func (w *Witness) Until(limit time.Duration, what string, done func() bool) {
	w.t.Helper()
	expired := time.After(limit)
	for {
		w.mu.Lock()
		news := w.news
		w.mu.Unlock()
		if done() {
			return
		}
		select {
		case <-news:
		case <-expired:
			require.FailNowf(w.t, "the app server was not told what it must be", "%s, within %s; %s", what, limit, w.Summary())
		}
	}
}

// Settled waits until every change that was answered with success has been taken.
func (w *Witness) Settled(limit time.Duration) {
	w.t.Helper()
	w.Until(limit, "every change that was answered", func() bool { return len(w.missing()) == 0 })
}

// missing returns the changes that were answered with success and have not been taken.
func (w *Witness) missing() (values []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for value, c := range w.changes {
		if c.answered != 0 && !c.excused && (c.event == nil || !c.event.taken) {
			values = append(values, value)
		}
	}
	return values
}

// Excuse lets those changes of a room that have not been taken go without a webhook: somebody has removed those.
func (w *Witness) Excuse(roomID string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.changes {
		if c.room == roomID && (c.event == nil || !c.event.taken) {
			c.excused = true
		}
	}
	if at := w.rooms[roomID]; at != nil {
		at.last = nil
	}
}

// Order returns the values of a room in the order in which they were told of.
func (w *Witness) Order(roomID string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if at := w.rooms[roomID]; at != nil {
		return append([]string(nil), at.order...)
	}
	return nil
}

// State returns what a room's metadata must be by what was told of it.
func (w *Witness) State(roomID string) map[string]string {
	w.mu.Lock()
	defer w.mu.Unlock()
	state := make(map[string]string)
	if at := w.rooms[roomID]; at != nil {
		for key, value := range at.state {
			state[key] = value
		}
	}
	return state
}

// Taken returns how many changes have been taken.
func (w *Witness) Taken() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.changes {
		if c.event != nil && c.event.taken {
			n++
		}
	}
	return n
}

// Fates returns the ids of all webhooks that came, and whether they were taken.
func (w *Witness) Fates() map[string]bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	taken := make(map[string]bool)
	for id, e := range w.events {
		taken[id] = e.taken
	}
	return taken
}

// Refused returns how many requests were not taken.
func (w *Witness) Refused() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.refused
}

// Repeated returns how many requests have carried, to each room, what had been taken already.
func (w *Witness) Repeated() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	repeated := make(map[string]int)
	for roomID, n := range w.repeated {
		repeated[roomID] = n
	}
	return repeated
}

// Others returns the webhooks that tell of no change, each once, as they were taken first.
func (w *Witness) Others() []webhook.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]webhook.Event(nil), w.others...)
}

// Summary says in words what happened.
func (w *Witness) Summary() string {
	missing := w.missing()
	w.mu.Lock()
	defer w.mu.Unlock()
	answered, repeated := 0, 0
	for _, c := range w.changes {
		if c.answered != 0 {
			answered++
		}
	}
	for _, n := range w.repeated {
		repeated += n
	}
	return fmt.Sprintf("%d changes asked for, %d answered, %d webhooks, %d missing (%q), %d attempts refused, %d arrived again",
		len(w.changes), answered, len(w.events), len(missing), missing[:min(5, len(missing))], w.refused, repeated)
}
