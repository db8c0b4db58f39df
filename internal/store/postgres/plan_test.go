package postgres

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

// fillRecords puts so many events into the outbox, the dead letters and the log, of several apps.
func fillRecords(d *desk, rows int) {
	d.t.Helper()
	fill(d, d.number("INSERT INTO baskets (basket) VALUES (nextval('basket_ids')) RETURNING basket"), 500, rows)
	d.do(`INSERT INTO dead_letters (seq, id, app, room, command, body, client_ip, platform, created_at, queued_at, attempts,
			last_error, died_at)
		SELECT i, 'evt_dead' || i, $1, 'r' || i % 500, $2, '', '', '', 1765001300000 + i, 0, 1, '', 0
		FROM generate_series(1, $3::integer) AS i`,
		int64(testApp), string(webhook.CommandAfterDelMetadata), rows)
	d.do(`INSERT INTO delivery_log (app, seq, created_at, queued_at, written_at, began, took, answer_bytes, attempts, attempt, status,
			bytes, fate, room, id, command, answer, error, body, client_ip, platform)
		SELECT $1::bigint + i % 3, i, 1765001300000 + i, 0, 1765001300000 + i, 0, 0, 0, 0, 1, 200, 500, 0, 'r' || i % 500, 'evt_done' || i, $2,
			'', '', '', '', ''
		FROM generate_series(1, $3::integer) AS i`, int64(testApp), string(webhook.CommandAfterDelMetadata), rows)
	d.do("INSERT INTO delivery_log_sizes VALUES (0, 500 * $1)", rows)
	d.do("ANALYZE")
}

// scanned are the rows that were read of the tables of events other than through an index, by sessions that have ended.
func scanned(d *desk) int64 {
	d.t.Helper()
	return d.number(`SELECT sum(seq_tup_read)::bigint FROM pg_stat_user_tables WHERE relname IN ('outbox', 'dead_letters', 'delivery_log')`)
}

// TestNothingGoesThroughAWholeTable does all that is done with events, on tables that hold many.
func TestNothingGoesThroughAWholeTable(t *testing.T) {
	url := database(t)
	d := deskAt(t, url)
	fillRecords(d, 60_000)
	d.do("SELECT sum(length(body)) FROM outbox")
	d.do("SELECT pg_stat_force_next_flush()")
	before := scanned(d)
	require.Positive(t, before, "reading the tables is counted")
	c := newClock()
	opts := options(url)
	opts.Now, opts.LogMaxBytes, opts.MaxConnections = c.read, 20<<20, 10
	k := &clerk{t: t, hearsay: hearsay{more: make(chan struct{})}, settled: make(map[string]int)}
	s, err := Open(opts, k)
	require.NoError(t, err)
	k.Store = s
	eventually(t, func() bool { return s.Backlog(testApp).Waiting == 60_000 }, "all is counted")
	eventually(t, func() bool { return d.number("SELECT count(*) FROM baskets WHERE node IS NULL") == 0 }, "the lanes have been taken over")
	doEverything(t, k)
	require.NoError(t, s.Close())
	eventually(t, func() bool {
		return d.number("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'greenroom' AND datname = current_database()") == 0
	}, "all sessions have ended")
	d.do("SELECT pg_stat_clear_snapshot()")
	require.Equal(t, before, scanned(d))
}

// doEverything does what operators and the deliverer do.
func doEverything(t *testing.T, k *clerk) {
	ctx, room := t.Context(), live.RoomID("r7")
	e := k.emit("a", "b", "c", "a", "b", "c")
	gone := came(e[3], delivery.Failed, "410")
	gone.Gone = "http://127.0.0.1:1/"
	k.settle(came(e[0], delivery.Delivered, ""), came(e[1], delivery.Dead, "no"), came(e[2], delivery.Failed, "no"), gone)
	for _, f := range []delivery.Filter{
		{App: testApp}, {App: testApp, Room: &room}, {App: testApp, Command: "none"},
		{App: testApp, From: time.UnixMilli(1765001300000 + 30_000)},
	} {
		_, next, err := k.Log(ctx, f, []delivery.Fate{delivery.Delivered}, "", 10)
		require.NoError(t, err)
		_, _, err = k.Log(ctx, f, nil, next, 10)
		require.NoError(t, err)
		_, next, err = k.Waiting(ctx, f, "", 10)
		require.NoError(t, err)
		_, _, err = k.Waiting(ctx, f, next, 10)
		require.NoError(t, err)
		_, next, err = k.DeadLetters(ctx, f, "", 10)
		require.NoError(t, err)
		_, _, err = k.DeadLetters(ctx, f, next, 10)
		require.NoError(t, err)
		_, err = k.PurgeWaiting(ctx, f, 10)
		require.NoError(t, err)
		_, err = k.PurgeDead(ctx, f, 10)
		require.NoError(t, err)
		_, err = k.ReplayDead(ctx, f, 10)
		require.NoError(t, err)
		_, next, err = k.ReplayDelivered(ctx, f, "", 10)
		require.NoError(t, err)
		if next != "" {
			_, _, err = k.ReplayDelivered(ctx, f, next, 10)
			require.NoError(t, err)
		}
	}
	for _, id := range []string{"evt_dead30000", "evt_done30000", "evt_30000", "evt_none"} {
		err := k.Replay(ctx, testApp, id)
		require.True(t, err == nil || err == delivery.ErrStillWaiting || err == delivery.ErrUnknownEvent, "%s: %v", id, err)
	}
	require.NoError(t, k.Pause(ctx, testApp, "so"))
	require.NoError(t, k.Resume(ctx, testApp))
	rooms, err := k.Rooms(ctx, testApp, nil, 10)
	require.NoError(t, err)
	require.Len(t, rooms, 10)
	_, err = k.Rooms(ctx, testApp, &rooms[9], 1000)
	require.NoError(t, err)
	_, err = k.Pending(ctx, delivery.Lane{App: testApp, Room: rooms[9]}, 0, 10)
	require.NoError(t, err)
	require.NoError(t, k.trim())
}

// The search for lanes costs what there are of them, however much waits in them.
func TestTheSearchForLanesHopsOverEvents(t *testing.T) {
	url := database(t)
	d := deskAt(t, url)
	keeper := clerkAt(t, url, nil)
	fill(d, keeper.node.state.Load().fresh[0], 10, 50_000)
	d.do("ANALYZE outbox")
	for query, args := range map[string][]any{hopAll: {int64(testApp), 100}, hopBehind: {int64(testApp), 100, "r0"}} {
		tx, err := d.pg.Begin(t.Context())
		require.NoError(t, err)
		tag, err := tx.Exec(t.Context(), query, args...)
		require.NoError(t, err)
		require.EqualValues(t, 12-len(args), tag.RowsAffected(), "lanes")
		read := d.number("SELECT sum(idx_tup_fetch + seq_tup_read)::bigint FROM pg_stat_xact_user_tables WHERE relname = 'outbox'")
		require.Less(t, read, int64(20), "rows")
		require.NoError(t, tx.Rollback(t.Context()))
	}
}
