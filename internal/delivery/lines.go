package delivery

import (
	"sync"
	"time"
)

// lines are the idle connections of one app, the one used last on top. There are never more of them than workers.
type lines struct {
	mu     sync.Mutex
	idle   []*line
	reaper *time.Timer // runs while some are idle
	closed bool
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
	if s.closed {
		l.close()
		return
	}
	s.idle = append(s.idle, l)
	if s.reaper == nil {
		s.reaper = time.AfterFunc(idleTimeout, s.reap)
	}
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
