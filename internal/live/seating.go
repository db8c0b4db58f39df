package live

import "slices"

// seating is all the seats of a room while an update changes them.
type seating struct {
	tx     Tx
	app    AppID
	room   Room
	seats  []Seat // by index
	kicked SeatKick
}

// at returns the seat of that index.
func (s *seating) at(index int) (*Seat, error) {
	if index < 0 || index >= len(s.seats) {
		return nil, badParameter("there is no seat %d: room %q has the seats 0 to %d", index, s.room.ID, len(s.seats)-1)
	}
	return &s.seats[index], nil
}

// of returns the seat that user has, nil when it has none.
func (s *seating) of(user UserID) *Seat {
	for i := range s.seats {
		if s.seats[i].Sitter.ID == user {
			return &s.seats[i]
		}
	}
	return nil
}

// ofPresent returns the seat that user must have, refusing one who is not even in the room as such.
func (s *seating) ofPresent(user UserID) (*Seat, error) {
	if seat := s.of(user); seat != nil {
		return seat, nil
	}
	if err := s.checkPresent(user); err != nil {
		return nil, err
	}
	return nil, notOnSeat(user)
}

// firstFree returns the free seat with the lowest index, nil when there is none.
func (s *seating) firstFree() *Seat {
	for i := range s.seats {
		if seat := &s.seats[i]; !seat.Taken() && !seat.Locked {
			return seat
		}
	}
	return nil
}

// checkPresent refuses a user who may have no seat, being neither online in the room nor one of its robots.
func (s *seating) checkPresent(user UserID) error {
	m, _, err := s.tx.Member(s.app, s.room.ID, user)
	if err != nil || m.Online {
		return err
	}
	robots, err := s.tx.Robots(s.app, s.room.ID)
	if err != nil || slices.Contains(robots, user) {
		return err
	}
	return Refuse(CodeNotMember, "%q is not in room %q", user, s.room.ID)
}

// checkTaking refuses a caller who would need somebody's consent to sit down.
func (s *seating) checkTaking(caller Caller) error {
	if s.room.TakeSeatMode != ApplyToTake {
		return nil
	}
	err := authorize(s.tx, caller, s.room.ID, RoleAdmin)
	if CodeOf(err) == CodeNoPermission {
		return Refuse(CodeNoPermission, "room %q gives seats on application only", s.room.ID)
	}
	return err
}

// choose returns the seat that user gets who wants any.
func (s *seating) choose(user UserID) (int, error) {
	if err := s.checkSeatless(user); err != nil {
		return AnySeat, err
	}
	free := s.firstFree()
	if free == nil {
		return AnySeat, Refuse(CodeSeatsFull, "room %q has no free seat", s.room.ID)
	}
	return free.Index, nil
}

func (s *seating) checkSeatless(user UserID) error {
	if seat := s.of(user); seat != nil {
		return Refuse(CodeOnSeat, "%q is already on seat %d", user, seat.Index)
	}
	return nil
}

// checkFree refuses a seat that cannot be taken.
func checkFree(seat *Seat) error {
	if seat.Locked {
		return Refuse(CodeSeatLocked, "seat %d is locked", seat.Index)
	}
	if seat.Taken() {
		return seatHasUser(seat)
	}
	return nil
}

func seatHasUser(seat *Seat) error {
	return Refuse(CodeSeatHasUser, "%q is on seat %d", seat.Sitter.ID, seat.Index)
}

func notOnSeat(user UserID) error { return Refuse(CodeNotOnSeat, "%q is on no seat", user) }

// sit puts a user who has no seat onto a free one.
func (s *seating) sit(user UserID, index int) error {
	seat, err := s.at(index)
	if err != nil {
		return err
	}
	if err := s.checkPresent(user); err != nil {
		return err
	}
	if err := s.checkSeatless(user); err != nil {
		return err
	}
	if err := checkFree(seat); err != nil {
		return err
	}
	return s.put(seat, user)
}

func (s *seating) put(seat *Seat, user UserID) error {
	account, err := profile(s.tx, s.app, user)
	if err != nil {
		return err
	}
	role, err := roleOf(s.tx, s.app, s.room.ID, s.room.Owner, user)
	if err != nil {
		return err
	}
	seat.Sitter = Sitter{account, role}
	return nil
}

// kick removes who sits there. One change removes one user at most.
func (s *seating) kick(seat *Seat, data string) {
	s.kicked = SeatKick{Index: seat.Index, User: seat.Sitter.ID, Data: data}
	seat.Sitter = Sitter{}
}

func (s *seating) lock(seat *Seat, l SeatLock) {
	for _, set := range []struct{ lock, to *bool }{
		{&seat.Locked, l.Taken}, {&seat.VideoLocked, l.Video}, {&seat.AudioLocked, l.Audio},
	} {
		if set.to != nil {
			*set.lock = *set.to
		}
	}
	if seat.Locked && seat.Taken() {
		s.kick(seat, "")
	}
}

// switchTo moves user to a seat that is free, or its own.
func (s *seating) switchTo(user UserID, index int) error {
	from, to, err := s.way(user, index)
	if err != nil || from == to {
		return err
	}
	if err := checkFree(to); err != nil {
		return err
	}
	from.Sitter, to.Sitter = Sitter{}, from.Sitter
	return nil
}

// move moves user to any seat, as policy says.
func (s *seating) move(user UserID, index int, policy MovePolicy) error {
	from, to, err := s.way(user, index)
	if err != nil || from == to {
		return err
	}
	if to.Taken() && policy == MoveAbort {
		return seatHasUser(to)
	}
	if to.Taken() && policy == MoveReplace {
		s.kick(to, "")
	}
	to.Locked = false
	from.Sitter, to.Sitter = to.Sitter, from.Sitter
	return nil
}

// way returns the seats from which and to which user moves.
func (s *seating) way(user UserID, index int) (from, to *Seat, err error) {
	if to, err = s.at(index); err != nil {
		return nil, nil, err
	}
	from, err = s.ofPresent(user)
	return from, to, err
}
