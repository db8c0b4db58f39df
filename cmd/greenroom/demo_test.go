package main

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/webhook"
)

func TestDemoShowsEveryWebhookAndEndsWell(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	got := strings.Split(succeed(t, "demo"), "\n")
	var calls, hooks []string
	for _, line := range got {
		if _, call, found := strings.Cut(line, " ms  call     "); found {
			calls = append(calls, strings.Fields(call)[0])
		}
		if _, hook, found := strings.Cut(line, " ms  webhook  "); found {
			hooks = append(hooks, strings.Fields(hook)[1])
		}
	}
	require.Equal(t, []string{"set_callback_token", "set_callback", "create_room", "set_room_metadata", "del_room_metadata", "destroy_room"}, calls)
	require.Equal(t, []string{"AfterCreateRoom", "AfterSetMetadata", "AfterDelMetadata", "AfterDestroyRoom"}, hooks)
	require.Contains(t, got, "all 4 webhooks arrived, signed and in order")

	left, err := os.ReadDir(temp)
	require.NoError(t, err)
	require.Empty(t, left, "the temporary folder stays behind")
}

func TestDemoCanBeKeptRunning(t *testing.T) {
	t.Chdir(t.TempDir())
	r := start(t, "demo", "--keep")
	exports := strings.Fields(r.stdout.find(t, "export "))[1:]
	require.Len(t, exports, 3)
	for _, export := range exports {
		name, value, _ := strings.Cut(export, "=")
		t.Setenv(name, value)
	}
	require.Equal(t, "created room hello\n", succeed(t, "room", "create", "hello"))
	require.Contains(t, r.stdout.find(t, "AfterCreateRoom"), "room=hello")
	require.NoError(t, r.stop())
	require.Error(t, fail(t, "room", "info", "hello"), "the server still runs")
}

func TestDemoFailsWhenAWebhookDoesNotArriveAsItShould(t *testing.T) {
	const want = webhook.CommandAfterDelMetadata
	d := &demo{arrivals: make(chan *arrival, 1)}
	_, err := d.await(t.Context(), want, time.Millisecond)
	require.EqualError(t, err, "webhook Live.CallbackAfterDelMetadata did not arrive within 1ms")

	d.arrived(arrivalOf(t, webhook.AfterSetMetadata{RoomID: "demo"}, ""))
	_, err = d.await(t.Context(), want, patience)
	require.EqualError(t, err, "webhook Live.CallbackAfterSetMetadata arrived where Live.CallbackAfterDelMetadata was due")

	d.arrived(&arrival{status: 403, reason: "Sign does not match"})
	_, err = d.await(t.Context(), want, patience)
	require.ErrorContains(t, err, "the app server did not take the webhook: ")
	require.ErrorContains(t, err, "refused with 403: Sign does not match")

	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = d.await(interrupted, want, patience)
	require.EqualError(t, err, "interrupted")
}
