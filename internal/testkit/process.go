package testkit

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// binary is the program, built once for all tests of a package.
var binary struct {
	once   sync.Once
	folder string
	err    error
	output []byte
}

// Binary returns the path of the program, built from the sources at hand. A package whose tests call it has a TestMain
// that calls [RemoveBinary].
func Binary(t testing.TB) string {
	t.Helper()
	b := &binary
	b.once.Do(func() {
		if b.folder, b.err = os.MkdirTemp("", "greenroom-test-"); b.err != nil {
			return
		}
		if b.err = lookAtSources(); b.err != nil {
			return
		}
		build := exec.Command("go", "build", "-o", filepath.Join(b.folder, "greenroom"), "github.com/greenroom-live/greenroom/cmd/greenroom")
		b.output, b.err = build.CombinedOutput()
	})
	require.NoError(t, b.err, "%s", b.output)
	return filepath.Join(b.folder, "greenroom")
}

// lookAtSources reads the folders of the module. go test knows nothing of the build, and would show results from its cache
// that belong to another program; but it keeps note of the folders that a test reads, and of the times of the files in them.
func lookAtSources() error {
	module, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return err
	}
	return filepath.WalkDir(filepath.Dir(strings.TrimSpace(string(module))), func(_ string, entry os.DirEntry, err error) error {
		if err == nil && entry.IsDir() && slices.Contains([]string{".git", "node_modules"}, entry.Name()) {
			return filepath.SkipDir
		}
		return err
	})
}

// RemoveBinary removes what Binary built.
func RemoveBinary() { _ = os.RemoveAll(binary.folder) }

// Process is the program as a process that serves, which can be killed and started again: always on the same address and
// the same data.
type Process struct {
	URL     string
	DataDir string
	Log     Output // of all its lives

	t       testing.TB
	command []string
	running *child
}

// NewProcess prepares a process with that configuration file, on a new data folder and a free address of this machine.
// The flags are added to those that say so. It is not started. It is killed when the test ends.
func NewProcess(t testing.TB, configuration string, flags ...string) *Process {
	t.Helper()
	dir := t.TempDir()
	file, data := filepath.Join(dir, "greenroom.yaml"), filepath.Join(dir, "data")
	require.NoError(t, os.WriteFile(file, []byte(configuration), 0o600))
	address := reserve(t)
	p := &Process{t: t, URL: "http://" + address, DataDir: data, command: append([]string{
		Binary(t), "serve", "--config", file, "--data-dir", data, "--listen", address,
	}, flags...)}
	t.Cleanup(func() {
		if p.running != nil {
			p.Kill()
		}
		if t.Failed() {
			t.Logf("the end of the log of %s:\n%s", strings.Join(append([]string{"the server"}, flags...), " "), p.Log.End())
		}
	})
	return p
}

// Start starts the process and does not wait for it.
func (p *Process) Start() {
	p.t.Helper()
	cmd := exec.Command(p.command[0], p.command[1:]...)
	cmd.Stderr = &p.Log
	running, err := spawn(cmd)
	require.NoError(p.t, err)
	p.running = running
}

// Ready waits until the process takes calls. A test whose process ends instead fails at once.
func (p *Process) Ready() {
	p.t.Helper()
	for deadline := time.Now().Add(patience); ; <-time.After(2 * time.Millisecond) {
		answer, err := http.Get(p.URL + "/readyz")
		if err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
		require.True(p.t, p.Alive(), "the server has ended in place of serving")
		require.True(p.t, time.Now().Before(deadline), "the server does not start within %s: %v", patience, err)
	}
}

// PID is the process's id.
func (p *Process) PID() int { return p.running.process.Pid }

// Alive tells whether the process, which was started, has not ended by itself.
func (p *Process) Alive() bool {
	select {
	case <-p.running.ended:
		return false
	default:
		return true
	}
}

// signal sends a signal, unless the process has ended.
func (p *Process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.running.signal(s); !errors.Is(err, os.ErrProcessDone) {
		assert.NoError(p.t, err)
	}
}

// Kill ends the process as kill -9 does.
func (p *Process) Kill() {
	p.t.Helper()
	p.signal(os.Kill)
	_ = p.running.wait() // it was killed, which is an error here
	p.running = nil
}

// Stop ends the process as an operator does, who expects it to exit with 0.
func (p *Process) Stop() {
	p.t.Helper()
	p.Interrupt()
	p.Ended()
}

// Interrupt tells the process to stop, as an operator does, and does not wait for it.
func (p *Process) Interrupt() {
	p.t.Helper()
	p.signal(os.Interrupt)
}

// Ended waits until the process, which was told to stop, has exited with 0.
func (p *Process) Ended() {
	p.t.Helper()
	require.NoError(p.t, p.Exited())
}

// longest is how long a process that was told to stop may take, which waits for calls, clients and deliveries first.
const longest = 2 * patience

// Exited waits until the process has ended and returns an error when it did not exit with 0. A test whose process does not end
// fails, and shows what the process is doing.
func (p *Process) Exited() error {
	p.t.Helper()
	select {
	case <-p.running.ended:
	case <-time.After(longest):
		_ = p.running.signal(syscall.SIGQUIT)
		_ = p.running.wait()
		_, stacks, _ := strings.Cut(p.Log.String(), "SIGQUIT: quit")
		p.running = nil
		require.FailNowf(p.t, "the process does not end", "within %s; it does this:\n%s", longest, stacks)
	}
	err := p.running.wait()
	p.running = nil
	return err
}

// Output is what a process writes, to be read while it writes on.
type Output struct {
	mu      sync.Mutex
	text    bytes.Buffer
	written chan struct{} // closed and made anew with every write
}

// Write implements io.Writer.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.written != nil {
		close(o.written)
		o.written = nil
	}
	return o.text.Write(p)
}

// String returns all that was written so far.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// End returns the last 4 KiB.
func (o *Output) End() string {
	text := o.String()
	return text[max(0, len(text)-4<<10):]
}

// Wait waits until there is a line that contains all of the words, and returns it.
func (o *Output) Wait(t testing.TB, words ...string) string {
	t.Helper()
	timeout := time.After(patience)
	for {
		line, found, more := o.find(words)
		if found {
			return line
		}
		select {
		case <-more:
		case <-timeout:
			require.FailNowf(t, "a line is missing in the log", "with %q, within %s", words, patience)
		}
	}
}

// find returns the first line with all of the words; more is closed when there is more to look at.
func (o *Output) find(words []string) (line string, found bool, more <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for line := range strings.Lines(o.text.String()) {
		if containsAll(line, words) {
			return line, true, nil
		}
	}
	if o.written == nil {
		o.written = make(chan struct{})
	}
	return "", false, o.written
}

func containsAll(line string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(line, word) {
			return false
		}
	}
	return true
}
