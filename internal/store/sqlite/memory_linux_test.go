package sqlite

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheCacheTakesNoMoreMemoryThanItMay: what counts is what the process takes, not what SQLite believes.
func TestTheCacheTakesNoMoreMemoryThanItMay(t *testing.T) {
	const cache = 32 << 20
	opts := options(t.TempDir())
	opts.CacheMiB = cache >> 20
	s := openAt(t, opts)
	before := outsideGo(t)
	require.NoError(t, s.change(background, func(own *tx) error {
		if err := own.begin(); err != nil {
			return err
		}
		return own.c.do(`CREATE TABLE ballast AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000)
			SELECT i, zeroblob(3800) AS body FROM n`)
	}))
	taken := outsideGo(t) - before
	require.Greater(t, taken, cache*3/4, "the cache is full")
	require.Less(t, taken, cache*5/4)
}

// outsideGo is the memory of the process that is not Go's, in bytes.
func outsideGo(t *testing.T) int {
	status, err := os.ReadFile("/proc/self/status")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(status), "RssAnon:")
	require.True(t, found)
	kib, err := strconv.Atoi(strings.Fields(rest)[0])
	require.NoError(t, err)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return kib<<10 - int(m.Sys-m.HeapReleased)
}
