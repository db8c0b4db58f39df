package testkit

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// reserve returns an address of this machine that nobody else gets while the test runs, as far as the system allows that.
func reserve(t testing.TB) string {
	t.Helper()
	address, release, err := hold()
	require.NoError(t, err)
	t.Cleanup(release)
	return address
}
