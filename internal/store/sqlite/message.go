package sqlite

import (
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
)

func (r reader) SentMessage(app live.AppID, room live.RoomID, from live.UserID, random uint32) (live.SentMessage, bool, error) {
	m := live.SentMessage{From: from, Random: random}
	var at int64
	found, err := r.c.first("SELECT seq, sent_at FROM room_sent_messages WHERE app = ? AND room = ? AND sender = ? AND random = ?",
		[]any{app, room, from, random}, &m.Seq, &at)
	m.Time = time.Unix(at, 0)
	return m, found, err
}

func (t *tx) PutSentMessage(app live.AppID, room live.RoomID, m live.SentMessage, forget time.Time) error {
	err := t.put("DELETE FROM room_sent_messages WHERE app = ? AND room = ? AND sent_at <= ?", app, room, forget.Unix())
	if err != nil {
		return err
	}
	return t.put(`INSERT INTO room_sent_messages (app, room, sender, random, seq, sent_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET seq = excluded.seq, sent_at = excluded.sent_at`,
		app, room, m.From, m.Random, m.Seq, m.Time.Unix())
}
