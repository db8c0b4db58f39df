package sqlite

import (
	"context"
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

// callbackRow is an app's webhook configuration as the writer needs it: which commands are switched on.
type callbackRow struct{ on map[webhook.Command]bool }

func (r *callbackRow) wants(c webhook.Command) bool { return r.on[c] }

// callback returns app's configuration from the writer's cache.
func (w *writer) callback(r reader, app live.AppID) (*callbackRow, error) {
	if row, ok := w.cache.callbacks[app]; ok {
		return row, nil
	}
	c, _, err := r.Callback(app)
	if err != nil {
		return nil, err
	}
	row := &callbackRow{on: make(map[webhook.Command]bool, len(c.Commands))}
	for _, word := range c.Commands {
		if kind, ok := webhook.Lookup(word); ok {
			row.on[kind.Command] = true
		}
	}
	w.cache.callbacks[app] = row
	return row, nil
}

func (r reader) Callback(app live.AppID) (live.Callback, bool, error) {
	var c live.Callback
	var commands string
	found, err := r.c.first("SELECT url, commands FROM callbacks WHERE app = ?", []any{app}, &c.URL, &commands)
	if err != nil || !found {
		return live.Callback{}, false, err
	}
	if err := json.Unmarshal([]byte(commands), &c.Commands); err != nil {
		return live.Callback{}, false, fmt.Errorf("read callback commands of app %d: %w", app, err)
	}
	return c, true, nil
}

func (t *tx) PutCallback(app live.AppID, c live.Callback) error {
	t.callbackChanged(app)
	commands, err := json.Marshal(c.Commands)
	if err != nil {
		return err
	}
	if err := t.liftGone(app); err != nil {
		return err
	}
	return t.put(`INSERT INTO callbacks (app, url, commands) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET url = excluded.url, commands = excluded.commands`, app, c.URL, string(commands))
}

func (t *tx) DeleteCallback(app live.AppID) error {
	t.callbackChanged(app)
	if err := t.liftGone(app); err != nil {
		return err
	}
	return t.put("DELETE FROM callbacks WHERE app = ?", app)
}

func (t *tx) callbackChanged(app live.AppID) {
	delete(t.w.cache.callbacks, app)
	t.callbacks = append(t.callbacks, app)
}

func (r reader) CallbackToken(app live.AppID) (live.CallbackToken, bool, error) {
	var c live.CallbackToken
	found, err := r.c.first("SELECT token, enabled FROM callback_tokens WHERE app = ?", []any{app}, &c.Token, &c.Enabled)
	return c, found, err
}

func (t *tx) PutCallbackToken(app live.AppID, c live.CallbackToken) error {
	t.callbackChanged(app)
	return t.put(`INSERT INTO callback_tokens (app, token, enabled) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET token = excluded.token, enabled = excluded.enabled`, app, c.Token, c.Enabled)
}

func (t *tx) DeleteCallbackToken(app live.AppID) error {
	t.callbackChanged(app)
	return t.put("DELETE FROM callback_tokens WHERE app = ?", app)
}

// Endpoint implements delivery.Outbox.
func (s *Store) Endpoint(ctx context.Context, app live.AppID) (delivery.Endpoint, error) {
	var e delivery.Endpoint
	err := s.read(ctx, func(c *conn) error {
		callback, _, err := reader{c}.Callback(app)
		if err != nil {
			return err
		}
		token, ok, err := reader{c}.CallbackToken(app)
		if err != nil {
			return err
		}
		e.URL = callback.URL
		if ok && token.Enabled {
			e.Token = token.Token
		}
		e.Pause, e.Resumed, err = pauseOf(c, app)
		return err
	})
	return e, err
}
