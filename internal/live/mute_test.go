package live_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/internal/store/sqlite"
)

// mutings returns what the room's clients were told of mutes since it was last asked.
func (w *world) mutings() (told []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.changes {
		if c, ok := e.Change.(live.MembersMuted); ok {
			for _, m := range c.Members {
				told = append(told, fmt.Sprint(m.ID, " ", c.Muted, " by ", e.By.User))
			}
		}
	}
	w.changes = nil
	return told
}

// clocked is hosted with its store at hand and a clock that the test moves.
func clocked(t *testing.T) (w *world, rows *sqlite.Store, later func(time.Duration)) {
	t.Helper()
	w = &world{t: t}
	rows, err := sqlite.Open(sqlite.Options{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler), Metrics: observe.NewMetrics()}, w)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rows.Close()) })
	now := began
	w.Service = live.NewService(rows, nil, []*live.App{{ID: app, SecretKey: key}}, live.DefaultLimits, func() time.Time { return now })
	w.host()
	return w, rows, func(d time.Duration) { now = now.Add(d) }
}

// TestTheRoomHearsWhenAMuteEnds: at its second, once, and whatever was done to the mute before.
func TestTheRoomHearsWhenAMuteEnds(t *testing.T) {
	w, _, later := clocked(t)
	mute := func(seconds int, users ...live.UserID) {
		t.Helper()
		require.NoError(t, w.MuteMembers(ctx, by(live.KindAdmin, "administrator"), room, users, seconds))
	}
	fires := func(n int) {
		t.Helper()
		fired, err := w.FireTimers(ctx)
		require.NoError(t, err)
		require.Equal(t, n, fired)
	}
	w.mutings()
	mute(60, "short", "longer", "lifted", "forever")
	require.Equal(t, []string{"short true by administrator", "longer true by administrator", "lifted true by administrator", "forever true by administrator"}, w.mutings())
	mute(600, "longer")
	mute(0, "lifted")
	mute(live.SecondsForever, "forever")
	require.Equal(t, []string{"lifted false by administrator"}, w.mutings())

	later(60*time.Second + 555*time.Millisecond)
	fires(0)
	later(time.Millisecond)
	fires(1)
	require.Equal(t, []string{"short false by @TIM#SYSTEM"}, w.mutings())
	fires(0)

	later(time.Hour)
	mute(60, "longer") // before the clock came to tell of the end: for the room it never ended
	require.Empty(t, w.mutings())
	fires(0)
	later(time.Hour)
	mute(0, "longer") // the room is told by this call, and not again
	require.Equal(t, []string{"longer false by administrator"}, w.mutings())
	fires(0)

	later(200 * 365 * 24 * time.Hour)
	fires(0)
	require.Empty(t, w.mutings(), "for ever has no end")
	mute(0, "forever")
	require.Equal(t, []string{"forever false by administrator"}, w.mutings())
}

func TestAMuteGoesWithItsRoom(t *testing.T) {
	w, _, later := clocked(t)
	w.enter("fan")
	require.NoError(t, w.MuteMembers(ctx, user("host"), room, []live.UserID{"fan"}, 60))
	require.True(t, w.enter("fan").Muted)
	_, err := w.DestroyRoom(ctx, user("host"), room)
	require.NoError(t, err)
	w.host()
	later(time.Hour)
	fired, err := w.FireTimers(ctx)
	require.NoError(t, err)
	require.Zero(t, fired)
	require.False(t, w.enter("fan").Muted)
}
