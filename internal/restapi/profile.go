package restapi

import (
	"context"
	"fmt"

	"github.com/greenroom-live/greenroom/internal/live"
)

// display is the payload of commands that have no more than the field that profile and follow commands add to the
// envelope.
type display struct {
	ErrorDisplay string `json:"ErrorDisplay" doc:"Always empty."`
}

type portraitSetRequest struct {
	FromAccount string        `json:"From_Account" req:"true" doc:"Whose profile: 1 to 32 bytes of printable ASCII."`
	ProfileItem []profileItem `json:"ProfileItem" req:"true" doc:"What to write, 1 to 100 different tags. All of it is written or nothing."`
}

type profileItem struct {
	Tag   string `json:"Tag" req:"true" doc:"Tag_Profile_IM_Nick, _Gender, _BirthDay, _Location, _SelfSignature, _AllowType, _Language, _Image, _AdminForbidType, _Level or _Role, or Tag_Profile_Custom_ and 1 to 8 letters, 20 of them at most."`
	Value any    `json:"Value" req:"true" doc:"A string of at most 500 bytes (Location: 16); for BirthDay, Language, Level and Role a number of 32 bits. An empty text takes the tag away."`
}

// portraitSet is portrait_set (doc 34916).
func portraitSet(ctx context.Context, c *call, in *portraitSetRequest) (*display, error) {
	if in.FromAccount == "" {
		return nil, live.Refuse(live.CodeProfileNobody, "From_Account is missing")
	}
	user, err := parseAccountAs(live.CodeProfileParameter, "From_Account", in.FromAccount)
	if err != nil {
		return nil, err
	}
	items := make([]live.ProfileItem, len(in.ProfileItem))
	for i, item := range in.ProfileItem {
		field := fmt.Sprintf("ProfileItem[%d].", i)
		tag, err := live.ParseTag(field+"Tag", item.Tag)
		if err != nil {
			return nil, err
		}
		if items[i], err = live.ParseProfileItem(field+"Value", tag, item.Value); err != nil {
			return nil, err
		}
	}
	return &display{}, c.live.SetProfile(ctx, c.caller, user, items)
}

type portraitGetRequest struct {
	ToAccount []string `json:"To_Account" req:"true" doc:"Whose profiles, 1 to 100; an account named again is answered again."`
	TagList   []string `json:"TagList" req:"true" doc:"The tags asked for, 1 to 100."`
}

type portraitGetResponse struct {
	UserProfileItem []userProfile `json:"UserProfileItem" doc:"One for each account, in the order asked."`
	FailAccount     []live.UserID `json:"Fail_Account,omitempty" doc:"The accounts that were never imported, where the app demands that; missing when there are none."`
	ErrorDisplay    string        `json:"ErrorDisplay" doc:"Always empty."`
}

type userProfile struct {
	ToAccount   string     `json:"To_Account" doc:"The account."`
	ProfileItem []tagValue `json:"ProfileItem,omitzero" doc:"Those of the tags asked for that are set; missing for an account that failed."`
	ResultCode  live.Code  `json:"ResultCode" doc:"0, or 40003 for an account that was never imported, where the app demands that."`
	ResultInfo  string     `json:"ResultInfo" doc:"Why it failed."`
}

type tagValue struct {
	Tag   live.Tag `json:"Tag" doc:"The tag."`
	Value any      `json:"Value" doc:"A string or a number, as the tag has it."`
}

// portraitGet is portrait_get (doc 34917).
func portraitGet(ctx context.Context, c *call, in *portraitGetRequest) (*portraitGetResponse, error) {
	if len(in.ToAccount) == 0 {
		return nil, live.Refuse(live.CodeProfileNobody, "To_Account is missing or empty")
	}
	users, err := parseAccountsAs(live.CodeProfileParameter, "To_Account", in.ToAccount)
	if err != nil {
		return nil, err
	}
	if len(in.TagList) == 0 {
		return nil, live.Refuse(live.CodeProfileParameter, "TagList is missing or empty")
	}
	tags := make([]live.Tag, len(in.TagList))
	for i, tag := range in.TagList {
		if tags[i], err = live.ParseTag(fmt.Sprintf("TagList[%d]", i), tag); err != nil {
			return nil, err
		}
	}
	profiles, err := c.live.Profiles(ctx, c.caller, users, tags)
	if err != nil {
		return nil, err
	}
	out := &portraitGetResponse{UserProfileItem: make([]userProfile, len(profiles))}
	for i, p := range profiles {
		item := userProfile{ToAccount: string(p.User)}
		if item.ResultCode, item.ResultInfo = outcome(p.Err); p.Err == nil {
			item.ProfileItem = tagValues(p.Items)
		} else {
			out.FailAccount = append(out.FailAccount, p.User)
		}
		out.UserProfileItem[i] = item
	}
	return out, nil
}

// tagValues writes values in their JSON types.
func tagValues(items []live.ProfileItem) []tagValue {
	values := make([]tagValue, len(items))
	for i, item := range items {
		values[i] = tagValue{Tag: item.Tag, Value: item.Value}
		if n := item.Number(); n != nil {
			values[i].Value = *n
		}
	}
	return values
}
