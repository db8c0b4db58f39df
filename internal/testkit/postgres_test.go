//go:build unix

package testkit_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/testkit"
)

// query asks one value of a database.
func query(t *testing.T, url, sql string) (value string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close(context.Background())) }()
	require.NoError(t, c.QueryRow(t.Context(), sql).Scan(&value))
	return value
}

func execute(t *testing.T, url, sql string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close(context.Background())) }()
	_, err = c.Exec(t.Context(), sql)
	require.NoError(t, err)
}

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	one, two := testkit.Database(t), testkit.Database(t)
	execute(t, one, "CREATE TABLE rooms (name text)")
	require.Equal(t, "1", query(t, one, "SELECT count(*)::text FROM pg_tables WHERE tablename = 'rooms'"))
	require.Equal(t, "0", query(t, two, "SELECT count(*)::text FROM pg_tables WHERE tablename = 'rooms'"))
	require.Equal(t, "off", query(t, two, "SHOW fsync"))
}

func TestADatabaseIsGoneAfterItsTest(t *testing.T) {
	t.Parallel()
	var url string
	t.Run("with a connection left open", func(t *testing.T) {
		url = testkit.Database(t)
		c, err := pgx.Connect(t.Context(), url)
		require.NoError(t, err)
		t.Cleanup(func() { _ = c.Close(context.Background()) })
		t.Cleanup(func() { require.NoError(t, c.Ping(context.Background())) })
	})
	_, err := pgx.Connect(t.Context(), url)
	require.ErrorContains(t, err, "does not exist")
}

func TestDatabasesArePreparedOnce(t *testing.T) {
	t.Parallel()
	times := 0
	database := testkit.Databases(func(url string) error {
		times++
		c, err := pgx.Connect(context.Background(), url)
		if err != nil {
			return err
		}
		_, err = c.Exec(context.Background(), "CREATE TABLE rooms AS SELECT 'hall' AS name")
		return errors.Join(err, c.Close(context.Background()))
	})
	one, two := database(t), database(t)
	execute(t, one, "UPDATE rooms SET name = 'stage'")
	require.Equal(t, "hall", query(t, two, "SELECT name FROM rooms"))
	require.Equal(t, 1, times)
}

// TestTextsAreSortedAsOperatorsDatabasesSortThem: who relies on the order of bytes must say so in the query.
func TestTextsAreSortedAsOperatorsDatabasesSortThem(t *testing.T) {
	t.Parallel()
	const names = "SELECT string_agg(n, ' ' ORDER BY n) FROM unnest(ARRAY['B', 'a', 'C', '_b']) n"
	require.Equal(t, "_b a B C", query(t, testkit.Database(t), names))
	require.Equal(t, "B C _b a", query(t, testkit.Database(t), strings.Replace(names, "BY n", `BY n COLLATE "C"`, 1)))
}

func TestAServerComesBackWithItsData(t *testing.T) {
	t.Parallel()
	p := testkit.NewPostgres(t, testkit.WithFsync())
	url := p.Database()
	require.Equal(t, "on", query(t, url, "SHOW fsync"))
	execute(t, url, "CREATE TABLE rooms (name text)")
	for _, mode := range []testkit.StopMode{testkit.Fast, testkit.Immediate} {
		execute(t, url, "INSERT INTO rooms VALUES ('hall')")
		open, err := pgx.Connect(t.Context(), url)
		require.NoError(t, err)
		p.Stop(mode)
		require.Error(t, open.Ping(t.Context()))
		_, err = pgx.Connect(t.Context(), url)
		require.Error(t, err, "somebody answers though the server was stopped")
		p.Start()
	}
	require.Equal(t, "2", query(t, url, "SELECT count(*)::text FROM rooms"))
}

func TestAPausedServerSaysNothingUntilItGoesOn(t *testing.T) {
	t.Parallel()
	p := testkit.NewPostgres(t)
	c, err := pgx.Connect(t.Context(), p.URL("postgres"))
	require.NoError(t, err)
	p.Pause()
	answer := make(chan error, 1)
	go func() { answer <- c.Ping(context.Background()) }()
	select {
	case err := <-answer:
		require.Failf(t, "a paused server has answered", "%v", err)
	case <-time.After(100 * time.Millisecond): // it could only be noticed too late that it does answer
	}
	p.Resume()
	require.NoError(t, <-answer)
	require.NoError(t, c.Close(context.Background()))
}

func TestNothingIsLeftOfAServer(t *testing.T) {
	t.Parallel()
	var url, folder string
	t.Run("which is paused at the end of its test", func(t *testing.T) {
		p := testkit.NewPostgres(t)
		url = p.URL("postgres")
		folder = query(t, url, "SHOW data_directory")
		p.Pause()
	})
	_, err := pgx.Connect(t.Context(), url)
	require.Error(t, err)
	require.NoFileExists(t, folder+"/PG_VERSION")
	_, err = os.Stat(folder)
	require.ErrorIs(t, err, os.ErrNotExist)
}
