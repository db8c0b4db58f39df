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
	peer, err := netip.ParseAddrPort(req.RemoteAddr)
	if err != nil {
		return req.RemoteAddr
	}
	addr := peer.Addr().Unmap().WithZone("")
	if len(r.Trusted) == 0 || !r.trusts(addr) {
		return addr.String()
	}
	hops := strings.Split(strings.Join(req.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = hop.Unmap().WithZone("")
		if !r.trusts(addr) {
			break
		}
	}
	return addr.String()
}

func (r Resolver) trusts(addr netip.Addr) bool {
	for _, p := range r.Trusted {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
