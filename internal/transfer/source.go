package transfer

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/greenroom-live/greenroom/internal/store/sqlite"
)

// source is the folder.
type source struct {
	dir    string
	folder *sqlite.Folder
	tables []table
	mended int64
}

// table is one of the folder's, in which the rows are found by their key.
type table struct {
	name    string
	columns []string
	key     []string
}

// Tables that are not like those of PostgreSQL.
const (
	tableLog      = "delivery_log"    // many attempts in one row
	tableSequence = "outbox_sequence" // a sequence of PostgreSQL
)

func openSource(ctx context.Context, dir string) (*source, error) {
	folder, err := sqlite.OpenFolder(ctx, dir)
	if err != nil {
		return nil, err
	}
	s := &source{dir: dir, folder: folder}
	if s.tables, err = readTables(ctx, folder.DB); err != nil {
		return nil, fmt.Errorf("read the tables of %s: %w", dir, joinClose(err, s.close))
	}
	return s, nil
}

func joinClose(err error, closer func() error) error {
	_ = closer() // nothing was changed
	return err
}

func (s *source) close() error { return s.folder.Close() }

// readTables finds all tables, in the order of their names.
func readTables(ctx context.Context, db *sql.DB) (tables []table, err error) {
	var names []string
	err = eachRow(ctx, db, func(v []any) error { names = append(names, v[0].(string)); return nil },
		"SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%' ORDER BY name")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		t := table{name: name}
		keys := map[int64]string{}
		err := eachRow(ctx, db, func(v []any) error {
			column := v[0].(string)
			t.columns = append(t.columns, column)
			if place := v[1].(int64); place > 0 {
				keys[place] = column
			}
			return nil
		}, "SELECT name, pk FROM pragma_table_info(?)", name)
		if err != nil {
			return nil, err
		}
		for place := range int64(len(keys)) {
			t.key = append(t.key, keys[place+1])
		}
		if len(t.key) == 0 && name != tableSequence {
			return nil, fmt.Errorf("table %s has no key", name)
		}
		tables = append(tables, t)
	}
	return tables, nil
}

// eachRow calls visit with the values of every row. Their memory is used again.
func eachRow(ctx context.Context, db *sql.DB, visit func([]any) error, query string, args ...any) error {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	values, places := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		places[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			return err
		}
		if err := visit(values); err != nil {
			return err
		}
	}
	return rows.Err()
}

// inPostgres is what a column is called in PostgreSQL, where user is a word of the language.
func inPostgres(column string) string {
	if column == "user" {
		return "user_id"
	}
	return column
}

func quoted(names []string) string { return `"` + strings.Join(names, `", "`) + `"` }

// sums sums up all tables.
func (s *source) sums(ctx context.Context, progress func(Progress)) (sums, error) {
	all := sums{}
	var done int64
	for _, t := range s.tables {
		progress(Progress{Doing: "reading", Table: t.name, Done: done})
		var a adder
		count := func(fields []field) error {
			if done++; done%progressRows == 0 {
				progress(Progress{Doing: "reading", Table: t.name, Done: done})
			}
			return a.add(fields)
		}
		sumUp := s.sumRows
		if t.name == tableLog {
			sumUp = s.sumLog
		}
		if err := sumUp(ctx, t, count); err != nil {
			return nil, fmt.Errorf("table %s: %w", t.name, err)
		}
		all[t.name] = a.Sum
	}
	progress(Progress{Doing: "reading", Done: done, Total: done})
	return all, nil
}

func (s *source) sumRows(ctx context.Context, t table, add func([]field) error) error {
	fields := make([]field, len(t.columns))
	return eachRow(ctx, s.folder.DB, func(values []any) error {
		for i, v := range values {
			if text, ok := v.(string); ok {
				v = valid(text)
			}
			fields[i] = field{inPostgres(t.columns[i]), v}
		}
		return add(fields)
	}, "SELECT "+quoted(t.columns)+" FROM "+quoted([]string{t.name}))
}

// page reads up to so many rows behind a key, and fewer when they are large.
func (s *source) page(ctx context.Context, t table, after []any) (rows [][]any, err error) {
	query := "SELECT " + quoted(t.columns) + " FROM " + quoted([]string{t.name})
	if len(after) > 0 {
		query += " WHERE (" + quoted(t.key) + ") > (?" + strings.Repeat(", ?", len(after)-1) + ")"
	}
	if len(t.key) > 0 {
		query += " ORDER BY " + quoted(t.key)
	}
	bytes := 0
	err = eachRow(ctx, s.folder.DB, func(values []any) error {
		row := slices.Clone(values)
		for i, v := range row {
			switch v := v.(type) {
			case string:
				bytes += len(v)
				if text := valid(v); text != v {
					row[i] = text
					s.mended++
				}
			case []byte:
				bytes += len(v)
				row[i] = slices.Clone(v)
			}
		}
		rows = append(rows, row)
		if bytes >= pageBytes {
			return errFull
		}
		return nil
	}, query+fmt.Sprint(" LIMIT ", pageRows), after...)
	if err == errFull { //nolint:errorlint // it comes as it is
		err = nil
	}
	return rows, err
}
