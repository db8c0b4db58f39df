package sqlite

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
	"github.com/greenroom-live/greenroom/webhook"
)

// known waits until the backlog is counted.
func known(t *testing.T, s *Store, app live.AppID) (b delivery.Backlog) {
	t.Helper()
	require.Eventually(t, func() bool { b = s.Backlog(app); return b.Known }, 20*time.Second, time.Millisecond)
	return b
}

// counted is the backlog as the tables say.
func counted(t *testing.T, s *Store, app live.AppID) delivery.Backlog {
	t.Helper()
	b := delivery.Backlog{Known: true}
	var oldest int64
	require.NoError(t, s.db.QueryRow("SELECT count(*), coalesce(min(created_at), 0) FROM outbox WHERE app = ?", app).
		Scan(&b.Waiting, &oldest))
	require.NoError(t, s.db.QueryRow("SELECT count(*) FROM dead_letters WHERE app = ?", app).Scan(&b.Dead))
	if b.Waiting > 0 {
		b.Oldest = time.Unix(oldest/1000, 0)
	}
	return b
}

// quiet counts the outcomes that became durable.
type quiet struct{ settled chan int }

func (q quiet) Committed(c store.Commit) { q.settled <- len(c.Settled) }

// TestTheBacklogAgreesWithTheTables does what can happen to events at random, restarts now and then, and holds the
// figures against the tables each time all is written down. Events are also in one place at most all the time.
func TestTheBacklogAgreesWithTheTables(t *testing.T) {
	c := newClock()
	opts, dir := Options{}, t.TempDir()
	random := rand.New(rand.NewPCG(4, 2))
	var s *Store
	heard := quiet{make(chan int, 1000)}
	open := func() {
		var err error
		opts = c.options(dir)
		s, err = Open(opts, heard)
		require.NoError(t, err)
	}
	open()
	defer func() { require.NoError(t, s.Close()) }()
	switchOn(t, s)
	for range 150 {
		randomRecords(t, random, s, c, heard)
		if random.IntN(10) == 0 {
			require.NoError(t, s.Close())
			open()
		}
		for app := testApp; app < testApp+2; app++ {
			require.Equal(t, counted(t, s, app), known(t, s, app))
		}
		var twice int
		require.NoError(t, s.db.QueryRow(`SELECT count(*) FROM (SELECT id FROM (SELECT id FROM outbox UNION ALL
			SELECT id FROM dead_letters) GROUP BY id HAVING count(*) > 1)`).Scan(&twice))
		require.Zero(t, twice, "an event is in two places")
	}
}

func switchOn(t testing.TB, s *Store) {
	require.NoError(t, s.Update(background, func(tx live.Tx) error {
		for app := testApp; app < testApp+2; app++ {
			if err := tx.PutCallback(app, live.Callback{URL: "http://127.0.0.1:1/",
				Commands: []string{string(webhook.CommandAfterDelMetadata)}}); err != nil {
				return err
			}
		}
		return nil
	}))
}

func randomRecords(t *testing.T, random *rand.Rand, s *Store, c *clock, heard quiet) {
	app := testApp + live.AppID(random.IntN(2))
	f := delivery.Filter{App: app}
	if random.IntN(3) == 0 {
		room := live.RoomID(fmt.Sprint("r", random.IntN(4)))
		f.Room = &room
	}
	limit := 1 + random.IntN(5)
	var err error
	switch random.IntN(7) {
	case 0, 1, 2:
		emit(t, s, c, app, random, 1+random.IntN(20))
	case 3:
		settleSome(t, random, s, app, heard)
	case 4:
		_, err = s.PurgeWaiting(background, f, limit)
	case 5:
		_, err = s.ReplayDead(background, f, limit)
	case 6:
		if random.IntN(3) == 0 {
			_, err = s.PurgeDead(background, f, limit)
		} else {
			_, _, err = s.ReplayDelivered(background, f, "", limit)
		}
	}
	require.NoError(t, err)
	for len(heard.settled) > 0 {
		<-heard.settled
	}
}

func emit(t testing.TB, s *Store, c *clock, app live.AppID, random *rand.Rand, events int) {
	require.NoError(t, s.Update(background, func(tx live.Tx) error {
		for range events {
			c.move(time.Duration(random.IntN(900)) * time.Millisecond)
			err := tx.Emit(live.Event{App: app, Room: live.RoomID(fmt.Sprint("r", random.IntN(4))), At: c.read(),
				By: live.Caller{App: app, Kind: live.KindAdmin}, Change: live.MetadataDeleted{Keys: []string{"k"}}})
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

// settleSome settles some of what waits in each lane, in order as a deliverer does; now and then an event twice, as if it
// had been purged meanwhile.
func settleSome(t *testing.T, random *rand.Rand, s *Store, app live.AppID, heard quiet) {
	var outcomes []delivery.Outcome
	for i := range 4 {
		events, err := s.Pending(background, delivery.Lane{App: app, Room: live.RoomID(fmt.Sprint("r", i))}, 0, 1+random.IntN(6))
		require.NoError(t, err)
		for _, e := range events {
			o := delivery.Outcome{Event: e, Fate: delivery.Fate(random.IntN(3))}
			outcomes = append(outcomes, o)
			if o.Fate == delivery.Failed {
				break
			}
			if random.IntN(20) == 0 {
				outcomes = append(outcomes, o)
			}
		}
	}
	for len(heard.settled) > 0 {
		<-heard.settled
	}
	for _, o := range outcomes {
		s.Settle(o)
	}
	for left := len(outcomes); left > 0; {
		left -= <-heard.settled
	}
}

func TestAStoreIsOpenBeforeItsBacklogIsCounted(t *testing.T) {
	opts := options(folder(t))
	s, err := Open(opts, deaf{})
	require.NoError(t, err)
	const events = 2*countPage + 10
	_, err = s.db.Exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		INSERT INTO outbox (app, room, seq, id, command, body, client_ip, platform, created_at)
		SELECT ?, 'x' || (i % 100), i, 'evt_' || i, 'c', '{}', '', '', 1765001300000 + i FROM n`, events, testApp)
	require.NoError(t, err)
	_, err = s.db.Exec(`INSERT INTO dead_letters (app, room, seq, id, command, body, client_ip, platform, created_at, attempts,
		last_error, died_at) SELECT app, room, seq + 1000000, id || 'd', '', '', '', '', 0, 0, '', 0 FROM outbox`)
	require.NoError(t, err)
	require.NoError(t, s.Close())

	s, err = Open(opts, deaf{})
	require.NoError(t, err)
	require.NoError(t, s.Close(), "closing does not wait for the count")

	s, err = Open(opts, deaf{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	switchOn(t, s)
	for range 20 { // while it counts
		emit(t, s, newClock(), testApp, rand.New(rand.NewPCG(1, 1)), 1)
		_, err = s.PurgeWaiting(background, delivery.Filter{App: testApp}, 3)
		require.NoError(t, err)
	}
	require.Equal(t, counted(t, s, testApp), known(t, s, testApp))
	require.Equal(t, events+20-60, known(t, s, testApp).Waiting)
}

// The ages are held against a plain list of seconds.
func TestAgesKnowTheOldest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var a ages
		var all []int64
		for range rapid.IntRange(0, 400).Draw(t, "steps") {
			second := rapid.Int64Range(0, 300).Draw(t, "second")
			if i := slices.Index(all, second); i >= 0 && rapid.Bool().Draw(t, "remove") {
				all = slices.Delete(all, i, i+1)
				a.add(second, -1)
			} else {
				all = append(all, second)
				a.add(second, 1)
			}
			want := time.Time{}
			if len(all) > 0 {
				want = time.Unix(slices.Min(all), 0)
			}
			require.True(t, want.Equal(a.oldest()))
			empty := 0
			for _, b := range a.buckets {
				if b.events == 0 {
					empty++
				}
			}
			require.Equal(t, empty, a.empty)
			require.LessOrEqual(t, a.empty, max(65, len(a.buckets)/2+1), "memory is bounded")
		}
	})
}
