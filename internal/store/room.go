package store

import (
	"time"

	"github.com/go-json-experiment/json"

	"github.com/greenroom-live/greenroom/internal/live"
)

// RoomColumns are the columns of a room, in the order in which [RoomRow] receives them.
const RoomColumns = `room, owner, name, seat_template, seat_layout_template_id, take_seat_mode, seat_enabled,
	max_seat_count, max_member_count, message_disabled, public_visible, unlimited, keep_owner_on_seat, cover_url,
	background_url, notice, custom_info, categories, activity_status, created_at, gift_enabled, like_enabled,
	view_count, online_count, gifts_sent, gift_coins, gift_senders, likes_received, messages`

// RoomRow receives the columns of [RoomColumns] into a room.
type RoomRow struct {
	room       *live.Room
	categories string
	created    int64
}

// NewRoomRow returns a row that is received into room.
func NewRoomRow(room *live.Room) *RoomRow { return &RoomRow{room: room} }

// Columns is what a row is scanned into.
func (row *RoomRow) Columns() []any {
	r := row.room
	return []any{
		&r.ID, &r.Owner, &r.Name, &r.SeatTemplate, &r.SeatLayoutTemplateID, &r.TakeSeatMode, &r.SeatEnabled,
		&r.MaxSeatCount, &r.MaxMemberCount, &r.MessageDisabled, &r.PublicVisible, &r.Unlimited, &r.KeepOwnerOnSeat,
		&r.CoverURL, &r.BackgroundURL, &r.Notice, &r.CustomInfo, &row.categories, &r.ActivityStatus, &row.created,
		&r.GiftEnabled, &r.LikeEnabled, &r.ViewCount, &r.OnlineCount, &r.GiftsSent, &r.GiftCoins, &r.GiftSenders,
		&r.LikesReceived, &r.Messages,
	}
}

// Finish fills in what does not fit into a column as it is.
func (row *RoomRow) Finish() error {
	row.room.CreatedAt = time.Unix(row.created, 0)
	return json.Unmarshal([]byte(row.categories), &row.room.Categories)
}
