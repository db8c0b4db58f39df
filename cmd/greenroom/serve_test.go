package main

import (
	"github.com/go-json-experiment/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// printedCall is a command of the welcome: its URL and its body.
var printedCall = regexp.MustCompile(`^  curl -s '([^']+)' -d '([^']+)'; echo$`)

// startServe runs serve with a data folder and returns it with the lines that it prints at its start.
func startServe(t *testing.T, dir string, args ...string) (r *running, welcome []string) {
	t.Helper()
	r = start(t, append([]string{"serve", "--listen", "127.0.0.1:0", "--data-dir", dir}, args...)...)
	for {
		line := r.stdout.next(t)
		welcome = append(welcome, line)
		if strings.Contains(line, "/del_room_metadata?") {
			return r, welcome
		}
	}
}

func TestServeOnANewFolderPrintsCommandsThatWork(t *testing.T) {
	transports := map[string]func(t *testing.T, line string) []byte{
		"net/http": func(t *testing.T, line string) []byte {
			call := printedCall.FindStringSubmatch(line)
			resp, err := http.Post(call[1], "application/x-www-form-urlencoded", strings.NewReader(call[2])) // as curl -d sends it
			require.NoError(t, err)
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			return body
		},
	}
	if _, err := exec.LookPath("curl"); err == nil {
		transports["curl"] = func(t *testing.T, line string) []byte {
			answer, err := exec.Command("sh", "-c", line).Output()
			require.NoError(t, err)
			return answer
		}
	}
	for name, send := range transports {
		t.Run(name, func(t *testing.T) {
			r, welcome := startServe(t, t.TempDir())
			calls := 0
			for _, line := range welcome {
				if !printedCall.MatchString(line) {
					continue
				}
				calls++
				var answer struct {
					ActionStatus string
					ErrorCode    int
					ErrorInfo    string
				}
				require.NoError(t, json.Unmarshal(send(t, line), &answer))
				require.Equal(t, "OK", answer.ActionStatus, "%s: %d %s", line, answer.ErrorCode, answer.ErrorInfo)
				require.Zero(t, answer.ErrorCode)
			}
			require.Equal(t, 4, calls)
			require.NoError(t, r.stop())
		})
	}
}

func TestServePrintsAListenCommandForItsOwnApp(t *testing.T) {
	r, welcome := startServe(t, t.TempDir())
	printed := regexp.MustCompile(`(?m)^  \S.* (listen --app \d+ --key [0-9a-f]+)$`).FindStringSubmatch(strings.Join(welcome, "\n"))
	require.NotNil(t, printed)
	t.Chdir(t.TempDir())
	args := strings.Fields(printed[1])
	listening, url, _ := startListen(t, args[1:]...)

	server := regexp.MustCompile(`Greenroom serves (\S+) with`).FindStringSubmatch(strings.Join(welcome, "\n"))
	require.NotNil(t, server)
	account := []string{"--server", server[1], args[1], args[2], args[3], args[4]}
	succeed(t, append([]string{"webhook", "set", url}, account...)...)
	succeed(t, append([]string{"room", "create", "hello"}, account...)...)
	require.Contains(t, listening.stdout.next(t), "AfterCreateRoom          room=hello")
	require.NoError(t, listening.stop())
	require.NoError(t, r.stop())
}

func TestServeMakesTheDevelopmentAppOnceAndKeepsIt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	account := regexp.MustCompile(`(?m)^  (SDKAppID|secret key) +(\S+)$`)
	var accounts [][][]string
	for range 2 {
		r, welcome := startServe(t, dir)
		require.NoError(t, r.stop())
		accounts = append(accounts, account.FindAllStringSubmatch(strings.Join(welcome, "\n"), -1))
	}
	require.Len(t, accounts[0], 2)
	require.Len(t, accounts[0][1][2], 64)
	require.Equal(t, accounts[0], accounts[1])

	other, welcome := startServe(t, t.TempDir())
	require.NoError(t, other.stop())
	require.NotEqual(t, accounts[0], account.FindAllStringSubmatch(strings.Join(welcome, "\n"), -1), "two folders share a key")
}

func TestServeDoesNotMakeAnAppForAFolderOfOtherApps(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(t.TempDir(), "greenroom.yaml")
	require.NoError(t, os.WriteFile(file, []byte("apps:\n  - {sdk_app_id: 1400000123, secret_key: "+testKey+"}\n"), 0o600))
	r := start(t, "serve", "--listen", "127.0.0.1:0", "--data-dir", dir, "--config", file)
	r.stderr.find(t, "msg=serving")
	require.NoError(t, r.stop())
	require.Empty(t, r.stdout.rest(), "configured apps need no welcome")

	require.ErrorContains(t, fail(t, "serve", "--listen", "127.0.0.1:0", "--data-dir", dir), "no app is configured")
}

func TestServeNamesEveryMistakeOfItsConfiguration(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	file := filepath.Join(t.TempDir(), "greenroom.yaml")
	require.NoError(t, os.WriteFile(file, []byte("lisen: :1\nlog:\n  level: loud\napps:\n  - {sdk_app_id: 1400000123}\n"), 0o600))
	t.Setenv("GREENROOM_HTTP_MAX_BODY_BYTES", "many")
	err := fail(t, "serve", "--config", file, "--data-dir", dir, "--tls-cert-file", "only.pem")
	for _, want := range []string{
		file + ":1: lisen: unknown key; did you mean listen?",
		file + ":3: log.level: must be one of debug, info, warn, error",
		"apps[0].secret_key: is required",
		"GREENROOM_HTTP_MAX_BODY_BYTES: http.max_body_bytes: ",
		"tls.key_file: must be set",
	} {
		require.ErrorContains(t, err, want)
	}
	_, err = os.Stat(dir)
	require.ErrorIs(t, err, os.ErrNotExist, "a server that does not start leaves nothing behind")
}

func TestServeWarnsOfAVariableThatSetsNothing(t *testing.T) {
	t.Setenv("GREENROOM_LISTENN", ":1")
	t.Setenv("GREENROOM_CLI_APP", "7")
	r, _ := startServe(t, t.TempDir())
	require.NoError(t, r.stop())
	var warnings []string
	for _, line := range r.stderr.rest() {
		if strings.Contains(line, "level=WARN") {
			warnings = append(warnings, line)
		}
	}
	require.Len(t, warnings, 1)
	require.Contains(t, warnings[0], "GREENROOM_LISTENN sets nothing; did you mean GREENROOM_LISTEN?")
}

func TestServeSaysWhenItsAddressIsTaken(t *testing.T) {
	_, welcome := startServe(t, t.TempDir())
	taken := regexp.MustCompile(`http://(\S+) with`).FindStringSubmatch(strings.Join(welcome, "\n"))
	require.NotNil(t, taken)
	require.ErrorContains(t, fail(t, "serve", "--listen", taken[1], "--data-dir", t.TempDir()), "address already in use")
}

func TestConfigCheckFromTheRoot(t *testing.T) {
	file := filepath.Join(t.TempDir(), "greenroom.yaml")
	require.NoError(t, os.WriteFile(file, []byte(succeed(t, "config")), 0o600))
	require.Equal(t, file+": ok\n", succeed(t, "config", "check", file))
	require.NoError(t, os.WriteFile(file, []byte("lisen: :1\nlog: {level: loud}\n"), 0o600))
	require.EqualError(t, fail(t, "config", "check", file), file+":1: lisen: unknown key; did you mean listen?\n"+
		file+":2: log.level: must be one of debug, info, warn, error")
}

func TestVersionNamesItself(t *testing.T) {
	require.Regexp(t, `^greenroom dev \(go\S+, \w+/\w+\)\n$`, succeed(t, "version"))
}
