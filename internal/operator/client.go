package operator

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

	"github.com/go-json-experiment/json"

	"github.com/greenroom-live/greenroom/internal/live"
)

// maxAnswer is the longest answer that a Client reads, in bytes.
const maxAnswer = 256 << 20

// Client calls the API of a running server. An answer that refuses a call is an [Error].
type Client struct {
	server string // without a path
	token  string
	http   *http.Client
}

// NewClient returns a client for the server at that base URL.
func NewClient(server, token string, h *http.Client) *Client {
	return &Client{strings.TrimRight(server, "/"), token, h}
}

// Apps returns a page of the apps, behind the given place.
func (c *Client) Apps(ctx context.Context, after string) (apps Apps, err error) {
	q := url.Values{"limit": {strconv.Itoa(maxLimit)}}
	if after != "" {
		q.Set("after", after)
	}
	return apps, c.do(ctx, http.MethodGet, "apps?"+q.Encode(), nil, &apps)
}

// App returns how one app stands.
func (c *Client) App(ctx context.Context, app live.AppID) (state App, err error) {
	return state, c.do(ctx, http.MethodGet, "apps/"+app.String(), nil, &state)
}

// EventQuery says which events are listed.
type EventQuery struct {
	State string // waiting, dead, delivered or failed; the whole delivery log when empty
	Filter
	Limit int // of one page; 100 when 0
	After string
}

// Events returns a page of events.
func (c *Client) Events(ctx context.Context, app live.AppID, query EventQuery) (events Events, err error) {
	q := url.Values{}
	for name, value := range map[string]*string{"room": query.Room, "command": query.Command, "from": query.From, "to": query.To} {
		if value != nil {
			q.Set(name, *value)
		}
	}
	if query.State != "" {
		q.Set("state", query.State)
	}
	if query.Limit > 0 {
		q.Set("limit", strconv.Itoa(query.Limit))
	}
	if query.After != "" {
		q.Set("after", query.After)
	}
	return events, c.do(ctx, http.MethodGet, path(app, "events")+"?"+q.Encode(), nil, &events)
}

// Event returns all that is known of one event.
func (c *Client) Event(ctx context.Context, app live.AppID, id string) (s Story, err error) {
	return s, c.do(ctx, http.MethodGet, path(app, "events", id), nil, &s)
}

// Replay has one event sent again.
func (c *Client) Replay(ctx context.Context, app live.AppID, id string) error {
	return c.do(ctx, http.MethodPost, path(app, "events", id, "replay"), struct{}{}, &Replayed{})
}

// ReplayMany has the events of a filter sent again, as many as one call gets to.
func (c *Client) ReplayMany(ctx context.Context, app live.AppID, in ReplayRequest) (out Replayed, err error) {
	return out, c.do(ctx, http.MethodPost, path(app, "replay"), in, &out)
}

// Nodes lists the processes that serve together.
func (c *Client) Nodes(ctx context.Context) (all Nodes, err error) {
	return all, c.do(ctx, http.MethodGet, "nodes", nil, &all)
}

// Pause lets an app's webhooks wait.
func (c *Client) Pause(ctx context.Context, app live.AppID, reason string) (state App, err error) {
	return state, c.do(ctx, http.MethodPost, path(app, "pause"), PauseRequest{reason}, &state)
}

// Resume ends a pause.
func (c *Client) Resume(ctx context.Context, app live.AppID) (state App, err error) {
	return state, c.do(ctx, http.MethodPost, path(app, "resume"), struct{}{}, &state)
}

// Purge removes the events of a filter, as many as one call gets to.
func (c *Client) Purge(ctx context.Context, app live.AppID, in PurgeRequest) (out Purged, err error) {
	return out, c.do(ctx, http.MethodPost, path(app, "purge"), in, &out)
}

// Test sends a sample webhook.
func (c *Client) Test(ctx context.Context, app live.AppID, in TrialRequest) (t Trial, err error) {
	return t, c.do(ctx, http.MethodPost, path(app, "test"), in, &t)
}

func path(app live.AppID, more ...string) string {
	p := "apps/" + app.String()
	for _, word := range more {
		p += "/" + url.PathEscape(word)
	}
	return p
}

// do makes one call and reads its answer into out.
func (c *Client) do(ctx context.Context, method, path string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, c.server+Prefix+"v1/"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Content-Type", "application/json")
	answer, err := c.http.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return failure(answer.StatusCode, text)
	}
	if err := json.Unmarshal(text, out); err != nil {
		return errors.New("the answer is not one of the operator API; does --server lead to Greenroom?")
	}
	return nil
}

// failure reads an answer that is no success.
func failure(status int, text []byte) error {
	var answer errorAnswer
	if err := json.Unmarshal(text, &answer); err != nil || answer.Error == nil {
		return &Error{Status: status, Message: fmt.Sprintf("HTTP status %d without the operator API's error", status)}
	}
	answer.Error.Status = status
	return answer.Error
}
