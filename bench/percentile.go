package main

import (
	"math"
	"slices"
	"time"
)

// sample is a set of measured times, sorted.
type sample []time.Duration

func newSample(times []time.Duration) sample {
	s := slices.Clone(times)
	slices.Sort(s)
	return s
}

// percentile returns the smallest time that at least p percent of the sample do not exceed (the nearest rank), for p from 0
// to 100; 0 for an empty sample.
func (s sample) percentile(p float64) time.Duration {
	if len(s) == 0 {
		return 0
	}
	rank := int(math.Ceil(p / 100 * float64(len(s))))
	return s[min(max(rank, 1), len(s))-1]
}
