package delivery

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestJudge(t *testing.T) {
	committed := time.UnixMilli(1765001300444)
	p := Policy{Window: time.Hour, FirstDelay: time.Second, MaxDelay: time.Minute, Factor: 2}
	ok := []byte(`{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}`)
	for name, c := range map[string]struct {
		attempt  attempt
		after    time.Duration // from the commit to the attempt's end
		failures int           // before this attempt
		onFail   bool
		fate     Fate
		maxWait  time.Duration
		says     string
	}{
		"success":                        {attempt: attempt{status: 200, body: ok}},
		"success after the window":       {attempt: attempt{status: 200, body: ok}, after: 2 * time.Hour, failures: 9},
		"FAIL":                           {attempt: attempt{status: 200, body: []byte(`{"ActionStatus":"FAIL"}`)}},
		"FAIL where it is tried again":   {attempt: attempt{status: 200, body: []byte(`{"ActionStatus":"FAIL"}`)}, onFail: true, fate: Failed, maxWait: time.Second, says: "FAIL"},
		"no connection":                  {attempt: attempt{err: errors.New("connection refused")}, fate: Failed, maxWait: time.Second, says: "connection refused"},
		"a status":                       {attempt: attempt{status: 404, body: ok}, fate: Failed, maxWait: time.Second, says: "404"},
		"no JSON":                        {attempt: attempt{status: 200, body: []byte("ok")}, fate: Failed, maxWait: time.Second, says: "not a JSON object"},
		"the third failure":              {attempt: attempt{status: 500}, failures: 2, fate: Failed, maxWait: 4 * time.Second, says: "500"},
		"a late failure":                 {attempt: attempt{status: 500}, failures: 1000, fate: Failed, maxWait: time.Minute, says: "500"},
		"a failure just before the end":  {attempt: attempt{status: 500}, failures: 50, after: time.Hour - time.Millisecond, fate: Failed, maxWait: time.Millisecond, says: "500"},
		"a failure at the window's end":  {attempt: attempt{status: 500}, failures: 50, after: time.Hour, fate: Dead, says: "500"},
		"a failure after a long silence": {attempt: attempt{status: 500}, after: 30 * time.Hour, fate: Dead, says: "500"},
	} {
		t.Run(name, func(t *testing.T) {
			p := p
			p.RetryOnFail = c.onFail
			c.attempt.ended = committed.Add(c.after)
			event := Event{Seq: 7, Lane: Lane{1, "r"}, At: committed, Queued: committed, Attempts: c.failures}
			o, wait := p.judge(event, c.attempt)
			require.Equal(t, c.fate, o.Fate)
			require.Equal(t, event.Seq, o.Event.Seq)
			require.Equal(t, event.Lane, o.Event.Lane)
			require.Contains(t, o.Attempt.Error, c.says)
			require.LessOrEqual(t, wait, c.maxWait)
			if c.fate == Delivered {
				require.Equal(t, c.failures, o.Event.Attempts)
				return
			}
			require.Equal(t, c.failures+1, o.Event.Attempts)
			require.Equal(t, c.fate == Failed, wait > 0)
		})
	}
}

func TestTheDelayDoublesWithFullJitter(t *testing.T) {
	p := Policy{FirstDelay: time.Second, MaxDelay: 10 * time.Minute, Factor: 2}
	for failures, bound := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second,
		10: 512 * time.Second, 11: 10 * time.Minute, 12: 10 * time.Minute, 1 << 20: 10 * time.Minute} {
		least, most := bound, time.Duration(0)
		for range 1000 {
			d := p.delay(failures)
			least, most = min(least, d), max(most, d)
		}
		require.LessOrEqual(t, most, bound)
		require.Greater(t, most, bound*9/10, "the whole range is used")
		require.Less(t, least, bound/10, "the whole range is used")
	}
}
