package sqlite

import "github.com/greenroom-live/greenroom/internal/live"

func (r reader) RoomCount(app live.AppID) (int, error) {
	var rooms int
	_, err := r.c.first("SELECT rooms FROM room_counts WHERE app = ?", []any{app}, &rooms)
	return rooms, err
}

// countRooms adds to how many rooms the app has.
func (t *tx) countRooms(app live.AppID, add int64) error {
	return t.put(`INSERT INTO room_counts (app, rooms) VALUES (?, ?)
		ON CONFLICT DO UPDATE SET rooms = rooms + excluded.rooms`, app, add)
}
