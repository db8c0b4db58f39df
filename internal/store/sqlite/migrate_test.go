package sqlite

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnOldDatabaseIsMigratedOnDemand(t *testing.T) {
	dir := t.TempDir()
	_, err := Schema(t.Context(), dir)
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = Migrate(t.Context(), dir)
	require.ErrorIs(t, err, os.ErrNotExist)

	text, err := os.ReadFile(filepath.Join("testdata", "version1.sql"))
	require.NoError(t, err)
	db, err := sql.Open("sqlite", filepath.Join(dir, FileName))
	require.NoError(t, err)
	_, err = db.Exec(string(text))
	require.NoError(t, err)
	require.NoError(t, db.Close())

	before, err := Schema(t.Context(), dir)
	require.NoError(t, err)
	require.NotEmpty(t, before.Pending)
	require.False(t, before.Newer())
	done, err := Migrate(t.Context(), dir)
	require.NoError(t, err)
	require.Equal(t, before.Pending, done)
	after, err := Schema(t.Context(), dir)
	require.NoError(t, err)
	require.Empty(t, after.Pending)
	require.Equal(t, after.Known, after.Version)

	s, err := Open(options(dir), deaf{})
	require.NoError(t, err)
	_, err = Migrate(t.Context(), dir)
	require.ErrorContains(t, err, "in use by another greenroom")
	require.NoError(t, s.Close())
}
