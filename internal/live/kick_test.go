package live_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

// TestWhoMayActUponWhom is what a client may do to others in the room, over which App admins and the server stand.
func TestWhoMayActUponWhom(t *testing.T) {
	operations := map[string]func(w *world, c live.Caller, users ...live.UserID) error{
		"mute": func(w *world, c live.Caller, users ...live.UserID) error {
			return w.MuteMembers(ctx, c, room, users, 60)
		},
		"unmute": func(w *world, c live.Caller, users ...live.UserID) error {
			return w.MuteMembers(ctx, c, room, users, 0)
		},
		"kick": func(w *world, c live.Caller, users ...live.UserID) error {
			return w.KickMembers(ctx, c, room, users, "")
		},
		"ban": func(w *world, c live.Caller, users ...live.UserID) error {
			return w.BanMembers(ctx, c, room, users, 60, "")
		},
	}
	for name, do := range operations {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			require.Equal(t, live.CodeNoRoom, live.CodeOf(do(w, user("host"), "fan")))
			for _, s := range []struct {
				who, whom live.UserID
				code      live.Code
			}{
				{"host", "fan", 0}, {"host", "sleeper", 0}, {"host", "mod", 0}, {"mod", "fan", 0}, {"mod", "sleeper", 0},
				{"host", "host", live.CodeNoPermission}, {"host", "stranger", live.CodeNotMember},
				{"mod", "host", live.CodeNoPermission}, {"mod", "second", live.CodeNoPermission}, {"mod", "mod", live.CodeNoPermission},
				{"mod", "stranger", live.CodeNotMember},
				{"fan", "sleeper", live.CodeNoPermission}, {"fan", "fan", live.CodeNoPermission}, {"stranger", "fan", live.CodeNoPermission},
			} {
				w.people()
				require.NoError(t, w.ModifyAdmins(ctx, user("host"), room, []live.UserID{"second"}, true))
				w.enter("mod")
				w.enter("third")
				w.fired()
				before := w.room()
				err := do(w, user(s.who), "third", s.whom)
				if s.code == 0 {
					require.NoError(t, err, "%s %s", s.who, s.whom)
					continue
				}
				require.Equal(t, s.code, live.CodeOf(err), "%s %s: %v", s.who, s.whom, err)
				require.Empty(t, w.fired())
				require.Equal(t, before, w.room(), "not even the others")
			}
			for _, c := range []live.Caller{by(live.KindAdmin, "administrator"), live.System(app)} {
				w.people()
				require.NoError(t, do(w, c, "mod", "stranger", "fan"))
			}
		})
	}
}

func TestWhoMayReadAndEndBansAndMutes(t *testing.T) {
	w := peopled(t)
	for id, code := range map[live.UserID]live.Code{"host": 0, "mod": 0, "fan": live.CodeNoPermission, "stranger": live.CodeNoPermission} {
		_, err := w.Mutes(ctx, user(id), room, 0, 0)
		require.Equal(t, code, live.CodeOf(err), id)
		_, _, err = w.Bans(ctx, user(id), room, 0, 0)
		require.Equal(t, code, live.CodeOf(err), id)
		require.Equal(t, code, live.CodeOf(w.UnbanMembers(ctx, user(id), room, []live.UserID{"x"})), id)
	}
	for id, code := range map[live.UserID]live.Code{"host": 0, "mod": 0, "fan": 0, "sleeper": 0, "stranger": live.CodeNotMember} {
		_, err := w.Members(ctx, user(id), room, "")
		require.Equal(t, code, live.CodeOf(err), id)
		_, _, err = w.Audience(ctx, user(id), room, "", 1)
		require.Equal(t, code, live.CodeOf(err), id)
		_, err = w.Attendee(ctx, user(id), room, "fan")
		require.Equal(t, code, live.CodeOf(err), id)
		require.Equal(t, code, live.CodeOf(w.MayListen(ctx, user(id), room)), id)
	}
	require.Equal(t, live.CodeNotMember, live.CodeOf(w.Appoint(ctx, user("host"), room, "stranger")))
	require.Equal(t, live.CodeNoPermission, live.CodeOf(w.Appoint(ctx, user("mod"), room, "fan")))
	require.NoError(t, w.Appoint(ctx, user("host"), room, "fan"))
}

// TestTheKickedAreNoMembers: they are counted out, come back only by entering anew, and nothing is told of them twice.
func TestTheKickedAreNoMembers(t *testing.T) {
	w := peopled(t)
	w.enter("other")
	w.fired()
	require.NoError(t, w.KickMembers(ctx, user("host"), room, []live.UserID{"fan", "sleeper", "other"}, ""))
	fired := w.fired()
	require.Len(t, fired, 1)
	require.Equal(t, `{"CallbackCommand":"Live.CallbackAfterMemberStateChanged","RoomId":"live_9001","EventType":"Offline","EventCause":"Kicked",`+
		`"MemberList":[{"Member_Account":"fan"},{"Member_Account":"other"}],"EventTime":1765001300444}`, string(fired[0].Body))
	require.Zero(t, w.room().OnlineCount)
	for _, id := range []live.UserID{"fan", "sleeper"} {
		is, err := w.IsMember(ctx, user(id), room)
		require.NoError(t, err)
		require.False(t, is)
		require.Equal(t, live.CodeNotMember, live.CodeOf(w.ComeBack(ctx, user(id), room)))
		require.Equal(t, live.CodeNotMember, live.CodeOf(w.Leave(ctx, user(id), room)))
		require.NoError(t, w.Interrupt(ctx, place(id)))
	}
	require.Empty(t, w.fired())
	views := w.room().ViewCount
	w.enter("fan")
	require.Equal(t, []string{"Online Enter fan"}, w.moves())
	require.Equal(t, views+1, w.room().ViewCount)
	require.NoError(t, w.ComeBack(ctx, user("fan"), room))
	require.Empty(t, w.moves())
}

func TestABanGoesWithItsRoom(t *testing.T) {
	w := peopled(t)
	require.NoError(t, w.BanMembers(ctx, user("host"), room, []live.UserID{"fan"}, live.SecondsForever, ""))
	_, err := w.Enter(ctx, user("fan"), room)
	require.Equal(t, live.CodeBanned, live.CodeOf(err))
	_, err = w.Start(ctx, user("fan"), live.RoomSpec{ID: room, Type: live.RoomTypeLive})
	require.Equal(t, live.CodeRoomExists, live.CodeOf(err))
	require.Equal(t, live.CodeBanned, live.CodeOf(w.MayListen(ctx, user("fan"), room)))
	w.people()
	w.enter("fan")
}

// TestNoBanHoldsForTheOwner: whoever is banned and then given the room may enter it.
func TestNoBanHoldsForTheOwner(t *testing.T) {
	w, rows, _ := clocked(t)
	require.NoError(t, w.BanMembers(ctx, live.System(app), room, []live.UserID{"heir"}, 60, ""))
	require.Equal(t, live.CodeBanned, live.CodeOf(w.MayListen(ctx, user("heir"), room)))
	require.NoError(t, rows.Update(ctx, func(tx live.Tx) error { return tx.SetRoomOwner(app, room, "heir") }))
	require.NoError(t, w.MayListen(ctx, user("heir"), room))
	require.Equal(t, live.RoleOwner, w.enter("heir").Role)
}
