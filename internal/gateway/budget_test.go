package gateway

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

// handClock is a noticeBudget with a clock that is moved by hand.
type handClock struct {
	*noticeBudget
	at time.Time
}

func newClock(perSecond int) *handClock {
	c := &handClock{newNoticeBudget(perSecond), time.UnixMilli(1765001300444)}
	c.now = func() time.Time { return c.at }
	return c
}

func in(room live.RoomID) live.Event { return live.Event{App: app1, Room: room} }

var (
	present = notice{event: "gift.onReceiveGift"}
	joins   = notice{event: "audience.onAudienceJoined"}
)

func countNotice(n int) notice {
	return notice{event: "audience.onAudienceCountChanged", data: countChanged{n}}
}

// admitted tells how many of n such notices the room is told now.
func (c *handClock) admitted(room live.RoomID, n int, what notice) (told int) {
	for range n {
		if c.admits(in(room), what) {
			told++
		}
	}
	return told
}

func TestCountsGiveWayFirstThenArrivalsAndNothingElse(t *testing.T) {
	c := newClock(40)
	require.Equal(t, 30, c.admitted("a", 35, countNotice(1)))
	require.Equal(t, 10, c.admitted("a", 20, joins))
	require.Equal(t, 500, c.admitted("a", 500, present), "what matters is told in any case")
	require.Equal(t, 0, c.admitted("a", 5, joins))
	require.Equal(t, 40, c.admitted("b", 50, joins), "every room has its own budget")
	require.True(t, c.admits(in("a"), notice{event: joins.event, to: "ben"}), "what one person is told does not count")
	c.at = c.at.Add(time.Second - 1)
	require.Equal(t, 0, c.admitted("a", 5, joins))
	c.at = c.at.Add(1)
	require.Equal(t, 40, c.admitted("a", 50, joins))
}

func TestEveryNoticeThatGivesWayExists(t *testing.T) {
	for event, w := range weights {
		if w == latest {
			require.Contains(t, []string{
				"audience.onAudienceCountChanged",
				likesNotice(live.LikesSent{}).event,
			}, event)
			continue
		}
		var names []string
		for _, role := range []live.Role{live.RoleMember, live.RoleAdmin, live.RoleOwner} {
			for _, cause := range []live.Cause{live.CauseEnter, live.CauseLeave} {
				names = append(names, memberNotice(live.MemberChanged{Role: role, Cause: cause}).event)
			}
		}
		require.Contains(t, names, event)
	}
}

func TestTheLastCountIsAlwaysToldInTheEnd(t *testing.T) {
	c := newClock(40)
	c.admitted("a", 100, present)
	require.Nil(t, c.wake(), "nothing waits")
	for n := range 9 {
		require.False(t, c.admits(in("a"), countNotice(n)))
	}
	require.NotNil(t, c.wake())
	require.Empty(t, c.due(), "the second is not over")
	c.at = c.at.Add(heldDelay)
	require.Empty(t, c.due(), "the second is not over")
	c.at = c.at.Add(time.Second)
	require.Equal(t, []heldNotice{{in("a"), countNotice(8)}}, c.due())
	require.Nil(t, c.wake())
	require.Empty(t, c.held)

	c.admitted("a", 100, present)
	require.False(t, c.admits(in("a"), countNotice(10)))
	c.at = c.at.Add(time.Second)
	require.True(t, c.admits(in("a"), countNotice(11)), "a newer one takes the place of what waits")
	c.at = c.at.Add(time.Minute)
	require.Empty(t, c.due())
}

func TestNothingIsToldOfARoomThatEnded(t *testing.T) {
	c := newClock(40)
	c.admitted("a", 100, present)
	c.admitted("b", 100, present)
	require.False(t, c.admits(in("a"), countNotice(1)))
	require.False(t, c.admits(in("b"), countNotice(2)))
	end := in("a")
	end.Change = live.RoomDestroyed{}
	require.True(t, c.admits(end, notice{event: "live.onLiveEnded"}))
	c.at = c.at.Add(time.Minute)
	require.Equal(t, []heldNotice{{in("b"), countNotice(2)}}, c.due())
}

func TestWithoutABudgetEverythingIsTold(t *testing.T) {
	c := newClock(0)
	require.Equal(t, 500, c.admitted("a", 500, countNotice(1)))
	require.Equal(t, 500, c.admitted("a", 500, joins))
}

func TestTheSmallestBudgetLetsCountsThrough(t *testing.T) {
	c := newClock(1)
	require.Equal(t, 1, c.admitted("a", 5, countNotice(1)))
	c.at = c.at.Add(time.Second)
	require.Len(t, c.due(), 1)
}

// TestAStampedeLeavesTheChatReadable: when a crowd comes at once, a member hears of some, of every message, and in the
// end how many there are.
func TestAStampedeLeavesTheChatReadable(t *testing.T) {
	w := newWorld(t)
	mia := w.connect(app1, "mia")
	mia.starts("room_a")
	b, at := w.g.lanes[0].notices, time.UnixMilli(1765001300444)
	b.mu.Lock()
	b.now = func() time.Time { return at }
	b.mu.Unlock()
	arrival := func(n int) item {
		return item{event: live.Event{App: app1, Room: "room_a", At: at, Change: live.MemberChanged{
			Member: live.Account{ID: live.UserID(fmt.Sprint("fan", n))}, Cause: live.CauseEnter, Online: n}}}
	}
	text := item{event: live.Event{App: app1, Room: "room_a", At: at, Change: live.MessageSent{Message: live.Message{
		Seq: 1, Time: at, Body: live.TextBody("hello")}}}}
	for n := 2; n <= 100; n++ { // one batch each, so that counts are not merged already
		w.g.lanes[0].publishBatch([]item{arrival(n)})
	}
	w.g.lanes[0].publishBatch([]item{text})
	heard := map[string]int{}
	for e := receive(t, mia.events, "events"); ; e = receive(t, mia.events, "events") {
		heard[e.Event]++
		if e.Event == "barrage.onBarrageReceived" {
			break
		}
	}
	require.Equal(t, map[string]int{"audience.onAudienceJoined": 25, "audience.onAudienceCountChanged": 15, "barrage.onBarrageReceived": 1}, heard)
	b.mu.Lock()
	at = at.Add(time.Second)
	b.mu.Unlock()
	w.g.lanes[0].publishHeld()
	mia.hears("audience.onAudienceCountChanged", m{"count": 100.0})
}

// TestWhatWaitsIsToldWithoutFurtherEvents leaves it to the publishing goroutine.
func TestWhatWaitsIsToldWithoutFurtherEvents(t *testing.T) {
	w := newWorld(t)
	mia := w.connect(app1, "mia")
	mia.starts("room_a")
	for range 40 {
		w.g.lanes[0].notices.pace.Add(place{app1, "room_a"}, time.Now())
	}
	w.g.Publish([]live.Event{{App: app1, Room: "room_a", At: time.Now(), Change: live.MemberChanged{Cause: live.CauseLeave, Online: 17}}})
	e := receive(t, mia.events, "the count")
	for e.Event == "audience.onAudienceLeft" { // where a second has passed already
		e = receive(t, mia.events, "the count")
	}
	require.Equal(t, "audience.onAudienceCountChanged", e.Event)
	require.Equal(t, m{"count": 17.0}, e.Data)
}
