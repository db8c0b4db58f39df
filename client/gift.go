package client

import "context"

// Codes of gifts (docs 72556, 74360). The codes 102100 to 102200 are the app server's own: its answer to the webhook that
// asks whether a gift may be sent.
const (
	CodeGiftNotFound    Code = 102002
	CodeGiftRefused     Code = 102004 // by the app server, or it did not answer in time
	CodeGiftsOff        Code = 102008 // the room's switch for gifts is off
	CodeGiftsConfigured Code = 102010 // the app has gifts or categories already
)

// The languages in which gifts and categories can have texts.
const (
	LanguageEnglish            = "en"
	LanguageSimplifiedChinese  = "zh-Hans"
	LanguageTraditionalChinese = "zh-Hant"
)

// Gift is a gift of the app's catalogue (doc 72845). Texts have their limits in bytes.
type Gift struct {
	GiftID        string `json:"GiftId"`      // 1 to 20, no control characters
	Name          string `json:"DefaultName"` // 1 to 20; where a language has none
	Desc          string `json:"DefaultDesc"` // at most 20
	IconURL       string `json:"IconUrl"`     // at most 200
	ResourceURL   string `json:"ResourceUrl"` // at most 200; its animation
	Coins         int    // price of one, 0 to 2147483647
	Level         int    // 0 to 99
	ExtensionInfo string // empty, or the text of a JSON value of your own; at most 100
}

// GiftEdit changes a gift. What is nil stays; an empty text clears, but not the name.
type GiftEdit struct {
	GiftID        string  `json:"GiftId"`
	Name          *string `json:"DefaultName,omitzero"`
	Desc          *string `json:"DefaultDesc,omitzero"`
	IconURL       *string `json:"IconUrl,omitzero"`
	ResourceURL   *string `json:"ResourceUrl,omitzero"`
	Coins         *int    `json:"Coins,omitzero"`
	Level         *int    `json:"Level,omitzero"`
	ExtensionInfo *string `json:"ExtensionInfo,omitzero"`
}

// GiftText is what people read of a gift in one language.
type GiftText struct {
	Language string `json:"Language"`
	Name     string // 1 to 20 bytes
	Desc     string // at most 20 bytes
}

// GiftCatalogue is all that an app has configured of gifts.
type GiftCatalogue struct {
	Gifts      []ListedGift         `json:"GiftList"`     // the newest first
	Categories []ListedGiftCategory `json:"CategoryList"` // the oldest first
}

// ListedGift is a gift with its texts, as [Client.GiftCatalogue] lists it.
type ListedGift struct {
	GiftID        string `json:"GiftId"`
	Name          string // where a language has none
	Desc          string
	IconURL       string `json:"IconUrl"`
	ResourceURL   string `json:"ResourceUrl"`
	Coins         int
	Level         int
	ExtensionInfo string
	CreateTime    int64      // Unix seconds
	Texts         []GiftText `json:"LanguageList"`
}

type giftRequest struct {
	GiftID string `json:"GiftId"`
}

type giftLanguageRequest struct {
	GiftID   string `json:"GiftId"`
	Language string
}

// CopyDefaultGifts gives an app without any gift and category the server's own set of 15 gifts in 3 categories (doc 74360). It
// fails with [CodeGiftsConfigured] when the app has some.
func (c *Client) CopyDefaultGifts(ctx context.Context) error {
	return c.Do(ctx, rooms+"copy_default_gift_config", nil, nil)
}

// AddGift adds a gift to the catalogue (doc 72845). It fails with [CodeBadParameter] when there is one of that id, and with
// 100013 past the server's number of gifts.
func (c *Client) AddGift(ctx context.Context, gift Gift) error {
	return c.Do(ctx, rooms+"add_gift", gift, nil)
}

// EditGift changes a gift of the catalogue. It fails with [CodeGiftNotFound].
func (c *Client) EditGift(ctx context.Context, edit GiftEdit) error {
	return c.Do(ctx, rooms+"edit_gift", edit, nil)
}

// Gift returns a gift of the catalogue (doc 72846). It fails with [CodeGiftNotFound].
func (c *Client) Gift(ctx context.Context, giftID string) (Gift, error) {
	var out struct{ GiftInfo Gift }
	err := c.Do(ctx, rooms+"get_gift", giftRequest{giftID}, &out)
	return out.GiftInfo, err
}

// DeleteGift removes a gift from the catalogue, with its texts and its places in categories (doc 72847). It is no error when
// there is none.
func (c *Client) DeleteGift(ctx context.Context, giftID string) error {
	return c.Do(ctx, rooms+"del_gift", giftRequest{giftID}, nil)
}

// GiftCatalogue returns all gifts and categories with all their texts.
func (c *Client) GiftCatalogue(ctx context.Context) (GiftCatalogue, error) {
	var out GiftCatalogue
	err := c.Do(ctx, rooms+"get_gift_info_list", nil, &out)
	return out, err
}

// SetGiftText sets a gift's texts in a language (doc 72854). It fails with [CodeGiftNotFound].
func (c *Client) SetGiftText(ctx context.Context, giftID string, text GiftText) error {
	in := struct {
		GiftID               string `json:"GiftId"`
		Language, Name, Desc string
	}{giftID, text.Language, text.Name, text.Desc}
	return c.Do(ctx, rooms+"set_gift_language", in, nil)
}

// GiftText returns a gift's texts in a language, or the default ones when it has none in it (doc 72855). It fails with
// [CodeGiftNotFound].
func (c *Client) GiftText(ctx context.Context, giftID, language string) (GiftText, error) {
	var out struct {
		GiftInfo struct{ Name, Desc string }
	}
	err := c.Do(ctx, rooms+"get_gift_language", giftLanguageRequest{giftID, language}, &out)
	return GiftText{language, out.GiftInfo.Name, out.GiftInfo.Desc}, err
}

// DeleteGiftText removes a gift's texts in a language (doc 72856). It is no error when there are none.
func (c *Client) DeleteGiftText(ctx context.Context, giftID, language string) error {
	return c.Do(ctx, rooms+"del_gift_language", giftLanguageRequest{giftID, language}, nil)
}
