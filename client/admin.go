package client

import "context"

// AdminOp says what becomes of administrators.
type AdminOp string

// What [Client.ModifyAdmin] does to the users named.
const (
	AddAdmin    AdminOp = "add"
	DeleteAdmin AdminOp = "delete"
)

// ModifyAdmin gives a room's administrator rights to users, or takes them away; at most 5 in a call (doc 63411). It fails with
// [CodeRoomNotFound], and with [CodeTooManyAdmins] when the room would have more than 5.
func (c *Client) ModifyAdmin(ctx context.Context, roomID string, op AdminOp, users ...string) error {
	in := struct {
		RoomID string   `json:"RoomId"`
		Admins []string `json:"Admin_Account"`
		OpType AdminOp
	}{roomID, users, op}
	return c.Do(ctx, rooms+"modify_admin", in, nil)
}

// Admins returns the administrators of a room (doc 63409). It fails with [CodeRoomNotFound].
func (c *Client) Admins(ctx context.Context, roomID string) ([]string, error) {
	var out struct {
		Admins []string `json:"Admin_Account"`
	}
	err := c.Do(ctx, rooms+"get_admin_list", roomRequest{roomID}, &out)
	return out.Admins, err
}
