package postgres

import (
	"context"
	"time"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
)

// deadLetter is what is read of a dead letter.
const deadLetter = "seq, id, room, command, body, client_ip, platform, created_at, queued_at, attempts, last_error, died_at"

func scanDeadLetter(scan func(...any) error, app live.AppID) (l delivery.DeadLetter, err error) {
	var at, queued, died int64
	l.Lane.App = app
	err = scan(&l.Seq, &l.ID, (*string)(&l.Lane.Room), (*string)(&l.Command), &l.Body, &l.ClientIP, &l.Platform, &at, &queued,
		&l.Attempts, &l.LastError, &died)
	store.SetTimes(&l.Event, at, queued)
	l.Died = time.UnixMilli(died)
	return l, err
}

// DeadLetters implements delivery.Records.
func (s *Store) DeadLetters(ctx context.Context, f delivery.Filter, after delivery.Cursor, limit int) (
	[]delivery.DeadLetter, delivery.Cursor, error,
) {
	p := deadPage{filter: f, limit: min(max(limit, 1), pageRows)}
	if after != "" {
		if _, err := store.DecodeCursor(after, store.CursorDead, &p.seq); err != nil {
			return nil, "", err
		}
	}
	if err := s.read(ctx, p.fill); err != nil {
		return nil, "", err
	}
	if !p.more {
		return p.letters, "", nil
	}
	return p.letters, store.EncodeCursor(store.CursorDead, "", p.seq), nil
}

// deadPage is a page of dead letters while it is put together.
type deadPage struct {
	filter  delivery.Filter
	seq     int64 // up to this one all have been looked at
	limit   int
	letters []delivery.DeadLetter
	bytes   int
	more    bool
}

// fill looks at dead letters in order, until the page is full or enough have been looked at.
func (p *deadPage) fill(c *conn) error {
	last := p.seq
	laterLastDead(c, p.filter, p.seq, func(seq int64) { last, p.more = seq, true })
	query, args := narrow(p.filter, "SELECT "+deadLetter+` FROM
			(SELECT * FROM dead_letters WHERE app = $1 {room} AND seq > $5 ORDER BY seq LIMIT $6) AS looked
		WHERE `+picked+" ORDER BY seq LIMIT $7", picks(p.filter, p.seq, readRows, p.limit)...)
	full := false
	err := c.each(func(scan func(...any) error) error {
		if full {
			return nil
		}
		l, err := scanDeadLetter(scan, p.filter.App)
		p.letters, p.seq = append(p.letters, l), l.Seq
		p.bytes += len(l.Body)
		full = len(p.letters) == p.limit || p.bytes >= pageBytes
		return err
	}, query, args...)
	switch {
	case err != nil || full:
		p.more = true
	case p.more:
		p.seq = last
	}
	return err
}

// laterLastDead reads, with the next flush, the last of the readRows dead letters behind one, and calls found when there are so many.
func laterLastDead(c *conn, f delivery.Filter, after int64, found func(seq int64)) {
	var seq int64
	query, args := narrow(f, "SELECT seq FROM dead_letters WHERE app = $1 {room} AND seq > $2 ORDER BY seq LIMIT 1 OFFSET $3",
		int64(f.App), after, readRows-1)
	c.laterFirst(func() error { found(seq); return nil }, query, args, &seq)
}
