//go:build unix

package delivery

import (
	"errors"
	"net"
	"syscall"
	"time"
)

// quiet tells whether nothing has come on an idle connection: neither its end nor anything that nobody asked for.
func quiet(conn net.Conn) bool {
	c, ok := conn.(syscall.Conn)
	if !ok || conn.SetReadDeadline(time.Time{}) != nil { // that of the last exchange may be over
		return false
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return false
	}
	var peeked error
	err = raw.Read(func(fd uintptr) bool {
		var one [1]byte
		_, _, peeked = syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return true
	})
	return err == nil && (errors.Is(peeked, syscall.EAGAIN) || errors.Is(peeked, syscall.EWOULDBLOCK))
}
