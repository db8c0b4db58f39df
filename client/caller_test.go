package client

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/usersig"
)

const testKey = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e"

func TestWithAppSignsForItsAdmin(t *testing.T) {
	s := newServer(t, okAnswer)
	c, err := New(s.URL, WithApp(1400000123, testKey, "administrator"))
	require.NoError(t, err)
	require.NoError(t, c.DeleteCallback(t.Context()))

	called, err := url.Parse(s.last.uri)
	require.NoError(t, err)
	_, err = usersig.Verify(called.Query().Get("usersig"), 1400000123, testKey, "administrator", time.Now())
	require.NoError(t, err)
}

func TestAUserSigIsKeptForHalfItsLife(t *testing.T) {
	start := time.Unix(1767225600, 0)
	for name, tc := range map[string]struct {
		after   time.Duration
		renewed bool
	}{
		"at once":                      {0, false},
		"shortly before half its life": {12*time.Hour - time.Second, false},
		"at half its life":             {12 * time.Hour, true},
		"long after it expired":        {90 * 24 * time.Hour, true},
		"when the clock went back":     {-time.Second, true},
	} {
		t.Run(name, func(t *testing.T) {
			now := start
			me := &caller{app: 7, identifier: "administrator", key: testKey, now: func() time.Time { return now }}
			first := me.sig()
			now = start.Add(tc.after)
			second := me.sig()
			require.Equal(t, tc.renewed, first != second)
			_, err := usersig.Verify(second, 7, testKey, "administrator", now)
			require.NoError(t, err)
		})
	}
}

func TestASigThatTheServerNoLongerTakesIsReplaced(t *testing.T) {
	for name, tc := range map[string]struct {
		code    string
		renewed bool
	}{
		"expired":         {"70001", true},
		"revoked":         {"70052", true},
		"no such room":    {"100004", false},
		"not by this key": {"70009", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, `{"ActionStatus":"FAIL","ErrorCode":`+tc.code+`}`)
			c, err := New(s.URL, WithApp(7, testKey, "administrator"))
			require.NoError(t, err)
			now := time.Unix(1767225600, 0)
			c.caller.now = func() time.Time { return now }

			first := c.caller.sig()
			require.Error(t, c.DeleteCallback(t.Context()))
			now = now.Add(time.Second)
			require.Equal(t, tc.renewed, first != c.caller.sig())
		})
	}
}

func TestAGivenUserSigIsNeverReplaced(t *testing.T) {
	s := newServer(t, `{"ActionStatus":"FAIL","ErrorCode":70001}`)
	c := s.client(t)
	require.ErrorIs(t, c.DeleteCallback(t.Context()), CodeUserSigExpired)
	require.ErrorIs(t, c.DeleteCallback(t.Context()), CodeUserSigExpired)
	require.Contains(t, s.last.uri, "&usersig=eJw1-sig*_&")
}
