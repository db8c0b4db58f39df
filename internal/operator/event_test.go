package operator_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/operator"
)

// list gets every page of a list, each of at most limit events, and returns the ids.
func (w *world) list(query string, limit int) []string {
	w.t.Helper()
	ids, after := []string{}, ""
	for range 100 {
		var page operator.Events
		w.get(fmt.Sprintf("/events?%s&limit=%d&after=%s", query, limit, after)).into(&page)
		require.LessOrEqual(w.t, len(page.Events), limit)
		require.NotNil(w.t, page.Events)
		for _, e := range page.Events {
			ids = append(ids, e.ID)
		}
		if page.Next == "" {
			return ids
		}
		after = url.QueryEscape(page.Next)
	}
	require.FailNow(w.t, "the list has no end")
	return nil
}

// played is a world in which events are in every state.
type played struct {
	*world
	taken, failing, next, dead, homeless delivery.Event
}

func play(t *testing.T) *played {
	p := &played{world: newWorld(t, nil)}
	p.taken, p.failing, p.next, p.dead = p.deletion("a", 0), p.deletion("b", 1), p.deletion("b", 2), p.deletion("c", 3)
	p.homeless = p.commit(app, "", 4, live.MetadataSet{Pairs: []live.Pair{{Key: "k", Value: "v"}}})
	p.take(p.taken)
	p.failing = p.fail(p.fail(p.failing))
	p.dead = p.fail(p.dead)
	p.bury(p.dead)
	return p
}

func TestEventsAreListedByState(t *testing.T) {
	p := play(t)
	for query, want := range map[string][]string{
		"":                {p.dead.ID, p.dead.ID, p.failing.ID, p.failing.ID, p.taken.ID},
		"state=delivered": {p.taken.ID},
		"state=failed":    {p.dead.ID, p.failing.ID, p.failing.ID},
		"state=dead":      {p.dead.ID},
		"state=waiting":   {p.homeless.ID, p.failing.ID, p.next.ID},
	} {
		for _, limit := range []int{1, 2, 1000} {
			require.Equal(t, want, p.list(query, limit), "%s by %d", query, limit)
		}
	}
}

func TestEventsAreListedByWhatAFilterPicks(t *testing.T) {
	p := play(t)
	for query, want := range map[string][]string{
		"state=waiting&room=b":                         {p.failing.ID, p.next.ID},
		"state=waiting&room=":                          {p.homeless.ID},
		"state=waiting&room=nowhere":                   {},
		"state=waiting&command=AfterSetMetadata":       {p.homeless.ID},
		"state=waiting&command=AfterCreateRoom":        {},
		"state=waiting&from=2026-03-01T12:02:00Z":      {p.homeless.ID, p.next.ID},
		"state=waiting&to=2026-03-01T12:02:00.000Z":    {p.failing.ID},
		"state=waiting&to=2026-03-01T13:02:00%2b01:00": {p.failing.ID},
		"state=waiting&room=b&from=2026-03-01T12:01:00Z&to=2026-03-01T12:01:00.001Z&command=Live.CallbackAfterDelMetadata": {p.failing.ID},
		"state=dead&room=c":                                {p.dead.ID},
		"state=dead&room=b":                                {},
		"state=dead&to=2026-03-01T12:03:00Z":               {},
		"room=a":                                           {p.taken.ID},
		"command=Live.CallbackMemberStateChanged":          {},
		"command=AfterDelMetadata&room=b":                  {p.failing.ID, p.failing.ID},
		"state=delivered&from=2026-03-01T12:00:00Z&room=a": {p.taken.ID},
		"state=delivered&from=2026-03-01T12:00:00.001Z":    {},
		"state=failed&room=c":                              {p.dead.ID},
	} {
		require.Equal(t, want, p.list(query, 2), query)
	}
}

func TestWhatAListSaysOfAnEvent(t *testing.T) {
	p := play(t)
	first := func(query string) string {
		body := p.get("/events?limit=1&" + query).body
		return body[strings.Index(body, `[`)+1 : strings.LastIndex(body, `]`)]
	}
	success := `"{\"ActionStatus\":\"OK\",\"ErrorCode\":0,\"ErrorInfo\":\"\"}"`
	require.JSONEq(t, `{"id":"`+p.taken.ID+`","command":"Live.CallbackAfterDelMetadata","room":"a","state":"delivered",
		"committed_at":"2026-03-01T12:00:00.000Z","queued_at":"2026-03-01T12:00:00.000Z","attempt":{"number":1,
		"at":"2026-03-01T12:00:01.000Z","took_ms":1.5,"status":200,"answer":`+success+`,"answer_bytes":50,"error":""}}`, first("state=delivered"))
	require.JSONEq(t, `{"id":"`+p.dead.ID+`","command":"Live.CallbackAfterDelMetadata","room":"c","state":"dead",
		"committed_at":"2026-03-01T12:03:00.000Z","queued_at":"2026-03-01T12:03:00.000Z","attempt":{"number":2,
		"at":"2026-03-01T12:03:01.000Z","took_ms":3,"status":503,"answer":"","answer_bytes":0,
		"error":"the answer's HTTP status is 503, not 200"}}`, first("room=c"))
	require.JSONEq(t, `{"id":"`+p.homeless.ID+`","command":"Live.CallbackAfterSetMetadata","room":"","state":"waiting",
		"committed_at":"2026-03-01T12:04:00.000Z","queued_at":"2026-03-01T12:04:00.000Z","failures":0}`, first("state=waiting"))
	require.JSONEq(t, `{"id":"`+p.failing.ID+`","command":"Live.CallbackAfterDelMetadata","room":"b","state":"waiting",
		"committed_at":"2026-03-01T12:01:00.000Z","queued_at":"2026-03-01T12:01:00.000Z","failures":2,
		"last_error":"the answer's HTTP status is 500, not 200"}`, first("state=waiting&room=b"))
	var dead operator.Events
	p.get("/events?state=dead").into(&dead)
	require.False(t, dead.Events[0].Died.IsZero())
	require.Equal(t, 2, *dead.Events[0].Failures)
	require.Equal(t, "the answer's HTTP status is 503, not 200", dead.Events[0].LastError)
}

func TestACursorHoldsForItsListOnly(t *testing.T) {
	p := play(t)
	var waiting, log operator.Events
	p.get("/events?state=waiting&limit=1").into(&waiting)
	p.get("/events?limit=1").into(&log)
	require.NotEmpty(t, waiting.Next)
	require.NotEmpty(t, log.Next)
	for _, query := range []string{
		"after=" + waiting.Next, "state=dead&after=" + waiting.Next, "state=waiting&after=" + log.Next, "state=failed&after=" + log.Next,
		"state=waiting&after=" + waiting.Next + "x",
		"state=waiting&after=" + base64.RawURLEncoding.EncodeToString([]byte(`{"w":"events waiting of 1400000123","c":"nonsense"}`)),
	} {
		require.Equal(t, "after", p.get("/events?"+query).refused(http.StatusBadRequest, "bad_request").Field, query)
	}
	for _, query := range []string{"state=waiting&after=" + waiting.Next, "after=" + log.Next} {
		got := p.send(request(http.MethodGet, "/admin/v1/apps/7/events?"+query, ""))
		require.Equal(t, "after", got.refused(http.StatusBadRequest, "bad_request").Field, "another app's place: %s", query)
	}
	require.Equal(t, "after", p.post("/replay", `{"state":"dead","after":"`+waiting.Next+`"}`).refused(http.StatusBadRequest, "bad_request").Field)
}

func TestTheStoryOfAnEvent(t *testing.T) {
	p := play(t)
	var story operator.Story
	p.get("/events/" + p.taken.ID).into(&story)
	require.Equal(t, "delivered", story.State)
	require.Equal(t, "203.0.113.9", story.ClientIP)
	require.Equal(t, "RESTAPI", story.Platform)
	require.JSONEq(t, string(p.taken.Body), string(story.Body))
	require.Len(t, story.Attempts, 1)
	require.Equal(t, 200, story.Attempts[0].Status)

	story = operator.Story{}
	p.get("/events/" + p.dead.ID).into(&story)
	require.Equal(t, "dead", story.State)
	require.False(t, story.Died.IsZero())
	require.Equal(t, 2, story.Failures)
	require.Equal(t, "the answer's HTTP status is 503, not 200", story.LastError)
	require.Len(t, story.Attempts, 2)
	require.Equal(t, []int{500, 503}, []int{story.Attempts[0].Status, story.Attempts[1].Status}, "oldest first")
	require.JSONEq(t, string(p.dead.Body), string(story.Body))

	story = operator.Story{}
	p.get("/events/" + p.homeless.ID).into(&story)
	require.Equal(t, "waiting", story.State)
	require.Empty(t, story.Attempts)
	require.Contains(t, p.get("/events/"+p.homeless.ID).body, `"attempts":[]`)

	for _, id := range []string{"nothing", "evt_00000000000000000000000000", "%2e%2e", "a%2Fb", "%00", strings.Repeat("x", 5000)} {
		p.get("/events/"+id).refused(http.StatusNotFound, "not_found")
	}
	p.send(request(http.MethodGet, "/admin/v1/apps/7/events/"+p.taken.ID, "")).refused(http.StatusNotFound, "not_found")
}

// An answer of an app server may be anything; the operator's JSON stays JSON.
func TestAnAnswerOfAnyBytesIsShown(t *testing.T) {
	w := newWorld(t, nil)
	e := w.deletion("hello", 0)
	w.settle(e, delivery.Failed, delivery.Attempt{Status: 500, Answer: []byte("<\xff\x00\">\u2028"), AnswerBytes: 70000, Error: "no \xff"})
	var page operator.Events
	w.get("/events").into(&page)
	require.Equal(t, "<\ufffd\x00\">\u2028", page.Events[0].Attempt.Answer)
	require.Equal(t, 70000, page.Events[0].Attempt.AnswerBytes)
}
