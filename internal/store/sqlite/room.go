package sqlite

import (
	"github.com/go-json-experiment/json"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
)

func (r reader) Room(app live.AppID, id live.RoomID) (live.Room, bool, error) {
	var room live.Room
	row := store.NewRoomRow(&room)
	found, err := r.c.first("SELECT "+store.RoomColumns+" FROM rooms WHERE app = ? AND room = ?", []any{app, id}, row.Columns()...)
	if err != nil || !found {
		return live.Room{}, false, err
	}
	return room, true, row.Finish()
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
	if err := t.countRooms(app, 1); err != nil {
		return err
	}
	return t.put(`INSERT INTO rooms (app, `+store.RoomColumns+`)
		VALUES (?, ?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`, app,
		room.ID, room.Owner, room.Name, room.SeatTemplate, room.SeatLayoutTemplateID, room.TakeSeatMode,
		room.SeatEnabled, room.MaxSeatCount, room.MaxMemberCount, room.MessageDisabled, room.PublicVisible,
		room.Unlimited, room.KeepOwnerOnSeat, room.CoverURL, room.BackgroundURL, room.Notice, room.CustomInfo,
		string(categories), room.ActivityStatus, room.CreatedAt.Unix(), room.GiftEnabled, room.LikeEnabled,
		room.ViewCount, room.OnlineCount, room.GiftsSent, room.GiftCoins, room.GiftSenders, room.LikesReceived, room.Messages)
}

func (t *tx) UpdateRoom(app live.AppID, room live.Room) error {
	categories, err := json.Marshal(room.Categories)
	if err != nil {
		return err
	}
	return t.put(`UPDATE rooms SET name = ?, seat_template = ?, seat_layout_template_id = ?, take_seat_mode = ?,
		seat_enabled = ?, max_seat_count = ?, max_member_count = ?, message_disabled = ?, public_visible = ?,
		unlimited = ?, keep_owner_on_seat = ?, cover_url = ?, background_url = ?, notice = ?, custom_info = ?,
		categories = ?, activity_status = ?, gift_enabled = ?, like_enabled = ? WHERE app = ? AND room = ?`,
		room.Name, room.SeatTemplate, room.SeatLayoutTemplateID, room.TakeSeatMode,
		room.SeatEnabled, room.MaxSeatCount, room.MaxMemberCount, room.MessageDisabled, room.PublicVisible,
		room.Unlimited, room.KeepOwnerOnSeat, room.CoverURL, room.BackgroundURL, room.Notice, room.CustomInfo,
		string(categories), room.ActivityStatus, room.GiftEnabled, room.LikeEnabled, app, room.ID)
}

func (t *tx) SetRoomOwner(app live.AppID, id live.RoomID, owner live.UserID) error {
	t.w.cache.dropRoom(app, id)
	return t.put("UPDATE rooms SET owner = ? WHERE app = ? AND room = ?", owner, app, id)
}

// roomTables hold, beside rooms, what belongs to a room and goes with it.
var roomTables = []string{
	"room_metadata", "room_admins", "room_members", "room_attendances", "room_mutes", "room_bans", "room_robots", "room_seats",
	"room_mixes", "room_sent_messages", "room_gifts", "room_gift_senders", "timers",
}

func (t *tx) DeleteRoom(app live.AppID, id live.RoomID) error {
	t.w.cache.dropRoom(app, id)
	n, err := t.write("DELETE FROM rooms WHERE app = ? AND room = ?", app, id)
	if err != nil {
		return err
	}
	if err := t.countRooms(app, -n); err != nil {
		return err
	}
	for _, table := range roomTables {
		if err := t.put("DELETE FROM "+table+" WHERE app = ? AND room = ?", app, id); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) NoteListener(app live.AppID, id live.RoomID) error {
	return t.put("UPDATE rooms SET listened = 1 WHERE app = ? AND room = ? AND listened = 0", app, id)
}

func (t *tx) CountEntry(app live.AppID, id live.RoomID, views, online int) error {
	return t.put(`UPDATE rooms SET view_count = view_count + ?, online_count = online_count + ?
		WHERE app = ? AND room = ?`, views, online, app, id)
}

func (t *tx) AddTotals(app live.AppID, id live.RoomID, add live.Totals) error {
	return t.put(`UPDATE rooms SET gifts_sent = gifts_sent + ?, gift_coins = gift_coins + ?, gift_senders = gift_senders + ?,
		likes_received = likes_received + ?, messages = messages + ? WHERE app = ? AND room = ?`,
		add.GiftsSent, add.GiftCoins, add.GiftSenders, add.LikesReceived, add.Messages, app, id)
}
