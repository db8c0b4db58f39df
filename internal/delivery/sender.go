package delivery

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/greenroom-live/greenroom/webhook"
)

// maxAnswer is how much of an answer is read, in bytes.
const maxAnswer = 64 << 10

// sender makes one app's requests: it knows where they go and what they say, its transport how.
type sender struct {
	app       App
	opts      Options
	userAgent []string
	transport *transport

	mu         sync.Mutex
	target     *target // nil until it is read
	generation int     // counts the changes of the configuration
}

// target is an endpoint ready to be called.
type target struct {
	Endpoint
	base *url.URL
	addr string // to be dialled for a line; empty when requests go by the transport
}

func newSender(app App, opts Options) *sender {
	return &sender{app: app, opts: opts, userAgent: []string{opts.UserAgent}, transport: newTransport(app, opts)}
}

var contentType = []string{"application/json"}

func (s *sender) close() { s.transport.close() }

// forgetEndpoint makes the next attempt read the app's configuration anew.
func (s *sender) forgetEndpoint() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.target = nil
	s.generation++
}

func (s *sender) known() (t *target, generation int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.target, s.generation
}

// remember keeps what was read, unless the configuration has changed since the reading began.
func (s *sender) remember(t *target, generation int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.generation == generation {
		s.target = t
	}
}

// errPaused is never an attempt's result: none is made.
var errPaused = errors.New("sending to the app server is paused")

var errNoURL = errors.New("no webhook URL is configured; set_callback sets one")

// endpoint returns where to send to.
func (s *sender) endpoint(ctx context.Context) (*target, error) {
	known, generation := s.known()
	if known != nil {
		return known, nil
	}
	e, err := s.opts.Outbox.Endpoint(ctx, s.app.ID)
	if err != nil {
		return nil, fmt.Errorf("read the webhook configuration: %w", err)
	}
	if e.URL == "" {
		return nil, errNoURL
	}
	t, err := newTarget(e)
	if err != nil {
		return nil, err
	}
	if s.transport.proxied == nil {
		t.addr = lineAddr(t.base)
	}
	s.remember(t, generation)
	return t, nil
}

// newTarget reads the URL of an endpoint. The error does not cite it: it may hold secrets.
func newTarget(e Endpoint) (*target, error) {
	base, err := url.Parse(e.URL)
	if err != nil {
		return nil, errors.New("the webhook URL cannot be read; update_callback sets another one")
	}
	base.Fragment, base.RawFragment = "", ""
	return &target{Endpoint: e, base: base}, nil
}

// request makes a request for the transport.
func (s *sender) request(ctx context.Context, t *target, e Event) *http.Request {
	r := s.head(ctx, t, e)
	s.transport.load(r, e.Body)
	return r
}

// head is a request without its body.
func (s *sender) head(ctx context.Context, t *target, e Event) *http.Request {
	now := s.opts.Now().Unix()
	u := *t.base
	u.RawQuery = s.query(t, e, now)
	r := new(http.Request).WithContext(ctx)
	r.Method, r.URL, r.Host = http.MethodPost, &u, u.Host
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.1", 1, 1
	r.Header = s.header(e, now)
	return r
}

func (s *sender) query(t *target, e Event, now int64) string {
	q := webhook.Query{
		SDKAppID: uint32(s.app.ID), Command: e.Command, ClientIP: e.ClientIP, Platform: e.Platform,
		Token: t.Token, RequestTime: now,
	}
	if s.app.DocumentedDelQuery && e.Command == webhook.CommandAfterDelMetadata {
		q.Command = webhook.CommandAfterSetMetadata
	}
	_, query, _ := strings.Cut(q.AppendTo(t.URL), "?")
	return query
}

// header carries, beside the contract's content type, the Standard Webhooks headers, which cover the body.
func (s *sender) header(e Event, now int64) http.Header {
	signatures := make([]string, len(s.app.Secrets))
	for i, secret := range s.app.Secrets {
		signatures[i] = secret.Signature(e.ID, now, e.Body)
	}
	own := []string{e.ID, strconv.FormatInt(now, 10), strings.Join(signatures, " ")}
	return http.Header{
		"Content-Type":      contentType,
		"User-Agent":        s.userAgent,
		"Webhook-Id":        own[0:1:1],
		"Webhook-Timestamp": own[1:2:2],
		"Webhook-Signature": own[2:3:3],
	}
}
