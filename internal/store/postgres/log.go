package postgres

import (
	"context"
	"math"
	"time"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
)

const (
	// pageRows bounds what one page of a list holds, pageBytes the bodies and answers in it.
	pageRows, pageBytes = 1000, 4 << 20
	// readRows is how many rows of the outbox, of the dead letters or of the log one read transaction looks at.
	readRows = 2000
	// clockSkew is by how much the clocks of two nodes may differ for searches by time to find everything.
	clockSkew = 10 * time.Minute
)

// logged is what is read of a row of the log.
const logged = `number, seq, room, id, command, created_at, queued_at, attempts, coalesce(last_error, error), body, client_ip,
	platform, fate, attempt, began, took, status, answer_bytes, answer, error`

// scanLogged reads a row of the log of app.
func scanLogged(scan func(...any) error, app live.AppID) (number int64, l delivery.Logged, err error) {
	var at, queued, began, took int64
	var fate int16
	e, a := &l.Event, &l.Attempt
	e.Lane.App = app
	err = scan(&number, &e.Seq, (*string)(&e.Lane.Room), &e.ID, (*string)(&e.Command), &at, &queued, &e.Attempts, &e.LastError,
		&e.Body, &e.ClientIP, &e.Platform, &fate, &a.Number, &began, &took, &a.Status, &a.AnswerBytes, &a.Answer, &a.Error)
	store.SetTimes(e, at, queued)
	l.Fate = delivery.Fate(fate)
	a.At, a.Took = time.UnixMicro(began), time.Duration(took)*time.Microsecond
	if len(a.Answer) == 0 {
		a.Answer = nil
	}
	return number, l, err
}

// Log implements delivery.Records. What several nodes write at the same time may come to light out of order: a page holds nothing
// that the pages before it did, and all of them together hold everything that was durable when the first was read.
func (s *Store) Log(ctx context.Context, f delivery.Filter, fates []delivery.Fate, after delivery.Cursor, limit int) (
	[]delivery.Logged, delivery.Cursor, error,
) {
	p := logPage{filter: f, fates: fates, before: math.MaxInt64, limit: min(max(limit, 1), pageRows)}
	if after != "" {
		if _, err := store.DecodeCursor(after, store.CursorLog, &p.before); err != nil {
			return nil, "", err
		}
	}
	if err := s.read(ctx, p.fill); err != nil {
		return nil, "", err
	}
	if !p.more {
		return p.lines, "", nil
	}
	return p.lines, store.EncodeCursor(store.CursorLog, "", p.before), nil
}

// logPage is a page of the log, latest first, while it is put together.
type logPage struct {
	filter delivery.Filter
	fates  []delivery.Fate
	before int64 // rows from this number on have been looked at
	limit  int
	lines  []delivery.Logged
	bytes  int
	more   bool // there may be more
}

// fill looks at rows backwards, until the page is full or enough have been looked at. An attempt is later than the commit of its
// event, so when the attempts are older than the events that are asked for, there are no more.
func (p *logPage) fill(c *conn) error {
	var last, written int64 // of the row behind which nothing was looked at
	query, args := narrow(p.filter, `SELECT number, written_at FROM delivery_log WHERE app = $1 {room} AND number < $2
		ORDER BY number DESC LIMIT 1 OFFSET $3`, int64(p.filter.App), p.before, readRows-1)
	c.laterFirst(func() error { p.more = true; return nil }, query, args, &last, &written)
	fates := make([]int16, len(p.fates))
	for i, f := range p.fates {
		fates[i] = int16(f)
	}
	query, args = narrow(p.filter, "SELECT "+logged+` FROM
			(SELECT * FROM delivery_log WHERE app = $1 {room} AND number < $5 ORDER BY number DESC LIMIT $6) AS looked
		WHERE `+picked+" AND (cardinality($7::smallint[]) = 0 OR fate = ANY ($7)) ORDER BY number DESC LIMIT $8",
		picks(p.filter, p.before, readRows, fates, p.limit)...)
	full := false
	err := c.each(func(scan func(...any) error) error {
		if full {
			return nil
		}
		number, l, err := scanLogged(scan, p.filter.App)
		p.lines, p.before = append(p.lines, l), number
		p.bytes += len(l.Event.Body) + len(l.Attempt.Answer)
		full = len(p.lines) == p.limit || p.bytes >= pageBytes
		return err
	}, query, args...)
	switch {
	case err != nil || full:
		p.more = true
	case p.more:
		p.before = last
		p.more = p.filter.From.IsZero() || !time.UnixMilli(written).Before(p.filter.From.Add(-clockSkew))
	}
	return err
}

// loggedSince returns the number of some row of app such that, with clocks that are no more than clockSkew apart, no row before
// it was written at that time, in Unix milliseconds, or later. It halves the numbers, as the times rise with them.
func loggedSince(c *conn, app live.AppID, written int64) (int64, error) {
	var low, high int64
	_, err := c.first(`SELECT coalesce(min(number), 0), coalesce(max(number) + 1, 0) FROM delivery_log WHERE app = $1`,
		[]any{int64(app)}, &low, &high)
	if err != nil {
		return 0, err
	}
	written -= clockSkew.Milliseconds()
	for low < high { // rows before low are older; one from high on is not, or there is none
		middle := low + (high-low)/2
		var number, at int64
		found, err := c.first("SELECT number, written_at FROM delivery_log WHERE app = $1 AND number >= $2 ORDER BY number LIMIT 1",
			[]any{int64(app), middle}, &number, &at)
		if err != nil {
			return 0, err
		}
		if found && at < written {
			low = number + 1
		} else {
			high = middle
		}
	}
	return low, nil
}
