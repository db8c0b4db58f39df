package gateway

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheClientGuideNamesEveryMethodAndNoOther(t *testing.T) {
	guide, err := os.ReadFile("../../docs/client.md")
	require.NoError(t, err)
	named := make(map[string]bool)
	for _, found := range regexp.MustCompile("`([a-z][a-zA-Z]+\\.[a-z][a-zA-Z]+)`").FindAllSubmatch(guide, -1) {
		named[string(found[1])] = true
	}
	for _, m := range methods {
		require.True(t, named[m.name], "the guide does not name %s", m.name)
	}
	event := regexp.MustCompile(`^[a-zA-Z]+\.on[A-Z]`)
	for name := range named {
		if event.MatchString(name) || strings.HasPrefix(name, "centrifuge.") {
			continue
		}
		_, ok := methodsByName[name]
		require.True(t, ok, "there is no method %s", name)
	}
}
