package main

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

// receiverCommand is the argument that makes this program a receiver.
const receiverCommand = "receiver"

// counts is what a receiver has seen since its last reset. Times are Unix nanoseconds.
type counts struct {
	Accepted int   `json:"accepted"` // webhooks answered with 200
	Distinct int   `json:"distinct"` // different webhook-ids among them
	Refused  int64 `json:"refused"`  // webhooks answered with anything else
	First    int64 `json:"first"`    // when the first was accepted
	Last     int64 `json:"last"`
}

func (c counts) first() time.Time { return time.Unix(0, c.First) }
func (c counts) last() time.Time  { return time.Unix(0, c.Last) }

// missing is how many did not come, when expected were to come.
func (c counts) missing(expected int) int { return max(0, expected-c.Distinct) }

// surplus is how many came that should not have, when expected were to come once each: repeated, unknown, or without an id.
func (c counts) surplus(expected int) int {
	return c.Accepted - c.Distinct + max(0, c.Distinct-expected)
}

// receiver is an app server that does nothing: it reads a webhook, counts it and says OK. It is as cheap as net/http allows.
type receiver struct {
	status  atomic.Int64
	refused atomic.Int64

	mu     sync.Mutex
	counts counts
	ids    map[string]struct{}
}

func newReceiver() http.Handler {
	rc := &receiver{ids: make(map[string]struct{})}
	rc.status.Store(http.StatusOK)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /hook", rc.hook)
	mux.HandleFunc("GET /count", rc.count)
	mux.HandleFunc("POST /reset", rc.reset)
	mux.HandleFunc("POST /mode", rc.mode)
	return mux
}

func (rc *receiver) hook(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return // the sender has gone
	}
	if status := int(rc.status.Load()); status != http.StatusOK {
		rc.refused.Add(1)
		w.WriteHeader(status)
		return
	}
	rc.accepted(r.Header.Get("Webhook-Id"), time.Now())
	accept(w)
}

func (rc *receiver) accepted(id string, at time.Time) {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	rc.counts.Accepted++
	rc.counts.Last = at.UnixNano()
	if rc.counts.First == 0 {
		rc.counts.First = rc.counts.Last
	}
	if id != "" {
		rc.ids[id] = struct{}{}
	}
}

// accept says OK in the way that a webhook wants to hear it (doc 64412).
func accept(w http.ResponseWriter) {
	w.Header()["Content-Type"] = []string{"application/json"}
	_, _ = io.WriteString(w, `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}`)
}

func (rc *receiver) count(w http.ResponseWriter, _ *http.Request) {
	rc.mu.Lock()
	now := rc.counts
	now.Distinct = len(rc.ids)
	rc.mu.Unlock()
	now.Refused = rc.refused.Load()
	_ = json.MarshalWrite(w, now)
}

// reset forgets all counts and answers 200 again.
func (rc *receiver) reset(http.ResponseWriter, *http.Request) {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	rc.counts = counts{}
	clear(rc.ids)
	rc.refused.Store(0)
	rc.status.Store(http.StatusOK)
}

// mode makes the receiver answer webhooks with another status: POST /mode?status=503.
func (rc *receiver) mode(w http.ResponseWriter, r *http.Request) {
	status, err := strconv.Atoi(r.FormValue("status"))
	if err != nil || status < 200 || status > 599 {
		http.Error(w, "status has to be 200 to 599", http.StatusBadRequest)
		return
	}
	rc.status.Store(int64(status))
}

// serveReceiver is the receiver's process. It writes its URL to out and lives until in ends, so that it cannot outlive the
// process that started it.
func serveReceiver(in io.Reader, out io.Writer) error {
	signal.Ignore(os.Interrupt) // Ctrl-C goes to the whole group; the parent decides when this process ends
	srv, base, err := listen(newReceiver())
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

// listen serves h on a free loopback port.
func listen(h http.Handler) (*http.Server, *url.URL, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = srv.Serve(l) }()
	return srv, &url.URL{Scheme: "http", Host: l.Addr().String(), Path: "/"}, nil
}
