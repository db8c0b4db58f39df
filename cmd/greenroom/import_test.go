//go:build unix

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/testkit"
	"github.com/greenroom-live/greenroom/internal/transfer"
)

// installation makes a data folder with a room in it.
func installation(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	r, welcome := startServe(t, dir)
	url, _, _ := bytes.Cut([]byte(welcome[1]), []byte(" with"))
	_, address, _ := bytes.Cut(url, []byte("serves "))
	succeed(t, "room", "create", "hello", "--server", string(address), "--data-dir", dir)
	require.NoError(t, r.stop())
	return dir
}

func TestImportMovesAnInstallation(t *testing.T) {
	dir, url := installation(t), testkit.Database(t)
	stdout, stderr, err := greenroom("import", "--from", "sqlite://"+dir, "--to", url)
	require.NoError(t, err)
	require.Regexp(t, `^TABLE +ROWS +CHECKSUM +IN POSTGRESQL *\n`, stdout)
	require.Regexp(t, `\nrooms +1 +[0-9a-f]{16} +the same *\n`, stdout)
	require.Regexp(t, `\nimported into postgres://127\.0\.0\.1:\d+/test_\d+; servers may start on it\n$`, stdout)
	require.Contains(t, stderr, "reading ")
	require.Contains(t, stderr, "copying 100 %")
	require.Contains(t, stderr, "comparing 100 %")
	require.NotContains(t, stderr, "\r", "there is no terminal")

	_, _, err = greenroom("import", "--from", "sqlite://"+dir, "--to", url)
	require.ErrorContains(t, err, "has been imported into")
}

func TestImportFailsWhenTheTablesDiffer(t *testing.T) {
	dir, url := installation(t), testkit.Database(t)
	var out, status bytes.Buffer
	opts := transfer.Options{Folder: dir, URL: url}
	tampering := writerFunc(func(text []byte) (int, error) {
		if bytes.HasPrefix(text, []byte("comparing 0 %")) && !bytes.Contains(out.Bytes(), []byte("tampered")) {
			out.WriteString("tampered\n")
			c, err := pgx.Connect(t.Context(), url)
			require.NoError(t, err)
			_, err = c.Exec(t.Context(), "UPDATE rooms SET name = 'forged'")
			require.NoError(t, err)
			require.NoError(t, c.Close(t.Context()))
		}
		return status.Write(text)
	})
	err := runImport(t.Context(), opts, &out, tampering)
	require.ErrorContains(t, err, "the tables differ, so the import into ")
	require.Regexp(t, `\nrooms +1 +[0-9a-f]{16} +DIFFERS: 1 rows, [0-9a-f]{16} *\n`, out.String())
	require.NotContains(t, out.String(), "servers may start")
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(text []byte) (int, error) { return f(text) }

func TestImportSaysWhatItNeeds(t *testing.T) {
	dir := t.TempDir()
	require.ErrorContains(t, fail(t, "import"), "--from must be sqlite:// and the data folder")
	require.ErrorContains(t, fail(t, "import", "--from", dir, "--to", "postgres://x/y"), "--from must be sqlite:// and the data folder")
	require.ErrorContains(t, fail(t, "import", "--from", "sqlite://"+dir), "must begin with postgres://")
	require.ErrorContains(t, fail(t, "import", "--from", "sqlite://"+dir, "--to", "mysql://x"), "must begin with postgres://")
	require.ErrorContains(t, fail(t, "import", "--from", "sqlite://"+dir, "--to", "postgres://x/y"), "there is no database in "+dir)
	t.Setenv("GREENROOM_DATABASE_URL", "postgres://x/y")
	require.ErrorContains(t, fail(t, "import", "--from", "sqlite://"+dir), "there is no database in "+dir)
}

func TestTheBarGrows(t *testing.T) {
	require.Equal(t, "reading 7 rows rooms", bar(transfer.Progress{Doing: "reading", Table: "rooms", Done: 7}))
	require.Equal(t, "[##########····················] copying 33 % (1 of 3 rows) rooms",
		bar(transfer.Progress{Doing: "copying", Table: "rooms", Done: 1, Total: 3}))
	require.Equal(t, "[##############################] copying 100 % (4 of 3 rows) ",
		bar(transfer.Progress{Doing: "copying", Done: 4, Total: 3}))
}

func TestServeRefusesToStartWhileSomethingIsPendingThatAnOperatorIsToCarryOut(t *testing.T) {
	file := filepath.Join(t.TempDir(), "greenroom.yaml")
	text := "database: {migrate: manual}\napps:\n  - {sdk_app_id: 1400000123, secret_key: " + testKey + "}\n"
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	flags := []string{"--config", file, "--listen", "127.0.0.1:0", "--data-dir", t.TempDir(), "--database-url", testkit.Database(t)}
	err := fail(t, append([]string{"serve"}, flags...)...)
	require.ErrorContains(t, err, "at version 0 and this version needs 00001_init")
	require.ErrorContains(t, err, "call `greenroom migrate up`")
	succeed(t, append([]string{"migrate", "up"}, flags...)...)
	r := start(t, append([]string{"serve"}, flags...)...)
	r.stderr.find(t, "msg=serving")
	require.NoError(t, r.stop())
}
