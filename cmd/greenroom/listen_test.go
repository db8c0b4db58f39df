package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/server"
	"github.com/greenroom-live/greenroom/webhook"
)

// sender posts webhooks as a server does.
type sender struct {
	t      *testing.T
	url    string
	app    uint32
	secret webhook.Secret
	token  string
}

func (s sender) request(ctx context.Context, id string, event webhook.Event) *http.Request {
	s.t.Helper()
	body, err := webhook.Encode(event)
	require.NoError(s.t, err)
	now := time.Now().Unix()
	q := webhook.Query{SDKAppID: s.app, Command: event.Command(), ClientIP: "203.0.113.9", Platform: "Web", Token: s.token, RequestTime: now}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, q.AppendTo(s.url), bytes.NewReader(body))
	require.NoError(s.t, err)
	req.Header.Set(webhook.HeaderID, id)
	req.Header.Set(webhook.HeaderTimestamp, strconv.FormatInt(now, 10))
	req.Header.Set(webhook.HeaderSignature, s.secret.Signature(id, now, body))
	return req
}

// send returns the status of the answer.
func (s sender) send(id string, event webhook.Event) int {
	s.t.Helper()
	resp, err := http.DefaultClient.Do(s.request(context.Background(), id, event))
	require.NoError(s.t, err)
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	require.NoError(s.t, err)
	return resp.StatusCode
}

func deleted(room string, keys ...string) webhook.Event {
	return webhook.AfterDelMetadata{OperatorAccount: "mira", RoomID: room, Keys: keys, EventTime: time.Now().UnixMilli()}
}

// startListen runs listen on a free port in an empty folder and returns it with its URL and its first line.
func startListen(t *testing.T, args ...string) (r *running, url, greeting string) {
	t.Helper()
	r = start(t, append([]string{"listen", "--addr", "127.0.0.1:0"}, args...)...)
	out := r.stdout
	if strings.Contains(strings.Join(args, " "), "--json") {
		out = r.stderr
	}
	greeting = out.next(t)
	_, rest, found := strings.Cut(greeting, "listening on ")
	require.True(t, found, greeting)
	url, _, _ = strings.Cut(rest, " ")
	hint := out.next(t)
	require.Contains(t, hint, "greenroom webhook set "+url)
	return r, url, greeting
}

func TestListenTakesTheAppOfTheEnvironment(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("GREENROOM_CLI_APP", "1400000123")
	t.Setenv("GREENROOM_CLI_KEY", testKey)
	r, url, greeting := startListen(t)
	require.Contains(t, greeting, "for webhooks of app 1400000123, with the right signature")
	require.Equal(t, http.StatusForbidden, sender{t: t, url: url, app: testApp, secret: webhook.SecretFromKey("another key")}.send("evt_1", deleted("hello", "k")))
	require.Equal(t, http.StatusOK, sender{t: t, url: url, app: testApp, secret: webhook.SecretFromKey(testKey)}.send("evt_1", deleted("hello", "k")))
	require.NoError(t, r.stop())
}

func TestListenPrintsEachWebhookOnOneLineAndDropsARepetition(t *testing.T) {
	t.Chdir(t.TempDir())
	r, url, greeting := startListen(t, "--app", "1400000123", "--key", testKey, "--token", "tok")
	require.Contains(t, greeting, "for webhooks of app 1400000123, with the right signature and the right token")
	s := sender{t, url, testApp, webhook.SecretFromKey(testKey), "tok"}
	require.Equal(t, 200, s.send("evt_1", deleted("hello", "theme", "lang")))
	require.Equal(t, 200, s.send("evt_1", deleted("hello", "theme", "lang")))
	require.Equal(t, 200, s.send("evt_2", deleted("hello", "mood")))
	require.NoError(t, r.stop())

	got := r.stdout.rest()
	require.Len(t, got, 3)
	require.Regexp(t, `^\d\d:\d\d:\d\d\.\d{3}  AfterDelMetadata +room=hello  by=mira  keys=\[theme lang\]  203.0.113.9 Web  id=evt_1  age=\d+ms$`, got[0])
	require.Regexp(t, `keys=\[mood\] .* id=evt_2`, got[1])
	require.Equal(t, "2 webhooks taken, 1 repetitions dropped, 0 requests not answered with 200", got[2])
}

func TestListenPrintsForMachines(t *testing.T) {
	t.Chdir(t.TempDir())
	r, url, _ := startListen(t, "--app", "1400000123", "--key", testKey, "--json", "--fail", "1")
	s := sender{t, url + "?a=b", testApp, webhook.SecretFromKey(testKey), ""}
	event := deleted("hello", "theme")
	require.Equal(t, 500, s.send("evt_1", event))
	require.Equal(t, 200, s.send("evt_1", event))
	require.Equal(t, 200, s.send("evt_1", event))
	require.NoError(t, r.stop())

	got := r.stdout.rest()
	require.Len(t, got, 1, "only what was taken is for machines")
	var record struct {
		ReceivedAt time.Time         `json:"receivedAt"`
		ID         string            `json:"id"`
		Query      map[string]string `json:"query"`
		Body       map[string]any    `json:"body"`
	}
	require.NoError(t, json.Unmarshal([]byte(got[0]), &record))
	require.WithinDuration(t, time.Now(), record.ReceivedAt, patience)
	require.Equal(t, "evt_1", record.ID)
	require.Equal(t, map[string]string{"a": "b", "SdkAppid": "1400000123", "CallbackCommand": "Live.CallbackAfterDelMetadata",
		"contenttype": "json", "ClientIP": "203.0.113.9", "OptPlatform": "Web"}, record.Query)
	require.Equal(t, "hello", record.Body["RoomId"])

	rest := r.stderr.rest()
	require.Len(t, rest, 2)
	require.Contains(t, rest[0], "answered 500: on purpose, 1 of 1")
	require.Equal(t, "1 webhooks taken, 1 repetitions dropped, 1 requests not answered with 200", rest[1])
}

func TestListenPrintsWhyARequestIsRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	r, url, _ := startListen(t, "--app", "1400000123", "--key", testKey, "--token", "tok")
	good := sender{t, url, testApp, webhook.SecretFromKey(testKey), "tok"}
	other, unsigned, noToken := good, good, good
	other.app = 7
	unsigned.secret = webhook.SecretFromKey("another key")
	noToken.token = "another token"

	require.Equal(t, 403, other.send("evt_1", deleted("hello", "a")))
	require.Contains(t, r.stdout.next(t), "refused with 403: not this SdkAppid  AfterDelMetadata  id=evt_1")
	require.Equal(t, 403, unsigned.send("evt_2", deleted("hello", "a")))
	require.Contains(t, r.stdout.next(t), "refused with 403: webhook-signature does not match")
	require.Equal(t, 403, noToken.send("evt_3", deleted("hello", "a")))
	require.Contains(t, r.stdout.next(t), "refused with 403: Sign does not match")

	resp, err := http.Get(url)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, 405, resp.StatusCode)
	require.Contains(t, r.stdout.next(t), "refused with 405: webhooks are posted")
	require.NoError(t, r.stop())
}

func TestListenWithoutAnAppTakesWebhooksOfAnyApp(t *testing.T) {
	t.Chdir(t.TempDir())
	r, url, greeting := startListen(t)
	require.Contains(t, greeting, "for webhooks of any app (no --app, and no development app in ./greenroom-data), without checking who signed them")
	for _, app := range []uint32{7, 8} {
		s := sender{t, url, app, webhook.SecretFromKey("any key"), ""}
		require.Equal(t, 200, s.send("evt_1", deleted("hello", strconv.Itoa(int(app)))))
		require.Contains(t, r.stdout.next(t), "keys=["+strconv.Itoa(int(app))+"]")
	}
	require.Equal(t, 403, sender{t, url, 0, webhook.SecretFromKey("any key"), ""}.send("evt_2", deleted("hello", "a")))
	require.Contains(t, r.stdout.next(t), "refused with 403: SdkAppid in the query is not an app")
	require.NoError(t, r.stop())
	_, err := os.Stat("greenroom-data")
	require.ErrorIs(t, err, os.ErrNotExist, "looking for a development app must not make one")
}

func TestListenForAnyAppRemembersABoundedNumberOfApps(t *testing.T) {
	var last *arrival
	l, err := newListener(webhook.ReceiverConfig{}, ordeal{}, func(a *arrival) { last = a })
	require.NoError(t, err)
	status := func(app uint32) int {
		answer := httptest.NewRecorder()
		l.ServeHTTP(answer, sender{t, "/", app, webhook.SecretFromKey("any key"), ""}.request(t.Context(), "evt_1", deleted("hello", "a")))
		return answer.Code
	}
	for app := range uint32(maxListenApps) {
		require.Equal(t, 200, status(app+1))
	}
	require.Equal(t, 403, status(maxListenApps+1))
	require.Contains(t, last.reason, "give --app")
	require.Equal(t, 200, status(1))
}

func TestListenUsesTheDevelopmentAppOfTheDataFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	kept, err := server.DevelopmentApp("greenroom-data")
	require.NoError(t, err)
	r, url, greeting := startListen(t)
	require.Contains(t, greeting, "of app 1400000001, with the right signature")
	require.Equal(t, 200, sender{t, url, kept.SDKAppID, webhook.SecretFromKey(kept.SecretKey.Reveal()), ""}.send("evt_1", deleted("hello", "a")))
	require.Equal(t, 403, sender{t, url, kept.SDKAppID, webhook.SecretFromKey("another key"), ""}.send("evt_2", deleted("hello", "a")))
	require.NoError(t, r.stop())
}

func TestListenChecksAConfiguredSigningSecret(t *testing.T) {
	t.Chdir(t.TempDir())
	secret := webhook.SecretFromKey(strings.Repeat("s", 24))
	r, url, _ := startListen(t, "--app", "1400000123", "--secret", secret.Reveal())
	require.Equal(t, 200, sender{t, url, testApp, secret, ""}.send("evt_1", deleted("hello", "a")))
	require.Equal(t, 403, sender{t, url, testApp, webhook.SecretFromKey(testKey), ""}.send("evt_2", deleted("hello", "a")))
	require.NoError(t, r.stop())
}

func TestListenCanFailAndTarry(t *testing.T) {
	t.Chdir(t.TempDir())
	const delay = 30 * time.Millisecond
	r, url, _ := startListen(t, "--fail", "2", "--delay", delay.String())
	s := sender{t, url, testApp, webhook.SecretFromKey(testKey), ""}
	for _, want := range []string{"answered 500: on purpose, 1 of 2", "answered 500: on purpose, 2 of 2", "id=evt_1"} {
		began := time.Now()
		s.send("evt_1", deleted("hello", "a"))
		require.GreaterOrEqual(t, time.Since(began), delay)
		require.Contains(t, r.stdout.next(t), want)
	}
	require.NoError(t, r.stop())
	require.Equal(t, []string{"1 webhooks taken, 0 repetitions dropped, 2 requests not answered with 200"}, r.stdout.rest())
}

func TestListenTellsWhenTheSenderDidNotWait(t *testing.T) {
	var last *arrival
	l, err := newListener(webhook.ReceiverConfig{SDKAppID: testApp}, ordeal{delay: time.Hour}, func(a *arrival) { last = a })
	require.NoError(t, err)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	l.ServeHTTP(httptest.NewRecorder(), sender{t, "/", testApp, webhook.SecretFromKey("any key"), ""}.request(gone, "evt_1", deleted("hello", "a")))
	require.Contains(t, last.line(), "answered 500: the sender waited only ")
}

func TestListenSaysWhatIsWrong(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"--fail", "-1"}, "cannot be negative"},
		{[]string{"--delay", "-1s"}, "cannot be negative"},
		{[]string{"--secret", "abc"}, "--secret: webhook: not a signing secret"},
		{[]string{"--secret", "abc", "--key", "k"}, "none of the others can be"},
		{[]string{"--addr", "nowhere"}, "listen: "},
		{[]string{"here"}, `unknown command "here"`},
	} {
		require.ErrorContains(t, fail(t, append([]string{"listen"}, tc.args...)...), tc.want)
	}
}

func TestListenHearsOfWhatTheRoomCommandsDo(t *testing.T) {
	startServer(t)
	r, url, _ := startListen(t, "--token", "tok", "--fail", "1")
	succeed(t, "webhook", "token", "set", "tok")
	succeed(t, "webhook", "set", url)
	succeed(t, "room", "create", "hello")
	succeed(t, "room", "set-metadata", "hello", "theme=dusk", "lang=en")
	succeed(t, "room", "delete-metadata", "hello", "lang", "nope", "theme")
	succeed(t, "room", "add-admin", "hello", "bob")
	succeed(t, "room", "destroy", "hello")
	for _, want := range []string{
		"AfterCreateRoom .*answered 500: on purpose, 1 of 1$",
		"AfterCreateRoom +room=hello  by=administrator  name=hello owner=administrator  127.0.0.1 RESTAPI  id=",
		`AfterSetMetadata +room=hello  by=administrator  metadata=\[theme=dusk lang=en\]  127.0.0.1 RESTAPI  id=`,
		`AfterDelMetadata +room=hello  by=administrator  keys=\[lang theme\]  127.0.0.1 RESTAPI  id=`,
		`AfterModifyAdmin +room=hello  by=administrator  add admins=\[bob\]  id=`,
		"AfterDestroyRoom +room=hello  by=administrator  DestroyByUser viewers=0  127.0.0.1 RESTAPI  id=",
	} {
		require.Regexp(t, want, r.stdout.next(t))
	}
	require.NoError(t, r.stop())
}
