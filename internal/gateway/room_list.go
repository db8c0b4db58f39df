package gateway

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

type fetchLiveListParams struct {
	Cursor string `json:"cursor"`
	Count  *int   `json:"count"`
}

type liveListReply struct {
	LiveList []liveInfo `json:"liveList"`
	Cursor   string     `json:"cursor"` // empty when that was all
}

// fetchLiveList returns a page of the app's public rooms, the one with most views first.
func fetchLiveList(ctx context.Context, c *call, in *fetchLiveListParams) (*liveListReply, error) {
	page, err := c.g.live.Rooms(ctx, c.caller, live.RoomQuery{Next: in.Cursor, Count: in.Count})
	if err != nil {
		return nil, err
	}
	out := &liveListReply{LiveList: make([]liveInfo, len(page.Rooms)), Cursor: page.Next}
	for i, room := range page.Rooms {
		out.LiveList[i] = newLiveInfo(room.Room, room.OwnerProfile)
	}
	return out, nil
}
