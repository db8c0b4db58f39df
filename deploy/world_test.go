package deploy

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/greenroom-live/greenroom/internal/config"
)

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

// parse reads YAML without leaving anything out.
func parse[T any](t *testing.T, text string) (value T) {
	t.Helper()
	require.NoError(t, yaml.Unmarshal([]byte(text), &value), text)
	return value
}

// load loads a configuration as a node would that has this environment and this file, if there is one.
func load(t *testing.T, file string, environment map[string]string) *config.Config {
	t.Helper()
	opts := config.Options{}
	for _, name := range slices.Sorted(maps.Keys(environment)) {
		opts.Environ = append(opts.Environ, name+"="+environment[name])
	}
	if file != "" {
		opts.File = filepath.Join(t.TempDir(), "greenroom.yaml")
		require.NoError(t, os.WriteFile(opts.File, []byte(file), 0o600))
	}
	c, warnings, err := config.Load(opts)
	require.NoError(t, err)
	require.Empty(t, warnings)
	return c
}

// stopping is how long a node with that configuration takes to stop at most, and some seconds for closing the store.
func stopping(c *config.Config) time.Duration {
	return c.HTTP.ShutdownTimeout + c.Delivery.ShutdownGrace + 5*time.Second
}

// secrets are what an operator sets.
var secrets = map[string]string{
	"GREENROOM_DATABASE_URL":   "postgres://greenroom:secret@postgres:5432/greenroom",
	"GREENROOM_REDIS_URL":      "redis://:secret@redis:6379/0",
	"GREENROOM_OPERATOR_TOKEN": "a-token-for-the-operators",
	"GREENROOM_APPS":           `[{"sdk_app_id":1400000123,"secret_key":"a-key-for-tests-only"}]`,
}

// all returns the first group of every match.
func all(pattern, text string) (found []string) {
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		found = append(found, m[1])
	}
	return found
}

// imageEnvironment is what the image sets.
func imageEnvironment(t *testing.T) map[string]string {
	t.Helper()
	lines := all(`(?m)^ENV (.*)$`, read(t, "Dockerfile"))
	require.Len(t, lines, 1)
	environment := map[string]string{}
	for setting := range strings.FieldsSeq(lines[0]) {
		name, value, _ := strings.Cut(setting, "=")
		environment[name] = value
	}
	return environment
}

func with(base, more map[string]string) map[string]string {
	both := maps.Clone(base)
	maps.Copy(both, more)
	return both
}
