package postgres

import (
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
)

// listQueries read the room list from its beginning or from behind a position, along the index rooms_listed: a page
// costs as much as it has rooms.
var listQueries = map[bool]struct{ first, further string }{
	false: {
		first: "SELECT " + store.RoomColumns + ` FROM rooms WHERE app = $1 AND public_visible
			ORDER BY view_count DESC, created_at DESC, room DESC LIMIT $2`,
		further: "SELECT " + store.RoomColumns + ` FROM rooms WHERE app = $1 AND public_visible
			AND (view_count, created_at, room) < ($2, $3, $4) ORDER BY view_count DESC, created_at DESC, room DESC LIMIT $5`,
	},
	true: {
		first: "SELECT " + store.RoomColumns + ` FROM rooms WHERE app = $1 AND public_visible
			ORDER BY view_count, created_at, room LIMIT $2`,
		further: "SELECT " + store.RoomColumns + ` FROM rooms WHERE app = $1 AND public_visible
			AND (view_count, created_at, room) > ($2, $3, $4) ORDER BY view_count, created_at, room LIMIT $5`,
	},
}

func (r reader) PublicRooms(app live.AppID, after *live.RoomPosition, ascending bool, limit int) ([]live.Room, error) {
	query, args := listQueries[ascending].first, []any{int64(app), limit}
	if after != nil {
		query, args = listQueries[ascending].further, []any{int64(app), after.Views, after.Created.Unix(), string(after.Room), limit}
	}
	var rooms []live.Room
	err := r.c.each(func(scan func(...any) error) error {
		var room live.Room
		row := store.NewRoomRow(&room)
		if err := scan(row.Columns()...); err != nil {
			return err
		}
		err := row.Finish()
		rooms = append(rooms, room)
		return err
	}, query, args...)
	return rooms, err
}
