// Command bench measures Greenroom on one machine, in one run: REST calls, metadata writes with their webhooks, the latency
// of a webhook, and how fast a backlog drains. Rates are also given as a ratio to a ceiling of the same run, which is how many
// bare POSTs net/http exchanges between two processes here.
//
//	go run ./bench                       what takes a minute, a table on standard output
//	go run ./bench -only ceiling,pairs   some of it
//	go run ./bench -only all             every measurement: with a dead app, with a huge room, with much to start with
//	go run ./bench -greenroom ./bin/greenroom -markdown -json figures.json
//
// It starts the real server in a temporary folder on a free loopback port, and removes both at the end, on Ctrl-C too. This
// process is the load; the server is the second; what takes the webhooks is the third, except for the latency, where it is in
// this process so that one clock takes both times.
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
	exit(measure(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func exit(err error) {
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// measure runs what args ask for and writes the figures to out. Figures taken before a failure are written all the same.
func measure(ctx context.Context, args []string, out, progress io.Writer) error {
	opts, err := parseOptions(args, progress)
	if err != nil {
		return err
	}
	b := &bench{options: opts, progress: progress, report: newReport(opts)}
	failed := b.run(ctx)
	if ctx.Err() != nil { // and whatever failed, failed for that reason: Ctrl-C reaches the server too
		return errors.New("interrupted")
	}
	lost := b.report.finish()
	return errors.Join(failed, lost, b.report.write(out, opts))
}
