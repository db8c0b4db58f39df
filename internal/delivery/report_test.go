package delivery

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestFailuresAreWarnedOfNowAndThen(t *testing.T) {
	var f failures
	start := time.Unix(1765000000, 0)
	for _, step := range []struct {
		after time.Duration
		count int64 // 0: no warning
	}{{0, 1}, {time.Millisecond, 0}, {time.Second, 0}, {warnEvery - 1, 0}, {warnEvery, 4}, {warnEvery + 1, 0}, {5 * warnEvery, 2}} {
		count, warn := f.due(start.Add(step.after), 1)
		require.Equal(t, step.count > 0, warn, step.after)
		require.Equal(t, step.count, count, step.after)
	}
}
