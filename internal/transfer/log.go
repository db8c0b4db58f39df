package transfer

import (
	"context"
	"fmt"
	"time"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/store/postgres"
	"github.com/greenroom-live/greenroom/internal/store/sqlite"
)

// tableLogSizes has how many bytes are in the log of PostgreSQL.
const tableLogSizes = "delivery_log_sizes"

// sumLog sums up the attempts in the blocks of the log, each as the row that PostgreSQL has of it.
func (s *source) sumLog(ctx context.Context, _ table, add func([]field) error) error {
	return eachRow(ctx, s.folder.DB, func(v []any) (err error) {
		first, written, records := v[0].(int64), v[1].(int64), v[2].([]byte)
		broken := sqlite.EachLogged(records, func(place int64, l delivery.Logged) {
			if err == nil {
				err = add(loggedFields(first+place, written, l))
			}
		})
		if err == nil {
			err = broken
		}
		return err
	}, "SELECT first, written_at, records FROM delivery_log")
}

func loggedFields(number, written int64, l delivery.Logged) []field {
	e, a := l.Event, l.Attempt
	var queued int64
	if !e.Queued.Equal(e.At) {
		queued = e.Queued.UnixMilli()
	}
	var lastError, body any
	if e.LastError != a.Error {
		lastError = valid(e.LastError)
	}
	if l.Fate == delivery.Delivered {
		body = append([]byte{}, e.Body...)
	}
	return []field{
		{"app", int64(e.Lane.App)}, {"number", number}, {"seq", e.Seq}, {"created_at", e.At.UnixMilli()}, {"queued_at", queued},
		{"written_at", max(written, e.At.UnixMilli())}, {"began", a.At.UnixMicro()}, {"took", a.Took.Microseconds()},
		{"answer_bytes", int64(a.AnswerBytes)}, {"attempts", int64(e.Attempts)}, {"attempt", int64(a.Number)}, {"status", int64(a.Status)},
		{"fate", int64(l.Fate)}, {"room", valid(string(e.Lane.Room))}, {"id", valid(e.ID)}, {"command", valid(string(e.Command))},
		{"answer", append([]byte{}, a.Answer...)}, {"error", valid(a.Error)}, {"last_error", lastError}, {"body", body},
		{"client_ip", valid(e.ClientIP)}, {"platform", valid(e.Platform)},
	}
}

// logPage copies blocks of the log.
func (c *copying) logPage(ctx context.Context, after []any) (page, error) {
	type block struct {
		first    int64
		written  time.Time
		outcomes []delivery.Outcome
	}
	var blocks []block
	var p page
	bytes, start := 0, int64(0)
	if len(after) > 0 {
		start = after[0].(int64) + 1
	}
	err := eachRow(ctx, c.from.folder.DB, func(v []any) error {
		b := block{first: v[0].(int64), written: time.UnixMilli(v[1].(int64))}
		records := v[2].([]byte)
		err := sqlite.EachLogged(records, func(_ int64, l delivery.Logged) {
			b.outcomes = append(b.outcomes, delivery.Outcome{Event: l.Event, Fate: l.Fate, Attempt: l.Attempt})
		})
		if err != nil {
			return fmt.Errorf("block %d: %w", b.first, err)
		}
		blocks = append(blocks, b)
		p.last, p.rows = []any{b.first}, p.rows+int64(len(b.outcomes))
		if bytes += len(records); bytes >= pageBytes {
			return errFull
		}
		return nil
	}, "SELECT first, written_at, records FROM delivery_log WHERE first >= ? ORDER BY first LIMIT 100", start)
	if err == errFull { //nolint:errorlint // it comes as it is
		err = nil
	}
	p.write = func(ctx context.Context, w *writing) error {
		for _, b := range blocks {
			if err := postgres.ImportLog(ctx, w.tx, b.first, b.written, b.outcomes); err != nil {
				return fmt.Errorf("block %d: %w", b.first, err)
			}
		}
		return nil
	}
	return p, err
}
