package rig

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"
)

// ReceiverCommand is the argument that makes the program of a run a receiver: its main has to call [ServeReceiver] then.
const ReceiverCommand = "receiver"

// Counts is what a receiver has seen since its last reset. Times are Unix nanoseconds.
type Counts struct {
	Accepted   int   `json:"accepted"`     // webhooks answered with 200
	Distinct   int   `json:"distinct"`     // different ones among them
	OutOfOrder int   `json:"out_of_order"` // those that came behind a later one of their room; known at /marked only
	Refused    int64 `json:"refused"`      // webhooks answered with anything else
	First      int64 `json:"first"`        // when the first was accepted
	Last       int64 `json:"last"`
}

// FirstAt is when the first webhook was accepted.
func (c Counts) FirstAt() time.Time { return time.Unix(0, c.First) }

// LastAt is when the last webhook was accepted.
func (c Counts) LastAt() time.Time { return time.Unix(0, c.Last) }

// Rate is the webhooks per second from the first to the last; 0 when there were not two.
func (c Counts) Rate() float64 {
	took := c.LastAt().Sub(c.FirstAt()).Seconds()
	if took <= 0 {
		return 0
	}
	return float64(c.Accepted) / took
}

// Missing is how many did not come, when expected were to come.
func (c Counts) Missing(expected int) int { return max(0, expected-c.Distinct) }

// Surplus is how many came that should not have, when expected were to come once each: repeated, unknown, or without an id.
func (c Counts) Surplus(expected int) int {
	return c.Accepted - c.Distinct + max(0, c.Distinct-expected)
}

// receiver is an app server that does nothing: it reads a webhook, counts it and says OK. It is as cheap as net/http allows.
// At /hook it tells webhooks apart by their webhook-id; at /marked by their marks, from which it also sees their order.
type receiver struct {
	status  atomic.Int64
	delay   atomic.Int64 // nanoseconds before each answer
	refused atomic.Int64

	mu     sync.Mutex
	counts Counts
	ids    map[string]struct{}
	marks  *Ledger
}

func newReceiver() http.Handler {
	rc := &receiver{ids: make(map[string]struct{}), marks: NewLedger()}
	rc.status.Store(http.StatusOK)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /hook", rc.hook)
	mux.HandleFunc("POST /marked", rc.marked)
	mux.HandleFunc("GET /count", rc.count)
	mux.HandleFunc("POST /reset", rc.reset)
	mux.HandleFunc("POST /mode", rc.mode)
	return mux
}

func (rc *receiver) hook(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return // the sender has gone
	}
	if !rc.takes(w, r) {
		return
	}
	rc.accepted(r.Header.Get("Webhook-Id"), time.Now())
	Accept(w)
}

func (rc *receiver) marked(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if !rc.takes(w, r) {
		return
	}
	mark, found := FindMark(body)
	rc.acceptedMark(mark, found, time.Now())
	Accept(w)
}

// takes tells whether webhooks are accepted now; if not, it has refused this one. A sender who goes during the delay is not
// answered.
func (rc *receiver) takes(w http.ResponseWriter, r *http.Request) bool {
	if delay := time.Duration(rc.delay.Load()); delay > 0 && Pause(r.Context(), delay) != nil {
		return false
	}
	status := int(rc.status.Load())
	if status == http.StatusOK {
		return true
	}
	rc.refused.Add(1)
	w.WriteHeader(status)
	return false
}

func (rc *receiver) accepted(id string, now time.Time) {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	rc.arrived(now)
	if id != "" {
		rc.ids[id] = struct{}{}
	}
}

func (rc *receiver) acceptedMark(m Mark, found bool, now time.Time) {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	rc.arrived(now)
	if !found {
		return
	}
	if _, late := rc.marks.Add(m); late {
		rc.counts.OutOfOrder++
	}
}

// arrived counts a webhook. The caller holds mu.
func (rc *receiver) arrived(now time.Time) {
	rc.counts.Accepted++
	rc.counts.Last = now.UnixNano()
	if rc.counts.First == 0 {
		rc.counts.First = rc.counts.Last
	}
}

// Accept says OK in the way that a webhook wants to hear it (doc 64412).
func Accept(w http.ResponseWriter) {
	w.Header()["Content-Type"] = []string{"application/json"}
	_, _ = io.WriteString(w, `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}`)
}

func (rc *receiver) count(w http.ResponseWriter, _ *http.Request) {
	rc.mu.Lock()
	now := rc.counts
	now.Distinct = len(rc.ids) + rc.marks.Len()
	rc.mu.Unlock()
	now.Refused = rc.refused.Load()
	_ = json.MarshalWrite(w, now)
}

// reset forgets all counts and answers 200 at once again.
func (rc *receiver) reset(http.ResponseWriter, *http.Request) {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	rc.counts = Counts{}
	rc.ids, rc.marks = make(map[string]struct{}), NewLedger()
	rc.refused.Store(0)
	rc.status.Store(http.StatusOK)
	rc.delay.Store(0)
}

// mode makes the receiver answer webhooks in another way: POST /mode?status=503&delay=1s.
func (rc *receiver) mode(w http.ResponseWriter, r *http.Request) {
	status, err := strconv.Atoi(r.FormValue("status"))
	if err != nil || status < 200 || status > 599 {
		http.Error(w, "status has to be 200 to 599", http.StatusBadRequest)
		return
	}
	delay, err := time.ParseDuration(r.FormValue("delay"))
	if err != nil || delay < 0 {
		http.Error(w, "delay has to be a time", http.StatusBadRequest)
		return
	}
	rc.status.Store(int64(status))
	rc.delay.Store(int64(delay))
}

// ServeReceiver is the receiver's process. It writes its URL to out and lives until in ends, so that it cannot outlive the
// process that started it.
func ServeReceiver(in io.Reader, out io.Writer) error {
	signal.Ignore(os.Interrupt) // Ctrl-C goes to the whole group; the parent decides when this process ends
	srv, base, err := Listen(newReceiver())
	if err != nil {
		return err
	}
	defer srv.Close()
	if _, err := fmt.Fprintln(out, base); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, in)
	return err
}

// Listen serves h on a free loopback port until the server is closed.
func Listen(h http.Handler) (*http.Server, *url.URL, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = srv.Serve(l) }()
	return srv, &url.URL{Scheme: "http", Host: l.Addr().String(), Path: "/"}, nil
}
