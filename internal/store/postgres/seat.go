package postgres

import "github.com/greenroom-live/greenroom/internal/live"

func (r reader) Seats(app live.AppID, room live.RoomID) ([]live.Seat, error) {
	r.about(roomKey(app, room))
	var seats []live.Seat
	err := r.c.each(func(scan func(...any) error) error {
		var s live.Seat
		err := scan(&s.Index, &s.Sitter.ID, &s.Sitter.Nick, &s.Sitter.FaceURL, &s.Locked, &s.VideoLocked, &s.AudioLocked)
		seats = append(seats, s)
		return err
	}, `SELECT s.seat, s.user_id, coalesce(a.nick, ''), coalesce(a.face_url, ''), s.locked, s.video_locked, s.audio_locked
		FROM room_seats s LEFT JOIN accounts a ON a.app = s.app AND a.user_id = s.user_id
		WHERE s.app = $1 AND s.room = $2 ORDER BY s.seat`, int64(app), string(room))
	return seats, err
}

// PutSeats removes all the rows before it writes any: users who change places must not be on two seats in between.
func (t *tx) PutSeats(app live.AppID, room live.RoomID, seats []live.Seat) error {
	t.about(roomKey(app, room))
	indexes := make([]int64, len(seats))
	for i, s := range seats {
		indexes[i] = int64(s.Index)
	}
	err := t.put("DELETE FROM room_seats WHERE app = $1 AND room = $2 AND seat = ANY ($3)", int64(app), string(room), indexes)
	for _, s := range seats {
		if err != nil {
			return err
		}
		if s.Fresh() {
			continue
		}
		err = t.put(`INSERT INTO room_seats (app, room, seat, user_id, locked, video_locked, audio_locked)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			int64(app), string(room), s.Index, string(s.Sitter.ID), s.Locked, s.VideoLocked, s.AudioLocked)
	}
	return err
}
