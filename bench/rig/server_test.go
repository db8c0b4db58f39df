package rig

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/config"
)

func TestTheServersConfigurationIsValid(t *testing.T) {
	folder := t.TempDir()
	file, data := filepath.Join(folder, "greenroom.yaml"), filepath.Join(folder, "data")
	text := append(configuration("127.0.0.1:4711", data, RandomKey(), 3), "delivery_log:\n  max_mib: 7\n"...)
	require.NoError(t, os.WriteFile(file, text, 0o600))

	c, warnings, err := config.Load(config.Options{File: file})
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.Equal(t, "127.0.0.1:4711", c.Listen)
	require.Equal(t, data, c.DataDir)
	require.Equal(t, 7, c.DeliveryLog.MaxMiB)
	require.Len(t, c.Apps, 3)
	for i, app := range c.Apps {
		require.EqualValues(t, firstApp+i, app.SDKAppID)
		require.Equal(t, []string{admin}, app.Admins)
		require.True(t, app.Webhook.AllowPrivateAddresses)
	}
}

func TestAServerGoesOnWithItsFolderAndRemovesItAtLast(t *testing.T) {
	dir := t.TempDir()
	binary, err := Build(t.Context(), t.TempDir())
	require.NoError(t, err)
	s, err := StartServer(t.Context(), ServerOptions{Binary: binary, Dir: dir, Apps: 2})
	require.NoError(t, err)
	hook := &url.URL{Scheme: "http", Host: "127.0.0.1:9", Path: "/hook"}
	poster := NewPoster(1)
	defer poster.Close()
	for _, app := range s.Apps {
		require.NoError(t, app.CreateRoom(t.Context(), "bench_test_000001"))
		require.NoError(t, app.SetWebhooks(t.Context(), hook))
		require.NoError(t, poster.Do(t.Context(), app.Set("bench_test_000001", Mark{1, 2})))
	}

	require.NoError(t, s.Kill())
	first := s.PID()
	require.NoError(t, s.Restart(t.Context()))
	require.NotEqual(t, first, s.PID())
	callback, err := s.Apps[1].API.Callback(t.Context())
	require.NoError(t, err)
	require.Equal(t, hook.String(), callback.URL)
	require.NoError(t, poster.Do(t.Context(), s.Apps[0].Del("bench_test_000001", Mark{1, 2})))
	require.ErrorContains(t, poster.Do(t.Context(), s.App().Set("no_such_room", Mark{})), "set_room_metadata answered")

	require.NoError(t, s.Halt())
	require.NoError(t, s.Halt(), "it does not run any more")
	require.DirExists(t, s.DataDir())
	require.NoError(t, s.Stop(false))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestAServerThatCannotStartShowsItsLog(t *testing.T) {
	dir := t.TempDir()
	binary := filepath.Join(t.TempDir(), "greenroom")
	require.NoError(t, os.WriteFile(binary, []byte("#!/bin/sh\necho out of order >&2\nexit 3\n"), 0o700))
	_, err := StartServer(t.Context(), ServerOptions{Binary: binary, Dir: dir})
	require.ErrorContains(t, err, "greenroom ended at its start")
	require.ErrorContains(t, err, "out of order")
}

func TestTheWebhookOfTheCeilingIsThatOfADeletion(t *testing.T) {
	m, found := FindMark(Body("bench_x_000001", Mark{1, 2}))
	require.True(t, found)
	require.Equal(t, Mark{1, 2}, m)
	require.Less(t, len(Body("bench_x_000001", Mark{1, 2})), 250)
}
