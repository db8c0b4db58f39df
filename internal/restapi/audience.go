package restapi

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

type getMemberListRequest struct {
	RoomID string `json:"RoomId" req:"true" doc:"The room, 1 to 48 bytes of printable ASCII."`
	Next   string `json:"Next" doc:"Empty or \"0\" for the first page, then the Next of the page before; it may be used again."`
}

type getMemberListResponse struct {
	Next        string   `json:"Next" doc:"What to ask for the next page with; empty at the end of the list, and after 1,000 members."`
	MemberCount int      `json:"MemberCount" doc:"How many members are online, listed or not."`
	MemberList  []member `json:"MemberList" doc:"Members who are online, ordered by account; at most 100."`
}

type member struct {
	MemberAccount string `json:"Member_Account" doc:"The account."`
}

// getMemberList is get_member_list (doc 78156).
func getMemberList(ctx context.Context, c *call, in *getMemberListRequest) (*getMemberListResponse, error) {
	id, err := live.ParseRoomID(in.RoomID)
	if err != nil {
		return nil, err
	}
	page, err := c.live.Members(ctx, c.caller, id, in.Next)
	if err != nil {
		return nil, err
	}
	out := &getMemberListResponse{page.Next, page.Total, make([]member, len(page.Users))}
	for i, user := range page.Users {
		out.MemberList[i].MemberAccount = string(user)
	}
	return out, nil
}
