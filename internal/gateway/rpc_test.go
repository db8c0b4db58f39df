package gateway

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/centrifugal/centrifuge"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

func newRecorder(h http.Handler) *httptest.ResponseRecorder {
	r := httptest.NewRecorder()
	h.ServeHTTP(r, httptest.NewRequest(http.MethodGet, "/", nil))
	return r
}

func TestMalformedParamsAreBadParameters(t *testing.T) {
	w := newWorld(t)
	c := w.connect(app1, "mia")
	c.starts("room_a")
	for _, m := range methods {
		for name, params := range map[string]string{
			"a text":              `"x"`,
			"a list":              `[]`,
			"a number":            `7`,
			"a name twice":        `{"liveID":"room_a","liveID":"room_a"}`,
			"liveID no text":      `{"liveID":7}`,
			"liveID too long":     `{"liveID":"1234567890123456789012345678901234567890123456789"}`,
			"liveID not ASCII":    `{"liveID":"сцена"}`,
			"liveID with a break": `{"liveID":"a\nb"}`,
		} {
			if strings.HasPrefix(name, "liveID") && !takesLiveID(m.name) {
				continue
			}
			t.Run(m.name+" "+name, func(t *testing.T) { c.fails(100002, m.name, params) })
		}
	}
	for method, bad := range map[string][]string{
		"live.startLive": {
			`{"liveInfo":7}`, `{"liveInfo":{"liveID":7}}`, `{"liveInfo":{"liveID":"b","seatMode":"other"}}`,
			`{"liveInfo":{"liveID":"b","seatTemplate":"unknown"}}`, `{"liveInfo":{"liveID":"b","seatTemplate":"жук"}}`,
			`{"liveInfo":{"liveID":"b","maxSeatCount":"9"}}`, `{"liveInfo":{"liveID":"b","maxSeatCount":-1}}`,
			`{"liveInfo":{"liveID":"b","maxSeatCount":1e99}}`, `{"liveInfo":{"liveID":"b","categoryList":["x"]}}`,
			`{"liveInfo":{"liveID":"b","isPublicVisible":"yes"}}`, `{"liveInfo":{"liveID":"b","seatLayoutTemplateID":1000}}`,
			`{"liveID":"b","keepOwnerOnSeat":1}`, `{"liveID":"b","activityStatus":0.5}`, `{"liveID":"b","liveName":{}}`,
		},
		"live.joinLive":      {`{}`, `null`, ``},
		"live.fetchLiveInfo": {`{}`, `null`},
		"live.queryMetaData": {`{"keys":"k"}`, `{"keys":[1]}`},
		"live.updateLiveMetaData": {
			`{}`, `{"metaData":{}}`, `{"metaData":null}`, `{"metaData":[]}`, `{"metaData":7}`, `{"metaData":{"k":1}}`,
			`{"metaData":{"k":null}}`, `{"metaData":{"k":{}}}`, `{"metaData":{"k":"1","k":"2"}}`, `{"metaData":{"":"v"}}`,
			`{"metaData":""}`, `{"metaData":"{"}`, `{"metaData":"[]"}`, `{"metaData":"{} {}"}`, `{"metaData":"{\"k\":1}"}`,
			`{"metaData":"{\"k\":\"1\",\"k\":\"2\"}"}`, `{"metaData":"{\"k\":\"1\"} x"}`,
		},
		"live.deleteLiveMetaData": {`{}`, `{"keys":[]}`, `{"keys":null}`, `{"keys":{"k":1}}`},
	} {
		for _, params := range bad {
			t.Run(method+" "+params, func(t *testing.T) { c.fails(100002, method, params) })
		}
	}
	require.Equal(t, m{"metaData": m{}}, c.do("live.queryMetaData", m{}), "nothing was half done")
}

// takesLiveID tells whether a method is about a room.
func takesLiveID(method string) bool {
	return method != "live.fetchLiveList" && !strings.HasPrefix(method, "login.") && !strings.HasPrefix(method, "follow.")
}

func TestAnUnknownMethodIsNotFound(t *testing.T) {
	w := newWorld(t)
	c := w.connect(app1, "mia")
	c.fails(104, "live.unheardOf", m{})
	c.fails(104, "", m{})
	require.Equal(t, 2.0, testutil.ToFloat64(w.metrics.ClientCalls.WithLabelValues("unknown", "104")))
}

func TestCallsAreCountedByMethodAndCode(t *testing.T) {
	w := newWorld(t)
	c := w.connect(app1, "mia")
	c.do("live.startLive", m{"liveID": "room_a"})
	c.do("live.createLive", m{"liveID": "room_b"})
	c.fails(100004, "live.joinLive", m{"liveID": "nowhere"})
	counted := func(method, code string) float64 {
		return testutil.ToFloat64(w.metrics.ClientCalls.WithLabelValues(method, code))
	}
	require.Equal(t, 1.0, counted("connect", "0"))
	require.Equal(t, 2.0, counted("live.startLive", "0"), "the alias is counted as what it stands for")
	require.Equal(t, 1.0, counted("live.joinLive", "100004"))
}

func TestAFailureInsideIsTheInternalCode(t *testing.T) {
	w := newWorld(t)
	for name, f := range map[string]func() error{
		"a panic":   func() error { panic("at the disco") },
		"an error":  func() error { return errors.New("disk on fire") },
		"a refusal": func() error { return live.Refuse(live.CodeInternal, "secret") },
	} {
		t.Run(name, func(t *testing.T) {
			var wire *centrifuge.Error
			require.ErrorAs(t, w.g.guard("test", live.Caller{}, f), &wire)
			require.Equal(t, &centrifuge.Error{Code: 100001, Message: "internal error, try again", Temporary: true}, wire)
		})
	}
}

func TestAStoreThatIsClosedIsAnInternalError(t *testing.T) {
	w := newWorld(t)
	c := w.connect(app1, "mia")
	c.starts("room_a")
	w.close()
	c.fails(100001, "live.updateLiveMetaData", m{"metaData": m{"k": "v"}})
	c.fails(100001, "live.joinLive", m{"liveID": "room_a"})
}
