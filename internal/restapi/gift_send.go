package restapi

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

type sendGiftRequest struct {
	RoomID      string   `json:"RoomId" req:"true" doc:"Id of the room."`
	GiftID      string   `json:"GiftId" req:"true" doc:"Id of a gift of the catalogue."`
	Count       *int     `json:"Count" doc:"How many each receiver gets: 1 to 100000, default 1."`
	FromAccount string   `json:"From_Account" req:"true" doc:"UserID of the sender, who need not be in the room."`
	Receivers   []string `json:"ReceiverList_Account" req:"true" doc:"UserIDs of 1 to 20 receivers, each once; they need not be in the room."`
}

// sendGift is send_gift (doc 72556).
func sendGift(ctx context.Context, c *call, in *sendGiftRequest) (*none, error) {
	room, err := live.ParseRoomID(in.RoomID)
	if err != nil {
		return nil, err
	}
	sending := live.GiftSending{Count: 1}
	if sending.Gift, err = live.ParseGiftID("GiftId", in.GiftID); err != nil {
		return nil, err
	}
	if in.Count != nil {
		sending.Count = *in.Count
	}
	if sending.From, err = live.ParseUserID("From_Account", in.FromAccount); err != nil {
		return nil, err
	}
	if sending.To, err = parseAccountsAs(live.CodeBadParameter, "ReceiverList_Account", in.Receivers); err != nil {
		return nil, err
	}
	return nil, c.live.SendGift(ctx, c.caller, room, sending)
}

type getGiftCountRequest struct {
	RoomID      string `json:"RoomId" req:"true" doc:"Id of the room."`
	FromAccount string `json:"From_Account" doc:"UserID of a sender, for what that one gave. The room's owner, or nothing: for what everybody gave."`
}

type getGiftCountResponse struct {
	Sequence        int64 `json:"Sequence" doc:"How often gifts were given in the room, by anybody; it grows by 1 each time."`
	TotalCount      int64 `json:"TotalCount" doc:"Gifts given."`
	TotalCoins      int64 `json:"TotalCoins" doc:"Their price."`
	GiftSenderCount int64 `json:"GiftSenderCount" doc:"How many users gave them; for one sender 1, or 0 when there was nothing."`
}

// getGiftCount is get_gift_count (doc 72557).
func getGiftCount(ctx context.Context, c *call, in *getGiftCountRequest) (*getGiftCountResponse, error) {
	room, err := live.ParseRoomID(in.RoomID)
	if err != nil {
		return nil, err
	}
	var from live.UserID
	if in.FromAccount != "" {
		if from, err = live.ParseUserID("From_Account", in.FromAccount); err != nil {
			return nil, err
		}
	}
	count, err := c.live.GiftCount(ctx, c.caller, room, from)
	if err != nil {
		return nil, err
	}
	return &getGiftCountResponse{count.Sendings, count.Gifts, count.Coins, count.Senders}, nil
}
