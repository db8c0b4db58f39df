//go:build !unix

package testkit

import "net"

// hold returns a free address of this machine.
func hold() (address string, release func(), err error) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	return free.Addr().String(), func() {}, free.Close()
}
