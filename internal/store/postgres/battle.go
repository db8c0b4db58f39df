package postgres

import (
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
)

func (r reader) Battle(app live.AppID, id live.BattleID) (live.Battle, bool, error) {
	r.about(battleKey(app, id))
	b := live.Battle{ID: id}
	var duration, started, ends int64
	found := false
	args := []any{int64(app), string(id)}
	r.c.laterFirst(func() error { found = true; return nil }, `SELECT extension_info, duration, status, started_at, ends_at
		FROM battles WHERE app = $1 AND battle = $2`, args, &b.Extension, &duration, &b.Status, &started, &ends)
	err := r.c.each(func(scan func(...any) error) error {
		var room live.BattleRoom
		err := scan(&room.Room, &room.Owner, &room.Score, &room.Out)
		b.Rooms = append(b.Rooms, room)
		return err
	}, "SELECT room, owner, score, out FROM battle_rooms WHERE app = $1 AND battle = $2 ORDER BY place", args...)
	if err != nil || !found {
		return live.Battle{}, false, err
	}
	b.Duration = time.Duration(duration) * time.Millisecond
	b.StartedAt, b.EndsAt = time.UnixMilli(started), time.UnixMilli(ends)
	return b, true, nil
}

func (r reader) BattleOf(app live.AppID, room live.RoomID) (live.BattleID, bool, error) {
	r.about(roomKey(app, room))
	var id live.BattleID
	found, err := r.c.first("SELECT battle FROM battle_rooms WHERE app = $1 AND room = $2 AND fighting",
		[]any{int64(app), string(room)}, &id)
	return id, found, err
}

// InsertBattle locks the rooms, too: none may be in two battles.
func (t *tx) InsertBattle(app live.AppID, b live.Battle) error {
	t.about(battleKey(app, b.ID))
	for _, r := range b.Rooms {
		t.about(roomKey(app, r.Room))
	}
	err := t.put(`INSERT INTO battles (app, battle, extension_info, duration, status, started_at, ends_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, int64(app), string(b.ID), b.Extension, b.Duration.Milliseconds(), int64(b.Status),
		b.StartedAt.UnixMilli(), b.EndsAt.UnixMilli())
	for place, r := range b.Rooms {
		if err != nil {
			return err
		}
		err = t.put(`INSERT INTO battle_rooms (app, battle, place, room, owner, score, out, fighting)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			int64(app), string(b.ID), place, string(r.Room), string(r.Owner), r.Score, r.Out, fighting(b, r))
	}
	return err
}

func (t *tx) UpdateBattle(app live.AppID, b live.Battle) error {
	t.about(battleKey(app, b.ID))
	err := t.put("UPDATE battles SET status = $1, ends_at = $2 WHERE app = $3 AND battle = $4",
		int64(b.Status), b.EndsAt.UnixMilli(), int64(app), string(b.ID))
	for place, r := range b.Rooms {
		if err != nil {
			return err
		}
		err = t.put(`UPDATE battle_rooms SET owner = $1, score = $2, out = $3, fighting = $4
			WHERE app = $5 AND battle = $6 AND place = $7`,
			string(r.Owner), r.Score, r.Out, fighting(b, r), int64(app), string(b.ID), place)
	}
	return err
}

func fighting(b live.Battle, r live.BattleRoom) bool { return b.Status == live.BattleRunning && !r.Out }

func (t *tx) DeleteBattle(app live.AppID, id live.BattleID) error {
	t.about(battleKey(app, id))
	if err := t.put("DELETE FROM battle_rooms WHERE app = $1 AND battle = $2", int64(app), string(id)); err != nil {
		return err
	}
	return t.put("DELETE FROM battles WHERE app = $1 AND battle = $2", int64(app), string(id))
}
