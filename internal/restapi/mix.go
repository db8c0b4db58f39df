package restapi

import (
	"context"
	"fmt"

	"github.com/greenroom-live/greenroom/internal/live"
)

type setMixStreamRequest struct {
	RoomID      string `json:"RoomId" req:"true" doc:"The room's id, 1 to 48 bytes of printable ASCII."`
	LayoutMode  int    `json:"LayoutMode" doc:"0 (default): a grid of nine. 1000: as LayoutInfo says."`
	VideoEncode *struct {
		Width  int `json:"Width" doc:"Pixels, 0 to 4096. 0: the default of 720p."`
		Height int `json:"Height" doc:"Pixels, 0 to 4096. 0: the default of 720p."`
	} `json:"VideoEncode" doc:"Size of the mixed picture. Default 720p."`
	LayoutInfo *struct {
		LayoutList    []mixView `json:"LayoutList" doc:"The pictures, at most 32."`
		MaxUserLayout *mixView  `json:"MaxUserLayout" doc:"The big picture of a floating layout."`
	} `json:"LayoutInfo" doc:"Where the pictures are. Required with LayoutMode 1000, and of no effect without."`
}

type mixView struct {
	LocationX     int    `json:"LocationX" doc:"Pixels from the left, 0 to 4096."`
	LocationY     int    `json:"LocationY" doc:"Pixels from the top, 0 to 4096."`
	ImageWidth    int    `json:"ImageWidth" doc:"Pixels, 0 to 4096. Place and size all 0: sound alone."`
	ImageHeight   int    `json:"ImageHeight" doc:"Pixels, 0 to 4096."`
	RoomID        string `json:"RoomId" doc:"The room that the anchor is in. Default: the room of the call."`
	MemberAccount string `json:"Member_Account" req:"true" doc:"UserID of the anchor, 1 to 32 bytes of printable ASCII."`
	StreamType    int    `json:"StreamType" doc:"Which of the anchor's streams, 0 to 2. Default 0."`
	ZOrder        int    `json:"ZOrder" doc:"Higher ones cover lower ones, 0 to 99."`
}

// setMixStream is set_mix_stream (doc 69077).
func setMixStream(ctx context.Context, c *call, in *setMixStreamRequest) (*none, error) {
	id, err := live.ParseRoomID(in.RoomID)
	if err != nil {
		return nil, err
	}
	layout := live.MixLayout{Mode: in.LayoutMode}
	if v := in.VideoEncode; v != nil {
		layout.Width, layout.Height = v.Width, v.Height
	}
	if info := in.LayoutInfo; info != nil {
		layout.Views = make([]live.MixView, len(info.LayoutList))
		for i, v := range info.LayoutList {
			if layout.Views[i], err = v.parse(fmt.Sprintf("LayoutInfo.LayoutList[%d]", i), id); err != nil {
				return nil, err
			}
		}
		if v := info.MaxUserLayout; v != nil {
			big, err := v.parse("LayoutInfo.MaxUserLayout", id)
			if err != nil {
				return nil, err
			}
			layout.Main = &big
		}
	}
	return nil, c.live.SetMixLayout(ctx, c.caller, id, layout)
}

// parse puts a picture into the domain's words; where names it, and room is the call's.
func (v mixView) parse(where string, room live.RoomID) (live.MixView, error) {
	out := live.MixView{
		Room: room, X: v.LocationX, Y: v.LocationY, Width: v.ImageWidth, Height: v.ImageHeight,
		StreamType: v.StreamType, ZOrder: v.ZOrder,
	}
	var err error
	if out.User, err = live.ParseUserID(where+".Member_Account", v.MemberAccount); err != nil {
		return out, err
	}
	if v.RoomID != "" {
		if out.Room, err = live.ParseRoomID(v.RoomID); err != nil {
			return out, live.Refuse(live.CodeBadParameter, "%s.RoomId must be 1 to 48 bytes of printable ASCII", where)
		}
	}
	return out, nil
}

// resumeMcuTask is resume_mcu_task (doc 72333).
func resumeMcuTask(ctx context.Context, c *call, in *roomRequest) (*none, error) {
	id, err := live.ParseRoomID(in.RoomID)
	if err != nil {
		return nil, err
	}
	_, err = c.live.ResumeMix(ctx, c.caller, id)
	return nil, err
}
