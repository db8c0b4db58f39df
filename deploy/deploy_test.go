// Package deploy holds what operators need beside the binary: how it is run, alert rules and a dashboard. Its tests hold them
// against the configuration, the routes and the metrics of a server.
package deploy

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// metric is one row of the table in docs/metrics.md, which is made from the registry.
type metric struct{ kind, labels string }

func metrics(t *testing.T) map[string]metric {
	t.Helper()
	page, err := os.ReadFile("../docs/metrics.md")
	require.NoError(t, err)
	all := make(map[string]metric)
	for _, row := range regexp.MustCompile("(?m)^\\| `(greenroom_\\w+)` \\| (\\w+) \\| (.*?) \\| ").FindAllStringSubmatch(string(page), -1) {
		all[row[1]] = metric{row[2], row[3]}
	}
	require.Greater(t, len(all), 15)
	return all
}

func (m metric) has(label string) bool {
	general := label == "instance" || label == "job" || label == "le" && m.kind == "histogram"
	return general || strings.Contains(m.labels, "`"+label+"`")
}

// selector is a metric that an expression names, with its matchers.
var (
	selector = regexp.MustCompile(`\b(greenroom_\w+|process_\w+|up)\b(?:\{([^}]*)\})?`)
	matcher  = regexp.MustCompile(`(\w+)\s*(?:=~|!~|!=|=)\s*"`)
	grouping = regexp.MustCompile(`\b(?:by|on)\s*\(([^)]*)\)`)
	general  = regexp.MustCompile(`^(up|process_(cpu_seconds_total|resident_memory_bytes))$`)
	suffix   = regexp.MustCompile(`_(bucket|sum|count)$`)
)

// mistake returns what is wrong with an expression: a metric that the server does not show, or one without a label that the
// expression picks or groups by. It is empty when nothing is.
func mistake(known map[string]metric, expression string) string {
	found := selector.FindAllStringSubmatch(expression, -1)
	if len(found) == 0 {
		return "it names no metric"
	}
	for _, s := range found {
		if general.MatchString(s[1]) {
			continue
		}
		m, ok := known[s[1]]
		if base := suffix.ReplaceAllString(s[1], ""); !ok && known[base].kind == "histogram" {
			m = known[base]
		} else if !ok || m.kind == "histogram" {
			return "no series is called " + s[1]
		}
		for _, label := range labels(s[2], expression) {
			if !m.has(label) {
				return s[1] + " has no label " + label
			}
		}
	}
	return ""
}

// labels returns the labels in the matchers of a selector and in the groupings of the expression around it.
func labels(matchers, expression string) (all []string) {
	for _, l := range matcher.FindAllStringSubmatch(matchers, -1) {
		all = append(all, l[1])
	}
	for _, group := range grouping.FindAllStringSubmatch(expression, -1) {
		for label := range strings.SplitSeq(group[1], ",") {
			all = append(all, strings.TrimSpace(label))
		}
	}
	return all
}

type rules struct {
	Groups []struct {
		Rules []struct {
			Alert       string
			Expr        string
			For         string
			Labels      map[string]string
			Annotations map[string]string
		}
	}
}

func TestTheAlertsNameMetricsThatThereAre(t *testing.T) {
	known := metrics(t)
	text, err := os.ReadFile("prometheus/alerts.yml")
	require.NoError(t, err)
	var file rules
	require.NoError(t, yaml.Unmarshal(text, &file))
	page, err := os.ReadFile("../docs/metrics.md")
	require.NoError(t, err)
	tests, err := os.ReadFile("prometheus/alerts_test.yml")
	require.NoError(t, err)
	require.Len(t, file.Groups, 1)
	require.Len(t, file.Groups[0].Rules, 9)
	for _, r := range file.Groups[0].Rules {
		require.Empty(t, mistake(known, r.Expr), r.Expr)
		require.Contains(t, []string{"warning", "critical"}, r.Labels["severity"], r.Alert)
		require.NotEmpty(t, r.Annotations["summary"], r.Alert)
		require.NotEmpty(t, r.Annotations["description"], r.Alert)
		require.Contains(t, string(page), "| `"+r.Alert+"` | "+r.Labels["severity"]+" | ")
		require.Contains(t, string(tests), r.Alert)
	}
	for _, s := range regexp.MustCompile(`series: '([^']+)'`).FindAllStringSubmatch(string(tests), -1) {
		require.Empty(t, mistake(known, s[1]), s[1])
	}
}

type panel struct {
	ID      int
	Type    string
	Title   string
	GridPos place
	Targets []struct{ Expr string }
}

type place struct{ X, Y, W, H int }

func (p place) overlaps(o place) bool {
	return p.X < o.X+o.W && o.X < p.X+p.W && p.Y < o.Y+o.H && o.Y < p.Y+p.H
}

func TestTheDashboardShowsMetricsThatThereAre(t *testing.T) {
	known := metrics(t)
	text, err := os.ReadFile("grafana/greenroom.json")
	require.NoError(t, err)
	var dashboard struct {
		Panels     []panel
		Templating struct {
			List []struct{ Name, Type, Definition string }
		}
	}
	require.NoError(t, json.Unmarshal(text, &dashboard, json.MatchCaseInsensitiveNames(true)))
	ids, shown := make(map[int]bool), string(text)
	for i, p := range dashboard.Panels {
		require.False(t, ids[p.ID], "two panels have the id %d", p.ID)
		ids[p.ID] = true
		require.True(t, p.GridPos.X >= 0 && p.GridPos.W > 0 && p.GridPos.H > 0 && p.GridPos.X+p.GridPos.W <= 24, "%s: %+v", p.Title, p.GridPos)
		for _, other := range dashboard.Panels[:i] {
			require.False(t, p.GridPos.overlaps(other.GridPos), "%s lies over %s", p.Title, other.Title)
		}
		require.Equal(t, p.Type == "row", len(p.Targets) == 0, p.Title)
		for _, target := range p.Targets {
			require.Empty(t, mistake(known, target.Expr), target.Expr)
		}
	}
	require.Len(t, dashboard.Templating.List, 2)
	require.Equal(t, "datasource", dashboard.Templating.List[0].Type)
	require.Equal(t, "app", dashboard.Templating.List[1].Name)
	require.Empty(t, mistake(known, dashboard.Templating.List[1].Definition), dashboard.Templating.List[1].Definition)
	for name := range known {
		require.True(t, strings.Contains(shown, name), "the dashboard leaves out %s", name)
	}
}

func TestExpressionsThatNameNothingAreFound(t *testing.T) {
	known := metrics(t)
	for _, wrong := range []string{
		"greenroom_webhook_wating > 0", `greenroom_webhook_waiting{room="a"}`, "sum by (cause) (greenroom_webhook_waiting)",
		"rate(greenroom_webhook_age_seconds[5m])", "greenroom_webhook_waiting_bucket",
	} {
		require.NotEmpty(t, mistake(known, wrong), wrong)
	}
}
