package sqlite

import (
	"fmt"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

// reader implements live.Reader on one connection.
type reader struct{ c *conn }

// tx implements live.Tx inside the writer's transaction.
type tx struct {
	reader
	w         *writer
	open      bool // the savepoint was opened
	err       error
	changes   []live.Event
	webhooks  []delivery.Event
	callbacks []live.AppID
	purged    []live.AppID
	counts    []count // what went from the outbox and the dead letters
	timers    bool    // some were set
}

// write runs a statement that changes rows, in the update's savepoint.
func (t *tx) write(query string, args ...any) (int64, error) {
	if err := t.begin(); err != nil {
		return 0, err
	}
	return t.c.exec(query, args...)
}

// begin opens the savepoint with the update's first write.
func (t *tx) begin() error {
	if t.open {
		return nil
	}
	t.open = true
	return t.c.do("SAVEPOINT update_")
}

func (t *tx) nextSeq() (int64, error) {
	if err := t.begin(); err != nil {
		return 0, err
	}
	return t.w.sequence.take(t.c)
}

// put is write for callers who do not care how many rows there were.
func (t *tx) put(query string, args ...any) error {
	_, err := t.write(query, args...)
	return err
}

// forget drops what the update would have announced, and what was cached while it ran.
func (t *tx) forget() {
	t.w.cache.clear()
	t.changes, t.webhooks, t.callbacks, t.purged, t.counts, t.timers = nil, nil, nil, nil, nil, false
}

// Emit implements live.Tx.
func (t *tx) Emit(e live.Event) error {
	t.changes = append(t.changes, e)
	hook := e.Change.Webhook(e)
	if hook == nil {
		return nil
	}
	row, err := t.w.callback(t.reader, e.App)
	if err != nil {
		return err
	}
	if !row.wants(hook.Command()) {
		return nil
	}
	body, err := webhook.Encode(hook)
	if err != nil {
		return fmt.Errorf("encode %s: %w", hook.Command(), err)
	}
	seq, err := t.nextSeq()
	if err != nil {
		return err
	}
	out := delivery.Event{
		Seq: seq, ID: delivery.NewEventID(e.At), Lane: delivery.Lane{App: e.App, Room: e.Room},
		Command: hook.Command(), Body: body, ClientIP: e.By.IP, Platform: string(e.By.Platform), At: e.At, Queued: e.At,
	}
	t.webhooks = append(t.webhooks, out)
	return t.insertOutbox(out)
}
