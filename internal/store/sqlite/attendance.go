package sqlite

import "github.com/greenroom-live/greenroom/internal/live"

func (r reader) AttendedElsewhere(m live.Membership, node live.NodeID) (bool, error) {
	return r.c.first("SELECT 1 FROM room_attendances WHERE app = ? AND room = ? AND user = ? AND node <> ? LIMIT 1",
		[]any{m.App, m.Room, m.User, node}, new(int))
}

func (r reader) Attendances(node live.NodeID, after live.Membership, limit int) ([]live.Membership, error) {
	var page []live.Membership
	err := r.c.each(func(scan func(...any) error) error {
		var m live.Membership
		err := scan(&m.App, &m.Room, &m.User)
		page = append(page, m)
		return err
	}, `SELECT app, room, user FROM room_attendances WHERE node = ? AND (app, room, user) > (?, ?, ?)
		ORDER BY app, room, user LIMIT ?`, node, after.App, after.Room, after.User, limit)
	return page, err
}

// NodesGone knows of none: one process at a time has the file.
func (r reader) NodesGone() ([]live.NodeID, error) { return nil, nil }

func (t *tx) PutAttendance(m live.Membership, node live.NodeID) error {
	return t.put("INSERT INTO room_attendances (app, room, user, node) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
		m.App, m.Room, m.User, node)
}

func (t *tx) DeleteAttendance(m live.Membership, node live.NodeID) error {
	return t.put("DELETE FROM room_attendances WHERE app = ? AND room = ? AND user = ? AND node = ?",
		m.App, m.Room, m.User, node)
}

func (t *tx) AdoptAttendances(from, to live.NodeID, limit int) ([]live.Membership, error) {
	page, err := t.Attendances(from, live.Membership{}, limit)
	for _, m := range page {
		if err == nil {
			err = t.PutAttendance(m, to)
		}
		if err == nil {
			err = t.DeleteAttendance(m, from)
		}
	}
	return page, err
}
