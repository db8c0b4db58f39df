package postgres

import "github.com/greenroom-live/greenroom/internal/live"

// A member's attendances are covered by its room's lock, but for AdoptAttendances, which moves those of a node that is gone
// without it. That is why no index forbids two equal rows: the mover would have to wait for who inserts one, and that one
// perhaps for the mover. Two equal rows are as one.

func (r reader) AttendedElsewhere(m live.Membership, node live.NodeID) (bool, error) {
	r.about(roomKey(m.App, m.Room))
	return r.c.first("SELECT 1 FROM room_attendances WHERE app = $1 AND room = $2 AND user_id = $3 AND node <> $4 LIMIT 1",
		[]any{int64(m.App), string(m.Room), string(m.User), int64(node)}, new(int))
}

func (r reader) Attendances(node live.NodeID, after live.Membership, limit int) ([]live.Membership, error) {
	return r.memberships(`SELECT DISTINCT app, room, user_id FROM room_attendances
		WHERE node = $1 AND (app, room, user_id) > ($2, $3, $4) ORDER BY app, room, user_id LIMIT $5`,
		int64(node), int64(after.App), string(after.Room), string(after.User), limit)
}

func (r reader) memberships(query string, args ...any) ([]live.Membership, error) {
	var page []live.Membership
	err := r.c.each(func(scan func(...any) error) error {
		var m live.Membership
		err := scan(&m.App, &m.Room, &m.User)
		page = append(page, m)
		return err
	}, query, args...)
	return page, err
}

// NodesGone goes from each node that has attendances to the next one, along the index.
func (r reader) NodesGone() ([]live.NodeID, error) {
	var gone []live.NodeID
	err := r.c.each(func(scan func(...any) error) error {
		var node live.NodeID
		err := scan(&node)
		gone = append(gone, node)
		return err
	}, `WITH RECURSIVE attending (node) AS (
			SELECT min(node) FROM room_attendances
			UNION ALL
			SELECT (SELECT min(a.node) FROM room_attendances a WHERE a.node > b.node) FROM attending b WHERE b.node IS NOT NULL
		)
		SELECT node FROM attending WHERE node IS NOT NULL AND node NOT IN (SELECT node FROM nodes)`)
	return gone, err
}

func (t *tx) PutAttendance(m live.Membership, node live.NodeID) error {
	t.about(roomKey(m.App, m.Room))
	return t.put(`INSERT INTO room_attendances (app, room, user_id, node) SELECT $1, $2, $3, $4 WHERE NOT EXISTS (
		SELECT FROM room_attendances WHERE app = $1 AND room = $2 AND user_id = $3 AND node = $4)`,
		int64(m.App), string(m.Room), string(m.User), int64(node))
}

func (t *tx) DeleteAttendance(m live.Membership, node live.NodeID) error {
	t.about(roomKey(m.App, m.Room))
	return t.put("DELETE FROM room_attendances WHERE app = $1 AND room = $2 AND user_id = $3 AND node = $4",
		int64(m.App), string(m.Room), string(m.User), int64(node))
}

const (
	adoptPage = `WITH page AS (
			SELECT ctid FROM room_attendances WHERE node = $1 ORDER BY app, room, user_id LIMIT $3 FOR UPDATE `
	adopt = `)
		UPDATE room_attendances a SET node = $2 FROM page WHERE a.ctid = page.ctid RETURNING a.app, a.room, a.user_id`
)

// AdoptAttendances passes over rows that somebody is about to remove, until nothing else is left.
func (t *tx) AdoptAttendances(from, to live.NodeID, limit int) ([]live.Membership, error) {
	t.dirty = true
	page, err := t.memberships(adoptPage+"SKIP LOCKED"+adopt, int64(from), int64(to), limit)
	if err != nil || len(page) > 0 {
		return page, err
	}
	return t.memberships(adoptPage+adopt, int64(from), int64(to), limit)
}
