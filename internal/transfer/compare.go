package transfer

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/greenroom-live/greenroom/internal/store/postgres"
)

// finish sums up what is in the database, and finishes the import when it is what was in the folder.
func (to *target) finish(ctx context.Context, from *source, before sums, result *Result, progress func(Progress)) error {
	after, err := to.sums(ctx, from, before.rows(), progress)
	if err != nil {
		return fmt.Errorf("read %s: %w", to.name, err)
	}
	for _, t := range from.tables {
		result.Tables = append(result.Tables, Compared{t.name, before[t.name], after[t.name]})
	}
	if !result.Same() {
		return nil
	}
	if _, err := to.pg.Exec(ctx, "UPDATE imports SET finished_at = clock_timestamp()"); err != nil {
		return fmt.Errorf("finish the import: %w", err)
	}
	return nil
}

// onlyHere are the columns that the folder's tables do not have: what is in them follows from the others.
var onlyHere = map[string][]string{
	"outbox":    {"basket"},
	"callbacks": {"wanted"},
	tableLog:    {"bytes"},
}

// sums sums up the tables as they are at one moment.
func (to *target) sums(ctx context.Context, from *source, total int64, progress func(Progress)) (sums, error) {
	tx, err := to.pg.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // it has changed nothing
	all := sums{}
	var done int64
	for _, t := range from.tables {
		progress(Progress{Doing: "comparing", Table: t.name, Done: done, Total: total})
		query := "SELECT last_value + CASE WHEN is_called THEN 1 ELSE 0 END AS next FROM outbox_seq"
		if t.name != tableSequence {
			columns, err := comparedColumns(ctx, tx, t.name)
			if err != nil {
				return nil, fmt.Errorf("table %s: %w", t.name, err)
			}
			query = "SELECT " + quoted(columns) + " FROM " + quoted([]string{t.name})
		}
		var a adder
		err := sumUp(ctx, tx, query, func(fields []field) error {
			if done++; done%progressRows == 0 {
				progress(Progress{Doing: "comparing", Table: t.name, Done: done, Total: total})
			}
			return a.add(fields)
		})
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", t.name, err)
		}
		all[t.name] = a.Sum
	}
	progress(Progress{Doing: "comparing", Done: total, Total: total})
	return all, nil
}

func comparedColumns(ctx context.Context, tx pgx.Tx, name string) (columns []string, err error) {
	types, err := columnTypes(ctx, tx, name)
	for column := range types {
		if !slices.Contains(onlyHere[name], column) {
			columns = append(columns, column)
		}
	}
	slices.Sort(columns)
	return columns, err
}

// sumUp calls add with the rows of a query.
func sumUp(ctx context.Context, tx pgx.Tx, query string, add func([]field) error) error {
	rows, err := tx.Query(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	names := rows.FieldDescriptions()
	fields := make([]field, len(names))
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			return err
		}
		for i, v := range values {
			fields[i] = field{names[i].Name, plainValue(v)}
		}
		if err := add(fields); err != nil {
			return err
		}
	}
	return rows.Err()
}

// plainValue is a value of PostgreSQL as SQLite would have it.
func plainValue(v any) any {
	switch v := v.(type) {
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	case int32:
		return int64(v)
	case int16:
		return int64(v)
	case string:
		return postgres.DecodeText(v)
	}
	return v
}
