package live_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/internal/store"
	"github.com/greenroom-live/greenroom/internal/store/sqlite"
)

const alarm live.TimerKind = "alarm of a test"

// clockwork is a service whose timers write down what they did.
type clockwork struct {
	*live.Service
	t    *testing.T
	dir  string
	rows *sqlite.Store

	mu    sync.Mutex
	time  time.Time
	rings chan string
}

func newClockwork(t *testing.T) *clockwork {
	c := &clockwork{t: t, dir: t.TempDir(), time: began, rings: make(chan string, 1000)}
	live.OnTimer(t, alarm, c.ring)
	c.open()
	t.Cleanup(func() { require.NoError(t, c.rows.Close()) })
	return c
}

func (c *clockwork) open() {
	c.t.Helper()
	var err error
	c.rows, err = sqlite.Open(sqlite.Options{
		Dir: c.dir, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Metrics: observe.NewMetrics(),
	}, c)
	require.NoError(c.t, err)
	c.serve(app, app+1, app+2, app+3, app+4)
}

// serve makes the service anew, for these apps.
func (c *clockwork) serve(ids ...live.AppID) {
	var apps []*live.App
	for _, id := range ids {
		apps = append(apps, &live.App{ID: id, SecretKey: key})
	}
	c.Service = live.NewService(c.rows, nil, apps, live.DefaultLimits, c.now)
}

// Committed implements store.Listener.
func (c *clockwork) Committed(commit store.Commit) {
	if commit.Timers {
		c.TimersChanged()
	}
}

func (c *clockwork) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.time
}

// ring is what a timer does.
func (c *clockwork) ring(_ live.Tx, t live.Timer) error {
	c.rings <- t.Key
	return nil
}

// put sets a timer of that key to so many seconds after began.
func (c *clockwork) put(key string, seconds int) {
	c.t.Helper()
	c.update(func(tx live.Tx) error { return tx.PutTimer(alarmOf(key, seconds)) })
}

func alarmOf(key string, seconds int) live.Timer {
	return live.Timer{App: app, Kind: alarm, Key: key, At: began.Add(time.Duration(seconds) * time.Second)}
}

func (c *clockwork) update(f func(live.Tx) error) {
	c.t.Helper()
	require.NoError(c.t, c.rows.Update(ctx, f))
}

// at moves the clock to so many seconds after began and returns the keys of the timers that rang then.
func (c *clockwork) at(seconds int) []string {
	c.t.Helper()
	c.mu.Lock()
	c.time = began.Add(time.Duration(seconds) * time.Second)
	c.mu.Unlock()
	_, err := c.FireTimers(ctx)
	require.NoError(c.t, err)
	return c.heard()
}

// heard returns the keys of the timers that have rung.
func (c *clockwork) heard() (keys []string) {
	for {
		select {
		case k := <-c.rings:
			keys = append(keys, k)
		default:
			return keys
		}
	}
}

func TestATimerRingsOnceWhenItIsDue(t *testing.T) {
	c := newClockwork(t)
	c.put("a", 10)
	require.Empty(t, c.at(9))
	require.Equal(t, []string{"a"}, c.at(10))
	require.Empty(t, c.at(1000))
}

func TestATimerSetAnewRingsOnceAtTheNewTime(t *testing.T) {
	c := newClockwork(t)
	c.put("later", 10)
	c.put("later", 30)
	c.put("earlier", 30)
	c.put("earlier", 20)
	require.Empty(t, c.at(19))
	require.Equal(t, []string{"earlier"}, c.at(20))
	require.Empty(t, c.at(29))
	require.Equal(t, []string{"later"}, c.at(30))
	require.Empty(t, c.at(1000))
}

func TestADeletedTimerNeverRings(t *testing.T) {
	c := newClockwork(t)
	c.put("gone", 10)
	c.put("there", 10)
	c.update(func(tx live.Tx) error { return tx.DeleteTimer(alarmOf("gone", 0)) })
	require.Equal(t, []string{"there"}, c.at(1000))
}

func TestTimersRingInTheOrderOfTheirTimes(t *testing.T) {
	c := newClockwork(t)
	for i, seconds := range []int{50, 10, 40, 20, 30} {
		c.put(fmt.Sprint(seconds, " s"), seconds)
		c.update(func(tx live.Tx) error {
			between := alarmOf(fmt.Sprint(seconds+5, " s"), seconds+5)
			between.App, between.Room = app+live.AppID(i), "r"
			return tx.PutTimer(between)
		})
	}
	require.Equal(t, []string{"10 s", "15 s", "20 s", "25 s", "30 s", "35 s", "40 s"}, c.at(40))
	require.Equal(t, []string{"45 s", "50 s", "55 s"}, c.at(60))
}

func TestVeryManyTimersAreAllDone(t *testing.T) {
	c := newClockwork(t)
	c.update(func(tx live.Tx) (err error) {
		for i := range 600 {
			err = errors.Join(err, tx.PutTimer(alarmOf(fmt.Sprint(i), 10)))
		}
		return err
	})
	require.Len(t, c.at(10), 600)
}

func TestATimerThatFailsIsPutOffAndHoldsUpNobody(t *testing.T) {
	c := newClockwork(t)
	refusal := errors.New("not today")
	broken := true
	live.OnTimer(t, alarm, func(tx live.Tx, timer live.Timer) error {
		if timer.Key == "bad" && broken {
			return errors.Join(tx.PutMetadata(app, room, live.Pair{Key: "half", Value: "done"}), refusal)
		}
		return c.ring(tx, timer)
	})
	c.put("bad", 10)
	c.put("good", 20)
	c.time = began.Add(time.Minute)
	fired, err := c.FireTimers(ctx)
	require.ErrorIs(t, err, refusal)
	require.ErrorContains(t, err, string(alarm))
	require.Equal(t, 1, fired)
	require.Equal(t, []string{"good"}, c.heard())
	require.NoError(t, c.rows.View(ctx, func(r live.Reader) error {
		half, err := r.Metadata(app, room)
		require.Empty(t, half, "nothing remains of what failed")
		kept, ok, found := r.Timer(alarmOf("bad", 0))
		require.True(t, ok)
		require.Equal(t, alarmOf("bad", 70), kept, "ten seconds from now")
		return errors.Join(err, found)
	}))
	broken = false
	require.Empty(t, c.at(69))
	require.Equal(t, []string{"bad"}, c.at(70))
}

// TestManyTimersThatFailHoldUpNobody has more of them than are read at once, all earlier than the good ones.
func TestManyTimersThatFailHoldUpNobody(t *testing.T) {
	c := newClockwork(t)
	attempts := make(map[string]int)
	live.OnTimer(t, alarm, func(tx live.Tx, timer live.Timer) error {
		attempts[timer.Key]++
		if timer.Key[0] == 'b' {
			return errors.New("never")
		}
		return c.ring(tx, timer)
	})
	const bad, good = 600, 20
	c.update(func(tx live.Tx) (err error) {
		for i := range bad {
			err = errors.Join(err, tx.PutTimer(alarmOf(fmt.Sprint("bad", i), 1)))
		}
		for i := range good {
			err = errors.Join(err, tx.PutTimer(alarmOf(fmt.Sprint("good", i), 2)))
		}
		return err
	})
	c.time = began.Add(3 * time.Second)
	fired, err := c.FireTimers(ctx)
	require.Equal(t, good, fired)
	require.Len(t, c.heard(), good)
	require.ErrorContains(t, err, "never")
	require.ErrorContains(t, err, "and 590 more timers failed")
	require.Less(t, len(err.Error()), 2000, "a log can hold it")
	for i := range bad {
		require.Contains(t, []int{1, 2}, attempts[fmt.Sprint("bad", i)], "once with others, once alone")
	}
}

// TestAPanicOfATimerHoldsUpNobody lets the first of timers that share a transaction panic after another has written.
func TestAPanicOfATimerHoldsUpNobody(t *testing.T) {
	c := newClockwork(t)
	live.OnTimer(t, alarm, func(tx live.Tx, timer live.Timer) error {
		if timer.Key == "b" {
			panic("out of order")
		}
		if err := tx.PutMetadata(app, room, live.Pair{Key: timer.Key, Value: "rang"}); err != nil {
			return err
		}
		return c.ring(tx, timer)
	})
	for i, key := range []string{"a", "b", "c"} {
		c.put(key, i)
	}
	c.time = began.Add(time.Minute)
	fired, err := c.FireTimers(ctx)
	require.ErrorContains(t, err, "out of order")
	require.Equal(t, 2, fired)
	require.NoError(t, c.rows.View(ctx, func(r live.Reader) error {
		pairs, err := r.Metadata(app, room)
		require.Equal(t, []live.Pair{{Key: "a", Value: "rang"}, {Key: "c", Value: "rang"}}, pairs)
		return err
	}))
}

func TestTimersStopWhenTheClockIsStopped(t *testing.T) {
	c := newClockwork(t)
	stopped, stop := context.WithCancel(ctx)
	live.OnTimer(t, alarm, func(tx live.Tx, timer live.Timer) error {
		stop()
		return c.ring(tx, timer)
	})
	c.update(func(tx live.Tx) (err error) {
		for i := range 600 {
			err = errors.Join(err, tx.PutTimer(alarmOf(fmt.Sprintf("%03d", i), 0)))
		}
		return err
	})
	fired, err := c.FireTimers(stopped)
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, fired, 100, "what has begun is carried through, and no more")
	require.Len(t, c.heard(), fired)
	live.OnTimer(t, alarm, c.ring)
	require.Len(t, c.at(1), 600-fired, "the others at the next start, each once")
}

func TestTimersOfAnAppThatIsNotServedWaitForIt(t *testing.T) {
	c := newClockwork(t)
	c.serve(app + 1)
	c.put("of the other app", 10)
	require.Empty(t, c.at(20))
	require.Empty(t, c.at(20+3600))
	c.serve(app)
	require.Empty(t, c.at(20+3601))
	require.Equal(t, []string{"of the other app"}, c.at(20+7200))
}

func TestWhatATimerDoesToOthersHoldsAtOnce(t *testing.T) {
	c := newClockwork(t)
	live.OnTimer(t, alarm, func(tx live.Tx, timer live.Timer) error {
		var err error
		if timer.Key == "first" {
			_, itself, _ := tx.Timer(timer)
			require.False(t, itself, "it is removed before it rings")
			err = errors.Join(tx.PutTimer(alarmOf("first", 30)), tx.DeleteTimer(alarmOf("second", 0)), tx.PutTimer(alarmOf("third", 40)))
		}
		return errors.Join(err, c.ring(tx, timer))
	})
	c.put("first", 10)
	c.put("second", 11)
	c.put("third", 12)
	require.Equal(t, []string{"first"}, c.at(20))
	require.Empty(t, c.at(29))
	require.Equal(t, []string{"first"}, c.at(30), "it may set itself again")
}

func TestATimerOfAKindThatIsNotKnownIsDropped(t *testing.T) {
	c := newClockwork(t)
	unknown := live.Timer{App: app, Kind: "of a newer version", At: began}
	c.update(func(tx live.Tx) error { return tx.PutTimer(unknown) })
	require.Empty(t, c.at(0))
	require.NoError(t, c.rows.View(ctx, func(r live.Reader) error {
		_, ok, err := r.Timer(unknown)
		require.False(t, ok)
		return err
	}))
}

func TestTimersSurviveARestart(t *testing.T) {
	c := newClockwork(t)
	c.put("missed", 10)
	c.put("later", 100)
	require.NoError(t, c.rows.Close())
	c.open()
	require.Equal(t, []string{"missed"}, c.at(50))
	require.Equal(t, []string{"later"}, c.at(100))
}

func TestARoomsTimersGoWithIt(t *testing.T) {
	c := newClockwork(t)
	for _, id := range []live.RoomID{"gone", "there"} {
		_, err := c.CreateRoom(ctx, admin, live.RoomSpec{ID: id, Type: live.RoomTypeLive})
		require.NoError(t, err)
		c.update(func(tx live.Tx) error {
			return tx.PutTimer(live.Timer{App: app, Kind: alarm, Room: id, Key: "of " + string(id), At: began})
		})
	}
	c.put("of no room", 0)
	_, err := c.DestroyRoom(ctx, admin, "gone")
	require.NoError(t, err)
	rang := c.at(10)
	slices.Sort(rang)
	require.Equal(t, []string{"of no room", "of there"}, rang)
}

// run runs the clock until the test ends. Failures go to the returned channel.
func (c *clockwork) run() <-chan error {
	ctx, cancel := context.WithCancel(ctx)
	failures, ended := make(chan error, 1000), make(chan struct{})
	go func() {
		defer close(ended)
		c.RunTimers(ctx, func(err error) { failures <- err })
	}()
	c.t.Cleanup(func() { cancel(); <-ended })
	return failures
}

const patience = 10 * time.Second

func await[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		require.FailNow(t, "nothing came")
		panic("unreachable")
	}
}

func TestTheClockWakesForATimerThatIsSetWhileItSleeps(t *testing.T) {
	c := newClockwork(t)
	c.put("already due", 0)
	c.put("tomorrow", 24*3600)
	c.run()
	require.Equal(t, "already due", await(t, c.rings))
	c.put("now", 0) // the clock would look by itself a minute from now
	require.Equal(t, "now", await(t, c.rings))
}

func TestTheClockWakesWhenATimerIsDue(t *testing.T) {
	c := newClockwork(t)
	c.Service = live.NewService(c.rows, nil, []*live.App{{ID: app, SecretKey: key}}, live.DefaultLimits, time.Now)
	due := time.Now().Add(50 * time.Millisecond)
	c.update(func(tx live.Tx) error { return tx.PutTimer(live.Timer{App: app, Kind: alarm, Key: "soon", At: due}) })
	c.run()
	require.Equal(t, "soon", await(t, c.rings))
	require.False(t, time.Now().Before(due.Truncate(time.Millisecond)))
}

func TestTheClockTellsOfFailuresAndGoesOn(t *testing.T) {
	c := newClockwork(t)
	refusal := errors.New("not today")
	attempts := 0
	live.OnTimer(t, alarm, func(tx live.Tx, timer live.Timer) error {
		if timer.Key == "bad" {
			if attempts++; attempts <= 2 {
				return refusal
			}
		}
		return c.ring(tx, timer)
	})
	c.put("bad", 0)
	failures := c.run()
	require.ErrorIs(t, await(t, failures), refusal)
	c.put("good", 0)
	require.Equal(t, "good", await(t, c.rings), "at once")
	c.mu.Lock()
	c.time = began.Add(time.Minute)
	c.mu.Unlock()
	c.TimersChanged()
	require.Equal(t, "bad", await(t, c.rings))
	require.Empty(t, failures)
}

// TestTheClockGoesOnWhenTheStoreComesBack has a database that somebody else has locked for a while.
func TestTheClockGoesOnWhenTheStoreComesBack(t *testing.T) {
	c := newClockwork(t)
	c.put("late", 0)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(c.dir, sqlite.FileName))
	require.NoError(t, err)
	defer db.Close()
	lock, err := db.Conn(ctx)
	require.NoError(t, err)
	_, err = lock.ExecContext(ctx, "BEGIN IMMEDIATE")
	require.NoError(t, err)
	failures := c.run()
	require.ErrorContains(t, await(t, failures), "locked")
	_, err = lock.ExecContext(ctx, "ROLLBACK")
	require.NoError(t, err)
	require.NoError(t, lock.Close())
	require.Equal(t, "late", await(t, c.rings))
}
