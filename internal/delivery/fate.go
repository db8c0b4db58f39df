package delivery

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"
)

// Fate is what an attempt decided about its event.
type Fate uint8

const (
	Delivered Fate = iota // the app server has it
	Failed                // it is tried again
	Dead                  // it is given up and kept as a dead letter
)

func (f Fate) String() string { return [...]string{"delivered", "failed", "dead"}[f] }

// attempt is how one request ended.
type attempt struct {
	url        string // of the endpoint; empty when none was known
	sent       bool   // there was a connection to send the request on
	status     int    // 0 when there was no answer
	retryAfter string // of the answer
	body       []byte // of the answer, up to maxAnswer
	err        error  // when there was no whole answer
	started    time.Time
	ended      time.Time

	why   string // it does not count as a delivery, in plain words; empty when it does
	cause cause  // the same, to be compared
}

// examine sets why and cause: an attempt is a delivery with HTTP status 200 and a JSON object (doc 64412). What the
// object says does not matter, unless the app wants FAIL tried again.
func (a *attempt) examine(p Policy) {
	switch {
	case a.status != 0 && a.status != http.StatusOK:
		a.fail(cause{badStatus, a.status}, fmt.Sprintf("the answer's HTTP status is %d, not 200", a.status))
		return
	case a.err != nil && a.sent:
		a.fail(cause{kind: noAnswer}, a.err.Error())
		return
	case a.err != nil:
		a.fail(cause{kind: notReached}, a.err.Error())
		return
	}
	var answer struct{ ActionStatus any }
	if err := json.Unmarshal(a.body, &answer); err != nil || !isObject(a.body) {
		a.fail(cause{kind: noObject}, "the answer is not a JSON object")
		return
	}
	if p.RetryOnFail && answer.ActionStatus == "FAIL" {
		a.fail(cause{kind: saysFail}, "the answer says ActionStatus FAIL")
	}
}

func (a *attempt) fail(c cause, why string) { a.cause, a.why = c, why }

// record is the attempt as the delivery log keeps it.
func (a *attempt) record(number int, p Policy) Attempt {
	return Attempt{
		Number: number, At: a.started, Took: a.ended.Sub(a.started), Status: a.status, AnswerBytes: len(a.body),
		Answer: bytes.Clone(a.body[:min(len(a.body), p.AnswerKept)]), Error: a.why,
	}
}

func isObject(body []byte) bool {
	for _, b := range body {
		switch b {
		case ' ', '\t', '\r', '\n':
		default:
			return b == '{'
		}
	}
	return false
}

// situation is what an attempt that failed is judged by, beside itself.
type situation struct {
	alike   streak    // how often the event failed in the same way before
	others  tally     // attempts of other lanes since the event's previous one
	resumed time.Time // windows do not begin before
}

// verdict is what becomes of an event, and of its lane.
type verdict struct {
	Outcome
	alike      streak
	poison     bool
	retryAfter time.Duration // what the answer asked for, as far as it is heeded
	wait       time.Duration // of the lane, when the event is to be tried again
}

// judge decides what becomes of e after an attempt. This is the one place that says so:
//
//   - A delivery is a delivery, however late.
//   - 410 Gone leaves the event where it is: its endpoint is given up, not the event.
//   - At the end of the window the event is dead. The window begins when the event was queued, or when the last pause
//     ended.
//   - An event that keeps failing in the same way, while the app server takes the events of other lanes, is poison and
//     dead. The count is kept in memory only and begins anew after a restart.
//   - Everything else is tried again: after a delay that grows, or after what Retry-After says if that is longer, up to
//     the longest delay and never behind the end of the window.
func (p Policy) judge(e Event, a attempt, s situation) verdict {
	v := verdict{Outcome: Outcome{Event: e, Fate: Delivered, Attempt: a.record(e.Attempts+1, p)}}
	if a.why == "" {
		return v
	}
	v.Fate, v.Event.Attempts, v.Event.LastError = Failed, v.Attempt.Number, a.why
	v.alike = s.alike.after(a.cause, s.others)
	v.retryAfter = min(parseRetryAfter(a.retryAfter, a.ended), p.MaxDelay)
	v.wait = p.wait(v.Attempt.Number, v.retryAfter)
	left := p.deadline(e.Queued, s.resumed).Sub(a.ended)
	switch {
	case a.cause == gone:
		v.Gone = a.url
	case left <= 0:
		v.Fate, v.wait = Dead, 0
	case p.poisonous(v.alike, s.others) && a.cause.counts():
		v.Fate, v.wait, v.poison = Dead, 0, true
		v.Event.LastError = fmt.Sprintf("poison: it failed %d times in the same way while the app server took events of "+
			"other rooms; the last time: %s", v.alike.count, a.why)
	default:
		v.wait = min(v.wait, left)
	}
	return v
}

// deadline is when the window of an event ends.
func (p Policy) deadline(queued, resumed time.Time) time.Time {
	if resumed.After(queued) {
		queued = resumed
	}
	return queued.Add(p.Window)
}

func (p Policy) poisonous(s streak, others tally) bool {
	return p.PoisonAttempts > 0 && s.count >= p.PoisonAttempts && others.well()
}

// wait returns how long to wait after so many failures, and at least for what the answer asked for.
func (p Policy) wait(failures int, retryAfter time.Duration) time.Duration {
	return min(max(p.delay(failures), scatter(retryAfter)), p.MaxDelay)
}

// delay returns how long to wait after so many failures: exponential backoff with full jitter.
func (p Policy) delay(failures int) time.Duration {
	bound := p.FirstDelay
	for range failures - 1 {
		if bound *= time.Duration(p.Factor); p.Factor == 1 || bound >= p.MaxDelay {
			break
		}
	}
	return rand.N(min(bound, p.MaxDelay)) + 1
}
