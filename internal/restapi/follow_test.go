package restapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

const (
	followAdd     = "follow/follow_add"
	followDelete  = "follow/follow_delete"
	followCheck   = "follow/follow_check"
	followGet     = "follow/follow_get"
	followGetInfo = "follow/follow_get_info"
)

func init() {
	good[followAdd] = adds("fan_1", "shop_17", "shop_18")
	good[followDelete] = `{"From_Account":"fan_1","To_Account":["shop_17"]}`
	good[followCheck] = `{"From_Account":"fan_1","To_Account":["shop_17"]}`
	good[followGet] = `{"From_Account":"fan_1","FollowType":2,"StartCursor":"1765001300444.shop_18","WantNum":1}`
	good[followGetInfo] = `{"From_Account":"fan_1","To_Account":["shop_17"]}`
	follows := []step{
		{call: accountImport, body: `{"UserID":"shop_17","Nick":"Corner Shop"}`},
		{call: followAdd, body: adds("fan_1", "shop_17", "shop_18", "shop_16")}, {call: followAdd, body: adds("shop_17", "fan_1")},
	}
	for _, command := range []string{followDelete, followCheck, followGet, followGetInfo} {
		preparing[command] = follows
	}
}

// adds is a call that makes from follow users.
func adds(from string, users ...string) string {
	items := make([]string, len(users))
	for i, u := range users {
		items[i] = `{"To_Account":"` + u + `"}`
	}
	return `{"From_Account":"` + from + `","FollowItem":[` + strings.Join(items, ",") + `]}`
}

// names is a call that names users only.
func names(from string, users ...string) string {
	return `{"From_Account":"` + from + `","To_Account":` + list(len(users), func(i int) string { return users[i] }) + `}`
}

func follows(from string, users ...string) step {
	return step{call: followAdd, body: adds(from, users...)}
}

// went is the reply in which every item succeeded.
func went(users ...string) string {
	items := make([]string, len(users))
	for i, u := range users {
		items[i] = item(u, 0, "")
	}
	return results(items...)
}

func item(user string, code int, info string) string {
	return fmt.Sprintf(`{"To_Account":%q,"ResultCode":%d,"ResultInfo":%q}`, user, code, info)
}

func results(items ...string) string {
	return `{"ResultItem":[` + strings.Join(items, ",") + `],"ErrorDisplay":""}`
}

// counts asks how many relations a user has.
func counts(of string, followers, following, mutual int) step {
	return step{call: followGetInfo, body: names("anybody", of), reply: fmt.Sprintf(`{"FollowInfo":[{"To_Account":%q,"ResultCode":0,
		"ResultInfo":"","FollowerCount":%d,"FollowingCount":%d,"MutualFollowingCount":%d}],"ErrorDisplay":""}`, of, followers, following, mutual)}
}

// stands asks how one user stands to another.
func stands(from, to string, followType int) step {
	return step{call: followCheck, body: names(from, to), reply: fmt.Sprintf(
		`{"ResultItem":[{"To_Account":%q,"FollowType":%d,"ResultCode":0,"ResultInfo":""}],"ErrorDisplay":""}`, to, followType)}
}

const itself = "a user cannot follow itself"

func users(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("user_%d", i)
	}
	return all
}

func TestFollowAdd(t *testing.T) {
	fires := func(from string, to ...string) []string {
		items := make([]string, len(to))
		for i, u := range to {
			items[i] = `{"To_Account":"` + u + `"}`
		}
		return []string{`{"CallbackCommand":"Follow.CallbackAfterFollowAdd","From_Account":"` + from + `","FollowList":[` +
			strings.Join(items, ",") + `],"EventTime":1765001300444}`}
	}
	play(t, followAdd, []scenario{
		{
			name: "two at once", body: adds("fan_1", "host_7", "host_8"), reply: went("host_7", "host_8"), fires: fires("fan_1", "host_7", "host_8"),
			then: []step{counts("fan_1", 0, 2, 0), counts("host_7", 1, 0, 0), stands("fan_1", "host_7", 2), stands("host_7", "fan_1", 1), is("Imported", "fan_1"), is("Imported", "host_8")},
		},
		{
			name: "back: it becomes mutual", given: []step{follows("host_7", "fan_1")}, body: adds("fan_1", "host_7"), reply: went("host_7"), fires: fires("fan_1", "host_7"),
			then: []step{counts("fan_1", 1, 1, 1), counts("host_7", 1, 1, 1), stands("fan_1", "host_7", 3), stands("host_7", "fan_1", 3)},
		},
		{
			name: "only what is new fires", given: []step{follows("fan_1", "host_7")}, body: adds("fan_1", "host_7", "host_8", "host_8"),
			reply: went("host_7", "host_8", "host_8"), fires: fires("fan_1", "host_8"), then: []step{counts("fan_1", 0, 2, 0), counts("host_8", 1, 0, 0)},
		},
		{name: "again: nothing fires", given: []step{follows("fan_1", "host_7")}, body: adds("fan_1", "host_7"), reply: went("host_7"), then: []step{counts("host_7", 1, 0, 0)}},
		{
			name: "itself among others", body: adds("fan_1", "fan_1", "host_7"), reply: results(item("fan_1", 30001, itself), item("host_7", 0, "")),
			fires: fires("fan_1", "host_7"), then: []step{counts("fan_1", 0, 1, 0)},
		},
		{name: "nobody but itself", body: adds("fan_1", "fan_1"), reply: results(item("fan_1", 30001, itself)), then: []step{counts("fan_1", 0, 0, 0)}},
		{name: "20", body: adds("fan_1", users(20)...), reply: went(users(20)...), fires: fires("fan_1", users(20)...)},
		{name: "21", body: adds("fan_1", users(21)...), code: 30001, info: []string{"20", "21"}},
		{name: "nobody", body: adds("fan_1"), code: 30001, info: []string{"1 to 20"}},
		{name: "no list", body: `{"From_Account":"fan_1"}`, code: 30001},
		{name: "an item without an account", body: `{"From_Account":"fan_1","FollowItem":[{}]}`, code: 30001, info: []string{"To_Account"}},
		{name: "an id of 33 bytes", body: adds("fan_1", "a", strings.Repeat("u", 33)), code: 30001, info: []string{"To_Account"}},
		{name: "no follower", body: `{"FollowItem":[{"To_Account":"a"}]}`, code: 30001, info: []string{"From_Account"}},
		{name: "a follower that is no string", body: `{"From_Account":7}`, code: 60015, info: []string{"From_Account"}},
		{name: "a follower never imported where that is demanded", with: []func(*setup){strict}, given: []step{{call: accountImport, body: `{"UserID":"host_7"}`}}, body: adds("fan_1", "host_7"), code: 30003, info: []string{"fan_1"}},
		{
			name: "one never imported where that is demanded", with: []func(*setup){strict},
			given: []step{{call: accountImport, body: `{"UserID":"host_7"}`}, {call: accountImport, body: `{"UserID":"fan_1"}`}},
			body:  adds("fan_1", "ghost", "host_7"), reply: results(item("ghost", 30003, `"ghost" was never imported`), item("host_7", 0, "")),
			fires: fires("fan_1", "host_7"), then: []step{is("NotImported", "ghost")},
		},
	})
}

// TestFollowingTooMany: a user follows 5,000 at most; the rest of the call is judged by itself.
func TestFollowingTooMany(t *testing.T) {
	d := everybodys.open(t, bare)
	for i := 0; i < 4999; i += 20 {
		to := make([]live.UserID, 0, 20)
		for n := i; n < min(i+20, 4999); n++ {
			to = append(to, live.UserID(fmt.Sprint("host_", n)))
		}
		_, err := d.live.Follow(ctx, live.Caller{App: d.app, User: admin, Kind: live.KindAdmin}, "fan_1", to)
		require.NoError(t, err)
	}
	d.take([]step{
		{call: followAdd, body: adds("fan_1", "x", "y", "host_3"), reply: results(item("x", 0, ""),
			item("y", 32100, `"fan_1" follows 5000 users already, more are not allowed`), item("host_3", 0, ""))},
		counts("fan_1", 0, 5000, 0), stands("fan_1", "y", 0),
		{call: followDelete, body: names("fan_1", "x")},
		{call: followAdd, body: adds("fan_1", "y"), reply: went("y")},
		follows("y", "x"),
	})
}

func TestFollowDelete(t *testing.T) {
	fires := func(from string, to ...string) []string {
		return []string{`{"CallbackCommand":"Follow.CallbackAfterFollowDelete","From_Account":"` + from + `","To_Account":` +
			list(len(to), func(i int) string { return to[i] }) + `,"EventTime":1765001300444}`}
	}
	given := []step{follows("fan_1", "host_7", "host_8"), follows("host_7", "fan_1")}
	play(t, followDelete, []scenario{
		{
			name: "what was mutual is not any more", given: given, body: names("fan_1", "host_7"), reply: went("host_7"), fires: fires("fan_1", "host_7"),
			then: []step{counts("fan_1", 1, 1, 0), counts("host_7", 0, 1, 0), stands("fan_1", "host_7", 1), stands("host_7", "fan_1", 2)},
		},
		{
			name: "strangers are passed over", given: given, body: names("fan_1", "stranger", "host_8", "host_8"), reply: went("stranger", "host_8", "host_8"),
			fires: fires("fan_1", "host_8"), then: []step{counts("fan_1", 1, 1, 1), counts("host_8", 0, 0, 0)},
		},
		{name: "only strangers: nothing fires", given: given, body: names("fan_1", "stranger"), reply: went("stranger")},
		{name: "itself", given: given, body: names("fan_1", "fan_1"), reply: results(item("fan_1", 30001, itself))},
		{name: "20", given: []step{follows("fan_1", users(20)...)}, body: names("fan_1", users(20)...), reply: went(users(20)...), fires: fires("fan_1", users(20)...), then: []step{counts("fan_1", 0, 0, 0)}},
		{name: "21", body: names("fan_1", users(21)...), code: 30001, info: []string{"20"}},
		{name: "nobody", body: names("fan_1"), code: 30001},
		{name: "an id of 33 bytes", body: names("fan_1", strings.Repeat("u", 33)), code: 30001, info: []string{"To_Account"}},
		{name: "no follower", body: `{"To_Account":["a"]}`, code: 30001, info: []string{"From_Account"}},
		{name: "never imported where that is demanded", with: []func(*setup){strict}, body: names("fan_1", "host_7"), code: 30003, info: []string{"fan_1"}},
		{
			name: "one never imported where that is demanded", with: []func(*setup){strict}, given: []step{{call: accountImport, body: `{"UserID":"fan_1"}`}},
			body: names("fan_1", "ghost"), reply: results(item("ghost", 30003, `"ghost" was never imported`)),
		},
	})
}

func TestFollowCheck(t *testing.T) {
	given := []step{follows("fan_1", "host_7", "friend"), follows("friend", "fan_1"), follows("admirer", "fan_1")}
	check := func(user string, followType, code int, info string) string {
		return fmt.Sprintf(`{"To_Account":%q,"FollowType":%d,"ResultCode":%d,"ResultInfo":%q}`, user, followType, code, info)
	}
	hundred := make([]string, 100)
	for i := range hundred {
		hundred[i] = check(users(100)[i], 0, 0, "")
	}
	play(t, followCheck, []scenario{
		{
			name: "in the order asked, repeats answered again", given: given, body: names("fan_1", "admirer", "nobody", "host_7", "friend", "admirer", "fan_1"),
			reply: results(check("admirer", 1, 0, ""), check("nobody", 0, 0, ""), check("host_7", 2, 0, ""), check("friend", 3, 0, ""),
				check("admirer", 1, 0, ""), check("fan_1", 0, 0, "")),
			then: []step{is("NotImported", "nobody")},
		},
		{name: "100", body: names("fan_1", users(100)...), reply: results(hundred...)},
		{name: "101", body: names("fan_1", users(101)...), code: 30001, info: []string{"100"}},
		{name: "nobody", body: names("fan_1"), code: 30001},
		{name: "an id of 33 bytes", body: names("fan_1", strings.Repeat("u", 33)), code: 30001, info: []string{"To_Account"}},
		{name: "nobody asks", body: `{"To_Account":["a"]}`, code: 30001, info: []string{"From_Account"}},
		{name: "never imported where that is demanded", with: []func(*setup){strict}, body: names("fan_1", "host_7"), code: 30003, info: []string{"fan_1"}},
		{
			name: "one never imported where that is demanded", with: []func(*setup){strict}, body: names(admin, "ghost", admin),
			reply: results(check("ghost", 0, 30003, `"ghost" was never imported`), check(admin, 0, 0, "")),
		},
	})
}

func TestFollowGetInfo(t *testing.T) {
	info := func(user string, code int, why string, n ...int) string {
		return fmt.Sprintf(`{"To_Account":%q,"ResultCode":%d,"ResultInfo":%q,"FollowerCount":%d,"FollowingCount":%d,"MutualFollowingCount":%d}`,
			user, code, why, n[0], n[1], n[2])
	}
	infos := func(items ...string) string {
		return `{"FollowInfo":[` + strings.Join(items, ",") + `],"ErrorDisplay":""}`
	}
	twenty := make([]string, 20)
	for i := range twenty {
		twenty[i] = info(users(20)[i], 0, "", 0, 0, 0)
	}
	play(t, followGetInfo, []scenario{
		{
			name: "in the order asked", given: []step{follows("fan_1", "host_7", "friend"), follows("friend", "fan_1"), follows("admirer", "fan_1")},
			body:  names("anybody", "fan_1", "nobody", "friend", "host_7", "fan_1"),
			reply: infos(info("fan_1", 0, "", 2, 2, 1), info("nobody", 0, "", 0, 0, 0), info("friend", 0, "", 1, 1, 1), info("host_7", 0, "", 1, 0, 0), info("fan_1", 0, "", 2, 2, 1)),
		},
		{name: "20", body: names("fan_1", users(20)...), reply: infos(twenty...)},
		{name: "21", body: names("fan_1", users(21)...), code: 30001, info: []string{"20"}},
		{name: "nobody", body: names("fan_1"), code: 30001},
		{name: "an id of 33 bytes", body: names("fan_1", strings.Repeat("u", 33)), code: 30001},
		{name: "nobody asks", body: `{"To_Account":["a"]}`, code: 30001, info: []string{"From_Account"}},
		{name: "never imported where that is demanded", with: []func(*setup){strict}, body: names("fan_1", "a"), code: 30003},
		{name: "one never imported where that is demanded", with: []func(*setup){strict}, body: names(admin, "ghost"), reply: infos(info("ghost", 30003, `"ghost" was never imported`, 0, 0, 0))},
	})
}

func TestFollowGet(t *testing.T) {
	given := []step{
		{call: accountImport, body: `{"UserID":"host_7","Nick":"Host","FaceUrl":"h.png"}`}, {call: accountImport, body: `{"UserID":"friend","Nick":"Friend"}`},
		follows("fan_1", "host_7", "friend"), follows("friend", "fan_1"), follows("admirer", "fan_1"),
	}
	get := func(rest string) string { return `{"From_Account":"fan_1"` + rest + `}` }
	entry := func(user string, items ...string) string {
		return `{"To_Account":"` + user + `","FollowTime":1765001300,"ProfileItem":[` + itemsOf(items) + `]}`
	}
	page := func(next string, items ...string) string {
		return `{"FollowItem":[` + strings.Join(items, ",") + `],"NextCursor":"` + next + `","ErrorDisplay":""}`
	}
	host, friend, admirer := entry("host_7", "IM_Nick", `"Host"`, "IM_Image", `"h.png"`), entry("friend", "IM_Nick", `"Friend"`), entry("admirer")
	play(t, followGet, []scenario{
		{name: "the followers", given: given, body: get(`,"FollowType":1`), reply: page("", friend, admirer)},
		{name: "whom the user follows", given: given, body: get(`,"FollowType":2,"StartCursor":"","WantNum":0`), reply: page("", host, friend)},
		{name: "both at once", given: given, body: get(`,"FollowType":3`), reply: page("", friend)},
		{name: "a page that is full is not the last", given: given, body: get(`,"FollowType":2,"WantNum":1`), reply: page("1765001300444.host_7", host)},
		{name: "the page behind a cursor", given: given, body: get(`,"FollowType":2,"WantNum":1,"StartCursor":"1765001300444.host_7"`), reply: page("", friend)},
		{name: "a page that is full and the last", given: given, body: get(`,"FollowType":2,"WantNum":2`), reply: page("", host, friend)},
		{name: "behind the end", given: given, body: get(`,"FollowType":2,"StartCursor":"1.a"`), reply: page("")},
		{name: "1,000 at once", given: given, body: get(`,"FollowType":2,"WantNum":1000`), reply: page("", host, friend)},
		{name: "1,001 at once", given: given, body: get(`,"FollowType":2,"WantNum":1001`), code: 30001, info: []string{"1000"}},
		{name: "less than none", body: get(`,"FollowType":2,"WantNum":-1`), code: 30001},
		{name: "nobody", body: get(`,"FollowType":1`), reply: page(""), then: []step{is("NotImported", "fan_1")}},
		{name: "no type", body: get(``), code: 30001, info: []string{"FollowType"}},
		{name: "a type that is none", body: get(`,"FollowType":4`), code: 30001, info: []string{"FollowType"}},
		{name: "a cursor that is none", body: get(`,"FollowType":1,"StartCursor":"x"`), code: 30001, info: []string{"StartCursor"}},
		{name: "a cursor without a user", body: get(`,"FollowType":1,"StartCursor":"1765001300444."`), code: 30001, info: []string{"StartCursor"}},
		{name: "a cursor that is far too long", body: get(`,"FollowType":1,"StartCursor":"` + strings.Repeat("0", 60) + `1.abcd"`), code: 30001, info: []string{"StartCursor"}},
		{name: "no user", body: `{"FollowType":1}`, code: 30001, info: []string{"From_Account"}},
		{name: "never imported where that is demanded", with: []func(*setup){strict}, body: get(`,"FollowType":1`), code: 30003, info: []string{"fan_1"}},
	})
}

// TestFollowGetPages walks through lists whose relations began at different times and at the same time: the newest come
// first, each once, and a cursor can be used again.
func TestFollowGetPages(t *testing.T) {
	d := everybodys.open(t, bare)
	for i := range 7 {
		d.ahead.Store(int64(time.Duration(i/2) * time.Minute))
		d.take([]step{follows("fan_1", fmt.Sprint("host_", i)), follows(fmt.Sprint("host_", i), "fan_1")})
	}
	type page struct {
		FollowItem []struct {
			User string `json:"To_Account"`
			Time int64  `json:"FollowTime"`
		}
		NextCursor string
	}
	get := func(list int, cursor string) (p page) {
		got := d.call(followGet, fmt.Sprintf(`{"From_Account":"fan_1","FollowType":%d,"WantNum":3,"StartCursor":%q}`, list, cursor))
		require.Zero(t, got.ErrorCode, got.ErrorInfo)
		require.NoError(t, json.Unmarshal([]byte(got.Payload), &p))
		return p
	}
	for list := 1; list <= 3; list++ {
		var seen []string
		cursor, last := "", int64(1<<62)
		for pages := 0; pages == 0 || cursor != ""; pages++ {
			require.Less(t, pages, 3)
			p := get(list, cursor)
			require.Equal(t, p, get(list, cursor))
			for _, f := range p.FollowItem {
				require.LessOrEqual(t, f.Time, last)
				seen, last = append(seen, f.User), f.Time
			}
			cursor = p.NextCursor
		}
		require.Equal(t, []string{"host_6", "host_5", "host_4", "host_3", "host_2", "host_1", "host_0"}, seen)
	}
}
