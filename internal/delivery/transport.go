package delivery

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// idleTimeout is how long a connection is kept for the next webhook.
	idleTimeout = 90 * time.Second
	// streamWindow and connectionWindow bound what an app server may send over HTTP/2 before it is read, in bytes.
	streamWindow, connectionWindow = maxAnswer, 1 << 20
	// leeway is how many time-outs a connection that is being made may take. The attempt that wants it has given up by then;
	// the connection serves the next one.
	leeway = 2
	// silence is how many time-outs an HTTP/2 connection may be silent before it is asked for a sign of life, which it must
	// give within one.
	silence = 5
)

// transport makes one app's HTTP requests as its settings say. It follows no redirect, asks for no compression, reads no
// setting of a proxy from the environment by itself, and always verifies certificates. All its errors are plain words
// without anything of the URL but its host; see [inPlainWords].
//
// An attempt reaches the app server at most once. net/http repeats a request by itself when nothing of it was written to a
// connection that turned out to be closed; over HTTP/2, where it would repeat more than that, we do it, when the app
// server says that it has not looked at the request. Whatever else goes wrong is a failed attempt.
type transport struct {
	guard   guard
	direct  *http.Transport
	proxied *http.Transport // nil without a proxy; it connects to nothing but the proxy
	proxy   func(*url.URL) (*url.URL, error)
	http2   atomic.Bool // the last TLS connection speaks HTTP/2
}

func newTransport(app App, opts Options) *transport {
	t := &transport{guard: guard{app.AllowPrivateAddresses, app.AllowNetworks}, proxy: app.Proxy}
	t.direct = t.over(app, t.guard.dialer(opts.Resolver, leeway*app.Retry.Timeout))
	if t.proxy != nil {
		// The operator has chosen the proxy, so it may be anywhere.
		t.proxied = t.over(app, guard{all: true}.dialer(opts.Resolver, leeway*app.Retry.Timeout))
		t.proxied.Proxy = func(r *http.Request) (*url.URL, error) { return t.proxy(r.URL) }
		t.proxied.OnProxyConnectResponse = checkConnect
	}
	return t
}

func (t *transport) over(app App, dialer *net.Dialer) *http.Transport {
	patience := app.Retry.Timeout
	return &http.Transport{
		DialContext:            dialPlain(dialer),
		TLSClientConfig:        t.tls(app),
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           app.Concurrency,
		MaxIdleConnsPerHost:    app.Concurrency,
		MaxConnsPerHost:        app.Concurrency,
		IdleConnTimeout:        idleTimeout,
		TLSHandshakeTimeout:    leeway * patience,
		MaxResponseHeaderBytes: maxAnswer,
		DisableCompression:     true,
		HTTP2: &http.HTTP2Config{
			MaxReceiveBufferPerStream: streamWindow, MaxReceiveBufferPerConnection: connectionWindow,
			// A connection that died silently would otherwise cost every attempt its time-out until TCP notices.
			SendPingTimeout: silence * patience, PingTimeout: patience, WriteByteTimeout: patience,
		},
	}
}

// tls has no setting that switches the verification of certificates off.
func (t *transport) tls(app App) *tls.Config {
	c := &tls.Config{
		MinVersion: tls.VersionTLS12, RootCAs: app.CAs,
		VerifyConnection: func(s tls.ConnectionState) error {
			t.http2.Store(s.NegotiatedProtocol == "h2")
			return nil
		},
	}
	if app.ClientCert != nil {
		c.Certificates = []tls.Certificate{*app.ClientCert}
	}
	return c
}

// checkConnect makes an error of a proxy's answer that names the status; its text could be anything.
func checkConnect(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode != http.StatusOK {
		return &proxyAnswer{answer.StatusCode}
	}
	return nil
}

// proxyAnswer is the error of a proxy that does not connect.
type proxyAnswer struct{ status int }

func (p *proxyAnswer) Error() string {
	return fmt.Sprintf("the proxy answers %d and does not connect", p.status)
}

// close gives up the connections that are not in use.
func (t *transport) close() {
	t.direct.CloseIdleConnections()
	if t.proxied != nil {
		t.proxied.CloseIdleConnections()
	}
}

// RoundTrip implements [http.RoundTripper]. The request's body is that of load.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	via, err := t.route(r.URL)
	if err != nil {
		return nil, err
	}
	answer, err := via.RoundTrip(r)
	if err != nil && notProcessed(err) {
		answer, err = via.RoundTrip(again(r))
	}
	if err != nil {
		return nil, inPlainWords(err)
	}
	return answer, nil
}

// route says whether a request goes straight or through the proxy, after the check that can be made of the latter.
func (t *transport) route(u *url.URL) (*http.Transport, error) {
	if t.proxied == nil {
		return t.direct, nil
	}
	proxy, err := t.proxy(u)
	switch {
	case err != nil:
		return nil, errors.New("webhook.proxy of the app, or the environment that it leaves it to, names no usable proxy")
	case proxy == nil:
		return t.direct, nil
	}
	return t.proxied, t.guard.checkProxied(u)
}

// payload is the body of a request.
type payload struct {
	bytes.Reader
	whole []byte
}

func (p *payload) Close() error { return nil }

func newPayload(body []byte) *payload {
	p := &payload{whole: body}
	p.Reset(body)
	return p
}

// again returns a request to be made once more. The first one's body may still be in use.
func again(r *http.Request) *http.Request {
	repeated := r.WithContext(r.Context())
	repeated.Body = newPayload(r.Body.(*payload).whole)
	return repeated
}

var errMayHaveArrived = errors.New("the connection failed, and the app server may have the webhook")

// load gives a request its body. GetBody is what allows net/http to repeat the request by itself: over HTTP/1, only when
// nothing was written. Over HTTP/2 it would also repeat one that the app server may have processed (RST_STREAM with
// PROTOCOL_ERROR), so there it may not.
func (t *transport) load(r *http.Request, body []byte) {
	r.Body = newPayload(body)
	r.ContentLength = int64(len(body))
	if r.URL.Scheme == "https" && t.http2.Load() {
		return
	}
	r.GetBody = func() (io.ReadCloser, error) {
		if r.URL.Scheme == "https" && t.http2.Load() {
			return nil, errMayHaveArrived
		}
		return newPayload(body), nil
	}
}

// cannotRetry is how the error of an HTTP/2 request begins that net/http would repeat, if it had a GetBody.
const cannotRetry = "http2: Transport: cannot retry err ["

// notProcessed tells whether an HTTP/2 server has said that it has not processed the request and never will (RFC 9113,
// 8.7): the request came after those that its GOAWAY counts, or its stream was refused. net/http has no type for that; its
// text is held by tests.
func notProcessed(err error) bool {
	says := err.Error()
	return strings.HasPrefix(says, cannotRetry) &&
		(strings.Contains(says, "graceful shutdown GOAWAY]") || strings.Contains(says, "; REFUSED_STREAM"))
}
