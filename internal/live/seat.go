package live

import (
	"context"
	"slices"

	"github.com/greenroom-live/greenroom/webhook"
)

// AnySeat stands for whichever seat is free, where the caller leaves the choice to the server.
const AnySeat = -1

// maxKickData bounds the text that a user who is taken off a seat is told; the contract names no bound.
const maxKickData = 1000 // bytes

// Seat is one seat of a room. What is locked about it is the seat's own: it stays when another user sits down.
type Seat struct {
	Index       int    // from 0
	Sitter      Sitter // its ID is empty when nobody sits there
	Locked      bool   // nobody may take it; a locked seat is empty
	VideoLocked bool   // whoever sits there may not publish video
	AudioLocked bool   // whoever sits there may not publish audio
}

// Sitter is who sits on a seat: a member who is online, or a robot of the room.
type Sitter struct {
	Account
	Role Role
}

// Taken tells whether somebody sits there.
func (s Seat) Taken() bool { return s.Sitter.ID != "" }

// Fresh tells whether the seat is as in a new room: empty, and nothing is locked.
func (s Seat) Fresh() bool { return s == Seat{Index: s.Index} }

type seatReader interface {
	// Seats returns those seats of the room that are not [Seat.Fresh], ordered by index, their sitters with their
	// profiles. The roles are not filled in.
	Seats(app AppID, room RoomID) ([]Seat, error)
}

type seatWriter interface {
	// PutSeats writes these seats as they are now.
	PutSeats(app AppID, room RoomID, seats []Seat) error
}

// SeatsChanged is a change of a room's seats: who sits where, or what is locked.
type SeatsChanged struct {
	Before []Seat // all seats of the room, by index
	Seats  []Seat // the same after the change
	Kick   SeatKick
}

// SeatKick is a sitter's removal by somebody else.
type SeatKick struct {
	Index int
	User  UserID // empty when nobody was removed
	Host  Account
	Data  string // what the user is told
}

// Webhook tells all seats as they are after the change (doc 64425).
func (c SeatsChanged) Webhook(e Event) webhook.Event {
	list := make([]webhook.Seat, len(c.Seats))
	for i, s := range c.Seats {
		list[i] = webhook.Seat{
			Index: s.Index, MemberAccount: string(s.Sitter.ID),
			IsTakenDisabled: s.Locked, IsVideoDisabled: s.VideoLocked, IsAudioDisabled: s.AudioLocked,
		}
	}
	return webhook.AfterSeatInfoChanged{RoomID: string(e.Room), SeatList: list, EventTime: e.At.UnixMilli()}
}

// SeatLock says what becomes of a seat's locks. A nil field stays as it is.
type SeatLock struct{ Taken, Video, Audio *bool }

// MovePolicy says what happens when somebody is moved to a seat that another user has (doc 72685).
type MovePolicy int

const (
	MoveAbort   MovePolicy = iota // refuse with [CodeSeatHasUser]
	MoveReplace                   // the other one loses its seat
	MoveSwap                      // the two change places
)

// ParseMovePolicy accepts a policy's number from outside, or refuses it with [CodeBadParameter].
func ParseMovePolicy(n int) (MovePolicy, error) {
	if p := MovePolicy(n); p >= MoveAbort && p <= MoveSwap {
		return p, nil
	}
	return 0, badParameter("Policy must be %d, %d or %d", MoveAbort, MoveReplace, MoveSwap)
}

// Device is what a user publishes with.
type Device uint8

const (
	Microphone Device = iota
	Camera
)

// Seats returns all seats of the room, none when it has no seats. A user must be in the room, or own or administer it.
func (s *Service) Seats(ctx context.Context, caller Caller, id RoomID) ([]Seat, error) {
	var seats []Seat
	err := s.store.View(ctx, func(r Reader) error {
		if err := authorizeMember(r, caller, id); err != nil {
			return err
		}
		room, err := roomRow(r, caller.App, id)
		if err != nil {
			return err
		}
		seats, err = seatsOf(r, caller.App, room)
		return err
	})
	return seats, err
}

// TakeSeat puts the caller, who must be in the room ([CodeNotMember]), onto an empty seat or, with [AnySeat], onto the
// first free one, and returns which ([CodeSeatLocked], [CodeSeatHasUser], [CodeSeatsFull], [CodeOnSeat]). Where seats
// are given on application ([ApplyToTake]), only the owner and administrators sit down by themselves.
func (s *Service) TakeSeat(ctx context.Context, caller Caller, id RoomID, index int) (int, error) {
	var taken int
	err := s.updateSeats(ctx, caller, id, RoleMember, func(seats *seating) (err error) {
		taken = index
		if err := seats.checkPresent(caller.User); err != nil {
			return err
		}
		if err := seats.checkTaking(caller); err != nil {
			return err
		}
		if index == AnySeat {
			if taken, err = seats.choose(caller.User); err != nil {
				return err
			}
		}
		return seats.sit(caller.User, taken)
	})
	return taken, err
}

// PickUserOnSeat puts user onto an empty seat, without asking it (doc 64428). [CodeNotMember] when the user is neither
// online in the room nor one of its robots, [CodeOnSeat] when it has a seat, [CodeSeatLocked] and [CodeSeatHasUser] when
// it cannot have that one. A calling user must be the room's owner or one of its administrators.
func (s *Service) PickUserOnSeat(ctx context.Context, caller Caller, id RoomID, index int, user UserID) error {
	return s.updateSeats(ctx, caller, id, RoleAdmin, func(seats *seating) error {
		return seats.sit(user, index)
	})
}

// LeaveSeat gives up the caller's seat, or refuses with [CodeNotOnSeat].
func (s *Service) LeaveSeat(ctx context.Context, caller Caller, id RoomID) error {
	return s.updateSeats(ctx, caller, id, RoleMember, func(seats *seating) error {
		seat, err := seats.ofPresent(caller.User)
		if err == nil {
			seat.Sitter = Sitter{}
		}
		return err
	})
}

// KickUserOffSeat takes user off its seat and tells it so, with data, at most 1,000 bytes (doc 64429); [CodeNotOnSeat]
// when it has none. A calling user must be the room's owner or one of its administrators.
func (s *Service) KickUserOffSeat(ctx context.Context, caller Caller, id RoomID, user UserID, data string) error {
	if len(data) > maxKickData {
		return badParameter("Data has %d bytes, at most %d are allowed", len(data), maxKickData)
	}
	return s.updateSeats(ctx, caller, id, RoleAdmin, func(seats *seating) error {
		seat := seats.of(user)
		if seat == nil {
			return notOnSeat(user)
		}
		seats.kick(seat, data)
		return nil
	})
}

// LockSeat sets or lifts the locks of a seat (doc 64430). Locking a seat that is taken takes its user off first. A
// calling user must be the room's owner or one of its administrators.
func (s *Service) LockSeat(ctx context.Context, caller Caller, id RoomID, index int, lock SeatLock) error {
	return s.updateSeats(ctx, caller, id, RoleAdmin, func(seats *seating) error {
		seat, err := seats.at(index)
		if err == nil {
			seats.lock(seat, lock)
		}
		return err
	})
}

// LockDevice sets or lifts the lock of one device on the seat that user has; [CodeNotOnSeat] when it has none. A calling
// user must be the room's owner or one of its administrators.
func (s *Service) LockDevice(ctx context.Context, caller Caller, id RoomID, user UserID, device Device, locked bool) error {
	return s.updateSeats(ctx, caller, id, RoleAdmin, func(seats *seating) error {
		seat := seats.of(user)
		if seat == nil {
			return notOnSeat(user)
		}
		switch device {
		case Microphone:
			seat.AudioLocked = locked
		case Camera:
			seat.VideoLocked = locked
		}
		return nil
	})
}

// SwitchSeat moves user from its seat to an empty one (doc 72552). [CodeNotMember] when the user is not in the room,
// [CodeNotOnSeat] when it has no seat, [CodeSeatLocked] and [CodeSeatHasUser] when it cannot have that one. A calling
// user must be the room's owner or one of its administrators.
func (s *Service) SwitchSeat(ctx context.Context, caller Caller, id RoomID, user UserID, index int) error {
	return s.updateSeats(ctx, caller, id, RoleAdmin, func(seats *seating) error {
		return seats.switchTo(user, index)
	})
}

// MoveUserToSeat moves user from its seat to another, which is unlocked if it was locked (doc 72685); policy says what
// becomes of another user there. [CodeNotMember] when the user is not in the room, [CodeNotOnSeat] when it has no seat.
// The room's owner and its administrators may move everybody. Other users may move themselves, to a seat that is empty
// and not locked, whatever the policy.
func (s *Service) MoveUserToSeat(ctx context.Context, caller Caller, id RoomID, user UserID, index int, policy MovePolicy) error {
	least := RoleAdmin
	if user == caller.User {
		least = RoleMember
	}
	return s.updateSeats(ctx, caller, id, least, func(seats *seating) error {
		err := authorize(seats.tx, caller, id, RoleAdmin)
		if CodeOf(err) == CodeNoPermission {
			return seats.switchTo(user, index)
		}
		if err != nil {
			return err
		}
		return seats.move(user, index, policy)
	})
}

// updateSeats lets f change the seats of a room for a caller with at least that role; [CodeNoSeats] when it has none.
func (s *Service) updateSeats(ctx context.Context, caller Caller, id RoomID, least Role, f func(*seating) error) error {
	return s.store.Update(ctx, func(tx Tx) error {
		if err := authorize(tx, caller, id, least); err != nil {
			return err
		}
		room, err := roomRow(tx, caller.App, id)
		if err != nil {
			return err
		}
		if !room.SeatEnabled {
			return Refuse(CodeNoSeats, "room %q has no seats", id)
		}
		return s.changeSeats(tx, caller, room, f)
	})
}

// changeSeats lets f change the seats of a room, and tells what came of it. When nothing did, nobody is told.
func (s *Service) changeSeats(tx Tx, caller Caller, room Room, f func(*seating) error) error {
	before, err := seatsOf(tx, caller.App, room)
	if err != nil {
		return err
	}
	now := &seating{tx: tx, app: caller.App, room: room, seats: slices.Clone(before)}
	if err := f(now); err != nil {
		return err
	}
	var changed []Seat
	for i, seat := range now.seats {
		if seat != before[i] {
			changed = append(changed, seat)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	if err := tx.PutSeats(caller.App, room.ID, changed); err != nil {
		return err
	}
	if now.kicked.User != "" {
		if now.kicked.Host, err = profile(tx, caller.App, caller.User); err != nil {
			return err
		}
	}
	return tx.Emit(s.event(caller, room.ID, SeatsChanged{before, now.seats, now.kicked}))
}

// seatOwner gives the arriving owner of a room that keeps its owner on a seat the first free one, seat 0 if possible.
func (s *Service) seatOwner(tx Tx, caller Caller, room Room, user UserID) error {
	if !room.KeepOwnerOnSeat || user != room.Owner {
		return nil
	}
	return s.changeSeats(tx, caller, room, func(seats *seating) error {
		free := seats.firstFree()
		if free == nil || seats.of(user) != nil {
			return nil
		}
		return seats.put(free, user)
	})
}

// vacate frees the seats of users who are not in the room any more.
func (s *Service) vacate(tx Tx, caller Caller, room Room, users ...UserID) error {
	if !room.SeatEnabled {
		return nil
	}
	kept, err := tx.Seats(caller.App, room.ID)
	if err != nil || !slices.ContainsFunc(kept, func(seat Seat) bool { return slices.Contains(users, seat.Sitter.ID) }) {
		return err
	}
	return s.changeSeats(tx, caller, room, func(seats *seating) error {
		for _, user := range users {
			if seat := seats.of(user); seat != nil {
				seat.Sitter = Sitter{}
			}
		}
		return nil
	})
}

// seatsOf returns all seats of the room, by index.
func seatsOf(r Reader, app AppID, room Room) ([]Seat, error) {
	if !room.SeatEnabled {
		return []Seat{}, nil
	}
	seats := make([]Seat, room.MaxSeatCount)
	for i := range seats {
		seats[i].Index = i
	}
	kept, err := r.Seats(app, room.ID)
	if err != nil || len(kept) == 0 {
		return seats, err
	}
	admins, err := r.Admins(app, room.ID)
	if err != nil {
		return nil, err
	}
	for _, seat := range kept {
		switch {
		case seat.Sitter.ID == room.Owner:
			seat.Sitter.Role = RoleOwner
		case slices.Contains(admins, seat.Sitter.ID):
			seat.Sitter.Role = RoleAdmin
		}
		seats[seat.Index] = seat // a room's number of seats never changes
	}
	return seats, nil
}

// seatTemplate is a seat layout that a room can be created with.
type seatTemplate struct {
	layout   int // its number in the older, numeric form; 0 when it has none
	seats    int // seats it has, or by default has when the caller chooses
	ownCount bool
}

// seatTemplates by name; some names exist in two spellings, and both are met in real clients.
var seatTemplates = map[string]seatTemplate{
	"VideoDynamicGrid9Seats":  {layout: 600, seats: 9},
	"VideoDynamicFloat7Seats": {layout: 601, seats: 7},
	"VideoFixedGrid9Seats":    {layout: 800, seats: 9},
	"VideoFixedFloat7Seats":   {layout: 801, seats: 7},
	"VideoLandscape4Seats":    {layout: 200, seats: 4},
	"VideoLandscape4Seat":     {layout: 200, seats: 4},
	"VideoLeftFocus9Seats":    {seats: 9},
	"VideoUniformGrid9Seats":  {seats: 9},
	"AudioSalon":              {layout: 70, seats: 8, ownCount: true},
	"Karaoke":                 {seats: 8, ownCount: true},
	"karaoke":                 {seats: 8, ownCount: true},
}

// maxLayoutTemplate is the highest number of a seat layout: 1 to 199 are voice rooms, 200 to 999 video rooms.
const maxLayoutTemplate = 999

// furnish decides about the room's seats. Three generations of the contract ask for them in three ways: by a
// template's name, by a layout's number, or by IsSeatEnabled with a count. Video templates have a fixed number of
// seats; elsewhere the caller's MaxSeatCount holds, up to the server's limit ([CodeOverLimit] beyond it).
func (s *Service) furnish(room *Room, spec RoomSpec) error {
	template, named := seatTemplate{seats: s.limits.MaxSeats, ownCount: true}, false
	if spec.SeatTemplate != nil {
		if template, named = seatTemplates[*spec.SeatTemplate]; !named {
			return badParameter("SeatTemplate %q is not known", *spec.SeatTemplate)
		}
		room.SeatTemplate, room.SeatLayoutTemplateID = *spec.SeatTemplate, template.layout
	}
	if id := spec.SeatLayoutTemplateID; id != nil && !named {
		if *id < 1 || *id > maxLayoutTemplate {
			return badParameter("SeatLayoutTemplateId must be 1 to %d", maxLayoutTemplate)
		}
		room.SeatLayoutTemplateID, named = *id, true
		template = layoutTemplate(*id, template)
	}
	room.SeatEnabled = named
	if spec.SeatEnabled != nil && spec.SeatTemplate == nil {
		room.SeatEnabled = *spec.SeatEnabled
	}
	count := min(template.seats, s.limits.MaxSeats)
	if n := spec.MaxSeatCount; n != nil && *n != 0 {
		if *n < 0 {
			return badParameter("MaxSeatCount must not be negative")
		}
		if *n > s.limits.MaxSeats {
			return Refuse(CodeOverLimit, "MaxSeatCount may be %d at most", s.limits.MaxSeats)
		}
		if template.ownCount {
			count = *n
		}
	}
	if room.SeatEnabled {
		room.MaxSeatCount = count
	}
	return nil
}

// layoutTemplate returns the template of that number, or fallback for a number of the caller's own.
func layoutTemplate(id int, fallback seatTemplate) seatTemplate {
	for _, t := range seatTemplates {
		if t.layout == id {
			return t
		}
	}
	return fallback
}
