package postgres

import "github.com/greenroom-live/greenroom/internal/live"

func (r reader) Robots(app live.AppID, room live.RoomID) ([]live.UserID, error) {
	r.about(roomKey(app, room))
	robots, err := r.users("SELECT user_id FROM room_robots WHERE app = $1 AND room = $2 ORDER BY user_id", int64(app), string(room))
	if robots == nil {
		robots = []live.UserID{}
	}
	return robots, err
}

func (t *tx) PutRobot(app live.AppID, room live.RoomID, user live.UserID) error {
	t.about(roomKey(app, room))
	return t.put("INSERT INTO room_robots (app, room, user_id) VALUES ($1, $2, $3) ON CONFLICT (app, room, user_id) DO NOTHING",
		int64(app), string(room), string(user))
}

func (t *tx) DeleteRobot(app live.AppID, room live.RoomID, user live.UserID) (bool, error) {
	t.about(roomKey(app, room))
	n, err := t.write("DELETE FROM room_robots WHERE app = $1 AND room = $2 AND user_id = $3", int64(app), string(room), string(user))
	return n > 0, err
}
