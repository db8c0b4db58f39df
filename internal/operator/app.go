package operator

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
)

// App is how the deliveries of one app stand.
type App struct {
	App        live.AppID `json:"app"`
	Configured bool       `json:"configured"`              // false for an app that is served no more and has left events behind
	URL        string     `json:"url"`                     // where webhooks go, with ?... for a query; empty when the app has not said
	Paused     *Pause     `json:"paused"`                  // null while webhooks go out
	Breaker    *Breaker   `json:"breaker"`                 // null for an app that is not configured
	Waiting    *int       `json:"waiting"`                 // events in the outbox; null for a moment after start, until they are counted
	Oldest     Time       `json:"oldest_waiting,omitzero"` // when the oldest of them was committed, to the second
	Dead       *int       `json:"dead"`                    // dead letters; null as above
	Success    *Last      `json:"last_success"`            // the last attempt that delivered something; null when the log knows none
	Failure    *Last      `json:"last_failure"`            // the last attempt that did not
	// Node is the process that answered. The breaker, and the last attempts as long as it has made some itself, are what this
	// one has seen: each has its own.
	Node string `json:"node"`
}

// Pause is why and since when nothing is sent.
type Pause struct {
	Since  Time   `json:"since"`
	Reason string `json:"reason"`
	Gone   bool   `json:"gone"` // the app server asked for it by answering 410 Gone
}

// Breaker is the circuit breaker of an app's server.
type Breaker struct {
	State     string `json:"state"`               // closed, probing or open
	Since     Time   `json:"since,omitzero"`      // when it opened
	NextProbe Time   `json:"next_probe,omitzero"` // when the app server is tried again
}

// Last is the last attempt of its kind.
type Last struct {
	At    Time   `json:"at"`
	Error string `json:"error,omitzero"`
}

// Apps is a page of the apps.
type Apps struct {
	Apps []App  `json:"apps"`
	Next string `json:"next"` // what after has to be for the next page; empty on the last
}

// apps lists the configured apps by their numbers.
func (a *API) apps(ctx context.Context, c *call) (any, error) {
	q, err := c.query("limit", "after")
	if err != nil {
		return nil, err
	}
	limit, err := limit(q)
	if err != nil {
		return nil, err
	}
	after, err := afterApp(q)
	if err != nil {
		return nil, err
	}
	ids := slices.DeleteFunc(slices.Sorted(keys(a.configured)), func(id live.AppID) bool { return id <= after })
	page := Apps{Apps: []App{}}
	for _, id := range ids[:min(limit, len(ids))] {
		app, err := a.state(ctx, id)
		if err != nil {
			return nil, err
		}
		page.Apps = append(page.Apps, app)
	}
	if len(ids) > limit {
		page.Next = ids[limit-1].String()
	}
	return page, nil
}

func afterApp(q url.Values) (live.AppID, error) {
	if q.Get("after") == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(q.Get("after"), 10, 32)
	if err != nil {
		return 0, wrong("after", "must be the next of the page before")
	}
	return live.AppID(n), nil
}

func keys(m map[live.AppID]bool) func(yield func(live.AppID) bool) {
	return func(yield func(live.AppID) bool) {
		for id := range m {
			if !yield(id) {
				return
			}
		}
	}
}

func (a *API) app(ctx context.Context, c *call) (any, error) {
	if _, err := c.query(); err != nil {
		return nil, err
	}
	if err := a.demandKnown(ctx, c.app); err != nil {
		return nil, err
	}
	return a.state(ctx, c.app)
}

// state gathers what is known of an app.
func (a *API) state(ctx context.Context, id live.AppID) (App, error) {
	app := App{App: id, Configured: a.configured[id], Node: a.opts.Node}
	endpoint, err := a.opts.Store.Endpoint(ctx, id)
	if err != nil {
		return app, err
	}
	app.URL = withoutQuery(endpoint.URL)
	if p := endpoint.Pause; p != nil {
		app.Paused = &Pause{Time(p.Since), p.Reason, p.Gone}
	}
	if b := a.opts.Store.Backlog(id); b.Known {
		app.Waiting, app.Oldest, app.Dead = &b.Waiting, Time(b.Oldest), &b.Dead
	}
	status, served := a.opts.Delivery.Status(id)
	if served {
		b := status.Breaker
		app.Breaker = &Breaker{b.State.String(), Time(b.Since), Time(b.NextProbe)}
	}
	if app.Success, err = a.last(ctx, id, status.LastSuccess, "", delivery.Delivered); err != nil {
		return app, err
	}
	app.Failure, err = a.last(ctx, id, status.LastFailure, status.LastError, delivery.Failed, delivery.Dead)
	return app, err
}

// last is the last attempt of its kind since the server started or, when there was none, the last that ended in one of the
// fates, as far as one read of the log goes.
func (a *API) last(ctx context.Context, app live.AppID, at time.Time, reason string, fates ...delivery.Fate) (*Last, error) {
	if !at.IsZero() {
		return &Last{Time(at), reason}, nil
	}
	found, _, err := a.opts.Store.Log(ctx, delivery.Filter{App: app}, fates, "", 1)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &Last{Time(found[0].Attempt.At), found[0].Attempt.Error}, nil
}

// demandKnown refuses an app that is neither configured nor has left anything behind.
func (a *API) demandKnown(ctx context.Context, app live.AppID) error {
	if a.configured[app] {
		return nil
	}
	left, err := a.left(ctx, app)
	if err == nil && !left {
		err = notFound("app %d is not configured, and nothing is left of it", app)
	}
	return err
}

// left tells whether there is anything of an app in the store.
func (a *API) left(ctx context.Context, app live.AppID) (bool, error) {
	s, all := a.opts.Store, delivery.Filter{App: app}
	if waiting, _, err := s.Waiting(ctx, all, "", 1); err != nil || len(waiting) > 0 {
		return true, err
	}
	if dead, _, err := s.DeadLetters(ctx, all, "", 1); err != nil || len(dead) > 0 {
		return true, err
	}
	if logged, _, err := s.Log(ctx, all, nil, "", 1); err != nil || len(logged) > 0 {
		return true, err
	}
	endpoint, err := s.Endpoint(ctx, app)
	return endpoint.URL != "" || endpoint.Pause != nil, err
}

// demandConfigured refuses an app that the server does not serve: nothing is sent for it.
func (a *API) demandConfigured(ctx context.Context, app live.AppID) error {
	if err := a.demandKnown(ctx, app); err != nil || a.configured[app] {
		return err
	}
	return conflict("app %d is not configured any more: nothing is sent for it, and what it left can only be seen and purged", app)
}

// withoutQuery leaves out what a webhook URL says behind its ?, where many app servers have a secret.
func withoutQuery(url string) string {
	url, _, _ = strings.Cut(url, "#")
	base, query, _ := strings.Cut(url, "?")
	if query == "" {
		return base
	}
	return base + "?..."
}
