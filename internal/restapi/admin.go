package restapi

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

type modifyAdminRequest struct {
	RoomID       string   `json:"RoomId" req:"true" doc:"The room: 1 to 48 bytes of printable ASCII."`
	AdminAccount []string `json:"Admin_Account" req:"true" doc:"Whose rights change: 1 to 5 UserIDs. The owner, who needs none, is passed over."`
	OpType       string   `json:"OpType" req:"true" doc:"add gives rights, delete takes them."`
}

// modifyAdmin is modify_admin (doc 63411).
func modifyAdmin(ctx context.Context, c *call, in *modifyAdminRequest) (*none, error) {
	id, err := live.ParseRoomID(in.RoomID)
	if err != nil {
		return nil, err
	}
	if in.OpType != "add" && in.OpType != "delete" {
		return nil, live.Refuse(live.CodeBadParameter, "OpType must be add or delete")
	}
	users, err := parseAccountsAs(live.CodeBadParameter, "Admin_Account", in.AdminAccount)
	if err != nil {
		return nil, err
	}
	return nil, c.live.ModifyAdmins(ctx, c.caller, id, users, in.OpType == "add")
}

type getAdminListResponse struct {
	AdminAccount []live.UserID `json:"Admin_Account" doc:"The administrators, without the owner, ordered by UserID."`
}

// getAdminList is get_admin_list (doc 63409).
func getAdminList(ctx context.Context, c *call, in *roomRequest) (*getAdminListResponse, error) {
	id, err := live.ParseRoomID(in.RoomID)
	if err != nil {
		return nil, err
	}
	admins, err := c.live.Admins(ctx, c.caller, id)
	if err != nil {
		return nil, err
	}
	return &getAdminListResponse{admins}, nil
}
