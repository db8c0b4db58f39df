package main

import (
	"runtime"
	"testing"
	"time"
)

func TestGarbageIsBoundedWhereTheHeapIsLarge(t *testing.T) {
	for _, c := range []struct {
		live uint64
		want int
	}{
		{0, 400}, {1 << 20, 400}, {12 << 20, 400}, {16 << 20, 300}, {24 << 20, 200}, {40 << 20, 100}, {1 << 30, 100}, {1 << 40, 100},
	} {
		if got := gcPercent(c.live); got != c.want {
			t.Errorf("a live heap of %d MiB: %d %%, want %d %%", c.live>>20, got, c.want)
		}
	}
}

func TestEachCollectionIsHeardOf(t *testing.T) {
	heard := make(chan struct{}, 100)
	afterEachGC(func() { heard <- struct{}{} })
	for n := range 3 {
		runtime.GC()
		select {
		case <-heard:
		case <-time.After(10 * time.Second):
			t.Fatalf("collection %d was not heard of", n+1)
		}
	}
}
