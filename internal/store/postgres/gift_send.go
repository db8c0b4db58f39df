package postgres

import "github.com/greenroom-live/greenroom/internal/live"

func (r reader) GiftsFrom(app live.AppID, room live.RoomID, user live.UserID) (live.GiftCount, bool, error) {
	r.about(roomKey(app, room))
	var count live.GiftCount
	found, err := r.c.first("SELECT gifts, coins FROM room_gift_senders WHERE app = $1 AND room = $2 AND user_id = $3",
		[]any{int64(app), string(room), string(user)}, &count.Gifts, &count.Coins)
	if found {
		count.Senders = 1
	}
	return count, found, err
}

func (r reader) GiftSendings(app live.AppID, room live.RoomID) (n int64, err error) {
	r.about(roomKey(app, room))
	_, err = r.c.first("SELECT sendings FROM room_gifts WHERE app = $1 AND room = $2", []any{int64(app), string(room)}, &n)
	return n, err
}

func (t *tx) AddGiftsFrom(app live.AppID, room live.RoomID, user live.UserID, gifts, coins int64) error {
	t.about(roomKey(app, room))
	err := t.put(`INSERT INTO room_gift_senders AS s (app, room, user_id, gifts, coins) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (app, room, user_id) DO UPDATE SET gifts = s.gifts + excluded.gifts, coins = s.coins + excluded.coins`,
		int64(app), string(room), string(user), gifts, coins)
	if err != nil {
		return err
	}
	return t.put(`INSERT INTO room_gifts AS g (app, room, sendings) VALUES ($1, $2, 1)
		ON CONFLICT (app, room) DO UPDATE SET sendings = g.sendings + 1`, int64(app), string(room))
}
