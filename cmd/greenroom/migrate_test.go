//go:build unix

package main

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/store/sqlite"
	"github.com/greenroom-live/greenroom/internal/testkit"
)

func TestMigrateShowsAndCarriesOutWhatPostgreSQLNeeds(t *testing.T) {
	t.Setenv("GREENROOM_DATABASE_URL", testkit.Database(t))
	require.Regexp(t, `^database      postgres://127\.0\.0\.1:\d+/test_\d+
its tables    version 0
this program  version [1-9]\d*
pending       00001_init
`, succeed(t, "migrate", "status"))
	require.Regexp(t, `^carried out 00001_init\n`, succeed(t, "migrate", "up"))
	require.Regexp(t, `\nits tables    version ([1-9]\d*)\nthis program  version [1-9]\d*\nnothing is pending\n$`,
		succeed(t, "migrate", "status"))
	require.Equal(t, "nothing is pending\n", succeed(t, "migrate", "up"))
}

func TestMigrateSpeaksOfALaterVersion(t *testing.T) {
	url := testkit.Database(t)
	succeed(t, "migrate", "up", "--database-url", url)
	c, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	_, err = c.Exec(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)")
	require.NoError(t, err)
	require.NoError(t, c.Close(t.Context()))
	require.Contains(t, succeed(t, "migrate", "status", "--database-url", url), "version 9999\n")
	require.Contains(t, succeed(t, "migrate", "status", "--database-url", url), "this one can serve on\nnothing is pending\n")
	require.Equal(t, "nothing is pending\n", succeed(t, "migrate", "up", "--database-url", url))
}

func TestMigrateWorksOnADataFolder(t *testing.T) {
	dir := t.TempDir()
	require.ErrorContains(t, fail(t, "migrate", "status", "--data-dir", dir), "there is no database in "+dir)
	require.ErrorContains(t, fail(t, "migrate", "up", "--data-dir", dir), "there is no database in "+dir)
	r, _ := startServe(t, dir)
	require.Contains(t, succeed(t, "migrate", "status", "--data-dir", dir), "nothing is pending\n", "a server may be running")
	require.ErrorContains(t, fail(t, "migrate", "up", "--data-dir", dir), "in use by another greenroom")
	require.NoError(t, r.stop())

	db, err := sql.Open("sqlite", filepath.Join(dir, sqlite.FileName))
	require.NoError(t, err)
	var last string
	require.NoError(t, db.QueryRow("SELECT max(version_id) FROM goose_db_version").Scan(&last))
	for _, statement := range []string{
		"DELETE FROM goose_db_version WHERE version_id = " + last, "DROP TABLE IF EXISTS delivery_log", "DROP TABLE IF EXISTS room_attendances",
	} {
		_, err = db.Exec(statement)
		require.NoError(t, err)
	}
	require.NoError(t, db.Close())
	status := succeed(t, "migrate", "status", "--data-dir", dir)
	require.Regexp(t, `database      sqlite://`+dir+`\nits tables    version \d+\nthis program  version `+last+`\npending       000`, status)
}
