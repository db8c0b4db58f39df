package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/internal/config"
	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/internal/server"
	"github.com/greenroom-live/greenroom/usersig"
)

func newServeCommand() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Long: `Run the server: the REST API, the client connections, the webhooks and the database, in one process. With database_url,
and redis_url for the clients, it is one of several processes that serve together.

With no app configured and a new data folder, it makes an app for development and prints what to do next.
SIGTERM or an interrupt lets what is under way end, and exits with 0; a second one ends at once.`,
		Example: `  greenroom serve
  greenroom serve --config greenroom.yaml
  GREENROOM_LISTEN=:8700 greenroom serve --log-level debug`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return serve(cmd, config.Options{File: file, Environ: os.Environ(), Flags: cmd.Flags()})
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "configuration file in YAML; `greenroom config` prints one with every key")
	config.RegisterFlags(cmd.Flags())
	return cmd
}

func serve(cmd *cobra.Command, opts config.Options) error {
	c, warnings, err := config.Load(opts)
	if err != nil {
		return err
	}
	log := newLog(c, cmd.ErrOrStderr())
	for _, w := range warnings {
		log.Warn(w)
	}
	development := len(c.Apps) == 0
	if development && c.Shared() {
		return server.ErrNoSharedApps
	}
	if development {
		app, err := server.DevelopmentApp(c.DataDir)
		if err != nil {
			return err
		}
		c.Apps = []config.App{app}
	}
	ctx := untilSignal(cmd.Context())
	s, err := server.New(c, server.Options{Log: log, Version: version})
	if err != nil {
		return err
	}
	if development {
		printWelcome(cmd.OutOrStdout(), s.URL(), c.Apps[0])
	}
	tuneGC()
	return s.Run(ctx)
}

// newLog makes the process's log. The level was validated with the configuration.
func newLog(c *config.Config, w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.Log.Level))
	return observe.NewLog(w, level, c.Log.Format)
}

// untilSignal returns a context that ends with the first SIGTERM or interrupt. The second one ends the process.
func untilSignal(parent context.Context) context.Context {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
	go func() {
		<-signals
		cancel()
		<-signals
		os.Exit(1)
	}()
	return ctx
}

// welcomeSig is how long the UserSig in the printed commands is valid.
const welcomeSig = 30 * 24 * time.Hour

// program is how the user has called this program and can call it again.
func program() string {
	if strings.Contains(os.Args[0], "go-build") { // a binary of go run, gone when it ends
		return "go run ./cmd/greenroom"
	}
	return os.Args[0]
}

// printWelcome tells a new user what to do next, in commands that work as they stand.
func printWelcome(w io.Writer, url string, app config.App) {
	admin, key := app.Admins[0], app.SecretKey.Reveal()
	sig := usersig.New(app.SDKAppID, key, admin, time.Now(), welcomeSig)
	call := func(command, body string) string {
		return fmt.Sprintf("  curl -s '%s/v4/%s?sdkappid=%d&identifier=%s&usersig=%s&random=1&contenttype=json' -d '%s'; echo\n",
			url, command, app.SDKAppID, admin, sig, body)
	}
	fmt.Fprintf(w, `
Greenroom serves %s with an app made for development.

  SDKAppID    %d
  secret key  %s
  App admin   %s

1. In another terminal, run an app server that prints each webhook:

  %s listen --app %d --key %s

2. Tell Greenroom to send webhooks there:

%s
3. Make a room, write its metadata, delete it, and watch the webhooks arrive:

%s%s%s
`, url, app.SDKAppID, key, admin, program(), app.SDKAppID, key,
		call("live_config/set_callback", `{"Url":"http://127.0.0.1:8701/","CallbackCommandList":["Live.CallbackAfterCreateRoom",`+
			`"Live.CallbackAfterDestroyRoom","Live.CallbackAfterSetMetadata","Live.CallbackAfterDelMetadata","Live.CallbackAfterMemberStateChanged"]}`),
		call("live_engine_http_srv/create_room", `{"RoomInfo":{"RoomId":"hello","RoomType":"Live"}}`),
		call("live_engine_http_srv/set_room_metadata", `{"RoomId":"hello","Metadata":[{"Key":"theme","Value":"dusk"}]}`),
		call("live_engine_http_srv/del_room_metadata", `{"RoomId":"hello","Keys":["theme"]}`))
}
