package rig

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

// Patience is how long the runs wait without any progress before what is missing counts as lost.
const Patience = 20 * time.Second

const (
	settling = 500 * time.Millisecond // after the last expected webhook, for another one to come
	polling  = 20 * time.Millisecond
	stopping = 25 * time.Second // for a process to end by itself; the server takes up to 20 s
)

// Receiver is an app server that does nothing, in a process of its own.
type Receiver struct {
	Hook   *url.URL // where it takes webhooks and tells them apart by their ids
	Marked *url.URL // where it takes webhooks and tells them apart, and their order, by their marks
	base   *url.URL
	stdin  io.Closer
	ended  chan error
	cmd    *exec.Cmd
}

// StartReceiver starts this very program with the argument [ReceiverCommand].
func StartReceiver() (*Receiver, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &Receiver{cmd: exec.Command(self, ReceiverCommand), ended: make(chan error, 1)}
	p.cmd.Stderr = os.Stderr
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	p.stdin = stdin
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the receiver: %w", err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	go func() { p.ended <- p.cmd.Wait() }()
	if err == nil {
		p.base, err = url.Parse(strings.TrimSpace(line))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the receiver did not say where it listens: %w", err), p.Stop())
	}
	p.Hook, p.Marked = p.base.JoinPath("hook"), p.base.JoinPath("marked")
	return p, nil
}

// Stop ends the process.
func (p *Receiver) Stop() error {
	_ = p.stdin.Close() // on which it ends
	if err := end(p.cmd.Process, p.ended); err != nil {
		return fmt.Errorf("receiver: %w", err)
	}
	return nil
}

// end waits for a process that was told to stop, and kills it when it does not.
func end(p *os.Process, ended <-chan error) error {
	select {
	case err := <-ended:
		return err
	case <-time.After(stopping):
		_ = p.Kill()
		<-ended
		return fmt.Errorf("process %d did not end within %v and was killed", p.Pid, stopping)
	}
}

// Reset makes the receiver forget what it has seen, and answer 200.
func (p *Receiver) Reset(ctx context.Context) error {
	return p.control(ctx, http.MethodPost, "reset", "", nil)
}

// Answer makes the receiver answer webhooks with status, at once, until the next reset.
func (p *Receiver) Answer(ctx context.Context, status int) error {
	return p.mode(ctx, status, 0)
}

// Slow makes the receiver answer webhooks with 200 after a delay, until the next reset; 0 is at once.
func (p *Receiver) Slow(ctx context.Context, delay time.Duration) error {
	return p.mode(ctx, http.StatusOK, delay)
}

func (p *Receiver) mode(ctx context.Context, status int, delay time.Duration) error {
	return p.control(ctx, http.MethodPost, "mode", fmt.Sprintf("status=%d&delay=%s", status, delay), nil)
}

// Counts returns what was seen since the last reset.
func (p *Receiver) Counts(ctx context.Context) (Counts, error) {
	var c Counts
	err := p.control(ctx, http.MethodGet, "count", "", &c)
	return c, err
}

// Await returns the counts when n different webhooks have come and had a moment to come twice, or when no more came for as
// long as patience.
func (p *Receiver) Await(ctx context.Context, n int, patience time.Duration) (Counts, error) {
	var last Counts
	for progress := time.Now(); ; {
		now, err := p.Counts(ctx)
		if err != nil {
			return now, err
		}
		if now.Distinct >= n {
			break
		}
		if now.Accepted > last.Accepted {
			progress = time.Now()
		}
		if time.Since(progress) > patience {
			break
		}
		last = now
		if err := Pause(ctx, polling); err != nil {
			return now, err
		}
	}
	if err := Pause(ctx, settling); err != nil {
		return last, err
	}
	return p.Counts(ctx)
}

func (p *Receiver) control(ctx context.Context, method, path, query string, out any) error {
	u := p.base.JoinPath(path)
	u.RawQuery = query
	req, err := http.NewRequestWithContext(ctx, method, u.String(), nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("receiver: %s answered %s", path, resp.Status)
	}
	if out == nil {
		return nil
	}
	return json.UnmarshalRead(resp.Body, out)
}
