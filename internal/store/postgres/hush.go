package postgres

import (
	"github.com/jackc/pgx/v5"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
)

// heardRooms says which of the rooms somebody has ever been in, or listened to, by their places in the arguments.
const heardRooms = `SELECT u.place FROM unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS u (app, room, place)
	JOIN rooms r ON r.app = u.app AND r.room = u.room WHERE r.view_count > 0 OR r.listened`

// queueHush has the changes of the batch marked that nobody is to be told of. Who enters or listens first does so in an update
// of the room, which comes after this one and sees what it has changed, or before it and is seen by it. The end of a room is
// always told: there is no row of it any more.
func (b *batch) queueHush() {
	var apps []int64
	var rooms []string
	var lanes []delivery.Lane
	changes := make(map[delivery.Lane][]*live.Event)
	for _, t := range b.ran {
		for i := range t.changes {
			e := &t.changes[i]
			at := delivery.Lane{App: e.App, Room: e.Room}
			if _, ended := e.Change.(live.RoomDestroyed); ended || e.Room == "" {
				continue
			}
			if changes[at] == nil {
				apps, rooms = append(apps, int64(e.App)), append(rooms, string(e.Room))
				lanes = append(lanes, at)
			}
			changes[at] = append(changes[at], e)
		}
	}
	if len(rooms) == 0 {
		return
	}
	b.c.queue = append(b.c.queue, statement{query: heardRooms, args: []any{apps, rooms}, rows: func(rows pgx.Rows) error {
		for rows.Next() {
			var place int
			if err := rows.Scan(&place); err != nil {
				return err
			}
			delete(changes, lanes[place-1])
		}
		for _, unheard := range changes {
			for _, e := range unheard {
				e.Unheard = true
			}
		}
		return nil
	}})
}
