package gateway

import "context"

type summaryData struct {
	TotalDuration          int64 `json:"totalDuration"` // ms
	TotalViewers           int64 `json:"totalViewers"`
	TotalGiftsSent         int64 `json:"totalGiftsSent"`
	TotalGiftUniqueSenders int64 `json:"totalGiftUniqueSenders"`
	TotalGiftCoins         int64 `json:"totalGiftCoins"`
	TotalLikesReceived     int64 `json:"totalLikesReceived"`
	TotalMessageSent       int64 `json:"totalMessageSent"`
}

type summaryReply struct {
	SummaryData summaryData `json:"summaryData"`
}

// getLiveSummary tells the owner and administrators what a live has seen so far.
func getLiveSummary(ctx context.Context, c *call, in *liveParams) (*summaryReply, error) {
	room, err := c.roomMeant(in.LiveID)
	if err != nil {
		return nil, err
	}
	s, err := c.g.live.Statistic(ctx, c.caller, room)
	return &summaryReply{summaryData{
		TotalDuration: s.Lasted.Milliseconds(), TotalViewers: s.Viewers, TotalGiftsSent: s.GiftsSent,
		TotalGiftUniqueSenders: s.UniqueGiftSenders, TotalGiftCoins: s.GiftCoins, TotalLikesReceived: s.LikesReceived,
		TotalMessageSent: s.Messages,
	}}, err
}
