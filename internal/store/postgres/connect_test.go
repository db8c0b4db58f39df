package postgres_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/store/postgres"
)

func TestAConnectionThatFailsIsExplainedInOneLineWithoutThePassword(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "ca.pem")
	for url, says := range map[string]string{
		"postgres://user:hidden@localhost:1/db":                                                        "connection refused",
		"postgres://user:hidden@localhost/db?sslmode=hidden":                                           "sslmode is invalid",
		"postgres://user:hidden@localhost/db?sslmode=strict":                                           "sslmode is invalid",
		"postgres://user:hidden@localhost/db?sslmode=verify-full&sslrootcert=" + missing:               missing,
		"postgres://localhost/db?user=user&password=hidden&sslmode=verify-full&sslrootcert=" + missing: missing,
		"postgres://user:hidden@localhost:port/db":                                                     "cannot be read",
		"postgres://user:hid%ten@localhost/db":                                                         "cannot be read",
	} {
		_, err := postgres.Schema(t.Context(), url)
		require.ErrorContains(t, err, says, url)
		require.NotContains(t, err.Error(), "hid", url)
		require.NotContains(t, err.Error(), "\n", url)
	}
}
