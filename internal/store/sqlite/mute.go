package sqlite

import (
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
)

func (r reader) MutedUntil(app live.AppID, room live.RoomID, user live.UserID) (time.Time, bool, error) {
	var until int64
	found, err := r.c.first("SELECT until FROM room_mutes WHERE app = ? AND room = ? AND user = ?", []any{app, room, user}, &until)
	return time.Unix(until, 0), found, err
}

func (r reader) Mutes(app live.AppID, room live.RoomID, now time.Time, offset, limit int) ([]live.Mute, error) {
	var mutes []live.Mute
	err := r.c.each(func(scan func(...any) error) error {
		var m live.Mute
		var until int64
		err := scan(&m.User, &until)
		m.Until = time.Unix(until, 0)
		mutes = append(mutes, m)
		return err
	}, `SELECT user, until FROM room_mutes WHERE app = ? AND room = ? AND until > ?
		ORDER BY user LIMIT ? OFFSET ?`, app, room, now.Unix(), limit, offset)
	return mutes, err
}

func (t *tx) PutMute(app live.AppID, room live.RoomID, m live.Mute) error {
	return t.put(`INSERT INTO room_mutes (app, room, user, until) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET until = excluded.until`, app, room, m.User, m.Until.Unix())
}

func (t *tx) DeleteMute(app live.AppID, room live.RoomID, user live.UserID) error {
	return t.put("DELETE FROM room_mutes WHERE app = ? AND room = ? AND user = ?", app, room, user)
}
