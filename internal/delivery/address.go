package delivery

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// badHost is the error of a host that is neither a name nor an address.
type badHost string

func (b badHost) Error() string { return string(b) }

const errNoHost = badHost("the webhook URL has no host")

func badHostf(format string, args ...any) badHost { return badHost(fmt.Sprintf(format, args...)) }

// readAddress reads a host as the address that it is. Some resolvers take more for an address than others: 2130706433,
// 127.1, 0177.0.0.1 and 0x7f.0.0.1 all are 127.0.0.1 to the C library. They are here too, so that they are judged and
// called as what they mean whoever resolves names. No name of the internet ends in a number, so a host that does and is
// no address is an error rather than a name.
func readAddress(host string) (addr netip.Addr, isAddress bool, err error) {
	plain := strings.TrimSuffix(host, ".")
	if plain == "" {
		return netip.Addr{}, false, errNoHost
	}
	if addr, err := netip.ParseAddr(plain); err == nil {
		return addr, true, nil
	}
	if strings.ContainsAny(plain, ":%") { // no name has one, nor an address that was not read by now
		return netip.Addr{}, false, badHostf("the host %q of the webhook URL is no address", host)
	}
	if !endsInNumber(plain) {
		return netip.Addr{}, false, nil
	}
	addr, ok := readIPv4(plain)
	if !ok {
		return netip.Addr{}, false, badHostf("the host %q of the webhook URL ends in a number, but is no IPv4 address", host)
	}
	return addr, true, nil
}

// endsInNumber tells whether the last label of a host is a number, decimal or hexadecimal.
func endsInNumber(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	if digits, ok := cutHex(last); ok {
		return strings.Trim(digits, "0123456789abcdefABCDEF") == ""
	}
	return strings.Trim(last, "0123456789") == ""
}

// readIPv4 reads one to four numbers: each is a byte, and the last one fills what is left.
func readIPv4(host string) (netip.Addr, bool) {
	parts := strings.Split(host, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var value uint64
	for i, part := range parts {
		bits := 8
		if i == len(parts)-1 {
			bits = 8 * (5 - len(parts))
		}
		n, ok := readNumber(part, bits)
		if !ok {
			return netip.Addr{}, false
		}
		value = value<<bits | n
	}
	return netip.AddrFrom4([4]byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)}), true
}

// readNumber reads a number of so many bits: hexadecimal behind 0x, octal behind 0, decimal otherwise.
func readNumber(s string, bits int) (uint64, bool) {
	digits, base := s, 10
	if hex, ok := cutHex(s); ok {
		digits, base = hex, 16
	} else if len(s) > 1 && s[0] == '0' {
		digits, base = s[1:], 8
	}
	n, err := strconv.ParseUint(digits, base, bits)
	return n, err == nil
}

func cutHex(s string) (digits string, ok bool) {
	if len(s) < 2 || s[0] != '0' || s[1]|0x20 != 'x' {
		return s, false
	}
	return s[2:], true
}
