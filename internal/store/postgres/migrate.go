package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/greenroom-live/greenroom/internal/store"
)

// migrationsTable is where goose notes what was carried out.
const migrationsTable = "goose_db_version"

// Schema says how the tables of a database stand. It changes nothing.
func Schema(ctx context.Context, url string) (store.Schema, error) {
	m, err := openMigrator(url)
	if err != nil {
		return store.Schema{}, err
	}
	defer m.db.Close()
	return m.schema(ctx)
}

// Migrate carries out what is pending, one migration a transaction, and returns it. When several do it at once, one does it
// and the others wait until it is done.
func Migrate(ctx context.Context, url string) (done []store.Migration, err error) {
	m, err := openMigrator(url)
	if err != nil {
		return nil, err
	}
	defer m.db.Close()
	return m.up(ctx)
}

// migrator carries out migrations on a connection of its own, on which a statement takes as long as it takes.
type migrator struct {
	name     string
	db       *sql.DB
	provider *goose.Provider
}

func openMigrator(url string) (*migrator, error) {
	config, err := connConfig(Options{URL: url}.complete())
	if err != nil {
		return nil, err
	}
	return newMigrator(config)
}

func newMigrator(config *pgx.ConnConfig) (*migrator, error) {
	config = config.Copy()
	delete(config.RuntimeParams, "statement_timeout")
	delete(config.RuntimeParams, "lock_timeout")
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 15*60)) // seconds, and how many times
	if err != nil {
		return nil, fmt.Errorf("make the migrations' lock: %w", err)
	}
	db := stdlib.OpenDB(*config)
	p, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithSessionLocker(locker))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read migrations: %w", err), db.Close())
	}
	return &migrator{databaseName(config), db, p}, nil
}

// databaseName is what operators call a database: its host, port and name.
func databaseName(config *pgx.ConnConfig) string {
	return "postgres://" + net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port))) + "/" + config.Database
}

func (m *migrator) schema(ctx context.Context) (store.Schema, error) {
	done, err := m.done(ctx)
	if err != nil {
		return store.Schema{}, fmt.Errorf("read the version of the tables of %s: %w", m.name, inOneLine(err))
	}
	schema := store.Schema{Database: m.name}
	for _, v := range done {
		schema.Version = max(schema.Version, v)
	}
	for _, source := range m.provider.ListSources() {
		schema.Known = source.Version
		if !slices.Contains(done, source.Version) {
			schema.Pending = append(schema.Pending, migration(source))
		}
	}
	return schema, nil
}

// done returns the versions that were carried out.
func (m *migrator) done(ctx context.Context) (versions []int64, err error) {
	var exists bool
	if err := m.db.QueryRowContext(ctx, "SELECT to_regclass($1) IS NOT NULL", migrationsTable).Scan(&exists); err != nil || !exists {
		return nil, err
	}
	rows, err := m.db.QueryContext(ctx, "SELECT version_id FROM "+migrationsTable+" WHERE is_applied AND version_id > 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var v int64
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		versions = append(versions, v)
	}
	return versions, rows.Err()
}

func (m *migrator) up(ctx context.Context) (done []store.Migration, err error) {
	schema, err := m.schema(ctx)
	if err != nil || len(schema.Pending) == 0 {
		return nil, err
	}
	results, err := m.provider.Up(ctx)
	for _, r := range results {
		done = append(done, migration(r.Source))
	}
	if err != nil {
		return done, fmt.Errorf("migrate database: %w", inOneLine(err))
	}
	return done, nil
}

func migration(s *goose.Source) store.Migration {
	return store.Migration{Version: s.Version, Name: strings.TrimSuffix(path.Base(s.Path), ".sql")}
}

// migrate brings the tables to where this binary needs them, or fails when an operator is to do that. It fails also while an
// import is under way, whose rows are not all there yet.
func (s *Store) migrate(ctx context.Context) error {
	m, err := newMigrator(s.config)
	if err != nil {
		return err
	}
	defer m.db.Close()
	if s.opts.ManualMigration {
		schema, err := m.schema(ctx)
		if err != nil {
			return err
		}
		if len(schema.Pending) > 0 {
			return &store.PendingError{Schema: schema}
		}
	} else if _, err := m.up(context.WithoutCancel(ctx)); err != nil { // however long it takes
		return err
	}
	return m.refuseImport(ctx)
}

func (m *migrator) refuseImport(ctx context.Context) error {
	var folder string
	err := m.db.QueryRowContext(ctx, "SELECT folder FROM imports WHERE finished_at IS NULL").Scan(&folder)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("look for an import: %w", err)
	}
	return fmt.Errorf("an import of %s into %s is under way: finish it, with `greenroom import` as it was begun", folder, m.name)
}

// Connect returns a connection for work that takes as long as it takes, with the name that operators call the database.
func Connect(ctx context.Context, url string) (c *pgx.Conn, name string, err error) {
	config, err := connConfig(Options{URL: url}.complete())
	if err != nil {
		return nil, "", err
	}
	delete(config.RuntimeParams, "statement_timeout")
	delete(config.RuntimeParams, "lock_timeout")
	if c, err = pgx.ConnectConfig(ctx, config); err != nil {
		return nil, "", fmt.Errorf("connect to the database: %w", inOneLine(err))
	}
	return c, databaseName(config), nil
}
