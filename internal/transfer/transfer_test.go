//go:build unix

package transfer_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/internal/store"
	"github.com/greenroom-live/greenroom/internal/store/postgres"
	"github.com/greenroom-live/greenroom/internal/store/sqlite"
	"github.com/greenroom-live/greenroom/internal/testkit"
	"github.com/greenroom-live/greenroom/internal/transfer"
)

func TestMain(m *testing.M) {
	code := m.Run()
	testkit.RemoveBinary()
	os.Exit(code)
}

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// deaf is a node that cares for nothing.
type deaf struct{}

func (deaf) Committed(store.Commit)    {}
func (deaf) Published(context.Context) {}
func (deaf) Heard(store.News)          {}

func serve(t testing.TB, url string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(postgres.Options{URL: url, LogKeep: 10 * 365 * 24 * time.Hour, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Metrics: observe.NewMetrics()}, deaf{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func move(t testing.TB, dir, url string) transfer.Result {
	t.Helper()
	result, err := transfer.Run(t.Context(), transfer.Options{Folder: dir, URL: url})
	require.NoError(t, err)
	return result
}

// claimed waits until a node has what it found in the database to deliver.
func claimed(t testing.TB, s *postgres.Store, url string) *postgres.Store {
	t.Helper()
	lanes := query[int](t, url, "SELECT count(*) FROM (SELECT DISTINCT app, room FROM outbox WHERE app = $1) AS lanes", int64(app))
	require.Eventually(t, func() bool {
		rooms, err := s.Rooms(ctx, app, nil, lanes+1)
		return err == nil && len(rooms) == lanes
	}, patience, 5*time.Millisecond)
	return s
}

// query runs a statement and returns its first value, if it has one.
func query[T any](t testing.TB, url, statement string, args ...any) (value T) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer c.Close(context.Background())
	err = c.QueryRow(t.Context(), statement, args...).Scan(&value)
	if !errors.Is(err, pgx.ErrNoRows) {
		require.NoError(t, err)
	}
	return value
}

// engine is what both engines do.
type engine interface {
	live.Store
	delivery.Outbox
	delivery.Records
}

// everything is what an engine says of two apps and of the first rooms.
func everything(t testing.TB, e engine) map[string]any {
	t.Helper()
	all := map[string]any{}
	keep := func(name string, values ...any) {
		t.Helper()
		if err, failed := values[len(values)-1].(error); failed {
			require.NoError(t, err, name)
		}
		all[name] = values
	}
	keep2 := func(name string) func(v any, err error) {
		return func(v any, err error) { require.NoError(t, err, name); all[name] = v }
	}
	require.NoError(t, e.View(ctx, func(r live.Reader) error {
		for _, of := range []live.AppID{app, other} {
			gifts, err := r.Gifts(of)
			keep(of.String()+" gifts", gifts, err)
			categories, err := r.GiftCategories(of)
			keep(of.String()+" categories", categories, err)
			count, err := r.RoomCount(of)
			keep(of.String()+" rooms", count, err)
			callback, _, err := r.Callback(of)
			keep(of.String()+" callback", callback, err)
			account, _, err := r.Account(of, "ada")
			keep(of.String()+" account", account, err)
			values, err := r.ProfileValues(of, "ada")
			keep(of.String()+" profile", values, err)
			counts, err := r.FollowCounts(of, "bob")
			keep(of.String()+" follows", counts, err)
		}
		for _, id := range []live.RoomID{"live 0 ✨", "live 1 ✨"} {
			room, found, err := r.Room(app, id)
			require.True(t, found)
			keep(string(id), room, err)
			metadata, err := r.Metadata(app, id)
			keep(string(id)+" metadata", metadata, err)
			seats, err := r.Seats(app, id)
			keep(string(id)+" seats", seats, err)
			bans, err := r.Bans(app, id, began, 0, 10)
			keep(string(id)+" bans", bans, err)
			mix, _, err := r.MixLayout(app, id)
			keep(string(id)+" mix", mix, err)
			given, _, err := r.GiftsFrom(app, id, "ada")
			keep(string(id)+" given", given, err)
			sent, _, err := r.SentMessage(app, id, "ada", 1<<32-1)
			keep(string(id)+" sent", sent, err)
		}
		listed, err := r.PublicRooms(app, nil, false, 1000)
		keep("listed", listed, err)
		due, err := r.DueTimers(began, 1000)
		keep("due", due, err)
		attended, err := r.Attendances(live.Alone, live.Membership{}, 1000)
		keep("attended", attended, err)
		fight, _, err := r.Battle(app, battle)
		keep("battle", fight, err)
		revocations, err := r.Revocations(live.Revocation{}, 10)
		keep("revocations", revocations, err)
		return nil
	}))
	rooms, err := e.Rooms(ctx, app, nil, 1000)
	keep("lanes", rooms, err)
	for _, id := range rooms {
		pending, err := e.Pending(ctx, delivery.Lane{App: app, Room: id}, 0, 1000)
		for i := range pending {
			pending[i].Prev, pending[i].Node = 0, 0
		}
		keep2("pending "+string(id))(pending, err)
	}
	letters, _, err := e.DeadLetters(ctx, delivery.Filter{App: app}, "", 1000)
	keep("dead", letters, err)
	logged, _, err := e.Log(ctx, delivery.Filter{App: app}, nil, "", 1000)
	keep("log", logged, err)
	story, err := e.Story(ctx, app, letters[0].ID)
	keep("story", story, err)
	endpoint, err := e.Endpoint(ctx, other)
	keep("endpoint", endpoint, err)
	return all
}

func TestWhatWasEmbeddedIsInPostgreSQLAsItWas(t *testing.T) {
	t.Parallel()
	dir, url := fill(t, 40, 10), testkit.Database(t)
	var seen []transfer.Progress
	see := func(p transfer.Progress) { seen = append(seen, p) }
	result, err := transfer.Run(t.Context(), transfer.Options{Folder: dir, URL: url, Progress: see})
	require.NoError(t, err)
	require.True(t, result.Same())
	require.False(t, result.Resumed)
	require.NotContains(t, result.Database, "@")
	for _, table := range result.Tables {
		require.NotZero(t, table.From.Rows, "the test has nothing in %s", table.Name)
		require.Equal(t, table.From, table.To)
	}
	require.Equal(t, "reading", seen[0].Doing)
	last := seen[len(seen)-1]
	require.Equal(t, "comparing", last.Doing)
	require.Equal(t, last.Total, last.Done)

	before := open(t, dir)
	want := everything(t, before)
	next := query[int64](t, url, "SELECT nextval('outbox_seq')")
	require.NoError(t, before.Close())
	s := serve(t, url)
	got := everything(t, claimed(t, s, url))
	mend(want)
	same(t, want, got)
	require.Greater(t, next, query[int64](t, url,
		"SELECT max(seq) FROM (SELECT seq FROM outbox UNION SELECT seq FROM delivery_log) AS used"))
	require.Zero(t, query[int64](t, url,
		"SELECT count(*) FROM (SELECT 1 FROM outbox GROUP BY app, room HAVING count(DISTINCT basket) > 1) AS torn"))
	require.Zero(t, query[int64](t, url, "SELECT count(*) FROM outbox WHERE basket NOT IN (SELECT basket FROM baskets)"))
	require.Equal(t, query[int64](t, url, "SELECT sum(bytes)::bigint FROM delivery_log"),
		query[int64](t, url, "SELECT sum(bytes)::bigint FROM delivery_log_sizes"))
	require.NoError(t, s.Update(ctx, func(tx live.Tx) error { return emit(tx, "live 0 ✨", 1) }))
	pending, err := s.Pending(ctx, delivery.Lane{App: app, Room: "live 0 ✨"}, 0, 1000)
	require.NoError(t, err)
	require.Greater(t, pending[len(pending)-1].Seq, pending[len(pending)-2].Seq, "what is new comes last")
	gone, err := nodesGone(s)
	require.NoError(t, err)
	require.Equal(t, []live.NodeID{live.Alone}, gone, "the first node looks after the members who were connected")
}

func nodesGone(s *postgres.Store) (gone []live.NodeID, err error) {
	err = s.View(ctx, func(r live.Reader) (err error) { gone, err = r.NodesGone(); return err })
	return gone, err
}

// same holds what two engines say against each other, one thing after the other, as all at once would be too much to show.
func same(t testing.TB, want, got map[string]any) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if !reflect.DeepEqual(want[name], got[name]) {
			require.FailNow(t, name, "%.2000s\n%.2000s", fmt.Sprintf("%+v", want[name]), fmt.Sprintf("%+v", got[name]))
		}
	}
	require.Len(t, got, len(want))
}

// mend does to what the embedded engine says what PostgreSQL cannot do without: its texts are UTF-8.
func mend(all map[string]any) {
	lines := all["log"].([]any)[0].([]delivery.Logged)
	for i := range lines {
		if lines[i].Attempt.Error == "broken \xff text" {
			lines[i].Attempt.Error = "broken \uFFFD text"
		}
	}
	story := all["story"].([]any)[0].(delivery.Story)
	for i := range story.Attempts {
		if story.Attempts[i].Error == "broken \xff text" {
			story.Attempts[i].Error = "broken \uFFFD text"
		}
	}
}

// killer kills a process a moment after it has written so many lines.
type killer struct {
	process *exec.Cmd
	lines   int
	text    bytes.Buffer
}

func (k *killer) Write(text []byte) (int, error) {
	if k.lines -= bytes.Count(text, []byte("\n")); k.lines <= 0 && k.process != nil {
		process := k.process.Process
		time.AfterFunc(time.Duration(rand.IntN(20))*time.Millisecond, func() { _ = process.Kill() }) // it may have ended by itself
		k.process = nil
	}
	return k.text.Write(text)
}

// TestAnImportThatIsKilledGoesOn kills the program while it reads, copies and compares.
func TestAnImportThatIsKilledGoesOn(t *testing.T) {
	t.Parallel()
	dir, url := fill(t, 60, 200), testkit.Database(t)
	kills := 0
	for _, lines := range []int{3, 37, 39, 42, 47, 55, 65, 75, 85, 1000} {
		cmd := exec.Command(testkit.Binary(t), "import", "--from", "sqlite://"+dir, "--to", url)
		output := &killer{process: cmd, lines: lines}
		cmd.Stdout, cmd.Stderr = output, output
		if err := cmd.Run(); err != nil {
			require.ErrorContains(t, err, "killed", output.text.String())
			kills++
			continue
		}
		require.Contains(t, output.text.String(), "servers may start on it")
		break
	}
	require.Greater(t, kills, 2)
	before := open(t, dir)
	want := everything(t, before)
	require.NoError(t, before.Close())
	mend(want)
	same(t, want, everything(t, claimed(t, serve(t, url), url)))
}

// TestAnImportGoesOnBehindEveryPage stops an import whenever it tells of progress.
func TestAnImportGoesOnBehindEveryPage(t *testing.T) {
	t.Parallel()
	dir, url := fill(t, 20, 100), testkit.Database(t)
	stops := 0
	for steps := 1; ; steps += 5 {
		ctx, cancel := context.WithCancel(t.Context())
		told := 0
		result, err := transfer.Run(ctx, transfer.Options{Folder: dir, URL: url, Progress: func(p transfer.Progress) {
			if p.Doing != "copying" {
				return
			}
			if told++; told == steps {
				cancel()
			}
		}})
		cancel()
		if err == nil {
			require.True(t, result.Same())
			require.True(t, result.Resumed)
			break
		}
		require.ErrorIs(t, err, context.Canceled)
		stops++
		_, err = postgres.Open(postgres.Options{URL: url, Log: slog.New(slog.DiscardHandler), Metrics: observe.NewMetrics()}, deaf{})
		require.ErrorContains(t, err, "an import of "+dir+" into ")
		require.ErrorContains(t, err, "is under way: finish it")
	}
	require.Greater(t, stops, 3)
}

func TestARowThatIsNotTheSameIsFound(t *testing.T) {
	t.Parallel()
	dir := fill(t, 3, 5)
	for name, tampering := range map[string]string{
		"changed":   "UPDATE room_metadata SET value = 'forged' WHERE room = 'live 1 ✨' AND key = 'empty'",
		"removed":   "DELETE FROM follows WHERE user_id = 'ada' AND app = 1400000123",
		"added":     "INSERT INTO room_robots (app, room, user_id) VALUES (1, 'x', 'y')",
		"exchanged": "UPDATE room_members SET online = NOT online",
		"logged":    "UPDATE delivery_log SET status = 201 WHERE number = 1",
		"numbered":  "SELECT setval('outbox_seq', 7)",
	} {
		t.Run(name, func(t *testing.T) {
			url := testkit.Database(t)
			tamper := func(p transfer.Progress) {
				if p.Doing == "comparing" && p.Done == 0 && p.Table == "accounts" {
					query[any](t, url, tampering)
				}
			}
			// What is compared is one state, which begins with the first table that is read.
			result, err := transfer.Run(t.Context(), transfer.Options{Folder: dir, URL: url, Progress: tamper})
			require.NoError(t, err)
			require.False(t, result.Same())
			differ := 0
			for _, table := range result.Tables {
				if table.From != table.To {
					differ++
				}
			}
			require.Equal(t, 1, differ)
			_, err = postgres.Open(postgres.Options{URL: url, Log: slog.New(slog.DiscardHandler), Metrics: observe.NewMetrics()}, deaf{})
			require.ErrorContains(t, err, "is under way: finish it")
			again, err := transfer.Run(t.Context(), transfer.Options{Folder: dir, URL: url})
			require.NoError(t, err)
			require.False(t, again.Same(), "it stays found")
			again, err = transfer.Run(t.Context(), transfer.Options{Folder: dir, URL: url, Restart: true})
			require.NoError(t, err)
			require.True(t, again.Same())
			require.False(t, again.Resumed)
		})
	}
}

func TestATargetThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	dir := fill(t, 2, 3)
	refused := func(url, why string) {
		t.Helper()
		_, err := transfer.Run(t.Context(), transfer.Options{Folder: dir, URL: url})
		require.ErrorContains(t, err, why)
		require.NotContains(t, err.Error(), "hidden")
	}
	refused("postgres://user:hidden@127.0.0.1:1/db", "refused")

	done := testkit.Database(t)
	require.True(t, move(t, dir, done).Same())
	refused(done, "has been imported into")
	_, err := transfer.Run(t.Context(), transfer.Options{Folder: dir, URL: done, Restart: true})
	require.ErrorContains(t, err, "there is no import into", "a finished one is not removed")

	used := testkit.Database(t)
	_, err = postgres.Migrate(t.Context(), used)
	require.NoError(t, err)
	query[any](t, used, "INSERT INTO accounts (app, user_id, nick, face_url) VALUES (1, 'ada', '', '')")
	refused(used, "is not empty: there are accounts in it")

	busy := testkit.Database(t)
	c, err := pgx.Connect(t.Context(), busy)
	require.NoError(t, err)
	_, err = c.Exec(t.Context(), "SELECT pg_advisory_lock($1)", transfer.ImportLock)
	require.NoError(t, err)
	refused(busy, "another import into ")
	require.NoError(t, c.Close(t.Context()))

	served := testkit.Database(t)
	serve(t, served)
	refused(served, "a server is running on")
}

func TestAFolderThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	url := testkit.Database(t)
	_, err := transfer.Run(t.Context(), transfer.Options{Folder: t.TempDir(), URL: url})
	require.ErrorIs(t, err, os.ErrNotExist)

	dir := fill(t, 2, 3)
	e := open(t, dir)
	_, err = transfer.Run(t.Context(), transfer.Options{Folder: dir, URL: url})
	require.ErrorContains(t, err, "in use by another greenroom")
	require.NoError(t, e.Close())
}

// TestAFolderThatHasChangedMeanwhileBeginsAnew is about a server that was run between two calls.
func TestAFolderThatHasChangedMeanwhileBeginsAnew(t *testing.T) {
	t.Parallel()
	dir, url := fill(t, 2, 3), testkit.Database(t)
	stop, cancel := context.WithCancel(t.Context())
	_, err := transfer.Run(stop, transfer.Options{Folder: dir, URL: url, Progress: func(p transfer.Progress) {
		if p.Doing == "copying" && p.Table == "rooms" {
			cancel()
		}
	}})
	cancel()
	require.ErrorIs(t, err, context.Canceled)
	db, err := sql.Open("sqlite", filepath.Join(dir, sqlite.FileName))
	require.NoError(t, err)
	_, err = db.Exec("UPDATE accounts SET nick = 'new' WHERE user = 'bob'")
	require.NoError(t, err)
	require.NoError(t, db.Close())
	_, err = transfer.Run(t.Context(), transfer.Options{Folder: dir, URL: url})
	require.ErrorContains(t, err, "is not what that was then: --restart begins anew")
	result, err := transfer.Run(t.Context(), transfer.Options{Folder: dir, URL: url, Restart: true})
	require.NoError(t, err)
	require.True(t, result.Same())
	require.Equal(t, int64(2), query[int64](t, url, "SELECT count(*) FROM accounts WHERE nick = 'new'"))
}
