package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/greenroom-live/greenroom/client"
	"github.com/greenroom-live/greenroom/usersig"
)

const (
	app      = 1400000001
	admin    = "administrator"
	starting = 20 * time.Second
	logTail  = 4096 // bytes of the server's log that are shown when something went wrong
)

// server is the real greenroom, as a process with a folder of its own.
type server struct {
	base   *url.URL
	folder string
	api    *client.Client
	query  string // of every prebuilt call
	cmd    *exec.Cmd
	ended  chan error
}

// startServer returns when the server says that it is ready.
func startServer(ctx context.Context, o options) (*server, error) {
	folder, err := os.MkdirTemp(o.dir, "greenroom-bench-")
	if err != nil {
		return nil, err
	}
	s := &server{folder: folder, ended: make(chan error, 1)}
	if err := s.start(ctx, o.greenroom); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	if err := s.ready(ctx); err != nil {
		return nil, errors.Join(err, s.stop(true))
	}
	return s, nil
}

func (s *server) start(ctx context.Context, binary string) (err error) {
	if binary == "" {
		if binary, err = build(ctx, s.folder); err != nil {
			return err
		}
	}
	address, err := freeAddress()
	if err != nil {
		return err
	}
	key := randomKey()
	s.base = &url.URL{Scheme: "http", Host: address, Path: "/"}
	s.query = fmt.Sprintf("sdkappid=%d&identifier=%s&usersig=%s&random=1&contenttype=json",
		app, admin, usersig.New(app, key, admin, time.Now(), 24*time.Hour))
	if s.api, err = client.New(s.base.String(), client.WithApp(app, key, admin)); err != nil {
		return err
	}
	file := filepath.Join(s.folder, "greenroom.yaml")
	if err := os.WriteFile(file, configuration(address, filepath.Join(s.folder, "data"), key), 0o600); err != nil {
		return err
	}
	return s.launch(binary, file)
}

// launch starts the process; its output goes to a file in the folder.
func (s *server) launch(binary, file string) error {
	log, err := os.Create(s.logFile())
	if err != nil {
		return err
	}
	defer log.Close() // the process has a descriptor of its own
	s.cmd = exec.Command(binary, "serve", "--config", file)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	s.cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "GREENROOM_") })
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start greenroom: %w", err)
	}
	go func() { s.ended <- s.cmd.Wait() }()
	return nil
}

func (s *server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, starting)
	defer cancel()
	for {
		if s.answersReady(ctx) {
			return nil
		}
		select {
		case err := <-s.ended:
			s.ended <- err // for stop
			return errors.New("greenroom ended at its start")
		case <-ctx.Done():
			return fmt.Errorf("greenroom did not become ready: %w", ctx.Err())
		case <-time.After(polling):
		}
	}
}

func (s *server) answersReady(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base.JoinPath("readyz").String(), nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// stop ends the process and removes its folder. What the server said last is in the error when it did not end well, or when
// the run failed.
func (s *server) stop(failed bool) error {
	signalled := s.cmd.Process.Signal(syscall.SIGTERM)
	if errors.Is(signalled, os.ErrProcessDone) {
		signalled = nil
	}
	err := errors.Join(signalled, end(s.cmd.Process, s.ended))
	if err != nil || failed {
		log, _ := os.ReadFile(s.logFile())
		last := log[max(0, len(log)-logTail):]
		err = errors.Join(err, fmt.Errorf("greenroom's log ends with:\n%s", last))
	}
	return errors.Join(err, os.RemoveAll(s.folder))
}

func (s *server) pid() int { return s.cmd.Process.Pid }

func (s *server) logFile() string { return filepath.Join(s.folder, "greenroom.log") }

func (s *server) url(command string) *url.URL {
	u := s.base.JoinPath("v4/live_engine_http_srv", command)
	u.RawQuery = s.query
	return u
}

func build(ctx context.Context, folder string) (string, error) {
	binary := filepath.Join(folder, "greenroom")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "github.com/greenroom-live/greenroom/cmd/greenroom").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build greenroom: %w\n%s", err, out)
	}
	return binary, nil
}

func configuration(address, data, key string) []byte {
	return fmt.Appendf(nil, `listen: %q
data_dir: %q
log:
  level: warn
apps:
  - sdk_app_id: %d
    secret_key: %q
    admins: [%s]
    webhook:
      allow_private_addresses: true
`, address, data, app, key, admin)
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func randomKey() string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return hex.EncodeToString(key)
}
