package gateway

import (
	"context"
	"testing"

	sdk "github.com/centrifugal/centrifuge-go"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

// openSeats are n seats of a new room.
func openSeats(n int) []any {
	seats := make([]any, n)
	for i := range seats {
		seats[i] = aSeat(i, "", "")
	}
	return seats
}

// aSeat is a seat with a user on it, who has no profile; locks are of T (taken), A (audio), V (video).
func aSeat(index int, user, role string, locks ...string) m {
	locked := func(name string) bool {
		for _, l := range locks {
			if l == name {
				return true
			}
		}
		return false
	}
	var info any
	if user != "" {
		info = m{"userID": user, "userName": "", "avatarURL": "", "role": role,
			"allowOpenMicrophone": !locked("A"), "allowOpenCamera": !locked("V")}
	}
	return m{"index": float64(index), "isLocked": locked("T"), "isAudioLocked": locked("A"), "isVideoLocked": locked("V"), "userInfo": info}
}

// seatStage is a live with three seats, of mia; ada is its administrator, ben and eve are the audience.
type seatStage struct {
	*world
	mia, ada, ben, eve *client
	told               map[*client]chan event // what each alone was told
}

func (s *seatStage) all() []*client { return []*client{s.mia, s.ada, s.ben, s.eve} }

func newSeatStage(t *testing.T, mode string) *seatStage {
	w := newWorld(t)
	s := &seatStage{world: w, told: make(map[*client]chan event)}
	for _, c := range []struct {
		client **client
		user   string
	}{{&s.mia, "mia"}, {&s.ada, "ada"}, {&s.ben, "ben"}, {&s.eve, "eve"}} {
		d := w.device(app1, c.user, sign(app1, c.user), nil)
		told := make(chan event, 64)
		d.OnMessage(func(e sdk.MessageEvent) { told <- decodeEvent(t, "", e.Data) })
		require.NoError(t, d.Connect())
		receive(t, d.connected, "connected")
		*c.client, s.told[d] = d, told
	}
	reply := s.mia.do("live.startLive", m{"liveInfo": m{"liveID": "room_a", "seatTemplate": "karaoke", "maxSeatCount": 3, "seatMode": mode}})
	require.Equal(t, openSeats(3), reply["seatList"])
	for _, c := range []*client{s.ada, s.ben, s.eve} {
		c.do("live.joinLive", m{"liveID": "room_a"})
	}
	s.makeAdmin("mia", "room_a", "ada")
	require.NoError(t, w.live.SetMetadata(context.Background(), userOf("mia"), "room_a", []live.Pair{{Key: "ready", Value: "yes"}}))
	for _, c := range s.all() {
		for e := (event{}); e.Event != "live.onRoomMetadataChanged"; {
			e = receive(t, c.events, "the end of the preparations")
		}
	}
	return s
}

// hearSeats waits until everybody hears that the seats are these; seated and left may be nil.
func (s *seatStage) hearSeats(list, seated, left []any) {
	s.t.Helper()
	for _, part := range []*[]any{&seated, &left} {
		if *part == nil {
			*part = []any{}
		}
	}
	for _, c := range s.all() {
		e := c.hears("seat.onSeatListChanged", m{"seatList": list, "seatedList": seated, "leftList": left})
		require.Equal(s.t, "room_a", e.LiveID)
	}
	require.Equal(s.t, m{"seatList": list}, s.eve.do("seat.getSeatList", m{}))
}

// tellAlone waits until c is told this, which others are not.
func (s *seatStage) tellAlone(c *client, name string, data m) {
	s.t.Helper()
	e := receive(s.t, s.told[c], c.user+" is told "+name)
	require.Equal(s.t, name, e.Event)
	require.Equal(s.t, "room_a", e.LiveID)
	require.Equal(s.t, data, e.Data)
	for _, other := range s.told {
		require.Empty(s.t, other)
	}
}

func TestTakingAndLeavingSeats(t *testing.T) {
	s := newSeatStage(t, "free")
	require.Equal(t, m{"seatIndex": 1.0}, s.ben.do("seat.takeSeat", m{"seatIndex": 1}))
	ben := aSeat(1, "ben", "generalUser")
	s.hearSeats([]any{aSeat(0, "", ""), ben, aSeat(2, "", "")}, []any{ben}, nil)
	require.Equal(t, m{"seatIndex": 0.0}, s.ada.do("seat.takeSeat", m{"liveID": "room_a", "seatIndex": -1}))
	ada := aSeat(0, "ada", "admin")
	s.hearSeats([]any{ada, ben, aSeat(2, "", "")}, []any{ada}, nil)
	require.Equal(t, m{"seatIndex": 2.0}, s.mia.do("seat.takeSeat", m{}))
	mia := aSeat(2, "mia", "owner")
	s.hearSeats([]any{ada, ben, mia}, []any{mia}, nil)

	for code, params := range map[int]m{100205: {}, 100210: {"seatIndex": 1}, 100002: {"seatIndex": 3}} {
		s.eve.fails(code, "seat.takeSeat", params)
	}
	s.ben.fails(100203, "seat.takeSeat", m{})
	s.eve.fails(100206, "seat.leaveSeat", m{})

	require.Equal(t, m{}, s.ben.do("seat.leaveSeat", m{}))
	s.hearSeats([]any{ada, aSeat(1, "", ""), mia}, nil, []any{ben})
	visitor := s.connect(app1, "zoe")
	visitor.fails(100005, "seat.getSeatList", m{"liveID": "room_a"})
	visitor.fails(100005, "seat.takeSeat", m{"liveID": "room_a"})
	require.Equal(t, []any{ada, aSeat(1, "", ""), mia}, visitor.do("live.joinLive", m{"liveID": "room_a"})["seatList"])
}

func TestSeatsOnApplication(t *testing.T) {
	s := newSeatStage(t, "apply")
	s.ben.fails(100006, "seat.takeSeat", m{"seatIndex": 0})
	s.ada.do("seat.takeSeat", m{})
	ada := aSeat(0, "ada", "admin")
	s.hearSeats([]any{ada, aSeat(1, "", ""), aSeat(2, "", "")}, []any{ada}, nil)
	s.mia.do("seat.takeSeat", m{})
	mia := aSeat(1, "mia", "owner")
	s.hearSeats([]any{ada, mia, aSeat(2, "", "")}, []any{mia}, nil)
}

func TestLockingSeats(t *testing.T) {
	s := newSeatStage(t, "free")
	s.ben.do("seat.takeSeat", m{"seatIndex": 0})
	ben := aSeat(0, "ben", "generalUser")
	s.hearSeats([]any{ben, aSeat(1, "", ""), aSeat(2, "", "")}, []any{ben}, nil)
	for _, method := range []string{"seat.lockSeat", "seat.unlockSeat"} {
		s.ben.fails(100006, method, m{"seatIndex": 1})
		s.mia.fails(100002, method, m{})
		s.mia.fails(100002, method, m{"seatIndex": 3})
		s.mia.fails(100004, method, m{"liveID": "nowhere", "seatIndex": 0})
	}
	s.ada.do("seat.lockSeat", m{"seatIndex": 1})
	s.hearSeats([]any{ben, aSeat(1, "", "", "T"), aSeat(2, "", "")}, nil, nil)
	s.ada.do("seat.lockSeat", m{"seatIndex": 1}) // nothing changes, so nobody hears of it
	s.eve.fails(100200, "seat.takeSeat", m{"seatIndex": 1})
	s.ada.do("seat.unlockSeat", m{"seatIndex": 1})
	s.hearSeats([]any{ben, aSeat(1, "", ""), aSeat(2, "", "")}, nil, nil)
	s.mia.do("seat.lockSeat", m{"seatIndex": 0})
	s.hearSeats([]any{aSeat(0, "", "", "T"), aSeat(1, "", ""), aSeat(2, "", "")}, nil, []any{ben})
	s.tellAlone(s.ben, "coGuest.onKickedOffSeat", m{"seatIndex": 0.0, "data": "",
		"hostUser": m{"userID": "mia", "userName": "", "avatarURL": ""}})
}

func TestKickingOffASeat(t *testing.T) {
	s := newSeatStage(t, "free")
	s.ben.do("seat.takeSeat", m{"seatIndex": 2})
	ben := aSeat(2, "ben", "generalUser")
	s.hearSeats([]any{aSeat(0, "", ""), aSeat(1, "", ""), ben}, []any{ben}, nil)
	s.eve.fails(100006, "seat.kickUserOutOfSeat", m{"userID": "ben"})
	s.ada.fails(100206, "seat.kickUserOutOfSeat", m{"userID": "eve"})
	s.ada.fails(100002, "seat.kickUserOutOfSeat", m{})
	s.ada.do("seat.kickUserOutOfSeat", m{"userID": "ben"})
	s.hearSeats(openSeats(3), nil, []any{ben})
	s.tellAlone(s.ben, "coGuest.onKickedOffSeat", m{"seatIndex": 2.0, "data": "",
		"hostUser": m{"userID": "ada", "userName": "", "avatarURL": ""}})

	s.ben.do("seat.takeSeat", m{"seatIndex": 2})
	s.hearSeats([]any{aSeat(0, "", ""), aSeat(1, "", ""), ben}, []any{ben}, nil)
	admin := live.Caller{App: app1, User: "administrator", Kind: live.KindAdmin}
	require.NoError(t, s.live.KickUserOffSeat(context.Background(), admin, "room_a", "ben", "time is up"))
	s.hearSeats(openSeats(3), nil, []any{ben})
	s.tellAlone(s.ben, "coGuest.onKickedOffSeat", m{"seatIndex": 2.0, "data": "time is up",
		"hostUser": m{"userID": "administrator", "userName": "", "avatarURL": ""}})
}

func TestMovingUsersBetweenSeats(t *testing.T) {
	s := newSeatStage(t, "free")
	empty := func(i int) m { return aSeat(i, "", "") }
	ben := func(i int) m { return aSeat(i, "ben", "generalUser") }
	eve := func(i int) m { return aSeat(i, "eve", "generalUser") }
	s.ben.do("seat.takeSeat", m{"seatIndex": 0})
	s.hearSeats([]any{ben(0), empty(1), empty(2)}, []any{ben(0)}, nil)
	s.eve.do("seat.takeSeat", m{"seatIndex": 1})
	s.hearSeats([]any{ben(0), eve(1), empty(2)}, []any{eve(1)}, nil)

	s.ada.do("seat.moveUserToSeat", m{"userID": "ben", "targetIndex": 2, "policy": "abortWhenOccupied"})
	s.hearSeats([]any{empty(0), eve(1), ben(2)}, nil, nil)
	s.ada.fails(100210, "seat.moveUserToSeat", m{"userID": "ben", "targetIndex": 1})
	s.ada.fails(100002, "seat.moveUserToSeat", m{"userID": "ben", "targetIndex": 1, "policy": "ask"})
	s.ada.fails(100002, "seat.moveUserToSeat", m{"userID": "ben"})
	s.ada.fails(100002, "seat.moveUserToSeat", m{"targetIndex": 1})
	s.ada.fails(100206, "seat.moveUserToSeat", m{"userID": "mia", "targetIndex": 0})
	s.mia.do("seat.moveUserToSeat", m{"userID": "ben", "targetIndex": 1, "policy": "swapPosition"})
	s.hearSeats([]any{empty(0), ben(1), eve(2)}, nil, nil)

	s.eve.fails(100006, "seat.moveUserToSeat", m{"userID": "ben", "targetIndex": 0})
	s.eve.fails(100210, "seat.moveUserToSeat", m{"userID": "eve", "targetIndex": 1, "policy": "forceReplace"})
	s.eve.do("seat.moveUserToSeat", m{"userID": "eve", "targetIndex": 0})
	s.hearSeats([]any{eve(0), ben(1), empty(2)}, nil, nil)
	s.mia.do("seat.moveUserToSeat", m{"userID": "ben", "targetIndex": 0, "policy": "forceReplace"})
	s.hearSeats([]any{ben(0), empty(1), empty(2)}, nil, []any{eve(0)})
	s.tellAlone(s.eve, "coGuest.onKickedOffSeat", m{"seatIndex": 0.0, "data": "",
		"hostUser": m{"userID": "mia", "userName": "", "avatarURL": ""}})
}

func TestDevicesAreLockedAndUnlockedFromAfar(t *testing.T) {
	s := newSeatStage(t, "free")
	list := func(locks ...string) []any {
		return []any{aSeat(0, "ben", "generalUser", locks...), aSeat(1, "", ""), aSeat(2, "", "")}
	}
	s.ben.do("seat.takeSeat", m{"seatIndex": 0})
	s.hearSeats(list(), []any{aSeat(0, "ben", "generalUser")}, nil)
	opened := m{"policy": "unlockOnly"}
	for _, step := range []struct {
		method string
		list   []any
		event  string
		data   m
	}{
		{"seat.closeRemoteMicrophone", list("A"), "seat.onLocalMicrophoneClosedByAdmin", m{}},
		{"seat.closeRemoteCamera", list("A", "V"), "seat.onLocalCameraClosedByAdmin", m{}},
		{"seat.openRemoteMicrophone", list("V"), "seat.onLocalMicrophoneOpenedByAdmin", opened},
		{"seat.openRemoteCamera", list(), "seat.onLocalCameraOpenedByAdmin", opened},
	} {
		s.eve.fails(100006, step.method, m{"userID": "ben"})
		s.ada.fails(100206, step.method, m{"userID": "eve"})
		s.ada.fails(100002, step.method, m{})
		s.ada.do(step.method, m{"userID": "ben"})
		s.hearSeats(step.list, nil, nil)
		s.tellAlone(s.ben, step.event, step.data)
	}
}

func TestADeviceLockFollowsTheSeat(t *testing.T) {
	s := newSeatStage(t, "free")
	s.ben.do("seat.takeSeat", m{"seatIndex": 0})
	s.ada.do("seat.closeRemoteMicrophone", m{"userID": "ben"})
	receive(t, s.told[s.ben], "the microphone is closed")
	s.ada.do("seat.moveUserToSeat", m{"userID": "ben", "targetIndex": 1})
	s.tellAlone(s.ben, "seat.onLocalMicrophoneOpenedByAdmin", m{"policy": "unlockOnly"})
	s.ada.do("seat.moveUserToSeat", m{"userID": "ben", "targetIndex": 0})
	s.tellAlone(s.ben, "seat.onLocalMicrophoneClosedByAdmin", m{})
}

func TestWhoLeavesTheLiveLeavesTheSeat(t *testing.T) {
	s := newSeatStage(t, "free")
	s.ben.do("seat.takeSeat", m{"seatIndex": 0})
	ben := aSeat(0, "ben", "generalUser")
	s.hearSeats([]any{ben, aSeat(1, "", ""), aSeat(2, "", "")}, []any{ben}, nil)
	s.ben.do("live.leaveLive", m{})
	s.mia.hearsMember("audience.onAudienceLeft", "audience", "ben", 3)
	s.mia.hears("seat.onSeatListChanged", m{"seatList": openSeats(3), "seatedList": []any{}, "leftList": []any{ben}})
	for _, told := range s.told {
		require.Empty(t, told)
	}
}

func TestSeatsWhereThereAreNone(t *testing.T) {
	w := newWorld(t)
	mia := w.connect(app1, "mia")
	require.Equal(t, []any{}, mia.do("live.startLive", m{"liveInfo": m{"liveID": "room_a"}})["seatList"])
	require.Equal(t, m{"seatList": []any{}}, mia.do("seat.getSeatList", m{}))
	for method, params := range map[string]m{
		"seat.takeSeat": {}, "seat.leaveSeat": {}, "coGuest.disconnect": {}, "seat.lockSeat": {"seatIndex": 0}, "seat.unlockSeat": {"seatIndex": 0},
		"seat.kickUserOutOfSeat": {"userID": "mia"}, "seat.moveUserToSeat": {"userID": "mia", "targetIndex": 0},
		"seat.closeRemoteMicrophone": {"userID": "mia"}, "seat.openRemoteMicrophone": {"userID": "mia"},
		"seat.closeRemoteCamera": {"userID": "mia"}, "seat.openRemoteCamera": {"userID": "mia"},
	} {
		mia.fails(100211, method, params)
	}
}

func TestSeatMethodsRefuseWhatIsMalformed(t *testing.T) {
	w := newWorld(t)
	mia := w.connect(app1, "mia")
	mia.starts("room_a")
	for method, all := range map[string][]string{
		"seat.takeSeat":              {`[]`, `{"seatIndex":"1"}`, `{"seatIndex":1.5}`, `{"liveID":7}`, `{"seatIndex":1,"seatIndex":2}`},
		"seat.lockSeat":              {`{"seatIndex":true}`, `{}`, `{"seatIndex":null}`},
		"seat.kickUserOutOfSeat":     {`{"userID":7}`, `{"userID":""}`, `{"userID":"é"}`},
		"seat.closeRemoteMicrophone": {`{"userID":[]}`},
		"seat.moveUserToSeat":        {`{"userID":"a","targetIndex":"1"}`, `{"userID":"a","targetIndex":1,"policy":0}`, `{"userID":"a","targetIndex":1,"policy":""}`},
	} {
		for _, params := range all {
			mia.fails(100002, method, params)
		}
	}
}

// TestOneAloneIsToldWithoutAnyoneInTheLive: who sits without having joined through a connection hears of it all the same.
func TestOneAloneIsToldWithoutAnyoneInTheLive(t *testing.T) {
	w := newWorld(t)
	ctx, admin := context.Background(), live.Caller{App: app1, User: "administrator", Kind: live.KindAdmin}
	_, err := w.live.CreateRoom(ctx, admin, live.RoomSpec{ID: "room_a", Type: live.RoomTypeLive, SeatEnabled: new(true)})
	require.NoError(t, err)
	require.NoError(t, w.live.AddRobots(ctx, admin, "room_a", []live.UserID{"bot"}))
	require.NoError(t, w.live.PickUserOnSeat(ctx, admin, "room_a", 0, "bot"))
	d := w.device(app1, "bot", sign(app1, "bot"), nil)
	told := make(chan event, 4)
	d.OnMessage(func(e sdk.MessageEvent) { told <- decodeEvent(t, "", e.Data) })
	require.NoError(t, d.Connect())
	receive(t, d.connected, "connected")
	require.NoError(t, w.live.KickUserOffSeat(ctx, admin, "room_a", "bot", "time is up"))
	e := receive(t, told, "the kick")
	require.Equal(t, "coGuest.onKickedOffSeat", e.Event)
	require.Equal(t, "time is up", e.Data["data"])
	require.Empty(t, d.events)
}
