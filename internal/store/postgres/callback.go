package postgres

import (
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

func (r reader) Callback(app live.AppID) (live.Callback, bool, error) {
	r.about(appKey(app))
	var c live.Callback
	var commands string
	found, err := r.c.first("SELECT url, commands FROM callbacks WHERE app = $1", []any{int64(app)}, &c.URL, &commands)
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
	return t.put(`INSERT INTO callbacks (app, url, commands, wanted) VALUES ($1, $2, $3, $4)
		ON CONFLICT (app) DO UPDATE SET url = excluded.url, commands = excluded.commands, wanted = excluded.wanted`,
		int64(app), c.URL, string(commands), Wanted(c.Commands))
}

// Wanted returns the commands that words switch on, each once, whichever of its names was given.
func Wanted(words []string) []string {
	commands := make([]string, 0, len(words))
	for _, word := range words {
		if kind, ok := webhook.Lookup(word); ok {
			commands = append(commands, string(kind.Command))
		}
	}
	slices.Sort(commands)
	return slices.Compact(commands)
}

func (t *tx) DeleteCallback(app live.AppID) error {
	t.callbackChanged(app)
	if err := t.liftGone(app); err != nil {
		return err
	}
	return t.put("DELETE FROM callbacks WHERE app = $1", int64(app))
}

// callbackChanged is to be called before anything of an app's webhook configuration is changed.
func (t *tx) callbackChanged(app live.AppID) {
	t.about(appKey(app))
	t.callbacks = append(t.callbacks, app)
}

func (r reader) CallbackToken(app live.AppID) (live.CallbackToken, bool, error) {
	r.about(appKey(app))
	var c live.CallbackToken
	found, err := r.c.first("SELECT token, enabled FROM callback_tokens WHERE app = $1", []any{int64(app)}, &c.Token, &c.Enabled)
	return c, found, err
}

func (t *tx) PutCallbackToken(app live.AppID, c live.CallbackToken) error {
	t.callbackChanged(app)
	return t.put(`INSERT INTO callback_tokens (app, token, enabled) VALUES ($1, $2, $3)
		ON CONFLICT (app) DO UPDATE SET token = excluded.token, enabled = excluded.enabled`, int64(app), c.Token, c.Enabled)
}

func (t *tx) DeleteCallbackToken(app live.AppID) error {
	t.callbackChanged(app)
	return t.put("DELETE FROM callback_tokens WHERE app = $1", int64(app))
}
