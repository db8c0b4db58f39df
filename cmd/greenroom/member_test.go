package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMemberCommandsPrintForPeople(t *testing.T) {
	startServer(t)
	succeed(t, "room", "create", "hello", "--owner", "mira")
	member := func(args ...string) string { t.Helper(); return succeed(t, append([]string{"member"}, args...)...) }
	require.Equal(t, "nobody is online in room hello\n", member("list", "hello"))
	require.Equal(t, "nobody is muted in room hello\n", member("muted", "hello"))
	require.Equal(t, "nobody is banned from room hello\n", member("banned", "hello"))

	require.Equal(t, "muted in room hello: alice, bob\n", member("mute", "hello", "alice", "bob"))
	require.Equal(t, "muted in room hello: bob\n", member("mute", "hello", "bob", "--for", "10m"))
	require.Regexp(t, `^alice  forever\nbob    20\S+Z\n$`, member("muted", "hello"))
	require.Equal(t, "no longer muted in room hello: alice, nobody\n", member("unmute", "hello", "alice", "nobody"))
	require.Regexp(t, `^bob  20\S+Z\n$`, member("muted", "hello"))

	require.Equal(t, "banned from room hello: carl\n", member("ban", "hello", "carl", "--for", "24h", "--reason", "spam\nlinks"))
	require.Equal(t, "banned from room hello: dan\n", member("ban", "hello", "dan", "--for", "forever"))
	require.Regexp(t, `^carl  20\S+Z  "spam\\nlinks"\ndan   forever +""\n$`, member("banned", "hello"))
	require.Equal(t, "no longer banned from room hello: carl\n", member("unban", "hello", "carl"))
	require.Equal(t, "kicked out of room hello: alice\n", member("kick", "hello", "alice", "--reason", "be nice"))
}

func TestMemberCommandsPrintTheResponseForMachines(t *testing.T) {
	startServer(t)
	succeed(t, "room", "create", "hello", "--owner", "mira")
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"list", "hello"}, `{"Next":"","MemberCount":0,"MemberList":[]}`},
		{[]string{"mute", "hello", "alice"}, `{}`},
		{[]string{"muted", "hello"}, `{"MutedAccountList":[{"Member_Account":"alice","MutedUntil":4294967295}]}`},
		{[]string{"unmute", "hello", "alice"}, `{}`},
		{[]string{"ban", "hello", "dan", "--for", "forever", "--reason", "spam"}, `{}`},
		{[]string{"banned", "hello"}, `{"BannedAccountList":[{"Member_Account":"dan","BannedUntil":4294967295,"Reason":"spam"}],"NextOffset":0}`},
		{[]string{"unban", "hello", "dan"}, `{}`},
		{[]string{"kick", "hello", "dan"}, `{}`},
	} {
		require.JSONEq(t, tc.want, succeed(t, append(append([]string{"member"}, tc.args...), "--json")...), "%v", tc.args)
	}
}

func TestEveryPageOfAListIsPrintedForMachines(t *testing.T) {
	startServer(t)
	succeed(t, "room", "create", "hello")
	for i := range 6 {
		ban := []string{"member", "ban", "hello", "--for", "1h"}
		for j := range 20 {
			ban = append(ban, fmt.Sprintf("user%03d", i*20+j))
		}
		succeed(t, ban...)
	}
	pages := strings.Split(strings.TrimSuffix(succeed(t, "member", "banned", "hello", "--json"), "\n"), "\n")
	require.Len(t, pages, 2)
	require.Regexp(t, `^\{"BannedAccountList":\[\{"Member_Account":"user000",.+\],"NextOffset":100\}$`, pages[0])
	require.Regexp(t, `^\{"BannedAccountList":\[\{"Member_Account":"user100",.+"user119",.+\],"NextOffset":0\}$`, pages[1])
}

func TestMemberCommandsFail(t *testing.T) {
	startServer(t)
	succeed(t, "room", "create", "hello", "--owner", "mira")
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"list", "nope"}, `^100004: `},
		{[]string{"muted", "nope"}, `^100004: `},
		{[]string{"banned", "nope"}, `^100004: `},
		{[]string{"kick", "hello", "mira"}, `^100006: `},
		{[]string{"ban", "hello", "mira", "--for", "1h"}, `^100006: `},
		{[]string{"ban", "hello", "dan"}, `required flag.+"for"`},
		{[]string{"ban", "hello", "dan", "--for", "0s"}, `--for "0s" is neither`},
		{[]string{"mute", "hello", "dan", "--for", "1500ms"}, `--for "1500ms" is neither`},
		{[]string{"mute", "hello", "dan", "--for", "a while"}, `--for "a while" is neither`},
		{[]string{"mute", "hello", "dan", "--for", "2000000h"}, `^100002: MuteTime`},
		{[]string{"mute", "hello"}, `a room and at least one user`},
		{[]string{"kick", "hello"}, `a room and at least one user`},
		{[]string{"list"}, `accepts 1 arg`},
		{[]string{"bogus"}, `unknown command "bogus" for "greenroom member"`},
	} {
		require.Regexp(t, tc.want, fail(t, append([]string{"member"}, tc.args...)...).Error(), "%v", tc.args)
	}
}
