package restapi

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

type kickUserOutRequest struct {
	RoomID   string   `json:"RoomId" req:"true" doc:"The room, 1 to 48 bytes of printable ASCII."`
	Accounts []string `json:"MemberList_Account" req:"true" doc:"Whom, 1 to 20 accounts; those who are not in the room are passed over."`
	Reason   string   `json:"Reason" doc:"Why, at most 1,000 bytes; those who are removed are told."`
}

// kickUserOut is kick_user_out (doc 60708).
func kickUserOut(ctx context.Context, c *call, in *kickUserOutRequest) (*none, error) {
	id, err := live.ParseRoomID(in.RoomID)
	if err != nil {
		return nil, err
	}
	users, err := memberAccounts(in.Accounts)
	if err != nil {
		return nil, err
	}
	return nil, c.live.KickMembers(ctx, c.caller, id, users, in.Reason)
}
