package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/greenroom-live/greenroom/bench/rig"
)

const warmUp = 500 * time.Millisecond

// Runs: those that are done unless others are asked for, and those that take longer or need more room.
var (
	defaultRuns = []string{"ceiling", "rest", "pairs", "crowd", "latency", "drain"}
	heavyRuns   = []string{"outage", "bigroom", "start", "flat"}
	allRuns     = slices.Concat(defaultRuns, heavyRuns)
	// sharedRuns need PostgreSQL and Redis; bench/engines.sh has them.
	sharedRuns = []string{"nodes", "clients"}
	knownRuns  = slices.Concat(allRuns, sharedRuns)
)

// everyRun is the word for allRuns.
const everyRun = "all"

// options are the flags of the command.
type options struct {
	greenroom string // path of the binary; built when empty
	dir       string // where the temporary folder is made
	duration  time.Duration
	callers   int
	rooms     int
	backlog   int
	rate      int // per second
	apps      int
	bigRoom   int // events
	stock     int // events
	lanes     int // rooms of the stock
	manyRooms int
	manyLog   int // rows
	only      []string
	json      string
	markdown  bool

	connections int // of clients

	database, redis string // URLs
	postmaster      int    // PID
}

func parseOptions(args []string, output io.Writer) (options, error) {
	var o options
	var only string
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(output)
	f.StringVar(&o.greenroom, "greenroom", "", "`path` of the greenroom binary; built from this module when empty")
	f.StringVar(&o.dir, "dir", "", "`folder` in which the temporary folder is made; the system's when empty")
	f.DurationVar(&o.duration, "duration", 5*time.Second, "of each timed run, up to 10m")
	f.IntVar(&o.callers, "callers", 64, "callers at once in every run, the ceiling's too, up to 1024; "+strconv.Itoa(crowdFactor)+" times as many in the crowd run")
	f.IntVar(&o.rooms, "rooms", 1000, "rooms of each run, at least -callers, up to 100000")
	f.IntVar(&o.backlog, "backlog", 20_000, "events that wait when a drain begins, up to 1000000")
	f.IntVar(&o.rate, "rate", 500, "deletions per second where latencies are measured, up to 20000")
	f.IntVar(&o.apps, "apps", 100, "apps of the outage run, one of them dead, 2 to 1000")
	f.IntVar(&o.bigRoom, "bigroom", 100_000, "undelivered events of the one room of the bigroom run, up to 1000000")
	f.IntVar(&o.stock, "stock", 1_000_000, "undelivered events of the start run, up to 10000000")
	f.IntVar(&o.lanes, "stock-rooms", 10_000, "rooms of the start run, up to -stock")
	f.IntVar(&o.manyRooms, "many-rooms", 1_000_000, "rooms that the flat run compares with 10, 100 to 10000000")
	f.IntVar(&o.manyLog, "many-log", 10_000_000, "rows of the delivery log that the flat run compares with 1000, 1000 to 100000000")
	f.StringVar(&only, "only", strings.Join(defaultRuns, ","), "`runs` to do, of "+strings.Join(knownRuns, ",")+"; or "+everyRun+" for all but the last two, which need PostgreSQL and Redis: bench/engines.sh")
	f.StringVar(&o.json, "json", "", "also write the figures to this `file`")
	f.BoolVar(&o.markdown, "markdown", false, "print a Markdown table")
	f.IntVar(&o.connections, "connections", 2000, "of clients in the clients run, 20 to 20000")
	f.StringVar(&o.database, "database", os.Getenv("BENCH_DATABASE_URL"), "`URL` of a PostgreSQL for the nodes run, which makes databases there and drops them")
	f.StringVar(&o.redis, "redis", os.Getenv("BENCH_REDIS_URL"), "`URL` of a Redis for the nodes run")
	postmaster, _ := strconv.Atoi(os.Getenv("BENCH_POSTMASTER"))
	f.IntVar(&o.postmaster, "postmaster", postmaster, "`PID` of that PostgreSQL, when it runs here, to measure its CPU time")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("%q is not a flag", f.Arg(0))
	}
	o.only = strings.Split(only, ",")
	if only == everyRun {
		o.only = allRuns
	}
	return o, o.check()
}

func (o options) check() error {
	for _, name := range o.only {
		if !slices.Contains(knownRuns, name) {
			return fmt.Errorf("-only: there is no run %q, only %s", name, strings.Join(knownRuns, ", "))
		}
		if slices.Contains(sharedRuns, name) && (o.database == "" || o.redis == "") {
			return fmt.Errorf("the run %s needs -database and -redis; bench/engines.sh starts both", name)
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
		{"-connections", o.connections, audience, 20_000},
		{"-apps", o.apps, 2, 1000},
		{"-bigroom", o.bigRoom, 1, 1_000_000},
		{"-stock", o.stock, 1, 10_000_000},
		{"-stock-rooms", o.lanes, 1, o.stock},
		{"-many-rooms", o.manyRooms, 100, 10_000_000},
		{"-many-log", o.manyLog, 1000, 100_000_000},
	} {
		if n.value < n.min || n.value > n.max {
			return fmt.Errorf("%s has to be %d to %d", n.flag, n.min, n.max)
		}
	}
	if places := fewRooms * rig.KeysPerRoom; o.does("flat") && o.callers > places {
		return fmt.Errorf("the flat run has %d keys at first: lower -callers", places)
	}
	return o.checkLatency()
}

func (o options) checkLatency() error {
	if !slices.ContainsFunc([]string{"latency", "outage", "bigroom"}, o.does) {
		return nil
	}
	if need := o.latencyKeys(); need > o.rooms*rig.KeysPerRoom {
		return fmt.Errorf("the latency runs delete %d keys, and %d rooms hold %d: raise -rooms, or lower -rate or -duration",
			need, o.rooms, o.rooms*rig.KeysPerRoom)
	}
	return nil
}

func (o options) does(run string) bool { return slices.Contains(o.only, run) }

// needsServer tells whether anything but the ceiling is measured.
func (o options) needsServer() bool {
	return slices.ContainsFunc(o.only, func(run string) bool { return run != "ceiling" })
}

// latencyKeys is how many deletions a measurement of latencies makes, its warm-up included.
func (o options) latencyKeys() int { return o.during(warmUp) + o.during(o.duration) }

// during is how many events -rate makes in d, at least one.
func (o options) during(d time.Duration) int { return max(1, int(float64(o.rate)*d.Seconds())) }
