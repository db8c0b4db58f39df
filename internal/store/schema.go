package store

import (
	"fmt"
	"strings"
)

// Schema is how the tables of a database stand beside what a binary knows of them.
type Schema struct {
	Database string      // what it is called to operators, without its password
	Version  int64       // of the tables: the latest migration that was carried out; 0 when there are none
	Known    int64       // the latest migration that this binary knows
	Pending  []Migration // what this binary knows and the database has not got, in order
}

// Migration is a step from one version of the tables to the next.
type Migration struct {
	Version int64
	Name    string // of its file, without .sql
}

// Newer tells whether a later binary has been at work. An older one serves on all the same: migrations only add, until no
// binary is in use any more that needs what they take away.
func (s Schema) Newer() bool { return s.Version > s.Known }

// PendingError says that a binary does not start before an operator has migrated the database.
type PendingError struct{ Schema Schema }

func (e *PendingError) Error() string {
	names := make([]string, len(e.Schema.Pending))
	for i, m := range e.Schema.Pending {
		names[i] = m.Name
	}
	return fmt.Sprintf("the tables of %s are at version %d and this version needs %s; database.migrate is manual: "+
		"call `greenroom migrate up`", e.Schema.Database, e.Schema.Version, strings.Join(names, ", "))
}
