package live

import (
	"context"
	"slices"
)

// maxGiftList is how many gifts one call may add to a category or take from it. The documentation gives no number.
const maxGiftList = 100

// GiftCategoryID names a category of gifts inside one app: 1 to 20 bytes, as of a [GiftID] (doc 72848).
type GiftCategoryID string

// ParseGiftCategoryID accepts a category's id from outside, or refuses it with [CodeBadParameter].
func ParseGiftCategoryID(s string) (GiftCategoryID, error) {
	id, err := parseShortID("CategoryId", s)
	return GiftCategoryID(id), err
}

// GiftCategory is a group in which gifts are shown. A gift can be in several.
type GiftCategory struct {
	ID            GiftCategoryID
	GiftText             // for those whose language has none
	ExtensionInfo string // empty, or the text of a JSON value of the app's own
	Texts         map[Language]GiftText
	Gifts         []GiftID // in the order in which they were added
}

// In returns the category's text in a language, the default one when it has none.
func (c GiftCategory) In(l Language) GiftText { return textIn(c.Texts, l, c.GiftText) }

type giftCategoryReader interface {
	// GiftCategory returns a category with all its texts and gifts.
	GiftCategory(app AppID, id GiftCategoryID) (GiftCategory, bool, error)
	// GiftCategories returns all categories of the app with all their texts and gifts, the oldest first.
	GiftCategories(app AppID) ([]GiftCategory, error)
	CountGiftCategories(app AppID) (int, error)
}

type giftCategoryWriter interface {
	// PutGiftCategory adds a category, or replaces all of it but its texts, its gifts and its place in the order.
	PutGiftCategory(app AppID, c GiftCategory) error
	// DeleteGiftCategory removes a category and its texts. Its gifts stay.
	DeleteGiftCategory(app AppID, id GiftCategoryID) error
	PutGiftCategoryText(app AppID, id GiftCategoryID, l Language, t GiftText) error
	DeleteGiftCategoryText(app AppID, id GiftCategoryID, l Language) error
	// PutGiftInCategory adds a gift to a category as its last, unless it is there.
	PutGiftInCategory(app AppID, id GiftCategoryID, gift GiftID) error
	DeleteGiftFromCategory(app AppID, id GiftCategoryID, gift GiftID) error
}

// GiftCategorySpec is what a call says of a category. A nil field was not given.
type GiftCategorySpec struct {
	ID GiftCategoryID
	GiftTextEdit
	ExtensionInfo *string
}

// edited returns c with what the spec says.
func (spec GiftCategorySpec) edited(c GiftCategory) (GiftCategory, error) {
	var err error
	if c.GiftText, err = categoryFields.edited(c.GiftText, spec.GiftTextEdit); err != nil {
		return c, err
	}
	if e := spec.ExtensionInfo; e != nil {
		c.ExtensionInfo = *e
	}
	return c, checkExtension(c.ExtensionInfo)
}

// AddGiftCategory adds a category to the app's catalogue (doc 72848). Its name must be given. [CodeBadParameter] when
// there is one of that id, [CodeOverLimit] past the server's number of categories.
func (s *Service) AddGiftCategory(ctx context.Context, caller Caller, spec GiftCategorySpec) error {
	category, err := spec.edited(GiftCategory{ID: spec.ID})
	if err != nil {
		return err
	}
	return s.updateCatalogue(ctx, caller, func(tx Tx) error {
		_, exists, err := tx.GiftCategory(caller.App, category.ID)
		if err != nil {
			return err
		}
		if exists {
			return badParameter("CategoryId %q exists already, use edit_gift_category", category.ID)
		}
		n, err := tx.CountGiftCategories(caller.App)
		if err != nil {
			return err
		}
		if n >= s.limits.MaxGiftCategories {
			return Refuse(CodeOverLimit, "there are %d gift categories already, at most %d are allowed", n, s.limits.MaxGiftCategories)
		}
		return tx.PutGiftCategory(caller.App, category)
	})
}

// EditGiftCategory changes what the spec gives of a category; the rest stays. [CodeBadParameter] when there is none.
func (s *Service) EditGiftCategory(ctx context.Context, caller Caller, spec GiftCategorySpec) error {
	return s.updateCatalogue(ctx, caller, func(tx Tx) error {
		category, err := mustGiftCategory(tx, caller.App, spec.ID)
		if err != nil {
			return err
		}
		if category, err = spec.edited(category); err != nil {
			return err
		}
		return tx.PutGiftCategory(caller.App, category)
	})
}

// mustGiftCategory returns a category, or refuses with [CodeBadParameter]: the contract has no code of its own for this.
func mustGiftCategory(r Reader, app AppID, id GiftCategoryID) (GiftCategory, error) {
	category, ok, err := r.GiftCategory(app, id)
	if err == nil && !ok {
		err = badParameter("CategoryId: there is no gift category %q", id)
	}
	return category, err
}

// GiftCategory returns a category of the app's catalogue (doc 72849), or refuses with [CodeBadParameter].
func (s *Service) GiftCategory(ctx context.Context, caller Caller, id GiftCategoryID) (GiftCategory, error) {
	var category GiftCategory
	err := s.store.View(ctx, func(r Reader) (err error) {
		category, err = mustGiftCategory(r, caller.App, id)
		return err
	})
	return category, err
}

// DeleteGiftCategory removes a category with its texts; the gifts in it stay (doc 72850). It is no error when there is
// none.
func (s *Service) DeleteGiftCategory(ctx context.Context, caller Caller, id GiftCategoryID) error {
	return s.store.Update(ctx, func(tx Tx) error { return tx.DeleteGiftCategory(caller.App, id) })
}

// SetGiftCategoryText changes what e gives of a category's text in a language (doc 72857); the first time the name must
// be given. [CodeBadParameter] when there is no such category.
func (s *Service) SetGiftCategoryText(ctx context.Context, caller Caller, id GiftCategoryID, l Language, e GiftTextEdit) error {
	return s.updateCatalogue(ctx, caller, func(tx Tx) error {
		category, err := mustGiftCategory(tx, caller.App, id)
		if err != nil {
			return err
		}
		text, err := categoryTextFields.edited(category.Texts[l], e)
		if err != nil {
			return err
		}
		return tx.PutGiftCategoryText(caller.App, id, l, text)
	})
}

// DeleteGiftCategoryText removes a category's text in a language (doc 72859). It is no error when there is none.
func (s *Service) DeleteGiftCategoryText(ctx context.Context, caller Caller, id GiftCategoryID, l Language) error {
	return s.store.Update(ctx, func(tx Tx) error { return tx.DeleteGiftCategoryText(caller.App, id, l) })
}

// AddGiftsToCategory adds gifts to those that a category has (doc 72851) and returns those ids, each once, that are no
// gifts. [CodeNoSuchGift] when none of them is one, [CodeBadParameter] when there is no such category.
func (s *Service) AddGiftsToCategory(ctx context.Context, caller Caller, id GiftCategoryID, gifts []GiftID) (invalid []GiftID, err error) {
	if err := checkGiftList(gifts); err != nil {
		return nil, err
	}
	err = s.updateCatalogue(ctx, caller, func(tx Tx) error {
		if _, err := mustGiftCategory(tx, caller.App, id); err != nil {
			return err
		}
		invalid = nil
		added := false
		for _, gift := range gifts {
			_, ok, err := tx.Gift(caller.App, gift)
			if err != nil {
				return err
			}
			if !ok {
				if !slices.Contains(invalid, gift) {
					invalid = append(invalid, gift)
				}
				continue
			}
			added = true
			if err := tx.PutGiftInCategory(caller.App, id, gift); err != nil {
				return err
			}
		}
		if !added {
			return Refuse(CodeNoSuchGift, "none of the gifts exists, %q among them", invalid[0])
		}
		return nil
	})
	return invalid, err
}

func checkGiftList(gifts []GiftID) error {
	if len(gifts) == 0 || len(gifts) > maxGiftList {
		return badParameter("GiftIdList must hold 1 to %d gifts", maxGiftList)
	}
	return nil
}

// RemoveGiftsFromCategory takes gifts from a category (doc 72852). Those that are not in it are passed over.
func (s *Service) RemoveGiftsFromCategory(ctx context.Context, caller Caller, id GiftCategoryID, gifts []GiftID) error {
	if err := checkGiftList(gifts); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		for _, gift := range gifts {
			if err := tx.DeleteGiftFromCategory(caller.App, id, gift); err != nil {
				return err
			}
		}
		return nil
	})
}

// GiftCatalogue returns all gifts of the app, the newest first, and all categories, the oldest first.
func (s *Service) GiftCatalogue(ctx context.Context, caller Caller) (gifts []Gift, categories []GiftCategory, err error) {
	err = s.store.View(ctx, func(r Reader) (err error) {
		if gifts, err = r.Gifts(caller.App); err != nil {
			return err
		}
		categories, err = r.GiftCategories(caller.App)
		return err
	})
	return gifts, categories, err
}

// GiftShelf is a category with the gifts in it.
type GiftShelf struct {
	Category GiftCategory
	Gifts    []Gift
}

// UsableGifts returns the app's gifts by category, for somebody in the room. Gifts that are in no category are not
// among them.
func (s *Service) UsableGifts(ctx context.Context, caller Caller, room RoomID) ([]GiftShelf, error) {
	var gifts []Gift
	var categories []GiftCategory
	err := s.store.View(ctx, func(r Reader) (err error) {
		if err := authorizeMember(r, caller, room); err != nil {
			return err
		}
		if gifts, err = r.Gifts(caller.App); err != nil {
			return err
		}
		categories, err = r.GiftCategories(caller.App)
		return err
	})
	if err != nil {
		return nil, err
	}
	byID := make(map[GiftID]Gift, len(gifts))
	for _, g := range gifts {
		byID[g.ID] = g
	}
	shelves := make([]GiftShelf, len(categories))
	for i, c := range categories {
		shelves[i].Category = c
		for _, id := range c.Gifts {
			shelves[i].Gifts = append(shelves[i].Gifts, byID[id])
		}
	}
	return shelves, nil
}
