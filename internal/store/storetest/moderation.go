package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

func mutesBansMembers(t *testing.T, f *fixture) {
	now := time.Unix(1765000000, 500_000_000)
	lapsed, holds := time.Unix(1765000000, 0), time.Unix(1765000001, 0)
	f.update(func(tx live.Tx) error {
		errs := []error{tx.InsertRoom(app, fullRoom())}
		for _, user := range []live.UserID{"d", "b", "a", "c"} {
			until := holds
			if user == "b" {
				until = lapsed
			}
			errs = append(errs, tx.PutMute(app, room, live.Mute{User: user, Until: lapsed}), tx.PutMute(app, room, live.Mute{User: user, Until: until}),
				tx.PutBan(app, room, live.Ban{User: user, Until: lapsed, Reason: "first"}), tx.PutBan(app, room, live.Ban{User: user, Until: until, Reason: "spam ✨"}),
				tx.PutMember(app, room, live.Member{User: user, Online: user != "b"}))
		}
		return errors.Join(append(errs, tx.PutBan(other, room, live.Ban{User: "z", Until: live.Forever}), tx.PutMute(app, "another", live.Mute{User: "z", Until: holds}))...)
	})
	mutes := func(offset, limit int) (users []live.UserID) {
		f.view(func(r live.Reader) {
			page, err := r.Mutes(app, room, now, offset, limit)
			require.NoError(t, err)
			for _, m := range page {
				require.True(t, m.Until.Equal(holds))
				users = append(users, m.User)
			}
		})
		return users
	}
	bans := func(offset, limit int) (users []live.UserID) {
		f.view(func(r live.Reader) {
			page, err := r.Bans(app, room, now, offset, limit)
			require.NoError(t, err)
			for _, b := range page {
				require.Equal(t, live.Ban{User: b.User, Until: holds, Reason: "spam ✨"}, b)
				users = append(users, b.User)
			}
		})
		return users
	}
	for _, list := range []func(offset, limit int) []live.UserID{mutes, bans} {
		require.Equal(t, []live.UserID{"a", "c", "d"}, list(0, 10))
		require.Equal(t, []live.UserID{"c"}, list(1, 1))
		require.Empty(t, list(3, 1))
	}
	f.view(func(r live.Reader) {
		page, err := r.MembersOnline(app, room, "", 2)
		require.NoError(t, err)
		require.Equal(t, []live.UserID{"a", "c"}, page)
		page, err = r.MembersOnline(app, room, "c", 2)
		require.NoError(t, err)
		require.Equal(t, []live.UserID{"d"}, page)
		b, ok, err := r.Ban(app, room, "b")
		require.NoError(t, err)
		require.True(t, ok, "its time has passed, and it is there")
		require.Equal(t, live.Ban{User: "b", Until: lapsed, Reason: "spam ✨"}, b)
	})

	f.update(func(tx live.Tx) error {
		return errors.Join(tx.DeleteLapsedBans(app, room, now, 0), tx.DeleteBan(app, room, "a"), tx.DeleteMute(app, room, "a"), tx.DeleteBan(app, room, "none"))
	})
	known := func(user live.UserID) bool {
		var ok bool
		f.view(func(r live.Reader) {
			var err error
			_, ok, err = r.Ban(app, room, user)
			require.NoError(t, err)
		})
		return ok
	}
	require.True(t, known("b"), "none may be cleared away")
	f.update(func(tx live.Tx) error { return tx.DeleteLapsedBans(app, room, now, 10) })
	require.False(t, known("b"))
	require.Equal(t, []live.UserID{"c", "d"}, bans(0, 10))
	require.Equal(t, []live.UserID{"c", "d"}, mutes(0, 10))

	f.update(func(tx live.Tx) error { return tx.DeleteRoom(app, room) })
	require.Empty(t, bans(0, 10))
	require.Empty(t, mutes(0, 10))
	f.view(func(r live.Reader) {
		_, ok, err := r.Ban(other, room, "z")
		require.NoError(t, err)
		require.True(t, ok, "another app's room of that id")
	})
}
