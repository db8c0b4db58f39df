package sqlite

import (
	"context"
	"time"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
)

// reasonGone is why an app is paused whose server answered 410.
const reasonGone = "the app server answered 410 Gone"

// Pause implements delivery.Records. What the app server asked for by 410 Gone becomes the operator's.
func (s *Store) Pause(ctx context.Context, app live.AppID, reason string) error {
	return s.change(ctx, func(t *tx) error {
		t.callbacks = append(t.callbacks, app)
		return t.put(`INSERT INTO delivery_pauses (app, paused, since, reason, gone, resumed_at) VALUES (?, 1, ?, ?, 0, 0)
			ON CONFLICT DO UPDATE SET since = iif(paused, since, excluded.since), paused = 1, reason = excluded.reason, gone = 0`,
			app, s.opts.Now().UnixMilli(), reason)
	})
}

// Resume implements delivery.Records.
func (s *Store) Resume(ctx context.Context, app live.AppID) error {
	return s.change(ctx, func(t *tx) error {
		resumed, err := t.write("UPDATE delivery_pauses SET paused = 0, gone = 0, resumed_at = ? WHERE app = ? AND paused = 1",
			s.opts.Now().UnixMilli(), app)
		if resumed > 0 {
			t.callbacks = append(t.callbacks, app)
		}
		return err
	})
}

// liftGone ends the pause that an app server asked for by 410 Gone, as its app has a new configuration.
func (t *tx) liftGone(app live.AppID) error {
	return t.put(`UPDATE delivery_pauses SET paused = 0, gone = 0, resumed_at = ?
		WHERE app = ? AND paused = 1 AND gone = 1`, t.w.opts.Now().UnixMilli(), app)
}

// pauseOf returns an app's pause, nil when it has none, and when its last one ended.
func pauseOf(c *conn, app live.AppID) (p *delivery.Pause, resumed time.Time, err error) {
	var on bool
	var since, end int64
	var pause delivery.Pause
	found, err := c.first("SELECT paused, since, reason, gone, resumed_at FROM delivery_pauses WHERE app = ?", []any{app},
		&on, &since, &pause.Reason, &pause.Gone, &end)
	if err != nil || !found {
		return nil, time.Time{}, err
	}
	if end > 0 {
		resumed = time.UnixMilli(end)
	}
	if on {
		pause.Since = time.UnixMilli(since)
		p = &pause
	}
	return p, resumed, nil
}

// change runs an operator's update.
func (s *Store) change(ctx context.Context, f func(*tx) error) error {
	return s.writer.update(ctx, func(t live.Tx) error { return f(t.(*tx)) })
}
