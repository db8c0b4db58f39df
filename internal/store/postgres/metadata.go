package postgres

import "github.com/greenroom-live/greenroom/internal/live"

func (r reader) Metadata(app live.AppID, room live.RoomID) ([]live.Pair, error) {
	r.about(roomKey(app, room))
	var pairs []live.Pair
	err := r.c.each(func(scan func(...any) error) error {
		var p live.Pair
		err := scan(&p.Key, &p.Value)
		pairs = append(pairs, p)
		return err
	}, "SELECT key, value FROM room_metadata WHERE app = $1 AND room = $2 ORDER BY key", int64(app), string(room))
	return pairs, err
}

// MetadataSizes measures values as they were given: see escape, which is chr(64976).
func (r reader) MetadataSizes(app live.AppID, room live.RoomID) (map[string]int, error) {
	r.about(roomKey(app, room))
	sizes := make(map[string]int)
	err := r.c.each(func(scan func(...any) error) error {
		var key string
		var size int
		var coded *string
		err := scan(&key, &size, &coded)
		if coded != nil {
			size = len(*coded)
		}
		sizes[key] = size
		return err
	}, `SELECT key, octet_length(value), CASE WHEN strpos(value, chr(64976)) > 0 THEN value END FROM room_metadata
		WHERE app = $1 AND room = $2`, int64(app), string(room))
	return sizes, err
}

func (t *tx) PutMetadata(app live.AppID, room live.RoomID, p live.Pair) error {
	t.about(roomKey(app, room))
	return t.put(`INSERT INTO room_metadata (app, room, key, value) VALUES ($1, $2, $3, $4)
		ON CONFLICT (app, room, key) DO UPDATE SET value = excluded.value`, int64(app), string(room), p.Key, p.Value)
}

func (t *tx) DeleteMetadata(app live.AppID, room live.RoomID, key string) (bool, error) {
	t.about(roomKey(app, room))
	n, err := t.write("DELETE FROM room_metadata WHERE app = $1 AND room = $2 AND key = $3", int64(app), string(room), key)
	return n > 0, err
}
