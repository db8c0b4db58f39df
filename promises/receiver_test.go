package promises

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/testkit"
	"github.com/greenroom-live/greenroom/webhook"
)

// arrival is one request that carried a webhook: the n-th change of a room.
type arrival struct {
	room    string
	n       int
	id      string
	attempt int // 1 for the first request with this id
	at      time.Time
	request *http.Request // its body is read
	body    []byte
}

// receiver is an app server that behaves as its test says, and remembers everything.
type receiver struct {
	*httptest.Server
	t *testing.T

	mu          sync.Mutex
	refuse      func(arrival) http.HandlerFunc // nil, or answering nil, takes the event
	arrivals    []arrival
	attempts    map[string]int // by id
	taken       map[string]arrival
	order       []arrival // as they were taken first
	repeated    int       // arrivals of what had been taken
	refused     int
	connections int
	change      chan struct{} // closed and made anew with every arrival
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{t: t, attempts: make(map[string]int), taken: make(map[string]arrival), change: make(chan struct{})}
	r.Server = httptest.NewUnstartedServer(r)
	r.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.connections++
		}
	}
	r.Start()
	t.Cleanup(r.Close)
	return r
}

// refuses makes the receiver answer with what f returns from now on; where that is nil, it takes the event as the contract
// asks.
func (r *receiver) refuses(f func(arrival) http.HandlerFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refuse = f
}

// takes makes the receiver take everything from now on.
func (r *receiver) takes() { r.refuses(nil) }

// ServeHTTP implements http.Handler.
func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return // the process was killed while it sent
	}
	if answer := r.arrived(request, body); answer != nil {
		answer(w, request)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, testkit.Success)
}

// arrived notes a request and decides how it is answered; nil is the answer that takes the event.
func (r *receiver) arrived(request *http.Request, body []byte) http.HandlerFunc {
	r.mu.Lock()
	defer r.mu.Unlock()
	a := arrival{id: request.Header.Get(webhook.HeaderID), at: time.Now(), request: request, body: body}
	a.room, a.n = change(body)
	r.attempts[a.id]++
	a.attempt = r.attempts[a.id]
	r.arrivals = append(r.arrivals, a)
	close(r.change)
	r.change = make(chan struct{})
	_, again := r.taken[a.id]
	if again {
		r.repeated++
	}
	if r.refuse != nil {
		if answer := r.refuse(a); answer != nil {
			r.refused++
			return answer
		}
	}
	if !again {
		r.taken[a.id] = a
		r.order = append(r.order, a)
	}
	return nil
}

// change reads which change a webhook tells of. The first of a room, its creation, is 0.
func change(body []byte) (room string, n int) {
	event, err := webhook.Decode(body)
	if err != nil {
		return "", -1
	}
	switch e := event.(type) {
	case webhook.AfterCreateRoom:
		return e.RoomInfo.RoomID, 0
	case webhook.AfterSetMetadata:
		n, _ = strconv.Atoi(e.Metadata[0].Value)
		return e.RoomID, n
	}
	return "", -1
}

// count is what a receiver has seen so far.
type count struct{ arrived, taken, repeated, refused, connections int }

func (r *receiver) count() count {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counted()
}

func (r *receiver) counted() count {
	return count{len(r.arrivals), len(r.order), r.repeated, r.refused, r.connections}
}

// until waits until done holds of what has arrived.
func (r *receiver) until(what string, done func(count) bool) {
	r.t.Helper()
	timeout := time.After(patience)
	for {
		r.mu.Lock()
		seen, change := r.counted(), r.change
		r.mu.Unlock()
		if done(seen) {
			return
		}
		select {
		case <-change:
		case <-timeout:
			require.FailNowf(r.t, "the app server has not got what it must", "%s within %s: %+v", what, patience, seen)
		}
	}
}

// hasTaken waits until the receiver has taken n different events.
func (r *receiver) hasTaken(n int) {
	r.t.Helper()
	r.until(strconv.Itoa(n)+" events taken", func(c count) bool { return c.taken >= n })
}

// hasRefused waits until the receiver has refused n attempts.
func (r *receiver) hasRefused(n int) {
	r.t.Helper()
	r.until(strconv.Itoa(n)+" attempts refused", func(c count) bool { return c.refused >= n })
}

// of returns the changes of a room in the order in which they were taken.
func (r *receiver) of(room string) (changes []int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range r.order {
		if a.room == room {
			changes = append(changes, a.n)
		}
	}
	return changes
}

// requests returns the arrivals of a room.
func (r *receiver) requests(room string) (arrivals []arrival) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range r.arrivals {
		if a.room == room {
			arrivals = append(arrivals, a)
		}
	}
	return arrivals
}

// status answers with a status and an answer that would take the event if the status were 200.
func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		if code >= http.StatusOK && code != http.StatusNoContent && code != http.StatusNotModified {
			_, _ = io.WriteString(w, testkit.Success)
		}
	}
}

// text answers 200 with that body.
func text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}

// refuseAll answers every request so.
func refuseAll(answer http.HandlerFunc) func(arrival) http.HandlerFunc {
	return func(arrival) http.HandlerFunc { return answer }
}

// upTo counts from first to last.
func upTo(first, last int) (all []int) {
	for n := first; n <= last; n++ {
		all = append(all, n)
	}
	return all
}
