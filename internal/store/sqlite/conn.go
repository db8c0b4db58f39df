package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// conn is one database connection with the statements prepared on it. It is used by one goroutine at a time.
type conn struct {
	c     *sql.Conn
	stmts map[string]*sql.Stmt
}

// background is the context of every statement. A transaction that has begun is carried through; a context that can
// end would make the driver watch each statement with a goroutine of its own.
var background = context.Background()

func openConn(db *sql.DB) (*conn, error) {
	c, err := db.Conn(background)
	if err != nil {
		return nil, fmt.Errorf("open connection: %w", err)
	}
	return &conn{c: c, stmts: make(map[string]*sql.Stmt)}, nil
}

func (c *conn) close() error {
	var errs []error
	for _, s := range c.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.c.Close())...)
}

func (c *conn) stmt(query string) (*sql.Stmt, error) {
	if s, ok := c.stmts[query]; ok {
		return s, nil
	}
	s, err := c.c.PrepareContext(background, query)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", query, err)
	}
	c.stmts[query] = s
	return s, nil
}

// exec runs a statement that changes rows and returns how many.
func (c *conn) exec(query string, args ...any) (int64, error) {
	s, err := c.stmt(query)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(background, args...)
	if err != nil {
		return 0, fmt.Errorf("exec %q: %w", query, err)
	}
	return r.RowsAffected()
}

// do is exec for callers who do not care how many rows there were.
func (c *conn) do(query string, args ...any) error {
	_, err := c.exec(query, args...)
	return err
}

// each runs query and calls scan on every row.
func (c *conn) each(scan func(scan func(dest ...any) error) error, query string, args ...any) error {
	s, err := c.stmt(query)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(background, args...)
	if err != nil {
		return fmt.Errorf("query %q: %w", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows.Scan); err != nil {
			return fmt.Errorf("scan %q: %w", query, err)
		}
	}
	return rows.Err()
}

// first scans the first row of query into dest and tells whether there was one.
func (c *conn) first(query string, args []any, dest ...any) (found bool, err error) {
	s, err := c.stmt(query)
	if err != nil {
		return false, err
	}
	err = s.QueryRowContext(background, args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("query %q: %w", query, err)
	}
	return true, nil
}
