package torture

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	app           = 1400000123
	key           = "7f3c0e5b9a1d4826c1e0b7f59d3a6482"
	configuration = `
listen: %s
log: {level: error}
apps:
  - sdk_app_id: 1400000123
    secret_key: 7f3c0e5b9a1d4826c1e0b7f59d3a6482
    webhook: {allow_private_addresses: true, timeout: 1s, retry_first_delay: 20ms, retry_max_delay: 200ms}
`
)

// server is the binary as a process, always on the same address and the same data.
type server struct {
	t       *testing.T
	url     string
	command []string
	process *exec.Cmd
	log     bytes.Buffer
}

func newServer(t *testing.T) *server {
	t.Helper()
	dir := t.TempDir()
	binary, file := filepath.Join(dir, "greenroom"), filepath.Join(dir, "greenroom.yaml")
	out, err := exec.Command("go", "build", "-o", binary, "../cmd/greenroom").CombinedOutput()
	require.NoError(t, err, string(out))
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := free.Addr().String()
	require.NoError(t, free.Close())
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, configuration, address), 0o600))
	s := &server{t: t, url: "http://" + address, command: []string{binary, "serve", "--config", file, "--data-dir", filepath.Join(dir, "data")}}
	t.Cleanup(func() {
		if s.process != nil {
			s.kill()
		}
	})
	return s
}

func (s *server) start() {
	s.t.Helper()
	s.process = exec.Command(s.command[0], s.command[1:]...)
	s.process.Stderr = &s.log
	require.NoError(s.t, s.process.Start())
}

// ready waits until the process takes calls.
func (s *server) ready() {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		answer, err := http.Get(s.url + "/readyz")
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	}, 30*time.Second, 5*time.Millisecond, "the server does not start: %s", &s.log)
}

// kill ends the process as kill -9 does.
func (s *server) kill() {
	s.t.Helper()
	require.NoError(s.t, s.process.Process.Kill())
	_ = s.process.Wait() // it was killed, which is an error here
	s.process = nil
}

// stop ends the process as an operator does.
func (s *server) stop() {
	s.t.Helper()
	require.NoError(s.t, s.process.Process.Signal(os.Interrupt))
	require.NoError(s.t, s.process.Wait(), "%s", &s.log)
	s.process = nil
}
