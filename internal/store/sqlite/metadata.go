package sqlite

import (
	"maps"

	"github.com/greenroom-live/greenroom/internal/live"
)

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

// MetadataSizes answers from the writer's cache when it can.
func (t *tx) MetadataSizes(app live.AppID, room live.RoomID) (map[string]int, error) {
	if sizes := t.w.cache.sizes(app, room); sizes != nil {
		return maps.Clone(sizes), nil
	}
	sizes, err := t.reader.MetadataSizes(app, room)
	if r := t.w.cache.room(app, room); r != nil && err == nil {
		r.sizes = maps.Clone(sizes)
	}
	return sizes, err
}

func (t *tx) PutMetadata(app live.AppID, room live.RoomID, p live.Pair) error {
	if sizes := t.w.cache.sizes(app, room); sizes != nil {
		sizes[p.Key] = len(p.Value)
	}
	return t.put(`INSERT INTO room_metadata (app, room, key, value) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET value = excluded.value`, app, room, p.Key, p.Value)
}

func (t *tx) DeleteMetadata(app live.AppID, room live.RoomID, key string) (bool, error) {
	delete(t.w.cache.sizes(app, room), key)
	n, err := t.write("DELETE FROM room_metadata WHERE app = ? AND room = ? AND key = ?", app, room, key)
	return n > 0, err
}
