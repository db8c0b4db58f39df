package deploy

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const chart = "helm/greenroom"

// templates are the texts of the chart's templates, which can be parsed.
func templates(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob(chart + "/templates/*")
	require.NoError(t, err)
	require.Greater(t, len(files), 7)
	functions := template.FuncMap{}
	for _, name := range []string{"include", "toYaml", "toJson", "nindent", "quote", "default", "required", "contains", "sha256sum", "list"} {
		functions[name] = func(...any) string { return "" }
	}
	var text strings.Builder
	for _, file := range files {
		content := read(t, file)
		_, err := template.New(file).Funcs(functions).Parse(content)
		require.NoError(t, err)
		text.WriteString(content)
	}
	return text.String()
}

func values(t *testing.T) map[string]any {
	t.Helper()
	return parse[map[string]any](t, read(t, chart+"/values.yaml"))
}

// TestTheChartUsesEveryValueAndNoOther is about words that are mistyped on one side.
func TestTheChartUsesEveryValueAndNoOther(t *testing.T) {
	text, known := templates(t), values(t)
	used := all(`\.Values\.([A-Za-z.]+)`, text)
	require.Greater(t, len(used), 20)
	for _, path := range used {
		var at any = known
		for name := range strings.SplitSeq(path, ".") {
			section, ok := at.(map[string]any)
			require.True(t, ok, path)
			require.Contains(t, section, name, path)
			at = section[name]
		}
	}
	for name, value := range known {
		section, nested := value.(map[string]any)
		if slices.Contains(used, name) || !nested {
			require.Contains(t, used, name)
			continue
		}
		for inner := range section {
			require.Contains(t, used, name+"."+inner)
		}
	}
	defined := all(`define "([a-z.]+)"`, text)
	for _, name := range all(`include "([a-z.]+)"`, text) {
		require.Contains(t, defined, name)
	}
}

// schema is as much of JSON Schema as values.schema.json uses for what has a name.
type schema struct {
	Type       any               `json:"type"`
	Enum       []any             `json:"enum"`
	Open       any               `json:"additionalProperties"`
	Required   []string          `json:"required"`
	Properties map[string]schema `json:"properties"`
}

func TestTheSchemaIsOfTheValues(t *testing.T) {
	var s schema
	require.NoError(t, json.Unmarshal([]byte(read(t, chart+"/values.schema.json")), &s))
	delete(s.Properties, "global") // Helm's own
	s.match(t, "values", values(t))
}

func (s schema) match(t *testing.T, path string, value any) {
	t.Helper()
	if len(s.Enum) > 0 {
		require.Contains(t, s.Enum, value, path)
		return
	}
	section, isObject := value.(map[string]any)
	kind := map[string]string{"string": "string", "int": "integer", "bool": "boolean", "[]interface {}": "array",
		"map[string]interface {}": "object"}[fmt.Sprintf("%T", value)]
	require.Contains(t, fmt.Sprint(s.Type), kind, path)
	if !isObject || s.Properties == nil {
		return
	}
	require.Equal(t, false, s.Open, "%s: a mistyped value is to be found", path)
	require.ElementsMatch(t, slices.Collect(maps.Keys(s.Properties)), slices.Collect(maps.Keys(section)), path)
	for name, inner := range s.Properties {
		inner.match(t, path+"."+name, section[name])
	}
	for _, name := range s.Required {
		require.Contains(t, section, name, path)
	}
}

func TestTheChartsConfigurationIsOne(t *testing.T) {
	given := values(t)
	rest, err := yaml.Marshal(given["config"])
	require.NoError(t, err)
	configMap := read(t, chart+"/templates/configmap.yaml")
	var file strings.Builder
	for _, line := range all(`(?m)^    (\w+: .*)$`, configMap) {
		file.WriteString(line + "\n")
	}
	require.Equal(t, 2, strings.Count(file.String(), "\n"))
	secret := read(t, chart+"/templates/secret.yaml")
	require.ElementsMatch(t, slices.Collect(maps.Keys(secrets)), all(`(?m)^  (GREENROOM_\w+): `, secret))
	deployment := read(t, chart+"/templates/deployment.yaml")
	environment := with(secrets, nil)
	for _, name := range all(`- name: (GREENROOM_\w+)`, deployment) {
		environment[name] = "from-the-pod"
	}
	require.Contains(t, environment, "GREENROOM_CLUSTER_NODE_NAME")
	c := load(t, file.String()+string(rest), environment)
	require.Equal(t, "from-the-pod", c.Cluster.NodeName)
	require.Equal(t, ":"+all(`containerPort: (\d+)`, deployment)[0], c.Listen)
	require.Contains(t, deployment, "{name: data, mountPath: "+c.DataDir+"}")
	require.True(t, c.Shared())
	patience := time.Duration(given["terminationGracePeriodSeconds"].(int)-given["preStopSeconds"].(int)) * time.Second
	require.Greater(t, patience, stopping(c))
	user := all(`(?m)^USER (\d+):`, read(t, "Dockerfile"))[0]
	require.Contains(t, deployment, "runAsUser: "+user+"\n")
	require.Contains(t, deployment, "readOnlyRootFilesystem: true")
	for _, setting := range []string{"config", "secret"} {
		require.Contains(t, deployment, "checksum/"+setting, "a change restarts the nodes")
	}
}
