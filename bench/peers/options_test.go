package main

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFlagsOutOfBoundsAreRefused(t *testing.T) {
	for args, says := range map[string]string{
		"":                                "-dsn is needed for River",
		"-only greenroom,kafka":           `no peer "kafka"`,
		"-only livekit sqlite":            `"sqlite" is not a flag`,
		"-only livekit -duration 1ms":     "-duration has to be 100ms to 10m0s",
		"-only livekit -callers 0":        "-callers",
		"-only livekit -rooms 63":         "-rooms has to be 64",
		"-only livekit -backlog 0":        "-backlog",
		"-only livekit -rate 2000":        "the latency needs 11000 events, and 1000 rooms have 10000",
		"-only livekit -outage -1s":       "-outage",
		"-only livekit -patience 0s":      "-patience",
		"-dsn x -river-workers 0":         "-river-workers",
		"-dsn x -river-cooldown 1us":      "-river-cooldown",
		"-dsn x -river-cooldown 5ms":      "-river-poll has to be 5ms",
		"-only livekit -callers a-number": "invalid value",
	} {
		_, err := parseOptions(strings.Fields(args), io.Discard)
		require.ErrorContains(t, err, says, args)
	}
}

func TestTheDefaultsMeasureEveryPeer(t *testing.T) {
	o, err := parseOptions([]string{"-dsn", "host=/nowhere"}, io.Discard)
	require.NoError(t, err)
	for _, peer := range allPeers {
		require.True(t, o.does(peer), peer)
	}
	o, err = parseOptions([]string{"-only", "greenroom,livekit"}, io.Discard)
	require.NoError(t, err)
	require.False(t, o.needsPostgres())
}
