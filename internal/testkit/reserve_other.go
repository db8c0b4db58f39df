//go:build !unix

package testkit

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

// reserve returns a free address of this machine.
func reserve(t testing.TB) string {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, free.Close())
	return free.Addr().String()
}
