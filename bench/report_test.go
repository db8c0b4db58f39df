package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/bench/rig"
)

// reported is a report with one measurement of each kind.
func reported(missing int) *report {
	r := &report{Machine: "a machine", Load: "a load", Taken: "2026-01-02"}
	r.addCeiling(30_000)
	r.add(figure{Run: "pairs", Name: "set + del + webhook", Value: 5_500.4, Unit: perSecond, exchanges: 16_501.2, atLeastRatio: 0.5})
	const us = time.Microsecond
	r.addLatency(rig.Sample{1500 * us, 2500 * us}, rig.Sample{0}, rig.Sample{400 * us}, rig.Sample{600 * us})
	r.addLosses("pairs", missing, 0)
	r.addCeiling(40_000)
	return r
}

func TestFiguresAreJudgedByTheMeanOfBothCeilings(t *testing.T) {
	r := reported(0)
	require.NoError(t, r.finish())
	require.Equal(t, []float64{30_000, 40_000, 35_000}, []float64{r.Figures[0].Value, r.Figures[1].Value, r.Figures[2].Value})
	pairs := r.Figures[3]
	require.InDelta(t, 16_501.2/35_000, *pairs.Ratio, 1e-9)
	require.False(t, *pairs.Met)
	p50, p99 := r.Figures[4], r.Figures[6]
	require.Equal(t, 1.5, p50.Value)
	require.Nil(t, p50.Met)
	require.Equal(t, 2.5, p99.Value)
	require.False(t, *p99.Met)
}

func TestWithoutACeilingThereAreNoRatios(t *testing.T) {
	r := &report{}
	r.add(figure{Run: "drain", Name: "webhooks of a backlog", Value: 1, Unit: perSecond, exchanges: 1, atLeastRatio: 0.7})
	require.NoError(t, r.finish())
	require.Nil(t, r.Figures[0].Ratio)
	require.Nil(t, r.Figures[0].Met)
}

func TestLostWebhooksFailTheRun(t *testing.T) {
	require.ErrorContains(t, reported(1).finish(), "webhooks were lost")
}

func TestTheTableIsAligned(t *testing.T) {
	r := reported(0)
	require.NoError(t, r.finish())
	var out strings.Builder
	require.NoError(t, r.write(&out, options{}))
	require.Equal(t, `a machine; a load; 2026-01-02

run      figure                                                  value       of the ceiling  aim
ceiling  bare POST, before                                       30,000/s
ceiling  bare POST, after                                        40,000/s
ceiling  bare POST, mean                                         35,000/s
pairs    set + del + webhook                                     5,500/s     0.47            ratio >= 0.5: MISSED
latency  del started to webhook arrived, p50                     1.50 ms
latency  del started to webhook arrived, p90                     2.50 ms
latency  del started to webhook arrived, p99                     2.50 ms                     <= 2 ms: MISSED
latency  del started to webhook arrived, max                     2.50 ms
latency  call started late by, p99                               0.00 ms
latency  bare POST, p99                                          0.40 ms
latency  write and fsync of 1 KiB, p99                           0.60 ms
latency  webhook's p99 to those of bare POST and fsync together  2.50 times                  <= 2 times: MISSED
pairs    missing                                                 0 webhooks                  <= 0 webhooks: met
pairs    repeated or unknown                                     0 webhooks                  <= 0 webhooks: met
`, out.String())
}

func TestTheFiguresAlsoComeAsMarkdownAndJSON(t *testing.T) {
	r := reported(0)
	require.NoError(t, r.finish())
	file := filepath.Join(t.TempDir(), "figures.json")
	var out strings.Builder
	require.NoError(t, r.write(&out, options{markdown: true, json: file}))
	require.Contains(t, out.String(), "\n| run | figure | value | of the ceiling | aim |\n| --- | --- | ---: | ---: | --- |\n")
	require.Contains(t, out.String(), "\n| pairs | set + del + webhook | 5,500/s | 0.47 | ratio >= 0.5: MISSED |\n")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(text), `"ratio_to_ceiling": 0.47`)
	require.NotContains(t, string(text), `"aim": ""`)
}

func TestWebhooksOutOfOrderFailTheRun(t *testing.T) {
	r := &report{}
	r.addDisorder("start", 0)
	require.NoError(t, r.finish())
	r.addDisorder("drain", 2)
	require.ErrorContains(t, r.finish(), "out of order")
	require.True(t, *r.Figures[0].Met)
	require.False(t, *r.Figures[1].Met)
}

func TestAComparisonNeedsSomethingToCompareWith(t *testing.T) {
	r := &report{}
	r.addComparison("outage", "p99", 3, 0, 1.3)
	require.Empty(t, r.Figures)
	r.addComparison("outage", "p99", 1.3, 1, 1.3)
	r.addComparison("outage", "p99", 2.7, 2, 1.3)
	require.NoError(t, r.finish())
	require.Equal(t, []string{"outage", "p99", "1.30 times", "", "<= 1.3 times: met"}, r.Figures[0].cells())
	require.Equal(t, []string{"outage", "p99", "1.35 times", "", "<= 1.3 times: MISSED"}, r.Figures[1].cells())
}

func TestAFlatCostIsThatMuchInTheDatabaseCostsNoMore(t *testing.T) {
	little := cost{pairs: 6000, pairCPU: 150 * time.Microsecond, drain: 30_000, drainCPU: 40 * time.Microsecond}
	much := cost{pairs: 5000, pairCPU: 210 * time.Microsecond, drain: 15_000, drainCPU: 44 * time.Microsecond}
	r := &report{}
	r.addCost("10 rooms", little)
	r.addFlatness("many to 10", much, little)
	require.NoError(t, r.finish())
	var cells []string
	for _, f := range r.Figures {
		cells = append(cells, strings.Join(f.cells(), "|"))
	}
	require.Equal(t, []string{
		"flat|10 rooms: set + del + webhook|6,000/s||",
		"flat|10 rooms: server's CPU for a pair|150 µs||",
		"flat|10 rooms: webhooks of a backlog|30,000/s||",
		"flat|10 rooms: server's CPU for a webhook of a backlog|40 µs||",
		"flat|many to 10: time for a pair|1.20 times||<= 1.3 times: met",
		"flat|many to 10: CPU for a pair|1.40 times||<= 1.3 times: MISSED",
		"flat|many to 10: time for a webhook of a backlog|2.00 times||<= 1.3 times: MISSED",
		"flat|many to 10: CPU for a webhook of a backlog|1.10 times||<= 1.3 times: met",
	}, cells)
}

func TestThousandsAreSeparated(t *testing.T) {
	for n, want := range map[float64]string{0: "0", 999: "999", 999.6: "1,000", 1234567: "1,234,567"} {
		require.Equal(t, want, thousands(n))
	}
}
