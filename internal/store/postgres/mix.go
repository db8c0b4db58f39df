package postgres

import (
	"github.com/go-json-experiment/json"

	"github.com/greenroom-live/greenroom/internal/live"
)

func (r reader) MixLayout(app live.AppID, room live.RoomID) (live.MixLayout, bool, error) {
	r.about(roomKey(app, room))
	var text string
	var m live.MixLayout
	found, err := r.c.first("SELECT layout FROM room_mixes WHERE app = $1 AND room = $2", []any{int64(app), string(room)}, &text)
	if err != nil || !found {
		return m, false, err
	}
	return m, true, json.Unmarshal([]byte(text), &m)
}

func (t *tx) PutMixLayout(app live.AppID, room live.RoomID, m live.MixLayout) error {
	t.about(roomKey(app, room))
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return t.put(`INSERT INTO room_mixes (app, room, layout) VALUES ($1, $2, $3)
		ON CONFLICT (app, room) DO UPDATE SET layout = excluded.layout`, int64(app), string(room), string(text))
}
