package delivery

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"
)

// courier makes attempts one after the other, for one worker. What an attempt needs is kept for the next one.
type courier struct {
	*sender
	stopped context.Context // ends when attempts in flight may not go on
	ctx     context.Context // of the attempts by the transport; a time-out uses it up
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
	if t.addr != "" {
		c.byLine(t, e, &a)
	} else {
		c.byTransport(t, e, &a)
	}
	return a
}

func (c *courier) byTransport(t *target, e Event, a *attempt) {
	c.start()
	a.err = c.exchange(t, e, a)
	a.sent = c.contact.made.Load()
	if c.timeout.Stop() {
		return
	}
	c.ctx = nil
	if a.err != nil && c.stopped.Err() == nil {
		a.err = c.noAnswer()
	}
}

func (c *courier) noAnswer() error {
	return fmt.Errorf("%w within %s", errLate, c.app.Retry.Timeout)
}

// start begins the time of an attempt by the transport.
func (c *courier) start() {
	c.contact.made.Store(false)
	if c.ctx != nil {
		c.timeout.Reset(c.app.Retry.Timeout)
		return
	}
	if c.cancel != nil {
		c.cancel()
	}
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

func (c *courier) byLine(t *target, e Event, a *attempt) {
	deadline := time.Now().Add(c.app.Retry.Timeout)
	l, err := c.connect(t, deadline)
	if err == nil {
		a.sent = true
		err = c.overLine(l, t, e, a, deadline)
	}
	if a.err = err; err != nil && !time.Now().Before(deadline) && c.stopped.Err() == nil {
		a.err = c.noAnswer()
	}
}

// overLine makes an exchange over a line, which is put back if it can be used again.
func (c *courier) overLine(l *line, t *target, e Event, a *attempt, deadline time.Time) error {
	answer, err := l.exchange(c.head(c.stopped, t, e), e.Body, deadline)
	if err != nil {
		c.transport.lines.discard(l)
		return inPlainWords(err)
	}
	a.status, a.retryAfter = answer.StatusCode, answer.Header.Get("Retry-After")
	a.body, err = c.read(answer.Body)
	switch {
	case err != nil || answer.Close:
		l.close() // and does not read the rest, which may have no end
	case l.reusable(time.Now()):
		c.transport.lines.put(l)
	default:
		c.transport.lines.discard(l)
	}
	return err
}

// connect returns a line to the target: an idle one if there is one, or a new one.
func (c *courier) connect(t *target, deadline time.Time) (*line, error) {
	for l := c.transport.lines.take(); l != nil; l = c.transport.lines.take() {
		if l.addr == t.addr && l.fresh(time.Now()) {
			return l, nil
		}
		c.transport.lines.discard(l)
	}
	ctx, cancel := context.WithDeadline(c.stopped, deadline)
	defer cancel()
	conn, err := c.transport.direct.DialContext(ctx, "tcp", t.addr)
	if err != nil {
		return nil, inPlainWords(err)
	}
	return newLine(c.stopped, conn, t.addr), nil
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
