package deploy

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/config"
	"github.com/greenroom-live/greenroom/internal/server"
)

// ask runs a server and returns a function that tells with which status it answers a path.
func ask(t *testing.T) func(path string) int {
	t.Helper()
	c := config.Default()
	c.Listen, c.DataDir = "127.0.0.1:0", t.TempDir()
	s, err := server.New(c, server.Options{Log: slog.New(slog.DiscardHandler), Version: "test"})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() { cancel(); require.NoError(t, <-ended) })
	return func(path string) int {
		resp, err := http.Get(s.URL() + path)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp.StatusCode
	}
}

// TestEveryPathThatIsNamedIsServed is about probes, about what an ingress lets in, and about what nginx keeps out.
func TestEveryPathThatIsNamedIsServed(t *testing.T) {
	status := ask(t)
	deployment := read(t, "helm/greenroom/templates/deployment.yaml")
	probes := all(`httpGet: \{path: (\S+), port: http\}`, deployment)
	require.Equal(t, []string{"/healthz", "/healthz", "/readyz"}, probes)
	for _, path := range probes {
		require.Equal(t, http.StatusOK, status(path), path)
	}
	ingress := all(`range list "(\S+)" "\S+"`, read(t, "helm/greenroom/templates/ingress.yaml"))
	ingress = append(ingress, all(`range list "\S+" "(\S+)"`, read(t, "helm/greenroom/templates/ingress.yaml"))...)
	require.Equal(t, []string{"/v4/", "/connection/websocket"}, ingress)
	for _, path := range ingress {
		require.NotEqual(t, http.StatusNotFound, status(path), path)
	}
	hidden := all(`location ~ \^/\((\S+)\)`, read(t, "nginx.conf"))
	require.Equal(t, []string{"metrics|admin/"}, hidden)
	for path := range strings.SplitSeq(hidden[0], "|") {
		require.NotEqual(t, http.StatusNotFound, status("/"+path+strings.Repeat("v1/apps", strings.Count(path, "/"))), path)
	}
	require.Equal(t, http.StatusNotFound, status("/nowhere"))
}
