package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/server"
)

func TestRoomCommandsPrintForPeople(t *testing.T) {
	startServer(t)
	require.Equal(t, "created room hello\n", succeed(t, "room", "create", "hello", "--name", "Hello there", "--owner", "mira",
		"--seat-template", "VideoDynamicGrid9Seats", "--take-seat-mode", "ApplyToTake", "--max-member-count", "50",
		"--message-disabled", "--public-visible=false", "--notice", "be kind", "--category", "1,2", "--activity-status", "4",
		"--cover-url", "https://example.com/c.png", "--background-url", "https://example.com/b.png"))
	require.Regexp(t, `^room        hello
name        Hello there
owner       mira
created     20\S+Z
members     0 online, at most 50
views       0
seats       9, ApplyToTake, VideoDynamicGrid9Seats
listed      no
muted       yes
category    \[1 2\]
activity    4
notice      be kind
cover       https://example.com/c.png
background  https://example.com/b.png
$`, succeed(t, "room", "info", "hello"))

	require.Equal(t, "room hello has no such metadata\n", succeed(t, "room", "get-metadata", "hello"))
	require.Equal(t, "set metadata of room hello: theme, title, empty\n",
		succeed(t, "room", "set-metadata", "hello", "theme=dusk", "title=a = b\x1b", "empty="))
	require.Equal(t, "empty  \"\"\ntheme  dusk\ntitle  \"a = b\\x1b\"\n", succeed(t, "room", "get-metadata", "hello"))
	require.Equal(t, "theme  dusk\n", succeed(t, "room", "get-metadata", "hello", "theme", "nope"))
	require.Equal(t, "room hello no longer has metadata: theme, nope\n", succeed(t, "room", "delete-metadata", "hello", "theme", "nope"))

	require.Equal(t, "room hello has no administrators\n", succeed(t, "room", "admins", "hello"))
	require.Equal(t, "administrators now of room hello: alice, bob\n", succeed(t, "room", "add-admin", "hello", "alice", "bob"))
	require.Equal(t, "no administrators now of room hello: alice\n", succeed(t, "room", "remove-admin", "hello", "alice"))
	require.Equal(t, "bob\n", succeed(t, "room", "admins", "hello"))

	require.Equal(t, "destroyed room hello: 0 views, 0 likes, 0 gifts worth 0 coins from 0 users\n", succeed(t, "room", "destroy", "hello"))
}

func TestRoomCommandsPrintTheResponseForMachines(t *testing.T) {
	startServer(t)
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"create", "hello"}, `{"RoomId":"hello"}`},
		{[]string{"set-metadata", "hello", "theme=dusk"}, `{}`},
		{[]string{"get-metadata", "hello"}, `{"Metadata":[{"Key":"theme","Value":"dusk"}]}`},
		{[]string{"delete-metadata", "hello", "theme"}, `{}`},
		{[]string{"get-metadata", "hello"}, `{"Metadata":[]}`},
		{[]string{"add-admin", "hello", "alice"}, `{}`},
		{[]string{"admins", "hello"}, `{"Admin_Account":["alice"]}`},
		{[]string{"remove-admin", "hello", "alice"}, `{}`},
		{[]string{"destroy", "hello"}, `{"Statistic":{"TotalViewers":0,"TotalGiftsSent":0,"TotalGiftCoins":0,"TotalUniqueGiftSenders":0,"TotalLikesReceived":0}}`},
	} {
		require.JSONEq(t, tc.want, succeed(t, append(append([]string{"room"}, tc.args...), "--json")...), "%v", tc.args)
	}

	var made struct{ RoomId string }
	require.NoError(t, json.Unmarshal([]byte(succeed(t, "room", "create", "--json")), &made))
	require.NotEmpty(t, made.RoomId)
	var info struct {
		RoomInfo struct {
			RoomName      string
			MemberCount   int
			IsSeatEnabled bool
		}
	}
	require.NoError(t, json.Unmarshal([]byte(succeed(t, "room", "info", made.RoomId, "--json")), &info))
	require.Equal(t, made.RoomId, info.RoomInfo.RoomName)
}

func TestRoomCommandsFailWithTheServersCode(t *testing.T) {
	startServer(t)
	succeed(t, "room", "create", "hello")
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"info", "nope"}, `^100004: room "nope" .+ \(RequestId \S+\)$`},
		{[]string{"create", "hello", "--owner", "mira"}, `^100003: .+ \(RequestId \S+\)$`},
		{[]string{"delete-metadata", "hello", "theme"}, `^100503: .+ \(RequestId \S+\)$`},
		{[]string{"add-admin", "hello", "a", "b", "c", "d", "e", "f"}, `^100\d+: .+ \(RequestId \S+\)$`},
		{[]string{"info", "hello", "--key", "another key"}, `^70009: .+ \(RequestId \S+\)$`},
		{[]string{"info", "hello", "--app", "7"}, `^70020: .+ \(RequestId \S+\)$`},
		{[]string{"info", "hello", "--admin", "mallory"}, `^60010: .+ \(RequestId \S+\)$`},
	} {
		for _, form := range []string{"--json", "--json=false"} {
			require.Regexp(t, tc.want, fail(t, append(append([]string{"room"}, tc.args...), form)...).Error())
		}
	}
}

func TestRoomCommandsSayWhatIsMissingOrWrong(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"bogus"}, `unknown command "bogus" for "greenroom room"`},
		{[]string{"info"}, "accepts 1 arg"},
		{[]string{"create", "a", "b"}, "accepts at most 1 arg"},
		{[]string{"set-metadata", "hello"}, "requires at least 2 arg"},
		{[]string{"set-metadata", "hello", "theme"}, `"theme" is not KEY=VALUE`},
		{[]string{"set-metadata", "hello", "=dusk"}, `"=dusk" is not KEY=VALUE`},
		{[]string{"delete-metadata", "hello"}, "requires at least 2 arg"},
		{[]string{"add-admin", "hello"}, "a room and at least one user"},
		{[]string{"info", "hello"}, "./greenroom-data keeps none"},
	} {
		require.ErrorContains(t, fail(t, append([]string{"room"}, tc.args...)...), tc.want)
	}
	_, err := os.Stat("greenroom-data")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestRoomCommandsWithoutAServerSaySo(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("GREENROOM_CLI_APP", "1400000123")
	t.Setenv("GREENROOM_CLI_KEY", testKey)

	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	err := fail(t, "room", "info", "hello", "--server", gone.URL)
	require.ErrorContains(t, err, gone.URL+" cannot be reached")
	require.ErrorContains(t, err, "greenroom serve")

	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then is it noticed that the caller is gone
		<-r.Context().Done()
	}))
	defer silent.Close()
	err = fail(t, "room", "info", "hello", "--server", silent.URL, "--timeout", "50ms")
	require.ErrorContains(t, err, silent.URL+" did not answer within 50ms")

	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	err = fail(t, "room", "info", "hello", "--server", other.URL)
	require.ErrorContains(t, err, "HTTP status 404")
	require.NotContains(t, err.Error(), "usersig")

	for _, server := range []string{"nowhere", "127.0.0.1:8700", "ws://127.0.0.1:8700"} {
		require.ErrorContains(t, fail(t, "room", "info", "hello", "--server", server), "--server must begin with http:// or https://")
	}
	require.ErrorContains(t, fail(t, "room", "info", "hello", "--server", "http:///"), "base URL")
	for _, timeout := range []string{"0s", "-1s"} {
		require.ErrorContains(t, fail(t, "room", "info", "hello", "--timeout", timeout), "--timeout must be more than 0s, not "+timeout)
	}
}

func TestRoomCommandsUseTheDevelopmentAppOfTheDataFolder(t *testing.T) {
	url := startServer(t)
	t.Setenv("GREENROOM_CLI_APP", "")
	t.Setenv("GREENROOM_CLI_KEY", "")
	folder := t.TempDir()
	_, err := server.DevelopmentApp(folder)
	require.NoError(t, err)
	// The server knows the app of the tests only, so that the refusal shows which app the call was made for.
	err = fail(t, "room", "info", "hello", "--server", url, "--data-dir", folder)
	require.ErrorContains(t, err, "70020: SDKAppID 1400000001")

	require.NoError(t, os.WriteFile(filepath.Join(folder, "development-app.yaml"), []byte("sdk_app_id: 0\n"), 0o600))
	require.ErrorContains(t, fail(t, "room", "info", "hello", "--data-dir", folder), "has no sdk_app_id or no secret_key")
}
