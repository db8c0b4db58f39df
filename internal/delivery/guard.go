package delivery

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// notPublic are the address ranges that no webhook goes to unless the app's settings allow it: they reach the server
// itself, its network, a cloud's own services, or nobody (RFC 6890 and its successors). Of IPv6, only 2000::/3 has been
// handed out; what lies outside of it is refused whole, the metadata services, NAT64 and the IPv4-compatible addresses
// among it.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("10.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"), // carrier-grade NAT
	netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("168.63.129.16/32"), // what a cloud tells its machines
	netip.MustParsePrefix("169.254.0.0/16"),   // link-local, where most metadata services are
	netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("224.0.0.0/3"), // multicast, reserved, broadcast
	netip.MustParsePrefix("::/3"),
	netip.MustParsePrefix("2001::/23"), // Teredo and other protocols
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), // 6to4
	netip.MustParsePrefix("3fff::/20"),
	netip.MustParsePrefix("4000::/2"),
	netip.MustParsePrefix("8000::/1"),
}

func inAny(networks []netip.Prefix, addr netip.Addr) bool {
	return slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// guard says which addresses one app's webhooks may go to: public ones, and those that the app's settings allow.
type guard struct {
	all      bool           // webhook.allow_private_addresses
	networks []netip.Prefix // webhook.allow_networks
}

// refusedAddress is the error of an address that webhooks may not go to.
type refusedAddress struct {
	addr    netip.Addr
	carried netip.Addr // the IPv4 address in it; the zero Addr when there is none
}

func (r *refusedAddress) Error() string {
	carried := ""
	if r.carried.IsValid() {
		carried = fmt.Sprintf(" (which leads to %s)", r.carried)
	}
	return fmt.Sprintf("the egress guard refuses the private address %s%s; webhook.allow_networks or "+
		"webhook.allow_private_addresses of the app would allow it", r.addr, carried)
}

// check fails with a [refusedAddress] unless webhooks may go to addr.
func (g guard) check(addr netip.Addr) error {
	plain := addr.Unmap().WithZone("")
	if g.all || g.allows(plain) {
		return nil
	}
	carried, _ := carriedIPv4(plain)
	return &refusedAddress{addr, carried}
}

// allows tells whether addr is public or in a network that is allowed. An IPv6 address that leads to an IPv4 address must
// be allowed by itself, and so must be the address that it leads to: allowing 10.0.0.0/8 does not open 64:ff9b::a00:1, and
// allowing 64:ff9b::/96 opens the way to public IPv4 addresses only. An IPv4-mapped address is the IPv4 address.
func (g guard) allows(addr netip.Addr) bool {
	if !inAny(notPublic, addr) {
		return true
	}
	if !inAny(g.networks, addr) {
		return false
	}
	carried, ok := carriedIPv4(addr)
	return !ok || g.allows(carried)
}

var (
	compatible = netip.MustParsePrefix("::/96")
	translated = netip.MustParsePrefix("::ffff:0:0:0/96")
	nat64      = netip.MustParsePrefix("64:ff9b::/96")
	teredo     = netip.MustParsePrefix("2001::/32")
	sixToFour  = netip.MustParsePrefix("2002::/16")
)

// carriedIPv4 returns the IPv4 address that packets to an IPv6 address end up at. Where a network's own translator puts it
// (64:ff9b:1::/48, or a prefix of the network's) cannot be known.
func carriedIPv4(addr netip.Addr) (netip.Addr, bool) {
	b := addr.As16()
	switch {
	case addr.Is4() || addr.IsUnspecified() || addr.IsLoopback():
		return netip.Addr{}, false
	case compatible.Contains(addr), translated.Contains(addr), nat64.Contains(addr):
		return netip.AddrFrom4([4]byte(b[12:16])), true
	case sixToFour.Contains(addr):
		return netip.AddrFrom4([4]byte(b[2:6])), true
	case teredo.Contains(addr):
		return netip.AddrFrom4([4]byte{^b[12], ^b[13], ^b[14], ^b[15]}), true
	}
	return netip.Addr{}, false
}

// dialer returns a dialer that connects to allowed addresses only. A name is resolved once, and the check is made on the
// very address that the socket is then connected to: a name that answers differently the next time cannot slip past it.
// It fails closed.
func (g guard) dialer(resolver *net.Resolver, timeout time.Duration) *net.Dialer {
	return &net.Dialer{
		KeepAlive: 30 * time.Second, Timeout: timeout, Resolver: resolver,
		Control: func(_, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err != nil {
				return fmt.Errorf("the egress guard cannot read the address %q", address)
			}
			return g.check(at.Addr())
		},
	}
}

// dialPlain has dialer connect to a host that may be an address in any spelling; see [readAddress].
func dialPlain(dialer *net.Dialer) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, errNoHost
		}
		addr, isAddress, err := readAddress(host)
		if err != nil {
			return nil, err
		}
		if isAddress {
			address = net.JoinHostPort(addr.Unmap().String(), port)
		}
		return dialer.DialContext(ctx, network, address)
	}
}

// checkProxied checks the host of a URL that a proxy is asked for. Only what the URL itself says can be checked: what a
// name means is for the proxy to find out. Hosts that a proxy may read otherwise than we do are refused.
func (g guard) checkProxied(u *url.URL) error {
	if g.all {
		return nil
	}
	host := u.Hostname()
	addr, isAddress, err := readAddress(host)
	if err != nil {
		return err
	}
	if isAddress {
		if err := g.check(addr); err != nil {
			return err
		}
		if _, err := netip.ParseAddr(host); err != nil {
			return badHostf("a proxy may take the host %q of the webhook URL for another address; write it as %s", host, addr)
		}
		return nil
	}
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	if name == "localhost" || strings.HasSuffix(name, ".localhost") { // loopback by definition, RFC 6761
		return g.check(netip.AddrFrom4([4]byte{127, 0, 0, 1}))
	}
	if strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return badHostf("a proxy may take the host %q of the webhook URL for another one; write it in its xn-- form", host)
	}
	return nil
}
