package delivery_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/testkit"
	"github.com/greenroom-live/greenroom/webhook"
)

var discard = log.New(io.Discard, "", 0)

// try sends a sample to the configured URL.
func (h *house) try(t *testing.T) delivery.Trial {
	t.Helper()
	trial, err := h.delivery.Test(context.Background(), app, webhook.CommandAfterDelMetadata, "")
	require.NoError(t, err)
	return trial
}

func TestCertificatesAreAlwaysVerified(t *testing.T) {
	ours, strangers := newAuthority(t), newAuthority(t)
	for name, c := range map[string]struct {
		cert tls.Certificate
		says string // nothing: delivered
	}{
		"good":              {ours.good(), ""},
		"another authority": {strangers.good(), "from an authority that is not known; webhook.ca_file"},
		"another name":      {ours.issue(time.Now().Add(time.Hour), "other.example", "127.0.0.2"), "is not for 127.0.0.1"},
		"expired":           {ours.issue(time.Now().Add(-time.Minute), "127.0.0.1"), "has expired, or is not valid yet"},
	} {
		for _, http2 := range []bool{false, true} {
			t.Run(fmt.Sprint(name, http2), func(t *testing.T) {
				h := newHouse(t, func(a *delivery.App) { a.CAs = ours.pool() })
				server := ours.serve(h.server, http2, func(config *tls.Config) { config.Certificates = []tls.Certificate{c.cert} })
				h.configure(server.URL, "")
				trial := h.try(t)
				require.Equal(t, c.says == "", trial.Delivered, trial.Reason)
				require.Contains(t, trial.Reason, c.says)
				require.Equal(t, c.says == "", len(h.server.Requests()) == 1)
			})
		}
	}
}

func TestWithoutACAOfItsOwnAnAppTrustsTheSystemOnly(t *testing.T) {
	h := newHouse(t, nil)
	h.configure(newAuthority(t).serve(h.server, false, nil).URL, "")
	require.Contains(t, h.try(t).Reason, "webhook.ca_file")
}

func TestOldTLSIsRefused(t *testing.T) {
	ours := newAuthority(t)
	h := newHouse(t, func(a *delivery.App) { a.CAs = ours.pool() })
	h.configure(ours.serve(h.server, false, func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }).URL, "")
	trial := h.try(t)
	require.False(t, trial.Delivered)
	require.Contains(t, trial.Reason, "refuses the TLS connection: protocol version not supported")
}

func TestAClientCertificateIsShown(t *testing.T) {
	ours := newAuthority(t)
	demand := func(c *tls.Config) { c.ClientAuth, c.ClientCAs = tls.RequireAndVerifyClientCert, ours.pool() }
	// With TLS 1.3 the refusal can be lost, when the server closes the connection on the request that comes with it.
	demand12 := func(c *tls.Config) { demand(c); c.MaxVersion = tls.VersionTLS12 }
	for _, http2 := range []bool{false, true} {
		h := newHouse(t, func(a *delivery.App) { a.CAs = ours.pool() })
		h.configure(ours.serve(h.server, http2, demand12).URL, "")
		require.Contains(t, h.try(t).Reason, "webhook.client_cert_file")

		stranger := newAuthority(t).good()
		h.app.ClientCert = &stranger
		h.reopen()
		require.Contains(t, h.try(t).Reason, "webhook.client_cert_file")

		cert := ours.issue(time.Now().Add(time.Hour))
		h.app.ClientCert = &cert
		h.reopen()
		for _, change := range []func(*tls.Config){demand, demand12} {
			h.configure(ours.serve(h.server, http2, change).URL, "")
			trial := h.try(t)
			require.True(t, trial.Delivered, trial.Reason)
		}
	}
}

func TestAPortWithoutTLSIsSaidToHaveNone(t *testing.T) {
	h := newHouse(t, nil)
	h.configure(strings.Replace(h.server.URL, "http://", "https://", 1), "")
	require.Equal(t, "the app server does not speak TLS at the port of the webhook URL", h.try(t).Reason)
}

// TestHTTP2ReceiversAreServedInOrderOverOneConnection.
func TestHTTP2ReceiversAreServedInOrderOverOneConnection(t *testing.T) {
	ours := newAuthority(t)
	h := newHouse(t, func(a *delivery.App) { a.CAs = ours.pool() })
	var mu sync.Mutex
	protocols, peers := make(map[string]bool), make(map[string]bool)
	h.server.Answer(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		protocols[r.Proto], peers[r.RemoteAddr] = true, true
		mu.Unlock()
		_, _ = io.WriteString(w, testkit.Success)
	})
	h.configure(ours.serve(h.server, true, nil).URL, "")
	h.start()
	h.deleteKey("r0", "0")
	h.waitSettled(delivery.Delivered, 1) // over the connection that the others share
	const rooms, keys = 10, 20
	for k := 1; k <= keys; k++ {
		for r := range rooms {
			h.deleteKey(live.RoomID(fmt.Sprint("r", r)), fmt.Sprint(k))
		}
	}
	h.waitSettled(delivery.Delivered, 1+rooms*keys)
	require.Len(t, h.server.Requests(), 1+rooms*keys)
	for room, got := range h.keysByRoom() {
		for i, key := range got[len(got)-keys:] {
			require.Equal(t, fmt.Sprint(i+1), key, room)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	require.Equal(t, map[string]bool{"HTTP/2.0": true}, protocols)
	require.Len(t, peers, 1)
}

// TestADeadHTTP2ConnectionIsGivenUp: one that swallows everything is found out by its silence, and the webhook goes out
// over another one.
func TestADeadHTTP2ConnectionIsGivenUp(t *testing.T) {
	ours := newAuthority(t)
	h := newHouse(t, func(a *delivery.App) { a.CAs, a.Retry.Timeout = ours.pool(), 100*time.Millisecond })
	server := ours.serve(h.server, true, nil)
	dead := new(atomic.Bool) // once set, what was connected before gets nowhere
	h.configure("https://"+swallow(t, server.Listener.Addr().String(), dead), "")
	h.start()
	h.deleteKey("r", "first")
	h.waitSettled(delivery.Delivered, 1)
	dead.Store(true)
	h.deleteKey("r", "second")
	h.waitSettled(delivery.Delivered, 2)
	require.Len(t, h.server.Requests(), 2)
}

// swallow forwards connections to addr; those that were made before dead are held open then, and pass nothing on.
func swallow(t *testing.T, addr string, dead *atomic.Bool) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var conns sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(func() { cancel(); _ = l.Close(); conns.Wait() })
	pass := func(to, from net.Conn, old bool) {
		buffer := make([]byte, 4096)
		for {
			n, err := from.Read(buffer)
			if err != nil {
				return
			}
			if old && dead.Load() {
				continue
			}
			_, _ = to.Write(buffer[:n])
		}
	}
	conns.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", addr)
			if err != nil {
				return
			}
			old := !dead.Load()
			context.AfterFunc(ctx, func() { _ = in.Close(); _ = out.Close() })
			conns.Go(func() { pass(out, in, old) })
			conns.Go(func() { pass(in, out, old) })
		}
	})
	return l.Addr().String()
}

func TestErrorsAreInPlainWords(t *testing.T) {
	h := newHouse(t, nil)
	raw := func(answer string) string { return rawServer(t, func(c net.Conn) { _, _ = io.WriteString(c, answer) }) }
	reset := rawServer(t, func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) })
	gone := httptest.NewServer(nil)
	gone.Close()
	for url, says := range map[string]string{
		gone.URL:            "connection refused by " + gone.Listener.Addr().String(),
		"http://" + reset:   "the connection was reset",
		"http://" + raw(""): "the connection was closed before the answer was complete",
		"http://" + raw("HTTP/1.1 200 OK\r\nContent-Length:"):             "the connection was closed before the answer was complete",
		"http://" + raw("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"):            "the answer's headers are malformed",
		"http://" + raw("220 mail.example ESMTP\r\n"):                     "the answer is not HTTP",
		"http://" + raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"): "read the answer: the connection was closed before the answer was complete",
		"http://1.2.3.4.5": `the host "1.2.3.4.5" of the webhook URL ends in a number, but is no IPv4 address`,
	} {
		trial, err := h.delivery.Test(context.Background(), app, webhook.CommandAfterDelMetadata, url)
		require.NoError(t, err)
		require.Equal(t, says, trial.Reason, url)
		sends := newHouse(t, func(a *delivery.App) { a.Retry.FirstDelay, a.Retry.MaxDelay = time.Hour, time.Hour })
		sends.configure(url, "") // webhooks over plain HTTP have a client of their own
		sends.start()
		sends.deleteKey("r", "k")
		sends.waitSettled(delivery.Failed, 1)
		require.Equal(t, says, sends.waitingIn("r")[0].LastError, url)
	}
}

// rawServer reads a request from each connection, does as it is told and closes it.
func rawServer(t *testing.T, answer func(net.Conn)) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	t.Cleanup(func() { _ = l.Close(); <-done })
	go func() {
		defer close(done)
		var conns sync.WaitGroup
		defer conns.Wait()
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns.Go(func() {
				defer c.Close()
				if r, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
					_, _ = io.Copy(io.Discard, r.Body)
				}
				answer(c)
			})
		}
	}()
	return l.Addr().String()
}
