package rig

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Poster is the one HTTP client of all timed runs, the ceiling's too, so that they differ in nothing but the other side.
type Poster struct {
	client *http.Client
	header http.Header
	bodies sync.Pool // of *bytes.Buffer
}

// NewPoster makes a client that keeps as many connections as there are callers.
func NewPoster(callers int) *Poster {
	return &Poster{
		client: &http.Client{
			Timeout: 10 * time.Second,
			Transport: &http.Transport{
				MaxIdleConnsPerHost: callers,
				MaxConnsPerHost:     max(256, callers), // bounds the open loop when the server stalls
				DisableCompression:  true,
			},
		},
		header: http.Header{"Content-Type": {"application/json"}},
		bodies: sync.Pool{New: func() any { return new(bytes.Buffer) }},
	}
}

// Close closes the connections.
func (p *Poster) Close() { p.client.CloseIdleConnections() }

// Post sends body and wants the answer of a call that went well.
func (p *Poster) Post(ctx context.Context, u *url.URL, body []byte) error {
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	reader, _ := open()
	req := (&http.Request{
		Method: http.MethodPost, URL: u, Host: u.Host, Header: p.header,
		Body: reader, GetBody: open, ContentLength: int64(len(body)),
	}).WithContext(ctx)
	resp, err := p.client.Do(req)
	if err != nil {
		return fmt.Errorf("%s: %w", u.Path, errors.Unwrap(err)) // without the query of a *url.Error
	}
	defer resp.Body.Close()

	answer := p.bodies.Get().(*bytes.Buffer)
	defer p.bodies.Put(answer)
	answer.Reset()
	if _, err := answer.ReadFrom(resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK || !bytes.Contains(answer.Bytes(), []byte(`"ErrorCode":0`)) {
		return fmt.Errorf("%s answered %s: %.300s", u.Path, resp.Status, answer)
	}
	return nil
}

// Do makes a call.
func (p *Poster) Do(ctx context.Context, c Call) error { return p.Post(ctx, c.URL, c.Body) }
