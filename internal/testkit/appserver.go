// Package testkit is what tests share: an app server that records what it is sent, and readers of that record.
package testkit

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
)

// Success is the answer that the contract asks of an app server.
const Success = `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}`

// patience is how long a test waits for what must happen.
const patience = 40 * time.Second

// Request is one webhook as it arrived.
type Request struct {
	Method string
	Path   string
	Query  string // as sent
	Header http.Header
	Body   []byte
	At     time.Time
}

// ID returns the request's webhook-id.
func (r Request) ID() string { return r.Header.Get("webhook-id") }

// Param returns a parameter of the query.
func (r Request) Param(name string) string {
	values, _ := url.ParseQuery(r.Query)
	return values.Get(name)
}

// Field returns a member of the body as it decodes.
func (r Request) Field(t testing.TB, name string) any {
	t.Helper()
	var body map[string]any
	require.NoError(t, json.Unmarshal(r.Body, &body))
	return body[name]
}

// AppServer is a real HTTP server that records webhooks. By default it answers as the contract asks.
type AppServer struct {
	*httptest.Server
	t       testing.TB
	mu      sync.Mutex
	answer  http.HandlerFunc
	got     []Request
	arrived chan struct{} // closed and made anew with every request
}

// NewAppServer starts an app server for the length of the test.
func NewAppServer(t testing.TB) *AppServer {
	s := &AppServer{t: t, arrived: make(chan struct{})}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Server.Close)
	return s
}

// Answer makes the server answer with f from now on; nil is the default answer again.
func (s *AppServer) Answer(f http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = f
}

// AnswerStatus makes the server answer with that status and the default body.
func (s *AppServer) AnswerStatus(status int) {
	s.Answer(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, Success)
	})
}

// ServeHTTP records the request and answers it.
func (s *AppServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.got = append(s.got, Request{r.Method, r.URL.Path, r.URL.RawQuery, r.Header.Clone(), body, time.Now()})
	close(s.arrived)
	s.arrived = make(chan struct{})
	answer := s.answer
	s.mu.Unlock()
	if answer != nil {
		r.Body = io.NopCloser(bytes.NewReader(body)) // for answers that depend on it
		answer(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, Success)
}

// Requests returns what has arrived so far, in order.
func (s *AppServer) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.got...)
}

// Wait waits until n requests have arrived and returns all that have.
func (s *AppServer) Wait(n int) []Request {
	s.t.Helper()
	timeout := time.After(patience)
	for {
		s.mu.Lock()
		got, arrived := len(s.got), s.arrived
		s.mu.Unlock()
		if got >= n {
			return s.Requests()
		}
		select {
		case <-arrived:
		case <-timeout:
			require.FailNowf(s.t, "webhooks are missing", "%d of %d arrived within %s", got, n, patience)
		}
	}
}
