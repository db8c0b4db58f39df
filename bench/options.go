package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

const (
	warmUp      = 500 * time.Millisecond
	keysPerRoom = 10 // what a room's metadata holds (doc 64375)
)

var allRuns = []string{"ceiling", "rest", "pairs", "latency", "drain"}

// options are the flags of the command.
type options struct {
	greenroom string // path of the binary; built when empty
	dir       string // where the temporary folder is made
	duration  time.Duration
	callers   int
	rooms     int
	backlog   int
	rate      int // per second
	only      []string
	json      string
	markdown  bool
}

func parseOptions(args []string, output io.Writer) (options, error) {
	var o options
	var only string
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(output)
	f.StringVar(&o.greenroom, "greenroom", "", "`path` of the greenroom binary; built from this module when empty")
	f.StringVar(&o.dir, "dir", "", "`folder` in which the server's temporary folder is made; the system's when empty")
	f.DurationVar(&o.duration, "duration", 5*time.Second, "of each timed run, up to 10m")
	f.IntVar(&o.callers, "callers", 64, "callers at once, up to 1024")
	f.IntVar(&o.rooms, "rooms", 1000, "rooms of each run, at least -callers, up to 100000")
	f.IntVar(&o.backlog, "backlog", 20_000, "events that wait when the drain begins, up to 1000000")
	f.IntVar(&o.rate, "rate", 500, "deletions per second of the latency run, up to 20000")
	f.StringVar(&only, "only", strings.Join(allRuns, ","), "`runs` to do")
	f.StringVar(&o.json, "json", "", "also write the figures to this `file`")
	f.BoolVar(&o.markdown, "markdown", false, "print a Markdown table")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("%q is not a flag", f.Arg(0))
	}
	o.only = strings.Split(only, ",")
	return o, o.check()
}

func (o options) check() error {
	for _, name := range o.only {
		if !slices.Contains(allRuns, name) {
			return fmt.Errorf("-only: there is no run %q, only %s", name, strings.Join(allRuns, ", "))
		}
	}
	if o.duration < 100*time.Millisecond || o.duration > 10*time.Minute {
		return errors.New("-duration has to be 100ms to 10m")
	}
	for _, n := range []struct {
		flag            string
		value, min, max int
	}{
		{"-callers", o.callers, 1, 1024},
		{"-rooms", o.rooms, o.callers, 100_000}, // two callers in one room would delete each other's keys
		{"-backlog", o.backlog, 1, 1_000_000},
		{"-rate", o.rate, 1, 20_000},
	} {
		if n.value < n.min || n.value > n.max {
			return fmt.Errorf("%s has to be %d to %d", n.flag, n.min, n.max)
		}
	}
	if need := o.latencyKeys(); o.does("latency") && need > o.rooms*keysPerRoom {
		return fmt.Errorf("the latency run deletes %d keys, and %d rooms hold %d: raise -rooms, or lower -rate or -duration",
			need, o.rooms, o.rooms*keysPerRoom)
	}
	return nil
}

func (o options) does(run string) bool { return slices.Contains(o.only, run) }

// needsServer tells whether anything but the ceiling is measured.
func (o options) needsServer() bool {
	return slices.ContainsFunc(o.only, func(run string) bool { return run != "ceiling" })
}

// latencyKeys is how many deletions the latency run makes, its warm-up included.
func (o options) latencyKeys() int { return o.during(warmUp) + o.during(o.duration) }

// during is how many events -rate makes in d, at least one.
func (o options) during(d time.Duration) int { return max(1, int(float64(o.rate)*d.Seconds())) }
