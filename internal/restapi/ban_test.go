package restapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

const (
	banMember           = "live_engine_http_srv/ban_member"
	unbanMember         = "live_engine_http_srv/unban_member"
	getBannedMemberList = "live_engine_http_srv/get_banned_member_list"
)

func init() {
	good[banMember] = `{"RoomId":"live_9001","MemberList_Account":["lin"],"Duration":3600,"Reason":"spam links"}`
	good[unbanMember] = membersOf(`["lin"]`)
	furnishing[getBannedMemberList] = []step{{call: banMember, body: good[banMember]}}
	furnishing[unbanMember] = furnishing[getBannedMemberList]
	exemplary[getBannedMemberList] = `{"RoomId":"live_9001","Offset":0,"Limit":50}`
	furnishing[banMember] = []step{entering("lin")}
	good[getBannedMemberList] = `{"RoomId":"live_9001","Offset":0,"Limit":50,"Next":0,"Count":20}`
}

// membersOf is a body that names accounts of live_9001, and no more.
func membersOf(accounts string) string {
	return `{"RoomId":"live_9001","MemberList_Account":` + accounts + `}`
}

// ban is the body that bans accounts from live_9001.
func ban(accounts, seconds, reason string) string {
	return `{"RoomId":"live_9001","MemberList_Account":` + accounts + `,"Duration":` + seconds + `,"Reason":"` + reason + `"}`
}

// banned is the room's list, as a step of its own.
func banned(list string) step {
	return step{call: getBannedMemberList, body: askRoom, reply: `{"BannedAccountList":[` + list + `],"NextOffset":0}`}
}

func bannedUntil(account, until, reason string) string {
	return `{"Member_Account":"` + account + `","BannedUntil":` + until + `,"Reason":"` + reason + `"}`
}

// kickedOut is the webhook of members who were removed.
func kickedOut(accounts ...string) []string {
	for i, account := range accounts {
		accounts[i] = `{"Member_Account":"` + account + `"}`
	}
	return []string{`{"CallbackCommand":"Live.CallbackAfterMemberStateChanged","RoomId":"live_9001","EventType":"Offline",
		"EventCause":"Kicked","MemberList":[` + strings.Join(accounts, ",") + `],"EventTime":1765001300444}`}
}

// enters tries to enter live_9001.
func enters(user live.UserID, code live.Code) step {
	return step{do: func(d *door) {
		d.t.Helper()
		_, err := d.live.Enter(ctx, d.user(user), "live_9001")
		require.Equal(d.t, code, live.CodeOf(err), "%s: %v", user, err)
	}}
}

// losing marks members offline whose connections were lost.
func losing(users ...live.UserID) step {
	return step{do: func(d *door) {
		d.t.Helper()
		for _, user := range users {
			require.NoError(d.t, d.live.Interrupt(ctx, live.Membership{App: d.app, Room: "live_9001", User: user}))
		}
	}}
}

// online is who is in the room, as a step of its own.
func online(accounts ...string) step {
	n := len(accounts)
	for i, account := range accounts {
		accounts[i] = `{"Member_Account":"` + account + `"}`
	}
	return step{call: getMemberList, body: `{"RoomId":"live_9001","Next":""}`,
		reply: fmt.Sprintf(`{"Next":"","MemberCount":%d,"MemberList":[%s]}`, n, strings.Join(accounts, ","))}
}

func TestBanMember(t *testing.T) {
	troll := func(until string) step { return banned(bannedUntil("troll9", until, "")) }
	twenty, text := list(21, func(i int) string { return fmt.Sprint("user_", i) }), strings.Repeat("r", 1000)
	play(t, banMember, []scenario{
		{
			name: "two who are not in the room", given: []step{aRoom}, body: ban(`["troll9","bot"]`, "7200", "spam links"),
			then: []step{banned(bannedUntil("bot", "1765008501", "spam links") + `,` + bannedUntil("troll9", "1765008501", "spam links")), enters("troll9", 100016), enters("lin", 0)},
		},
		{
			name: "some who are: they are removed, and one webhook tells of those who were online", given: []step{aRoom, entering("host_7", "lin", "oskar", "sleeper", "troll9"), losing("sleeper")},
			body: ban(`["troll9","sleeper","stranger","lin"]`, "60", ""), fires: kickedOut("troll9", "lin"),
			then: []step{online("host_7", "oskar"), enters("troll9", 100016), enters("sleeper", 100016), enters("stranger", 100016), enters("oskar", 0)},
		},
		{
			name: "one who was offline is removed silently", given: []step{aRoom, entering("sleeper"), losing("sleeper")}, body: ban(`["sleeper"]`, "60", ""),
			then: []step{online(), enters("sleeper", 100016)},
		},
		{
			name: "an administrator stays one but cannot come in", given: append(aRoomWithAdmins(`["lin"]`), entering("lin")), body: ban(`["lin"]`, "60", ""),
			fires: kickedOut("lin"), then: []step{admins(`["lin"]`), enters("lin", 100016)},
		},
		{
			name: "the owner: nobody is banned", given: []step{aRoom, entering("lin", "host_7")}, body: ban(`["lin","host_7"]`, "60", ""), code: 100006, info: []string{"host_7"},
			then: []step{banned(``), online("host_7", "lin")},
		},
		{
			name: "again, for another time and reason", given: []step{aRoom, {call: banMember, body: ban(`["troll9"]`, "60", "first")}}, body: ban(`["troll9"]`, "3600", "second"),
			then: []step{banned(bannedUntil("troll9", "1765004901", "second"))},
		},
		{name: "an account named twice", given: []step{aRoom, entering("lin")}, body: ban(`["lin","lin"]`, "60", ""), fires: kickedOut("lin"), then: []step{online()}},
		{name: "for a second", given: []step{aRoom}, body: ban(`["troll9"]`, "1", ""), then: []step{troll("1765001302")}},
		{name: "for ever", given: []step{aRoom}, body: ban(`["troll9"]`, "4294967295", ""), then: []step{troll("4294967295")}},
		{name: "for longer than that", given: []step{aRoom}, body: ban(`["troll9"]`, "4294967296", ""), code: 100002, info: []string{"Duration", "4294967295"}, then: []step{banned(``)}},
		{name: "for no time", given: []step{aRoom}, body: ban(`["troll9"]`, "0", ""), code: 100002, info: []string{"Duration"}, then: []step{banned(``)}},
		{name: "for less than no time", given: []step{aRoom}, body: ban(`["troll9"]`, "-1", ""), code: 100002, info: []string{"Duration"}},
		{name: "for a time not given", given: []step{aRoom}, body: membersOf(`["troll9"]`), code: 100002, info: []string{"Duration"}, then: []step{banned(``)}},
		{name: "without a reason", given: []step{aRoom}, body: `{"RoomId":"live_9001","MemberList_Account":["troll9"],"Duration":60}`, then: []step{troll("1765001361")}},
		{name: "a reason of 1,000 bytes", given: []step{aRoom}, body: ban(`["troll9"]`, "60", text), then: []step{banned(bannedUntil("troll9", "1765001361", text))}},
		{name: "a reason of 1,001 bytes", given: []step{aRoom}, body: ban(`["troll9"]`, "60", text+"r"), code: 100002, info: []string{"Reason", "1001"}, then: []step{banned(``)}},
		{name: "20 accounts", given: []step{aRoom}, body: ban(strings.Replace(twenty, `,"user_20"`, "", 1), "60", "")},
		{name: "21 accounts", given: []step{aRoom}, body: ban(twenty, "60", ""), code: 100002, info: []string{"MemberList_Account", "20"}, then: []step{banned(``)}},
		{name: "nobody", given: []step{aRoom}, body: ban(`[]`, "60", ""), code: 100002, info: []string{"MemberList_Account"}},
		{name: "no list", given: []step{aRoom}, body: `{"RoomId":"live_9001","Duration":60}`, code: 100002, info: []string{"MemberList_Account"}},
		{name: "an empty account", given: []step{aRoom}, body: ban(`["troll9",""]`, "60", ""), code: 100002, info: []string{"MemberList_Account[1]"}, then: []step{banned(``)}},
		{name: "an account that was never imported is registered", given: []step{aRoom}, body: ban(`["troll9"]`, "60", ""), then: []step{known("troll9", true)}},
		{
			name: "an account that was never imported, where that is demanded", with: []func(*setup){importsOnly},
			given: []step{imported("host_7"), aRoom, entering("lin")}, body: ban(`["lin","troll9"]`, "60", ""), code: 100002, info: []string{"troll9"}, then: []step{banned(``), online("lin")},
		},
		{name: "no room", given: []step{aRoom}, body: `{"MemberList_Account":["troll9"],"Duration":60}`, code: 100002, info: []string{"RoomId"}},
		{name: "a room that never was", body: ban(`["troll9"]`, "60", ""), code: 100004, info: []string{"live_9001"}},
	})
}

// TestABanEnds: at the second that BannedUntil tells, and not before.
func TestABanEnds(t *testing.T) {
	d := everybodys.open(t)
	d.take([]step{aRoom, {call: banMember, body: ban(`["lin","oskar"]`, "60", "")},
		waiting(60*time.Second + 555*time.Millisecond), enters("lin", 100016),
		waiting(time.Millisecond), enters("lin", 0), banned(``)})
}

// TestLapsedBansAreClearedAway: they do not pile up in a room that lives for ever.
func TestLapsedBansAreClearedAway(t *testing.T) {
	d := everybodys.open(t)
	d.take([]step{aRoom, {call: banMember, body: ban(`["a","b"]`, "1", "")}, {call: banMember, body: ban(`["c"]`, "60", "")}, waiting(2 * time.Second),
		{call: banMember, body: ban(`["d"]`, "60", "")}})
	require.NotContains(t, fmt.Sprint(d.state()), "room_bans["+d.app.String()+" live_9001 a ")
	require.NotContains(t, fmt.Sprint(d.state()), "room_bans["+d.app.String()+" live_9001 b ")
	require.Contains(t, fmt.Sprint(d.state()), "room_bans["+d.app.String()+" live_9001 c ")
	require.Contains(t, fmt.Sprint(d.state()), "room_bans["+d.app.String()+" live_9001 d ")
}

func TestUnbanMember(t *testing.T) {
	given := []step{aRoom, {call: banMember, body: ban(`["bot","lin","troll9"]`, "60", "")}}
	many := list(21, func(i int) string { return fmt.Sprint("user_", i) })
	play(t, unbanMember, []scenario{
		{
			name: "some of them, and some who are not banned", given: given, body: membersOf(`["troll9","nobody","bot","bot"]`),
			then: []step{banned(bannedUntil("lin", "1765001361", "")), enters("troll9", 0), enters("lin", 100016), known("nobody", false)},
		},
		{name: "nobody was banned", given: []step{aRoom}, body: membersOf(`["lin"]`), then: []step{known("lin", false)}},
		{name: "20 accounts", given: given, body: membersOf(strings.Replace(many, `,"user_20"`, "", 1))},
		{name: "21 accounts", given: given, body: membersOf(many), code: 100002, info: []string{"MemberList_Account", "20"}},
		{name: "an empty list", given: given, body: membersOf(`[]`), code: 100002, info: []string{"MemberList_Account"}},
		{name: "no list", given: given, body: askRoom, code: 100002, info: []string{"MemberList_Account"}},
		{name: "an empty account", given: given, body: membersOf(`["lin",""]`), code: 100002, info: []string{"MemberList_Account[1]"}, then: []step{enters("lin", 100016)}},
		{name: "no room", given: given, body: `{"MemberList_Account":["lin"]}`, code: 100002, info: []string{"RoomId"}},
		{name: "a room that never was", body: membersOf(`["lin"]`), code: 100004, info: []string{"live_9001"}},
	})
}

func TestGetBannedMemberList(t *testing.T) {
	ask := func(fields string) string { return `{"RoomId":"live_9001",` + fields + `}` }
	reply := func(next int, accounts ...string) string {
		for i, account := range accounts {
			accounts[i] = bannedUntil(account, "1765001361", "spam")
		}
		return fmt.Sprintf(`{"BannedAccountList":[%s],"NextOffset":%d}`, strings.Join(accounts, ","), next)
	}
	given := []step{aRoom, {call: banMember, body: ban(`["d","b","a","c"]`, "60", "spam")}}
	crowd := []step{aRoom}
	var names []string
	for i := range 101 {
		names = append(names, fmt.Sprintf("user_%03d", i))
		crowd = append(crowd, step{call: banMember, body: ban(`["`+names[i]+`"]`, "60", "spam")})
	}
	first := append([]string{}, names[:100]...)
	play(t, getBannedMemberList, []scenario{
		{name: "all, ordered by account", given: given, body: askRoom, reply: reply(0, "a", "b", "c", "d")},
		{name: "nobody", given: []step{aRoom}, body: askRoom, reply: reply(0)},
		{name: "as an older client asks", given: given, body: ask(`"Next":0`), reply: reply(0, "a", "b", "c", "d")},
		{name: "the first page", given: given, body: ask(`"Offset":0,"Limit":2`), reply: reply(2, "a", "b")},
		{name: "the last page", given: given, body: ask(`"Offset":2,"Limit":2`), reply: reply(0, "c", "d")},
		{name: "a page of one, in texts", given: given, body: ask(`"Next":"1","Count":"1"`), reply: reply(2, "b")},
		{name: "past the end", given: given, body: ask(`"Offset":4,"Limit":2`), reply: reply(0)},
		{name: "100 of 101", given: crowd, body: askRoom, reply: reply(100, first...), then: []step{
			{call: getBannedMemberList, body: ask(`"Offset":100`), reply: reply(0, "user_100")},
			{call: getBannedMemberList, body: ask(`"Offset":100,"Limit":100`), reply: reply(0, "user_100")},
		}},
		{name: "past the highest limit", given: given, body: ask(`"Limit":101`), code: 100002, info: []string{"Limit", "100"}},
		{name: "any count", given: given, body: ask(`"Count":1000`), reply: reply(0, "a", "b", "c", "d")},
		{name: "a negative limit", given: given, body: ask(`"Limit":-1`), code: 100002, info: []string{"Limit"}},
		{name: "a negative offset", given: given, body: ask(`"Offset":-1`), code: 100002, info: []string{"Offset"}},
		{name: "whose time is over", given: append(given[:2:2], waiting(time.Hour)), body: askRoom, reply: reply(0)},
		{name: "a room of the same id, made anew", given: append(given[:2:2], step{call: destroyRoom, body: askRoom}, aRoom), body: askRoom, reply: reply(0)},
		{name: "a room that never was", body: askRoom, code: 100004, info: []string{"live_9001"}},
		{name: "no room", body: `{}`, code: 100002, info: []string{"RoomId"}},
	})
}
