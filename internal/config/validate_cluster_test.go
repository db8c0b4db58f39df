package config

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDatabaseAndRedis(t *testing.T) {
	for name, row := range map[string]struct {
		yaml    string
		mistake string // a part of it; empty for none
	}{
		"PostgreSQL alone":      {"database_url: postgres://db/greenroom\n", ""},
		"with everything":       {"database_url: postgresql://u:p@db:5432/g?sslmode=verify-full\nredis_url: rediss://u:p@r:6380/1\n", ""},
		"a socket's folder":     {"database_url: postgres:///greenroom?host=/run/postgresql\n", ""},
		"another database":      {"database_url: mysql://db/greenroom\n", "database_url: must be a URL that begins with postgres://"},
		"words of libpq":        {"database_url: host=db password=hidden-word\n", "database_url: must be a URL"},
		"no host":               {"database_url: postgres:///greenroom\n", "names a host"},
		"Redis alone":           {"redis_url: redis://r\n", "redis_url: is of use only with database_url"},
		"something else":        {"database_url: postgres://db/g\nredis_url: http://r\n", "redis_url: must be a URL that begins with redis://"},
		"a word for Redis":      {"database_url: postgres://db/g\nredis_url: redis://:hidden-word@r/first\n", "redis_url: must end with the number"},
		"too few connections":   {"database: {max_connections: 8, writers: 5}\n", "database.max_connections: must be at least"},
		"a lease of no length":  {"cluster: {lease: 10ms}\n", "cluster.lease"},
		"a word for migrations": {"database: {migrate: never}\n", "database.migrate"},
	} {
		_, _, err := Load(Options{File: writeFile(t, row.yaml)})
		if row.mistake == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, row.mistake, name)
		require.NotContains(t, err.Error(), "hidden-word", name)
	}
}
