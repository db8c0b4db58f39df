package delivery

import (
	"sync"
	"time"
)

// doubt is how long no connection is kept after one turned out to be good for one answer only.
const doubt = 2 * time.Second

// lines are the idle connections of one app, the one used last on top. There are never more of them than workers.
type lines struct {
	mu      sync.Mutex
	idle    []*line
	reaper  *time.Timer // runs while some are idle
	doubted time.Time   // until then no connection is kept
	closed  bool
}

// take returns the line that was used last, or nil.
func (s *lines) take() *line {
	s.mu.Lock()
	defer s.mu.Unlock()
	top := len(s.idle) - 1
	if top < 0 {
		return nil
	}
	l := s.idle[top]
	s.idle[top] = nil
	s.idle = s.idle[:top]
	return l
}

// put takes a line back.
func (s *lines) put(l *line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || l.used.Before(s.doubted) {
		l.close()
		return
	}
	s.idle = append(s.idle, l)
	if s.reaper == nil {
		s.reaper = time.AfterFunc(idleTimeout, s.reap)
	}
}

// discard closes a line that cannot be used again although nothing was said against it. Some app servers end every
// connection like that, or send more than one answer. Whether they have done so already cannot be known for certain when
// the next request goes out, which then fails for nothing, or takes for its answer what is none. So for a while no
// connection is used twice when one was good for a single answer.
func (s *lines) discard(l *line) {
	l.close()
	now := time.Now()
	if !l.oneShot(now) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.doubted = now.Add(doubt)
}

// reap closes the lines that have been idle for too long.
func (s *lines) reap() {
	s.mu.Lock()
	defer s.mu.Unlock()
	oldest := time.Now().Add(-idleTimeout)
	for len(s.idle) > 0 && !s.idle[0].used.After(oldest) {
		s.idle[0].close()
		s.idle[0] = nil
		s.idle = s.idle[1:]
	}
	s.reaper = nil
	if len(s.idle) > 0 {
		s.reaper = time.AfterFunc(s.idle[0].used.Sub(oldest), s.reap)
	}
}

// close closes the idle lines, and those that come back later.
func (s *lines) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.reaper != nil {
		s.reaper.Stop()
	}
	for _, l := range s.idle {
		l.close()
	}
	s.idle = nil
}
