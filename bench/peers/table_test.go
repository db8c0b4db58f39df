package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/bench/rig"
)

func TestTheTableComparesWithTheMeanOfTheCeilings(t *testing.T) {
	table := &table{machine: "a machine", load: "a load", taken: "2026-01-02"}
	table.addCeiling(30_000, rig.Sample{time.Millisecond})
	durable := result{entry: entry{word: "a", name: "A", notes: "fsync"}, rate: 3500, drain: 17_500.4,
		latency: rig.Sample{time.Millisecond, 3 * time.Millisecond}, ordered: 1000, outOfOrder: 7}
	durable.note(rig.Counts{Accepted: 11, Distinct: 9}, 10) // one is missing, two came twice
	table.add(durable)
	table.add(result{entry: entry{word: "b", name: "B", notes: "in memory"}, rate: 1_234_567, ordered: 100})
	table.addLosses("a", &loss{1000, 0}, &loss{1000, 12})
	table.addLosses("nobody", &loss{1, 1}, &loss{1, 1})
	table.addCeiling(40_000, rig.Sample{2 * time.Millisecond})

	var out strings.Builder
	require.NoError(t, table.write(&out))
	lines := strings.Split(out.String(), "\n")
	require.Equal(t, "a machine; a load; 2026-01-02", lines[0])
	columns := strings.Count(lines[2], "|")
	for _, line := range lines[3:7] {
		require.Equal(t, columns, strings.Count(line, "|"), line)
	}
	require.Equal(t, []string{
		"| bare POST |  | 35,000 |  | 1.00 ms | 2.00 ms |  |  |  |  |",
		"| A | fsync | 3,500 (0.10) | 17,500 (0.50) | 1.00 ms | 3.00 ms | 3 | 7 of 1000 | 0 of 1000 | 12 of 1000 |",
		"| B | in memory | 1,234,567 (35.27) | — | — | — | 0 | 0 of 100 | — | — |",
	}, lines[4:7])
}

func TestNothingIsWrittenWhenNothingWasMeasured(t *testing.T) {
	var out strings.Builder
	require.NoError(t, new(table).write(&out))
	require.Empty(t, out.String())
}
