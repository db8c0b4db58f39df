package server

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
)

// serveDocs answers requests for the reference over a real connection.
func serveDocs(t *testing.T) (get func(method, path string, header ...string) (*http.Response, string)) {
	t.Helper()
	mux := http.NewServeMux()
	routeDocs(mux)
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return func(method, path string, header ...string) (*http.Response, string) {
		r, err := http.NewRequest(method, s.URL+path, nil)
		require.NoError(t, err)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		response, err := s.Client().Do(r)
		require.NoError(t, err)
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response, string(body)
	}
}

func TestTheReferenceIsServed(t *testing.T) {
	get := serveDocs(t)
	for path, contentType := range map[string]string{
		"/": "text/html; charset=utf-8", "/docs": "text/html; charset=utf-8", "/openapi.json": "application/json",
	} {
		response, body := get(http.MethodGet, path)
		require.Equal(t, http.StatusOK, response.StatusCode, path)
		require.Equal(t, contentType, response.Header.Get("Content-Type"))
		require.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"))
		require.NotEmpty(t, body)

		head, empty := get(http.MethodHead, path)
		require.Equal(t, http.StatusOK, head.StatusCode, path)
		require.Equal(t, int64(len(body)), head.ContentLength)
		require.Empty(t, empty)

		same, empty := get(http.MethodGet, path, "If-None-Match", response.Header.Get("ETag"))
		require.Equal(t, http.StatusNotModified, same.StatusCode, path)
		require.Empty(t, empty)
	}
	_, home := get(http.MethodGet, "/")
	require.Contains(t, home, `href="docs"`)
	require.Contains(t, home, `href="openapi.json"`)
	_, document := get(http.MethodGet, "/openapi.json")
	var parsed struct {
		OpenAPI string `json:"openapi"`
	}
	require.NoError(t, json.Unmarshal([]byte(document), &parsed))
	require.Equal(t, "3.1.0", parsed.OpenAPI)
	missing, _ := get(http.MethodGet, "/docs/nothing")
	require.Equal(t, http.StatusNotFound, missing.StatusCode)
}

// TestThePagesPolicyAllowsItsOwnPartsOnly computes the hashes anew and looks for anything that the policy would stop.
func TestThePagesPolicyAllowsItsOwnPartsOnly(t *testing.T) {
	get := serveDocs(t)
	response, page := get(http.MethodGet, "/docs")
	policy := response.Header.Get("Content-Security-Policy")
	require.Contains(t, policy, "default-src 'none'")
	require.NotContains(t, policy, "unsafe")
	for _, element := range []string{"style", "script"} {
		parts := regexp.MustCompile(`(?s)<`+element+`[^>]*>(.*?)</`+element+`>`).FindAllStringSubmatch(page, -1)
		require.Len(t, parts, 1, element)
		sum := sha256.Sum256([]byte(parts[0][1]))
		require.Contains(t, policy, element+"-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	}
	require.NotRegexp(t, `(?i)<(?:script|img|iframe|object|embed|source|video|audio)[^>]*\bsrc=`, page)
	require.NotRegexp(t, `(?i)\son[a-z]+=`, page, "no handler in an attribute")
	require.NotRegexp(t, `(?i)\sstyle=`, page, "no style in an attribute")
	require.NotRegexp(t, `(?i)@import|url\(`, page)
	for _, l := range regexp.MustCompile(`<link[^>]*>`).FindAllString(page, -1) {
		require.Equal(t, `<link rel="icon" href="data:,">`, l)
	}
	_, rest, _ := strings.Cut(policy, "script-src")
	require.NotContains(t, rest, "http")

	response, _ = get(http.MethodGet, "/")
	require.Contains(t, response.Header.Get("Content-Security-Policy"), "script-src 'none'")
}
