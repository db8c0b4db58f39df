// Package transfer moves an embedded installation, which is a data folder, into a PostgreSQL database.
//
// The folder is locked, so that no server changes it. What is in it is summed up first: how many rows each table has, and a
// checksum of them. The sums say which folder it is, too. Then the tables are copied page by page in the order of their keys;
// the transaction that writes a page notes how far the copy is, so that it can be killed at any moment and goes on from there,
// and no row is written twice. In the end the tables of PostgreSQL are summed up as well, by code that knows nothing of the
// copying, and only when all sums are the same is the import finished. Until then no server starts on that database.
package transfer

import (
	"context"
	"errors"
	"fmt"
)

// Options says what is moved where.
type Options struct {
	Folder   string // the data folder
	URL      string // postgres://...
	Restart  bool   // what an import that was not finished has left is removed first
	Progress func(Progress)
}

// Progress is how far it is.
type Progress struct {
	Doing       string // "reading", "copying" or "comparing"
	Table       string // which one, when it has begun; empty at the end of what is done
	Done, Total int64  // rows, of all tables; Total is 0 while it is not known
}

// Result is what was found in the end.
type Result struct {
	Database string // the target's name, without its password
	Resumed  bool   // an import that was begun earlier went on
	Tables   []Compared
	Mended   int64 // texts that were no UTF-8, and have U+FFFD in those places now
}

// Compared is one table on both sides.
type Compared struct {
	Name     string
	From, To Sum
}

// Same tells whether every table is the same on both sides.
func (r Result) Same() bool {
	for _, t := range r.Tables {
		if t.From != t.To {
			return false
		}
	}
	return len(r.Tables) > 0
}

// Run moves a folder, or goes on with that. With a Result that is not [Result.Same] nothing was finished.
func Run(ctx context.Context, opts Options) (result Result, err error) {
	if opts.Progress == nil {
		opts.Progress = func(Progress) {}
	}
	from, err := openSource(ctx, opts.Folder)
	if err != nil {
		return Result{}, err
	}
	defer func() { err = errors.Join(err, from.close()) }()
	to, err := openTarget(ctx, opts.URL)
	if err != nil {
		return Result{}, err
	}
	defer func() { err = errors.Join(err, to.close()) }()
	result.Database = to.name
	before, err := from.sums(ctx, opts.Progress)
	if err != nil {
		return result, fmt.Errorf("read %s: %w", opts.Folder, err)
	}
	place, after, err := to.begin(ctx, from, before.identity(), opts)
	if err != nil {
		return result, err
	}
	result.Resumed = place > 0 || after != ""
	if err := (&copying{from: from, to: to, total: before.rows(), progress: opts.Progress}).run(ctx, place, after); err != nil {
		return result, fmt.Errorf("copy %s: %w", opts.Folder, err)
	}
	result.Mended = from.mended
	return result, to.finish(ctx, from, before, &result, opts.Progress)
}
