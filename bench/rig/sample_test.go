package rig

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPercentileIsTheNearestRank(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(100 - i) // 100 down to 1
	}
	for _, tc := range []struct {
		times []time.Duration
		p     float64
		want  time.Duration
	}{
		{nil, 50, 0},
		{[]time.Duration{7}, 0, 7},
		{[]time.Duration{7}, 100, 7},
		{[]time.Duration{50, 15, 40, 35, 20}, 5, 15},
		{[]time.Duration{50, 15, 40, 35, 20}, 30, 20},
		{[]time.Duration{50, 15, 40, 35, 20}, 40, 20},
		{[]time.Duration{50, 15, 40, 35, 20}, 50, 35},
		{[]time.Duration{50, 15, 40, 35, 20}, 100, 50},
		{hundred, 1, 1},
		{hundred, 99, 99},
		{hundred, 99.5, 100},
	} {
		require.Equal(t, tc.want, NewSample(tc.times).Percentile(tc.p), "p%g of %v", tc.p, tc.times)
	}
	require.Equal(t, time.Duration(100), hundred[0], "the times measured stay in their order")
}
