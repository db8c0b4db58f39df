package sqlite

import (
	"time"

	"github.com/go-json-experiment/json"

	"github.com/greenroom-live/greenroom/internal/live"
)

const roomColumns = `room, owner, name, seat_template, seat_layout_template_id, take_seat_mode, seat_enabled,
	max_seat_count, max_member_count, message_disabled, public_visible, unlimited, keep_owner_on_seat, cover_url,
	background_url, notice, custom_info, categories, activity_status, created_at, view_count, online_count`

func (r reader) Room(app live.AppID, id live.RoomID) (live.Room, bool, error) {
	var room live.Room
	var categories string
	var created int64
	found, err := r.c.first("SELECT "+roomColumns+" FROM rooms WHERE app = ? AND room = ?", []any{app, id},
		&room.ID, &room.Owner, &room.Name, &room.SeatTemplate, &room.SeatLayoutTemplateID, &room.TakeSeatMode,
		&room.SeatEnabled, &room.MaxSeatCount, &room.MaxMemberCount, &room.MessageDisabled, &room.PublicVisible,
		&room.Unlimited, &room.KeepOwnerOnSeat, &room.CoverURL, &room.BackgroundURL, &room.Notice, &room.CustomInfo,
		&categories, &room.ActivityStatus, &created, &room.ViewCount, &room.OnlineCount)
	if err != nil || !found {
		return live.Room{}, false, err
	}
	room.CreatedAt = time.Unix(created, 0)
	return room, true, json.Unmarshal([]byte(categories), &room.Categories)
}

func (r reader) RoomOwner(app live.AppID, id live.RoomID) (live.UserID, bool, error) {
	var owner live.UserID
	found, err := r.c.first("SELECT owner FROM rooms WHERE app = ? AND room = ?", []any{app, id}, &owner)
	return owner, found, err
}

// RoomOwner answers from the writer's cache when it can: every change in a room begins with this question.
func (t *tx) RoomOwner(app live.AppID, id live.RoomID) (live.UserID, bool, error) {
	if r := t.w.cache.room(app, id); r != nil {
		return r.owner, true, nil
	}
	owner, found, err := t.reader.RoomOwner(app, id)
	if found {
		t.w.cache.addRoom(app, id, owner)
	}
	return owner, found, err
}

func (t *tx) InsertRoom(app live.AppID, room live.Room) error {
	categories, err := json.Marshal(room.Categories)
	if err != nil {
		return err
	}
	return t.put("INSERT INTO rooms (app, "+roomColumns+") VALUES (?, ?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", app,
		room.ID, room.Owner, room.Name, room.SeatTemplate, room.SeatLayoutTemplateID, room.TakeSeatMode,
		room.SeatEnabled, room.MaxSeatCount, room.MaxMemberCount, room.MessageDisabled, room.PublicVisible,
		room.Unlimited, room.KeepOwnerOnSeat, room.CoverURL, room.BackgroundURL, room.Notice, room.CustomInfo,
		string(categories), room.ActivityStatus, room.CreatedAt.Unix(), room.ViewCount, room.OnlineCount)
}

func (t *tx) DeleteRoom(app live.AppID, id live.RoomID) error {
	t.w.cache.dropRoom(app, id)
	for _, query := range []string{
		"DELETE FROM rooms WHERE app = ? AND room = ?",
		"DELETE FROM room_metadata WHERE app = ? AND room = ?",
		"DELETE FROM room_admins WHERE app = ? AND room = ?",
		"DELETE FROM room_members WHERE app = ? AND room = ?",
	} {
		if err := t.put(query, app, id); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) CountEntry(app live.AppID, id live.RoomID, views, online int) error {
	return t.put(`UPDATE rooms SET view_count = view_count + ?, online_count = online_count + ?
		WHERE app = ? AND room = ?`, views, online, app, id)
}
