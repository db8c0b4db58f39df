package postgres

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/jackc/pgx/v5"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

// errBusy says that something which an update is about is locked by somebody else. Nobody but this package sees it.
var errBusy = errors.New("locked by another update")

// reader implements live.Reader on one connection. In an update it locks what it reads of.
type reader struct {
	c *conn
	t *tx // nil in a view
}

// about says that what is asked next, or written, concerns what k names. In an update it locks that, unless it is locked already.
func (r reader) about(k key) {
	if r.t != nil {
		r.t.lock(k)
	}
}

// tx implements live.Tx for one update of a batch.
type tx struct {
	reader
	b       *batch
	keys    []key // all that it has locked, or tried to
	unsure  int   // locks that it is not known to have yet
	refused bool  // somebody else has one of them
	dirty   bool  // something that it writes was sent
	err     error // why it failed

	changes   []live.Event
	webhooks  []*delivery.Event
	baskets   []*int64 // of the webhooks, one each
	callbacks []live.AppID
	purged    []live.AppID
	timers    bool // some were set
}

func newTx(b *batch) *tx {
	t := &tx{b: b}
	t.reader = reader{b.c, t}
	return t
}

// lock tries to get the lock of k with the next flush, which fails with errBusy when somebody else has it.
func (t *tx) lock(k key) {
	if _, held := t.b.held[k]; held {
		return
	}
	t.b.held[k] = struct{}{}
	t.keys = append(t.keys, k)
	t.unsure++
	t.c.queue = append(t.c.queue, statement{of: t, locks: &k, query: "SELECT pg_try_advisory_lock($1)", args: []any{int64(k)},
		rows: func(rows pgx.Rows) error {
			var got bool
			t.unsure--
			if rows.Next() {
				if err := rows.Scan(&got); err != nil {
					return err
				}
			}
			if !got {
				t.refused = true
				delete(t.b.held, k)
			}
			return nil
		}})
}

// put changes rows, with the next flush.
func (t *tx) put(query string, args ...any) error {
	t.c.queue = append(t.c.queue, statement{of: t, write: true, query: query, args: args})
	return nil
}

// write changes rows now, and returns how many.
func (t *tx) write(query string, args ...any) (changed int64, err error) {
	t.c.queue = append(t.c.queue, statement{of: t, write: true, query: query, args: args, done: func(n int64) { changed = n }})
	err = t.c.flush()
	return changed, err
}

// withdraw takes back what the update has not sent yet.
func (t *tx) withdraw() {
	kept := t.c.queue[:0]
	for _, s := range t.c.queue {
		switch {
		case s.of != t:
			kept = append(kept, s)
		case s.locks != nil:
			delete(t.b.held, *s.locks)
		}
	}
	clear(t.c.queue[len(kept):])
	t.c.queue = kept
}

// run runs f, and turns a panic of it into an error.
func (t *tx) run(f func(live.Tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in an update: %v\n%s", p, debug.Stack())
		}
	}()
	return f(any(t).(live.Tx))
}

// Emit implements live.Tx. The statement that puts the webhook into the outbox looks whether the app wants it, puts it into the
// basket that holds the lane's other events, and says which one was last there.
func (t *tx) Emit(e live.Event) error {
	t.changes = append(t.changes, e)
	hook := e.Change.Webhook(e)
	if hook == nil {
		return nil
	}
	body, err := webhook.Encode(hook)
	if err != nil {
		return fmt.Errorf("encode %s: %w", hook.Command(), err)
	}
	t.queueEvent(delivery.Event{
		ID: delivery.NewEventID(e.At), Lane: delivery.Lane{App: e.App, Room: e.Room}, Command: hook.Command(), Body: body,
		ClientIP: e.By.IP, Platform: string(e.By.Platform), At: e.At, Queued: e.At,
	})
	return nil
}

// insertEvent puts an event behind what waits in its lane, if its app wants that command.
const insertEvent = `WITH l AS (SELECT seq, basket FROM outbox WHERE app = $1 AND room = $2 ORDER BY seq DESC LIMIT 1)
	INSERT INTO outbox (app, room, seq, id, command, body, client_ip, platform, created_at, queued_at, basket)
	SELECT $1, $2, nextval('outbox_seq'), $3, $4, $5, $6, $7, $8, 0, coalesce(l.basket, $9)
	FROM callbacks c LEFT JOIN l ON true WHERE c.app = $1 AND $4 = ANY (c.wanted)
	RETURNING seq, basket, coalesce((SELECT l.seq FROM l), 0)`

// queueEvent puts an event into the outbox with the next flush.
func (t *tx) queueEvent(e delivery.Event) {
	t.about(roomKey(e.Lane.App, e.Lane.Room))
	basket := new(int64)
	t.c.queue = append(t.c.queue, statement{of: t, write: true, query: insertEvent,
		args: []any{
			int64(e.Lane.App), string(e.Lane.Room), e.ID, string(e.Command), e.Body, e.ClientIP, e.Platform, e.At.UnixMilli(),
			t.b.w.s.node.basketFor(e.Lane),
		},
		rows: func(rows pgx.Rows) error {
			if !rows.Next() {
				return nil // the app does not want it
			}
			t.webhooks, t.baskets = append(t.webhooks, &e), append(t.baskets, basket)
			return rows.Scan(&e.Seq, basket, &e.Prev)
		}})
}
