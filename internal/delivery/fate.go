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
	status  int    // 0 when there was no answer
	body    []byte // of the answer, up to maxAnswer
	err     error  // when there was no whole answer
	started time.Time
	ended   time.Time
}

// failure returns why the attempt does not count as a delivery, in plain words, or "" when it does: HTTP status 200
// with a JSON object (doc 64412). What the object says does not matter, unless the app wants FAIL tried again.
func (a attempt) failure(p Policy) string {
	if a.err != nil {
		return a.err.Error()
	}
	if a.status != http.StatusOK {
		return fmt.Sprintf("the answer's HTTP status is %d, not 200", a.status)
	}
	var answer struct{ ActionStatus any }
	if err := json.Unmarshal(a.body, &answer); err != nil || !isObject(a.body) {
		return "the answer is not a JSON object"
	}
	if p.RetryOnFail && answer.ActionStatus == "FAIL" {
		return "the answer says ActionStatus FAIL"
	}
	return ""
}

// record is the attempt as the delivery log keeps it.
func (a attempt) record(number int, p Policy) Attempt {
	return Attempt{
		Number: number, At: a.started, Took: a.ended.Sub(a.started), Status: a.status, AnswerBytes: len(a.body),
		Answer: bytes.Clone(a.body[:min(len(a.body), p.AnswerKept)]), Error: a.failure(p),
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

// judge decides what becomes of e after an attempt, and how long its lane waits. This is the one place that says so.
func (p Policy) judge(e Event, a attempt) (o Outcome, wait time.Duration) {
	o = Outcome{Event: e, Fate: Delivered, Attempt: a.record(e.Attempts+1, p)}
	if o.Attempt.Error == "" {
		return o, 0
	}
	o.Event.Attempts, o.Event.LastError = o.Attempt.Number, o.Attempt.Error
	left := e.Queued.Add(p.Window).Sub(a.ended)
	if left <= 0 {
		o.Fate = Dead
		return o, 0
	}
	o.Fate = Failed
	return o, min(p.delay(o.Attempt.Number), left)
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
