package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/internal/transfer"
)

func newImportCommand() *cobra.Command {
	var from, to string
	var restart bool
	cmd := &cobra.Command{
		Use:   "import --from sqlite://DIR --to postgres://...",
		Short: "Move an embedded installation into PostgreSQL",
		Long: `Move an embedded installation, the database in a data folder, into an empty PostgreSQL database: rooms, members,
accounts, catalogues, webhook configurations, timers, waiting webhooks in their order, dead letters and the delivery log.

The server of the data folder must be stopped. The folder is left as it is, but for migrations to this version. When the
import is stopped or killed, at any moment, call it again with the same --from and --to: it goes on. In the end every
table is counted and summed up on both sides. Only when all are the same is the import finished; until then no server
starts on the database, and the exit code is 1.

Files of the data folder other than the database stay: give the servers your apps, and a token for operators, by their
configuration.`,
		Example: `  greenroom import --from sqlite:///var/lib/greenroom --to postgres://greenroom@db.example.com/greenroom
  GREENROOM_DATABASE_URL=postgres://greenroom:secret@db/greenroom greenroom import --from sqlite://./greenroom-data`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			folder, isFolder := strings.CutPrefix(from, "sqlite://")
			if !isFolder || folder == "" {
				return errors.New("--from must be sqlite:// and the data folder, such as sqlite:///var/lib/greenroom")
			}
			if to == "" {
				to = os.Getenv("GREENROOM_DATABASE_URL")
			}
			if !strings.HasPrefix(to, "postgres://") && !strings.HasPrefix(to, "postgresql://") {
				return errors.New("--to, or GREENROOM_DATABASE_URL, must begin with postgres://")
			}
			return runImport(untilSignal(cmd.Context()), transfer.Options{Folder: folder, URL: to, Restart: restart},
				cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "the data folder: sqlite://DIR")
	cmd.Flags().StringVar(&to, "to", "", "the database; without it GREENROOM_DATABASE_URL, which others cannot see in a list of processes")
	cmd.Flags().BoolVar(&restart, "restart", false, "remove what an import that was not finished has left, and begin anew")
	return cmd
}

func runImport(ctx context.Context, opts transfer.Options, out, status io.Writer) error {
	progress := newProgress(status)
	opts.Progress = progress.show
	result, err := transfer.Run(ctx, opts)
	progress.end()
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("stopped; call it again as before, and it goes on: %w", ctx.Err())
	}
	if err != nil {
		return err
	}
	printCompared(out, result)
	if result.Mended > 0 {
		fmt.Fprintf(out, "%d texts were no UTF-8; U+FFFD stands for what was none\n", result.Mended)
	}
	if !result.Same() {
		return fmt.Errorf("the tables differ, so the import into %s is not finished; --restart begins anew", result.Database)
	}
	_, err = fmt.Fprintf(out, "imported into %s; servers may start on it\n", result.Database)
	return err
}

func printCompared(out io.Writer, result transfer.Result) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TABLE\tROWS\tCHECKSUM\tIN POSTGRESQL\t")
	for _, t := range result.Tables {
		there := "the same"
		if t.From != t.To {
			there = fmt.Sprintf("DIFFERS: %d rows, %s", t.To.Rows, t.To.Checksum())
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t\n", t.Name, t.From.Rows, t.From.Checksum(), there)
	}
	_ = w.Flush() // whoever cannot be told is not told
}

// importProgress shows how far an import is: a bar on a terminal; elsewhere a line for each table, and now and then.
type importProgress struct {
	out      io.Writer
	terminal bool
	last     transfer.Progress
	shown    time.Time
	width    int
}

func newProgress(out io.Writer) *importProgress {
	p := &importProgress{out: out}
	if f, ok := out.(*os.File); ok {
		info, err := f.Stat()
		p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

const (
	barWidth     = 30
	barEvery     = 100 * time.Millisecond
	progressLine = 10 * time.Second
)

func (p *importProgress) show(now transfer.Progress) {
	news := now.Doing != p.last.Doing || now.Table != p.last.Table
	every := progressLine
	if p.terminal {
		every = barEvery
	}
	if !news && time.Since(p.shown) < every {
		return
	}
	p.last, p.shown = now, time.Now()
	if p.terminal {
		text := bar(now)
		fmt.Fprintf(p.out, "\r%-*s", p.width, text)
		p.width = len([]rune(text))
		return
	}
	fmt.Fprintln(p.out, strings.TrimRight(figures(now), " "))
}

// end leaves the bar behind.
func (p *importProgress) end() {
	if p.terminal && p.width > 0 {
		fmt.Fprintln(p.out)
	}
}

func bar(p transfer.Progress) string {
	if p.Total == 0 {
		return figures(p)
	}
	full := int(barWidth * min(p.Done, p.Total) / p.Total)
	return "[" + strings.Repeat("#", full) + strings.Repeat("·", barWidth-full) + "] " + figures(p)
}

// figures says it in words: copying 45 % (9000 of 20000 rows) outbox.
func figures(p transfer.Progress) string {
	if p.Total == 0 {
		return fmt.Sprintf("%s %d rows %s", p.Doing, p.Done, p.Table)
	}
	return fmt.Sprintf("%s %d %% (%d of %d rows) %s", p.Doing, 100*min(p.Done, p.Total)/p.Total, p.Done, p.Total, p.Table)
}
