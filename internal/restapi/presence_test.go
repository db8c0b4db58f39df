package restapi_test

import (
	"strings"
	"testing"

	"github.com/greenroom-live/greenroom/internal/live"
)

const queryOnlineStatus = "openim/query_online_status"

func init() {
	good[queryOnlineStatus] = `{"To_Account":["shop_17"],"IsNeedDetail":1,"IsReturnInstid":1,"IsReturnCustomStatus":1}`
}

// connected has users with the platforms they are connected from.
type connected map[live.UserID][]live.Platform

func (c connected) Platforms(_ live.AppID, users []live.UserID) [][]live.Platform {
	found := make([][]live.Platform, len(users))
	for i, user := range users {
		found[i] = c[user]
	}
	return found
}

func TestQueryOnlineStatus(t *testing.T) {
	with := []func(*setup){func(s *setup) {
		s.options.Presence = connected{
			"mia": {live.PlatformIOS, live.PlatformWeb}, "stranger": {live.PlatformWeb}, admin: {live.PlatformUnknown},
		}
	}}
	given := []step{
		{call: accountImport, body: `{"UserID":"mia"}`}, {call: accountImport, body: `{"UserID":"ben"}`},
	}
	most := `{"To_Account":` + list(500, func(int) string { return "ben" }) + `}`
	off := `{"To_Account":"ben","Status":"Offline"}`
	play(t, queryOnlineStatus, []scenario{
		{
			name: "one who is and one who is not", with: with, given: given, body: `{"To_Account":["mia","ben"]}`,
			reply: `{"QueryResult":[{"To_Account":"mia","Status":"Online"},` + off + `]}`,
		},
		{
			name: "in the order asked, repeats answered again, unknown ones apart", with: with, given: given,
			body: `{"To_Account":["ben","stranger","mia","ben","nobody","stranger"]}`,
			reply: `{"QueryResult":[` + off + `,{"To_Account":"mia","Status":"Online"},` + off + `],"ErrorList":[
				{"To_Account":"stranger","ErrorCode":70107},{"To_Account":"nobody","ErrorCode":70107},{"To_Account":"stranger","ErrorCode":70107}]}`,
		},
		{
			name: "with details", with: with, given: given,
			body: `{"To_Account":["mia","ben","administrator"],"IsNeedDetail":1,"IsReturnInstid":1,"IsReturnCustomStatus":1}`,
			reply: `{"QueryResult":[
				{"To_Account":"mia","Status":"Online","Detail":[{"Platform":"iPhone","Status":"Online"},{"Platform":"Web","Status":"Online"}]},
				{"To_Account":"ben","Status":"Offline","Detail":[]},
				{"To_Account":"administrator","Status":"Online","Detail":[{"Platform":"Unknown","Status":"Online"}]}]}`,
		},
		{name: "details not wanted", with: with, given: given, body: `{"To_Account":["ben"],"IsNeedDetail":0}`, reply: `{"QueryResult":[` + off + `]}`},
		{name: "only unknown ones", body: `{"To_Account":["nobody"]}`, reply: `{"QueryResult":[],"ErrorList":[{"To_Account":"nobody","ErrorCode":70107}]}`},
		{name: "nobody is connected to a server without clients", given: given, body: `{"To_Account":["ben"]}`, reply: `{"QueryResult":[` + off + `]}`},
		{
			name: "500 accounts", given: given, body: most,
			reply: `{"QueryResult":[` + strings.TrimSuffix(strings.Repeat(off+",", 500), ",") + `]}`,
		},
		{name: "501 accounts", given: given, body: strings.Replace(most, `[`, `["ben",`, 1), code: 70402, info: []string{"To_Account", "500"}},
		{name: "no account", body: `{"To_Account":[]}`, code: 70402, info: []string{"To_Account"}},
		{name: "no list", body: `{}`, code: 70402, info: []string{"To_Account"}},
		{name: "an id of 33 bytes", body: `{"To_Account":["` + strings.Repeat("u", 33) + `"]}`, code: 70402, info: []string{"To_Account", "32"}},
		{name: "an id that is no string", body: `{"To_Account":["a",7]}`, code: 60015, info: []string{"To_Account[1]"}},
		{name: "a truth value for a number", body: `{"To_Account":["a"],"IsNeedDetail":true}`, code: 70402, info: []string{"IsNeedDetail"}},
	})
}
