package sqlite

import (
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
)

func (r reader) Battle(app live.AppID, id live.BattleID) (live.Battle, bool, error) {
	b := live.Battle{ID: id}
	var duration, started, ends int64
	found, err := r.c.first(`SELECT extension_info, duration, status, started_at, ends_at FROM battles
		WHERE app = ? AND battle = ?`, []any{app, id}, &b.Extension, &duration, &b.Status, &started, &ends)
	if err != nil || !found {
		return live.Battle{}, false, err
	}
	b.Duration = time.Duration(duration) * time.Millisecond
	b.StartedAt, b.EndsAt = time.UnixMilli(started), time.UnixMilli(ends)
	err = r.c.each(func(scan func(...any) error) error {
		var room live.BattleRoom
		err := scan(&room.Room, &room.Owner, &room.Score, &room.Out)
		b.Rooms = append(b.Rooms, room)
		return err
	}, "SELECT room, owner, score, out FROM battle_rooms WHERE app = ? AND battle = ? ORDER BY place", app, id)
	return b, err == nil, err
}

func (r reader) BattleOf(app live.AppID, room live.RoomID) (live.BattleID, bool, error) {
	var id live.BattleID
	found, err := r.c.first("SELECT battle FROM battle_rooms WHERE app = ? AND room = ? AND fighting = 1", []any{app, room}, &id)
	return id, found, err
}

func (t *tx) InsertBattle(app live.AppID, b live.Battle) error {
	err := t.put(`INSERT INTO battles (app, battle, extension_info, duration, status, started_at, ends_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)`, app, b.ID, b.Extension, b.Duration.Milliseconds(), int(b.Status),
		b.StartedAt.UnixMilli(), b.EndsAt.UnixMilli())
	for place, r := range b.Rooms {
		if err != nil {
			return err
		}
		err = t.put(`INSERT INTO battle_rooms (app, battle, place, room, owner, score, out, fighting)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, app, b.ID, place, r.Room, r.Owner, r.Score, r.Out, fighting(b, r))
	}
	return err
}

func (t *tx) UpdateBattle(app live.AppID, b live.Battle) error {
	err := t.put("UPDATE battles SET status = ?, ends_at = ? WHERE app = ? AND battle = ?",
		int(b.Status), b.EndsAt.UnixMilli(), app, b.ID)
	for place, r := range b.Rooms {
		if err != nil {
			return err
		}
		err = t.put(`UPDATE battle_rooms SET owner = ?, score = ?, out = ?, fighting = ?
			WHERE app = ? AND battle = ? AND place = ?`, r.Owner, r.Score, r.Out, fighting(b, r), app, b.ID, place)
	}
	return err
}

func fighting(b live.Battle, r live.BattleRoom) bool { return b.Status == live.BattleRunning && !r.Out }

func (t *tx) DeleteBattle(app live.AppID, id live.BattleID) error {
	if err := t.put("DELETE FROM battle_rooms WHERE app = ? AND battle = ?", app, id); err != nil {
		return err
	}
	return t.put("DELETE FROM battles WHERE app = ? AND battle = ?", app, id)
}
