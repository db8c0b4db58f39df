//go:build unix

package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/operator"
	"github.com/greenroom-live/greenroom/internal/testkit"
)

func TestNodesListsAProcessThatServesAlone(t *testing.T) {
	operate(t, "allow_private_addresses: true")
	lines := strings.Split(strings.TrimSpace(succeed(t, "nodes")), "\n")
	require.Len(t, lines, 2)
	require.Regexp(t, `^NODE +NAME +VERSION +SINCE +SEEN$`, lines[0])
	require.Regexp(t, `^1 +\S+ \* +\S+ +20\S+Z +20\S+Z$`, lines[1])
}

func TestNodesListsAllProcessesOnOneDatabase(t *testing.T) {
	const token = "a-token-of-the-tests"
	testkit.Binary(t) // before the working directory changes
	t.Chdir(t.TempDir())
	t.Setenv("GREENROOM_DATABASE_URL", testkit.Database(t))
	t.Setenv("GREENROOM_OPERATOR_TOKEN", token)
	t.Setenv("GREENROOM_APPS", `[{sdk_app_id: 1400000123, secret_key: a key of the tests}]`)
	address := regexp.MustCompile(`http://[^\s"]+`)
	var urls []string
	for _, name := range []string{"one", "two"} {
		p, _ := launch(t, t.TempDir(), "--cluster-node-name", name)
		p.url = address.FindString(p.stderr.find(t, "data=PostgreSQL"))
		p.becomeReady()
		urls = append(urls, p.url)
	}
	t.Setenv("GREENROOM_CLI_OPERATOR_TOKEN", token)
	var all operator.Nodes
	require.NoError(t, json.Unmarshal([]byte(succeed(t, "nodes", "--json", "--server", urls[1])), &all))
	require.Len(t, all.Nodes, 2)
	require.Equal(t, []string{"one", "two"}, []string{all.Nodes[0].Name, all.Nodes[1].Name})
	require.Equal(t, all.Nodes[1].ID, all.Node)
	require.Contains(t, succeed(t, "nodes", "--server", urls[0]), "one *")
	require.Regexp(t, `(?m)^APP .* NODE +URL$`, succeed(t, "webhook", "status", "--server", urls[0]))
	require.Regexp(t, `(?m)^1400000123 .* two +-$`, succeed(t, "webhook", "status", "--server", urls[1]))
}

func TestServeMakesNoAppForADatabaseThatIsShared(t *testing.T) {
	err := fail(t, "serve", "--data-dir", t.TempDir(), "--database-url", "postgres://nobody@127.0.0.1:1/nothing")
	require.ErrorContains(t, err, "no app is configured: with database_url there is no app for development")
}
