package sqlite

import "github.com/greenroom-live/greenroom/internal/live"

func (r reader) GiftsFrom(app live.AppID, room live.RoomID, user live.UserID) (live.GiftCount, bool, error) {
	var count live.GiftCount
	found, err := r.c.first("SELECT gifts, coins FROM room_gift_senders WHERE app = ? AND room = ? AND user = ?",
		[]any{app, room, user}, &count.Gifts, &count.Coins)
	if found {
		count.Senders = 1
	}
	return count, found, err
}

func (r reader) GiftSendings(app live.AppID, room live.RoomID) (n int64, err error) {
	_, err = r.c.first("SELECT sendings FROM room_gifts WHERE app = ? AND room = ?", []any{app, room}, &n)
	return n, err
}

func (t *tx) AddGiftsFrom(app live.AppID, room live.RoomID, user live.UserID, gifts, coins int64) error {
	err := t.put(`INSERT INTO room_gift_senders (app, room, user, gifts, coins) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET gifts = gifts + excluded.gifts, coins = coins + excluded.coins`, app, room, user, gifts, coins)
	if err != nil {
		return err
	}
	return t.put(`INSERT INTO room_gifts (app, room, sendings) VALUES (?, ?, 1)
		ON CONFLICT DO UPDATE SET sendings = sendings + 1`, app, room)
}
