package delivery

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

// A lease of a minute is counted on for 45 seconds from when its renewal began, by both clocks.
func TestALeaseIsHeldByBothClocks(t *testing.T) {
	const s = time.Second
	for name, c := range map[string]struct {
		mono, wall time.Duration // since the renewal began
		held       bool
	}{
		"at once":                             {0, 0, true},
		"a while later":                       {30 * s, 30 * s, true},
		"to the end":                          {45*s - 1, 45*s - 1, true},
		"at the end":                          {45 * s, 45 * s, false},
		"long past it":                        {time.Hour, time.Hour, false},
		"the machine slept for a moment":      {10 * s, 20 * s, true},
		"the machine slept past the end":      {10 * s, 45 * s, false},
		"the wall clock was set forward":      {s, time.Hour, false},
		"the wall clock was set back":         {10 * s, -time.Hour, false},
		"the wall clock was set back, late":   {50 * s, 10 * s, false},
		"it was set back a little":            {10 * s, 5 * s, false},
		"it was slewed":                       {10 * s, 10*s - 50*time.Millisecond, true},
		"it was slewed below its beginning":   {time.Millisecond, -time.Millisecond, true},
		"the moment was before the beginning": {-1, -1, false},
	} {
		t.Run(name, func(t *testing.T) {
			l := NewLease(time.Minute)
			began := Moment{mono: time.Hour, wall: 1000 * time.Hour}
			l.Renewed(7, began)
			holder := live.NodeID(0)
			if c.held {
				holder = 7
			}
			require.Equal(t, holder, l.Holder(Moment{began.mono + c.mono, began.wall + c.wall}))
		})
	}
}

func TestALeaseIsOfOneLifeAfterTheOther(t *testing.T) {
	at := func(s time.Duration) Moment { return Moment{mono: s * time.Second, wall: s * time.Second} }
	l := NewLease(4 * time.Second)
	require.Equal(t, time.Second, l.RenewEvery())
	require.Zero(t, l.Holder(at(0)), "nobody has it yet")
	require.Zero(t, l.life())
	told := 0
	l.whenRenewed(func() { told++ })
	l.Renewed(1, at(1))
	require.EqualValues(t, 1, l.Holder(at(3)))
	require.Zero(t, l.Holder(at(4)))
	require.EqualValues(t, 1, l.life(), "not held, but not lost either")
	l.Renewed(1, at(4))
	require.EqualValues(t, 1, l.Holder(at(6)))
	l.Renewed(1, at(2))
	require.EqualValues(t, 1, l.Holder(at(6)), "an answer that comes late takes nothing away")
	l.Lost()
	require.Zero(t, l.Holder(at(5)))
	require.Zero(t, l.life())
	l.Renewed(1, at(6))
	require.Zero(t, l.Holder(at(6)), "what is lost is not renewed")
	l.Renewed(2, at(6))
	require.EqualValues(t, 2, l.Holder(at(6)))
	l.Renewed(1, at(7))
	require.EqualValues(t, 2, l.Holder(at(7)), "a former life does not come back")
	require.Equal(t, 3, told)
}

func TestTheClocksAreRead(t *testing.T) {
	l := NewLease(time.Hour)
	l.Renewed(1, ReadClocks())
	require.EqualValues(t, 1, l.Holder(ReadClocks()))
	require.Zero(t, NewLease(0).Holder(ReadClocks()))
	never := NewLease(0)
	never.Renewed(1, ReadClocks())
	require.Zero(t, never.Holder(ReadClocks()), "a lease that lasts for no time is never held")
}
