package live_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

func place(id live.UserID) live.Membership { return live.Membership{App: app, Room: room, User: id} }

// TestMembersComeAndGo follows one user through everything that can happen to a membership, and counts along.
func TestMembersComeAndGo(t *testing.T) {
	w := hosted(t)
	w.enter("other")
	w.fired()
	for _, s := range []struct {
		name   string
		do     func() error
		code   live.Code
		fires  []string
		views  int64
		online int
	}{
		{"leaves before it came", func() error { return w.Leave(ctx, user("fan"), room) }, live.CodeNotMember, nil, 1, 1},
		{"is interrupted before it came", func() error { return w.Interrupt(ctx, place("fan")) }, 0, nil, 1, 1},
		{"enters", func() error { _, err := w.Enter(ctx, user("fan"), room); return err }, 0, []string{"Online Enter fan"}, 2, 2},
		{"enters again while it is there", func() error { _, err := w.Enter(ctx, user("fan"), room); return err }, 0, nil, 2, 2},
		{"is interrupted", func() error { return w.Interrupt(ctx, place("fan")) }, 0, []string{"Offline HeartbeatInterrupt fan"}, 2, 1},
		{"is interrupted again", func() error { return w.Interrupt(ctx, place("fan")) }, 0, nil, 2, 1},
		{"comes back", func() error { _, err := w.Enter(ctx, user("fan"), room); return err }, 0, []string{"Online HeartbeatRecover fan"}, 2, 2},
		{"leaves", func() error { return w.Leave(ctx, user("fan"), room) }, 0, []string{"Offline Leave fan"}, 2, 1},
		{"leaves again", func() error { return w.Leave(ctx, user("fan"), room) }, live.CodeNotMember, nil, 2, 1},
		{"enters anew: another view", func() error { _, err := w.Enter(ctx, user("fan"), room); return err }, 0, []string{"Online Enter fan"}, 3, 2},
		{"is interrupted once more", func() error { return w.Interrupt(ctx, place("fan")) }, 0, []string{"Offline HeartbeatInterrupt fan"}, 3, 1},
		{"leaves while it is offline: it was told gone already", func() error { return w.Leave(ctx, user("fan"), room) }, 0, nil, 3, 1},
	} {
		require.Equal(t, s.code, live.CodeOf(s.do()), s.name)
		require.Equal(t, s.fires, w.moves(), s.name)
		r := w.room()
		require.Equal(t, s.views, r.ViewCount, s.name)
		require.Equal(t, s.online, r.OnlineCount, s.name)
	}
}

func TestTheWebhookOfAMember(t *testing.T) {
	w := hosted(t)
	w.enter("fan")
	fired := w.fired()
	require.Len(t, fired, 1)
	require.Equal(t, `{"CallbackCommand":"Live.CallbackAfterMemberStateChanged","RoomId":"live_9001","EventType":"Online",`+
		`"EventCause":"Enter","MemberList":[{"Member_Account":"fan"}],"EventTime":1765001300444}`, string(fired[0].Body))
	require.Equal(t, webhook.CommandAfterMemberStateChanged, fired[0].Command)
	require.Equal(t, room, fired[0].Lane.Room)
}

func TestEnteringShowsTheRoomAsItIsThen(t *testing.T) {
	w := peopled(t)
	visit := w.enter("late")
	require.Equal(t, live.RoleMember, visit.Role)
	require.Equal(t, []live.UserID{"mod"}, visit.Admins)
	require.Equal(t, []live.Pair{{Key: "theme", Value: "dark"}}, visit.Metadata)
	require.Equal(t, w.room(), visit.Room, "the visitor is counted already")
	require.Equal(t, live.RoleAdmin, w.enter("mod").Role)
	require.Equal(t, live.RoleOwner, w.enter("host").Role)
}

func TestAFullRoom(t *testing.T) {
	w := hosted(t, func(l *live.Limits) { l.MaxMembers = 2 })
	w.enter("a")
	w.enter("b")
	w.fired()
	_, err := w.Enter(ctx, user("c"), room)
	require.Equal(t, live.CodeRoomFull, live.CodeOf(err))
	require.Empty(t, w.fired())
	imported, err := w.AccountsImported(ctx, by(live.KindAdmin, "administrator"), []live.UserID{"a", "c"})
	require.NoError(t, err)
	require.Equal(t, []bool{true, false}, imported, "who was refused left no trace")
	w.enter("a") // is in already
	w.enter("host")
	require.Equal(t, []string{"Online Enter host"}, w.moves(), "the owner always finds a place")
	require.NoError(t, w.Leave(ctx, user("a"), room))
	_, err = w.Enter(ctx, user("c"), room)
	require.Equal(t, live.CodeRoomFull, live.CodeOf(err), "the owner's place counts")
	require.NoError(t, w.Interrupt(ctx, place("b")))
	w.enter("c")
}

func TestWhoIsInADissolvedRoomIsToldNothing(t *testing.T) {
	w := peopled(t)
	_, err := w.DestroyRoom(ctx, user("host"), room)
	require.NoError(t, err)
	require.Empty(t, w.moves())
	require.NoError(t, w.Interrupt(ctx, place("fan")))
	require.Equal(t, live.CodeNoRoom, live.CodeOf(w.Leave(ctx, user("fan"), room)))
	require.Empty(t, w.fired())
	page, err := w.Attendances(ctx, live.Membership{}, 10)
	require.NoError(t, err)
	require.Empty(t, page)
}

func TestIsMember(t *testing.T) {
	w := peopled(t)
	for id, want := range map[live.UserID]bool{"fan": true, "sleeper": true, "host": false, "stranger": false} {
		got, err := w.IsMember(ctx, user(id), room)
		require.NoError(t, err)
		require.Equal(t, want, got, id)
	}
}
