package delivery_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
)

// shown returns what the metrics show of the house's app, by name and the label beside app, if there is one.
func (h *house) shown() map[string]float64 {
	h.t.Helper()
	families, err := h.metrics.Registry.Gather()
	require.NoError(h.t, err)
	all := make(map[string]float64)
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, l := range m.GetLabel() {
				if l.GetName() != "app" {
					name += " " + l.GetValue()
				}
			}
			all[name] = m.GetGauge().GetValue() + m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return all
}

func TestTheMetricsShowWhatWaitsAndWhatIsDead(t *testing.T) {
	h := newHouse(t, nil)
	var backlog delivery.Backlog
	h.metrics.Registry.MustRegister(h.delivery.Collector(func(id live.AppID) delivery.Backlog {
		require.Equal(t, app, id)
		return backlog
	}))
	require.NotContains(t, h.shown(), "greenroom_webhook_waiting", "it is not counted yet")
	require.NotContains(t, h.shown(), "greenroom_webhook_oldest_seconds")
	require.NotContains(t, h.shown(), "greenroom_webhook_dead_letters")

	backlog = delivery.Backlog{Known: true, Dead: 2}
	require.Zero(t, h.shown()["greenroom_webhook_waiting"])
	require.Zero(t, h.shown()["greenroom_webhook_oldest_seconds"], "nothing waits")
	require.EqualValues(t, 2, h.shown()["greenroom_webhook_dead_letters"])

	backlog.Waiting, backlog.Oldest = 3, time.Now().Add(-time.Hour)
	require.EqualValues(t, 3, h.shown()["greenroom_webhook_waiting"])
	require.InDelta(t, 3600, h.shown()["greenroom_webhook_oldest_seconds"], 60)

	backlog.Oldest = time.Now().Add(time.Hour)
	require.Zero(t, h.shown()["greenroom_webhook_oldest_seconds"], "a clock that went back makes no negative age")
}

func TestTheMetricsShowBreakersAndPauses(t *testing.T) {
	h := newHouse(t, nil)
	h.metrics.Registry.MustRegister(h.delivery.Collector(h.store.Backlog))
	h.start()
	h.emit(1, 1)
	h.waitSettled(delivery.Delivered, 1)
	for _, name := range []string{"greenroom_webhook_breaker_open webhooks", "greenroom_webhook_breaker_open questions", "greenroom_webhook_paused"} {
		require.Contains(t, h.shown(), name)
		require.Zero(t, h.shown()[name], name)
	}
	h.server.AnswerStatus(http.StatusBadGateway)
	h.emit(20, 1)
	h.until("an open breaker", func(s delivery.Status) bool { return s.Breaker.State != delivery.Closed })
	require.EqualValues(t, 1, h.shown()["greenroom_webhook_breaker_open webhooks"])
	require.Zero(t, h.shown()["greenroom_webhook_breaker_open questions"])
	h.server.AnswerStatus(http.StatusGone)
	h.until("a pause", func(s delivery.Status) bool { return s.Pause != nil })
	require.EqualValues(t, 1, h.shown()["greenroom_webhook_paused"])
}
