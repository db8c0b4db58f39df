package rig

import (
	"cmp"
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
	firstApp = 1400000001
	admin    = "administrator"
	starting = 2 * time.Minute // to become ready, with whatever is in the database
	logTail  = 4096            // bytes of the server's log that are shown when something went wrong
)

// Build makes the greenroom binary in folder and returns its path. The working directory has to be in a module that has
// Greenroom's among its own.
func Build(ctx context.Context, folder string) (string, error) {
	binary := filepath.Join(folder, "greenroom")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "github.com/greenroom-live/greenroom/cmd/greenroom").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build greenroom: %w\n%s", err, out)
	}
	return binary, nil
}

// ServerOptions say which server is started.
type ServerOptions struct {
	Binary string // path of greenroom
	Dir    string // where its folder is made
	Apps   int    // how many apps it serves; 1 when 0
	Config string // YAML lines that are added to its configuration
	Key    string // secret key of all apps; a random one when empty
}

// Server is the real greenroom, as a process with a folder of its own. Halt and Launch stop it and start it anew with the
// same folder; Stop also removes the folder.
type Server struct {
	Apps   []*App
	folder string
	binary string
	base   *url.URL
	cmd    *exec.Cmd
	ended  chan error // of the running process; nil when none runs
}

// App is one app of a server, with its admin as the caller.
type App struct {
	ID    uint32
	API   *client.Client
	base  *url.URL
	query string // of every prebuilt call
	key   string
}

// StartServer makes a folder with a configuration and returns when the server on it says that it is ready.
func StartServer(ctx context.Context, o ServerOptions) (*Server, error) {
	folder, err := os.MkdirTemp(o.Dir, "greenroom-bench-")
	if err != nil {
		return nil, err
	}
	s := &Server{folder: folder, binary: o.Binary}
	if err := s.configure(o); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	if err := s.Restart(ctx); err != nil {
		return nil, errors.Join(err, s.Stop(true))
	}
	return s, nil
}

func (s *Server) configure(o ServerOptions) error {
	address, err := freeAddress()
	if err != nil {
		return err
	}
	key := cmp.Or(o.Key, RandomKey())
	s.base = &url.URL{Scheme: "http", Host: address, Path: "/"}
	for i := range max(1, o.Apps) {
		app, err := newApp(s.base, firstApp+uint32(i), key)
		if err != nil {
			return err
		}
		s.Apps = append(s.Apps, app)
	}
	text := append(configuration(address, s.DataDir(), key, len(s.Apps)), o.Config...)
	return os.WriteFile(s.configFile(), text, 0o600)
}

func newApp(base *url.URL, id uint32, key string) (*App, error) {
	api, err := client.New(base.String(), client.WithApp(id, key, admin))
	return &App{ID: id, API: api, base: base, key: key, query: fmt.Sprintf("sdkappid=%d&identifier=%s&usersig=%s&random=1&contenttype=json",
		id, admin, usersig.New(id, key, admin, time.Now(), 24*time.Hour))}, err
}

// UserSig logs a user of the app in.
func (a *App) UserSig(user string) string {
	return usersig.New(a.ID, a.key, user, time.Now(), 24*time.Hour)
}

// URL is that of a command of the live engine.
func (a *App) URL(command string) *url.URL {
	u := a.base.JoinPath("v4/live_engine_http_srv", command)
	u.RawQuery = a.query
	return u
}

// SetWebhooks is how an app's webhooks are set up first: those of the commands go to hook.
func (a *App) SetWebhooks(ctx context.Context, hook *url.URL, commands ...string) error {
	return a.API.SetCallback(ctx, client.Callback{URL: hook.String(), Commands: commands})
}

// Webhooks sends those of the commands to hook from now on. What waits for a retry is tried again at once.
func (a *App) Webhooks(ctx context.Context, hook *url.URL, commands ...string) error {
	return a.API.UpdateCallback(ctx, client.Callback{URL: hook.String(), Commands: commands})
}

// CreateRoom makes a room that is like all others of the runs.
func (a *App) CreateRoom(ctx context.Context, room string) error {
	_, err := a.API.CreateRoom(ctx, client.RoomInfo{RoomID: room, SeatTemplate: "VideoDynamicGrid9Seats"})
	return err
}

// App is the first app.
func (s *Server) App() *App { return s.Apps[0] }

// Launch starts the process and returns at once. Its output goes to a file in the folder.
func (s *Server) Launch() error {
	log, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close() // the process has a descriptor of its own
	s.cmd = exec.Command(s.binary, "serve", "--config", s.configFile())
	s.cmd.Stdout, s.cmd.Stderr = log, log
	s.cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "GREENROOM_") })
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start greenroom: %w", err)
	}
	s.ended = make(chan error, 1)
	go func(cmd *exec.Cmd, ended chan<- error) { ended <- cmd.Wait() }(s.cmd, s.ended)
	return nil
}

// Restart launches a server that does not run, and waits until it is ready.
func (s *Server) Restart(ctx context.Context) error {
	if err := s.Launch(); err != nil {
		return err
	}
	return s.Ready(ctx)
}

// Ready returns when the server says that it is ready.
func (s *Server) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, starting)
	defer cancel()
	for {
		if s.answersReady(ctx) {
			return nil
		}
		select {
		case err := <-s.ended:
			s.ended <- err // for Halt
			return errors.New("greenroom ended at its start")
		case <-ctx.Done():
			return fmt.Errorf("greenroom did not become ready: %w", ctx.Err())
		case <-time.After(polling):
		}
	}
}

func (s *Server) answersReady(ctx context.Context) bool {
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

// Halt tells the process to end and waits for that. The folder stays.
func (s *Server) Halt() error { return s.stopBy(syscall.SIGTERM) }

// Kill ends the process at once, in whatever it does. The folder stays.
func (s *Server) Kill() error {
	err := s.stopBy(syscall.SIGKILL)
	var killed *exec.ExitError
	if errors.As(err, &killed) {
		return nil
	}
	return err
}

func (s *Server) stopBy(signal os.Signal) error {
	if s.ended == nil {
		return nil
	}
	signalled := s.cmd.Process.Signal(signal)
	if errors.Is(signalled, os.ErrProcessDone) {
		signalled = nil
	}
	err := errors.Join(signalled, end(s.cmd.Process, s.ended))
	s.ended = nil
	return err
}

// Stop ends the process if it runs, and removes the folder. What the server said last is in the error when it did not end
// well, or when the run failed.
func (s *Server) Stop(failed bool) error {
	err := s.Halt()
	if err != nil || failed {
		log, _ := os.ReadFile(s.logFile())
		last := log[max(0, len(log)-logTail):]
		err = errors.Join(err, fmt.Errorf("greenroom's log ends with:\n%s", last))
	}
	return errors.Join(err, os.RemoveAll(s.folder))
}

// Base is the URL of the server.
func (s *Server) Base() *url.URL { return s.base }

// PID is that of the process which runs, or ran last.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// DataDir is the server's data folder.
func (s *Server) DataDir() string { return filepath.Join(s.folder, "data") }

func (s *Server) configFile() string { return filepath.Join(s.folder, "greenroom.yaml") }

func (s *Server) logFile() string { return filepath.Join(s.folder, "greenroom.log") }

func configuration(address, data, key string, apps int) []byte {
	text := fmt.Appendf(nil, "listen: %q\ndata_dir: %q\nlog:\n  level: warn\napps:\n", address, data)
	for i := range apps {
		text = fmt.Appendf(text, `  - sdk_app_id: %d
    secret_key: %q
    admins: [%s]
    webhook:
      allow_private_addresses: true
`, firstApp+i, key, admin)
	}
	return text
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// RandomKey makes a secret key.
func RandomKey() string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return hex.EncodeToString(key)
}
