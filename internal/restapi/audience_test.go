package restapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

const getMemberList = "live_engine_http_srv/get_member_list"

func init() {
	good[getMemberList] = `{"RoomId":"live_9001","Next":""}`
	furnishing[getMemberList] = []step{entering("lin", "oskar")}
}

func TestGetMemberList(t *testing.T) {
	given := []step{aRoom, entering("lin", "host_7", "sleeper", "oskar"), losing("sleeper")}
	ask := func(next string) string { return `{"RoomId":"live_9001","Next":"` + next + `"}` }
	play(t, getMemberList, []scenario{
		{name: "who is online, ordered by account", given: given, body: ask(""), reply: online("host_7", "lin", "oskar").reply},
		{name: "as another list's first page is asked for", given: given, body: ask("0"), reply: online("host_7", "lin", "oskar").reply},
		{name: "no Next", given: given, body: askRoom, reply: online("host_7", "lin", "oskar").reply},
		{name: "nobody", given: []step{aRoom}, body: ask(""), reply: online().reply},
		{name: "a Next of its own making", given: given, body: ask("2:lin"), reply: `{"Next":"","MemberCount":3,"MemberList":[{"Member_Account":"oskar"}]}`},
		{name: "a word for Next", given: given, body: ask("more"), code: 100002, info: []string{"Next"}},
		{name: "a Next without an account", given: given, body: ask("7:"), code: 100002, info: []string{"Next"}},
		{name: "a Next before the beginning", given: given, body: ask("-1:lin"), code: 100002, info: []string{"Next"}},
		{name: "a Next past the end", given: given, body: ask("1000:lin"), code: 100002, info: []string{"Next"}},
		{name: "a number for Next", given: given, body: `{"RoomId":"live_9001","Next":0}`, code: 100002, info: []string{"Next"}},
		{name: "a room that never was", body: ask(""), code: 100004, info: []string{"live_9001"}},
		{name: "no room", body: `{"Next":""}`, code: 100002, info: []string{"RoomId"}},
	})
}

// TestGetMemberListPages: 100 at once, ten pages at most, and each of them again.
func TestGetMemberListPages(t *testing.T) {
	type page struct {
		Next        string
		MemberCount int
		MemberList  []struct {
			Account string `json:"Member_Account"`
		}
	}
	d := everybodys.open(t, bare)
	d.take([]step{aRoom})
	read := func(next string) (p page, accounts string) {
		t.Helper()
		got := d.serve(d.request(getMemberList, d.query(), strings.NewReader(`{"RoomId":"live_9001","Next":"`+next+`"}`)))
		require.Zero(t, got.ErrorCode, got.ErrorInfo)
		var out struct{ Response page }
		require.NoError(t, json.Unmarshal([]byte(got.Payload), &out))
		for _, m := range out.Response.MemberList {
			accounts += m.Account + " "
		}
		return out.Response, accounts
	}
	fill := func(from, to int) (accounts string) {
		for i := from; i < to; i++ {
			user := fmt.Sprintf("user_%04d", i)
			accounts += user + " "
			_, err := d.live.Enter(ctx, d.user(live.UserID(user)), "live_9001")
			require.NoError(t, err)
		}
		return accounts
	}
	first := fill(0, 100)
	p, got := read("")
	require.Equal(t, first, got)
	require.Empty(t, p.Next, "a full page that is the last one")
	second := fill(100, 101)
	p, got = read("")
	require.Equal(t, first, got)
	require.Equal(t, 101, p.MemberCount)
	for range 2 {
		last, got := read(p.Next)
		require.Equal(t, second, got)
		require.Empty(t, last.Next)
	}

	all := first + second + fill(101, 1001)
	var whole, next string
	pages := 0
	for pages == 0 || next != "" {
		p, got := read(next)
		require.Equal(t, 1001, p.MemberCount)
		whole, next = whole+got, p.Next
		pages++
	}
	require.Equal(t, 10, pages)
	require.Equal(t, strings.TrimSuffix(all, "user_1000 "), whole, "1,000 of them are listed")
}
