package delivery_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/testkit"
)

// bodyOf reads a request's body and its room.
func bodyOf(r *http.Request) string {
	body, _ := io.ReadAll(r.Body)
	return string(body)
}

func succeed(w http.ResponseWriter) { _, _ = io.WriteString(w, testkit.Success) }

// breakOff breaks off a request without an answer.
func breakOff(w http.ResponseWriter) {
	if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = c.Close()
	}
}

func (h *house) status() delivery.Status {
	s, ok := h.delivery.Status(app)
	require.True(h.t, ok)
	return s
}

// emit commits events of many rooms at once: for every round one of each room.
func (h *house) emit(rooms, rounds int) {
	require.NoError(h.t, h.store.Update(context.Background(), func(tx live.Tx) error {
		for i := range rooms * rounds {
			err := tx.Emit(live.Event{App: app, Room: live.RoomID(fmt.Sprintf("r%05d", i%rooms)), At: time.Now(),
				Change: live.MetadataDeleted{Keys: []string{fmt.Sprintf("%05d", i/rooms)}}})
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

func TestOrderHoldsInARoomPublishedSeriallyWith64WorkersAndAFlakyReceiver(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) { a.Concurrency = 64; a.Retry.PoisonAttempts = 0 })
	h.server.Answer(func(w http.ResponseWriter, _ *http.Request) {
		switch rand.N(10) {
		case 0:
			w.WriteHeader(http.StatusInternalServerError)
		case 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 2:
			breakOff(w)
		default:
			succeed(w)
		}
	})
	h.start()
	const rooms, each = 80, 25
	var all sync.WaitGroup
	for room := range rooms {
		all.Go(func() {
			for i := range each {
				h.deleteKey(live.RoomID(fmt.Sprint("r", room)), fmt.Sprintf("%03d", i))
			}
		})
	}
	all.Wait()
	h.waitSettled(delivery.Delivered, rooms*each)
	keys := h.keysByRoom()
	require.Len(t, keys, rooms)
	for room := range keys {
		require.Len(t, keys[room], each, room)
		require.IsIncreasing(t, keys[room], room)
	}
}

// Lanes leave memory and are read again while what they delivered is not durable for a long time, and while they are told
// again and again that something was purged.
func TestNothingIsSentTwiceWhileLanesLeaveMemoryAndAcknowledgementIsSlow(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) { a.Concurrency = 16 })
	outcomes := make(chan delivery.Outcome, 10_000)
	h.settle = func(o delivery.Outcome, _ func(delivery.Outcome)) { outcomes <- o }
	h.start()
	const rooms, each, events = 40, 50, 40 * 50
	var all sync.WaitGroup
	all.Go(func() { // acknowledges in order, but late
		var late []delivery.Outcome
		for range events {
			if late = append(late, <-outcomes); len(late) > events/4 {
				h.store.Settle(late[0])
				late = late[1:]
			}
		}
		for _, o := range late {
			h.store.Settle(o)
		}
	})
	for room := range rooms {
		all.Go(func() {
			for i := range each {
				h.deleteKey(live.RoomID(fmt.Sprint("r", room)), fmt.Sprintf("%03d", i))
				if i%10 == room%10 {
					h.delivery.Purged(app)
				}
			}
		})
	}
	all.Wait()
	h.waitSettled(delivery.Delivered, events)
	require.Len(t, h.server.Requests(), events)
	for room, keys := range h.keysByRoom() {
		require.Len(t, keys, each, room)
		require.IsIncreasing(t, keys, room)
	}
}

func TestTenOfTenEventsOfARoomSurvive500sHoweverLong(t *testing.T) {
	for name, others := range map[string]int{"alone": 0, "with others, so that the breaker opens": 8} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, nil)
			h.server.AnswerStatus(http.StatusInternalServerError)
			h.start()
			for i := range 10 {
				h.deleteKey("r", fmt.Sprint(i))
			}
			for i := range others {
				h.deleteKey(live.RoomID(fmt.Sprint("other", i)), "k")
			}
			h.server.Wait(60)
			h.server.Answer(nil)
			h.waitSettled(delivery.Delivered, 10+others)
			require.Equal(t, strings.Split("0123456789", ""), h.keysByRoom()["r"])
		})
	}
}

// poisonous answers 500 to everything of the room "bad" that has the key "poison", and goes on only when another room's
// event has been delivered since.
func (h *house) poisonous() (attempts *atomic.Int64) {
	attempts = new(atomic.Int64)
	h.server.Answer(func(w http.ResponseWriter, r *http.Request) {
		if body := bodyOf(r); !strings.Contains(body, `"poison"`) {
			succeed(w)
			return
		}
		n := int(attempts.Add(1))
		h.deleteKey(live.RoomID(fmt.Sprint("good", n%3)), fmt.Sprint(n))
		h.waitSettled(delivery.Delivered, n)
		w.WriteHeader(http.StatusInternalServerError)
	})
	return attempts
}

func TestAPoisonEventIsGivenUpAfterTenAttemptsAndItsRoomGoesOn(t *testing.T) {
	h := newHouse(t, nil)
	var dead delivery.Outcome
	h.settle = func(o delivery.Outcome, pass func(delivery.Outcome)) {
		if o.Fate == delivery.Dead {
			dead = o
		}
		pass(o)
	}
	attempts := h.poisonous()
	h.start()
	h.deleteKey("bad", "poison")
	h.deleteKey("bad", "next")
	h.waitSettled(delivery.Dead, 1)
	h.waitSettled(delivery.Delivered, 11)
	require.EqualValues(t, 10, attempts.Load())
	require.Equal(t, "poison: it failed 10 times in the same way while the app server took events of other rooms; "+
		"the last time: the answer's HTTP status is 500, not 200", dead.Event.LastError)
	require.Equal(t, []string{"poison", "next"}, h.keysByRoom()["bad"])
}

func TestTheSameEventIsNotGivenUpWhileEverythingFails(t *testing.T) {
	h := newHouse(t, nil)
	h.server.AnswerStatus(http.StatusInternalServerError)
	h.start()
	h.deleteKey("bad", "poison")
	h.deleteKey("good", "k")
	h.server.Wait(40) // the poison event's share is more than ten
	h.server.Answer(nil)
	h.waitSettled(delivery.Delivered, 2)
}

// The dead app's connections all hang, each in another way, until every event of the other apps has arrived.
func TestADeadAppDelaysNoOther(t *testing.T) {
	const healthy, rooms, each = 4, 5, 6
	release := make(chan struct{})
	var hanging sync.WaitGroup
	hanging.Add(4)
	h := newHouse(t, func(a *delivery.App) { a.Concurrency = 4; a.Retry.Timeout = time.Hour })
	ways := make(chan func(w http.ResponseWriter, r *http.Request), 4)
	hang := func(step func(w http.ResponseWriter)) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, r *http.Request) {
			step(w)
			_ = http.NewResponseController(w).Flush()
			hanging.Done()
			select {
			case <-release:
			case <-r.Context().Done():
			}
		}
	}
	ways <- hang(func(http.ResponseWriter) {})                                                 // never answers
	ways <- hang(func(w http.ResponseWriter) { w.WriteHeader(http.StatusOK) })                 // a header, never a body
	ways <- hang(func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"ActionStatus":`) }) // half a body
	ways <- hang(func(w http.ResponseWriter) {                                                 // a body that does not end
		w.Header().Set("Content-Length", "50000")
		_, _ = io.WriteString(w, strings.Repeat(" ", 40000))
	})
	h.server.Answer(func(w http.ResponseWriter, r *http.Request) { (<-ways)(w, r) })
	h.others = nil
	servers := make(map[live.AppID]*testkit.AppServer)
	for i := range healthy {
		other := h.app
		other.ID += live.AppID(i) + 1
		h.others = append(h.others, other)
		servers[other.ID] = testkit.NewAppServer(t)
	}
	h.reopen()
	for id, server := range servers {
		h.configureApp(id, server.URL, "")
	}
	h.start()
	for i := range 20 {
		h.deleteKey(live.RoomID(fmt.Sprint("r", i)), "k")
	}
	hanging.Wait()
	for i := range each {
		for room := range rooms {
			for id := range servers {
				h.deleteKeyOf(id, live.RoomID(fmt.Sprint("r", room)), fmt.Sprint(i))
			}
		}
	}
	h.waitSettled(delivery.Delivered, healthy*rooms*each)
	require.Equal(t, 4, h.status().InFlight, "the dead app's requests still hang")
	for _, server := range servers {
		require.Len(t, server.Requests(), rooms*each)
	}
	h.server.Answer(nil)
	close(release)
	h.waitSettled(delivery.Delivered, healthy*rooms*each+20)
}

// What is handed over by commits, and what a drain reads, keeps to the bound: so many events and a turn for each worker.
func TestADrainHoldsABoundedNumberOfEvents(t *testing.T) {
	const rooms, each, workers, turn, bound = 40, 100, 4, 32, 2000
	h := newHouse(t, func(a *delivery.App) { a.Concurrency = workers })
	h.emit(rooms, each)
	h.window = each
	h.options = func(o *delivery.Options) { o.MaxHeld = bound }
	h.reopen() // so that all of it is read from the outbox
	var most atomic.Int64
	h.server.Answer(func(w http.ResponseWriter, _ *http.Request) {
		n := int64(h.status().Held)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		succeed(w)
	})
	h.start()
	h.server.Wait(rooms*turn + 2*turn*workers) // every lane has had a turn
	require.LessOrEqual(t, most.Load(), int64(bound+workers*turn))
	require.Greater(t, most.Load(), int64(bound*3/4), "memory is used")
}
