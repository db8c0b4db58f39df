package sqlite

import "github.com/greenroom-live/greenroom/internal/live"

func (r reader) Robots(app live.AppID, room live.RoomID) ([]live.UserID, error) {
	robots := []live.UserID{}
	err := r.c.each(func(scan func(...any) error) error {
		var user live.UserID
		err := scan(&user)
		robots = append(robots, user)
		return err
	}, "SELECT user FROM room_robots WHERE app = ? AND room = ? ORDER BY user", app, room)
	return robots, err
}

func (t *tx) PutRobot(app live.AppID, room live.RoomID, user live.UserID) error {
	return t.put("INSERT INTO room_robots (app, room, user) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", app, room, user)
}

func (t *tx) DeleteRobot(app live.AppID, room live.RoomID, user live.UserID) (bool, error) {
	n, err := t.write("DELETE FROM room_robots WHERE app = ? AND room = ? AND user = ?", app, room, user)
	return n > 0, err
}
