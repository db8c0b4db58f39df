package sqlite

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
	"github.com/greenroom-live/greenroom/internal/store/storetest"
)

// TestNoStatementReadsMoreThanItNeeds holds how SQLite would carry out every statement of this package: none goes
// through a table, or through all rows of an app, when these can be many.
func TestNoStatementReadsMoreThanItNeeds(t *testing.T) {
	statements := usedStatements(t)
	for _, text := range writtenStatements(t) {
		found := false
		for s := range statements {
			found = found || strings.Contains(s, text)
		}
		require.True(t, found, "nothing here has carried out %q", text)
	}
	s, err := Open(options(t.TempDir()), deaf{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	require.Greater(t, len(statements), 130)
	for statement := range statements {
		for _, step := range planOf(t, s, statement) {
			require.Empty(t, complaint(statement, step), "%s\n%s", statement, step)
		}
	}
}

var (
	wholeTable = regexp.MustCompile(`^SCAN (\w+)`)
	wholeApp   = regexp.MustCompile(`^SEARCH (\w+) USING .*\(app=\?\)$`)
	sorted     = regexp.MustCompile(`^USE TEMP B-TREE`)
	// catalogue is what an app may have a bounded number of, of which the lists are read as a whole.
	catalogue = regexp.MustCompile(`\b(gifts|gift_texts|gift_categories|gift_category_texts|gift_relations)\b`)
)

// complaint says what is wrong with one step of a statement's plan; nothing when all is well.
func complaint(statement, step string) string {
	if strings.HasSuffix(statement, " LIMIT 1") && !sorted.MatchString(step) {
		return "" // it stops at the first row
	}
	if m := wholeTable.FindStringSubmatch(step); m != nil && m[1] != "outbox_sequence" {
		return "reads a whole table"
	}
	if catalogue.MatchString(statement) {
		return ""
	}
	if wholeApp.MatchString(step) && !strings.Contains(statement, "LIMIT ?") {
		return "reads all rows of an app"
	}
	if sorted.MatchString(step) && !strings.Contains(statement, "LIMIT ?)") { // the rows of one page may be sorted
		return "sorts"
	}
	return ""
}

func planOf(t *testing.T, s *Store, statement string) (steps []string) {
	rows, err := s.db.Query("EXPLAIN QUERY PLAN "+statement, make([]any, strings.Count(statement, "?"))...)
	require.NoError(t, err, statement)
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var step string
		require.NoError(t, rows.Scan(&id, &parent, &unused, &step))
		steps = append(steps, step)
	}
	require.NoError(t, rows.Err())
	return steps
}

// usedStatements are those that the suite of all engines carries out, and a call of every method of live.Tx.
func usedStatements(t *testing.T) map[string]bool {
	used := make(map[string]bool)
	open := func(t *testing.T, opts Options, l store.Listener) *Store {
		s, err := Open(opts, l)
		require.NoError(t, err)
		conns := []*conn{s.writer.c}
		for range cap(s.readers) { // all at once: the one that counts comes last
			conns = append(conns, <-s.readers)
		}
		for _, c := range conns[1:] {
			s.readers <- c
		}
		t.Cleanup(func() {
			s.writer.stop() // a store that was opened again may not be closed yet
			s.stopped.Wait()
			for _, c := range conns {
				for statement := range c.stmts {
					used[statement] = true
				}
			}
		})
		return s
	}
	t.Run("suite", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T, dir string, l store.Listener) storetest.Engine { return open(t, options(dir), l) })
	})
	t.Run("methods", func(t *testing.T) { callEverything(t, open(t, options(t.TempDir()), deaf{})) })
	t.Run("trimming", func(t *testing.T) {
		clock := newClock()
		opts := clock.options(t.TempDir())
		s := open(t, opts, deaf{})
		untidy(t, s)
		for i := range mergeBlocks {
			write(t, s, delivered(clock, i, 10))
		}
		_, err := s.mergeLog(1)
		require.NoError(t, err)
		trimEverything(t, s, clock)
		require.NoError(t, s.Close())
	})
	delete(used, "") // of a list of follows that does not exist
	for _, pragma := range []string{"BEGIN", "ROLLBACK", "COMMIT", "SAVEPOINT", "RELEASE", "PRAGMA"} {
		for statement := range used {
			if strings.HasPrefix(statement, pragma) {
				delete(used, statement)
			}
		}
	}
	return used
}

// callEverything calls each method of live.Tx with arguments that say nothing.
func callEverything(t *testing.T, s *Store) {
	require.NoError(t, s.Update(background, func(tx live.Tx) error {
		v := reflect.ValueOf(&tx).Elem()
		for i := range v.NumMethod() {
			name, method := v.Type().Method(i).Name, v.Method(i)
			if name == "Emit" {
				continue // has no statement of its own but that of the outbox
			}
			var args []reflect.Value
			for n := range method.Type().NumIn() {
				args = append(args, reflect.Zero(method.Type().In(n)))
			}
			results := method.Call(args)
			if err, _ := results[len(results)-1].Interface().(error); err != nil {
				require.NoError(t, err, name)
			}
		}
		return nil
	}))
	require.NoError(t, s.Ping(background))
	require.NoError(t, s.Close())
}

var begins = regexp.MustCompile(`^(SELECT|INSERT|UPDATE|DELETE)\b[^%]{12,}`)

// writtenStatements are the statements, or the beginnings of some, that stand in this package's source.
func writtenStatements(t *testing.T) (texts []string) {
	files, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, 0)
		require.NoError(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				text, err := strconv.Unquote(literal.Value)
				require.NoError(t, err)
				if begins.MatchString(text) {
					texts = append(texts, text)
				}
			}
			return true
		})
	}
	require.Greater(t, len(texts), 100)
	return texts
}
