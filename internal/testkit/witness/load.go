package witness

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/client"
)

const (
	// breath is how long a caller waits between two calls, so that there is time for other things than calls.
	breath = 5 * time.Millisecond
	// avoided is how long a caller calls other nodes than one that has failed it.
	avoided = 500 * time.Millisecond
	keys    = 10 // of one room
)

// Load is callers that change rooms without an end, each through one node after the other. A caller whose call fails makes
// another change, through another node.
type Load struct {
	w     *Witness
	nodes []*client.Client
	end   chan struct{}
	done  sync.WaitGroup
	stop  func()

	mu       sync.Mutex
	away     map[int]bool   // nodes that are not called
	answered map[string]int // by room
	failed   int
	news     chan struct{} // closed and made anew with every answer
}

// Load begins: so many callers for each of the rooms, which there must be.
func (w *Witness) Load(nodes []*client.Client, rooms []string, callers int) *Load {
	l := &Load{w: w, nodes: nodes, end: make(chan struct{}), away: make(map[int]bool), answered: make(map[string]int), news: make(chan struct{})}
	l.stop = sync.OnceFunc(func() { close(l.end) })
	w.t.Cleanup(l.Stop)
	for i, room := range rooms {
		l.answered[room] = 0
		for c := range callers {
			l.done.Go(func() { l.call(room, i+c) })
		}
	}
	return l
}

// Stop ends the load, and waits for the calls that are made.
func (l *Load) Stop() {
	l.stop()
	l.done.Wait()
}

// call changes a room until the end, through that node first.
func (l *Load) call(room string, node int) {
	failedAt := make([]time.Time, len(l.nodes))
	for n := 0; ; n++ {
		select {
		case <-l.end:
			return
		case <-time.After(breath):
		}
		node = l.next(node, failedAt)
		key := fmt.Sprint("k", n%keys)
		err := l.w.Change(room, key, func(value string) error {
			return l.nodes[node].SetMetadata(context.Background(), room, client.MetadataPair{Key: key, Value: value})
		})
		if err != nil {
			failedAt[node] = time.Now()
			l.judge(err)
		}
		l.note(room, err)
	}
}

// Leave makes the callers call other nodes than that one, as a load balancer does that knows that it is not ready.
func (l *Load) Leave(node int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.away[node] = true
}

// Return makes the callers call that node again.
func (l *Load) Return(node int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.away, node)
}

// next returns the node after the one given, past those that are away, and those that failed a moment ago unless all did.
func (l *Load) next(node int, failedAt []time.Time) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	first := -1
	for i := range l.nodes {
		n := (node + 1 + i) % len(l.nodes)
		if l.away[n] {
			continue
		}
		if time.Since(failedAt[n]) > avoided {
			return n
		}
		if first < 0 {
			first = n
		}
	}
	return max(first, 0)
}

// codeNoAnswer says that the server had no answer in time, and does not know what becomes of the call (doc 34348).
const codeNoAnswer client.Code = 60008

// judge fails the test when a call was refused for a reason that it cannot have.
func (l *Load) judge(err error) {
	refusal := new(client.Error)
	if errors.As(err, &refusal) && !errors.Is(refusal, client.CodeInternal) && !errors.Is(refusal, codeNoAnswer) {
		l.w.t.Errorf("a call that is allowed was refused: %v", err)
	}
}

func (l *Load) note(room string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.failed++
	} else {
		l.answered[room]++
	}
	close(l.news)
	l.news = make(chan struct{})
}

// GoesOn waits until in every room n more changes were answered with success.
func (l *Load) GoesOn(n int, limit time.Duration) {
	l.w.t.Helper()
	l.mu.Lock()
	goal := make(map[string]int)
	for room, answered := range l.answered {
		goal[room] = answered + n
	}
	l.mu.Unlock()
	l.until(limit, "more changes in every room", func() bool {
		for room, least := range goal {
			if l.answered[room] < least {
				return false
			}
		}
		return true
	})
}

// Fails waits until n more calls have failed.
func (l *Load) Fails(n int, limit time.Duration) {
	l.w.t.Helper()
	goal := l.Failed() + n
	l.until(limit, "calls that fail", func() bool { return l.failed >= goal })
}

// Failed returns how many calls have failed.
func (l *Load) Failed() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failed
}

// until waits until done holds, which is asked again after every answer, with mu held.
func (l *Load) until(limit time.Duration, what string, done func() bool) {
	l.w.t.Helper()
	expired := time.After(limit)
	for {
		l.mu.Lock()
		holds, news := done(), l.news
		l.mu.Unlock()
		if holds {
			return
		}
		select {
		case <-news:
		case <-expired:
			require.FailNowf(l.w.t, "the load does not go on as it must", "%s, within %s; %s", what, limit, l.w.Summary())
		}
	}
}
