package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver

	"github.com/greenroom-live/greenroom/bench/rig"
	"github.com/greenroom-live/greenroom/internal/store/sqlite"
)

// stockroom writes rows into the database of a server that does not run, as many as calls would take hours to cause. Every row
// is a copy of one that the server itself wrote, but for a few columns, so that it is as the server's schema wants it.
type stockroom struct {
	ctx  context.Context
	db   *sql.DB
	file string
}

// openStockroom opens the database of a halted server. It keeps no journal: a failure leaves the database broken, and the
// run is over.
func openStockroom(ctx context.Context, dataDir string) (*stockroom, error) {
	file := filepath.Join(dataDir, sqlite.FileName)
	if _, err := os.Stat(file); err != nil {
		return nil, err
	}
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath()}
	u.RawQuery = url.Values{"_pragma": {
		"journal_mode(DELETE)", "journal_mode(OFF)", "synchronous(OFF)", "locking_mode(EXCLUSIVE)", "cache_size(-65536)",
	}}.Encode()
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, fmt.Errorf("open the database to stock it: %w", err)
	}
	db.SetMaxOpenConns(1)
	return &stockroom{ctx, db, file}, nil
}

// close closes the file and waits until it is on disk, so that this does not fall into what is measured next.
func (s *stockroom) close() error {
	if err := s.db.Close(); err != nil {
		return err
	}
	f, err := os.OpenFile(s.file, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// row is a row of a table that serves as the pattern for others.
type row struct {
	table   string
	columns []string
	values  []any
}

// pattern returns the last row of a table.
func (s *stockroom) pattern(table, order string) (row, error) {
	rows, err := s.db.QueryContext(s.ctx, "SELECT * FROM "+table+" ORDER BY "+order+" DESC LIMIT 1")
	if err != nil {
		return row{}, fmt.Errorf("read a row of %s: %w", table, err)
	}
	defer rows.Close()
	r := row{table: table}
	if r.columns, err = rows.Columns(); err != nil {
		return r, err
	}
	if !rows.Next() {
		return r, errors.Join(fmt.Errorf("%s has no row", table), rows.Err())
	}
	r.values = make([]any, len(r.columns))
	into := make([]any, len(r.columns))
	for i := range into {
		into[i] = &r.values[i]
	}
	return r, rows.Scan(into...)
}

func (r row) value(column string) any {
	for i, name := range r.columns {
		if name == column {
			return r.values[i]
		}
	}
	return nil
}

// number is a column that holds an integer; 0 when it does not.
func (r row) number(column string) int64 {
	n, _ := r.value(column).(int64)
	return n
}

// text is a column that holds a text or bytes.
func (r row) text(column string) string {
	switch v := r.value(column).(type) {
	case string:
		return v
	case []byte:
		return string(v)
	}
	return ""
}

// copies inserts copies number from to to-1 of a row. The columns in instead get the value of an SQL expression, in which i is
// the copy's number; what instead names and the table does not have is left out.
func (s *stockroom) copies(r row, from, to int, instead map[string]string) error {
	expressions, values := make([]string, len(r.columns)), []any{from, to}
	for i, column := range r.columns {
		if expression, ok := instead[column]; ok {
			expressions[i] = expression
			continue
		}
		values = append(values, r.values[i])
		expressions[i] = fmt.Sprintf("?%d", len(values))
	}
	query := fmt.Sprintf(`INSERT INTO %s (%s) WITH RECURSIVE copy(i) AS (SELECT ?1 WHERE ?1 < ?2 UNION ALL
		SELECT i + 1 FROM copy WHERE i + 1 < ?2) SELECT %s FROM copy`,
		r.table, strings.Join(r.columns, ", "), strings.Join(expressions, ", "))
	if _, err := s.db.ExecContext(s.ctx, query, values...); err != nil {
		return fmt.Errorf("insert %d rows into %s: %w", to-from, r.table, err)
	}
	return nil
}

func (s *stockroom) exec(query string, args ...any) error {
	if _, err := s.db.ExecContext(s.ctx, query, args...); err != nil {
		return fmt.Errorf("%.60s: %w", query, err)
	}
	return nil
}

// events replaces what waits in the outbox, of which there has to be one deletion at least, by n undelivered events in rooms
// with the given ids. The rooms take turns in the order of commits. Room i of the list has the number first+i in the marks.
func (s *stockroom) events(ids []string, first, n int) error {
	pattern, err := s.pattern("outbox", "seq")
	if err != nil {
		return err
	}
	mark, found := rig.FindMark([]byte(pattern.text("body")))
	if !found {
		return fmt.Errorf("the event in the outbox is no deletion of the runs: %s", pattern.text("body"))
	}
	if err := s.exec("DELETE FROM outbox"); err != nil {
		return err
	}
	seq := pattern.number("seq") + 1
	for i, id := range ids { // room by room, because that is how the table lies
		events := (n - i + len(ids) - 1) / len(ids)
		instead := eventOf(pattern, mark, id, first+i)
		instead["seq"] = fmt.Sprintf("%d + i * %d", seq+int64(i), len(ids))
		if err := s.copies(pattern, 0, events, instead); err != nil {
			return err
		}
	}
	return s.exec("UPDATE outbox_sequence SET next = max(next, ?)", seq+int64(n))
}

// sharedID is how much of an event's id its copies keep: evt_ and most of its time.
const sharedID = 13

// eventOf is what is different in the events of a room: i is also the event's number there.
func eventOf(pattern row, mark rig.Mark, room string, number int) map[string]string {
	body := strings.ReplaceAll(pattern.text("body"), pattern.text("room"), room)
	before, after, _ := strings.Cut(body, mark.String())
	before += strings.TrimSuffix(rig.Mark{Room: number}.String(), "0")
	id := pattern.text("id")
	return map[string]string{
		"room":       quoted(room),
		"id":         fmt.Sprintf("%s || substr(hex(randomblob(16)), 1, %d)", quoted(id[:min(sharedID, len(id))]), len(id)-sharedID),
		"body":       fmt.Sprintf("CAST(%s || i || %s AS BLOB)", quoted(before), quoted(after)),
		"attempts":   "0",
		"last_error": "''",
	}
}

// quoted is a text as SQL has it.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// rooms adds rooms to an app, those of the run from number from to number to-1, each like the one that is there last.
func (s *stockroom) rooms(run string, from, to int) error {
	pattern, err := s.pattern("rooms", "app, room")
	if err != nil {
		return err
	}
	if err := s.copies(pattern, from, to, map[string]string{"room": "printf(" + quoted("bench_"+run+"_%06d") + ", i)"}); err != nil {
		return err
	}
	return s.exec("UPDATE room_counts SET rooms = rooms + ? WHERE app = ?", to-from, pattern.value("app"))
}

// log fills the delivery log until it has n rows at least. The log is kept in blocks of many rows; a whole one of the server's
// is copied.
func (s *stockroom) log(n int) error {
	pattern, err := s.pattern("delivery_log", "count")
	if err != nil {
		return err
	}
	last, err := s.pattern("delivery_log", "first")
	if err != nil {
		return err
	}
	rows := max(1, pattern.number("count"))
	end := last.number("first") + last.number("count")
	blocks := (int64(n) - end + rows) / rows
	return s.copies(pattern, 0, int(max(0, blocks)), map[string]string{
		"first":        fmt.Sprintf("%d + i * %d", end, rows),
		"bytes_before": fmt.Sprintf("%d + i * %d", last.number("bytes_before")+sizeOf(last), sizeOf(pattern)),
		"written_at":   fmt.Sprint(last.number("written_at")),
	})
}

// sizeOf is how many bytes a block of the log counts for.
func sizeOf(block row) int64 { return int64(len(block.text("records")) + len(block.text("marks"))) }
