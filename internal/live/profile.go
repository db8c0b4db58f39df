package live

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/greenroom-live/greenroom/webhook"
)

// Limits of profiles (docs 33520, 34916, 34917). The vendor's figures where it has them.
const (
	maxProfileValue    = 500 // bytes
	maxProfileLocation = 16  // bytes
	maxProfilesCall    = 100 // accounts of one question
	maxProfileTags     = 100 // tags of one call
	maxCustomValues    = 20  // custom fields of one account
	maxCustomKey       = 8   // letters
)

// Tag names a value of a profile.
type Tag string

// The standard tags (doc 33520). Beside them there are Tag_Profile_Custom_ and 1 to 8 letters of the app's own.
const (
	TagNick          Tag = "Tag_Profile_IM_Nick"
	TagGender        Tag = "Tag_Profile_IM_Gender"
	TagBirthday      Tag = "Tag_Profile_IM_BirthDay"
	TagLocation      Tag = "Tag_Profile_IM_Location"
	TagSelfSignature Tag = "Tag_Profile_IM_SelfSignature"
	TagAllowType     Tag = "Tag_Profile_IM_AllowType"
	TagLanguage      Tag = "Tag_Profile_IM_Language"
	TagImage         Tag = "Tag_Profile_IM_Image"
	TagAdminForbid   Tag = "Tag_Profile_IM_AdminForbidType"
	TagLevel         Tag = "Tag_Profile_IM_Level"
	TagRole          Tag = "Tag_Profile_IM_Role"

	customPrefix = "Tag_Profile_Custom_"
)

// tagRule says what a tag's value may be.
type tagRule struct {
	number bool     // an unsigned number of 32 bits, else a text
	max    int      // bytes of a text; maxProfileValue when 0
	oneOf  []string // the texts there are; any when empty
}

var tagRules = map[Tag]tagRule{
	TagNick:          {},
	TagGender:        {oneOf: []string{"Gender_Type_Unknown", "Gender_Type_Female", "Gender_Type_Male"}},
	TagBirthday:      {number: true},
	TagLocation:      {max: maxProfileLocation},
	TagSelfSignature: {},
	TagAllowType:     {oneOf: []string{"AllowType_Type_NeedConfirm", "AllowType_Type_AllowAny", "AllowType_Type_DenyAny"}},
	TagLanguage:      {number: true},
	TagImage:         {},
	TagAdminForbid:   {oneOf: []string{"AdminForbid_Type_None", "AdminForbid_Type_SendOut"}},
	TagLevel:         {number: true},
	TagRole:          {number: true},
}

// ParseTag accepts a tag from outside, or refuses it with [CodeProfileNoTag], or [CodeProfileParameter] when it is empty;
// field names it in the error.
func ParseTag(field, s string) (Tag, error) {
	if s == "" {
		return "", Refuse(CodeProfileParameter, "%s is missing", field)
	}
	t := Tag(s)
	if _, standard := tagRules[t]; !standard && !validCustomKey(t.CustomKey()) {
		return "", Refuse(CodeProfileNoTag, "%s is no tag of a profile", field)
	}
	return t, nil
}

// CustomTag returns the tag of the app's own field key.
func CustomTag(key string) Tag { return Tag(customPrefix + key) }

// CustomKey returns the key of a custom tag, "" for a standard one.
func (t Tag) CustomKey() string {
	key, custom := strings.CutPrefix(string(t), customPrefix)
	if !custom {
		return ""
	}
	return key
}

func validCustomKey(key string) bool {
	letter := func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
	return key != "" && len(key) <= maxCustomKey && !strings.ContainsFunc(key, func(r rune) bool { return !letter(r) })
}

// IsNumber tells whether the tag's values are numbers.
func (t Tag) IsNumber() bool { return tagRules[t].number }

// ProfileItem is one value of a profile. A number stands in Value in decimal. An empty text means that the tag is not
// set.
type ProfileItem struct {
	Tag   Tag
	Value string
}

// Number returns the value of a tag whose values are numbers, nil when it is none.
func (i ProfileItem) Number() *uint32 {
	n, err := strconv.ParseUint(i.Value, 10, 32)
	if err != nil || !i.Tag.IsNumber() {
		return nil
	}
	number := uint32(n)
	return &number
}

// ParseProfileItem accepts a value from outside: a string, or a number as a float64. It refuses with [CodeProfileBadType]
// what is neither, or not what the tag takes, with [CodeProfileTooLong] more than 500 bytes, and with
// [CodeProfileBadValue] what a standard tag does not allow; field names the value in the error.
func ParseProfileItem(field string, tag Tag, value any) (ProfileItem, error) {
	rule := tagRules[tag]
	switch v := value.(type) {
	case nil:
		return ProfileItem{}, Refuse(CodeProfileParameter, "%s is missing", field)
	case string:
		if !rule.number {
			return ProfileItem{tag, v}, rule.check(field, v)
		}
	case float64:
		if rule.number {
			if v < 0 || v > math.MaxUint32 || v != math.Trunc(v) {
				return ProfileItem{}, Refuse(CodeProfileBadValue, "%s must be a whole number of 32 bits", field)
			}
			return ProfileItem{tag, strconv.FormatUint(uint64(v), 10)}, nil
		}
	}
	kind := "a string"
	if rule.number {
		kind = "a number"
	}
	return ProfileItem{}, Refuse(CodeProfileBadType, "%s must be %s for %s", field, kind, tag)
}

func (rule tagRule) check(field, text string) error {
	if len(text) > maxProfileValue {
		return Refuse(CodeProfileTooLong, "%s has %d bytes, at most %d are allowed", field, len(text), maxProfileValue)
	}
	if rule.max != 0 && len(text) > rule.max {
		return Refuse(CodeProfileBadValue, "%s has %d bytes, at most %d are allowed", field, len(text), rule.max)
	}
	if len(rule.oneOf) > 0 && text != "" && !slices.Contains(rule.oneOf, text) {
		return Refuse(CodeProfileBadValue, "%s must be one of %s", field, strings.Join(rule.oneOf, ", "))
	}
	return nil
}

type profileReader interface {
	// ProfileValues returns what the user's profile has beside name and picture, ordered by tag.
	ProfileValues(app AppID, user UserID) ([]ProfileItem, error)
}

type profileWriter interface {
	PutProfileValue(app AppID, user UserID, i ProfileItem) error
	DeleteProfileValue(app AppID, user UserID, tag Tag) error
}

// ProfileChanged is the change of the name or picture of a user who is in the room. The app server is not told.
type ProfileChanged struct{ Account Account }

// Webhook is nil.
func (ProfileChanged) Webhook(Event) webhook.Event { return nil }

// SetProfile writes values of user's profile, all of them or none; an empty text takes a value away (doc 34916). Somebody
// whom nobody knows is registered, or refused with [CodeProfileNoAccount] where the app demands imports. More than 20
// custom fields are refused with [CodeProfileNoTag].
func (s *Service) SetProfile(ctx context.Context, caller Caller, user UserID, items []ProfileItem) error {
	if len(items) == 0 || len(items) > maxProfileTags {
		return Refuse(CodeProfileParameter, "ProfileItem must hold 1 to %d values", maxProfileTags)
	}
	for i, item := range items {
		if slices.ContainsFunc(items[:i], func(earlier ProfileItem) bool { return earlier.Tag == item.Tag }) {
			return Refuse(CodeProfileParameter, "ProfileItem names %s twice", item.Tag)
		}
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if err := tx.LockAccounts(caller.App, []UserID{user}); err != nil {
			return err
		}
		known, err := s.mayBeNamed(tx, caller.App, user)
		if err != nil {
			return err
		}
		if !known {
			return Refuse(CodeProfileNoAccount, "%q was never imported", user)
		}
		return s.setProfile(tx, caller, user, items)
	})
}

func (s *Service) setProfile(tx Tx, caller Caller, user UserID, items []ProfileItem) error {
	account, err := profile(tx, caller.App, user)
	if err != nil {
		return err
	}
	for _, i := range items {
		switch {
		case i.Tag == TagNick:
			account.Nick = i.Value
		case i.Tag == TagImage:
			account.FaceURL = i.Value
		case i.Value == "":
			err = tx.DeleteProfileValue(caller.App, user, i.Tag)
		default:
			err = tx.PutProfileValue(caller.App, user, i)
		}
		if err != nil {
			return err
		}
	}
	if err := checkCustom(tx, caller.App, user); err != nil {
		return err
	}
	return s.saveAccount(tx, caller, account)
}

// checkCustom holds the custom fields that the user has now against their limit.
func checkCustom(r Reader, app AppID, user UserID) error {
	items, err := r.ProfileValues(app, user)
	if err != nil {
		return err
	}
	custom := 0
	for _, i := range items {
		if i.Tag.CustomKey() != "" {
			custom++
		}
	}
	if custom > maxCustomValues {
		return Refuse(CodeProfileNoTag, "%q would have %d custom fields, at most %d are allowed", user, custom, maxCustomValues)
	}
	return nil
}

// saveAccount writes an account, and tells the rooms that its user is in when its name or picture is another now.
func (s *Service) saveAccount(tx Tx, caller Caller, a Account) error {
	before, known, err := tx.Account(caller.App, a.ID)
	if err != nil || known && before == a {
		return err
	}
	if err := tx.PutAccount(caller.App, a); err != nil || before == a {
		return err
	}
	rooms, err := tx.RoomsOnline(caller.App, a.ID, maxRoomsTold)
	if err != nil {
		return err
	}
	for _, room := range rooms {
		if err := tx.Emit(s.event(caller, room, ProfileChanged{a})); err != nil {
			return err
		}
	}
	return nil
}

// Profile is what is known of a user, or why nothing is.
type Profile struct {
	User  UserID
	Items []ProfileItem // those that are set
	Err   error         // a refusal: the app demands imports, and the user was never imported
}

// Profiles returns, for each of 1 to 100 users in their order, those of the tags that are set, in the order asked, each
// once; no tags means all (doc 34917).
func (s *Service) Profiles(ctx context.Context, caller Caller, users []UserID, tags []Tag) ([]Profile, error) {
	if len(users) == 0 || len(users) > maxProfilesCall {
		return nil, Refuse(CodeProfileParameter, "To_Account must name 1 to %d accounts", maxProfilesCall)
	}
	if len(tags) > maxProfileTags {
		return nil, Refuse(CodeProfileParameter, "TagList may name %d tags at most", maxProfileTags)
	}
	profiles := make([]Profile, len(users))
	err := s.store.View(ctx, func(r Reader) error {
		for i, user := range users {
			var err error
			if profiles[i], err = s.profileOf(r, caller.App, user, tags); err != nil {
				return err
			}
		}
		return nil
	})
	return profiles, err
}

func (s *Service) profileOf(r Reader, app AppID, user UserID, tags []Tag) (Profile, error) {
	p := Profile{User: user}
	if s.apps[app].RequireImportedAccounts {
		known, err := s.isAccount(r, app, user)
		if err != nil {
			return p, err
		}
		if !known {
			p.Err = Refuse(CodeProfileNoAccount, "%q was never imported", user)
			return p, nil
		}
	}
	account, err := profile(r, app, user)
	if err != nil {
		return p, err
	}
	all := account.Items()
	if len(tags) == 0 || slices.ContainsFunc(tags, func(t Tag) bool { return t != TagNick && t != TagImage }) {
		values, err := r.ProfileValues(app, user)
		if err != nil {
			return p, err
		}
		all = append(all, values...)
	}
	p.Items = pick(all, tags)
	return p, nil
}

// Items are what of an account is in its profile.
func (a Account) Items() []ProfileItem {
	var items []ProfileItem
	if a.Nick != "" {
		items = append(items, ProfileItem{TagNick, a.Nick})
	}
	if a.FaceURL != "" {
		items = append(items, ProfileItem{TagImage, a.FaceURL})
	}
	return items
}

// pick returns those of the items that have one of the tags, in the order of the tags; all when there are no tags.
func pick(all []ProfileItem, tags []Tag) []ProfileItem {
	if len(tags) == 0 {
		return all
	}
	var picked []ProfileItem
	for i, tag := range tags {
		if slices.Contains(tags[:i], tag) {
			continue
		}
		if at := slices.IndexFunc(all, func(item ProfileItem) bool { return item.Tag == tag }); at >= 0 {
			picked = append(picked, all[at])
		}
	}
	return picked
}
