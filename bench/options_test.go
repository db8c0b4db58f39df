package main

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFlagsOutOfBoundsAreRefused(t *testing.T) {
	for args, says := range map[string]string{
		"-duration 1ms":           "-duration",
		"-duration 1h":            "-duration",
		"-callers 0":              "-callers",
		"-callers 2000":           "-callers",
		"-rooms 63":               "-rooms has to be 64",
		"-backlog 0":              "-backlog",
		"-rate 0":                 "-rate",
		"-rate 2000":              "delete 11000 keys, and 1000 rooms hold 10000",
		"-only ceiling,speed":     `no run "speed"`,
		"-apps 1":                 "-apps",
		"-stock 0":                "-stock",
		"-stock 5":                "-stock-rooms has to be 1 to 5",
		"-bigroom 0":              "-bigroom",
		"-many-rooms 10":          "-many-rooms",
		"-many-log 1":             "-many-log",
		"-only flat -callers 101": "the flat run has 100 keys",
		"-only outage -rate 2000": "delete 11000 keys",
		"-only ceiling drain":     `"drain" is not a flag`,
		"-only ceiling -rate x":   "invalid value",
	} {
		_, err := parseOptions(strings.Fields(args), io.Discard)
		require.ErrorContains(t, err, says, args)
	}
}

func TestTheDefaultsDoTheLightRuns(t *testing.T) {
	o, err := parseOptions(nil, io.Discard)
	require.NoError(t, err)
	for _, run := range defaultRuns {
		require.True(t, o.does(run), run)
	}
	for _, run := range heavyRuns {
		require.False(t, o.does(run), run)
	}
	require.True(t, o.needsServer())

	o, err = parseOptions([]string{"-only", "all"}, io.Discard)
	require.NoError(t, err)
	for _, run := range allRuns {
		require.True(t, o.does(run), run)
	}

	o, err = parseOptions([]string{"-only", "ceiling"}, io.Discard)
	require.NoError(t, err)
	require.False(t, o.needsServer())
}
