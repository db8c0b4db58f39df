package postgres

import (
	"time"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/store"
)

// rowBytes is what a row of the log takes on the disk beside its texts, in its indexes too; the room and the id are in an index
// once more.
const rowBytes = 280

// logColumns are rows of the delivery log, column by column.
type logColumns struct {
	apps, seqs, created, queued, written, began, took, answerBytes []int64
	attempts, numbers, statuses, bytes                             []int32
	fates                                                          []int16
	rooms, ids, commands, failures, addresses, platforms           []string
	lastErrors                                                     []*string
	answers, bodies                                                [][]byte
	total                                                          int64
}

// insertLog numbers the rows in the order of the arrays.
const insertLog = `INSERT INTO delivery_log (app, seq, created_at, queued_at, written_at, began, took, answer_bytes,
		attempts, attempt, status, bytes, fate, room, id, command, error, client_ip, platform, last_error, answer, body)
	SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
		$8::bigint[], $9::integer[], $10::integer[], $11::integer[], $12::integer[], $13::smallint[], $14::text[], $15::text[],
		$16::text[], $17::text[], $18::text[], $19::text[], $20::text[], $21::bytea[], $22::bytea[])`

// logWriters is locked, shared, by every transaction that writes to the log, from before its rows get their numbers. Who has it
// alone knows that all rows with numbers so far can be seen.
var logWriters = newKey(kindLog, 0, "")

// log queues the attempts for the delivery log.
func (b *settlement) log(c *conn) {
	if b.s.opts.LogKeep <= 0 {
		return
	}
	l := newLogColumns(len(b.outcomes))
	now := b.s.opts.Now()
	for i := range b.outcomes {
		l.add(&b.outcomes[i], now)
	}
	b.logged = l.total
	c.later("SELECT pg_advisory_xact_lock_shared($1)", int64(logWriters))
	c.later(insertLog, l.args()...)
	c.later(growLog, int64(b.node), l.total)
}

// growLog counts bytes in the row of a node.
const growLog = `INSERT INTO delivery_log_sizes AS s (node, bytes) VALUES ($1, $2)
	ON CONFLICT (node) DO UPDATE SET bytes = s.bytes + excluded.bytes`

// args are the arguments of insertLog.
func (l *logColumns) args() []any {
	return []any{
		l.apps, l.seqs, l.created, l.queued, l.written, l.began, l.took, l.answerBytes, l.attempts, l.numbers, l.statuses,
		l.bytes, l.fates, l.rooms, l.ids, l.commands, l.failures, l.addresses, l.platforms, l.lastErrors, l.answers, l.bodies,
	}
}

func newLogColumns(n int) *logColumns {
	long := func() []int64 { return make([]int64, 0, n) }
	short := func() []int32 { return make([]int32, 0, n) }
	text := func() []string { return make([]string, 0, n) }
	return &logColumns{
		apps: long(), seqs: long(), created: long(), queued: long(), written: long(), began: long(), took: long(), answerBytes: long(),
		attempts: short(), numbers: short(), statuses: short(), bytes: short(), fates: make([]int16, 0, n),
		rooms: text(), ids: text(), commands: text(), failures: text(), addresses: text(), platforms: text(),
		lastErrors: make([]*string, 0, n), answers: make([][]byte, 0, n), bodies: make([][]byte, 0, n),
	}
}

// add adds the attempt of an outcome. The time at which it says that it was written is not before the event's commit.
func (l *logColumns) add(o *delivery.Outcome, now time.Time) {
	e, a := &o.Event, &o.Attempt
	bytes := rowBytes + 2*len(e.Lane.Room) + 2*len(e.ID) + len(e.Command) + len(a.Answer) + len(a.Error)
	l.apps, l.seqs = append(l.apps, int64(e.Lane.App)), append(l.seqs, e.Seq)
	l.created, l.queued = append(l.created, e.At.UnixMilli()), append(l.queued, store.QueuedAt(*e))
	l.written = append(l.written, max(now.UnixMilli(), e.At.UnixMilli()))
	l.began, l.took = append(l.began, a.At.UnixMicro()), append(l.took, a.Took.Microseconds())
	l.answerBytes = append(l.answerBytes, int64(a.AnswerBytes))
	l.attempts, l.numbers = append(l.attempts, int32(e.Attempts)), append(l.numbers, int32(a.Number))
	l.statuses, l.fates = append(l.statuses, int32(a.Status)), append(l.fates, int16(o.Fate))
	l.rooms, l.ids, l.commands = append(l.rooms, string(e.Lane.Room)), append(l.ids, e.ID), append(l.commands, string(e.Command))
	l.failures, l.answers = append(l.failures, storable(a.Error)), append(l.answers, present(a.Answer))
	var last *string
	if e.LastError != a.Error {
		text := storable(e.LastError)
		last = &text
		bytes += len(text)
	}
	l.lastErrors = append(l.lastErrors, last)
	var body []byte
	var address, platform string
	if o.Fate == delivery.Delivered {
		body, address, platform = present(e.Body), e.ClientIP, e.Platform
		bytes += len(body) + len(address) + len(platform)
	}
	l.bodies, l.addresses, l.platforms = append(l.bodies, body), append(l.addresses, address), append(l.platforms, platform)
	l.bytes = append(l.bytes, int32(bytes))
	l.total += int64(bytes)
}

// present is what is stored of bytes that are not null though there may be none.
func present(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
