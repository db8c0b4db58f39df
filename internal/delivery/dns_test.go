package delivery_test

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// nameServer is a DNS server on the loopback interface. It answers the questions for IPv4 addresses, each in turn.
type nameServer struct {
	conn net.PacketConn

	mu      sync.Mutex
	answer  func(name string, n int) []netip.Addr // n counts the questions for that name from 1; nil: no such name
	counted map[string]int
}

func newNameServer(t *testing.T, answer func(name string, n int) []netip.Addr) *nameServer {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &nameServer{conn: conn, answer: answer, counted: make(map[string]int)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.serve()
	}()
	t.Cleanup(func() {
		_ = conn.Close()
		<-done
	})
	return s
}

// resolver asks this server and nobody else.
func (s *nameServer) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", s.conn.LocalAddr().String())
	}}
}

// questions returns how often the addresses of a name were asked for.
func (s *nameServer) questions(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counted[name]
}

func (s *nameServer) serve() {
	packet := make([]byte, 512)
	for {
		n, from, err := s.conn.ReadFrom(packet)
		if err != nil {
			return
		}
		_, _ = s.conn.WriteTo(s.reply(packet[:n]), from)
	}
}

// reply answers one question (RFC 1035, 4.1): a header of 12 bytes, and the name in labels, type and class.
func (s *nameServer) reply(query []byte) []byte {
	const header, typeA = 12, 1
	var labels []string
	end := header
	for query[end] != 0 {
		labels = append(labels, string(query[end+1:end+1+int(query[end])]))
		end += 1 + int(query[end])
	}
	kind := binary.BigEndian.Uint16(query[end+1:])
	end += 5
	known, addrs := s.lookUp(strings.Join(labels, "."), kind == typeA)
	reply := append([]byte(nil), query[:end]...)
	flags := uint16(0x8180) // an answer, recursion wanted and there
	if !known {
		flags |= 3 // no such name
	}
	binary.BigEndian.PutUint16(reply[2:], flags)
	binary.BigEndian.PutUint16(reply[6:], uint16(len(addrs)))
	binary.BigEndian.PutUint16(reply[8:], 0)
	binary.BigEndian.PutUint16(reply[10:], 0)
	for _, addr := range addrs {
		reply = append(reply, 0xc0, header, 0, typeA, 0, 1, 0, 0, 0, 0, 0, 4) // the name above, IN, not to be kept, 4 bytes
		reply = append(reply, addr.AsSlice()...)
	}
	return reply
}

func (s *nameServer) lookUp(name string, addresses bool) (known bool, addrs []netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !addresses {
		return s.answer(name, s.counted[name]+1) != nil, nil
	}
	s.counted[name]++
	addrs = s.answer(name, s.counted[name])
	return addrs != nil, addrs
}
