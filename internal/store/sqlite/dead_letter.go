package sqlite

import (
	"context"
	"time"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
)

// DeadLetters implements delivery.Records.
func (s *Store) DeadLetters(ctx context.Context, f delivery.Filter, after delivery.Cursor, limit int) (
	letters []delivery.DeadLetter, next delivery.Cursor, err error,
) {
	var seq int64
	if after != "" {
		if _, err := store.DecodeCursor(after, store.CursorDead, &seq); err != nil {
			return nil, "", err
		}
	}
	limit = min(max(limit, 1), pageRows)
	more, bytes := false, 0
	err = s.read(ctx, func(c *conn) error {
		found, last, end, err := deadPlaces(c, f, seq, limit)
		if err != nil {
			return err
		}
		seq, more = last, !end
		for _, place := range found {
			letter, ok, err := deadLetter(c, f.App, place.id)
			if err != nil {
				return err
			}
			if ok {
				letters = append(letters, letter)
			}
			if bytes += len(letter.Body); bytes >= pageBytes {
				seq, more = place.seq, true
				break
			}
		}
		return nil
	})
	if err != nil || !more {
		return letters, "", err
	}
	return letters, store.EncodeCursor(store.CursorDead, "", seq), nil
}

func deadLetter(c *conn, app live.AppID, id string) (l delivery.DeadLetter, found bool, err error) {
	l.ID, l.Lane.App = id, app
	var at, queued, died int64
	found, err = c.first(`SELECT seq, room, command, body, client_ip, platform, created_at, queued_at, attempts, last_error,
		died_at FROM dead_letters WHERE id = ? AND app = ?`, []any{id, app}, &l.Seq, &l.Lane.Room, &l.Command, &l.Body,
		&l.ClientIP, &l.Platform, &at, &queued, &l.Attempts, &l.LastError, &died)
	store.SetTimes(&l.Event, at, queued)
	l.Died = time.UnixMilli(died)
	return l, found, err
}

// deadPlaces looks at dead letters in order, those with a Seq past after, and returns up to limit that the filter picks,
// and the Seq of the last that it looked at; end says that there are no more.
func deadPlaces(c *conn, f delivery.Filter, after int64, limit int) (found []place, last int64, end bool, err error) {
	query, args := `SELECT seq, id, created_at, command FROM dead_letters WHERE app = ? AND seq > ? ORDER BY seq LIMIT ?`,
		[]any{f.App, after, readRows}
	if f.Room != nil {
		query, args = `SELECT seq, id, created_at, command FROM dead_letters WHERE app = ? AND room = ? AND seq > ?
			ORDER BY seq LIMIT ?`, []any{f.App, *f.Room, after, readRows}
	}
	rows, last := 0, after
	err = c.each(func(scan func(...any) error) error {
		if rows++; len(found) == limit {
			return nil
		}
		var p place
		e := delivery.Event{Lane: delivery.Lane{App: f.App}}
		var at int64
		if err := scan(&p.seq, &p.id, &at, &e.Command); err != nil {
			return err
		}
		if f.Room != nil {
			e.Lane.Room = *f.Room
		}
		e.At, p.second, last = time.UnixMilli(at), at/1000, p.seq
		if f.Matches(e) {
			found = append(found, p)
		}
		return nil
	}, query, args...)
	return found, last, rows < readRows && len(found) < limit, err
}
