//go:build unix

package postgres_test

import (
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/store"
	"github.com/greenroom-live/greenroom/internal/store/postgres"
	"github.com/greenroom-live/greenroom/internal/testkit"
)

// execute runs a statement on a database.
func execute(t *testing.T, url, statement string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	_, err = c.Exec(t.Context(), statement)
	require.NoError(t, err)
	require.NoError(t, c.Close(t.Context()))
}

func schema(t *testing.T, url string) store.Schema {
	t.Helper()
	s, err := postgres.Schema(t.Context(), url)
	require.NoError(t, err)
	return s
}

func TestMigrationsAreCarriedOutOnceWhoeverCalls(t *testing.T) {
	url := testkit.Database(t)
	before := schema(t, url)
	require.Zero(t, before.Version)
	require.NotEmpty(t, before.Pending)
	require.Equal(t, before, schema(t, url), "to look changes nothing")
	require.NotContains(t, before.Database, "@")

	var all sync.WaitGroup
	var mu sync.Mutex
	var done []store.Migration
	for range 4 {
		all.Go(func() {
			mine, err := postgres.Migrate(t.Context(), url)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			done = append(done, mine...)
		})
	}
	all.Wait()
	require.Equal(t, before.Pending, done)
	after := schema(t, url)
	require.Empty(t, after.Pending)
	require.Equal(t, before.Known, after.Version)
	require.False(t, after.Newer())
	again, err := postgres.Migrate(t.Context(), url)
	require.NoError(t, err)
	require.Empty(t, again)
}

func TestADatabaseOfALaterVersionIsServed(t *testing.T) {
	url := testkit.Database(t)
	_, err := postgres.Migrate(t.Context(), url)
	require.NoError(t, err)
	execute(t, url, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)")
	s := schema(t, url)
	require.True(t, s.Newer())
	require.Empty(t, s.Pending)
	done, err := postgres.Migrate(t.Context(), url)
	require.NoError(t, err)
	require.Empty(t, done)
}

func TestMigratingSaysWhatIsWrongWithTheDatabaseButNotItsPassword(t *testing.T) {
	for _, url := range []string{"postgres://user:hidden@127.0.0.1:1/db", "postgres://user:hidden@127.0.0.1:x/db"} {
		_, err := postgres.Migrate(t.Context(), url)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "hidden")
		_, err = postgres.Schema(t.Context(), url)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "hidden")
	}
}

func TestOpenLeavesMigratingToAnOperatorWhoWantsTo(t *testing.T) {
	url := testkit.Database(t)
	_, err := postgres.Open(postgres.Options{URL: url, ManualMigration: true}, nil)
	var pending *store.PendingError
	require.ErrorAs(t, err, &pending)
	require.Equal(t, schema(t, url), pending.Schema)
	require.ErrorContains(t, err, "at version 0 and this version needs 00001_init")
	require.ErrorContains(t, err, "call `greenroom migrate up`")
	require.NotContains(t, err.Error(), "@")
}
