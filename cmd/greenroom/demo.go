package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/client"
	"github.com/greenroom-live/greenroom/internal/config"
	"github.com/greenroom-live/greenroom/internal/server"
	"github.com/greenroom-live/greenroom/webhook"
)

// demoPatience is how long the demo waits for each webhook.
const demoPatience = 10 * time.Second

func newDemoCommand() *cobra.Command {
	var keep bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run a server and an app server, play a short room and show each call and each webhook",
		Long: `Run a server with a temporary data folder and an app server, both on free ports of this machine, play a short room and
show each call and each webhook. A webhook's time runs from the start of the call to its arrival; it is checked for its
signature and its token. Exits with 0 when every webhook arrived.`,
		Example: `  greenroom demo
  greenroom demo --keep`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runDemo(untilSignal(cmd.Context()), cmd.OutOrStdout(), cmd.ErrOrStderr(), keep)
		},
	}
	cmd.Flags().BoolVar(&keep, "keep", false, "keep both servers running afterwards, until interrupted")
	return cmd
}

func runDemo(ctx context.Context, out, errOut io.Writer, keep bool) (err error) {
	dir, err := os.MkdirTemp("", "greenroom-demo-")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	d := &demo{out: out, token: rand.Text(), arrivals: make(chan *arrival, 64)}
	if err := d.prepare(dir, errOut); err != nil {
		return err
	}
	stopped, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	failed := make(chan error, 2)
	running.Go(func() { failed <- d.server.Run(stopped) })
	running.Go(func() { failed <- serveHTTP(stopped, d.socket, d.listener) })
	defer func() {
		stop()
		running.Wait()
		err = errors.Join(err, <-failed, <-failed)
	}()
	if err := d.play(ctx); err != nil || !keep {
		return err
	}
	d.keepRunning(ctx)
	return nil
}

// demo is a server, an app server and the room that is played between them.
type demo struct {
	out      io.Writer
	app      config.App
	token    string
	server   *server.Server
	socket   net.Listener // the app server's
	listener *listener
	api      *client.Client
	arrivals chan *arrival
}

func (d *demo) prepare(dir string, errOut io.Writer) (err error) {
	if d.app, err = server.DevelopmentApp(dir); err != nil {
		return err
	}
	key := d.app.SecretKey.Reveal()
	d.listener, err = newListener(webhook.ReceiverConfig{
		SDKAppID: d.app.SDKAppID, Token: d.token, Secrets: []webhook.Secret{webhook.SecretFromKey(key)},
	}, ordeal{}, d.arrived)
	if err != nil {
		return err
	}
	if d.socket, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	c := config.Default()
	c.Listen, c.DataDir, c.Log.Level, c.Apps = "127.0.0.1:0", dir, "warn", []config.App{d.app}
	if d.server, err = server.New(c, server.Options{Log: newLog(c, errOut), Version: version}); err != nil {
		return errors.Join(err, d.socket.Close())
	}
	d.api, err = client.New(d.server.URL(), client.WithApp(d.app.SDKAppID, key, d.app.Admins[0]))
	return err
}

// arrived hears of what came. It never holds up the app server: what nobody waits for is dropped.
func (d *demo) arrived(a *arrival) {
	if a.duplicate() {
		return
	}
	select {
	case d.arrivals <- a:
	default:
	}
}

func (d *demo) hookURL() string { return "http://" + d.socket.Addr().String() + "/" }

// demoStep is one call and the webhook that it has to cause, if any.
type demoStep struct {
	title string
	call  func(context.Context) error
	hook  webhook.Command
}

func (d *demo) steps() []demoStep {
	const room = "demo"
	enabled := true
	return []demoStep{
		{"set_callback_token", func(ctx context.Context) error { return d.api.SetCallbackToken(ctx, &d.token, &enabled) }, ""},
		{"set_callback " + d.hookURL(), func(ctx context.Context) error {
			return d.api.SetCallback(ctx, client.Callback{URL: d.hookURL(), Commands: eventWords()})
		}, ""},
		{"create_room " + room, func(ctx context.Context) error {
			_, err := d.api.CreateRoom(ctx, client.RoomInfo{RoomID: room, RoomName: "Late night talk"})
			return err
		}, webhook.CommandAfterCreateRoom},
		{"set_room_metadata theme=dusk lang=en", func(ctx context.Context) error {
			return d.api.SetMetadata(ctx, room,
				client.MetadataPair{Key: "theme", Value: "dusk"}, client.MetadataPair{Key: "lang", Value: "en"})
		}, webhook.CommandAfterSetMetadata},
		{"del_room_metadata theme", func(ctx context.Context) error {
			return d.api.DeleteMetadata(ctx, room, "theme")
		}, webhook.CommandAfterDelMetadata},
		{"destroy_room " + room, func(ctx context.Context) error {
			_, err := d.api.DestroyRoom(ctx, room)
			return err
		}, webhook.CommandAfterDestroyRoom},
	}
}

func (d *demo) play(ctx context.Context) error {
	fmt.Fprintf(d.out, "server      %s, SDKAppID %d, in a temporary folder\napp server  %s\n\n",
		d.server.URL(), d.app.SDKAppID, d.hookURL())
	hooks := 0
	for _, step := range d.steps() {
		started := time.Now()
		if err := step.call(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.title, err)
		}
		fmt.Fprintf(d.out, "%10s  call     %s\n", milliseconds(time.Since(started)), step.title)
		if step.hook == "" {
			continue
		}
		a, err := d.await(ctx, step.hook, demoPatience)
		if err != nil {
			return fmt.Errorf("%s: %w", step.title, err)
		}
		hooks++
		fmt.Fprintf(d.out, "%10s  webhook  %s\n", milliseconds(a.at.Sub(started)), a.line())
	}
	_, err := fmt.Fprintf(d.out, "\nall %d webhooks arrived, signed and in order\n", hooks)
	return err
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%.1f ms", d.Seconds()*1000) }

// await returns the next arrival, which has to be the one wanted and to have passed every check.
func (d *demo) await(ctx context.Context, want webhook.Command, patience time.Duration) (*arrival, error) {
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	select {
	case a := <-d.arrivals:
		if !a.taken() {
			return nil, fmt.Errorf("the app server did not take the webhook: %s", a.line())
		}
		if got := a.event.Command(); got != want {
			return nil, fmt.Errorf("webhook %s arrived where %s was due", got, want)
		}
		return a, nil
	case <-timeout.C:
		return nil, fmt.Errorf("webhook %s did not arrive within %s", want, patience)
	case <-ctx.Done():
		return nil, errors.New("interrupted")
	}
}

// keepRunning prints what arrives until ctx ends.
func (d *demo) keepRunning(ctx context.Context) {
	key := d.app.SecretKey.Reveal()
	fmt.Fprintf(d.out, `
both keep running until interrupted; try:

  export GREENROOM_CLI_SERVER=%s GREENROOM_CLI_APP=%d GREENROOM_CLI_KEY=%s
  greenroom room create hello
  greenroom room set-metadata hello theme=dusk

`, d.server.URL(), d.app.SDKAppID, key)
	for {
		select {
		case a := <-d.arrivals:
			fmt.Fprintln(d.out, a.line())
		case <-ctx.Done():
			return
		}
	}
}
