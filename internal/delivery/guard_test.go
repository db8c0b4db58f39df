package delivery

import (
	"math/big"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPublicAndPrivateAddresses(t *testing.T) {
	for addr, refused := range map[string]bool{
		"0.0.0.0": true, "0.1.2.3": true, "10.255.0.1": true, "100.64.0.1": true, "100.127.255.255": true, "127.0.0.1": true,
		"100.100.100.200": true, "127.255.255.254": true, "168.63.129.16": true, "169.254.169.254": true, "172.16.0.1": true,
		"172.31.255.255": true, "192.0.0.8": true, "192.0.0.192": true, "192.0.2.1": true, "192.88.99.1": true, "192.168.1.1": true,
		"198.18.0.1": true, "198.19.255.255": true, "198.51.100.7": true, "203.0.113.9": true, "224.0.0.1": true,
		"239.255.255.255": true, "240.0.0.1": true, "255.255.255.255": true,
		"::": true, "::1": true, "::127.0.0.1": true, "::ffff:127.0.0.1": true, "::ffff:10.0.0.1": true, "::ffff:0:127.0.0.1": true,
		"64:ff9b::7f00:1": true, "64:ff9b::808:808": true, "64:ff9b:1::1": true, "100::1": true, "2001::1": true, "2001:db8::1": true,
		"2002:7f00:1::": true, "3fff::1": true, "4000::1": true, "5f00::1": true, "fc00::1": true, "fdff::1": true,
		"fd00:ec2::254": true, "fd20:ce::254": true, "fe80::1": true, "fe80::1%eth0": true, "ff02::1": true, "fec0::1": true,
		"::ffff:127.0.0.1%lo": true,

		"1.1.1.1": false, "9.255.255.255": false, "11.0.0.0": false, "100.63.255.255": false, "100.128.0.0": false,
		"126.255.255.255": false, "128.0.0.1": false, "168.63.129.15": false, "169.253.255.255": false, "172.15.255.255": false,
		"172.32.0.0": false, "192.167.255.255": false, "192.169.0.0": false, "198.17.255.255": false, "198.20.0.0": false,
		"223.255.255.255": false, "::ffff:8.8.8.8": false, "2000::1": false, "2001:200::1": false, "2606:4700::1111": false,
		"2a00:1450::1": false, "3ffe::1": false,
	} {
		err := guard{}.check(netip.MustParseAddr(addr))
		require.Equal(t, refused, err != nil, addr)
		require.NoError(t, guard{all: true}.check(netip.MustParseAddr(addr)), "allow_private_addresses allows everything")
	}
}

func TestNetworksThatAreAllowed(t *testing.T) {
	for _, c := range []struct {
		networks []string
		addr     string
		allowed  bool
	}{
		{[]string{"10.0.0.0/8"}, "10.1.2.3", true},
		{[]string{"10.0.0.0/8"}, "11.1.2.3", true}, // public
		{[]string{"10.0.0.0/8"}, "127.0.0.1", false},
		{[]string{"10.1.0.0/16", "127.0.0.1/32"}, "127.0.0.1", true},
		{[]string{"10.1.0.0/16", "127.0.0.1/32"}, "127.0.0.2", false},
		{[]string{"fd00::/8"}, "fd12::1", true},
		{[]string{"fe80::/10"}, "fe80::1%eth0", true},
		{[]string{"::1/128"}, "::1", true},
		{[]string{"::1/128"}, "127.0.0.1", false},
		{[]string{"127.0.0.0/8"}, "::1", false},
		{[]string{"0.0.0.0/0"}, "::1", false},
		{[]string{"::/0"}, "127.0.0.1", false},
		{[]string{"::/0"}, "::1", true},

		// An IPv4-mapped address is the IPv4 address.
		{[]string{"127.0.0.0/8"}, "::ffff:127.0.0.1", true},
		{[]string{"::/0"}, "::ffff:127.0.0.1", false},

		// Others that lead to IPv4 addresses are not opened by the IPv4 network ...
		{[]string{"127.0.0.0/8"}, "64:ff9b::7f00:1", false},
		{[]string{"127.0.0.0/8"}, "2002:7f00:1::1", false},
		{[]string{"127.0.0.0/8"}, "::127.0.0.1", false},
		{[]string{"127.0.0.0/8"}, "::ffff:0:127.0.0.1", false},
		{[]string{"127.0.0.0/8"}, "2001:0:4136:e378:8000:63bf:80ff:fffe", false},
		// ... nor by their own alone, unless they lead to a public address.
		{[]string{"64:ff9b::/96"}, "64:ff9b::7f00:1", false},
		{[]string{"64:ff9b::/96"}, "64:ff9b::808:808", true},
		{[]string{"64:ff9b::/96", "127.0.0.0/8"}, "64:ff9b::7f00:1", true},
		{[]string{"2002::/16"}, "2002:7f00:1::1", false},
		{[]string{"2002::/16"}, "2002:808:808::1", true},
		{[]string{"::/0"}, "::127.0.0.1", false},
		{[]string{"::/0"}, "::ffff:0:127.0.0.1", false},
		{[]string{"2001::/32"}, "2001:0:4136:e378:8000:63bf:80ff:fffe", false}, // the client is 127.0.0.1
		{[]string{"2001::/32", "127.0.0.0/8"}, "2001:0:4136:e378:8000:63bf:80ff:fffe", true},
		{[]string{"2001::/32"}, "2001:0:4136:e378:8000:63bf:f7f7:f7f7", true}, // the client is 8.8.8.8
		// Where a translator of one's own puts the IPv4 address cannot be known: its network is all that counts.
		{[]string{"64:ff9b:1::/48"}, "64:ff9b:1::7f00:1", true},
		{[]string{"127.0.0.0/8"}, "64:ff9b:1::7f00:1", false},
	} {
		g := guard{}
		for _, n := range c.networks {
			g.networks = append(g.networks, netip.MustParsePrefix(n))
		}
		require.Equal(t, c.allowed, g.check(netip.MustParseAddr(c.addr)) == nil, "%s with %v", c.addr, c.networks)
	}
}

func TestARefusalNamesAddressAndSettings(t *testing.T) {
	require.EqualError(t, guard{}.check(netip.MustParseAddr("169.254.169.254")), "the egress guard refuses the private address "+
		"169.254.169.254; webhook.allow_networks or webhook.allow_private_addresses of the app would allow it")
	require.ErrorContains(t, guard{}.check(netip.MustParseAddr("64:ff9b::7f00:1")),
		"the private address 64:ff9b::7f00:1 (which leads to 127.0.0.1); webhook.allow_networks")
}

// TestWhatAProxyMayBeAskedFor: names are for the proxy to resolve, addresses are checked, and what could mean two things
// is refused.
func TestWhatAProxyMayBeAskedFor(t *testing.T) {
	g := guard{networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
	for host, says := range map[string]string{
		"hooks.example.com": "", "HOOKS.example.com.": "", "xn--bcher-kva.example": "", "8.8.8.8": "", "10.1.2.3": "",
		"[2606:4700::1111]": "", "8.8.8.8:8080": "", "a_b.example": "", "notlocalhost": "",
		"127.0.0.1": "refuses the private address 127.0.0.1", "[::1]": "address ::1", "[::ffff:127.0.0.1]": "127.0.0.1",
		"[fe80::1%25eth0]": "fe80::1%eth0", "[64:ff9b::7f00:1]": "127.0.0.1", "2130706433": "127.0.0.1", "0x7f.1": "127.0.0.1",
		"127.0.0.1.": "127.0.0.1", "localhost": "127.0.0.1", "LOCALHOST": "127.0.0.1", "localhost.": "127.0.0.1",
		"a.b.localhost": "127.0.0.1",
		// 8.0.0.1 to some and 10.0.0.1 to others
		"010.0.0.1": "write it as 8.0.0.1", "0x08080808": "write it as 8.8.8.8", "8.8.8.8.": "write it as 8.8.8.8",
		"256.1.1.1": "is no IPv4 address", "1.2.3.4.5": "is no IPv4 address", "09": "is no IPv4 address",
		"%EF%BC%91%EF%BC%92%EF%BC%97.0.0.%EF%BC%91": "xn--", "b%C3%BCcher.example": "xn--",
	} {
		u, err := url.Parse("http://" + host + "/hook")
		require.NoError(t, err, host)
		err = g.checkProxied(u)
		if says == "" {
			require.NoError(t, err, host)
			continue
		}
		require.ErrorContains(t, err, says, host)
		require.NoError(t, guard{all: true}.checkProxied(u), "allow_private_addresses allows everything")
	}
}

// oracle tells whether an address is one that no webhook may go to, from the standard library's own knowledge.
func oracle(addr netip.Addr) bool {
	addr = addr.Unmap()
	return addr.IsLoopback() || addr.IsPrivate() || addr.IsLinkLocalUnicast() || addr.IsMulticast() || addr.IsUnspecified() ||
		addr.Is4() && (addr.As4()[0] == 0 || addr.As4()[0] >= 240) ||
		addr.Is6() && addr.As16()[0]>>5 != 1
}

// FuzzNoAddressGetsPast dials whatever a host can be written as, up to the moment before a connection is made: none may
// be made to a private address, and what the C library takes for an address does not reach a resolver.
func FuzzNoAddressGetsPast(f *testing.F) {
	for _, s := range []string{"127.0.0.1", "2130706433", "0177.0.0.1", "0x7f.1", "127.1", "0x7f000001", "[::1]", "::1", "::ffff:127.0.0.1",
		"64:ff9b::7f00:1", "fe80::1%eth0", "127.0.0.1.", "0", "00", "0x", "1.2.3.4.5", "8.8.8.8", "2606:4700::1111", "hooks.example.com",
		"127。0。0。1", "127.0.0.1%00", "127.0.0.1 ", "127.0.0.1\n", "0x7f.0x0.0x0.0x1", "4294967295", "4294967296", "a.1", "1.a", "...", "١"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, host string) {
		reached, asked := dialToTheBrink(t, host)
		if reached.IsValid() && oracle(reached) {
			t.Fatalf("%q gets past the guard as %s", host, reached)
		}
		if _, err := netip.ParseAddr(host); err == nil && asked {
			t.Fatalf("%q is an address, and a resolver was asked for it", host)
		}
		if addr, ok := cLibraryAddress(host); ok && asked {
			t.Fatalf("%q is %s to the C library, and a resolver was asked for it", host, addr)
		}
	})
}

var cLibraryForm = regexp.MustCompile(`^(?:(?:0[xX][0-9a-fA-F]+|[0-9]+)\.){0,3}(?:0[xX][0-9a-fA-F]+|[0-9]+)$`)

// cLibraryAddress reads IPv4 addresses as inet_aton does, by other means than readIPv4.
func cLibraryAddress(host string) (netip.Addr, bool) {
	if !cLibraryForm.MatchString(host) {
		return netip.Addr{}, false
	}
	parts := strings.Split(host, ".")
	sum := new(big.Int)
	for i, part := range parts {
		n, ok := new(big.Int).SetString(part, 0)
		last := i == len(parts)-1
		if !ok || !last && n.BitLen() > 8 || last && n.BitLen() > 32-8*i {
			return netip.Addr{}, false
		}
		if !last {
			n.Lsh(n, uint(24-8*i))
		}
		sum.Add(sum, n)
	}
	return netip.AddrFrom4([4]byte(sum.FillBytes(make([]byte, 4)))), true
}
