package postgres

import (
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
)

func (r reader) MutedUntil(app live.AppID, room live.RoomID, user live.UserID) (time.Time, bool, error) {
	r.about(roomKey(app, room))
	var until int64
	found, err := r.c.first("SELECT until FROM room_mutes WHERE app = $1 AND room = $2 AND user_id = $3",
		[]any{int64(app), string(room), string(user)}, &until)
	return time.Unix(until, 0), found, err
}

func (r reader) Mutes(app live.AppID, room live.RoomID, now time.Time, offset, limit int) ([]live.Mute, error) {
	r.about(roomKey(app, room))
	var mutes []live.Mute
	err := r.c.each(func(scan func(...any) error) error {
		var m live.Mute
		var until int64
		err := scan(&m.User, &until)
		m.Until = time.Unix(until, 0)
		mutes = append(mutes, m)
		return err
	}, `SELECT user_id, until FROM room_mutes WHERE app = $1 AND room = $2 AND until > $3
		ORDER BY user_id LIMIT $4 OFFSET $5`, int64(app), string(room), now.Unix(), limit, offset)
	return mutes, err
}

func (t *tx) PutMute(app live.AppID, room live.RoomID, m live.Mute) error {
	t.about(roomKey(app, room))
	return t.put(`INSERT INTO room_mutes (app, room, user_id, until) VALUES ($1, $2, $3, $4)
		ON CONFLICT (app, room, user_id) DO UPDATE SET until = excluded.until`,
		int64(app), string(room), string(m.User), m.Until.Unix())
}

func (t *tx) DeleteMute(app live.AppID, room live.RoomID, user live.UserID) error {
	t.about(roomKey(app, room))
	return t.put("DELETE FROM room_mutes WHERE app = $1 AND room = $2 AND user_id = $3", int64(app), string(room), string(user))
}
