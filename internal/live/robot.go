package live

import "context"

// maxRobotsCall is how many accounts one call may name; the contract names no bound (docs 69079, 69080).
const maxRobotsCall = 20

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

// AddRobots puts users into the room as robots (doc 69079); who is one already stays one. [CodeOverLimit] past the
// server's limit of robots in a room, and then nobody is added. A calling user must be the room's owner.
func (s *Service) AddRobots(ctx context.Context, caller Caller, room RoomID, users []UserID) error {
	if err := checkRobotsCall(users); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if err := authorize(tx, caller, room, RoleOwner); err != nil {
			return err
		}
		for _, user := range users {
			if err := s.admit(tx, caller.App, "RobotList_Account", user); err != nil {
				return err
			}
			if err := tx.PutRobot(caller.App, room, user); err != nil {
				return err
			}
		}
		robots, err := tx.Robots(caller.App, room)
		if err == nil && len(robots) > s.limits.MaxRobots {
			err = Refuse(CodeOverLimit, "room %q would have %d robots, at most %d are allowed", room, len(robots), s.limits.MaxRobots)
		}
		return err
	})
}

// DeleteRobots takes robots out of the room, and off their seats (doc 69080); users who are none are passed over. A
// calling user must be the room's owner.
func (s *Service) DeleteRobots(ctx context.Context, caller Caller, id RoomID, users []UserID) error {
	if err := checkRobotsCall(users); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if err := authorize(tx, caller, id, RoleOwner); err != nil {
			return err
		}
		room, err := roomRow(tx, caller.App, id)
		if err != nil {
			return err
		}
		var gone []UserID
		for _, user := range users {
			was, err := tx.DeleteRobot(caller.App, id, user)
			if err != nil {
				return err
			}
			if was {
				gone = append(gone, user)
			}
		}
		if len(gone) == 0 {
			return nil
		}
		if err := s.robotsLeft(tx, caller.App, room); err != nil {
			return err
		}
		return s.vacate(tx, caller, room, gone...)
	})
}

func checkRobotsCall(users []UserID) error {
	if len(users) == 0 || len(users) > maxRobotsCall {
		return badParameter("RobotList_Account must name 1 to %d accounts", maxRobotsCall)
	}
	return nil
}

// Robots returns the room's robots, ordered by id (doc 69081). A user must be in the room, or own or administer it.
func (s *Service) Robots(ctx context.Context, caller Caller, room RoomID) ([]UserID, error) {
	var robots []UserID
	err := s.store.View(ctx, func(r Reader) error {
		if err := authorizeMember(r, caller, room); err != nil {
			return err
		}
		var err error
		robots, err = r.Robots(caller.App, room)
		return err
	})
	return robots, err
}
