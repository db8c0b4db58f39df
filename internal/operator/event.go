package operator

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

// Event is one webhook in a list: an entry of the delivery log has the attempt that it is about, one that waits or is dead
// has how often it failed.
type Event struct {
	ID        string          `json:"id"`
	Command   webhook.Command `json:"command"`
	Room      live.RoomID     `json:"room"`  // empty for events without a room
	State     string          `json:"state"` // waiting or dead; of an attempt what became of the event: delivered, failed or dead
	Committed Time            `json:"committed_at"`
	Queued    Time            `json:"queued_at,omitzero"` // later than committed_at when it was replayed
	Died      Time            `json:"died_at,omitzero"`
	Failures  *int            `json:"failures,omitzero"` // since it was queued
	LastError string          `json:"last_error,omitzero"`
	Attempt   *Attempt        `json:"attempt,omitzero"`
}

// Attempt is one request to the app server.
type Attempt struct {
	Number      int     `json:"number"` // 1 for the first since the event was queued
	At          Time    `json:"at"`
	Took        float64 `json:"took_ms"`
	Status      int     `json:"status"`       // HTTP status of the answer; 0 when there was none
	Answer      string  `json:"answer"`       // its body, as far as it is kept
	AnswerBytes int     `json:"answer_bytes"` // length of its body, as far as it was read
	Error       string  `json:"error"`        // why it does not count as a delivery; empty when it does
}

// Events is a page of events.
type Events struct {
	Events []Event `json:"events"`
	// Next is what after has to be for the next page; empty on the last. A page may be short, or empty, and not be the last.
	Next string `json:"next"`
}

// Story is all that is known of one event.
type Story struct {
	ID        string          `json:"id"`
	Command   webhook.Command `json:"command"`
	Room      live.RoomID     `json:"room"`
	State     string          `json:"state"` // waiting, dead, delivered, or removed by a purge
	Committed Time            `json:"committed_at"`
	Queued    Time            `json:"queued_at,omitzero"`
	Died      Time            `json:"died_at,omitzero"`
	Failures  int             `json:"failures"`
	LastError string          `json:"last_error,omitzero"`
	ClientIP  string          `json:"client_ip"`
	Platform  string          `json:"platform"`
	Body      jsontext.Value  `json:"body"`     // what the app server gets; null when it is known no more
	Attempts  []Attempt       `json:"attempts"` // oldest first, the last 1000 that the log has
}

// What the parameter state of a list can be beside the states of events.
const stateFailed = "failed"

// page is what a list is asked for.
type page struct {
	filter delivery.Filter
	state  string
	after  delivery.Cursor
	limit  int
}

// list names the list, for its places.
func (p page) list() string { return fmt.Sprintf("events %s of %d", p.state, p.filter.App) }

func (a *API) events(ctx context.Context, c *call) (any, error) {
	q, err := c.query(append([]string{"state", "limit", "after"}, filterNames...)...)
	if err != nil {
		return nil, err
	}
	p, err := pageOf(c.app, q)
	if err != nil {
		return nil, err
	}
	if err := a.demandKnown(ctx, c.app); err != nil {
		return nil, err
	}
	found, next, err := a.list(ctx, p)
	if err != nil {
		return nil, err
	}
	return Events{found, next.text(p.list())}, nil
}

func pageOf(app live.AppID, q url.Values) (p page, err error) {
	if p.filter, err = filterOf(q).parse(app); err != nil {
		return p, err
	}
	if p.limit, err = limit(q); err != nil {
		return p, err
	}
	p.state = q.Get("state")
	switch p.state {
	case delivery.Waiting.String(), delivery.DeadState.String(), delivery.Done.String(), stateFailed:
	default:
		if q.Has("state") {
			return p, wrong("state", "must be waiting, dead, delivered or failed; without it the whole delivery log is shown")
		}
	}
	at, err := placeOf(q.Get("after"), p.list())
	p.after = delivery.Cursor(at.Cursor)
	return p, err
}

// list reads a page of the table that holds the events of the state.
func (a *API) list(ctx context.Context, p page) (found []Event, next place, err error) {
	found = []Event{}
	var cursor delivery.Cursor
	switch p.state {
	case delivery.Waiting.String():
		var waiting []delivery.Event
		waiting, cursor, err = a.opts.Store.Waiting(ctx, p.filter, p.after, p.limit)
		for _, e := range waiting {
			found = append(found, undelivered(e, delivery.Waiting, time.Time{}))
		}
	case delivery.DeadState.String():
		var dead []delivery.DeadLetter
		dead, cursor, err = a.opts.Store.DeadLetters(ctx, p.filter, p.after, p.limit)
		for _, d := range dead {
			found = append(found, undelivered(d.Event, delivery.DeadState, d.Died))
		}
	default:
		var logged []delivery.Logged
		logged, cursor, err = a.opts.Store.Log(ctx, p.filter, fatesOf(p.state), p.after, p.limit)
		for _, l := range logged {
			found = append(found, attempted(l))
		}
	}
	return found, place{Cursor: string(cursor)}, err
}

// fatesOf are the attempts that a state of the log stands for: all when it is empty.
func fatesOf(state string) []delivery.Fate {
	switch state {
	case delivery.Done.String():
		return []delivery.Fate{delivery.Delivered}
	case stateFailed:
		return []delivery.Fate{delivery.Failed}
	}
	return nil
}

func undelivered(e delivery.Event, state delivery.State, died time.Time) Event {
	return Event{
		ID: e.ID, Command: e.Command, Room: e.Lane.Room, State: state.String(), Committed: Time(e.At), Queued: Time(e.Queued),
		Died: Time(died), Failures: &e.Attempts, LastError: e.LastError,
	}
}

func attempted(l delivery.Logged) Event {
	attempt := attemptOf(l.Attempt)
	return Event{
		ID: l.Event.ID, Command: l.Event.Command, Room: l.Event.Lane.Room, State: l.Fate.String(), Committed: Time(l.Event.At),
		Queued: Time(l.Event.Queued), Attempt: &attempt,
	}
}

func attemptOf(a delivery.Attempt) Attempt {
	return Attempt{a.Number, Time(a.At), milliseconds(a.Took), a.Status, string(a.Answer), a.AnswerBytes, a.Error}
}

// event tells the story of one event.
func (a *API) event(ctx context.Context, c *call) (any, error) {
	if _, err := c.query(); err != nil {
		return nil, err
	}
	if err := a.demandKnown(ctx, c.app); err != nil {
		return nil, err
	}
	s, err := a.opts.Store.Story(ctx, c.app, c.arg)
	if err != nil {
		return nil, err
	}
	e := s.Event
	told := Story{
		ID: e.ID, Command: e.Command, Room: e.Lane.Room, State: s.State.String(), Committed: Time(e.At), Queued: Time(e.Queued),
		Died: Time(s.Died), Failures: e.Attempts, LastError: e.LastError, ClientIP: e.ClientIP, Platform: e.Platform,
		Body: body(e.Body), Attempts: []Attempt{},
	}
	for _, attempt := range s.Attempts {
		told.Attempts = append(told.Attempts, attemptOf(attempt))
	}
	return told, nil
}

// body is a webhook's body as JSON: it is an object, or null when it is known no more.
func body(text []byte) jsontext.Value {
	if value := jsontext.Value(text); value.IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) {
		return value
	}
	return jsontext.Value("null")
}
