package live

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Limits of a gift, in bytes where they are texts (doc 72845). Its price and its level have the bounds that a real
// console's form has; the documentation gives none.
const (
	maxGiftID        = 20
	maxGiftURL       = 200
	maxGiftExtension = 100
	maxGiftCoins     = 1<<31 - 1
	maxGiftLevel     = 99
)

// GiftID names a gift inside one app: 1 to 20 bytes of UTF-8 without control characters. The page limits the bytes alone
// (doc 72845).
type GiftID string

// ParseGiftID accepts a gift's id from outside, or refuses it with [CodeBadParameter]; field names it in the error.
func ParseGiftID(field, s string) (GiftID, error) {
	id, err := parseShortID(field, s)
	return GiftID(id), err
}

func parseShortID(field, s string) (string, error) {
	if s == "" {
		return "", badParameter("%s is missing or empty", field)
	}
	if len(s) > maxGiftID || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return "", badParameter("%s must be 1 to %d bytes of text without control characters", field, maxGiftID)
	}
	return s, nil
}

// Language is one of those that gifts have texts in.
type Language string

// The languages of the gift catalogue (doc 72854).
const (
	English            Language = "en"
	SimplifiedChinese  Language = "zh-Hans"
	TraditionalChinese Language = "zh-Hant"
)

// Languages are all of them, in the order in which they are listed.
var Languages = []Language{English, SimplifiedChinese, TraditionalChinese}

// ParseLanguage accepts the name of a language as the catalogue has it, or refuses it with [CodeBadParameter].
func ParseLanguage(s string) (Language, error) {
	for _, l := range Languages {
		if s == string(l) {
			return l, nil
		}
	}
	return "", badParameter("Language must be %s, %s or %s", English, SimplifiedChinese, TraditionalChinese)
}

// LanguageOf returns the catalogue's language for a tag such as zh-CN or en-US, empty when it has none for it. Chinese
// is in simplified characters unless script or region say otherwise. Letters may be of either case, _ stands for -.
func LanguageOf(tag string) Language {
	primary, rest, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(tag, "_", "-")), "-")
	switch primary {
	case "en":
		return English
	case "zh":
		for part := range strings.SplitSeq(rest, "-") {
			switch part {
			case "hans":
				return SimplifiedChinese
			case "hant", "tw", "hk", "mo":
				return TraditionalChinese
			}
		}
		return SimplifiedChinese
	}
	return ""
}

// GiftText is what people read of a gift, or of a category of gifts.
type GiftText struct {
	Name string
	Desc string
}

// GiftTextEdit is what a call says of such texts. A nil field stays as it is.
type GiftTextEdit struct {
	Name *string
	Desc *string
}

// textFields are the contract's names and limits of the texts of one kind, in bytes.
type textFields struct {
	name, desc       string
	maxName, maxDesc int
}

// The texts of the catalogue (docs 72845, 72848). The pages on languages give no limits: those of the defaults hold.
var (
	giftFields         = textFields{"DefaultName", "DefaultDesc", 20, 20}
	giftTextFields     = textFields{"Name", "Desc", 20, 20}
	categoryFields     = textFields{"DefaultName", "DefaultDesc", 20, 60}
	categoryTextFields = textFields{"CategoryName", "CategoryDesc", 20, 60}
)

// edited returns t with what e says. There must be a name in the end.
func (f textFields) edited(t GiftText, e GiftTextEdit) (GiftText, error) {
	if e.Name != nil {
		t.Name = *e.Name
	}
	if e.Desc != nil {
		t.Desc = *e.Desc
	}
	if t.Name == "" {
		return t, badParameter("%s is missing or empty", f.name)
	}
	return t, checkTexts([]textLimit{{f.name, t.Name, f.maxName}, {f.desc, t.Desc, f.maxDesc}})
}

// Gift is something that members give in rooms, the same in all rooms of an app.
type Gift struct {
	ID            GiftID
	GiftText      // for those whose language has none
	IconURL       string
	ResourceURL   string // of its animation
	Coins         int64  // price of one; what that means in money is the app's business
	Level         int
	ExtensionInfo string    // empty, or the text of a JSON value of the app's own
	CreatedAt     time.Time // whole seconds
	Texts         map[Language]GiftText
}

// In returns the gift's text in a language, the default one when it has none.
func (g Gift) In(l Language) GiftText { return textIn(g.Texts, l, g.GiftText) }

func textIn(texts map[Language]GiftText, l Language, otherwise GiftText) GiftText {
	if t, ok := texts[l]; ok {
		return t
	}
	return otherwise
}

type giftReader interface {
	// Gift returns a gift with all its texts.
	Gift(app AppID, id GiftID) (Gift, bool, error)
	// Gifts returns all gifts of the app with all their texts, the newest first.
	Gifts(app AppID) ([]Gift, error)
	CountGifts(app AppID) (int, error)
	giftCategoryReader
	giftSenderReader
}

type giftWriter interface {
	// LockCatalogue is to be called before anything is read of the app's gifts and categories that decides what will be
	// written of them: nobody else changes them from then on until the update is over.
	LockCatalogue(app AppID) error
	// PutGift adds a gift, or replaces all of it but its texts and its place in the order.
	PutGift(app AppID, g Gift) error
	// DeleteGift removes a gift, its texts, and itself from all categories.
	DeleteGift(app AppID, id GiftID) error
	PutGiftText(app AppID, id GiftID, l Language, t GiftText) error
	DeleteGiftText(app AppID, id GiftID, l Language) error
	giftCategoryWriter
	giftSenderWriter
}

// GiftSpec is what a call says of a gift. A nil field was not given.
type GiftSpec struct {
	ID GiftID
	GiftTextEdit
	IconURL       *string
	ResourceURL   *string
	Coins         *int
	Level         *int
	ExtensionInfo *string
}

// edited returns g with what the spec says.
func (spec GiftSpec) edited(g Gift) (Gift, error) {
	var err error
	if g.GiftText, err = giftFields.edited(g.GiftText, spec.GiftTextEdit); err != nil {
		return g, err
	}
	if c := spec.Coins; c != nil {
		if *c < 0 || *c > maxGiftCoins {
			return g, badParameter("Coins must be 0 to %d", maxGiftCoins)
		}
		g.Coins = int64(*c)
	}
	if l := spec.Level; l != nil {
		if *l < 0 || *l > maxGiftLevel {
			return g, badParameter("Level must be 0 to %d", maxGiftLevel)
		}
		g.Level = *l
	}
	for _, e := range []struct {
		from *string
		to   *string
	}{{spec.IconURL, &g.IconURL}, {spec.ResourceURL, &g.ResourceURL}, {spec.ExtensionInfo, &g.ExtensionInfo}} {
		if e.from != nil {
			*e.to = *e.from
		}
	}
	if err := checkTexts([]textLimit{{"IconUrl", g.IconURL, maxGiftURL}, {"ResourceUrl", g.ResourceURL, maxGiftURL}}); err != nil {
		return g, err
	}
	return g, checkExtension(g.ExtensionInfo)
}

// checkExtension wants nothing or one JSON value.
func checkExtension(text string) error {
	if len(text) > maxGiftExtension {
		return badParameter("ExtensionInfo has %d bytes, at most %d are allowed", len(text), maxGiftExtension)
	}
	if text != "" && !jsontext.Value(text).IsValid() {
		return badParameter("ExtensionInfo must be empty or the text of a JSON value")
	}
	return nil
}

// AddGift adds a gift to the app's catalogue (doc 72845). Its name and its price must be given. [CodeBadParameter] when
// there is one of that id, [CodeOverLimit] past the server's number of gifts.
func (s *Service) AddGift(ctx context.Context, caller Caller, spec GiftSpec) error {
	if spec.Coins == nil {
		return badParameter("Coins is missing")
	}
	gift, err := spec.edited(Gift{ID: spec.ID, CreatedAt: s.now().Truncate(time.Second)})
	if err != nil {
		return err
	}
	return s.updateCatalogue(ctx, caller, func(tx Tx) error {
		_, exists, err := tx.Gift(caller.App, gift.ID)
		if err != nil {
			return err
		}
		if exists {
			return badParameter("GiftId %q exists already, use edit_gift", gift.ID)
		}
		n, err := tx.CountGifts(caller.App)
		if err != nil {
			return err
		}
		if n >= s.limits.MaxGifts {
			return Refuse(CodeOverLimit, "there are %d gifts already, at most %d are allowed", n, s.limits.MaxGifts)
		}
		return tx.PutGift(caller.App, gift)
	})
}

// updateCatalogue lets f change the caller's app's gifts and categories by what they are.
func (s *Service) updateCatalogue(ctx context.Context, caller Caller, f func(Tx) error) error {
	return s.store.Update(ctx, func(tx Tx) error {
		if err := tx.LockCatalogue(caller.App); err != nil {
			return err
		}
		return f(tx)
	})
}

// EditGift changes what the spec gives of a gift; the rest stays. [CodeNoSuchGift] when there is none.
func (s *Service) EditGift(ctx context.Context, caller Caller, spec GiftSpec) error {
	return s.updateCatalogue(ctx, caller, func(tx Tx) error {
		gift, err := mustGift(tx, caller.App, spec.ID)
		if err != nil {
			return err
		}
		if gift, err = spec.edited(gift); err != nil {
			return err
		}
		return tx.PutGift(caller.App, gift)
	})
}

// mustGift returns a gift, or refuses with [CodeNoSuchGift].
func mustGift(r Reader, app AppID, id GiftID) (Gift, error) {
	gift, ok, err := r.Gift(app, id)
	if err == nil && !ok {
		err = Refuse(CodeNoSuchGift, "there is no gift %q", id)
	}
	return gift, err
}

// Gift returns a gift of the app's catalogue (doc 72846), or refuses with [CodeNoSuchGift].
func (s *Service) Gift(ctx context.Context, caller Caller, id GiftID) (Gift, error) {
	var gift Gift
	err := s.store.View(ctx, func(r Reader) (err error) {
		gift, err = mustGift(r, caller.App, id)
		return err
	})
	return gift, err
}

// DeleteGift removes a gift from the catalogue, with its texts and its places in categories (doc 72847). It is no error
// when there is none. What rooms have counted of it stays.
func (s *Service) DeleteGift(ctx context.Context, caller Caller, id GiftID) error {
	return s.store.Update(ctx, func(tx Tx) error { return tx.DeleteGift(caller.App, id) })
}

// SetGiftText changes what e gives of a gift's text in a language (doc 72854); the first time the name must be given.
// [CodeNoSuchGift] when there is no such gift.
func (s *Service) SetGiftText(ctx context.Context, caller Caller, id GiftID, l Language, e GiftTextEdit) error {
	return s.updateCatalogue(ctx, caller, func(tx Tx) error {
		gift, err := mustGift(tx, caller.App, id)
		if err != nil {
			return err
		}
		text, err := giftTextFields.edited(gift.Texts[l], e)
		if err != nil {
			return err
		}
		return tx.PutGiftText(caller.App, id, l, text)
	})
}

// DeleteGiftText removes a gift's text in a language (doc 72856). It is no error when there is none.
func (s *Service) DeleteGiftText(ctx context.Context, caller Caller, id GiftID, l Language) error {
	return s.store.Update(ctx, func(tx Tx) error { return tx.DeleteGiftText(caller.App, id, l) })
}
