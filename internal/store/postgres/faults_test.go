package postgres

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/url"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/delivery"
	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/store"
	"github.com/greenroom-live/greenroom/internal/testkit"
)

// cut is where a connection ends around a commit.
type cut int32

const (
	never        cut = iota
	beforeCommit     // the commit does not reach the server
	duringCommit     // the server goes on, the client knows nothing
	afterCommit      // the server has answered, and the answer is lost
)

// wire is a way to a database on which connections can be cut.
type wire struct {
	t        *testing.T
	listener net.Listener
	to       string
	next     atomic.Int32 // a cut, of the next commit
	always   atomic.Bool  // of all commits
	made     chan struct{}
	ignored  atomic.Pointer[string] // the next session with that in its first message gets no answer
}

// wireTo returns a way to a database, and its URL by it.
func wireTo(t *testing.T, raw string) (*wire, string) {
	t.Helper()
	u, err := url.Parse(raw)
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w := &wire{t: t, listener: l, to: u.Host, made: make(chan struct{}, 10)}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { w.carry(client) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); all.Wait() })
	u.Host = l.Addr().String()
	return w, u.String()
}

// commits tells whether a message of the driver commits a transaction: it has the name of that statement, and does not give it.
func commits(message []byte) bool {
	digest := sha256.Sum256([]byte("COMMIT"))
	name := "stmtcache_" + hex.EncodeToString(digest[:24])
	return bytes.Contains(message, []byte(name)) && !bytes.Contains(message, []byte("\x00COMMIT\x00"))
}

func (w *wire) carry(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", w.to)
	if err != nil {
		return
	}
	defer server.Close()
	var lost atomic.Bool
	var back sync.WaitGroup
	back.Go(func() { // what the server says
		defer client.Close()
		buffer := make([]byte, 64<<10)
		for {
			n, err := server.Read(buffer)
			if err != nil {
				return
			}
			if lost.Load() {
				if bytes.Contains(buffer[:n], []byte("COMMIT\x00")) {
					return
				}
				continue
			}
			_, _ = client.Write(buffer[:n]) // who is gone hears nothing
		}
	})
	defer back.Wait()
	defer server.Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		if name := w.ignored.Load(); name != nil && bytes.Contains(buffer[:n], []byte(*name)) && w.ignored.CompareAndSwap(name, nil) {
			w.made <- struct{}{}
			_, _ = io.Copy(io.Discard, client)
			return
		}
		how := never
		if commits(buffer[:n]) {
			if how = cut(w.next.Load()); !w.always.Load() {
				how = cut(w.next.Swap(int32(never)))
			}
		}
		switch how {
		case beforeCommit:
			w.made <- struct{}{}
			return
		case duringCommit:
			w.made <- struct{}{}
			_ = client.Close()
			_, _ = server.Write(buffer[:n])
			_ = server.(*net.TCPConn).CloseWrite()
			back.Wait()
			return
		case afterCommit:
			lost.Store(true)
			w.made <- struct{}{}
		}
		if _, err := server.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func TestANodeStartsThoughTheDatabaseIsSlowToAnswer(t *testing.T) {
	t.Parallel()
	for _, session := range []string{"greenroom ear", "greenroom lease"} {
		w, by := wireTo(t, database(t))
		w.ignored.Store(&session)
		s, _ := openNode(t, by, func(o *Options) { o.Lease = time.Second })
		require.Len(t, w.made, 1, "nothing was slow")
		require.Positive(t, s.Node())
	}
}

func TestASessionThatIsSilentGivesUpItsLocks(t *testing.T) {
	t.Parallel()
	s, _ := openNode(t, database(t), func(o *Options) { o.Lease = 2 * time.Second })
	d := deskAt(t, s.opts.URL)
	for name, begin := range map[string]string{"between transactions": "SELECT 1", "in a transaction": "BEGIN"} {
		c, err := s.dialWriter()
		require.NoError(t, err)
		require.NoError(t, c.do(begin), name)
		require.NoError(t, c.do("SELECT pg_advisory_lock(4711)"), name)
		d.do("SET statement_timeout = '20s'") // far more than half of the lease
		d.do("SELECT pg_advisory_lock(4711)")
		d.do("SELECT pg_advisory_unlock(4711)")
		require.Error(t, c.do("SELECT 1"), "the session goes on: %s", name)
		c.close()
	}
}

// count is an update that counts one more message.
func count(tx live.Tx) error {
	if _, _, err := tx.RoomOwner(7, "room"); err != nil {
		return err
	}
	return tx.AddTotals(7, "room", live.Totals{Messages: 1})
}

func counted(t *testing.T, s *Store) (n int64) {
	t.Helper()
	require.NoError(t, s.View(background, func(r live.Reader) error {
		room, _, err := r.Room(7, "room")
		n = room.Messages
		return err
	}))
	return n
}

func TestAnUpdateHappensOnceHoweverItsConnectionEnds(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]cut{
		"before the commit": beforeCommit, "during the commit": duringCommit, "after the commit": afterCommit,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			direct := database(t)
			w, by := wireTo(t, direct)
			s, _ := openNode(t, by, func(o *Options) { o.Writers = 2 })
			makeRoom(t, s, "room")
			d := deskAt(t, direct)
			// A commit takes its time, so that somebody can ask for it while it is under way.
			d.do(`CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.05); RETURN NULL; END'`)
			d.do(`CREATE CONSTRAINT TRIGGER slow AFTER UPDATE ON rooms DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()`)
			for i := range 10 {
				w.next.Store(int32(how))
				require.NoError(t, s.Update(background, count))
				<-w.made
				require.Equal(t, int64(i+1), counted(t, s))
			}
		})
	}
}

func TestWhatIsStillOnItsWayIsNotCommittedOnceSomebodyHasAsked(t *testing.T) {
	t.Parallel()
	s, _ := openNode(t, database(t), nil)
	makeRoom(t, s, "room")
	first, err := s.dialWriter()
	require.NoError(t, err)
	defer first.close()
	mark, err := newMark(first, s.Node())
	require.NoError(t, err)
	commit := func() error {
		first.later("BEGIN")
		first.later("UPDATE rooms SET messages = messages + 1 WHERE app = 7 AND room = 'room'")
		mark.put(first)
		first.later("COMMIT")
		return first.send()
	}
	require.NoError(t, commit())
	second, err := s.dialWriter()
	require.NoError(t, err)
	defer second.close()
	before := mark
	before.commits++ // one that has not arrived
	for range 2 {    // the answer may be lost, too
		committed, known, err := before.find(second)
		require.NoError(t, err)
		require.True(t, known)
		require.False(t, committed)
	}
	require.ErrorContains(t, commit(), "division by zero")
	require.Equal(t, int64(1), counted(t, s))
	committed, known, err := mark.find(second)
	require.NoError(t, err)
	require.True(t, known)
	require.False(t, committed, "the number of the commit that failed")

	deskAt(t, s.opts.URL).do("UPDATE sessions SET used_at = used_at - interval '3 days' WHERE session = $1", mark.session)
	require.NoError(t, s.tidyUp())
	_, known, err = mark.find(second)
	require.NoError(t, err)
	require.False(t, known)
	require.NoError(t, s.Update(background, count), "those that are used are kept")
}

// endWriters ends the sessions that write.
func (d *desk) endWriters() int64 {
	return d.number(`SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'greenroom' AND pid <> pg_backend_pid()`)
}

func TestSessionsThatTheDatabaseEndsAreReplaced(t *testing.T) {
	t.Parallel()
	s, _ := openNode(t, database(t), nil)
	makeRoom(t, s, "room")
	d := deskAt(t, s.opts.URL)
	for i := range 5 {
		runs := 0
		require.NoError(t, s.Update(background, func(tx live.Tx) error {
			if err := count(tx); err != nil {
				return err
			}
			if runs++; runs == 1 {
				require.Positive(t, d.endWriters())
			}
			_, err := tx.Metadata(7, "room")
			return err
		}))
		require.Equal(t, 2, runs)
		d.endWriters() // while they have nothing to do
		require.NoError(t, s.Update(background, count))
		require.EventuallyWithT(t, func(c *assert.CollectT) {
			require.NoError(c, s.View(background, func(r live.Reader) error {
				room, _, err := r.Room(7, "room")
				assert.Equal(c, int64(2*i+2), room.Messages)
				return err
			}))
		}, 20*time.Second, time.Millisecond)
	}
}

// endingEars end a session while the listener hears of its commit.
type endingEars struct {
	ears
	end func()
}

func (e *endingEars) Committed(c store.Commit) {
	e.ears.Committed(c)
	e.end()
}

func TestACommitIsToldOnceWhenItsSessionEndsThen(t *testing.T) {
	t.Parallel()
	d := deskAt(t, database(t))
	heard := &endingEars{end: func() { d.endWriters() }}
	opts := options(d.pg.Config().ConnString())
	opts.Writers = 1
	s, err := Open(opts, heard)
	require.NoError(t, err)
	makeRoom(t, s, "room")
	for range 5 {
		require.NoError(t, s.Update(background, func(tx live.Tx) error {
			if err := count(tx); err != nil {
				return err
			}
			return tx.Emit(live.Event{App: 7, Room: "room", At: time.Now(), Change: live.LikesSent{Count: 1}})
		}))
	}
	require.NoError(t, s.Close())
	require.Len(t, heard.commits, 5)
	require.Equal(t, int64(5), d.number("SELECT messages FROM rooms"))
}

func TestNothingIsLostOrDoneTwiceWhenTheDatabaseIsRestarted(t *testing.T) {
	t.Parallel()
	for name, mode := range map[string]testkit.StopMode{"stopped": testkit.Fast, "crashed": testkit.Immediate} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pg := testkit.NewPostgres(t)
			url := pg.Database()
			a, _ := openNode(t, url, nil)
			b, _ := openNode(t, url, nil)
			makeRoom(t, a, "room")
			ctx, stop := context.WithCancel(background)
			var done atomic.Int64
			var all sync.WaitGroup
			for n := range 16 {
				all.Go(func() {
					for ctx.Err() == nil {
						// Once begun an update is carried through: only its answer says whether it happened.
						if err := []*Store{a, b}[n%2].Update(background, count); err != nil {
							require.NoError(t, err)
							return
						}
						done.Add(1)
					}
				})
			}
			for range 3 {
				reached := done.Load() + 200
				require.Eventually(t, func() bool { return done.Load() >= reached }, 30*time.Second, time.Millisecond)
				pg.Stop(mode)
				pg.Start()
			}
			reached := done.Load() + 200
			require.Eventually(t, func() bool { return done.Load() >= reached }, 30*time.Second, time.Millisecond)
			stop()
			all.Wait()
			require.Equal(t, done.Load(), counted(t, a))
		})
	}
}

func TestNothingIsCommittedInTheNameOfALifeThatIsOver(t *testing.T) {
	t.Parallel()
	url := database(t)
	a, _ := openNode(t, url, nil)
	b, _ := openNode(t, url, nil)
	makeRoom(t, a, "room")
	d, life := deskAt(t, url), int64(a.Node())
	open := func() int64 { return d.number("SELECT count(*) FROM sessions WHERE node = $1 AND NOT ended", life) }
	require.NotZero(t, open())

	d.do("UPDATE nodes SET seen_at = seen_at - interval '1 hour' WHERE node = $1", life)
	b.heir.poke()
	require.Eventually(t, func() bool { return open() == 0 }, 10*time.Second, time.Millisecond)
	require.NoError(t, a.Update(background, count), "in the name of the next life")
	require.Equal(t, int64(1), counted(t, b))
	require.Greater(t, int64(a.Node()), life)
	require.Zero(t, d.number("SELECT count(*) FROM sessions WHERE node = $1 AND commits > 0 AND NOT ended", life))
	require.NotZero(t, d.number("SELECT count(*) FROM sessions WHERE node = $1 AND commits > 0", int64(a.Node())))
}

func TestAnUpdateThatEndsItsGoroutineHoldsUpNobody(t *testing.T) {
	t.Parallel()
	s, _ := openNode(t, database(t), func(o *Options) { o.Writers = 1 })
	makeRoom(t, s, "room")
	makeRoom(t, s, "other")
	for i := range 3 {
		var all sync.WaitGroup
		begun, together := make(chan struct{}), make(chan struct{})
		all.Go(func() {
			assert.NoError(t, s.Update(background, func(live.Tx) error { close(begun); <-together; return nil }))
		})
		<-begun
		for n := range 3 {
			all.Go(func() {
				assert.ErrorIs(t, s.Update(background, func(tx live.Tx) error {
					if _, _, err := tx.RoomOwner(7, "other"); err != nil || n == 0 {
						return err
					}
					runtime.Goexit()
					return nil
				}), map[bool]error{false: errEnded}[n == 0])
			})
			all.Go(func() { assert.NoError(t, s.Update(background, count)) })
		}
		require.Eventually(t, func() bool {
			s.queue.mu.Lock()
			defer s.queue.mu.Unlock()
			return len(s.queue.waiting) == 6
		}, 10*time.Second, time.Millisecond)
		close(together)
		all.Wait()
		require.Equal(t, int64(3*i+3), counted(t, s))
	}
}

func TestAnAnswerThatCannotBeReadDoesNotHideTheCommit(t *testing.T) {
	t.Parallel()
	s, _ := openNode(t, database(t), nil)
	makeRoom(t, s, "room")
	runs := 0
	require.NoError(t, s.Update(background, func(lt live.Tx) error {
		if _, _, err := lt.RoomOwner(7, "room"); err != nil {
			return err // another session may still have the room's lock, of the commit that made it
		}
		runs++
		lt.(*tx).c.laterEach(func(func(...any) error) error { return errors.New("unreadable") }, "SELECT 1")
		return lt.AddTotals(7, "room", live.Totals{Messages: 1})
	}))
	require.Equal(t, 1, runs)
	require.Equal(t, int64(1), counted(t, s))
}

// stuckSession is a session of a node that takes no answers: it is in the middle of one that is long.
func stuckSession(t *testing.T, s *Store, lock key) {
	t.Helper()
	c, err := s.dialWriter()
	require.NoError(t, err)
	require.NoError(t, c.do("SELECT pg_advisory_lock($1)", int64(lock)))
	t.Cleanup(func() { _ = c.pg.PgConn().Conn().Close() })
	frontend := pgproto3.NewFrontend(nil, c.pg.PgConn().Conn())
	frontend.SendQuery(&pgproto3.Query{String: "SELECT repeat('x', 1000000) FROM generate_series(1, 1000)"})
	require.NoError(t, frontend.Flush())
}

func TestANodeThatTakesNoAnswersLosesItsLocks(t *testing.T) {
	t.Parallel()
	s, _ := openNode(t, database(t), func(o *Options) { o.Lease = 2 * time.Second })
	makeRoom(t, s, "room")
	stuckSession(t, s, roomKey(7, "room"))
	require.NoError(t, s.Update(background, count))
}

func TestATakeOverIsNotHeldUpByASessionThatStandsStill(t *testing.T) {
	t.Parallel()
	url := database(t)
	a, b := fellowOf(t, url, "a", 2*time.Second), fellowOf(t, url, "b", 2*time.Second)
	life := a.Node()
	c, err := a.dial(a.config.Copy())
	require.NoError(t, err)
	defer c.close()
	c.later("BEGIN") // as to look after a node that is gone
	found, err := c.first(holdLife, []any{int64(life)}, new(int))
	require.NoError(t, err)
	require.True(t, found)
	a.die()
	b.waitFor("that it is gone", func(n store.News) bool { return slices.Contains(n.Gone, life) })
}

func TestAnUpdateThatNoConnectionSurvivesFails(t *testing.T) {
	t.Parallel()
	direct := database(t)
	w, by := wireTo(t, direct)
	s, _ := openNode(t, by, func(o *Options) { o.Writers = 1 })
	makeRoom(t, s, "room")
	w.next.Store(int32(beforeCommit))
	w.always.Store(true)
	ended := make(chan error)
	go func() { ended <- s.Update(background, count) }()
	for tries := 0; ; {
		select {
		case <-w.made:
			tries++
			require.Less(t, tries, 2*maxTries)
		case err := <-ended:
			require.Error(t, err)
			require.Zero(t, counted(t, s))
			return
		}
	}
}

// forgetful is a listener to whose first commit something happens.
type forgetful struct {
	hearsay
	first func()
	once  sync.Once
}

func (f *forgetful) Committed(store.Commit) { f.once.Do(f.first) }

func TestClientsLookAgainWhenLocksWereLostBeforeTheyWereTold(t *testing.T) {
	t.Parallel()
	d := deskAt(t, database(t))
	heard := &forgetful{hearsay: hearsay{more: make(chan struct{})}, first: func() { d.endWriters() }}
	opts := options(d.pg.Config().ConnString())
	opts.Writers = 1
	s, err := Open(opts, heard)
	require.NoError(t, err)
	f := &fellow{s, t, &heard.hearsay}
	t.Cleanup(func() { f.stop() })
	f.emit("room", "key")
	f.waitFor("that something was missed", func(n store.News) bool { return n.Missed })
	f.emit("room", "key")
	require.NoError(t, s.Update(background, func(live.Tx) error { return nil }), "a second session, whose locks were not lost")
	require.False(t, slices.ContainsFunc(f.all(), func(n store.News) bool { return n.Missed }))
}

func TestAnUpdateIsTriedAgainWhenPostgreSQLHadNoRoomForItsLocks(t *testing.T) {
	t.Parallel()
	s, _ := openNode(t, database(t), nil)
	makeRoom(t, s, "room")
	d := deskAt(t, s.opts.URL)
	d.do("CREATE SEQUENCE times")
	d.do(`CREATE FUNCTION full_at_first() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN IF nextval(''times'') < 3 THEN RAISE EXCEPTION USING ERRCODE = ''53200''; END IF; RETURN NEW; END'`)
	d.do("CREATE TRIGGER full_at_first BEFORE UPDATE ON rooms FOR EACH ROW EXECUTE FUNCTION full_at_first()")
	require.NoError(t, s.Update(background, count))
	require.Equal(t, int64(1), counted(t, s))
}

func TestASessionOnAServerThatHasBecomeAStandbyIsReplaced(t *testing.T) {
	t.Parallel()
	s, _ := openNode(t, database(t), func(o *Options) { o.Writers = 1 })
	makeRoom(t, s, "room")
	require.NoError(t, s.Update(background, func(lt live.Tx) error {
		return lt.(*tx).c.do("SET default_transaction_read_only = on")
	}))
	require.NoError(t, s.Update(background, count))
	require.Equal(t, int64(1), counted(t, s))
}

func TestANodeServesOnADatabaseThatWasRestored(t *testing.T) {
	t.Parallel()
	url := database(t)
	f := fellowOf(t, url, "a", 2*time.Second)
	life, d := f.Node(), deskAt(t, url)
	d.do("TRUNCATE nodes, baskets, sessions; SELECT setval('node_ids', 1), setval('basket_ids', 1)")
	f.keeper.doubt()
	n := f.waitFor("of another life", func(n store.News) bool { return n.Node != 0 && n.Node != life })
	require.Greater(t, n.Node, life)
	require.Eventually(t, func() bool { return f.Lease().Holder(delivery.ReadClocks()) == n.Node }, 10*time.Second, time.Millisecond)
}
