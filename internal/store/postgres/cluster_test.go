package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/internal/store"
	"github.com/greenroom-live/greenroom/internal/testkit"
)

const patience = 30 * time.Second

// hearsay is a listener that keeps what it hears.
type hearsay struct {
	mu      sync.Mutex
	news    []store.News
	commits []store.Commit
	more    chan struct{}
}

func (h *hearsay) Committed(c store.Commit) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c.Webhooks, c.Settled = slices.Clone(c.Webhooks), slices.Clone(c.Settled)
	c.Callbacks, c.Purged = slices.Clone(c.Callbacks), slices.Clone(c.Purged)
	h.commits = append(h.commits, c)
}

func (h *hearsay) Published(context.Context) {}
func (h *hearsay) Heard(n store.News) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.news = append(h.news, n)
	close(h.more)
	h.more = make(chan struct{})
}

// fellow is one node of a test.
type fellow struct {
	*Store
	t     *testing.T
	heard *hearsay
}

// fellowOf opens a store with a lease that does not run out by itself while a test looks.
func fellowOf(t *testing.T, url, name string, lease time.Duration) *fellow {
	t.Helper()
	h := &hearsay{more: make(chan struct{})}
	s, err := Open(Options{URL: url, NodeName: name, Version: "test", Lease: lease, MaxConnections: 8, Writers: 1,
		Log: slog.New(slog.DiscardHandler), Metrics: observe.NewMetrics()}, h)
	require.NoError(t, err)
	f := &fellow{s, t, h}
	t.Cleanup(func() { f.stop() })
	return f
}

// stop closes the store, unless it was closed.
func (f *fellow) stop() {
	if f.Store != nil {
		require.NoError(f.t, f.Close())
	}
	f.Store = nil
}

// die ends everything that the node does, without a word to the others.
func (f *fellow) die() {
	f.queue.close()
	close(f.stopping)
	f.stopped.Wait()
	close(f.leaving)
	f.left.Wait()
	require.NoError(f.t, f.abandon())
	f.Store = nil
}

// standStill keeps the node from looking after others, whereby it would learn that it is given up itself.
func (f *fellow) standStill() (release func()) {
	f.t.Helper()
	all := make([]*pgxpool.Conn, f.readers.Config().MaxConns)
	for i := range all {
		var err error
		all[i], err = f.readers.Acquire(f.t.Context())
		require.NoError(f.t, err)
	}
	release = sync.OnceFunc(func() {
		for _, c := range all {
			c.Release()
		}
	})
	f.t.Cleanup(release) // a test that has failed would wait for them in vain
	return release
}

// waitFor waits until a piece of news is right, from the first that was heard on, and forgets it.
func (f *fellow) waitFor(what string, right func(store.News) bool) store.News {
	f.t.Helper()
	deadline := time.After(patience)
	for {
		f.heard.mu.Lock()
		more := f.heard.more
		if i := slices.IndexFunc(f.heard.news, right); i >= 0 {
			n := f.heard.news[i]
			f.heard.news = slices.Delete(f.heard.news, i, i+1)
			f.heard.mu.Unlock()
			return n
		}
		heard := fmt.Sprintf("%+v", f.heard.news)
		f.heard.mu.Unlock()
		select {
		case <-more:
		case <-deadline:
			require.FailNow(f.t, "did not hear: "+what, heard)
		}
	}
}

// all returns all that was heard and not yet forgotten.
func (f *fellow) all() []store.News {
	f.heard.mu.Lock()
	defer f.heard.mu.Unlock()
	return slices.Clone(f.heard.news)
}

func (f *fellow) baskets() []int64 { return f.node.state.Load().baskets() }

// desk is a plain connection to the database of a test.
type desk struct {
	t  *testing.T
	pg *pgx.Conn
}

func deskAt(t *testing.T, url string) *desk {
	t.Helper()
	pg, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = pg.Close(context.Background()) })
	return &desk{t, pg}
}

func (d *desk) do(query string, args ...any) int64 {
	d.t.Helper()
	tag, err := d.pg.Exec(d.t.Context(), query, args...)
	require.NoError(d.t, err)
	return tag.RowsAffected()
}

func (d *desk) number(query string, args ...any) (n int64) {
	d.t.Helper()
	require.NoError(d.t, d.pg.QueryRow(d.t.Context(), query, args...).Scan(&n))
	return n
}

// age makes the others believe that a node was not heard of for an hour.
func (d *desk) age(node live.NodeID) {
	d.t.Helper()
	require.EqualValues(d.t, 1, d.do("UPDATE nodes SET seen_at = seen_at - interval '2 hours' WHERE node = $1", int64(node)))
}

// put puts an event into a basket.
func (d *desk) put(room string, basket int64) {
	d.t.Helper()
	d.do(`INSERT INTO outbox (app, room, seq, id, command, body, client_ip, platform, created_at, queued_at, basket)
		VALUES (1, $1, nextval('outbox_seq'), md5(random()::text), 'c', '', '', '', 1, 0, $2)`, room, basket)
}

// eventually waits for something that nobody tells.
func eventually(t *testing.T, right func() bool, what string) {
	t.Helper()
	require.Eventually(t, right, patience, 2*time.Millisecond, what)
}

// requireAllTaken waits until the living nodes have all baskets, each one of them, as they and the database see it.
func requireAllTaken(t *testing.T, d *desk, fellows ...*fellow) {
	t.Helper()
	eventually(t, func() bool {
		var all []int64
		for _, f := range fellows {
			rows, err := d.pg.Query(t.Context(), "SELECT basket FROM baskets WHERE node = $1 ORDER BY basket", int64(f.Node()))
			require.NoError(t, err)
			stored, err := pgx.CollectRows(rows, pgx.RowTo[int64])
			require.NoError(t, err)
			if !slices.Equal(stored, f.baskets()) {
				return false
			}
			all = append(all, stored...)
		}
		slices.Sort(all)
		return len(all) == len(slices.Compact(slices.Clone(all))) && int64(len(all)) == d.number("SELECT count(*) FROM baskets")
	}, "every basket is one living node's")
}

func claimed(n store.News) bool { return n.Claim }

func goneIs(id live.NodeID) func(store.News) bool {
	return func(n store.News) bool { return slices.Contains(n.Gone, id) }
}

func TestANodeHearsWhoItIs(t *testing.T) {
	url := testkit.Database(t)
	a := fellowOf(t, url, "a", time.Hour)
	n := a.waitFor("who it is", func(n store.News) bool { return n.Node != 0 })
	require.Equal(t, a.Node(), n.Node)
	require.Greater(t, n.Node, live.Alone)
	require.True(t, n.Claim, "what nobody owns is looked for")
	require.Len(t, a.baskets(), basketsOfNode)
	require.Equal(t, n.Node, a.Lease().Holder(delivery.ReadClocks()))
	b := fellowOf(t, url, "b", time.Hour)
	require.Greater(t, b.Node(), a.Node())
	nodes, err := a.Nodes(t.Context())
	require.NoError(t, err)
	require.Len(t, nodes, 2)
	require.Equal(t, []string{"a", "b"}, []string{nodes[0].Name, nodes[1].Name})
	require.Equal(t, "test", nodes[1].Version)
	require.WithinDuration(t, time.Now(), nodes[1].Seen, time.Minute)
}

func TestALeaseIsRenewed(t *testing.T) {
	url := testkit.Database(t)
	a, d := fellowOf(t, url, "a", time.Second), deskAt(t, url)
	fellowOf(t, url, "b", time.Second)
	id, began := a.Node(), time.Now()
	eventually(t, func() bool {
		return d.number("SELECT count(*) FROM nodes WHERE seen_at - started_at > interval '1.5 seconds'") == 2
	}, "both were seen again and again")
	require.Equal(t, id, a.Node())
	require.Equal(t, id, a.Lease().Holder(delivery.ReadClocks()), "after %v", time.Since(began))
}

func TestTheOthersShareWhatADeadNodeLeaves(t *testing.T) {
	url := testkit.Database(t)
	a := fellowOf(t, url, "a", time.Second)
	b, c, e := fellowOf(t, url, "b", 2*time.Second), fellowOf(t, url, "c", 2*time.Second), fellowOf(t, url, "e", 2*time.Second)
	dead, d := a.Node(), deskAt(t, url)
	for _, f := range []*fellow{b, c, e} {
		f.waitFor("its own start", claimed)
	}
	a.die()
	died := time.Now()
	for _, f := range []*fellow{b, c, e} {
		f.waitFor("of the node's end", func(n store.News) bool { return n.Missed && n.Timers })
	}
	require.Greater(t, time.Since(died), 500*time.Millisecond, "not before the lease was over")
	requireAllTaken(t, d, b, c, e)
	for _, f := range []*fellow{b, c, e} { // one that was slow has found nothing left
		if len(f.baskets()) > basketsOfNode {
			f.waitFor("of lanes that are its own now", claimed)
		}
	}
	told := 0
	for _, f := range []*fellow{b, c, e} {
		told += int(found(f))
	}
	require.Equal(t, 1, told, "one looks after the rest")
	require.Zero(t, d.number("SELECT count(*) FROM nodes WHERE node = $1", int64(dead)))
}

func TestANodeTakesItsFairShareAtATime(t *testing.T) {
	for v, share := range map[survey]int{
		{alive: 1, free: 16}: 16, {alive: 3, free: 16}: 6, {alive: 3, free: 1}: 1, {alive: 2, free: 4}: 2,
	} {
		require.Equal(t, share, v.share(), "%+v", v)
	}
}

// found is how many nodes a node has found to be gone.
func found(f *fellow) float64 {
	families, err := f.opts.Metrics.Registry.Gather()
	require.NoError(f.t, err)
	for _, family := range families {
		if family.GetName() == "greenroom_nodes_gone_total" {
			return family.GetMetric()[0].GetCounter().GetValue()
		}
	}
	return -1
}

func TestOneNodeIsToldToLookAfterAGoneOne(t *testing.T) {
	url := testkit.Database(t)
	a, b, d := fellowOf(t, url, "a", time.Hour), fellowOf(t, url, "b", time.Hour), deskAt(t, url)
	d.do("INSERT INTO nodes VALUES (100000, 'old', 'test', now(), now() - interval '1 hour', 1000)")
	a.heir.poke()
	b.heir.poke()
	gone := goneIs(100000)
	eventually(t, func() bool { return slices.ContainsFunc(append(a.all(), b.all()...), gone) }, "somebody is told")
	for _, f := range []*fellow{a, b} {
		f.heir.poke()
		f.waitFor("of its end", func(n store.News) bool { return n.Missed && n.Timers })
	}
	require.Zero(t, d.number("SELECT count(*) FROM nodes WHERE node = 100000"))
	require.EqualValues(t, 1, found(a)+found(b))
}

func TestWhoStopsInOrderIsFollowedAtOnce(t *testing.T) {
	url := testkit.Database(t)
	a, b, d := fellowOf(t, url, "a", time.Hour), fellowOf(t, url, "b", time.Hour), deskAt(t, url)
	b.waitFor("its own start", claimed)
	left := a.Node()
	a.stop()
	n := b.waitFor("that a is gone", goneIs(left))
	require.False(t, n.Missed, "it had told its clients everything")
	require.True(t, n.Timers)
	b.waitFor("of lanes that are its own now", claimed)
	require.Len(t, b.baskets(), 2*basketsOfNode)
	requireAllTaken(t, d, b)
	nodes, err := b.Nodes(t.Context())
	require.NoError(t, err)
	require.Len(t, nodes, 1)
}

func TestWhatAllLeaveIsFoundByTheNext(t *testing.T) {
	url := testkit.Database(t)
	a, b, d := fellowOf(t, url, "a", time.Second), fellowOf(t, url, "b", time.Hour), deskAt(t, url)
	first, second := a.Node(), b.Node()
	a.die()
	b.stop()
	d.age(first)
	c := fellowOf(t, url, "c", time.Hour)
	n := c.waitFor("of those who are gone", func(n store.News) bool { return len(n.Gone) > 0 })
	require.ElementsMatch(t, []live.NodeID{first, second}, n.Gone)
	c.waitFor("of lanes that are its own now", claimed)
	requireAllTaken(t, d, c)
}

// A node that stood still finds that it was given up: it is another one then, and what it did meanwhile is looked for.
func TestWhoWasGivenUpBeginsAnew(t *testing.T) {
	url := testkit.Database(t)
	a, b, d := fellowOf(t, url, "a", time.Hour), fellowOf(t, url, "b", time.Hour), deskAt(t, url)
	a.waitFor("its own start", claimed)
	before, own := a.Node(), a.baskets()
	release := a.standStill()
	d.age(before)
	b.heir.poke()
	b.waitFor("that a is gone", goneIs(before))
	b.waitFor("of lanes that are its own now", claimed)
	requireAllTaken(t, d, b)
	require.Equal(t, before, a.Node(), "it knows nothing of it")
	b.heir.age = 0 // as if that had been hours ago
	require.NoError(t, b.heir.tidy(b.node.state.Load()))
	require.NoError(t, b.heir.tidy(b.node.state.Load()))
	require.Zero(t, d.number("SELECT count(*) FROM baskets WHERE basket = ANY ($1)", own))

	release()
	a.keeper.doubt()
	a.waitFor("that its lease is lost", func(n store.News) bool { return n.Lost })
	n := a.waitFor("who it is now", func(n store.News) bool { return n.Node != 0 })
	require.Greater(t, n.Node, b.Node())
	require.True(t, n.Claim && n.Missed)
	require.Equal(t, n.Node, a.Lease().Holder(delivery.ReadClocks()))
	require.NotSubset(t, a.baskets(), own[:1])
	b.waitFor("that it is to look again", claimed)
	requireAllTaken(t, d, a, b)
	require.EqualValues(t, basketsOfNode, d.number("SELECT count(*) FROM baskets WHERE basket = ANY ($1)", own), "somebody looks into them")
}

func TestNothingIsWrittenInTheNameOfALifeThatIsOver(t *testing.T) {
	url := testkit.Database(t)
	a, b, d := fellowOf(t, url, "a", time.Hour), fellowOf(t, url, "b", time.Hour), deskAt(t, url)
	writes := deskAt(t, url)
	before := a.Node()
	writes.do("BEGIN")
	require.EqualValues(t, 1, writes.do(holdLife, int64(before)))
	a.keeper.doubt() // a renewal beside it
	eventually(t, func() bool {
		return d.number("SELECT count(*) FROM nodes WHERE node = $1 AND seen_at > started_at", int64(before)) == 1
	}, "an outcome does not hold up the renewal")
	d.age(before)
	require.NoError(t, b.heir.bury(b.Node()))
	require.EqualValues(t, 1, d.number("SELECT count(*) FROM nodes WHERE node = $1", int64(before)), "it waits for the outcome")
	writes.do("COMMIT")
	require.NoError(t, b.heir.bury(b.Node()))
	require.Zero(t, d.number("SELECT count(*) FROM nodes WHERE node = $1", int64(before)))
	require.Zero(t, writes.do(holdLife, int64(before)), "and no other outcome is written")
}

func TestANodeThatIsGivenUpTakesNothingOver(t *testing.T) {
	url := testkit.Database(t)
	a, d := fellowOf(t, url, "a", time.Hour), deskAt(t, url)
	a.waitFor("its own start", claimed)
	before := a.Node()
	d.do("INSERT INTO nodes VALUES (100000, 'old', 'test', now(), now() - interval '1 hour', 1000)")
	d.do("INSERT INTO baskets VALUES (100000, 100000)")
	d.do("DELETE FROM nodes WHERE node = $1", int64(before))
	a.heir.poke()
	a.waitFor("that its lease is lost", func(n store.News) bool { return n.Lost })
	a.waitFor("in its new life, that the other is gone", goneIs(100000))
	requireAllTaken(t, d, a)
}

func TestOthersAreToldOfTheirLanes(t *testing.T) {
	url := testkit.Database(t)
	a, b, c := fellowOf(t, url, "a", time.Hour), fellowOf(t, url, "b", time.Hour), fellowOf(t, url, "c", time.Hour)
	for _, f := range []*fellow{a, b, c} {
		f.waitFor("its own start", claimed)
	}
	room := live.RoomID(`"` + `\` + "\u2028'%<&>\x01é\U0001F600 ☃")
	var lanes []wakeUp
	for i := range 1000 {
		lanes = append(lanes, wakeUp{Basket: b.baskets()[i%16], App: 4294967295, Room: room + live.RoomID(fmt.Sprintf("%048d", i)), Seq: int64(i) + 1<<40})
	}
	a.wake(lanes)
	heard := make(map[delivery.LaneEnd]bool)
	for len(heard) < len(lanes) {
		for _, end := range b.waitFor("of lanes", func(n store.News) bool { return len(n.Lanes) > 0 }).Lanes {
			heard[end] = true
		}
	}
	for _, l := range lanes {
		require.True(t, heard[delivery.LaneEnd{Lane: delivery.Lane{App: l.App, Room: l.Room}, Seq: l.Seq}])
	}
	b.wake([]wakeUp{{Basket: c.baskets()[0], App: 1, Room: "end", Seq: 1}})
	c.waitFor("of its own lane", func(n store.News) bool { return len(n.Lanes) == 1 && n.Lanes[0].Lane.Room == "end" })
	require.Empty(t, a.all(), "nobody hears of what it has said, or of what is others'")
}

func TestAMessageIsNeverTooLong(t *testing.T) {
	m := message{From: 1 << 60, Look: true}
	for i := range 3000 {
		m.Lanes = append(m.Lanes, wakeUp{1 << 62, 4294967295, live.RoomID(strings.Repeat("\x01", 255)), int64(i)})
		m.Revoked = append(m.Revoked, revoked{4294967295, live.UserID(strings.Repeat("\x01", 32)), 1 << 40})
		m.Callbacks, m.Purged = append(m.Callbacks, live.AppID(i)), append(m.Purged, live.AppID(i))
	}
	var got message
	for _, payload := range m.payloads() {
		require.LessOrEqual(t, len(payload), maxPayload)
		part := decode(payload)
		require.Equal(t, m.From, part.From)
		got.Look = got.Look || part.Look
		got.Lanes, got.Revoked = append(got.Lanes, part.Lanes...), append(got.Revoked, part.Revoked...)
		got.Callbacks, got.Purged = append(got.Callbacks, part.Callbacks...), append(got.Purged, part.Purged...)
	}
	got.From = m.From
	require.Equal(t, m, got)
}

func TestWhatCannotBeReadIsTakenForEverything(t *testing.T) {
	for _, payload := range []string{"", "{", "null x", `{"from":"x"}`, "\xff"} {
		n := decode(payload).news(new(nodeState))
		require.True(t, n.Claim && n.Missed && n.Timers, payload)
	}
	require.True(t, empty(decode(`{"from":7,"of a later version":[1,2]}`).news(new(nodeState))))
}

func TestWhatCannotBeToldIsToldLater(t *testing.T) {
	url := testkit.Database(t)
	a, b, d := fellowOf(t, url, "a", time.Hour), fellowOf(t, url, "b", time.Hour), deskAt(t, url)
	b.waitFor("its own start", claimed)
	a.wake([]wakeUp{{Basket: b.baskets()[0], App: 1, Room: "first", Seq: 1}})
	b.waitFor("of the first", func(n store.News) bool { return len(n.Lanes) == 1 })
	cut := "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'greenroom mouth' AND datname = current_database()"
	require.EqualValues(t, 1, d.do(cut))
	a.wake([]wakeUp{{Basket: b.baskets()[0], App: 1, Room: "second", Seq: 2}})
	b.waitFor("of the second", func(n store.News) bool { return len(n.Lanes) == 1 && n.Lanes[0].Seq == 2 })
}

func TestTooManyLanesAreToldAsAll(t *testing.T) {
	m := newMouth(&Store{opts: Options{}.complete()})
	for i := range maxUntold + 1 {
		m.add(message{Lanes: []wakeUp{{1, 1, live.RoomID(fmt.Sprint(i)), 1}}})
	}
	m.add(message{Lanes: []wakeUp{{1, 1, "one more", 1}}})
	require.True(t, m.look)
	require.Empty(t, m.lanes)
	m = newMouth(&Store{opts: Options{}.complete()})
	m.add(message{Lanes: []wakeUp{{1, 1, "r", 5}, {1, 1, "r", 9}, {1, 1, "r", 7}}})
	require.Equal(t, map[delivery.Lane]wakeUp{{App: 1, Room: "r"}: {1, 1, "r", 9}}, m.lanes)
}

func TestWhoseEarWasCutLooksAtEverything(t *testing.T) {
	url := testkit.Database(t)
	a, b, d := fellowOf(t, url, "a", time.Hour), fellowOf(t, url, "b", time.Hour), deskAt(t, url)
	a.waitFor("its own start", claimed)
	b.waitFor("its own start", claimed)
	cut := "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'greenroom ear' AND datname = current_database()"
	require.EqualValues(t, 2, d.do(cut))
	for _, f := range []*fellow{a, b} {
		f.waitFor("that it has missed something", func(n store.News) bool { return n.Claim && n.Missed && n.Timers })
	}
	b.wake([]wakeUp{{Basket: a.baskets()[0], App: 1, Room: "after", Seq: 1}})
	a.waitFor("of what came after", func(n store.News) bool { return len(n.Lanes) == 1 })
}

// A listening connection on which nothing comes is looked at now and then, and is still good afterwards.
func TestAnEarListensOnThroughSilence(t *testing.T) {
	url := testkit.Database(t)
	a, b, d := fellowOf(t, url, "a", time.Second), fellowOf(t, url, "b", time.Hour), deskAt(t, url)
	a.waitFor("its own start", claimed)
	pid := "SELECT pid FROM pg_stat_activity WHERE application_name = 'greenroom ear' AND query = 'SELECT 1' AND datname = current_database()"
	var first int64
	eventually(t, func() bool { return d.pg.QueryRow(t.Context(), pid).Scan(&first) == nil }, "it asks")
	b.wake([]wakeUp{{Basket: a.baskets()[0], App: 1, Room: "after", Seq: 1}})
	a.waitFor("of what came after", func(n store.News) bool { return len(n.Lanes) == 1 })
	require.Equal(t, first, d.number("SELECT pid FROM pg_stat_activity WHERE pid = $1", first))
	require.Empty(t, a.all(), "nothing was missed")
}

func TestOthersHearOfACommitWithIt(t *testing.T) {
	url := testkit.Database(t)
	a, b := fellowOf(t, url, "a", time.Hour), fellowOf(t, url, "b", time.Hour)
	a.waitFor("its own start", claimed)
	b.waitFor("its own start", claimed)
	ended := live.Revocation{App: 7, User: `u"1`, Until: time.Unix(1_700_000_000, 0)}
	for _, end := range []string{"ROLLBACK", "COMMIT"} {
		require.NoError(t, a.alter(func(c *conn) error {
			c.later("BEGIN")
			a.announce(c, []live.AppID{1, 2}, []live.AppID{3}, []live.Revocation{ended})
			return c.do(end)
		}))
	}
	b.waitFor("of the commit", func(n store.News) bool {
		return slices.Equal(n.Callbacks, []live.AppID{1, 2}) && slices.Equal(n.Purged, []live.AppID{3}) && slices.Equal(n.Revoked, []live.Revocation{ended})
	})
	a.wake([]wakeUp{{Basket: b.baskets()[0], App: 1, Room: "end", Seq: 1}})
	b.waitFor("of what came after", func(n store.News) bool { require.Empty(t, n.Callbacks, "twice"); return len(n.Lanes) == 1 })
	require.Empty(t, a.all(), "its own listener was told of the commit")
}

func TestBasketsThatAreOfNoUseAreRemoved(t *testing.T) {
	url := testkit.Database(t)
	a, b, d := fellowOf(t, url, "a", time.Hour), fellowOf(t, url, "b", time.Hour), deskAt(t, url)
	b.waitFor("its own start", claimed)
	left := a.baskets()
	a.stop()
	b.waitFor("of lanes that are its own now", claimed)
	requireAllTaken(t, d, b)
	d.put("full", left[5])
	d.put("lost", 100000)
	for range 2 {
		require.NoError(t, b.heir.tidy(b.node.state.Load()))
	}
	require.Len(t, b.baskets(), 2*basketsOfNode, "not before an hour")
	b.heir.age = 0
	require.NoError(t, b.heir.tidy(b.node.state.Load()))
	b.heir.poke()
	eventually(t, func() bool { return len(b.baskets()) == basketsOfNode+2 }, "its own, the full one, and the one that was missing")
	requireAllTaken(t, d, b)
	require.Subset(t, b.baskets(), []int64{left[5], 100000})
}

func TestNodesOutliveTheirDatabase(t *testing.T) {
	pg := testkit.NewPostgres(t)
	url := pg.Database()
	a, b := fellowOf(t, url, "a", 2*time.Second), fellowOf(t, url, "b", 2*time.Second)
	before := []live.NodeID{a.Node(), b.Node()}
	a.waitFor("its own start", claimed)
	b.waitFor("its own start", claimed)
	for _, mode := range []testkit.StopMode{testkit.Fast, testkit.Immediate} {
		pg.Stop(mode)
		eventually(t, func() bool {
			now := delivery.ReadClocks()
			return a.Lease().Holder(now) == 0 && b.Lease().Holder(now) == 0
		}, "nobody sends without a lease")
		pg.Start()
		for _, f := range []*fellow{a, b} {
			f.waitFor("that it has missed something", func(n store.News) bool { return n.Claim && n.Missed })
			eventually(t, func() bool { return f.Lease().Holder(delivery.ReadClocks()) != 0 }, "the lease is held again")
		}
	}
	require.Equal(t, before, []live.NodeID{a.Node(), b.Node()}, "nobody was given up for what was the database's fault")
	requireAllTaken(t, deskAt(t, url), a, b)
}
