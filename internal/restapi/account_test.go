package restapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/usersig"
)

// checked is the answer to account_check for one account.
func checked(user, status string) string {
	return `{"UserID":"` + user + `","ResultCode":0,"ResultInfo":"","AccountStatus":"` + status + `"}`
}

// is asks about one account.
func is(status, user string) step {
	return step{call: accountCheck, body: `{"CheckItem":[{"UserID":"` + user + `"}]}`, reply: `{"ResultItem":[` + checked(user, status) + `]}`}
}

func TestAccountImport(t *testing.T) {
	long := strings.Repeat("u", 32)
	profile := strings.Repeat("n", 497) + "名" // 500 bytes
	play(t, accountImport, []scenario{
		{name: "with a profile", body: `{"UserID":"shop_17","Nick":"Corner Shop","FaceUrl":"https://img.example.net/17.png"}`, then: []step{is("Imported", "shop_17")}},
		{name: "as the admin console sends it", body: `{"UserID":"live_obs_host_7","Nick":"OBS","FaceUrl":""}`, then: []step{is("Imported", "live_obs_host_7")}},
		{name: "without a profile", body: `{"UserID":"shop_17"}`, then: []step{is("Imported", "shop_17"), is("NotImported", "SHOP_17")}},
		{name: "under the older name of the field", body: `{"Identifier":"shop_17"}`, then: []step{is("Imported", "shop_17")}},
		{name: "under both names the newer counts", body: `{"Identifier":"old","UserID":"new"}`, then: []step{is("Imported", "new"), is("NotImported", "old")}},
		{name: "twice is harmless", given: []step{{call: accountImport, body: `{"UserID":"shop_17","Nick":"a"}`}}, body: `{"UserID":"shop_17","Nick":"a"}`, then: []step{is("Imported", "shop_17")}},
		{name: "an id of 32 bytes", body: `{"UserID":"` + long + `"}`, then: []step{is("Imported", long)}},
		{name: "an id of 33 bytes", body: `{"UserID":"` + long + `u"}`, code: 70402, info: []string{"UserID", "32"}},
		{name: "an id in other letters than ASCII", body: `{"UserID":"店"}`, code: 70402, info: []string{"UserID"}},
		{name: "an id with a line break", body: `{"UserID":"a\nb"}`, code: 70402, info: []string{"UserID"}},
		{name: "an empty id", body: `{"UserID":""}`, code: 70402, info: []string{"UserID"}},
		{name: "no id", body: `{"Nick":"x"}`, code: 70402, info: []string{"UserID"}},
		{name: "an id that is no string", body: `{"UserID":17}`, code: 60015, info: []string{"UserID", "string"}},
		{name: "an id that is no string, under the older name", body: `{"Identifier":17}`, code: 60015, info: []string{"Identifier", "string"}},
		{name: "a nick that is no string", body: `{"UserID":"shop_17","Nick":17}`, code: 70402, info: []string{"Nick"}},
		{name: "a nick and a picture of 500 bytes", body: `{"UserID":"shop_17","Nick":"` + profile + `","FaceUrl":"` + profile + `"}`, then: []step{is("Imported", "shop_17")}},
		{name: "a nick of 501 bytes", body: `{"UserID":"shop_17","Nick":"x` + profile + `"}`, code: 40601, info: []string{"500"}, then: []step{is("NotImported", "shop_17")}},
		{name: "a picture of 501 bytes", body: `{"UserID":"shop_17","FaceUrl":"x` + profile + `"}`, code: 40601, then: []step{is("NotImported", "shop_17")}},
	})
}

func TestAccountCheck(t *testing.T) {
	items := func(n int) string {
		all := make([]string, n)
		for i := range all {
			all[i] = fmt.Sprintf(`{"UserID":"u%d"}`, i)
		}
		return `{"CheckItem":[` + strings.Join(all, ",") + `]}`
	}
	results := func(n int) string {
		all := make([]string, n)
		for i := range all {
			all[i] = checked(fmt.Sprint("u", i), "NotImported")
		}
		return `{"ResultItem":[` + strings.Join(all, ",") + `]}`
	}
	imported := []step{{call: accountImport, body: `{"UserID":"shop_17"}`}}
	play(t, accountCheck, []scenario{
		{
			name: "in the order asked, repeats answered again", given: imported,
			body: `{"CheckItem":[{"UserID":"nobody"},{"UserID":"shop_17"},{"UserID":"nobody"}]}`,
			reply: `{"ResultItem":[` + checked("nobody", "NotImported") + `,` + checked("shop_17", "Imported") + `,` +
				checked("nobody", "NotImported") + `]}`,
		},
		{
			name: "an App admin is an account without an import", with: []func(*setup){bare},
			body:  `{"CheckItem":[{"UserID":"administrator"},{"UserID":"Administrator"}]}`,
			reply: `{"ResultItem":[` + checked("administrator", "Imported") + `,` + checked("Administrator", "NotImported") + `]}`,
		},
		{name: "100 accounts", body: items(100), reply: results(100)},
		{name: "101 accounts", body: items(101), code: 70402, info: []string{"CheckItem", "100"}},
		{name: "no account", body: `{"CheckItem":[]}`, code: 70402, info: []string{"CheckItem"}},
		{name: "no list", body: `{}`, code: 70402, info: []string{"CheckItem"}},
		{name: "an item without an id", body: `{"CheckItem":[{"UserID":"a"},{}]}`, code: 70402, info: []string{"UserID"}},
		{name: "an item that is null", body: `{"CheckItem":[null]}`, code: 70402, info: []string{"UserID"}},
		{name: "an item with an id of 33 bytes", body: `{"CheckItem":[{"UserID":"` + strings.Repeat("u", 33) + `"}]}`, code: 70402, info: []string{"UserID"}},
		{name: "an id that is no string", body: `{"CheckItem":[{"UserID":"a"},{"UserID":7}]}`, code: 60015, info: []string{"CheckItem[1].UserID", "string"}},
		{name: "an item that is no object", body: `{"CheckItem":["a"]}`, code: 70402, info: []string{"CheckItem[0]"}},
		{name: "an object for the list", body: `{"CheckItem":{"UserID":"a"}}`, code: 70402, info: []string{"CheckItem"}},
	})
}

// TestAppsThatDemandImportedAccounts: with require_imported_accounts a command names only accounts that were imported;
// App admins are accounts by configuration.
func TestAppsThatDemandImportedAccounts(t *testing.T) {
	strict := []func(*setup){func(s *setup) { s.app.RequireImportedAccounts = true }}
	strictAndBare := append(strict, bare)
	imported := step{call: accountImport, body: `{"UserID":"host_7"}`}
	play(t, createRoom, []scenario{
		{name: "an owner who was never imported", with: strict, body: roomInfo(`"Owner_Account":"host_7"`), code: 100002, info: []string{"Owner_Account", "host_7"}},
		{name: "an owner who was imported", with: strictAndBare, given: []step{imported}, body: roomInfo(`"Owner_Account":"host_7"`), reply: created},
		{name: "the App admin who calls", with: strictAndBare, body: roomInfo(``), reply: created},
		{
			name: "a room that exists is told before its owner is looked up", with: strict, given: []step{imported, aRoom},
			body: roomInfo(`"Owner_Account":"nobody"`), code: 100003,
		},
	})
	play(t, modifyAdmin, []scenario{
		{
			name: "one of two was never imported: neither becomes administrator", with: strict,
			given: []step{imported, aRoom, {call: accountImport, body: `{"UserID":"lin"}`}},
			body:  modify("add", `["lin","oskar"]`), code: 100002, info: []string{"Admin_Account", "oskar"}, then: []step{admins(`[]`)},
		},
		{
			name: "both were imported", with: strict,
			given: []step{imported, aRoom, {call: accountImport, body: `{"UserID":"lin"}`}, {call: accountImport, body: `{"UserID":"oskar"}`}},
			body:  modify("add", `["lin","oskar"]`), fires: modified("add", `["lin","oskar"]`),
		},
		{name: "nobody needs an import to lose rights", with: strict, given: []step{imported, aRoom}, body: modify("delete", `["oskar"]`)},
	})
	play(t, accountCheck, []scenario{{
		name: "a refused call registers nobody", with: strict,
		given: []step{{call: createRoom, body: roomInfo(`"Owner_Account":"host_7"`), code: int(live.CodeBadParameter)}},
		body:  `{"CheckItem":[{"UserID":"host_7"}]}`, reply: `{"ResultItem":[` + checked("host_7", "NotImported") + `]}`,
	}})
}

const (
	multiaccountImport = "im_open_login_svc/multiaccount_import"
	accountDelete      = "im_open_login_svc/account_delete"
	kick               = "im_open_login_svc/kick"
)

func init() {
	exemplary[accountImport] = `{"UserID":"shop_17","Nick":"Corner Shop","FaceUrl":"https://img.example.net/17.png"}`
	exemplary[multiaccountImport] = `{"AccountList":[` + exemplary[accountImport] + `,{"UserID":"shop_18"}]}`
	exemplary[kick] = `{"UserID":"shop_17"}`
	good[multiaccountImport] = `{"AccountList":[{"UserID":"shop_17","Identifier":"shop_17","Nick":"n","FaceUrl":"f"}],"Accounts":["shop_18"]}`
	good[accountDelete] = `{"DeleteItem":[{"UserID":"shop_17"}]}`
	good[kick] = `{"UserID":"shop_17","Identifier":"shop_17"}`
}

func TestMultiaccountImport(t *testing.T) {
	failed := func(users string) string { return `{"FailAccounts":[` + users + `]}` }
	long, text := strings.Repeat("u", 33), strings.Repeat("x", 501)
	hundred := list(100, func(i int) string { return fmt.Sprint("u", i) })
	play(t, multiaccountImport, []scenario{
		{
			name: "two accounts", body: `{"AccountList":[{"UserID":"mia","Nick":"Mia","FaceUrl":"m.png"},{"UserID":"ben"}]}`, reply: failed(``),
			then: []step{shows("mia", "IM_Nick", `"Mia"`, "IM_Image", `"m.png"`), is("Imported", "ben")},
		},
		{name: "in the older form", body: `{"Accounts":["mia","ben"]}`, reply: failed(``), then: []step{is("Imported", "mia"), is("Imported", "ben")}},
		{name: "in both forms at once", body: `{"AccountList":[{"UserID":"mia"}],"Accounts":["ben"]}`, reply: failed(``), then: []step{is("Imported", "mia"), is("Imported", "ben")}},
		{
			name: "one that exists is updated", given: []step{{call: accountImport, body: `{"UserID":"mia","Nick":"M","FaceUrl":"m.png"}`}},
			body: `{"AccountList":[{"UserID":"mia","Nick":"Mia"}]}`, reply: failed(``), then: []step{shows("mia", "IM_Nick", `"Mia"`, "IM_Image", `"m.png"`)},
		},
		{
			name:  "those that cannot be imported do not keep the others from it",
			body:  `{"AccountList":[{"UserID":"` + long + `"},{"UserID":"mia"},{"UserID":"ben","Nick":"` + text + `"},{"UserID":"店"},{"UserID":"eve","FaceUrl":"` + text + `"}],"Accounts":["a\tb"]}`,
			reply: failed(`"` + long + `","ben","店","eve","a\tb"`), then: []step{is("Imported", "mia"), is("NotImported", "ben"), is("NotImported", "eve")},
		},
		{name: "none can be imported", body: `{"Accounts":["` + long + `"]}`, reply: failed(`"` + long + `"`)},
		{name: "100 accounts", body: `{"Accounts":` + hundred + `}`, reply: failed(``), then: []step{is("Imported", "u99")}},
		{name: "101 accounts", body: `{"Accounts":["x",` + hundred[1:] + `}`, code: 70402, info: []string{"AccountList", "100"}},
		{name: "101 accounts in two forms", body: `{"AccountList":[{"UserID":"mia"}],"Accounts":` + hundred + `}`, code: 70402},
		{name: "no account", body: `{"AccountList":[],"Accounts":[]}`, code: 70402, info: []string{"AccountList"}},
		{name: "nothing", body: `{}`, code: 70402, info: []string{"AccountList"}},
		{name: "an account without an id", body: `{"AccountList":[{"UserID":"mia"},{"Nick":"x"}]}`, code: 70402, info: []string{"UserID"}, then: []step{is("NotImported", "mia")}},
		{name: "an empty id in the older form", body: `{"Accounts":["mia",""]}`, code: 70402, info: []string{"UserID"}},
		{name: "an id that is no string", body: `{"AccountList":[{"UserID":7}]}`, code: 60015, info: []string{"AccountList[0].UserID"}},
		{name: "an id that is no string, in the older form", body: `{"Accounts":[7]}`, code: 70402, info: []string{"Accounts[0]"}},
	})
}

func TestAccountDelete(t *testing.T) {
	ask := func(users ...string) string {
		items := make([]string, len(users))
		for i, u := range users {
			items[i] = `{"UserID":"` + u + `"}`
		}
		return `{"DeleteItem":[` + strings.Join(items, ",") + `]}`
	}
	result := func(user string, code int, info string) string {
		return fmt.Sprintf(`{"UserID":%q,"ResultCode":%d,"ResultInfo":%q}`, user, code, info)
	}
	replies := func(items ...string) string { return `{"ResultItem":[` + strings.Join(items, ",") + `]}` }
	unknown := func(user string) string { return result(user, 70107, "Err_TLS_PT_Open_Login_Account_Not_Exist") }
	mia := []step{
		{call: portraitSet, body: writes("mia", "IM_Nick", `"Mia"`, "IM_Level", "3", "Custom_Tier", `"gold"`)},
		follows("mia", "host_7", "friend"), follows("friend", "mia", "host_7"), follows("fan_1", "mia"),
	}
	hundred := make([]string, 100)
	for i, u := range users(100) {
		hundred[i] = unknown(u)
	}
	play(t, accountDelete, []scenario{
		{
			name: "with profile and relations", given: mia, body: ask("mia"), reply: replies(result("mia", 0, "")),
			then: []step{
				is("NotImported", "mia"), shows("mia"), counts("mia", 0, 0, 0), counts("friend", 0, 1, 0), counts("fan_1", 0, 0, 0), counts("host_7", 1, 0, 0),
				stands("fan_1", "mia", 0), stands("friend", "mia", 0), stands("mia", "host_7", 0),
				{call: accountImport, body: `{"UserID":"mia"}`}, shows("mia"), counts("mia", 0, 0, 0),
			},
		},
		{
			name: "unknown ones and repeats are told apart", given: mia, body: ask("nobody", "mia", "mia", "friend"),
			reply: replies(unknown("nobody"), result("mia", 0, ""), unknown("mia"), result("friend", 0, "")), then: []step{is("NotImported", "friend"), counts("host_7", 0, 0, 0)},
		},
		{
			name: "an App admin stays", given: append(mia, step{call: accountImport, body: `{"UserID":"administrator"}`}), body: ask(admin, "mia"),
			reply: replies(result(admin, 71000, `"administrator" is an App admin, who cannot be deleted`), result("mia", 0, "")), then: []step{is("Imported", admin)},
		},
		{name: "100 accounts", body: ask(users(100)...), reply: replies(hundred...)},
		{name: "101 accounts", body: ask(users(101)...), code: 70402, info: []string{"DeleteItem", "100"}},
		{name: "no account", body: ask(), code: 70402, info: []string{"DeleteItem"}},
		{name: "no list", body: `{}`, code: 70402, info: []string{"DeleteItem"}},
		{name: "an item without an id", given: mia, body: `{"DeleteItem":[{"UserID":"mia"},{}]}`, code: 70402, info: []string{"UserID"}},
		{name: "an id of 33 bytes", given: mia, body: ask("mia", strings.Repeat("u", 33)), code: 70402, info: []string{"UserID"}},
		{name: "an id that is no string", body: `{"DeleteItem":[{"UserID":7}]}`, code: 60015, info: []string{"DeleteItem[0].UserID"}},
	})
}

// TestADeletedUserIsInNoRoom: who is in a room when its account is deleted leaves it, and the app server hears of that.
func TestADeletedUserIsInNoRoom(t *testing.T) {
	d := everybodys.open(t)
	d.take([]step{aRoom})
	_, err := d.live.Enter(ctx, live.Caller{App: d.app, User: "mia"}, "live_9001")
	require.NoError(t, err)
	before := len(d.fired())
	d.take([]step{{call: accountDelete, body: `{"DeleteItem":[{"UserID":"mia"}]}`}})
	d.requireFired([]string{`{"CallbackCommand":"Live.CallbackAfterMemberStateChanged","RoomId":"live_9001","EventType":"Offline",
		"EventCause":"Leave","MemberList":[{"Member_Account":"mia"}],"EventTime":1765001300444}`}, d.fired()[before:])
	require.Contains(t, d.call(getRoomInfo, askRoom).Payload, `"OnlineCount":0`)
	is, err := d.live.IsMember(ctx, live.Caller{App: d.app, User: "mia"}, "live_9001")
	require.NoError(t, err)
	require.False(t, is)
}

func TestKick(t *testing.T) {
	play(t, kick, []scenario{
		{name: "an account", given: []step{{call: accountImport, body: `{"UserID":"mia"}`}}, body: `{"UserID":"mia"}`, then: []step{is("Imported", "mia")}},
		{name: "under the older name of the field", given: []step{{call: accountImport, body: `{"UserID":"mia"}`}}, body: `{"Identifier":"mia"}`},
		{name: "twice", given: []step{{call: accountImport, body: `{"UserID":"mia"}`}, {call: kick, body: `{"UserID":"mia"}`}}, body: `{"UserID":"mia"}`},
		{name: "somebody unknown", body: `{"UserID":"mia"}`, code: 70107, info: []string{"mia"}},
		{name: "nobody", body: `{}`, code: 70402, info: []string{"UserID"}},
		{name: "an id of 33 bytes", body: `{"UserID":"` + strings.Repeat("u", 33) + `"}`, code: 70402, info: []string{"UserID"}},
		{name: "an id that is no string", body: `{"UserID":7}`, code: 60015, info: []string{"UserID"}},
	})
}

// TestAKickedCaller: UserSigs of the kick's second and before are refused, remembered or not, and those made after work.
func TestAKickedCaller(t *testing.T) {
	d := everybodys.open(t, func(s *setup) { s.app.Admins = []live.UserID{admin, "second"} })
	as := func(user string, issued time.Time) string {
		l := d.login()
		l.identifier, l.sig = user, usersig.New(uint32(d.app), key, user, issued, 7*24*time.Hour)
		return l.query()
	}
	old, now := as("second", began.Add(-time.Hour)), as("second", began.Add(time.Second/2))
	require.Zero(t, d.ask(old).ErrorCode, "and so it is remembered")
	d.take([]step{{call: kick, body: `{"UserID":"second"}`}})
	for range 2 {
		require.Equal(t, 70052, d.ask(old).ErrorCode)
		require.Equal(t, 70052, d.ask(now).ErrorCode, "a UserSig of the same second")
		require.Zero(t, d.ask(as("second", began.Add(time.Second))).ErrorCode, "a UserSig of the next second")
		require.Zero(t, d.ask(d.query()).ErrorCode, "others are not concerned")
	}
	got := d.ask(as("second", began.Add(-8*24*time.Hour)))
	require.Equal(t, 70001, got.ErrorCode, "that it has expired is said first")

	d.ahead.Store(int64(10 * time.Second))
	d.take([]step{{call: kick, body: `{"UserID":"second"}`}})
	require.Equal(t, 70052, d.ask(as("second", began.Add(time.Second))).ErrorCode, "a later kick ends more")
	require.Zero(t, d.ask(as("second", began.Add(11*time.Second))).ErrorCode)
}
