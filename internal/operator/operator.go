// Package operator is the door for those who run the server: what became of the webhooks, and what may be done about it.
//
// It is plain HTTP under [Prefix]: JSON in and out, names in snake_case and case-sensitive, times as RFC 3339 in UTC with
// milliseconds, errors as an [Error] under "error" with a fitting HTTP status. A call is judged in this order: the caller's
// network, the token, the path and the method, the query and the body. The types of the answers are this package's, and
// [Client] makes the calls.
//
// The API fails closed: a caller whose address cannot be told is refused.
package operator

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/greenroom-live/greenroom/internal/clientip"
	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
)

// Prefix is the path under which everything of operators lies; the API itself is under v1/ in it.
const Prefix = "/admin/"

const (
	// maxBody is the largest body of a call, in bytes.
	maxBody = 64 << 10
	// longest is the most time that a call works before it answers with what it has done so far.
	longest = 5 * time.Second
)

// Store is what the API reads and changes.
type Store interface {
	delivery.Records
	Endpoint(ctx context.Context, app live.AppID) (delivery.Endpoint, error)
}

// Options says what the API works with.
type Options struct {
	Apps     []live.AppID // that are configured
	Store    Store
	Delivery Delivery
	// Node is what this process is called among those that serve together, NodeID which of them it is now, and Nodes lists
	// them, the oldest first.
	Node     string
	NodeID   func() live.NodeID
	Nodes    func(context.Context) ([]live.NodeStatus, error)
	Token    string
	Networks []netip.Prefix // whose calls are answered; everything is 404 when there are none
	ClientIP clientip.Resolver
	// WriteTimeout is what the HTTP server allows for an answer; a call that changes many events ends at half of it, or
	// after 5 s. 15 s when 0.
	WriteTimeout time.Duration
	Page         int        // events that are changed at a time; 500 when 0
	Now          live.Clock // time.Now when nil
	Log          *slog.Logger
}

// API is the http.Handler of everything under [Prefix].
type API struct {
	opts       Options
	configured map[live.AppID]bool
	budget     time.Duration // of a call that changes many events
	token      [32]byte
	warned     atomic.Int64 // Unix nanoseconds of the last warning of a wrong token
}

// New returns the API.
func New(opts Options) *API {
	if opts.WriteTimeout == 0 {
		opts.WriteTimeout = 15 * time.Second
	}
	if opts.Page == 0 {
		opts.Page = 500
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	a := &API{opts: opts, configured: make(map[live.AppID]bool), token: digest(opts.Token)}
	a.budget = min(longest, opts.WriteTimeout/2)
	for _, app := range opts.Apps {
		a.configured[app] = true
	}
	return a
}

// call is one request on its way.
type call struct {
	id   string
	from string // the caller's address
	app  live.AppID
	arg  string // the event's id in the path
	r    *http.Request
	w    http.ResponseWriter
}

// ServeHTTP answers one call.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{id: "op_" + rand.Text(), from: a.opts.ClientIP.Of(r), r: r, w: w}
	h := w.Header()
	h.Set("X-Request-Id", c.id)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	answer, err := a.answer(r.Context(), c)
	if err != nil {
		refused := a.refusal(c, err)
		a.write(c, refused.Status, errorAnswer{refused})
		return
	}
	a.write(c, http.StatusOK, answer)
}

// answer judges the call and carries it out. A panic becomes an error.
func (a *API) answer(ctx context.Context, c *call) (answer any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if err := a.admit(c); err != nil {
		return nil, err
	}
	handle, err := a.route(c)
	if err != nil {
		return nil, err
	}
	return handle(a, ctx, c)
}

func (a *API) write(c *call, status int, answer any) {
	body, err := json.Marshal(answer, jsontext.AllowInvalidUTF8(true), json.Deterministic(true))
	if err != nil {
		refused := a.refusal(c, fmt.Errorf("write the answer: %w", err))
		status = refused.Status
		body, _ = json.Marshal(errorAnswer{refused}) // texts of our own
	}
	c.w.Header().Set("Content-Type", "application/json")
	c.w.WriteHeader(status)
	_, _ = c.w.Write(append(body, '\n')) // the caller is gone if this fails
}

// refusal turns any error into one that may be told to the caller. What is no refusal is logged, and the caller learns
// only that it happened.
func (a *API) refusal(c *call, err error) *Error {
	if e := (*Error)(nil); errors.As(known(err), &e) {
		told := *e
		told.RequestID = c.id
		return &told
	}
	level := slog.LevelError
	if c.r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		level = slog.LevelDebug // the caller did not wait for the end
	}
	a.opts.Log.Log(context.Background(), level, "an operator's call failed", "request", c.id, "from", c.from,
		"method", c.r.Method, "path", c.r.URL.Path, "error", err)
	return &Error{Status: http.StatusInternalServerError, Code: CodeInternal, RequestID: c.id,
		Message: "internal error; the server's log has it under the request id"}
}

// known turns what the store refuses into refusals of the API.
func known(err error) error {
	switch {
	case errors.Is(err, delivery.ErrUnknownEvent):
		return notFound("%v", delivery.ErrUnknownEvent)
	case errors.Is(err, delivery.ErrStillWaiting):
		return conflict("%v", delivery.ErrStillWaiting)
	case errors.Is(err, delivery.ErrBadCursor):
		return errBadPlace()
	}
	return err
}

// changed logs what an operator did.
func (a *API) changed(c *call, did string, more ...any) {
	a.opts.Log.Info("an operator "+did, append([]any{"request", c.id, "from", c.from, "app", c.app}, more...)...)
}
