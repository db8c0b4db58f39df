package delivery

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// lineTo returns a line to a server that does with its one connection what serve says, and then closes it.
func lineTo(t *testing.T, serve func(*bufio.Reader, net.Conn)) *line {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		serve(bufio.NewReader(conn), conn)
	}()
	conn, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	l := newLine(t.Context(), conn, listener.Addr().String())
	t.Cleanup(func() {
		l.close()
		listener.Close()
		<-done
	})
	return l
}

// answers reads a request and writes text, once for each text.
func answers(texts ...string) func(*bufio.Reader, net.Conn) {
	return func(in *bufio.Reader, out net.Conn) {
		for _, text := range texts {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = io.WriteString(out, text)
		}
		_, _ = in.ReadByte() // until the other side closes
	}
}

func lineRequest() *http.Request {
	return &http.Request{
		Method: http.MethodPost, URL: &url.URL{Scheme: "http", Host: "app.example", Path: "/a b", RawQuery: "x=1&y=%20"}, Host: "app.example",
		Header: http.Header{"Content-Type": {"application/json"}, "Webhook-Id": {"evt_1"}},
	}
}

func soon() time.Time { return time.Now().Add(20 * time.Second) }

// over makes one exchange and reads the whole answer.
func over(l *line, deadline time.Time) (status int, body string, again bool, err error) {
	answer, err := l.exchange(lineRequest(), []byte(`{"k":1}`), deadline)
	if err != nil {
		return 0, "", false, err
	}
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text), err == nil && l.reusable(time.Now()) && !answer.Close, err
}

func TestARequestOnALineIsWhatHTTPSays(t *testing.T) {
	sent := bufio.NewReader(bytes.NewReader(appendRequest(nil, lineRequest(), []byte(`{"k":1}`))))
	r, err := http.ReadRequest(sent)
	require.NoError(t, err)
	require.Equal(t, "POST /a%20b?x=1&y=%20 HTTP/1.1", fmt.Sprint(r.Method, " ", r.RequestURI, " ", r.Proto))
	require.Equal(t, "app.example", r.Host)
	require.Equal(t, http.Header{"Content-Type": {"application/json"}, "Webhook-Id": {"evt_1"}, "Content-Length": {"7"}}, r.Header)
	body, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	require.Equal(t, `{"k":1}`, string(body))
	require.Zero(t, sent.Buffered())
}

func TestALineReadsEveryFormOfAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		status int
		body   string
		again  bool
	}{
		"with a length":       {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, "{}", true},
		"empty":               {"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", 500, "", true},
		"in chunks":           {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", 200, "{}", true},
		"with a trailer":      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: A\r\n\r\n2\r\n{}\r\n0\r\nA: b\r\n\r\n", 200, "{}", true},
		"after others":        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, "{}", true},
		"without content":     {"HTTP/1.1 204 No Content\r\n\r\n", 204, "", true},
		"the last one":        {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}", 200, "{}", false},
		"HTTP/1.0":            {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, "{}", false},
		"HTTP/1.0, kept":      {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}", 200, "{}", true},
		"more than one asked": {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n\r\n", 200, "{}", false},
	} {
		t.Run(name, func(t *testing.T) {
			l := lineTo(t, answers(c.answer, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond"))
			status, body, again, err := over(l, soon())
			require.NoError(t, err)
			require.Equal(t, c.status, status)
			require.Equal(t, c.body, body)
			require.Equal(t, c.again, again)
			if again {
				_, body, _, err = over(l, soon())
				require.NoError(t, err)
				require.Equal(t, "second", body)
			}
		})
	}
}

func TestAnAnswerWithoutALengthEndsWithTheConnection(t *testing.T) {
	l := lineTo(t, func(in *bufio.Reader, out net.Conn) {
		_, _ = http.ReadRequest(in)
		_, _ = io.WriteString(out, "HTTP/1.1 200 OK\r\n\r\n{}")
		_ = out.(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, in)
	})
	status, body, again, err := over(l, soon())
	require.NoError(t, err)
	require.Equal(t, 200, status)
	require.Equal(t, "{}", body)
	require.False(t, again)
}

func TestALineFailsOnWhatIsNoAnswer(t *testing.T) {
	for name, c := range map[string]struct{ answer, says string }{
		"no HTTP":                {"SSH-2.0-OpenSSH_9.6\r\n", "malformed"},
		"half a head":            {"HTTP/1.1 200 OK\r\nContent-", "unexpected EOF"},
		"half a body":            {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", "unexpected EOF"},
		"two lengths":            {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "Content-Length"},
		"a negative length":      {"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}", "Content-Length"},
		"bad chunks":             {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "chunk"},
		"another protocol":       {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "switch protocols"},
		"nothing but others":     {strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 9), "more than 5 interim answers"},
		"a head without an end":  {"HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", maxAnswer), "with its head, is longer than 131072 bytes"},
		"a field without an end": {"HTTP/1.1 200 OK\r\nA: " + strings.Repeat("b", 4*maxAnswer), "with its head, is longer than 131072 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			l := lineTo(t, func(in *bufio.Reader, out net.Conn) {
				_, _ = http.ReadRequest(in)
				_, _ = io.WriteString(out, c.answer)
				_ = out.(*net.TCPConn).CloseWrite()
				_, _ = io.Copy(io.Discard, in)
			})
			_, _, again, err := over(l, soon())
			require.ErrorContains(t, err, c.says)
			require.False(t, again)
		})
	}
}

func TestALineGivesUpAtItsDeadline(t *testing.T) {
	for name, answer := range map[string]string{
		"no answer": "", "half a head": "HTTP/1.1 200 OK\r\nA", "half a body": "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
	} {
		t.Run(name, func(t *testing.T) {
			l := lineTo(t, answers(answer))
			_, _, _, err := over(l, time.Now().Add(30*time.Millisecond))
			require.ErrorContains(t, err, "i/o timeout")
		})
	}
}

func TestTheEndOfItsContextClosesALine(t *testing.T) {
	asked := make(chan struct{})
	l := lineTo(t, func(in *bufio.Reader, _ net.Conn) {
		_, _ = http.ReadRequest(in)
		close(asked)
		_, _ = io.Copy(io.Discard, in) // until the other side closes
	})
	l.unhook()
	ctx, cancel := context.WithCancel(t.Context())
	l.unhook = context.AfterFunc(ctx, func() { _ = l.conn.Close() })
	go func() { <-asked; cancel() }()
	_, _, _, err := over(l, soon())
	require.ErrorIs(t, err, net.ErrClosed)
}

// An idle connection that the app server has closed, or on which something came that nobody asked for, is not used again.
func TestAnIdleLineIsLookedAt(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
	for name, c := range map[string]struct {
		serve func(*bufio.Reader, net.Conn)
		fresh bool
	}{
		"it is quiet": {answers(ok), true},
		"it was closed": {func(in *bufio.Reader, out net.Conn) {
			_, _ = http.ReadRequest(in)
			_, _ = io.WriteString(out, ok)
			_ = out.(*net.TCPConn).CloseWrite()
			_, _ = io.Copy(io.Discard, in)
		}, false},
		"something came": {func(in *bufio.Reader, out net.Conn) {
			r, _ := http.ReadRequest(in)
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = io.WriteString(out, ok)
			_, _ = io.WriteString(out, "HTTP/1.1 408 Request Timeout\r\n\r\n")
			_, _ = in.ReadByte()
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			l := lineTo(t, c.serve)
			_, _, _, err := over(l, soon())
			require.NoError(t, err)
			if c.fresh {
				require.NoError(t, l.conn.SetDeadline(time.Now().Add(-time.Second)), "that of the last exchange")
				require.True(t, l.fresh(l.used.Add(time.Minute)))
				require.False(t, l.fresh(l.used.Add(idleTimeout)))
				return
			}
			require.Eventually(t, func() bool { return l.in.Buffered() > 0 || !l.fresh(l.used) }, 20*time.Second, time.Millisecond)
		})
	}
}

// Where a connection was good for one answer only, and nobody said so, the next ones are not used twice for a while.
func TestConnectionsAreDoubtedAfterOneThatWasGoodForOneAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		served  int
		idle    time.Duration
		doubted bool
	}{
		"over at once":           {1, 0, true},
		"over after a time":      {1, 2 * time.Second, false},
		"over after two answers": {2, 0, false},
		"over before the first":  {0, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			var s lines
			t.Cleanup(s.close)
			bad, good := lineTo(t, answers()), lineTo(t, answers())
			bad.served, bad.used = c.served, time.Now().Add(-c.idle)
			s.discard(bad)
			good.used = time.Now()
			s.put(good)
			if !c.doubted {
				require.Same(t, good, s.take())
				return
			}
			require.Nil(t, s.take())
			_, err := good.conn.Write([]byte("x"))
			require.ErrorIs(t, err, net.ErrClosed)
			later := lineTo(t, answers())
			later.used = time.Now().Add(doubt)
			s.put(later)
			require.Same(t, later, s.take())
		})
	}
}
