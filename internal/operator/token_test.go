package operator_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/operator"
)

func TestTheTokenIsMadeOnceForTheOwnerAlone(t *testing.T) {
	dir := t.TempDir()
	_, err := operator.ReadToken(dir)
	require.ErrorIs(t, err, fs.ErrNotExist)
	made, err := operator.Token(dir)
	require.NoError(t, err)
	require.Greater(t, len(made), 40)
	path := filepath.Join(dir, operator.TokenFile)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode())
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 1)

	require.NoError(t, os.Chmod(path, 0o644))
	again, err := operator.Token(dir)
	require.NoError(t, err)
	require.Equal(t, made, again)
	info, err = os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode(), "what others could read is closed again")

	read, err := operator.ReadToken(dir)
	require.NoError(t, err)
	require.Equal(t, made, read)
	other, err := operator.Token(t.TempDir())
	require.NoError(t, err)
	require.NotEqual(t, made, other)
}

func TestATokenFileThatHoldsNoTokenIsRefused(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, operator.TokenFile)
	for _, text := range []string{"", "\n", "short", "with a blank in it, which no token has", "ümlaute-sind-keine-ASCII-zeichen"} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err := operator.Token(dir)
		require.ErrorContains(t, err, path+" holds no operator token")
		if text != "" && text != "\n" {
			require.NotContains(t, err.Error(), text)
		}
		kept, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, text, string(kept))
	}
	_, err := operator.Token(filepath.Join(dir, "nowhere"))
	require.ErrorContains(t, err, "make the operator token")
}
