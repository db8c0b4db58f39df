package delivery

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/observe"
)

func TestEachFailureIsCountedByItsCause(t *testing.T) {
	broke := errors.New("the connection was reset")
	tests := map[string][]attempt{
		"refused":      {{err: inPlainWords(fmt.Errorf("dial: %w", &refusedAddress{netip.MustParseAddr("10.0.0.1"), netip.Addr{}}))}},
		"not_reached":  {{err: broke}},
		"timeout":      {{err: fmt.Errorf("%w within 2s", errLate)}, {err: errLate, sent: true}},
		"broken":       {{err: broke, sent: true}, {err: broke, sent: true, status: 200}},
		"status_3xx":   {{status: 300}, {status: 302}, {status: 399}},
		"status_4xx":   {{status: 400}, {status: 410}, {status: 499, err: errLate, sent: true}},
		"status_5xx":   {{status: 500}, {status: 599}},
		"status_other": {{status: 101}, {status: 204}, {status: 600}, {status: 999}},
		"not_json":     {{status: 200, body: []byte("ok")}, {status: 200}},
		"says_fail":    {{status: 200, body: []byte(`{"ActionStatus":"FAIL"}`)}},
	}
	require.Len(t, tests, len(failureClasses))
	for want, attempts := range tests {
		for _, a := range attempts {
			a.examine(Policy{RetryOnFail: true})
			require.NotEmpty(t, a.why)
			require.Equal(t, want, failureClasses[classOf(a)], "%+v", a)
		}
	}
}

// TestADeliveryIsAsOldAsItsPlaceInTheQueue: what is replayed after a month was not a month on its way.
func TestADeliveryIsAsOldAsItsPlaceInTheQueue(t *testing.T) {
	m := observe.NewMetrics()
	f := newFigures(m, "1")
	now := time.Now()
	a := attempt{status: 200, body: []byte("{}"), started: now, ended: now.Add(time.Second)}
	e := Event{At: now.Add(-30 * 24 * time.Hour), Queued: now.Add(-2 * time.Second)}
	f.measure(a, verdict{Outcome: Outcome{Event: e, Fate: Delivered}})
	f.measure(attempt{}, verdict{Outcome: Outcome{Event: e, Fate: Failed}})
	families, err := m.Registry.Gather()
	require.NoError(t, err)
	for _, family := range families {
		if family.GetName() == "greenroom_webhook_age_seconds" {
			age := family.GetMetric()[0].GetHistogram()
			require.EqualValues(t, 1, age.GetSampleCount())
			require.InDelta(t, 3, age.GetSampleSum(), 0.001)
			return
		}
	}
	require.Fail(t, "no age is shown")
}
