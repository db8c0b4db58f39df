package restapi

import (
	"cmp"
	"context"

	"github.com/greenroom-live/greenroom/internal/live"
)

// copyDefaultGiftConfig is copy_default_gift_config (doc 74360).
func copyDefaultGiftConfig(ctx context.Context, c *call, _ *none) (*none, error) {
	return nil, c.live.CopyDefaultGifts(ctx, c.caller)
}

// giftRequest is a gift as the documentation and current consoles write it, or nested in Gift as older ones did. Where
// both give something, the former counts.
type giftRequest struct {
	GiftID        string     `json:"GiftId" req:"true" doc:"Id of the gift: 1 to 20 bytes, in any script; no control characters."`
	IconURL       *string    `json:"IconUrl" doc:"Address of its picture: at most 200 bytes; empty by default."`
	ResourceURL   *string    `json:"ResourceUrl" doc:"Address of its animation: at most 200 bytes; empty by default."`
	Coins         *int       `json:"Coins" doc:"Price of one: 0 to 2147483647. Required to add a gift."`
	Level         *int       `json:"Level" doc:"Level: 0 to 99, default 0."`
	ExtensionInfo *string    `json:"ExtensionInfo" doc:"Text of a JSON value of your own: at most 100 bytes; empty by default."`
	DefaultName   *string    `json:"DefaultName" doc:"Name where a language has none: 1 to 20 bytes. Required to add a gift."`
	DefaultDesc   *string    `json:"DefaultDesc" doc:"Description where a language has none: at most 20 bytes; empty by default."`
	Gift          *olderGift `json:"Gift" doc:"The gift in the form of older consoles. What stands outside it wins."`
}

type olderGift struct {
	GiftID        string  `json:"GiftId" doc:"As GiftId outside."`
	Name          *string `json:"Name" doc:"As DefaultName outside."`
	Desc          *string `json:"Desc" doc:"As DefaultDesc outside."`
	IconURL       *string `json:"IconUrl" doc:"As IconUrl outside."`
	ResourceURL   *string `json:"ResourceUrl" doc:"As ResourceUrl outside."`
	Coins         *int    `json:"Coins" doc:"As Coins outside."`
	Level         *int    `json:"Level" doc:"As Level outside."`
	ExtensionInfo *string `json:"ExtensionInfo" doc:"As ExtensionInfo outside."`
}

func (in *giftRequest) spec() (live.GiftSpec, error) {
	old := in.Gift
	if old == nil {
		old = new(olderGift)
	}
	id, err := live.ParseGiftID("GiftId", cmp.Or(in.GiftID, old.GiftID))
	return live.GiftSpec{
		ID:            id,
		GiftTextEdit:  live.GiftTextEdit{Name: cmp.Or(in.DefaultName, old.Name), Desc: cmp.Or(in.DefaultDesc, old.Desc)},
		IconURL:       cmp.Or(in.IconURL, old.IconURL),
		ResourceURL:   cmp.Or(in.ResourceURL, old.ResourceURL),
		Coins:         cmp.Or(in.Coins, old.Coins),
		Level:         cmp.Or(in.Level, old.Level),
		ExtensionInfo: cmp.Or(in.ExtensionInfo, old.ExtensionInfo),
	}, err
}

// addGift is add_gift (doc 72845).
func addGift(ctx context.Context, c *call, in *giftRequest) (*none, error) {
	spec, err := in.spec()
	if err != nil {
		return nil, err
	}
	return nil, c.live.AddGift(ctx, c.caller, spec)
}

// editGift is edit_gift, which only real consoles show: what is not given stays.
func editGift(ctx context.Context, c *call, in *giftRequest) (*none, error) {
	spec, err := in.spec()
	if err != nil {
		return nil, err
	}
	return nil, c.live.EditGift(ctx, c.caller, spec)
}

type giftIDRequest struct {
	GiftID string `json:"GiftId" req:"true" doc:"Id of the gift."`
}

type giftInfo struct {
	GiftID        live.GiftID `json:"GiftId" doc:"Id of the gift."`
	IconURL       string      `json:"IconUrl" doc:"Address of its picture, possibly empty."`
	ResourceURL   string      `json:"ResourceUrl" doc:"Address of its animation, possibly empty."`
	Coins         int64       `json:"Coins" doc:"Price of one."`
	Level         int         `json:"Level" doc:"Level: 0 to 99."`
	ExtensionInfo string      `json:"ExtensionInfo" doc:"Text of a JSON value of your own, or empty."`
	DefaultName   string      `json:"DefaultName" doc:"Name where a language has none."`
	DefaultDesc   string      `json:"DefaultDesc" doc:"Description where a language has none."`
}

type getGiftResponse struct {
	GiftInfo giftInfo `json:"GiftInfo" doc:"The gift."`
}

// getGift is get_gift (doc 72846).
func getGift(ctx context.Context, c *call, in *giftIDRequest) (*getGiftResponse, error) {
	id, err := live.ParseGiftID("GiftId", in.GiftID)
	if err != nil {
		return nil, err
	}
	g, err := c.live.Gift(ctx, c.caller, id)
	if err != nil {
		return nil, err
	}
	return &getGiftResponse{giftInfo{
		GiftID: g.ID, IconURL: g.IconURL, ResourceURL: g.ResourceURL, Coins: g.Coins, Level: g.Level,
		ExtensionInfo: g.ExtensionInfo, DefaultName: g.Name, DefaultDesc: g.Desc,
	}}, nil
}

// delGift is del_gift (doc 72847).
func delGift(ctx context.Context, c *call, in *giftIDRequest) (*none, error) {
	id, err := live.ParseGiftID("GiftId", in.GiftID)
	if err != nil {
		return nil, err
	}
	return nil, c.live.DeleteGift(ctx, c.caller, id)
}

type giftLanguageRequest struct {
	GiftID   string `json:"GiftId" req:"true" doc:"Id of the gift."`
	Language string `json:"Language" req:"true" doc:"en, zh-Hans or zh-Hant."`
}

func (in *giftLanguageRequest) parse() (live.GiftID, live.Language, error) {
	id, err := live.ParseGiftID("GiftId", in.GiftID)
	if err != nil {
		return "", "", err
	}
	language, err := live.ParseLanguage(in.Language)
	return id, language, err
}

type setGiftLanguageRequest struct {
	GiftID   string  `json:"GiftId" req:"true" doc:"Id of the gift."`
	Language string  `json:"Language" req:"true" doc:"en, zh-Hans or zh-Hant."`
	Name     *string `json:"Name" doc:"Name in that language: 1 to 20 bytes. Required the first time; it stays when not given."`
	Desc     *string `json:"Desc" doc:"Description in that language: at most 20 bytes. It stays when not given."`
}

// setGiftLanguage is set_gift_language (doc 72854).
func setGiftLanguage(ctx context.Context, c *call, in *setGiftLanguageRequest) (*none, error) {
	id, language, err := (&giftLanguageRequest{in.GiftID, in.Language}).parse()
	if err != nil {
		return nil, err
	}
	return nil, c.live.SetGiftText(ctx, c.caller, id, language, live.GiftTextEdit{Name: in.Name, Desc: in.Desc})
}

type giftText struct {
	Name string `json:"Name" doc:"Name in the language, or the default one."`
	Desc string `json:"Desc" doc:"Description in the language, or the default one; possibly empty."`
}

type getGiftLanguageResponse struct {
	Language giftText `json:"Language" doc:"The text, where real consoles look for it."`
	GiftInfo giftText `json:"GiftInfo" doc:"The same text, where the documentation has it."`
}

// getGiftLanguage is get_gift_language (doc 72855).
func getGiftLanguage(ctx context.Context, c *call, in *giftLanguageRequest) (*getGiftLanguageResponse, error) {
	id, language, err := in.parse()
	if err != nil {
		return nil, err
	}
	g, err := c.live.Gift(ctx, c.caller, id)
	if err != nil {
		return nil, err
	}
	text := giftText(g.In(language))
	return &getGiftLanguageResponse{text, text}, nil
}

// delGiftLanguage is del_gift_language (doc 72856).
func delGiftLanguage(ctx context.Context, c *call, in *giftLanguageRequest) (*none, error) {
	id, language, err := in.parse()
	if err != nil {
		return nil, err
	}
	return nil, c.live.DeleteGiftText(ctx, c.caller, id, language)
}

type getGiftInfoListRequest struct {
	Language string `json:"Language" doc:"Sent by older consoles and without effect: the names are the default ones, LanguageList has the others."`
}

type listedGift struct {
	GiftID        live.GiftID      `json:"GiftId" doc:"Id of the gift."`
	Name          string           `json:"Name" doc:"Name where a language has none."`
	Desc          string           `json:"Desc" doc:"Description where a language has none."`
	IconURL       string           `json:"IconUrl" doc:"Address of its picture, possibly empty."`
	ResourceURL   string           `json:"ResourceUrl" doc:"Address of its animation, possibly empty."`
	Coins         int64            `json:"Coins" doc:"Price of one."`
	Level         int              `json:"Level" doc:"Level: 0 to 99."`
	ExtensionInfo string           `json:"ExtensionInfo" doc:"Text of a JSON value of your own, or empty."`
	CreateTime    int64            `json:"CreateTime" doc:"When it was added: Unix seconds."`
	LanguageList  []giftInLanguage `json:"LanguageList" doc:"Its texts in languages."`
}

type giftInLanguage struct {
	Language live.Language `json:"Language" doc:"en, zh-Hans or zh-Hant."`
	Name     string        `json:"Name" doc:"Name in that language."`
	Desc     string        `json:"Desc" doc:"Description in that language, possibly empty."`
}

func newListedGift(g live.Gift) listedGift {
	listed := listedGift{
		GiftID: g.ID, Name: g.Name, Desc: g.Desc, IconURL: g.IconURL, ResourceURL: g.ResourceURL, Coins: g.Coins,
		Level: g.Level, ExtensionInfo: g.ExtensionInfo, CreateTime: g.CreatedAt.Unix(), LanguageList: []giftInLanguage{},
	}
	for _, l := range live.Languages {
		if t, ok := g.Texts[l]; ok {
			listed.LanguageList = append(listed.LanguageList, giftInLanguage{l, t.Name, t.Desc})
		}
	}
	return listed
}

type getGiftInfoListResponse struct {
	TotalCount   int                  `json:"TotalCount" doc:"Number of gifts."`
	GiftList     []listedGift         `json:"GiftList" doc:"All gifts, the newest first."`
	CategoryList []listedGiftCategory `json:"CategoryList" doc:"All categories, the oldest first."`
}

// getGiftInfoList is get_gift_info_list, which only real consoles show.
func getGiftInfoList(ctx context.Context, c *call, _ *getGiftInfoListRequest) (*getGiftInfoListResponse, error) {
	gifts, categories, err := c.live.GiftCatalogue(ctx, c.caller)
	if err != nil {
		return nil, err
	}
	out := &getGiftInfoListResponse{
		TotalCount: len(gifts), GiftList: make([]listedGift, len(gifts)), CategoryList: make([]listedGiftCategory, len(categories)),
	}
	for i, g := range gifts {
		out.GiftList[i] = newListedGift(g)
	}
	for i, category := range categories {
		out.CategoryList[i] = newListedGiftCategory(category)
	}
	return out, nil
}
