package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/config"
	"github.com/greenroom-live/greenroom/internal/operator"
	"github.com/greenroom-live/greenroom/internal/testkit"
)

const (
	anID   = `evt_\w+`
	aTime  = `20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`
	aDelay = `\d+\.\d ms`
)

// state is what `webhook status` says of the tests' app.
func state(t *testing.T) operator.App {
	t.Helper()
	var app operator.App
	require.NoError(t, json.Unmarshal([]byte(succeed(t, "webhook", "status", "--app", strconv.Itoa(testApp), "--json")), &app))
	return app
}

// becomes waits until the state of the tests' app is as it should be.
func becomes(t *testing.T, holds func(operator.App) bool) {
	t.Helper()
	require.Eventually(t, func() bool { return holds(state(t)) }, patience, 10*time.Millisecond)
}

// eventsListed are the webhooks that `webhook events` lists.
func eventsListed(t *testing.T, args ...string) []operator.Event {
	t.Helper()
	var page operator.Events
	require.NoError(t, json.Unmarshal([]byte(succeed(t, append([]string{"webhook", "events", "--json"}, args...)...)), &page))
	return page.Events
}

func TestWebhookPauseEventsShowAndPurge(t *testing.T) {
	startServer(t)
	server := testkit.NewAppServer(t)
	require.Equal(t, "no webhooks\n", succeed(t, "webhook", "events"))
	succeed(t, "webhook", "set", server.URL)
	require.Equal(t, "the webhooks of app 1400000123 wait\n", succeed(t, "webhook", "pause", "--reason", "it \x1b moves"))
	succeed(t, "room", "create", "hello")
	succeed(t, "room", "set-metadata", "hello", "theme=dusk")
	waiting := eventsListed(t, "--state", "waiting")
	require.Len(t, waiting, 2)
	require.Regexp(t, `^COMMITTED +ID +EVENT +ROOM +FAILURES +LAST ERROR
`+aTime+` +`+waiting[0].ID+` +AfterCreateRoom +hello +0 +-
`+aTime+` +`+waiting[1].ID+` +AfterSetMetadata +hello +0 +-
$`, succeed(t, "webhook", "events", "--state", "waiting"))
	require.Equal(t, "no webhooks\n", succeed(t, "webhook", "events", "--state", "waiting", "--room", ""))
	require.Regexp(t, `^APP +WAITING +OLDEST +DEAD +BREAKER +PAUSED +LAST SUCCESS +LAST FAILURE +NODE +URL
1400000123 +2 +20\S+Z +0 +closed +"it \\x1b moves", since `+aTime+` +- +- +\S+ +`+server.URL+`
$`, succeed(t, "webhook", "status"))
	require.Regexp(t, `^id +`+waiting[1].ID+`
command +Live.CallbackAfterSetMetadata
room +hello
state +waiting
committed +`+aTime+`
caused by +127.0.0.1 RESTAPI

\{
  "CallbackCommand": "Live.CallbackAfterSetMetadata",
(  .*\n)+\}

no attempt is in the delivery log
$`, succeed(t, "webhook", "show", waiting[1].ID))
	require.ErrorContains(t, fail(t, "webhook", "replay", waiting[1].ID), waiting[1].ID+": the event is still waiting")

	require.Equal(t, "removed 1 webhook\n", succeed(t, "webhook", "purge", "--waiting", "--command", "AfterCreateRoom", "--yes"))
	require.Empty(t, server.Requests())
	require.Equal(t, "the webhooks of app 1400000123 go out\n", succeed(t, "webhook", "resume"))
	require.Equal(t, waiting[1].ID, server.Wait(1)[0].ID())
	becomes(t, func(a operator.App) bool { return *a.Waiting == 0 && a.Success != nil })
	require.Regexp(t, `(?s)\nATTEMPT +AT +STATUS +TOOK +ERROR +ANSWER\n1 +`+aTime+` +200 +`+aDelay+` +- +\{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""\}\n$`,
		succeed(t, "webhook", "show", waiting[1].ID))
	require.Equal(t, "removed 0 webhooks\n", succeed(t, "webhook", "purge", "--dead", "--yes"))
}

func TestWebhookOperatorCommandsSayWhatIsWrong(t *testing.T) {
	startServer(t)
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"events", "--state", "lost"}, "state must be waiting, dead, delivered or failed"},
		{[]string{"events", "--command", "AfterLunch"}, "command is no command word"},
		{[]string{"events", "--room", strings.Repeat("r", 49)}, "room must be a room's id"},
		{[]string{"events", "--limit", "0"}, "--limit must be 1 or more"},
		{[]string{"events", "--since", "yesterday"}, `--since must be a time such as`},
		{[]string{"events", "--until", "noon"}, `unlike "noon"`},
		{[]string{"events", "--since", "1m", "--until", "1h"}, "--until must be later than --since"},
		{[]string{"events", "--after", "x"}, "after must be the next"},
		{[]string{"show"}, "accepts 1 arg"},
		{[]string{"show", "evt_nothing"}, "no such event"},
		{[]string{"replay"}, "nothing to replay"},
		{[]string{"replay", "evt_nothing"}, "evt_nothing: no such event"},
		{[]string{"replay", "evt_nothing", "--dead"}, "not both"},
		{[]string{"replay", "evt_nothing", "--room", "hello"}, "not both"},
		{[]string{"replay", "--room", "hello"}, "nothing to replay"},
		{[]string{"replay", "--dead", "--delivered"}, "none of the others can be"},
		{[]string{"purge"}, "nothing to purge"},
		{[]string{"purge", "--dead", "--waiting"}, "none of the others can be"},
		{[]string{"purge", "--dead"}, "give --yes"},
		{[]string{"pause", "--reason", strings.Repeat("r", 1001)}, "reason must have at most 1000 characters"},
		{[]string{"test", "AfterLunch"}, "command is no command word"},
		{[]string{"test", "--url", "nowhere"}, "url cannot be a webhook URL"},
		{[]string{"test"}, "no webhook URL is configured"},
		{[]string{"status", "--app", "99"}, "app 99 is not configured"},
		{[]string{"resume", "--app", "99"}, "app 99 is not configured"},
		{[]string{"status", "--operator-token", "wrong"}, "the server does not take this operator token"},
		{[]string{"status", "--timeout", "0s"}, "--timeout must be more"},
		{[]string{"status", "--server", "nowhere"}, "--server must begin with"},
	} {
		for _, form := range []string{"--json", "--json=false"} {
			require.ErrorContains(t, fail(t, append(append([]string{"webhook"}, tc.args...), form)...), tc.want, "%v", tc.args)
		}
	}
}

func TestWebhookOperatorCommandsFindTheTokenAndTheServer(t *testing.T) {
	dir := t.TempDir()
	startServer(t, func(c *config.Config) { c.Operator.Token, c.DataDir = "", dir })
	t.Setenv("GREENROOM_CLI_OPERATOR_TOKEN", "")
	t.Setenv("GREENROOM_CLI_KEY", "") // none of them needs it
	require.ErrorContains(t, fail(t, "webhook", "status"), "./greenroom-data keeps none")
	succeed(t, "webhook", "status", "--data-dir", dir)
	kept, err := operator.ReadToken(dir)
	require.NoError(t, err)
	succeed(t, "webhook", "status", "--operator-token", kept)
	t.Setenv("GREENROOM_CLI_OPERATOR_TOKEN", kept)
	succeed(t, "webhook", "status")
	t.Setenv("GREENROOM_CLI_APP", "")
	succeed(t, "webhook", "status")
	require.ErrorContains(t, fail(t, "webhook", "events"), "which app?")

	stale := filepath.Join(dir, operator.TokenFile)
	require.NoError(t, os.WriteFile(stale, []byte("0123456789abcdef"), 0o600))
	t.Setenv("GREENROOM_CLI_OPERATOR_TOKEN", "")
	require.ErrorContains(t, fail(t, "webhook", "status", "--data-dir", dir), "does not take the operator token of "+stale)

	require.NoError(t, os.WriteFile(filepath.Join(dir, operator.TokenFile), []byte("short"), 0o600))
	t.Setenv("GREENROOM_CLI_OPERATOR_TOKEN", "")
	require.ErrorContains(t, fail(t, "webhook", "status", "--data-dir", dir), "holds no operator token")

	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	require.ErrorContains(t, fail(t, "webhook", "status", "--operator-token", kept, "--server", other.URL), "does --server lead to Greenroom?")
	other.Close()
	require.ErrorContains(t, fail(t, "webhook", "status", "--operator-token", kept, "--server", other.URL), "cannot be reached")
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer silent.Close()
	require.ErrorContains(t, fail(t, "webhook", "status", "--operator-token", kept, "--server", silent.URL, "--timeout", "50ms"),
		"did not answer within 50ms")
}

func TestWebhookOperatorAPICanBeOff(t *testing.T) {
	startServer(t, func(c *config.Config) { c.Operator.Networks = nil })
	require.ErrorContains(t, fail(t, "webhook", "status"), "there is nothing at /admin/v1/apps")
}

func TestWebhookTestShowsBothSides(t *testing.T) {
	startServer(t)
	server := testkit.NewAppServer(t)
	succeed(t, "webhook", "set", server.URL+"/hooks")
	text := succeed(t, "webhook", "test", "AfterDelMetadata")
	require.Regexp(t, `^> POST `+server.URL+`/hooks\?SdkAppid=1400000123&CallbackCommand=Live\.CallbackAfterDelMetadata\S+\n`, text)
	require.Regexp(t, `\n> Content-Type: application/json\n(> .+\n)*>\n\{\n  "CallbackCommand": "Live\.CallbackAfterDelMetadata",\n`, text)
	require.Regexp(t, `\n< 200 OK\n(< .+\n)*<\n\{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""\}\n\ndelivered in `+aDelay+`\n$`, text)
	var trial operator.Trial
	require.NoError(t, json.Unmarshal([]byte(succeed(t, "webhook", "test", "--json")), &trial))
	require.True(t, trial.Delivered)

	server.Answer(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, "nothing\x1b[31m here\r\n")
	})
	text, err := partly(t, "webhook", "test")
	require.ErrorContains(t, err, "would not count as delivered: the answer's HTTP status is 404")
	require.Regexp(t, `\n< 404 Not Found\n(< .+\n)*<\n"nothing\\x1b\[31m here"\n\nnot delivered, after `+aDelay+`\n$`, text)
	_, err = partly(t, "webhook", "test", "--json")
	require.ErrorContains(t, err, "would not count as delivered")
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	text, err = partly(t, "webhook", "test", "--url", closed.URL)
	require.Error(t, err)
	require.NotContains(t, text, "< ")
}

func TestWebhookReplayOfDeliveredEventsAndLog(t *testing.T) {
	startServer(t)
	server := testkit.NewAppServer(t)
	succeed(t, "webhook", "set", server.URL)
	succeed(t, "room", "create", "hello")
	succeed(t, "room", "set-metadata", "hello", "theme=dusk")
	server.Wait(2)
	becomes(t, func(a operator.App) bool { return *a.Waiting == 0 })
	require.Regexp(t, `^AT +ID +EVENT +ROOM +STATE +ATTEMPT +STATUS +TOOK +ERROR
`+aTime+` +`+anID+` +AfterSetMetadata +hello +delivered +1 +200 +`+aDelay+` +-
`+aTime+` +`+anID+` +AfterCreateRoom +hello +delivered +1 +200 +`+aDelay+` +-
$`, succeed(t, "webhook", "events"))
	require.Regexp(t, `(?s)^AT .+\nmore: --after \S+\n$`, succeed(t, "webhook", "events", "--limit", "1"))
	require.Len(t, eventsListed(t, "--since", "1h", "--command", "AfterCreateRoom"), 1)
	require.Empty(t, eventsListed(t, "--until", "1h"))
	require.Empty(t, eventsListed(t, "--since", "2099-01-01"))

	id := eventsListed(t, "--command", "Live.CallbackAfterSetMetadata")[0].ID
	require.Equal(t, "replayed "+id+"\n", succeed(t, "webhook", "replay", id))
	require.Equal(t, id, server.Wait(3)[2].ID())
	becomes(t, func(a operator.App) bool { return *a.Waiting == 0 })
	require.Equal(t, "replayed 2 webhooks\n", succeed(t, "webhook", "replay", "--delivered"))
	require.Equal(t, id, server.Wait(5)[4].ID())
	becomes(t, func(a operator.App) bool { return *a.Waiting == 0 })
	require.Equal(t, "replayed 1 webhook\n", succeed(t, "webhook", "replay", "--delivered", "--command", "AfterCreateRoom", "--room", "hello"))
	server.Wait(6)
	require.JSONEq(t, `{"replayed":0,"next":""}`, succeed(t, "webhook", "replay", "--delivered", "--room", "other", "--json"))
}

// What counts as a delivery although the app server says FAIL is shown to the operator.
func TestWebhookEventsShowAnswersThatSayFail(t *testing.T) {
	startServer(t)
	server := testkit.NewAppServer(t)
	server.Answer(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"ActionStatus":"FAIL","ErrorCode":7,"ErrorInfo":"no such\u001b account"}`)
	})
	succeed(t, "webhook", "set", server.URL)
	succeed(t, "room", "create", "hello")
	becomes(t, func(a operator.App) bool { return *a.Waiting == 0 })
	require.Contains(t, succeed(t, "webhook", "events", "--state", "delivered"),
		`"delivered, but it answered FAIL: no such\x1b account"`)
	require.Equal(t, "delivered, but it answered FAIL", complaint(`{"ActionStatus":"FAIL","ErrorInfo":3}`))
	for _, answer := range []string{``, `{}`, `{"ActionStatus":"OK","ErrorInfo":"FAIL"}`, `FAIL`, `{"ActionStatus":["FAIL"]}`, `{"ActionStatus":"FA`} {
		require.Empty(t, complaint(answer), answer)
	}
}

// The commands that alerts and documents name exist, with these flags.
func TestDocumentsNameCommandsThatThereAre(t *testing.T) {
	named := regexp.MustCompile("(?m)^(?:\\$ )?greenroom (webhook [^#\n]+)|[\"`]greenroom (webhook [a-z]+(?: [^\"`\n]*)?)")
	for path, atLeast := range map[string]int{
		"../../deploy/prometheus/alerts.yml": 5, "../../docs/operating.md": 15, "../../README.md": 4, "../../docs/webhooks.md": 1,
	} {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		found := named.FindAllStringSubmatch(string(text), -1)
		require.GreaterOrEqual(t, len(found), atLeast, path)
		for _, match := range found {
			line := strings.ReplaceAll(match[1]+match[2], "{{ $labels.app }}", "1400000123")
			cmd, args, err := newRootCommand().Find(strings.Fields(regexp.MustCompile(`"[^"]*"`).ReplaceAllString(line, "text")))
			require.NoError(t, err, line)
			require.True(t, cmd.HasParent() && !cmd.HasSubCommands(), line)
			require.NoError(t, cmd.ParseFlags(args), line)
			require.NoError(t, cmd.ValidateArgs(cmd.Flags().Args()), line)
		}
	}
}

func TestWebhookPurgeAsksOnATerminal(t *testing.T) {
	for answer, want := range map[string]error{
		"y\n": nil, "Yes\n": nil, " yes ": nil, "\n": errNotConfirmed, "": errNotConfirmed, "n\n": errNotConfirmed, "yellow\n": errNotConfirmed,
		"n\ny\n": errNotConfirmed,
	} {
		require.Equal(t, want, confirmed(strings.NewReader(answer)), "%q", answer)
	}
	require.False(t, terminal(strings.NewReader("y\n")))
	file, err := os.Create(filepath.Join(t.TempDir(), "answers"))
	require.NoError(t, err)
	defer file.Close()
	require.False(t, terminal(file))

	require.Equal(t, "Remove every dead letter of app 7 for good? [y/N] ", purgeQuestion(7, operator.PurgeRequest{State: stateDead}))
	room := "hello"
	require.Equal(t, "Remove every such webhook that waits of app 7 for good? [y/N] ",
		purgeQuestion(7, operator.PurgeRequest{State: stateWaiting, Filter: operator.Filter{Room: &room}}))

	null, err := os.Open(os.DevNull)
	require.NoError(t, err)
	defer null.Close()
	require.False(t, terminal(null))
}

func TestWebhookOperatorCompletion(t *testing.T) {
	complete := func(args ...string) []string {
		stdout, _, err := greenroom(append([]string{"__complete", "webhook"}, args...)...)
		require.NoError(t, err)
		return strings.Split(stdout, "\n")
	}
	require.Subset(t, complete("events", "--state", ""), []string{"waiting", "dead", "delivered", "failed"})
	for _, args := range [][]string{{"events", "--command", ""}, {"replay", "--command", ""}, {"purge", "--command", ""}, {"test", ""}} {
		words := complete(args...)
		require.Contains(t, words, "AfterDelMetadata")
		require.NotContains(t, words, "BeforeCallBackNotBlock", "it is never sent")
	}
	require.NotContains(t, complete("test", "AfterDelMetadata", ""), "AfterDelMetadata")
}
