package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// mostGarbage is how much garbage may lie about before it is collected, in bytes, as far as the limits below allow.
	mostGarbage = 48 << 20
	// Garbage is never collected before it is as much as the live heap, and never later than at 4 times as much.
	leastGCPercent, mostGCPercent = 100, 400
)

// tuneGC lets garbage grow to a few times the live heap while that is small, and no more than Go does by itself when it is
// large, as it is while a backlog goes out. Nothing is tuned when the operator has set GOGC.
func tuneGC() {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(mostGCPercent)
	afterEachGC(func() func() {
		sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		set := mostGCPercent
		return func() {
			metrics.Read(sample)
			if p := gcPercent(sample[0].Value.Uint64()); p != set { // to set it stops the world for a moment
				debug.SetGCPercent(p)
				set = p
			}
		}
	}())
}

// gcPercent is the share of a live heap, in bytes, that garbage may come to: a multiple of 50.
func gcPercent(live uint64) int {
	if live == 0 {
		return mostGCPercent
	}
	return int(min(max(mostGarbage*100/live/50*50, leastGCPercent), mostGCPercent))
}

// afterEachGC calls do after each collection, one call at a time.
func afterEachGC(do func()) {
	type sentinel struct{ _ [16]byte } // not so small that it shares its memory with others
	var again func(*sentinel)
	again = func(s *sentinel) {
		do()
		runtime.SetFinalizer(s, again)
	}
	runtime.SetFinalizer(new(sentinel), again)
}
