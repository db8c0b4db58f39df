package transfer

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/greenroom-live/greenroom/internal/store/postgres"
)

const (
	// importLock is the advisory lock of whoever imports into a database.
	importLock = 0x677265656e726f6f
	// lockPatience is how long it is waited for, in milliseconds.
	lockPatience = "5000"
	// lockNotAvailable is the SQLSTATE of a lock that was waited for in vain.
	lockNotAvailable = "55P03"
	// importBaskets is into how many baskets the lanes of waiting webhooks are put, for the nodes to share.
	importBaskets = 64
)

// target is the database.
type target struct {
	name    string
	pg      *pgx.Conn
	baskets []int64
}

// position is how far an import is: so many tables are done, and of the next one all up to that key.
type position struct {
	place int
	after string
}

// openTarget connects and brings the tables up to this version. One import at a time can have a database open.
func openTarget(ctx context.Context, url string) (*target, error) {
	if _, err := postgres.Migrate(ctx, url); err != nil {
		return nil, err
	}
	pg, name, err := postgres.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	to := &target{name: name, pg: pg}
	if err := to.lock(ctx); err != nil {
		return nil, joinClose(err, to.close)
	}
	return to, nil
}

// lock makes this import the only one. PostgreSQL may take a moment to notice that one before was killed.
func (to *target) lock(ctx context.Context) error {
	if _, err := to.pg.Exec(ctx, "SET lock_timeout = "+lockPatience); err != nil {
		return fmt.Errorf("lock %s: %w", to.name, err)
	}
	_, err := to.pg.Exec(ctx, "SELECT pg_advisory_lock($1)", importLock)
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &refused) && refused.Code == lockNotAvailable:
		return fmt.Errorf("another import into %s is running", to.name)
	case err != nil:
		return fmt.Errorf("lock %s: %w", to.name, err)
	}
	_, err = to.pg.Exec(ctx, "SET lock_timeout = 0")
	return err
}

func (to *target) close() error { return to.pg.Close(context.Background()) }

// begin starts an import of what has that identity, or finds out how far it is.
func (to *target) begin(ctx context.Context, from *source, identity string, opts Options) (place int, after string, err error) {
	tx, err := to.pg.Begin(ctx)
	if err != nil {
		return 0, "", fmt.Errorf("begin the import: %w", err)
	}
	defer tx.Rollback(ctx) //nolint:errcheck // after a commit it does nothing
	if opts.Restart {
		if err := to.clear(ctx, tx, from); err != nil {
			return 0, "", err
		}
	}
	var source, folder string
	var finished bool
	err = tx.QueryRow(ctx, "SELECT source, folder, baskets, place, after, finished_at IS NOT NULL FROM imports").
		Scan(&source, &folder, &to.baskets, &place, &after, &finished)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		if err := to.create(ctx, tx, from, identity); err != nil {
			return 0, "", err
		}
	case err != nil:
		return 0, "", fmt.Errorf("look for an import: %w", err)
	case finished:
		return 0, "", fmt.Errorf("%s has been imported into %s already", folder, to.name)
	case source != identity:
		return 0, "", fmt.Errorf("an import of %s into %s was begun, and %s is not what that was then: --restart begins anew",
			folder, to.name, from.dir)
	}
	return place, after, tx.Commit(ctx)
}

// create notes that an import begins, in a database in which nothing is and on which nobody serves.
func (to *target) create(ctx context.Context, tx pgx.Tx, from *source, identity string) error {
	if _, err := tx.Exec(ctx, "LOCK TABLE nodes IN EXCLUSIVE MODE"); err != nil {
		return fmt.Errorf("keep servers from %s: %w", to.name, err)
	}
	var served bool
	err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM nodes WHERE seen_at > clock_timestamp() - interval '1 minute')").Scan(&served)
	if err != nil {
		return fmt.Errorf("look for servers: %w", err)
	}
	if served {
		return fmt.Errorf("a server is running on %s, or was a minute ago", to.name)
	}
	for _, t := range from.tables {
		var used bool
		if t.name == tableSequence {
			continue
		}
		if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM "+quoted([]string{t.name})+")").Scan(&used); err != nil {
			return fmt.Errorf("look whether %s is empty: %w", to.name, err)
		}
		if used {
			return fmt.Errorf("%s is not empty: there are %s in it", to.name, t.name)
		}
	}
	rows, err := tx.Query(ctx, `INSERT INTO baskets (basket)
		SELECT nextval('basket_ids') FROM generate_series(1, $1) RETURNING basket`, importBaskets)
	if err != nil {
		return fmt.Errorf("make baskets: %w", err)
	}
	if to.baskets, err = pgx.CollectRows(rows, pgx.RowTo[int64]); err != nil {
		return fmt.Errorf("make baskets: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO imports (source, folder, baskets, place, after, begun_at)
		VALUES ($1, $2, $3, 0, '', clock_timestamp())`, identity, postgres.EncodeText(valid(from.dir)), to.baskets)
	if err != nil {
		return fmt.Errorf("begin the import: %w", err)
	}
	return nil
}

// clear removes what an import has left that was not finished; there must be one.
func (to *target) clear(ctx context.Context, tx pgx.Tx, from *source) error {
	tag, err := tx.Exec(ctx, "DELETE FROM imports WHERE finished_at IS NULL")
	if err != nil {
		return fmt.Errorf("look for an import: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return fmt.Errorf("there is no import into %s that could begin anew", to.name)
	}
	names := []string{"baskets", tableLogSizes}
	for _, t := range from.tables {
		if t.name != tableSequence {
			names = append(names, t.name)
		}
	}
	if _, err := tx.Exec(ctx, "TRUNCATE "+quoted(names)); err != nil {
		return fmt.Errorf("remove what an import has left: %w", err)
	}
	return nil
}

// count returns how many rows a table has.
func (to *target) count(ctx context.Context, name string) (n int64, err error) {
	if name == tableSequence {
		return 1, nil
	}
	err = to.pg.QueryRow(ctx, "SELECT count(*) FROM "+quoted([]string{name})).Scan(&n)
	return n, err
}

// writing is a transaction that writes a page.
type writing struct {
	tx pgx.Tx
	to *target
}

// write writes a page, if there is one, and notes how far the import is then.
func (to *target) write(ctx context.Context, page func(context.Context, *writing) error, next position) error {
	tx, err := to.pg.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // after a commit it does nothing
	if page != nil {
		if err := page(ctx, &writing{tx, to}); err != nil {
			return err
		}
	}
	tag, err := tx.Exec(ctx, "UPDATE imports SET place = $1, after = $2 WHERE finished_at IS NULL", next.place, next.after)
	if err != nil {
		return err
	}
	if tag.RowsAffected() != 1 {
		return errors.New("somebody has removed the note of the import")
	}
	return tx.Commit(ctx)
}

// insert writes rows of a table, in the types that it has here.
func (w *writing) insert(ctx context.Context, t table, rows [][]any) error {
	types, err := columnTypes(ctx, w.tx, t.name)
	if err != nil {
		return err
	}
	columns := make([]string, len(t.columns))
	for i, column := range t.columns {
		columns[i] = inPostgres(column)
		if _, known := types[columns[i]]; !known {
			return fmt.Errorf("there is no column %s for %s", columns[i], column)
		}
	}
	added, add := w.added(t)
	for r, row := range rows {
		for i, v := range row {
			if row[i], err = convert(v, types[columns[i]]); err != nil {
				return fmt.Errorf("column %s: %w", t.columns[i], err)
			}
		}
		if add == nil {
			continue
		}
		more, err := add(row)
		if err != nil {
			return err
		}
		rows[r] = append(row, more)
	}
	if add != nil {
		columns = append(columns, added)
	}
	_, err = w.tx.CopyFrom(ctx, pgx.Identifier{t.name}, columns, pgx.CopyFromRows(rows))
	return err
}

// added returns the column that a table has only here, and what is in it.
func (w *writing) added(t table) (column string, of func(row []any) (any, error)) {
	at := func(name string) int { return slices.Index(t.columns, name) }
	switch t.name {
	case "outbox":
		app, room := at("app"), at("room")
		return "basket", func(row []any) (any, error) {
			h := fnv.New32a()
			fmt.Fprint(h, row[app], row[room])
			return w.to.baskets[h.Sum32()%uint32(len(w.to.baskets))], nil
		}
	case "callbacks":
		commands := at("commands")
		return "wanted", func(row []any) (any, error) {
			var words []string
			if err := json.Unmarshal([]byte(row[commands].(string)), &words); err != nil {
				return nil, fmt.Errorf("read callback commands: %w", err)
			}
			return postgres.Wanted(words), nil
		}
	}
	return "", nil
}

// convert makes of a value of SQLite one of that type of PostgreSQL.
func convert(v any, kind string) (any, error) {
	switch value := v.(type) {
	case nil:
		return nil, nil
	case int64:
		if kind == "boolean" {
			return value != 0, nil
		}
		return value, nil
	case string:
		if kind != "text" {
			return nil, fmt.Errorf("a text, where %s is to be", kind)
		}
		return postgres.EncodeText(value), nil
	case []byte:
		if kind != "bytea" {
			return nil, fmt.Errorf("bytes, where %s is to be", kind)
		}
		return value, nil
	}
	return nil, fmt.Errorf("%T, where %s is to be", v, kind)
}

// columnTypes returns the types of a table's columns.
func columnTypes(ctx context.Context, tx pgx.Tx, name string) (map[string]string, error) {
	rows, err := tx.Query(ctx, `SELECT column_name::text, data_type::text FROM information_schema.columns
		WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position`, name)
	if err != nil {
		return nil, err
	}
	types := map[string]string{}
	var column, kind string
	_, err = pgx.ForEachRow(rows, []any{&column, &kind}, func() error { types[column] = kind; return nil })
	if err == nil && len(types) == 0 {
		err = errors.New("PostgreSQL has no such table")
	}
	return types, err
}

// restart has the sequence of the outbox go on with that number.
func (w *writing) restart(ctx context.Context, next int64) error {
	_, err := w.tx.Exec(ctx, "SELECT setval('outbox_seq', $1, false)", next)
	return err
}
