package client

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestNewRefusesWhatCannotWork(t *testing.T) {
	me := WithUserSig(1, "administrator", "eJw1")
	for name, tc := range map[string]struct {
		base string
		opts []Option
		says string
	}{
		"no scheme":            {"live.example.net", []Option{me}, "scheme"},
		"another scheme":       {"ftp://live.example.net", []Option{me}, "scheme"},
		"no host":              {"http://", []Option{me}, "no host"},
		"a query":              {"http://h/?a=b", []Option{me}, "only scheme, host and path"},
		"an empty query":       {"http://h/?", []Option{me}, "only scheme, host and path"},
		"a fragment":           {"http://h/#a", []Option{me}, "only scheme, host and path"},
		"a user":               {"http://u:p@h/", []Option{me}, "only scheme, host and path"},
		"not a URL":            {"http://h:port", []Option{me}, "invalid port"},
		"nobody to call as":    {"http://h", nil, "WithApp or WithUserSig"},
		"no app":               {"http://h", []Option{WithUserSig(0, "a", "eJw1")}, "app's id"},
		"no identifier":        {"http://h", []Option{WithApp(1, "key", "")}, "App admin's name"},
		"no key":               {"http://h", []Option{WithApp(1, "", "a")}, "key"},
		"no UserSig":           {"http://h", []Option{WithUserSig(1, "a", "")}, "UserSig"},
		"a UserSig with a cut": {"http://h", []Option{WithUserSig(1, "a", "eJw1&random=1")}, "characters"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := New(tc.base, tc.opts...)
			require.ErrorContains(t, err, tc.says)
			require.Nil(t, c)
		})
	}
}

func TestTheLastIdentityGivenCounts(t *testing.T) {
	s := newServer(t, okAnswer)
	c, err := New(s.URL, WithApp(5, "key", "root"), WithUserSig(6, "administrator", "eJw1"))
	require.NoError(t, err)
	require.NoError(t, c.DeleteCallback(t.Context()))
	require.Contains(t, s.last.uri, "?sdkappid=6&identifier=administrator&usersig=eJw1&")
}

func TestTheDefaultHTTPClientIsBounded(t *testing.T) {
	c, err := New("http://h", WithApp(1, "key", "administrator"))
	require.NoError(t, err)
	require.Equal(t, 10*time.Second, c.http.Timeout)
	require.Equal(t, 64, c.http.Transport.(*http.Transport).MaxIdleConnsPerHost)
}

func TestWithHTTPClientSendsThroughIt(t *testing.T) {
	s := newServer(t, okAnswer)
	var seen int
	hc := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		seen++
		return http.DefaultTransport.RoundTrip(r)
	})}
	c, err := New(s.URL, WithUserSig(1, "administrator", "eJw1"), WithHTTPClient(hc))
	require.NoError(t, err)
	require.NoError(t, c.DeleteCallback(t.Context()))
	require.Equal(t, 1, seen)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
