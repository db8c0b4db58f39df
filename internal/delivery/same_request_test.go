package delivery_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/testkit"
)

// wiretap takes connections, with TLS if there is a config, answers every request with success, and tells the bytes of each.
func wiretap(t *testing.T, config *tls.Config) (addr string, requests <-chan string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	if config != nil {
		l = tls.NewListener(l, config)
	}
	told := make(chan string, 100)
	var conns sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(func() { cancel(); _ = l.Close(); conns.Wait() })
	conns.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer context.AfterFunc(ctx, func() { _ = c.Close() })()
			conns.Go(func() { listen(c, told) })
		}
	})
	return l.Addr().String(), told
}

func listen(c net.Conn, told chan<- string) {
	defer c.Close()
	heard := new(bytes.Buffer)
	in := bufio.NewReaderSize(io.TeeReader(c, heard), 1<<20)
	for {
		r, err := http.ReadRequest(in)
		if err == nil {
			_, err = io.Copy(io.Discard, r.Body)
		}
		if err != nil {
			if heard.Len() > 0 {
				told <- fmt.Sprintf("%v: %q", err, heard)
			}
			return
		}
		told <- heard.String()
		heard.Reset()
		_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(testkit.Success), testkit.Success)
	}
}

// taken apart: the request line, the header lines in the order of the alphabet, and the body. What differs from one
// request to the next, and by where it goes, is left out.
func (h *house) apart(request, addr string) (line string, header []string, body string) {
	h.t.Helper()
	head, body, whole := strings.Cut(request, "\r\n\r\n")
	require.True(h.t, whole, request)
	lines := strings.Split(head, "\r\n")
	header = lines[1:]
	var id string
	for i, field := range header {
		name, value, _ := strings.Cut(field, ": ")
		switch name {
		case "Webhook-Id":
			id = value
		case "Webhook-Timestamp":
			require.Regexp(h.t, `^[0-9]{10}$`, value)
		case "Webhook-Signature":
			require.Regexp(h.t, `^v1,[0-9A-Za-z+/]{43}=$`, value)
		default:
			header[i] = strings.ReplaceAll(field, addr, "addr")
			continue
		}
		header[i] = name
	}
	require.NotEmpty(h.t, id)
	slices.Sort(header)
	return lines[0], header, body
}

// TestARequestIsTheSameOverALineAndOverTLS byte for byte, whatever is in the URL, the client's address and its platform:
// plain HTTP goes out by our own client, HTTPS by that of the library. Nothing in them makes a line of its own.
func TestARequestIsTheSameOverALineAndOverTLS(t *testing.T) {
	ours := newAuthority(t)
	plain, overLine := wiretap(t, nil)
	secure, overTLS := wiretap(t, &tls.Config{Certificates: []tls.Certificate{ours.good()}})
	h := newHouse(t, func(a *delivery.App) { a.CAs, a.Retry.FirstDelay, a.Retry.MaxDelay = ours.pool(), time.Hour, time.Hour })
	h.start()
	n := 0
	for _, rest := range []string{
		"", "/", "//", "//x", "/a/../b/.", "/a%20b%2Fc%0d%0aX:%20y", "/%E4%B8%AD", "/*", "*", "/@user:pw", "/#fragment", "#fragment",
		"?", "/?", "/?a=1", "/?a=1&", "/?a=1&&b", "/?a=?&b=/@#c=d", "/?a=%0d%0aX%3A+y", "/?%", "/a;b=c,d!$'()*+~", `/"<>\^{|}`, "/?\"<>\\^`{|}",
		"/a:b", "/:", "/?SdkAppid=1&Sign=mine", "/%3Fa=b", "/%23", "/%25", "/" + strings.Repeat("p", 1500),
	} {
		for _, from := range []live.Caller{
			{App: app, User: "u", IP: "203.0.113.9", Platform: live.PlatformREST},
			{App: app, User: "u", IP: "::ffff:1.2.3.4%lo\r\nX: y", Platform: " iOS HTTP/1.1\r\nX: y\r\n\r\nPOST /中#&="},
		} {
			name := fmt.Sprintf("%.20s from %.12s", rest, from.IP)
			if live.CheckCallbackURL("http://"+plain+rest) != nil {
				t.Logf("set_callback refuses %q", rest)
				continue
			}
			n++
			var lines [2]string
			var headers [2][]string
			var bodies [2]string
			for i, way := range []struct {
				url, addr string
				requests  <-chan string
			}{{"http://" + plain, plain, overLine}, {"https://" + secure, secure, overTLS}} {
				h.configure(way.url+rest, "")
				h.emitBy(fmt.Sprint(n), from)
				lines[i], headers[i], bodies[i] = h.apart(next(t, way.requests), way.addr)
			}
			require.Equal(t, lines[1], lines[0], name)
			require.Equal(t, headers[1], headers[0], name)
			require.Equal(t, bodies[1], bodies[0], name)
			require.Regexp(t, `^POST [!-~]+ HTTP/1\.1$`, lines[0], name)
			require.Len(t, headers[0], 7, name)
		}
	}
	require.Greater(t, n, 40)
}

func next(t *testing.T, requests <-chan string) string {
	t.Helper()
	select {
	case r := <-requests:
		return r
	case <-time.After(20 * time.Second):
		require.FailNow(t, "no request")
		return ""
	}
}

// emitBy commits one event of a caller's.
func (h *house) emitBy(key string, by live.Caller) {
	h.t.Helper()
	require.NoError(h.t, h.store.Update(context.Background(), func(tx live.Tx) error {
		return tx.Emit(live.Event{App: app, Room: "r", At: time.UnixMilli(1_800_000_000_000), By: by,
			Change: live.MetadataDeleted{Keys: []string{key}}})
	}))
}
