package main

import (
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/restapi"
)

func TestCallPrintsTheAnswer(t *testing.T) {
	startServer(t)
	require.NoError(t, os.WriteFile("room.json", []byte(`{"RoomInfo":{"RoomId":"hello","RoomType":"Live"}}`), 0o600))
	require.Regexp(t, `^\{
  "ActionStatus": "OK",
  "ErrorCode": 0,
  "ErrorInfo": "",
  "RequestId": "Id-\S+",
  "Response": \{
    "RoomId": "hello"
  \}
\}
$`, succeed(t, "call", "live_engine_http_srv/create_room", "@room.json"))

	const answer = `^\{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","RequestId":"Id-\S+","Response":\{"Metadata":\[\]\}\}
$`
	require.Regexp(t, answer, succeed(t, "call", "live_engine_http_srv/get_room_metadata", `{"RoomId":"hello"}`, "--json"))
	require.Regexp(t, answer, succeed(t, "call", "/v4/live_engine_http_srv/get_room_metadata", ` {"RoomId": "hello"} `, "--json"))
	require.Regexp(t, `"ErrorCode":0`, succeed(t, "call", "live_config/delete_callback", "--json"))
	require.Contains(t, succeed(t, "call", "im_open_login_svc/account_check", `{"CheckItem":[{"UserID":"mira"}]}`), `"AccountStatus": "NotImported"`)
}

func TestCallReadsStandardInput(t *testing.T) {
	startServer(t)
	for body, want := range map[string]string{
		`{"RoomInfo":{"RoomType":"Live"}}` + "\n": "",
		"":    "standard input is not a JSON object",
		"[1]": "standard input is not a JSON object",
	} {
		var out strings.Builder
		cmd := newRootCommand()
		cmd.SetArgs([]string{"call", "live_engine_http_srv/create_room", "-"})
		cmd.SetIn(strings.NewReader(body))
		cmd.SetOut(&out)
		err := cmd.Execute()
		if want != "" {
			require.EqualError(t, err, want)
			continue
		}
		require.NoError(t, err)
		require.Contains(t, out.String(), `"RoomId": "live_`)
	}
}

func TestCallPrintsARefusalAndFails(t *testing.T) {
	startServer(t)
	for _, form := range []string{"--json", "--json=false"} {
		stdout, _, err := greenroom("call", "live_engine_http_srv/get_room_info", `{"RoomId":"nope"}`, form)
		require.Regexp(t, `^100004: .+ \(RequestId \S+\)$`, err.Error())
		require.Regexp(t, `"ErrorCode": ?100004`, stdout)
	}
	stdout, _, err := greenroom("call", "live_engine_http_srv/no_such_command")
	require.ErrorContains(t, err, "60009: ")
	require.Contains(t, stdout, "60009")
}

func TestCallSaysWhatIsMissingOrWrong(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, tc := range []struct {
		args []string
		want string
	}{
		{nil, "accepts between 1 and 2 arg"},
		{[]string{"live_config/get_callback", "{}", "x"}, "accepts between 1 and 2 arg"},
		{[]string{"live_config/get_callback", "{"}, "the body is not a JSON object"},
		{[]string{"live_config/get_callback", "null"}, "the body is not a JSON object"},
		{[]string{"live_config/get_callback", `{"a":1,"a":2}`}, "the body is not a JSON object"},
		{[]string{"live_config/get_callback", "@nope.json"}, "nope.json"},
		{[]string{"live_config/get_callback"}, "./greenroom-data keeps none"},
		{[]string{"get_callback", "--app", "1", "--key", "k"}, `"get_callback" is not a service and a command`},
		{[]string{"live_config/get_callback?x", "--app", "1", "--key", "k"}, "is not a service and a command"},
	} {
		require.ErrorContains(t, fail(t, append([]string{"call"}, tc.args...)...), tc.want)
	}
}

func TestCallCompletesTheCommandsOfTheRegistry(t *testing.T) {
	stdout, _, err := greenroom("__complete", "call", "")
	require.NoError(t, err)
	for _, d := range restapi.Describe() {
		require.Contains(t, stdout, d.Path+"\t"+d.Does+"\n")
	}
	require.Contains(t, stdout, ":4\n", "no files")
	stdout, _, err = greenroom("__complete", "call", "live_config/get_callback", "")
	require.NoError(t, err)
	require.Equal(t, ":0\n", stdout, "files")
}

// startTLS runs a server with a certificate of its own CA, and returns its URL and a file with the CA's certificate.
func startTLS(t *testing.T) (url, caFile string) {
	t.Helper()
	t.Chdir(t.TempDir())
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","RequestId":"Id-1","Response":{"Admin_Account":["lin"],"Url":"u"}}`)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // it hears of callers who do not trust it
	s.StartTLS()
	t.Cleanup(s.Close)
	caFile = filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	require.NoError(t, os.WriteFile(caFile, block, 0o600))
	t.Setenv("GREENROOM_CLI_SERVER", s.URL)
	t.Setenv("GREENROOM_CLI_APP", "1400000123")
	t.Setenv("GREENROOM_CLI_KEY", testKey)
	return s.URL, caFile
}

// TestServersWithAPrivateCA: every subcommand that calls the API can be told which CA to trust.
func TestServersWithAPrivateCA(t *testing.T) {
	url, caFile := startTLS(t)
	calls := [][]string{
		{"call", "live_config/get_callback"}, {"room", "admins", "hello"}, {"webhook", "get"},
	}
	for _, args := range calls {
		err := fail(t, args...)
		require.ErrorContains(t, err, url)
		require.ErrorContains(t, err, "--ca-file")
		succeed(t, append(args, "--ca-file", caFile)...)
	}

	t.Setenv("GREENROOM_CLI_CA_FILE", caFile)
	for _, args := range calls {
		succeed(t, args...)
	}
	require.ErrorContains(t, fail(t, "room", "admins", "hello", "--ca-file", "nope.pem"), "nope.pem", "the flag wins")
	require.NoError(t, os.WriteFile("empty.pem", []byte("no certificate"), 0o600))
	require.ErrorContains(t, fail(t, "room", "admins", "hello", "--ca-file", "empty.pem"), "empty.pem has no certificate in PEM form")
}
