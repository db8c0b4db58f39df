package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/internal/store"
	"github.com/greenroom-live/greenroom/internal/testkit"
	"github.com/greenroom-live/greenroom/webhook"
)

const testApp live.AppID = 1400000123

// clerk is a node that settles, and counts what it has heard of that.
type clerk struct {
	*Store
	t  *testing.T
	mu sync.Mutex
	hearsay
	settled  map[string]int // by the ids of the events
	webhooks []delivery.Event
}

func clerkAt(t *testing.T, url string, change func(*Options)) *clerk {
	t.Helper()
	k := &clerk{t: t, hearsay: hearsay{more: make(chan struct{})}, settled: make(map[string]int)}
	opts := Options{URL: url, Writers: 1, Lease: time.Hour, Log: slog.New(slog.DiscardHandler), Metrics: observe.NewMetrics(),
		LogKeep: 72 * time.Hour}
	if change != nil {
		change(&opts)
	}
	s, err := Open(opts, k)
	require.NoError(t, err)
	k.Store = s
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return k
}

func (k *clerk) Committed(c store.Commit) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, o := range c.Settled {
		k.settled[o.Event.ID]++
	}
	k.webhooks = append(k.webhooks, c.Webhooks...)
}

// heardOf returns how many outcomes were settled.
func (k *clerk) heardOf() (outcomes int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, n := range k.settled {
		outcomes += n
	}
	return outcomes
}

// emit commits an event in each of the rooms, one after the other, and returns those that are this node's to deliver.
func (k *clerk) emit(rooms ...live.RoomID) []delivery.Event {
	k.t.Helper()
	k.switchOn()
	k.mu.Lock()
	before := len(k.webhooks)
	k.mu.Unlock()
	for _, r := range rooms {
		require.NoError(k.t, k.Update(background, func(tx live.Tx) error {
			return tx.Emit(live.Event{App: testApp, Room: r, At: time.Now(), Change: live.MetadataDeleted{Keys: []string{"k"}}})
		}))
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.webhooks[before:len(k.webhooks):len(k.webhooks)]
}

func (k *clerk) switchOn() {
	k.t.Helper()
	require.NoError(k.t, k.Update(background, func(tx live.Tx) error {
		return tx.PutCallback(testApp, live.Callback{URL: "http://127.0.0.1:1/", Commands: []string{"Live.CallbackAfterDelMetadata"}})
	}))
}

func came(e delivery.Event, fate delivery.Fate, failure string) delivery.Outcome {
	o := delivery.Outcome{Event: e, Fate: fate, Attempt: delivery.Attempt{Number: e.Attempts + 1, At: time.Now(), Error: failure}}
	if fate != delivery.Delivered {
		o.Event.Attempts, o.Event.LastError = e.Attempts+1, failure
	}
	return o
}

// settle hands outcomes over and waits until they are durable or refused.
func (k *clerk) settle(outcomes ...delivery.Outcome) {
	k.t.Helper()
	for _, o := range outcomes {
		k.Settle(o)
	}
	require.NoError(k.t, k.settler.flush(k.t.Context()))
}

func (k *clerk) idsInLog() []string {
	k.t.Helper()
	ids := []string{}
	var after delivery.Cursor
	for {
		page, next, err := k.Log(k.t.Context(), delivery.Filter{App: testApp}, nil, after, 1000)
		require.NoError(k.t, err)
		for _, l := range page {
			ids = append(ids, l.Event.ID)
		}
		if after = next; next == "" {
			return ids
		}
	}
}

func idsOfEvents(events []delivery.Event) (ids []string) {
	for _, e := range events {
		ids = append(ids, e.ID)
	}
	return ids
}

func TestNothingIsSettledWithoutALease(t *testing.T) {
	url := database(t)
	k, d := clerkAt(t, url, nil), deskAt(t, url)
	e := k.emit("a", "b", "c", "d")
	before := k.Node()
	d.do("DELETE FROM nodes WHERE node = $1", int64(before))
	k.settle(came(e[0], delivery.Delivered, ""), came(e[1], delivery.Failed, "HTTP 500"), came(e[2], delivery.Dead, "HTTP 500"))
	require.Zero(t, k.heardOf(), "nobody is told of what was refused")
	require.EqualValues(t, 4, d.number("SELECT count(*) FROM outbox WHERE attempts = 0"))
	require.Zero(t, d.number("SELECT count(*) FROM dead_letters"))
	require.Zero(t, d.number("SELECT count(*) FROM delivery_log"))
	eventually(t, func() bool { return k.Node() > before }, "a node whose outcomes are refused begins a new life")
	k.settle(came(e[3], delivery.Delivered, ""))
	require.Zero(t, k.heardOf(), "what was sent in the former life is refused in the next")
	require.EqualValues(t, 4, d.number("SELECT count(*) FROM outbox"))
}

// A settlement that waits within its transaction keeps others from taking over, and they keep nobody waiting meanwhile.
func TestATakeOverWaitsForASettlementUnderWay(t *testing.T) {
	url := database(t)
	k, d, other := clerkAt(t, url, nil), deskAt(t, url), deskAt(t, url)
	e := k.emit("a", "b")
	d.do("BEGIN")
	require.EqualValues(t, 1, d.do("SELECT 1 FROM outbox WHERE seq = $1 FOR UPDATE", e[0].Seq))
	k.Settle(came(e[0], delivery.Delivered, ""))
	waiting := func() int64 { return other.number("SELECT count(*) FROM pg_locks WHERE NOT granted") }
	eventually(t, func() bool { return waiting() == 1 }, "the settlement waits for a row")
	takeOver := "SELECT 1 FROM nodes WHERE node = $1 FOR UPDATE SKIP LOCKED"
	require.Zero(t, other.do(takeOver, int64(k.Node())))
	renewed := other.do("UPDATE nodes SET seen_at = clock_timestamp() WHERE node = $1", int64(k.Node()))
	require.EqualValues(t, 1, renewed, "a renewal need not wait")
	removed := make(chan error, 1)
	third := deskAt(t, url)
	go func() {
		_, err := third.pg.Exec(context.Background(), "DELETE FROM nodes WHERE node = $1", int64(k.Node()))
		removed <- err
	}()
	eventually(t, func() bool { return waiting() == 2 }, "the take-over waits")
	require.Zero(t, k.heardOf())
	d.do("COMMIT")
	require.NoError(t, <-removed)
	require.NoError(t, k.settler.flush(t.Context()))
	require.Equal(t, 1, k.heardOf(), "what had begun was carried through")
	require.Equal(t, []string{e[0].ID}, k.idsInLog())
	k.settle(came(e[1], delivery.Delivered, ""))
	require.Equal(t, 1, k.heardOf(), "and nothing after it")
}

func TestTwoNodesSettleWhatIsTheirs(t *testing.T) {
	url := database(t)
	one, two := clerkAt(t, url, nil), clerkAt(t, url, nil)
	var rooms, others []live.RoomID
	for i := range 200 {
		rooms, others = append(rooms, live.RoomID(fmt.Sprint("a", i%40))), append(others, live.RoomID(fmt.Sprint("b", i%40)))
	}
	mine, theirs := one.emit(rooms...), two.emit(others...)
	require.Len(t, mine, 200)
	require.Len(t, theirs, 200)
	strange := theirs[0]
	strange.Node = one.Node()
	one.settle(came(strange, delivery.Failed, "HTTP 500"))
	one.settle(came(strange, delivery.Dead, "HTTP 500"))
	one.settle(came(strange, delivery.Delivered, ""))
	d := deskAt(t, url)
	require.EqualValues(t, 400, d.number("SELECT count(*) FROM outbox WHERE attempts = 0"), "others' events are left alone")
	require.Zero(t, d.number("SELECT count(*) FROM dead_letters"))
	none, err := one.Pending(t.Context(), strange.Lane, 0, 10)
	require.NoError(t, err)
	require.Empty(t, none)
	found, err := one.Rooms(t.Context(), testApp, nil, 1000)
	require.NoError(t, err)
	require.Len(t, found, 40)
	for _, r := range found {
		require.Equal(t, byte('a'), r[0])
	}
	var both sync.WaitGroup
	for k, events := range map[*clerk][]delivery.Event{one: mine, two: theirs} {
		both.Go(func() {
			for _, e := range events {
				k.Settle(came(e, delivery.Delivered, ""))
			}
		})
	}
	both.Wait()
	require.NoError(t, one.settler.flush(t.Context()))
	require.NoError(t, two.settler.flush(t.Context()))
	require.Zero(t, d.number("SELECT count(*) FROM outbox"))
	all := one.idsInLog()
	require.Equal(t, all, two.idsInLog())
	require.Len(t, all, 403)
	require.Subset(t, all, append(idsOfEvents(mine), idsOfEvents(theirs)...))
	require.Equal(t, 203, one.heardOf())
	require.Equal(t, 200, two.heardOf())
	require.EqualValues(t, d.number("SELECT sum(bytes) FROM delivery_log"), d.number("SELECT sum(bytes)::bigint FROM delivery_log_sizes"))
}

// When an app server says that it is gone, all nodes stop sending to it.
func TestAllNodesHearThatAnAppServerIsGone(t *testing.T) {
	url := database(t)
	one, two := clerkAt(t, url, nil), clerkAt(t, url, nil)
	e := one.emit("a")[0]
	f := &fellow{Store: two.Store, t: t, heard: &two.hearsay}
	f.waitFor("the configuration", func(n store.News) bool { return len(n.Callbacks) == 1 })
	o := came(e, delivery.Failed, "410 Gone")
	o.Gone = "http://127.0.0.1:1/"
	one.settle(o)
	f.waitFor("the pause", func(n store.News) bool { return len(n.Callbacks) == 1 && n.Callbacks[0] == testApp })
	endpoint, err := two.Endpoint(t.Context(), testApp)
	require.NoError(t, err)
	require.True(t, endpoint.Pause.Gone)
}

// Attempts of one event that are settled together are all logged, and the last counts.
func TestOutcomesOfOneEventMaySettleTogether(t *testing.T) {
	url := database(t)
	k := clerkAt(t, url, nil)
	e := k.emit("a", "b", "c")
	var outcomes []delivery.Outcome
	for i := range e {
		for range 3 {
			o := came(e[i], delivery.Failed, fmt.Sprintf("not \x00 \xff text %d", e[i].Attempts))
			e[i].Attempts = o.Event.Attempts
			outcomes = append(outcomes, o)
		}
	}
	outcomes = append(outcomes, came(e[1], delivery.Delivered, ""), came(e[2], delivery.Dead, "HTTP 500"))
	k.settle(outcomes...)
	waiting, _, err := k.Waiting(t.Context(), delivery.Filter{App: testApp}, "", 10)
	require.NoError(t, err)
	require.Len(t, waiting, 1)
	require.Equal(t, 3, waiting[0].Attempts)
	require.Equal(t, "not \x00 \uFFFD text 2", waiting[0].LastError, "what is no UTF-8 is replaced")
	dead, _, err := k.DeadLetters(t.Context(), delivery.Filter{App: testApp}, "", 10)
	require.NoError(t, err)
	require.Equal(t, []string{e[2].ID}, []string{dead[0].ID})
	require.Equal(t, 4, dead[0].Attempts)
	for i, want := range []int{3, 4, 4} {
		story, err := k.Story(t.Context(), testApp, e[i].ID)
		require.NoError(t, err)
		require.Len(t, story.Attempts, want)
		for n, a := range story.Attempts {
			require.Equal(t, n+1, a.Number)
		}
	}
}

// While the database is away outcomes wait, and each is written down once, whatever the moment at which it went.
func TestOutcomesSurviveTheDatabase(t *testing.T) {
	server := testkit.NewPostgres(t)
	k := clerkAt(t, server.Database(), nil)
	var rooms []live.RoomID
	for i := range 300 {
		rooms = append(rooms, live.RoomID(fmt.Sprint("r", i)))
	}
	e := k.emit(rooms...)
	require.Len(t, e, len(rooms))
	for i, event := range e {
		k.Settle(came(event, delivery.Delivered, ""))
		if i%100 == 50 {
			server.Stop(testkit.Immediate)
			server.Start()
		}
	}
	require.NoError(t, k.settler.flush(t.Context()))
	require.Equal(t, len(e), k.heardOf())
	ids := k.idsInLog()
	require.Len(t, ids, len(e), "each attempt is logged once")
	require.ElementsMatch(t, idsOfEvents(e), ids)
	waiting, _, err := k.Waiting(t.Context(), delivery.Filter{App: testApp}, "", 10)
	require.NoError(t, err)
	require.Empty(t, waiting)
}

// A commit whose answer was lost is looked up: it is not written twice.
func TestASettlementOfWhichNothingWasHeardIsLookedUp(t *testing.T) {
	url := database(t)
	k, d := clerkAt(t, url, nil), deskAt(t, url)
	e := k.emit("a", "b")
	for i, end := range []string{"COMMIT", "ROLLBACK"} {
		b := k.newSettlement([]delivery.Outcome{came(e[i], delivery.Delivered, "")})
		w := newSettler(k.Store)
		require.NoError(t, w.connect())
		w.c.later("BEGIN")
		b.state = unsure
		w.c.laterFirst(func() error { return nil }, holdLifeNumbered, []any{int64(b.node)}, &b.xid)
		b.log(w.c)
		require.NoError(t, w.c.do(end))
		w.disconnect()
		require.NoError(t, w.resolve(b, context.DeadlineExceeded))
		require.Equal(t, map[string]settleState{"COMMIT": settled, "ROLLBACK": unsettled}[end], b.state)
		w.disconnect()
	}
	require.EqualValues(t, 1, d.number("SELECT count(*) FROM delivery_log"))
}

// One outcome that cannot be written does not keep the others from being written, and is tried again itself.
func TestAnOutcomeThatFailsHoldsUpNobody(t *testing.T) {
	url := database(t)
	k, d := clerkAt(t, url, nil), deskAt(t, url)
	e := k.emit("a", "b", "c", "d", "e")
	d.do("ALTER TABLE delivery_log ADD CONSTRAINT refused CHECK (room <> 'b')")
	for _, event := range e {
		k.Settle(came(event, delivery.Delivered, ""))
	}
	eventually(t, func() bool { return k.heardOf() == 4 }, "the others are written down")
	d.do("ALTER TABLE delivery_log DROP CONSTRAINT refused")
	eventually(t, func() bool { return k.heardOf() == 5 }, "and so is that one when it can be")
}

// What waits is read and settled in bounded memory, however much it is.
func TestALargeBacklogIsDeliveredInBoundedMemory(t *testing.T) {
	const rooms, events = 100, 100_000
	url := database(t)
	k, d := clerkAt(t, url, nil), deskAt(t, url)
	fill(d, k.node.state.Load().fresh[0], rooms, events)
	var most uint64
	delivered := 0
	found, err := k.Rooms(t.Context(), testApp, nil, rooms+1)
	require.NoError(t, err)
	require.Len(t, found, rooms)
	for _, room := range found {
		after := int64(0)
		for {
			page, err := k.Pending(t.Context(), delivery.Lane{App: testApp, Room: room}, after, 64)
			require.NoError(t, err)
			if len(page) == 0 {
				break
			}
			for _, e := range page {
				require.Greater(t, e.Seq, after)
				require.Equal(t, k.Node(), e.Node)
				after = e.Seq
				k.Settle(came(e, delivery.Delivered, ""))
			}
			if delivered += len(page); delivered-k.heardOf() > 5000 { // as a deliverer waits
				require.NoError(t, k.settler.flush(t.Context()))
			}
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapInuse)
	}
	require.NoError(t, k.settler.flush(t.Context()))
	require.Equal(t, events, delivered)
	require.Zero(t, d.number("SELECT count(*) FROM outbox"))
	require.EqualValues(t, events, d.number("SELECT count(*) FROM delivery_log"))
	require.Less(t, most, uint64(160<<20), "of some 100 MB of bodies")
}

// fill puts events into the outbox, in lanes of that basket.
func fill(d *desk, basket int64, rooms, events int) {
	d.t.Helper()
	d.do(`INSERT INTO outbox (app, room, seq, id, command, body, client_ip, platform, created_at, queued_at, basket)
		SELECT $1, 'r' || i % $3, nextval('outbox_seq'), 'evt_' || i, $2, convert_to(repeat('x', 1000), 'UTF8'), '', '',
			1765001300000 + i, 0, $4
		FROM generate_series(1, $5::integer) AS i`, int64(testApp), string(webhook.CommandAfterDelMetadata), rooms, basket, events)
}
