package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSeatAndRobotCommandsPrintForPeople(t *testing.T) {
	startServer(t)
	succeed(t, "room", "create", "hello", "--seat-template", "VideoLandscape4Seats")
	require.Equal(t, "room hello has no robots\n", succeed(t, "robot", "list", "hello"))
	require.Equal(t, "robots now of room hello: ann, \"bo b\"\n", succeed(t, "robot", "add", "hello", "ann", "bo b"))
	require.Equal(t, "ann\nbo b\n", succeed(t, "robot", "list", "hello"))

	require.Equal(t, "0  -  -\n1  -  -\n2  -  -\n3  -  -\n", succeed(t, "seat", "list", "hello"))
	require.Equal(t, "ann is on seat 0 of room hello\n", succeed(t, "seat", "pick", "hello", "0", "ann"))
	require.Equal(t, "\"bo b\" is on seat 1 of room hello\n", succeed(t, "seat", "pick", "hello", "1", "bo b"))
	require.Equal(t, "locked seat 3 of room hello\n", succeed(t, "seat", "lock", "hello", "3"))
	require.Equal(t, "locked seat 0 of room hello\n", succeed(t, "seat", "lock", "hello", "0", "--video", "--audio"))
	require.Equal(t, "0  ann     no video, no audio\n1  \"bo b\"  -\n2  -       -\n3  -       locked\n", succeed(t, "seat", "list", "hello"))
	require.Equal(t, "unlocked seat 0 of room hello\n", succeed(t, "seat", "unlock", "hello", "0", "--audio"))
	require.Equal(t, "0  ann     no video\n1  \"bo b\"  -\n2  -       -\n3  -       locked\n", succeed(t, "seat", "list", "hello"))
	require.Equal(t, "ann is on seat 1 of room hello\n", succeed(t, "seat", "move", "hello", "ann", "1", "--policy", "swap"))
	require.Equal(t, "ann is on seat 3 of room hello\n", succeed(t, "seat", "move", "hello", "ann", "3"))
	require.Equal(t, "0  \"bo b\"  no video\n1  -       -\n2  -       -\n3  ann     -\n", succeed(t, "seat", "list", "hello"))
	require.Equal(t, "ann is on seat 0 of room hello\n", succeed(t, "seat", "move", "hello", "ann", "0", "--policy", "replace"))
	require.Equal(t, "ann has no seat in room hello any more\n", succeed(t, "seat", "kick", "hello", "ann", "--data", "time is up"))
	require.Equal(t, "0  -  no video\n1  -  -\n2  -  -\n3  -  -\n", succeed(t, "seat", "list", "hello"))
	require.Equal(t, "locked seat 1 of room hello\n", succeed(t, "seat", "lock", "hello", "1", "--take", "--audio"))
	require.Equal(t, "0  -  no video\n1  -  locked, no audio\n2  -  -\n3  -  -\n", succeed(t, "seat", "list", "hello"))

	require.Equal(t, "no robots now of room hello: ann, nobody\n", succeed(t, "robot", "delete", "hello", "ann", "nobody"))
	require.Equal(t, "bo b\n", succeed(t, "robot", "list", "hello"))
	succeed(t, "room", "create", "bare")
	require.Equal(t, "room bare has no seats\n", succeed(t, "seat", "list", "bare"))
}

func TestSeatAndRobotCommandsPrintTheResponseForMachines(t *testing.T) {
	startServer(t)
	succeed(t, "room", "create", "hello", "--seat-enabled", "--max-seat-count", "1")
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"robot", "add", "hello", "ann"}, `{}`},
		{[]string{"robot", "list", "hello"}, `{"RobotList_Account":["ann"]}`},
		{[]string{"seat", "pick", "hello", "0", "ann"}, `{}`},
		{[]string{"seat", "move", "hello", "ann", "0"}, `{}`},
		{[]string{"seat", "lock", "hello", "0", "--video"}, `{}`},
		{[]string{"seat", "list", "hello"}, `{"SeatList":[{"Index":0,"Member_Account":"ann","IsTakenDisabled":false,"IsVideoDisabled":true,"IsAudioDisabled":false}]}`},
		{[]string{"seat", "unlock", "hello", "0", "--video"}, `{}`},
		{[]string{"seat", "kick", "hello", "ann"}, `{}`},
		{[]string{"seat", "list", "hello"}, `{"SeatList":[{"Index":0,"IsTakenDisabled":false,"IsVideoDisabled":false,"IsAudioDisabled":false}]}`},
		{[]string{"robot", "delete", "hello", "ann"}, `{}`},
		{[]string{"robot", "list", "hello"}, `{"RobotList_Account":[]}`},
	} {
		require.JSONEq(t, tc.want, succeed(t, append(tc.args, "--json")...), "%v", tc.args)
	}
}

func TestSeatAndRobotCommandsSayWhatIsMissingOrWrong(t *testing.T) {
	startServer(t)
	succeed(t, "room", "create", "hello", "--seat-enabled")
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"seat", "list", "nope"}, "100004: "},
		{[]string{"seat", "pick", "hello", "0", "stranger"}, "100005: "},
		{[]string{"seat", "kick", "hello", "stranger"}, "100206: "},
		{[]string{"seat", "lock", "hello", "16"}, "100002: "},
		{[]string{"robot", "list", "nope"}, "100004: "},
		{[]string{"seat", "bogus"}, `unknown command "bogus" for "greenroom seat"`},
		{[]string{"seat", "pick", "hello", "first", "ann"}, `"first" is not the number of a seat`},
		{[]string{"seat", "lock", "hello", "x"}, `"x" is not the number of a seat`},
		{[]string{"seat", "move", "hello", "ann", "x"}, `"x" is not the number of a seat`},
		{[]string{"seat", "move", "hello", "ann", "1", "--policy", "ask"}, `--policy must be abort, replace, swap, not "ask"`},
		{[]string{"seat", "list"}, "accepts 1 arg"},
		{[]string{"seat", "pick", "hello", "0"}, "accepts 3 arg"},
		{[]string{"robot", "add", "hello"}, "a room and at least one user"},
		{[]string{"robot", "delete", "hello"}, "a room and at least one user"},
	} {
		require.ErrorContains(t, fail(t, tc.args...), tc.want)
	}
}
