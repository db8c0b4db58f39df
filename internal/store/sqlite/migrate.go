package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/pressly/goose/v3"

	"github.com/greenroom-live/greenroom/internal/store"
)

// Schema says how the tables of a data folder's database stand. It changes nothing, and a server may be running.
func Schema(ctx context.Context, dir string) (store.Schema, error) {
	file := filepath.Join(dir, FileName)
	if _, err := os.Stat(file); err != nil {
		return store.Schema{}, fmt.Errorf("there is no database in %s: %w", dir, err)
	}
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(), RawQuery: "mode=ro&_pragma=busy_timeout(2000)"}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return store.Schema{}, fmt.Errorf("open database: %w", err)
	}
	defer db.Close()
	return schema(ctx, db, dir)
}

// Migrate carries out what is pending in a data folder's database, and returns it. It fails while a server is running.
func Migrate(ctx context.Context, dir string) (done []store.Migration, err error) {
	if _, err := os.Stat(filepath.Join(dir, FileName)); err != nil {
		return nil, fmt.Errorf("there is no database in %s: %w", dir, err)
	}
	unlock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	db, err := sql.Open("sqlite", dsn(Options{Dir: dir, CacheMiB: 64}))
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	defer db.Close()
	return migrate(ctx, db)
}

// provider carries out the migrations on a database.
func provider(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files)
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return p, nil
}

func migrate(ctx context.Context, db *sql.DB) (done []store.Migration, err error) {
	p, err := provider(db)
	if err != nil {
		return nil, err
	}
	results, err := p.Up(ctx)
	for _, r := range results {
		done = append(done, migration(r.Source))
	}
	if err != nil {
		return done, fmt.Errorf("migrate database: %w", err)
	}
	return done, nil
}

func migration(s *goose.Source) store.Migration {
	return store.Migration{Version: s.Version, Name: strings.TrimSuffix(path.Base(s.Path), ".sql")}
}

func schema(ctx context.Context, db *sql.DB, dir string) (store.Schema, error) {
	p, err := provider(db)
	if err != nil {
		return store.Schema{}, err
	}
	version, err := p.GetDBVersion(ctx)
	if err != nil {
		return store.Schema{}, fmt.Errorf("read the version of the tables in %s: %w", dir, err)
	}
	status, err := p.Status(ctx)
	if err != nil {
		return store.Schema{}, fmt.Errorf("read the version of the tables in %s: %w", dir, err)
	}
	s := store.Schema{Database: "sqlite://" + dir, Version: version}
	for _, m := range status {
		s.Known = m.Source.Version
		if m.State == goose.StatePending {
			s.Pending = append(s.Pending, migration(m.Source))
		}
	}
	return s, nil
}
