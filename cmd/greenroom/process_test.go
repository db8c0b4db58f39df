//go:build unix

package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/client"
	"github.com/greenroom-live/greenroom/internal/server"
	"github.com/greenroom-live/greenroom/internal/testkit"
	"github.com/greenroom-live/greenroom/webhook"
)

// process is a server in a process of its own, which can be killed.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stderr *lines
	url    string
	ended  chan error
}

// startProcess runs the built program on dir, and waits until it says that it is ready.
func startProcess(t *testing.T, dir string) *process {
	t.Helper()
	p, stdout := launch(t, dir)
	p.url = regexp.MustCompile(`http://\S+`).FindString(stdout.find(t, "Greenroom serves"))
	p.becomeReady()
	return p
}

// launch runs the built program on dir.
func launch(t *testing.T, dir string, more ...string) (p *process, stdout *lines) {
	t.Helper()
	stdout = newLines()
	serve := exec.Command(testkit.Binary(t), append([]string{"serve", "--listen", "127.0.0.1:0", "--data-dir", dir}, more...)...)
	p = &process{t: t, cmd: serve, stderr: newLines(), ended: make(chan error, 1)}
	p.cmd.Stdout, p.cmd.Stderr = stdout, p.stderr
	require.NoError(t, p.cmd.Start())
	go func() {
		p.ended <- p.cmd.Wait()
		close(p.ended)
		stdout.close()
		p.stderr.close()
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
	})
	return p, stdout
}

func (p *process) becomeReady() {
	p.t.Helper()
	require.Eventually(p.t, func() bool {
		resp, err := http.Get(p.url + "/readyz")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	}, patience, 5*time.Millisecond, "the server does not become ready")
}

// signal sends sig and returns how the process ended.
func (p *process) signal(sig os.Signal) error {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Signal(sig))
	select {
	case err := <-p.ended:
		return err
	case <-time.After(patience):
		require.FailNow(p.t, "the process did not end")
		return nil
	}
}

func TestServeEndsWithZeroWhenItIsToldToStop(t *testing.T) {
	for _, sig := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		p := startProcess(t, t.TempDir())
		require.NoError(t, p.signal(sig), "%s", sig)
		log := p.stderr.rest()
		require.Contains(t, log[len(log)-1], "msg=stopping")
		_, err := http.Get(p.url + "/healthz")
		require.Error(t, err)
	}
}

func TestListenEndsWithZeroWhenItIsToldToStop(t *testing.T) {
	stdout := newLines()
	cmd := exec.Command(testkit.Binary(t), "listen", "--addr", "127.0.0.1:0")
	cmd.Dir, cmd.Stdout = t.TempDir(), stdout
	require.NoError(t, cmd.Start())
	stdout.find(t, "listening on ")
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, cmd.Wait())
}

func TestTheProgramEndsWithOneAndSaysWhyWhenItFails(t *testing.T) {
	cmd := exec.Command(testkit.Binary(t), "serve", "--listen", "nowhere")
	cmd.Dir = t.TempDir()
	_, err := cmd.Output()
	var failed *exec.ExitError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, 1, failed.ExitCode())
	require.Regexp(t, `^greenroom: --listen: listen: must be host:port.*\n$`, string(failed.Stderr))
}

// What a call was answered OK for reaches the app server, in order, whatever happens to the server's process.
func TestKilledServerLosesAndReordersNoWebhook(t *testing.T) {
	const rooms, perRoom, stallAfter = 10, 20, 50
	dir := t.TempDir()
	kept, err := server.DevelopmentApp(dir)
	require.NoError(t, err)
	app := reservePort(t)

	p := startProcess(t, dir)
	api, err := client.New(p.url, client.WithApp(kept.SDKAppID, kept.SecretKey.Reveal(), "administrator"))
	require.NoError(t, err)
	require.NoError(t, api.SetCallback(t.Context(), client.Callback{URL: app.url(), Commands: eventWords()}))
	var calls sync.WaitGroup
	for i := range rooms {
		calls.Go(func() { fillRoom(t, api, fmt.Sprintf("room-%d", i), perRoom) })
	}
	calls.Wait()
	require.False(t, t.Failed())
	require.ErrorContains(t, p.signal(syscall.SIGKILL), "killed")

	record := app.open(t, stallAfter, webhook.ReceiverConfig{
		SDKAppID: kept.SDKAppID, Secrets: []webhook.Secret{webhook.SecretFromKey(kept.SecretKey.Reveal())},
		Logger: slog.New(slog.DiscardHandler), // of the calls that it leaves unanswered
	})
	p = startProcess(t, dir)
	record.wait(t, stallAfter+1)
	require.ErrorContains(t, p.signal(syscall.SIGKILL), "killed")
	close(record.goOn)
	p = startProcess(t, dir)
	record.wait(t, rooms*perRoom)
	require.NoError(t, p.signal(syscall.SIGTERM))

	record.mu.Lock()
	defer record.mu.Unlock()
	require.Len(t, record.rooms, rooms)
	for room, events := range record.rooms {
		require.Len(t, events, perRoom, room)
		require.IsType(t, webhook.AfterCreateRoom{}, events[0], room)
		for n, event := range events[1:] {
			require.Equal(t, []webhook.Metadata{{Key: "n", Value: strconv.Itoa(n + 1)}}, event.(webhook.AfterSetMetadata).Metadata, room)
		}
	}
	repeated := 0
	for id, bodies := range record.bodies {
		repeated += len(bodies) - 1
		for _, body := range bodies {
			require.Equal(t, bodies[0], body, "webhook-id %s stands for two events", id)
		}
	}
	require.NotZero(t, repeated, "what had not been answered when the server was killed has to come again")
}

// fillRoom makes a room and events-1 changes to it.
func fillRoom(t *testing.T, api *client.Client, room string, events int) {
	if _, err := api.CreateRoom(t.Context(), client.RoomInfo{RoomID: room}); err != nil {
		t.Error(err)
		return
	}
	for n := 1; n < events; n++ {
		if err := api.SetMetadata(t.Context(), room, client.MetadataPair{Key: "n", Value: strconv.Itoa(n)}); err != nil {
			t.Error(err)
			return
		}
	}
}

// record is what an app server heard: per room every event at its first arrival, and per id every body.
type record struct {
	stallAfter int           // later events are heard but not answered
	goOn       chan struct{} // until this is closed

	mu      sync.Mutex
	rooms   map[string][]webhook.Event
	bodies  map[string][]string
	taken   int
	arrived chan struct{}
}

// hear is called for every arrival, repetitions included.
func (r *record) hear(ctx context.Context, d webhook.Delivery, event webhook.Event) error {
	if r.note(d, event) <= r.stallAfter {
		return nil
	}
	select {
	case <-r.goOn:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// note returns how many different events have arrived.
func (r *record) note(d webhook.Delivery, event webhook.Event) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bodies[d.ID] = append(r.bodies[d.ID], string(d.Body))
	if len(r.bodies[d.ID]) > 1 {
		return r.taken
	}
	room := ""
	switch e := event.(type) {
	case webhook.AfterCreateRoom:
		room = e.RoomInfo.RoomID
	case webhook.AfterSetMetadata:
		room = e.RoomID
	}
	r.rooms[room] = append(r.rooms[room], event)
	r.taken++
	r.arrived <- struct{}{}
	return r.taken
}

// wait waits until n different events have arrived.
func (r *record) wait(t *testing.T, n int) {
	t.Helper()
	timeout := time.After(patience)
	for {
		r.mu.Lock()
		taken := r.taken
		r.mu.Unlock()
		if taken >= n {
			return
		}
		select {
		case <-r.arrived:
		case <-timeout:
			require.FailNowf(t, "webhooks are missing", "%d of %d arrived", taken, n)
		}
	}
}

// port is an address of this machine that nobody else gets, and that refuses connections until it is opened.
type port struct {
	fd   int
	addr string
}

func reservePort(t *testing.T) *port {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	require.NoError(t, err)
	syscall.CloseOnExec(fd)
	require.NoError(t, syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	bound, err := syscall.Getsockname(fd)
	require.NoError(t, err)
	return &port{fd, net.JoinHostPort("127.0.0.1", strconv.Itoa(bound.(*syscall.SockaddrInet4).Port))}
}

func (p *port) url() string { return "http://" + p.addr + "/hooks" }

// open starts an app server on the port for the rest of the test.
func (p *port) open(t *testing.T, stallAfter int, config webhook.ReceiverConfig) *record {
	t.Helper()
	require.NoError(t, syscall.Listen(p.fd, 128))
	file := os.NewFile(uintptr(p.fd), "app server")
	socket, err := net.FileListener(file)
	require.NoError(t, err)
	require.NoError(t, file.Close())

	r := &record{
		stallAfter: stallAfter, goOn: make(chan struct{}), rooms: map[string][]webhook.Event{},
		bodies: map[string][]string{}, arrived: make(chan struct{}, 10_000),
	}
	app := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		// A Receiver of its own for each request remembers no id.
		receiver, err := webhook.NewReceiver(config)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		receiver.OnAny(r.hear)
		receiver.ServeHTTP(w, req)
	}), ReadHeaderTimeout: patience}
	go func() { _ = app.Serve(socket) }()
	t.Cleanup(func() { _ = app.Close() })
	return r
}
