package sqlite

import (
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
)

// listQueries read the room list from its beginning or from behind a position, along the index rooms_listed: a page
// costs as much as it has rooms.
var listQueries = map[bool]struct{ first, further string }{
	false: {
		first: "SELECT " + store.RoomColumns + ` FROM rooms WHERE app = ? AND public_visible = 1
			ORDER BY view_count DESC, created_at DESC, room DESC LIMIT ?`,
		further: "SELECT " + store.RoomColumns + ` FROM rooms WHERE app = ? AND public_visible = 1
			AND (view_count, created_at, room) < (?, ?, ?) ORDER BY view_count DESC, created_at DESC, room DESC LIMIT ?`,
	},
	true: {
		first: "SELECT " + store.RoomColumns + ` FROM rooms WHERE app = ? AND public_visible = 1
			ORDER BY view_count, created_at, room LIMIT ?`,
		further: "SELECT " + store.RoomColumns + ` FROM rooms WHERE app = ? AND public_visible = 1
			AND (view_count, created_at, room) > (?, ?, ?) ORDER BY view_count, created_at, room LIMIT ?`,
	},
}

func (r reader) PublicRooms(app live.AppID, after *live.RoomPosition, ascending bool, limit int) ([]live.Room, error) {
	query, args := listQueries[ascending].first, []any{app, limit}
	if after != nil {
		query, args = listQueries[ascending].further, []any{app, after.Views, after.Created.Unix(), after.Room, limit}
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
