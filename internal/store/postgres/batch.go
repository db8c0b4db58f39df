package postgres

import (
	"github.com/jackc/pgx/v5"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
)

// batch is updates in one transaction. They run side by side, each until it needs an answer of the database: what all of them
// ask goes out in one message. Two that are about the same thing run one after the other.
type batch struct {
	w     *writer
	c     *conn
	held  map[key]struct{} // locks that the session has
	owner map[key]*tx      // which update, that has not ended, has a key
	tries []try            // locks to be asked for with the next message
	ran   []*tx            // updates whose writes are in the transaction, or wait to be sent; in the order in which they ended
	back  []*job           // updates that must begin anew
	no    []*tx            // updates that were refused by their own functions; they may have seen what others have not committed
}

// try is an attempt to get a lock that somebody else may have.
type try struct {
	key key
	of  *tx
}

// run runs the jobs. It returns false when the transaction can hold nothing any more, or holds writes of an update that failed.
func (b *batch) run(jobs []*job) (whole bool) {
	waiting, running := jobs, []*tx(nil)
	for len(waiting)+len(running) > 0 {
		waiting, running = b.start(waiting, running)
		progress := false
		for _, t := range running {
			if t.asking || t.waits != nil && !t.waits.ended {
				continue
			}
			progress, t.waits = true, nil
			t.resume()
			if t.ended && !b.end(t) {
				b.cancel(running)
				return false
			}
		}
		running = unended(running)
		if !progress && !b.answer(running) {
			b.cancel(running)
			return false
		}
	}
	return true
}

// start begins the jobs that need nothing which an update under way has, and returns those that must wait, and those under way.
func (b *batch) start(waiting []*job, running []*tx) ([]*job, []*tx) {
	var later []*job
	for _, j := range waiting {
		switch {
		case b.taken(j.keys):
			later = append(later, j)
		case j.begin():
			running = append(running, newTx(b, j))
		}
	}
	return later, running
}

func (b *batch) taken(keys []key) bool {
	for _, k := range keys {
		if b.owner[k] != nil {
			return true
		}
	}
	return false
}

func unended(txs []*tx) []*tx {
	kept := txs[:0]
	for _, t := range txs {
		if !t.ended {
			kept = append(kept, t)
		}
	}
	clear(txs[len(kept):])
	return kept
}

// end takes note of an update that has ended; false when the transaction must be rolled back for it.
func (b *batch) end(t *tx) bool {
	for _, k := range t.keys {
		if b.owner[k] == t {
			delete(b.owner, k)
		}
	}
	switch {
	case b.c.failed != nil, t.dirty && (t.err != nil || t.refused):
		return false
	case t.refused:
		t.j.keys = union(t.j.keys, t.keys)
		b.back = append(b.back, t.j)
	case t.err != nil:
		b.no = append(b.no, t)
	default:
		b.collect(t)
		b.ran = append(b.ran, t)
	}
	return true
}

// collect takes over what an update has to send.
func (b *batch) collect(t *tx) {
	for _, s := range t.c.queue {
		t.dirty = t.dirty || s.write
		b.c.queue = append(b.c.queue, s)
	}
	clear(t.c.queue)
	t.c.queue = t.c.queue[:0]
}

// answer sends what the updates ask, and lets them go on. What an update writes is sent when it is known to have its locks: it
// would have to wait for who has them, and could not be put back alone.
func (b *batch) answer(running []*tx) bool {
	var answered []*tx
	for _, t := range running {
		if t.asking && (t.unsure == 0 || t.ending || !t.writes()) {
			answered = append(answered, t)
		}
	}
	b.try()
	for _, t := range answered {
		if !t.ending {
			b.collect(t)
		}
		t.asking = false
	}
	if b.c.send() != nil {
		return false
	}
	for _, t := range running {
		t.asking = t.asking && !t.refused
	}
	return true
}

// try asks for the locks, before all else that is sent.
func (b *batch) try() {
	if len(b.tries) == 0 {
		return
	}
	keys := make([]int64, len(b.tries))
	of := make(map[key]*tx, len(b.tries))
	for i, t := range b.tries {
		keys[i], of[t.key] = int64(t.key), t.of
		b.held[t.key] = struct{}{}
		t.of.unsure--
	}
	b.tries = b.tries[:0]
	b.c.queue = append(b.c.queue, statement{
		query: "SELECT k FROM unnest($1::bigint[]) AS k WHERE NOT pg_try_advisory_lock(k)", args: []any{keys},
		rows: func(rows pgx.Rows) error {
			for rows.Next() {
				var k int64
				if err := rows.Scan(&k); err != nil {
					return err
				}
				of[key(k)].refused = true
				delete(b.held, key(k))
			}
			return nil
		}})
}

// cancel ends the updates that are under way, when the transaction is of no use any more.
func (b *batch) cancel(running []*tx) {
	if b.c.failed == nil {
		b.c.failed = errBusy
	}
	for _, t := range running {
		for !t.ended {
			t.waits = nil
			t.resume()
		}
	}
}

// insertEvents puts events into the outbox, in their order: those whose app wants them, or which go there anyway. A lane that
// holds events goes on in the basket in which it is. Returned are also the last numbers in the lanes before.
const insertEvents = `WITH e AS MATERIALIZED (
		SELECT u.*, coalesce(l.basket, u.fresh) AS basket, coalesce(l.seq, 0) AS prev
		FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::text[], $7::text[], $8::bigint[], $9::bigint[],
			$10::bigint[], $11::boolean[]) WITH ORDINALITY
			AS u (app, room, id, command, body, client_ip, platform, created_at, queued_at, fresh, always, place)
		LEFT JOIN callbacks c ON c.app = u.app
		LEFT JOIN LATERAL (SELECT o.seq, o.basket FROM outbox o WHERE o.app = u.app AND o.room = u.room ORDER BY o.seq DESC LIMIT 1) l
			ON true
		WHERE u.always OR u.command = ANY (c.wanted)
	), i AS (
		INSERT INTO outbox (app, room, seq, id, command, body, client_ip, platform, created_at, queued_at, basket)
		SELECT app, room, nextval('outbox_seq'), id, command, body, client_ip, platform, created_at, queued_at, basket
		FROM (SELECT * FROM e ORDER BY place) AS ordered
		RETURNING id, seq
	) SELECT e.place, i.seq, e.prev, e.basket FROM e JOIN i ON i.id = e.id ORDER BY e.place`

// queueEvents has the events of all updates put into the outbox.
func (b *batch) queueEvents() {
	var events []*queuedEvent
	for _, t := range b.ran {
		events = append(events, t.webhooks...)
	}
	if len(events) == 0 {
		return
	}
	b.c.queue = append(b.c.queue, statement{query: insertEvents, args: b.w.s.node.columns(events), rows: func(rows pgx.Rows) error {
		last := make(map[delivery.Lane]int64)
		for rows.Next() {
			var place, seq, prev, basket int64
			if err := rows.Scan(&place, &seq, &prev, &basket); err != nil {
				return err
			}
			e := events[place-1]
			e.Seq, e.Prev, e.basket = seq, prev, basket
			if before, ok := last[e.Lane]; ok {
				e.Prev = before // in this commit
			}
			last[e.Lane] = seq
		}
		return nil
	}})
}

// queueNews has the other nodes told, with the commit, what they must know of it.
func (b *batch) queueNews() {
	var callbacks, purged []live.AppID
	var revoked []live.Revocation
	for _, t := range b.ran {
		callbacks, purged, revoked = append(callbacks, t.callbacks...), append(purged, t.purged...), append(revoked, t.revoked...)
	}
	b.w.s.announce(b.c, callbacks, purged, revoked)
}

// columns are the arguments of insertEvents.
func (n *node) columns(events []*queuedEvent) []any {
	var (
		apps, created, queued, fresh               = make([]int64, len(events)), make([]int64, len(events)), make([]int64, len(events)), make([]int64, len(events))
		rooms, ids, commands, addresses, platforms = make([]string, len(events)), make([]string, len(events)), make([]string, len(events)), make([]string, len(events)), make([]string, len(events))
		bodies                                     = make([][]byte, len(events))
		always                                     = make([]bool, len(events))
		state                                      = n.state.Load()
	)
	for i, e := range events {
		apps[i], rooms[i], ids[i], commands[i], bodies[i] = int64(e.Lane.App), string(e.Lane.Room), e.ID, string(e.Command), e.Body
		addresses[i], platforms[i], created[i], queued[i] = e.ClientIP, e.Platform, e.At.UnixMilli(), store.QueuedAt(e.Event)
		fresh[i], always[i] = n.basketFor(state, e.Lane), e.always
	}
	return []any{apps, rooms, ids, commands, bodies, addresses, platforms, created, queued, fresh, always}
}
