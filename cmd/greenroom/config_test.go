package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/config"
)

func runConfig(args ...string) (stdout, stderr string, err error) {
	var out, errOut bytes.Buffer
	cmd := newConfigCommand()
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&errOut)
	err = cmd.Execute()
	return out.String(), errOut.String(), err
}

func TestConfigPrintsASampleThatItsOwnCheckAccepts(t *testing.T) {
	sample, _, err := runConfig()
	require.NoError(t, err)
	require.Equal(t, string(config.Sample()), sample)

	file := filepath.Join(t.TempDir(), "greenroom.yaml")
	require.NoError(t, os.WriteFile(file, []byte(sample), 0o600))
	stdout, stderr, err := runConfig("check", file)
	require.NoError(t, err)
	require.Equal(t, file+": ok\n", stdout)
	require.Empty(t, stderr)
}

func TestConfigCheckNamesEveryMistakeOnItsOwnLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "greenroom.yaml")
	require.NoError(t, os.WriteFile(file, []byte("lisen: :1\nlog: {level: loud}\n"), 0o600))

	stdout, stderr, err := runConfig("check", file)
	require.EqualError(t, err, file+":1: lisen: unknown key; did you mean listen?\n"+
		file+":2: log.level: must be one of debug, info, warn, error")
	require.Empty(t, stdout)
	require.NotContains(t, stderr, "Usage:")
}

func TestConfigCheckTakesOneFile(t *testing.T) {
	_, _, err := runConfig("check")
	require.Error(t, err)
	_, _, err = runConfig("nonsense")
	require.Error(t, err)
}
