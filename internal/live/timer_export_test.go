package live

import "testing"

// OnTimer makes act what is done when timers of that kind are due, until the test ends.
func OnTimer(t testing.TB, kind TimerKind, act func(Tx, Timer) error) {
	timerActions[kind] = func(_ *Service, tx Tx, timer Timer) error { return act(tx, timer) }
	t.Cleanup(func() { delete(timerActions, kind) })
}
