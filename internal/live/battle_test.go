package live_test

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
	"github.com/greenroom-live/greenroom/internal/store/sqlite"
	"github.com/greenroom-live/greenroom/webhook"
)

var admin = by(live.KindAdmin, "administrator")

// arena is a world with a clock that can be moved and a store that can be opened again.
type arena struct {
	*world
	dir   string
	close func() error
	ahead atomic.Int64 // of began
}

func newArena(t testing.TB, rooms ...live.RoomID) *arena {
	t.Helper()
	a := &arena{world: &world{t: t}, dir: t.TempDir()}
	a.open()
	t.Cleanup(func() { require.NoError(t, a.close()) })
	require.NoError(t, a.SetCallback(ctx, admin, live.Callback{URL: "http://x/", Commands: []string{
		"Live.CallbackAfterCreateBattle", "Live.CallbackAfterStartBattle", "Live.CallbackAfterEndBattle", "Live.CallbackAfterDestroyRoom",
	}}))
	for _, r := range rooms {
		a.make(r)
	}
	return a
}

func (a *arena) open() {
	a.t.Helper()
	rows, err := sqlite.Open(sqlite.Options{
		Dir: a.dir, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Metrics: observe.NewMetrics(),
	}, a.world)
	require.NoError(a.t, err)
	a.close = rows.Close
	a.Service = live.NewService(rows, nil, []*live.App{{ID: app, SecretKey: key}}, live.DefaultLimits, a.now)
}

func (a *arena) now() time.Time { return began.Add(time.Duration(a.ahead.Load())) }

// wait lets time pass and what became due happen.
func (a *arena) wait(d time.Duration) {
	a.t.Helper()
	a.ahead.Add(int64(d))
	_, err := a.FireTimers(ctx)
	require.NoError(a.t, err)
}

// make creates a room "x" whose owner is "owner x".
func (a *arena) make(room live.RoomID) {
	a.t.Helper()
	_, err := a.CreateRoom(ctx, admin, live.RoomSpec{ID: room, Type: live.RoomTypeLive, Owner: ownerOf(room)})
	require.NoError(a.t, err)
}

func ownerOf(room live.RoomID) live.UserID { return "owner " + live.UserID(room) }

func (a *arena) arrive(rooms ...live.RoomID) {
	a.t.Helper()
	for _, r := range rooms {
		_, err := a.Enter(ctx, user(ownerOf(r)), r)
		require.NoError(a.t, err)
	}
}

// battle starts a battle of a minute and drops what it fired.
func (a *arena) battle(from live.RoomID, to ...live.RoomID) live.BattleID {
	a.t.Helper()
	id, outcomes, err := a.CreateBattle(ctx, admin, live.BattleSpec{From: from, To: to, Millis: 60_000})
	require.NoError(a.t, err)
	require.Equal(a.t, make([]live.CallOutcome, len(to)), outcomes)
	a.fired()
	return id
}

func (a *arena) stands(id live.BattleID) live.Battle {
	a.t.Helper()
	b, err := a.Battle(ctx, admin, id, "")
	require.NoError(a.t, err)
	return b
}

func (a *arena) destroy(room live.RoomID) {
	a.t.Helper()
	_, err := a.DestroyRoom(ctx, admin, room)
	require.NoError(a.t, err)
}

// outcome is what the app server is told of the end of a battle: the lane and the body.
type outcome struct {
	lane live.RoomID
	webhook.AfterEndBattle
}

// ends returns the ends of battles since webhooks were last asked for.
func (a *arena) ends() (ends []outcome) {
	a.t.Helper()
	for _, e := range a.fired() {
		event, err := webhook.Decode(e.Body)
		require.NoError(a.t, err)
		if end, ok := event.(webhook.AfterEndBattle); ok {
			ends = append(ends, outcome{e.Lane.Room, end})
		}
	}
	return ends
}

func scored(room live.RoomID, score int64) webhook.BattleRoomScore {
	return webhook.BattleRoomScore{RoomID: string(room), Score: score, OwnerAccount: string(ownerOf(room))}
}

// told returns in which rooms a change of that type was told since the changes were last dropped.
func told[C live.Change](a *arena) (rooms []live.RoomID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, e := range a.changes {
		if _, ok := e.Change.(C); ok {
			rooms = append(rooms, e.Room)
		}
	}
	a.changes = nil
	return rooms
}

func TestABattleIsToldInEveryRoomAndOnceToTheAppServer(t *testing.T) {
	a := newArena(t, "a", "b", "c")
	a.fired()
	id, _, err := a.CreateBattle(ctx, admin, live.BattleSpec{From: "a", To: []live.RoomID{"b", "c"}, Millis: 60_000})
	require.NoError(t, err)
	require.Regexp(t, `^[A-Za-z0-9+/]{43}=$`, id)
	require.Len(t, a.fired(), 2, "created and started")
	require.Equal(t, []live.RoomID{"a", "b", "c"}, told[live.BattleStarted](a))
	_, err = a.SetBattleScore(ctx, admin, id, live.AddScore, []live.RoomScore{{Room: "c", Score: 5}})
	require.NoError(t, err)
	require.Equal(t, []live.RoomID{"a", "b", "c"}, told[live.BattleScored](a))
	require.Empty(t, a.fired(), "scores have no webhook")
	a.wait(time.Minute)
	require.Len(t, a.fired(), 1)
	require.Equal(t, []live.RoomID{"a", "b", "c"}, told[live.BattleEnded](a))
}

func TestABattleEndsWhenTheLastOwnerWhoWasThereGoes(t *testing.T) {
	leave := func(a *arena, room live.RoomID, who live.UserID) {
		require.NoError(t, a.Leave(ctx, user(who), room))
	}
	vanish := func(a *arena, room live.RoomID, who live.UserID) {
		require.NoError(t, a.Interrupt(ctx, live.Membership{App: app, Room: room, User: who}))
	}
	for name, goes := range map[string]func(*arena, live.RoomID, live.UserID){"leaving": leave, "lost": vanish} {
		t.Run(name, func(t *testing.T) {
			a := newArena(t, "a", "b", "c")
			a.arrive("a", "b", "c")
			_, err := a.Enter(ctx, user("fan"), "a")
			require.NoError(t, err)
			id := a.battle("a", "b", "c")
			goes(a, "a", "fan")
			goes(a, "a", ownerOf("a"))
			goes(a, "c", ownerOf("c"))
			a.arrive("c")
			goes(a, "b", ownerOf("b"))
			require.Empty(t, a.ends(), "an owner who came back is there")
			a.wait(30 * time.Second)
			goes(a, "c", ownerOf("c"))
			require.Equal(t, []outcome{{"a", webhook.AfterEndBattle{
				BattleID: string(id), Duration: 60_000, CreateTime: 1765001300, StartTime: 1765001300, EndTime: 1765001330,
				OpType: webhook.BattleDeserted, FromRoomInfo: scored("a", 0), EventTime: 1765001330444,
				ToRoomList: []webhook.BattleRoomScore{scored("b", 0), scored("c", 0)},
			}}}, a.ends())
			a.arrive("a")
			goes(a, "a", ownerOf("a"))
			a.wait(time.Hour)
			require.Empty(t, a.ends(), "it ends once")
			require.Equal(t, live.BattleFinished, a.stands(id).Status)
		})
	}
}

func TestABattleWhoseOwnersNeverCameEndsByTime(t *testing.T) {
	a := newArena(t, "a", "b")
	_, err := a.Enter(ctx, user("fan"), "a")
	require.NoError(t, err)
	a.battle("a", "b")
	require.NoError(t, a.Leave(ctx, user("fan"), "a"))
	require.Empty(t, a.ends())
	a.wait(time.Minute)
	require.Equal(t, webhook.BattleTimeUp, a.ends()[0].OpType)
}

func TestARoomThatIsDissolvedDropsOutOfItsBattle(t *testing.T) {
	a := newArena(t, "a", "b", "c", "d")
	id := a.battle("a", "b", "c")
	_, err := a.SetBattleScore(ctx, admin, id, live.SetScore, []live.RoomScore{{Room: "a", Score: 7}, {Room: "b", Score: 8}})
	require.NoError(t, err)
	told[live.BattleScored](a)
	a.destroy("a")
	require.Empty(t, a.ends())
	require.Equal(t, []live.RoomID{"a", "b", "c"}, told[live.BattleLeft](a))

	_, err = a.CreateRoom(ctx, admin, live.RoomSpec{ID: "a", Type: live.RoomTypeLive, Owner: "somebody else"})
	require.NoError(t, err)
	set, err := a.SetBattleScore(ctx, admin, id, live.AddScore, []live.RoomScore{{Room: "a", Score: 1}, {Room: "c", Score: 9}})
	require.NoError(t, err)
	require.Equal(t, []bool{false, true}, set, "another room of the same name is not the one that fought")
	a.battle("a", "d")

	a.wait(time.Minute)
	ends := a.ends()
	require.Len(t, ends, 2)
	first := ends[slices.IndexFunc(ends, func(o outcome) bool { return o.BattleID == string(id) })]
	require.Equal(t, live.RoomID("a"), first.lane, "of the calling room, even when that is gone")
	require.Equal(t, webhook.BattleTimeUp, first.OpType)
	require.Equal(t, scored("a", 7), first.FromRoomInfo, "with the owner it had")
	require.Equal(t, []webhook.BattleRoomScore{scored("b", 8), scored("c", 9)}, first.ToRoomList)
}

func TestABattleOfOneRoomIsNone(t *testing.T) {
	a := newArena(t, "a", "b")
	a.battle("a", "b")
	a.wait(time.Second)
	a.destroy("a")
	fired := a.fired()
	require.Len(t, fired, 2)
	require.Equal(t, webhook.CommandAfterEndBattle, fired[0].Command, "before its calling room is no more")
	require.Equal(t, webhook.CommandAfterDestroyRoom, fired[1].Command)
	end, err := webhook.Decode(fired[0].Body)
	require.NoError(t, err)
	require.Equal(t, webhook.BattleDeserted, end.(webhook.AfterEndBattle).OpType)
	require.Equal(t, []webhook.BattleRoomScore{scored("b", 0)}, end.(webhook.AfterEndBattle).ToRoomList)
	require.Equal(t, []live.RoomID{"a", "b"}, told[live.BattleEnded](a))
}

func TestWithTheRoomOfTheOnlyOwnerTheBattleEnds(t *testing.T) {
	a := newArena(t, "a", "b", "c")
	a.arrive("b")
	a.battle("a", "b", "c")
	a.destroy("b")
	require.Len(t, a.ends(), 1, "nobody else's owner is there")

	a.make("b")
	a.battle("a", "b", "c")
	a.destroy("b")
	require.Empty(t, a.ends(), "no owner has gone")
}

func TestTheOwnerIsTheOneAtTheTime(t *testing.T) {
	a := newArena(t, "a", "b")
	a.arrive("a")
	id := a.battle("a", "b")
	a.changeOwner("b", "new")
	require.Equal(t, live.UserID("new"), a.stands(id).Rooms[1].Owner)
	a.wait(time.Minute)
	require.Equal(t, "new", a.ends()[0].ToRoomList[0].OwnerAccount)
	a.changeOwner("b", "newer")
	require.Equal(t, live.UserID("new"), a.stands(id).Rooms[1].Owner, "what is over stays as it was")
}

func (a *arena) changeOwner(room live.RoomID, owner live.UserID) {
	a.t.Helper()
	require.NoError(a.t, a.close())
	rows, err := sqlite.Open(sqlite.Options{
		Dir: a.dir, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Metrics: observe.NewMetrics(),
	}, &world{})
	require.NoError(a.t, err)
	require.NoError(a.t, rows.Update(ctx, func(tx live.Tx) error { return tx.SetRoomOwner(app, room, owner) }))
	require.NoError(a.t, rows.Close())
	a.open()
}

func TestWhoMayCreateABattle(t *testing.T) {
	a := newArena(t, "a", "b")
	spec := live.BattleSpec{From: "a", To: []live.RoomID{"b"}, Millis: 1}
	_, _, err := a.CreateBattle(ctx, user(ownerOf("b")), spec)
	require.Equal(t, live.CodeNoPermission, live.CodeOf(err))
	_, _, err = a.CreateBattle(ctx, user(ownerOf("a")), spec)
	require.NoError(t, err)
}

func TestAnOwnerGivesUp(t *testing.T) {
	a := newArena(t, "a", "b", "c", "d")
	a.arrive("a", "b", "c")
	id := a.battle("a", "b", "c")
	exit := func(who live.UserID) live.Code { return live.CodeOf(a.ExitBattle(ctx, user(who), id)) }
	require.Equal(t, live.CodeNotInBattle, exit("fan"))
	require.Equal(t, live.CodeNotInBattle, exit(ownerOf("d")))
	require.Equal(t, live.CodeNoBattle, live.CodeOf(a.ExitBattle(ctx, user(ownerOf("a")), "another")))
	told[live.BattleStarted](a)

	require.Zero(t, exit(ownerOf("a")))
	require.Equal(t, []live.RoomID{"a", "b", "c"}, told[live.BattleLeft](a))
	require.Equal(t, live.CodeNotInBattle, exit(ownerOf("a")), "once is enough")
	second := a.battle("a", "d")
	require.Zero(t, exit(ownerOf("b")))
	require.Empty(t, a.ends(), "it goes on with one")
	told[live.BattleLeft](a)

	require.Zero(t, exit(ownerOf("c")))
	ends := a.ends()
	require.Len(t, ends, 1)
	require.Equal(t, string(id), ends[0].BattleID)
	require.Equal(t, webhook.BattleDeserted, ends[0].OpType)
	require.Equal(t, []live.RoomID{"a", "c"}, told[live.BattleEnded](a), "in the calling room's lane, and where it was still fought")
	require.Equal(t, live.CodeBattleEnded, exit(ownerOf("c")))
	require.Equal(t, live.BattleRunning, a.stands(second).Status)
}

func TestWhoOwnsSeveralRoomsGivesUpAllOfThem(t *testing.T) {
	a := newArena(t, "a", "b")
	for _, r := range []live.RoomID{"x", "y"} {
		_, err := a.CreateRoom(ctx, admin, live.RoomSpec{ID: r, Type: live.RoomTypeLive, Owner: "twin"})
		require.NoError(t, err)
	}
	id := a.battle("a", "b", "x", "y")
	require.NoError(t, a.ExitBattle(ctx, user("twin"), id))
	b := a.stands(id)
	require.False(t, b.Includes("x") || b.Includes("y"))
	require.True(t, b.Includes("a") && b.Includes("b"))
}

func TestABattleSurvivesARestart(t *testing.T) {
	a := newArena(t, "a", "b")
	id := a.battle("a", "b")
	_, err := a.SetBattleScore(ctx, admin, id, live.AddScore, []live.RoomScore{{Room: "b", Score: 4}})
	require.NoError(t, err)
	require.NoError(t, a.close())
	a.open()
	require.Equal(t, int64(4), a.stands(id).Rooms[1].Score)
	require.NoError(t, a.close())
	a.ahead.Add(int64(time.Hour))
	a.open()
	a.wait(0)
	end := a.ends()
	require.Len(t, end, 1, "what was due while the server was down is done at its start")
	require.Equal(t, int64(1765001360), end[0].EndTime, "as of when it was due")
	require.Equal(t, int64(1765004900444), end[0].EventTime)
	require.Equal(t, webhook.BattleTimeUp, end[0].OpType)
}

func TestWhoEntersFindsTheBattle(t *testing.T) {
	a := newArena(t, "a", "b")
	visit, err := a.Enter(ctx, user("fan"), "b")
	require.NoError(t, err)
	require.Nil(t, visit.Battle)
	id := a.battle("a", "b")
	visit, err = a.Enter(ctx, user("fan"), "b")
	require.NoError(t, err)
	require.Equal(t, a.stands(id), visit.Battle.Battle)
	require.Equal(t, []live.Account{{ID: ownerOf("a")}, {ID: ownerOf("b")}}, visit.Battle.Owners)
	a.wait(time.Minute)
	visit, err = a.Enter(ctx, user("fan"), "b")
	require.NoError(t, err)
	require.Nil(t, visit.Battle)
}

// TestBattlesUnderAnySequenceOfEvents holds what must be true whatever rooms and owners do: a room is in at most one
// running battle, every battle that started ends exactly once, and its result is the sum of what was set.
func TestBattlesUnderAnySequenceOfEvents(t *testing.T) {
	names := []live.RoomID{"a", "b", "c", "d", "e"}
	a := newArena(t)
	rapid.Check(t, func(r *rapid.T) {
		for _, room := range names {
			_, _ = a.DestroyRoom(ctx, admin, room)
		}
		a.fired()
		m := &ledger{T: r, arena: a, running: make(map[live.BattleID]map[live.RoomID]int64), exists: make(map[live.RoomID]bool)}
		aRoom := rapid.SampledFrom(names)
		r.Repeat(map[string]func(*rapid.T){
			"":     m.check,
			"make": func(r *rapid.T) { m.makeRoom(aRoom.Draw(r, "room")) },
			"battle": func(r *rapid.T) {
				m.start(aRoom.Draw(r, "from"), rapid.SliceOfNDistinct(aRoom, 1, 4, rapid.ID[live.RoomID]).Draw(r, "to"))
			},
			"score": func(r *rapid.T) {
				op := rapid.SampledFrom([]live.ScoreOp{live.AddScore, live.SetScore}).Draw(r, "op")
				m.score(op, aRoom.Draw(r, "room"), rapid.Int64Range(-5, 20).Draw(r, "score"))
			},
			"enter":   func(r *rapid.T) { room := aRoom.Draw(r, "room"); _, _ = a.Enter(ctx, user(ownerOf(room)), room) },
			"leave":   func(r *rapid.T) { room := aRoom.Draw(r, "room"); _ = a.Leave(ctx, user(ownerOf(room)), room) },
			"exit":    func(r *rapid.T) { m.exit(aRoom.Draw(r, "room")) },
			"destroy": func(r *rapid.T) { m.destroyRoom(aRoom.Draw(r, "room")) },
			"time":    func(r *rapid.T) { a.wait(time.Duration(rapid.IntRange(1, 90).Draw(r, "seconds")) * time.Second) },
		})
		a.wait(time.Minute)
		m.check(r)
		require.Empty(r, m.running, "when its time is up every battle is over")
	})
}

// ledger is what the app server knows of the battles: what it has set, and what it was told.
type ledger struct {
	*rapid.T
	*arena
	exists  map[live.RoomID]bool
	running map[live.BattleID]map[live.RoomID]int64 // scores of those that take part
	over    []live.BattleID
}

func (m *ledger) makeRoom(room live.RoomID) {
	if !m.exists[room] {
		m.make(room)
		m.exists[room] = true
	}
}

func (m *ledger) start(from live.RoomID, to []live.RoomID) {
	id, outcomes, err := m.CreateBattle(ctx, admin, live.BattleSpec{From: from, To: to, Millis: 60_000})
	if err != nil {
		require.NotEqual(m.T, live.CodeInternal, live.CodeOf(err), "%v", err)
		return
	}
	m.running[id] = map[live.RoomID]int64{from: 0}
	for i, outcome := range outcomes {
		require.Equal(m.T, m.exists[to[i]], outcome != live.CallNoRoom)
		if outcome == live.CallAccepted {
			m.running[id][to[i]] = 0
		}
	}
}

func (m *ledger) score(op live.ScoreOp, room live.RoomID, score int64) {
	for id, scores := range m.running {
		set, err := m.SetBattleScore(ctx, admin, id, op, []live.RoomScore{{Room: room, Score: score}})
		result := score
		if op == live.AddScore {
			result += scores[room]
		}
		switch {
		case err != nil:
			require.Equal(m.T, live.CodeBadParameter, live.CodeOf(err), "%v", err)
			require.Negative(m.T, result)
		case set[0]:
			require.Contains(m.T, scores, room)
			scores[room] = result
		}
	}
}

func (m *ledger) exit(room live.RoomID) {
	b, err := m.Battle(ctx, admin, "", room)
	if err == nil {
		require.NoError(m.T, m.ExitBattle(ctx, user(ownerOf(room)), b.ID))
	}
}

func (m *ledger) destroyRoom(room live.RoomID) {
	_, err := m.DestroyRoom(ctx, admin, room)
	require.Equal(m.T, m.exists[room], err == nil)
	delete(m.exists, room)
}

func (m *ledger) check(*rapid.T) {
	for _, end := range m.ends() {
		id := live.BattleID(end.BattleID)
		require.Contains(m.T, m.running, id, "it had begun, and ends for the first time")
		told := make(map[live.RoomID]int64)
		for _, r := range append(end.ToRoomList, end.FromRoomInfo) {
			told[live.RoomID(r.RoomID)] = r.Score
			require.Equal(m.T, string(ownerOf(live.RoomID(r.RoomID))), r.OwnerAccount)
		}
		require.Equal(m.T, m.running[id], told)
		require.Equal(m.T, end.FromRoomInfo.RoomID, string(end.lane))
		delete(m.running, id)
		m.over = append(m.over, id)
	}
	busy := make(map[live.RoomID]live.BattleID)
	for id := range m.running {
		b := m.stands(id)
		require.Equal(m.T, live.BattleRunning, b.Status)
		for _, r := range b.Rooms {
			if !r.Out {
				require.Empty(m.T, busy[r.Room], "%s is in two battles", r.Room)
				require.True(m.T, m.exists[r.Room])
				busy[r.Room] = id
			}
		}
	}
	for _, id := range m.over {
		require.Equal(m.T, live.BattleFinished, m.stands(id).Status, fmt.Sprint(id))
	}
}
