package testkit

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Folders returns a function that makes folders with the files that prepare leaves in one. It is run once, so that tests
// need not each wait for what is always the same, such as the making of a database.
func Folders(prepare func(dir string) error) func(testing.TB) (dir string) {
	files := sync.OnceValues(func() (files map[string][]byte, err error) {
		dir, err := os.MkdirTemp("", "greenroom-test-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		if err := prepare(dir); err != nil {
			return nil, err
		}
		return readFiles(dir)
	})
	return func(t testing.TB) string {
		t.Helper()
		all, err := files()
		require.NoError(t, err)
		dir := t.TempDir()
		for name, content := range all {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
		}
		return dir
	}
}

func readFiles(dir string) (map[string][]byte, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	files := make(map[string][]byte, len(entries))
	for _, e := range entries {
		if files[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			return nil, err
		}
	}
	return files, nil
}
