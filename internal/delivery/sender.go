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

// sender makes one app's HTTP requests. It follows no redirect and uses no proxy.
type sender struct {
	app       App
	opts      Options
	transport *http.Transport

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
	return &sender{app: app, opts: opts, transport: &http.Transport{
		DialContext:            guardedDial(app.AllowPrivateAddresses),
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           app.Concurrency,
		MaxIdleConnsPerHost:    app.Concurrency,
		MaxConnsPerHost:        app.Concurrency,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    app.Retry.Timeout,
		MaxResponseHeaderBytes: maxAnswer,
		DisableCompression:     true,
	}}
}

func (s *sender) close() { s.transport.CloseIdleConnections() }

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
	base, err := url.Parse(e.URL)
	if err != nil {
		return nil, fmt.Errorf("the webhook URL: %w", err)
	}
	base.Fragment, base.RawFragment = "", ""
	t := &target{e, base}
	s.remember(t, generation)
	return t, nil
}

// send makes one attempt to deliver e.
func (s *sender) send(ctx context.Context, e Event) (a attempt) {
	a.started = s.opts.Now()
	defer func() { a.ended = s.opts.Now() }()
	t, err := s.endpoint(ctx)
	if err != nil {
		a.err = err
		return a
	}
	ctx, cancel := context.WithTimeout(ctx, s.app.Retry.Timeout)
	defer cancel()
	answer, err := s.transport.RoundTrip(s.request(ctx, t, e))
	if err != nil {
		a.err = s.plain(ctx, err)
		return a
	}
	defer answer.Body.Close()
	a.status = answer.StatusCode
	if a.body, err = readAnswer(answer); err != nil {
		a.err = s.plain(ctx, err)
	}
	return a
}

// readAnswer reads an answer to its end, so that its connection can be used again, or to the bound.
func readAnswer(answer *http.Response) ([]byte, error) {
	body := bytes.NewBuffer(make([]byte, 0, 512))
	if _, err := io.Copy(body, io.LimitReader(answer.Body, maxAnswer+1)); err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if body.Len() > maxAnswer {
		return nil, fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	}
	return body.Bytes(), nil
}

// plain puts a failure into words that an operator understands.
func (s *sender) plain(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("no whole answer within %s", s.app.Retry.Timeout)
	}
	return err
}

func (s *sender) request(ctx context.Context, t *target, e Event) *http.Request {
	now := s.opts.Now().Unix()
	u := *t.base
	u.RawQuery = s.query(t, e, now)
	r := new(http.Request).WithContext(ctx)
	r.Method, r.URL, r.Host = http.MethodPost, &u, u.Host
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.1", 1, 1
	r.Header = s.header(e, now)
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(e.Body)), nil }
	r.Body, _ = r.GetBody()
	r.ContentLength = int64(len(e.Body))
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
	return http.Header{
		"Content-Type":      {"application/json"},
		"User-Agent":        {s.opts.UserAgent},
		"Webhook-Id":        {e.ID},
		"Webhook-Timestamp": {strconv.FormatInt(now, 10)},
		"Webhook-Signature": {strings.Join(signatures, " ")},
	}
}
