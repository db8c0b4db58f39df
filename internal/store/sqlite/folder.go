package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/greenroom-live/greenroom/internal/delivery"
)

// Folder is a data folder on which no server runs, and none can, until it is closed: its database can be read as a whole.
type Folder struct {
	DB     *sql.DB // one connection, which changes nothing
	unlock func() error
}

// OpenFolder opens a data folder and brings its tables up to this version, as a server does that starts. It fails while a
// server is running.
func OpenFolder(ctx context.Context, dir string) (*Folder, error) {
	if _, err := os.Stat(filepath.Join(dir, FileName)); err != nil {
		return nil, fmt.Errorf("there is no database in %s: %w", dir, err)
	}
	unlock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", dsn(Options{Dir: dir, CacheMiB: 64}))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), unlock())
	}
	f := &Folder{db, unlock}
	if _, err := migrate(ctx, db); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, "PRAGMA query_only = 1"); err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), f.Close())
	}
	return f, nil
}

// Close lets servers run on the folder again.
func (f *Folder) Close() error { return errors.Join(f.DB.Close(), f.unlock()) }

// EachLogged calls visit with every attempt in the records of a block of the delivery log, and its place in the block.
func EachLogged(records []byte, visit func(place int64, l delivery.Logged)) error {
	return eachRecord(records, func(place int, r *record) bool {
		visit(int64(place), r.logged())
		return true
	})
}
