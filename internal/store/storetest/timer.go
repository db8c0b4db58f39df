package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

func timer(app live.AppID, room live.RoomID, key string, at int64) live.Timer {
	return live.Timer{App: app, Kind: "bell", Room: room, Key: key, At: time.UnixMilli(at)}
}

func (f *fixture) put(timers ...live.Timer) {
	f.t.Helper()
	f.update(func(tx live.Tx) (err error) {
		for _, t := range timers {
			err = errors.Join(err, tx.PutTimer(t))
		}
		return err
	})
}

// due holds what is due at a time, up to limit, against what was expected, in order.
func (f *fixture) due(at int64, limit int, want ...live.Timer) {
	f.t.Helper()
	f.view(func(r live.Reader) {
		got, err := r.DueTimers(time.UnixMilli(at), limit)
		require.NoError(f.t, err)
		require.Equal(f.t, want, got)
	})
}

// next holds when the earliest timer is due against what was expected; 0 when there is none.
func (f *fixture) next(want int64) {
	f.t.Helper()
	f.view(func(r live.Reader) {
		at, ok, err := r.NextTimer()
		require.NoError(f.t, err)
		require.Equal(f.t, want != 0, ok)
		if ok {
			require.Equal(f.t, time.UnixMilli(want), at)
		}
	})
}

func timerRows(t *testing.T, f *fixture) {
	f.next(0)
	f.due(1<<50, 10)
	a, b, c, d := timer(app, "", "a", 3000), timer(other, room, "b", 1000), timer(app, room, "a", 2001), timer(app, room, "", 2000)
	f.put(a, b, c, d)
	f.next(1000)
	f.due(999, 10)
	f.due(2000, 10, b, d)
	f.due(5000, 10, b, d, c, a)
	f.due(5000, 2, b, d)
	b.At = time.UnixMilli(4000)
	f.put(b)
	f.next(2000)
	f.due(5000, 10, d, c, a, b)
	f.reopen()
	f.due(5000, 10, d, c, a, b)
	f.update(func(tx live.Tx) error {
		return errors.Join(tx.DeleteTimer(d), tx.DeleteTimer(timer(app, "none", "", 0)))
	})
	f.due(5000, 10, c, a, b)
	f.view(func(r live.Reader) {
		got, ok, err := r.Timer(timer(app, room, "a", 0))
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, c, got)
		for _, none := range []live.Timer{d, timer(other, "", "a", 0), {App: app, Kind: "gong", Key: "a"}} {
			_, ok, err := r.Timer(none)
			require.NoError(t, err)
			require.False(t, ok)
		}
	})
}

func roomTimers(t *testing.T, f *fixture) {
	its, elsewhere, others, none := timer(app, room, "a", 1), timer(app, "another", "a", 2), timer(other, room, "a", 3), timer(app, "", "a", 4)
	f.put(its, elsewhere, others, none)
	f.update(func(tx live.Tx) error { return tx.DeleteRoom(app, room) })
	f.due(10, 10, elsewhere, others, none)
}

func timersTold(t *testing.T, f *fixture) {
	told := func() (n int) {
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, c := range f.commits {
			if c.Timers {
				n++
			}
		}
		return n
	}
	f.put(timer(app, room, "a", 1))
	require.Equal(t, 1, told(), "the clock hears of a timer that was set")
	refusal := errors.New("refused")
	err := f.Update(ctx, func(tx live.Tx) error { return errors.Join(tx.PutTimer(timer(app, room, "b", 2)), refusal) })
	require.ErrorIs(t, err, refusal)
	f.update(func(tx live.Tx) error { return tx.PutAdmin(app, room, "mod") })
	f.update(func(tx live.Tx) error { return tx.DeleteTimer(timer(app, room, "none", 0)) })
	require.Equal(t, 1, told(), "and of no other update")
	f.due(10, 10, timer(app, room, "a", 1))
}
