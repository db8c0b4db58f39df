//go:build !unix

package delivery

import (
	"errors"
	"net"
	"os"
	"time"
)

// listening is how long a connection is listened to where it cannot be asked without waiting.
const listening = 50 * time.Microsecond

// quiet tells whether nothing has come on an idle connection: neither its end nor anything that nobody asked for. It
// leaves a deadline behind.
func quiet(conn net.Conn) bool {
	if conn.SetReadDeadline(time.Now().Add(listening)) != nil {
		return false
	}
	_, err := conn.Read(make([]byte, 1))
	return errors.Is(err, os.ErrDeadlineExceeded)
}
