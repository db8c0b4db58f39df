package live

import (
	"context"

	"github.com/greenroom-live/greenroom/webhook"
)

// Limits of a room's metadata (doc 64375). They are judged on what the room would hold after the call.
const (
	maxMetadataKeys  = 10
	maxMetadataKey   = 50     // bytes
	maxMetadataValue = 2048   // bytes
	maxMetadataTotal = 16_384 // bytes of all values together
)

// Pair is one entry of a room's metadata.
type Pair struct {
	Key   string
	Value string
}

type metadataReader interface {
	// Metadata returns the room's pairs, ordered by key.
	Metadata(app AppID, room RoomID) ([]Pair, error)
	// MetadataSizes returns for each key of the room how many bytes its value has.
	MetadataSizes(app AppID, room RoomID) (map[string]int, error)
}

type metadataWriter interface {
	PutMetadata(app AppID, room RoomID, p Pair) error
	// DeleteMetadata tells whether there was such a key.
	DeleteMetadata(app AppID, room RoomID, key string) (bool, error)
}

// MetadataSet is the change that one call to SetMetadata made.
type MetadataSet struct{ Pairs []Pair }

// Webhook tells the pairs that the call wrote (doc 68222).
func (c MetadataSet) Webhook(e Event) webhook.Event {
	pairs := make([]webhook.Metadata, len(c.Pairs))
	for i, p := range c.Pairs {
		pairs[i] = webhook.Metadata(p)
	}
	return webhook.AfterSetMetadata{
		OperatorAccount: string(e.By.User), RoomID: string(e.Room), Metadata: pairs, EventTime: e.At.UnixMilli(),
	}
}

// MetadataDeleted is the change that one call to DeleteMetadata made: the keys it removed, in the order asked.
type MetadataDeleted struct{ Keys []string }

// Webhook tells the keys that the call removed (doc 68223).
func (c MetadataDeleted) Webhook(e Event) webhook.Event {
	return webhook.AfterDelMetadata{
		OperatorAccount: string(e.By.User), RoomID: string(e.Room), Keys: c.Keys, EventTime: e.At.UnixMilli(),
	}
}

// SetMetadata adds pairs to the room's metadata or overwrites them; other keys stay. All of them are written or none:
// [CodeTooManyKeys], [CodeKeyTooBig], [CodeValueTooBig] and [CodeMetadataTooBig] judge the result of the whole call.
// A user must be the room's owner or one of its administrators.
func (s *Service) SetMetadata(ctx context.Context, caller Caller, room RoomID, pairs []Pair) error {
	if err := checkPairs(pairs); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if err := authorize(tx, caller, room, RoleAdmin); err != nil {
			return err
		}
		sizes, err := tx.MetadataSizes(caller.App, room)
		if err != nil {
			return err
		}
		if err := checkMerged(sizes, pairs); err != nil {
			return err
		}
		for _, p := range pairs {
			if err := tx.PutMetadata(caller.App, room, p); err != nil {
				return err
			}
		}
		return tx.Emit(s.event(caller, room, MetadataSet{pairs}))
	})
}

// checkPairs holds each pair of a call against the limits that concern it alone.
func checkPairs(pairs []Pair) error {
	if len(pairs) == 0 {
		return badParameter("Metadata is missing or empty")
	}
	for i, p := range pairs {
		if p.Key == "" {
			return badParameter("Metadata[%d].Key is empty", i)
		}
		for _, earlier := range pairs[:min(i, maxMetadataKeys)] {
			if earlier.Key == p.Key {
				return badParameter("Metadata names the key %q twice", p.Key)
			}
		}
		if i >= maxMetadataKeys {
			return tooManyKeys()
		}
		if len(p.Key) > maxMetadataKey {
			return Refuse(CodeKeyTooBig, "Metadata[%d].Key has %d bytes, at most %d are allowed", i, len(p.Key), maxMetadataKey)
		}
		if len(p.Value) > maxMetadataValue {
			return Refuse(CodeValueTooBig, "the value of %q has %d bytes, at most %d are allowed", p.Key, len(p.Value), maxMetadataValue)
		}
	}
	return nil
}

// checkMerged holds the room's metadata as it would be after pairs against the limits of the whole. It changes sizes.
func checkMerged(sizes map[string]int, pairs []Pair) error {
	for _, p := range pairs {
		sizes[p.Key] = len(p.Value)
	}
	if len(sizes) > maxMetadataKeys {
		return tooManyKeys()
	}
	total := 0
	for _, n := range sizes {
		total += n
	}
	if total > maxMetadataTotal {
		return Refuse(CodeMetadataTooBig, "the values of the room would have %d bytes together, at most %d are allowed", total, maxMetadataTotal)
	}
	return nil
}

func tooManyKeys() error {
	return Refuse(CodeTooManyKeys, "a room may have at most %d metadata keys", maxMetadataKeys)
}

// Metadata returns the pairs of the room whose keys are asked for and exist, in the order asked, each once; no keys
// asked means all of them, ordered by key. A user must be in the room, or own or administer it.
func (s *Service) Metadata(ctx context.Context, caller Caller, room RoomID, keys []string) ([]Pair, error) {
	var all []Pair
	err := s.store.View(ctx, func(r Reader) error {
		if err := authorizeMember(r, caller, room); err != nil {
			return err
		}
		var err error
		all, err = r.Metadata(caller.App, room)
		return err
	})
	if err != nil || len(keys) == 0 {
		return all, err
	}
	byKey := make(map[string]Pair, len(all))
	for _, p := range all {
		byKey[p.Key] = p
	}
	asked := make([]Pair, 0, len(byKey))
	for _, k := range keys {
		if p, ok := byKey[k]; ok {
			asked = append(asked, p)
			delete(byKey, k)
		}
	}
	return asked, nil
}

// DeleteMetadata removes keys from the room's metadata. Keys that the room does not have are passed over; when it has
// none of them the call fails with [CodeNoSuchKey]. A user must be the room's owner or one of its administrators.
func (s *Service) DeleteMetadata(ctx context.Context, caller Caller, room RoomID, keys []string) error {
	if len(keys) == 0 {
		return badParameter("Keys is missing or empty")
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if err := authorize(tx, caller, room, RoleAdmin); err != nil {
			return err
		}
		removed, err := removeKeys(tx, caller.App, room, keys)
		if err != nil {
			return err
		}
		if len(removed) == 0 {
			return Refuse(CodeNoSuchKey, "room %q has none of these metadata keys", room)
		}
		return tx.Emit(s.event(caller, room, MetadataDeleted{removed}))
	})
}

// removeKeys deletes the keys that exist and returns them in the order asked, each once.
func removeKeys(tx Tx, app AppID, room RoomID, keys []string) ([]string, error) {
	keys, err := existingKeys(tx, app, room, keys)
	if err != nil {
		return nil, err
	}
	removed := make([]string, 0, min(len(keys), maxMetadataKeys))
	for _, k := range keys {
		had, err := tx.DeleteMetadata(app, room, k)
		if err != nil {
			return nil, err
		}
		if had {
			removed = append(removed, k)
		}
	}
	return removed, nil
}

// existingKeys cuts a list longer than a room can have keys down to those it has, so that a call with very many keys
// costs no more than one with ten.
func existingKeys(r Reader, app AppID, room RoomID, keys []string) ([]string, error) {
	if len(keys) <= maxMetadataKeys {
		return keys, nil
	}
	sizes, err := r.MetadataSizes(app, room)
	if err != nil {
		return nil, err
	}
	existing := make([]string, 0, len(sizes))
	for _, k := range keys {
		if _, ok := sizes[k]; ok {
			existing = append(existing, k)
			delete(sizes, k)
		}
	}
	return existing, nil
}
