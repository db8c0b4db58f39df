package postgres

import (
	"encoding/binary"
	"hash/fnv"

	"github.com/greenroom-live/greenroom/internal/live"
)

// key names what an update locks, as PostgreSQL's advisory locks do: by a number. Different things may have the same number,
// though hardly ever; then one of them waits for nothing.
type key int64

// Kinds of things that are locked.
const (
	kindRoom    = 'r' // a room with all that is in it, and its lane
	kindAccount = 'u' // a user's profile, relations and revocation
	kindBattle  = 'b'
	kindApp     = 'a' // an app's catalogue of gifts and its webhook configuration
	kindCount   = 'c' // how many rooms an app has, where that is limited
	kindLog     = 'l' // the delivery log; see logWriters
	kindTrim    = 'd' // who trims the delivery log
	kindTimer   = 't' // a timer without a room
)

func newKey(kind byte, app live.AppID, id string) key {
	h := fnv.New64a()
	head := [5]byte{kind}
	binary.BigEndian.PutUint32(head[1:], uint32(app))
	_, _ = h.Write(head[:]) // never fails
	_, _ = h.Write([]byte(id))
	return key(h.Sum64())
}

// roomKey is of a room, and of the lane of that name; the empty room is the lane of events without a room.
func roomKey(app live.AppID, room live.RoomID) key { return newKey(kindRoom, app, string(room)) }

func accountKey(app live.AppID, user live.UserID) key { return newKey(kindAccount, app, string(user)) }

func battleKey(app live.AppID, battle live.BattleID) key {
	return newKey(kindBattle, app, string(battle))
}

func appKey(app live.AppID) key { return newKey(kindApp, app, "") }

func countKey(app live.AppID) key { return newKey(kindCount, app, "") }
