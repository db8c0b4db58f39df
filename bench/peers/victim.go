package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"strconv"
)

// victimCommand is the argument that makes this program a process that delivers and will be killed.
const victimCommand = "victim"

// victim is such a process.
type victim struct {
	cmd   *exec.Cmd
	stdin io.Closer // on whose end it ends by itself, so that it cannot outlive this process
}

// startVictim returns when the process is up, and when LiveKit's has published the events of an outage.
func startVictim(which, hook, dsn, database string, s riverSettings) (*victim, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	v := &victim{cmd: exec.Command(self, victimCommand, "-which", which, "-hook", hook, "-dsn", dsn,
		"-database", database, "-workers", strconv.Itoa(s.workers), "-cooldown", s.cooldown.String(), "-poll", s.poll.String())}
	v.cmd.Stderr = os.Stderr
	if v.stdin, err = v.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := v.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := v.cmd.Start(); err != nil {
		return nil, err
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		v.kill()
		return nil, fmt.Errorf("the process to be killed did not start: %w", err)
	}
	return v, nil
}

// kill ends the process at once, in whatever it does. It may be killed already, or nil.
func (v *victim) kill() {
	if v == nil {
		return
	}
	_ = v.cmd.Process.Kill()
	_ = v.stdin.Close()
	_ = v.cmd.Wait()
}

// serveVictim is the process. It writes a line when it is up.
func serveVictim(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	var which, hook, dsn, database string
	var s riverSettings
	f := flag.NewFlagSet(victimCommand, flag.ContinueOnError)
	f.StringVar(&which, "which", "", "")
	f.StringVar(&hook, "hook", "", "")
	f.StringVar(&dsn, "dsn", "", "")
	f.StringVar(&database, "database", "", "")
	f.IntVar(&s.workers, "workers", 0, "")
	f.DurationVar(&s.cooldown, "cooldown", 0, "")
	f.DurationVar(&s.poll, "poll", 0, "")
	if err := f.Parse(args); err != nil {
		return err
	}
	to, err := url.Parse(hook)
	if err != nil {
		return err
	}
	ctx, orphaned := context.WithCancel(ctx)
	go func() { _, _ = io.Copy(io.Discard, in); orphaned() }()
	if which == "river" {
		return serveRiver(ctx, to, dsn, database, s, out)
	}
	return serveLivekit(ctx, to, out)
}

func serveRiver(ctx context.Context, hook *url.URL, dsn, database string, s riverSettings, out io.Writer) error {
	p, err := connectRiver(ctx, dsn, database, 0, s)
	if err != nil {
		return err
	}
	if err := p.open(ctx, hook); err != nil {
		return err
	}
	fmt.Fprintln(out, "up")
	<-ctx.Done()
	return p.close()
}

func serveLivekit(ctx context.Context, hook *url.URL, out io.Writer) error {
	p := newLivekit(0)
	if err := p.open(ctx, hook); err != nil {
		return err
	}
	for i := range outageEvents {
		if err := p.publish(ctx, backlogMark(i, outageRooms)); err != nil {
			return err
		}
	}
	fmt.Fprintln(out, "up")
	<-ctx.Done()
	return p.close()
}
