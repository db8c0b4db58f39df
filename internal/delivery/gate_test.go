package delivery_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store/sqlite"
	"github.com/greenroom-live/greenroom/internal/testkit"
)

// pausable lets a test pause and resume the app: what the outbox would answer, and the announcement.
type pausable struct {
	h  *house
	mu sync.Mutex
	e  delivery.Endpoint
}

func newPausable(h *house) *pausable {
	p := &pausable{h: h}
	h.endpoint = func(e delivery.Endpoint) delivery.Endpoint {
		p.mu.Lock()
		defer p.mu.Unlock()
		e.Pause, e.Resumed = p.e.Pause, p.e.Resumed
		return e
	}
	return p
}

func (p *pausable) pause() {
	p.set(delivery.Endpoint{Pause: &delivery.Pause{Since: time.Now(), Reason: "the app moves"}})
}

func (p *pausable) resume() { p.set(delivery.Endpoint{Resumed: time.Now()}) }

func (p *pausable) set(e delivery.Endpoint) {
	p.mu.Lock()
	p.e = e
	p.mu.Unlock()
	p.h.delivery.EndpointChanged(app)
}

// until waits until the status is as it should be.
func (h *house) until(what string, is func(delivery.Status) bool) {
	h.t.Helper()
	require.Eventually(h.t, func() bool { return is(h.status()) }, 20*time.Second, time.Millisecond, what)
}

func (h *house) waitingIn(room live.RoomID) []delivery.Event {
	events, err := h.store.Pending(context.Background(), delivery.Lane{App: app, Room: room}, 0, 1000)
	require.NoError(h.t, err)
	return events
}

func TestNoAttemptBeginsAfterAPauseWasAnnounced(t *testing.T) {
	h := newHouse(t, nil)
	p := newPausable(h)
	h.start()
	var all sync.WaitGroup
	stop := make(chan struct{})
	for room := range 8 {
		all.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
					h.deleteKey(live.RoomID(fmt.Sprint("r", room)), fmt.Sprintf("%05d", i))
				}
			}
		})
	}
	for range 10 {
		h.server.Wait(len(h.server.Requests()) + 50)
		p.pause()
		// Those that were in flight end; then nothing more comes, whatever is committed.
		h.until("nothing is in flight", func(s delivery.Status) bool { return s.InFlight == 0 && s.Pause != nil })
		arrived := len(h.server.Requests())
		for i := range 5 {
			h.deleteKey("new", fmt.Sprint(i))
		}
		require.Equal(t, arrived, len(h.server.Requests()))
		require.Zero(t, h.status().Held, "nothing piles up in memory")
		p.resume()
	}
	close(stop)
	all.Wait()
	h.until("all is delivered", func(s delivery.Status) bool { return s.Lanes == 0 })
	ids := make(map[string]bool)
	for _, r := range h.server.Requests() {
		require.False(t, ids[r.ID()], "nothing is sent twice")
		ids[r.ID()] = true
	}
	for room, keys := range h.keysByRoom() {
		if room != "new" {
			require.IsIncreasing(t, keys, room)
		}
	}
}

func TestAnAttemptInFlightEndsWhileTheAppIsPaused(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) { a.Retry.Timeout = time.Hour })
	p := newPausable(h)
	release, _ := h.hold()
	h.start()
	h.deleteKey("r", "k1")
	h.deleteKey("r", "k2")
	h.server.Wait(1)
	p.pause()
	release()
	h.waitSettled(delivery.Delivered, 1)
	h.until("the lane waits", func(s delivery.Status) bool { return s.InFlight == 0 && s.Held == 0 && s.Lanes == 1 })
	require.Len(t, h.server.Requests(), 1)
	p.resume()
	h.waitSettled(delivery.Delivered, 2)
}

func TestAPauseOutlastsARestartAndItsReasonIsShown(t *testing.T) {
	h := newHouse(t, nil)
	p := newPausable(h)
	p.pause()
	h.deleteKey("r", "k1")
	h.start()
	h.until("the pause is known", func(s delivery.Status) bool { return s.Pause != nil && s.Held == 0 })
	h.deleteKey("r", "k2")
	h.deleteKey("s", "k3")
	h.restart()
	h.until("the lanes are found", func(s delivery.Status) bool { return s.Pause != nil && s.Lanes == 2 && s.Held == 0 })
	require.Equal(t, "the app moves", h.status().Pause.Reason)
	require.Empty(t, h.server.Requests())
	p.resume()
	h.waitSettled(delivery.Delivered, 3)
	require.Nil(t, h.status().Pause)
	require.Equal(t, []string{"k1", "k2"}, h.keysByRoom()["r"])
}

// The window is over long before the pause ends. Nothing is given up by that, neither what failed before it, nor what
// fails during it, nor what was never tried; and after it everything has a whole window.
func TestTheRetryWindowDoesNotRunWhileTheAppIsPaused(t *testing.T) {
	const window = 300 * time.Millisecond
	h := newHouse(t, func(a *delivery.App) { a.Retry.Window = window; a.Retry.Timeout = time.Hour })
	p := newPausable(h)
	h.server.AnswerStatus(http.StatusInternalServerError)
	h.start()
	h.deleteKey("failed", "k")
	h.until("it has failed", func(s delivery.Status) bool { return !s.LastFailure.IsZero() })
	held := make(chan struct{})
	h.server.Answer(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(bodyOf(r), `"fails"`) {
			<-held
		}
		w.WriteHeader(http.StatusInternalServerError)
	})
	h.deleteKey("fails", "k")
	h.until("it is in flight", func(delivery.Status) bool { return len(h.keysByRoom()["fails"]) == 1 })
	p.pause()
	h.deleteKey("new", "k")
	committed := time.Now()
	require.Eventually(t, func() bool { return time.Since(committed) > 2*window }, 20*time.Second, window/10)
	close(held)
	h.until("nothing is in flight", func(s delivery.Status) bool { return s.InFlight == 0 })
	for _, room := range []live.RoomID{"failed", "fails", "new"} {
		require.Len(t, h.waitingIn(room), 1, room)
	}
	h.server.Answer(nil)
	p.resume()
	h.waitSettled(delivery.Delivered, 3)
}

func TestA410PausesTheAppAndLosesNothing(t *testing.T) {
	h := newHouse(t, nil)
	var mu sync.Mutex
	var urls []string
	h.settle = func(o delivery.Outcome, pass func(delivery.Outcome)) {
		mu.Lock()
		urls = append(urls, o.Gone)
		mu.Unlock()
		pass(o)
	}
	h.server.AnswerStatus(http.StatusGone)
	h.start()
	h.deleteKey("r", "k1")
	h.until("it is paused", func(s delivery.Status) bool { return s.Pause != nil && s.InFlight == 0 })
	require.True(t, h.status().Pause.Gone)
	require.Contains(t, h.status().Pause.Reason, "410 Gone")
	h.deleteKey("r", "k2")
	h.deleteKey("s", "k3")
	require.Zero(t, h.status().Held)
	require.Len(t, h.server.Requests(), 1)
	mu.Lock()
	require.Equal(t, []string{h.server.URL + "/hook?tenant=eu1"}, urls)
	mu.Unlock()
	h.server.Answer(nil)
	h.configure(h.server.URL+"/new", "")
	h.waitSettled(delivery.Delivered, 3)
	require.Nil(t, h.status().Pause)
	require.Equal(t, []string{"k1", "k2"}, h.keysByRoom()["r"])
}

func TestA410OfAnOldURLPausesNothing(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) { a.Retry.Timeout = time.Hour })
	var gone atomic.Bool
	h.settle = func(o delivery.Outcome, pass func(delivery.Outcome)) {
		if o.Gone != "" {
			gone.Store(true)
		}
		pass(o)
	}
	changed := make(chan struct{})
	h.server.Answer(func(w http.ResponseWriter, _ *http.Request) {
		<-changed
		w.WriteHeader(http.StatusGone)
	})
	h.start()
	h.deleteKey("r", "k")
	h.server.Wait(1)
	h.configure(h.server.URL+"/new", "")
	h.server.Answer(nil)
	close(changed)
	h.waitSettled(delivery.Delivered, 1)
	require.False(t, gone.Load())
	require.Nil(t, h.status().Pause)
}

// failing makes the app server answer 503 until mend is called, and tells how many requests were there at once at most.
func (h *house) failing() (mend func(), most *atomic.Int64) {
	var at, mended atomic.Int64
	most = new(atomic.Int64)
	h.server.Answer(func(w http.ResponseWriter, _ *http.Request) {
		n := at.Add(1)
		defer at.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		if mended.Load() == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		succeed(w)
	})
	return func() { mended.Store(1) }, most
}

func isOpen(s delivery.Status) bool { return s.Breaker.State != delivery.Closed && s.InFlight <= 1 }

func TestWhileTheBreakerIsOpenThereIsOneProbeAtATimeOfOneRoomAfterTheOther(t *testing.T) {
	h := newHouse(t, nil)
	mend, most := h.failing()
	h.start()
	const rooms = 12
	h.emit(rooms, 3)
	h.until("the breaker opens", isOpen)
	most.Store(0)
	began := len(h.server.Requests())
	probes := h.server.Wait(began + 1 + 3*rooms)[began+1:]
	require.EqualValues(t, 1, most.Load())
	count := make(map[string]int)
	for _, r := range probes[:3*rooms] {
		count[r.Field(t, "RoomId").(string)]++
	}
	require.Len(t, count, rooms)
	for room, n := range count {
		require.InDelta(t, 3, n, 1, "the probes go round: %s", room)
	}
	s := h.status()
	require.Contains(t, s.Breaker.LastError, "503")
	require.NotZero(t, s.Breaker.Since)
	require.Contains(t, s.LastError, "503")
	require.NotZero(t, s.LastFailure)
	require.Zero(t, s.LastSuccess)
	mend()
	h.waitSettled(delivery.Delivered, 3*rooms)
	require.Equal(t, delivery.BreakerStatus{}, h.status().Breaker)
	require.NotZero(t, h.status().LastSuccess)
}

func TestNothingPilesUpInMemoryWhileTheBreakerIsOpen(t *testing.T) {
	h := newHouse(t, nil)
	h.server.AnswerStatus(http.StatusServiceUnavailable)
	h.start()
	h.emit(6, 1)
	h.until("the breaker opens", isOpen)
	h.emit(200, 8)
	h.until("the lanes wait", func(s delivery.Status) bool { return s.Lanes == 200 })
	for range 100 {
		require.LessOrEqual(t, h.status().Held, 4, "the probe's page")
	}
	h.server.Answer(nil)
	h.waitSettled(delivery.Delivered, 6+200*8)
	for room, keys := range h.keysByRoom() {
		if keys[0] == keys[1] {
			keys = keys[1:] // the first one, of before the breaker opened
		}
		require.IsIncreasing(t, keys, room)
	}
}

// After a success every lane is tried at once, also one whose own delay would be an hour. The success is that of a request
// which was under way when the breaker opened, or of a probe.
func TestASuccessMakesEveryLaneThatWaitsReady(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) {
		a.Retry.FirstDelay, a.Retry.MaxDelay, a.Retry.Timeout = time.Hour, time.Hour, time.Hour
	})
	held := make(chan struct{})
	h.server.Answer(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(bodyOf(r), `"slow"`) {
			<-held
			succeed(w)
			return
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	h.start()
	h.deleteKey("slow", "k")
	h.server.Wait(1)
	h.emit(9, 1)
	h.until("the breaker opens", func(s delivery.Status) bool { return s.Breaker.State == delivery.Open && s.InFlight == 1 })
	h.server.Answer(nil)
	close(held)
	h.waitSettled(delivery.Delivered, 10)
}

func TestOnePoisonousRoomCannotKeepTheBreakerOpen(t *testing.T) {
	h := newHouse(t, nil)
	h.server.AnswerStatus(http.StatusInternalServerError)
	h.start()
	h.emit(6, 1)
	h.until("the breaker opens", isOpen)
	h.server.Answer(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(bodyOf(r), "r00000") {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		succeed(w)
	})
	h.waitSettled(delivery.Delivered, 5)
	require.Equal(t, delivery.Closed, h.status().Breaker.State)
	h.server.Answer(nil)
	h.waitSettled(delivery.Delivered, 6)
}

func TestEventsAreGivenUpAtTheEndOfTheirWindowWhileTheBreakerIsOpen(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) { a.Retry.Window = 300 * time.Millisecond })
	var mu sync.Mutex
	reasons := make(map[string]int)
	h.settle = func(o delivery.Outcome, pass func(delivery.Outcome)) {
		if o.Fate == delivery.Dead {
			mu.Lock()
			why, _, _ := strings.Cut(o.Event.LastError, " since ")
			reasons[why]++
			mu.Unlock()
			require.Equal(t, o.Event.LastError, o.Attempt.Error)
			require.Positive(t, o.Attempt.Number)
		}
		pass(o)
	}
	h.server.AnswerStatus(http.StatusServiceUnavailable)
	h.start()
	h.emit(6, 1)
	h.until("the breaker opens", isOpen)
	h.emit(100, 7) // most of them are never tried
	h.waitSettled(delivery.Dead, 6+700)
	mu.Lock()
	require.Greater(t, reasons["it was not sent any more, because the app server has failed"], 600)
	mu.Unlock()
	h.until("nothing is left", func(s delivery.Status) bool { return s.Lanes == 0 && s.Held == 0 })
	require.Equal(t, delivery.Open, h.status().Breaker.State, "nobody has heard better")
	h.server.Answer(nil)
	h.deleteKey("r", "k") // is the probe
	h.waitSettled(delivery.Delivered, 1)
}

// Of lanes that are found on disk while the breaker is open it is not known when their heads were queued.
func TestEventsOfLanesThatWereNeverReadAreGivenUpAtTheEndOfTheirWindow(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) { a.Retry.Window = 200 * time.Millisecond })
	var unsent atomic.Int64
	h.settle = func(o delivery.Outcome, pass func(delivery.Outcome)) {
		if o.Fate == delivery.Dead && strings.Contains(o.Event.LastError, "not sent any more") {
			unsent.Add(1)
		}
		pass(o)
	}
	h.emit(300, 3)
	h.reopen()
	h.server.AnswerStatus(http.StatusServiceUnavailable)
	h.start()
	h.waitSettled(delivery.Dead, 900)
	require.Greater(t, unsent.Load(), int64(700))
}

func TestANewURLClosesTheBreaker(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) { a.Retry.FirstDelay = time.Hour; a.Retry.MaxDelay = time.Hour })
	moved := testkit.NewAppServer(t)
	h.server.Answer(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	h.start()
	h.emit(8, 2)
	h.until("the breaker opens", isOpen)
	h.configure(moved.URL, "")
	h.waitSettled(delivery.Delivered, 16)
	require.Equal(t, delivery.Closed, h.status().Breaker.State)
	require.Len(t, moved.Requests(), 16)
}

func TestRetryAfterIsWaitedForByTheSameEventAndByProbes(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) { a.Retry.MaxDelay = 10 * time.Second })
	h.server.Answer(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	h.start()
	h.emit(6, 1)
	h.server.Wait(7)
	for i, r := range h.server.Requests() {
		for _, earlier := range h.server.Requests()[:i] {
			if earlier.ID() == r.ID() {
				require.GreaterOrEqual(t, r.At.Sub(earlier.At), time.Second)
			}
		}
	}
	h.server.Answer(nil)
	h.waitSettled(delivery.Delivered, 6)
}

// A store that cannot write down what was delivered must not have everything sent, and kept in memory.
func TestWhatIsSentAndNotYetDurableIsBounded(t *testing.T) {
	const left, workers = 50, 4
	h := newHouse(t, func(a *delivery.App) { a.Concurrency = workers })
	var mu sync.Mutex
	var kept []delivery.Outcome
	stuck := true
	h.settle = func(o delivery.Outcome, pass func(delivery.Outcome)) {
		mu.Lock()
		defer mu.Unlock()
		if stuck {
			kept = append(kept, o)
			return
		}
		pass(o)
	}
	h.delivery.Owe(app, delivery.MaxUnsettled-left)
	h.emit(20, 15)
	h.start()
	h.server.Wait(left)
	h.until("nothing is in flight", func(s delivery.Status) bool { return s.InFlight == 0 })
	require.Less(t, len(h.server.Requests()), left+workers)
	mu.Lock()
	stuck = false
	for _, o := range kept {
		h.store.Settle(o)
	}
	mu.Unlock()
	h.waitSettled(delivery.Delivered, 300)
	require.Len(t, h.server.Requests(), 300)
}

// purge removes a room's events from the outbox, as operators can, and tells of it. It returns their ids.
func (h *house) purge(where string) (ids []string) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(h.dir, sqlite.FileName)+"?_pragma=busy_timeout(10000)")
	require.NoError(h.t, err)
	defer db.Close()
	rows, err := db.Query("DELETE FROM outbox WHERE " + where + " RETURNING id")
	require.NoError(h.t, err)
	defer rows.Close()
	for rows.Next() {
		var id string
		require.NoError(h.t, rows.Scan(&id))
		ids = append(ids, id)
	}
	require.NoError(h.t, rows.Err())
	h.delivery.Purged(app)
	return ids
}

func TestWhatIsPurgedIsNotSent(t *testing.T) {
	for name, status := range map[string]int{"the one in flight is delivered": 200, "the one in flight fails": 500} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, func(a *delivery.App) {
				a.Retry.FirstDelay, a.Retry.MaxDelay, a.Retry.Timeout = time.Hour, time.Hour, time.Hour
			})
			held := make(chan struct{})
			h.server.Answer(func(w http.ResponseWriter, r *http.Request) {
				if strings.Contains(bodyOf(r), `"k0"`) {
					<-held
					w.WriteHeader(status)
				}
				succeed(w)
			})
			h.start()
			for i := range 10 {
				h.deleteKey("r", fmt.Sprint("k", i))
			}
			h.server.Wait(1)
			require.Len(t, h.purge("room = 'r'"), 10)
			h.deleteKey("r", "k99")
			require.Zero(t, h.status().Held)
			close(held)
			h.server.Wait(2)
			require.Equal(t, []string{"k0", "k99"}, h.keysByRoom()["r"])
			h.until("nothing is left", func(s delivery.Status) bool { return s.Lanes == 0 })
			require.Len(t, h.server.Requests(), 2)
		})
	}
}

func TestWhatIsPurgedWhileItIsReadIsNotSent(t *testing.T) {
	h := newHouse(t, nil)
	for i := range 3 {
		h.deleteKey("r", fmt.Sprint("k", i))
	}
	var once sync.Once
	h.read = func() {
		once.Do(func() {
			require.Len(t, h.purge("true"), 3)
			h.deleteKey("r", "k3")
		})
	}
	h.start()
	h.waitSettled(delivery.Delivered, 1)
	require.Equal(t, []string{"k3"}, h.keysByRoom()["r"])
}

// A head that fails is not tried earlier because of a purge that leaves it; one that is purged does not hold up the next.
func TestAPurgeOfSomethingElseLeavesTheWaitOfTheHead(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) { a.Retry.FirstDelay, a.Retry.MaxDelay = time.Hour, time.Hour })
	h.server.AnswerStatus(http.StatusInternalServerError)
	h.start()
	h.deleteKey("r", "k0")
	h.waitSettled(delivery.Failed, 1)
	h.deleteKey("r", "k1")
	h.purge("room = 'another'")
	h.until("the lane is read again", func(s delivery.Status) bool { return s.Held > 0 })
	require.Len(t, h.server.Requests(), 1)
	h.server.Answer(nil)
	first := h.waitingIn("r")[0]
	require.Len(t, h.purge(fmt.Sprintf("seq = %d", first.Seq)), 1)
	h.waitSettled(delivery.Delivered, 1)
	require.Equal(t, []string{"k0", "k1"}, h.keysByRoom()["r"])
}

// Rooms are purged at random while events are committed and delivered and acknowledgement is slow: what was not purged
// arrives once and in order, what was purged arrives once or never.
func TestPurgesAtAnyMomentNeitherLoseNorRepeatNorReorderTheRest(t *testing.T) {
	h := newHouse(t, nil)
	outcomes := make(chan delivery.Outcome, 10_000)
	h.settle = func(o delivery.Outcome, _ func(delivery.Outcome)) { outcomes <- o }
	h.start()
	const rooms, each = 12, 120
	var writers, others sync.WaitGroup
	stop := make(chan struct{})
	others.Go(func() {
		var late []delivery.Outcome
		for {
			select {
			case o := <-outcomes:
				if late = append(late, o); len(late) > 60 {
					h.store.Settle(late[0])
					late = late[1:]
				}
			case <-stop:
				for _, o := range late {
					h.store.Settle(o)
				}
				for {
					select {
					case o := <-outcomes:
						h.store.Settle(o)
					case <-time.After(10 * time.Millisecond):
						if h.status().Lanes == 0 {
							return
						}
					}
				}
			}
		}
	})
	for room := range rooms {
		writers.Go(func() {
			for i := range each {
				h.deleteKey(live.RoomID(fmt.Sprint("r", room)), fmt.Sprintf("%03d", i))
			}
		})
	}
	purged := make(map[string]bool)
	for i := range 40 {
		for _, id := range h.purge(fmt.Sprintf("room = 'r%d'", i%rooms)) {
			purged[id] = true
		}
	}
	writers.Wait()
	close(stop)
	others.Wait()
	got := make(map[string]bool)
	last := make(map[string]string)
	for _, r := range h.server.Requests() {
		require.False(t, got[r.ID()], "nothing is sent twice")
		got[r.ID()] = true
		room, key := r.Field(t, "RoomId").(string), r.Field(t, "Keys").([]any)[0].(string)
		require.Greater(t, key, last[room])
		last[room] = key
	}
	missing := rooms*each - len(got)
	require.LessOrEqual(t, missing, len(purged))
	for id := range got {
		delete(purged, id)
	}
	require.Len(t, purged, missing, "only what was purged did not arrive")
}
