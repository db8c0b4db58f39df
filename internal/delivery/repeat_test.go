package delivery_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/testkit"
)

// Frames of HTTP/2 (RFC 9113, 6).
const (
	frameData, frameHeaders, frameReset, frameSettings, framePing, frameGoAway = 0, 1, 3, 4, 6, 7

	flagEnd, flagAck, flagEndHeaders = 1, 1, 4

	codeNone, codeProtocol, codeRefused = 0, 1, 7
)

func frame(kind, flags byte, stream uint32, payload []byte) []byte {
	head := []byte{byte(len(payload) >> 16), byte(len(payload) >> 8), byte(len(payload)), kind, flags, 0, 0, 0, 0}
	binary.BigEndian.PutUint32(head[5:], stream)
	return append(head, payload...)
}

func number(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

// http2Success answers 200 (entry 8 of the static table of header fields) with the body that the contract asks for.
func http2Success(stream uint32) []byte {
	return append(frame(frameHeaders, flagEndHeaders, stream, []byte{0x80 | 8}), frame(frameData, flagEnd, stream, []byte(testkit.Success))...)
}

// hangUp stands behind the frames after which the connection is closed.
var hangUp = []byte("hang up")

// http2Server is an HTTP/2 server that answers each whole request, counted from 1, with the frames that it is told, and
// closes the connection after none.
func http2Server(t *testing.T, ours *authority, answer func(n int, stream uint32) []byte) (url string, requests *atomic.Int64) {
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{ours.good()}, NextProtos: []string{"h2"}})
	require.NoError(t, err)
	requests = new(atomic.Int64)
	var all sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, c)
			mu.Unlock()
			all.Go(func() {
				defer c.Close()
				speakHTTP2(c, requests, answer)
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		for _, c := range open {
			_ = c.Close()
		}
		mu.Unlock()
		all.Wait()
	})
	return "https://" + l.Addr().String(), requests
}

func speakHTTP2(c net.Conn, requests *atomic.Int64, answer func(n int, stream uint32) []byte) {
	r := bufio.NewReader(c)
	if _, err := io.CopyN(io.Discard, r, int64(len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))); err != nil {
		return
	}
	_, _ = c.Write(frame(frameSettings, 0, 0, nil))
	for {
		var head [9]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return
		}
		payload := make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
		if _, err := io.ReadFull(r, payload); err != nil {
			return
		}
		kind, flags, stream := head[3], head[4], binary.BigEndian.Uint32(head[5:])
		var reply []byte
		switch {
		case kind == frameSettings && flags&flagAck == 0:
			reply = frame(frameSettings, flagAck, 0, nil)
		case kind == framePing && flags&flagAck == 0:
			reply = frame(framePing, flagAck, 0, payload)
		case kind == frameData && flags&flagEnd != 0:
			if reply = answer(int(requests.Add(1)), stream); reply == nil {
				return
			}
		}
		reply, last := bytes.CutSuffix(reply, hangUp)
		_, _ = c.Write(reply)
		if last {
			return
		}
	}
}

// TestAnHTTP2RequestIsRepeatedAtOnceOnlyWhenItWasNotProcessed: when the app server says so, by refusing the stream or by a
// GOAWAY that does not count it. Whatever else ends the request is a failed attempt: the app server may have the event.
func TestAnHTTP2RequestIsRepeatedAtOnceOnlyWhenItWasNotProcessed(t *testing.T) {
	reset := func(code uint32) func(uint32) []byte {
		return func(stream uint32) []byte { return frame(frameReset, 0, stream, number(code)) }
	}
	goAway := func(uint32) []byte { return frame(frameGoAway, 0, 0, append(number(1), number(codeNone)...)) }
	for name, c := range map[string]struct {
		answer func(stream uint32) []byte // to the second request
		failed int
	}{
		"refused":               {reset(codeRefused), 0},
		"after a GOAWAY":        {goAway, 0},
		"a protocol error":      {reset(codeProtocol), 1},
		"an internal error":     {reset(2), 1},
		"no error":              {reset(codeNone), 1},
		"the connection closed": {func(uint32) []byte { return nil }, 1},
		"counted by the GOAWAY": {func(stream uint32) []byte {
			return append(frame(frameGoAway, 0, 0, append(number(stream), number(codeNone)...)), frame(frameReset, 0, stream, number(2))...)
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			ours := newAuthority(t)
			h := newHouse(t, func(a *delivery.App) { a.CAs = ours.pool() })
			url, requests := http2Server(t, ours, func(n int, stream uint32) []byte {
				if n == 2 {
					return c.answer(stream)
				}
				return http2Success(stream)
			})
			h.configure(url, "")
			h.start()
			h.deleteKey("r", "first")
			h.waitSettled(delivery.Delivered, 1)
			h.deleteKey("r", "second")
			h.waitSettled(delivery.Delivered, 2)
			h.waitSettled(delivery.Failed, c.failed)
			require.EqualValues(t, 3, requests.Load())
		})
	}
}

// TestAnAttemptReachesAnHTTP2ServerOnce also where the connection is the first and the server a broken one, which takes
// every request and resets it with a protocol error: as many requests as attempts.
func TestAnAttemptReachesAnHTTP2ServerOnce(t *testing.T) {
	ours := newAuthority(t)
	h := newHouse(t, func(a *delivery.App) { a.CAs = ours.pool() })
	url, requests := http2Server(t, ours, func(_ int, stream uint32) []byte {
		return frame(frameReset, 0, stream, number(codeProtocol))
	})
	h.configure(url, "")
	for n := 1; n <= 3; n++ {
		trial := h.try(t)
		require.False(t, trial.Delivered)
		require.EqualValues(t, n, requests.Load())
	}
	_, err := h.ask()
	require.Error(t, err)
	_, err = h.ask()
	require.Error(t, err)
	require.EqualValues(t, 5, requests.Load())
}

// TestARefusedStreamIsRepeatedOnlyOnce: a server that refuses everything gets two requests for an attempt, and not one
// after the other.
func TestARefusedStreamIsRepeatedOnlyOnce(t *testing.T) {
	ours := newAuthority(t)
	h := newHouse(t, func(a *delivery.App) { a.CAs = ours.pool() })
	url, requests := http2Server(t, ours, func(n int, stream uint32) []byte {
		if n == 1 {
			return http2Success(stream)
		}
		return frame(frameReset, 0, stream, number(codeRefused))
	})
	h.configure(url, "")
	_, err := h.ask()
	require.NoError(t, err)
	_, err = h.ask()
	require.EqualError(t, err, "the app server ended the HTTP/2 request: REFUSED_STREAM; received from peer")
	require.EqualValues(t, 3, requests.Load())
}

// TestAnHTTP1RequestThatMayHaveArrivedIsNotRepeatedByItself: an app server takes a webhook on a connection that has served
// before, and goes without an answer. That is a failed attempt, and the next one is the next one.
func TestAnHTTP1RequestThatMayHaveArrivedIsNotRepeatedByItself(t *testing.T) {
	h := newHouse(t, nil)
	var n atomic.Int64
	h.server.Answer(func(w http.ResponseWriter, _ *http.Request) {
		if n.Add(1) == 2 {
			panic(http.ErrAbortHandler) // closes the connection
		}
		_, _ = io.WriteString(w, testkit.Success)
	})
	h.start()
	h.deleteKey("r", "first")
	h.waitSettled(delivery.Delivered, 1)
	h.deleteKey("r", "second")
	h.waitSettled(delivery.Delivered, 2)
	h.waitSettled(delivery.Failed, 1)
	require.Len(t, h.server.Requests(), 3)
}
