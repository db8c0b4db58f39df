package delivery

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// clock is a breaker with a clock that stands still until it is moved.
type clock struct {
	breaker
	now time.Time
}

func newClock() *clock {
	p := Policy{FirstDelay: time.Second, Factor: 2, MaxDelay: 10 * time.Minute}
	return &clock{newBreaker(p), time.Unix(1765001300, 0)}
}

func (c *clock) failsOf(keys ...string) (opened bool) {
	for _, key := range keys {
		opened = c.fail(key, "503 of "+key, c.now, 0) || opened
	}
	return opened
}

// opened returns a breaker that has just opened.
func opened(t *testing.T) *clock {
	c := newClock()
	require.True(t, c.failsOf("a", "b", "c", "d", "e"))
	return c
}

func TestABreakerOpensWhenFiveLanesFailInARow(t *testing.T) {
	c := newClock()
	require.False(t, c.failsOf("a", "b", "c", "d"))
	require.Equal(t, Closed, c.status().State)
	c.now = c.now.Add(time.Minute)
	require.True(t, c.failsOf("e"))
	s := c.status()
	require.Equal(t, BreakerStatus{State: Open, Since: c.now, NextProbe: s.NextProbe, Failures: 5, Failing: c.now.Add(-time.Minute),
		LastError: "503 of e"}, s)
	require.True(t, s.NextProbe.After(c.now))
	require.False(t, s.NextProbe.After(c.now.Add(time.Second+1)))
	require.False(t, c.failsOf("f"), "it is open already")
}

func TestOneBadLaneNeverOpensABreaker(t *testing.T) {
	c := newClock()
	for range 1000 {
		require.False(t, c.failsOf("a", "b", "c", "d"))
	}
	require.LessOrEqual(t, len(c.keys), breakerKeys)
	require.Equal(t, 4000, c.status().Failures)
}

func TestASuccessBeginsTheCountAnew(t *testing.T) {
	c := newClock()
	c.failsOf("a", "b", "c", "d")
	require.False(t, c.succeed(), "it was not open")
	require.Equal(t, BreakerStatus{}, c.status())
	require.False(t, c.failsOf("e", "f", "g", "h"))
	require.True(t, c.failsOf("i"))
}

func TestAnOpenBreakerLetsOneProbeThroughAtATime(t *testing.T) {
	c := opened(t)
	require.False(t, c.due(c.now))
	c.now = c.status().NextProbe
	require.True(t, c.due(c.now))
	c.take("a")
	require.Equal(t, Probing, c.status().State)
	require.Zero(t, c.status().NextProbe)
	require.False(t, c.due(c.now.Add(time.Hour)), "while one is under way there is no other")
	require.True(t, c.holds("a"))
	require.False(t, c.holds("b"))
	c.failsOf("b")
	require.True(t, c.holds("a"), "what was under way when it opened does not end the probe")
	c.failsOf("a")
	require.Equal(t, Open, c.status().State)
	require.True(t, c.status().NextProbe.After(c.now))
}

func TestAProbeThatIsGivenBackIsStillDue(t *testing.T) {
	c := opened(t)
	c.now = c.status().NextProbe
	c.take("a")
	require.False(t, c.abandon("b"))
	require.True(t, c.abandon("a"))
	require.True(t, c.due(c.now))
}

func TestAnySuccessClosesABreaker(t *testing.T) {
	c := opened(t)
	c.now = c.status().NextProbe
	c.take("a")
	require.True(t, c.succeed())
	require.Equal(t, BreakerStatus{}, c.status())
	require.False(t, c.failsOf("a", "b", "c", "d"))
	require.True(t, c.failsOf("e"))
	require.False(t, c.status().NextProbe.After(c.now.Add(time.Second+1)), "the delays begin anew, too")
}

func TestTheDelaysBetweenProbesGrowToTenSeconds(t *testing.T) {
	longest := make([]time.Duration, 9)
	for range 300 {
		c := opened(t)
		for probe := range longest {
			longest[probe] = max(longest[probe], c.next.Sub(c.now))
			c.now = c.next
			c.take("a")
			c.failsOf("a")
		}
	}
	for probe, bound := range []time.Duration{1, 2, 4, 8, 10, 10, 10, 10, 10} {
		require.LessOrEqual(t, longest[probe], bound*time.Second+1, probe)
		require.Greater(t, longest[probe], bound*time.Second*9/10, "full jitter uses the whole range")
	}
}

func TestAProbeWaitsForRetryAfter(t *testing.T) {
	c := newClock()
	c.failsOf("a", "b", "c", "d")
	require.True(t, c.fail("e", "503", c.now, 40*time.Second))
	require.False(t, c.due(c.now.Add(40*time.Second-1)))
	require.True(t, c.due(c.now.Add(44*time.Second+1)), "the scatter is a tenth at most")
	c.fail("f", "503", c.now, 50*time.Second) // was under way
	require.False(t, c.due(c.now.Add(50*time.Second-1)))
	c.now = c.now.Add(time.Minute)
	c.take("a")
	c.fail("a", "503", c.now, 10*time.Minute)
	require.Equal(t, 10*time.Minute, c.next.Sub(c.now), "and never more than the app's longest delay")
}

func TestABreakerRemembersNoMoreKeysThanItNeeds(t *testing.T) {
	c := newClock()
	for i := range 10_000 {
		c.failsOf(fmt.Sprint(i))
	}
	require.Less(t, len(c.keys), breakerKeys)
}
