package live

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAPaceCountsTheLastSecond(t *testing.T) {
	p, now := NewPace[string](10), time.UnixMilli(1765001300444)
	take := func(after time.Duration, limit int) bool { return p.Take("a", limit, now.Add(after)) }
	require.True(t, take(0, 2))
	require.True(t, take(500*time.Millisecond, 2))
	require.False(t, take(500*time.Millisecond, 2))
	require.True(t, take(500*time.Millisecond, 3), "another limit, the same count")
	require.True(t, p.Take("b", 1, now), "another key")
	require.False(t, take(time.Second-1, 3))
	require.True(t, take(time.Second, 3), "the first is a second ago")
	require.False(t, take(time.Second, 3))
	require.False(t, p.Below("a", 3, now.Add(time.Second)))
	require.True(t, p.Below("a", 4, now.Add(time.Second)))
	require.True(t, p.Below("a", 3, now.Add(1500*time.Millisecond)))
	require.True(t, p.Below("nobody", 1, now))
}

func TestAPaceCountsNoFurtherThanItMust(t *testing.T) {
	p, now := NewPace[string](10), time.UnixMilli(1765001300444)
	for i := range 1000 {
		p.Add("a", now.Add(time.Duration(i)*time.Microsecond))
	}
	require.Len(t, p.recent["a"], 10)
	require.False(t, p.Below("a", 10, now.Add(time.Second)), "the latest ones count")
	require.True(t, p.Below("a", 1, now.Add(time.Second+time.Millisecond)))
}

func TestAPaceForgetsWhatIsQuiet(t *testing.T) {
	p, now := NewPace[int](10), time.UnixMilli(1765001300444)
	for key := range 1000 {
		p.Add(key, now)
	}
	p.Add(7, now.Add(900*time.Millisecond))
	require.Len(t, p.recent, 1000)
	p.Add(8, now.Add(1500*time.Millisecond))
	require.Len(t, p.recent, 2)
	p.Take(9, 0, now.Add(time.Hour))
	p.Add(10, now.Add(2*time.Hour))
	require.Len(t, p.recent, 1)
}

func TestAPaceSurvivesAClockThatIsSetBack(t *testing.T) {
	p, now := NewPace[string](10), time.UnixMilli(1765001300444)
	require.True(t, p.Take("a", 1, now))
	require.False(t, p.Take("a", 1, now))
	require.True(t, p.Take("a", 1, now.Add(-time.Hour)))
	require.False(t, p.Take("a", 1, now.Add(-time.Hour)))
}

func TestSharesOfTheBudget(t *testing.T) {
	for perSecond, want := range map[int][4]int{40: {80, 40, 30, 20}, 3: {6, 3, 2, 1}, 1: {2, 1, 1, 1}} {
		b := newMessageBudget(perSecond)
		require.Equal(t, want, [4]int{b.share(PriorityHigh), b.share(PriorityNormal), b.share(PriorityLow), b.share(PriorityLowest)})
	}
}
