package gateway

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

type seatInfo struct {
	Index         int       `json:"index"` // from 0
	IsLocked      bool      `json:"isLocked"`
	IsAudioLocked bool      `json:"isAudioLocked"`
	IsVideoLocked bool      `json:"isVideoLocked"`
	UserInfo      *seatUser `json:"userInfo"` // null when nobody sits there
}

type seatUser struct {
	person
	Role                string `json:"role"`
	AllowOpenMicrophone bool   `json:"allowOpenMicrophone"`
	AllowOpenCamera     bool   `json:"allowOpenCamera"`
}

func newSeatInfo(s live.Seat) seatInfo {
	info := seatInfo{Index: s.Index, IsLocked: s.Locked, IsAudioLocked: s.AudioLocked, IsVideoLocked: s.VideoLocked}
	if s.Taken() {
		info.UserInfo = &seatUser{newPerson(s.Sitter.Account), roleName(s.Sitter.Role), !s.AudioLocked, !s.VideoLocked}
	}
	return info
}

func newSeatInfos(seats []live.Seat) []seatInfo {
	infos := make([]seatInfo, len(seats))
	for i, s := range seats {
		infos[i] = newSeatInfo(s)
	}
	return infos
}

type seatListChanged struct {
	SeatList   []seatInfo `json:"seatList"`   // all seats
	SeatedList []seatInfo `json:"seatedList"` // seats of users who had none before
	LeftList   []seatInfo `json:"leftList"`   // seats, as they were, of users who have none now
}

type kickedOffSeat struct {
	SeatIndex int    `json:"seatIndex"`
	HostUser  person `json:"hostUser"`
	Data      string `json:"data"`
}

type deviceOpened struct {
	Policy string `json:"policy"`
}

// policyUnlockOnly is the one thing that happens to a device that is opened from afar: it is unlocked, and its user may
// turn it on.
const policyUnlockOnly = "unlockOnly"

// seatNotices tells everybody the seats, and those alone whom it concerns what was done to them.
func seatNotices(c live.SeatsChanged) []notice {
	before, now := bySitter(c.Before), bySitter(c.Seats)
	list := seatListChanged{
		SeatList: newSeatInfos(c.Seats), SeatedList: newSeatInfos(without(c.Seats, before)),
		LeftList: newSeatInfos(without(c.Before, now)),
	}
	return append([]notice{{event: "seat.onSeatListChanged", data: list}}, personalSeatNotices(c)...)
}

// personalSeatNotices tell who was removed from a seat, and on whose seats devices were locked or unlocked.
func personalSeatNotices(c live.SeatsChanged) []notice {
	var told []notice
	if k := c.Kick; k.User != "" {
		kicked := kickedOffSeat{k.Index, newPerson(k.Host), k.Data}
		told = append(told, notice{event: "coGuest.onKickedOffSeat", data: kicked, to: k.User})
	}
	before := bySitter(c.Before)
	for _, s := range c.Seats {
		was, sat := before[s.Sitter.ID]
		if !sat {
			continue
		}
		if was.AudioLocked != s.AudioLocked {
			told = append(told, deviceNotice("Microphone", s.AudioLocked, s.Sitter.ID))
		}
		if was.VideoLocked != s.VideoLocked {
			told = append(told, deviceNotice("Camera", s.VideoLocked, s.Sitter.ID))
		}
	}
	return told
}

func deviceNotice(device string, locked bool, to live.UserID) notice {
	if locked {
		return notice{event: "seat.onLocal" + device + "ClosedByAdmin", data: none{}, to: to}
	}
	return notice{event: "seat.onLocal" + device + "OpenedByAdmin", data: deviceOpened{policyUnlockOnly}, to: to}
}

func bySitter(seats []live.Seat) map[live.UserID]live.Seat {
	sitters := make(map[live.UserID]live.Seat)
	for _, s := range seats {
		if s.Taken() {
			sitters[s.Sitter.ID] = s
		}
	}
	return sitters
}

// without returns the seats that are taken by users who are not among these.
func without(seats []live.Seat, sitters map[live.UserID]live.Seat) []live.Seat {
	var others []live.Seat
	for _, s := range seats {
		if _, among := sitters[s.Sitter.ID]; s.Taken() && !among {
			others = append(others, s)
		}
	}
	return others
}

type seatListReply struct {
	SeatList []seatInfo `json:"seatList"`
}

func getSeatList(ctx context.Context, c *call, in *liveParams) (*seatListReply, error) {
	room, err := c.roomMeant(in.LiveID)
	if err != nil {
		return nil, err
	}
	seats, err := c.g.live.Seats(ctx, c.caller, room)
	return &seatListReply{newSeatInfos(seats)}, err
}

type seatParams struct {
	LiveID    string `json:"liveID"`
	SeatIndex *int   `json:"seatIndex"`
}

type takeSeatReply struct {
	SeatIndex int `json:"seatIndex"`
}

// takeSeat seats the caller; without a seatIndex, or with -1, anywhere.
func takeSeat(ctx context.Context, c *call, in *seatParams) (*takeSeatReply, error) {
	room, err := c.roomMeant(in.LiveID)
	if err != nil {
		return nil, err
	}
	index := live.AnySeat
	if in.SeatIndex != nil {
		index = *in.SeatIndex
	}
	index, err = c.g.live.TakeSeat(ctx, c.caller, room, index)
	return &takeSeatReply{index}, err
}

func leaveSeat(ctx context.Context, c *call, in *liveParams) (*none, error) {
	room, err := c.roomMeant(in.LiveID)
	if err != nil {
		return nil, err
	}
	return &none{}, c.g.live.LeaveSeat(ctx, c.caller, room)
}

func lockSeat(ctx context.Context, c *call, in *seatParams) (*none, error) {
	return setSeatLock(ctx, c, in, true)
}

func unlockSeat(ctx context.Context, c *call, in *seatParams) (*none, error) {
	return setSeatLock(ctx, c, in, false)
}

func setSeatLock(ctx context.Context, c *call, in *seatParams, locked bool) (*none, error) {
	room, err := c.roomMeant(in.LiveID)
	if err != nil {
		return nil, err
	}
	if in.SeatIndex == nil {
		return nil, badParameter("seatIndex is missing")
	}
	return &none{}, c.g.live.LockSeat(ctx, c.caller, room, *in.SeatIndex, live.SeatLock{Taken: &locked})
}

type seatUserParams struct {
	LiveID string `json:"liveID"`
	UserID string `json:"userID"`
}

// seatTarget returns the room and the user that a call is about.
func (c *call) seatTarget(in seatUserParams) (live.RoomID, live.UserID, error) {
	room, err := c.roomMeant(in.LiveID)
	if err != nil {
		return "", "", err
	}
	user, err := live.ParseUserID("userID", in.UserID)
	return room, user, err
}

func kickUserOutOfSeat(ctx context.Context, c *call, in *seatUserParams) (*none, error) {
	room, user, err := c.seatTarget(*in)
	if err != nil {
		return nil, err
	}
	return &none{}, c.g.live.KickUserOffSeat(ctx, c.caller, room, user, "")
}

type moveUserParams struct {
	seatUserParams
	TargetIndex *int    `json:"targetIndex"`
	Policy      *string `json:"policy"`
}

var movePolicies = map[string]live.MovePolicy{
	"abortWhenOccupied": live.MoveAbort, "forceReplace": live.MoveReplace, "swapPosition": live.MoveSwap,
}

func moveUserToSeat(ctx context.Context, c *call, in *moveUserParams) (*none, error) {
	room, user, err := c.seatTarget(in.seatUserParams)
	if err != nil {
		return nil, err
	}
	if in.TargetIndex == nil {
		return nil, badParameter("targetIndex is missing")
	}
	policy := live.MoveAbort
	if in.Policy != nil {
		known := false
		if policy, known = movePolicies[*in.Policy]; !known {
			return nil, badParameter("policy must be abortWhenOccupied, forceReplace or swapPosition")
		}
	}
	return &none{}, c.g.live.MoveUserToSeat(ctx, c.caller, room, user, *in.TargetIndex, policy)
}

// setDevice is a method that locks or unlocks a device on a user's seat.
func setDevice(device live.Device, locked bool) func(context.Context, *call, *seatUserParams) (*none, error) {
	return func(ctx context.Context, c *call, in *seatUserParams) (*none, error) {
		room, user, err := c.seatTarget(*in)
		if err != nil {
			return nil, err
		}
		return &none{}, c.g.live.LockDevice(ctx, c.caller, room, user, device, locked)
	}
}
