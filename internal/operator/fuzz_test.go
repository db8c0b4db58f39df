package operator_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzCall sends anything to anywhere, with the token: it is never an internal error.
func FuzzCall(f *testing.F) {
	w := newWorld(f, nil)
	w.bury(w.deletion("a", 0))
	w.take(w.deletion("b", 1))
	for path, body := range everyCall {
		if path != "/test" {
			f.Add(path, "", body)
		}
	}
	for _, query := range []string{"state=dead&limit=1", "room=&command=AfterDelMetadata", "from=2026-03-01T12:00:00Z&to=9999-12-31T23:59:59Z",
		"after=eyJ3IjoiZXZlbnRzIHdhaXRpbmciLCJjIjoiZHlBeklHaGxiR3h2In0&state=waiting", "after=eyJ3IjoiZXZlbnRzICIsImMiOiIifQ"} {
		f.Add("/events", query, "")
	}
	f.Add("/events/%2e%2e", "", "")
	f.Add("/replay", "", `{"state":"delivered","room":"","command":null,"from":"2026-03-01T12:00:00Z","after":""}`)
	f.Fuzz(func(t *testing.T, path, query, body string) {
		if strings.HasPrefix(path, "/test") {
			return // what it sends is not the API's
		}
		u, err := url.Parse("/admin/v1/apps/1400000123" + path)
		if err != nil || u.Host != "" {
			return
		}
		w.t = t
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			r := request(method, "/", body)
			r.URL = u
			r.URL.RawQuery = query
			got := w.send(r)
			require.Less(t, got.status, http.StatusInternalServerError, got.body)
		}
	})
}
