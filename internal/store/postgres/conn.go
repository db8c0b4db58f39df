package postgres

import (
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// patienceMargin is how much longer a connection waits for an answer than PostgreSQL lets a statement take: when nothing has
// come by then, nothing will.
const patienceMargin = 5 * time.Second

// conn is a connection with the statements that wait to be sent on it: all of them go in one message, and their answers come
// back together. It is used by one goroutine at a time. An update of a batch has one of its own, whose statements go out with
// those of the others.
type conn struct {
	pg       *pgx.Conn
	patience time.Duration
	queue    []statement
	update   *tx // whose statements they are; nil for a connection itself
	begun    bool
	failed   error              // of a flush: nothing can be done in the transaction any more
	queries  []*pgx.QueuedQuery // the buffer of a batch, used again
}

// statement is one that waits to be sent.
type statement struct {
	query string
	args  []any
	rows  func(pgx.Rows) error // takes the rows; nil when there are none to be taken
	done  func(changed int64)  // hears how many rows were changed; nil when nobody asks
	write bool                 // it changes rows
}

// later queues a statement whose result nobody waits for.
func (c *conn) later(query string, args ...any) {
	c.queue = append(c.queue, statement{query: query, args: args})
}

// flush sends what waits and takes the answers, in order. After an error nothing more of the queue was carried out. In an update
// it waits until the other updates of the batch have come as far.
func (c *conn) flush() error {
	if c.update != nil {
		return c.update.ask()
	}
	return c.send()
}

func (c *conn) send() error {
	if len(c.queue) == 0 {
		return nil
	}
	c.begun = true
	batch := &pgx.Batch{QueuedQueries: c.queries[:0]}
	for _, s := range c.queue {
		batch.Queue(s.query, encodeTexts(s.args)...)
	}
	c.queries = batch.QueuedQueries
	if err := c.pg.PgConn().Conn().SetDeadline(time.Now().Add(c.patience)); err != nil {
		return fmt.Errorf("set the connection's deadline: %w", err)
	}
	results := c.pg.SendBatch(background, batch)
	err := c.take(results)
	closed := results.Close()
	_ = c.pg.PgConn().Conn().SetDeadline(time.Time{}) // others use connections of the pool, too
	clear(c.queue)
	c.queue = c.queue[:0]
	if err == nil && closed != nil {
		err = fmt.Errorf("end of a batch: %w", closed)
	}
	c.failed = err
	if stateOf(err) == stateReadOnly {
		c.close() // the server is a standby now: another connection may find who takes its place
	}
	return err
}

func (c *conn) take(results pgx.BatchResults) error {
	for i := range c.queue {
		s := &c.queue[i]
		if err := s.take(results); err != nil {
			return fmt.Errorf("%q: %w", s.query, err)
		}
	}
	return nil
}

func (s *statement) take(results pgx.BatchResults) error {
	if s.rows == nil {
		tag, err := results.Exec()
		if err == nil && s.done != nil {
			s.done(tag.RowsAffected())
		}
		return err
	}
	rows, err := results.Query()
	if err != nil {
		return err
	}
	taken := s.rows(rows)
	rows.Close()
	if err := rows.Err(); err != nil {
		return err
	}
	return taken
}

// exec runs a statement that changes rows, and returns how many.
func (c *conn) exec(query string, args ...any) (changed int64, err error) {
	c.queue = append(c.queue, statement{query: query, args: args, done: func(n int64) { changed = n }})
	err = c.flush()
	return changed, err
}

// do is exec for callers who do not care how many rows there were.
func (c *conn) do(query string, args ...any) error {
	c.later(query, args...)
	return c.flush()
}

// each runs query and calls scan on every row.
func (c *conn) each(scan func(scan func(dest ...any) error) error, query string, args ...any) error {
	c.laterEach(scan, query, args...)
	return c.flush()
}

// laterEach is each for rows that are not needed before the next flush.
func (c *conn) laterEach(scan func(scan func(dest ...any) error) error, query string, args ...any) {
	c.queue = append(c.queue, statement{query: query, args: args, rows: func(rows pgx.Rows) error {
		row := func(dest ...any) error { return scanRow(rows, dest) }
		for rows.Next() {
			if err := scan(row); err != nil {
				return err
			}
		}
		return nil
	}})
}

// first scans the first row of query into dest and tells whether there was one.
func (c *conn) first(query string, args []any, dest ...any) (found bool, err error) {
	c.laterFirst(func() error { found = true; return nil }, query, args, dest...)
	return found, c.flush()
}

// laterFirst is first for a row that is not needed before the next flush: then, if there is one, found is called.
func (c *conn) laterFirst(found func() error, query string, args []any, dest ...any) {
	c.queue = append(c.queue, statement{query: query, args: args, rows: func(rows pgx.Rows) error {
		if !rows.Next() {
			return nil
		}
		if err := scanRow(rows, dest); err != nil {
			return err
		}
		return found()
	}})
}

// SQLSTATEs that this package acts on.
const (
	stateSerialization = "40001"
	stateDeadlock      = "40P01"
	stateLockTimeout   = "55P03"
	stateNoMemory      = "53200" // as for more locks than PostgreSQL has room for
	stateReadOnly      = "25006"
	stateTooLong       = "57014" // statement_timeout
	stateEnded         = "22012" // division by zero: see mark.put
)

// passing tells whether a statement failed for a reason that is gone when the whole transaction is run again.
func passing(err error) bool {
	switch stateOf(err) {
	case stateSerialization, stateDeadlock, stateLockTimeout, stateNoMemory, stateEnded:
		return true
	}
	return false
}

// stateOf returns the SQLSTATE of an error, empty for one that is not PostgreSQL's.
func stateOf(err error) string {
	var failed *pgconn.PgError
	if !errors.As(err, &failed) {
		return ""
	}
	return failed.Code
}
