package main

import (
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
)

// startBattle makes three rooms of a running server and starts a battle between two of them.
func startBattle(t *testing.T) (id string) {
	t.Helper()
	startServer(t)
	for _, room := range []string{"hello", "a=b", "there"} {
		succeed(t, "room", "create", room, "--owner", "owner of "+room)
	}
	var made struct{ BattleId string }
	require.NoError(t, json.Unmarshal([]byte(succeed(t, "battle", "create", "hello", "a=b", "--duration", "90s", "--extension-info", "x", "--json")), &made))
	require.Len(t, made.BattleId, 44)
	return made.BattleId
}

func TestBattleCommandsPrintForPeople(t *testing.T) {
	id := startBattle(t)
	require.Equal(t, "added scores of battle "+id+": 2\n", succeed(t, "battle", "score", id, "hello=30", "a=b=12"))
	require.Equal(t, "added scores of battle "+id+": 1\nnot in the battle: there\n", succeed(t, "battle", "score", id, "hello=-5", "there=1"))
	require.Equal(t, "overwritten scores of battle "+id+": 1\n", succeed(t, "battle", "score", id, "a=b=7", "--overwrite"))
	for _, args := range [][]string{{id}, {"--room", "a=b"}} {
		require.Regexp(t, `^battle   \S{44}
status   running
started  20\S+Z
ends     20\S+Z
score    25  hello of "owner of hello"
score    7  a=b of "owner of a=b"
$`, succeed(t, append([]string{"battle", "info"}, args...)...))
	}
	succeed(t, "room", "create", "last")
	require.Regexp(t, `^started battle \S{44}
room nowhere does not take part: the room does not exist or was dissolved
room hello does not take part: the room is in another battle
$`, succeed(t, "battle", "create", "there", "nowhere", "hello", "last"))
	succeed(t, "room", "destroy", "hello")
	require.Regexp(t, `(?s)status   finished.+ended    20\S+Z.+25  hello`, succeed(t, "battle", "info", id))
}

func TestBattleCommandsPrintTheResponseForMachines(t *testing.T) {
	id := startBattle(t)
	require.JSONEq(t, `{"Result":[{"RoomId":"hello","ResultCode":0},{"RoomId":"there","ResultCode":1}]}`,
		succeed(t, "battle", "score", id, "hello=30", "there=1", "--json"))
	var info struct {
		Status       int
		FromRoomInfo struct{ Score int }
	}
	require.NoError(t, json.Unmarshal([]byte(succeed(t, "battle", "info", id, "--json")), &info))
	require.Equal(t, 2, info.Status)
	require.Equal(t, 30, info.FromRoomInfo.Score)
}

func TestBattleCommandsSayWhatIsMissingOrWrong(t *testing.T) {
	id := startBattle(t)
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"bogus"}, `unknown command "bogus" for "greenroom battle"`},
		{[]string{"create", "hello"}, "requires at least 2 arg"},
		{[]string{"create", "hello", "there"}, "100415: "},
		{[]string{"create", "there", "nowhere"}, "100412: "},
		{[]string{"create", "there", "hello", "--duration", "6m"}, "100002: "},
		{[]string{"score", id}, "requires at least 2 arg"},
		{[]string{"score", id, "hello"}, `"hello" is not ROOM=POINTS`},
		{[]string{"score", id, "=3"}, `"=3" is not ROOM=POINTS`},
		{[]string{"score", id, "hello=many"}, "no whole number"},
		{[]string{"score", "another", "hello=1"}, "100411: "},
		{[]string{"info"}, "either a battle or --room"},
		{[]string{"info", id, "--room", "hello"}, "either a battle or --room"},
		{[]string{"info", "another"}, "100411: "},
		{[]string{"info", "--room", "there"}, "100411: "},
	} {
		require.ErrorContains(t, fail(t, append([]string{"battle"}, tc.args...)...), tc.want, "%v", tc.args)
	}
}
