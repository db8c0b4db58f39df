package delivery

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxInterim is how many interim answers (1xx) may come before the answer.
const maxInterim = 5

// line is one plain HTTP/1.1 connection to an app server, used by one worker at a time. It does in the worker's own
// goroutine what http.Transport does with two more for each connection, which costs a third of the time of a delivery.
// HTTPS, and with it HTTP/2, and proxies are http.Transport's.
//
// A request goes out once: nothing is sent again behind the caller's back.
type line struct {
	addr   string // it was dialled to
	conn   net.Conn
	source source
	in     *bufio.Reader
	out    []byte // the request, for one write
	used   time.Time
	unhook func() bool
}

// newLine takes a connection that was dialled. The end of ctx closes it, whatever it is doing.
func newLine(ctx context.Context, conn net.Conn, addr string) *line {
	l := &line{addr: addr, conn: conn, source: source{conn: conn}}
	l.in = bufio.NewReader(&l.source)
	l.unhook = context.AfterFunc(ctx, func() { _ = conn.Close() })
	return l
}

func (l *line) close() {
	l.unhook()
	_ = l.conn.Close()
}

// fresh tells whether the connection can take another request, as far as can be known: app servers close those that
// were idle for some seconds, and simple ones do so after every answer without saying it. A second answer to the last
// request must not be taken for that to the next one either.
func (l *line) fresh(now time.Time) bool {
	return now.Sub(l.used) < idleTimeout && quiet(l.conn)
}

// exchange sends r with its body and reads the answer's head by the deadline. The answer's body is to be read before the
// next exchange; [line.reusable] then says whether there can be one.
func (l *line) exchange(r *http.Request, body []byte, deadline time.Time) (*http.Response, error) {
	if err := l.conn.SetDeadline(deadline); err != nil {
		return nil, err
	}
	l.source.left = 2 * maxAnswer
	l.out = appendRequest(l.out[:0], r, body)
	if _, err := l.conn.Write(l.out); err != nil {
		return nil, err
	}
	for range maxInterim {
		answer, err := http.ReadResponse(l.in, r)
		if err != nil {
			return nil, l.explain(err)
		}
		if answer.StatusCode >= http.StatusOK {
			return answer, nil
		}
		if answer.StatusCode == http.StatusSwitchingProtocols {
			return nil, &reason{words: "the app server wants to switch protocols"}
		}
	}
	return nil, &reason{words: fmt.Sprintf("more than %d interim answers", maxInterim)}
}

// explain says what an error in an answer's head comes from: what reads the head may blame the half that has come.
func (l *line) explain(err error) error {
	switch {
	case errors.Is(l.source.err, io.EOF):
		return io.ErrUnexpectedEOF
	case l.source.err != nil:
		return l.source.err
	default:
		return err
	}
}

// reusable tells, after an answer's body was read to its end, whether the connection can be used again.
func (l *line) reusable(answer *http.Response, now time.Time) bool {
	l.used = now
	return !answer.Close && l.in.Buffered() == 0
}

// appendRequest writes r in the form of HTTP/1.1. Its header fields are ours and its URL was checked, so nothing in them
// can break a line.
func appendRequest(b []byte, r *http.Request, body []byte) []byte {
	b = append(b, r.Method...)
	b = append(b, ' ')
	b = append(b, r.URL.RequestURI()...)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, r.Host...)
	for name, values := range r.Header {
		for _, value := range values {
			b = append(b, "\r\n"...)
			b = append(b, name...)
			b = append(b, ": "...)
			b = append(b, value...)
		}
	}
	b = append(b, "\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len(body)), 10)
	b = append(b, "\r\n\r\n"...)
	return append(b, body...)
}

// errTooMuch says that an app server sends without an end.
var errTooMuch = &reason{words: fmt.Sprintf("the answer, with its head, is longer than %d bytes", 2*maxAnswer)}

// source reads from a connection no more than one answer may take, and keeps the error that ended it.
type source struct {
	conn net.Conn
	left int
	err  error
}

func (s *source) Read(b []byte) (n int, err error) {
	if s.left <= 0 {
		s.err = errTooMuch
		return 0, s.err
	}
	n, s.err = s.conn.Read(b[:min(len(b), s.left)])
	s.left -= n
	return n, s.err
}

// lineAddr returns where to dial for lines to a URL; empty when requests to it are not for lines: HTTPS, and hosts that
// net/http would write in another way.
func lineAddr(u *url.URL) string {
	if u.Scheme != "http" || strings.ContainsFunc(u.Host, func(r rune) bool { return r >= 0x80 || r == '%' }) {
		return ""
	}
	return net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "80"))
}
