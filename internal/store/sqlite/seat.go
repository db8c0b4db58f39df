package sqlite

import "github.com/greenroom-live/greenroom/internal/live"

func (r reader) Seats(app live.AppID, room live.RoomID) ([]live.Seat, error) {
	var seats []live.Seat
	err := r.c.each(func(scan func(...any) error) error {
		var s live.Seat
		err := scan(&s.Index, &s.Sitter.ID, &s.Sitter.Nick, &s.Sitter.FaceURL, &s.Locked, &s.VideoLocked, &s.AudioLocked)
		seats = append(seats, s)
		return err
	}, `SELECT s.seat, s.user, coalesce(a.nick, ''), coalesce(a.face_url, ''), s.locked, s.video_locked, s.audio_locked
		FROM room_seats s LEFT JOIN accounts a ON a.app = s.app AND a.user = s.user
		WHERE s.app = ? AND s.room = ? ORDER BY s.seat`, app, room)
	return seats, err
}

// PutSeats removes all the rows before it writes any: users who change places must not be on two seats in between.
func (t *tx) PutSeats(app live.AppID, room live.RoomID, seats []live.Seat) error {
	for _, s := range seats {
		if err := t.put("DELETE FROM room_seats WHERE app = ? AND room = ? AND seat = ?", app, room, s.Index); err != nil {
			return err
		}
	}
	for _, s := range seats {
		if s.Fresh() {
			continue
		}
		err := t.put(`INSERT INTO room_seats (app, room, seat, user, locked, video_locked, audio_locked)
			VALUES (?, ?, ?, ?, ?, ?, ?)`, app, room, s.Index, s.Sitter.ID, s.Locked, s.VideoLocked, s.AudioLocked)
		if err != nil {
			return err
		}
	}
	return nil
}
