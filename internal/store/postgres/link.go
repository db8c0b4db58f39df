package postgres

import (
	"context"
	"math/rand/v2"
	"time"
)

// link is a connection that one goroutine has for itself, and makes again when it is lost.
type link struct {
	s        *Store
	params   map[string]string // of the session, beside those of every connection
	patience time.Duration     // for an answer
	c        *conn
	tries    int // to connect that failed in a row
}

// use runs f on the connection. When f fails the connection is closed: whatever f had begun is rolled back.
func (l *link) use(f func(*conn) error) error {
	if l.c != nil && l.c.pg.IsClosed() {
		l.close()
	}
	if l.c == nil {
		config := l.s.config.Copy()
		for name, value := range l.params {
			config.RuntimeParams[name] = value
		}
		config.ConnectTimeout = min(config.ConnectTimeout, l.patience)
		c, err := l.s.dial(config)
		if err != nil {
			return err
		}
		c.patience = l.patience
		l.c = c
	}
	if err := f(l.c); err != nil {
		l.close()
		return err
	}
	return nil
}

// close closes the connection, if there is one.
func (l *link) close() {
	if l.c == nil {
		return
	}
	ctx, cancel := context.WithTimeout(background, time.Second)
	defer cancel()
	_ = l.c.pg.Close(ctx) // whatever it says, the connection is gone
	l.c = nil
}

// pause waits between two attempts, longer each time; false when the cluster's part of the store stops.
func (l *link) pause() bool {
	wait := min(reconnectMin<<min(l.tries, 6), reconnectMax)
	l.tries++
	return sleep(wait/2+rand.N(wait/2), l.s.leaving)
}

// alter runs f on a connection of the pool, which is closed when f fails: whatever f had begun is rolled back.
func (s *Store) alter(f func(*conn) error) error {
	ctx, cancel := context.WithTimeout(background, s.opts.StatementTimeout)
	defer cancel()
	pooled, err := s.readers.Acquire(ctx)
	if err != nil {
		return inOneLine(err)
	}
	defer pooled.Release()
	err = f(&conn{pg: pooled.Conn(), patience: s.opts.StatementTimeout + patienceMargin})
	if err != nil {
		_ = pooled.Conn().Close(ctx) // the pool makes another one
	}
	return err
}
