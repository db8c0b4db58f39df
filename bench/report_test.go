package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// reported is a report with one measurement of each kind.
func reported(missing int) *report {
	r := &report{Machine: "a machine", Load: "a load", Taken: "2026-01-02"}
	r.addCeiling(30_000)
	r.add(figure{Run: "pairs", Name: "set + del + webhook", Value: 5_500.4, Unit: perSecond, exchanges: 16_501.2, atLeastRatio: 0.5})
	r.addLatency(newSample([]time.Duration{1500 * time.Microsecond, 2500 * time.Microsecond}), newSample([]time.Duration{0}))
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

run      figure                               value       of the ceiling  aim
ceiling  bare POST, before                    30,000/s
ceiling  bare POST, after                     40,000/s
ceiling  bare POST, mean                      35,000/s
pairs    set + del + webhook                  5,500/s     0.47            ratio >= 0.5: MISSED
latency  del started to webhook arrived, p50  1.50 ms
latency  del started to webhook arrived, p90  2.50 ms
latency  del started to webhook arrived, p99  2.50 ms                     <= 2 ms: MISSED
latency  del started to webhook arrived, max  2.50 ms
latency  call started late by, p99            0.00 ms
pairs    missing                              0 webhooks                  <= 0 webhooks: met
pairs    repeated or unknown                  0 webhooks                  <= 0 webhooks: met
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

func TestThousandsAreSeparated(t *testing.T) {
	for n, want := range map[float64]string{0: "0", 999: "999", 999.6: "1,000", 1234567: "1,234,567"} {
		require.Equal(t, want, thousands(n))
	}
}
