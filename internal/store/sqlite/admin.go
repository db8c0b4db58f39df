package sqlite

import "github.com/greenroom-live/greenroom/internal/live"

func (r reader) IsAdmin(app live.AppID, room live.RoomID, user live.UserID) (bool, error) {
	var one int
	return r.c.first("SELECT 1 FROM room_admins WHERE app = ? AND room = ? AND user = ?", []any{app, room, user}, &one)
}

func (r reader) Admins(app live.AppID, room live.RoomID) ([]live.UserID, error) {
	var admins []live.UserID
	err := r.c.each(func(scan func(...any) error) error {
		var user live.UserID
		err := scan(&user)
		admins = append(admins, user)
		return err
	}, "SELECT user FROM room_admins WHERE app = ? AND room = ? ORDER BY user", app, room)
	return admins, err
}

func (t *tx) PutAdmin(app live.AppID, room live.RoomID, user live.UserID) error {
	return t.put("INSERT INTO room_admins (app, room, user) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", app, room, user)
}

func (t *tx) DeleteAdmin(app live.AppID, room live.RoomID, user live.UserID) error {
	return t.put("DELETE FROM room_admins WHERE app = ? AND room = ? AND user = ?", app, room, user)
}
