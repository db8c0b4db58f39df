package client

import "context"

// GiftSending is one giving of gifts in a room (doc 72556).
type GiftSending struct {
	RoomID string   `json:"RoomId"`
	GiftID string   `json:"GiftId"`
	Count  int      `json:"Count,omitzero"`       // for each receiver: 1 (default) to 100,000
	From   string   `json:"From_Account"`         // who need not be in the room
	To     []string `json:"ReceiverList_Account"` // 1 to 20, each once
}

// GiftCount is what was given in a room (doc 72557).
type GiftCount struct {
	Sequence        int64 // how often gifts were given in the room, by anybody
	TotalCount      int64 // gifts
	TotalCoins      int64
	GiftSenderCount int64 // distinct ones
}

// SendGift gives gifts in a room, after the app server agreed if it is to be asked (docs 72556, 72210). It fails with
// [CodeRoomNotFound], [CodeGiftNotFound], [CodeGiftsOff], [CodeGiftRefused], or a code of the app server's own.
func (c *Client) SendGift(ctx context.Context, sending GiftSending) error {
	return c.Do(ctx, rooms+"send_gift", sending, nil)
}

// GiftCount returns what user has given in a room, or what everybody has when user is empty or the room's owner (doc 72557). It
// fails with [CodeRoomNotFound].
func (c *Client) GiftCount(ctx context.Context, roomID, user string) (GiftCount, error) {
	in := struct {
		RoomID string `json:"RoomId"`
		From   string `json:"From_Account"`
	}{roomID, user}
	var out GiftCount
	err := c.Do(ctx, rooms+"get_gift_count", in, &out)
	return out, err
}
