package sqlite

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

// clock is a time that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.UnixMilli(1765001300000)} }

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

func (c *clock) options(dir string) Options {
	opts := options(dir)
	opts.Now = c.read
	return opts
}

const testApp live.AppID = 1400000123

// delivered is the outcome of an attempt for an event of which the outbox need not know.
func delivered(c *clock, number int, body int) delivery.Outcome {
	at := c.read()
	return delivery.Outcome{
		Event: delivery.Event{
			Seq: int64(number), ID: delivery.NewEventID(at), Lane: delivery.Lane{App: testApp, Room: live.RoomID(fmt.Sprint("r", number%7))},
			Command: webhook.CommandAfterDelMetadata, Body: make([]byte, body), At: at, Queued: at,
		},
		Attempt: delivery.Attempt{Number: 1, At: at, Took: time.Millisecond, Status: 200},
	}
}

// untidy keeps the writer from having the log tidied: the test does it.
func untidy(t *testing.T, s *Store) {
	require.NoError(t, s.change(background, func(own *tx) error { own.w.small = -1 << 30; return nil }))
}

// write settles outcomes in one commit of its own.
func write(t testing.TB, s *Store, outcomes ...delivery.Outcome) {
	t.Helper()
	require.NoError(t, s.change(background, func(own *tx) error {
		if err := own.begin(); err != nil {
			return err
		}
		return own.w.settle(outcomes, true)
	}))
}

// blocksOf returns the blocks of the log, oldest first.
func blocksOf(t testing.TB, s *Store) (blocks []logBlock) {
	t.Helper()
	require.NoError(t, s.read(background, func(c *conn) (err error) {
		blocks, err = oldestBlocks(c, 1_000_000)
		return err
	}))
	return blocks
}

func lines(t testing.TB, s *Store, f delivery.Filter) (ids []string) {
	t.Helper()
	var after delivery.Cursor
	for {
		page, next, err := s.Log(background, f, nil, after, 1000)
		require.NoError(t, err)
		for _, l := range page {
			ids = append(ids, l.Event.ID)
		}
		if after = next; next == "" {
			return ids
		}
	}
}

func openAt(t *testing.T, opts Options) *Store {
	s, err := Open(opts, deaf{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// trimEverything lets the log grow, and then too old.
func trimEverything(t *testing.T, s *Store, c *clock) {
	write(t, s, delivered(c, 1, 10))
	write(t, s, delivered(c, 2, 10))
	c.move(s.opts.LogKeep + time.Millisecond)
	require.NoError(t, s.trim())
	require.Empty(t, lines(t, s, delivery.Filter{App: testApp}))
}

func TestTheLogKeepsAttemptsForTheConfiguredTime(t *testing.T) {
	c := newClock()
	s := openAt(t, c.options(folder(t)))
	for i := range 10 {
		write(t, s, delivered(c, i, 10))
		c.move(time.Hour)
	}
	all := lines(t, s, delivery.Filter{App: testApp})
	require.Len(t, all, 10)
	c.move(s.opts.LogKeep - 10*time.Hour)
	require.NoError(t, s.trim())
	require.Equal(t, all, lines(t, s, delivery.Filter{App: testApp}), "the first is just not too old")
	c.move(time.Millisecond)
	require.NoError(t, s.trim())
	require.Equal(t, all[:9], lines(t, s, delivery.Filter{App: testApp}))
	c.move(4 * time.Hour)
	require.NoError(t, s.trim())
	require.Equal(t, all[:5], lines(t, s, delivery.Filter{App: testApp}))
}

func TestTheLogIsLookedAtOftenEnoughForTheTimeItIsKept(t *testing.T) {
	for keep, want := range map[time.Duration]time.Duration{
		time.Millisecond: time.Second, 5 * time.Second: time.Second, 5 * time.Minute: 30 * time.Second, 72 * time.Hour: time.Minute,
	} {
		require.Equal(t, want, trimEvery(keep), keep)
	}
}

func TestOldAttemptsGoByThemselves(t *testing.T) {
	opts := options(t.TempDir())
	opts.LogKeep = 100 * time.Millisecond
	s := openAt(t, opts)
	write(t, s, delivered(&clock{now: time.Now()}, 1, 10))
	require.Eventually(t, func() bool { return len(lines(t, s, delivery.Filter{App: testApp})) == 0 }, 20*time.Second, 50*time.Millisecond)
}

func TestAnEmptiedLogCountsOn(t *testing.T) {
	c := newClock()
	opts := c.options(folder(t))
	s, err := Open(opts, deaf{})
	require.NoError(t, err)
	trimEverything(t, s, c)
	require.Len(t, blocksOf(t, s), 1)
	require.NoError(t, s.trim())
	require.NoError(t, s.Close())
	s = openAt(t, opts)
	write(t, s, delivered(c, 3, 10))
	blocks := blocksOf(t, s)
	require.Equal(t, int64(3), blocks[len(blocks)-1].first, "numbers are not used again")
	require.NoError(t, s.trim())
	require.Len(t, blocksOf(t, s), 1)
	require.Len(t, lines(t, s, delivery.Filter{App: testApp}), 1)
}

func TestTheLogKeepsToItsSize(t *testing.T) {
	c := newClock()
	opts := c.options(folder(t))
	opts.LogMaxBytes = 1 << 20
	s := openAt(t, opts)
	for i := range 300 {
		write(t, s, delivered(c, i, 10_000))
	}
	all := lines(t, s, delivery.Filter{App: testApp})
	require.NoError(t, s.trim())
	var size int64
	for _, b := range blocksOf(t, s) {
		size += b.size
	}
	require.LessOrEqual(t, size, opts.LogMaxBytes)
	require.Greater(t, size, opts.LogMaxBytes*9/10)
	left := lines(t, s, delivery.Filter{App: testApp})
	require.Equal(t, all[:len(left)], left, "the oldest go first")
}

func TestTheLogIsTrimmedByItselfWhenItIsTooLarge(t *testing.T) {
	c := newClock()
	opts := c.options(folder(t))
	opts.LogMaxBytes = 1 << 20
	s := openAt(t, opts)
	for i := range 1000 {
		write(t, s, delivered(c, i, 10_000))
	}
	require.Eventually(t, func() bool {
		blocks := blocksOf(t, s)
		return blocks[len(blocks)-1].before+blocks[len(blocks)-1].size-blocks[0].before <= opts.LogMaxBytes
	}, 20*time.Second, time.Millisecond)
}

func TestTrimmingIsDoneInSmallSteps(t *testing.T) {
	c := newClock()
	s := openAt(t, c.options(folder(t)))
	for i := range 200 {
		write(t, s, delivered(c, i, 20_000))
	}
	c.move(s.opts.LogKeep + time.Millisecond)
	for before := blocksOf(t, s); len(before) > 1; before = blocksOf(t, s) {
		require.NoError(t, s.change(background, func(own *tx) error { _, err := own.trimLog(0); return err }))
		after := blocksOf(t, s)
		removed := int64(0)
		for _, b := range before[:len(before)-len(after)] {
			removed += b.size
		}
		require.Less(t, len(after), len(before))
		require.LessOrEqual(t, len(before)-len(after), trimBlocks)
		require.Less(t, removed, int64(trimBytes+blockSize))
	}
}

// Between two steps of trimming, updates have their turn: while each update below waits in the queue, one step at most
// is taken.
func TestUpdatesGoOnWhileTheLogIsTrimmed(t *testing.T) {
	c := newClock()
	s := openAt(t, c.options(folder(t)))
	for i := range 200 {
		write(t, s, delivered(c, i, 20_000))
	}
	c.move(s.opts.LogKeep + time.Millisecond)
	trimmed := make(chan error, 1)
	go func() { trimmed <- s.trim() }()
	partly := 0
	for len(trimmed) == 0 {
		require.NoError(t, s.change(background, func(own *tx) error {
			if err := own.begin(); err != nil {
				return err
			}
			blocks, err := oldestBlocks(own.c, 1000)
			if n := len(blocks); n > 1 && n < 200 {
				partly++
			}
			return err
		}))
	}
	require.NoError(t, <-trimmed)
	require.Positive(t, partly, "no update came between two steps")
}

func TestWithoutALogNothingIsKept(t *testing.T) {
	c := newClock()
	opts := c.options(folder(t))
	s, err := Open(opts, deaf{})
	require.NoError(t, err)
	write(t, s, delivered(c, 1, 10))
	require.NoError(t, s.Close())
	opts.LogKeep = 0
	s = openAt(t, opts)
	require.NoError(t, s.trim())
	write(t, s, delivered(c, 2, 10))
	require.Empty(t, lines(t, s, delivery.Filter{App: testApp}))
}

// The times of blocks never go back, and are not before the commits in them: searches rely on that.
func TestTheTimesOfTheLogNeverGoBack(t *testing.T) {
	c := newClock()
	opts := c.options(folder(t))
	s, err := Open(opts, deaf{})
	require.NoError(t, err)
	first := delivered(c, 1, 10)
	write(t, s, first)
	c.move(-time.Hour)
	second := delivered(c, 2, 10)
	write(t, s, second)
	require.NoError(t, s.Close())
	s = openAt(t, opts)
	third := delivered(c, 3, 10)
	third.Event.At = third.Event.At.Add(10 * time.Hour)
	write(t, s, third)
	c.move(time.Minute)
	write(t, s, delivered(c, 4, 10))
	last := int64(0)
	for _, b := range blocksOf(t, s) {
		require.GreaterOrEqual(t, b.written, last)
		last = b.written
	}
	require.GreaterOrEqual(t, last, third.Event.At.UnixMilli())
	for _, o := range []delivery.Outcome{first, second, third} {
		story, err := s.Story(background, testApp, o.Event.ID)
		require.NoError(t, err)
		require.Len(t, story.Attempts, 1)
	}
	require.Len(t, lines(t, s, delivery.Filter{App: testApp, From: third.Event.At}), 1)
}

// A large log of small and large blocks is read through page by page, from any filter's point of view.
func TestAListOfALongLogIsPutTogetherFromBoundedReads(t *testing.T) {
	c := newClock()
	opts := c.options(folder(t))
	s := openAt(t, opts)
	untidy(t, s)
	const blocks = readBlocks + 3*headPage
	rare := delivered(c, 0, 10)
	rare.Event.Lane.Room = "rare"
	write(t, s, rare)
	require.NoError(t, s.change(background, func(own *tx) error {
		if err := own.begin(); err != nil {
			return err
		}
		for i := range blocks {
			if err := own.w.settle([]delivery.Outcome{delivered(c, i, 10)}, true); err != nil {
				return err
			}
		}
		return nil
	}))
	room := live.RoomID("rare")
	page, next, err := s.Log(background, delivery.Filter{App: testApp, Room: &room}, nil, "", 10)
	require.NoError(t, err)
	require.Empty(t, page, "one call reads no more than it may")
	require.NotEmpty(t, next)
	require.Equal(t, []string{rare.Event.ID}, lines(t, s, delivery.Filter{App: testApp, Room: &room}))
	require.Len(t, lines(t, s, delivery.Filter{App: testApp}), blocks+1)
	story, err := s.Story(background, testApp, rare.Event.ID)
	require.NoError(t, err)
	require.Equal(t, delivery.Done, story.State)
	_, err = s.Story(background, testApp, "evt_AAAAAAAAAAAAAAAAAAAAAAAAAA")
	require.ErrorIs(t, err, delivery.ErrUnknownEvent)
	copied, calls := 0, 0
	for next = ""; calls == 0 || next != ""; calls++ {
		var n int
		n, next, err = s.ReplayDelivered(background, delivery.Filter{App: testApp, Room: &room}, next, 10)
		require.NoError(t, err)
		copied += n
	}
	require.Equal(t, 1, copied)
	require.Greater(t, calls, 1)
}

func TestABrokenBlockIsAnError(t *testing.T) {
	c := newClock()
	s := openAt(t, c.options(folder(t)))
	o := delivered(c, 1, 10)
	write(t, s, o)
	require.NoError(t, s.change(background, func(own *tx) error {
		return own.put("UPDATE delivery_log SET records = substr(records, 1, 20)")
	}))
	_, _, err := s.Log(background, delivery.Filter{App: testApp}, nil, "", 10)
	require.ErrorIs(t, err, errBrokenBlock)
	_, err = s.Story(background, testApp, o.Event.ID)
	require.ErrorIs(t, err, errBrokenBlock)
	_, _, err = s.ReplayDelivered(background, delivery.Filter{App: testApp}, "", 10)
	require.ErrorIs(t, err, errBrokenBlock)
}

// Under light load each commit writes a block of one record or a few; they become large ones, and nothing else changes.
func TestSmallBlocksOfTheLogAreMerged(t *testing.T) {
	c := newClock()
	opts := c.options(folder(t))
	s, err := Open(opts, deaf{})
	require.NoError(t, err)
	untidy(t, s)
	const commits = 3*mergeBlocks - 1
	var ids []string
	for i := range commits {
		size := 10
		if i == 100 {
			size = blockSize // a large block between small ones
		}
		o := delivered(c, i, size)
		write(t, s, o)
		ids = append(ids, o.Event.ID)
		c.move(time.Second)
	}
	page, half, err := s.Log(background, delivery.Filter{App: testApp}, nil, "", commits/2)
	require.NoError(t, err)
	rest, err := s.mergeLog(1)
	require.NoError(t, err)
	blocks := blocksOf(t, s)
	require.Less(t, len(blocks), mergeBlocks+10)
	next, at := int64(1), int64(0)
	for _, b := range blocks {
		require.Equal(t, next, b.first)
		require.GreaterOrEqual(t, b.written, at)
		next, at = b.first+b.count, b.written
	}
	require.Equal(t, int64(commits+1), next)
	again, err := s.mergeLog(rest)
	require.NoError(t, err)
	require.Equal(t, rest, again, "what is left waits for more")
	require.Len(t, blocksOf(t, s), len(blocks))

	all := lines(t, s, delivery.Filter{App: testApp})
	require.Len(t, all, commits)
	for i, id := range ids {
		require.Equal(t, id, all[commits-1-i])
	}
	behind, _, err := s.Log(background, delivery.Filter{App: testApp}, nil, half, 1)
	require.NoError(t, err)
	require.Equal(t, all[len(page)], behind[0].Event.ID, "a cursor from before goes on where it was")
	for _, i := range []int{0, 50, 100, 200, commits - 1} {
		story, err := s.Story(background, testApp, ids[i])
		require.NoError(t, err)
		require.Len(t, story.Attempts, 1)
		from := time.UnixMilli(delivery.TimeOfEventID(ids[i], c.read()))
		require.Len(t, lines(t, s, delivery.Filter{App: testApp, From: from}), commits-i)
	}
	require.NoError(t, s.Close())
	s = openAt(t, opts)
	o := delivered(c, 1, 10)
	write(t, s, o)
	require.Equal(t, append([]string{o.Event.ID}, all...), lines(t, s, delivery.Filter{App: testApp}))
	copied, next2, err := s.ReplayDelivered(background, delivery.Filter{App: testApp}, "", 3)
	require.NoError(t, err)
	require.Equal(t, 3, copied)
	require.NotEmpty(t, next2)
	c.move(opts.LogKeep + time.Millisecond)
	require.NoError(t, s.trim())
	require.Empty(t, lines(t, s, delivery.Filter{App: testApp}))
}

func TestABrokenBlockIsNotMerged(t *testing.T) {
	c := newClock()
	s := openAt(t, c.options(folder(t)))
	untidy(t, s)
	for i := range mergeBlocks {
		write(t, s, delivered(c, i, 10))
	}
	require.NoError(t, s.change(background, func(own *tx) error {
		return own.put("UPDATE delivery_log SET records = x'07' WHERE first = 5")
	}))
	next, err := s.mergeLog(1)
	require.ErrorIs(t, err, errBrokenBlock)
	require.Len(t, blocksOf(t, s), mergeBlocks)
	next, err = s.mergeLog(next)
	require.NoError(t, err)
	require.Equal(t, int64(mergeBlocks+1), next, "the others are merged all the same")
}

func TestTheWriterAsksForSmallBlocksToBeMerged(t *testing.T) {
	c := newClock()
	s := openAt(t, c.options(folder(t)))
	for i := range 3 * mergeBlocks {
		write(t, s, delivered(c, i, 10))
	}
	require.Eventually(t, func() bool { return len(blocksOf(t, s)) < 2*mergeBlocks }, 20*time.Second, time.Millisecond)
}
