package sqlite

import (
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
)

func (r reader) Ban(app live.AppID, room live.RoomID, user live.UserID) (live.Ban, bool, error) {
	b := live.Ban{User: user}
	var until int64
	found, err := r.c.first("SELECT until, reason FROM room_bans WHERE app = ? AND room = ? AND user = ?",
		[]any{app, room, user}, &until, &b.Reason)
	b.Until = time.Unix(until, 0)
	return b, found, err
}

func (r reader) Bans(app live.AppID, room live.RoomID, now time.Time, offset, limit int) ([]live.Ban, error) {
	var bans []live.Ban
	err := r.c.each(func(scan func(...any) error) error {
		var b live.Ban
		var until int64
		err := scan(&b.User, &until, &b.Reason)
		b.Until = time.Unix(until, 0)
		bans = append(bans, b)
		return err
	}, `SELECT user, until, reason FROM room_bans WHERE app = ? AND room = ? AND until > ?
		ORDER BY user LIMIT ? OFFSET ?`, app, room, now.Unix(), limit, offset)
	return bans, err
}

func (t *tx) PutBan(app live.AppID, room live.RoomID, b live.Ban) error {
	return t.put(`INSERT INTO room_bans (app, room, user, until, reason) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET until = excluded.until, reason = excluded.reason`, app, room, b.User, b.Until.Unix(), b.Reason)
}

func (t *tx) DeleteBan(app live.AppID, room live.RoomID, user live.UserID) error {
	return t.put("DELETE FROM room_bans WHERE app = ? AND room = ? AND user = ?", app, room, user)
}

func (t *tx) DeleteLapsedBans(app live.AppID, room live.RoomID, now time.Time, limit int) error {
	return t.put(`DELETE FROM room_bans WHERE app = ?1 AND room = ?2 AND user IN
		(SELECT user FROM room_bans WHERE app = ?1 AND room = ?2 AND until <= ?3 LIMIT ?4)`, app, room, now.Unix(), limit)
}
