package live

// A robot is an account that the app server puts into a room without a client connection, for a stream that comes from
// elsewhere to have a user (doc 69079). It is no member: nobody is told that it came or went, and it does not count as
// a viewer. A room with a robot is never dissolved for being empty (doc 69081).
type robotReader interface {
	// Robots returns the room's robots, ordered by id.
	Robots(app AppID, room RoomID) ([]UserID, error)
}

type robotWriter interface {
	PutRobot(app AppID, room RoomID, user UserID) error
	// DeleteRobot tells whether there was such a robot.
	DeleteRobot(app AppID, room RoomID, user UserID) (bool, error)
}
