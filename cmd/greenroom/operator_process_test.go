//go:build unix

package main

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/client"
	"github.com/greenroom-live/greenroom/internal/operator"
	"github.com/greenroom-live/greenroom/internal/testkit"
	"github.com/greenroom-live/greenroom/webhook"
)

// operated is a server in a process of its own with the tests' app, and the folder where the operator's token is.
type operated struct {
	*process
	dir, file string
}

func operate(t *testing.T, app string) *operated {
	t.Helper()
	testkit.Binary(t) // before the working directory changes
	t.Chdir(t.TempDir())
	o := &operated{dir: t.TempDir(), file: filepath.Join(t.TempDir(), "greenroom.yaml")}
	text := fmt.Sprintf("apps:\n  - sdk_app_id: %d\n    secret_key: %s\n    webhook: {%s}\n", testApp, testKey, app)
	require.NoError(t, os.WriteFile(o.file, []byte(text), 0o600))
	t.Setenv("GREENROOM_CLI_APP", strconv.Itoa(testApp))
	t.Setenv("GREENROOM_CLI_KEY", testKey)
	o.start(t)
	token, err := operator.ReadToken(o.dir)
	require.NoError(t, err)
	t.Setenv("GREENROOM_CLI_OPERATOR_TOKEN", token)
	return o
}

func (o *operated) start(t *testing.T) {
	t.Helper()
	o.process, _ = launch(t, o.dir, "--config", o.file)
	o.url = regexp.MustCompile(`http://[^\s"]+`).FindString(o.stderr.find(t, "msg=serving"))
	o.becomeReady()
	t.Setenv("GREENROOM_CLI_SERVER", o.url)
}

// write sets the room's metadata n to each of the numbers.
func (o *operated) write(t *testing.T, from, to int) {
	t.Helper()
	api, err := client.New(o.url, client.WithApp(testApp, testKey, "administrator"))
	require.NoError(t, err)
	for n := from; n <= to; n++ {
		require.NoError(t, api.SetMetadata(t.Context(), "hello", client.MetadataPair{Key: "n", Value: strconv.Itoa(n)}))
	}
}

// count is how often an event arrived or, without an id, how many events did.
func (r *record) count(id string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if id == "" {
		return len(r.bodies)
	}
	return len(r.bodies[id])
}

// An app server is down until its webhooks are dead letters; they are replayed, paused, purged, and the server is killed in
// between. What arrives arrives once and in order.
func TestOperatorsBringAnAppServerBackToWhatItMissed(t *testing.T) {
	o := operate(t, "allow_private_addresses: true, retry_window: 3s, retry_first_delay: 10ms, retry_max_delay: 100ms")
	port := reservePort(t)
	succeed(t, "webhook", "set", port.url(), "--commands", "AfterSetMetadata")
	succeed(t, "room", "create", "hello")
	o.write(t, 1, 5)
	require.NotEmpty(t, eventsListed(t, "--state", "waiting"), "the app server is down")
	becomes(t, func(a operator.App) bool { return *a.Dead == 5 && *a.Waiting == 0 })
	dead := eventsListed(t, "--state", "dead")
	require.Len(t, dead, 5)
	require.Regexp(t, `refused`, dead[0].LastError)

	record := port.open(t, 1000, webhook.ReceiverConfig{
		SDKAppID: testApp, Secrets: []webhook.Secret{webhook.SecretFromKey(testKey)}, Logger: slog.New(slog.DiscardHandler),
	})
	require.Equal(t, "replayed 5 webhooks\n", succeed(t, "webhook", "replay", "--dead"))
	record.wait(t, 5)
	becomes(t, func(a operator.App) bool { return *a.Dead == 0 && *a.Waiting == 0 })
	for _, e := range dead {
		require.Equal(t, 1, record.count(e.ID), "each arrives once, under its id")
	}

	succeed(t, "webhook", "pause", "--reason", "the app server moves")
	o.write(t, 6, 8)
	require.ErrorContains(t, o.signal(syscall.SIGKILL), "killed")
	o.start(t)
	becomes(t, func(a operator.App) bool { return a.Waiting != nil && *a.Waiting == 3 && a.Paused != nil })
	require.Equal(t, 5, record.count(""), "nothing arrives while it is paused")
	succeed(t, "webhook", "resume")
	record.wait(t, 8)

	succeed(t, "webhook", "pause")
	o.write(t, 9, 10)
	require.Equal(t, "removed 2 webhooks\n", succeed(t, "webhook", "purge", "--waiting", "--yes"))
	succeed(t, "webhook", "resume")
	o.write(t, 11, 11)
	record.wait(t, 9)
	require.NoError(t, o.signal(syscall.SIGTERM))

	record.mu.Lock()
	defer record.mu.Unlock()
	var got []string
	for _, event := range record.rooms["hello"] {
		got = append(got, event.(webhook.AfterSetMetadata).Metadata[0].Value)
	}
	require.Equal(t, []string{"1", "2", "3", "4", "5", "6", "7", "8", "11"}, got)
	for id, bodies := range record.bodies {
		require.Len(t, bodies, 1, id)
	}
}

func TestTheOperatorAPIOfARealServerKeepsStrangersOut(t *testing.T) {
	o := operate(t, "allow_private_addresses: true")
	token := os.Getenv("GREENROOM_CLI_OPERATOR_TOKEN")
	info, err := os.Stat(filepath.Join(o.dir, operator.TokenFile))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())
	for _, c := range []struct {
		method, path, token, forwarded string
		want                           int
	}{
		{http.MethodGet, "/admin/v1/apps", token, "", 200},
		{http.MethodGet, "/admin/v1/apps", "", "", 401},
		{http.MethodGet, "/admin/v1/apps", "x" + token, "", 401},
		{http.MethodGet, "/admin/v1/apps", token, "127.0.0.1", 403},
		{http.MethodGet, "/admin/v1/apps", "", "203.0.113.9", 403},
		{http.MethodPost, "/admin/v1/apps/1400000123/pause", "", "", 401},
		{http.MethodPost, "/admin/v1/apps/1400000123/pause", token, "127.0.0.1", 403},
		{http.MethodPost, "/admin/v1/nothing", token, "", 404},
		{http.MethodPost, "/admin/", token, "", 404},
		{http.MethodGet, "/admin", token, "", 404},
	} {
		r, err := http.NewRequest(c.method, o.url+c.path, strings.NewReader("{}"))
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/json")
		if c.token != "" {
			r.Header.Set("Authorization", "Bearer "+c.token)
		}
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		answer, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		body, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, c.want, answer.StatusCode, "%s %s: %s", c.method, c.path, body)
	}
	require.Nil(t, state(t).Paused)

	require.NoError(t, o.signal(syscall.SIGTERM))
	for _, line := range o.stderr.rest() {
		require.NotContains(t, line, token)
	}
	o.start(t)
	require.False(t, state(t).App == 0, "the token is the same after a restart")
}

func TestWebhookPurgeAsksWhereSomebodyMayAnswer(t *testing.T) {
	startServer(t)
	device, err := os.Open("/dev/zero") // as good as somebody who never says yes
	require.NoError(t, err)
	defer device.Close()
	require.True(t, terminal(device))
	cmd := newRootCommand()
	cmd.SetArgs([]string{"webhook", "purge", "--dead"})
	cmd.SetIn(device)
	var asked strings.Builder
	cmd.SetErr(&asked)
	cmd.SetOut(io.Discard)
	require.ErrorIs(t, cmd.Execute(), errNotConfirmed)
	require.Equal(t, "Remove every dead letter of app 1400000123 for good? [y/N] ", asked.String())
}
