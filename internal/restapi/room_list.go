package restapi

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

type getRoomListRequest struct {
	Next          string `json:"Next" doc:"Where the page before ended. Empty or 0: the first page. A page can be asked for again."`
	Count         *int   `json:"Count" doc:"Rooms of the page, 1 to 20. Default 20."`
	SortDirection string `json:"SortDirection" doc:"descend (default): most views first. ascend: fewest views first."`
}

type getRoomListResponse struct {
	Next     string     `json:"Next" doc:"Where the next page begins. Empty: there is none."`
	RoomList []roomInfo `json:"RoomList" doc:"The publicly visible rooms of the page; of those with equally many views the newest first, or last with ascend."`
}

// getRoomList is get_room_list (doc 63405).
func getRoomList(ctx context.Context, c *call, in *getRoomListRequest) (*getRoomListResponse, error) {
	query := live.RoomQuery{Next: in.Next, Count: in.Count}
	switch in.SortDirection {
	case "", "descend":
	case "ascend":
		query.Ascending = true
	default:
		return nil, live.Refuse(live.CodeBadParameter, "SortDirection must be descend or ascend")
	}
	page, err := c.live.Rooms(ctx, c.caller, query)
	if err != nil {
		return nil, err
	}
	out := &getRoomListResponse{Next: page.Next, RoomList: make([]roomInfo, len(page.Rooms))}
	for i, room := range page.Rooms {
		out.RoomList[i] = newRoomInfo(room)
	}
	return out, nil
}
