package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

func profileRows(t *testing.T, f *fixture) {
	level, tier := live.ProfileItem{Tag: live.TagLevel, Value: "3"}, live.ProfileItem{Tag: live.CustomTag("Tier"), Value: "gold\x00 ✨"}
	f.update(func(tx live.Tx) error {
		return errors.Join(tx.PutProfileValue(app, "fan", live.ProfileItem{Tag: live.TagLevel, Value: "1"}),
			tx.PutProfileValue(app, "fan", tier), tx.PutProfileValue(app, "fan", level),
			tx.PutProfileValue(app, "fan", live.ProfileItem{Tag: live.TagRole, Value: "7"}), tx.DeleteProfileValue(app, "fan", live.TagRole),
			tx.PutProfileValue(other, "fan", level), tx.PutProfileValue(app, "fan2", level))
	})
	f.view(func(r live.Reader) {
		items, err := r.ProfileValues(app, "fan")
		require.NoError(t, err)
		require.Equal(t, []live.ProfileItem{tier, level}, items)
	})
}

func deletedAccount(t *testing.T, f *fixture) {
	f.update(func(tx live.Tx) error {
		return errors.Join(tx.PutAccount(app, live.Account{ID: "fan", Nick: "Fan"}), tx.PutAccount(other, live.Account{ID: "fan"}),
			tx.PutProfileValue(app, "fan", live.ProfileItem{Tag: live.TagLevel, Value: "3"}),
			tx.PutProfileValue(other, "fan", live.ProfileItem{Tag: live.TagLevel, Value: "4"}),
			tx.PutMember(app, "a", live.Member{User: "fan", Online: true}), tx.PutMember(app, "b", live.Member{User: "fan"}),
			tx.PutMember(app, "c", live.Member{User: "fan", Online: true}), tx.PutMember(app, "c", live.Member{User: "mia", Online: true}),
			tx.PutMember(other, "d", live.Member{User: "fan", Online: true}))
	})
	f.view(func(r live.Reader) {
		rooms, err := r.RoomsOnline(app, "fan", 10)
		require.NoError(t, err)
		require.Equal(t, []live.RoomID{"a", "c"}, rooms)
		rooms, err = r.RoomsOnline(app, "fan", 1)
		require.NoError(t, err)
		require.Len(t, rooms, 1)
	})
	f.update(func(tx live.Tx) error { return tx.DeleteAccount(app, "fan") })
	f.view(func(r live.Reader) {
		_, known, err1 := r.Account(app, "fan")
		_, otherKnown, err2 := r.Account(other, "fan")
		items, err3 := r.ProfileValues(app, "fan")
		otherItems, err4 := r.ProfileValues(other, "fan")
		_, online, err5 := r.Member(app, "a", "fan")
		_, offline, err6 := r.Member(app, "b", "fan")
		require.NoError(t, errors.Join(err1, err2, err3, err4, err5, err6))
		require.False(t, known)
		require.True(t, otherKnown)
		require.Empty(t, items)
		require.Len(t, otherItems, 1)
		require.True(t, online, "who is online is taken out by the rules of rooms")
		require.False(t, offline)
	})
}

func revocationRows(t *testing.T, f *fixture) {
	at := func(app live.AppID, user live.UserID, seconds int64) live.Revocation {
		return live.Revocation{App: app, User: user, Until: time.Unix(seconds, 0)}
	}
	f.update(func(tx live.Tx) error {
		return errors.Join(tx.PutRevocation(at(app, "b", 1)), tx.PutRevocation(at(app, "a", 2)), tx.PutRevocation(at(other, "z", 3)),
			tx.PutRevocation(at(app, "b", 1765001300)), tx.PutRevocation(at(app, "b", 1765001299))) // a clock that was set back
	})
	f.reopen()
	var got []live.Revocation
	var after live.Revocation
	for range 3 {
		f.view(func(r live.Reader) {
			page, err := r.Revocations(after, 1)
			require.NoError(t, err)
			require.Len(t, page, 1)
			got, after = append(got, page...), page[0]
		})
	}
	require.Equal(t, []live.Revocation{at(other, "z", 3), at(app, "a", 2), at(app, "b", 1765001300)}, got)
	f.view(func(r live.Reader) {
		page, err := r.Revocations(after, 1)
		require.NoError(t, err)
		require.Empty(t, page)
	})
}

// follow is a relation that began so many ms after the first one could.
func follow(from, to live.UserID, ms int64, mutual bool) live.Follow {
	return live.Follow{From: from, To: to, Since: time.UnixMilli(1765001300000 + ms), Mutual: mutual}
}

func followRows(t *testing.T, f *fixture) {
	ab, ba, ac, ad, ca := follow("a", "b", 1, true), follow("b", "a", 2, true), follow("a", "c", 3, true), follow("a", "d", 3, false), follow("c", "a", 4, true)
	f.update(func(tx live.Tx) error {
		var errs []error
		for _, x := range []live.Follow{follow("a", "b", 9, false), ab, ba, ac, ad, ca, follow("a", "gone", 5, false)} {
			errs = append(errs, tx.PutFollow(app, x))
		}
		return errors.Join(append(errs, tx.DeleteFollow(app, "a", "gone"), tx.PutFollow(other, follow("a", "z", 1, false)))...)
	})
	f.view(func(r live.Reader) {
		got, ok, err := r.Follow(app, "a", "b")
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, ab, got)
		_, ok, err = r.Follow(app, "d", "a")
		require.NoError(t, err)
		require.False(t, ok)
		list := func(list live.FollowList, after live.FollowCursor, limit int) []live.Follow {
			page, err := r.Follows(app, "a", list, after, limit)
			require.NoError(t, err)
			return page
		}
		start := live.FollowCursor{}
		require.Equal(t, []live.Follow{ad, ac, ab}, list(live.Following, start, 10))
		require.Equal(t, []live.Follow{ca, ba}, list(live.Followers, start, 10))
		require.Equal(t, []live.Follow{ac, ab}, list(live.Mutual, start, 10))
		require.Equal(t, []live.Follow{ad}, list(live.Following, start, 1))
		require.Equal(t, []live.Follow{ac}, list(live.Following, live.FollowCursor{Since: ad.Since, User: "d"}, 1))
		require.Equal(t, []live.Follow{ab}, list(live.Following, live.FollowCursor{Since: ac.Since, User: "c"}, 9))
		require.Equal(t, []live.Follow{ba}, list(live.Followers, live.FollowCursor{Since: ca.Since, User: "c"}, 9))
		require.Equal(t, []live.Follow{ab}, list(live.Mutual, live.FollowCursor{Since: ac.Since, User: "c"}, 9))

		until := func(ms int64, limit int) []live.Follow {
			all, err := r.FollowsUntil(app, "a", time.UnixMilli(1765001300000+ms), limit)
			require.NoError(t, err)
			return all
		}
		require.ElementsMatch(t, []live.Follow{ab, ba}, until(2, 10))
		require.ElementsMatch(t, []live.Follow{ab, ba, ac, ad, ca}, until(4, 10))
		require.Len(t, until(4, 3), 3)
		require.Len(t, until(4, 4), 4)
		require.Empty(t, until(0, 10))
	})
}

func followCountRows(t *testing.T, f *fixture) {
	add := func(user live.UserID, n live.FollowCounts) {
		f.update(func(tx live.Tx) error { return tx.AddFollowCounts(app, user, n) })
	}
	counts := func(app live.AppID, user live.UserID) (n live.FollowCounts) {
		f.view(func(r live.Reader) {
			var err error
			n, err = r.FollowCounts(app, user)
			require.NoError(t, err)
		})
		return n
	}
	add("a", live.FollowCounts{Followers: 2})
	add("a", live.FollowCounts{Following: 1, Mutual: 1})
	add("a", live.FollowCounts{Followers: -1})
	require.Equal(t, live.FollowCounts{Followers: 1, Following: 1, Mutual: 1}, counts(app, "a"))
	require.Zero(t, counts(other, "a"))
	add("a", live.FollowCounts{Followers: -1, Mutual: -1})
	add("a", live.FollowCounts{Following: -1})
	require.Zero(t, counts(app, "a"))
	add("a", live.FollowCounts{Following: 1})
	require.Equal(t, live.FollowCounts{Following: 1}, counts(app, "a"))
}
