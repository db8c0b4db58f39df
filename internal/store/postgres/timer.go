package postgres

import (
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
)

// timerKey is what covers a timer: its room or, when it has none, itself.
func timerKey(t live.Timer) key {
	if t.Room != "" {
		return roomKey(t.App, t.Room)
	}
	return newKey(kindTimer, t.App, string(t.Kind)+" "+t.Key)
}

func (r reader) Timer(t live.Timer) (live.Timer, bool, error) {
	r.about(timerKey(t))
	var at int64
	found, err := r.c.first("SELECT due_at FROM timers WHERE app = $1 AND kind = $2 AND room = $3 AND key = $4",
		[]any{int64(t.App), string(t.Kind), string(t.Room), t.Key}, &at)
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
	}, "SELECT app, kind, room, key, due_at FROM timers WHERE due_at <= $1 ORDER BY due_at LIMIT $2", now.UnixMilli(), limit)
	return due, err
}

func (r reader) NextTimer() (time.Time, bool, error) {
	var at int64
	found, err := r.c.first("SELECT due_at FROM timers ORDER BY due_at LIMIT 1", nil, &at)
	return time.UnixMilli(at), found, err
}

func (t *tx) PutTimer(timer live.Timer) error {
	t.about(timerKey(timer))
	t.timers = true
	return t.put(`INSERT INTO timers (app, kind, room, key, due_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (app, room, kind, key) DO UPDATE SET due_at = excluded.due_at`,
		int64(timer.App), string(timer.Kind), string(timer.Room), timer.Key, timer.At.UnixMilli())
}

func (t *tx) DeleteTimer(timer live.Timer) error {
	t.about(timerKey(timer))
	return t.put("DELETE FROM timers WHERE app = $1 AND kind = $2 AND room = $3 AND key = $4",
		int64(timer.App), string(timer.Kind), string(timer.Room), timer.Key)
}
