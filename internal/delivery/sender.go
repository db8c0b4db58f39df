package delivery

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

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
	return &target{e, base}, nil
}

// courier makes attempts one after the other, for one worker. What an attempt needs is kept for the next one.
type courier struct {
	*sender
	stopped context.Context // ends when attempts in flight may not go on
	ctx     context.Context // of the attempts; a time-out uses it up
	cancel  context.CancelFunc
	timeout *time.Timer
	answer  bytes.Buffer
	contact contact
}

func newCourier(stopped context.Context, s *sender) *courier {
	return &courier{sender: s, stopped: stopped}
}

func (c *courier) close() {
	if c.cancel != nil {
		c.cancel()
	}
}

// send makes one attempt to deliver e. The attempt's body is the courier's until the next one.
func (c *courier) send(e Event) (a attempt) {
	a.started = c.opts.Now()
	defer func() { a.ended = c.opts.Now() }()
	t, err := c.endpoint(c.stopped)
	if err != nil {
		a.err = err
		return a
	}
	if a.url = t.URL; t.Pause != nil {
		a.err = errPaused
		return a
	}
	c.start()
	a.err = c.exchange(t, e, &a)
	a.sent = c.contact.made.Load()
	if c.timeout.Stop() {
		return a
	}
	c.ctx = nil
	if a.err != nil && c.stopped.Err() == nil {
		a.err = fmt.Errorf("%w within %s", errLate, c.app.Retry.Timeout)
	}
	return a
}

// start begins the time of an attempt.
func (c *courier) start() {
	c.contact.made.Store(false)
	if c.ctx != nil {
		c.timeout.Reset(c.app.Retry.Timeout)
		return
	}
	c.close()
	c.ctx, c.cancel = context.WithCancel(c.contact.watch(c.stopped))
	c.timeout = time.AfterFunc(c.app.Retry.Timeout, c.cancel)
}

func (c *courier) exchange(t *target, e Event, a *attempt) error {
	answer, err := c.transport.RoundTrip(c.request(c.ctx, t, e))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	a.status, a.retryAfter = answer.StatusCode, answer.Header.Get("Retry-After")
	a.body, err = c.read(answer.Body)
	return err
}

// read reads an answer to its end, so that its connection can be used again, or to the bound.
func (c *courier) read(answer io.Reader) ([]byte, error) {
	c.answer.Reset()
	if _, err := c.answer.ReadFrom(io.LimitReader(answer, maxAnswer+1)); err != nil {
		return nil, fmt.Errorf("read the answer: %w", inPlainWords(err))
	}
	if c.answer.Len() > maxAnswer {
		return nil, fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	}
	return c.answer.Bytes(), nil
}

func (s *sender) request(ctx context.Context, t *target, e Event) *http.Request {
	now := s.opts.Now().Unix()
	u := *t.base
	u.RawQuery = s.query(t, e, now)
	r := new(http.Request).WithContext(ctx)
	r.Method, r.URL, r.Host = http.MethodPost, &u, u.Host
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.1", 1, 1
	r.Header = s.header(e, now)
	s.transport.load(r, e.Body)
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
