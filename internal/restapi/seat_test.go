package restapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

const (
	getSeatList     = "room_engine_http_mic/get_seat_list"
	pickUserOnSeat  = "room_engine_http_mic/pick_user_on_seat"
	kickUserOffSeat = "room_engine_http_mic/kick_user_off_seat"
	lockSeat        = "room_engine_http_mic/lock_seat"
	switchSeat      = "room_engine_http_mic/switch_seat"
	moveUserToSeat  = "room_engine_http_mic/move_user_to_seat"
)

// salon is a room with four seats, and with three robots who may sit there.
var salon = []step{
	{call: createRoom, body: `{"RoomInfo":{"RoomId":"salon_1","RoomType":"Live","Owner_Account":"host_7","SeatTemplate":"AudioSalon","MaxSeatCount":4}}`},
	{call: addRobot, body: `{"RoomId":"salon_1","RobotList_Account":["ann","bob","cho"]}`},
}

const askSalon = `{"RoomId":"salon_1"}`

func init() {
	good[getSeatList] = askSalon
	good[pickUserOnSeat] = pick("bob", 1)
	good[kickUserOffSeat] = `{"RoomId":"salon_1","Member_Account":"ann","Data":"time is up"}`
	good[lockSeat] = `{"RoomId":"salon_1","Index":1,"ForbidTaken":true,"ForbidVideo":true,"ForbidAudio":true}`
	good[switchSeat] = switchTo("ann", 1)
	good[moveUserToSeat] = move("ann", 1, 0)
	preparing[getSeatList] = salonWith("ann", "/A", "", "/T")
	for _, command := range []string{pickUserOnSeat, kickUserOffSeat, lockSeat, switchSeat, moveUserToSeat} {
		preparing[command] = salonWith("ann")
	}
}

func pick(user string, index int) string {
	return fmt.Sprintf(`{"RoomId":"salon_1","Member_Account":%q,"Index":%d}`, user, index)
}

func kickOff(user string) string {
	return fmt.Sprintf(`{"RoomId":"salon_1","Member_Account":%q}`, user)
}

// lock is a body of lock_seat with flags such as `"ForbidTaken":true`.
func lock(index int, flags ...string) string {
	return fmt.Sprintf(`{"RoomId":"salon_1","Index":%d%s}`, index, strings.Join(append([]string{""}, flags...), ","))
}

func switchTo(user string, index int) string {
	return fmt.Sprintf(`{"RoomId":"salon_1","Member_Account":%q,"ToIndex":%d}`, user, index)
}

func move(user string, index, policy int) string {
	return fmt.Sprintf(`{"RoomId":"salon_1","Member_Account":%q,"SeatIndex":%d,"Policy":%d}`, user, index, policy)
}

// seatList writes seats as JSON. Each is its user and, after a slash, what is locked of Taken, Video, Audio: "ann/A".
func seatList(seats ...string) string {
	list := make([]string, len(seats))
	for i, s := range seats {
		user, locks, _ := strings.Cut(s, "/")
		member := ""
		if user != "" {
			member = fmt.Sprintf(`"Member_Account":%q,`, user)
		}
		list[i] = fmt.Sprintf(`{"Index":%d,%s"IsTakenDisabled":%t,"IsVideoDisabled":%t,"IsAudioDisabled":%t}`, i, member,
			strings.Contains(locks, "T"), strings.Contains(locks, "V"), strings.Contains(locks, "A"))
	}
	return `[` + strings.Join(list, ",") + `]`
}

// four are the seats of the salon, of which those not named are empty.
func four(seats []string) []string {
	return append(append([]string{}, seats...), make([]string, 4-len(seats))...)
}

// salonWith is the salon with these on its seats.
func salonWith(seats ...string) []step {
	steps := append([]step{}, salon...)
	for i, s := range seats {
		user, locks, _ := strings.Cut(s, "/")
		if user != "" {
			steps = append(steps, step{call: pickUserOnSeat, body: pick(user, i)})
		}
		for _, flag := range []string{"Taken", "Video", "Audio"} {
			if strings.Contains(locks, flag[:1]) {
				steps = append(steps, step{call: lockSeat, body: lock(i, `"Forbid`+flag+`":true`)})
			}
		}
	}
	return steps
}

// seated is the webhook of a change after which the salon's seats are these.
func seated(seats ...string) []string {
	return []string{`{"CallbackCommand":"Mic.CallbackAfterSeatInfoChanged","RoomId":"salon_1","SeatList":` +
		seatList(four(seats)...) + `,"EventTime":1765001300444}`}
}

// sits is the salon's whole list of seats, as a step of its own.
func sits(seats ...string) []step {
	return []step{{call: getSeatList, body: askSalon, reply: `{"SeatList":` + seatList(four(seats)...) + `}`}}
}

// gone is the salon when it has been dissolved.
var gone = append(append([]step{}, salon...), step{call: destroyRoom, body: askSalon})

// seatless are the refusals that the commands on one user's seat share: body makes one for a room, without a field of which
// the name is given.
func seatless(body string, fields ...string) []scenario {
	other := strings.Replace(body, "salon_1", "live_9001", 1)
	scenarios := []scenario{
		{name: "a room without seats", given: []step{aRoom}, body: other, code: 100211, info: []string{"live_9001"}},
		{name: "a room that never was", body: body, code: 100004, info: []string{"salon_1"}},
		{name: "a room that was dissolved", given: gone, body: body, code: 100004},
		{name: "an id of 49 bytes", body: strings.Replace(body, "salon_1", strings.Repeat("r", 49), 1), code: 100002, info: []string{"RoomId"}},
		{name: "an empty account", given: salon, body: strings.Replace(body, `"ann"`, `""`, 1), code: 100002, info: []string{"Member_Account"}},
		{
			name: "an account of 33 bytes", given: salon, body: strings.Replace(body, "ann", strings.Repeat("a", 33), 1),
			code: 100002, info: []string{"Member_Account", "32"},
		},
		{name: "an account that is no string", given: salon, body: strings.Replace(body, `"ann"`, `7`, 1), code: 60015, info: []string{"Member_Account"}},
	}
	if !strings.Contains(body, "ann") {
		scenarios = scenarios[:4]
	}
	for _, f := range fields {
		scenarios = append(scenarios, scenario{
			name: "no " + f, given: salonWith("ann"), body: strings.Replace(body, `"`+f+`"`, `"x"`, 1), code: 100002, info: []string{f, "missing"},
		})
	}
	return scenarios
}

func TestGetSeatList(t *testing.T) {
	play(t, getSeatList, []scenario{
		{name: "a new room", given: salon, body: askSalon, reply: `{"SeatList":` + seatList("", "", "", "") + `}`},
		{
			name: "users and locks", given: salonWith("ann/A", "/T", "", "bob/VA"), body: askSalon,
			reply: `{"SeatList":` + seatList("ann/A", "/T", "", "bob/VA") + `}`,
		},
		{
			name:  "the seats of a template",
			given: []step{{call: createRoom, body: `{"RoomInfo":{"RoomId":"salon_1","RoomType":"Live","SeatTemplate":"VideoDynamicFloat7Seats"}}`}},
			body:  askSalon, reply: `{"SeatList":` + seatList(make([]string, 7)...) + `}`,
		},
		{name: "a room without seats", given: []step{aRoom}, body: askRoom, reply: `{"SeatList":[]}`},
		{name: "a room that never was", body: askSalon, code: 100004, info: []string{"salon_1"}},
		{name: "a room that was dissolved", given: gone, body: askSalon, code: 100004},
		{
			name: "a room made anew of the same id", given: append(append(salonWith("ann/A", "/T"), step{call: destroyRoom, body: askSalon}), salon...),
			body: askSalon, reply: `{"SeatList":` + seatList("", "", "", "") + `}`,
		},
		{name: "no room", body: `{}`, code: 100002, info: []string{"RoomId"}},
		{name: "an id of 49 bytes", body: `{"RoomId":"` + strings.Repeat("r", 49) + `"}`, code: 100002, info: []string{"RoomId"}},
	})
}

func TestPickUserOnSeat(t *testing.T) {
	play(t, pickUserOnSeat, append([]scenario{
		{name: "the first seat", given: salon, body: pick("ann", 0), fires: seated("ann"), then: sits("ann")},
		{name: "the last seat", given: salonWith("bob"), body: pick("ann", 3), fires: seated("bob", "", "", "ann"), then: sits("bob", "", "", "ann")},
		{name: "a seat past the last", given: salon, body: pick("ann", 4), code: 100002, info: []string{"seat 4", "0 to 3"}},
		{name: "any seat is a word of clients only", given: salon, body: pick("ann", -1), code: 100002, info: []string{"seat -1"}},
		{name: "a seat whose devices are locked", given: salonWith("/VA"), body: pick("ann", 0), fires: seated("ann/VA"), then: sits("ann/VA")},
		{name: "a locked seat", given: salonWith("/T"), body: pick("ann", 0), code: 100200, info: []string{"seat 0"}, then: sits("/T")},
		{name: "another one's seat", given: salonWith("bob"), body: pick("ann", 0), code: 100210, info: []string{"bob"}, then: sits("bob")},
		{name: "who has that very seat", given: salonWith("ann"), body: pick("ann", 0), code: 100203, info: []string{"ann", "seat 0"}, then: sits("ann")},
		{name: "who has another seat", given: salonWith("ann"), body: pick("ann", 2), code: 100203, info: []string{"seat 0"}, then: sits("ann")},
		{name: "who is not in the room", given: salon, body: pick("stranger", 0), code: 100005, info: []string{"stranger"}, then: sits()},
		{name: "the owner, who is not in the room", given: salon, body: pick("host_7", 0), code: 100005, info: []string{"host_7"}},
		{
			name: "a robot of another room", given: append(salon[:1:1], aRoom, step{call: addRobot, body: `{"RoomId":"live_9001","RobotList_Account":["ann"]}`}),
			body: pick("ann", 0), code: 100005,
		},
	}, seatless(pick("ann", 0), "RoomId", "Member_Account", "Index")...))
}

func TestKickUserOffSeat(t *testing.T) {
	data := func(n int) string {
		return `{"RoomId":"salon_1","Member_Account":"ann","Data":"` + strings.Repeat("é", n/2) + strings.Repeat("x", n%2) + `"}`
	}
	play(t, kickUserOffSeat, append([]scenario{
		{name: "without a word, as real callers do", given: salonWith("ann", "bob"), body: kickOff("ann"), fires: seated("", "bob"), then: sits("", "bob")},
		{name: "with an empty text", given: salonWith("ann"), body: data(0), fires: seated()},
		{name: "with 1,000 bytes", given: salonWith("ann"), body: data(1000), fires: seated(), then: sits()},
		{name: "with 1,001 bytes", given: salonWith("ann"), body: data(1001), code: 100002, info: []string{"Data", "1001", "1000"}, then: sits("ann")},
		{name: "the seat's locks stay", given: salonWith("ann/VA"), body: kickOff("ann"), fires: seated("/VA"), then: sits("/VA")},
		{name: "who is in the room, on no seat", given: salonWith("bob"), body: kickOff("ann"), code: 100206, info: []string{"ann"}, then: sits("bob")},
		{name: "who is not in the room", given: salonWith("bob"), body: kickOff("stranger"), code: 100206, info: []string{"stranger"}},
		{name: "who was kicked before", given: append(salonWith("ann"), step{call: kickUserOffSeat, body: kickOff("ann")}), body: kickOff("ann"), code: 100206},
	}, seatless(kickOff("ann"), "RoomId", "Member_Account")...))
}

func TestLockSeat(t *testing.T) {
	play(t, lockSeat, append([]scenario{
		{name: "an empty seat", given: salonWith("ann"), body: lock(3, `"ForbidTaken":true`), fires: seated("ann", "", "", "/T"), then: sits("ann", "", "", "/T")},
		{name: "all three", given: salon, body: lock(0, `"ForbidTaken":true`, `"ForbidVideo":true`, `"ForbidAudio":true`), fires: seated("/TVA"), then: sits("/TVA")},
		{name: "video only: the user stays", given: salonWith("ann"), body: lock(0, `"ForbidVideo":true`), fires: seated("ann/V"), then: sits("ann/V")},
		{name: "audio only: what was locked stays", given: salonWith("ann/V"), body: lock(0, `"ForbidAudio":true`), fires: seated("ann/VA"), then: sits("ann/VA")},
		{name: "a seat that is taken: its user goes first, in one change", given: salonWith("ann/A", "bob"), body: lock(0, `"ForbidTaken":true`), fires: seated("/TA", "bob"), then: sits("/TA", "bob")},
		{name: "unlocking", given: salonWith("/T"), body: lock(0, `"ForbidTaken":false`), fires: seated(), then: sits()},
		{name: "lifting one of two", given: salonWith("ann/VA"), body: lock(0, `"ForbidAudio":false`, `"ForbidTaken":false`), fires: seated("ann/V"), then: sits("ann/V")},
		{name: "nothing given", given: salonWith("ann/A"), body: lock(0), then: sits("ann/A")},
		{name: "nothing changed", given: salonWith("ann/A", "/T"), body: lock(1, `"ForbidTaken":true`, `"ForbidVideo":false`), then: sits("ann/A", "/T")},
		{name: "a seat past the last", given: salon, body: lock(4, `"ForbidTaken":true`), code: 100002, info: []string{"seat 4"}},
		{name: "a negative one", given: salon, body: lock(-1, `"ForbidTaken":true`), code: 100002, info: []string{"seat -1"}},
		{name: "one past the last, nothing given", given: salon, body: lock(4), code: 100002},
	}, seatless(lock(0, `"ForbidTaken":true`), "RoomId", "Index")...))
}

func TestSwitchSeat(t *testing.T) {
	play(t, switchSeat, append([]scenario{
		{name: "to an empty seat", given: salonWith("ann/A", "bob"), body: switchTo("ann", 3), fires: seated("/A", "bob", "", "ann"), then: sits("/A", "bob", "", "ann")},
		{name: "to its own seat: no change", given: salonWith("ann"), body: switchTo("ann", 0), then: sits("ann")},
		{name: "to another one's seat", given: salonWith("ann", "bob"), body: switchTo("ann", 1), code: 100210, info: []string{"bob"}, then: sits("ann", "bob")},
		{name: "to a locked seat", given: salonWith("ann", "/T"), body: switchTo("ann", 1), code: 100200, info: []string{"seat 1"}, then: sits("ann", "/T")},
		{name: "to a seat past the last", given: salonWith("ann"), body: switchTo("ann", 4), code: 100002, info: []string{"seat 4"}},
		{name: "to a negative one", given: salonWith("ann"), body: switchTo("ann", -1), code: 100002, info: []string{"seat -1"}},
		{name: "who has no seat", given: salonWith("bob"), body: switchTo("ann", 1), code: 100206, info: []string{"ann"}, then: sits("bob")},
		{name: "who is not in the room", given: salonWith("bob"), body: switchTo("stranger", 1), code: 100005, info: []string{"stranger"}},
	}, seatless(switchTo("ann", 1), "RoomId", "Member_Account", "ToIndex")...))
}

func TestMoveUserToSeat(t *testing.T) {
	scenarios := []scenario{
		{name: "giving up when it is taken", given: salonWith("ann", "bob"), body: move("ann", 1, 0), code: 100210, info: []string{"bob"}, then: sits("ann", "bob")},
		{name: "taking another one's seat", given: salonWith("ann", "bob/A"), body: move("ann", 1, 1), fires: seated("", "ann/A"), then: sits("", "ann/A")},
		{name: "changing places", given: salonWith("ann/V", "bob/A"), body: move("ann", 1, 2), fires: seated("bob/V", "ann/A"), then: sits("bob/V", "ann/A")},
		{name: "a policy past the last", given: salonWith("ann"), body: move("ann", 1, 3), code: 100002, info: []string{"Policy"}, then: sits("ann")},
		{name: "a negative policy", given: salonWith("ann"), body: move("ann", 1, -1), code: 100002, info: []string{"Policy"}},
		{name: "a seat past the last", given: salonWith("ann"), body: move("ann", 4, 0), code: 100002, info: []string{"seat 4"}},
		{name: "any seat is a word of clients only", given: salonWith("ann"), body: move("ann", -1, 0), code: 100002, info: []string{"seat -1"}},
		{name: "who has no seat", given: salonWith("bob"), body: move("ann", 0, 1), code: 100206, info: []string{"ann"}, then: sits("bob")},
		{name: "who is not in the room", given: salonWith("bob"), body: move("stranger", 0, 1), code: 100005, info: []string{"stranger"}, then: sits("bob")},
	}
	for policy := range 3 {
		as := fmt.Sprintf(", policy %d", policy)
		scenarios = append(scenarios,
			scenario{name: "to an empty seat" + as, given: salonWith("ann/A", "bob"), body: move("ann", 3, policy), fires: seated("/A", "bob", "", "ann"), then: sits("/A", "bob", "", "ann")},
			scenario{name: "to a locked seat, which is unlocked" + as, given: salonWith("ann", "/TV"), body: move("ann", 1, policy), fires: seated("", "ann/V"), then: sits("", "ann/V")},
			scenario{name: "to its own seat: no change" + as, given: salonWith("ann/A"), body: move("ann", 0, policy), then: sits("ann/A")},
		)
	}
	play(t, moveUserToSeat, append(scenarios, seatless(move("ann", 1, 0), "RoomId", "Member_Account", "SeatIndex", "Policy")...))
}

// TestSeatsOfMembers: who may sit is who is online in the room, and whoever goes leaves its seat after having been told gone.
func TestSeatsOfMembers(t *testing.T) {
	d := everybodys.open(t)
	fan := live.Caller{App: d.app, User: "fan", IP: "127.0.0.1", Platform: live.PlatformREST}
	place := live.Membership{App: d.app, Room: "salon_1", User: "fan"}
	member := func(cause string) string {
		state := "Offline"
		if cause == "Enter" || cause == "HeartbeatRecover" {
			state = "Online"
		}
		return `{"CallbackCommand":"Live.CallbackAfterMemberStateChanged","RoomId":"salon_1","EventType":"` + state + `",
			"EventCause":"` + cause + `","MemberList":[{"Member_Account":"fan"}],"EventTime":1765001300444}`
	}
	enter := func() error { _, err := d.live.Enter(ctx, fan, "salon_1"); return err }
	heard := 0
	fires := func(bodies ...string) {
		t.Helper()
		got := d.fired()[heard:]
		heard += len(got)
		bodiesGot := make([]string, len(got))
		for i, e := range got {
			bodiesGot[i] = string(e.Body)
		}
		want := make([]string, len(bodies))
		for i, b := range bodies {
			want[i] = compact(t, b)
		}
		require.Equal(t, want, bodiesGot)
	}
	d.take(salonWith("", "bob"))
	heard = len(d.fired())

	refused := []step{{call: pickUserOnSeat, body: pick("fan", 0), code: 100005}}
	d.take(refused)
	require.NoError(t, enter())
	fires(member("Enter"))
	d.take([]step{{call: pickUserOnSeat, body: pick("fan", 0)}})
	fires(seated("fan", "bob")...)
	require.NoError(t, d.live.Interrupt(ctx, place))
	fires(append([]string{member("HeartbeatInterrupt")}, seated("", "bob")...)...)
	d.take(refused)
	require.NoError(t, enter())
	fires(member("HeartbeatRecover"))
	d.take([]step{{call: pickUserOnSeat, body: pick("fan", 3)}})
	fires(seated("", "bob", "", "fan")...)
	require.NoError(t, d.live.Leave(ctx, fan, "salon_1"))
	fires(append([]string{member("Leave")}, seated("", "bob")...)...)
	d.take(refused)
	d.take(sits("", "bob"))
	fires()
}

// TestPullingAStreamIn makes the calls of a console that lets a stream from elsewhere into a room.
func TestPullingAStreamIn(t *testing.T) {
	d := everybodys.open(t)
	d.take([]step{
		{call: createRoom, body: `{"RoomInfo":{"RoomId":"live_ann","RoomType":"Live","SeatTemplate":"VideoDynamicGrid9Seats","Owner_Account":"ann",
			"IsUnlimitedRoomEnabled":true,"TakeSeatMode":"ApplyToTake","KeepOwnerOnSeat":false}}`},
		{call: getRobot, body: `{"RoomId":"live_ann"}`, reply: `{"RobotList_Account":[]}`},
		{call: getSeatList, body: `{"RoomId":"live_ann"}`, reply: `{"SeatList":` + seatList(make([]string, 9)...) + `}`},
		{call: accountImport, body: `{"UserID":"live_obs_ann","Nick":"OBS","FaceUrl":""}`},
		{call: addRobot, body: `{"RoomId":"live_ann","RobotList_Account":["live_obs_ann"]}`},
		{call: getRobot, body: `{"RoomId":"live_ann"}`, reply: `{"RobotList_Account":["live_obs_ann"]}`},
		{call: pickUserOnSeat, body: `{"RoomId":"live_ann","Member_Account":"live_obs_ann","Index":0}`},
		{call: getSeatList, body: `{"RoomId":"live_ann"}`, reply: `{"SeatList":` + seatList(append([]string{"live_obs_ann"}, make([]string, 8)...)...) + `}`},
		{call: pickUserOnSeat, body: `{"RoomId":"live_ann","Member_Account":"live_obs_ann","Index":0}`, code: 100203},
	})
}
