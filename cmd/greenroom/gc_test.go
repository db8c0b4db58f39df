package main

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestGarbageGrowsWithinBounds(t *testing.T) {
	for live, want := range map[uint64]int{
		0: 400, 1 << 20: 400, 16 << 20: 400, 32 << 20: 200, 64 << 20: 100, 128 << 20: 100, 8 << 30: 100,
	} {
		require.Equal(t, want, gcPercent(live), live)
	}
}

func TestTheCollectorFollowsTheHeap(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	t.Setenv("GOGC", "")
	percent := func() int {
		runtime.GC()
		p := debug.SetGCPercent(mostPercent)
		debug.SetGCPercent(p)
		return p
	}
	tuneGC()
	large := make([]byte, 128<<20)
	require.Eventually(t, func() bool { return percent() == leastPercent }, 20*time.Second, time.Millisecond)
	runtime.KeepAlive(large)
	large = nil
	require.Eventually(t, func() bool { return percent() > leastPercent }, 20*time.Second, time.Millisecond)
}
