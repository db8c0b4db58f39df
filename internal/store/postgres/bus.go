package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/greenroom-live/greenroom/internal/store"
)

// ear listens to the other nodes, on a connection of its own.
type ear struct {
	s    *Store
	link link
}

func newEar(s *Store) *ear {
	patience := max(s.opts.Lease/4, 500*time.Millisecond)
	return &ear{s: s, link: link{s: s, patience: patience, params: map[string]string{"application_name": "greenroom ear"}}}
}

// begin begins to listen.
func (e *ear) begin() error {
	return e.link.use(func(c *conn) error {
		// PostgreSQL keeps what a node has not taken yet, for all of them together. A node that stands still must not make it
		// keep more and more. Where this cannot be set, it is the network's to notice.
		if err := c.do("SET tcp_user_timeout = " + milliseconds(max(10*time.Second, 2*e.s.opts.Lease))); err != nil {
			e.s.opts.Log.Debug("the database knows no tcp_user_timeout", "error", err)
		}
		return c.do("LISTEN " + newsChannel)
	})
}

// run hands on what comes, until the node leaves. When the connection was lost, anything may have been missed.
func (e *ear) run() {
	defer e.link.close()
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	go func() { <-e.s.leaving; cancel() }()
	for ctx.Err() == nil {
		err := e.take(ctx)
		if ctx.Err() != nil {
			return
		}
		e.link.close()
		e.s.failures.add(e.s.opts.Log, "cannot hear the other nodes", err)
		for e.begin() != nil {
			if !e.link.pause() {
				return
			}
		}
		e.link.tries = 0
		e.s.heir.poke()
		e.s.listener.Heard(store.News{Claim: true, Missed: true, Timers: true})
	}
}

// take hands on notifications until the connection fails. When none has come for a while it asks whether there is still a
// database at the other end.
func (e *ear) take(ctx context.Context) error {
	for {
		limited, cancel := context.WithTimeout(ctx, e.link.patience)
		n, err := e.link.c.pg.WaitForNotification(limited)
		cancel()
		switch {
		case err == nil:
			e.hear(n)
		case ctx.Err() != nil:
			return ctx.Err()
		case !pgconn.Timeout(err) || e.link.c.pg.IsClosed():
			return err
		default:
			if err := e.link.use(func(c *conn) error { return c.do("SELECT 1") }); err != nil {
				return err
			}
		}
	}
}

// hear hands on one message. This node's own are not for it.
func (e *ear) hear(n *pgconn.Notification) {
	m, state := decode(n.Payload), e.s.node.state.Load()
	if n.Channel != newsChannel || state == nil || m.From == state.id {
		return
	}
	e.s.opts.Metrics.NodeMessages.WithLabelValues("heard").Inc()
	if m.Gone {
		e.s.heir.poke()
	}
	if news := m.news(state); !empty(news) {
		e.s.listener.Heard(news)
	}
}
