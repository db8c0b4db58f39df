package live

import (
	"slices"
	"time"
)

// Lifetime are an app's rules for ending rooms that nobody ends (doc 63406). They hold for all its rooms.
type Lifetime struct {
	// Empty ends a room that somebody has entered and that nobody is in any more, after this time; 30 min when 0. It
	// spares rooms with robots.
	Empty time.Duration
	// OwnerLeft ends a room whose owner left it by the call and did not come back within this time; never when 0.
	OwnerLeft time.Duration
	// OwnerOffline ends a room whose owner was lost, or thrown out, and did not come back within this time; never when 0.
	OwnerOffline time.Duration
}

const defaultEmpty = 30 * time.Minute

// The timers of the three rules. A room has at most one of each.
const (
	timerRoomEmpty    TimerKind = "room_empty"
	timerOwnerLeft    TimerKind = "owner_left"
	timerOwnerOffline TimerKind = "owner_offline"
)

// lifetime returns how long the app lets a rule's condition last; 0 when the rule is off.
func (s *Service) lifetime(app AppID, rule TimerKind) time.Duration {
	a, served := s.apps[app]
	if !served {
		return 0 // its rooms wait until it is served again
	}
	switch rule {
	case timerOwnerLeft:
		return a.Lifetime.OwnerLeft
	case timerOwnerOffline:
		return a.Lifetime.OwnerOffline
	}
	if a.Lifetime.Empty == 0 {
		return defaultEmpty
	}
	return a.Lifetime.Empty
}

// arm begins to count for a rule, unless the rule is off.
func (s *Service) arm(tx Tx, app AppID, room RoomID, rule TimerKind) error {
	after := s.lifetime(app, rule)
	if after == 0 {
		return nil
	}
	return tx.PutTimer(Timer{App: app, Kind: rule, Room: room, At: s.now().Add(after)})
}

func disarm(tx Tx, app AppID, room RoomID, rules ...TimerKind) error {
	for _, rule := range rules {
		if err := tx.DeleteTimer(Timer{App: app, Kind: rule, Room: room}); err != nil {
			return err
		}
	}
	return nil
}

// lifetimeArrived ends the counting that user's coming, or coming back, puts an end to. Only the first one in a room and
// its owner cost anything.
func (s *Service) lifetimeArrived(tx Tx, app AppID, room Room, user UserID) error {
	if room.OnlineCount == 1 {
		if err := disarm(tx, app, room.ID, timerRoomEmpty); err != nil {
			return err
		}
	}
	if user != room.Owner {
		return nil
	}
	return disarm(tx, app, room.ID, timerOwnerLeft, timerOwnerOffline)
}

// lifetimeGone begins the counting that user's going, or having been lost, gives cause to. The room is as it is without
// the user.
func (s *Service) lifetimeGone(tx Tx, app AppID, room Room, user UserID, cause Cause) error {
	if room.OnlineCount == 0 {
		if err := s.arm(tx, app, room.ID, timerRoomEmpty); err != nil {
			return err
		}
	}
	if user != room.Owner {
		return nil
	}
	if cause == CauseLeave {
		return s.ownerLeft(tx, app, room.ID)
	}
	return s.arm(tx, app, room.ID, timerOwnerOffline)
}

// leftOffline counts for an owner who leaves by the call after having been lost.
func (s *Service) leftOffline(tx Tx, app AppID, room Room, user UserID) error {
	if user != room.Owner {
		return nil
	}
	return s.ownerLeft(tx, app, room.ID)
}

// ownerLeft counts for an owner who has left by the call, and no longer for one who was lost.
func (s *Service) ownerLeft(tx Tx, app AppID, room RoomID) error {
	if err := disarm(tx, app, room, timerOwnerOffline); err != nil {
		return err
	}
	return s.arm(tx, app, room, timerOwnerLeft)
}

// judgeOwner counts anew for a room that has got another owner: one who is a member and offline has the time of such an
// owner from now on. One who never came has not gone either.
func (s *Service) judgeOwner(tx Tx, app AppID, room RoomID, owner UserID) error {
	if err := disarm(tx, app, room, timerOwnerLeft, timerOwnerOffline); err != nil {
		return err
	}
	m, is, err := tx.Member(app, room, owner)
	if err != nil || !is || m.Online {
		return err
	}
	return s.arm(tx, app, room, timerOwnerOffline)
}

// robotsLeft is to be called when robots were deleted from a room: an empty one without robots has the time of an empty
// room from then on.
func (s *Service) robotsLeft(tx Tx, app AppID, room Room) error {
	if room.OnlineCount > 0 || room.ViewCount == 0 {
		return nil
	}
	robots, err := tx.Robots(app, room.ID)
	if err != nil || len(robots) > 0 {
		return err
	}
	return s.arm(tx, app, room.ID, timerRoomEmpty)
}

// endEmptyRoom carries out the first rule, if it still applies.
func (s *Service) endEmptyRoom(tx Tx, t Timer) error {
	return s.endRoom(tx, t, func(room Room, robots []UserID) bool {
		return room.OnlineCount == 0 && room.ViewCount > 0 && len(robots) == 0
	})
}

// endOwnerlessRoom carries out the second and the third rule, if they still apply.
func (s *Service) endOwnerlessRoom(tx Tx, t Timer) error {
	return s.endRoom(tx, t, func(room Room, robots []UserID) bool { return !slices.Contains(robots, room.Owner) })
}

func (s *Service) endRoom(tx Tx, t Timer, applies func(room Room, robots []UserID) bool) error {
	if s.lifetime(t.App, t.Kind) == 0 {
		return nil // switched off since
	}
	room, ok, err := tx.Room(t.App, t.Room)
	if err != nil || !ok {
		return err
	}
	robots, err := tx.Robots(t.App, t.Room)
	if err != nil || !applies(room, robots) {
		return err
	}
	if t.Kind != timerRoomEmpty {
		if m, _, err := tx.Member(t.App, t.Room, room.Owner); err != nil || m.Online {
			return err
		}
	}
	_, err = s.destroyRoom(tx, System(t.App), room)
	return err
}
