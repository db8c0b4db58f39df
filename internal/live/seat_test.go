package live_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

var appAdmin = by(live.KindAdmin, "administrator")

// furnished is a world with a room of host's that has three seats, and change made to it.
func furnished(t testing.TB, change ...func(*live.RoomSpec)) *world {
	t.Helper()
	w := newWorld(t)
	w.furnish(change...)
	return w
}

func (w *world) furnish(change ...func(*live.RoomSpec)) {
	w.t.Helper()
	if _, err := w.DestroyRoom(ctx, live.System(app), room); err != nil {
		require.Equal(w.t, live.CodeNoRoom, live.CodeOf(err))
	}
	spec := live.RoomSpec{ID: room, Type: live.RoomTypeLive, Owner: "host", SeatEnabled: new(true), MaxSeatCount: new(3)}
	for _, c := range change {
		c(&spec)
	}
	_, err := w.CreateRoom(ctx, appAdmin, spec)
	require.NoError(w.t, err)
	w.fired()
}

func onApplication(s *live.RoomSpec) { s.TakeSeatMode = new(string(live.ApplyToTake)) }
func ownerOnSeat(s *live.RoomSpec)   { s.KeepOwnerOnSeat = true }
func oneSeat(s *live.RoomSpec)       { s.MaxSeatCount = new(1) }
func withoutSeats(s *live.RoomSpec)  { s.SeatEnabled = new(false) }
func (w *world) sits(want ...string) { w.t.Helper(); require.Equal(w.t, want, w.seats()) }
func (w *world) took(id live.UserID) { w.t.Helper(); w.take(id, live.AnySeat) }
func (w *world) robot(id live.UserID) {
	w.t.Helper()
	require.NoError(w.t, w.AddRobots(ctx, appAdmin, room, []live.UserID{id}))
}

func (w *world) take(id live.UserID, index int) {
	w.t.Helper()
	_, err := w.TakeSeat(ctx, user(id), room, index)
	require.NoError(w.t, err)
}

// seats returns who is on the room's seats, and after a slash what is locked of Taken, Video, Audio.
func (w *world) seats() []string {
	w.t.Helper()
	seats, err := w.Seats(ctx, appAdmin, room)
	require.NoError(w.t, err)
	return seatTexts(seats)
}

func seatTexts(seats []live.Seat) []string {
	texts := make([]string, len(seats))
	for i, s := range seats {
		locks := ""
		for _, l := range []struct {
			set  bool
			name string
		}{{s.Locked, "T"}, {s.VideoLocked, "V"}, {s.AudioLocked, "A"}} {
			if l.set {
				locks += l.name
			}
		}
		texts[i] = string(s.Sitter.ID)
		if locks != "" {
			texts[i] += "/" + locks
		}
	}
	return texts
}

// tells returns the webhooks since it was last asked, each in a few words: a member's cause and account, or who is on the seats.
func (w *world) tells() []string {
	w.t.Helper()
	var told []string
	for _, e := range w.fired() {
		var body struct {
			EventCause string
			MemberList []struct {
				Account string `json:"Member_Account"`
			}
			SeatList []struct {
				Account string `json:"Member_Account"`
			}
		}
		require.NoError(w.t, json.Unmarshal(e.Body, &body))
		require.Equal(w.t, room, e.Lane.Room)
		switch e.Command {
		case webhook.CommandAfterMemberStateChanged:
			told = append(told, body.EventCause+" "+body.MemberList[0].Account)
		case webhook.CommandAfterSeatInfoChanged:
			users := make([]string, len(body.SeatList))
			for i, s := range body.SeatList {
				users[i] = s.Account
			}
			told = append(told, "seats "+strings.Join(users, ","))
		default:
			told = append(told, string(e.Command))
		}
	}
	return told
}

// changed returns the last change of seats that was committed.
func (w *world) changed() live.SeatsChanged {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := len(w.changes) - 1; i >= 0; i-- {
		if c, ok := w.changes[i].Change.(live.SeatsChanged); ok {
			return c
		}
	}
	require.Fail(w.t, "no seat changed")
	return live.SeatsChanged{}
}

func TestTakingASeat(t *testing.T) {
	for _, s := range []struct {
		name  string
		room  []func(*live.RoomSpec)
		given func(w *world)
		who   live.UserID
		index int
		code  live.Code
		sits  []string
	}{
		{"any seat is the first free one", nil, func(w *world) { w.take("a", 0) }, "b", live.AnySeat, 0, []string{"a", "b", ""}},
		{"that seat", nil, nil, "a", 2, 0, []string{"", "", "a"}},
		{"any seat passes over locked ones", nil, func(w *world) {
			require.NoError(w.t, w.LockSeat(ctx, user("host"), room, 0, live.SeatLock{Taken: new(true)}))
		}, "a", live.AnySeat, 0, []string{"/T", "a", ""}},
		{"a locked one", nil, func(w *world) {
			require.NoError(w.t, w.LockSeat(ctx, user("host"), room, 0, live.SeatLock{Taken: new(true)}))
		}, "a", 0, live.CodeSeatLocked, []string{"/T", "", ""}},
		{"another one's", nil, func(w *world) { w.take("a", 1) }, "b", 1, live.CodeSeatHasUser, []string{"", "a", ""}},
		{"a second one", nil, func(w *world) { w.take("a", 1) }, "a", 2, live.CodeOnSeat, []string{"", "a", ""}},
		{"any second one", nil, func(w *world) { w.take("a", 1) }, "a", live.AnySeat, live.CodeOnSeat, []string{"", "a", ""}},
		{"none is free", []func(*live.RoomSpec){oneSeat}, func(w *world) { w.took("a") }, "b", live.AnySeat, live.CodeSeatsFull, []string{"a"}},
		{"past the last", nil, nil, "a", 3, live.CodeBadParameter, []string{"", "", ""}},
		{"less than any", nil, nil, "a", -2, live.CodeBadParameter, []string{"", "", ""}},
		{"by who is not in the room", nil, nil, "stranger", 0, live.CodeNotMember, []string{"", "", ""}},
		{"by the owner who is not in the room", nil, nil, "host", 0, live.CodeNotMember, []string{"", "", ""}},
		{"by who was lost", nil, func(w *world) { require.NoError(w.t, w.Interrupt(ctx, place("a"))) }, "a", 0, live.CodeNotMember, []string{"", "", ""}},
		{"on application only", []func(*live.RoomSpec){onApplication}, nil, "a", 0, live.CodeNoPermission, []string{"", "", ""}},
		{"an administrator needs no application", []func(*live.RoomSpec){onApplication}, func(w *world) {
			require.NoError(w.t, w.ModifyAdmins(ctx, user("host"), room, []live.UserID{"a"}, true))
		}, "a", 0, 0, []string{"a", "", ""}},
		{"nor does the owner", []func(*live.RoomSpec){onApplication}, func(w *world) { w.enter("host") }, "host", 0, 0, []string{"host", "", ""}},
		{"where there are none", []func(*live.RoomSpec){withoutSeats}, nil, "a", live.AnySeat, live.CodeNoSeats, []string{}},
	} {
		t.Run(s.name, func(t *testing.T) {
			w := furnished(t, s.room...)
			w.enter("a")
			w.enter("b")
			if s.given != nil {
				s.given(w)
			}
			w.fired()
			index, err := w.TakeSeat(ctx, user(s.who), room, s.index)
			require.Equal(t, s.code, live.CodeOf(err), "%v", err)
			w.sits(s.sits...)
			if s.code != 0 {
				require.Empty(t, w.fired())
				return
			}
			require.Equal(t, string(s.who), s.sits[index])
			require.Len(t, w.fired(), 1)
		})
	}
}

func TestLeavingASeat(t *testing.T) {
	w := furnished(t)
	w.enter("a")
	require.Equal(t, live.CodeNotOnSeat, live.CodeOf(w.LeaveSeat(ctx, user("a"), room)))
	w.took("a")
	w.fired()
	require.NoError(t, w.LeaveSeat(ctx, user("a"), room))
	require.Equal(t, []string{"seats ,,"}, w.tells())
	require.Empty(t, w.changed().Kick)
	require.Equal(t, live.CodeNotOnSeat, live.CodeOf(w.LeaveSeat(ctx, user("a"), room)))
	require.Equal(t, live.CodeNotMember, live.CodeOf(w.LeaveSeat(ctx, user("stranger"), room)))
	require.Empty(t, w.fired())
}

// TestWhoGoesLeavesTheSeat: the app server hears first that the member went, then of the seat.
func TestWhoGoesLeavesTheSeat(t *testing.T) {
	w := furnished(t)
	w.enter("a")
	w.enter("b")
	w.take("a", 1)
	w.take("b", 0)
	w.fired()
	require.NoError(t, w.Interrupt(ctx, place("a")))
	require.Equal(t, []string{"HeartbeatInterrupt a", "seats b,,"}, w.tells())
	require.NoError(t, w.Leave(ctx, user("a"), room))
	require.Empty(t, w.tells(), "who is offline has no seat any more")
	require.NoError(t, w.Leave(ctx, user("b"), room))
	require.Equal(t, []string{"Leave b", "seats ,,"}, w.tells())
	w.enter("b")
	require.Equal(t, []string{"Enter b"}, w.tells(), "a seat does not wait for who left it")
	require.NoError(t, w.Leave(ctx, user("b"), room))
	require.Equal(t, []string{"Leave b"}, w.tells())
}

func TestADeletedRobotLeavesTheSeat(t *testing.T) {
	w := furnished(t)
	w.robot("bot")
	require.NoError(t, w.PickUserOnSeat(ctx, appAdmin, room, 2, "bot"))
	w.fired()
	require.NoError(t, w.DeleteRobots(ctx, appAdmin, room, []live.UserID{"bot"}))
	require.Equal(t, []string{"seats ,,"}, w.tells())
	require.Equal(t, live.CodeNotMember, live.CodeOf(w.PickUserOnSeat(ctx, appAdmin, room, 2, "bot")))
}

func TestAMemberMayBeARobot(t *testing.T) {
	w := furnished(t)
	w.enter("a")
	w.robot("a")
	require.Equal(t, 1, w.room().OnlineCount)
	w.took("a")
	w.fired()
	require.NoError(t, w.Leave(ctx, user("a"), room))
	require.Equal(t, []string{"Leave a", "seats ,,"}, w.tells())
	require.NoError(t, w.PickUserOnSeat(ctx, appAdmin, room, 0, "a"), "it is a robot still")
}

func TestTheOwnerWhoIsKeptOnASeat(t *testing.T) {
	for _, s := range []struct {
		name  string
		given func(w *world)
		sits  []string
		tells []string
	}{
		{"takes seat 0", nil, []string{"host", "", ""}, []string{"Enter host", "seats host,,"}},
		{"takes another when that is taken", func(w *world) { w.take("a", 0) }, []string{"a", "host", ""}, []string{"Enter host", "seats a,host,"}},
		{"takes another when that is locked", func(w *world) {
			require.NoError(w.t, w.LockSeat(ctx, appAdmin, room, 0, live.SeatLock{Taken: new(true)}))
		}, []string{"/T", "host", ""}, []string{"Enter host", "seats ,host,"}},
		{"takes none when all are taken", func(w *world) {
			for _, id := range []live.UserID{"a", "b", "c"} {
				w.took(id)
			}
		}, []string{"a", "b", "c"}, []string{"Enter host"}},
		{"stays where it is", func(w *world) {
			w.robot("host")
			require.NoError(w.t, w.PickUserOnSeat(ctx, appAdmin, room, 2, "host"))
		}, []string{"", "", "host"}, []string{"Enter host"}},
	} {
		t.Run(s.name, func(t *testing.T) {
			w := furnished(t, ownerOnSeat)
			for _, id := range []live.UserID{"a", "b", "c"} {
				w.enter(id)
			}
			if s.given != nil {
				s.given(w)
			}
			w.fired()
			visit := w.enter("host")
			require.Equal(t, s.sits, seatTexts(visit.Seats), "what the owner finds")
			require.Equal(t, s.tells, w.tells())
			w.sits(s.sits...)
			w.enter("host")
			require.Empty(t, w.tells(), "is there already")
		})
	}
}

func TestAnOwnerWhoWasLostIsSeatedAgain(t *testing.T) {
	w := furnished(t, ownerOnSeat)
	w.enter("host")
	w.fired()
	require.NoError(t, w.Interrupt(ctx, place("host")))
	require.Equal(t, []string{"HeartbeatInterrupt host", "seats ,,"}, w.tells())
	w.enter("host")
	require.Equal(t, []string{"HeartbeatRecover host", "seats host,,"}, w.tells())
}

func TestOthersAreNotKeptOnASeat(t *testing.T) {
	w := furnished(t, ownerOnSeat)
	w.enter("a")
	require.Equal(t, []string{"Enter a"}, w.tells())
	w = furnished(t)
	w.enter("host")
	require.Equal(t, []string{"Enter host"}, w.tells(), "the room does not keep its owner on a seat")
	w = furnished(t, ownerOnSeat, withoutSeats)
	w.enter("host")
	require.Equal(t, []string{"Enter host"}, w.tells(), "the room has no seats")
}

func TestMovingOneself(t *testing.T) {
	w := furnished(t)
	for _, id := range []live.UserID{"a", "b", "host"} {
		w.enter(id)
	}
	w.take("a", 0)
	w.take("b", 1)
	lock := func(index int, locked bool) {
		require.NoError(t, w.LockSeat(ctx, user("host"), room, index, live.SeatLock{Taken: &locked}))
	}
	for _, policy := range []live.MovePolicy{live.MoveAbort, live.MoveReplace, live.MoveSwap} {
		require.Equal(t, live.CodeSeatHasUser, live.CodeOf(w.MoveUserToSeat(ctx, user("a"), room, "a", 1, policy)))
		lock(2, true)
		require.Equal(t, live.CodeSeatLocked, live.CodeOf(w.MoveUserToSeat(ctx, user("a"), room, "a", 2, policy)))
		lock(2, false)
		require.NoError(t, w.MoveUserToSeat(ctx, user("a"), room, "a", 2, policy))
		w.sits("", "b", "a")
		require.NoError(t, w.MoveUserToSeat(ctx, user("a"), room, "a", 0, policy))
		require.Equal(t, live.CodeNoPermission, live.CodeOf(w.MoveUserToSeat(ctx, user("a"), room, "b", 2, policy)))
	}
	require.Equal(t, live.CodeNotOnSeat, live.CodeOf(w.MoveUserToSeat(ctx, user("host"), room, "host", 2, live.MoveAbort)))
	require.Equal(t, live.CodeNotMember, live.CodeOf(w.MoveUserToSeat(ctx, user("stranger"), room, "stranger", 2, live.MoveAbort)))
	w.take("host", 2)
	require.NoError(t, w.MoveUserToSeat(ctx, user("host"), room, "host", 0, live.MoveReplace))
	w.sits("host", "b", "")
	kick := w.changed().Kick
	require.Equal(t, live.SeatKick{Index: 0, User: "a", Host: live.Account{ID: "host"}}, kick)
}

// TestWhatAChangeOfSeatsTells: the seats before and after with their sitters' profiles and roles, and who was removed by whom.
func TestWhatAChangeOfSeatsTells(t *testing.T) {
	w := furnished(t)
	for _, id := range []live.UserID{"a", "mod", "host"} {
		w.enter(id)
		require.NoError(t, w.ImportAccount(ctx, appAdmin, live.AccountImport{ID: id, Nick: new("Nick of " + string(id)), FaceURL: new("f")}))
	}
	require.NoError(t, w.ModifyAdmins(ctx, user("host"), room, []live.UserID{"mod"}, true))
	sitter := func(id live.UserID, role live.Role) live.Sitter {
		return live.Sitter{Account: live.Account{ID: id, Nick: "Nick of " + string(id), FaceURL: "f"}, Role: role}
	}
	w.take("a", 2)
	w.take("mod", 0)
	w.take("host", 1)
	after := []live.Seat{
		{Index: 0, Sitter: sitter("mod", live.RoleAdmin)}, {Index: 1, Sitter: sitter("host", live.RoleOwner)},
		{Index: 2, Sitter: sitter("a", live.RoleMember)},
	}
	require.Equal(t, after, w.changed().Seats)
	require.Equal(t, after, w.enter("a").Seats, "who comes finds the same")
	require.NoError(t, w.KickUserOffSeat(ctx, user("mod"), room, "a", "time is up"))
	require.Equal(t, after, w.changed().Before)
	require.Equal(t, live.SeatKick{Index: 2, User: "a", Host: sitter("mod", 0).Account, Data: "time is up"}, w.changed().Kick)
	require.NoError(t, w.LockSeat(ctx, user("host"), room, 0, live.SeatLock{Taken: new(true)}))
	require.Equal(t, live.SeatKick{Index: 0, User: "mod", Host: sitter("host", 0).Account}, w.changed().Kick)
}

func TestDeviceLocks(t *testing.T) {
	w := furnished(t)
	w.enter("a")
	w.take("a", 1)
	w.fired()
	for _, s := range []struct {
		device live.Device
		locked bool
		sits   string
		fires  int
	}{
		{live.Microphone, true, "a/A", 1}, {live.Microphone, true, "a/A", 0}, {live.Camera, true, "a/VA", 1},
		{live.Microphone, false, "a/V", 1}, {live.Camera, false, "a", 1}, {live.Camera, false, "a", 0},
	} {
		require.NoError(t, w.LockDevice(ctx, user("host"), room, "a", s.device, s.locked))
		w.sits("", s.sits, "")
		require.Len(t, w.fired(), s.fires)
	}
	require.Equal(t, live.CodeNotOnSeat, live.CodeOf(w.LockDevice(ctx, user("host"), room, "host", live.Camera, true)))
	require.Equal(t, live.CodeBadParameter, live.CodeOf(w.KickUserOffSeat(ctx, user("host"), room, "a", strings.Repeat("x", 1001))))
}

func TestADissolvedRoomTellsNothingOfItsSeats(t *testing.T) {
	w := furnished(t)
	w.enter("a")
	w.took("a")
	w.fired()
	_, err := w.DestroyRoom(ctx, user("host"), room)
	require.NoError(t, err)
	require.Equal(t, []string{"Live.CallbackAfterDestroyRoom"}, w.tells())
	w.furnish()
	w.sits("", "", "")
}

// TestTheLastSeat lets many take it at once: one gets it, and the app server hears of that one only.
func TestTheLastSeat(t *testing.T) {
	const users = 16
	for _, index := range []int{0, live.AnySeat} {
		w := furnished(t, oneSeat)
		lost := live.CodeSeatHasUser
		if index == live.AnySeat {
			lost = live.CodeSeatsFull
		}
		for i := range users {
			w.enter(live.UserID(fmt.Sprint("u", i)))
		}
		w.fired()
		codes := make([]live.Code, users)
		var racing sync.WaitGroup
		for i := range users {
			racing.Go(func() {
				_, err := w.TakeSeat(ctx, user(live.UserID(fmt.Sprint("u", i))), room, index)
				codes[i] = live.CodeOf(err)
			})
		}
		racing.Wait()
		var won []string
		for i, code := range codes {
			if code == 0 {
				won = append(won, fmt.Sprint("u", i))
				continue
			}
			require.Equal(t, lost, code)
		}
		require.Len(t, won, 1)
		w.sits(won...)
		require.Equal(t, []string{"seats " + won[0]}, w.tells())
	}
}

// TestWhoMayDoWhatWithSeats has the codes for the owner, an administrator, a member on a seat, one on none, and a stranger.
func TestWhoMayDoWhatWithSeats(t *testing.T) {
	const no = live.CodeNoPermission
	for _, o := range []struct {
		name  string
		do    func(w *world, c live.Caller) error
		codes [5]live.Code
	}{
		{"read the seats", func(w *world, c live.Caller) error { _, err := w.Seats(ctx, c, room); return err }, [5]live.Code{0, 0, 0, 0, live.CodeNotMember}},
		{"read the robots", func(w *world, c live.Caller) error { _, err := w.Robots(ctx, c, room); return err }, [5]live.Code{0, 0, 0, 0, live.CodeNotMember}},
		{"seat somebody", func(w *world, c live.Caller) error { return w.PickUserOnSeat(ctx, c, room, 1, "second") }, [5]live.Code{0, 0, no, no, no}},
		{"kick somebody off", func(w *world, c live.Caller) error { return w.KickUserOffSeat(ctx, c, room, "fan", "") }, [5]live.Code{0, 0, no, no, no}},
		{"lock a seat", func(w *world, c live.Caller) error {
			return w.LockSeat(ctx, c, room, 1, live.SeatLock{Taken: new(true)})
		}, [5]live.Code{0, 0, no, no, no}},
		{"lock a device", func(w *world, c live.Caller) error {
			return w.LockDevice(ctx, c, room, "fan", live.Camera, true)
		}, [5]live.Code{0, 0, no, no, no}},
		{"switch somebody's seat", func(w *world, c live.Caller) error { return w.SwitchSeat(ctx, c, room, "fan", 1) }, [5]live.Code{0, 0, no, no, no}},
		{"move somebody", func(w *world, c live.Caller) error {
			return w.MoveUserToSeat(ctx, c, room, "fan", 1, live.MoveAbort)
		}, [5]live.Code{0, 0, 0, no, no}}, // the third is that member
		{"add a robot", func(w *world, c live.Caller) error {
			return w.AddRobots(ctx, c, room, []live.UserID{"bot"})
		}, [5]live.Code{0, no, no, no, no}},
		{"delete a robot", func(w *world, c live.Caller) error {
			return w.DeleteRobots(ctx, c, room, []live.UserID{"bot"})
		}, [5]live.Code{0, no, no, no, no}},
	} {
		t.Run(o.name, func(t *testing.T) {
			w := newWorld(t)
			require.Equal(t, live.CodeNoRoom, live.CodeOf(o.do(w, user("host"))), "a room that is not there is told first")
			prepare := func() {
				w.furnish()
				require.NoError(t, w.ModifyAdmins(ctx, user("host"), room, []live.UserID{"mod"}, true))
				w.enter("fan")
				w.enter("second")
				w.take("fan", 0)
				w.fired()
			}
			for i, id := range []live.UserID{"host", "mod", "fan", "second", "stranger"} {
				prepare()
				err := o.do(w, user(id))
				require.Equal(t, o.codes[i], live.CodeOf(err), "%s: %v", id, err)
				if err != nil {
					require.Empty(t, w.fired())
				}
			}
			for _, c := range []live.Caller{appAdmin, live.System(app)} {
				prepare()
				require.NoError(t, o.do(w, c), "App admins and the server may do everything")
			}
		})
	}
}
