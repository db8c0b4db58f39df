package client

import (
	"cmp"
	"context"
	"fmt"
)

const rooms = "live_engine_http_srv/"

// RoomInfo describes a room, both to create it and in answers (docs 63401, 63404). Zero values are left out of a request, so
// that the server's defaults hold; a pointer is there where a zero is something else than the default.
type RoomInfo struct {
	RoomID   string `json:"RoomId,omitzero"`   // 1 to 48 bytes; the server makes one up when it is empty
	RoomName string `json:"RoomName,omitzero"` // at most 100 bytes; default the RoomID
	RoomType string `json:"RoomType,omitzero"` // "Live", which CreateRoom fills in
	// Owner is the owner's UserID; default the caller.
	Owner string `json:"Owner_Account,omitzero"`

	SeatTemplate         string `json:"SeatTemplate,omitzero"` // like "VideoDynamicGrid9Seats"
	SeatLayoutTemplateID int    `json:"SeatLayoutTemplateId,omitzero"`
	TakeSeatMode         string `json:"TakeSeatMode,omitzero"` // "FreeToTake" (default) or "ApplyToTake"
	IsSeatEnabled        *bool  `json:"IsSeatEnabled,omitzero"`
	KeepOwnerOnSeat      *bool  `json:"KeepOwnerOnSeat,omitzero"`
	MaxSeatCount         int    `json:"MaxSeatCount,omitzero"`   // at most 16 by the server's default; video templates fix it
	MaxMemberCount       int    `json:"MaxMemberCount,omitzero"` // online at once; default and most: the server's limit

	IsMessageDisabled      bool  `json:"IsMessageDisabled,omitzero"` // mutes all but owner and administrators
	IsPublicVisible        *bool `json:"IsPublicVisible,omitzero"`   // in the room list; default true
	IsUnlimitedRoomEnabled bool  `json:"IsUnlimitedRoomEnabled,omitzero"`

	CoverURL       string `json:"CoverURL,omitzero"`       // at most 200 bytes
	BackgroundURL  string `json:"BackgroundURL,omitzero"`  // at most 200 bytes
	Category       []int  `json:"Category,omitzero"`       // at most 3
	ActivityStatus int    `json:"ActivityStatus,omitzero"` // the app's own tag
	Notice         string `json:"Notice,omitzero"`         // at most 100 bytes
	IsGiftEnabled  *bool  `json:"IsGiftEnabled,omitzero"`  // default true
	IsLikeEnabled  *bool  `json:"IsLikeEnabled,omitzero"`  // default true
	CustomInfo     string `json:"CustomInfo,omitzero"`     // only in answers, like all that follow
	CreateTime     int64  `json:"CreateTime,omitzero"`     // Unix seconds
	ViewCount      int64  `json:"ViewCount,omitzero"`      // entries, repeated ones included
	OnlineCount    int64  `json:"OnlineCount,omitzero"`    // members who are in the room
	OwnerName      string `json:"OwnerName,omitzero"`      // the owner's nickname
	OwnerAvatarURL string `json:"OwnerAvatarUrl,omitzero"`
}

// Statistic is what happened in a room over its whole life (doc 63406).
type Statistic struct {
	TotalViewers           int64 // entries, repeated ones included
	TotalGiftsSent         int64
	TotalGiftCoins         int64 // value of the gifts
	TotalUniqueGiftSenders int64
	TotalLikesReceived     int64
	TotalMsgCount          int64 // only told by [Client.Statistic]
}

type roomRequest struct {
	RoomID string `json:"RoomId"`
}

// CreateRoom opens a room and returns its id (doc 63401). It fails with [CodeRoomExists], or with [CodeOwnRoomExists] when the
// room belongs to the owner given, and with [CodeOverLimit] past the server's limits or the app's number of rooms.
func (c *Client) CreateRoom(ctx context.Context, room RoomInfo) (roomID string, err error) {
	room.RoomType = cmp.Or(room.RoomType, "Live")
	in := struct{ RoomInfo RoomInfo }{room}
	var out roomRequest
	if err := c.Do(ctx, rooms+"create_room", in, &out); err != nil {
		return "", err
	}
	// Older servers answer with the envelope only.
	return cmp.Or(out.RoomID, room.RoomID), nil
}

// DestroyRoom dissolves a room and returns its figures, which are zero from servers that do not tell them (doc 63406). It
// fails with [CodeRoomNotFound].
func (c *Client) DestroyRoom(ctx context.Context, roomID string) (Statistic, error) {
	var out struct{ Statistic Statistic }
	err := c.Do(ctx, rooms+"destroy_room", roomRequest{roomID}, &out)
	return out.Statistic, err
}

// RoomInfo returns what a room is like now (doc 63404). It fails with [CodeRoomNotFound].
func (c *Client) RoomInfo(ctx context.Context, roomID string) (RoomInfo, error) {
	const command = rooms + "get_room_info"
	var out struct{ RoomInfo *RoomInfo }
	if err := c.Do(ctx, command, roomRequest{roomID}, &out); err != nil {
		return RoomInfo{}, err
	}
	if out.RoomInfo == nil {
		return RoomInfo{}, fmt.Errorf("client: %s: the answer has no RoomInfo", command)
	}
	return *out.RoomInfo, nil
}
