package delivery_test

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
)

// forwarder is a proxy that wants a password and leads every name to one address.
type forwarder struct {
	*httptest.Server
	to string

	mu    sync.Mutex
	asked []string // method and target of each request
}

const proxyPassword = "open-says-me"

func newForwarder(t *testing.T, to string) *forwarder {
	f := &forwarder{to: to}
	f.Server = httptest.NewUnstartedServer(f)
	f.Server.Config.ErrorLog = discard
	f.Start()
	t.Cleanup(f.Close)
	return f
}

// use returns a function that has everything go through this proxy.
func (f *forwarder) use(t *testing.T, user *url.Userinfo) func(*url.URL) (*url.URL, error) {
	u, err := url.Parse(f.URL)
	require.NoError(t, err)
	u.User = user
	return func(*url.URL) (*url.URL, error) { return u, nil }
}

func (f *forwarder) requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.asked...)
}

func (f *forwarder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.asked = append(f.asked, r.Method+" "+strings.Split(r.RequestURI, "?")[0])
	f.mu.Unlock()
	if r.Header.Get("Proxy-Authorization") != "Basic "+base64.StdEncoding.EncodeToString([]byte("greenroom:"+proxyPassword)) {
		w.WriteHeader(http.StatusProxyAuthRequired)
		return
	}
	out, err := net.Dial("tcp", f.to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer out.Close()
	if r.Method != http.MethodConnect {
		f.forward(w, r, out)
		return
	}
	in, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer in.Close()
	_, _ = io.WriteString(in, "HTTP/1.1 200 Connected\r\n\r\n")
	done := make(chan struct{})
	go func() {
		_, _ = io.Copy(out, in)
		_ = out.(*net.TCPConn).CloseWrite()
		close(done)
	}()
	_, _ = io.Copy(in, out)
	_ = in.Close()
	<-done
}

func (f *forwarder) forward(w http.ResponseWriter, r *http.Request, out net.Conn) {
	r.Header.Del("Proxy-Authorization")
	transport := &http.Transport{DisableKeepAlives: true,
		DialContext: func(context.Context, string, string) (net.Conn, error) { return out, nil }}
	answer, err := transport.RoundTrip(r)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer answer.Body.Close()
	w.WriteHeader(answer.StatusCode)
	_, _ = io.Copy(w, answer.Body)
}

// TestAProxyIsUsedWhenTheAppHasOne, for http and https, for trials, webhooks and questions, with its password, which the
// app server does not get.
func TestAProxyIsUsedWhenTheAppHasOne(t *testing.T) {
	ours := newAuthority(t)
	h := newHouse(t, func(a *delivery.App) { a.AllowPrivateAddresses, a.CAs = false, ours.pool() })
	cert := func(c *tls.Config) {
		c.Certificates = []tls.Certificate{ours.issue(time.Now().Add(time.Hour), "hooks.example")}
	}
	for scheme, to := range map[string]string{
		"http":  h.server.Listener.Addr().String(),
		"https": ours.serve(h.server, true, cert).Listener.Addr().String(),
	} {
		proxy := newForwarder(t, to)
		h.app.Proxy = proxy.use(t, url.UserPassword("greenroom", proxyPassword))
		h.reopen()
		h.configure(scheme+"://hooks.example/live?tenant=eu1", "")
		before := len(h.server.Requests())
		trial := h.try(t)
		require.True(t, trial.Delivered, trial.Reason)
		h.start()
		h.deleteKey("r", "k")
		h.waitSettled(delivery.Delivered, 1)
		_, err := h.ask()
		require.NoError(t, err)
		h.halt()
		want := map[string]string{"http": "POST http://hooks.example/live", "https": "CONNECT hooks.example:443"}[scheme]
		require.Equal(t, []string{want, want, want}, proxy.requests())
		got := h.server.Requests()[before:]
		require.Len(t, got, 3)
		for _, r := range got {
			require.Empty(t, r.Header.Get("Proxy-Authorization"))
		}
		require.Empty(t, trial.Request.Header.Get("Proxy-Authorization"))
	}
}

// TestAProxyIsNotAskedForWhatTheGuardRefuses: as far as the URL itself says where it leads.
func TestAProxyIsNotAskedForWhatTheGuardRefuses(t *testing.T) {
	h := newHouse(t, nil)
	proxy := newForwarder(t, h.server.Listener.Addr().String())
	h.app.AllowPrivateAddresses = false
	h.app.Proxy = proxy.use(t, nil)
	h.reopen()
	for _, target := range []string{"http://127.0.0.1/", "https://127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://localhost/",
		"https://169.254.169.254/", "http://[::ffff:127.0.0.1]/", "http://[64:ff9b::7f00:1]/"} {
		h.configure(target, "")
		requireRefused(t, h.try(t).Reason, "")
		_, err := h.ask()
		requireRefused(t, err.Error(), "")
	}
	require.Empty(t, proxy.requests())

	h.app.AllowNetworks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	h.reopen()
	h.configure("http://127.0.0.1/", "")
	require.Contains(t, h.try(t).Reason, "407")
	require.Equal(t, []string{"POST http://127.0.0.1/"}, proxy.requests())
}

// TestWhatGoesPastAProxyIsGuarded: where the app's proxy is not used for a URL, the address is checked when it is dialled.
func TestWhatGoesPastAProxyIsGuarded(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) {
		a.AllowPrivateAddresses = false
		a.Proxy = func(*url.URL) (*url.URL, error) { return nil, nil }
	})
	requireRefused(t, h.try(t).Reason, "127.0.0.1")
}

func TestAProxyThatCannotBeUsed(t *testing.T) {
	h := newHouse(t, nil)
	proxy := newForwarder(t, "127.0.0.1:1")
	gone := newForwarder(t, "")
	gone.Close()
	password := url.UserPassword("greenroom", "wrong-word-of-pass")
	for name, c := range map[string]struct {
		proxy func(*url.URL) (*url.URL, error)
		url   string
		says  string
	}{
		"wrong password":       {proxy.use(t, password), "https://hooks.example/", "the proxy answers 407 and does not connect"},
		"wrong password, http": {proxy.use(t, password), "http://hooks.example/", "the answer's HTTP status is 407, not 200"},
		"cannot connect": {proxy.use(t, url.UserPassword("greenroom", proxyPassword)), "https://hooks.example/",
			"the proxy answers 502 and does not connect"},
		"gone": {gone.use(t, password), "https://hooks.example/",
			"the proxy cannot be used: connection refused by " + gone.Listener.Addr().String()},
		"none": {func(*url.URL) (*url.URL, error) { return nil, errors.New("invalid proxy http://u:wrong-word-of-pass@") }, "http://hooks.example/",
			"webhook.proxy of the app, or the environment that it leaves it to, names no usable proxy"},
	} {
		t.Run(name, func(t *testing.T) {
			h.app.Proxy = c.proxy
			h.reopen()
			h.configure(c.url, "")
			require.Equal(t, c.says, h.try(t).Reason)
		})
	}
}

// TestTheEnvironmentsProxyIsNotUsedUnasked.
func TestTheEnvironmentsProxyIsNotUsedUnasked(t *testing.T) {
	names := newNameServer(t, func(string, int) []netip.Addr { return []netip.Addr{allowed} })
	h := newHouse(t, nil)
	proxy := newForwarder(t, h.server.Listener.Addr().String())
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("http_proxy", proxy.URL)
	t.Setenv("ALL_PROXY", proxy.URL)
	h.options = func(o *delivery.Options) { o.Resolver = names.resolver() }
	h.reopen()
	at, err := url.Parse(h.server.URL)
	require.NoError(t, err)
	h.configure("http://hooks.example:"+at.Port(), "")
	trial := h.try(t)
	require.True(t, trial.Delivered, trial.Reason)
	require.Empty(t, proxy.requests())
}
