package live

import (
	"sync"
	"time"
)

// paceWindow is the time over which a [Pace] counts.
const paceWindow = time.Second

// Pace counts what happened under each key within the last second, wherever that second begins. It remembers nothing of
// keys under which nothing happens any more.
type Pace[K comparable] struct {
	most int // times kept under one key

	mu     sync.Mutex
	recent map[K][]int64 // Unix nanoseconds, the earliest first
	swept  time.Time
}

// NewPace returns a Pace that counts to most under each key, and not beyond.
func NewPace[K comparable](most int) *Pace[K] {
	return &Pace[K]{most: most, recent: make(map[K][]int64)}
}

// Take counts one more under key, unless limit have been counted in the last second; it tells whether it did.
func (p *Pace[K]) Take(key K, limit int, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sweep(now)
	times := latest(p.recent[key], now)
	taken := len(times) < limit
	if taken {
		times = p.add(times, now)
	}
	p.recent[key] = times
	return taken
}

// Add counts one more under key, however many there were.
func (p *Pace[K]) Add(key K, now time.Time) { p.Take(key, p.most+1, now) }

// Below tells whether fewer than limit have been counted under key in the last second.
func (p *Pace[K]) Below(key K, limit int, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(latest(p.recent[key], now)) < limit
}

// add keeps one more time and, when there are most of them, the earliest no longer.
func (p *Pace[K]) add(times []int64, now time.Time) []int64 {
	if len(times) == p.most {
		times = times[:copy(times, times[1:])]
	}
	return append(times, now.UnixNano())
}

// latest drops from times what is not within the second up to now. A clock that was set back makes a fresh start.
func latest(times []int64, now time.Time) []int64 {
	n := now.UnixNano()
	gone := 0
	for gone < len(times) && (n-times[gone] >= int64(paceWindow) || times[gone] > n) {
		gone++
	}
	if gone == 0 {
		return times
	}
	return times[:copy(times, times[gone:])]
}

// sweep forgets, once in a second, the keys under which nothing happened since.
func (p *Pace[K]) sweep(now time.Time) {
	if since := now.Sub(p.swept); since >= 0 && since < paceWindow {
		return
	}
	p.swept = now
	for key, times := range p.recent {
		if times = latest(times, now); len(times) == 0 {
			delete(p.recent, key)
		} else {
			p.recent[key] = times
		}
	}
}
