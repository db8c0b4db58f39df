package restapi

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

type robotsRequest struct {
	RoomID           string   `json:"RoomId" req:"true" doc:"The room, 1 to 48 bytes of printable ASCII."`
	RobotListAccount []string `json:"RobotList_Account" req:"true" doc:"1 to 20 accounts, each 1 to 32 bytes of printable ASCII."`
}

func (in *robotsRequest) parse() (live.RoomID, []live.UserID, error) {
	id, err := live.ParseRoomID(in.RoomID)
	if err != nil {
		return "", nil, err
	}
	users, err := parseAccountsAs(live.CodeBadParameter, "RobotList_Account", in.RobotListAccount)
	return id, users, err
}

// addRobot is add_robot (doc 69079).
func addRobot(ctx context.Context, c *call, in *robotsRequest) (*none, error) {
	id, users, err := in.parse()
	if err != nil {
		return nil, err
	}
	return nil, c.live.AddRobots(ctx, c.caller, id, users)
}

// delRobot is del_robot (doc 69080).
func delRobot(ctx context.Context, c *call, in *robotsRequest) (*none, error) {
	id, users, err := in.parse()
	if err != nil {
		return nil, err
	}
	return nil, c.live.DeleteRobots(ctx, c.caller, id, users)
}

type getRobotResponse struct {
	RobotListAccount []live.UserID `json:"RobotList_Account" doc:"The room's robots, ordered by id."`
}

// getRobot is get_robot (doc 69081).
func getRobot(ctx context.Context, c *call, in *roomRequest) (*getRobotResponse, error) {
	id, err := live.ParseRoomID(in.RoomID)
	if err != nil {
		return nil, err
	}
	robots, err := c.live.Robots(ctx, c.caller, id)
	if err != nil {
		return nil, err
	}
	return &getRobotResponse{robots}, nil
}
