package postgres

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

const app live.AppID = 1400000123

var (
	admin    = live.Caller{App: app, User: "administrator", Kind: live.KindAdmin, IP: "203.0.113.9", Platform: live.PlatformREST}
	promptly = 20 * time.Second
)

// pair is two nodes on one database, each with the domain above it.
type pair struct {
	t     *testing.T
	url   string
	nodes [2]*live.Service
	store [2]*Store
}

func pairOf(t *testing.T, settings live.App) *pair {
	t.Helper()
	settings.ID, settings.SecretKey = app, "key"
	p := &pair{t: t, url: database(t)}
	for i := range p.nodes {
		p.store[i], _ = openNode(t, p.url, nil)
		p.nodes[i] = live.NewService(p.store[i], nil, []*live.App{&settings}, live.DefaultLimits, time.Now)
		p.nodes[i].SetNode(live.NodeID(i + 2))
	}
	return p
}

func (p *pair) room(ids ...live.RoomID) {
	p.t.Helper()
	for _, id := range ids {
		_, err := p.nodes[0].CreateRoom(background, admin, live.RoomSpec{ID: id, Type: live.RoomTypeLive, Owner: "host"})
		require.NoError(p.t, err)
	}
}

// together calls f many times at once, with the numbers from 0 and on both nodes in turn, and returns how many calls came to
// which code.
func (p *pair) together(times int, f func(n int, s *live.Service) error) map[live.Code]int {
	p.t.Helper()
	results := make([]error, times)
	var all sync.WaitGroup
	began := time.Now()
	for n := range times {
		all.Go(func() { results[n] = f(n, p.nodes[n%2]) })
	}
	all.Wait()
	require.Less(p.t, time.Since(began), promptly, "somebody has waited for who waited for it")
	codes := make(map[live.Code]int)
	for _, err := range results {
		if err != nil {
			require.NotZero(p.t, live.CodeOf(err), "%v", err)
		}
		codes[live.CodeOf(err)]++
	}
	require.Zero(p.t, deskAt(p.t, p.url).number("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))
	return codes
}

func TestOneOfTwoNodesAddsTheLastKey(t *testing.T) {
	t.Parallel()
	p := pairOf(t, live.App{})
	for round := range 10 {
		room := live.RoomID(fmt.Sprint("r", round))
		p.room(room)
		var nine []live.Pair
		for i := range 9 {
			nine = append(nine, live.Pair{Key: fmt.Sprint("k", i), Value: "v"})
		}
		require.NoError(t, p.nodes[0].SetMetadata(background, admin, room, nine))
		codes := p.together(2, func(n int, s *live.Service) error {
			return s.SetMetadata(background, admin, room, []live.Pair{{Key: fmt.Sprint("of node ", n), Value: "v"}})
		})
		require.Equal(t, map[live.Code]int{0: 1, live.CodeTooManyKeys: 1}, codes)
	}
}

func TestNothingOfAProfileIsLostAmongNodes(t *testing.T) {
	t.Parallel()
	p := pairOf(t, live.App{})
	const users = 20
	user := func(n int) live.UserID { return live.UserID(fmt.Sprint("u", n/4)) }
	codes := p.together(4*users, func(n int, s *live.Service) error {
		switch n % 4 {
		case 0:
			return s.ImportAccount(background, admin, live.AccountImport{ID: user(n), Nick: new("a nick")})
		case 1:
			return s.ImportAccount(background, admin, live.AccountImport{ID: user(n), FaceURL: new("a face")})
		case 2:
			return s.SetProfile(background, admin, user(n), []live.ProfileItem{{Tag: live.TagLocation, Value: "here"}})
		}
		return s.Register(background, live.Caller{App: app, User: user(n), Kind: live.KindUser})
	})
	require.Equal(t, map[live.Code]int{0: 4 * users}, codes)
	for n := range users {
		profile, err := p.nodes[0].Profiles(background, admin, []live.UserID{user(4 * n)}, nil)
		require.NoError(t, err)
		require.Equal(t, []live.ProfileItem{{Tag: live.TagNick, Value: "a nick"}, {Tag: live.TagImage, Value: "a face"},
			{Tag: live.TagLocation, Value: "here"}}, profile[0].Items)
	}
}

func TestFollowsAreCountedRightAmongNodes(t *testing.T) {
	t.Parallel()
	p := pairOf(t, live.App{})
	const users = 8
	user := func(n int) live.UserID { return live.UserID(fmt.Sprint("u", n%users)) }
	// Everybody follows everybody, and some think better of it; all in different orders.
	for range 3 {
		codes := p.together(users*users, func(n int, s *live.Service) error {
			var others []live.UserID
			for i := range users - 1 {
				others = append(others, user(n+1+i))
			}
			if n/users%2 == 1 {
				slices.Reverse(others)
			}
			change := s.Follow
			if n%5 == 4 {
				change = s.Unfollow
				others = others[:2]
			}
			_, err := change(background, admin, user(n), others)
			return err
		})
		require.Equal(t, map[live.Code]int{0: users * users}, codes)
	}
	d := deskAt(t, p.url)
	require.Equal(t, d.number("SELECT count(*) FROM follows"), d.number("SELECT sum(following)::bigint FROM follow_counts"))
	require.Zero(t, d.number(`SELECT count(*) FROM follow_counts c WHERE
		followers <> (SELECT count(*) FROM follows f WHERE f.app = c.app AND f.target = c.user_id) OR
		following <> (SELECT count(*) FROM follows f WHERE f.app = c.app AND f.user_id = c.user_id) OR
		mutual <> (SELECT count(*) FROM follows f WHERE f.app = c.app AND f.user_id = c.user_id AND f.mutual)`))
	require.Zero(t, d.number(`SELECT count(*) FROM follows f WHERE mutual <>
		EXISTS (SELECT FROM follows b WHERE b.app = f.app AND b.user_id = f.target AND b.target = f.user_id)`))
}

func TestARoomIsMadeOnce(t *testing.T) {
	t.Parallel()
	p := pairOf(t, live.App{})
	for round := range 5 {
		codes := p.together(8, func(n int, s *live.Service) error {
			_, err := s.CreateRoom(background, admin, live.RoomSpec{
				ID: live.RoomID(fmt.Sprint("r", round)), Type: live.RoomTypeLive, Owner: live.UserID(fmt.Sprint("host", n)),
			})
			return err
		})
		require.Equal(t, map[live.Code]int{0: 1, live.CodeRoomExists: 7}, codes)
	}
}

func TestAnAppHasAsManyRoomsAsItMay(t *testing.T) {
	t.Parallel()
	p := pairOf(t, live.App{MaxRooms: 20})
	create := func(n int, s *live.Service) error {
		_, err := s.CreateRoom(background, admin, live.RoomSpec{ID: live.RoomID(fmt.Sprint("r", n)), Type: live.RoomTypeLive})
		return err
	}
	require.Equal(t, map[live.Code]int{0: 20, live.CodeOverLimit: 20}, p.together(40, create))
	ended := p.together(40, func(n int, s *live.Service) error {
		_, err := s.DestroyRoom(background, admin, live.RoomID(fmt.Sprint("r", n)))
		return err
	})
	require.Equal(t, map[live.Code]int{0: 20, live.CodeNoRoom: 20}, ended)
	require.Equal(t, map[live.Code]int{0: 20, live.CodeOverLimit: 80}, p.together(100, create))
}

func TestCountsOfRoomsArePutTogether(t *testing.T) {
	t.Parallel()
	s, _ := openNode(t, database(t), nil)
	d := deskAt(t, s.opts.URL)
	count := func() (n int) {
		require.NoError(t, s.View(background, func(r live.Reader) (err error) {
			n, err = r.RoomCount(app)
			return err
		}))
		return n
	}
	for i := range 2 * fewCounts {
		require.NoError(t, s.Update(background, func(tx live.Tx) error {
			return tx.InsertRoom(app, live.Room{ID: live.RoomID(fmt.Sprint("r", i))})
		}))
	}
	require.Equal(t, 2*fewCounts, count())
	require.Equal(t, int64(2*fewCounts), d.number("SELECT count(*) FROM room_counts"))
	require.NoError(t, s.tidyUp())
	require.Equal(t, 2*fewCounts, count())
	require.Equal(t, int64(1), d.number("SELECT count(*) FROM room_counts"))
	for i := range 2 * fewCounts {
		require.NoError(t, s.Update(background, func(tx live.Tx) error {
			if _, err := tx.RoomCount(app); err != nil {
				return err
			}
			return tx.DeleteRoom(app, live.RoomID(fmt.Sprint("r", i)))
		}))
	}
	require.Zero(t, count())
	require.LessOrEqual(t, d.number("SELECT count(*) FROM room_counts"), int64(fewCounts+1), "who counts them puts them together")
}

func TestBattlesThatWantTheSameRoomsDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	p := pairOf(t, live.App{})
	p.room("a", "b", "c")
	for range 5 {
		var mu sync.Mutex
		var begun []live.BattleID
		rooms := []live.RoomID{"a", "b", "c"}
		p.together(30, func(n int, s *live.Service) error {
			id, _, err := s.CreateBattle(background, admin, live.BattleSpec{From: rooms[n%3], To: []live.RoomID{rooms[(n+1+n%2)%3]}, Millis: 60_000})
			if err == nil {
				mu.Lock()
				begun = append(begun, id)
				mu.Unlock()
			}
			return err
		})
		require.Len(t, begun, 1, "two of three rooms are in it")
		p.together(30, func(n int, s *live.Service) error {
			_, err := s.SetBattleScore(background, admin, begun[0], live.AddScore, []live.RoomScore{{Room: "a", Score: 1}, {Room: "b", Score: 1}})
			return err
		})
		require.NoError(t, p.nodes[0].ExitBattle(background, live.Caller{App: app, User: "host", Kind: live.KindUser}, begun[0]))
	}
}

func TestALockThatSomebodyHasHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	s, _ := openNode(t, database(t), func(o *Options) { o.Writers = 2 })
	d := deskAt(t, s.opts.URL)
	makeRoom(t, s, "held")
	makeRoom(t, s, "free")
	d.do("SELECT pg_advisory_lock($1)", int64(roomKey(7, "held")))
	stuck := make(chan error, 1)
	go func() { stuck <- s.Update(background, addKey("held", "k", 10)) }()
	for i := range 100 {
		require.NoError(t, s.Update(background, addKey("free", fmt.Sprint(i%5), 10)))
	}
	select {
	case err := <-stuck:
		require.FailNow(t, "somebody has that lock", "%v", err)
	default:
	}
	d.do("SELECT pg_advisory_unlock_all()")
	require.NoError(t, <-stuck)
}

func TestAnUpdateThatFailsLeavesTheOthers(t *testing.T) {
	t.Parallel()
	s, _ := openNode(t, database(t), func(o *Options) { o.Writers = 1 })
	makeRoom(t, s, "there already")
	const callers = 200
	results := make([]error, callers)
	var all sync.WaitGroup
	for n := range callers {
		all.Go(func() {
			results[n] = s.Update(background, func(tx live.Tx) error {
				switch {
				case n%20 == 7:
					return tx.InsertRoom(7, live.Room{ID: "there already"}) // fails with the commit
				case n%20 == 13:
					if err := tx.PutMetadata(7, live.RoomID(fmt.Sprint(n)), live.Pair{Key: "k", Value: "v"}); err != nil {
						return err
					}
					if _, err := tx.Metadata(7, live.RoomID(fmt.Sprint(n))); err != nil {
						return err
					}
					panic("after something was written")
				}
				return tx.PutMetadata(7, live.RoomID(fmt.Sprint(n)), live.Pair{Key: "k", Value: "v"})
			})
		})
	}
	all.Wait()
	for n, err := range results {
		switch n % 20 {
		case 7:
			require.ErrorContains(t, err, "duplicate key")
		case 13:
			require.ErrorContains(t, err, "after something was written")
		default:
			require.NoError(t, err)
		}
	}
	require.Equal(t, int64(callers-2*callers/20), deskAt(t, s.opts.URL).number("SELECT count(*) FROM room_metadata"))
}
