package delivery

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestJudge is the table of what becomes of an event. Every row is one attempt that ended so long after the event was
// queued, with a policy of an hour's window, delays of 1 s to 1 min, and poison after 3 failures alike.
func TestJudge(t *testing.T) {
	queued := time.UnixMilli(1765001300444)
	ok := []byte(`{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}`)
	refused := attempt{err: errors.New("connection refused")}
	late := attempt{sent: true, err: errors.New("no whole answer within 2s")}
	status := func(s int) attempt { return attempt{url: "http://a/hook", sent: true, status: s, body: ok} }
	after := func(s int, value string) attempt { a := status(s); a.retryAfter = value; return a }
	alike := func(n int, c cause) streak { return streak{c, n} }
	s500 := cause{badStatus, 500}
	well, evenly, badly := tally{5, 0}, tally{2, 2}, tally{2, 3}
	const second, minute, hour = time.Second, time.Minute, time.Hour
	for name, c := range map[string]struct {
		attempt  attempt
		after    time.Duration // from when it was queued to the attempt's end
		failures int           // before this attempt
		before   streak
		others   tally
		resumed  time.Duration // when the last pause ended, after it was queued; never when 0
		onFail   bool
		never    bool // nothing is poison

		fate     Fate
		least    time.Duration // bounds of the wait
		most     time.Duration
		says     string
		alike    int // how often it has failed in the same way now
		gone     bool
		poisoned bool
	}{
		"success":                      {attempt: status(200)},
		"success after the window":     {attempt: status(200), after: 2 * hour, failures: 9},
		"success of what was poison":   {attempt: status(200), before: alike(9, s500), others: well},
		"FAIL":                         {attempt: attempt{status: 200, body: []byte(`{"ActionStatus":"FAIL"}`)}},
		"FAIL where it is tried again": {attempt: attempt{status: 200, body: []byte(`{"ActionStatus":"FAIL"}`)}, onFail: true, fate: Failed, most: second, says: "FAIL", alike: 1},
		"no connection":                {attempt: refused, fate: Failed, most: second, says: "connection refused"},
		"a time-out":                   {attempt: late, fate: Failed, most: second, says: "no whole answer", alike: 1},
		"a status":                     {attempt: status(404), fate: Failed, most: second, says: "404", alike: 1},
		"a status, and then no whole answer": {attempt: attempt{sent: true, status: 500, err: errors.New("too long")}, fate: Failed, most: second,
			before: alike(1, s500), others: well, says: "500", alike: 2},
		"no JSON":           {attempt: attempt{sent: true, status: 200, body: []byte("ok")}, fate: Failed, most: second, says: "not a JSON object", alike: 1},
		"the third failure": {attempt: status(500), failures: 2, fate: Failed, most: 4 * second, says: "500", alike: 1},
		"a late failure":    {attempt: status(500), failures: 1000, fate: Failed, most: minute, says: "500", alike: 1},

		"a failure just before the end":         {attempt: status(500), failures: 50, after: hour - time.Millisecond, fate: Failed, most: time.Millisecond, says: "500", alike: 1},
		"a failure at the window's end":         {attempt: status(500), failures: 50, after: hour, fate: Dead, says: "500", alike: 1},
		"a failure after a long silence":        {attempt: status(500), after: 30 * hour, fate: Dead, says: "500", alike: 1},
		"the window counts from a pause's end":  {attempt: status(500), after: 30 * hour, resumed: 29*hour + minute, fate: Failed, most: second, says: "500", alike: 1},
		"a window that began with a pause ends": {attempt: status(500), after: 30 * hour, resumed: 29 * hour, fate: Dead, says: "500", alike: 1},
		"a pause before it was queued":          {attempt: status(500), after: hour, resumed: -5 * minute, fate: Dead, says: "500", alike: 1},

		"Retry-After in seconds":               {attempt: after(503, "20"), fate: Failed, least: 20 * second, most: 22 * second, says: "503"},
		"Retry-After as a date":                {attempt: after(500, "Sat, 06 Dec 2025 06:09:00 GMT"), after: 19*second + 556*time.Millisecond, fate: Failed, least: 20 * second, most: 22 * second, says: "500", alike: 1},
		"Retry-After of a broken delivery":     {attempt: attempt{sent: true, status: 200, retryAfter: "20"}, fate: Failed, least: 20 * second, most: 22 * second, says: "JSON", alike: 1},
		"Retry-After of a delivery":            {attempt: after(200, "20")},
		"Retry-After shorter than the delay":   {attempt: after(429, "1"), failures: 1000, fate: Failed, least: second, most: minute, says: "429"},
		"Retry-After beyond the longest delay": {attempt: after(503, "3600"), fate: Failed, least: minute, most: minute, says: "503"},
		"Retry-After beyond all numbers":       {attempt: after(503, strings.Repeat("9", 40)), fate: Failed, least: minute, most: minute, says: "503"},
		"Retry-After beyond the window":        {attempt: after(503, "30"), after: hour - second, fate: Failed, least: second, most: second, says: "503"},
		"Retry-After at the window's end":      {attempt: after(503, "30"), after: hour, fate: Dead, says: "503"},
		"Retry-After of a date long ago":       {attempt: after(503, "Sat, 06 Dec 2025 06:00:00 GMT"), fate: Failed, most: second, says: "503"},
		"Retry-After below zero":               {attempt: after(503, "-30"), fate: Failed, most: second, says: "503"},
		"Retry-After with a fraction":          {attempt: after(503, "30.5"), fate: Failed, most: second, says: "503"},
		"Retry-After that is neither":          {attempt: after(503, "soon"), fate: Failed, most: second, says: "503"},

		"gone":                              {attempt: status(410), fate: Failed, most: second, says: "410", gone: true},
		"gone at the window's end":          {attempt: status(410), after: 2 * hour, fate: Failed, most: second, says: "410", gone: true},
		"gone does not count":               {attempt: status(410), before: alike(2, s500), others: well, fate: Failed, most: second, says: "410", alike: 2, gone: true},
		"gone, and the answer breaks off":   {attempt: attempt{url: "http://a/hook", sent: true, status: 410, err: errors.New("EOF")}, fate: Failed, most: second, says: "410", gone: true},
		"one alike while others do well":    {attempt: status(500), before: alike(1, s500), others: well, fate: Failed, most: second, says: "500", alike: 2},
		"one alike while all else fails":    {attempt: status(500), before: alike(2, s500), others: tally{0, 9}, fate: Failed, most: second, says: "500", alike: 2},
		"one alike while nothing else goes": {attempt: status(500), before: alike(2, s500), fate: Failed, most: second, says: "500", alike: 2},
		"one alike while more fail":         {attempt: status(500), before: alike(2, s500), others: badly, fate: Failed, most: second, says: "500", alike: 2},
		"poison while as many fail":         {attempt: status(500), before: alike(2, s500), others: evenly, fate: Dead, says: "500", alike: 3, poisoned: true},
		"poison":                            {attempt: status(500), before: alike(2, s500), others: well, fate: Dead, says: "500", alike: 3, poisoned: true},
		"poison by time-outs":               {attempt: late, before: alike(2, cause{kind: noAnswer}), others: well, fate: Dead, says: "no whole answer", alike: 3, poisoned: true},
		"poison long counted, now an outage": {attempt: status(500), before: alike(7, s500), others: badly, fate: Failed, most: second,
			says: "500", alike: 7},
		"poison is switched off":                       {attempt: status(500), before: alike(99, s500), others: well, never: true, fate: Failed, most: second, says: "500", alike: 100},
		"poison asks to come back later":               {attempt: after(500, "30"), before: alike(2, s500), others: well, fate: Dead, says: "500", alike: 3, poisoned: true},
		"the window ends before poison does":           {attempt: status(500), after: hour, before: alike(2, s500), others: well, fate: Dead, says: "500", alike: 3},
		"another status begins anew":                   {attempt: status(502), before: alike(2, s500), others: well, fate: Failed, most: second, says: "502", alike: 1},
		"another kind begins anew":                     {attempt: late, before: alike(2, s500), others: well, fate: Failed, most: second, says: "no whole answer", alike: 1},
		"no connection is no poison":                   {attempt: refused, before: alike(99, cause{kind: notReached}), others: well, fate: Failed, most: second, says: "refused", alike: 99},
		"no connection neither counts nor begins anew": {attempt: refused, before: alike(2, s500), others: well, fate: Failed, most: second, says: "refused", alike: 2},
		"429 is no poison":                             {attempt: status(429), before: alike(99, s500), others: well, fate: Failed, most: second, says: "429", alike: 99},
		"503 is no poison":                             {attempt: status(503), before: alike(99, s500), others: well, fate: Failed, most: second, says: "503", alike: 99},
	} {
		t.Run(name, func(t *testing.T) {
			p := Policy{Window: hour, FirstDelay: second, MaxDelay: minute, Factor: 2, PoisonAttempts: 3, RetryOnFail: c.onFail}
			if c.never {
				p.PoisonAttempts = 0
			}
			s := situation{alike: c.before, others: c.others}
			if c.resumed != 0 {
				s.resumed = queued.Add(c.resumed)
			}
			a := c.attempt
			a.ended = queued.Add(c.after)
			a.examine(p)
			event := Event{Seq: 7, Lane: Lane{1, "r"}, At: queued.Add(-90 * hour), Queued: queued, Attempts: c.failures}
			v := p.judge(event, a, s)
			require.Equal(t, c.fate, v.Fate)
			require.Equal(t, event.Seq, v.Event.Seq)
			require.Equal(t, event.Lane, v.Event.Lane)
			require.Contains(t, v.Attempt.Error, c.says)
			require.Equal(t, c.failures+1, v.Attempt.Number)
			require.GreaterOrEqual(t, v.wait, c.least)
			require.LessOrEqual(t, v.wait, c.most)
			require.Equal(t, c.fate == Failed, v.wait > 0)
			require.Equal(t, c.alike, v.alike.count)
			require.Equal(t, c.poisoned, v.poison)
			require.Equal(t, c.poisoned, strings.HasPrefix(v.Event.LastError, "poison: it failed 3 times"))
			require.Equal(t, c.gone, v.Gone == "http://a/hook")
			if c.fate == Delivered {
				require.Equal(t, c.failures, v.Event.Attempts)
				return
			}
			require.Equal(t, c.failures+1, v.Event.Attempts)
			require.Contains(t, v.Event.LastError, c.says)
		})
	}
}

// The first failure may already be poison, but never in an outage.
func TestOneFailureIsPoisonOnlyWhileOthersDoWell(t *testing.T) {
	p := Policy{Window: time.Hour, FirstDelay: time.Second, MaxDelay: time.Minute, Factor: 2, PoisonAttempts: 1}
	a := attempt{sent: true, status: 500}
	a.examine(p)
	require.Equal(t, Failed, p.judge(Event{Queued: a.ended}, a, situation{others: tally{0, 3}}).Fate)
	require.Equal(t, Dead, p.judge(Event{Queued: a.ended}, a, situation{others: tally{1, 0}}).Fate)
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

func FuzzRetryAfter(f *testing.F) {
	for _, value := range []string{"", "0", "120", "-1", "007", "1e3", "Sat, 06 Dec 2025 06:09:00 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
		strings.Repeat("9", 400)} {
		f.Add(value)
	}
	now := time.Date(2025, 12, 6, 6, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, value string) {
		d := parseRetryAfter(value, now)
		require.GreaterOrEqual(t, d, time.Duration(0))
		require.LessOrEqual(t, d, farAway)
	})
}
