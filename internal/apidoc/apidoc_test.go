package apidoc_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/apidoc"
)

var update = flag.Bool("update", false, "write docs/api anew")

const (
	repository = "../.."
	folder     = "../../docs/api"
)

// build makes the reference of the code as it is.
func build(t *testing.T) *apidoc.Reference {
	t.Helper()
	recorded, err := os.ReadFile(filepath.Join(folder, "examples.json"))
	require.NoError(t, err)
	var examples []apidoc.Example
	require.NoError(t, json.Unmarshal(recorded, &examples))
	ref, err := apidoc.Build(os.DirFS(repository), examples)
	require.NoError(t, err)
	return ref
}

// files are the reference's files by name.
func files(t *testing.T) map[string][]byte {
	t.Helper()
	ref := build(t)
	all := ref.Markdown()
	var err error
	all["openapi.json"], err = ref.OpenAPI()
	require.NoError(t, err)
	all["index.html"], err = ref.HTML()
	require.NoError(t, err)
	return all
}

// kept are the files of docs/api that are not made from the reference.
var kept = []string{"api.go", "examples.json"}

func TestReferenceIsUpToDate(t *testing.T) {
	all := files(t)
	if *update {
		pages, err := filepath.Glob(filepath.Join(folder, "*.md"))
		require.NoError(t, err)
		for _, page := range pages {
			require.NoError(t, os.Remove(page))
		}
		for name, text := range all {
			require.NoError(t, os.WriteFile(filepath.Join(folder, name), text, 0o644))
		}
	}
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	names := append([]string(nil), kept...)
	for name, text := range all {
		written, err := os.ReadFile(filepath.Join(folder, name))
		require.NoError(t, err)
		require.Equal(t, string(text), string(written), "run: go generate ./...")
		names = append(names, name)
	}
	for _, e := range entries {
		require.Contains(t, names, e.Name(), "nothing makes this page any more, run: go generate ./...")
	}
}
