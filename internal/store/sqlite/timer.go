package sqlite

import (
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
)

func (r reader) Timer(t live.Timer) (live.Timer, bool, error) {
	var at int64
	found, err := r.c.first("SELECT due_at FROM timers WHERE app = ? AND kind = ? AND room = ? AND key = ?",
		[]any{t.App, string(t.Kind), t.Room, t.Key}, &at)
	t.At = time.UnixMilli(at)
	return t, found, err
}

func (r reader) DueTimers(now time.Time, limit int) ([]live.Timer, error) {
	var due []live.Timer
	err := r.c.each(func(scan func(...any) error) error {
		var t live.Timer
		var at int64
		err := scan(&t.App, &t.Kind, &t.Room, &t.Key, &at)
		t.At = time.UnixMilli(at)
		due = append(due, t)
		return err
	}, "SELECT app, kind, room, key, due_at FROM timers WHERE due_at <= ? ORDER BY due_at LIMIT ?", now.UnixMilli(), limit)
	return due, err
}

func (r reader) NextTimer() (time.Time, bool, error) {
	var at int64
	found, err := r.c.first("SELECT due_at FROM timers ORDER BY due_at LIMIT 1", nil, &at)
	return time.UnixMilli(at), found, err
}

func (t *tx) PutTimer(timer live.Timer) error {
	t.timers = true
	return t.put(`INSERT INTO timers (app, kind, room, key, due_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET due_at = excluded.due_at`,
		timer.App, string(timer.Kind), timer.Room, timer.Key, timer.At.UnixMilli())
}

func (t *tx) DeleteTimer(timer live.Timer) error {
	return t.put("DELETE FROM timers WHERE app = ? AND kind = ? AND room = ? AND key = ?",
		timer.App, string(timer.Kind), timer.Room, timer.Key)
}
