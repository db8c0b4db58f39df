package postgres

import (
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
)

func (r reader) SentMessage(app live.AppID, room live.RoomID, from live.UserID, random uint32) (live.SentMessage, bool, error) {
	r.about(roomKey(app, room))
	m := live.SentMessage{From: from, Random: random}
	var at int64
	found, err := r.c.first(`SELECT seq, sent_at FROM room_sent_messages
		WHERE app = $1 AND room = $2 AND sender = $3 AND random = $4`,
		[]any{int64(app), string(room), string(from), int64(random)}, &m.Seq, &at)
	m.Time = time.Unix(at, 0)
	return m, found, err
}

func (t *tx) PutSentMessage(app live.AppID, room live.RoomID, m live.SentMessage, forget time.Time) error {
	t.about(roomKey(app, room))
	err := t.put("DELETE FROM room_sent_messages WHERE app = $1 AND room = $2 AND sent_at <= $3",
		int64(app), string(room), forget.Unix())
	if err != nil {
		return err
	}
	return t.put(`INSERT INTO room_sent_messages (app, room, sender, random, seq, sent_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (app, room, sender, random) DO UPDATE SET seq = excluded.seq, sent_at = excluded.sent_at`,
		int64(app), string(room), string(m.From), int64(m.Random), m.Seq, m.Time.Unix())
}
