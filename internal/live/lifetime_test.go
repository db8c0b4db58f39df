package live_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

var allRules = live.Lifetime{Empty: 30 * time.Minute, OwnerLeft: 20 * time.Minute, OwnerOffline: 10 * time.Minute}

// ruled is a world with a room of host's, in an app with these rules.
func ruled(t *testing.T, rules live.Lifetime) *world {
	t.Helper()
	w := newAppWorld(t, live.App{Lifetime: rules})
	w.host()
	return w
}

// exists tells whether the room is there; when not, it must have been ended by the server.
func (w *world) exists() bool {
	w.t.Helper()
	_, err := w.Room(ctx, user("anybody"), room)
	if err == nil {
		return true
	}
	require.Equal(w.t, live.CodeNoRoom, live.CodeOf(err))
	return false
}

// requireEnded holds what was fired last against what tells that the server ended the room.
func (w *world) requireEnded() {
	w.t.Helper()
	require.False(w.t, w.exists())
	fired := w.fired()
	require.NotEmpty(w.t, fired)
	last := fired[len(fired)-1]
	event, err := webhook.Decode(last.Body)
	require.NoError(w.t, err)
	ended, ok := event.(webhook.AfterDestroyRoom)
	require.True(w.t, ok, "%s", last.Body)
	require.Equal(w.t, "DestroyBySystem", ended.EventType)
	require.Equal(w.t, "@TIM#SYSTEM", ended.OperatorAccount)
	require.Equal(w.t, w.now().UnixMilli(), ended.EventTime)
	require.Equal(w.t, "0.0.0.0", last.ClientIP)
}

func (w *world) leave(id live.UserID) {
	w.t.Helper()
	require.NoError(w.t, w.Leave(ctx, user(id), room))
}

func (w *world) lose(id live.UserID) {
	w.t.Helper()
	require.NoError(w.t, w.Interrupt(ctx, place(id)))
}

// timers returns the kinds of the timers that are set, by when they are due.
func (w *world) timers() []string {
	w.t.Helper()
	kinds := []string{}
	require.NoError(w.t, w.store.View(ctx, func(r live.Reader) error {
		due, err := r.DueTimers(w.now().Add(1000*time.Hour), 100)
		for _, t := range due {
			kinds = append(kinds, string(t.Kind))
		}
		return err
	}))
	return kinds
}

func TestARoomThatEverybodyHasLeftEnds(t *testing.T) {
	w := ruled(t, live.Lifetime{Empty: 30 * time.Minute})
	w.enter("a")
	w.enter("b")
	w.leave("a")
	require.Empty(t, w.timers(), "somebody is in it")
	w.pass(10 * time.Hour)
	w.leave("b")
	w.pass(30*time.Minute - time.Millisecond)
	require.True(t, w.exists())
	w.pass(time.Millisecond)
	w.requireEnded()
	require.Empty(t, w.timers())
}

func TestARoomOfWhomEverybodyWasLostEnds(t *testing.T) {
	w := ruled(t, live.Lifetime{Empty: time.Minute})
	w.enter("a")
	w.lose("a")
	w.pass(time.Minute)
	w.requireEnded()
}

func TestWhoComesInTimeKeepsTheRoom(t *testing.T) {
	w := ruled(t, live.Lifetime{Empty: time.Minute})
	w.enter("a")
	w.leave("a")
	w.pass(time.Minute - time.Millisecond)
	w.enter("b")
	require.Empty(t, w.timers())
	w.pass(time.Hour)
	require.True(t, w.exists())
	w.lose("b")
	w.pass(time.Minute - time.Millisecond)
	w.enter("b") // comes back
	w.pass(time.Hour)
	require.True(t, w.exists())
	w.leave("b")
	w.pass(time.Minute - time.Millisecond)
	require.True(t, w.exists(), "the time begins anew whenever the room is left empty")
	w.pass(time.Millisecond)
	w.requireEnded()
}

func TestARoomThatNobodyHasEnteredStays(t *testing.T) {
	w := ruled(t, allRules)
	w.pass(1000 * time.Hour)
	require.True(t, w.exists())
}

func TestTheRuleForEmptyRoomsCannotBeOff(t *testing.T) {
	w := ruled(t, live.Lifetime{})
	w.enter("host")
	w.leave("host")
	w.pass(30*time.Minute - time.Millisecond)
	require.True(t, w.exists())
	w.pass(time.Millisecond)
	w.requireEnded()
}

func TestARoomWithARobotIsNeverEmpty(t *testing.T) {
	w := ruled(t, live.Lifetime{Empty: time.Minute})
	w.enter("a")
	w.leave("a")
	require.NoError(t, w.store.Update(ctx, func(tx live.Tx) error { return tx.PutRobot(app, room, "bot") }))
	w.pass(time.Hour)
	require.True(t, w.exists())
	require.Empty(t, w.timers())
}

func TestTheOwnerWhoLeaves(t *testing.T) {
	for name, s := range map[string]struct {
		goes func(w *world)
		ends time.Duration
	}{
		"by the call":                     {func(w *world) { w.leave("host") }, 20 * time.Minute},
		"by losing the connection":        {func(w *world) { w.lose("host") }, 10 * time.Minute},
		"by the call, after losing it":    {func(w *world) { w.lose("host"); w.pass(9 * time.Minute); w.leave("host") }, 20 * time.Minute},
		"after coming back once":          {func(w *world) { w.lose("host"); w.pass(9 * time.Minute); w.enter("host"); w.lose("host") }, 10 * time.Minute},
		"after leaving and entering once": {func(w *world) { w.leave("host"); w.pass(19 * time.Minute); w.enter("host"); w.leave("host") }, 20 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			w := ruled(t, allRules)
			w.enter("host")
			w.enter("fan")
			s.goes(w)
			w.pass(s.ends - time.Millisecond)
			require.True(t, w.exists())
			w.pass(time.Millisecond)
			w.requireEnded()
		})
	}
}

func TestTheOwnerWhoComesBackKeepsTheRoom(t *testing.T) {
	w := ruled(t, allRules)
	w.enter("host")
	w.enter("fan")
	w.leave("host")
	w.enter("host")
	require.Empty(t, w.timers())
	w.lose("host")
	w.enter("host")
	require.Empty(t, w.timers())
	w.lose("fan")
	w.leave("fan")
	require.Empty(t, w.timers(), "others than the owner may go")
	w.pass(time.Hour)
	require.True(t, w.exists())
}

func TestTheRulesForOwnersCanBeOff(t *testing.T) {
	w := ruled(t, live.Lifetime{Empty: time.Minute})
	w.enter("host")
	w.enter("fan")
	w.leave("host")
	w.enter("host")
	w.lose("host")
	w.pass(time.Hour)
	require.True(t, w.exists())
	require.Empty(t, w.timers())
}

func TestARuleThatWasSwitchedOffEndsNothing(t *testing.T) {
	w := ruled(t, allRules)
	w.enter("host")
	w.enter("fan")
	w.lose("host")
	w.app.Lifetime = live.Lifetime{Empty: time.Minute}
	w.restart()
	w.pass(time.Hour)
	require.True(t, w.exists())
}

func TestAnOwnerWhoIsARobotIsNotMissed(t *testing.T) {
	w := ruled(t, allRules)
	require.NoError(t, w.store.Update(ctx, func(tx live.Tx) error { return tx.PutRobot(app, room, "host") }))
	w.enter("host")
	w.enter("fan")
	w.lose("host")
	w.pass(time.Hour)
	require.True(t, w.exists())
	w.leave("host")
	w.pass(time.Hour)
	require.True(t, w.exists())
}

func TestWhatIsCountedSurvivesARestart(t *testing.T) {
	w := ruled(t, allRules)
	w.enter("host")
	w.leave("host")
	w.pass(19 * time.Minute)
	w.restart()
	require.True(t, w.exists())
	w.pass(time.Minute)
	w.requireEnded()
}

func TestAnotherOwnerHasATimeOfHisOwn(t *testing.T) {
	w := ruled(t, allRules)
	w.enter("host")
	w.enter("fan")
	w.enter("sleeper")
	w.leave("host")
	w.pass(19 * time.Minute)
	require.NoError(t, w.ChangeOwner(ctx, user("host"), room, "fan"))
	require.Empty(t, w.timers(), "the new owner is in the room")
	w.lose("sleeper")
	require.NoError(t, w.ChangeOwner(ctx, user("fan"), room, "sleeper"))
	require.Equal(t, []string{"owner_offline"}, w.timers(), "the new owner is a member who was lost")
	require.NoError(t, w.ChangeOwner(ctx, user("sleeper"), room, "stranger"))
	require.Empty(t, w.timers(), "the new owner never came")
	w.pass(time.Hour)
	require.True(t, w.exists())
}

func TestATimerOfARoomThatEndedDoesNothingToTheNext(t *testing.T) {
	w := ruled(t, allRules)
	w.enter("host")
	w.leave("host")
	_, err := w.DestroyRoom(ctx, user("host"), room)
	require.NoError(t, err)
	require.Empty(t, w.timers())
	w.host()
	w.pass(time.Hour)
	require.True(t, w.exists())
}

// TestComingAndGoingInARoomWithPeopleSetsNoTimers holds the busy path free of writes that it does not need.
func TestComingAndGoingInARoomWithPeopleSetsNoTimers(t *testing.T) {
	w := ruled(t, allRules)
	w.enter("host")
	w.enter("a")
	w.leave("a")
	w.enter("b")
	w.lose("b")
	require.Empty(t, w.timers())
	w.leave("host")
	require.Equal(t, "owner_left room_empty", strings.Join(w.timers(), " "))
}

// TestTheLastRobotLeavesAnEmptyRoom: as long as a robot is there the room stays, and its time begins when the last one goes.
func TestTheLastRobotLeavesAnEmptyRoom(t *testing.T) {
	w := ruled(t, allRules)
	admin := by(live.KindAdmin, "administrator")
	require.NoError(t, w.AddRobots(ctx, admin, room, []live.UserID{"bot_1", "bot_2"}))
	w.enter("fan")
	w.leave("fan")
	w.pass(24 * time.Hour)
	require.True(t, w.exists(), "there are robots")
	require.NoError(t, w.DeleteRobots(ctx, admin, room, []live.UserID{"bot_1"}))
	w.pass(24 * time.Hour)
	require.True(t, w.exists(), "there is a robot")
	require.NoError(t, w.DeleteRobots(ctx, admin, room, []live.UserID{"bot_2"}))
	w.pass(allRules.Empty - time.Second)
	require.True(t, w.exists())
	w.pass(time.Second)
	w.requireEnded()
}
