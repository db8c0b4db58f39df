package delivery

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// refused are the address ranges that no webhook goes to unless the app's configuration allows private addresses:
// they reach the server itself, its network, or nobody (RFC 6890 and its successors). The ranges that carry an IPv4
// address inside (NAT64, 6to4, Teredo, IPv4-compatible) are refused whole.
var refused = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("10.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("169.254.0.0/16"),
	netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("224.0.0.0/4"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"),
	netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"),
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("5f00::/16"),
	netip.MustParsePrefix("fc00::/7"),
	netip.MustParsePrefix("fe80::/10"),
	netip.MustParsePrefix("fec0::/10"),
	netip.MustParsePrefix("ff00::/8"),
}

// private tells whether addr is in a range that webhooks do not go to by default.
func private(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	for _, p := range refused {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// guardedDial returns a dial function that refuses private addresses unless they are allowed. The name is resolved
// once, by the dialer, and the check is made on the very address that is then connected to: a name that answers
// differently the next time cannot slip past it. It fails closed.
func guardedDial(allowPrivate bool) func(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := &net.Dialer{KeepAlive: 30 * time.Second}
	if !allowPrivate {
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err != nil {
				return fmt.Errorf("the egress guard cannot read address %q: %w", address, err)
			}
			if private(at.Addr()) {
				return fmt.Errorf("the egress guard refuses the private address %s; "+
					"webhook.allow_private_addresses of the app would allow it", at.Addr())
			}
			return nil
		}
	}
	return dialer.DialContext
}
