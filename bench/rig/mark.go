package rig

import (
	"bytes"
	"fmt"
	"strconv"
)

// Mark is how a receiver knows an event, whoever sent it: the number of its room, and its own number there, both from 0. It
// stands in the body as a text of its own, k_ROOM_NUMBER: Greenroom's webhooks have it as the deleted key.
type Mark struct{ Room, Number int }

func (m Mark) String() string { return fmt.Sprintf("k_%d_%d", m.Room, m.Number) }

var markStart = []byte(`"k_`)

// FindMark returns the first mark of a body.
func FindMark(body []byte) (m Mark, found bool) {
	_, text, found := bytes.Cut(body, markStart)
	if !found {
		return Mark{}, false
	}
	text, _, found = bytes.Cut(text, []byte{'"'})
	room, number, parts := bytes.Cut(text, []byte{'_'})
	if !found || !parts {
		return Mark{}, false
	}
	var noRoom, noNumber error
	m.Room, noRoom = strconv.Atoi(string(room))
	m.Number, noNumber = strconv.Atoi(string(number))
	return m, noRoom == nil && noNumber == nil && m.Room >= 0 && m.Number >= 0
}

// Ledger tells events apart, and whether those of one room came in order.
type Ledger struct {
	seen    map[Mark]struct{}
	highest map[int]int // number in each room
}

// NewLedger returns an empty one. It is not safe for use by several goroutines.
func NewLedger() *Ledger {
	return &Ledger{seen: make(map[Mark]struct{}), highest: make(map[int]int)}
}

// Add notes an event. It tells whether that is new, and whether it is behind a later one of its room, which what is not new
// never is.
func (l *Ledger) Add(m Mark) (fresh, late bool) {
	if _, known := l.seen[m]; known {
		return false, false
	}
	l.seen[m] = struct{}{}
	highest, known := l.highest[m.Room]
	if known && m.Number < highest {
		return true, true
	}
	l.highest[m.Room] = m.Number
	return true, false
}

// Len is how many different events were noted.
func (l *Ledger) Len() int { return len(l.seen) }
