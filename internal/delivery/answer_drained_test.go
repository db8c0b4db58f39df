package delivery_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/testkit"
)

// counting is a listener that counts the connections it took.
type counting struct {
	net.Listener
	taken atomic.Int64
}

func (l *counting) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		l.taken.Add(1)
	}
	return c, err
}

// countConnections has the app server called where connections are counted.
func (h *house) countConnections() *atomic.Int64 {
	s := httptest.NewUnstartedServer(h.server)
	l := &counting{Listener: s.Listener}
	s.Listener = l
	s.Start()
	h.t.Cleanup(s.Close)
	h.configure(s.URL, "")
	return &l.taken
}

// TestAnAnswersBodyIsReadSoThatItsConnectionCarriesTheNextWebhook: whatever the status, and whether the app server says
// how long its answer is or not.
func TestAnAnswersBodyIsReadSoThatItsConnectionCarriesTheNextWebhook(t *testing.T) {
	for _, size := range []int{0, 50, 60_000} {
		for _, status := range []int{200, 404, 500, 302} {
			for _, chunked := range []bool{false, true} {
				t.Run(fmt.Sprint(size, status, chunked), func(t *testing.T) {
					t.Parallel()
					h := newHouse(t, nil)
					made := h.countConnections()
					h.server.Answer(func(w http.ResponseWriter, r *http.Request) {
						defer h.server.Answer(nil) // the second attempt is the last
						w.WriteHeader(status)
						if chunked {
							_ = http.NewResponseController(w).Flush()
						}
						_, _ = io.WriteString(w, strings.Repeat(" ", size))
					})
					h.start()
					const events = 20
					for i := range events {
						h.deleteKey("r", fmt.Sprint(i))
					}
					h.waitSettled(delivery.Delivered, events)
					h.waitSettled(delivery.Failed, 1)
					require.Len(t, h.server.Requests(), events+1)
					require.EqualValues(t, 1, made.Load(), "connections")
				})
			}
		}
	}
}

// TestManyRoomsShareTheConnectionsThatAreAllowed: no more than the app's concurrency, and each carries many webhooks.
func TestManyRoomsShareTheConnectionsThatAreAllowed(t *testing.T) {
	h := newHouse(t, func(a *delivery.App) { a.Concurrency = 3 })
	made := h.countConnections()
	h.start()
	const rooms, keys = 20, 20
	for k := range keys {
		for r := range rooms {
			h.deleteKey(live.RoomID(fmt.Sprint("r", r)), fmt.Sprint(k))
		}
	}
	h.waitSettled(delivery.Delivered, rooms*keys)
	require.LessOrEqual(t, made.Load(), int64(3))
}

// TestQuestionsUseTheirConnectionAgain, refused or not.
func TestQuestionsUseTheirConnectionAgain(t *testing.T) {
	h := newHouse(t, nil)
	made := h.countConnections()
	for i := range 20 {
		h.server.Answer(func(w http.ResponseWriter, _ *http.Request) {
			if i%2 == 1 {
				w.WriteHeader(http.StatusInternalServerError)
			}
			_, _ = io.WriteString(w, testkit.Success)
		})
		_, err := h.delivery.Ask(context.Background(), question())
		require.Equal(t, i%2 == 1, err != nil)
	}
	require.EqualValues(t, 1, made.Load())
}
