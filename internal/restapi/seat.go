package restapi

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

type seat struct {
	Index           int    `json:"Index" doc:"The seat's number, from 0."`
	MemberAccount   string `json:"Member_Account,omitempty" doc:"Who sits there; left out when nobody does."`
	IsTakenDisabled bool   `json:"IsTakenDisabled" doc:"Whether the seat is locked: nobody may take it."`
	IsVideoDisabled bool   `json:"IsVideoDisabled" doc:"Whether publishing video is forbidden on the seat."`
	IsAudioDisabled bool   `json:"IsAudioDisabled" doc:"Whether publishing audio is forbidden on the seat."`
}

type getSeatListResponse struct {
	SeatList []seat `json:"SeatList" doc:"All seats of the room by Index, empty ones included; an empty list for a room without seats."`
}

// getSeatList is get_seat_list (doc 64427).
func getSeatList(ctx context.Context, c *call, in *roomRequest) (*getSeatListResponse, error) {
	id, err := live.ParseRoomID(in.RoomID)
	if err != nil {
		return nil, err
	}
	seats, err := c.live.Seats(ctx, c.caller, id)
	if err != nil {
		return nil, err
	}
	out := &getSeatListResponse{make([]seat, len(seats))}
	for i, s := range seats {
		out.SeatList[i] = seat{s.Index, string(s.Sitter.ID), s.Locked, s.VideoLocked, s.AudioLocked}
	}
	return out, nil
}

type pickUserOnSeatRequest struct {
	RoomID        string `json:"RoomId" req:"true" doc:"The room, 1 to 48 bytes of printable ASCII."`
	Index         *int   `json:"Index" req:"true" doc:"The seat's number, from 0 to one less than the room's MaxSeatCount."`
	MemberAccount string `json:"Member_Account" req:"true" doc:"Whom to seat: a user who is online in the room, or one of its robots."`
}

// pickUserOnSeat is pick_user_on_seat (doc 64428).
func pickUserOnSeat(ctx context.Context, c *call, in *pickUserOnSeatRequest) (*none, error) {
	id, user, err := roomAndSitter(in.RoomID, in.MemberAccount)
	if err != nil {
		return nil, err
	}
	index, err := requiredInt("Index", in.Index)
	if err != nil {
		return nil, err
	}
	return nil, c.live.PickUserOnSeat(ctx, c.caller, id, index, user)
}

type kickUserOffSeatRequest struct {
	RoomID        string `json:"RoomId" req:"true" doc:"The room, 1 to 48 bytes of printable ASCII."`
	MemberAccount string `json:"Member_Account" req:"true" doc:"Who is to lose its seat."`
	Data          string `json:"Data" doc:"A text that the user is told, at most 1,000 bytes; default none."`
}

// kickUserOffSeat is kick_user_off_seat (doc 64429). Real callers leave out Data, which the page calls mandatory.
func kickUserOffSeat(ctx context.Context, c *call, in *kickUserOffSeatRequest) (*none, error) {
	id, user, err := roomAndSitter(in.RoomID, in.MemberAccount)
	if err != nil {
		return nil, err
	}
	return nil, c.live.KickUserOffSeat(ctx, c.caller, id, user, in.Data)
}

type lockSeatRequest struct {
	RoomID      string `json:"RoomId" req:"true" doc:"The room, 1 to 48 bytes of printable ASCII."`
	Index       *int   `json:"Index" req:"true" doc:"The seat's number, from 0 to one less than the room's MaxSeatCount."`
	ForbidTaken *bool  `json:"ForbidTaken" doc:"true locks the seat and takes its user off, false unlocks it; default: as it is."`
	ForbidVideo *bool  `json:"ForbidVideo" doc:"true forbids to publish video on the seat, false allows it; default: as it is."`
	ForbidAudio *bool  `json:"ForbidAudio" doc:"true forbids to publish audio on the seat, false allows it; default: as it is."`
}

// lockSeat is lock_seat (doc 64430).
func lockSeat(ctx context.Context, c *call, in *lockSeatRequest) (*none, error) {
	id, err := live.ParseRoomID(in.RoomID)
	if err != nil {
		return nil, err
	}
	index, err := requiredInt("Index", in.Index)
	if err != nil {
		return nil, err
	}
	lock := live.SeatLock{Taken: in.ForbidTaken, Video: in.ForbidVideo, Audio: in.ForbidAudio}
	return nil, c.live.LockSeat(ctx, c.caller, id, index, lock)
}

type switchSeatRequest struct {
	RoomID        string `json:"RoomId" req:"true" doc:"The room, 1 to 48 bytes of printable ASCII."`
	MemberAccount string `json:"Member_Account" req:"true" doc:"Who is to change its seat."`
	ToIndex       *int   `json:"ToIndex" req:"true" doc:"The number of the new seat, which must be empty and not locked."`
}

// switchSeat is switch_seat (doc 72552).
func switchSeat(ctx context.Context, c *call, in *switchSeatRequest) (*none, error) {
	id, user, err := roomAndSitter(in.RoomID, in.MemberAccount)
	if err != nil {
		return nil, err
	}
	index, err := requiredInt("ToIndex", in.ToIndex)
	if err != nil {
		return nil, err
	}
	return nil, c.live.SwitchSeat(ctx, c.caller, id, user, index)
}

type moveUserToSeatRequest struct {
	RoomID        string `json:"RoomId" req:"true" doc:"The room, 1 to 48 bytes of printable ASCII."`
	MemberAccount string `json:"Member_Account" req:"true" doc:"Who is to change its seat."`
	SeatIndex     *int   `json:"SeatIndex" req:"true" doc:"The number of the new seat, which is unlocked if it was locked."`
	Policy        *int   `json:"Policy" req:"true" doc:"What happens when somebody sits there: 0 nothing, and the call fails; 1 that user loses its seat; 2 the two change places."`
}

// moveUserToSeat is move_user_to_seat (doc 72685).
func moveUserToSeat(ctx context.Context, c *call, in *moveUserToSeatRequest) (*none, error) {
	id, user, err := roomAndSitter(in.RoomID, in.MemberAccount)
	if err != nil {
		return nil, err
	}
	index, err := requiredInt("SeatIndex", in.SeatIndex)
	if err != nil {
		return nil, err
	}
	number, err := requiredInt("Policy", in.Policy)
	if err != nil {
		return nil, err
	}
	policy, err := live.ParseMovePolicy(number)
	if err != nil {
		return nil, err
	}
	return nil, c.live.MoveUserToSeat(ctx, c.caller, id, user, index, policy)
}

func roomAndSitter(room, account string) (live.RoomID, live.UserID, error) {
	id, err := live.ParseRoomID(room)
	if err != nil {
		return "", "", err
	}
	user, err := live.ParseUserID("Member_Account", account)
	return id, user, err
}

// requiredInt returns a number for which 0 is not the same as nothing.
func requiredInt(field string, n *int) (int, error) {
	if n == nil {
		return 0, live.Refuse(live.CodeBadParameter, "%s is missing", field)
	}
	return *n, nil
}
