package restapi

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

// roomRequest is the body of the commands that need nothing but a room.
type roomRequest struct {
	RoomID string `json:"RoomId" req:"true" doc:"The room's id, 1 to 48 bytes of printable ASCII."`
}

type createRoomRequest struct {
	RoomInfo *struct {
		RoomID                 string  `json:"RoomId" doc:"1 to 48 bytes of printable ASCII. Made up when absent or empty."`
		RoomName               *string `json:"RoomName" doc:"At most 100 bytes. Default: the RoomId."`
		RoomType               string  `json:"RoomType" req:"true" doc:"Live, which is the only type there is."`
		OwnerAccount           string  `json:"Owner_Account" doc:"UserID of the owner, 1 to 32 bytes of printable ASCII. Default: the caller."`
		SeatTemplate           *string `json:"SeatTemplate" doc:"Layout of the seats by name: VideoDynamicGrid9Seats, VideoDynamicFloat7Seats, VideoFixedGrid9Seats, VideoFixedFloat7Seats, VideoLandscape4Seats, VideoLeftFocus9Seats, VideoUniformGrid9Seats, AudioSalon or Karaoke. Default: by SeatLayoutTemplateId, else by IsSeatEnabled."`
		SeatLayoutTemplateID   *int    `json:"SeatLayoutTemplateId" doc:"Layout of the seats by number, 1 to 999: the older form of SeatTemplate."`
		TakeSeatMode           *string `json:"TakeSeatMode" doc:"FreeToTake (default) or ApplyToTake."`
		IsSeatEnabled          *bool   `json:"IsSeatEnabled" doc:"Whether the room has seats, where no SeatTemplate says so: the oldest form. Default: true with a SeatLayoutTemplateId, else false."`
		MaxSeatCount           *int    `json:"MaxSeatCount" doc:"Seats, up to the server's limits.max_seats; of no effect with video templates, which fix it. Default: the template's, 8 for sound, else the limit."`
		MaxMemberCount         *int    `json:"MaxMemberCount" doc:"Members at once, from 1 to the server's limits.max_members, which is the default."`
		IsMessageDisabled      bool    `json:"IsMessageDisabled" doc:"true: only the owner and the administrators may send messages. Default false."`
		IsPublicVisible        *bool   `json:"IsPublicVisible" doc:"Whether the room is in get_room_list. Default true."`
		IsUnlimitedRoomEnabled bool    `json:"IsUnlimitedRoomEnabled" doc:"Whether the room's streams may be mixed. Default false."`
		KeepOwnerOnSeat        bool    `json:"KeepOwnerOnSeat" doc:"Whether the owner takes a seat on entering. Default false."`
		CoverURL               string  `json:"CoverURL" doc:"At most 200 bytes. Default empty."`
		BackgroundURL          string  `json:"BackgroundURL" doc:"At most 200 bytes. Default empty."`
		Notice                 string  `json:"Notice" doc:"At most 100 bytes. Default empty."`
		Category               []*int  `json:"Category" doc:"The app's categories, at most 3 whole numbers. Default none."`
		ActivityStatus         int     `json:"ActivityStatus" doc:"The app's own mark, any whole number. Default 0."`
		IsGiftEnabled          *bool   `json:"IsGiftEnabled" doc:"Whether gifts may be sent to the room. Default true."`
		IsLikeEnabled          *bool   `json:"IsLikeEnabled" doc:"Whether likes may be sent to the room. Default true."`
	} `json:"RoomInfo" req:"true" doc:"What the room is to be like."`
}

type createRoomResponse struct {
	RoomID string `json:"RoomId" doc:"The new room's id."`
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
		GiftEnabled: r.IsGiftEnabled, LikeEnabled: r.IsLikeEnabled,
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
	TotalViewers           int64 `json:"TotalViewers" doc:"Entries; who entered again counted again."`
	TotalGiftsSent         int64 `json:"TotalGiftsSent" doc:"Gifts."`
	TotalGiftCoins         int64 `json:"TotalGiftCoins" doc:"Value of the gifts, in coins."`
	TotalUniqueGiftSenders int64 `json:"TotalUniqueGiftSenders" doc:"How many users sent gifts."`
	TotalLikesReceived     int64 `json:"TotalLikesReceived" doc:"Likes."`
}

type destroyRoomResponse struct {
	Statistic statistic `json:"Statistic" doc:"What the room had seen."`
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
	RoomID                 string `json:"RoomId" doc:"The room's id."`
	RoomName               string `json:"RoomName" doc:"The room's name."`
	RoomType               string `json:"RoomType" doc:"Live."`
	OwnerAccount           string `json:"Owner_Account" doc:"UserID of the owner."`
	OwnerName              string `json:"OwnerName" doc:"The owner's nickname; empty when it has none."`
	OwnerAvatarURL         string `json:"OwnerAvatarUrl" doc:"The owner's picture; empty when it has none."`
	CreateTime             int64  `json:"CreateTime" doc:"When the room was made, Unix time in seconds."`
	IsSeatEnabled          bool   `json:"IsSeatEnabled" doc:"Whether the room has seats."`
	SeatTemplate           string `json:"SeatTemplate" doc:"Layout of the seats by name, as it was given; empty when none was."`
	SeatLayoutTemplateID   int    `json:"SeatLayoutTemplateId" doc:"Layout of the seats by number; 0 when it has none."`
	TakeSeatMode           string `json:"TakeSeatMode" doc:"FreeToTake or ApplyToTake; of no effect without seats."`
	MaxSeatCount           int    `json:"MaxSeatCount" doc:"How many seats there are; 0 without seats."`
	KeepOwnerOnSeat        bool   `json:"KeepOwnerOnSeat" doc:"Whether the owner takes a seat on entering."`
	MaxMemberCount         int    `json:"MaxMemberCount" doc:"How many members there may be at once."`
	IsMessageDisabled      bool   `json:"IsMessageDisabled" doc:"true: only the owner and the administrators may send messages."`
	IsGiftEnabled          bool   `json:"IsGiftEnabled" doc:"Whether gifts may be sent to the room."`
	IsLikeEnabled          bool   `json:"IsLikeEnabled" doc:"Whether likes may be sent to the room."`
	CoverURL               string `json:"CoverURL" doc:"The room's cover; empty when it has none."`
	BackgroundURL          string `json:"BackgroundURL" doc:"The room's background; empty when it has none."`
	Category               []int  `json:"Category" doc:"The app's categories of the room."`
	ActivityStatus         int    `json:"ActivityStatus" doc:"The app's own mark."`
	ViewCount              int64  `json:"ViewCount" doc:"Entries so far; who enters again counts again."`
	MemberCount            int    `json:"MemberCount" doc:"Members who are online."`
	OnlineCount            int    `json:"OnlineCount" doc:"The same number."`
	IsPublicVisible        bool   `json:"IsPublicVisible" doc:"Whether the room is in get_room_list."`
	IsUnlimitedRoomEnabled bool   `json:"IsUnlimitedRoomEnabled" doc:"Whether the room's streams may be mixed."`
	Notice                 string `json:"Notice" doc:"The room's notice; empty when it has none."`
	CustomInfo             string `json:"CustomInfo" doc:"Always empty: custom data of a room is its metadata."`
}

func newRoomInfo(r live.RoomView) roomInfo {
	return roomInfo{
		RoomID: string(r.ID), RoomName: r.Name, RoomType: live.RoomTypeLive, OwnerAccount: string(r.Owner),
		OwnerName: r.OwnerProfile.Nick, OwnerAvatarURL: r.OwnerProfile.FaceURL, IsGiftEnabled: r.GiftEnabled, IsLikeEnabled: r.LikeEnabled,
		CreateTime: r.CreatedAt.Unix(), IsSeatEnabled: r.SeatEnabled, SeatTemplate: r.SeatTemplate,
		SeatLayoutTemplateID: r.SeatLayoutTemplateID, TakeSeatMode: r.TakeSeatMode, MaxSeatCount: r.MaxSeatCount,
		KeepOwnerOnSeat: r.KeepOwnerOnSeat, MaxMemberCount: r.MaxMemberCount, IsMessageDisabled: r.MessageDisabled,
		CoverURL: r.CoverURL, BackgroundURL: r.BackgroundURL, Category: r.Categories, ActivityStatus: r.ActivityStatus,
		ViewCount: r.ViewCount, MemberCount: r.OnlineCount, OnlineCount: r.OnlineCount,
		IsPublicVisible: r.PublicVisible, IsUnlimitedRoomEnabled: r.Unlimited, Notice: r.Notice, CustomInfo: r.CustomInfo,
	}
}

type getRoomInfoResponse struct {
	RoomInfo roomInfo `json:"RoomInfo" doc:"The room as it is now."`
}

// getRoomInfo is get_room_info (doc 63404).
func getRoomInfo(ctx context.Context, c *call, in *roomRequest) (*getRoomInfoResponse, error) {
	id, err := live.ParseRoomID(in.RoomID)
	if err != nil {
		return nil, err
	}
	room, err := c.live.RoomView(ctx, c.caller, id)
	if err != nil {
		return nil, err
	}
	return &getRoomInfoResponse{newRoomInfo(room)}, nil
}
