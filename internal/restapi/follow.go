package restapi

import (
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

// parseRelated reads the accounts of a follow command.
func parseRelated(from string, to []string) (live.UserID, []live.UserID, error) {
	user, err := parseAccountAs(live.CodeRelParameter, "From_Account", from)
	if err != nil {
		return "", nil, err
	}
	users, err := parseAccountsAs(live.CodeRelParameter, "To_Account", to)
	return user, users, err
}

type followAddRequest struct {
	FromAccount string       `json:"From_Account" req:"true" doc:"Who follows: 1 to 32 bytes of printable ASCII."`
	FollowItem  []followItem `json:"FollowItem" req:"true" doc:"Whom to follow, 1 to 20."`
}

type followItem struct {
	ToAccount string `json:"To_Account" req:"true" doc:"Whom to follow: 1 to 32 bytes of printable ASCII."`
}

type followResponse struct {
	ResultItem   []followResult `json:"ResultItem" doc:"One for each account, in the order asked."`
	ErrorDisplay string         `json:"ErrorDisplay" doc:"Always empty."`
}

type followResult struct {
	ToAccount  string    `json:"To_Account" doc:"The account."`
	ResultCode live.Code `json:"ResultCode" doc:"0, also when nothing had to be changed; 30001: the follower itself; 30003: never imported, where the app demands that; 32100: the follower follows 5,000 already."`
	ResultInfo string    `json:"ResultInfo" doc:"Why it failed."`
}

func followResults(users []live.UserID, outcomes []error) *followResponse {
	out := &followResponse{ResultItem: make([]followResult, len(users))}
	for i, user := range users {
		code, info := outcome(outcomes[i])
		out.ResultItem[i] = followResult{string(user), code, info}
	}
	return out
}

// followAdd is follow_add (doc 70345).
func followAdd(ctx context.Context, c *call, in *followAddRequest) (*followResponse, error) {
	to := make([]string, len(in.FollowItem))
	for i, item := range in.FollowItem {
		to[i] = item.ToAccount
	}
	from, users, err := parseRelated(in.FromAccount, to)
	if err != nil {
		return nil, err
	}
	outcomes, err := c.live.Follow(ctx, c.caller, from, users)
	if err != nil {
		return nil, err
	}
	return followResults(users, outcomes), nil
}

type followDeleteRequest struct {
	FromAccount string   `json:"From_Account" req:"true" doc:"Who follows no more: 1 to 32 bytes of printable ASCII."`
	ToAccount   []string `json:"To_Account" req:"true" doc:"Whom, 1 to 20."`
}

// followDelete is follow_delete (doc 70346).
func followDelete(ctx context.Context, c *call, in *followDeleteRequest) (*followResponse, error) {
	from, users, err := parseRelated(in.FromAccount, in.ToAccount)
	if err != nil {
		return nil, err
	}
	outcomes, err := c.live.Unfollow(ctx, c.caller, from, users)
	if err != nil {
		return nil, err
	}
	return followResults(users, outcomes), nil
}

type followCheckRequest struct {
	FromAccount string   `json:"From_Account" req:"true" doc:"Who asks: 1 to 32 bytes of printable ASCII."`
	ToAccount   []string `json:"To_Account" req:"true" doc:"About whom, 1 to 100."`
}

type followCheckResponse struct {
	ResultItem   []followCheckResult `json:"ResultItem" doc:"One for each account, in the order asked."`
	ErrorDisplay string              `json:"ErrorDisplay" doc:"Always empty."`
}

type followCheckResult struct {
	ToAccount  string          `json:"To_Account" doc:"The account."`
	FollowType live.FollowType `json:"FollowType" doc:"0: neither follows the other; 1: To_Account follows From_Account; 2: From_Account follows To_Account; 3: both."`
	ResultCode live.Code       `json:"ResultCode" doc:"0; 30003: never imported, where the app demands that."`
	ResultInfo string          `json:"ResultInfo" doc:"Why it failed."`
}

// followCheck is follow_check (doc 70349).
func followCheck(ctx context.Context, c *call, in *followCheckRequest) (*followCheckResponse, error) {
	from, users, err := parseRelated(in.FromAccount, in.ToAccount)
	if err != nil {
		return nil, err
	}
	checks, err := c.live.CheckFollows(ctx, c.caller, from, users)
	if err != nil {
		return nil, err
	}
	out := &followCheckResponse{ResultItem: make([]followCheckResult, len(users))}
	for i, user := range users {
		code, info := outcome(checks[i].Err)
		out.ResultItem[i] = followCheckResult{string(user), checks[i].Type, code, info}
	}
	return out, nil
}

type followGetRequest struct {
	FromAccount string `json:"From_Account" req:"true" doc:"Whose list: 1 to 32 bytes of printable ASCII."`
	FollowType  int    `json:"FollowType" req:"true" doc:"1: the followers; 2: whom the account follows; 3: those who are both."`
	StartCursor string `json:"StartCursor" doc:"Where the page begins: empty for the first, later the NextCursor of the page before. A cursor can be used again."`
	WantNum     int    `json:"WantNum" doc:"How many, at most 1,000; 100 when missing or 0."`
}

type followGetResponse struct {
	FollowItem   []followed `json:"FollowItem" doc:"The page, the newest relation first."`
	NextCursor   string     `json:"NextCursor" doc:"Where the next page begins; empty when there is none."`
	ErrorDisplay string     `json:"ErrorDisplay" doc:"Always empty."`
}

type followed struct {
	ToAccount   string     `json:"To_Account" doc:"The account."`
	FollowTime  int64      `json:"FollowTime" doc:"Since when one follows the other, in Unix seconds; in the list of type 3, since when From_Account follows."`
	ProfileItem []tagValue `json:"ProfileItem" doc:"Tag_Profile_IM_Nick and Tag_Profile_IM_Image, as far as they are set."`
}

// followGet is follow_get (doc 70347).
func followGet(ctx context.Context, c *call, in *followGetRequest) (*followGetResponse, error) {
	from, _, err := parseRelated(in.FromAccount, nil)
	if err != nil {
		return nil, err
	}
	page, next, err := c.live.Follows(ctx, c.caller, from, live.FollowList(in.FollowType), in.StartCursor, in.WantNum)
	if err != nil {
		return nil, err
	}
	out := &followGetResponse{FollowItem: make([]followed, len(page)), NextCursor: next}
	for i, f := range page {
		out.FollowItem[i] = followed{string(f.Account.ID), f.Since.Unix(), tagValues(f.Account.Items())}
	}
	return out, nil
}

type followGetInfoRequest struct {
	FromAccount string   `json:"From_Account" req:"true" doc:"Who asks: 1 to 32 bytes of printable ASCII."`
	ToAccount   []string `json:"To_Account" req:"true" doc:"About whom, 1 to 20."`
}

type followGetInfoResponse struct {
	FollowInfo   []followInfo `json:"FollowInfo" doc:"One for each account, in the order asked."`
	ErrorDisplay string       `json:"ErrorDisplay" doc:"Always empty."`
}

type followInfo struct {
	ToAccount            string    `json:"To_Account" doc:"The account."`
	ResultCode           live.Code `json:"ResultCode" doc:"0; 30003: never imported, where the app demands that."`
	ResultInfo           string    `json:"ResultInfo" doc:"Why it failed."`
	FollowerCount        int64     `json:"FollowerCount" doc:"How many follow the account."`
	FollowingCount       int64     `json:"FollowingCount" doc:"How many the account follows."`
	MutualFollowingCount int64     `json:"MutualFollowingCount" doc:"How many are both."`
}

// followGetInfo is follow_get_info (doc 70350).
func followGetInfo(ctx context.Context, c *call, in *followGetInfoRequest) (*followGetInfoResponse, error) {
	from, users, err := parseRelated(in.FromAccount, in.ToAccount)
	if err != nil {
		return nil, err
	}
	infos, err := c.live.FollowInfos(ctx, c.caller, from, users)
	if err != nil {
		return nil, err
	}
	out := &followGetInfoResponse{FollowInfo: make([]followInfo, len(users))}
	for i, user := range users {
		code, info := outcome(infos[i].Err)
		n := infos[i].FollowCounts
		out.FollowInfo[i] = followInfo{string(user), code, info, n.Followers, n.Following, n.Mutual}
	}
	return out, nil
}
