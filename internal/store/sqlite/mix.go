package sqlite

import (
	"github.com/go-json-experiment/json"

	"github.com/greenroom-live/greenroom/internal/live"
)

func (r reader) MixLayout(app live.AppID, room live.RoomID) (live.MixLayout, bool, error) {
	var text string
	var m live.MixLayout
	found, err := r.c.first("SELECT layout FROM room_mixes WHERE app = ? AND room = ?", []any{app, room}, &text)
	if err != nil || !found {
		return m, false, err
	}
	return m, true, json.Unmarshal([]byte(text), &m)
}

func (t *tx) PutMixLayout(app live.AppID, room live.RoomID, m live.MixLayout) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return t.put(`INSERT INTO room_mixes (app, room, layout) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET layout = excluded.layout`, app, room, string(text))
}
