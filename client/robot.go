package client

import "context"

type robotList struct {
	RoomID string   `json:"RoomId"`
	Robots []string `json:"RobotList_Account"`
}

// AddRobots puts accounts into a room as robots, at most 20 in a call (doc 69079). A robot may have a seat without a client
// connection, so that a stream from elsewhere has a user. All are added or none; those that are there already stay. It fails
// with [CodeRoomNotFound], and with [CodeOverLimit] when the room would have more than the server allows, 100 by default.
func (c *Client) AddRobots(ctx context.Context, roomID string, robots ...string) error {
	return c.Do(ctx, rooms+"add_robot", robotList{roomID, robots}, nil)
}

// DeleteRobots takes robots out of a room and off their seats, at most 20 in a call; those that are not there are passed over
// (doc 69080). It fails with [CodeRoomNotFound].
func (c *Client) DeleteRobots(ctx context.Context, roomID string, robots ...string) error {
	return c.Do(ctx, rooms+"del_robot", robotList{roomID, robots}, nil)
}

// Robots returns the robots of a room (doc 69081). It fails with [CodeRoomNotFound].
func (c *Client) Robots(ctx context.Context, roomID string) ([]string, error) {
	var out struct {
		Robots []string `json:"RobotList_Account"`
	}
	err := c.Do(ctx, rooms+"get_robot", roomRequest{roomID}, &out)
	return out.Robots, err
}
