package gateway

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/usersig"
)

func TestAUserLogsInWithAUserSig(t *testing.T) {
	w := newWorld(t)
	for name, id := range map[string]any{"number": app1, "text of digits": app1.String()} {
		t.Run("sdkAppID as "+name, func(t *testing.T) {
			c := w.device(app1, "mia", sign(app1, "mia"), m{"sdkAppID": id, "future": true})
			before := time.Now().UnixMilli()
			require.NoError(t, c.Connect())
			var reply struct {
				UserID     string
				SDKAppID   int64
				ServerTime int64
			}
			require.NoError(t, json.Unmarshal(receive(t, c.connected, "connected").Data, &reply))
			require.Equal(t, "mia", reply.UserID)
			require.Equal(t, int64(app1), reply.SDKAppID)
			require.GreaterOrEqual(t, reply.ServerTime, before)
		})
	}
}

func TestABadLoginEndsWithTheContractsCode(t *testing.T) {
	w := newWorld(t)
	good := sign(app1, "mia")
	expired := usersig.New(uint32(app1), key1, "mia", time.Now().Add(-2*time.Hour), time.Hour)
	for name, tc := range map[string]struct {
		sig    string
		fields m
		code   uint32
	}{
		"unknown app":             {good, m{"sdkAppID": 1}, 70020},
		"no sig":                  {"", nil, 70002},
		"undecodable sig":         {"rubbish", nil, 70003},
		"sig of another app":      {sign(app2, "mia"), nil, 70014},
		"sig of another user":     {sign(app1, "ben"), nil, 70013},
		"sig by another key":      {usersig.New(uint32(app1), "wrong", "mia", time.Now(), time.Hour), nil, 70009},
		"expired sig":             {expired, nil, 70001},
		"no app":                  {good, m{"sdkAppID": nil}, 100002},
		"app no number":           {good, m{"sdkAppID": "many"}, 100002},
		"app negative":            {good, m{"sdkAppID": -1}, 100002},
		"app fraction":            {good, m{"sdkAppID": 1.5}, 100002},
		"app too big":             {good, m{"sdkAppID": 1 << 32}, 100002},
		"app an object":           {good, m{"sdkAppID": m{}}, 100002},
		"no user":                 {good, m{"userID": ""}, 100002},
		"user no text":            {good, m{"userID": 7}, 100002},
		"user too long":           {good, m{"userID": strings.Repeat("u", 33)}, 100002},
		"platform no text":        {good, m{"platform": []int{}}, 100002},
		"user with other letters": {good, m{"userID": "mía"}, 100002},
	} {
		t.Run(name, func(t *testing.T) {
			code, message := w.device(app1, "mia", tc.sig, tc.fields).refused()
			require.Equal(t, tc.code, code, message)
			require.NotEmpty(t, message)
		})
	}
}

func TestMalformedConnectDataIsRefused(t *testing.T) {
	w := newWorld(t)
	for name, data := range map[string]string{
		"nothing":      ``,
		"null":         `null`,
		"a text":       `"hello"`,
		"a list":       `[]`,
		"a name twice": `{"sdkAppID":1400000001,"sdkAppID":1400000001,"userID":"mia"}`,
		"other case":   `{"SDKAPPID":1400000001,"userID":"mia"}`,
		"missing app":  `{"userID":"mia"}`,
	} {
		t.Run(name, func(t *testing.T) {
			code, message := w.rawDevice("mia", sign(app1, "mia"), []byte(data)).refused()
			require.Equal(t, uint32(100002), code, message)
		})
	}
}

func TestOnlyAllowedOriginsMayConnect(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.AllowedOrigins = []string{"https://live.example.com"} })
	upgrade := func(origin string) http.Header {
		h := http.Header{
			"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"},
			"Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="},
		}
		if origin != "" {
			h.Set("Origin", origin)
		}
		return h
	}
	require.Equal(t, http.StatusSwitchingProtocols, get(t, w.http, upgrade("https://live.example.com")).StatusCode)
	require.Equal(t, http.StatusSwitchingProtocols, get(t, w.http, upgrade("")).StatusCode)
	require.Equal(t, http.StatusForbidden, get(t, w.http, upgrade("https://evil.example.com")).StatusCode)
	require.Equal(t, http.StatusForbidden, get(t, w.http, upgrade("http://live.example.com")).StatusCode)

	anybody := newWorld(t)
	require.Equal(t, http.StatusSwitchingProtocols, get(t, anybody.http, upgrade("https://evil.example.com")).StatusCode)
}

func TestARequestThatIsNoUpgradeIsRefused(t *testing.T) {
	require.Equal(t, http.StatusBadRequest, get(t, newWorld(t).http, nil).StatusCode)
}

func TestAGatewayThatDoesNotRunAnswers503(t *testing.T) {
	g, err := New(Options{Live: newWorld(t).live})
	require.NoError(t, err)
	recorder := newRecorder(g.Handler())
	require.Equal(t, http.StatusServiceUnavailable, recorder.Code)
}

func TestAGatewayNeedsADomainAndSaneLimits(t *testing.T) {
	_, err := New(Options{})
	require.Error(t, err)
	service := newWorld(t).live
	for _, o := range []Options{{OfflineAfter: -1}, {PingInterval: -1}, {MaxMessageBytes: -1}} {
		o.Live = service
		_, err := New(o)
		require.Error(t, err)
	}
}

func TestTooLargeAMessageClosesTheConnection(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.MaxMessageBytes = 2000 })
	c := w.connect(app1, "mia")
	_, err := c.ask("live.joinLive", m{"liveID": strings.Repeat("x", 3000)})
	require.Error(t, err)
	receive(t, c.connected, "connected again")
}

func TestAStoppedGatewaySendsItsClientsAwayToReconnect(t *testing.T) {
	w := newWorld(t)
	c := w.connect(app1, "mia")
	receive(t, c.connecting, "first connecting")
	counted := func(n float64) func() bool { return func() bool { return testutil.ToFloat64(w.metrics.Clients) == n } }
	require.Eventually(t, counted(1), patience, time.Millisecond)
	w.stop()
	require.Equal(t, uint32(3001), receive(t, c.connecting, "connecting again").Code)
	require.Eventually(t, counted(0), patience, time.Millisecond)
}

func TestThePlatformAndAddressOfAClientReachTheDomain(t *testing.T) {
	w := newWorld(t)
	w.connect(app1, "mia")
	clients := w.g.node.Hub().Connections()
	require.Len(t, clients, 1)
	for _, c := range clients {
		require.Equal(t, live.Caller{App: app1, User: "mia", Kind: live.KindUser, IP: "127.0.0.1", Platform: live.PlatformIOS},
			connOf(c).caller)
	}
}
