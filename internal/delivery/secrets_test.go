package delivery_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/webhook"
)

// notebook keeps what is written to it, from wherever.
type notebook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (n *notebook) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(p)
}

func (n *notebook) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}

const (
	oldSecret, newSecret = "an old secret of 32 bytes, is it", "the new secret: 32 bytes as well"
	callbackToken        = "TokenThatNobodyMayRead"
	urlSecret, pathWord  = "query-word-of-honour", "path-word-of-honour"
)

// echo answers with what it was sent, which is what an HTTP client should not see.
func echo(t *testing.T, before string) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var conns sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); conns.Wait() })
	conns.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns.Go(func() {
				defer c.Close()
				_, _ = io.WriteString(c, before)
				_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
				_, _ = io.Copy(c, c)
			})
		}
	})
	return l.Addr().String()
}

// misery is every way in which an app server can fail: its URL without path and query.
func misery(t *testing.T, ours *authority) map[string]string {
	gone := httptest.NewServer(nil)
	gone.Close()
	answers := func(status int, body string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", r.URL.String())
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	debug, _ := http2Server(t, ours, func(_ int, stream uint32) []byte {
		return append(frame(frameGoAway, 0, 0, append(append(number(stream), number(codeProtocol)...), urlSecret...)), hangUp...)
	})
	closed, _ := http2Server(t, ours, func(int, uint32) []byte { return nil })
	return map[string]string{
		"refused":           gone.URL,
		"no such name":      "http://nobody.example",
		"echo":              "http://" + echo(t, ""),
		"echo in header":    "http://" + echo(t, "HTTP/1.1 200 OK\r\n"),
		"echo as header":    "http://" + echo(t, "HTTP/1.1 500 No\r\nX: "),
		"echo as length":    "http://" + echo(t, "HTTP/1.1 200 OK\r\nContent-Length: "),
		"echo as encoding":  "http://" + echo(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: "),
		"echo as status":    "http://" + echo(t, "HTTP/1.1 "),
		"echo as version":   "http://" + echo(t, "HTTP/"),
		"echo as chunk":     "http://" + echo(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
		"echo as trailer":   "http://" + echo(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"),
		"echo in TLS":       "https://" + echo(t, ""),
		"plain HTTP in TLS": strings.Replace(answers(200, ""), "http://", "https://", 1),
		"unknown authority": newAuthority(t).serve(http.NotFoundHandler(), false, nil).URL,
		"GOAWAY that says":  debug,
		"HTTP/2 closed":     closed,
		"reset":             "http://" + rawServer(t, func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) }),
		"half an answer":    "http://" + rawServer(t, func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{") }),
		"silence":           "http://" + rawServer(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }),
		"a redirect":        answers(302, ""),
		"forbidden":         answers(403, "{}"),
		"no JSON":           answers(200, "oops"),
		"too long":          answers(200, strings.Repeat(" ", 70_000)),
		"success":           answers(200, `{"ActionStatus":"OK","ErrorCode":0}`),
		"a hostile address": "http://169.254.169.254",
		"a bad address":     "http://1.2.3.4.5",
	}
}

// TestSecretsAreSeenNowhere: a lot of deliveries, questions and trials that end in every way, with the log at level debug;
// then the log, the metrics, the errors, the outbox and what operators are answered are searched for every secret. What is
// sent to a URL that echoes it is the app server's own doing and not looked at; the URL that a trial answers with is that
// of the configuration.
func TestSecretsAreSeenNowhere(t *testing.T) {
	ours := newAuthority(t)
	clientCert := ours.issue(time.Now().Add(time.Hour))
	clientKey, err := x509.MarshalPKCS8PrivateKey(clientCert.PrivateKey)
	require.NoError(t, err)
	seen := new(notebook)
	h := newHouse(t, func(a *delivery.App) {
		a.CAs, a.ClientCert = ours.pool(), &clientCert
		a.Secrets = []webhook.Secret{webhook.SecretFromKey(oldSecret), webhook.SecretFromKey(newSecret)}
		a.Retry.FirstDelay, a.Retry.MaxDelay, a.Retry.Timeout = time.Millisecond, time.Millisecond, 100*time.Millisecond
	})
	defer log.SetOutput(log.Writer())
	h.askLimit = 100 * time.Millisecond
	names := newNameServer(t, func(string, int) []netip.Addr { return nil })
	h.options = func(o *delivery.Options) {
		o.Resolver = names.resolver()
		o.Log = slog.New(slog.NewTextHandler(seen, &slog.HandlerOptions{Level: slog.LevelDebug}))
		fmt.Fprintf(seen, "%v %+v %#v\n", o.Apps, o.Apps, o.Apps[0].Secrets)
		log.SetOutput(delivery.StandardLog(o.Log)) // as the server does
	}
	h.settle = func(o delivery.Outcome, pass func(delivery.Outcome)) {
		fmt.Fprintln(seen, o.Fate, o.Attempt.Error, o.Event.LastError, o.Attempt.Status)
		pass(o)
	}
	forwarded := newForwarder(t, "127.0.0.1:1")
	proxies := map[string]func(*url.URL) (*url.URL, error){
		"straight":         nil,
		"proxy":            forwarded.use(t, url.UserPassword("greenroom", proxyPassword)),
		"proxy that wants": forwarded.use(t, url.UserPassword("other", proxyPassword)),
		"no proxy":         newClosed(t).use(t, url.UserPassword("greenroom", proxyPassword)),
	}
	for name, base := range misery(t, ours) {
		for via, proxy := range proxies {
			if proxy != nil && name != "success" && name != "echo" && name != "echo in TLS" && name != "a hostile address" {
				continue
			}
			h.app.Proxy = proxy
			h.app.AllowPrivateAddresses = !strings.Contains(name, "address")
			h.reopen()
			h.configure(base+"/"+pathWord+"?tenant="+urlSecret, callbackToken)
			h.tryEverything(t, seen, name != "success" || proxy != nil, name+", "+via)
		}
	}

	text := seen.String()
	require.Contains(t, text, "level=DEBUG")
	require.Contains(t, text, "webhook delivered")
	secrets := map[string]string{
		"callback token": callbackToken, "query of the URL": urlSecret, "path of the URL": pathWord, "proxy password": proxyPassword,
		"credentials of the proxy": base64.StdEncoding.EncodeToString([]byte("greenroom:" + proxyPassword)),
		"client key":               base64.StdEncoding.EncodeToString(clientKey)[:40],
	}
	for i, secret := range []string{oldSecret, newSecret} {
		secrets[fmt.Sprint("secret", i)] = secret
		secrets[fmt.Sprint("secret in base64", i)] = base64.StdEncoding.EncodeToString([]byte(secret))
		secrets[fmt.Sprint("secret in base16", i)] = hex.EncodeToString([]byte(secret))
		secrets[fmt.Sprint("secret as bytes", i)] = strings.Trim(fmt.Sprint([]byte(secret)), "[]")
	}
	for what, secret := range secrets {
		if at := strings.Index(text, secret); at >= 0 {
			t.Errorf("the %s is seen: %q", what, text[max(0, at-200):at+len(secret)])
		}
	}
}

func newClosed(t *testing.T) *forwarder {
	f := newForwarder(t, "")
	f.Close()
	return f
}

// tryEverything sends a webhook, two questions and a trial, and writes down what is seen of them.
func (h *house) tryEverything(t *testing.T, seen *notebook, fails bool, name string) {
	h.start()
	h.deleteKey("r", "k")
	fate := delivery.Delivered
	if fails {
		fate = delivery.Failed
	}
	h.waitFor(fate)
	for range 2 {
		_, err := h.ask()
		fmt.Fprintln(seen, name, err)
	}
	trial := h.try(t)
	require.Equal(t, fails, !trial.Delivered, "%s: %s", name, trial.Reason)
	trial.Request.URL = ""
	trial.Answer = nil
	answer, err := json.Marshal(trial)
	require.NoError(t, err)
	fmt.Fprintf(seen, "%s %+v\n", answer, trial)
	h.halt()
	pending, err := h.store.Pending(context.Background(), delivery.Lane{App: app, Room: "r"}, 0, 10)
	require.NoError(t, err)
	for _, e := range pending {
		fmt.Fprintln(seen, e.LastError)
	}
	page := httptest.NewRecorder()
	promhttp.HandlerFor(h.metrics.Registry, promhttp.HandlerOpts{}).ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Contains(t, page.Body.String(), "greenroom_webhook")
	_, _ = seen.Write(page.Body.Bytes())
}

// waitFor waits for the first outcome of that fate.
func (h *house) waitFor(fate delivery.Fate) {
	h.t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		h.mu.Lock()
		got, change := h.settled[fate], h.change
		h.mu.Unlock()
		if got > 0 {
			return
		}
		select {
		case <-change:
		case <-timeout:
			require.FailNow(h.t, "no outcome", "%s", fate)
		}
	}
}

// TestWhatNetHTTPLogsByItselfCitesNothing: an app server sends more than its answer, and what it sends is the request.
func TestWhatNetHTTPLogsByItselfCitesNothing(t *testing.T) {
	lines := make(chan string, 100)
	defer log.SetOutput(log.Writer())
	defer log.SetFlags(log.Flags())
	log.SetFlags(0)
	log.SetOutput(delivery.StandardLog(slog.New(slog.NewTextHandler(lineWriter(lines), &slog.HandlerOptions{Level: slog.LevelDebug}))))
	h := newHouse(t, nil)
	done := make(chan struct{})
	defer close(done)
	h.configure("http://"+rawServer(t, func(c net.Conn) {
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}POST /?tenant="+urlSecret+" HTTP/1.1\r\n")
		<-done
	})+"/?tenant="+urlSecret, "")
	_, err := h.ask() // over a connection that is kept
	require.Error(t, err, "it has no ErrorCode")
	select {
	case line := <-lines:
		require.Contains(t, line, "level=DEBUG")
		require.Contains(t, line, "net/http: Unsolicited response received on idle HTTP channel")
		require.NotContains(t, line, urlSecret)
	case <-time.After(20 * time.Second):
		require.FailNow(t, "nothing was logged")
	}
}

type lineWriter chan string

func (w lineWriter) Write(p []byte) (int, error) {
	w <- string(p)
	return len(p), nil
}
