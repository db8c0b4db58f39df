package main

import (
	"database/sql"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/bench/rig"
	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/internal/store"
	"github.com/greenroom-live/greenroom/internal/store/sqlite"
)

const testApp live.AppID = 7

// database makes a data folder with the server's schema and what the statements put there.
func database(t *testing.T, statements ...string) string {
	t.Helper()
	dir := t.TempDir()
	s, err := opened(dir)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	db, err := sql.Open("sqlite", filepath.Join(dir, sqlite.FileName))
	require.NoError(t, err)
	for _, statement := range statements {
		_, err := db.Exec(statement)
		require.NoError(t, err, statement)
	}
	require.NoError(t, db.Close())
	return dir
}

func opened(dir string) (*sqlite.Store, error) {
	return sqlite.Open(sqlite.Options{Dir: dir, Log: slog.New(slog.DiscardHandler), Metrics: observe.NewMetrics()}, listener{})
}

// listener does not care.
type listener struct{}

func (listener) Committed(store.Commit) {}

const outboxRow = `INSERT INTO outbox (app, room, seq, id, command, body, client_ip, platform, created_at, attempts, last_error)
	VALUES (7, 'bench_start_000000', 41, 'evt_ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'Live.CallbackAfterDelMetadata',
		CAST('{"RoomId":"bench_start_000000","Keys":["k_0_0"],"Note":"it''s"}' AS BLOB), '10.0.0.1', 'RESTAPI', 1700000000123, 3, 'no')`

// stocked changes a database and opens it as the server does.
func stocked(t *testing.T, dir string, change func(*stockroom) error) *sqlite.Store {
	t.Helper()
	stock, err := openStockroom(t.Context(), dir)
	require.NoError(t, err)
	require.NoError(t, change(stock))
	require.NoError(t, stock.close())
	s, err := opened(dir)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func TestTheServerFindsTheEventsThatWereStocked(t *testing.T) {
	dir := database(t, outboxRow)
	ids := []string{"bench_start_000000", "bench_start_000001", "it's a room"}
	s := stocked(t, dir, func(stock *stockroom) error { return stock.events(ids, 5, 8) })

	rooms, err := s.Rooms(t.Context(), testApp, nil, 10)
	require.NoError(t, err)
	require.Equal(t, []live.RoomID{"bench_start_000000", "bench_start_000001", "it's a room"}, rooms)
	seen, ids26 := map[int64]bool{}, map[string]bool{}
	for i, room := range rooms {
		events, err := s.Pending(t.Context(), delivery.Lane{App: testApp, Room: room}, 0, 10)
		require.NoError(t, err)
		require.Len(t, events, []int{3, 3, 2}[i])
		for n, e := range events {
			require.Equal(t, int64(42+i+3*n), e.Seq, "the rooms take turns")
			mark := rig.Mark{Room: 5 + i, Number: n}
			require.Equal(t, `{"RoomId":"`+string(room)+`","Keys":["`+mark.String()+`"],"Note":"it's"}`, string(e.Body))
			require.Zero(t, e.Attempts)
			require.Empty(t, e.LastError)
			require.Equal(t, "10.0.0.1", e.ClientIP)
			require.EqualValues(t, 1700000000123, e.At.UnixMilli())
			require.Regexp(t, `^evt_ABCDEFGHI[0-9A-F]{17}$`, e.ID)
			seen[e.Seq], ids26[e.ID] = true, true
		}
	}
	require.Len(t, seen, 8)
	require.Len(t, ids26, 8)
	require.GreaterOrEqual(t, numberIn(t, dir, "SELECT next FROM outbox_sequence"), int64(50), "numbers are not given out twice")
}

func TestOnlyADeletionOfTheRunsIsAPattern(t *testing.T) {
	for _, statements := range [][]string{nil, {outboxRow, "UPDATE outbox SET body = 'x'"}} {
		stock, err := openStockroom(t.Context(), database(t, statements...))
		require.NoError(t, err)
		require.Error(t, stock.events([]string{"r"}, 0, 1))
		require.NoError(t, stock.close())
	}
	_, err := openStockroom(t.Context(), t.TempDir())
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestTheServerFindsTheRoomsThatWereStocked(t *testing.T) {
	dir := database(t)
	s, err := opened(dir)
	require.NoError(t, err)
	require.NoError(t, s.Update(t.Context(), func(tx live.Tx) error {
		return tx.InsertRoom(testApp, live.Room{ID: "bench_flat_000002", Owner: "anna", SeatTemplate: "VideoDynamicGrid9Seats"})
	}))
	require.NoError(t, s.Close())

	s = stocked(t, dir, func(stock *stockroom) error { return stock.rooms("flat", 3, 25) })
	require.NoError(t, s.View(t.Context(), func(r live.Reader) error {
		for _, id := range []live.RoomID{"bench_flat_000003", "bench_flat_000024"} {
			room, found, err := r.Room(testApp, id)
			require.NoError(t, err)
			require.True(t, found, id)
			require.Equal(t, live.UserID("anna"), room.Owner)
		}
		_, found, err := r.Room(testApp, "bench_flat_000025")
		require.False(t, found)
		return err
	}))
	require.EqualValues(t, 23, numberIn(t, dir, "SELECT rooms FROM room_counts WHERE app = 7"))
}

func TestTheLogGrowsByWholeBlocks(t *testing.T) {
	dir := database(t, `CREATE TABLE IF NOT EXISTS delivery_log (first INTEGER PRIMARY KEY, count INTEGER NOT NULL,
		written_at INTEGER NOT NULL, bytes_before INTEGER NOT NULL, marks BLOB NOT NULL, records BLOB NOT NULL)`,
		`INSERT INTO delivery_log (first, count, written_at, bytes_before, marks, records) VALUES
			(1, 4, 1000, 0, x'0102', x'01020304'), (5, 2, 2000, 6, x'01', x'0102')`)
	stock, err := openStockroom(t.Context(), dir)
	require.NoError(t, err)
	require.NoError(t, stock.log(15))
	require.NoError(t, stock.close())

	require.EqualValues(t, 5, numberIn(t, dir, "SELECT count(*) FROM delivery_log"), "4 rows, 2 rows, and 3 times 4 rows")
	require.EqualValues(t, 15, numberIn(t, dir, "SELECT max(first) FROM delivery_log"))
	require.EqualValues(t, 18, numberIn(t, dir, "SELECT max(first + count) - 1 FROM delivery_log"))
	require.EqualValues(t, 18, numberIn(t, dir, "SELECT sum(count) FROM delivery_log"), "no number is missing")
	require.EqualValues(t, 6+3+2*6, numberIn(t, dir, "SELECT max(bytes_before) FROM delivery_log"))
	require.EqualValues(t, 3, numberIn(t, dir, "SELECT count(*) FROM delivery_log WHERE first > 6 AND written_at = 2000 AND records = x'01020304'"))
}

// numberIn reads a number from the database of a data folder.
func numberIn(t *testing.T, dir, query string) (n int64) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, sqlite.FileName))
	require.NoError(t, err)
	defer db.Close()
	require.NoError(t, db.QueryRow(query).Scan(&n))
	return n
}
