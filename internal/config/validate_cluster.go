package config

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// databaseMistakes checks where the state is kept when it is not in data_dir.
func (c *Config) databaseMistakes() Mistakes {
	var found Mistakes
	found = append(found, urlMistakes("database_url", c.DatabaseURL, "postgres", "postgresql")...)
	found = append(found, urlMistakes("redis_url", c.RedisURL, "redis", "rediss")...)
	if u, err := url.Parse(c.RedisURL.Reveal()); err == nil && !redisDatabase(u.Path) {
		found = append(found, wrong("redis_url", "must end with the number of a database, such as /0, or with the port"))
	}
	if c.RedisURL != "" && c.DatabaseURL == "" {
		found = append(found, wrong("redis_url", "is of use only with database_url: with the embedded database there is one process"))
	}
	if least := c.Database.Writers + 4; c.Database.MaxConnections < least {
		found = append(found, wrong("database.max_connections", "must be at least database.writers and 4 more, which is %d", least))
	}
	return found
}

// urlMistakes checks that a value, if there is one, is a URL with a host. What it says instead is not shown: it may hold a
// password.
func urlMistakes(path string, value Secret, schemes ...string) Mistakes {
	if value == "" {
		return nil
	}
	u, err := url.Parse(value.Reveal())
	if err != nil || !slices.Contains(schemes, u.Scheme) || u.Host == "" && u.Query().Get("host") == "" {
		return Mistakes{wrong(path, "must be a URL that begins with %s:// and names a host", schemes[0])}
	}
	return nil
}

// redisDatabase tells whether the path of Redis's URL, if there is one, is the number of a database.
func redisDatabase(path string) bool {
	number := strings.TrimPrefix(path, "/")
	_, err := strconv.ParseUint(number, 10, 31)
	return number == "" || err == nil
}

// Shared tells whether this process may be one of several: whether the state is in PostgreSQL.
func (c *Config) Shared() bool { return c.DatabaseURL != "" }
