package restapi

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

// roomRequest is the body of the commands that need nothing but a room.
type roomRequest struct {
	RoomID string `json:"RoomId" req:"true" doc:"The room: 1 to 48 bytes of printable ASCII."`
}

type createRoomRequest struct {
	RoomInfo *struct {
		RoomID                 string  `json:"RoomId" doc:"Id of the room, 1 to 48 bytes of printable ASCII. Made up when empty or missing."`
		RoomName               *string `json:"RoomName" doc:"At most 100 bytes. The RoomId when empty or missing."`
		RoomType               string  `json:"RoomType" req:"true" doc:"Live, the only type there is."`
		OwnerAccount           string  `json:"Owner_Account" doc:"UserID of the owner, 1 to 32 bytes of printable ASCII. The caller when empty or missing."`
		SeatTemplate           *string `json:"SeatTemplate" doc:"Seats by the name of a layout: VideoDynamicGrid9Seats, VideoDynamicFloat7Seats, VideoFixedGrid9Seats, VideoFixedFloat7Seats, VideoLandscape4Seats, VideoLeftFocus9Seats, VideoUniformGrid9Seats, AudioSalon or Karaoke. Counts before SeatLayoutTemplateId and IsSeatEnabled."`
		SeatLayoutTemplateID   *int    `json:"SeatLayoutTemplateId" doc:"Seats by the number of a layout, 1 to 999: what older clients send instead of SeatTemplate."`
		TakeSeatMode           *string `json:"TakeSeatMode" doc:"How members get onto a seat: FreeToTake (default) or ApplyToTake."`
		IsSeatEnabled          *bool   `json:"IsSeatEnabled" doc:"Whether the room has seats: what the oldest clients send instead of a layout."`
		MaxSeatCount           *int    `json:"MaxSeatCount" doc:"Number of seats where the layout leaves it open, from 1 to the server's limits.max_seats. 0 or missing: what the layout has."`
		MaxMemberCount         *int    `json:"MaxMemberCount" doc:"Most members at the same time, from 1 to the server's limits.max_members, which is the default."`
		IsMessageDisabled      bool    `json:"IsMessageDisabled" doc:"Mute everybody but the owner and the administrators. Default false."`
		IsPublicVisible        *bool   `json:"IsPublicVisible" doc:"Whether the room is in the room list. Default true."`
		IsUnlimitedRoomEnabled bool    `json:"IsUnlimitedRoomEnabled" doc:"Kept and told, without an effect of its own. Default false."`
		KeepOwnerOnSeat        bool    `json:"KeepOwnerOnSeat" doc:"Whether the owner's seat stays the owner's. Default false."`
		CoverURL               string  `json:"CoverURL" doc:"Cover picture, at most 200 bytes."`
		BackgroundURL          string  `json:"BackgroundURL" doc:"Background picture, at most 200 bytes."`
		Notice                 string  `json:"Notice" doc:"At most 100 bytes."`
		Category               []*int  `json:"Category" doc:"Categories, at most as many as limits.max_categories says (3)."`
		ActivityStatus         int     `json:"ActivityStatus" doc:"A number of the app's own. Default 0."`
	} `json:"RoomInfo" req:"true" doc:"The room to create."`
}

type createRoomResponse struct {
	RoomID string `json:"RoomId" doc:"Id of the new room."`
}

// createRoom is create_room in all three generations of its fields (docs 63401, 63418).
func createRoom(ctx context.Context, c *call, in *createRoomRequest) (*createRoomResponse, error) {
	r := in.RoomInfo
	if r == nil {
		return nil, live.Refuse(live.CodeBadParameter, "RoomInfo is missing")
	}
	spec := live.RoomSpec{
		Type: r.RoomType, Name: r.RoomName, SeatTemplate: r.SeatTemplate, SeatLayoutTemplateID: r.SeatLayoutTemplateID,
		TakeSeatMode: r.TakeSeatMode, SeatEnabled: r.IsSeatEnabled, MaxSeatCount: r.MaxSeatCount,
		MaxMemberCount: r.MaxMemberCount, MessageDisabled: r.IsMessageDisabled, PublicVisible: r.IsPublicVisible,
		Unlimited: r.IsUnlimitedRoomEnabled, KeepOwnerOnSeat: r.KeepOwnerOnSeat, CoverURL: r.CoverURL,
		BackgroundURL: r.BackgroundURL, Notice: r.Notice, ActivityStatus: r.ActivityStatus,
	}
	var err error
	if spec.Categories, err = categories(r.Category); err != nil {
		return nil, err
	}
	if r.RoomID != "" {
		if spec.ID, err = live.ParseRoomID(r.RoomID); err != nil {
			return nil, err
		}
	}
	if r.OwnerAccount != "" {
		if spec.Owner, err = live.ParseUserID("Owner_Account", r.OwnerAccount); err != nil {
			return nil, err
		}
	}
	room, err := c.live.CreateRoom(ctx, c.caller, spec)
	if err != nil {
		return nil, err
	}
	return &createRoomResponse{string(room.ID)}, nil
}

// categories refuses null, which would otherwise count as the category 0.
func categories(list []*int) ([]int, error) {
	out := make([]int, len(list))
	for i, c := range list {
		if c == nil {
			return nil, live.Refuse(live.CodeBadParameter, "RoomInfo.Category[%d] has the wrong type", i)
		}
		out[i] = *c
	}
	return out, nil
}

type statistic struct {
	TotalViewers           int64 `json:"TotalViewers" doc:"Entries; a user who comes back counts again."`
	TotalGiftsSent         int64 `json:"TotalGiftsSent" doc:"Gifts."`
	TotalGiftCoins         int64 `json:"TotalGiftCoins" doc:"What the gifts were worth together, in coins."`
	TotalUniqueGiftSenders int64 `json:"TotalUniqueGiftSenders" doc:"Users who sent a gift, each once."`
	TotalLikesReceived     int64 `json:"TotalLikesReceived" doc:"Likes."`
}

type destroyRoomResponse struct {
	Statistic statistic `json:"Statistic" doc:"What the room has seen in its life."`
}

// destroyRoom is destroy_room (doc 63406).
func destroyRoom(ctx context.Context, c *call, in *roomRequest) (*destroyRoomResponse, error) {
	id, err := live.ParseRoomID(in.RoomID)
	if err != nil {
		return nil, err
	}
	s, err := c.live.DestroyRoom(ctx, c.caller, id)
	if err != nil {
		return nil, err
	}
	return &destroyRoomResponse{statistic{
		TotalViewers: s.Viewers, TotalGiftsSent: s.GiftsSent, TotalGiftCoins: s.GiftCoins,
		TotalUniqueGiftSenders: s.UniqueGiftSenders, TotalLikesReceived: s.LikesReceived,
	}}, nil
}

type roomInfo struct {
	RoomID                 string `json:"RoomId" doc:"Id of the room."`
	RoomName               string `json:"RoomName" doc:"Its name."`
	RoomType               string `json:"RoomType" doc:"Live."`
	OwnerAccount           string `json:"Owner_Account" doc:"UserID of the owner."`
	CreateTime             int64  `json:"CreateTime" doc:"When it was created, Unix seconds."`
	IsSeatEnabled          bool   `json:"IsSeatEnabled" doc:"Whether the room has seats."`
	SeatTemplate           string `json:"SeatTemplate" doc:"Name of its layout; empty when it was made without."`
	SeatLayoutTemplateID   int    `json:"SeatLayoutTemplateId" doc:"Number of its layout; 0 when it has none."`
	TakeSeatMode           string `json:"TakeSeatMode" doc:"How members get onto a seat: FreeToTake or ApplyToTake."`
	MaxSeatCount           int    `json:"MaxSeatCount" doc:"Number of seats."`
	KeepOwnerOnSeat        bool   `json:"KeepOwnerOnSeat" doc:"Whether the owner's seat stays the owner's."`
	MaxMemberCount         int    `json:"MaxMemberCount" doc:"Most members at the same time."`
	IsMessageDisabled      bool   `json:"IsMessageDisabled" doc:"Whether everybody but the owner and the administrators is muted."`
	CoverURL               string `json:"CoverURL" doc:"Cover picture."`
	BackgroundURL          string `json:"BackgroundURL" doc:"Background picture."`
	Category               []int  `json:"Category" doc:"Categories."`
	ActivityStatus         int    `json:"ActivityStatus" doc:"A number of the app's own."`
	ViewCount              int64  `json:"ViewCount" doc:"Entries; a user who comes back counts again."`
	MemberCount            int    `json:"MemberCount" doc:"Members online; the same as OnlineCount."`
	OnlineCount            int    `json:"OnlineCount" doc:"Members online."`
	IsPublicVisible        bool   `json:"IsPublicVisible" doc:"Whether the room is in the room list."`
	IsUnlimitedRoomEnabled bool   `json:"IsUnlimitedRoomEnabled" doc:"As it was set."`
	Notice                 string `json:"Notice" doc:"As it was set."`
	CustomInfo             string `json:"CustomInfo" doc:"As it was set."`
}

func newRoomInfo(r live.Room) roomInfo {
	return roomInfo{
		RoomID: string(r.ID), RoomName: r.Name, RoomType: live.RoomTypeLive, OwnerAccount: string(r.Owner),
		CreateTime: r.CreatedAt.Unix(), IsSeatEnabled: r.SeatEnabled, SeatTemplate: r.SeatTemplate,
		SeatLayoutTemplateID: r.SeatLayoutTemplateID, TakeSeatMode: r.TakeSeatMode, MaxSeatCount: r.MaxSeatCount,
		KeepOwnerOnSeat: r.KeepOwnerOnSeat, MaxMemberCount: r.MaxMemberCount, IsMessageDisabled: r.MessageDisabled,
		CoverURL: r.CoverURL, BackgroundURL: r.BackgroundURL, Category: r.Categories, ActivityStatus: r.ActivityStatus,
		ViewCount: r.ViewCount, MemberCount: r.OnlineCount, OnlineCount: r.OnlineCount,
		IsPublicVisible: r.PublicVisible, IsUnlimitedRoomEnabled: r.Unlimited, Notice: r.Notice, CustomInfo: r.CustomInfo,
	}
}

type getRoomInfoResponse struct {
	RoomInfo roomInfo `json:"RoomInfo" doc:"The room."`
}

// getRoomInfo is get_room_info (doc 63404).
func getRoomInfo(ctx context.Context, c *call, in *roomRequest) (*getRoomInfoResponse, error) {
	id, err := live.ParseRoomID(in.RoomID)
	if err != nil {
		return nil, err
	}
	room, err := c.live.Room(ctx, c.caller, id)
	if err != nil {
		return nil, err
	}
	return &getRoomInfoResponse{newRoomInfo(room)}, nil
}
