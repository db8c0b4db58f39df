// Package clientip finds out whose request it is when proxies stand between the caller and the server.
package clientip

import (
	"net/http"
	"net/netip"
	"strings"
)

// Resolver tells callers' addresses. The zero Resolver believes no proxy.
type Resolver struct {
	// Trusted are the networks of the proxies whose X-Forwarded-For header is believed.
	Trusted []netip.Prefix
}

// Of returns the caller's address in text: the connection's peer or, when that is a trusted proxy, the last address
// of X-Forwarded-For that is not one. An IPv4 address is written as such however it was transported.
func (r Resolver) Of(req *http.Request) string {
	addr, _ := r.find(req)
	if !addr.IsValid() {
		return req.RemoteAddr
	}
	return addr.String()
}

// Origin returns the address that a trusted proxy says its request is from; false when the connection's peer is not a
// trusted proxy, and when X-Forwarded-For does not lead to an address.
func (r Resolver) Origin(req *http.Request) (netip.Addr, bool) { return r.find(req) }

// find follows X-Forwarded-For from its end through the trusted proxies. It returns the address it came to, and whether a
// proxy named that one and all before it could be read.
func (r Resolver) find(req *http.Request) (addr netip.Addr, named bool) {
	peer, err := netip.ParseAddrPort(req.RemoteAddr)
	if err != nil {
		return netip.Addr{}, false
	}
	addr = peer.Addr().Unmap().WithZone("")
	if len(r.Trusted) == 0 || !r.trusts(addr) {
		return addr, false
	}
	hops := strings.Split(strings.Join(req.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return addr, false
		}
		addr = hop.Unmap().WithZone("")
		if !r.trusts(addr) {
			break
		}
	}
	return addr, true
}

func (r Resolver) trusts(addr netip.Addr) bool {
	for _, p := range r.Trusted {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
