package restapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// modify is the body that gives or takes rights in live_9001; accounts is a JSON array.
func modify(op, accounts string) string {
	return `{"RoomId":"live_9001","Admin_Account":` + accounts + `,"OpType":"` + op + `"}`
}

// modified is the webhook of that.
func modified(op, accounts string) []string {
	return []string{`{"CallbackCommand":"Live.CallbackAfterModifyAdmin","RoomId":"live_9001","EventTime":1765001300444,
		"Operator_Account":"administrator","Admin_Account":` + accounts + `,"opType":"` + op + `"}`}
}

// admins is the room's whole list, as a step of its own.
func admins(accounts string) step {
	return step{call: getAdminList, body: askRoom, reply: `{"Admin_Account":` + accounts + `}`}
}

func aRoomWithAdmins(accounts string) []step {
	return []step{aRoom, {call: modifyAdmin, body: modify("add", accounts)}}
}

func numbered(n int) string { return list(n, func(i int) string { return "mod_" + fmt.Sprint(i) }) }

func TestModifyAdmin(t *testing.T) {
	long := strings.Repeat("m", 32)
	play(t, modifyAdmin, []scenario{
		{
			name: "two become administrators", given: []step{aRoom}, body: modify("add", `["oskar","lin"]`),
			fires: modified("add", `["oskar","lin"]`), then: []step{admins(`["lin","oskar"]`)},
		},
		{
			name: "five at once", given: []step{aRoom}, body: modify("add", numbered(5)),
			fires: modified("add", numbered(5)), then: []step{admins(numbered(5))},
		},
		{name: "six at once", given: []step{aRoom}, body: modify("add", numbered(6)), code: 100002, info: []string{"Admin_Account", "5"}, then: []step{admins(`[]`)}},
		{
			name: "the fifth", given: aRoomWithAdmins(numbered(4)), body: modify("add", `["mod_4"]`),
			fires: modified("add", `["mod_4"]`), then: []step{admins(numbered(5))},
		},
		{name: "the sixth", given: aRoomWithAdmins(numbered(5)), body: modify("add", `["oskar"]`), code: 100020, info: []string{"5"}, then: []step{admins(numbered(5))}},
		{
			name: "two on four: neither of them", given: aRoomWithAdmins(numbered(4)), body: modify("add", `["lin","oskar"]`),
			code: 100020, then: []step{admins(numbered(4))},
		},
		{
			name: "who is one already is not told again", given: aRoomWithAdmins(`["lin"]`), body: modify("add", `["lin","oskar"]`),
			fires: modified("add", `["oskar"]`), then: []step{admins(`["lin","oskar"]`)},
		},
		{name: "nobody new: no webhook", given: aRoomWithAdmins(`["lin"]`), body: modify("add", `["lin"]`), then: []step{admins(`["lin"]`)}},
		{name: "five who are all there already", given: aRoomWithAdmins(numbered(5)), body: modify("add", numbered(5)), then: []step{admins(numbered(5))}},
		{
			name: "an account named twice", given: []step{aRoom}, body: modify("add", `["lin","lin"]`),
			fires: modified("add", `["lin"]`), then: []step{admins(`["lin"]`)},
		},
		{
			name: "the owner needs no rights", given: []step{aRoom}, body: modify("add", `["host_7","lin"]`),
			fires: modified("add", `["lin"]`), then: []step{admins(`["lin"]`)},
		},
		{
			name: "an account that was never imported is registered", given: []step{aRoom}, body: modify("add", `["monitor_17"]`),
			fires: modified("add", `["monitor_17"]`),
			then: []step{{call: accountCheck, body: `{"CheckItem":[{"UserID":"monitor_17"}]}`, reply: `{"ResultItem":[
				{"UserID":"monitor_17","ResultCode":0,"ResultInfo":"","AccountStatus":"Imported"}]}`}},
		},
		{
			name: "an account of 32 bytes", given: []step{aRoom}, body: modify("add", `["`+long+`"]`),
			fires: modified("add", `["`+long+`"]`), then: []step{admins(`["` + long + `"]`)},
		},
		{
			name: "rights are taken", given: aRoomWithAdmins(`["lin","oskar"]`), body: modify("delete", `["oskar"]`),
			fires: modified("delete", `["oskar"]`), then: []step{admins(`["lin"]`)},
		},
		{
			name: "rights are taken from who has them", given: aRoomWithAdmins(`["lin"]`), body: modify("delete", `["nobody","lin","lin"]`),
			fires: modified("delete", `["lin"]`), then: []step{admins(`[]`)},
		},
		{
			name: "nobody had any: no webhook, and nobody is registered by it", given: aRoomWithAdmins(`["lin"]`), body: modify("delete", `["nobody"]`),
			then: []step{admins(`["lin"]`), {call: accountCheck, body: `{"CheckItem":[{"UserID":"nobody"}]}`, reply: `{"ResultItem":[
				{"UserID":"nobody","ResultCode":0,"ResultInfo":"","AccountStatus":"NotImported"}]}`}},
		},
		{
			name: "there is room again", given: append(aRoomWithAdmins(numbered(5)), step{call: modifyAdmin, body: modify("delete", `["mod_2"]`)}),
			body: modify("add", `["oskar"]`), fires: modified("add", `["oskar"]`),
			then: []step{admins(`["mod_0","mod_1","mod_3","mod_4","oskar"]`)},
		},
		{name: "a room that never was", body: modify("add", `["lin"]`), code: 100004, info: []string{"live_9001"}},
		{name: "rights in a room that never was", body: modify("delete", `["lin"]`), code: 100004},
		{name: "no room", given: []step{aRoom}, body: `{"Admin_Account":["lin"],"OpType":"add"}`, code: 100002, info: []string{"RoomId"}},
		{name: "no operation", given: []step{aRoom}, body: `{"RoomId":"live_9001","Admin_Account":["lin"]}`, code: 100002, info: []string{"OpType"}},
		{name: "another operation", given: []step{aRoom}, body: modify("remove", `["lin"]`), code: 100002, info: []string{"OpType", "add", "delete"}},
		{name: "the operation in other letters", given: []step{aRoom}, body: modify("Add", `["lin"]`), code: 100002, info: []string{"OpType"}},
		{name: "the operation under the webhook's name", given: []step{aRoom}, body: `{"RoomId":"live_9001","Admin_Account":["lin"],"opType":"add"}`, code: 100002, info: []string{"OpType"}},
		{name: "nobody", given: []step{aRoom}, body: modify("add", `[]`), code: 100002, info: []string{"Admin_Account"}},
		{name: "no list", given: []step{aRoom}, body: `{"RoomId":"live_9001","OpType":"add"}`, code: 100002, info: []string{"Admin_Account"}},
		{name: "an empty account", given: []step{aRoom}, body: modify("add", `["lin",""]`), code: 100002, info: []string{"Admin_Account[1]"}, then: []step{admins(`[]`)}},
		{name: "an account of 33 bytes", given: []step{aRoom}, body: modify("add", `["`+long+`m"]`), code: 100002, info: []string{"Admin_Account", "32"}},
		{name: "an account in other letters than ASCII", given: []step{aRoom}, body: modify("add", `["линь"]`), code: 100002, info: []string{"Admin_Account"}},
		{name: "an account that is no string", given: []step{aRoom}, body: modify("add", `["lin",7]`), code: 60015, info: []string{"Admin_Account[1]", "a string"}, then: []step{admins(`[]`)}},
		{name: "one account instead of a list", given: []step{aRoom}, body: modify("add", `"lin"`), code: 60015, info: []string{"Admin_Account", "list of strings"}},
	})
}

func TestGetAdminList(t *testing.T) {
	play(t, getAdminList, []scenario{
		{name: "a room without administrators", given: []step{aRoom}, body: askRoom, reply: `{"Admin_Account":[]}`},
		{name: "the owner is not in the list", given: aRoomWithAdmins(`["oskar","lin"]`), body: askRoom, reply: `{"Admin_Account":["lin","oskar"]}`},
		{name: "a room that never was", body: askRoom, code: 100004, info: []string{"live_9001"}},
		{name: "no room", body: `{}`, code: 100002, info: []string{"RoomId"}},
		{name: "an id of 49 bytes", body: `{"RoomId":"` + strings.Repeat("r", 49) + `"}`, code: 100002, info: []string{"RoomId"}},
	})
}

func TestModifyAdminUpToTheServersLimit(t *testing.T) {
	d := everybodys.open(t, func(s *setup) { s.limits.MaxAdmins = 1 })
	d.take([]step{aRoom,
		{call: modifyAdmin, body: modify("add", `["a","b"]`), code: 100020},
		{call: modifyAdmin, body: modify("add", `["a"]`)},
		{call: modifyAdmin, body: modify("add", `["b"]`), code: 100020},
		admins(`["a"]`),
	})
	require.Len(t, d.fired(), 2)
}
