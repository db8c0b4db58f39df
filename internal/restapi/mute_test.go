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
	muteMember         = "live_engine_http_srv/mute_member"
	getMutedMemberList = "live_engine_http_srv/get_muted_member_list"
)

func init() {
	good[muteMember] = mute(`["lin"]`, "600")
	furnishing[getMutedMemberList] = []step{{call: muteMember, body: mute(`["lin","oskar"]`, "600")}}
	exemplary[getMutedMemberList] = askRoom
	good[getMutedMemberList] = `{"RoomId":"live_9001","Offset":0,"Limit":50,"Next":"0","Count":20}`
}

// mute is the body that mutes accounts in live_9001 for that many seconds.
func mute(accounts, seconds string) string {
	return `{"RoomId":"live_9001","MemberList_Account":` + accounts + `,"MuteTime":` + seconds + `}`
}

// muted is the room's whole list, as a step of its own.
func muted(list string) step {
	return step{call: getMutedMemberList, body: askRoom, reply: `{"MutedAccountList":[` + list + `]}`}
}

func aRoomWithMuted(accounts, seconds string) []step {
	return []step{aRoom, {call: muteMember, body: mute(accounts, seconds)}}
}

// entering brings users into live_9001.
func entering(users ...live.UserID) step {
	return step{do: func(d *door) {
		d.t.Helper()
		for _, user := range users {
			_, err := d.live.Enter(ctx, d.user(user), "live_9001")
			require.NoError(d.t, err)
		}
	}}
}

func (d *door) user(user live.UserID) live.Caller {
	return live.Caller{App: d.app, User: user, Kind: live.KindUser, IP: "198.51.100.7", Platform: live.PlatformWeb}
}

// waiting lets time pass.
func waiting(more time.Duration) step { return step{do: func(d *door) { d.ahead.Add(int64(more)) }} }

// TestMuteMember: the call is made at 1765001300.444, and a mute ends on a whole second.
func TestMuteMember(t *testing.T) {
	long := strings.Repeat("m", 32)
	numbered := func(n int) string { return list(n, func(i int) string { return fmt.Sprintf("user_%03d", i) }) }
	lin := func(until string) step { return muted(`{"Member_Account":"lin","MutedUntil":` + until + `}`) }
	play(t, muteMember, []scenario{
		{
			name: "two who are not in the room", given: []step{aRoom}, body: mute(`["oskar","lin"]`, "900"),
			then: []step{muted(`{"Member_Account":"lin","MutedUntil":1765002201},{"Member_Account":"oskar","MutedUntil":1765002201}`)},
		},
		{name: "one who is in the room", given: []step{aRoom, entering("lin")}, body: mute(`["lin"]`, "900"), then: []step{lin("1765002201")}},
		{name: "the owner", given: []step{aRoom}, body: mute(`["host_7"]`, "60"), then: []step{muted(`{"Member_Account":"host_7","MutedUntil":1765001361}`)}},
		{name: "an administrator", given: aRoomWithAdmins(`["lin"]`), body: mute(`["lin"]`, "60"), then: []step{lin("1765001361"), admins(`["lin"]`)}},
		{name: "for a second", given: []step{aRoom}, body: mute(`["lin"]`, "1"), then: []step{lin("1765001302")}},
		{name: "until it is forever all the same", given: []step{aRoom}, body: mute(`["lin"]`, "4294967294"), then: []step{lin("4294967295")}},
		{name: "for ever", given: []step{aRoom}, body: mute(`["lin"]`, "4294967295"), then: []step{lin("4294967295")}},
		{name: "for longer than that", given: []step{aRoom}, body: mute(`["lin"]`, "4294967296"), code: 100002, info: []string{"MuteTime", "4294967295"}, then: []step{muted(``)}},
		{name: "for less than nothing", given: aRoomWithMuted(`["lin"]`, "60"), body: mute(`["lin"]`, "-1"), code: 100002, info: []string{"MuteTime"}, then: []step{lin("1765001361")}},
		{name: "for longer than before", given: aRoomWithMuted(`["lin"]`, "60"), body: mute(`["lin"]`, "600"), then: []step{lin("1765001901")}},
		{name: "for shorter than before", given: aRoomWithMuted(`["lin"]`, "4294967295"), body: mute(`["lin"]`, "60"), then: []step{lin("1765001361")}},
		{name: "not any more", given: aRoomWithMuted(`["lin","oskar"]`, "60"), body: mute(`["oskar","nobody","oskar"]`, "0"), then: []step{lin("1765001361"), known("nobody", false)}},
		{name: "not any more for ever", given: aRoomWithMuted(`["lin"]`, "4294967295"), body: mute(`["lin"]`, "0"), then: []step{muted(``)}},
		{name: "nobody was muted", given: []step{aRoom}, body: mute(`["lin"]`, "0"), then: []step{muted(``), known("lin", false)}},
		{name: "an account named twice", given: []step{aRoom}, body: mute(`["lin","lin"]`, "60"), then: []step{lin("1765001361")}},
		{name: "an account that was never imported is registered", given: []step{aRoom}, body: mute(`["lin"]`, "60"), then: []step{known("lin", true)}},
		{
			name: "an account that was never imported, where that is demanded", with: []func(*setup){importsOnly},
			given: []step{imported("host_7"), aRoom, imported("oskar")}, body: mute(`["oskar","lin"]`, "60"),
			code: 100002, info: []string{"lin"}, then: []step{muted(``)},
		},
		{name: "an account of 32 bytes", given: []step{aRoom}, body: mute(`["`+long+`"]`, "60"), then: []step{muted(`{"Member_Account":"` + long + `","MutedUntil":1765001361}`)}},
		{name: "an account of 33 bytes", given: []step{aRoom}, body: mute(`["lin","`+long+`m"]`, "60"), code: 100002, info: []string{"MemberList_Account", "32"}, then: []step{muted(``)}},
		{name: "500 accounts", given: []step{aRoom}, body: mute(numbered(500), "60")},
		{name: "501 accounts", given: []step{aRoom}, body: mute(numbered(501), "60"), code: 100002, info: []string{"MemberList_Account", "500"}, then: []step{muted(``)}},
		{name: "nobody", given: []step{aRoom}, body: mute(`[]`, "60"), code: 100002, info: []string{"MemberList_Account"}},
		{name: "no list", given: []step{aRoom}, body: `{"RoomId":"live_9001","MuteTime":60}`, code: 100002, info: []string{"MemberList_Account"}},
		{name: "no time", given: []step{aRoom}, body: `{"RoomId":"live_9001","MemberList_Account":["lin"]}`, code: 100002, info: []string{"MuteTime"}, then: []step{muted(``)}},
		{name: "no room", given: []step{aRoom}, body: `{"MemberList_Account":["lin"],"MuteTime":60}`, code: 100002, info: []string{"RoomId"}},
		{name: "a room that never was", body: mute(`["lin"]`, "60"), code: 100004, info: []string{"live_9001"}},
		{name: "an account that is no string", given: []step{aRoom}, body: mute(`["lin",7]`, "60"), code: 60015, info: []string{"MemberList_Account[1]"}, then: []step{muted(``)}},
	})
}

// known tells whether an account exists, as a step of its own.
func known(account string, is bool) step {
	status := map[bool]string{true: "Imported", false: "NotImported"}[is]
	return step{call: accountCheck, body: `{"CheckItem":[{"UserID":"` + account + `"}]}`,
		reply: `{"ResultItem":[{"UserID":"` + account + `","ResultCode":0,"ResultInfo":"","AccountStatus":"` + status + `"}]}`}
}

func imported(account string) step {
	return step{call: accountImport, body: `{"UserID":"` + account + `"}`}
}

// importsOnly opens a door that takes no account that was not imported.
func importsOnly(s *setup) { s.app.RequireImportedAccounts = true }

func TestGetMutedMemberList(t *testing.T) {
	ask := func(fields string) string { return `{"RoomId":"live_9001",` + fields + `}` }
	entry := func(account string) string { return `{"Member_Account":"` + account + `","MutedUntil":1765001361}` }
	reply := func(accounts ...string) string {
		for i, account := range accounts {
			accounts[i] = entry(account)
		}
		return `{"MutedAccountList":[` + strings.Join(accounts, ",") + `]}`
	}
	given := aRoomWithMuted(`["d","b","a","c"]`, "60")
	play(t, getMutedMemberList, []scenario{
		{name: "all, ordered by account", given: given, body: askRoom, reply: reply("a", "b", "c", "d")},
		{name: "nobody", given: []step{aRoom}, body: askRoom, reply: reply()},
		{name: "as an older client asks", given: given, body: ask(`"Offset":0,"Limit":50`), reply: reply("a", "b", "c", "d")},
		{name: "as another older client asks", given: given, body: ask(`"Next":"","Count":2`), reply: reply("a", "b")},
		{name: "the second page", given: given, body: ask(`"Offset":2,"Limit":2`), reply: reply("c", "d")},
		{name: "the second page, in texts", given: given, body: ask(`"Next":"1","Count":"2"`), reply: reply("b", "c")},
		{name: "Offset and Limit go before Next and Count", given: given, body: ask(`"Offset":3,"Next":0,"Limit":5,"Count":1`), reply: reply("d")},
		{name: "past the end", given: given, body: ask(`"Offset":4`), reply: reply()},
		{name: "far past the end", given: given, body: ask(`"Offset":9223372036854775807`), reply: reply()},
		{name: "no limit", given: given, body: ask(`"Limit":0,"Offset":1`), reply: reply("b", "c", "d")},
		{name: "the highest limit", given: given, body: ask(`"Limit":10000`), reply: reply("a", "b", "c", "d")},
		{name: "past the highest limit", given: given, body: ask(`"Limit":10001`), code: 100002, info: []string{"Limit", "10000"}},
		{name: "any count", given: given, body: ask(`"Count":10001`), reply: reply("a", "b", "c", "d")},
		{name: "a negative limit", given: given, body: ask(`"Limit":-1`), code: 100002, info: []string{"Limit"}},
		{name: "a negative offset", given: given, body: ask(`"Offset":-1`), code: 100002, info: []string{"Offset"}},
		{name: "a word for Next", given: given, body: ask(`"Next":"more"`), code: 100002, info: []string{"Next"}},
		{name: "whose time is not over yet", given: append(given[:2:2], waiting(60*time.Second+555*time.Millisecond)), body: askRoom, reply: reply("a", "b", "c", "d")},
		{name: "whose time is over", given: append(given[:2:2], waiting(60*time.Second+556*time.Millisecond)), body: askRoom, reply: reply()},
		{name: "a room of the same id, made anew", given: append(given[:2:2], step{call: destroyRoom, body: askRoom}, aRoom), body: askRoom, reply: reply()},
		{name: "a room that never was", body: askRoom, code: 100004, info: []string{"live_9001"}},
		{name: "no room", body: `{}`, code: 100002, info: []string{"RoomId"}},
	})
}
