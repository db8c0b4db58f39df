package delivery

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestHostsThatAreAddresses(t *testing.T) {
	for host, want := range map[string]string{
		"127.0.0.1": "127.0.0.1", "127.0.0.1.": "127.0.0.1", "2130706433": "127.0.0.1", "017700000001": "127.0.0.1",
		"0x7f000001": "127.0.0.1", "0X7F000001": "127.0.0.1", "0177.0.0.1": "127.0.0.1", "0177.0.0.01": "127.0.0.1",
		"0x7f.1": "127.0.0.1", "0x7F.0X1": "127.0.0.1", "127.1": "127.0.0.1", "127.0.1": "127.0.0.1", "127.65535": "127.0.255.255",
		"127.16777215": "127.255.255.255", "10.1.65535": "10.1.255.255", "0": "0.0.0.0", "0.0.0.0": "0.0.0.0",
		"4294967295": "255.255.255.255", "0xa9fea9fe": "169.254.169.254", "0251.0376.0251.0376": "169.254.169.254",
		"000000177.0.0.1": "127.0.0.1", "::1": "::1", "::FFFF:127.0.0.1": "::ffff:127.0.0.1", "fe80::1%eth0": "fe80::1%eth0",
		"08.8.8.8": "no", "256.0.0.1": "no", "1.2.3.256": "no", "1.2.65536": "no", "1.16777216": "no", "4294967296": "no",
		"1.2.3.4.5": "no", "0x": "no", "0x1g.1": "no", "a.1": "no", "hooks.example.0x7f": "no", "1..1": "no", "1_0.1": "no",
		"0b1.1": "no", "127.0.0.1..": "no", ".": "no", "": "no", "::g": "no", "127.0.0.1%eth0": "no", "[::1]": "no",
		"hooks.example.com": "", "localhost": "", "1.example": "", "0x7f.example": "", "127.0.0.1.nip.example": "", "b1": "",
		"0xg": "", "1e3.0o7": "",
	} {
		addr, isAddress, err := readAddress(host)
		switch want {
		case "no":
			require.Error(t, err, host)
		case "":
			require.NoError(t, err, host)
			require.False(t, isAddress, host)
		default:
			require.NoError(t, err, host)
			require.True(t, isAddress, host)
			require.Equal(t, netip.MustParseAddr(want), addr, host)
		}
	}
}

// dialToTheBrink dials a host with nothing allowed, up to where the socket would be connected. It returns the address that
// it was about to be connected to, if it came so far, and whether a name was looked up.
func dialToTheBrink(t *testing.T, host string) (reached netip.Addr, asked bool) {
	stop := errors.New("far enough")
	var lookedUp atomic.Bool // by several goroutines
	resolver := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		lookedUp.Store(true)
		return nil, stop
	}}
	dialer := guard{}.dialer(resolver, time.Second)
	check := dialer.Control
	dialer.Control = func(network, address string, c syscall.RawConn) error {
		if err := check(network, address, c); err != nil {
			return err
		}
		reached = netip.MustParseAddrPort(address).Addr()
		return stop
	}
	_, err := dialPlain(dialer)(context.Background(), "tcp", net.JoinHostPort(host, "9"))
	require.Error(t, err)
	return reached, lookedUp.Load()
}

func TestAPublicAddressGetsPast(t *testing.T) {
	for host, want := range map[string]string{"8.8.8.8": "8.8.8.8", "134744072": "8.8.8.8", "010.8.8.8": "8.8.8.8", "::ffff:8.8.8.8": "8.8.8.8"} {
		reached, asked := dialToTheBrink(t, host)
		require.Equal(t, netip.MustParseAddr(want), reached, host)
		require.False(t, asked)
	}
}
