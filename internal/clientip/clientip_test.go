package clientip

import (
	"net/http"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOf(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for name, c := range map[string]struct {
		peer      string
		forwarded []string
		want      string
	}{
		"the peer":                          {"203.0.113.9:4711", nil, "203.0.113.9"},
		"an IPv6 peer":                      {"[2a00:1450::1]:4711", nil, "2a00:1450::1"},
		"an IPv4 peer in IPv6":              {"[::ffff:203.0.113.9]:4711", nil, "203.0.113.9"},
		"a peer that is no trusted proxy":   {"203.0.113.9:4711", []string{"198.51.100.7"}, "203.0.113.9"},
		"one proxy":                         {"10.1.2.3:4711", []string{"198.51.100.7"}, "198.51.100.7"},
		"a forged address before the proxy": {"10.1.2.3:4711", []string{"1.1.1.1, 198.51.100.7"}, "198.51.100.7"},
		"two proxies":                       {"10.1.2.3:4711", []string{"198.51.100.7, 10.9.9.9"}, "198.51.100.7"},
		"several headers":                   {"10.1.2.3:4711", []string{"1.1.1.1", "198.51.100.7"}, "198.51.100.7"},
		"only proxies":                      {"10.1.2.3:4711", []string{"10.4.4.4"}, "10.4.4.4"},
		"a proxy without the header":        {"10.1.2.3:4711", nil, "10.1.2.3"},
		"nonsense from a proxy":             {"10.1.2.3:4711", []string{"unknown"}, "10.1.2.3"},
		"an IPv6 proxy":                     {"[fd00::1]:4711", []string{"2a00:1450::2"}, "2a00:1450::2"},
		"no address at all":                 {"@", nil, "@"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &http.Request{RemoteAddr: c.peer, Header: http.Header{"X-Forwarded-For": c.forwarded}}
			require.Equal(t, c.want, Resolver{Trusted: trusted}.Of(r))
		})
	}
	r := &http.Request{RemoteAddr: "10.1.2.3:1", Header: http.Header{"X-Forwarded-For": {"1.1.1.1"}}}
	require.Equal(t, "10.1.2.3", Resolver{}.Of(r), "by default no proxy is believed")
}

func TestOriginIsKnownOnlyFromATrustedProxy(t *testing.T) {
	r := Resolver{Trusted: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
	for name, c := range map[string]struct {
		peer      string
		forwarded []string
		want      string // empty when it is not known
	}{
		"one proxy":                       {"10.1.2.3:4711", []string{"198.51.100.7"}, "198.51.100.7"},
		"two proxies":                     {"10.1.2.3:4711", []string{"198.51.100.7, 10.9.9.9"}, "198.51.100.7"},
		"a forged address before it":      {"10.1.2.3:4711", []string{"127.0.0.1", "198.51.100.7"}, "198.51.100.7"},
		"only proxies":                    {"10.1.2.3:4711", []string{"10.4.4.4"}, "10.4.4.4"},
		"a peer that is no trusted proxy": {"203.0.113.9:4711", []string{"198.51.100.7"}, ""},
		"a proxy without the header":      {"10.1.2.3:4711", nil, ""},
		"an empty header":                 {"10.1.2.3:4711", []string{""}, ""},
		"nonsense":                        {"10.1.2.3:4711", []string{"unknown"}, ""},
		"nonsense behind a proxy":         {"10.1.2.3:4711", []string{"unknown, 10.9.9.9"}, ""},
		"no address at all":               {"@", []string{"198.51.100.7"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			origin, known := r.Origin(&http.Request{RemoteAddr: c.peer, Header: http.Header{"X-Forwarded-For": c.forwarded}})
			require.Equal(t, c.want != "", known)
			if known {
				require.Equal(t, c.want, origin.String())
			}
		})
	}
}
