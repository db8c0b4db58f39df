package sqlite

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
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
