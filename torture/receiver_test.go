package torture

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/greenroom-live/greenroom/webhook"
)

const token = "Vb3kTq9ZsX"

// receiver is an app server that often does not take what it gets, and remembers everything.
type receiver struct {
	t      *testing.T
	server *httptest.Server

	mu       sync.Mutex
	events   map[string]*event // by webhook-id
	last     map[string]*event // of each room, the latest that was new
	taken    map[step]int      // events of that step, each id once
	repeated int               // arrivals of what had been taken already
	refused  int
	change   chan struct{}
}

// event is one webhook, through all its attempts.
type event struct {
	step
	id    string
	body  []byte
	taken bool
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{
		t: t, events: make(map[string]*event), last: make(map[string]*event), taken: make(map[step]int),
		change: make(chan struct{}),
	}
	r.server = httptest.NewServer(r)
	t.Cleanup(r.server.Close)
	return r
}

func (r *receiver) url() string { return r.server.URL }

// ServeHTTP takes most webhooks and misbehaves to the others.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // the process was killed while it sent
	}
	r.checkSignatures(req, body)
	takes, answer := behaviour()
	if e := r.arrived(req.Header.Get(webhook.HeaderID), body); e == nil {
		takes, answer = false, refuse(http.StatusInternalServerError)
	} else if takes {
		r.take(e)
	} else {
		r.mu.Lock()
		r.refused++
		r.mu.Unlock()
	}
	answer(w, req)
}

const ok = `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}`

// refusals are ways not to take an event. The last is dear, as the process waits for its time-out, and so it is rare.
var refusals = []http.HandlerFunc{
	refuse(http.StatusInternalServerError), refuse(http.StatusBadGateway), refuse(http.StatusNotFound), refuse(http.StatusCreated),
	redirect, busy(http.StatusServiceUnavailable), busy(http.StatusTooManyRequests), write("thank you"), write(""), write(ok[:20]),
	breakOff, half, halfHeader, slowly,
}

// behaviour chooses how a request is answered, and tells whether that takes the event.
func behaviour() (takes bool, answer http.HandlerFunc) {
	switch n := rand.IntN(1000); {
	case n < 1:
		return false, refusals[len(refusals)-1]
	case n < 90:
		return false, refusals[rand.IntN(len(refusals)-1)]
	case n < 100:
		return true, late
	}
	return true, write(ok)
}

func write(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

func refuse(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
}

func redirect(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Location", "/elsewhere")
	w.WriteHeader(http.StatusFound)
}

// busy asks for more patience than the configuration grants.
func busy(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(status)
	}
}

// late takes its time, but not too much of it.
func late(w http.ResponseWriter, r *http.Request) {
	<-time.After(time.Duration(rand.IntN(100)) * time.Millisecond)
	write(ok)(w, r)
}

// slowly answers a byte now and then until nobody listens any more.
func slowly(w http.ResponseWriter, r *http.Request) {
	for _, b := range []byte(ok) {
		_, _ = w.Write([]byte{b})
		_ = http.NewResponseController(w).Flush()
		select {
		case <-time.After(100 * time.Millisecond):
		case <-r.Context().Done():
			return
		}
	}
}

// breakOff closes the connection in place of an answer, half and halfHeader within one.
func breakOff(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func half(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", strconv.Itoa(len(ok)))
	_, _ = io.WriteString(w, ok[:len(ok)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func halfHeader(w http.ResponseWriter, _ *http.Request) {
	if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Le")
		_ = c.Close()
	}
}

// checkSignatures demands what every request must carry.
func (r *receiver) checkSignatures(req *http.Request, body []byte) {
	query := req.URL.Query()
	at, err := strconv.ParseInt(query.Get("RequestTime"), 10, 64)
	assert.NoError(r.t, err)
	assert.Equal(r.t, webhook.Sign(token, at), query.Get("Sign"))
	assert.Equal(r.t, strconv.Itoa(app), query.Get("SdkAppid"))
	id := req.Header.Get(webhook.HeaderID)
	at, err = strconv.ParseInt(req.Header.Get(webhook.HeaderTimestamp), 10, 64)
	assert.NoError(r.t, err)
	assert.Equal(r.t, webhook.SecretFromKey(key).Signature(id, at, body), req.Header.Get(webhook.HeaderSignature))
}

// arrived notes an attempt; nil for one that should not have been made.
func (r *receiver) arrived(id string, body []byte) *event {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.events[id]; e != nil {
		if e.taken {
			r.repeated++
		}
		assert.True(r.t, bytes.Equal(e.body, body), "one id, two bodies: %s and %s", e.body, body)
		return e
	}
	s, ok := stepOf(body)
	if !assert.True(r.t, ok, "not asked for: %s", body) {
		return nil
	}
	if last := r.last[s.room]; last != nil {
		assert.True(r.t, last.taken, "%v before %v was taken", s, last.step)
		assert.False(r.t, last.after(s), "%v after %v", s, last.step)
	}
	e := &event{step: s, id: id, body: body}
	r.events[id], r.last[s.room] = e, e
	return e
}

// stepOf reads which step a webhook tells of.
func stepOf(body []byte) (s step, ok bool) {
	decoded, err := webhook.Decode(body)
	if err != nil {
		return s, false
	}
	var key string
	switch e := decoded.(type) {
	case webhook.AfterSetMetadata:
		s.room, key = e.RoomID, e.Metadata[0].Key
	case webhook.AfterDelMetadata:
		s.room, key, s.deletes = e.RoomID, strings.Join(e.Keys, ","), true
	}
	n, err := strconv.Atoi(strings.TrimPrefix(key, "k"))
	s.n = n
	return s, err == nil
}

func (r *receiver) take(e *event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.taken {
		return
	}
	e.taken = true
	r.taken[e.step]++
	close(r.change)
	r.change = make(chan struct{})
}

// until waits for done to hold, which is asked again with everything that is taken.
func (r *receiver) until(done func() bool, limit time.Duration) bool {
	expired := time.After(limit)
	for {
		r.mu.Lock()
		change := r.change
		r.mu.Unlock()
		if done() {
			return true
		}
		select {
		case <-change:
		case <-expired:
			return false
		}
	}
}

// hasTaken waits until n events were taken.
func (r *receiver) hasTaken(n int) {
	assert.True(r.t, r.until(func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return len(r.events) >= n
	}, *settle), "fewer than %d webhooks in %s", n, *settle)
}

// wait waits until everything that is known to have happened was taken.
func (r *receiver) wait(w *writers, limit time.Duration) bool {
	return r.until(func() bool { return r.missing(w) == 0 }, limit)
}

func (r *receiver) missing(w *writers) (missing int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w.each(func(s step, j journal) {
		if j.happened && r.taken[s] == 0 {
			missing++
		}
	})
	return missing
}

// check holds what arrived against what was asked for: a set was told of as often as it may have happened, a deletion
// once at most, and nothing else was told of. Order was checked on arrival.
func (r *receiver) check(w *writers) {
	r.mu.Lock()
	defer r.mu.Unlock()
	asked := make(map[step]int)
	w.each(func(s step, j journal) {
		asked[s] = j.asked
		if s.deletes {
			asked[s] = 1
		}
	})
	for s, n := range r.taken {
		assert.LessOrEqual(r.t, n, asked[s], "%v was told of more often than it can have happened", s)
	}
}

func (r *receiver) repeats() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.repeated
}

func (r *receiver) summary(w *writers) string {
	answered := 0
	w.each(func(_ step, j journal) {
		if j.happened {
			answered++
		}
	})
	missing := r.missing(w)
	r.mu.Lock()
	defer r.mu.Unlock()
	return fmt.Sprintf("%d changes answered, %d webhooks, %d missing, %d attempts refused by the app server, %d arrived again",
		answered, len(r.events), missing, r.refused, r.repeated)
}
