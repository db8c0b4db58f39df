//go:build unix

package testkit

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhoLacksAServerIsToldHowToGetIt: nothing is left out for want of a program.
func TestWhoLacksAServerIsToldHowToGetIt(t *testing.T) {
	t.Setenv("PATH", "")
	folders := postgresFolders
	postgresFolders = t.TempDir()
	t.Cleanup(func() { postgresFolders = folders })
	_, err := postgresProgram("initdb")
	require.EqualError(t, err, "PostgreSQL is missing: `make deps` installs what the tests need")
	_, err = redisProgram()
	require.EqualError(t, err, "redis-server is missing: `make deps` installs what the tests need")
}
