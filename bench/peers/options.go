package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/greenroom-live/greenroom/bench/rig"
)

const warmUp = 500 * time.Millisecond

// The peers by the words of -only.
var allPeers = []string{"greenroom", "river-default", "river", "livekit", "sqlite"}

// options are the flags of the command.
type options struct {
	greenroom string
	dir       string
	dsn       string
	duration  time.Duration
	callers   int
	rooms     int
	backlog   int
	rate      int // per second
	outage    time.Duration
	patience  time.Duration
	river     riverSettings // of the tuned one
	only      []string
}

func parseOptions(args []string, output io.Writer) (options, error) {
	var o options
	var only string
	f := flag.NewFlagSet("peers", flag.ContinueOnError)
	f.SetOutput(output)
	f.StringVar(&o.greenroom, "greenroom", "", "`path` of the greenroom binary; built when empty")
	f.StringVar(&o.dir, "dir", "", "`folder` in which the temporary folder is made; the system's when empty")
	f.StringVar(&o.dsn, "dsn", "", "PostgreSQL `server` for River, on which a user who may create databases can log in")
	f.DurationVar(&o.duration, "duration", 5*time.Second, "of each timed run, 100ms to 10m")
	f.IntVar(&o.callers, "callers", 64, "callers at once in every run, the ceiling's too, 1 to 256")
	f.IntVar(&o.rooms, "rooms", 1000, "rooms of each run, at least -callers, up to 100000")
	f.IntVar(&o.backlog, "backlog", 20_000, "events that wait when a drain begins, up to 1000000")
	f.IntVar(&o.rate, "rate", 500, "events per second for the latency, up to 20000")
	f.DurationVar(&o.outage, "outage", 30*time.Second, "for how long the receiver answers 500, up to 10m; 0 leaves out what is lost")
	f.DurationVar(&o.patience, "patience", 2*time.Minute, "how long an outage may have after-effects, up to 1h")
	f.IntVar(&o.river.workers, "river-workers", 100, "MaxWorkers of the tuned River, up to 10000")
	f.DurationVar(&o.river.cooldown, "river-cooldown", time.Millisecond, "FetchCooldown of the tuned River, at least 1ms")
	f.DurationVar(&o.river.poll, "river-poll", time.Millisecond, "FetchPollInterval of the tuned River, at least -river-cooldown")
	f.StringVar(&only, "only", strings.Join(allPeers, ","), "`peers` to measure")
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
		if !slices.Contains(allPeers, name) {
			return fmt.Errorf("-only: there is no peer %q, only %s", name, strings.Join(allPeers, ", "))
		}
	}
	if o.needsPostgres() && o.dsn == "" {
		return errors.New("-dsn is needed for River; run.sh starts a PostgreSQL and gives it")
	}
	for _, n := range []struct {
		flag            string
		value, min, max int
	}{
		{"-callers", o.callers, 1, 256},
		{"-rooms", o.rooms, o.callers, 100_000},
		{"-backlog", o.backlog, 1, 1_000_000},
		{"-rate", o.rate, 1, 20_000},
		{"-river-workers", o.river.workers, 1, 10_000},
	} {
		if n.value < n.min || n.value > n.max {
			return fmt.Errorf("%s has to be %d to %d", n.flag, n.min, n.max)
		}
	}
	if err := o.checkTimes(); err != nil {
		return err
	}
	if need := o.latencyEvents(); need > o.rooms*rig.KeysPerRoom {
		return fmt.Errorf("the latency needs %d events, and %d rooms have %d: raise -rooms, or lower -rate or -duration",
			need, o.rooms, o.rooms*rig.KeysPerRoom)
	}
	return nil
}

func (o options) checkTimes() error {
	for _, d := range []struct {
		flag            string
		value, min, max time.Duration
	}{
		{"-duration", o.duration, 100 * time.Millisecond, 10 * time.Minute},
		{"-outage", o.outage, 0, 10 * time.Minute},
		{"-patience", o.patience, time.Second, time.Hour},
		{"-river-cooldown", o.river.cooldown, time.Millisecond, time.Minute},
		{"-river-poll", o.river.poll, o.river.cooldown, time.Minute},
	} {
		if d.value < d.min || d.value > d.max {
			return fmt.Errorf("%s has to be %v to %v", d.flag, d.min, d.max)
		}
	}
	return nil
}

func (o options) does(peer string) bool { return slices.Contains(o.only, peer) }

func (o options) needsPostgres() bool { return o.does("river") || o.does("river-default") }

// latencyEvents is how many events the latency needs, its warm-up included.
func (o options) latencyEvents() int { return o.during(warmUp) + o.during(o.duration) }

// during is how many events -rate makes in d, at least one.
func (o options) during(d time.Duration) int { return max(1, int(float64(o.rate)*d.Seconds())) }
