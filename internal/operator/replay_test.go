package operator_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/operator"
)

func TestReplayOfOneEvent(t *testing.T) {
	w := newWorld(t, nil)
	dead, taken, waiting := w.deletion("a", 0), w.deletion("a", 1), w.deletion("a", 2)
	w.bury(dead)
	w.take(taken)
	for _, e := range []delivery.Event{dead, taken} {
		require.JSONEq(t, `{"replayed":1,"next":""}`, w.post("/events/"+e.ID+"/replay", "").body)
		require.Contains(t, w.log.String(), `msg="an operator replayed a webhook"`)
		require.Contains(t, w.log.String(), "from=127.0.0.1 app=1400000123 id="+e.ID)
	}
	require.Equal(t, []string{waiting.ID, dead.ID, taken.ID}, w.outbox(), "behind what waits, under the same ids")
	for _, e := range []delivery.Event{dead, waiting} {
		w.post("/events/"+e.ID+"/replay", "{}").refused(http.StatusConflict, "conflict")
	}
	w.post("/events/nothing/replay", "").refused(http.StatusNotFound, "not_found")
	w.send(request(http.MethodPost, "/admin/v1/apps/7/events/"+dead.ID+"/replay", "")).refused(http.StatusNotFound, "not_found")
	require.Len(t, w.outbox(), 3)
}

func TestReplayOfAllDeadLettersKeepsTheirOrder(t *testing.T) {
	w := newWorld(t, nil) // with pages of 3
	var ids []string
	for i := range 10 {
		e := w.deletion("a", i)
		ids = append(ids, e.ID)
		w.bury(e)
	}
	require.JSONEq(t, `{"replayed":10,"next":""}`, w.post("/replay", `{"state":"dead"}`).body)
	require.Equal(t, ids, w.outbox())
	require.Contains(t, w.log.String(), `msg="an operator replayed webhooks"`)
	require.Contains(t, w.log.String(), "app=1400000123 state=dead count=10 more=false")
	require.JSONEq(t, `{"replayed":0,"next":""}`, w.post("/replay", `{"state":"dead"}`).body)
}

func TestReplayOfWhatAFilterPicks(t *testing.T) {
	for body, want := range map[string][]int{
		`{"state":"dead","room":"b"}`:                                                                       {2, 3},
		`{"state":"dead","room":""}`:                                                                        {4},
		`{"state":"dead","command":"AfterSetMetadata"}`:                                                     {4},
		`{"state":"dead","from":"2026-03-01T12:02:00Z","to":"2026-03-01T12:04:00Z"}`:                        {2, 3},
		`{"state":"dead","room":"a","command":"Live.CallbackAfterDelMetadata","to":"2026-03-01T12:01:00Z"}`: {0},
		`{"state":"dead","room":"c"}`:                                                                       {},
	} {
		w := newWorld(t, nil)
		ids := map[string]int{}
		for i, room := range []live.RoomID{"a", "a", "b", "b"} {
			e := w.deletion(room, i)
			ids[e.ID] = i
			w.bury(e)
		}
		homeless := w.commit(app, "", 4, live.MetadataSet{Pairs: []live.Pair{{Key: "k", Value: "v"}}})
		ids[homeless.ID] = 4
		w.bury(homeless)
		require.JSONEq(t, fmt.Sprintf(`{"replayed":%d,"next":""}`, len(want)), w.post("/replay", body).body)
		got := []int{}
		for _, id := range w.outbox() {
			got = append(got, ids[id])
		}
		require.Equal(t, want, got, body)
	}
}

func TestReplayOfDeliveredEvents(t *testing.T) {
	w := newWorld(t, nil)
	var ids []string
	for i := range 7 {
		e := w.deletion("a", i)
		ids = append(ids, e.ID)
		w.take(e)
	}
	require.JSONEq(t, `{"replayed":3,"next":""}`, w.post("/replay", `{"state":"delivered","from":"2026-03-01T12:04:00Z"}`).body)
	require.Equal(t, ids[4:], w.outbox())
	require.JSONEq(t, `{"replayed":4,"next":""}`, w.post("/replay", `{"state":"delivered","to":"2026-03-01T12:04:00Z"}`).body)
	require.Equal(t, append(ids[4:7:7], ids[:4]...), w.outbox())
}

// A replay that takes long is answered before the server's time for an answer is over, and goes on with the next call.
func TestALongReplayGoesOnInSeveralCalls(t *testing.T) {
	var now time.Time
	w := newWorld(t, func(o *operator.Options) {
		o.Now = func() time.Time { now = now.Add(3 * time.Second); return now } // at every look at the clock
	})
	now = noon.Add(time.Hour)
	for _, state := range []string{"dead", "delivered"} {
		room := live.RoomID(state)
		var ids []string
		for i := range 10 {
			e := w.deletion(room, i)
			ids = append(ids, e.ID)
			if state == "dead" {
				w.bury(e)
			} else {
				w.take(e)
			}
		}
		total, calls, after := 0, 0, ""
		for {
			var done operator.Replayed
			w.post("/replay", fmt.Sprintf(`{"state":%q,"room":%q,"after":%q}`, state, room, after)).into(&done)
			total += done.Replayed
			calls++
			if done.Next == "" {
				break
			}
			require.Positive(t, done.Replayed, "every call gets something done")
			after = done.Next
		}
		require.Equal(t, 10, total)
		require.Greater(t, calls, 1)
		events, _, err := w.store.Waiting(ctx, delivery.Filter{App: app, Room: &room}, "", 1000)
		require.NoError(t, err)
		require.Equal(t, ids, idsOf(events))
	}
}

// Dead letters that die again at once are not replayed for ever.
func TestAReplayEndsAlthoughEverythingDiesAgain(t *testing.T) {
	mortal := &mortalStore{}
	w := newWorld(t, func(o *operator.Options) {
		mortal.Store, o.Store = o.Store, mortal
	})
	w.counted()
	for i := range 4 {
		w.bury(w.deletion("a", i))
	}
	mortal.kill = func() {
		events, _, err := w.store.Waiting(ctx, delivery.Filter{App: app}, "", 1000)
		require.NoError(t, err)
		for _, e := range events {
			w.bury(e)
		}
	}
	var done operator.Replayed
	w.post("/replay", `{"state":"dead"}`).into(&done)
	require.GreaterOrEqual(t, done.Replayed, 4)
	require.LessOrEqual(t, done.Replayed, 4+3, "what was dead at the beginning, and a page at most")
	require.Empty(t, done.Next)
}

// mortalStore is the store, with something that happens after every page of a replay.
type mortalStore struct {
	operator.Store
	kill func()
}

func (s *mortalStore) ReplayDead(ctx context.Context, f delivery.Filter, limit int) (int, error) {
	n, err := s.Store.ReplayDead(ctx, f, limit)
	s.kill()
	return n, err
}

// A caller who goes away ends the replay with the page that is under way; what was done is logged.
func TestAReplayEndsWhenItsCallerIsGone(t *testing.T) {
	leaving := &mortalStore{}
	w := newWorld(t, func(o *operator.Options) { leaving.Store, o.Store = o.Store, leaving })
	for i := range 9 {
		w.bury(w.deletion("a", i))
	}
	calling, leave := context.WithCancel(ctx)
	leaving.kill = leave
	w.send(request(http.MethodPost, "/admin/v1/apps/1400000123/replay", `{"state":"dead"}`).WithContext(calling))
	require.Len(t, w.outbox(), 3)
	require.Contains(t, w.log.String(), "state=dead count=3 more=true")
}

// Somebody who does not wait for the answer is no fault of the server.
func TestACallerWhoLeavesIsNoError(t *testing.T) {
	w := newWorld(t, func(o *operator.Options) { o.Store = patientStore{o.Store} })
	gone, leave := context.WithCancel(ctx)
	leave()
	w.send(request(http.MethodPost, "/admin/v1/apps/1400000123/pause", `{}`).WithContext(gone)).refused(http.StatusInternalServerError, "internal")
	require.Empty(t, w.log.String())

	w = newWorld(t, func(o *operator.Options) { o.Store = brokenStore{o.Store} })
	w.send(request(http.MethodPost, "/admin/v1/apps/1400000123/pause", `{}`).WithContext(gone)).refused(http.StatusInternalServerError, "internal")
	require.Contains(t, w.log.String(), "the disk is on fire")
}

// patientStore pauses nothing before its caller is gone.
type patientStore struct{ operator.Store }

func (patientStore) Pause(ctx context.Context, _ live.AppID, _ string) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestReplaysAtOnceSendEachEventOnceAndInOrder(t *testing.T) {
	w := newWorld(t, nil)
	var ids []string
	for i := range 24 {
		e := w.deletion("hello", i)
		ids = append(ids, e.ID)
		w.bury(e)
	}
	var total atomic.Int64
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			recorder := httptest.NewRecorder()
			w.api.ServeHTTP(recorder, request(http.MethodPost, "/admin/v1/apps/1400000123/replay", `{"state":"dead"}`))
			var done operator.Replayed
			if json.Unmarshal(recorder.Body.Bytes(), &done) == nil {
				total.Add(int64(done.Replayed))
			}
		})
	}
	all.Wait()
	require.EqualValues(t, len(ids), total.Load())
	require.Equal(t, ids, w.outbox())
}

func TestReplayedEventsArriveInOrder(t *testing.T) {
	w := newWorld(t, nil)
	var ids []string
	for i := range 8 {
		e := w.deletion("hello", i)
		ids = append(ids, e.ID)
		w.bury(e)
	}
	w.deliver()
	require.Equal(t, http.StatusOK, w.post("/replay", `{"state":"dead"}`).status)
	got := w.server.Wait(len(ids))
	for i, id := range ids {
		require.Equal(t, id, got[i].ID())
	}
}

func TestPurge(t *testing.T) {
	for body, left := range map[string][]int{ // of which the places are left
		`{"state":"waiting","confirm":true}`:                                                {},
		`{"state":"waiting","room":"b"}`:                                                    {0, 1},
		`{"state":"waiting","room":"b","confirm":true}`:                                     {0, 1},
		`{"state":"waiting","command":"AfterSetMetadata"}`:                                  {0, 1, 2, 3},
		`{"state":"waiting","from":"2026-03-01T12:01:00Z","to":"2026-03-01T12:03:00.000Z"}`: {0, 3},
		`{"state":"waiting","to":"2026-03-01T12:01:00Z","confirm":false}`:                   {1, 2, 3},
		`{"state":"dead","confirm":true}`:                                                   {0, 1, 2, 3},
	} {
		w := newWorld(t, nil)
		ids := map[string]int{}
		for i, room := range []live.RoomID{"a", "a", "b", "b"} {
			ids[w.deletion(room, i).ID] = i
		}
		removed := 4 - len(left)
		require.JSONEq(t, fmt.Sprintf(`{"purged":%d,"next":""}`, removed), w.post("/purge", body).body, body)
		got := []int{}
		for _, id := range w.outbox() {
			got = append(got, ids[id])
		}
		require.Equal(t, left, got, body)
		require.Contains(t, w.log.String(), `msg="an operator purged webhooks"`)
		require.Contains(t, w.log.String(), fmt.Sprintf("count=%d more=false", removed))
	}
}

func TestPurgeOfDeadLetters(t *testing.T) {
	w := newWorld(t, nil)
	kept := w.deletion("a", 0)
	for i := range 7 {
		w.bury(w.deletion("a", i))
	}
	other := w.deletion("b", 0)
	w.bury(other)
	require.JSONEq(t, `{"purged":7,"next":""}`, w.post("/purge", `{"state":"dead","room":"a"}`).body)
	require.Equal(t, []string{other.ID}, w.list("state=dead", 10))
	require.Equal(t, []string{kept.ID}, w.outbox())
}

func TestALongPurgeGoesOnInSeveralCallsAndSparesWhatCameLater(t *testing.T) {
	var now time.Time
	w := newWorld(t, func(o *operator.Options) {
		o.Now = func() time.Time { now = now.Add(3 * time.Second); return now }
	})
	now = noon
	for range 10 {
		w.deletion("a", -1)
	}
	var done operator.Purged
	w.post("/purge", `{"state":"waiting","confirm":true}`).into(&done)
	require.NotEmpty(t, done.Next)
	total := done.Purged
	later := w.deletion("a", 10)
	for done.Next != "" {
		w.post("/purge", fmt.Sprintf(`{"state":"waiting","confirm":true,"after":%q}`, done.Next)).into(&done)
		total += done.Purged
	}
	require.Equal(t, 10, total)
	require.Equal(t, []string{later.ID}, w.outbox())
}
