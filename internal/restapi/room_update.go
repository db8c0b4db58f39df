package restapi

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

type updateRoomInfoRequest struct {
	RoomInfo *roomChange `json:"RoomInfo" req:"true" doc:"The room and what to change in it. A field that is absent stays; one that this command does not know, or that cannot be changed, is passed over."`
}

type roomChange struct {
	RoomID                 string  `json:"RoomId" req:"true" doc:"The room's id, 1 to 48 bytes of printable ASCII."`
	RoomName               *string `json:"RoomName" doc:"At most 100 bytes. Empty: the RoomId."`
	MaxMemberCount         *int    `json:"MaxMemberCount" doc:"Members at once, from 1 to the server's limits.max_members. Nobody is put out when it falls below those who are there."`
	IsMessageDisabled      *bool   `json:"IsMessageDisabled" doc:"true: only the owner and the administrators may send messages."`
	CoverURL               *string `json:"CoverURL" doc:"At most 200 bytes. Empty clears it."`
	BackgroundURL          *string `json:"BackgroundURL" doc:"At most 200 bytes. Empty clears it."`
	Category               []*int  `json:"Category" doc:"Replaces the room's categories, at most 3. An empty list clears them."`
	ActivityStatus         *int    `json:"ActivityStatus" doc:"The app's own mark, any whole number."`
	IsPublicVisible        *bool   `json:"IsPublicVisible" doc:"Whether the room is in get_room_list."`
	TakeSeatMode           *string `json:"TakeSeatMode" doc:"FreeToTake or ApplyToTake."`
	Notice                 *string `json:"Notice" doc:"At most 100 bytes. Empty clears it."`
	IsUnlimitedRoomEnabled *bool   `json:"IsUnlimitedRoomEnabled" doc:"Whether the room's streams may be mixed."`
	IsGiftEnabled          *bool   `json:"IsGiftEnabled" doc:"Whether gifts may be sent to the room."`
	IsLikeEnabled          *bool   `json:"IsLikeEnabled" doc:"Whether likes may be sent to the room."`
}

// updateRoomInfo is update_room_info (doc 63403).
func updateRoomInfo(ctx context.Context, c *call, in *updateRoomInfoRequest) (*none, error) {
	r := in.RoomInfo
	if r == nil {
		return nil, live.Refuse(live.CodeBadParameter, "RoomInfo is missing")
	}
	id, err := live.ParseRoomID(r.RoomID)
	if err != nil {
		return nil, err
	}
	update := live.RoomUpdate{
		Name: r.RoomName, Notice: r.Notice, CoverURL: r.CoverURL, BackgroundURL: r.BackgroundURL,
		ActivityStatus: r.ActivityStatus, TakeSeatMode: r.TakeSeatMode, MaxMemberCount: r.MaxMemberCount,
		MessageDisabled: r.IsMessageDisabled, PublicVisible: r.IsPublicVisible, Unlimited: r.IsUnlimitedRoomEnabled,
		GiftEnabled: r.IsGiftEnabled, LikeEnabled: r.IsLikeEnabled,
	}
	if r.Category != nil {
		list, err := categories(r.Category)
		if err != nil {
			return nil, err
		}
		update.Categories = &list
	}
	return nil, c.live.UpdateRoom(ctx, c.caller, id, update)
}
