package observe_test

import (
	"cmp"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
)

var update = flag.Bool("update", false, "write the table of docs/metrics.md anew")

const (
	page       = "../../docs/metrics.md"
	begin, end = "<!-- The table is made by go generate ./internal/observe. -->\n", "<!-- The end of the table. -->\n"
)

func TestThePageOfTheMetricsIsUpToDate(t *testing.T) {
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(text), begin)
	require.True(t, found)
	table, after, found := strings.Cut(rest, end)
	require.True(t, found)
	want := metricsTable(t)
	if *update {
		table = want
		require.NoError(t, os.WriteFile(page, []byte(before+begin+table+end+after), 0o644))
	}
	require.Equal(t, want, table, "run: go generate ./internal/observe")
}

// metricsTable lists every metric of a server in Markdown.
func metricsTable(t *testing.T) string {
	t.Helper()
	families, err := serverMetrics().Gather()
	require.NoError(t, err)
	var table strings.Builder
	table.WriteString("| metric | type | labels | what it is |\n| --- | --- | --- | --- |\n")
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "greenroom_") {
			continue
		}
		require.NotEmpty(t, f.GetHelp())
		require.True(t, strings.HasSuffix(f.GetHelp(), "."), "the help of %s is a sentence", f.GetName())
		var labels []string
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, "`"+l.GetName()+"`")
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", f.GetName(), strings.ToLower(f.GetType().String()),
			cmp.Or(strings.Join(labels, ", "), "-"), f.GetHelp())
	}
	return table.String()
}

// serverMetrics are the metrics of a server with one app, each with at least one series.
func serverMetrics() *prometheus.Registry {
	m := observe.NewMetrics()
	d := delivery.New(delivery.Options{Apps: []delivery.App{{ID: 1, Concurrency: 1}}, Log: slog.New(slog.DiscardHandler), Metrics: m})
	m.Registry.MustRegister(d.Collector(func(live.AppID) delivery.Backlog { return delivery.Backlog{Known: true} }))
	fields := reflect.ValueOf(*m)
	for i := range fields.NumField() {
		switch v := fields.Field(i).Interface().(type) {
		case *prometheus.CounterVec:
			v.WithLabelValues(someLabels(v)...)
		case *prometheus.GaugeVec:
			v.WithLabelValues(someLabels(v)...)
		case *prometheus.HistogramVec:
			v.WithLabelValues(someLabels(v)...)
		}
	}
	return m.Registry
}

var variableLabels = regexp.MustCompile(`variableLabels: \{([^}]+)\}`)

// someLabels returns as many values as c has labels.
func someLabels(c prometheus.Collector) []string {
	descs := make(chan *prometheus.Desc, 1)
	c.Describe(descs)
	names := variableLabels.FindStringSubmatch((<-descs).String())[1]
	return strings.Split(names, ",")
}
