package postgres

import "github.com/greenroom-live/greenroom/internal/live"

func (r reader) IsAdmin(app live.AppID, room live.RoomID, user live.UserID) (bool, error) {
	r.about(roomKey(app, room))
	var one int
	return r.c.first("SELECT 1 FROM room_admins WHERE app = $1 AND room = $2 AND user_id = $3",
		[]any{int64(app), string(room), string(user)}, &one)
}

func (r reader) Admins(app live.AppID, room live.RoomID) ([]live.UserID, error) {
	r.about(roomKey(app, room))
	return r.users("SELECT user_id FROM room_admins WHERE app = $1 AND room = $2 ORDER BY user_id", int64(app), string(room))
}

// users returns the users that a query finds, nil when it finds none.
func (r reader) users(query string, args ...any) ([]live.UserID, error) {
	var users []live.UserID
	err := r.c.each(func(scan func(...any) error) error {
		var user live.UserID
		err := scan(&user)
		users = append(users, user)
		return err
	}, query, args...)
	return users, err
}

func (t *tx) PutAdmin(app live.AppID, room live.RoomID, user live.UserID) error {
	t.about(roomKey(app, room))
	return t.put("INSERT INTO room_admins (app, room, user_id) VALUES ($1, $2, $3) ON CONFLICT (app, room, user_id) DO NOTHING",
		int64(app), string(room), string(user))
}

func (t *tx) DeleteAdmin(app live.AppID, room live.RoomID, user live.UserID) error {
	t.about(roomKey(app, room))
	return t.put("DELETE FROM room_admins WHERE app = $1 AND room = $2 AND user_id = $3", int64(app), string(room), string(user))
}
