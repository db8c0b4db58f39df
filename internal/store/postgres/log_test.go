package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/internal/store"
	"github.com/greenroom-live/greenroom/webhook"
)

// clock is a time that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.UnixMilli(1765001300000)} }

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

// attempt is one for an event of which the outbox need not know.
func (k *clerk) attempt(number, body int) delivery.Outcome {
	at := k.opts.Now()
	return delivery.Outcome{
		Event: delivery.Event{
			Seq: int64(number), ID: delivery.NewEventID(at), Lane: delivery.Lane{App: testApp, Room: live.RoomID(fmt.Sprint("r", number%7))},
			Command: webhook.CommandAfterDelMetadata, Body: make([]byte, body), At: at, Queued: at, Node: k.Node(),
		},
		Attempt: delivery.Attempt{Number: 1, At: at, Took: time.Millisecond, Status: 200},
	}
}

func (k *clerk) attempts(from, to, body int) (all []delivery.Outcome) {
	for i := from; i < to; i++ {
		all = append(all, k.attempt(i, body))
	}
	return all
}

// trimUntil trims the log until all is right: the node may be about to do so itself.
func (k *clerk) trimUntil(right func() bool, why string) {
	k.t.Helper()
	eventually(k.t, func() bool {
		require.NoError(k.t, k.trim())
		return right()
	}, why)
}

func at(c *clock) func(*Options) { return func(o *Options) { o.Now = c.read } }

// What nodes write while a list is read comes before it, or where it has not come to; nothing is there twice, and nothing is missing
// that was durable at the beginning.
func TestAListIsReadWhileNodesWriteToTheLog(t *testing.T) {
	url := database(t)
	one, two := clerkAt(t, url, nil), clerkAt(t, url, nil)
	one.settle(one.attempts(0, 500, 10)...)
	two.settle(two.attempts(500, 1000, 10)...)
	before := one.idsInLog()
	require.Len(t, before, 1000)
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for _, k := range []*clerk{one, two} {
		writers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
					k.Settle(k.attempt(i, 10))
					if i%50 == 0 {
						if k.settler.flush(context.Background()) != nil {
							return
						}
					}
				}
			}
		})
	}
	for range 3 {
		var after delivery.Cursor
		seen := make(map[string]bool)
		for {
			page, next, err := two.Log(t.Context(), delivery.Filter{App: testApp}, nil, after, 100)
			require.NoError(t, err)
			for _, l := range page {
				require.False(t, seen[l.Event.ID], "twice in one list")
				seen[l.Event.ID] = true
			}
			if after = next; next == "" {
				break
			}
		}
		for _, id := range before {
			require.True(t, seen[id])
		}
	}
	close(stop)
	writers.Wait()
}

// A series begins when it is known what all nodes have delivered so far: a row that had its number before, and comes to light later,
// is in it.
func TestASeriesHasWhatOtherNodesWereAboutToWrite(t *testing.T) {
	url := database(t)
	k, late, d := clerkAt(t, url, nil), deskAt(t, url), deskAt(t, url)
	k.switchOn()
	k.settle(k.attempts(0, 3, 10)...)
	late.do("BEGIN")
	late.do("SELECT pg_advisory_xact_lock_shared($1)", int64(logWriters))
	late.do(`INSERT INTO delivery_log SELECT app, nextval('delivery_log_numbers'), seq + 1000, created_at, queued_at, written_at,
		began, took, answer_bytes, attempts, attempt, status, bytes, fate, room,
		'evt_late', command, answer, error, last_error, body, client_ip, platform
		FROM delivery_log ORDER BY number LIMIT 1`)
	k.settle(k.attempts(3, 5, 10)...) // with higher numbers
	type result struct {
		copied int
		next   delivery.Cursor
		err    error
	}
	began := make(chan result, 1)
	go func() {
		n, next, err := k.ReplayDelivered(context.Background(), delivery.Filter{App: testApp}, "", 1)
		began <- result{n, next, err}
	}()
	eventually(t, func() bool {
		return d.number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") == 1
	}, "it waits for who is writing")
	require.Empty(t, began)
	late.do("COMMIT")
	first := <-began
	require.NoError(t, first.err)
	require.Equal(t, 1, first.copied)
	k.settle(k.attempts(5, 8, 10)...) // not in the series any more
	copied := 1
	for next := first.next; next != ""; {
		var n int
		var err error
		n, next, err = k.ReplayDelivered(t.Context(), delivery.Filter{App: testApp}, next, 2)
		require.NoError(t, err)
		copied += n
	}
	require.Equal(t, 6, copied)
	waiting, _, err := k.Waiting(t.Context(), delivery.Filter{App: testApp}, "", 100)
	require.NoError(t, err)
	require.Len(t, waiting, 6)
	require.Contains(t, idsOfEvents(waiting), "evt_late")
}

// What is replayed into a lane that another node has goes there, and that node hears of it.
func TestReplayedEventsGoToWhoeverHasTheLane(t *testing.T) {
	url := database(t)
	one, two := clerkAt(t, url, nil), clerkAt(t, url, nil)
	e := one.emit("a", "a", "b")
	one.settle(came(e[0], delivery.Dead, "HTTP 500"), came(e[2], delivery.Delivered, ""))
	require.NoError(t, two.Replay(t.Context(), testApp, e[0].ID))
	lane, err := one.Pending(t.Context(), delivery.Lane{App: testApp, Room: "a"}, 0, 10)
	require.NoError(t, err)
	require.Equal(t, []string{e[1].ID, e[0].ID}, idsOfEvents(lane))
	f := &fellow{Store: one.Store, t: t, heard: &one.hearsay}
	heard := f.waitFor("the lane", func(n store.News) bool { return len(n.Lanes) > 0 })
	require.Equal(t, []delivery.LaneEnd{{Lane: delivery.Lane{App: testApp, Room: "a"}, Seq: lane[1].Seq}}, heard.Lanes)
	require.Empty(t, two.webhooks)
	require.NoError(t, two.Replay(t.Context(), testApp, e[2].ID))
	lane, err = two.Pending(t.Context(), delivery.Lane{App: testApp, Room: "b"}, 0, 10)
	require.NoError(t, err)
	require.Equal(t, []string{e[2].ID}, idsOfEvents(lane), "an empty lane is who fills it")
	require.Len(t, two.webhooks, 1)
	require.Equal(t, two.Node(), two.webhooks[0].Node)
	_, err = two.PurgeWaiting(t.Context(), delivery.Filter{App: testApp}, 10)
	require.NoError(t, err)
	f.waitFor("the purge", func(n store.News) bool { return len(n.Purged) == 1 })
}

func TestTheLogIsKeptForTheConfiguredTime(t *testing.T) {
	c := newClock()
	k := clerkAt(t, database(t), at(c))
	for i := range 10 {
		k.settle(k.attempt(i, 10))
		c.move(time.Hour)
	}
	all := k.idsInLog()
	require.Len(t, all, 10)
	for _, step := range []struct {
		move time.Duration
		left int
		why  string
	}{
		{k.opts.LogKeep - 10*time.Hour, 10, "the first is just not too old"}, {time.Millisecond, 9, "it is"},
		{4 * time.Hour, 5, "half of them are"},
		{24 * time.Hour, 0, "all are"},
	} {
		c.move(step.move)
		k.trimUntil(func() bool { return slices.Equal(all[:step.left], k.idsInLog()) }, step.why)
	}
	d := deskAt(t, k.opts.URL)
	require.Zero(t, d.number("SELECT sum(bytes)::bigint FROM delivery_log_sizes"))
	k.settle(k.attempt(11, 10))
	require.Len(t, k.idsInLog(), 1)
}

func TestTheLogKeepsToItsSizeByItself(t *testing.T) {
	const most = 1 << 20
	url := database(t)
	sized := func(o *Options) { o.LogMaxBytes = most }
	one, two := clerkAt(t, url, sized), clerkAt(t, url, sized)
	d := deskAt(t, url)
	for i := range 10 {
		one.settle(one.attempts(100*i, 100*i+50, 10_000)...)
		two.settle(two.attempts(100*i+50, 100*i+100, 10_000)...)
	}
	newest := one.idsInLog()[0]
	size := func() int64 { return d.number("SELECT sum(bytes)::bigint FROM delivery_log_sizes") }
	eventually(t, func() bool { return size() <= most }, "what is too much goes")
	require.Equal(t, size(), d.number("SELECT sum(bytes) FROM delivery_log"))
	require.Equal(t, newest, one.idsInLog()[0], "the oldest go first")
	require.Greater(t, size(), int64(most*9/10))
}

// Each step removes a bounded number of rows, of all apps in the order in which they were written; one node at a time takes any.
func TestTrimmingIsDoneInSmallStepsByOneNode(t *testing.T) {
	c := newClock()
	url := database(t)
	d := deskAt(t, url)
	d.do("BEGIN")
	d.do("SELECT pg_advisory_xact_lock($1)", int64(newKey(kindTrim, 0, "")))
	k := clerkAt(t, url, at(c))
	all := k.attempts(0, 2*trimRows+trimRows/2, 10)
	for i := range all {
		all[i].Event.Lane.App = live.AppID(1 + i%3)
	}
	k.settle(all...)
	c.move(k.opts.LogKeep + time.Millisecond)
	require.NoError(t, k.trim())
	require.EqualValues(t, len(all), d.number("SELECT count(*) FROM delivery_log"), "another node is at it")
	d.do("COMMIT")
	for left := len(all); left > 0; {
		step := trimming{s: k.Store}
		require.NoError(t, step.step(0))
		now := int(d.number("SELECT count(*) FROM delivery_log"))
		require.Less(t, now, left)
		require.LessOrEqual(t, left-now, trimRows)
		newest := "SELECT count(*) FROM delivery_log WHERE number > (SELECT max(number) FROM delivery_log) - $1"
		require.EqualValues(t, now, d.number(newest, now))
		left = now
	}
}

// The figures of nodes that are gone are added up in one row.
func TestTheSizeOfTheLogOutlivesNodes(t *testing.T) {
	url := database(t)
	d := deskAt(t, url)
	for i := range 3 {
		opts := Options{URL: url, Writers: 1, Log: slog.New(slog.DiscardHandler), Metrics: observe.NewMetrics(), LogKeep: time.Hour}
		k := &clerk{t: t, hearsay: hearsay{more: make(chan struct{})}, settled: make(map[string]int)}
		s, err := Open(opts, k)
		require.NoError(t, err)
		k.Store = s
		k.settle(k.attempts(10*i, 10*i+10, 100)...)
		require.NoError(t, s.Close())
	}
	k := clerkAt(t, url, nil)
	eventually(t, func() bool { return d.number("SELECT count(*) FROM nodes") == 1 }, "the others are gone")
	k.trimUntil(func() bool { return d.number("SELECT count(*) FROM delivery_log_sizes") == 1 }, "they are one row")
	require.Equal(t, d.number("SELECT sum(bytes) FROM delivery_log"), d.number("SELECT sum(bytes)::bigint FROM delivery_log_sizes"))
}

func TestWithoutALogNothingIsKept(t *testing.T) {
	url := database(t)
	k := clerkAt(t, url, func(o *Options) { o.LogKeep = 0 })
	e := k.emit("a", "b")
	k.settle(came(e[0], delivery.Delivered, ""), came(e[1], delivery.Failed, "HTTP 500"))
	require.Equal(t, 2, k.heardOf())
	require.Empty(t, k.idsInLog())
	other := clerkAt(t, url, nil)
	other.settle(other.attempts(0, 3, 10)...)
	require.Equal(t, 3, other.heardOf())
	k.trimUntil(func() bool { return len(k.idsInLog()) == 0 }, "what others keep goes too")
}

// One call looks at a bounded part of the log, and the next goes on there.
func TestAListOfALongLogIsPutTogetherFromBoundedReads(t *testing.T) {
	c := newClock()
	k := clerkAt(t, database(t), at(c))
	k.switchOn()
	rare := k.attempt(0, 10)
	rare.Event.Command = "rare"
	k.settle(rare)
	c.move(time.Hour)
	k.settle(k.attempts(1, 2*readRows, 10)...)
	f := delivery.Filter{App: testApp, Command: "rare"}
	page, next, err := k.Log(t.Context(), f, nil, "", 10)
	require.NoError(t, err)
	require.Empty(t, page, "one call reads no more than it may")
	require.NotEmpty(t, next)
	page, _, err = k.Log(t.Context(), f, nil, next, 10)
	require.NoError(t, err)
	require.Len(t, page, 1)
	f.From = c.read()
	page, next, err = k.Log(t.Context(), f, nil, "", 10)
	require.NoError(t, err)
	require.Empty(t, page)
	page, next, err = k.Log(t.Context(), f, nil, next, 10)
	require.NoError(t, err)
	require.Empty(t, page)
	require.Empty(t, next)
	f = delivery.Filter{App: testApp, Command: "none"}
	calls := 0
	for next = ""; calls == 0 || next != ""; calls++ {
		n, after, err := k.ReplayDelivered(t.Context(), f, next, 10)
		require.NoError(t, err)
		require.Zero(t, n)
		next = after
	}
	require.Equal(t, 2, calls)
	story, err := k.Story(t.Context(), testApp, rare.Event.ID)
	require.NoError(t, err)
	require.Equal(t, delivery.Done, story.State)
	for _, id := range []string{"evt_none", "evt_\x00", "evt_\xff"} {
		_, err = k.Story(t.Context(), testApp, id)
		require.ErrorIs(t, err, delivery.ErrUnknownEvent)
	}
}
