package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// table writes lines of cells under one another.
func table(out io.Writer, lines [][]string) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, cells := range lines {
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	return w.Flush()
}

// outcomes say what became of each user of a call.
type outcomes struct {
	lines   [][]string
	refused int
}

// add takes what became of one user: done in words, more than one for a table with more columns, or a refusal.
func (o *outcomes) add(user string, code int, info string, done ...string) {
	if code != 0 {
		o.refused++
		done = []string{fmt.Sprintf("%d: %s", code, onLine(info))}
	}
	o.lines = append(o.lines, append([]string{asWord(user)}, done...))
}

// write writes a line for each user, after the header if there is one; err is how the call ended.
func (o *outcomes) write(out io.Writer, err error, header ...string) error {
	if err != nil {
		return err
	}
	lines := o.lines
	if len(header) > 0 {
		lines = slices.Insert(lines, 0, header)
	}
	return cmp.Or(table(out, lines), refusalsOf(o.refused, len(o.lines)))
}

// refusals end a command that printed what became of each user, when that was a refusal for some.
type refusals struct{ refused, users int }

func (r *refusals) Error() string { return fmt.Sprintf("refused for %d of %d", r.refused, r.users) }

func refusalsOf(refused, users int) error {
	if refused == 0 {
		return nil
	}
	return &refusals{refused, users}
}
