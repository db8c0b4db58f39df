package client

import "context"

// The standard tags of a profile (doc 33520). An app's own tags are "Tag_Profile_Custom_" and 1 to 8 letters; their values
// are strings.
const (
	TagNick          = "Tag_Profile_IM_Nick"            // string
	TagGender        = "Tag_Profile_IM_Gender"          // Gender_Type_Unknown, Gender_Type_Female, Gender_Type_Male
	TagBirthday      = "Tag_Profile_IM_BirthDay"        // number like 20010203
	TagLocation      = "Tag_Profile_IM_Location"        // string, at most 16 bytes
	TagSelfSignature = "Tag_Profile_IM_SelfSignature"   // string
	TagAllowType     = "Tag_Profile_IM_AllowType"       // AllowType_Type_NeedConfirm, _AllowAny, _DenyAny
	TagLanguage      = "Tag_Profile_IM_Language"        // number
	TagImage         = "Tag_Profile_IM_Image"           // string, a URL
	TagAdminForbid   = "Tag_Profile_IM_AdminForbidType" // AdminForbid_Type_None, AdminForbid_Type_SendOut
	TagLevel         = "Tag_Profile_IM_Level"           // number
	TagRole          = "Tag_Profile_IM_Role"            // number
)

// ProfileItem is one value of a profile.
type ProfileItem struct {
	Tag string
	// Value is a string of at most 500 bytes or a number of 32 bits, as the tag has it; a float64 in answers. An empty
	// string means not set.
	Value any
}

// Profile is what is known of a user.
type Profile struct {
	UserID     string        `json:"To_Account"`
	Items      []ProfileItem `json:"ProfileItem"` // those that are set
	ResultCode int           // other than 0: nothing is known of this user, ResultInfo says why
	ResultInfo string
}

// Profiles returns the values that the tags have in the profiles of up to 100 users (doc 34917).
func (c *Client) Profiles(ctx context.Context, users []string, tags ...string) ([]Profile, error) {
	in := struct {
		Users []string `json:"To_Account"`
		Tags  []string `json:"TagList"`
	}{users, tags}
	var out struct{ UserProfileItem []Profile }
	err := c.Do(ctx, "profile/portrait_get", in, &out)
	return out.UserProfileItem, err
}

// SetProfile writes values of a user's profile, all of them or none (doc 34916); others stay. It fails with
// [CodeProfileNoTag], [CodeProfileTooLong], [CodeProfileBadValue], [CodeProfileBadType].
func (c *Client) SetProfile(ctx context.Context, user string, items ...ProfileItem) error {
	in := struct {
		User  string        `json:"From_Account"`
		Items []ProfileItem `json:"ProfileItem"`
	}{user, items}
	return c.Do(ctx, "profile/portrait_set", in, nil)
}
