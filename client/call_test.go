package client

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestACallIsAPostWithTheParametersInOrder(t *testing.T) {
	s := newServer(t, okAnswer)
	require.NoError(t, s.client(t).Do(t.Context(), "room_engine_http_mic/get_seat_list", nil, nil))
	require.Equal(t, http.MethodPost, s.last.method)
	require.Equal(t, "application/json", s.last.contentType)
	require.Regexp(t, `^/v4/room_engine_http_mic/get_seat_list\?sdkappid=1400000123&identifier=administrator`+
		`&usersig=eJw1-sig\*_&random=\d{1,10}&contenttype=json$`, s.last.uri)
	require.Equal(t, "{}", s.last.body)
}

func TestAServerMayLiveUnderAPath(t *testing.T) {
	s := newServer(t, okAnswer)
	c, err := New(s.URL+"/live/", WithUserSig(1, "a&b c", "eJw1"))
	require.NoError(t, err)
	require.NoError(t, c.DeleteCallback(t.Context()))
	require.True(t, strings.HasPrefix(s.last.uri, "/live/v4/live_config/delete_callback?sdkappid=1&identifier=a%26b+c&usersig="), s.last.uri)
}

func TestEveryCallHasItsOwnRandom(t *testing.T) {
	s := newServer(t, okAnswer)
	c := s.client(t)
	seen := map[string]bool{}
	for range 5 {
		require.NoError(t, c.DeleteCallback(t.Context()))
		seen[s.last.uri] = true
	}
	require.Greater(t, len(seen), 1) // five equal draws of 32 bits are not to be expected
}

func TestDoWantsAServiceAndACommand(t *testing.T) {
	s := newServer(t, okAnswer)
	for _, command := range []string{"", "live_config", "/get_callback", "live_config/", "v4/live_config/get_callback", "live_config/get?a", "Live/get"} {
		require.ErrorContains(t, s.client(t).Do(t.Context(), command, nil, nil), "not a service and a command", command)
	}
	require.Empty(t, s.last.uri, "nothing was sent")
}

func TestDoReportsABodyThatIsNoJSON(t *testing.T) {
	s := newServer(t, okAnswer)
	err := s.client(t).SetMetadata(t.Context(), "live_1", MetadataPair{Key: "theme", Value: "\xff"})
	require.ErrorContains(t, err, "live_engine_http_srv/set_room_metadata: encode the body")
	require.Empty(t, s.last.uri, "nothing was sent")
}

func TestDoTakesTheDataFromResponseOrTheTopLevel(t *testing.T) {
	for name, answer := range map[string]string{
		"Response":  `{"ErrorCode":0,"Response":{"Next":"17"}}`,
		"top level": `{"ErrorCode":0,"Next":"17"}`,
		"both":      `{"ErrorCode":0,"Next":"?","Response":{"Next":"17"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			var out struct{ Next string }
			require.NoError(t, newServer(t, answer).client(t).Do(t.Context(), "a/b", nil, &out))
			require.Equal(t, "17", out.Next)
		})
	}
}

func TestARefusalIsAnErrorWithItsCode(t *testing.T) {
	s := newServer(t, `{"ActionStatus":"FAIL","ErrorCode":100004,"ErrorInfo":"room not found","RequestId":"Id-5d-O-Seq-7"}`)
	_, err := s.client(t).RoomInfo(t.Context(), "live_1")
	var refusal *Error
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, Error{Code: 100004, Info: "room not found", RequestID: "Id-5d-O-Seq-7",
		Command: "live_engine_http_srv/get_room_info"}, *refusal)
	require.ErrorIs(t, err, CodeRoomNotFound)
	require.NotErrorIs(t, err, CodeRoomExists)
	require.EqualError(t, err, `client: live_engine_http_srv/get_room_info: refused with 100004 "room not found", request "Id-5d-O-Seq-7"`)
	require.EqualError(t, CodeRoomNotFound, "error code 100004")
}

func TestAnAnswerThatIsNotTheAPIsNamesTheStatus(t *testing.T) {
	for name, tc := range map[string]struct {
		status int
		answer string
		says   string
	}{
		"bad gateway":            {502, "<html>", "HTTP status 502 Bad Gateway"},
		"error with an envelope": {503, okAnswer, "HTTP status 503 Service Unavailable"},
		"redirect":               {307, okAnswer, "HTTP status 307 Temporary Redirect"},
		"no content":             {204, "", "HTTP status 204 No Content"},
		"HTML":                   {200, "<html>", "HTTP status 200 OK: the body is not the API's JSON"},
		"nothing":                {200, "", "HTTP status 200 OK: the body is not the API's JSON"},
		"an array":               {200, "[]", "HTTP status 200 OK: the body is not the API's JSON"},
		"another object":         {200, `{"status":"up"}`, "HTTP status 200 OK: the body has no ErrorCode"},
		"a code that is text":    {200, `{"ErrorCode":"0"}`, "HTTP status 200 OK: the body is not the API's JSON"},
		"something after it":     {200, okAnswer + "x", "HTTP status 200 OK: the body is not the API's JSON"},
		"data of another type":   {200, `{"ErrorCode":0,"Response":{"Admin_Account":"lin"}}`, "HTTP status 200 OK: the answer's data"},
		"far too much":           {200, `{"x":"` + strings.Repeat("x", maxAnswer) + `"}`, "HTTP status 200 OK: the body is over 8388608 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, tc.answer)
			s.status = tc.status
			_, err := s.client(t).Admins(t.Context(), "live_1")
			require.ErrorContains(t, err, "client: live_engine_http_srv/get_admin_list: "+tc.says)
			var answer *HTTPError
			require.ErrorAs(t, err, &answer)
			require.Equal(t, tc.status, answer.Status)
			require.NotContains(t, s.last.uri, "elsewhere", "redirects are not followed")
		})
	}
}

func TestATransportErrorKeepsItsCauseAndNotTheUserSig(t *testing.T) {
	s := newServer(t, okAnswer)
	c := s.client(t)
	s.Close()
	err := c.DeleteCallback(t.Context())
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	require.ErrorContains(t, err, "client: live_config/delete_callback: ")
	require.NotContains(t, err.Error(), "eJw1")
}

func TestACancelledCallSaysSo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	arrived := make(chan struct{})
	var once sync.Once
	hung := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // without it the server does not notice that the caller has gone
		once.Do(func() { close(arrived) })
		<-r.Context().Done()
	}))
	defer hung.Close()
	c, err := New(hung.URL, WithUserSig(1, "administrator", "eJw1"))
	require.NoError(t, err)

	go func() { <-arrived; cancel() }()
	err = c.DeleteCallback(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.NotContains(t, err.Error(), "eJw1")
}

func TestACutAnswerIsATransportError(t *testing.T) {
	cut := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte(`{"ErrorCode":0`))
	}))
	defer cut.Close()
	c, err := New(cut.URL, WithUserSig(1, "administrator", "eJw1"))
	require.NoError(t, err)
	require.ErrorContains(t, c.DeleteCallback(t.Context()), "client: live_config/delete_callback: read the answer: unexpected EOF")
}

func TestConnectionsAreUsedAgainWhateverTheAnswer(t *testing.T) {
	s := newServer(t, okAnswer)
	c := s.client(t)
	var dials int
	dialer := net.Dialer{}
	c.http.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		dials++
		return dialer.DialContext(ctx, network, addr)
	}
	for _, status := range []int{200, 500, 404, 200} {
		s.status, s.answer = status, okAnswer+strings.Repeat(" ", 1<<16)
		err := c.DeleteCallback(t.Context())
		require.Equal(t, status == 200, err == nil, err)
	}
	require.Equal(t, 1, dials)
}
