package delivery_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/testkit"
	"github.com/greenroom-live/greenroom/webhook"
)

var megabyte = []byte(strings.Repeat(" ", 1<<20))

// pour answers with so many megabytes, or without end, and counts the bytes that went out.
func pour(megabytes int, poured *atomic.Int64) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for i := 0; megabytes == 0 || i < megabytes; i++ {
			n, err := w.Write(megabyte)
			poured.Add(int64(n))
			if err != nil || r.Context().Err() != nil {
				return
			}
		}
	}
}

// TestALongAnswerIsCutOffAndItsEventTriedAgain: of 10 MB and of an answer without end no more is taken than 64 KiB and
// what was under way by then, and memory grows with neither; over HTTP/1.1 and HTTP/2.
func TestALongAnswerIsCutOffAndItsEventTriedAgain(t *testing.T) {
	const underWay = 16 << 20 // buffers of the operating system
	for _, http2 := range []bool{false, true} {
		for _, megabytes := range []int{10, 0} {
			t.Run(fmt.Sprint(http2, megabytes), func(t *testing.T) {
				ours := newAuthority(t)
				h := newHouse(t, func(a *delivery.App) { a.CAs, a.Retry.Timeout = ours.pool(), 20*time.Second })
				if http2 {
					h.configure(ours.serve(h.server, true, nil).URL, "")
				}
				poured := new(atomic.Int64)
				h.server.Answer(pour(megabytes, poured))
				const attempts = 20
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				for range attempts {
					trial := h.try(t)
					require.Equal(t, "the answer is longer than 65536 bytes", trial.Reason)
					require.Len(t, trial.Answer.Body, 64<<10)
				}
				runtime.ReadMemStats(&after)
				// The app server of the test allocates in the same place.
				require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(attempts*3<<20), "bytes allocated, at any time")
				if megabytes == 0 {
					require.Less(t, poured.Load(), int64(attempts*underWay))
				}
				h.start()
				h.deleteKey("r", "k")
				h.server.Wait(attempts + 2)
				h.server.Answer(nil)
				h.waitSettled(delivery.Delivered, 1)
			})
		}
	}
}

// TestAnswersThatDoNotEndKeepMemoryBounded: while every connection of an app holds an answer that does not end, what is
// held of each is no more than what is ever read. The app server sends as much as it is let.
func TestAnswersThatDoNotEndKeepMemoryBounded(t *testing.T) {
	ours := newAuthority(t)
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprint(http2), func(t *testing.T) {
			const flying = 32
			h := newHouse(t, func(a *delivery.App) {
				a.CAs, a.Concurrency, a.Retry.Timeout = ours.pool(), flying, 30*time.Second
			})
			if http2 {
				h.configure(ours.serve(h.server, true, nil).URL, "")
			}
			held, sent := make(chan struct{}), make(chan struct{}, flying)
			h.server.Answer(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write(megabyte[:60_000])
				_ = http.NewResponseController(w).Flush()
				sent <- struct{}{}
				<-held
			})
			h.start()
			before := heap()
			for i := range flying {
				h.deleteKey(live.RoomID(fmt.Sprint("r", i)), "k")
			}
			for range flying {
				<-sent
			}
			grown := heap() - before
			h.server.Answer(nil)
			close(held)
			h.waitSettled(delivery.Delivered, flying)
			require.Less(t, grown, int64(flying*(512<<10)), "bytes of memory for %d answers in flight, both ends together", flying)
		})
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestHeadersWithoutEndAreCutOff, and so are informational answers and trailers.
func TestHeadersWithoutEndAreCutOff(t *testing.T) {
	ours := newAuthority(t)
	h := newHouse(t, func(a *delivery.App) { a.CAs = ours.pool() })
	many := func(h http.Header) {
		for i := range 2000 {
			h.Set(fmt.Sprint("X-Header-", i), strings.Repeat("x", 100))
		}
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		http1  string
	}{
		"headers": {func(w http.ResponseWriter, _ *http.Request) { many(w.Header()) }, "headers exceeded 65536 bytes"},
		"informational answers": {func(w http.ResponseWriter, _ *http.Request) {
			many(w.Header())
			for range 10 {
				w.WriteHeader(http.StatusEarlyHints)
			}
		}, "headers exceeded 65536 bytes"},
	} {
		for _, http2 := range []bool{false, true} {
			t.Run(fmt.Sprint(name, http2), func(t *testing.T) {
				h.server.Answer(c.answer)
				h.configure(ours.serve(h.server, http2, nil).URL, "")
				trial := h.try(t)
				require.False(t, trial.Delivered)
				says := c.http1
				if http2 {
					says = "connection error: PROTOCOL_ERROR" // all that Go's client tells
				}
				require.Contains(t, trial.Reason, says)
				require.Less(t, len(trial.Reason), 400)
				require.NotContains(t, trial.Reason, "xxxx")
			})
		}
	}
}

// TestAnInformationalAnswerIsNotTheAnswer: the last one counts.
func TestAnInformationalAnswerIsNotTheAnswer(t *testing.T) {
	h := newHouse(t, nil)
	h.server.Answer(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusProcessing)
		w.WriteHeader(http.StatusEarlyHints)
		_, _ = w.Write([]byte(testkit.Success))
	})
	require.True(t, h.try(t).Delivered)
}

// TestACompressedAnswerIsNotExpanded: none is asked for, so one that comes is taken as it is, and cannot grow.
func TestACompressedAnswerIsNotExpanded(t *testing.T) {
	h := newHouse(t, nil)
	h.server.Answer(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255})
	})
	trial := h.try(t)
	require.Equal(t, "the answer is not a JSON object", trial.Reason)
	require.Len(t, trial.Answer.Body, 10)
	require.Empty(t, h.server.Requests()[0].Header.Get("Accept-Encoding"))
}

// TestALongAnswerToAQuestionIsNone.
func TestALongAnswerToAQuestionIsNone(t *testing.T) {
	h := newHouse(t, nil)
	h.server.Answer(pour(0, new(atomic.Int64)))
	_, err := h.ask()
	require.ErrorContains(t, err, "longer than 65536 bytes")
	trial, err := h.delivery.Test(context.Background(), app, webhook.CommandBeforeSendMsg, "")
	require.NoError(t, err)
	require.Contains(t, trial.Reason, "longer than 65536 bytes")
	require.Nil(t, trial.Decision)
}
