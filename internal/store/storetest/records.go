package storetest

import (
	"cmp"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

// committed is when the first event of a test was committed; the next ones follow a second apart.
var committed = time.UnixMilli(1765001300444)

// emit commits deletions of metadata in rooms of app, and returns their webhooks.
func (f *fixture) emit(app live.AppID, rooms ...live.RoomID) []delivery.Event {
	f.t.Helper()
	f.switchOn(app, "Live.CallbackAfterDelMetadata", "Live.CallbackAfterDestroyRoom")
	before := len(f.webhooks())
	for _, r := range rooms {
		e := deleted(app, r, fmt.Sprint("k", f.emitted[app]))
		e.At = committed.Add(time.Duration(f.emitted[app]) * time.Second)
		f.emitted[app]++
		f.update(func(tx live.Tx) error { return tx.Emit(e) })
	}
	return f.webhooks()[before:]
}

// settle settles outcomes and waits until they are durable.
func (f *fixture) settle(outcomes ...delivery.Outcome) {
	f.t.Helper()
	for _, o := range outcomes {
		f.hand(o)
	}
	for range outcomes {
		select {
		case <-f.settled:
		case <-time.After(20 * time.Second):
			require.FailNow(f.t, "an outcome is not settled")
		}
	}
}

// hand settles an outcome in the name of the node.
func (f *fixture) hand(o delivery.Outcome) {
	f.mu.Lock()
	o.Event.Node = f.node
	f.mu.Unlock()
	f.Settle(o)
}

func (f *fixture) deliver(events ...delivery.Event) {
	f.t.Helper()
	f.settleAll(events, delivery.Delivered, "")
}

func (f *fixture) kill(events ...delivery.Event) {
	f.t.Helper()
	f.settleAll(events, delivery.Dead, "HTTP 500")
}

func (f *fixture) settleAll(events []delivery.Event, fate delivery.Fate, failure string) {
	f.t.Helper()
	var outcomes []delivery.Outcome
	for _, e := range events {
		outcomes = append(outcomes, outcome(e, fate, e.Attempts+1, failure))
	}
	f.settle(outcomes...)
}

func (f *fixture) story(app live.AppID, id string) delivery.Story {
	f.t.Helper()
	st, err := f.Story(ctx, app, id)
	require.NoError(f.t, err)
	return st
}

func of(app live.AppID) delivery.Filter { return delivery.Filter{App: app} }

// pages collects the pages of a list, each of up to two.
func pages[T any](t *testing.T, read func(after delivery.Cursor, limit int) ([]T, delivery.Cursor, error)) (all []T) {
	t.Helper()
	var after delivery.Cursor
	for range 1000 {
		page, next, err := read(after, 2)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page), 2)
		all = append(all, page...)
		if next == "" {
			return all
		}
		require.NotEqual(t, after, next, "a list goes on")
		after = next
	}
	require.FailNow(t, "the list does not end")
	return nil
}

func (f *fixture) logOf(filter delivery.Filter, fates ...delivery.Fate) []delivery.Logged {
	f.t.Helper()
	return pages(f.t, func(after delivery.Cursor, limit int) ([]delivery.Logged, delivery.Cursor, error) {
		return f.Log(ctx, filter, fates, after, limit)
	})
}

func (f *fixture) waiting(filter delivery.Filter) []delivery.Event {
	f.t.Helper()
	return pages(f.t, func(after delivery.Cursor, limit int) ([]delivery.Event, delivery.Cursor, error) {
		return f.Waiting(ctx, filter, after, limit)
	})
}

func (f *fixture) dead(filter delivery.Filter) []delivery.DeadLetter {
	f.t.Helper()
	return pages(f.t, func(after delivery.Cursor, limit int) ([]delivery.DeadLetter, delivery.Cursor, error) {
		return f.DeadLetters(ctx, filter, after, limit)
	})
}

func idsOf(events []delivery.Event) []string {
	ids := []string{}
	for _, e := range events {
		ids = append(ids, e.ID)
	}
	return ids
}

func idsOfLog(lines []delivery.Logged) []string {
	ids := []string{}
	for _, l := range lines {
		ids = append(ids, l.Event.ID)
	}
	return ids
}

func idsOfDead(letters []delivery.DeadLetter) []string {
	ids := []string{}
	for _, l := range letters {
		ids = append(ids, l.ID)
	}
	return ids
}

// filters are what picks events of app out of those of rooms a, b, a, b, a, with the numbers of the events picked.
func filters() map[string]struct {
	filter delivery.Filter
	picks  []int
} {
	a, none := live.RoomID("a"), live.RoomID("none")
	return map[string]struct {
		filter delivery.Filter
		picks  []int
	}{
		"all":             {of(app), []int{0, 1, 2, 3, 4}},
		"a room":          {delivery.Filter{App: app, Room: &a}, []int{0, 2, 4}},
		"no room":         {delivery.Filter{App: app, Room: &none}, []int{}},
		"a command":       {delivery.Filter{App: app, Command: webhook.CommandAfterDelMetadata}, []int{0, 1, 2, 3, 4}},
		"another command": {delivery.Filter{App: app, Command: webhook.CommandAfterSetMetadata}, []int{}},
		"from":            {delivery.Filter{App: app, From: committed.Add(2 * time.Second)}, []int{2, 3, 4}},
		"to":              {delivery.Filter{App: app, To: committed.Add(2 * time.Second)}, []int{0, 1}},
		"a room and a time": {delivery.Filter{App: app, Room: &a, From: committed.Add(time.Second), To: committed.Add(4 * time.Second)},
			[]int{2}},
		"another app": {of(other), []int{}},
	}
}

func picked(e []delivery.Event, numbers []int) []string {
	ids := []string{}
	for _, n := range numbers {
		ids = append(ids, e[n].ID)
	}
	return ids
}

func loggedAttempts(t *testing.T, f *fixture) {
	e := f.emit(app, "a", "b", "a", "b", "a")
	began := time.UnixMicro(1765001333444555)
	failed := delivery.Outcome{Event: e[0], Fate: delivery.Failed, Attempt: delivery.Attempt{
		Number: 1, At: began, Took: 1500 * time.Microsecond, Status: 503, Answer: []byte("busy\x00"), AnswerBytes: 70_000,
		Error: "the answer's HTTP status is 503, not 200"}}
	failed.Event.Attempts, failed.Event.LastError = 1, failed.Attempt.Error
	done := delivery.Outcome{Event: failed.Event, Fate: delivery.Delivered, Attempt: delivery.Attempt{
		Number: 2, At: began.Add(time.Second), Took: time.Millisecond, Status: 200, Answer: []byte("{}"), AnswerBytes: 2}}
	f.settle(failed)
	f.settle(done)
	lines := f.logOf(of(app))
	require.Len(t, lines, 2)
	want := done
	want.Event.At, want.Event.Queued = time.UnixMilli(e[0].At.UnixMilli()), time.UnixMilli(e[0].At.UnixMilli())
	require.Equal(t, delivery.Logged{Event: want.Event, Fate: delivery.Delivered, Attempt: want.Attempt}, lines[0])
	want = failed
	want.Event.At, want.Event.Queued = time.UnixMilli(e[0].At.UnixMilli()), time.UnixMilli(e[0].At.UnixMilli())
	want.Event.Body, want.Event.ClientIP, want.Event.Platform = nil, "", ""
	require.Equal(t, delivery.Logged{Event: want.Event, Fate: delivery.Failed, Attempt: want.Attempt}, lines[1])
	f.reopen()
	require.Equal(t, lines, f.logOf(of(app)))
}

func loggedPages(t *testing.T, f *fixture) {
	f.deliver(f.emit(other, "a")...)
	e := f.emit(app, "a", "b", "a", "b", "a")
	f.settle(outcome(e[0], delivery.Delivered, 1, ""), outcome(e[1], delivery.Delivered, 1, ""), // in one commit
		outcome(e[2], delivery.Delivered, 1, ""))
	f.deliver(e[3:]...)
	for name, c := range filters() {
		want := []string{}
		for _, id := range picked(e, c.picks) {
			want = append([]string{id}, want...)
		}
		if name != "another app" {
			require.Equal(t, want, idsOfLog(f.logOf(c.filter)), name)
		}
	}
	failing := f.emit(app, "c")
	f.settle(outcome(failing[0], delivery.Failed, 1, "HTTP 500"))
	failing[0].Attempts = 1
	f.kill(failing...)
	require.Len(t, f.logOf(of(app)), 7)
	require.Len(t, f.logOf(of(app), delivery.Failed), 1)
	require.Len(t, f.logOf(of(app), delivery.Dead), 1)
	require.Len(t, f.logOf(of(app), delivery.Failed, delivery.Dead), 2)
	require.Len(t, f.logOf(of(app), delivery.Delivered), 5)
	require.Len(t, f.logOf(of(other)), 1)
}

func waitingPages(t *testing.T, f *fixture) {
	f.emit(other, "a")
	e := f.emit(app, "a", "b", "a", "b", "a")
	order := []int{0, 2, 4, 1, 3} // lane by lane
	for name, c := range filters() {
		want := []string{}
		for _, n := range order {
			for _, p := range c.picks {
				if n == p {
					want = append(want, e[n].ID)
				}
			}
		}
		if name != "another app" {
			require.Equal(t, want, idsOf(f.waiting(c.filter)), name)
		}
	}
	got := f.waiting(of(app))
	require.Equal(t, f.pending(app, "a"), got[:3])
	require.Equal(t, e[0].Body, got[0].Body)
}

func deadPages(t *testing.T, f *fixture) {
	f.kill(f.emit(other, "a")...)
	e := f.emit(app, "a", "b", "a", "b", "a")
	f.kill(e[1], e[0], e[3], e[2], e[4]) // the order of the commits counts, not that of the deaths
	for name, c := range filters() {
		if name != "another app" {
			require.Equal(t, picked(e, c.picks), idsOfDead(f.dead(c.filter)), name)
		}
	}
	letter := f.dead(of(app))[1]
	require.WithinDuration(t, time.Now(), letter.Died, time.Minute)
	require.Equal(t, e[1].Lane, letter.Lane)
	require.Equal(t, string(e[1].Body), string(letter.Body))
	require.Equal(t, "203.0.113.9", letter.ClientIP)
	require.Equal(t, "HTTP 500", letter.LastError)
	require.Equal(t, 1, letter.Attempts)
	require.True(t, letter.At.Equal(e[1].At))
}

func stories(t *testing.T, f *fixture) {
	e := f.emit(app, "a", "a", "b", "c", "d", "e")
	waits, failed, delivered, dead, purged := e[1], e[0], e[2], e[3], e[4]
	f.settle(outcome(failed, delivery.Failed, 1, "HTTP 500"))
	f.settle(outcome(failed, delivery.Failed, 2, "HTTP 502"))
	f.deliver(delivered)
	f.kill(dead)
	f.settle(outcome(purged, delivery.Failed, 1, "HTTP 500"))
	room := live.RoomID("d")
	n, err := f.PurgeWaiting(ctx, delivery.Filter{App: app, Room: &room}, 10)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	for range 2 {
		st := f.story(app, waits.ID)
		require.Equal(t, delivery.Waiting, st.State)
		require.Empty(t, st.Attempts)
		require.Equal(t, string(waits.Body), string(st.Event.Body))

		st = f.story(app, failed.ID)
		require.Equal(t, delivery.Waiting, st.State)
		require.Equal(t, string(failed.Body), string(st.Event.Body))
		require.Equal(t, 2, st.Event.Attempts)
		require.Len(t, st.Attempts, 2)
		require.Equal(t, "HTTP 500", st.Attempts[0].Error)
		require.Equal(t, "HTTP 502", st.Attempts[1].Error)

		st = f.story(app, delivered.ID)
		require.Equal(t, delivery.Done, st.State)
		require.Equal(t, string(delivered.Body), string(st.Event.Body))
		require.Equal(t, "203.0.113.9", st.Event.ClientIP)
		require.Equal(t, "RESTAPI", st.Event.Platform)
		require.Len(t, st.Attempts, 1)

		st = f.story(app, dead.ID)
		require.Equal(t, delivery.DeadState, st.State)
		require.WithinDuration(t, time.Now(), st.Died, time.Minute)
		require.Equal(t, string(dead.Body), string(st.Event.Body))
		require.Len(t, st.Attempts, 1)

		st = f.story(app, purged.ID)
		require.Equal(t, delivery.Removed, st.State)
		require.Len(t, st.Attempts, 1)
		require.Empty(t, st.Event.Body)

		for _, id := range []string{"", "evt_", "evt_unknown", e[0].ID[:29] + "_"} {
			_, err := f.Story(ctx, app, id)
			require.ErrorIs(t, err, delivery.ErrUnknownEvent, id)
		}
		f.reopen()
	}
}

func replayedStory(t *testing.T, f *fixture) {
	e := f.emit(app, "a")[0]
	numbers := func(st delivery.Story) (n []int) {
		for _, a := range st.Attempts {
			n = append(n, a.Number)
		}
		return n
	}
	f.settle(outcome(e, delivery.Failed, 1, "HTTP 500"))
	f.settle(outcome(e, delivery.Dead, 2, "HTTP 500"))
	require.NoError(t, f.Replay(ctx, app, e.ID))
	st := f.story(app, e.ID)
	require.Equal(t, delivery.Waiting, st.State)
	require.Equal(t, []int{1, 2}, numbers(st))
	again := f.pending(app, "a")[0]
	f.settle(outcome(again, delivery.Failed, 1, "HTTP 500"))
	require.Equal(t, delivery.Waiting, f.story(app, e.ID).State)
	f.settle(outcome(again, delivery.Delivered, 2, ""))
	st = f.story(app, e.ID)
	require.Equal(t, delivery.Done, st.State)
	require.Equal(t, []int{1, 2, 1, 2}, numbers(st))
	require.NoError(t, f.Replay(ctx, app, e.ID))
	again = f.pending(app, "a")[0]
	f.settle(outcome(again, delivery.Failed, 1, "HTTP 500"))
	require.Equal(t, delivery.Waiting, f.story(app, e.ID).State)
	_, err := f.PurgeWaiting(ctx, of(app), 10)
	require.NoError(t, err)
	st = f.story(app, e.ID)
	require.Equal(t, delivery.Done, st.State, "it was delivered once")
	require.Equal(t, string(e.Body), string(st.Event.Body))
	require.Equal(t, []int{1, 2, 1, 2, 1}, numbers(st))
}

// requireReplayed holds an event that waits again against what it was.
func requireReplayed(t *testing.T, was, is delivery.Event) {
	t.Helper()
	require.Greater(t, is.Seq, was.Seq)
	require.WithinDuration(t, time.Now(), is.Queued, time.Minute, "its retry window begins anew")
	require.True(t, is.At.Equal(was.At))
	require.Equal(t, string(was.Body), string(is.Body))
	is.Seq, is.Queued, is.At, is.Body = was.Seq, was.Queued, was.At, was.Body
	require.Equal(t, was, is)
}

func replayedDeadLetter(t *testing.T, f *fixture) {
	e := f.emit(app, "a", "a", "a")
	f.kill(e[0])
	before := len(f.webhooks())
	require.NoError(t, f.Replay(ctx, app, e[0].ID))
	left := f.pending(app, "a")
	require.Equal(t, []string{e[1].ID, e[2].ID, e[0].ID}, idsOf(left))
	requireReplayed(t, e[0], left[2])
	require.Empty(t, f.dead(of(app)))
	handed := f.webhooks()[before:]
	require.Equal(t, left[2:], handed, "it is handed over as if it had just been committed")
	f.reopen()
	require.Equal(t, left, f.pending(app, "a"))
}

func replayedDelivered(t *testing.T, f *fixture) {
	e := f.emit(app, "a", "a")
	f.deliver(e[0])
	before := len(f.webhooks())
	require.NoError(t, f.Replay(ctx, app, e[0].ID))
	left := f.pending(app, "a")
	require.Equal(t, []string{e[1].ID, e[0].ID}, idsOf(left))
	requireReplayed(t, e[0], left[1])
	require.Equal(t, left[1:], f.webhooks()[before:])
	f.deliver(left...)
	require.Empty(t, f.pending(app, "a"))
	require.Len(t, f.logOf(of(app)), 3)
}

func refusedReplays(t *testing.T, f *fixture) {
	e := f.emit(app, "a", "a", "b", "c")
	require.ErrorIs(t, f.Replay(ctx, app, e[0].ID), delivery.ErrStillWaiting)
	f.settle(outcome(e[0], delivery.Failed, 1, "HTTP 500"))
	require.ErrorIs(t, f.Replay(ctx, app, e[0].ID), delivery.ErrStillWaiting)
	require.ErrorIs(t, f.Replay(ctx, app, "evt_none"), delivery.ErrUnknownEvent)
	f.deliver(e[2])
	require.NoError(t, f.Replay(ctx, app, e[2].ID))
	require.ErrorIs(t, f.Replay(ctx, app, e[2].ID), delivery.ErrStillWaiting)
	f.kill(e[3])
	require.NoError(t, f.Replay(ctx, app, e[3].ID))
	require.ErrorIs(t, f.Replay(ctx, app, e[3].ID), delivery.ErrStillWaiting)
	_, err := f.PurgeWaiting(ctx, of(app), 100)
	require.NoError(t, err)
	require.ErrorIs(t, f.Replay(ctx, app, e[0].ID), delivery.ErrUnknownEvent, "it was never delivered and is no more")
	require.ErrorIs(t, f.Replay(ctx, app, e[3].ID), delivery.ErrUnknownEvent)
	require.Empty(t, f.waiting(of(app)))
	require.NoError(t, f.Replay(ctx, app, e[2].ID), "the log still has it")
}

func replayedDead(t *testing.T, f *fixture) {
	e := f.emit(app, "a", "b", "a", "b", "a")
	f.kill(e[4], e[2], e[0], e[1], e[3])
	for name, c := range filters() {
		if name == "another app" {
			continue
		}
		before, moved := len(f.webhooks()), 0
		for {
			n, err := f.ReplayDead(ctx, c.filter, 2)
			require.NoError(t, err)
			require.LessOrEqual(t, n, 2)
			if n == 0 {
				break
			}
			moved += n
		}
		require.Equal(t, len(c.picks), moved, name)
		handed := f.webhooks()[before:]
		require.Equal(t, picked(e, c.picks), idsOf(handed), name)
		require.Len(t, f.dead(of(app)), len(e)-len(c.picks))
		require.Len(t, f.waiting(of(app)), len(c.picks))
		f.kill(handed...)
		// They died in another order than that of their commits now; put it right.
		f.restoreOrder(e)
	}
}

// restoreOrder replays all dead letters one by one in the order of e, and lets them die again.
func (f *fixture) restoreOrder(e []delivery.Event) {
	f.t.Helper()
	before := len(f.webhooks())
	for _, event := range e {
		require.NoError(f.t, f.Replay(ctx, event.Lane.App, event.ID))
	}
	f.kill(f.webhooks()[before:]...)
}

// replaySeries replays what was delivered, two at a time, and returns the ids in order.
func (f *fixture) replaySeries(filter delivery.Filter) []string {
	f.t.Helper()
	before, copied := len(f.webhooks()), 0
	var after delivery.Cursor
	for range 1000 {
		n, next, err := f.ReplayDelivered(ctx, filter, after, 2)
		require.NoError(f.t, err)
		require.LessOrEqual(f.t, n, 2)
		copied += n
		f.deliver(f.webhooks()[before+copied-n:]...) // those are not in the series
		if after = next; after == "" {
			break
		}
	}
	require.Empty(f.t, after, "the series ends")
	ids := idsOf(f.webhooks()[before:])
	require.Len(f.t, ids, copied)
	return ids
}

func replayedSeries(t *testing.T, f *fixture) {
	e := f.emit(app, "a", "b", "a", "b", "a")
	f.deliver(f.emit(other, "a")...)
	f.deliver(e[1], e[0], e[2])
	f.settle(outcome(e[3], delivery.Failed, 1, "HTTP 500"), outcome(e[3], delivery.Delivered, 2, ""))
	f.deliver(e[4])
	order := []int{1, 0, 2, 3, 4} // of the deliveries
	for range 2 {
		for name, c := range filters() {
			want := []string{}
			for _, n := range order {
				for _, p := range c.picks {
					if n == p {
						want = append(want, e[n].ID)
					}
				}
			}
			if name != "another app" {
				require.Equal(t, want, f.replaySeries(c.filter), name)
				require.Empty(t, f.waiting(of(app)))
			}
		}
		f.reopen()
	}
	require.Empty(t, f.replaySeries(delivery.Filter{App: 77}))
}

func replayedOnce(t *testing.T, f *fixture) {
	e := f.emit(app, "a", "a", "a")
	f.deliver(e...)
	require.NoError(t, f.Replay(ctx, app, e[1].ID))
	f.kill(f.pending(app, "a")...)
	require.NoError(t, f.Replay(ctx, app, e[2].ID))
	n, next, err := f.ReplayDelivered(ctx, of(app), "", 100)
	require.NoError(t, err)
	require.Empty(t, next)
	require.Equal(t, 2, n, "one waits already")
	require.Equal(t, []string{e[2].ID, e[0].ID, e[1].ID}, idsOf(f.pending(app, "a")))
	require.Empty(t, f.dead(of(app)), "the dead letter was moved")
	n, err = f.ReplayDead(ctx, of(app), 100)
	require.NoError(t, err)
	require.Zero(t, n)
}

func purgedWaiting(t *testing.T, f *fixture) {
	e := f.emit(app, "a", "b", "a", "b", "a")
	f.emit(other, "a")
	a := live.RoomID("a")
	before := len(f.commits)
	n, err := f.PurgeWaiting(ctx, delivery.Filter{App: app, Room: &a, From: committed.Add(time.Second)}, 1)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, []string{e[0].ID, e[4].ID}, idsOf(f.pending(app, "a")))
	f.mu.Lock()
	require.Equal(t, []live.AppID{app}, f.commits[before].Purged)
	f.mu.Unlock()
	for want := range 3 {
		n, err = f.PurgeWaiting(ctx, delivery.Filter{App: app, Room: &a, From: committed.Add(time.Second)}, 1)
		require.NoError(t, err)
		if want == 0 {
			require.Equal(t, 1, n)
		} else {
			require.Zero(t, n)
		}
	}
	require.Equal(t, []string{e[0].ID, e[1].ID, e[3].ID}, idsOf(f.waiting(of(app))))
	n, err = f.PurgeWaiting(ctx, of(app), 100)
	require.NoError(t, err)
	require.Equal(t, 3, n)
	f.reopen()
	require.Empty(t, f.waiting(of(app)))
	require.Len(t, f.pending(other, "a"), 1)
}

func purgedDead(t *testing.T, f *fixture) {
	e := f.emit(app, "a", "b", "a", "b", "a")
	f.kill(f.emit(other, "a")...)
	f.kill(e...)
	b := live.RoomID("b")
	for want := 2; want >= 0; want -= 2 {
		n, err := f.PurgeDead(ctx, delivery.Filter{App: app, Room: &b}, 100)
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
	require.Equal(t, picked(e, []int{0, 2, 4}), idsOfDead(f.dead(of(app))))
	n, err := f.PurgeDead(ctx, of(app), 2)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	f.reopen()
	require.Equal(t, picked(e, []int{4}), idsOfDead(f.dead(of(app))))
	require.Len(t, f.dead(of(other)), 1)
	require.Equal(t, delivery.Removed, f.story(app, e[0].ID).State)
}

// An event that was purged while it was on its way may be delivered, fail or be given up all the same.
func purgedInFlight(t *testing.T, f *fixture) {
	e := f.emit(app, "a", "a", "a", "b", "c")
	to := delivery.Filter{App: app, To: committed.Add(time.Second)}
	n, err := f.PurgeWaiting(ctx, to, 100)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	f.settle(outcome(e[0], delivery.Delivered, 1, ""), outcome(e[1], delivery.Delivered, 1, ""))
	require.Equal(t, []string{e[2].ID}, idsOf(f.pending(app, "a")))
	require.Equal(t, delivery.Done, f.story(app, e[0].ID).State)
	_, err = f.PurgeWaiting(ctx, of(app), 100)
	require.NoError(t, err)
	f.settle(outcome(e[2], delivery.Delivered, 1, ""), outcome(e[3], delivery.Failed, 1, "HTTP 500"),
		outcome(e[4], delivery.Dead, 1, "HTTP 500"))
	require.Empty(t, f.waiting(of(app)))
	require.Empty(t, f.dead(of(app)))
	require.Len(t, f.logOf(of(app)), 5)
	f.requireBacklog(app, delivery.Backlog{Known: true})
}

// A purge does not count as removed what has been delivered, though that may not be written down yet.
func purgedAfterDelivery(t *testing.T, f *fixture) {
	e := f.emit(app, "a", "a", "b")
	f.hand(outcome(e[0], delivery.Delivered, 1, ""))
	f.hand(outcome(e[2], delivery.Delivered, 1, ""))
	n, err := f.PurgeWaiting(ctx, of(app), 100)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, delivery.Done, f.story(app, e[0].ID).State)
	require.Empty(t, f.waiting(of(app)))
}

func (f *fixture) endpoint(app live.AppID) delivery.Endpoint {
	f.t.Helper()
	e, err := f.Endpoint(ctx, app)
	require.NoError(f.t, err)
	return e
}

// told returns how many commits since the given one said that app's configuration changed, or that it was paused or
// resumed.
func (f *fixture) told(since int, app live.AppID) (times int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.commits[since:] {
		for _, a := range c.Callbacks {
			if a == app {
				times++
			}
		}
	}
	return times
}

func operatorPause(t *testing.T, f *fixture) {
	f.switchOn(app)
	require.NoError(t, f.Resume(ctx, app), "nothing to end")
	since := len(f.commits)
	require.NoError(t, f.Pause(ctx, app, "maintenance"))
	require.Equal(t, 1, f.told(since, app))
	first := f.endpoint(app).Pause
	require.Equal(t, "maintenance", first.Reason)
	require.False(t, first.Gone)
	require.WithinDuration(t, time.Now(), first.Since, time.Minute)
	require.Nil(t, f.endpoint(other).Pause)
	require.NoError(t, f.Pause(ctx, app, "longer maintenance"))
	require.Equal(t, delivery.Pause{Since: first.Since, Reason: "longer maintenance"}, *f.endpoint(app).Pause)
	f.switchOn(app, "Live.CallbackAfterDelMetadata")
	f.update(func(tx live.Tx) error { return tx.DeleteCallback(app) })
	f.reopen()
	require.Equal(t, "longer maintenance", f.endpoint(app).Pause.Reason, "a new configuration does not end it")
	require.Zero(t, f.endpoint(app).Resumed)
	since = len(f.commits)
	require.NoError(t, f.Resume(ctx, app))
	require.Equal(t, 1, f.told(since, app))
	ended := f.endpoint(app)
	require.Nil(t, ended.Pause)
	require.WithinDuration(t, time.Now(), ended.Resumed, time.Minute)
	since = len(f.commits)
	require.NoError(t, f.Resume(ctx, app))
	require.Zero(t, f.told(since, app))
	require.Equal(t, ended, f.endpoint(app))
	require.NoError(t, f.Pause(ctx, app, "once more"))
	require.Equal(t, ended.Resumed, f.endpoint(app).Resumed)
}

// gone is what settling an answer 410 comes to.
func gone(e delivery.Event) delivery.Outcome {
	o := outcome(e, delivery.Failed, 1, "410 Gone")
	o.Gone = "http://127.0.0.1:1/"
	return o
}

func gonePause(t *testing.T, f *fixture) {
	e := f.emit(app, "a", "b")
	since := len(f.commits)
	f.settle(gone(e[0]), gone(e[1]))
	require.Equal(t, 1, f.told(since, app), "it was paused once")
	pause := f.endpoint(app).Pause
	require.NotNil(t, pause)
	require.True(t, pause.Gone)
	require.Contains(t, pause.Reason, "410")
	require.WithinDuration(t, time.Now(), pause.Since, time.Minute)
	f.update(func(tx live.Tx) error { return tx.PutCallbackToken(app, live.CallbackToken{Token: "t", Enabled: true}) })
	require.NotNil(t, f.endpoint(app).Pause)
	f.reopen()
	require.True(t, f.endpoint(app).Pause.Gone)
	f.switchOn(app, "Live.CallbackAfterDelMetadata")
	require.Nil(t, f.endpoint(app).Pause)
	require.WithinDuration(t, time.Now(), f.endpoint(app).Resumed, time.Minute)
	f.settle(gone(e[0]))
	require.True(t, f.endpoint(app).Pause.Gone, "it is gone again")
	f.update(func(tx live.Tx) error { return tx.DeleteCallback(app) })
	require.Nil(t, f.endpoint(app).Pause)
	f.switchOn(app, "Live.CallbackAfterDelMetadata")
	f.settle(gone(e[0]))
	require.NoError(t, f.Resume(ctx, app), "an operator may end it too")
	require.Nil(t, f.endpoint(app).Pause)
	f.settle(gone(e[0]))
	require.NoError(t, f.Pause(ctx, app, "by hand"))
	f.switchOn(app, "Live.CallbackAfterDelMetadata")
	require.Equal(t, "by hand", f.endpoint(app).Pause.Reason, "it is the operator's now")
	f.settle(gone(e[0]))
	require.Equal(t, "by hand", f.endpoint(app).Pause.Reason)
	require.False(t, f.endpoint(app).Pause.Gone)
}

func formerGone(t *testing.T, f *fixture) {
	e := f.emit(app, "a")[0]
	late := gone(e)
	late.Gone = "http://127.0.0.1:2/former"
	f.settle(late)
	require.Nil(t, f.endpoint(app).Pause)
	late = gone(e)
	late.Attempt.At = time.Now().Add(-time.Minute)
	f.settle(gone(e))
	f.switchOn(app, "Live.CallbackAfterDelMetadata")
	f.settle(late)
	require.Nil(t, f.endpoint(app).Pause, "the attempt was made before the configuration")
	f.update(func(tx live.Tx) error { return tx.DeleteCallback(app) })
	f.settle(gone(e))
	require.Nil(t, f.endpoint(app).Pause)
}

// requireBacklog waits until the backlog is as it should be: an engine may count it a moment later.
func (f *fixture) requireBacklog(app live.AppID, want delivery.Backlog) {
	f.t.Helper()
	var got delivery.Backlog
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if got = f.Backlog(app); got.Oldest.Equal(want.Oldest) {
			got.Oldest = want.Oldest
		}
		if got == want {
			return
		}
	}
	require.Equal(f.t, want, got)
}

func countedBacklog(t *testing.T, f *fixture) {
	holds := func(waiting int, oldest time.Duration, dead int) {
		t.Helper()
		want := delivery.Backlog{Known: true, Waiting: waiting, Dead: dead}
		if waiting > 0 {
			want.Oldest = committed.Add(oldest).Truncate(time.Second)
		}
		f.requireBacklog(app, want)
	}
	holds(0, 0, 0)
	e := f.emit(app, "a", "b", "a", "b", "a")
	f.emit(other, "a")
	holds(5, 0, 0)
	f.kill(e[0])
	holds(4, time.Second, 1)
	f.settle(outcome(e[1], delivery.Failed, 1, "HTTP 500"))
	holds(4, time.Second, 1)
	f.deliver(e[1])
	holds(3, 2*time.Second, 1)
	f.reopen()
	holds(3, 2*time.Second, 1)
	require.NoError(t, f.Replay(ctx, app, e[1].ID))
	holds(4, time.Second, 1)
	_, err := f.ReplayDead(ctx, of(app), 10)
	require.NoError(t, err)
	holds(5, 0, 0)
	_, err = f.PurgeWaiting(ctx, delivery.Filter{App: app, To: committed.Add(2 * time.Second)}, 10)
	require.NoError(t, err)
	holds(3, 2*time.Second, 0)
	f.kill(e[2:]...)
	holds(0, 0, 3)
	_, err = f.PurgeDead(ctx, of(app), 2)
	require.NoError(t, err)
	holds(0, 0, 1)
	require.Equal(t, 1, f.Backlog(other).Waiting)
	refusal := live.Refuse(live.CodeNoPermission, "no")
	require.Equal(t, refusal, f.Update(ctx, func(tx live.Tx) error {
		return cmp.Or(tx.Emit(deleted(app, "a", "k")), refusal)
	}))
	holds(0, 0, 1)
	f.reopen()
	holds(0, 0, 1)
}

func foreignCursors(t *testing.T, f *fixture) {
	e := f.emit(app, "a", "a", "a", "a", "a", "a")
	f.kill(e[0], e[1])
	f.deliver(e[2], e[3])
	lists := map[string]func(after delivery.Cursor) (delivery.Cursor, error){
		"log": func(after delivery.Cursor) (delivery.Cursor, error) {
			_, next, err := f.Log(ctx, of(app), nil, after, 1)
			return next, err
		},
		"waiting": func(after delivery.Cursor) (delivery.Cursor, error) {
			_, next, err := f.Waiting(ctx, of(app), after, 1)
			return next, err
		},
		"dead": func(after delivery.Cursor) (delivery.Cursor, error) {
			_, next, err := f.DeadLetters(ctx, of(app), after, 1)
			return next, err
		},
		"delivered": func(after delivery.Cursor) (delivery.Cursor, error) {
			_, next, err := f.ReplayDelivered(ctx, of(app), after, 1)
			return next, err
		},
	}
	cursors := make(map[string]delivery.Cursor)
	for name, list := range lists {
		next, err := list("")
		require.NoError(t, err)
		require.NotEmpty(t, next, name)
		require.Regexp(t, `^[A-Za-z0-9_.~-]+$`, string(next), "it can stand in a URL")
		cursors[name] = next
	}
	for name, list := range lists {
		for of, c := range cursors {
			_, err := list(c)
			if of == name {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, delivery.ErrBadCursor, "%s in %s", of, name)
			}
		}
		for _, c := range []delivery.Cursor{"x", "!", "bA", "bCAtMSA", "\xff"} {
			_, err := list(c)
			require.ErrorIs(t, err, delivery.ErrBadCursor, "%s in %s", c, name)
		}
	}
}

func recordsApart(t *testing.T, f *fixture) {
	e := f.emit(app, "a", "a", "a")
	f.deliver(e[0])
	f.kill(e[1])
	f.emit(other, "a")
	for _, event := range e {
		_, err := f.Story(ctx, other, event.ID)
		require.ErrorIs(t, err, delivery.ErrUnknownEvent)
		require.ErrorIs(t, f.Replay(ctx, other, event.ID), delivery.ErrUnknownEvent)
	}
	n, err := f.ReplayDead(ctx, of(other), 10)
	require.NoError(t, err)
	require.Zero(t, n)
	n, _, err = f.ReplayDelivered(ctx, of(other), "", 10)
	require.NoError(t, err)
	require.Zero(t, n)
	n, err = f.PurgeDead(ctx, of(other), 10)
	require.NoError(t, err)
	require.Zero(t, n)
	n, err = f.PurgeWaiting(ctx, of(other), 10)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.NoError(t, f.Pause(ctx, other, "stop"))
	require.Nil(t, f.endpoint(app).Pause)
	require.Len(t, f.waiting(of(app)), 1)
	require.Len(t, f.dead(of(app)), 1)
	require.Len(t, f.logOf(of(app)), 2)
	require.Empty(t, f.logOf(of(other)))
}
