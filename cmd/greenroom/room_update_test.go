package main

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
)

func TestARoomIsUpdatedAndGivenAway(t *testing.T) {
	startServer(t)
	succeed(t, "room", "create", "hello", "--owner", "mira", "--notice", "old", "--category", "1,2", "--cover-url", "c", "--background-url", "b")
	require.Equal(t, "updated room hello\n", succeed(t, "room", "update", "hello", "--name", "Late", "--message-disabled",
		"--max-member-count", "50", "--public-visible=false", "--activity-status", "4", "--notice", "", "--category", "3"))
	info := succeed(t, "room", "info", "hello")
	for _, line := range []string{`name +Late`, `members +0 online, at most 50`, `listed +no`, `muted +yes`, `category +\[3\]`, `activity +4`, `cover +c`} {
		require.Regexp(t, `(?m)^`+line+`$`, info)
	}
	require.NotContains(t, info, "notice")
	require.JSONEq(t, `{}`, succeed(t, "room", "update", "hello", "--category", "", "--cover-url", "", "--background-url=", "--message-disabled=false",
		"--take-seat-mode", "ApplyToTake", "--unlimited", "--gift-enabled=false", "--like-enabled=false", "--json"))
	var shown struct {
		RoomInfo struct {
			Category                                                                []int
			CoverURL, BackgroundURL, TakeSeatMode, RoomName                         string
			IsMessageDisabled, IsUnlimitedRoomEnabled, IsGiftEnabled, IsLikeEnabled bool
		}
	}
	require.NoError(t, json.Unmarshal([]byte(succeed(t, "room", "info", "hello", "--json")), &shown))
	room := shown.RoomInfo
	require.Empty(t, room.Category)
	require.Equal(t, []string{"", "", "ApplyToTake", "Late"}, []string{room.CoverURL, room.BackgroundURL, room.TakeSeatMode, room.RoomName})
	require.Equal(t, []bool{false, true, false, false}, []bool{room.IsMessageDisabled, room.IsUnlimitedRoomEnabled, room.IsGiftEnabled, room.IsLikeEnabled})

	require.Equal(t, "room hello belongs to bob\n", succeed(t, "room", "change-owner", "hello", "bob"))
	require.Regexp(t, `(?m)^owner +bob$`, succeed(t, "room", "info", "hello"))
	require.JSONEq(t, `{}`, succeed(t, "room", "change-owner", "hello", "bob", "--json"))
}

func TestRoomsAreListedAndCounted(t *testing.T) {
	startServer(t)
	require.Equal(t, "no rooms\n", succeed(t, "room", "list"))
	for _, room := range []string{"a", "b", "c"} {
		succeed(t, "room", "create", room, "--name", "room "+room, "--owner", "mira")
	}
	succeed(t, "room", "create", "hidden", "--public-visible=false")
	lines := strings.Split(succeed(t, "room", "list", "--count", "2"), "\n")
	require.Len(t, lines, 5)
	require.Regexp(t, `^ROOM +NAME +OWNER +VIEWS +ONLINE +CREATED$`, lines[0])
	require.Regexp(t, `^[abc] +room [abc] +mira +0 +0 +20\S+Z$`, lines[1])
	require.Regexp(t, `^more: --next \S+$`, lines[3])
	rest := succeed(t, "room", "list", "--count", "2", "--next", strings.TrimPrefix(lines[3], "more: --next "))
	require.Equal(t, 2, strings.Count(rest, "\n"), "one room more, and no page behind: %s", rest)
	require.NotContains(t, rest, "more")

	var page struct {
		Next     string
		RoomList []struct{ RoomId string }
	}
	require.NoError(t, json.Unmarshal([]byte(succeed(t, "room", "list", "--json")), &page))
	require.Len(t, page.RoomList, 3)
	first := page.RoomList[0]
	require.NoError(t, json.Unmarshal([]byte(succeed(t, "room", "list", "--ascending", "--json")), &page))
	require.Equal(t, first, page.RoomList[2])

	require.Equal(t, "room a: 0 views, 0 messages, 0 likes, 0 gifts worth 0 coins from 0 users\n", succeed(t, "room", "stats", "a"))
	require.JSONEq(t, `{"TotalViewers":0,"TotalGiftsSent":0,"TotalGiftCoins":0,"TotalUniqueGiftSenders":0,"TotalLikesReceived":0,"TotalMsgCount":0}`,
		succeed(t, "room", "stats", "a", "--json"))
}

func TestRoomChangesThatFail(t *testing.T) {
	startServer(t)
	succeed(t, "room", "create", "hello")
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"update", "nope", "--name", "x"}, `^100004: `},
		{[]string{"update", "hello", "--take-seat-mode", "None"}, `^100002: `},
		{[]string{"update", "hello", "--category", "1,2,3,4"}, `^100009: `},
		{[]string{"update", "hello", "--category", "1,x"}, `"x" is no whole number`},
		{[]string{"update", "hello"}, `^nothing to change`},
		{[]string{"update"}, `accepts 1 arg`},
		{[]string{"change-owner", "hello"}, `accepts 2 arg`},
		{[]string{"change-owner", "nope", "bob"}, `^100004: `},
		{[]string{"list", "--count", "21"}, `^100002: `},
		{[]string{"list", "--next", "x"}, `^100002: `},
		{[]string{"stats", "nope"}, `^100004: `},
	} {
		require.Regexp(t, tc.want, fail(t, append([]string{"room"}, tc.args...)...).Error())
	}
}
