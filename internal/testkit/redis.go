//go:build unix

package testkit

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Redis is a Redis server of its own in a temporary folder, which can be stopped and started again, always on the same
// address. It ends with the test, or with the process of the tests.
type Redis struct {
	URL string

	t       testing.TB
	address string
	folder  *watched
	keeps   bool
	running *child
	paused  []int
}

// RedisOption changes how a server of [NewRedis] is run.
type RedisOption func(*Redis)

// KeepData makes the server write what it holds to a file and know it again after it was stopped. Without it, it starts
// with nothing.
func KeepData() RedisOption { return func(r *Redis) { r.keeps = true } }

// NewRedis starts a server that is the test's alone. With a missing Redis the test fails.
func NewRedis(t testing.TB, options ...RedisOption) *Redis {
	t.Helper()
	folder, err := newWatched()
	require.NoError(t, err)
	address := reserve(t)
	r := &Redis{URL: "redis://" + address, t: t, address: address, folder: folder}
	t.Cleanup(r.end)
	for _, o := range options {
		o(r)
	}
	r.Start()
	return r
}

// Start starts a server that was stopped, and returns when it answers.
func (r *Redis) Start() {
	r.t.Helper()
	require.NoError(r.t, r.start())
}

// Stop ends the server as a crash does: at once, with all of its connections.
func (r *Redis) Stop() {
	r.t.Helper()
	require.NoError(r.t, r.running.signal(syscall.SIGKILL))
	_ = r.running.wait() // it was killed, which is an error here
	r.running = nil
}

// Pause makes the server stand still, with all of its connections open, until [Redis.Resume].
func (r *Redis) Pause() {
	r.t.Helper()
	paused, err := pause(r.folder, r.running.process.Pid)
	require.NoError(r.t, err)
	r.paused = paused
}

// Resume lets a paused server go on.
func (r *Redis) Resume() {
	resume(r.folder, r.paused)
	r.paused = nil
}

func (r *Redis) start() error {
	program, err := redisProgram()
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(r.address)
	if err != nil {
		return err
	}
	keeps := "no"
	if r.keeps {
		keeps = "yes"
	}
	cmd := exec.Command(program, "--bind", host, "--port", port, "--dir", r.folder.path, "--logfile", "server.log",
		"--save", "", "--appendonly", keeps)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if r.running, err = spawn(cmd); err != nil {
		return fmt.Errorf("start redis-server: %w", err)
	}
	return r.ready()
}

func redisProgram() (string, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return "", errors.New("redis-server is missing: `make deps` installs what the tests need")
	}
	return path, nil
}

// ready waits until the server answers.
func (r *Redis) ready() error {
	for deadline := time.Now().Add(patience); ; {
		err := r.ping()
		if err == nil {
			return nil
		}
		select {
		case <-r.running.ended:
			return fmt.Errorf("redis-server ended: %w: %s", r.running.err, r.log())
		case <-time.After(2 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("redis-server does not answer within %s: %w: %s", patience, err, r.log())
		}
	}
}

// ping asks the server whether it serves, which it does not while it reads its file.
func (r *Redis) ping() error {
	c, err := net.DialTimeout("tcp", r.address, patience)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := fmt.Fprint(c, "PING\r\n"); err != nil {
		return err
	}
	answer, err := bufio.NewReader(c).ReadString('\n')
	if err == nil && !strings.HasPrefix(answer, "+PONG") {
		err = errors.New(strings.TrimSpace(answer))
	}
	return err
}

func (r *Redis) log() string {
	text, _ := os.ReadFile(filepath.Join(r.folder.path, "server.log"))
	return string(text[max(0, len(text)-4<<10):])
}

// end stops the server, in whatever state it is, and removes its data.
func (r *Redis) end() {
	r.Resume()
	if r.running != nil {
		_ = r.running.signal(syscall.SIGKILL)
		_ = r.running.wait()
	}
	if r.t.Failed() {
		r.t.Logf("the end of Redis's log:\n%s", r.log())
	}
	r.folder.close()
}
