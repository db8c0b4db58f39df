package restapi

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

// roomRequest is the body of the commands that need nothing but a room.
type roomRequest struct {
	RoomID string `json:"RoomId"`
}

type createRoomRequest struct {
	RoomInfo *struct {
		RoomID                 string  `json:"RoomId"`
		RoomName               *string `json:"RoomName"`
		RoomType               string  `json:"RoomType"`
		OwnerAccount           string  `json:"Owner_Account"`
		SeatTemplate           *string `json:"SeatTemplate"`
		SeatLayoutTemplateID   *int    `json:"SeatLayoutTemplateId"`
		TakeSeatMode           *string `json:"TakeSeatMode"`
		IsSeatEnabled          *bool   `json:"IsSeatEnabled"`
		MaxSeatCount           *int    `json:"MaxSeatCount"`
		MaxMemberCount         *int    `json:"MaxMemberCount"`
		IsMessageDisabled      bool    `json:"IsMessageDisabled"`
		IsPublicVisible        *bool   `json:"IsPublicVisible"`
		IsUnlimitedRoomEnabled bool    `json:"IsUnlimitedRoomEnabled"`
		KeepOwnerOnSeat        bool    `json:"KeepOwnerOnSeat"`
		CoverURL               string  `json:"CoverURL"`
		BackgroundURL          string  `json:"BackgroundURL"`
		Notice                 string  `json:"Notice"`
		Category               []*int  `json:"Category"`
		ActivityStatus         int     `json:"ActivityStatus"`
	} `json:"RoomInfo"`
}

type createRoomResponse struct {
	RoomID string `json:"RoomId"`
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
	TotalViewers           int64 `json:"TotalViewers"`
	TotalGiftsSent         int64 `json:"TotalGiftsSent"`
	TotalGiftCoins         int64 `json:"TotalGiftCoins"`
	TotalUniqueGiftSenders int64 `json:"TotalUniqueGiftSenders"`
	TotalLikesReceived     int64 `json:"TotalLikesReceived"`
}

type destroyRoomResponse struct {
	Statistic statistic `json:"Statistic"`
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
	RoomID                 string `json:"RoomId"`
	RoomName               string `json:"RoomName"`
	RoomType               string `json:"RoomType"`
	OwnerAccount           string `json:"Owner_Account"`
	CreateTime             int64  `json:"CreateTime"` // Unix seconds
	IsSeatEnabled          bool   `json:"IsSeatEnabled"`
	SeatTemplate           string `json:"SeatTemplate"`
	SeatLayoutTemplateID   int    `json:"SeatLayoutTemplateId"`
	TakeSeatMode           string `json:"TakeSeatMode"`
	MaxSeatCount           int    `json:"MaxSeatCount"`
	KeepOwnerOnSeat        bool   `json:"KeepOwnerOnSeat"`
	MaxMemberCount         int    `json:"MaxMemberCount"`
	IsMessageDisabled      bool   `json:"IsMessageDisabled"`
	CoverURL               string `json:"CoverURL"`
	BackgroundURL          string `json:"BackgroundURL"`
	Category               []int  `json:"Category"`
	ActivityStatus         int    `json:"ActivityStatus"`
	ViewCount              int64  `json:"ViewCount"`
	MemberCount            int    `json:"MemberCount"`
	OnlineCount            int    `json:"OnlineCount"`
	IsPublicVisible        bool   `json:"IsPublicVisible"`
	IsUnlimitedRoomEnabled bool   `json:"IsUnlimitedRoomEnabled"`
	Notice                 string `json:"Notice"`
	CustomInfo             string `json:"CustomInfo"`
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
	RoomInfo roomInfo `json:"RoomInfo"`
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
