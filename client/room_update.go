package client

import "context"

// RoomUpdate is what [Client.UpdateRoom] changes in a room. A nil field stays as it is; an empty text clears, except that an
// empty name becomes the room's id.
type RoomUpdate struct {
	RoomName               *string `json:"RoomName,omitzero"`          // at most 100 bytes
	MaxMemberCount         *int    `json:"MaxMemberCount,omitzero"`    // 1 to the server's limit
	IsMessageDisabled      *bool   `json:"IsMessageDisabled,omitzero"` // mutes all but owner and administrators
	CoverURL               *string `json:"CoverURL,omitzero"`          // at most 200 bytes
	BackgroundURL          *string `json:"BackgroundURL,omitzero"`     // at most 200 bytes
	Category               *[]int  `json:"Category,omitzero"`          // at most 3; an empty list clears
	ActivityStatus         *int    `json:"ActivityStatus,omitzero"`    // the app's own tag
	IsPublicVisible        *bool   `json:"IsPublicVisible,omitzero"`   // in the room list
	TakeSeatMode           *string `json:"TakeSeatMode,omitzero"`      // "FreeToTake", "ApplyToTake"
	Notice                 *string `json:"Notice,omitzero"`            // at most 100 bytes
	IsUnlimitedRoomEnabled *bool   `json:"IsUnlimitedRoomEnabled,omitzero"`
	IsGiftEnabled          *bool   `json:"IsGiftEnabled,omitzero"`
	IsLikeEnabled          *bool   `json:"IsLikeEnabled,omitzero"`
}

// UpdateRoom changes what the update gives and leaves all else (doc 63403). It fails with [CodeRoomNotFound].
func (c *Client) UpdateRoom(ctx context.Context, roomID string, update RoomUpdate) error {
	type roomInfo struct {
		RoomID string `json:"RoomId"`
		RoomUpdate
	}
	return c.Do(ctx, rooms+"update_room_info", struct{ RoomInfo roomInfo }{roomInfo{roomID, update}}, nil)
}

// ChangeOwner gives the room to another owner (doc 72534), who then is not one of its administrators any more; the former
// owner has no rights left in it. It fails with [CodeRoomNotFound].
func (c *Client) ChangeOwner(ctx context.Context, roomID, newOwner string) error {
	in := struct {
		RoomID   string `json:"RoomId"`
		NewOwner string `json:"NewOwner_Account"`
	}{roomID, newOwner}
	return c.Do(ctx, rooms+"change_room_owner", in, nil)
}
