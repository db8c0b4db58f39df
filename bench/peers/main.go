// Command peers measures other ways to deliver webhooks beside Greenroom's: on one machine, in one run, with the same events,
// the same receiver and as many callers.
//
//	bench/peers/run.sh                      starts PostgreSQL for the run and measures everything
//	bench/peers/run.sh -duration 1s -rate 200
//	go run . -dsn "host=/run/postgresql user=bench dbname=postgres"
//
// It prints a Markdown table. Greenroom is a process of its own and is called over HTTP. The others are libraries: they run in
// the process that makes the load, and are spared that exchange. The receiver is another process, except where latencies are
// measured: there it is in this one, so that one clock takes both times.
//
// It is a module of its own, so that nothing of this becomes part of Greenroom.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/greenroom-live/greenroom/bench/rig"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == rig.ReceiverCommand {
		exit(rig.ServeReceiver(os.Stdin, os.Stdout))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(os.Args) > 1 && os.Args[1] == victimCommand {
		exit(serveVictim(ctx, os.Args[2:], os.Stdin, os.Stdout))
	}
	exit(compare(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func exit(err error) {
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// compare measures what args ask for and writes the table to out. What was measured before a failure is written all the same.
func compare(ctx context.Context, args []string, out, progress io.Writer) error {
	opts, err := parseOptions(args, progress)
	if err != nil {
		return err
	}
	c := &comparison{options: opts, progress: progress, table: newTable(opts)}
	failed := c.run(ctx)
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	return errors.Join(failed, c.table.write(out))
}
