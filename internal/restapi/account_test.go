package restapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/greenroom-live/greenroom/internal/live"
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
