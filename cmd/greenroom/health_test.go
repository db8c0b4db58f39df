package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHealthAsksTheServerOfTheConfiguration(t *testing.T) {
	r, welcome := startServe(t, t.TempDir())
	_, address, _ := strings.Cut(strings.Join(welcome, "\n"), "http://")
	address, _, _ = strings.Cut(address, " ")
	require.Equal(t, "ready\n", succeed(t, "health", "--listen", address))
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	for _, everywhere := range []string{":" + port, "0.0.0.0:" + port} {
		t.Setenv("GREENROOM_LISTEN", everywhere)
		require.Equal(t, "ready\n", succeed(t, "health"))
	}
	require.NoError(t, r.stop())
	require.ErrorContains(t, fail(t, "health"), "connection refused")
	require.ErrorContains(t, fail(t, "health", "--listen", "127.0.0.1:0"), "port 0")
	require.ErrorContains(t, fail(t, "health", "--listen", "nowhere"), "must be host:port")
}

func TestHealthFailsWhenTheServerIsNotReady(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "starting or stopping\a", http.StatusServiceUnavailable)
	}))
	t.Cleanup(server.Close)
	err := fail(t, "health", "--listen", server.Listener.Addr().String())
	require.ErrorContains(t, err, `/readyz answers 503: "starting or stopping\a"`)

	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	require.ErrorContains(t, fail(t, "health", "--timeout", "50ms", "--listen", silent.Addr().String()), "deadline exceeded")
}
