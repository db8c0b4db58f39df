package gateway

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

func someone(user string) m { return m{"userID": user, "userName": "", "avatarURL": ""} }

func listed(isAdd bool, users ...string) m {
	list := make([]any, len(users))
	for i, u := range users {
		list[i] = someone(u)
	}
	return m{"userInfoList": list, "isAdd": isAdd}
}

func outcomeOf(user string, code int, info string) m {
	return m{"userID": user, "resultCode": float64(code), "resultInfo": info}
}

func TestFollowersAndFollowedHearOfEachOther(t *testing.T) {
	w := newWorld(t)
	mia, ben, eve := w.hearing("mia", 0), w.hearing("ben", 0), w.hearing("eve", 0)
	nick := "Mia"
	require.NoError(t, w.live.ImportAccount(t.Context(), byAdmin, live.AccountImport{ID: "mia", Nick: &nick}))

	require.Equal(t, m{"resultList": []any{outcomeOf("ben", 0, ""), outcomeOf("mia", 30001, "a user cannot follow itself"), outcomeOf("eve", 0, "")}},
		mia.do("follow.followUser", m{"userIDList": []string{"ben", "mia", "eve"}}))
	mia.isTold("follow.onMyFollowingListChanged", listed(true, "ben", "eve"))
	named := m{"userInfoList": []any{m{"userID": "mia", "userName": "Mia", "avatarURL": ""}}, "isAdd": true}
	ben.isTold("follow.onMyFollowersListChanged", named)
	eve.isTold("follow.onMyFollowersListChanged", named)

	ben.do("follow.followUser", m{"userIDList": []string{"mia"}})
	ben.isTold("follow.onMyFollowingListChanged", named)
	ben.isTold("follow.onMutualFollowersListChanged", named)
	mia.isTold("follow.onMyFollowersListChanged", listed(true, "ben"))
	mia.isTold("follow.onMutualFollowersListChanged", listed(true, "ben"))

	mia.do("follow.unfollowUser", m{"userIDList": []string{"ben", "stranger"}})
	mia.isTold("follow.onMyFollowingListChanged", listed(false, "ben"))
	mia.isTold("follow.onMutualFollowersListChanged", listed(false, "ben"))
	named["isAdd"] = false
	ben.isTold("follow.onMyFollowersListChanged", named)
	ben.isTold("follow.onMutualFollowersListChanged", named)

	// What the app server does is heard too.
	_, err := w.live.Follow(t.Context(), byAdmin, "eve", []live.UserID{"ben"})
	require.NoError(t, err)
	eve.isTold("follow.onMyFollowingListChanged", listed(true, "ben"))
	ben.isTold("follow.onMyFollowersListChanged", listed(true, "eve"))
}

func TestAskingAboutFollowers(t *testing.T) {
	w := newWorld(t)
	mia := w.connect(app1, "mia")
	for from, to := range map[live.UserID]live.UserID{"fan": "mia", "friend": "mia"} {
		_, err := w.live.Follow(t.Context(), byAdmin, from, []live.UserID{to})
		require.NoError(t, err)
	}
	mia.do("follow.followUser", m{"userIDList": []string{"friend", "star"}})
	standing := func(user, followType string) m {
		r := outcomeOf(user, 0, "")
		r["followType"] = followType
		return r
	}
	require.Equal(t, m{"resultList": []any{
		standing("friend", "inBothFollowersList"), standing("fan", "inMyFollowersList"), standing("star", "inMyFollowingList"), standing("x", "none"),
	}}, mia.do("follow.checkFollowType", m{"userIDList": []string{"friend", "fan", "star", "x"}}))
	info := outcomeOf("mia", 0, "")
	info["followersCount"], info["followingCount"], info["mutualFollowersCount"] = 2.0, 2.0, 1.0
	require.Equal(t, m{"followInfoList": []any{info}}, mia.do("follow.getUserFollowInfo", m{"userIDList": []string{"mia"}}))

	users := func(method, cursor string, count int) (found []string, next string) {
		reply := mia.do(method, m{"nextCursor": cursor, "count": count})
		for _, u := range reply["userInfoList"].([]any) {
			require.InDelta(t, time.Now().UnixMilli(), u.(m)["followTime"], 60_000, "followTime is in ms")
			require.Equal(t, "", u.(m)["userName"])
			found = append(found, u.(m)["userID"].(string))
		}
		return found, reply["nextCursor"].(string)
	}
	for method, want := range map[string][]string{
		"follow.getMyFollowingList": {"friend", "star"}, "follow.getMyFollowersList": {"friend", "fan"}, "follow.getMutualFollowersList": {"friend"},
	} {
		found, next := users(method, "", 0)
		require.ElementsMatch(t, want, found, method)
		require.Empty(t, next)
		page, next := users(method, "", 1)
		require.Equal(t, found[:1], page, method)
		if len(want) == 2 {
			page, next = users(method, next, 1)
			require.Equal(t, found[1:], page, method)
		}
		require.Empty(t, next)
		mia.fails(100002, method, m{"count": 101})
		mia.fails(100002, method, m{"count": -1})
		mia.fails(100002, method, m{"nextCursor": 7})
		mia.fails(30001, method, m{"nextCursor": "x"})
	}
}

func TestFollowMethodsRefuseWhatIsTooMuch(t *testing.T) {
	w := newWorld(t)
	mia := w.connect(app1, "mia")
	users := func(n int) m {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprint("u", i)
		}
		return m{"userIDList": list}
	}
	for method, most := range map[string]int{
		"follow.followUser": 20, "follow.unfollowUser": 20, "follow.checkFollowType": 100, "follow.getUserFollowInfo": 20,
	} {
		mia.do(method, users(most))
		mia.fails(30001, method, users(most+1))
		mia.fails(30001, method, m{})
		mia.fails(100002, method, m{"userIDList": "ben"})
		mia.fails(100002, method, m{"userIDList": []string{""}})
		mia.fails(100002, method, m{"userIDList": []any{nil}})
	}
}
