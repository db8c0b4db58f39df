package restapi

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

type roomStatsResponse struct {
	TotalViewers           int64 `json:"TotalViewers" doc:"Entries so far; who enters again counts again."`
	TotalGiftsSent         int64 `json:"TotalGiftsSent" doc:"Gifts so far."`
	TotalGiftCoins         int64 `json:"TotalGiftCoins" doc:"Value of the gifts so far, in coins."`
	TotalUniqueGiftSenders int64 `json:"TotalUniqueGiftSenders" doc:"How many users have sent gifts."`
	TotalLikesReceived     int64 `json:"TotalLikesReceived" doc:"Likes so far."`
	TotalMsgCount          int64 `json:"TotalMsgCount" doc:"Messages so far."`
}

// getRoomStats is get_room_stats (doc 80421), and get_room_statistic, as real clients call it.
func getRoomStats(ctx context.Context, c *call, in *roomRequest) (*roomStatsResponse, error) {
	id, err := live.ParseRoomID(in.RoomID)
	if err != nil {
		return nil, err
	}
	s, err := c.live.Statistic(ctx, c.caller, id)
	if err != nil {
		return nil, err
	}
	return &roomStatsResponse{
		TotalViewers: s.Viewers, TotalGiftsSent: s.GiftsSent, TotalGiftCoins: s.GiftCoins,
		TotalUniqueGiftSenders: s.UniqueGiftSenders, TotalLikesReceived: s.LikesReceived, TotalMsgCount: s.Messages,
	}, nil
}
