package restapi

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

type changeRoomOwnerRequest struct {
	RoomID          string `json:"RoomId" req:"true" doc:"The room's id, 1 to 48 bytes of printable ASCII."`
	NewOwnerAccount string `json:"NewOwner_Account" req:"true" doc:"UserID of the new owner, 1 to 32 bytes of printable ASCII. It need not be in the room."`
}

// changeRoomOwner is change_room_owner (doc 72534).
func changeRoomOwner(ctx context.Context, c *call, in *changeRoomOwnerRequest) (*none, error) {
	id, err := live.ParseRoomID(in.RoomID)
	if err != nil {
		return nil, err
	}
	owner, err := live.ParseUserID("NewOwner_Account", in.NewOwnerAccount)
	if err != nil {
		return nil, err
	}
	return nil, c.live.ChangeOwner(ctx, c.caller, id, owner)
}
