package operator_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/clientip"
	"github.com/greenroom-live/greenroom/internal/operator"
)

func TestOnlyOperatorsNetworksAreAnswered(t *testing.T) {
	direct := newWorld(t, func(o *operator.Options) {
		o.Networks = append(o.Networks, netip.MustParsePrefix("10.1.0.0/16"))
	})
	proxied := newWorld(t, func(o *operator.Options) {
		o.Networks = append(o.Networks, netip.MustParsePrefix("10.1.0.0/16"))
		o.ClientIP = clientip.Resolver{Trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("192.0.2.0/24")}}
	})
	for name, c := range map[string]struct {
		world   *world
		peer    string
		headers []string // names and values in turn
		allowed bool
	}{
		"loopback":                                {direct, "127.0.0.1:1", nil, true},
		"loopback in IPv6":                        {direct, "[::1]:1", nil, true},
		"loopback in IPv6 with a zone":            {direct, "[::1%lo]:1", nil, true},
		"IPv4 loopback in IPv6":                   {direct, "[::ffff:127.0.0.1]:1", nil, true},
		"a network of operators":                  {direct, "10.1.2.3:1", nil, true},
		"another network":                         {direct, "10.2.0.1:1", nil, false},
		"the world":                               {direct, "203.0.113.9:1", nil, false},
		"no address":                              {direct, "@", nil, false},
		"a proxy here that nobody trusts":         {direct, "127.0.0.1:1", []string{"X-Forwarded-For", "127.0.0.1"}, false},
		"the same, empty":                         {direct, "127.0.0.1:1", []string{"X-Forwarded-For", ""}, false},
		"X-Real-IP from here":                     {direct, "127.0.0.1:1", []string{"X-Real-IP", "127.0.0.1"}, false},
		"Forwarded from here":                     {direct, "127.0.0.1:1", []string{"Forwarded", "for=127.0.0.1"}, false},
		"Via from here":                           {direct, "127.0.0.1:1", []string{"Via", "1.1 proxy"}, false},
		"X-Forwarded-Proto from here":             {direct, "127.0.0.1:1", []string{"X-Forwarded-Proto", "https"}, false},
		"X-Forwarded-Port from here":              {direct, "127.0.0.1:1", []string{"X-Forwarded-Port", "443"}, false},
		"a content network from here":             {direct, "127.0.0.1:1", []string{"CDN-Loop", "cdn.example.com"}, false},
		"X-Cluster-Client-IP from here":           {direct, "127.0.0.1:1", []string{"X-Cluster-Client-IP", "127.0.0.1"}, false},
		"a trusted proxy for an operator":         {proxied, "127.0.0.1:1", []string{"X-Forwarded-For", "10.1.2.3"}, true},
		"and with X-Real-IP and Via":              {proxied, "127.0.0.1:1", []string{"X-Forwarded-For", "10.1.2.3", "X-Real-IP", "10.1.2.3", "Via", "1.1 p"}, true},
		"a trusted proxy for the world":           {proxied, "127.0.0.1:1", []string{"X-Forwarded-For", "203.0.113.9"}, false},
		"for the world that claims loopback":      {proxied, "127.0.0.1:1", []string{"X-Forwarded-For", "127.0.0.1, 203.0.113.9"}, false},
		"the same in two headers":                 {proxied, "127.0.0.1:1", []string{"X-Forwarded-For", "127.0.0.1", "X-Forwarded-For", "203.0.113.9"}, false},
		"X-Real-IP is not believed":               {proxied, "127.0.0.1:1", []string{"X-Real-IP", "127.0.0.1"}, false},
		"Forwarded is not believed":               {proxied, "127.0.0.1:1", []string{"Forwarded", "for=127.0.0.1"}, false},
		"nonsense from a trusted proxy":           {proxied, "127.0.0.1:1", []string{"X-Forwarded-For", "unknown"}, false},
		"nonsense behind it":                      {proxied, "127.0.0.1:1", []string{"X-Forwarded-For", "10.1.2.3, unknown"}, false},
		"a trusted proxy outside of the networks": {proxied, "192.0.2.1:1", []string{"X-Forwarded-For", "10.1.2.3"}, false},
		"this machine through its own proxy":      {proxied, "127.0.0.1:1", []string{"X-Forwarded-For", "127.0.0.1"}, true},
		"this machine past its proxy":             {proxied, "127.0.0.1:1", nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			c.world.t = t
			r := request(http.MethodGet, "/admin/v1/apps", "")
			r.RemoteAddr = c.peer
			for i := 0; i < len(c.headers); i += 2 {
				r.Header.Add(c.headers[i], c.headers[i+1])
			}
			got := c.world.send(r)
			if c.allowed {
				require.Equal(t, http.StatusOK, got.status, got.body)
				return
			}
			got.refused(http.StatusForbidden, "forbidden")
			r.Header.Set("Authorization", "Bearer wrong")
			c.world.send(r).refused(http.StatusForbidden, "forbidden") // before the token is looked at
		})
	}
}

func TestTheTokenIsDemanded(t *testing.T) {
	w := newWorld(t, nil)
	for name, values := range map[string][]string{
		"none":              nil,
		"empty":             {""},
		"another":           {"Bearer another-token-of-some-length-here"},
		"a part":            {"Bearer " + token[:len(token)-1]},
		"more":              {"Bearer " + token + "x"},
		"in capitals":       {"Bearer " + strings.ToUpper(token)},
		"without a scheme":  {token},
		"another scheme":    {"Basic " + token},
		"scheme alone":      {"Bearer "},
		"two":               {"Bearer " + token, "Bearer " + token},
		"a list":            {"Bearer " + token + ", Bearer " + token},
		"quoted":            {`Bearer "` + token + `"`},
		"a blank before it": {" Bearer " + token},
	} {
		for _, path := range []string{"/admin/v1/apps", "/admin/v1/nothing", "/admin/", "/admin/v1/apps/x/pause"} {
			r := request(http.MethodGet, path, "")
			r.Header["Authorization"] = values
			got := w.send(r)
			got.refused(http.StatusUnauthorized, "unauthorized")
			require.Contains(t, got.header.Get("WWW-Authenticate"), "Bearer", name)
		}
	}
	for _, good := range []string{"Bearer " + token, "bearer " + token, "BEARER  " + token} {
		r := request(http.MethodGet, "/admin/v1/apps", "")
		r.Header.Set("Authorization", good)
		require.Equal(t, http.StatusOK, w.send(r).status, good)
	}
	require.Equal(t, 1, strings.Count(w.log.String(), "without the right token"), "many wrong tokens do not fill the log")
	require.NotContains(t, w.log.String(), token)
	require.NotContains(t, w.log.String(), "another-token")
}

func TestAnEmptyTokenLetsNobodyIn(t *testing.T) {
	w := newWorld(t, func(o *operator.Options) { o.Token = "" })
	for _, value := range []string{"", "Bearer", "Bearer ", "Bearer x"} {
		r := request(http.MethodGet, "/admin/v1/apps", "")
		r.Header.Set("Authorization", value)
		w.send(r).refused(http.StatusUnauthorized, "unauthorized")
	}
}

func TestWithoutNetworksThereIsNothing(t *testing.T) {
	w := newWorld(t, func(o *operator.Options) { o.Networks = nil })
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
		for _, path := range []string{"/admin/v1/apps", "/admin/", "/admin/v1/apps/1400000123/pause"} {
			w.send(request(method, path, "")).refused(http.StatusNotFound, "not_found")
		}
	}
}

// A page in a browser on the operator's machine has no token, and is told nothing that would let it try one.
func TestNoAnswerOpensTheDoorToWebPages(t *testing.T) {
	w := newWorld(t, nil)
	preflight := request(http.MethodOptions, "/admin/v1/apps/1400000123/pause", "")
	preflight.Header.Set("Origin", "https://evil.example")
	preflight.Header.Set("Access-Control-Request-Method", "POST")
	preflight.Header.Set("Access-Control-Request-Headers", "authorization,content-type")
	got := w.send(preflight)
	got.refused(http.StatusMethodNotAllowed, "method_not_allowed")
	r := request(http.MethodGet, "/admin/v1/apps", "")
	r.Header.Set("Origin", "https://evil.example")
	for _, h := range []http.Header{got.header, w.send(r).header} {
		for name := range h {
			require.False(t, strings.HasPrefix(name, "Access-Control-"), name)
		}
	}
	for _, contentType := range []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx"} {
		for _, path := range []string{"pause", "resume", "replay", "purge", "test", "events/evt/replay"} {
			r := request(http.MethodPost, "/admin/v1/apps/1400000123/"+path, `{}`)
			r.Header.Set("Content-Type", contentType)
			w.send(r).refused(http.StatusUnsupportedMediaType, "unsupported_media_type")
		}
	}
	paused := request(http.MethodPost, "/admin/v1/apps/1400000123/resume", `{}`)
	paused.Header.Set("Content-Type", "Application/JSON; charset=utf-8")
	require.Equal(t, http.StatusOK, w.send(paused).status)
}

func TestPathsAndMethods(t *testing.T) {
	w := newWorld(t, nil)
	for _, path := range []string{
		"/admin/", "/admin/v1", "/admin/v1/", "/admin/v2/apps", "/admin/v1/Apps", "/admin/v1/apps/", "/admin/v1/apps/1400000123/",
		"/admin/v1/apps/1400000123/events/", "/admin/v1/apps/1400000123/events/x/", "/admin/v1/apps/1400000123/nothing",
		"/admin/v1//apps", "/admin/v1/apps/1400000123/events/x/y/z",
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			w.send(request(method, path, "")).refused(http.StatusNotFound, "not_found")
		}
	}
	for path, allowed := range map[string]string{
		"": http.MethodGet, "/events": http.MethodGet, "/events/x": http.MethodGet, "/events/x/replay": http.MethodPost,
		"/replay": http.MethodPost, "/pause": http.MethodPost, "/resume": http.MethodPost, "/purge": http.MethodPost, "/test": http.MethodPost,
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, "BREW"} {
			if method == allowed {
				continue
			}
			got := w.send(request(method, "/admin/v1/apps/1400000123"+path, `{}`))
			got.refused(http.StatusMethodNotAllowed, "method_not_allowed")
			require.Equal(t, allowed, got.header.Get("Allow"), "%s %s", method, path)
		}
	}
	require.Equal(t, http.StatusOK, w.send(request(http.MethodHead, "/admin/v1/apps", "")).status)
	for _, bad := range []string{"0", "-1", "x", "4294967296", "1e3", "0x10", "1400000123%20"} {
		got := w.send(request(http.MethodGet, "/admin/v1/apps/"+bad, "")).refused(http.StatusBadRequest, "bad_request")
		require.Equal(t, "app", got.Field, bad)
	}
}

func TestAppsThatNobodyKnows(t *testing.T) {
	w := newWorld(t, nil)
	for _, call := range []*http.Request{
		request(http.MethodGet, "/admin/v1/apps/99", ""),
		request(http.MethodGet, "/admin/v1/apps/99/events", ""),
		request(http.MethodGet, "/admin/v1/apps/99/events/x", ""),
		request(http.MethodPost, "/admin/v1/apps/99/events/x/replay", ""),
		request(http.MethodPost, "/admin/v1/apps/99/replay", `{"state":"dead"}`),
		request(http.MethodPost, "/admin/v1/apps/99/pause", ""),
		request(http.MethodPost, "/admin/v1/apps/99/resume", ""),
		request(http.MethodPost, "/admin/v1/apps/99/purge", `{"state":"dead","confirm":true}`),
		request(http.MethodPost, "/admin/v1/apps/99/test", ""),
	} {
		got := w.send(call).refused(http.StatusNotFound, "not_found")
		require.Contains(t, got.Message, "app 99", call.URL.Path)
	}
}

// Of an app that was taken out of the configuration one can see and purge what it left, and no more.
func TestAppsThatAreConfiguredNoMore(t *testing.T) {
	w := newWorld(t, nil)
	w.configure(gone, "http://127.0.0.1:1/")
	left := w.commit(gone, "hello", 0, someChange)
	w.bury(left)
	path := fmt.Sprintf("/admin/v1/apps/%d", gone)
	var state operator.App
	w.send(request(http.MethodGet, path, "")).into(&state)
	require.False(t, state.Configured)
	require.Nil(t, state.Breaker)
	require.Equal(t, "http://127.0.0.1:1/", state.URL)
	var story operator.Story
	w.send(request(http.MethodGet, path+"/events/"+left.ID, "")).into(&story)
	require.Equal(t, "dead", story.State)
	for name, body := range map[string]string{
		"replay": `{"state":"dead"}`, "events/" + left.ID + "/replay": "", "pause": "", "resume": "", "test": "",
	} {
		w.send(request(http.MethodPost, path+"/"+name, body)).refused(http.StatusConflict, "conflict")
	}
	var purged operator.Purged
	w.send(request(http.MethodPost, path+"/purge", `{"state":"dead","confirm":true}`)).into(&purged)
	require.Equal(t, 1, purged.Purged)

	var apps operator.Apps
	w.send(request(http.MethodGet, "/admin/v1/apps", "")).into(&apps)
	require.Len(t, apps.Apps, 2, "it is in no list")
}
