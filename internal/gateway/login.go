package gateway

import (
	"context"
	"time"

	"github.com/centrifugal/centrifuge"

	"github.com/greenroom-live/greenroom/internal/live"
)

// Disconnect codes of ours. From 4500 on an SDK does not connect again by itself.
var (
	disconnectedKicked = centrifuge.Disconnect{Code: 4501, Reason: "logins ended"}
	disconnectedLogout = centrifuge.Disconnect{Code: 4502, Reason: "logged out"}
)

// endLogins closes the connections whose UserSigs were revoked. One that is being made now is closed by connected: what it
// asks is true before the others are looked for.
func (g *Gateway) endLogins(r live.Revocation) {
	g.live.Heed(r)
	for _, client := range g.node.Hub().UserConnections(connectionUser(r.App, r.User)) {
		if c := connOf(client); c != nil && c.revoked() {
			c.mail.flush(client)
			client.Disconnect(disconnectedKicked)
		}
	}
}

// closeRevoked does what follows from a revocation of another node's, and tells those whom it concerns.
func (g *Gateway) closeRevoked(r live.Revocation) {
	g.live.Heed(r)
	for _, client := range g.node.Hub().UserConnections(connectionUser(r.App, r.User)) {
		if c := connOf(client); c != nil && c.revoked() {
			c.mail.flush(client)
			c.kick()
		}
	}
}

// closeAllRevoked ends every connection whose UserSig holds no more.
func (g *Gateway) closeAllRevoked() {
	for _, client := range g.node.Hub().Connections() {
		if c := connOf(client); c != nil && c.revoked() {
			c.mail.flush(client)
			c.kick()
		}
	}
}

// revoked tells whether the UserSig of the connection holds no more.
func (c *conn) revoked() bool {
	return c.g.live.Revoked(c.caller.App, c.caller.User, time.Unix(c.issued.Load(), 0))
}

// kick closes a connection whose UserSig was revoked, and says so.
func (c *conn) kick() {
	if data, err := encode(publication{"login.onKickedOffline", "", time.Now().UnixMilli(), none{}}); err == nil {
		_ = c.client.Send(data) // a client that is gone need not know
	}
	c.client.Disconnect(disconnectedKicked)
}

// profileChanged says that a user in the room has another name or picture.
type profileChanged struct {
	User person `json:"user"`
}

type setSelfInfoParams struct {
	UserName      *string            `json:"userName"`
	AvatarURL     *string            `json:"avatarURL"`
	SelfSignature *string            `json:"selfSignature"`
	Location      *string            `json:"location"`
	Gender        *string            `json:"gender"`
	AllowType     *string            `json:"allowType"`
	Birthday      *uint32            `json:"birthday"`
	Language      *uint32            `json:"language"`
	Level         *uint32            `json:"level"`
	Role          *uint32            `json:"role"`
	CustomInfo    map[string]*string `json:"customInfo"` // null or "" takes a field away
}

// genders and allowTypes are the words of clients for those of the contract.
var (
	genders = map[string]string{
		"": "", "unknown": "Gender_Type_Unknown", "male": "Gender_Type_Male", "female": "Gender_Type_Female",
	}
	allowTypes = map[string]string{
		"": "", "allowAny": "AllowType_Type_AllowAny", "needConfirm": "AllowType_Type_NeedConfirm",
		"denyAny": "AllowType_Type_DenyAny",
	}
)

// items puts the request into the domain's words.
func (in *setSelfInfoParams) items() ([]live.ProfileItem, error) {
	var items []live.ProfileItem
	var failed error
	add := func(name string, tag live.Tag, value any) {
		item, err := live.ParseProfileItem(name, tag, value)
		if items = append(items, item); err != nil && failed == nil {
			failed = err
		}
	}
	text := func(name string, tag live.Tag, value *string) {
		if value != nil {
			add(name, tag, *value)
		}
	}
	word := func(name string, tag live.Tag, value *string, words map[string]string) {
		if value == nil {
			return
		}
		meant, ok := words[*value]
		if !ok && failed == nil {
			failed = live.Refuse(live.CodeProfileBadValue, "%s is none of its words", name)
		}
		add(name, tag, meant)
	}
	number := func(name string, tag live.Tag, value *uint32) {
		if value != nil {
			add(name, tag, float64(*value))
		}
	}
	text("userName", live.TagNick, in.UserName)
	text("avatarURL", live.TagImage, in.AvatarURL)
	text("selfSignature", live.TagSelfSignature, in.SelfSignature)
	text("location", live.TagLocation, in.Location)
	word("gender", live.TagGender, in.Gender, genders)
	word("allowType", live.TagAllowType, in.AllowType, allowTypes)
	number("birthday", live.TagBirthday, in.Birthday)
	number("language", live.TagLanguage, in.Language)
	number("level", live.TagLevel, in.Level)
	number("role", live.TagRole, in.Role)
	for key, value := range in.CustomInfo {
		tag, err := live.ParseTag("customInfo", string(live.CustomTag(key)))
		if err != nil {
			return nil, err
		}
		if value == nil {
			value = new(string)
		}
		add("customInfo", tag, *value)
	}
	return items, failed
}

// setSelfInfo changes the user's own profile; what is not given stays.
func setSelfInfo(ctx context.Context, c *call, in *setSelfInfoParams) (*none, error) {
	items, err := in.items()
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return nil, badParameter("nothing to set is given")
	}
	return &none{}, c.g.live.SetProfile(ctx, c.caller, c.caller.User, items)
}

// selfInfo is the user's own profile.
type selfInfo struct {
	person
	SelfSignature string            `json:"selfSignature,omitempty"`
	Location      string            `json:"location,omitempty"`
	Gender        string            `json:"gender,omitempty"`
	AllowType     string            `json:"allowType,omitempty"`
	Birthday      *uint32           `json:"birthday,omitzero"`
	Language      *uint32           `json:"language,omitzero"`
	Level         *uint32           `json:"level,omitzero"`
	Role          *uint32           `json:"role,omitzero"`
	CustomInfo    map[string]string `json:"customInfo"`
}

func getSelfInfo(ctx context.Context, c *call, _ *none) (*selfInfo, error) {
	profiles, err := c.g.live.Profiles(ctx, c.caller, []live.UserID{c.caller.User}, nil)
	if err != nil {
		return nil, err
	}
	info := &selfInfo{person: person{UserID: string(c.caller.User)}, CustomInfo: map[string]string{}}
	for _, item := range profiles[0].Items {
		info.fill(item)
	}
	return info, profiles[0].Err
}

func (s *selfInfo) fill(item live.ProfileItem) {
	texts := map[live.Tag]*string{
		live.TagNick: &s.UserName, live.TagImage: &s.AvatarURL,
		live.TagSelfSignature: &s.SelfSignature, live.TagLocation: &s.Location,
	}
	numbers := map[live.Tag]**uint32{
		live.TagBirthday: &s.Birthday, live.TagLanguage: &s.Language, live.TagLevel: &s.Level, live.TagRole: &s.Role,
	}
	switch key := item.Tag.CustomKey(); {
	case key != "":
		s.CustomInfo[key] = item.Value
	case texts[item.Tag] != nil:
		*texts[item.Tag] = item.Value
	case numbers[item.Tag] != nil:
		*numbers[item.Tag] = item.Number()
	case item.Tag == live.TagGender:
		s.Gender = wordFor(genders, item.Value)
	case item.Tag == live.TagAllowType:
		s.AllowType = wordFor(allowTypes, item.Value)
	}
}

// wordFor returns the clients' word for one of the contract's.
func wordFor(words map[string]string, meant string) string {
	for word, m := range words {
		if m == meant {
			return word
		}
	}
	return ""
}

type renewParams struct {
	UserSig string `json:"userSig"`
}

// renew gives the connection a newer UserSig. The one it was made with may expire meanwhile: a connection outlives it.
func renew(_ context.Context, c *call, in *renewParams) (*none, error) {
	login, err := c.g.live.Authenticate(c.caller.App, c.caller.User, in.UserSig)
	if err != nil {
		return nil, err
	}
	c.issued.Store(login.IssuedAt.Unix())
	if c.revoked() { // just now
		c.kick()
	}
	return &none{}, nil
}

// logout takes the user out of the rooms that this connection is in, and closes the connection behind the reply.
func logout(ctx context.Context, c *call, _ *none) (*none, error) {
	for _, room := range c.g.presence.roomsOf(c.conn) {
		err := c.leave(ctx, room)
		if code := codeOf(err); err != nil && code != live.CodeNotMember && code != live.CodeNoRoom {
			return nil, err
		}
	}
	c.after = func() { c.client.Disconnect(disconnectedLogout) }
	return &none{}, nil
}
