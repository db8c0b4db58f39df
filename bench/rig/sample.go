package rig

import (
	"math"
	"slices"
	"time"
)

// Sample is a set of measured times, sorted.
type Sample []time.Duration

// NewSample sorts a copy of times.
func NewSample(times []time.Duration) Sample {
	s := slices.Clone(times)
	slices.Sort(s)
	return s
}

// Percentile returns the smallest time that at least p percent of the sample do not exceed (the nearest rank), for p from 0
// to 100; 0 for an empty sample.
func (s Sample) Percentile(p float64) time.Duration {
	if len(s) == 0 {
		return 0
	}
	rank := int(math.Ceil(p / 100 * float64(len(s))))
	return s[min(max(rank, 1), len(s))-1]
}
