package sqlite

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
)

// deliverAll settles all that waits of testApp as delivered.
func deliverAll(t *testing.T, s *Store) {
	t.Helper()
	events, _, err := s.Waiting(background, delivery.Filter{App: testApp}, "", 1000)
	require.NoError(t, err)
	var outcomes []delivery.Outcome
	for _, e := range events {
		outcomes = append(outcomes, delivery.Outcome{Event: e, Attempt: delivery.Attempt{Number: 1, At: s.opts.Now()}})
	}
	write(t, s, outcomes...)
}

// Replaying is about what the log still has: an event whose first delivery it has forgotten is replayed for the next that
// it remembers, and still once.
func TestAnEventIsReplayedOnceAlsoWhenItsFirstDeliveryIsForgotten(t *testing.T) {
	c := newClock()
	s := openAt(t, c.options(folder(t)))
	switchOn(t, s)
	emit(t, s, c, testApp, rand.New(rand.NewPCG(1, 1)), 1)
	events, _, err := s.Waiting(background, delivery.Filter{App: testApp}, "", 10)
	require.NoError(t, err)
	deliverAll(t, s)
	for range 3 {
		c.move(time.Hour)
		require.NoError(t, s.Replay(background, testApp, events[0].ID))
		deliverAll(t, s)
	}
	require.Len(t, lines(t, s, delivery.Filter{App: testApp}), 4)
	c.move(s.opts.LogKeep - 2*time.Hour)
	require.NoError(t, s.trim())
	require.Len(t, lines(t, s, delivery.Filter{App: testApp}), 2+1, "one is just not too old")
	c.move(time.Millisecond)
	require.NoError(t, s.trim())
	require.Len(t, lines(t, s, delivery.Filter{App: testApp}), 2)
	copied, after, next := 0, delivery.Cursor(""), delivery.Cursor("")
	for range 10 {
		var n int
		n, next, err = s.ReplayDelivered(background, delivery.Filter{App: testApp}, after, 1)
		require.NoError(t, err)
		copied += n
		deliverAll(t, s) // so that it does not wait when it comes again
		if after = next; next == "" {
			break
		}
	}
	require.Empty(t, next)
	require.Equal(t, 1, copied)
}

// With many dead letters of which a filter picks few, each call goes on where the one before has come to; and at the end
// none is forgotten that came behind it.
func TestASeriesGoesOnWhereItHasComeTo(t *testing.T) {
	c := newClock()
	s := openAt(t, c.options(folder(t)))
	bury := func(from, to int, command string) {
		_, err := s.db.Exec(`WITH RECURSIVE n (i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < ?)
			INSERT INTO dead_letters (app, room, seq, id, command, body, client_ip, platform, created_at, attempts, last_error, died_at)
			SELECT ?, 'r', i, 'evt_' || i, ?, '{}', '', '', 1765001300000 + i, 1, '', 0 FROM n`, from, to, testApp, command)
		require.NoError(t, err)
	}
	bury(10, 3*readRows, "other")
	bury(3*readRows+1, 3*readRows+5, "wanted")
	f := delivery.Filter{App: testApp, Command: "wanted"}
	n, err := s.PurgeDead(background, f, 2)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.Equal(t, int64(3*readRows+2), s.places.Get(store.PurgeDead, f).Seq)
	require.Equal(t, store.Place{}, s.places.Get(store.PurgeDead, delivery.Filter{App: testApp}), "another filter begins anew")
	require.Equal(t, store.Place{}, s.places.Get(store.ReplayDead, f), "and so does another kind of series")
	bury(1, 1, "wanted")
	total := n
	for n > 0 {
		n, err = s.PurgeDead(background, f, 2)
		require.NoError(t, err)
		total += n
	}
	require.Equal(t, 6, total)
	room := live.RoomID("r")
	f.Room = &room
	s.places.Set(store.PurgeDead, f, store.Place{Seq: 7})
	room = "another" // whatever becomes of the caller's variable
	require.Equal(t, store.Place{}, s.places.Get(store.PurgeDead, f))
}

// An operator's call moves a bounded number of events, however many are asked for.
func TestOneCallMovesABoundedNumberOfEvents(t *testing.T) {
	c := newClock()
	s := openAt(t, c.options(folder(t)))
	switchOn(t, s)
	emit(t, s, c, testApp, rand.New(rand.NewPCG(1, 1)), maxMoved+1)
	n, err := s.PurgeWaiting(background, delivery.Filter{App: testApp}, 1<<40)
	require.NoError(t, err)
	require.Equal(t, maxMoved, n)
	n, err = s.PurgeWaiting(background, delivery.Filter{App: testApp}, -1)
	require.NoError(t, err)
	require.Equal(t, 1, n)
}

// An event is known at every moment, also while it goes from the outbox to the log.
func TestAnEventIsNeverUnknownWhileItIsDelivered(t *testing.T) {
	c := newClock()
	s := openAt(t, c.options(folder(t)))
	switchOn(t, s)
	for range 200 {
		emit(t, s, c, testApp, rand.New(rand.NewPCG(1, 1)), 1)
		events, _, err := s.Waiting(background, delivery.Filter{App: testApp}, "", 10)
		require.NoError(t, err)
		told := make(chan error, 1)
		go func() {
			_, err := s.Story(background, testApp, events[0].ID)
			told <- err
		}()
		deliverAll(t, s)
		require.NoError(t, <-told)
	}
}

// A dead letter that two replay at once waits for the one who was slower; one that was purged meanwhile is nowhere.
func TestWhatSomebodyElseReplayedIsStillWaiting(t *testing.T) {
	c := newClock()
	s := openAt(t, c.options(t.TempDir()))
	e := delivered(c, 1, 10).Event
	require.NoError(t, s.change(background, func(own *tx) error {
		require.ErrorIs(t, own.notRevived(testApp, e.ID), delivery.ErrUnknownEvent)
		if err := own.requeue(e); err != nil {
			return err
		}
		require.ErrorIs(t, own.notRevived(testApp, e.ID), delivery.ErrStillWaiting)
		return nil
	}))
}
