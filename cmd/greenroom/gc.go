package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// garbage is how much of it may gather before it is collected, in bytes, as long as that is between once and four
	// times what is alive: collecting a small heap often costs time, and a large heap must not take four times its size.
	garbage = 64 << 20
	// leastPercent and mostPercent are those bounds in the terms of GOGC.
	leastPercent, mostPercent = 100, 400
)

// tuneGC makes the garbage collector go by [garbage], unless the operator has set GOGC.
func tuneGC() {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(mostPercent)
	afterCollection(mostPercent)
}

// afterCollection adjusts the collector each time that it has run; percent is what is set.
func afterCollection(percent int) {
	runtime.AddCleanup(new([]*int), func(percent int) {
		if now := gcPercent(liveHeap()); now != percent {
			debug.SetGCPercent(now)
			percent = now
		}
		afterCollection(percent)
	}, percent)
}

// gcPercent returns by how much a heap may grow of which so many bytes are alive.
func gcPercent(live uint64) int {
	return int(min(max(garbage*100/max(live, 1), leastPercent), mostPercent))
}

// liveHeap returns how many bytes the last collection has left.
func liveHeap() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
