package postgres

import (
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
)

func (r reader) Ban(app live.AppID, room live.RoomID, user live.UserID) (live.Ban, bool, error) {
	r.about(roomKey(app, room))
	b := live.Ban{User: user}
	var until int64
	found, err := r.c.first("SELECT until, reason FROM room_bans WHERE app = $1 AND room = $2 AND user_id = $3",
		[]any{int64(app), string(room), string(user)}, &until, &b.Reason)
	b.Until = time.Unix(until, 0)
	return b, found, err
}

func (r reader) Bans(app live.AppID, room live.RoomID, now time.Time, offset, limit int) ([]live.Ban, error) {
	r.about(roomKey(app, room))
	var bans []live.Ban
	err := r.c.each(func(scan func(...any) error) error {
		var b live.Ban
		var until int64
		err := scan(&b.User, &until, &b.Reason)
		b.Until = time.Unix(until, 0)
		bans = append(bans, b)
		return err
	}, `SELECT user_id, until, reason FROM room_bans WHERE app = $1 AND room = $2 AND until > $3
		ORDER BY user_id LIMIT $4 OFFSET $5`, int64(app), string(room), now.Unix(), limit, offset)
	return bans, err
}

func (t *tx) PutBan(app live.AppID, room live.RoomID, b live.Ban) error {
	t.about(roomKey(app, room))
	return t.put(`INSERT INTO room_bans (app, room, user_id, until, reason) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (app, room, user_id) DO UPDATE SET until = excluded.until, reason = excluded.reason`,
		int64(app), string(room), string(b.User), b.Until.Unix(), b.Reason)
}

func (t *tx) DeleteBan(app live.AppID, room live.RoomID, user live.UserID) error {
	t.about(roomKey(app, room))
	return t.put("DELETE FROM room_bans WHERE app = $1 AND room = $2 AND user_id = $3", int64(app), string(room), string(user))
}

func (t *tx) DeleteLapsedBans(app live.AppID, room live.RoomID, now time.Time, limit int) error {
	t.about(roomKey(app, room))
	return t.put(`DELETE FROM room_bans WHERE app = $1 AND room = $2 AND user_id IN
		(SELECT user_id FROM room_bans WHERE app = $1 AND room = $2 AND until <= $3 LIMIT $4)`,
		int64(app), string(room), now.Unix(), limit)
}
