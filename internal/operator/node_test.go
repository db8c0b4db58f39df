package operator_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNodesAreListed(t *testing.T) {
	w := newWorld(t, nil)
	require.JSONEq(t, `{"node":7,"nodes":[
		{"id":4,"name":"there","version":"1","started":"2026-07-08T09:10:11.012Z","seen":"2026-07-08T10:10:11.012Z"},
		{"id":7,"name":"here","version":"2","started":"2026-07-08T09:11:11.012Z","seen":"2026-07-08T10:10:11.012Z"}]}`,
		w.send(request(http.MethodGet, "/admin/v1/nodes", "")).body)
	w.send(request(http.MethodGet, "/admin/v1/nodes?limit=1", "")).refused(http.StatusBadRequest, "bad_request")
	require.Equal(t, http.StatusMethodNotAllowed, w.send(request(http.MethodPost, "/admin/v1/nodes", "{}")).status)
}
