// Package restapi is the door for app servers: POST /v4/{service}/{command} (doc 63398).
//
// A call is judged in this order: path and method, the query (app, UserSig, App admin), the frequency limit if one is
// set, the body's JSON, and then by the operation itself. Whatever the outcome, the HTTP status is 200 and the body
// is the envelope with ActionStatus, ErrorCode, ErrorInfo and RequestId.
package restapi

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/greenroom-live/greenroom/internal/allowance"
	"github.com/greenroom-live/greenroom/internal/clientip"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
)

// Prefix is the path under which all commands lie.
const Prefix = "/v4/"

// Options says what the API works with.
type Options struct {
	Live      *live.Service
	Presence  live.Presence // who is connected; nobody when nil
	Frequency Frequency
	Allowance Allowance     // what Frequency is counted with; in this process alone when nil
	Timeout   time.Duration // for one call; 3 s when 0 (doc 63398)
	MaxBody   int64         // bytes; 1 MiB when 0
	ClientIP  clientip.Resolver
	Now       live.Clock // of an Allowance of this process alone; time.Now when nil
	Log       *slog.Logger
	Metrics   *observe.Metrics
}

// API is the http.Handler of everything under [Prefix].
type API struct {
	opts     Options
	live     *live.Service
	commands map[string]*served
	limiter  limiter
	sequence atomic.Uint64
}

// New returns the API.
func New(opts Options) *API {
	if opts.Timeout == 0 {
		opts.Timeout = 3 * time.Second
	}
	if opts.MaxBody == 0 {
		opts.MaxBody = 1 << 20
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	a := &API{opts: opts, live: opts.Live, commands: make(map[string]*served)}
	if opts.Allowance == nil {
		opts.Allowance = allowance.NewOwn(opts.Now)
	}
	a.limiter = limiter{opts.Frequency, opts.Allowance}
	for _, c := range commands {
		a.commands[c.path] = serve(c, opts.Metrics)
	}
	return a
}

// call is one request on its way.
type call struct {
	id     string
	live   *live.Service
	online live.Presence
	caller live.Caller
	began  time.Time
}

// ServeHTTP answers one call.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{id: a.requestID(), live: a.live, online: a.opts.Presence, began: time.Now()}
	ctx, cancel := context.WithTimeout(r.Context(), a.opts.Timeout)
	defer cancel()
	command, known := a.commands[strings.TrimPrefix(r.URL.Path, Prefix)]
	payload, err := a.answer(ctx, c, command, known, r)
	if err != nil {
		err = a.refusal(c, r, err)
	}
	where := inResponse
	if known {
		where = command.where()
	}
	code := write(w, c.id, payload, where, err)
	if known {
		command.observe(code, time.Since(c.began))
	}
	if a.opts.Log.Enabled(ctx, slog.LevelDebug) {
		a.opts.Log.Debug("call", "request", c.id, "path", r.URL.Path, "app", c.caller.App, "identifier", c.caller.User,
			"from", c.caller.IP, "code", code, "took", time.Since(c.began))
	}
}

// answer judges the request and carries it out. A panic becomes an error.
func (a *API) answer(ctx context.Context, c *call, command *served, known bool, r *http.Request) (payload any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if !known {
		return nil, live.Refuse(live.CodeUnknownCommand, "there is no command %q", strings.TrimPrefix(r.URL.Path, Prefix))
	}
	if r.Method != http.MethodPost {
		return nil, live.Refuse(live.CodeBadRequest, "the method must be POST, not %s", r.Method)
	}
	if c.caller, err = a.authenticate(r); err != nil {
		return nil, err
	}
	if !a.limiter.allow(c.caller.App, command.command) {
		return nil, live.Refuse(command.tooOften(), "%s is called too often", command.path)
	}
	body, err := a.body(r)
	if err != nil {
		return nil, err
	}
	return command.run(ctx, c, body, command.family().parameter)
}

// authenticate finds out who calls, from the query, and demands an App admin.
func (a *API) authenticate(r *http.Request) (live.Caller, error) {
	q, err := parseQuery(r.URL.RawQuery)
	if err != nil {
		return live.Caller{}, err
	}
	caller := live.Caller{
		App: q.app, User: live.UserID(q.identifier), Kind: live.KindAdmin,
		IP: a.opts.ClientIP.Of(r), Platform: live.PlatformREST,
	}
	login, err := a.live.Authenticate(q.app, caller.User, q.userSig)
	if err != nil {
		return caller, err
	}
	if !login.App.IsAdmin(caller.User) {
		return caller, live.Refuse(live.CodeNotAppAdmin, "%q is no App admin of app %d", q.identifier, q.app)
	}
	return caller, nil
}

// body reads the request's body, whole or not at all.
func (a *API) body(r *http.Request) ([]byte, error) {
	limit := a.opts.MaxBody
	if r.ContentLength > limit {
		discard(r.Body)
		return nil, tooLarge(limit)
	}
	if n := r.ContentLength; n >= 0 {
		body := make([]byte, n)
		if _, err := io.ReadFull(r.Body, body); err != nil {
			return nil, live.Refuse(live.CodeBadRequest, "the body cannot be read: %v", err)
		}
		return body, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil {
		return nil, live.Refuse(live.CodeBadRequest, "the body cannot be read: %v", err)
	}
	if int64(len(body)) > limit {
		discard(r.Body)
		return nil, tooLarge(limit)
	}
	return body, nil
}

// maxDiscard is how much of a body that is too large is read all the same, in bytes. A caller who is still sending
// when the answer comes may never see it.
const maxDiscard = 16 << 20

func discard(body io.Reader) {
	_, _ = io.CopyN(io.Discard, body, maxDiscard) // what fails here was of no use anyway
}

func tooLarge(limit int64) error {
	return live.Refuse(live.CodeBadRequest, "the body is larger than %d bytes", limit)
}

// refusal turns any error into one that may be told to the caller. What is no refusal is logged, and the caller
// learns only that it happened.
func (a *API) refusal(c *call, r *http.Request, err error) error {
	if e := (*live.Error)(nil); errors.As(err, &e) {
		return e
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return live.Refuse(live.CodeTimeout, "no answer within %s; the call may have been carried out or not", a.opts.Timeout)
	}
	a.opts.Log.Error("call failed", "request", c.id, "path", r.URL.Path, "app", c.caller.App,
		"identifier", c.caller.User, "error", err)
	return live.Refuse(live.CodeInternal, "internal error, try again")
}

// requestID returns an id like those of the contract's samples.
func (a *API) requestID() string {
	var random [16]byte
	for i, half := range [2]uint64{rand.Uint64(), rand.Uint64()} {
		for j := range 8 {
			random[8*i+j] = byte(half >> (8 * j))
		}
	}
	id := make([]byte, 0, 64)
	id = append(id, "Id-"...)
	id = hex.AppendEncode(id, random[:])
	id = append(id, "-O-Seq-"...)
	return string(strconv.AppendUint(id, a.sequence.Add(1), 10))
}
