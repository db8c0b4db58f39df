package client

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

// request is what a server got.
type request struct {
	method, uri, contentType, body string
}

// server answers every call with the same text and keeps the last request.
type server struct {
	*httptest.Server
	status int
	answer string
	last   request
}

const okAnswer = `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","RequestId":"Id-1-O-Seq-1"}`

func newServer(t *testing.T, answer string) *server {
	t.Helper()
	s := &server{status: http.StatusOK, answer: answer}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.last = request{r.Method, r.RequestURI, r.Header.Get("Content-Type"), string(body)}
		w.Header().Set("Location", "/elsewhere") // heeded with 3xx only
		w.WriteHeader(s.status)
		_, _ = io.WriteString(w, s.answer)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) client(t *testing.T) *Client {
	t.Helper()
	c, err := New(s.URL, WithUserSig(1400000123, "administrator", "eJw1-sig*_"))
	require.NoError(t, err)
	return c
}
