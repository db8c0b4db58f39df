package client

import "context"

// The values of [MixStream].LayoutMode.
const (
	MixGrid   = 0    // nine equal pictures
	MixCustom = 1000 // as LayoutInfo says
)

// MixStream is how the pictures of a room's anchors are put together into one stream (doc 69077).
type MixStream struct {
	LayoutMode  int             `json:"LayoutMode"`
	VideoEncode *MixVideoEncode `json:"VideoEncode,omitzero"` // 720p when nil
	LayoutInfo  *MixLayoutInfo  `json:"LayoutInfo,omitzero"`  // for MixCustom
}

// MixVideoEncode is the size of the mixed picture, in pixels, 0 to 4096 each; 0 is what 720p has.
type MixVideoEncode struct {
	Width  int `json:"Width"`
	Height int `json:"Height"`
}

// MixLayoutInfo says where the pictures are.
type MixLayoutInfo struct {
	LayoutList    []MixView `json:"LayoutList,omitzero"`    // at most 32
	MaxUserLayout *MixView  `json:"MaxUserLayout,omitzero"` // the big picture of a floating layout
}

// MixView is one anchor's picture. Place and size are in pixels, 0 to 4096; all of them 0 means sound alone.
type MixView struct {
	LocationX   int    `json:"LocationX"`
	LocationY   int    `json:"LocationY"`
	ImageWidth  int    `json:"ImageWidth"`
	ImageHeight int    `json:"ImageHeight"`
	RoomID      string `json:"RoomId,omitzero"` // default the room of the call
	Member      string `json:"Member_Account"`
	StreamType  int    `json:"StreamType"` // which of the anchor's streams, 0 to 2
	ZOrder      int    `json:"ZOrder"`     // 0 to 99; higher ones cover lower ones
}

// SetMixStream sets the layout of a room's mixed stream (doc 69077). The room must have seats and IsUnlimitedRoomEnabled, else
// it fails with [CodeNoPermission]. Greenroom keeps the layout and mixes nothing.
func (c *Client) SetMixStream(ctx context.Context, roomID string, mix MixStream) error {
	in := struct {
		RoomID string `json:"RoomId"`
		MixStream
	}{roomID, mix}
	return c.Do(ctx, rooms+"set_mix_stream", in, nil)
}

// ResumeMix brings back the layout of a room's mixed stream (doc 72333), under the conditions of [Client.SetMixStream].
func (c *Client) ResumeMix(ctx context.Context, roomID string) error {
	return c.Do(ctx, rooms+"resume_mcu_task", roomRequest{roomID}, nil)
}
