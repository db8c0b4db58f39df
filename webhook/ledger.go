package webhook

import (
	"context"
	"strings"
	"sync"
)

// ledger knows which deliveries are in progress and, up to a number, which have succeeded.
type ledger struct {
	size int

	mu      sync.Mutex
	running map[string]chan struct{} // closed when the delivery ends
	done    map[string]struct{}
	ring    []string // the ids of done; once full, the oldest is at next
	next    int
}

func newLedger(size int) *ledger {
	return &ledger{size: size, running: make(map[string]chan struct{}), done: make(map[string]struct{})}
}

// begin claims id for its caller, who then owes an end, or reports that a delivery of id has succeeded before. While
// another one is in progress it waits for its outcome.
func (l *ledger) begin(ctx context.Context, id string) (done bool, err error) {
	for {
		l.mu.Lock()
		if _, done := l.done[id]; done {
			l.mu.Unlock()
			return true, nil
		}
		other, busy := l.running[id]
		if !busy {
			l.running[strings.Clone(id)] = make(chan struct{})
			l.mu.Unlock()
			return false, nil
		}
		l.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}

// end gives id back, and remembers it when its delivery has succeeded.
func (l *ledger) end(id string, succeeded bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.running[id])
	delete(l.running, id)
	if succeeded {
		l.remember(strings.Clone(id))
	}
}

func (l *ledger) remember(id string) {
	l.done[id] = struct{}{}
	if len(l.ring) < l.size {
		l.ring = append(l.ring, id)
		return
	}
	delete(l.done, l.ring[l.next])
	l.ring[l.next] = id
	l.next = (l.next + 1) % l.size
}
