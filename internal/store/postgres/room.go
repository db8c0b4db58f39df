package postgres

import (
	"github.com/go-json-experiment/json"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
)

func (r reader) Room(app live.AppID, id live.RoomID) (live.Room, bool, error) {
	r.about(roomKey(app, id))
	var room live.Room
	row := store.NewRoomRow(&room)
	found, err := r.c.first("SELECT "+store.RoomColumns+" FROM rooms WHERE app = $1 AND room = $2", []any{int64(app), string(id)}, row.Columns()...)
	if err != nil || !found {
		return live.Room{}, false, err
	}
	return room, true, row.Finish()
}

func (r reader) RoomOwner(app live.AppID, id live.RoomID) (live.UserID, bool, error) {
	r.about(roomKey(app, id))
	var owner live.UserID
	found, err := r.c.first("SELECT owner FROM rooms WHERE app = $1 AND room = $2", []any{int64(app), string(id)}, &owner)
	return owner, found, err
}

func (t *tx) InsertRoom(app live.AppID, room live.Room) error {
	t.about(roomKey(app, room.ID))
	categories, err := json.Marshal(room.Categories)
	if err != nil {
		return err
	}
	if err := t.put("INSERT INTO room_counts (app, rooms) VALUES ($1, 1)", int64(app)); err != nil {
		return err
	}
	return t.put(`INSERT INTO rooms (app, `+store.RoomColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
		$25, $26, $27, $28, $29, $30)`, int64(app),
		string(room.ID), string(room.Owner), room.Name, room.SeatTemplate, room.SeatLayoutTemplateID, room.TakeSeatMode,
		room.SeatEnabled, room.MaxSeatCount, room.MaxMemberCount, room.MessageDisabled, room.PublicVisible,
		room.Unlimited, room.KeepOwnerOnSeat, room.CoverURL, room.BackgroundURL, room.Notice, room.CustomInfo,
		string(categories), room.ActivityStatus, room.CreatedAt.Unix(), room.GiftEnabled, room.LikeEnabled,
		room.ViewCount, room.OnlineCount, room.GiftsSent, room.GiftCoins, room.GiftSenders, room.LikesReceived, room.Messages)
}

func (t *tx) UpdateRoom(app live.AppID, room live.Room) error {
	t.about(roomKey(app, room.ID))
	categories, err := json.Marshal(room.Categories)
	if err != nil {
		return err
	}
	return t.put(`UPDATE rooms SET name = $1, seat_template = $2, seat_layout_template_id = $3, take_seat_mode = $4,
		seat_enabled = $5, max_seat_count = $6, max_member_count = $7, message_disabled = $8, public_visible = $9,
		unlimited = $10, keep_owner_on_seat = $11, cover_url = $12, background_url = $13, notice = $14, custom_info = $15,
		categories = $16, activity_status = $17, gift_enabled = $18, like_enabled = $19 WHERE app = $20 AND room = $21`,
		room.Name, room.SeatTemplate, room.SeatLayoutTemplateID, room.TakeSeatMode,
		room.SeatEnabled, room.MaxSeatCount, room.MaxMemberCount, room.MessageDisabled, room.PublicVisible,
		room.Unlimited, room.KeepOwnerOnSeat, room.CoverURL, room.BackgroundURL, room.Notice, room.CustomInfo,
		string(categories), room.ActivityStatus, room.GiftEnabled, room.LikeEnabled, int64(app), string(room.ID))
}

func (t *tx) SetRoomOwner(app live.AppID, id live.RoomID, owner live.UserID) error {
	t.about(roomKey(app, id))
	return t.put("UPDATE rooms SET owner = $1 WHERE app = $2 AND room = $3", string(owner), int64(app), string(id))
}

// roomTables hold, beside rooms, what belongs to a room and goes with it.
var roomTables = []string{
	"room_metadata", "room_admins", "room_members", "room_attendances", "room_mutes", "room_bans", "room_robots", "room_seats",
	"room_mixes", "room_sent_messages", "room_gifts", "room_gift_senders", "timers",
}

// DeleteRoom costs one round trip, with whatever is sent next.
func (t *tx) DeleteRoom(app live.AppID, id live.RoomID) error {
	t.about(roomKey(app, id))
	args := []any{int64(app), string(id)}
	err := t.put(`WITH gone AS (DELETE FROM rooms WHERE app = $1 AND room = $2 RETURNING app)
		INSERT INTO room_counts (app, rooms) SELECT app, -1 FROM gone`, args...)
	for _, table := range roomTables {
		if err != nil {
			return err
		}
		err = t.put("DELETE FROM "+table+" WHERE app = $1 AND room = $2", args...)
	}
	return err
}

func (t *tx) NoteListener(app live.AppID, id live.RoomID) error {
	t.about(roomKey(app, id))
	return t.put("UPDATE rooms SET listened = true WHERE app = $1 AND room = $2 AND NOT listened", int64(app), string(id))
}

func (t *tx) CountEntry(app live.AppID, id live.RoomID, views, online int) error {
	t.about(roomKey(app, id))
	return t.put(`UPDATE rooms SET view_count = view_count + $1, online_count = online_count + $2
		WHERE app = $3 AND room = $4`, views, online, int64(app), string(id))
}

func (t *tx) AddTotals(app live.AppID, id live.RoomID, add live.Totals) error {
	t.about(roomKey(app, id))
	return t.put(`UPDATE rooms SET gifts_sent = gifts_sent + $1, gift_coins = gift_coins + $2, gift_senders = gift_senders + $3,
		likes_received = likes_received + $4, messages = messages + $5 WHERE app = $6 AND room = $7`,
		add.GiftsSent, add.GiftCoins, add.GiftSenders, add.LikesReceived, add.Messages, int64(app), string(id))
}
