package restapi

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

type metadataPair struct {
	Key   string `json:"Key" doc:"Key of an entry."`
	Value string `json:"Value" doc:"Its value."`
}

type setRoomMetadataRequest struct {
	RoomID   string `json:"RoomId" req:"true" doc:"The room: 1 to 48 bytes of printable ASCII."`
	Metadata []struct {
		Key   string  `json:"Key" req:"true" doc:"1 to 50 bytes."`
		Value *string `json:"Value" req:"true" doc:"At most 2,048 bytes, and 16,384 of all values of the room together; may be empty."`
	} `json:"Metadata" req:"true" doc:"What to write, each key once. All of it is written or nothing; other keys of the room stay. A room has 10 keys at most."`
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

type getRoomMetadataRequest struct {
	RoomID string   `json:"RoomId" req:"true" doc:"The room: 1 to 48 bytes of printable ASCII."`
	Keys   []string `json:"Keys" doc:"Keys to tell; those that the room does not have are passed over. All of them when empty or missing."`
}

type getRoomMetadataResponse struct {
	Metadata []metadataPair `json:"Metadata" doc:"In the order asked, each once; ordered by key when all are told."`
}

// getRoomMetadata is get_room_metadata (doc 64374). No Keys, or an empty list of them, means all.
func getRoomMetadata(ctx context.Context, c *call, in *getRoomMetadataRequest) (*getRoomMetadataResponse, error) {
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

type delRoomMetadataRequest struct {
	RoomID string   `json:"RoomId" req:"true" doc:"The room: 1 to 48 bytes of printable ASCII."`
	Keys   []string `json:"Keys" req:"true" doc:"Keys to delete, at least one; those that the room does not have are passed over."`
}

// delRoomMetadata is del_room_metadata (doc 64376).
func delRoomMetadata(ctx context.Context, c *call, in *delRoomMetadataRequest) (*none, error) {
	id, err := live.ParseRoomID(in.RoomID)
	if err != nil {
		return nil, err
	}
	return nil, c.live.DeleteMetadata(ctx, c.caller, id, in.Keys)
}
