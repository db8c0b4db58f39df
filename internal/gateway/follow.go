package gateway

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

// followPage is how many users a page of a list has at most.
const followPage = 100

type followListChanged struct {
	UserInfoList []person `json:"userInfoList"`
	IsAdd        bool     `json:"isAdd"`
}

// followNotices tell each side how its lists changed.
func followNotices(c live.FollowsChanged) []notice {
	from := followListChanged{[]person{newPerson(c.From)}, c.Added}
	told := []notice{{event: "follow.onMyFollowingListChanged", data: followListChanged{people(c.To), c.Added}, to: c.From.ID}}
	for _, a := range c.To {
		told = append(told, notice{event: "follow.onMyFollowersListChanged", data: from, to: a.ID})
	}
	if len(c.Mutual) > 0 {
		mutual := followListChanged{people(c.Mutual), c.Added}
		told = append(told, notice{event: "follow.onMutualFollowersListChanged", data: mutual, to: c.From.ID})
	}
	for _, a := range c.Mutual {
		told = append(told, notice{event: "follow.onMutualFollowersListChanged", data: from, to: a.ID})
	}
	return told
}

func people(accounts []live.Account) []person {
	list := make([]person, len(accounts))
	for i, a := range accounts {
		list[i] = newPerson(a)
	}
	return list
}

type usersParams struct {
	UserIDList []string `json:"userIDList"`
}

func (in *usersParams) users() ([]live.UserID, error) {
	users := make([]live.UserID, len(in.UserIDList))
	for i, s := range in.UserIDList {
		var err error
		if users[i], err = live.ParseUserID("userIDList", s); err != nil {
			return nil, err
		}
	}
	return users, nil
}

// result is what became of one user of a call.
type result struct {
	UserID     string    `json:"userID"`
	ResultCode live.Code `json:"resultCode"`
	ResultInfo string    `json:"resultInfo"`
}

func newResult(user live.UserID, err error) result {
	r := result{UserID: string(user), ResultCode: live.CodeOf(err)}
	if refusal, ok := err.(*live.Error); ok {
		r.ResultInfo = refusal.Info
	}
	return r
}

type resultsReply struct {
	ResultList []result `json:"resultList"`
}

// changeFollows carries out a call that changes whom the user follows.
func changeFollows(in *usersParams, change func(users []live.UserID) ([]error, error)) (*resultsReply, error) {
	users, err := in.users()
	if err != nil {
		return nil, err
	}
	outcomes, err := change(users)
	if err != nil {
		return nil, err
	}
	reply := &resultsReply{make([]result, len(users))}
	for i, user := range users {
		reply.ResultList[i] = newResult(user, outcomes[i])
	}
	return reply, nil
}

func followUser(ctx context.Context, c *call, in *usersParams) (*resultsReply, error) {
	return changeFollows(in, func(users []live.UserID) ([]error, error) {
		return c.g.live.Follow(ctx, c.caller, c.caller.User, users)
	})
}

func unfollowUser(ctx context.Context, c *call, in *usersParams) (*resultsReply, error) {
	return changeFollows(in, func(users []live.UserID) ([]error, error) {
		return c.g.live.Unfollow(ctx, c.caller, c.caller.User, users)
	})
}

type followTypeResult struct {
	result
	FollowType string `json:"followType"`
}

type followTypesReply struct {
	ResultList []followTypeResult `json:"resultList"`
}

var followTypes = map[live.FollowType]string{
	live.FollowNone: "none", live.FollowedBy: "inMyFollowersList", live.FollowsThem: "inMyFollowingList",
	live.FollowedMutual: "inBothFollowersList",
}

func checkFollowType(ctx context.Context, c *call, in *usersParams) (*followTypesReply, error) {
	users, err := in.users()
	if err != nil {
		return nil, err
	}
	checks, err := c.g.live.CheckFollows(ctx, c.caller, c.caller.User, users)
	if err != nil {
		return nil, err
	}
	reply := &followTypesReply{make([]followTypeResult, len(users))}
	for i, user := range users {
		reply.ResultList[i] = followTypeResult{newResult(user, checks[i].Err), followTypes[checks[i].Type]}
	}
	return reply, nil
}

type followInfoResult struct {
	result
	FollowersCount       int64 `json:"followersCount"`
	FollowingCount       int64 `json:"followingCount"`
	MutualFollowersCount int64 `json:"mutualFollowersCount"`
}

type followInfosReply struct {
	FollowInfoList []followInfoResult `json:"followInfoList"`
}

func getUserFollowInfo(ctx context.Context, c *call, in *usersParams) (*followInfosReply, error) {
	users, err := in.users()
	if err != nil {
		return nil, err
	}
	infos, err := c.g.live.FollowInfos(ctx, c.caller, c.caller.User, users)
	if err != nil {
		return nil, err
	}
	reply := &followInfosReply{make([]followInfoResult, len(users))}
	for i, user := range users {
		n := infos[i].FollowCounts
		reply.FollowInfoList[i] = followInfoResult{newResult(user, infos[i].Err), n.Followers, n.Following, n.Mutual}
	}
	return reply, nil
}

type followListParams struct {
	NextCursor string `json:"nextCursor"`
	Count      int    `json:"count"`
}

type followListReply struct {
	UserInfoList []followedUser `json:"userInfoList"`
	NextCursor   string         `json:"nextCursor"` // empty at the end
}

type followedUser struct {
	person
	FollowTime int64 `json:"followTime"` // ms
}

func (c *call) followList(ctx context.Context, list live.FollowList, in *followListParams) (*followListReply, error) {
	if in.Count < 0 || in.Count > followPage {
		return nil, badParameter("count may be %d at most", followPage)
	}
	page, next, err := c.g.live.Follows(ctx, c.caller, c.caller.User, list, in.NextCursor, in.Count)
	if err != nil {
		return nil, err
	}
	reply := &followListReply{make([]followedUser, len(page)), next}
	for i, f := range page {
		reply.UserInfoList[i] = followedUser{newPerson(f.Account), f.Since.UnixMilli()}
	}
	return reply, nil
}

func getMyFollowingList(ctx context.Context, c *call, in *followListParams) (*followListReply, error) {
	return c.followList(ctx, live.Following, in)
}

func getMyFollowersList(ctx context.Context, c *call, in *followListParams) (*followListReply, error) {
	return c.followList(ctx, live.Followers, in)
}

func getMutualFollowersList(ctx context.Context, c *call, in *followListParams) (*followListReply, error) {
	return c.followList(ctx, live.Mutual, in)
}
