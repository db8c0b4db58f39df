package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/server"
	"github.com/greenroom-live/greenroom/usersig"
)

func TestUserSigPrintsATokenThatHoldsAndNothingElse(t *testing.T) {
	t.Chdir(t.TempDir())
	before := time.Now().Truncate(time.Second)
	token := succeed(t, "usersig", "--app", "1400000123", "--key", testKey, "--user", "alice")
	require.Equal(t, 1, strings.Count(token, "\n"))

	sig, err := usersig.Verify(strings.TrimSuffix(token, "\n"), testApp, testKey, "alice", time.Now())
	require.NoError(t, err)
	require.Equal(t, 24*time.Hour, sig.Expire)
	require.WithinRange(t, sig.IssuedAt, before, time.Now())

	token = succeed(t, "usersig", "--app", "1400000123", "--key", testKey, "--user", "alice", "--expire", "90s")
	sig, err = usersig.Parse(strings.TrimSuffix(token, "\n"))
	require.NoError(t, err)
	require.Equal(t, 90*time.Second, sig.Expire)
}

func TestUserSigTakesTheAppFromTheFlagsThenTheEnvironmentThenTheDataFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	kept, err := server.DevelopmentApp("greenroom-data")
	require.NoError(t, err)
	signedFor := func(app uint32, key string, args ...string) {
		t.Helper()
		token := strings.TrimSpace(succeed(t, append([]string{"usersig", "--user", "alice"}, args...)...))
		_, err := usersig.Verify(token, app, key, "alice", time.Now())
		require.NoError(t, err)
	}
	signedFor(kept.SDKAppID, kept.SecretKey.Reveal())
	signedFor(kept.SDKAppID, kept.SecretKey.Reveal(), "--app", "1400000001")

	t.Setenv("GREENROOM_CLI_APP", "1400000123")
	t.Setenv("GREENROOM_CLI_KEY", testKey)
	signedFor(testApp, testKey)
	signedFor(7, testKey, "--app", "7")
	signedFor(testApp, "another key", "--key", "another key")
}

func TestUserSigSaysWhatIsMissingOrWrong(t *testing.T) {
	t.Chdir(t.TempDir())
	account := []string{"usersig", "--app", "1400000123", "--key", testKey}
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"no user":            {account, `required flag(s) "user" not set`},
		"empty user":         {append(account, "--user", ""), "--user must be a UserID"},
		"user of 33 bytes":   {append(account, "--user", strings.Repeat("u", 33)), "--user must be a UserID"},
		"user beyond ASCII":  {append(account, "--user", "älice"), "--user must be a UserID"},
		"under a second":     {append(account, "--user", "alice", "--expire", "999ms"), "--expire must be 1s to"},
		"over 50 years":      {append(account, "--user", "alice", "--expire", "438001h"), "(50 years)"},
		"no app, no key":     {[]string{"usersig", "--user", "alice"}, "Give --app and --key, or set GREENROOM_CLI_APP and GREENROOM_CLI_KEY"},
		"no key":             {[]string{"usersig", "--user", "alice", "--app", "7"}, "the key of app 7 is missing"},
		"no app":             {[]string{"usersig", "--user", "alice", "--key", testKey}, "give --app too"},
		"app that is none":   {[]string{"usersig", "--user", "alice", "--app", "x"}, `invalid argument "x" for "--app"`},
		"something too much": {append(account, "--user", "alice", "bob"), `unknown command "bob"`},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorContains(t, fail(t, tc.args...), tc.want)
		})
	}
	_, err := os.Stat("greenroom-data")
	require.ErrorIs(t, err, os.ErrNotExist, "looking for a development app must not make one")

	t.Setenv("GREENROOM_CLI_APP", "many")
	require.ErrorContains(t, fail(t, "usersig", "--user", "alice"), "GREENROOM_CLI_APP: ")
}

func TestUserSigInspectExplainsAToken(t *testing.T) {
	t.Chdir(t.TempDir())
	token := succeed(t, "usersig", "--app", "1400000123", "--key", testKey, "--user", "alice", "--expire", "1h")
	token = strings.TrimSpace(token)

	text := succeed(t, "usersig", "inspect", token)
	require.Regexp(t, `^SDKAppID  1400000123
UserID    alice
issued    20\S+Z
expires   20\S+Z, in (1h0m0s|59m\d+s)
key       not checked; --key gives it
$`, text)

	text = succeed(t, "usersig", "inspect", token, "--app", "1400000123", "--key", testKey, "--user", "alice")
	require.Contains(t, text, "key       it signed the token\n")

	t.Setenv("GREENROOM_CLI_KEY", testKey)
	require.Contains(t, succeed(t, "usersig", "inspect", token), "key       it signed the token\n")
	t.Setenv("GREENROOM_CLI_KEY", "another key")
	_, err := partly(t, "usersig", "inspect", token)
	require.ErrorContains(t, err, "70009")
	t.Setenv("GREENROOM_CLI_KEY", "")
	t.Setenv("GREENROOM_CLI_APP", "7")
	_, err = partly(t, "usersig", "inspect", token)
	require.ErrorContains(t, err, "70014")
	t.Setenv("GREENROOM_CLI_APP", "")

	text = succeed(t, "usersig", "inspect", token, "--key", testKey, "--json")
	require.Regexp(t, `^\{"sdkAppId":1400000123,"user":"alice","issuedAt":"20[^"]+Z","expire":3600,"expiresAt":"20[^"]+Z",`+
		`"expired":false,"key":"right","code":0\}\n$`, text)
}

func TestUserSigInspectKnowsTheKeyOfTheDevelopmentApp(t *testing.T) {
	t.Chdir(t.TempDir())
	_, err := server.DevelopmentApp("greenroom-data")
	require.NoError(t, err)
	own := strings.TrimSpace(succeed(t, "usersig", "--user", "alice"))
	require.Contains(t, succeed(t, "usersig", "inspect", own), "it signed the token")

	another := usersig.New(testApp, testKey, "alice", time.Now(), time.Hour)
	require.Contains(t, succeed(t, "usersig", "inspect", another), "not checked")
}

func TestUserSigInspectFailsWithTheCodeOfTheServer(t *testing.T) {
	t.Chdir(t.TempDir())
	now := time.Now()
	good := usersig.New(testApp, testKey, "alice", now, time.Hour)
	for name, tc := range map[string]struct {
		token string
		args  []string
		want  string
		shown string
	}{
		"another app":   {good, []string{"--app", "7"}, "70014", ""},
		"another user":  {good, []string{"--user", "bob"}, "70013", ""},
		"another key":   {good, []string{"--key", "another key"}, "70009", "it did not sign the token"},
		"expired":       {usersig.New(testApp, testKey, "alice", now.Add(-2*time.Hour), time.Hour), nil, "70001", "1h0m"},
		"with userbuf":  {usersig.NewWithBuf(testApp, testKey, "alice", now, time.Hour, []byte{1}), nil, "70003", ""},
		"not a token":   {"abc", nil, "70003", ""},
		"empty":         {"", nil, "70002", ""},
		"a control key": {usersig.New(testApp, testKey, "\x1b[2J", now, time.Hour), []string{"--user", "bob"}, "70013", `"\x1b[2J"`},
	} {
		t.Run(name, func(t *testing.T) {
			stdout, _, err := greenroom(append([]string{"usersig", "inspect", tc.token}, tc.args...)...)
			require.ErrorContains(t, err, tc.want)
			require.Contains(t, stdout, tc.shown)
			require.NotContains(t, stdout, "\x1b")
		})
	}
}
