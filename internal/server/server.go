// Package server puts the parts of Greenroom together into one process: the store, the domain over it, the doors in
// front of it and the delivery behind it.
package server

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/greenroom-live/greenroom/internal/allowance"
	"github.com/greenroom-live/greenroom/internal/clientip"
	"github.com/greenroom-live/greenroom/internal/config"
	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/gateway"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/internal/operator"
	"github.com/greenroom-live/greenroom/internal/restapi"
	"github.com/greenroom-live/greenroom/internal/store/postgres"
)

// Options are what a server needs beside its configuration.
type Options struct {
	Log     *slog.Logger
	Version string
}

// Server is one Greenroom process.
type Server struct {
	config   *config.Config
	log      *slog.Logger
	name     string // of this node
	heard    *listeners
	store    engine
	cluster  *postgres.Store // the store, when it is shared with other nodes
	lease    *delivery.Lease // nil for a process that serves alone
	nodes    func(context.Context) ([]live.NodeStatus, error)
	alive    func() int // how many nodes serve; nil for a process that serves alone
	delivery *delivery.Deliverer
	gateway  *gateway.Gateway
	live     *live.Service
	http     *http.Server
	listener net.Listener
	ready    atomic.Bool
	started  time.Time   // when Run began
	met      atomic.Bool // clients were let in once, or were waited for long enough

	allowance *allowance.Shared // nil when this process limits alone
}

// New opens the data folder and the listening socket. The server answers nobody before Run. What the standard library logs
// goes to the server's log from then on.
func New(c *config.Config, opts Options) (*Server, error) {
	log.SetFlags(0)
	log.SetOutput(delivery.StandardLog(opts.Log))
	if err := makeDataFolder(c); err != nil {
		return nil, err
	}
	s := &Server{config: c, log: opts.Log, heard: &listeners{recall: make(chan struct{}, 1)}}
	if err := s.assemble(opts); err != nil {
		if s.store != nil {
			err = errors.Join(err, s.store.Close())
		}
		return nil, err
	}
	return s, nil
}

// makeDataFolder makes the data folder if anything is to be kept there.
func makeDataFolder(c *config.Config) error {
	if c.Shared() && (c.Operator.Token != "" || len(c.Operator.Networks) == 0) {
		return nil
	}
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	return nil
}

func (s *Server) assemble(opts Options) (err error) {
	c, metrics := s.config, observe.NewMetrics()
	if err := s.openEngine(opts, metrics); err != nil {
		return err
	}
	apps, err := deliveryApps(c)
	if err != nil {
		return err
	}
	s.delivery = delivery.New(delivery.Options{
		Apps: apps, Outbox: s.store, Lease: s.lease, UserAgent: "Greenroom/" + opts.Version, Window: c.Delivery.LaneWindow,
		Grace: c.Delivery.ShutdownGrace, Log: s.log, Metrics: metrics,
	})
	metrics.Registry.MustRegister(s.delivery.Collector(s.store.Backlog))
	s.live = live.NewService(s.store, s.delivery, liveApps(c), limits(c), time.Now)
	if err := s.live.RecallRevocations(context.Background()); err != nil {
		return fmt.Errorf("recall revoked logins: %w", err)
	}
	ip := clientip.Resolver{Trusted: c.TrustedProxies}
	s.gateway, err = gateway.New(gateway.Options{
		Live: s.live, ClientIP: ip, OfflineAfter: c.Client.OfflineAfter, PingInterval: c.Client.PingInterval,
		AllowedOrigins: c.Client.AllowedOrigins, MaxMessageBytes: c.Client.MaxMessageBytes, RedisURL: c.RedisURL.Reveal(),
		Log: s.log, Metrics: metrics,
	})
	if err != nil {
		return err
	}
	s.heard.delivery, s.heard.gateway, s.heard.live = s.delivery, s.gateway, s.live
	for _, app := range apps {
		s.heard.apps = append(s.heard.apps, app.ID)
	}
	s.heard.begin()
	allowance, err := s.shareAllowance(s.alive)
	if err != nil {
		return err
	}
	api := restapi.New(restapi.Options{
		Live: s.live, Presence: s.gateway, Frequency: frequency(c.Limits.Frequency), Allowance: allowance, Timeout: c.HTTP.RequestTimeout,
		MaxBody: int64(c.HTTP.MaxBodyBytes), ClientIP: ip, Log: s.log, Metrics: metrics,
	})
	operators, err := s.operatorAPI(ip)
	if err != nil {
		return err
	}
	return s.listen(s.routes(api, operators, metrics))
}

func (s *Server) routes(api *restapi.API, operators *operator.API, metrics *observe.Metrics) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(restapi.Prefix, api)
	mux.Handle("/connection/websocket", s.gateway.Handler())
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics.Registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", s.answerReady)
	routeDocs(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, operator.Prefix) {
			operators.ServeHTTP(w, r)
			return
		}
		if r.Method == http.MethodPost {
			api.ServeHTTP(w, r) // whatever the path: the API says in its envelope what it does not know
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// answerReady answers 200 while the server takes calls, its store answers and, as one of several nodes, it holds its lease.
func (s *Server) answerReady(w http.ResponseWriter, r *http.Request) {
	if why := s.unready(r.Context()); why != "" {
		http.Error(w, why, http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}

func (s *Server) listen(handler http.Handler) (err error) {
	h := s.config.HTTP
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	s.http = &http.Server{
		Handler: handler, Protocols: protocols, ReadHeaderTimeout: h.ReadHeaderTimeout, ReadTimeout: h.ReadTimeout,
		WriteTimeout: h.WriteTimeout, IdleTimeout: h.IdleTimeout, MaxHeaderBytes: h.MaxHeaderBytes,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	s.listener, err = net.Listen("tcp", s.config.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	return nil
}

// URL is where the server is reached, without a path.
func (s *Server) URL() string {
	scheme := "http"
	if s.config.TLS.Enabled() {
		scheme = "https"
	}
	addr := s.listener.Addr().(*net.TCPAddr)
	host := addr.IP.String()
	if addr.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	return scheme + "://" + net.JoinHostPort(host, fmt.Sprint(addr.Port))
}

// Run serves until ctx ends, and then stops in the reverse order of start: it takes no more calls and lets those under
// way end, tells the clients to come back later, lets the deliveries in flight end, and closes the store.
func (s *Server) Run(ctx context.Context) error {
	s.started = time.Now()
	delivery := start(s.delivery.Run)
	clients := start(s.gateway.Run)
	timers := start(func(ctx context.Context) error {
		s.live.RunTimers(ctx, func(err error) { s.log.Error("timers failed", "error", err) })
		return nil
	})
	if s.allowance != nil {
		limits := start(s.allowance.Run)
		defer func() { _ = limits.stop() }() // it ends without an error
	}
	recall := start(s.recallRevocations)
	defer func() { _ = recall.stop() }() // it ends without an error
	calls := start(func(context.Context) error { return s.serve() })
	s.ready.Store(true)
	s.log.Info("serving", "url", s.URL(), "data", s.keptIn(), "apps", len(s.config.Apps))
	var failed error
	select {
	case <-ctx.Done():
		s.log.Info("stopping")
	case failed = <-calls.done:
	case failed = <-clients.done:
	}
	s.ready.Store(false)
	timeout, cancel := context.WithTimeout(context.Background(), s.config.HTTP.ShutdownTimeout)
	defer cancel()
	err := s.http.Shutdown(timeout)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.http.Close()
	}
	return errors.Join(failed, err, timers.stop(), clients.stop(), delivery.stop(), s.store.Close())
}

// keptIn is where the state is kept, without a password.
func (s *Server) keptIn() string {
	if s.cluster != nil {
		return "PostgreSQL"
	}
	return s.config.DataDir
}

func (s *Server) serve() error {
	var err error
	if s.config.TLS.Enabled() {
		err = s.http.ServeTLS(s.listener, s.config.TLS.CertFile, s.config.TLS.KeyFile)
	} else {
		err = s.http.Serve(s.listener)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// part is a background part that runs until it is stopped.
type part struct {
	cancel context.CancelFunc
	done   chan error
}

func start(run func(context.Context) error) part {
	ctx, cancel := context.WithCancel(context.Background())
	p := part{cancel, make(chan error, 1)}
	go func() {
		p.done <- run(ctx)
		close(p.done)
	}()
	return p
}

// stop ends the part and returns how it ended, if nobody has heard of that yet.
func (p part) stop() error {
	p.cancel()
	return <-p.done
}
