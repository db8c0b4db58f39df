package postgres

import (
	"slices"
	"strings"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
)

type settleState uint8

const (
	unsettled settleState = iota
	unsure                // COMMIT was sent
	settled
	refused // the lease is lost
)

// settlement is some outcomes that are written down in one transaction.
//
// It begins by locking this node's row: without one the node's life is over and nothing is written; with one, whoever wants to
// take over the node's lanes waits until the transaction has ended. Settlements hold no other locks that anybody waits for, but
// for the rows themselves: those of the outbox are removed by others only if nobody has them (SKIP LOCKED), and pauses are
// written last, in the order of the apps.
type settlement struct {
	s        *Store
	node     live.NodeID
	outcomes []delivery.Outcome
	state    settleState
	xid      string // the transaction's number
	held     bool   // the node has its row
	paused   []live.AppID
	logged   int64 // bytes in the log
}

// holdLifeNumbered is holdLife, and tells the number of the transaction.
const holdLifeNumbered = "SELECT pg_current_xact_id()::text FROM nodes WHERE node = $1 FOR KEY SHARE"

// newSettlement prepares the writing of outcomes: those in the name of this node's life now. Others are refused at once.
func (s *Store) newSettlement(outcomes []delivery.Outcome) *settlement {
	b := &settlement{s: s, node: s.node.state.Load().id, outcomes: outcomes}
	stale := func(o delivery.Outcome) bool { return o.Event.Node != b.node }
	if slices.ContainsFunc(outcomes, stale) {
		b.outcomes = slices.DeleteFunc(slices.Clone(outcomes), stale)
	}
	return b
}

// write carries the transaction out: in two messages, so that its number is known when COMMIT is sent.
func (b *settlement) write(c *conn) error {
	c.failed, b.held, b.paused = nil, false, nil
	c.queue = c.queue[:0]
	c.later("BEGIN")
	c.laterFirst(func() error { b.held = true; return nil },
		holdLifeNumbered, []any{int64(b.node)}, &b.xid)
	b.sort().write(c, b)
	b.log(c)
	b.pause(c)
	if err := c.flush(); err != nil {
		return err
	}
	if !b.held {
		b.state = refused
		return c.do("ROLLBACK")
	}
	b.s.announce(c, b.paused, nil, nil)
	c.later("COMMIT")
	b.state = unsure
	err := c.flush()
	if err == nil {
		b.state = settled
	} else if !c.pg.IsClosed() {
		b.state = unsettled
	}
	return err
}

// fates are outcomes, sorted by what is to be done with their events.
type fates struct{ delivered, failed, dead columns }

// columns are the arguments of a statement: events, and what is known of them now.
type columns struct {
	apps     []int64
	rooms    []string
	seqs     []int64
	attempts []int32
	errors   []string
}

func (c *columns) add(e *delivery.Event) {
	c.apps, c.rooms, c.seqs = append(c.apps, int64(e.Lane.App)), append(c.rooms, string(e.Lane.Room)), append(c.seqs, e.Seq)
}

func (c *columns) addFailed(e *delivery.Event) {
	c.add(e)
	c.attempts, c.errors = append(c.attempts, int32(e.Attempts)), append(c.errors, storable(e.LastError))
}

// sort says what is to be done with the events: of one that failed more than once, what is known since the last time.
func (b *settlement) sort() *fates {
	f := new(fates)
	type event struct {
		lane delivery.Lane
		seq  int64
	}
	last := make(map[event]int)
	for i := range b.outcomes {
		o := &b.outcomes[i]
		switch o.Fate {
		case delivery.Delivered:
			f.delivered.add(&o.Event)
		case delivery.Dead:
			f.dead.addFailed(&o.Event)
		case delivery.Failed:
			at := event{o.Event.Lane, o.Event.Seq}
			if place, ok := last[at]; ok {
				f.failed.attempts[place], f.failed.errors[place] = int32(o.Event.Attempts), storable(o.Event.LastError)
				continue
			}
			last[at] = len(f.failed.seqs)
			f.failed.addFailed(&o.Event)
		}
	}
	return f
}

// mine is the condition that a row of the outbox is in a basket of node $1.
const mine = " AND o.basket IN (SELECT b.basket FROM baskets b WHERE b.node = $1)"

const (
	updateFailed = `UPDATE outbox o SET attempts = u.attempts, last_error = u.error
		FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::integer[], $6::text[]) AS u (app, room, seq, attempts, error)
		WHERE o.app = u.app AND o.room = u.room AND o.seq = u.seq` + mine
	deleteDelivered = `DELETE FROM outbox o USING unnest($2::bigint[], $3::text[], $4::bigint[]) AS u (app, room, seq)
		WHERE o.app = u.app AND o.room = u.room AND o.seq = u.seq` + mine
	buryDead = `WITH d AS (
			DELETE FROM outbox o USING unnest($2::bigint[], $3::text[], $4::bigint[], $5::integer[], $6::text[])
				AS u (app, room, seq, attempts, error)
			WHERE o.app = u.app AND o.room = u.room AND o.seq = u.seq` + mine + `
			RETURNING o.seq, o.id, o.app, o.room, o.command, o.body, o.client_ip, o.platform, o.created_at, o.queued_at, u.attempts, u.error
		) INSERT INTO dead_letters (seq, id, app, room, command, body, client_ip, platform, created_at, queued_at, attempts, last_error,
			died_at) SELECT d.*, $7 FROM d ON CONFLICT DO NOTHING`
)

// write queues what is to be done in the outbox. What is not there any more was purged meanwhile.
func (f *fates) write(c *conn, b *settlement) {
	if l := &f.failed; len(l.seqs) > 0 {
		c.later(updateFailed, int64(b.node), l.apps, l.rooms, l.seqs, l.attempts, l.errors)
	}
	if l := &f.delivered; len(l.seqs) > 0 {
		c.later(deleteDelivered, int64(b.node), l.apps, l.rooms, l.seqs)
	}
	if l := &f.dead; len(l.seqs) > 0 {
		c.later(buryDead, int64(b.node), l.apps, l.rooms, l.seqs, l.attempts, l.errors, b.s.opts.Now().UnixMilli())
	}
}

// storable is text as PostgreSQL can store it: what an app server or the network said may be no UTF-8.
func storable(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }
