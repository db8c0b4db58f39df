package restapi

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

type metadataPair struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}

type setRoomMetadataRequest struct {
	RoomID   string `json:"RoomId"`
	Metadata []struct {
		Key   string  `json:"Key"`
		Value *string `json:"Value"`
	} `json:"Metadata"`
}

// setRoomMetadata is set_room_metadata (doc 64375).
func setRoomMetadata(ctx context.Context, c *call, in *setRoomMetadataRequest) (*none, error) {
	id, err := live.ParseRoomID(in.RoomID)
	if err != nil {
		return nil, err
	}
	pairs := make([]live.Pair, len(in.Metadata))
	for i, p := range in.Metadata {
		if p.Value == nil {
			return nil, live.Refuse(live.CodeBadParameter, "Metadata[%d].Value is missing", i)
		}
		pairs[i] = live.Pair{Key: p.Key, Value: *p.Value}
	}
	return nil, c.live.SetMetadata(ctx, c.caller, id, pairs)
}

type keysRequest struct {
	RoomID string   `json:"RoomId"`
	Keys   []string `json:"Keys"`
}

type getRoomMetadataResponse struct {
	Metadata []metadataPair `json:"Metadata"`
}

// getRoomMetadata is get_room_metadata (doc 64374). No Keys, or an empty list of them, means all.
func getRoomMetadata(ctx context.Context, c *call, in *keysRequest) (*getRoomMetadataResponse, error) {
	id, err := live.ParseRoomID(in.RoomID)
	if err != nil {
		return nil, err
	}
	pairs, err := c.live.Metadata(ctx, c.caller, id, in.Keys)
	if err != nil {
		return nil, err
	}
	out := &getRoomMetadataResponse{make([]metadataPair, len(pairs))}
	for i, p := range pairs {
		out.Metadata[i] = metadataPair(p)
	}
	return out, nil
}

// delRoomMetadata is del_room_metadata (doc 64376).
func delRoomMetadata(ctx context.Context, c *call, in *keysRequest) (*none, error) {
	id, err := live.ParseRoomID(in.RoomID)
	if err != nil {
		return nil, err
	}
	return nil, c.live.DeleteMetadata(ctx, c.caller, id, in.Keys)
}
