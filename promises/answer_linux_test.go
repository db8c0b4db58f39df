package promises

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/testkit"
)

// unpleasant are answers that cost a careless sender its memory, its time or its connections.
var unpleasant = map[string]http.HandlerFunc{
	"10 MB":         func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 10<<20)) },
	"10 MB of JSON": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(bytes.Repeat([]byte("[[[[[[[["), 10<<17)) },
	"without an end": func(w http.ResponseWriter, r *http.Request) {
		for block := make([]byte, 32<<10); r.Context().Err() == nil; {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	},
	"a byte a second": func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		for _, b := range []byte(testkit.Success) {
			_, _ = w.Write([]byte{b})
			_ = http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-time.After(time.Second):
			}
		}
	},
	"headers without an end": raw(func(c net.Conn) {
		_, err := io.WriteString(c, "HTTP/1.1 200 OK\r\n")
		for n := 0; err == nil; n++ {
			_, err = fmt.Fprintf(c, "X-Header-%d: %s\r\n", n, strings.Repeat("x", 1000))
		}
	}),
	"a header without an end": raw(func(c net.Conn) {
		_, err := io.WriteString(c, "HTTP/1.1 200 OK\r\nX: ")
		for err == nil {
			_, err = c.Write(bytes.Repeat([]byte("x"), 1000))
		}
	}),
	"interim answers without an end": raw(func(c net.Conn) {
		_, err := io.WriteString(c, "HTTP/1.1 102 Processing\r\n\r\n")
		for err == nil {
			_, err = io.WriteString(c, "HTTP/1.1 102 Processing\r\n\r\n")
		}
	}),
	"a connection that is not closed": raw(func(c net.Conn) {
		_, _ = io.WriteString(c, "HTTP/1.0 200 OK\r\n\r\n"+testkit.Success)
		_, _ = io.Copy(io.Discard, c)
	}),
	"nothing": hang,
}

// raw answers by writing to the connection, until the other side closes it.
func raw(write func(net.Conn)) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer c.Close()
		write(c)
	}
}

// TestUnpleasantAnswersCostBoundedMemoryAndNobodyElse: each kind of answer comes from another app's server, to some of its
// rooms, again and again. Meanwhile the other rooms of the same app get theirs, so do the other apps, and the process does
// not grow.
func TestUnpleasantAnswersCostBoundedMemoryAndNobodyElse(t *testing.T) {
	t.Parallel()
	const badRooms, last, bound = 4, 20, 128 << 20
	const settings = "allow_private_addresses: true, timeout: 1s, retry_first_delay: 500ms, retry_max_delay: 500ms, poison_attempts: 0"
	kinds := append(slices.Sorted(maps.Keys(unpleasant)), "none")
	w := serve(t, "", slices.Repeat([]string{settings}, len(kinds))...)
	before := w.peak()
	for i, kind := range kinds {
		a := w.apps[i]
		a.subscribe(a.server.URL)
		a.server.refuses(func(got arrival) http.HandlerFunc {
			if got.room == "stage" {
				return nil
			}
			return unpleasant[kind]
		})
		for n := range badRooms {
			a.opens(fmt.Sprint("bad_", n))
		}
	}
	unhappy := w.apps[:len(unpleasant)]
	for _, a := range unhappy {
		a.server.hasRefused(badRooms)
	}
	for _, a := range w.apps {
		a.opens("stage")
		a.changes("stage", 1, last)
	}
	for i, a := range w.apps {
		a.server.until("the events of the good room", func(count) bool { return len(a.server.of("stage")) == last+1 })
		require.Equal(t, upTo(0, last), a.server.of("stage"), "beside answers of this kind: %s", kinds[i])
	}
	refused := 0
	for _, a := range unhappy {
		a.server.hasRefused(2 * badRooms)
		refused += a.server.count().refused
	}
	grown := w.peak() - before
	t.Logf("%d unpleasant answers; the process grew by %d KiB", refused, grown>>10)
	require.Less(t, grown, bound)
	for _, a := range w.apps {
		a.server.takes()
	}
	for _, a := range w.apps {
		a.server.hasTaken(last + 1 + badRooms)
	}
}

// peak returns the most memory that the process has had in use, in bytes.
func (w *world) peak() int {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(w.PID()), "status"))
	require.NoError(w.t, err)
	_, after, found := strings.Cut(string(text), "VmHWM:")
	require.True(w.t, found)
	kib, err := strconv.Atoi(strings.Fields(after)[0])
	require.NoError(w.t, err)
	return kib << 10
}

// TestSmallAnswersKeepTheConnection: one connection carries the events of a room, whatever the app server says, as long
// as it says little.
func TestSmallAnswersKeepTheConnection(t *testing.T) {
	t.Parallel()
	_, a := one(t, "", quick)
	answers := []http.HandlerFunc{text(""), status(500), status(http.StatusNoContent), status(http.StatusFound), text(strings.Repeat("x", 50))}
	a.server.refuses(func(got arrival) http.HandlerFunc {
		if got.n%10 == 0 && got.attempt == 1 {
			return answers[got.n/10%len(answers)]
		}
		return nil
	})
	a.opens("stage")
	a.changes("stage", 1, 200)
	a.server.hasTaken(201)
	require.Equal(t, upTo(0, 200), a.server.of("stage"))
	require.GreaterOrEqual(t, a.server.count().refused, 20)
	require.LessOrEqual(t, a.server.count().connections, 3)
}
