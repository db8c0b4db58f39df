package sqlite

import "github.com/greenroom-live/greenroom/internal/live"

func (r reader) Metadata(app live.AppID, room live.RoomID) ([]live.Pair, error) {
	var pairs []live.Pair
	err := r.c.each(func(scan func(...any) error) error {
		var p live.Pair
		err := scan(&p.Key, &p.Value)
		pairs = append(pairs, p)
		return err
	}, "SELECT key, value FROM room_metadata WHERE app = ? AND room = ? ORDER BY key", app, room)
	return pairs, err
}

func (r reader) MetadataSizes(app live.AppID, room live.RoomID) (map[string]int, error) {
	sizes := make(map[string]int)
	err := r.c.each(func(scan func(...any) error) error {
		var key string
		var size int
		err := scan(&key, &size)
		sizes[key] = size
		return err
	}, "SELECT key, octet_length(value) FROM room_metadata WHERE app = ? AND room = ?", app, room)
	return sizes, err
}

func (t *tx) PutMetadata(app live.AppID, room live.RoomID, p live.Pair) error {
	return t.put(`INSERT INTO room_metadata (app, room, key, value) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET value = excluded.value`, app, room, p.Key, p.Value)
}

func (t *tx) DeleteMetadata(app live.AppID, room live.RoomID, key string) (bool, error) {
	n, err := t.write("DELETE FROM room_metadata WHERE app = ? AND room = ? AND key = ?", app, room, key)
	return n > 0, err
}
