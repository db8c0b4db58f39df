package restapi

import (
	"cmp"
	"context"
	"fmt"

	"github.com/greenroom-live/greenroom/internal/live"
)

// giftCategoryRequest is a category as the documentation and current consoles write it, or nested in Category as older
// ones did. Where both give something, the former counts.
type giftCategoryRequest struct {
	CategoryID    string             `json:"CategoryId" req:"true" doc:"Id of the category: 1 to 20 bytes, in any script; no control characters."`
	ExtensionInfo *string            `json:"ExtensionInfo" doc:"Text of a JSON value of your own: at most 100 bytes; empty by default."`
	DefaultName   *string            `json:"DefaultName" doc:"Name where a language has none: 1 to 20 bytes. Required to add a category."`
	DefaultDesc   *string            `json:"DefaultDesc" doc:"Description where a language has none: at most 60 bytes; empty by default."`
	Category      *olderGiftCategory `json:"Category" doc:"The category in the form of older consoles. What stands outside it wins."`
}

type olderGiftCategory struct {
	CategoryID    string  `json:"CategoryId" doc:"As CategoryId outside."`
	CategoryName  *string `json:"CategoryName" doc:"As DefaultName outside."`
	CategoryDesc  *string `json:"CategoryDesc" doc:"As DefaultDesc outside."`
	ExtensionInfo *string `json:"ExtensionInfo" doc:"As ExtensionInfo outside."`
}

func (in *giftCategoryRequest) spec() (live.GiftCategorySpec, error) {
	old := in.Category
	if old == nil {
		old = new(olderGiftCategory)
	}
	id, err := live.ParseGiftCategoryID(cmp.Or(in.CategoryID, old.CategoryID))
	return live.GiftCategorySpec{
		ID: id,
		GiftTextEdit: live.GiftTextEdit{
			Name: cmp.Or(in.DefaultName, old.CategoryName), Desc: cmp.Or(in.DefaultDesc, old.CategoryDesc),
		},
		ExtensionInfo: cmp.Or(in.ExtensionInfo, old.ExtensionInfo),
	}, err
}

// addGiftCategory is add_gift_category (doc 72848).
func addGiftCategory(ctx context.Context, c *call, in *giftCategoryRequest) (*none, error) {
	spec, err := in.spec()
	if err != nil {
		return nil, err
	}
	return nil, c.live.AddGiftCategory(ctx, c.caller, spec)
}

// editGiftCategory is edit_gift_category, which only real consoles show: what is not given stays.
func editGiftCategory(ctx context.Context, c *call, in *giftCategoryRequest) (*none, error) {
	spec, err := in.spec()
	if err != nil {
		return nil, err
	}
	return nil, c.live.EditGiftCategory(ctx, c.caller, spec)
}

type giftCategoryIDRequest struct {
	CategoryID string `json:"CategoryId" req:"true" doc:"Id of the category."`
}

type giftCategoryInfo struct {
	CategoryID    live.GiftCategoryID `json:"CategoryId" doc:"Id of the category."`
	ExtensionInfo string              `json:"ExtensionInfo" doc:"Text of a JSON value of your own, or empty."`
	DefaultName   string              `json:"DefaultName" doc:"Name where a language has none."`
	DefaultDesc   string              `json:"DefaultDesc" doc:"Description where a language has none."`
}

type getGiftCategoryResponse struct {
	GiftCategoryInfo giftCategoryInfo `json:"GiftCategoryInfo" doc:"The category, without its gifts."`
}

// getGiftCategory is get_gift_category (doc 72849).
func getGiftCategory(ctx context.Context, c *call, in *giftCategoryIDRequest) (*getGiftCategoryResponse, error) {
	category, err := c.giftCategory(ctx, in.CategoryID)
	if err != nil {
		return nil, err
	}
	return &getGiftCategoryResponse{giftCategoryInfo{
		CategoryID: category.ID, ExtensionInfo: category.ExtensionInfo, DefaultName: category.Name, DefaultDesc: category.Desc,
	}}, nil
}

func (c *call) giftCategory(ctx context.Context, id string) (live.GiftCategory, error) {
	category, err := live.ParseGiftCategoryID(id)
	if err != nil {
		return live.GiftCategory{}, err
	}
	return c.live.GiftCategory(ctx, c.caller, category)
}

// delGiftCategory is del_gift_category (doc 72850).
func delGiftCategory(ctx context.Context, c *call, in *giftCategoryIDRequest) (*none, error) {
	id, err := live.ParseGiftCategoryID(in.CategoryID)
	if err != nil {
		return nil, err
	}
	return nil, c.live.DeleteGiftCategory(ctx, c.caller, id)
}

type giftRelationsRequest struct {
	CategoryID string   `json:"CategoryId" req:"true" doc:"Id of the category."`
	GiftIDList []string `json:"GiftIdList" req:"true" doc:"Ids of 1 to 100 gifts."`
}

func (in *giftRelationsRequest) parse() (live.GiftCategoryID, []live.GiftID, error) {
	category, err := live.ParseGiftCategoryID(in.CategoryID)
	if err != nil {
		return "", nil, err
	}
	gifts := make([]live.GiftID, len(in.GiftIDList))
	for i, id := range in.GiftIDList {
		if gifts[i], err = live.ParseGiftID(fmt.Sprintf("GiftIdList[%d]", i), id); err != nil {
			return "", nil, err
		}
	}
	return category, gifts, nil
}

type addGiftCategoryRelationsResponse struct {
	InvalidGiftIDList []live.GiftID `json:"InvalidGiftIdList" doc:"Ids that are no gifts and were not added."`
}

// addGiftCategoryRelations is add_gift_category_relations (doc 72851).
func addGiftCategoryRelations(ctx context.Context, c *call, in *giftRelationsRequest) (*addGiftCategoryRelationsResponse, error) {
	category, gifts, err := in.parse()
	if err != nil {
		return nil, err
	}
	invalid, err := c.live.AddGiftsToCategory(ctx, c.caller, category, gifts)
	if err != nil {
		return nil, err
	}
	return &addGiftCategoryRelationsResponse{append([]live.GiftID{}, invalid...)}, nil
}

// delGiftCategoryRelations is del_gift_category_relations (doc 72852).
func delGiftCategoryRelations(ctx context.Context, c *call, in *giftRelationsRequest) (*none, error) {
	category, gifts, err := in.parse()
	if err != nil {
		return nil, err
	}
	return nil, c.live.RemoveGiftsFromCategory(ctx, c.caller, category, gifts)
}

type giftRelation struct {
	CategoryID live.GiftCategoryID `json:"CategoryId" doc:"Id of the category."`
	GiftIDList []live.GiftID       `json:"GiftIdList" doc:"Ids of its gifts, in the order in which they were added."`
}

type getGiftCategoryRelationsResponse struct {
	Relation giftRelation `json:"Relation" doc:"The category and its gifts."`
}

// getGiftCategoryRelations is get_gift_category_relations (doc 72853).
func getGiftCategoryRelations(ctx context.Context, c *call, in *giftCategoryIDRequest) (*getGiftCategoryRelationsResponse, error) {
	category, err := c.giftCategory(ctx, in.CategoryID)
	if err != nil {
		return nil, err
	}
	return &getGiftCategoryRelationsResponse{giftRelation{category.ID, category.Gifts}}, nil
}

type giftCategoryLanguageRequest struct {
	CategoryID string `json:"CategoryId" req:"true" doc:"Id of the category."`
	Language   string `json:"Language" req:"true" doc:"en, zh-Hans or zh-Hant."`
}

func (in *giftCategoryLanguageRequest) parse() (live.GiftCategoryID, live.Language, error) {
	id, err := live.ParseGiftCategoryID(in.CategoryID)
	if err != nil {
		return "", "", err
	}
	language, err := live.ParseLanguage(in.Language)
	return id, language, err
}

type setGiftCategoryLanguageRequest struct {
	CategoryID   string  `json:"CategoryId" req:"true" doc:"Id of the category."`
	Language     string  `json:"Language" req:"true" doc:"en, zh-Hans or zh-Hant."`
	CategoryName *string `json:"CategoryName" doc:"Name in that language: 1 to 20 bytes. Required the first time; it stays when not given."`
	CategoryDesc *string `json:"CategoryDesc" doc:"Description in that language: at most 60 bytes. It stays when not given."`
}

// setGiftCategoryLanguage is set_gift_category_language (doc 72857).
func setGiftCategoryLanguage(ctx context.Context, c *call, in *setGiftCategoryLanguageRequest) (*none, error) {
	id, language, err := (&giftCategoryLanguageRequest{in.CategoryID, in.Language}).parse()
	if err != nil {
		return nil, err
	}
	edit := live.GiftTextEdit{Name: in.CategoryName, Desc: in.CategoryDesc}
	return nil, c.live.SetGiftCategoryText(ctx, c.caller, id, language, edit)
}

type giftCategoryText struct {
	CategoryName string `json:"CategoryName" doc:"Name in the language, or the default one."`
	CategoryDesc string `json:"CategoryDesc" doc:"Description in the language, or the default one; possibly empty."`
}

type getGiftCategoryLanguageResponse struct {
	Language     giftCategoryText `json:"Language" doc:"The text, where real consoles look for it."`
	CategoryInfo giftCategoryText `json:"CategoryInfo" doc:"The same text, where the documentation has it."`
}

// getGiftCategoryLanguage is get_gift_category_language (doc 72858).
func getGiftCategoryLanguage(ctx context.Context, c *call, in *giftCategoryLanguageRequest) (*getGiftCategoryLanguageResponse, error) {
	id, language, err := in.parse()
	if err != nil {
		return nil, err
	}
	category, err := c.live.GiftCategory(ctx, c.caller, id)
	if err != nil {
		return nil, err
	}
	t := category.In(language)
	text := giftCategoryText{t.Name, t.Desc}
	return &getGiftCategoryLanguageResponse{text, text}, nil
}

// delGiftCategoryLanguage is del_gift_category_language (doc 72859).
func delGiftCategoryLanguage(ctx context.Context, c *call, in *giftCategoryLanguageRequest) (*none, error) {
	id, language, err := in.parse()
	if err != nil {
		return nil, err
	}
	return nil, c.live.DeleteGiftCategoryText(ctx, c.caller, id, language)
}

type listedGiftCategory struct {
	CategoryID    live.GiftCategoryID      `json:"CategoryId" doc:"Id of the category."`
	CategoryName  string                   `json:"CategoryName" doc:"Name where a language has none."`
	CategoryDesc  string                   `json:"CategoryDesc" doc:"Description where a language has none."`
	ExtensionInfo string                   `json:"ExtensionInfo" doc:"Text of a JSON value of your own, or empty."`
	GiftIDList    []live.GiftID            `json:"GiftIdList" doc:"Ids of its gifts, in the order in which they were added."`
	LanguageList  []giftCategoryInLanguage `json:"LanguageList" doc:"Its texts in languages."`
}

type giftCategoryInLanguage struct {
	Language     live.Language `json:"Language" doc:"en, zh-Hans or zh-Hant."`
	CategoryName string        `json:"CategoryName" doc:"Name in that language."`
	CategoryDesc string        `json:"CategoryDesc" doc:"Description in that language, possibly empty."`
}

func newListedGiftCategory(c live.GiftCategory) listedGiftCategory {
	listed := listedGiftCategory{
		CategoryID: c.ID, CategoryName: c.Name, CategoryDesc: c.Desc, ExtensionInfo: c.ExtensionInfo,
		GiftIDList: c.Gifts, LanguageList: []giftCategoryInLanguage{},
	}
	for _, l := range live.Languages {
		if t, ok := c.Texts[l]; ok {
			listed.LanguageList = append(listed.LanguageList, giftCategoryInLanguage{l, t.Name, t.Desc})
		}
	}
	return listed
}
