package live_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

// codeConstants reads from the package's source every constant of the type Code.
func codeConstants(t *testing.T) map[string]live.Code {
	t.Helper()
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	all := make(map[string]live.Code)
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != "Code" {
				return true
			}
			for i, value := range spec.Values {
				number, err := strconv.Atoi(value.(*ast.BasicLit).Value)
				require.NoError(t, err, spec.Names[i].Name)
				all[spec.Names[i].Name] = live.Code(number)
			}
			return true
		})
	}
	return all
}

func TestEveryCodeHasAMeaning(t *testing.T) {
	constants := codeConstants(t)
	require.Greater(t, len(constants), 70)
	numbers, texts := make(map[live.Code]string), make(map[string]live.Code)
	for name, code := range constants {
		require.NotEmpty(t, code.Meaning(), "%s, %d", name, code)
		require.Regexp(t, `^[A-Za-z].*\.$`, code.Meaning(), "a sentence: %s", name)
		require.Empty(t, numbers[code], "%s has the number of another code", name)
		numbers[code] = name
		texts[code.Meaning()] = code
	}
	require.Len(t, live.Codes(), len(constants))
	require.IsIncreasing(t, live.Codes())
	require.Greater(t, len(texts), len(constants)-5, "meanings tell the codes apart")
}

func TestCodesThatTheAppServerMayAnswerWithHaveAMeaning(t *testing.T) {
	for code, want := range map[live.Code]string{
		10099: "", 10100: "message", 10200: "message", 10201: "", 102099: "", 102100: "gift", 102200: "gift", 102201: "", 0: "", -1: "",
	} {
		if want == "" {
			require.Empty(t, code.Meaning(), code)
			continue
		}
		require.Contains(t, code.Meaning(), want, code)
	}
}
