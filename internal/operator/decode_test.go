package operator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// everyCall are the calls that take a body, with a good one for each.
var everyCall = map[string]string{
	"/pause":            `{"reason":"it moves"}`,
	"/resume":           `{}`,
	"/replay":           `{"state":"dead"}`,
	"/purge":            `{"state":"dead","confirm":true}`,
	"/test":             `{"command":"AfterDelMetadata"}`,
	"/events/id/replay": `{}`,
}

func TestEveryWrongFieldOfABodyIsNamed(t *testing.T) {
	w := newWorld(t, nil)
	cases := map[string][][2]string{ // of a path the bodies, and the fields that are wrong in them
		"/pause": {{`{"reason":1}`, "reason"}, {`{"reason":["x"]}`, "reason"}, {`{"Reason":"x"}`, "Reason"}, {`{"reason":"a","reason":"b"}`, "reason"},
			{`{"reason":"` + strings.Repeat("ü", 1001) + `"}`, "reason"}, {`{"until":"x"}`, "until"}},
		"/resume":           {{`{"reason":"x"}`, "reason"}},
		"/events/id/replay": {{`{"id":"x"}`, "id"}},
		"/test": {{`{"command":1}`, "command"}, {`{"command":"AfterLunch"}`, "command"}, {`{"Command":"AfterSetMetadata"}`, "Command"},
			{`{"command":"Live.CallbackBeforeCallBackNotBlock"}`, "command"}, {`{"url":1}`, "url"}, {`{"url":"ftp://example.com/"}`, "url"},
			{`{"url":"/hooks"}`, "url"}, {`{"url":"http://user:pw@example.com/"}`, "url"}, {`{"url":"http://example.com:99999/"}`, "url"},
			{`{"url":"http://` + strings.Repeat("a", 2048) + `/"}`, "url"}, {`{"urls":[]}`, "urls"}},
	}
	for _, path := range []string{"/replay", "/purge"} {
		state := "state"
		cases[path] = [][2]string{
			{``, state}, {`{}`, state}, {`{"state":""}`, state}, {`{"state":"failed"}`, state}, {`{"state":"Dead"}`, state},
			{`{"state":1}`, state}, {`{"state":["dead"]}`, state}, {`{"state":null}`, state}, {`{"State":"dead"}`, "State"},
			{`{"state":"dead","room":1}`, "room"}, {`{"state":"dead","room":"` + strings.Repeat("r", 49) + `"}`, "room"},
			{`{"state":"dead","room":"é"}`, "room"}, {`{"state":"dead","command":"AfterLunch"}`, "command"},
			{`{"state":"dead","command":""}`, "command"}, {`{"state":"dead","command":true}`, "command"},
			{`{"state":"dead","from":"yesterday"}`, "from"}, {`{"state":"dead","from":1}`, "from"}, {`{"state":"dead","from":""}`, "from"},
			{`{"state":"dead","to":"2026-01-31"}`, "to"}, {`{"state":"dead","to":{}}`, "to"},
			{`{"state":"dead","from":"2026-01-02T00:00:00Z","to":"2026-01-02T00:00:00Z"}`, "to"},
			{`{"state":"dead","after":"x"}`, "after"}, {`{"state":"dead","after":1}`, "after"}, {`{"state":"dead","since":"10m"}`, "since"},
			{`{"state":"dead","app":7}`, "app"}, {`{"state":"dead","state":"dead"}`, state},
		}
	}
	cases["/replay"] = append(cases["/replay"], [2]string{`{"state":"waiting"}`, "state"}, [2]string{`{"state":"dead","confirm":true}`, "confirm"})
	cases["/purge"] = append(cases["/purge"], [2]string{`{"state":"delivered"}`, "state"}, [2]string{`{"state":"dead"}`, "confirm"},
		[2]string{`{"state":"dead","confirm":false}`, "confirm"}, [2]string{`{"state":"dead","confirm":"true"}`, "confirm"},
		[2]string{`{"state":"dead","confirm":1}`, "confirm"}, [2]string{`{"state":"waiting"}`, "confirm"})
	kept := w.deletion("hello", 0)
	w.bury(w.deletion("other", 0))
	for path, bodies := range cases {
		for _, c := range bodies {
			got := w.post(path, c[0]).refused(http.StatusBadRequest, "bad_request")
			require.Equal(t, c[1], got.Field, "%s %s: %s", path, c[0], got.Message)
			require.Contains(t, got.Message, c[1], "%s %s", path, c[0])
		}
	}
	require.Equal(t, []string{kept.ID}, w.outbox(), "what was refused has changed nothing")
	require.NotContains(t, w.log.String(), "an operator")
}

func TestBodiesThatAreNoObjects(t *testing.T) {
	w := newWorld(t, nil)
	for path := range everyCall {
		for _, body := range []string{`null`, `[]`, `1`, `"x"`, `{`, `{}{}`, `{'a':1}`, "\x00"} {
			got := w.post(path, body).refused(http.StatusBadRequest, "bad_request")
			require.Contains(t, got.Message, "body", "%s %q", path, body)
		}
		large := fmt.Sprintf(`{"reason":%q}`, strings.Repeat("x", 64<<10))
		w.post(path, large).refused(http.StatusRequestEntityTooLarge, "too_large")
	}
}

func TestEveryWrongParameterOfAQueryIsNamed(t *testing.T) {
	w := newWorld(t, nil)
	for query, field := range map[string]string{
		"state=": "state", "state=DEAD": "state", "state=lost": "state", "State=dead": "State", "state=dead&state=dead": "state",
		"room=%c3%a9": "room", "room=" + strings.Repeat("r", 49): "room", "command=": "command", "command=AfterLunch": "command",
		"command=afterdelmetadata": "command", "from=": "from", "from=1772366400": "from", "from=2026-03-01": "from",
		"to=tomorrow": "to", "from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z": "to", "limit=0": "limit", "limit=1001": "limit",
		"limit=-1": "limit", "limit=%2B1": "limit", "limit=ten": "limit", "limit=": "limit", "limit=1.0": "limit",
		"limit=99999999999999999999": "limit", "after=x": "after", "after=e30": "after", "since=10m": "since", "app=7": "app",
	} {
		got := w.get("/events?"+query).refused(http.StatusBadRequest, "bad_request")
		require.Equal(t, field, got.Field, query)
		require.Contains(t, got.Message, field, query)
	}
	for path, body := range everyCall {
		require.Equal(t, "room", w.post(path+"?room=hello", body).refused(http.StatusBadRequest, "bad_request").Field, path)
	}
	require.NotContains(t, w.log.String(), "an operator")
	w.get("/events?%zz").refused(http.StatusBadRequest, "bad_request")
	for _, path := range []string{"/admin/v1/apps?limit=0", "/admin/v1/apps?limit=x"} {
		require.Equal(t, "limit", w.send(request(http.MethodGet, path, "")).refused(http.StatusBadRequest, "bad_request").Field)
	}
	require.Equal(t, "after", w.send(request(http.MethodGet, "/admin/v1/apps?after=x", "")).refused(http.StatusBadRequest, "bad_request").Field)
	require.Equal(t, "room", w.send(request(http.MethodGet, "/admin/v1/apps?room=x", "")).refused(http.StatusBadRequest, "bad_request").Field)
	require.Equal(t, "limit", w.get("?limit=1").refused(http.StatusBadRequest, "bad_request").Field)
	require.Equal(t, "body", w.get("/events/x?body=1").refused(http.StatusBadRequest, "bad_request").Field)
}
