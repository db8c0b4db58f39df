package postgres

import "github.com/greenroom-live/greenroom/internal/live"

func (r reader) Member(app live.AppID, room live.RoomID, user live.UserID) (live.Member, bool, error) {
	r.about(roomKey(app, room))
	m := live.Member{User: user}
	found, err := r.c.first("SELECT online FROM room_members WHERE app = $1 AND room = $2 AND user_id = $3",
		[]any{int64(app), string(room), string(user)}, &m.Online)
	return m, found, err
}

func (r reader) MembersOnline(app live.AppID, room live.RoomID, after live.UserID, limit int) ([]live.UserID, error) {
	r.about(roomKey(app, room))
	return r.users(`SELECT user_id FROM room_members WHERE online AND app = $1 AND room = $2 AND user_id > $3
		ORDER BY user_id LIMIT $4`, int64(app), string(room), string(after), limit)
}

func (t *tx) PutMember(app live.AppID, room live.RoomID, m live.Member) error {
	t.about(roomKey(app, room))
	return t.put(`INSERT INTO room_members (app, room, user_id, online) VALUES ($1, $2, $3, $4)
		ON CONFLICT (app, room, user_id) DO UPDATE SET online = excluded.online`, int64(app), string(room), string(m.User), m.Online)
}

func (t *tx) DeleteMember(app live.AppID, room live.RoomID, user live.UserID) error {
	t.about(roomKey(app, room))
	args := []any{int64(app), string(room), string(user)}
	if err := t.put("DELETE FROM room_members WHERE app = $1 AND room = $2 AND user_id = $3", args...); err != nil {
		return err
	}
	return t.put("DELETE FROM room_attendances WHERE app = $1 AND room = $2 AND user_id = $3", args...)
}
