package config

import (
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write docs/configuration.md anew")

func TestConfigurationPageIsUpToDate(t *testing.T) {
	const page = "../../docs/configuration.md"
	if *update {
		require.NoError(t, os.WriteFile(page, Markdown(), 0o644))
	}
	written, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Equal(t, string(Markdown()), string(written), "run: go generate ./internal/config")
}

func TestThePageNamesEveryKeyVariableAndFlag(t *testing.T) {
	page := string(Markdown())
	for _, k := range leaves(configKeys) {
		if k.shape == items {
			continue
		}
		require.Contains(t, page, "| `"+k.path+"` | ")
		require.Contains(t, page, "`"+k.variable()+"`")
		require.Contains(t, page, "`--"+k.flag()+"`")
	}
	for _, k := range leaves(appKeys) {
		require.Contains(t, page, "| `"+k.path+"` | ")
	}
}
