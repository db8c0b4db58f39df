package client

import "context"

const seats = "room_engine_http_mic/"

// Codes of seats and robots that callers often treat on their own (doc 60027).
const (
	CodeNotInRoom   Code = 100005 // the user is neither online in the room nor one of its robots
	CodeOverLimit   Code = 100013 // of the server, like the robots of a room
	CodeSeatLocked  Code = 100200 // nobody may take it
	CodeOnSeat      Code = 100203 // the user has a seat already
	CodeNotOnSeat   Code = 100206 // the user has none
	CodeSeatHasUser Code = 100210 // somebody else sits there
	CodeNoSeats     Code = 100211 // the room has no seats
)

// Seat is one seat of a room (doc 64427).
type Seat struct {
	Index           int    // from 0
	UserID          string `json:"Member_Account,omitzero"` // empty when nobody sits there
	IsTakenDisabled bool   // locked: nobody may take it
	IsVideoDisabled bool   // publishing video is forbidden
	IsAudioDisabled bool   // publishing audio is forbidden
}

// SeatLock says what becomes of a seat's locks; what is nil stays as it is.
type SeatLock struct {
	ForbidTaken *bool `json:",omitzero"` // true also takes the seat's user off
	ForbidVideo *bool `json:",omitzero"`
	ForbidAudio *bool `json:",omitzero"`
}

// MovePolicy says what happens when a user is moved to a seat that another one has.
type MovePolicy int

// What [Client.MoveUserToSeat] does with a seat that is taken.
const (
	AbortWhenOccupied MovePolicy = 0 // fails with [CodeSeatHasUser]
	ForceReplace      MovePolicy = 1 // the other user loses its seat
	SwapPosition      MovePolicy = 2 // the two change places
)

// Seats returns all seats of a room by index, none when it has no seats (doc 64427). It fails with [CodeRoomNotFound].
func (c *Client) Seats(ctx context.Context, roomID string) ([]Seat, error) {
	var out struct{ SeatList []Seat }
	err := c.Do(ctx, seats+"get_seat_list", roomRequest{roomID}, &out)
	return out.SeatList, err
}

// PickUserOnSeat puts a user who is online in a room, or a robot of it, onto an empty seat (doc 64428). It fails with
// [CodeRoomNotFound], [CodeNoSeats], [CodeNotInRoom], [CodeOnSeat], [CodeSeatLocked], [CodeSeatHasUser].
func (c *Client) PickUserOnSeat(ctx context.Context, roomID, userID string, index int) error {
	in := struct {
		RoomID string `json:"RoomId"`
		UserID string `json:"Member_Account"`
		Index  int
	}{roomID, userID, index}
	return c.Do(ctx, seats+"pick_user_on_seat", in, nil)
}

// KickUserOffSeat takes a user off its seat and tells it so, with data, at most 1,000 bytes and possibly empty (doc 64429).
// It fails with [CodeRoomNotFound], [CodeNoSeats], [CodeNotOnSeat].
func (c *Client) KickUserOffSeat(ctx context.Context, roomID, userID, data string) error {
	in := struct {
		RoomID string `json:"RoomId"`
		UserID string `json:"Member_Account"`
		Data   string
	}{roomID, userID, data}
	return c.Do(ctx, seats+"kick_user_off_seat", in, nil)
}

// LockSeat sets or lifts locks of a seat (doc 64430). It fails with [CodeRoomNotFound], [CodeNoSeats].
func (c *Client) LockSeat(ctx context.Context, roomID string, index int, lock SeatLock) error {
	in := struct {
		RoomID string `json:"RoomId"`
		Index  int
		SeatLock
	}{roomID, index, lock}
	return c.Do(ctx, seats+"lock_seat", in, nil)
}

// SwitchSeat moves a user from its seat to an empty one that is not locked (doc 72552). It fails with [CodeRoomNotFound],
// [CodeNoSeats], [CodeNotInRoom], [CodeNotOnSeat], [CodeSeatLocked], [CodeSeatHasUser].
func (c *Client) SwitchSeat(ctx context.Context, roomID, userID string, to int) error {
	in := struct {
		RoomID  string `json:"RoomId"`
		UserID  string `json:"Member_Account"`
		ToIndex int
	}{roomID, userID, to}
	return c.Do(ctx, seats+"switch_seat", in, nil)
}

// MoveUserToSeat moves a user from its seat to another one, which is unlocked if it was locked (doc 72685). It fails with
// [CodeRoomNotFound], [CodeNoSeats], [CodeNotInRoom], [CodeNotOnSeat], and [CodeSeatHasUser] with [AbortWhenOccupied].
func (c *Client) MoveUserToSeat(ctx context.Context, roomID, userID string, to int, policy MovePolicy) error {
	in := struct {
		RoomID    string `json:"RoomId"`
		UserID    string `json:"Member_Account"`
		SeatIndex int
		Policy    MovePolicy
	}{roomID, userID, to, policy}
	return c.Do(ctx, seats+"move_user_to_seat", in, nil)
}
