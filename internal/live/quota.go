package live

import "github.com/greenroom-live/greenroom/webhook"

type roomCountReader interface {
	// RoomCount returns how many rooms the app has. It costs the same however many they are.
	RoomCount(app AppID) (int, error)
}

// QuotaNear is told with a room's creation while the app has 70 % of the rooms that it may have, or more.
type QuotaNear struct {
	Rooms int // the new one among them
	Max   int
}

// Webhook tells how many rooms there are and may be (doc 70485).
func (c QuotaNear) Webhook(e Event) webhook.Event {
	return webhook.AfterCreateRoomReachingThreshold{
		OperatorAccount: string(e.By.User), EventTime: e.At.UnixMilli(), CurRoomCount: c.Rooms, MaxRoomCount: c.Max,
	}
}

// allowRoom refuses one more room with [CodeOverLimit] when the app has as many as it may have.
func (s *Service) allowRoom(r Reader, app AppID) error {
	most := s.apps[app].MaxRooms
	if most == 0 {
		return nil
	}
	rooms, err := r.RoomCount(app)
	if err == nil && rooms >= most {
		err = Refuse(CodeOverLimit, "the app has %d rooms and may have %d", rooms, most)
	}
	return err
}

// tellQuota tells the app server, after a room was made, that not many more can be. The event belongs to no room.
func (s *Service) tellQuota(tx Tx, caller Caller) error {
	most := s.apps[caller.App].MaxRooms
	if most == 0 {
		return nil
	}
	rooms, err := tx.RoomCount(caller.App)
	if err != nil || rooms*10 < most*7 {
		return err
	}
	return tx.Emit(s.event(caller, "", QuotaNear{rooms, most}))
}
