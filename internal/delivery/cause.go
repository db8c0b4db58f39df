package delivery

import "net/http"

// cause is why an attempt failed, so that it can be compared with why another one did.
type cause struct {
	kind   causeKind
	status int // HTTP status, of badStatus
}

type causeKind uint8

const (
	_          causeKind = iota
	notReached           // no connection: no URL, no such name, refused by the egress guard or by the peer, TLS
	noAnswer             // the request was sent, but no whole answer came: too late, too long, broken off
	badStatus            // not 200
	noObject             // not a JSON object
	saysFail             // ActionStatus FAIL, where that is a failure
)

// gone is the answer of an endpoint that wants no more webhooks.
var gone = cause{badStatus, http.StatusGone}

// counts tells whether the event may be at fault. It is not when the app server was not reached, or says that it is
// busy or gone.
func (c cause) counts() bool {
	switch c {
	case cause{kind: notReached}, cause{badStatus, http.StatusTooManyRequests}, cause{badStatus, http.StatusServiceUnavailable}, gone:
		return false
	}
	return true
}

// streak counts the failures of one event in a row that have the same cause.
type streak struct {
	cause cause
	count int
}

// after returns the streak with one more failure. Another cause begins anew. A failure counts only while others do
// well, because else it says nothing about the event, and it never counts where the event cannot be at fault.
func (s streak) after(c cause, others tally) streak {
	switch {
	case !c.counts():
	case c != s.cause:
		return streak{c, 1}
	case others.well():
		s.count++
	}
	return s
}

// tally counts attempts by how they ended.
type tally struct{ delivered, failed int }

func (t tally) since(before tally) tally {
	return tally{t.delivered - before.delivered, t.failed - before.failed}
}

// well tells whether the app server takes events: at least one, and at least as many as it does not take.
func (t tally) well() bool { return t.delivered > 0 && t.delivered >= t.failed }
