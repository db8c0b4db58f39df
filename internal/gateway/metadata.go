package gateway

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/greenroom-live/greenroom/internal/live"
)

// metaData is pairs in the form of a JSON object, in the object's order.
type metaData []live.Pair

// UnmarshalJSONFrom reads an object of texts or, as web clients send it, a text that holds such an object.
func (m *metaData) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() != '"' {
		return m.readObject(dec)
	}
	text, err := dec.ReadToken()
	if err != nil {
		return err
	}
	inner := jsontext.NewDecoder(strings.NewReader(text.String()))
	if err := m.readObject(inner); err != nil {
		if refusal := (*live.Error)(nil); errors.As(err, &refusal) {
			return err
		}
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return badParameter("metaData names a key twice")
		}
		return badParameter("metaData is a text that is not the JSON of an object")
	}
	if _, err := inner.ReadToken(); !errors.Is(err, io.EOF) {
		return badParameter("metaData is a text with more than one JSON value")
	}
	return nil
}

func (m *metaData) readObject(dec *jsontext.Decoder) error {
	begin, err := dec.ReadToken()
	if err != nil {
		return err
	}
	if begin.Kind() != '{' {
		return badParameter("metaData must be an object of texts")
	}
	*m = nil
	for {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		if name.Kind() == '}' {
			return nil
		}
		key := name.String()
		value, err := dec.ReadToken()
		if err != nil {
			return err
		}
		if value.Kind() != '"' {
			return badParameter("the value of metaData key %q must be a text", key)
		}
		*m = append(*m, live.Pair{Key: key, Value: value.String()})
	}
}

// MarshalJSONTo writes the pairs as an object.
func (m metaData) MarshalJSONTo(enc *jsontext.Encoder) error {
	if err := enc.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for _, p := range m {
		if err := enc.WriteToken(jsontext.String(p.Key)); err != nil {
			return err
		}
		if err := enc.WriteToken(jsontext.String(p.Value)); err != nil {
			return err
		}
	}
	return enc.WriteToken(jsontext.EndObject)
}

type keysParams struct {
	LiveID string   `json:"liveID"`
	Keys   []string `json:"keys"`
}

type metaDataReply struct {
	MetaData metaData `json:"metaData"`
}

// queryMetaData reads the room's metadata. No keys, or an empty list of them, means all.
func queryMetaData(ctx context.Context, c *call, in *keysParams) (*metaDataReply, error) {
	room, err := c.roomMeant(in.LiveID)
	if err != nil {
		return nil, err
	}
	pairs, err := c.g.live.Metadata(ctx, c.caller, room, in.Keys)
	return &metaDataReply{pairs}, err
}

type updateMetaDataParams struct {
	LiveID   string   `json:"liveID"`
	MetaData metaData `json:"metaData"`
}

func updateLiveMetaData(ctx context.Context, c *call, in *updateMetaDataParams) (*none, error) {
	room, err := c.roomMeant(in.LiveID)
	if err != nil {
		return nil, err
	}
	if len(in.MetaData) == 0 {
		return nil, badParameter("metaData is missing or empty")
	}
	return &none{}, c.g.live.SetMetadata(ctx, c.caller, room, in.MetaData)
}

func deleteLiveMetaData(ctx context.Context, c *call, in *keysParams) (*none, error) {
	room, err := c.roomMeant(in.LiveID)
	if err != nil {
		return nil, err
	}
	if len(in.Keys) == 0 {
		return nil, badParameter("keys is missing or empty")
	}
	return &none{}, c.g.live.DeleteMetadata(ctx, c.caller, room, in.Keys)
}
