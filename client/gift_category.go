package client

import "context"

// GiftCategory is a category of gifts (doc 72848). Texts have their limits in bytes.
type GiftCategory struct {
	CategoryID    string `json:"CategoryId"`  // 1 to 20, no control characters
	Name          string `json:"DefaultName"` // 1 to 20; where a language has none
	Desc          string `json:"DefaultDesc"` // at most 60
	ExtensionInfo string // empty, or the text of a JSON value of your own; at most 100
}

// GiftCategoryEdit changes a category. What is nil stays; an empty text clears, but not the name.
type GiftCategoryEdit struct {
	CategoryID    string  `json:"CategoryId"`
	Name          *string `json:"DefaultName,omitzero"`
	Desc          *string `json:"DefaultDesc,omitzero"`
	ExtensionInfo *string `json:"ExtensionInfo,omitzero"`
}

// GiftCategoryText is what people read of a category in one language.
type GiftCategoryText struct {
	Language string `json:"Language"`
	Name     string `json:"CategoryName"` // 1 to 20 bytes
	Desc     string `json:"CategoryDesc"` // at most 60 bytes
}

// ListedGiftCategory is a category with its gifts and texts, as [Client.GiftCatalogue] lists it.
type ListedGiftCategory struct {
	CategoryID    string `json:"CategoryId"`
	Name          string `json:"CategoryName"` // where a language has none
	Desc          string `json:"CategoryDesc"`
	ExtensionInfo string
	GiftIDs       []string           `json:"GiftIdList"`
	Texts         []GiftCategoryText `json:"LanguageList"`
}

type giftCategoryRequest struct {
	CategoryID string `json:"CategoryId"`
}

type giftCategoryLanguageRequest struct {
	CategoryID string `json:"CategoryId"`
	Language   string
}

type giftRelation struct {
	CategoryID string   `json:"CategoryId"`
	GiftIDs    []string `json:"GiftIdList"`
}

// AddGiftCategory adds a category (doc 72848). It fails with [CodeBadParameter] when there is one of that id, and with 100013
// past the server's number of categories.
func (c *Client) AddGiftCategory(ctx context.Context, category GiftCategory) error {
	return c.Do(ctx, rooms+"add_gift_category", category, nil)
}

// EditGiftCategory changes a category. It fails with [CodeBadParameter] when there is none of that id.
func (c *Client) EditGiftCategory(ctx context.Context, edit GiftCategoryEdit) error {
	return c.Do(ctx, rooms+"edit_gift_category", edit, nil)
}

// GiftCategory returns a category (doc 72849). It fails with [CodeBadParameter] when there is none of that id.
func (c *Client) GiftCategory(ctx context.Context, categoryID string) (GiftCategory, error) {
	var out struct{ GiftCategoryInfo GiftCategory }
	err := c.Do(ctx, rooms+"get_gift_category", giftCategoryRequest{categoryID}, &out)
	return out.GiftCategoryInfo, err
}

// DeleteGiftCategory removes a category with its texts; its gifts stay (doc 72850). It is no error when there is none.
func (c *Client) DeleteGiftCategory(ctx context.Context, categoryID string) error {
	return c.Do(ctx, rooms+"del_gift_category", giftCategoryRequest{categoryID}, nil)
}

// AddGiftsToCategory adds 1 to 100 gifts to those of a category and returns the ids that are no gifts (doc 72851). It fails
// with [CodeGiftNotFound] when none of them is one, and with [CodeBadParameter] when there is no such category.
func (c *Client) AddGiftsToCategory(ctx context.Context, categoryID string, giftIDs ...string) (invalid []string, err error) {
	var out struct {
		Invalid []string `json:"InvalidGiftIdList"`
	}
	err = c.Do(ctx, rooms+"add_gift_category_relations", giftRelation{categoryID, giftIDs}, &out)
	return out.Invalid, err
}

// RemoveGiftsFromCategory takes 1 to 100 gifts from a category; those that are not in it are passed over (doc 72852).
func (c *Client) RemoveGiftsFromCategory(ctx context.Context, categoryID string, giftIDs ...string) error {
	return c.Do(ctx, rooms+"del_gift_category_relations", giftRelation{categoryID, giftIDs}, nil)
}

// GiftsOfCategory returns the ids of a category's gifts (doc 72853). It fails with [CodeBadParameter] when there is no such
// category.
func (c *Client) GiftsOfCategory(ctx context.Context, categoryID string) ([]string, error) {
	var out struct{ Relation giftRelation }
	err := c.Do(ctx, rooms+"get_gift_category_relations", giftCategoryRequest{categoryID}, &out)
	return out.Relation.GiftIDs, err
}

// SetGiftCategoryText sets a category's texts in a language (doc 72857). It fails with [CodeBadParameter] when there is no such
// category.
func (c *Client) SetGiftCategoryText(ctx context.Context, categoryID string, text GiftCategoryText) error {
	in := struct {
		CategoryID                           string `json:"CategoryId"`
		Language, CategoryName, CategoryDesc string
	}{categoryID, text.Language, text.Name, text.Desc}
	return c.Do(ctx, rooms+"set_gift_category_language", in, nil)
}

// GiftCategoryText returns a category's texts in a language, or the default ones when it has none in it (doc 72858). It fails
// with [CodeBadParameter] when there is no such category.
func (c *Client) GiftCategoryText(ctx context.Context, categoryID, language string) (GiftCategoryText, error) {
	var out struct{ CategoryInfo GiftCategoryText }
	err := c.Do(ctx, rooms+"get_gift_category_language", giftCategoryLanguageRequest{categoryID, language}, &out)
	out.CategoryInfo.Language = language
	return out.CategoryInfo, err
}

// DeleteGiftCategoryText removes a category's texts in a language (doc 72859). It is no error when there are none.
func (c *Client) DeleteGiftCategoryText(ctx context.Context, categoryID, language string) error {
	return c.Do(ctx, rooms+"del_gift_category_language", giftCategoryLanguageRequest{categoryID, language}, nil)
}
