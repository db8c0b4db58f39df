package gateway

import (
	"context"
	"strings"

	"github.com/greenroom-live/greenroom/internal/live"
)

// liveSpec is what a client asks of a new room.
type liveSpec struct {
	LiveID               string  `json:"liveID"`
	LiveName             *string `json:"liveName"`
	Notice               string  `json:"notice"`
	CoverURL             string  `json:"coverURL"`
	BackgroundURL        string  `json:"backgroundURL"`
	IsMessageDisable     bool    `json:"isMessageDisable"`
	IsPublicVisible      *bool   `json:"isPublicVisible"`
	SeatTemplate         *string `json:"seatTemplate"`
	SeatLayoutTemplateID *int    `json:"seatLayoutTemplateID"`
	SeatMode             *string `json:"seatMode"`
	MaxSeatCount         *int    `json:"maxSeatCount"`
	KeepOwnerOnSeat      bool    `json:"keepOwnerOnSeat"`
	CategoryList         []int   `json:"categoryList"`
	ActivityStatus       int     `json:"activityStatus"`
	IsGiftEnabled        *bool   `json:"isGiftEnabled"`
	IsLikeEnabled        *bool   `json:"isLikeEnabled"`
}

type startLiveParams struct {
	LiveInfo *liveSpec `json:"liveInfo"`
	liveSpec
}

const seatModeFree, seatModeApply = "free", "apply"

// spec puts the request into the domain's words.
func (l *liveSpec) spec() (live.RoomSpec, error) {
	spec := live.RoomSpec{
		Type: live.RoomTypeLive, Name: l.LiveName, SeatLayoutTemplateID: l.SeatLayoutTemplateID, MaxSeatCount: l.MaxSeatCount,
		MessageDisabled: l.IsMessageDisable, PublicVisible: l.IsPublicVisible, KeepOwnerOnSeat: l.KeepOwnerOnSeat,
		CoverURL: l.CoverURL, BackgroundURL: l.BackgroundURL, Notice: l.Notice, Categories: l.CategoryList,
		ActivityStatus: l.ActivityStatus, GiftEnabled: l.IsGiftEnabled, LikeEnabled: l.IsLikeEnabled,
	}
	var err error
	if l.LiveID != "" {
		if spec.ID, err = live.ParseRoomID(l.LiveID); err != nil {
			return spec, err
		}
	}
	if l.SeatTemplate != nil && *l.SeatTemplate != "" {
		template := strings.ToUpper((*l.SeatTemplate)[:1]) + (*l.SeatTemplate)[1:]
		spec.SeatTemplate = &template
	}
	mode := seatModeApply
	if l.SeatMode != nil {
		mode = *l.SeatMode
	}
	spec.TakeSeatMode, err = takeSeatMode(mode)
	return spec, err
}

// startLive makes a room and joins it, or joins the caller's room of that id as it is.
func startLive(ctx context.Context, c *call, in *startLiveParams) (*snapshot, error) {
	asked := in.LiveInfo
	if asked == nil {
		asked = &in.liveSpec
	}
	spec, err := asked.spec()
	if err != nil {
		return nil, err
	}
	if spec.ID == "" {
		room, err := c.g.live.CreateRoom(ctx, c.caller, spec)
		if err != nil {
			return nil, err
		}
		spec.ID = room.ID
	}
	return c.join(ctx, spec.ID, func(ctx context.Context) (live.Visit, error) {
		return c.g.live.Start(ctx, c.caller, spec)
	})
}

type statistics struct {
	TotalViewers           int64 `json:"totalViewers"`
	TotalGiftsSent         int64 `json:"totalGiftsSent"`
	TotalGiftCoins         int64 `json:"totalGiftCoins"`
	TotalUniqueGiftSenders int64 `json:"totalUniqueGiftSenders"`
	TotalLikesReceived     int64 `json:"totalLikesReceived"`
	TotalMessageCount      int64 `json:"totalMessageCount"`
	LiveDuration           int64 `json:"liveDuration"` // seconds
}

type endLiveReply struct {
	Statistics statistics `json:"statistics"`
}

func endLive(ctx context.Context, c *call, in *liveParams) (*endLiveReply, error) {
	room, err := c.roomMeant(in.LiveID)
	if err != nil {
		return nil, err
	}
	s, err := c.g.live.DestroyRoom(ctx, c.caller, room)
	return &endLiveReply{statistics{
		TotalViewers: s.Viewers, TotalGiftsSent: s.GiftsSent, TotalGiftCoins: s.GiftCoins,
		TotalUniqueGiftSenders: s.UniqueGiftSenders, TotalLikesReceived: s.LikesReceived,
		TotalMessageCount: s.Messages, LiveDuration: int64(s.Lasted.Seconds()),
	}}, err
}

type liveInfo struct {
	LiveID                 string   `json:"liveID"`
	LiveName               string   `json:"liveName"`
	Notice                 string   `json:"notice"`
	CoverURL               string   `json:"coverURL"`
	BackgroundURL          string   `json:"backgroundURL"`
	IsMessageDisable       bool     `json:"isMessageDisable"`
	IsGiftEnabled          bool     `json:"isGiftEnabled"`
	IsLikeEnabled          bool     `json:"isLikeEnabled"`
	IsPublicVisible        bool     `json:"isPublicVisible"`
	IsSeatEnabled          bool     `json:"isSeatEnabled"`
	SeatTemplate           string   `json:"seatTemplate"`
	SeatLayoutTemplateID   int      `json:"seatLayoutTemplateID"`
	SeatMode               string   `json:"seatMode"`
	MaxSeatCount           int      `json:"maxSeatCount"`
	KeepOwnerOnSeat        bool     `json:"keepOwnerOnSeat"`
	CategoryList           []int    `json:"categoryList"`
	ActivityStatus         int      `json:"activityStatus"`
	CustomInfo             string   `json:"customInfo"`
	IsUnlimitedRoomEnabled bool     `json:"isUnlimitedRoomEnabled"`
	LiveOwner              person   `json:"liveOwner"`
	CreateTime             int64    `json:"createTime"` // Unix seconds
	TotalViewerCount       int64    `json:"totalViewerCount"`
	CurrentViewerCount     int      `json:"currentViewerCount"`
	MetaData               metaData `json:"metaData,omitzero"` // for members
}

func newLiveInfo(r live.Room, owner live.Account) liveInfo {
	mode := seatModeApply
	if r.TakeSeatMode == live.FreeToTake {
		mode = seatModeFree
	}
	template := r.SeatTemplate
	if template != "" {
		template = strings.ToLower(template[:1]) + template[1:]
	}
	return liveInfo{
		LiveID: string(r.ID), LiveName: r.Name, Notice: r.Notice, CoverURL: r.CoverURL, BackgroundURL: r.BackgroundURL,
		IsMessageDisable: r.MessageDisabled, IsGiftEnabled: r.GiftEnabled, IsLikeEnabled: r.LikeEnabled, IsPublicVisible: r.PublicVisible, IsSeatEnabled: r.SeatEnabled,
		SeatTemplate: template, SeatLayoutTemplateID: r.SeatLayoutTemplateID, SeatMode: mode,
		MaxSeatCount: r.MaxSeatCount, KeepOwnerOnSeat: r.KeepOwnerOnSeat, CategoryList: r.Categories,
		ActivityStatus: r.ActivityStatus, CustomInfo: r.CustomInfo, IsUnlimitedRoomEnabled: r.Unlimited,
		LiveOwner: newPerson(owner), CreateTime: r.CreatedAt.Unix(), TotalViewerCount: r.ViewCount,
		CurrentViewerCount: r.OnlineCount,
	}
}

type liveInfoReply struct {
	LiveInfo liveInfo `json:"liveInfo"`
}

func fetchLiveInfo(ctx context.Context, c *call, in *liveParams) (*liveInfoReply, error) {
	id, err := parseLiveID(in.LiveID)
	if err != nil {
		return nil, err
	}
	view, err := c.g.live.RoomView(ctx, c.caller, id)
	return &liveInfoReply{newLiveInfo(view.Room, view.OwnerProfile)}, err
}

// self is the caller in the room.
type self struct {
	UserID string `json:"userID"`
	Role   string `json:"role"`
}

// ownState is the caller in a snapshot.
type ownState struct {
	self
	IsMessageDisabled bool `json:"isMessageDisabled"`
}

// snapshot is what a user finds on joining: the state to which the channel's publications are the changes.
type snapshot struct {
	LiveInfo      liveInfo      `json:"liveInfo"`
	Self          ownState      `json:"self"`
	AudienceCount int           `json:"audienceCount"`
	AdminList     []live.UserID `json:"adminList"`
	SeatList      []seatInfo    `json:"seatList"`
	Channel       string        `json:"channel"`
	Battle        *battleState  `json:"battle,omitzero"` // that is running

	TotalLikeCount int64      `json:"totalLikeCount"`
	GiftTotals     giftTotals `json:"giftTotals"`
}

func newSnapshot(caller live.Caller, v live.Visit) *snapshot {
	info := newLiveInfo(v.Room, v.Owner)
	info.MetaData = append(metaData{}, v.Metadata...)
	return &snapshot{
		LiveInfo: info, Self: ownState{self{string(caller.User), roleName(v.Role)}, v.Muted}, AudienceCount: v.Room.OnlineCount,
		AdminList: v.Admins, SeatList: newSeatInfos(v.Seats), Channel: channelOf(caller.App, v.Room.ID),
		Battle: newBattleState(v.Battle), TotalLikeCount: v.Room.LikesReceived, GiftTotals: newGiftTotals(v.Room.Totals),
	}
}

func roleName(r live.Role) string {
	switch r {
	case live.RoleOwner:
		return "owner"
	case live.RoleAdmin:
		return "admin"
	}
	return "generalUser"
}
