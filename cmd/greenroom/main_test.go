package main

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/config"
	"github.com/greenroom-live/greenroom/internal/server"
	"github.com/greenroom-live/greenroom/internal/testkit"
)

const (
	testApp = 1400000123
	testKey = "a-key-for-tests-only"

	testOperatorToken = "a-token-for-the-operators-of-tests"

	// patience is how long a test waits for what must happen.
	patience = 20 * time.Second
)

// TestMain keeps the environment of whoever runs the tests out of them.
func TestMain(m *testing.M) {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "GREENROOM_") {
			_ = os.Unsetenv(name)
		}
	}
	code := m.Run()
	testkit.RemoveBinary()
	os.Exit(code)
}

// greenroom runs the command line to its end, in an empty working directory unless the test chose one.
func greenroom(args ...string) (stdout, stderr string, err error) {
	var out, errOut bytes.Buffer
	cmd := newRootCommand()
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&errOut)
	err = cmd.Execute()
	return out.String(), errOut.String(), err
}

// succeed runs the command line and returns what it printed.
func succeed(t *testing.T, args ...string) string {
	t.Helper()
	stdout, stderr, err := greenroom(args...)
	require.NoError(t, err)
	require.Empty(t, stderr)
	return stdout
}

// fail runs the command line, which has to fail without printing a result, and returns the error.
func fail(t *testing.T, args ...string) error {
	t.Helper()
	stdout, _, err := greenroom(args...)
	require.Error(t, err)
	require.Empty(t, stdout)
	return err
}

// partly runs the command line, which has to fail after printing a result, and returns both.
func partly(t *testing.T, args ...string) (stdout string, err error) {
	t.Helper()
	stdout, _, err = greenroom(args...)
	require.Error(t, err)
	require.NotEmpty(t, stdout)
	return stdout, err
}

// startServer runs a server for the length of the test and makes it the one that room and webhook call.
func startServer(t *testing.T, changes ...func(*config.Config)) (url string) {
	t.Helper()
	t.Chdir(t.TempDir())
	app := config.DefaultApp()
	app.SDKAppID, app.SecretKey = testApp, testKey
	app.Webhook.AllowPrivateAddresses, app.Webhook.RetryFirstDelay = true, 10*time.Millisecond
	c := config.Default()
	c.Listen, c.DataDir, c.Apps = "127.0.0.1:0", t.TempDir(), []config.App{app}
	c.Operator.Token = testOperatorToken
	for _, change := range changes {
		change(c)
	}
	s, err := server.New(c, server.Options{Log: slog.New(slog.DiscardHandler), Version: "test"})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	t.Setenv("GREENROOM_CLI_SERVER", s.URL())
	t.Setenv("GREENROOM_CLI_APP", "1400000123")
	t.Setenv("GREENROOM_CLI_KEY", testKey)
	t.Setenv("GREENROOM_CLI_OPERATOR_TOKEN", testOperatorToken)
	return s.URL()
}

// running is a command line that goes on until it is stopped.
type running struct {
	t      *testing.T
	stdout *lines
	stderr *lines
	cancel context.CancelFunc
	ended  chan error
}

// start runs the command line in the background; it is stopped at the end of the test at the latest.
func start(t *testing.T, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{t, newLines(), newLines(), cancel, make(chan error, 1)}
	cmd := newRootCommand()
	cmd.SetArgs(args)
	cmd.SetOut(r.stdout)
	cmd.SetErr(r.stderr)
	go func() {
		r.ended <- cmd.ExecuteContext(ctx)
		close(r.ended)
		r.stdout.close()
		r.stderr.close()
	}()
	t.Cleanup(func() {
		cancel()
		<-r.ended
	})
	return r
}

// stop interrupts the command line and returns how it ended.
func (r *running) stop() error {
	r.cancel()
	return r.wait()
}

func (r *running) wait() error {
	r.t.Helper()
	select {
	case err := <-r.ended:
		return err
	case <-time.After(patience):
		require.FailNow(r.t, "the command did not end")
		return nil
	}
}

// lines is an output whose lines can be waited for.
type lines struct {
	mu   sync.Mutex
	part []byte
	full chan string
}

func newLines() *lines { return &lines{full: make(chan string, 10_000)} }

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.part = append(l.part, p...)
	for {
		line, rest, found := bytes.Cut(l.part, []byte("\n"))
		if !found {
			return len(p), nil
		}
		l.full <- string(line)
		l.part = rest
	}
}

func (l *lines) close() { close(l.full) }

// next returns the next line.
func (l *lines) next(t *testing.T) string {
	t.Helper()
	select {
	case line, more := <-l.full:
		require.True(t, more, "the output ended")
		return line
	case <-time.After(patience):
		require.FailNow(t, "no line came")
		return ""
	}
}

// find skips lines up to the first that contains text, and returns it.
func (l *lines) find(t *testing.T, text string) string {
	t.Helper()
	for {
		if line := l.next(t); strings.Contains(line, text) {
			return line
		}
	}
}

// rest returns the lines up to the end of the output.
func (l *lines) rest() []string {
	var all []string
	for line := range l.full {
		all = append(all, line)
	}
	return all
}
