package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMixCommands(t *testing.T) {
	startServer(t)
	succeed(t, "room", "create", "hello", "--unlimited", "--seat-template", "VideoDynamicGrid9Seats")
	succeed(t, "room", "create", "plain")
	require.Equal(t, "kept the layout of room hello\n", succeed(t, "room", "set-mix", "hello"))
	file := filepath.Join(t.TempDir(), "layout.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"LayoutMode":1000,"LayoutInfo":{"LayoutList":[{"Member_Account":"alice","ImageWidth":640,"ImageHeight":360}]}}`), 0o600))
	require.Equal(t, "kept the layout of room hello\n", succeed(t, "room", "set-mix", "hello", "@"+file))
	require.Equal(t, "room hello has its layout\n", succeed(t, "room", "resume-mix", "hello"))
	require.Equal(t, "{}\n", succeed(t, "room", "resume-mix", "hello", "--json"))
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"set-mix", "plain"}, "100006: "},
		{[]string{"resume-mix", "plain"}, "100006: "},
		{[]string{"set-mix", "nope"}, "100004: "},
		{[]string{"set-mix", "hello", `{"LayoutMode":7}`}, "100002: LayoutMode"},
		{[]string{"set-mix", "hello", `{"Layout":7}`}, "Layout"},
		{[]string{"set-mix", "hello", "7"}, "not a JSON object"},
		{[]string{"set-mix", "hello", "@nowhere"}, "nowhere"},
	} {
		require.ErrorContains(t, fail(t, append([]string{"room"}, tc.args...)...), tc.want)
	}
}
