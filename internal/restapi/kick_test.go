package restapi_test

import (
	"fmt"
	"strings"
	"testing"
)

const (
	kickUserOut     = "room_engine_http_srv/kick_user_out"
	liveKickUserOut = "live_engine_http_srv/kick_user_out"
)

func init() {
	good[kickUserOut] = `{"RoomId":"live_9001","MemberList_Account":["lin"],"Reason":"spam links"}`
	good[liveKickUserOut] = good[kickUserOut]
	furnishing[kickUserOut], furnishing[liveKickUserOut] = []step{entering("lin")}, []step{entering("lin")}
}

func TestKickUserOut(t *testing.T) {
	peopled := []step{aRoom, entering("host_7", "lin", "oskar", "sleeper"), losing("sleeper")}
	many, text := list(21, func(i int) string { return fmt.Sprint("user_", i) }), strings.Repeat("r", 1000)
	reasoned := func(reason string) string {
		return `{"RoomId":"live_9001","MemberList_Account":["lin"],"Reason":"` + reason + `"}`
	}
	scenarios := []scenario{
		{
			name: "two, who may come back", given: peopled, body: membersOf(`["oskar","lin"]`), fires: kickedOut("oskar", "lin"),
			then: []step{online("host_7"), enters("lin", 0), online("host_7", "lin")},
		},
		{name: "some who are not there", given: peopled, body: membersOf(`["nobody","lin","lin"]`), fires: kickedOut("lin"), then: []step{online("host_7", "oskar"), known("nobody", false)}},
		{name: "nobody is there: no webhook", given: peopled, body: membersOf(`["nobody"]`), then: []step{online("host_7", "lin", "oskar")}},
		{name: "one who was offline is removed silently", given: peopled, body: membersOf(`["sleeper"]`), then: []step{online("host_7", "lin", "oskar")}},
		{name: "one who was offline among others", given: peopled, body: membersOf(`["sleeper","lin"]`), fires: kickedOut("lin"), then: []step{online("host_7", "oskar")}},
		{name: "an administrator", given: append(aRoomWithAdmins(`["lin"]`), entering("lin")), body: membersOf(`["lin"]`), fires: kickedOut("lin"), then: []step{online(), admins(`["lin"]`)}},
		{name: "the owner: nobody is removed", given: peopled, body: membersOf(`["lin","host_7"]`), code: 100006, info: []string{"host_7"}, then: []step{online("host_7", "lin", "oskar")}},
		{name: "the owner, who is not even there", given: []step{aRoom}, body: membersOf(`["host_7"]`), code: 100006},
		{name: "a reason of 1,000 bytes", given: peopled, body: reasoned(text), fires: kickedOut("lin")},
		{name: "a reason of 1,001 bytes", given: peopled, body: reasoned(text + "r"), code: 100002, info: []string{"Reason", "1001"}},
		{name: "20 accounts", given: peopled, body: membersOf(strings.Replace(many, `,"user_20"`, "", 1))},
		{name: "21 accounts", given: peopled, body: membersOf(many), code: 100002, info: []string{"MemberList_Account", "20"}},
		{name: "an empty list", given: peopled, body: membersOf(`[]`), code: 100002, info: []string{"MemberList_Account"}},
		{name: "no list", given: peopled, body: askRoom, code: 100002, info: []string{"MemberList_Account"}},
		{name: "an empty account", given: peopled, body: membersOf(`["lin",""]`), code: 100002, info: []string{"MemberList_Account[1]"}},
		{name: "no room", given: peopled, body: `{"MemberList_Account":["lin"]}`, code: 100002, info: []string{"RoomId"}},
		{name: "a room that never was", body: membersOf(`["lin"]`), code: 100004, info: []string{"live_9001"}},
	}
	t.Run("of the room engine", func(t *testing.T) { play(t, kickUserOut, scenarios) })
	t.Run("of the live engine", func(t *testing.T) { play(t, liveKickUserOut, scenarios) })
}
