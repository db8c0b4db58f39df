package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/config"
)

func TestTheServersConfigurationIsValid(t *testing.T) {
	folder := t.TempDir()
	file, data := filepath.Join(folder, "greenroom.yaml"), filepath.Join(folder, "data")
	require.NoError(t, os.WriteFile(file, configuration("127.0.0.1:4711", data, randomKey()), 0o600))

	c, warnings, err := config.Load(config.Options{File: file})
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.Equal(t, "127.0.0.1:4711", c.Listen)
	require.Equal(t, data, c.DataDir)
	require.Len(t, c.Apps, 1)
	require.EqualValues(t, app, c.Apps[0].SDKAppID)
	require.Equal(t, []string{admin}, c.Apps[0].Admins)
	require.True(t, c.Apps[0].Webhook.AllowPrivateAddresses)
}
