package sqlite

import "github.com/greenroom-live/greenroom/internal/live"

func (r reader) Member(app live.AppID, room live.RoomID, user live.UserID) (live.Member, bool, error) {
	m := live.Member{User: user}
	found, err := r.c.first("SELECT online FROM room_members WHERE app = ? AND room = ? AND user = ?",
		[]any{app, room, user}, &m.Online)
	return m, found, err
}

func (r reader) MembersOnline(app live.AppID, room live.RoomID, after live.UserID, limit int) ([]live.UserID, error) {
	var users []live.UserID
	err := r.c.each(func(scan func(...any) error) error {
		var user live.UserID
		err := scan(&user)
		users = append(users, user)
		return err
	}, `SELECT user FROM room_members WHERE online = 1 AND app = ? AND room = ? AND user > ?
		ORDER BY user LIMIT ?`, app, room, after, limit)
	return users, err
}

func (t *tx) PutMember(app live.AppID, room live.RoomID, m live.Member) error {
	return t.put(`INSERT INTO room_members (app, room, user, online) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET online = excluded.online`, app, room, m.User, m.Online)
}

func (t *tx) DeleteMember(app live.AppID, room live.RoomID, user live.UserID) error {
	if err := t.put("DELETE FROM room_members WHERE app = ? AND room = ? AND user = ?", app, room, user); err != nil {
		return err
	}
	return t.put("DELETE FROM room_attendances WHERE app = ? AND room = ? AND user = ?", app, room, user)
}
