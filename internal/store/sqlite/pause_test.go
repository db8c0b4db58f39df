package sqlite

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
)

func TestAPauseIsAsOldAsItsBeginning(t *testing.T) {
	c := newClock()
	s := openAt(t, c.options(folder(t)))
	began := c.read()
	require.NoError(t, s.Pause(background, testApp, "maintenance"))
	c.move(time.Hour)
	require.NoError(t, s.Pause(background, testApp, "longer maintenance"))
	e, err := s.Endpoint(background, testApp)
	require.NoError(t, err)
	require.Equal(t, delivery.Endpoint{Pause: &delivery.Pause{Since: began, Reason: "longer maintenance"}}, e)
	require.NoError(t, s.Resume(background, testApp))
	ended := c.read()
	c.move(time.Hour)
	require.NoError(t, s.Pause(background, testApp, "again"))
	e, err = s.Endpoint(background, testApp)
	require.NoError(t, err)
	require.Equal(t, delivery.Endpoint{Pause: &delivery.Pause{Since: c.read(), Reason: "again"}, Resumed: ended}, e)
}

// The deliverer stops at a 410 and waits to hear of the pause: one that was not kept would hold up the app for ever.
func TestA410PausesAlsoAfterTheClockWasSetBack(t *testing.T) {
	const url = "http://127.0.0.1:1/"
	c := newClock()
	s := openAt(t, c.options(t.TempDir()))
	require.NoError(t, s.Update(background, func(tx live.Tx) error {
		return tx.PutCallback(testApp, live.Callback{URL: url})
	}))
	require.NoError(t, s.Pause(background, testApp, "maintenance"))
	require.NoError(t, s.Resume(background, testApp))
	c.move(-time.Hour)
	s.Settle(delivery.Outcome{Event: delivery.Event{Lane: delivery.Lane{App: testApp}}, Fate: delivery.Failed, Gone: url,
		Attempt: delivery.Attempt{At: c.read()}})
	require.Eventually(t, func() bool {
		e, err := s.Endpoint(background, testApp)
		return err == nil && e.Pause != nil && e.Pause.Gone
	}, 20*time.Second, time.Millisecond)
}
