package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"github.com/greenroom-live/greenroom/webhook"
)

const (
	defaultListen = "127.0.0.1:8701"

	// maxListenApps bounds how many apps a listener for any app remembers.
	maxListenApps = 1000
)

// listenOptions is what the flags of listen say.
type listenOptions struct {
	identity
	addr   string
	token  string
	secret string
	json   bool
	refuse bool
	ordeal ordeal
}

func newListenCommand() *cobra.Command {
	var o listenOptions
	cmd := &cobra.Command{
		Use:   "listen",
		Short: "Run an app server that prints each webhook",
		Long: `Run an app server that takes webhooks and prints each on one line: time, event, room, operator, what changed, who
caused it from where, id, and age from the change to the arrival. A repetition of an event that was taken is answered but
not printed.

The webhooks that ask beforehand, whether a message or a gift may be sent, are printed with what they were answered: they
are allowed, unless --refuse or --answer says otherwise.

Webhooks have to be for the app and signed with its key. Without --app it is the development app in the data folder; where
there is none, webhooks of any app are taken. With --fail and --delay it behaves badly, to show how webhooks are tried
again in order.`,
		Example: `  greenroom listen
  greenroom listen --app 1400000123 --key "$KEY" --token "$TOKEN"
  greenroom listen --json | jq .body
  greenroom listen --fail 3
  greenroom listen --answer 10100`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return listen(cmd, &o) },
	}
	flags := cmd.Flags()
	o.identity.register(flags)
	flags.StringVar(&o.addr, "addr", defaultListen, "address and port to listen on; port 0 takes any free port")
	flags.StringVar(&o.token, "token", "", "callback token that the requests have to be signed with")
	flags.StringVar(&o.secret, "secret", "", "signing secret (whsec_...) of an app that configured one, in place of --key")
	flags.BoolVar(&o.json, "json", false,
		"print one JSON object a webhook: receivedAt, id, query, body and, of a question, the ErrorCode that was answered; everything else goes to standard error")
	flags.IntVar(&o.ordeal.fail, "fail", 0, "answer the first N webhooks with HTTP status 500")
	flags.DurationVar(&o.ordeal.delay, "delay", 0, "wait this long before each answer")
	flags.BoolVar(&o.refuse, "refuse", false, "refuse what webhooks ask for, as --answer 1 does")
	flags.IntVar(&o.ordeal.answer, "answer", webhook.AnswerAllow,
		"ErrorCode to answer questions with: 0 allows, 1 refuses, 2 makes a message vanish, 10100 to 10200 (messages) and "+
			"102100 to 102200 (gifts) reach the sender")
	cmd.MarkFlagsMutuallyExclusive("key", "secret")
	cmd.MarkFlagsMutuallyExclusive("refuse", "answer")
	return cmd
}

func listen(cmd *cobra.Command, o *listenOptions) error {
	config, err := o.receiverConfig(cmd)
	if err != nil {
		return err
	}
	out := &arrivalPrinter{out: cmd.OutOrStdout(), rest: cmd.OutOrStdout(), json: o.json}
	if o.json {
		out.rest = cmd.ErrOrStderr()
	}
	if o.refuse {
		o.ordeal.answer = webhook.AnswerRefuse
	}
	handler, err := newListener(config, o.ordeal, out.print)
	if err != nil {
		return err
	}
	socket, err := net.Listen("tcp", o.addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	ctx := untilSignal(cmd.Context()) // before anybody can know that it is worth a signal
	o.greet(cmd, out.rest, "http://"+socket.Addr().String()+"/", len(config.Secrets) > 0)
	err = serveHTTP(ctx, socket, handler)
	out.sum()
	return err
}

// receiverConfig says whose webhooks are taken; no SDKAppID stands for any app.
func (o *listenOptions) receiverConfig(cmd *cobra.Command) (webhook.ReceiverConfig, error) {
	config := webhook.ReceiverConfig{Token: o.token}
	if o.ordeal.fail < 0 || o.ordeal.delay < 0 {
		return config, errors.New("--fail and --delay cannot be negative")
	}
	if err := o.complete(cmd.Flags()); err != nil {
		return config, err
	}
	config.SDKAppID = o.app
	secret := webhook.SecretFromKey(o.key)
	if o.secret != "" {
		var err error
		if secret, err = webhook.ParseSecret(o.secret); err != nil {
			return config, fmt.Errorf("--secret: %w", err)
		}
	}
	if !secret.IsZero() {
		config.Secrets = []webhook.Secret{secret}
	}
	return config, nil
}

// greet tells where the listener is, what it takes and how webhooks get there.
func (o *listenOptions) greet(cmd *cobra.Command, w io.Writer, url string, signed bool) {
	whose, checked, account := fmt.Sprintf("app %d", o.app), "with the right signature", ""
	if o.app == 0 {
		whose = fmt.Sprintf("any app (no --app, and no development app in %s)", o.dataDir)
	}
	if !signed {
		checked = "without checking who signed them (no --key)"
	}
	if o.token != "" {
		checked += " and the right token"
	}
	if cmd.Flags().Changed("app") {
		account = fmt.Sprintf(" --app %d --key KEY", o.app)
	}
	fmt.Fprintf(w, "listening on %s for webhooks of %s, %s\n", url, whose, checked)
	fmt.Fprintf(w, "to have them sent here:  greenroom webhook set %s%s\n", url, account)
}

// serveHTTP serves until ctx ends, and then lets the requests under way end.
func serveHTTP(ctx context.Context, socket net.Listener, handler http.Handler) error {
	const grace = 5 * time.Second
	s := &http.Server{
		Handler: handler, ReadHeaderTimeout: grace, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(socket) }()
	select {
	case err := <-served:
		return fmt.Errorf("listen: %w", err)
	case <-ctx.Done():
	}
	timeout, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := s.Shutdown(timeout); err != nil {
		return s.Close()
	}
	return nil
}

// arrivalPrinter prints what arrives: on out the events that were taken, on rest everything else.
type arrivalPrinter struct {
	json bool

	mu                         sync.Mutex
	out, rest                  io.Writer
	taken, duplicates, refused int
}

func (p *arrivalPrinter) print(a *arrival) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case a.duplicate():
		p.duplicates++
		return
	case !a.taken():
		p.refused++
		fmt.Fprintln(p.rest, a.line())
		return
	}
	p.taken++
	if !p.json {
		fmt.Fprintln(p.out, a.line())
		return
	}
	if err := a.writeJSON(p.out); err != nil {
		fmt.Fprintln(p.rest, err)
	}
}

func (p *arrivalPrinter) sum() {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.rest, "%d webhooks taken, %d repetitions dropped, %d requests not answered with 200\n",
		p.taken, p.duplicates, p.refused)
}

// ordeal is how a listener makes it hard for the sender.
type ordeal struct {
	fail  int           // so many events get a 500 first
	delay time.Duration // before each answer
	// answer is the ErrorCode of the answers to questions.
	answer int
}

// listener is the app server of listen and demo: a Receiver that reports every request once it has been answered.
type listener struct {
	config webhook.ReceiverConfig
	ordeal ordeal
	failed atomic.Int64
	report func(*arrival)

	mu   sync.Mutex
	apps map[uint32]*webhook.Receiver
}

// newListener makes a listener for the app of config or, if that has no SDKAppID, for any app.
func newListener(config webhook.ReceiverConfig, o ordeal, report func(*arrival)) (*listener, error) {
	config.Logger = slog.New(slog.DiscardHandler) // failures are reported
	l := &listener{config: config, ordeal: o, report: report, apps: make(map[uint32]*webhook.Receiver)}
	if config.SDKAppID == 0 {
		config.SDKAppID = 1 // only to have the rest judged now
	}
	_, err := l.newReceiver(config)
	return l, err
}

func (l *listener) newReceiver(config webhook.ReceiverConfig) (*webhook.Receiver, error) {
	r, err := webhook.NewReceiver(config)
	if err != nil {
		return nil, err
	}
	r.OnAny(l.take)
	webhook.Before(r, func(ctx context.Context, _ webhook.Delivery, _ webhook.BeforeSendMsg) (webhook.Answer, error) {
		return l.decide(ctx), nil
	})
	webhook.Before(r, func(ctx context.Context, _ webhook.Delivery, _ webhook.BeforeSendGift) (webhook.Answer, error) {
		return l.decide(ctx), nil
	})
	return r, nil
}

// decide answers a question, which take has heard of.
func (l *listener) decide(ctx context.Context) webhook.Answer {
	ctx.Value(arrivalKey{}).(*arrival).decision = &l.ordeal.answer
	answer := webhook.Answer{ErrorCode: l.ordeal.answer}
	if answer.ErrorCode != webhook.AnswerAllow {
		answer.ErrorInfo = "refused by greenroom listen"
	}
	return answer
}

// receiver returns the Receiver for a request's app. A Receiver takes one app's webhooks, so there is one for each app
// that came, with its own memory of ids.
func (l *listener) receiver(req *http.Request) (*webhook.Receiver, error) {
	config := l.config
	if config.SDKAppID == 0 {
		app, err := strconv.ParseUint(req.URL.Query().Get("SdkAppid"), 10, 32)
		if err != nil || app == 0 {
			return nil, errors.New("SdkAppid in the query is not an app")
		}
		config.SDKAppID = uint32(app)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if r, known := l.apps[config.SDKAppID]; known {
		return r, nil
	}
	if len(l.apps) >= maxListenApps {
		return nil, fmt.Errorf("webhooks of %d apps came already; give --app", maxListenApps)
	}
	r, err := l.newReceiver(config)
	if err == nil {
		l.apps[config.SDKAppID] = r
	}
	return r, err
}

type arrivalKey struct{}

// ServeHTTP takes one webhook and reports it.
func (l *listener) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	a := &arrival{at: time.Now(), query: req.URL.Query(), id: req.Header.Get(webhook.HeaderID)}
	answer := &answerWriter{ResponseWriter: w, status: http.StatusOK}
	receiver, err := l.receiver(req)
	if err != nil {
		http.Error(answer, err.Error(), http.StatusForbidden)
		a.status, a.reason = answer.status, err.Error()
		l.report(a)
		return
	}
	receiver.ServeHTTP(answer, req.WithContext(context.WithValue(req.Context(), arrivalKey{}, a)))
	a.status = answer.status
	if a.status != http.StatusOK && a.reason == "" {
		a.reason = answer.reason()
	}
	l.report(a)
}

// take hears of an event that passed all checks and was not taken before.
func (l *listener) take(ctx context.Context, d webhook.Delivery, event webhook.Event) error {
	a := ctx.Value(arrivalKey{}).(*arrival)
	a.delivery, a.event = d, event
	if l.ordeal.delay > 0 {
		select {
		case <-time.After(l.ordeal.delay):
		case <-ctx.Done():
			a.reason = fmt.Sprintf("the sender waited only %s", time.Since(a.at).Round(time.Millisecond))
			return ctx.Err()
		}
	}
	if n := l.failed.Add(1); n <= int64(l.ordeal.fail) {
		a.reason = fmt.Sprintf("on purpose, %d of %d", n, l.ordeal.fail)
		return errors.New(a.reason)
	}
	return nil
}

// answerWriter keeps what the Receiver answers.
type answerWriter struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader implements http.ResponseWriter.
func (w *answerWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *answerWriter) Write(p []byte) (int, error) {
	w.body.Write(p)
	return w.ResponseWriter.Write(p)
}

func (w *answerWriter) reason() string {
	var reply struct{ ErrorInfo string }
	_ = json.Unmarshal(w.body.Bytes(), &reply) // the Receiver wrote it
	return reply.ErrorInfo
}
