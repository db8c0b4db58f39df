package client

import "context"

// MetadataPair is one entry of a room's metadata.
type MetadataPair struct {
	Key   string // 1 to 50 bytes
	Value string // at most 2,048 bytes
}

type metadataKeys struct {
	RoomID string `json:"RoomId"`
	Keys   []string
}

// SetMetadata adds pairs to a room or replaces those with the same keys; others stay (doc 64375). All are written or none.
// A room has at most 10 keys and 16,384 bytes of values. It fails with [CodeRoomNotFound], [CodeTooManyMetadataKeys],
// [CodeMetadataKeyTooBig], [CodeMetadataValueTooBig], [CodeMetadataTooBig].
func (c *Client) SetMetadata(ctx context.Context, roomID string, pairs ...MetadataPair) error {
	in := struct {
		RoomID   string `json:"RoomId"`
		Metadata []MetadataPair
	}{roomID, pairs}
	return c.Do(ctx, rooms+"set_room_metadata", in, nil)
}

// Metadata returns those of the keys that a room has, or all when none is named (doc 64374). It fails with
// [CodeRoomNotFound].
func (c *Client) Metadata(ctx context.Context, roomID string, keys ...string) ([]MetadataPair, error) {
	var out struct{ Metadata []MetadataPair }
	err := c.Do(ctx, rooms+"get_room_metadata", metadataKeys{roomID, keys}, &out)
	return out.Metadata, err
}

// DeleteMetadata takes keys from a room; those that it does not have are passed over (doc 64376). It fails with
// [CodeMetadataNotFound] when it has none of them, and with [CodeRoomNotFound].
func (c *Client) DeleteMetadata(ctx context.Context, roomID string, keys ...string) error {
	return c.Do(ctx, rooms+"del_room_metadata", metadataKeys{roomID, keys}, nil)
}
