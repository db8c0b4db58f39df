package restapi_test

import (
	"strings"
	"testing"
)

func TestChangeRoomOwner(t *testing.T) {
	give := func(to string) string { return `{"RoomId":"live_9001","NewOwner_Account":"` + to + `"}` }
	gave := func(to string) []string {
		return []string{`{"CallbackCommand":"Live.CallbackAfterChangeOwner","RoomId":"live_9001","EventTime":1765001300444,
			"Operator_Account":"administrator","CurrentOwner_Account":"` + to + `","OriginalOwner_Account":"host_7"}`}
	}
	owner := func(id, profile string) step {
		return step{call: getRoomList, body: `{}`, reply: listing("", strings.NewReplacer(
			`"host_7"`, `"`+id+`"`, `"Hana"`, `"`+profile+`"`, `"h.png"`, `""`).Replace(listed("live_9001", 0)))}
	}
	imported := func(id string) step {
		return step{call: accountCheck, body: `{"CheckItem":[{"UserID":"` + id + `"}]}`, reply: `{"ResultItem":[
			{"UserID":"` + id + `","ResultCode":0,"ResultInfo":"","AccountStatus":"Imported"}]}`}
	}
	strict := func(s *setup) { s.app.RequireImportedAccounts = true }
	known := []step{{call: accountImport, body: `{"UserID":"host_7"}`}, {call: accountImport, body: `{"UserID":"oskar","Nick":"Oskar"}`}, aRoom}
	long := strings.Repeat("o", 32)
	play(t, changeRoomOwner, []scenario{
		{name: "to a user", given: known, body: give("oskar"), fires: gave("oskar"), then: []step{owner("oskar", "Oskar"), admins(`[]`)}},
		{name: "to one who was never imported", given: []step{aRoom}, body: give("lin"), fires: gave("lin"), then: []step{owner("lin", ""), imported("lin")}},
		{
			name: "to an administrator, who is one no longer", given: aRoomWithAdmins(`["lin","oskar"]`), body: give("lin"),
			fires: gave("lin"), then: []step{admins(`["oskar"]`), owner("lin", "")},
		},
		{
			name: "the former owner is an ordinary member", given: aRoomWithAdmins(`["lin"]`), body: give("lin"), fires: gave("lin"),
			then: []step{admins(`[]`), {call: createRoom, body: aRoom.body, code: 100003}},
		},
		{name: "to the owner: nothing happens", given: known, body: give("host_7"), then: []step{owner("host_7", "")}},
		{name: "to an account of 32 bytes", given: []step{aRoom}, body: give(long), fires: gave(long)},
		{name: "to one who was imported, where that is demanded", with: []func(*setup){strict}, given: known, body: give("oskar"), fires: gave("oskar")},
		{
			name: "to one who was not, where that is demanded", with: []func(*setup){strict}, given: known, body: give("lin"),
			code: 100002, info: []string{"NewOwner_Account", "lin"}, then: []step{owner("host_7", "")},
		},
		{name: "a room that never was", body: give("oskar"), code: 100004, info: []string{"live_9001"}},
		{name: "no room", given: known, body: `{"NewOwner_Account":"oskar"}`, code: 100002, info: []string{"RoomId"}},
		{name: "nobody", given: known, body: askRoom, code: 100002, info: []string{"NewOwner_Account"}},
		{name: "an empty account", given: known, body: give(""), code: 100002, info: []string{"NewOwner_Account"}},
		{name: "an account of 33 bytes", given: known, body: give(long + "o"), code: 100002, info: []string{"NewOwner_Account", "32"}},
		{name: "an account that is no string", given: known, body: `{"RoomId":"live_9001","NewOwner_Account":7}`, code: 60015, info: []string{"NewOwner_Account"}},
	})
}
