package client

import (
	"context"
	"iter"
)

const (
	follows    = "follow/"
	followPage = 1000 // the most there is in one answer
)

// FollowResult is what became of one user of a call.
type FollowResult struct {
	UserID     string `json:"To_Account"`
	ResultCode int    // 0: done, or there was nothing to do
	ResultInfo string // why not
}

type followUsers struct {
	From string   `json:"From_Account"`
	To   []string `json:"To_Account"`
}

// Follow makes a user follow up to 20 others (doc 70345). Each result stands by itself: [CodeFollowParameter] for the user
// itself, [CodeFollowsTooMany] past 5,000.
func (c *Client) Follow(ctx context.Context, user string, others ...string) ([]FollowResult, error) {
	type item struct {
		To string `json:"To_Account"`
	}
	items := make([]item, len(others))
	for i, other := range others {
		items[i].To = other
	}
	in := struct {
		From       string `json:"From_Account"`
		FollowItem []item
	}{user, items}
	var out struct{ ResultItem []FollowResult }
	err := c.Do(ctx, follows+"follow_add", in, &out)
	return out.ResultItem, err
}

// Unfollow ends that a user follows up to 20 others (doc 70346).
func (c *Client) Unfollow(ctx context.Context, user string, others ...string) ([]FollowResult, error) {
	var out struct{ ResultItem []FollowResult }
	err := c.Do(ctx, follows+"follow_delete", followUsers{user, others}, &out)
	return out.ResultItem, err
}

// FollowType is how another user stands to a user.
type FollowType int

const (
	FollowNone     FollowType = iota // neither follows the other
	FollowedBy                       // the other follows the user
	FollowsThem                      // the user follows the other
	FollowedMutual                   // both
)

// FollowCheck is how one user stands to the one who was asked about.
type FollowCheck struct {
	FollowResult
	FollowType FollowType
}

// CheckFollow tells how up to 100 others stand to a user (doc 70349).
func (c *Client) CheckFollow(ctx context.Context, user string, others ...string) ([]FollowCheck, error) {
	var out struct{ ResultItem []FollowCheck }
	err := c.Do(ctx, follows+"follow_check", followUsers{user, others}, &out)
	return out.ResultItem, err
}

// FollowInfo is how many relations a user has.
type FollowInfo struct {
	FollowResult
	FollowerCount        int64
	FollowingCount       int64
	MutualFollowingCount int64
}

// FollowInfo tells how many relations each of up to 20 users has (doc 70350).
func (c *Client) FollowInfo(ctx context.Context, users ...string) ([]FollowInfo, error) {
	var out struct{ FollowInfo []FollowInfo }
	err := c.Do(ctx, follows+"follow_get_info", followUsers{c.caller.identifier, users}, &out)
	return out.FollowInfo, err
}

// Followed is one user of a list.
type Followed struct {
	UserID string        `json:"To_Account"`
	Since  int64         `json:"FollowTime"`  // Unix seconds
	Items  []ProfileItem `json:"ProfileItem"` // name and picture, as far as they are set
}

// FollowList is one of the lists of a user.
type FollowList int

const (
	ListFollowers FollowList = 1 // who follows the user
	ListFollowing FollowList = 2 // whom the user follows
	ListMutual    FollowList = 3 // both at once
)

// Followers goes through those who follow a user, the newest first (doc 70347). A call that fails ends the walk with its
// error.
func (c *Client) Followers(ctx context.Context, user string) iter.Seq2[Followed, error] {
	return c.followList(ctx, user, ListFollowers)
}

// Following goes through those whom a user follows, as Followers does.
func (c *Client) Following(ctx context.Context, user string) iter.Seq2[Followed, error] {
	return c.followList(ctx, user, ListFollowing)
}

// MutualFollowers goes through those who follow a user and whom the user follows, as Followers does.
func (c *Client) MutualFollowers(ctx context.Context, user string) iter.Seq2[Followed, error] {
	return c.followList(ctx, user, ListMutual)
}

func (c *Client) followList(ctx context.Context, user string, list FollowList) iter.Seq2[Followed, error] {
	return func(yield func(Followed, error) bool) {
		for cursor, more := "", true; more; more = cursor != "" {
			page, next, err := c.FollowPage(ctx, user, list, cursor, followPage)
			if err != nil {
				yield(Followed{}, err)
				return
			}
			for _, f := range page {
				if !yield(f, nil) {
					return
				}
			}
			cursor = next
		}
	}
}

// FollowPage returns one page of a list, the newest first, and the cursor of the next one, "" when there is none. The first
// page has the cursor "". A page has count users, at most 1,000; 100 when count is 0 (doc 70347).
func (c *Client) FollowPage(
	ctx context.Context, user string, list FollowList, cursor string, count int,
) (page []Followed, next string, err error) {
	in := struct {
		From        string `json:"From_Account"`
		FollowType  FollowList
		StartCursor string
		WantNum     int
	}{user, list, cursor, count}
	var out struct {
		FollowItem []Followed
		NextCursor string
	}
	err = c.Do(ctx, follows+"follow_get", in, &out)
	return out.FollowItem, out.NextCursor, err
}
