package deploy

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheServiceOfSystemdRunsTheServerLockedDown(t *testing.T) {
	text := read(t, "systemd/greenroom.service")
	setting := func(name string) []string { return all(`(?m)^`+name+`=(.*)$`, text) }
	require.Equal(t, []string{"/usr/local/bin/greenroom serve --config /etc/greenroom/greenroom.yaml"}, setting("ExecStart"))
	environment := map[string]string{}
	for _, line := range setting("Environment") {
		name, value, _ := strings.Cut(line, "=")
		environment[name] = value
	}
	c := load(t, "", with(secrets, environment))
	require.Equal(t, "/var/lib/"+setting("StateDirectory")[0], c.DataDir)
	timeout, err := time.ParseDuration(setting("TimeoutStopSec")[0])
	require.NoError(t, err)
	require.Greater(t, timeout, stopping(c))
	for _, name := range []string{"DynamicUser", "NoNewPrivileges", "PrivateDevices", "PrivateTmp", "ProtectHome", "ProtectKernelModules"} {
		require.Equal(t, []string{"yes"}, setting(name), name)
	}
	require.Equal(t, []string{"strict"}, setting("ProtectSystem"))
	require.Equal(t, []string{""}, setting("CapabilityBoundingSet"))
}
