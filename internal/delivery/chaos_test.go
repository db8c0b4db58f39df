package delivery_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
)

const gone = 4 // the mood of an app server that answers 410

// moods is an app server whose mood changes: it takes webhooks, fails some or all of them, asks for patience, is gone or
// hangs up.
func (h *house) moods() *atomic.Int64 {
	mood := new(atomic.Int64)
	h.server.Answer(func(w http.ResponseWriter, _ *http.Request) {
		switch m := mood.Load(); {
		case m == 0 || m == 1 && rand.IntN(2) == 0:
			succeed(w)
		case m == 3:
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
		case m == gone && rand.IntN(10) == 0:
			w.WriteHeader(http.StatusGone)
		case m == 5:
			panic(http.ErrAbortHandler)
		default:
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	return mood
}

// Whatever happened before, in whatever order: when the app server takes webhooks and nothing is paused, no room waits for
// what does not come, nothing is lost, and each room is in order.
func TestNoRoomIsLeftWaiting(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) { a.Retry.MaxDelay, a.Retry.PoisonAttempts = 20*time.Millisecond, 0 })
	var unreadable atomic.Bool
	h.pending = func() error {
		if unreadable.Load() && rand.IntN(20) == 0 {
			return errors.New("the disk is on strike")
		}
		return nil
	}
	mood := h.moods()
	h.start()
	const rooms = 30
	var emitted [rooms]int
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for room := range rooms {
		writers.Go(func() {
			for ; ; emitted[room]++ {
				select {
				case <-stop:
					return
				case <-time.After(rand.N(10 * time.Millisecond)):
					h.deleteKey(live.RoomID(fmt.Sprint("r", room)), fmt.Sprintf("%05d", emitted[room]))
				}
			}
		})
	}
	for round := range 160 {
		kind := rand.IntN(6)
		if round == 80 { // from here on nothing comes that makes every room go on
			mood.Store(0)
			require.NoError(t, h.store.Resume(t.Context(), app))
			h.configure(h.server.URL, "") // a 410 that is under way is one of another URL
		}
		if round >= 80 {
			kind = 3 + rand.IntN(3)
		}
		switch kind {
		case 0:
			require.NoError(t, h.store.Pause(t.Context(), app, "a moment"))
		case 1:
			require.NoError(t, h.store.Resume(t.Context(), app))
		case 2:
			h.configure(fmt.Sprint(h.server.URL, "/", rand.Int()), "")
		case 3:
			h.delivery.Purged(app) // of what was not there: all is read again
		case 4:
			unreadable.Store(!unreadable.Load())
		default:
			if mood.Store(rand.Int64N(6)); round >= 80 && mood.Load() == gone {
				mood.Store(0)
			}
		}
		time.Sleep(rand.N(40 * time.Millisecond))
	}
	close(stop)
	writers.Wait()
	unreadable.Store(false)
	mood.Store(0)
	h.until("nothing waits", func(s delivery.Status) bool { return s.Lanes == 0 })
	require.Zero(t, h.status().Held)
	keys := h.keysByRoom()
	for room := range rooms {
		got := keys[fmt.Sprint("r", room)]
		require.Len(t, got, emitted[room])
		if len(got) > 1 {
			require.IsIncreasing(t, got)
		}
	}
}
