package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
)

// TestWhatCannotBeWrittenLosesNothing holds the disk full, and the database locked, while deliveries are settled.
func TestWhatCannotBeWrittenLosesNothing(t *testing.T) {
	for name, hinder := range map[string]func(*testing.T, *Store) (end func()){"full": fullDisk, "locked": lockedDatabase} {
		t.Run(name, func(t *testing.T) {
			heard := quiet{make(chan int, 1000)}
			s, err := Open(options(folder(t)), heard)
			require.NoError(t, err)
			defer func() { require.NoError(t, s.Close()) }()
			switchOn(t, s)
			emit(t, s, newClock(), testApp, rand.New(rand.NewPCG(1, 1)), 40)
			events, _, err := s.Waiting(background, delivery.Filter{App: testApp}, "", 100)
			require.NoError(t, err)
			require.Len(t, events, 40)
			end := hinder(t, s)
			for len(heard.settled) > 0 {
				<-heard.settled
			}
			for i, e := range events {
				fate := delivery.Delivered
				if i%10 == 9 {
					fate = delivery.Dead
				}
				e.Body = append(e.Body, make([]byte, 50_000)...) // more than what is free in the file
				s.Settle(delivery.Outcome{Event: e, Fate: fate})
			}
			require.ErrorContains(t, s.Update(background, func(tx live.Tx) error {
				return tx.PutAccount(testApp, live.Account{ID: "u", Nick: string(make([]byte, 500_000))})
			}), name)
			require.Empty(t, heard.settled, "nobody was told of what is not durable")
			require.Empty(t, lines(t, s, delivery.Filter{App: testApp}), "an attempt is logged before it is written down")
			require.Equal(t, counted(t, s, testApp), known(t, s, testApp))
			require.Equal(t, 40, known(t, s, testApp).Waiting)
			end()
			for settled := 0; settled < len(events); {
				settled += <-heard.settled
			}
			require.Len(t, lines(t, s, delivery.Filter{App: testApp}), 40)
			blocks := blocksOf(t, s)
			last := blocks[len(blocks)-1]
			require.Equal(t, int64(1), blocks[0].first)
			require.Equal(t, int64(41), last.first+last.count, "no number was lost with the commit that failed")
			require.Equal(t, delivery.Backlog{Known: true, Dead: 4}, known(t, s, testApp))
		})
	}
}

// fullDisk lets the database take no more room than it has, until something is removed.
func fullDisk(t *testing.T, s *Store) (end func()) {
	require.NoError(t, s.Update(background, func(tx live.Tx) error {
		return tx.PutAccount(testApp, live.Account{ID: "large", Nick: string(make([]byte, 8<<20))})
	}))
	require.NoError(t, s.change(background, func(own *tx) error {
		_, err := own.c.first("PRAGMA max_page_count = 1", nil, new(int)) // SQLite takes as many as there are
		return err
	}))
	return func() {
		_, err := s.db.Exec("DELETE FROM accounts WHERE user = 'large'")
		require.NoError(t, err)
	}
}

// lockedDatabase holds the lock that a writer needs, until it is ended.
func lockedDatabase(t *testing.T, s *Store) (end func()) {
	other, err := sql.Open("sqlite", "file:"+s.opts.Dir+"/"+FileName)
	require.NoError(t, err)
	lock, err := other.Conn(background)
	require.NoError(t, err)
	_, err = lock.ExecContext(background, "BEGIN IMMEDIATE")
	require.NoError(t, err)
	return func() {
		_, err := lock.ExecContext(background, "ROLLBACK")
		require.NoError(t, errors.Join(err, lock.Close(), other.Close()))
	}
}

// Events of one lane that were delivered go with one statement, whatever lies between them.
func TestRunsHoldTheEventsOfALaneInOrder(t *testing.T) {
	a, b := delivery.Lane{App: 1, Room: "a"}, delivery.Lane{App: 1, Room: "b"}
	event := func(l delivery.Lane, seq int64) *delivery.Event {
		return &delivery.Event{Lane: l, Seq: seq, At: time.Unix(seq, 0)}
	}
	var r runs
	for _, e := range []*delivery.Event{event(a, 1), event(b, 2), event(a, 3), event(b, 9), event(a, 3), event(a, 4), event(a, 2)} {
		r.add(e, false)
	}
	require.Equal(t, []run{{a, 1, 3, 2, 1}, {b, 2, 9, 2, 2}, {a, 3, 4, 2, 3}, {a, 2, 2, 1, 2}}, r.all)
	var alone runs
	alone.add(event(a, 1), true)
	alone.add(event(a, 2), true)
	require.Len(t, alone.all, 2)
}

// BenchmarkSettle measures writing down 4096 deliveries of 1000 rooms in one commit.
func BenchmarkSettle(b *testing.B) {
	for _, keep := range []time.Duration{0, time.Hour} {
		b.Run(fmt.Sprint("log=", keep > 0), func(b *testing.B) {
			opts := options(b.TempDir())
			opts.LogKeep = keep
			s, err := Open(opts, deaf{})
			require.NoError(b, err)
			defer s.Close()
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				outcomes := fill(b, s, settleBatchIdle)
				b.StartTimer()
				require.NoError(b, s.change(background, func(own *tx) error {
					if err := own.begin(); err != nil {
						return err
					}
					return own.w.settle(outcomes, false)
				}))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/settleBatchIdle, "ns/event")
		})
	}
}

// fill puts events into the outbox and returns the outcomes of their deliveries.
func fill(b *testing.B, s *Store, events int) (outcomes []delivery.Outcome) {
	require.NoError(b, s.change(background, func(own *tx) error {
		for i := range events {
			seq, err := own.nextSeq()
			if err != nil {
				return err
			}
			now := time.Now()
			lane := delivery.Lane{App: testApp, Room: live.RoomID(fmt.Sprint("room_", i%1000))}
			e := delivery.Event{Seq: seq, ID: delivery.NewEventID(now), Lane: lane, Command: "Live.CallbackAfterSetMetadata",
				Body: make([]byte, 350), ClientIP: "203.0.113.9", Platform: "RESTAPI", At: now, Queued: now}
			if err := own.insertOutbox(e); err != nil {
				return err
			}
			outcomes = append(outcomes, delivery.Outcome{Event: e, Attempt: delivery.Attempt{Number: 1, At: now, Took: time.Millisecond,
				Status: 200, Answer: []byte(`{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}`), AnswerBytes: 51}})
		}
		return nil
	}))
	return outcomes
}
