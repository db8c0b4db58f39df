package delivery

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPrivateAddresses(t *testing.T) {
	for addr, want := range map[string]bool{
		"0.0.0.0": true, "0.1.2.3": true, "10.255.0.1": true, "100.64.0.1": true, "100.127.255.255": true, "127.0.0.1": true,
		"127.255.255.254": true, "169.254.169.254": true, "172.16.0.1": true, "172.31.255.255": true, "192.0.0.8": true,
		"192.0.2.1": true, "192.168.1.1": true, "198.18.0.1": true, "198.51.100.7": true, "203.0.113.9": true, "224.0.0.1": true,
		"239.255.255.255": true, "240.0.0.1": true, "255.255.255.255": true,
		"::": true, "::1": true, "::127.0.0.1": true, "::ffff:127.0.0.1": true, "::ffff:10.0.0.1": true,
		"64:ff9b::7f00:1": true, "64:ff9b:1::1": true, "2001::1": true, "2001:db8::1": true, "2002:7f00:1::": true,
		"fc00::1": true, "fdff::1": true, "fe80::1": true, "fe80::1%eth0": true, "ff02::1": true, "fec0::1": true,

		"1.1.1.1": false, "9.255.255.255": false, "11.0.0.0": false, "100.63.255.255": false, "100.128.0.0": false,
		"126.255.255.255": false, "128.0.0.1": false, "169.253.255.255": false, "172.15.255.255": false, "172.32.0.0": false,
		"192.167.255.255": false, "192.169.0.0": false, "198.17.255.255": false, "198.20.0.0": false, "223.255.255.255": false,
		"::ffff:8.8.8.8": false, "2606:4700::1111": false, "2a00:1450::1": false,
	} {
		require.Equal(t, want, private(netip.MustParseAddr(addr)), addr)
	}
}
