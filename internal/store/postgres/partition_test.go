package postgres

import (
	"io/fs"
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

var createsTable = regexp.MustCompile(`(?m)^CREATE TABLE (\w+)`)

func TestTheDocumentationHasThePartitionKeyOfEveryTable(t *testing.T) {
	text, err := os.ReadFile("../../../docs/scaling.md")
	require.NoError(t, err)
	files, err := fs.Glob(migrations, "migrations/*.sql")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		steps, err := migrations.ReadFile(file)
		require.NoError(t, err)
		for _, table := range createsTable.FindAllSubmatch(steps, -1) {
			require.Regexp(t, `(?m)^\|.*`+"`"+string(table[1])+"`", string(text), file)
		}
	}
}
