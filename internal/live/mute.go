package live

import "time"

// Forever is until when a mute holds that was given no end.
var Forever = time.Unix(1<<32-1, 0)

// Mute is a user who may send no messages to a room for a while. It outlives the user's leaving.
type Mute struct {
	User  UserID
	Until time.Time // whole seconds
}

type muteReader interface {
	// MutedUntil returns until when user is muted in the room; ok is false when nobody ever muted the user. The time may
	// have passed.
	MutedUntil(app AppID, room RoomID, user UserID) (until time.Time, ok bool, err error)
	// Mutes returns the mutes of the room that hold at now, ordered by user.
	Mutes(app AppID, room RoomID, now time.Time) ([]Mute, error)
}

type muteWriter interface {
	PutMute(app AppID, room RoomID, m Mute) error
	DeleteMute(app AppID, room RoomID, user UserID) error
}
