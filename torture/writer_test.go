package torture

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/client"
)

// step is one change that a writer asks for: it sets key n of its room, and then deletes it.
type step struct {
	room    string
	n       int
	deletes bool
}

// after tells whether the step comes after other in the room.
func (s step) after(other step) bool {
	return s.n > other.n || s.n == other.n && s.deletes && !other.deletes
}

// journal is what a writer knows of a step.
type journal struct {
	asked    int  // how often it was asked for
	happened bool // it was answered that it did, once at least
}

// writers change rooms, one writer a room, one change at a time.
type writers struct {
	t    *testing.T
	api  *client.Client
	end  context.CancelFunc
	done sync.WaitGroup

	rooms []string

	mu       sync.Mutex
	journal  map[step]*journal
	answered int           // calls
	change   chan struct{} // closed and made anew with every answer
}

func newWriters(t *testing.T, url string, r *receiver, rooms int) *writers {
	t.Helper()
	api, err := client.New(url, client.WithApp(app, key, "administrator"))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	w := &writers{t: t, api: api, end: cancel, journal: make(map[step]*journal), change: make(chan struct{})}
	t.Cleanup(w.stop)
	require.NoError(t, api.SetCallback(ctx, client.Callback{URL: r.url(), Commands: []string{
		"Live.CallbackAfterSetMetadata", "Live.CallbackAfterDelMetadata",
	}}))
	require.NoError(t, api.SetCallbackToken(ctx, new(token), new(true)))
	for i := range rooms {
		room := fmt.Sprint("room_", i)
		_, err := api.CreateRoom(ctx, client.RoomInfo{RoomID: room})
		require.NoError(t, err)
		w.rooms = append(w.rooms, room)
	}
	for _, room := range w.rooms {
		w.done.Go(func() { w.write(ctx, room) })
	}
	return w
}

// stop ends the writers where they are.
func (w *writers) stop() {
	w.end()
	w.done.Wait()
}

func (w *writers) write(ctx context.Context, room string) {
	for n := 1; ctx.Err() == nil; n++ {
		key := fmt.Sprintf("k%07d", n)
		w.do(ctx, step{room, n, false}, func() error {
			return w.api.SetMetadata(ctx, room, client.MetadataPair{Key: key, Value: "v"})
		})
		w.do(ctx, step{room, n, true}, func() error { return w.api.DeleteMetadata(ctx, room, key) })
	}
}

// do asks for a step until an answer says that it happened.
func (w *writers) do(ctx context.Context, s step, ask func() error) {
	for ctx.Err() == nil {
		w.note(s, func(j *journal) { j.asked++ })
		err := ask()
		if errors.Is(err, client.CodeMetadataNotFound) {
			err = nil // an earlier attempt, whose answer was lost, did it
		}
		if err == nil {
			w.note(s, func(j *journal) {
				j.happened = true
				w.answered++
				close(w.change)
				w.change = make(chan struct{})
			})
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (w *writers) note(s step, f func(*journal)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	j := w.journal[s]
	if j == nil {
		j = new(journal)
		w.journal[s] = j
	}
	f(j)
}

// answer waits until n more calls were answered, for as long as deliveries may take.
func (w *writers) answer(n int) {
	expired := time.After(*settle)
	for target := -1; ; {
		w.mu.Lock()
		seen, change := w.answered, w.change
		w.mu.Unlock()
		if target < 0 {
			target = seen + n
		}
		if seen >= target {
			return
		}
		select {
		case <-change:
		case <-expired:
			require.FailNow(w.t, "the server answers no more calls")
		}
	}
}

// each calls f with every step that was asked for.
func (w *writers) each(f func(step, journal)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for s, j := range w.journal {
		f(s, *j)
	}
}
