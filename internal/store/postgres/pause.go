package postgres

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
)

// reasonGone is why an app is paused whose server answered 410.
const reasonGone = "the app server answered 410 Gone"

// Pause implements delivery.Records. What the app server asked for by 410 Gone becomes the operator's.
func (s *Store) Pause(ctx context.Context, app live.AppID, reason string) error {
	return s.change(ctx, func(t *tx) error {
		t.about(appKey(app))
		t.callbacks = append(t.callbacks, app)
		return t.put(`INSERT INTO delivery_pauses AS p (app, paused, since, reason, gone, resumed_at) VALUES ($1, true, $2, $3, false, 0)
			ON CONFLICT (app) DO UPDATE SET since = CASE WHEN p.paused THEN p.since ELSE excluded.since END, paused = true,
				reason = excluded.reason, gone = false`, int64(app), s.opts.Now().UnixMilli(), storable(reason))
	})
}

// Resume implements delivery.Records.
func (s *Store) Resume(ctx context.Context, app live.AppID) error {
	return s.change(ctx, func(t *tx) error {
		t.about(appKey(app))
		resumed, err := t.write("UPDATE delivery_pauses SET paused = false, gone = false, resumed_at = $2 WHERE app = $1 AND paused",
			int64(app), s.opts.Now().UnixMilli())
		if resumed > 0 {
			t.callbacks = append(t.callbacks, app)
		}
		return err
	})
}

// liftGone ends the pause that an app server asked for by 410 Gone, as its app has a new configuration.
func (t *tx) liftGone(app live.AppID) error {
	t.about(appKey(app))
	return t.put("UPDATE delivery_pauses SET paused = false, gone = false, resumed_at = $2 WHERE app = $1 AND paused AND gone",
		int64(app), t.b.w.s.opts.Now().UnixMilli())
}

// change runs an operator's update.
func (s *Store) change(ctx context.Context, f func(*tx) error) error {
	return s.Update(ctx, func(t live.Tx) error { return f(t.(*tx)) })
}

// answered410 is an app's server that answered 410 Gone at a URL, and when the latest attempt began that it answered so.
type answered410 struct {
	app live.AppID
	url string
	at  time.Time
}

// pause queues the pauses of the apps whose servers answered 410 Gone, in the order of the apps: only one settlement at a time
// can pause an app. There is none when the app has another URL by now, is paused already, or had a pause ended after the attempt
// began: an end in the future is one from before the clock was set back.
func (b *settlement) pause(c *conn) {
	var gone []answered410
	for i := range b.outcomes {
		o := &b.outcomes[i]
		if o.Gone == "" {
			continue
		}
		same := func(g answered410) bool { return g.app == o.Event.Lane.App && g.url == o.Gone }
		if i := slices.IndexFunc(gone, same); i < 0 {
			gone = append(gone, answered410{o.Event.Lane.App, o.Gone, o.Attempt.At})
		} else if o.Attempt.At.After(gone[i].at) {
			gone[i].at = o.Attempt.At
		}
	}
	slices.SortStableFunc(gone, func(x, y answered410) int { return cmp.Compare(x.app, y.app) })
	for _, g := range gone {
		var app int64
		c.laterFirst(func() error { b.paused = append(b.paused, live.AppID(app)); return nil },
			`INSERT INTO delivery_pauses AS p (app, paused, since, reason, gone, resumed_at)
				SELECT app, true, $3, $4, true, 0 FROM callbacks WHERE app = $1 AND url = $2
				ON CONFLICT (app) DO UPDATE SET paused = true, since = excluded.since, reason = excluded.reason, gone = true
				WHERE NOT p.paused AND (p.resumed_at <= $5 OR p.resumed_at > excluded.since) RETURNING p.app`,
			[]any{int64(g.app), storable(g.url), b.s.opts.Now().UnixMilli(), reasonGone, g.at.UnixMilli()}, &app)
	}
}

// Endpoint implements delivery.Outbox.
func (s *Store) Endpoint(ctx context.Context, app live.AppID) (e delivery.Endpoint, err error) {
	var p delivery.Pause
	var paused bool
	var since, resumed int64
	err = s.read(ctx, func(c *conn) error {
		_, err := c.first(`SELECT coalesce(c.url, ''), coalesce(t.token, ''), coalesce(p.paused, false), coalesce(p.since, 0),
				coalesce(p.reason, ''), coalesce(p.gone, false), coalesce(p.resumed_at, 0)
			FROM (SELECT $1::bigint AS app) a
			LEFT JOIN callbacks c ON c.app = a.app
			LEFT JOIN callback_tokens t ON t.app = a.app AND t.enabled
			LEFT JOIN delivery_pauses p ON p.app = a.app`,
			[]any{int64(app)}, &e.URL, &e.Token, &paused, &since, &p.Reason, &p.Gone, &resumed)
		return err
	})
	if err != nil {
		return delivery.Endpoint{}, err
	}
	if resumed > 0 {
		e.Resumed = time.UnixMilli(resumed)
	}
	if paused {
		p.Since = time.UnixMilli(since)
		e.Pause = &p
	}
	return e, nil
}
