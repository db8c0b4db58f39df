package operator

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// warnEvery is how often wrong tokens are warned of.
const warnEvery = 10 * time.Second

// forwarded are the headers by which a proxy shows itself, beside all that begin with [forwardedPrefix]. None of them is
// believed here; that one is there is enough to ask whose call it was.
var forwarded = []string{
	"Forwarded", "Forwarded-For", "Via", "X-Real-Ip", "X-Client-Ip", "X-Cluster-Client-Ip", "X-Original-Forwarded-For",
	"X-Envoy-External-Address", "X-Proxyuser-Ip", "True-Client-Ip", "Fastly-Client-Ip", "Cf-Connecting-Ip", "Cdn-Loop",
}

// forwardedPrefix begins X-Forwarded-For, -Host, -Port, -Proto, -Server and what else proxies make of it.
const forwardedPrefix = "X-Forwarded"

// admit lets a call in that comes from where it may and has the token.
func (a *API) admit(c *call) error {
	if len(a.opts.Networks) == 0 {
		return notFound("there is nothing at %s", c.r.URL.Path)
	}
	if err := a.admitAddress(c.r); err != nil {
		return err
	}
	if a.hasToken(c.r) {
		return nil
	}
	if now, last := a.opts.Now().UnixNano(), a.warned.Load(); now-last >= int64(warnEvery) && a.warned.CompareAndSwap(last, now) {
		a.opts.Log.Warn("a call of the operator API came without the right token", "request", c.id, "from", c.from)
	}
	c.w.Header().Set("WWW-Authenticate", `Bearer realm="greenroom operator"`)
	return refuse(http.StatusUnauthorized, CodeUnauthorized,
		"the operator token is missing or wrong: send it as Authorization: Bearer TOKEN")
}

// admitAddress demands that the connection comes from an operator's network and, when a proxy made it, that the proxy is a
// trusted one and says for whom: without that, everybody on the other side of a proxy on this machine would call from
// loopback.
func (a *API) admitAddress(r *http.Request) error {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !a.operators(peer.Addr()) {
		return forbidden("calls from this address are not answered; operator.networks says which are")
	}
	if !proxied(r) {
		return nil
	}
	origin, known := a.opts.ClientIP.Origin(r)
	if !known {
		return forbidden("the call came through a proxy, and for whom cannot be told: call directly, or name the proxy " +
			"in trusted_proxies and let it send X-Forwarded-For")
	}
	if !a.operators(origin) {
		return forbidden("calls from this address are not answered; operator.networks says which are")
	}
	return nil
}

func forbidden(message string) *Error {
	return &Error{Status: http.StatusForbidden, Code: CodeForbidden, Message: message}
}

func proxied(r *http.Request) bool {
	for name := range r.Header {
		if strings.HasPrefix(name, forwardedPrefix) || slices.Contains(forwarded, name) {
			return true
		}
	}
	return false
}

func (a *API) operators(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	for _, p := range a.opts.Networks {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// hasToken compares in a time that tells nothing of the token, not even its length.
func (a *API) hasToken(r *http.Request) bool {
	given := r.Header["Authorization"]
	if len(given) != 1 {
		return false
	}
	scheme, token, _ := strings.Cut(given[0], " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" || a.opts.Token == "" {
		return false
	}
	sum := digest(strings.Trim(token, " "))
	return subtle.ConstantTimeCompare(sum[:], a.token[:]) == 1
}

func digest(token string) [32]byte { return sha256.Sum256([]byte(token)) }
