package delivery_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
)

const shortAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

// rudeServer does with each connection what serve says and counts the webhooks that were read from them.
type rudeServer struct {
	url  string
	mu   sync.Mutex
	read map[string]int // by id
	open int            // connections
}

func newRudeServer(t *testing.T, serve func(read func() bool, c *net.TCPConn)) *rudeServer {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &rudeServer{url: "http://" + l.Addr().String(), read: make(map[string]int)}
	var all sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); all.Wait() })
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.count(1)
			all.Go(func() {
				defer s.count(-1)
				defer c.Close()
				in := bufio.NewReader(c)
				serve(func() bool { return s.readOne(in) }, c.(*net.TCPConn))
			})
		}
	})
	return s
}

func (s *rudeServer) count(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open += n
}

func (s *rudeServer) readOne(in *bufio.Reader) bool {
	r, err := http.ReadRequest(in)
	if err != nil {
		return false
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.read[r.Header.Get("webhook-id")]++
	return true
}

// An app server may end its connections when it likes, and be wordy. Each event reaches it once; hardly any attempt fails
// for it, so that nothing waits; and no connection is left over.
func TestConnectionsThatEndUnaskedCostNothing(t *testing.T) {
	answer := func(c net.Conn, text string) { _, _ = io.WriteString(c, text) }
	for name, serve := range map[string]func(read func() bool, c *net.TCPConn){
		"closed after each answer": func(read func() bool, c *net.TCPConn) {
			if read() {
				answer(c, shortAnswer)
			}
		},
		"reset after each answer": func(read func() bool, c *net.TCPConn) {
			if read() {
				answer(c, shortAnswer)
				_ = c.SetLinger(0)
			}
		},
		"closed after three answers": func(read func() bool, c *net.TCPConn) {
			for n := 0; n < 3 && read(); n++ {
				answer(c, shortAnswer)
			}
		},
		"closed when idle for 5 ms": func(read func() bool, c *net.TCPConn) {
			for c.SetReadDeadline(time.Now().Add(5*time.Millisecond)) == nil && read() {
				answer(c, shortAnswer)
			}
		},
		"said to be closed, and not": func(read func() bool, c *net.TCPConn) {
			for read() {
				answer(c, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")
			}
		},
		"of HTTP/1.0": func(read func() bool, c *net.TCPConn) {
			if read() {
				answer(c, "HTTP/1.0 200 OK\r\n\r\n{}")
			}
		},
		"answered before anything was asked": func(read func() bool, c *net.TCPConn) {
			for answer(c, shortAnswer); read(); {
				answer(c, shortAnswer)
			}
		},
		"answered twice": func(read func() bool, c *net.TCPConn) {
			if read() {
				answer(c, shortAnswer+shortAnswer)
			}
		},
		"answered with others before": func(read func() bool, c *net.TCPConn) {
			for read() {
				answer(c, "HTTP/1.1 100 Continue\r\n\r\n")
				answer(c, "HTTP/1.1 103 Early Hints\r\n\r\n"+shortAnswer)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, func(a *delivery.App) { a.Concurrency = 4 })
			s := newRudeServer(t, serve)
			h.configure(s.url, "")
			const rooms, events = 5, 300
			for i := range events {
				h.deleteKey(live.RoomID(fmt.Sprint("r", i%rooms)), fmt.Sprint(i))
			}
			h.start()
			h.waitSettled(delivery.Delivered, events)
			h.mu.Lock()
			failed := h.settled[delivery.Failed]
			h.mu.Unlock()
			require.Less(t, failed, events/10)
			h.halt()
			require.Eventually(t, func() bool {
				s.mu.Lock()
				defer s.mu.Unlock()
				return s.open == 0
			}, 20*time.Second, time.Millisecond, "no connection is left over")
			require.Len(t, s.read, events, "what was not read was not delivered")
			for id, n := range s.read {
				require.Equal(t, 1, n, id)
			}
		})
	}
}
