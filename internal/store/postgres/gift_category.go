package postgres

import "github.com/greenroom-live/greenroom/internal/live"

// giftCategories reads categories by the end of a query, and what belongs to them by the end of others.
func (r reader) giftCategories(which, order string, args ...any) ([]live.GiftCategory, error) {
	categories := []live.GiftCategory{}
	r.c.laterEach(func(scan func(...any) error) error {
		var c live.GiftCategory
		err := scan(&c.ID, &c.Name, &c.Desc, &c.ExtensionInfo)
		categories = append(categories, c)
		return err
	}, "SELECT category, name, description, extension_info FROM gift_categories WHERE app = $1 "+which+order, args...)
	texts := laterGiftTexts[live.GiftCategoryID](r,
		"SELECT category, language, name, description FROM gift_category_texts WHERE app = $1 "+which, args...)
	gifts := make(map[live.GiftCategoryID][]live.GiftID)
	err := r.c.each(func(scan func(...any) error) error {
		var category live.GiftCategoryID
		var gift live.GiftID
		err := scan(&category, &gift)
		gifts[category] = append(gifts[category], gift)
		return err
	}, "SELECT category, gift FROM gift_relations WHERE app = $1 "+which+" ORDER BY place", args...)
	for i := range categories {
		c := &categories[i]
		c.Texts, c.Gifts = texts[c.ID], append([]live.GiftID{}, gifts[c.ID]...)
	}
	return categories, err
}

func (r reader) GiftCategory(app live.AppID, id live.GiftCategoryID) (live.GiftCategory, bool, error) {
	categories, err := r.giftCategories("AND category = $2", "", int64(app), string(id))
	if err != nil || len(categories) == 0 {
		return live.GiftCategory{}, false, err
	}
	return categories[0], true, nil
}

func (r reader) GiftCategories(app live.AppID) ([]live.GiftCategory, error) {
	return r.giftCategories("", "ORDER BY place", int64(app))
}

func (r reader) CountGiftCategories(app live.AppID) (n int, err error) {
	_, err = r.c.first("SELECT count(*) FROM gift_categories WHERE app = $1", []any{int64(app)}, &n)
	return n, err
}

func (t *tx) PutGiftCategory(app live.AppID, c live.GiftCategory) error {
	t.about(appKey(app))
	return t.put(`INSERT INTO gift_categories (app, category, name, description, extension_info, place)
		VALUES ($1, $2, $3, $4, $5, (SELECT coalesce(max(place), 0) + 1 FROM gift_categories WHERE app = $1))
		ON CONFLICT (app, category) DO UPDATE SET name = excluded.name, description = excluded.description,
		extension_info = excluded.extension_info`, int64(app), string(c.ID), c.Name, c.Desc, c.ExtensionInfo)
}

func (t *tx) DeleteGiftCategory(app live.AppID, id live.GiftCategoryID) error {
	t.about(appKey(app))
	for _, table := range []string{"gift_categories", "gift_category_texts", "gift_relations"} {
		if err := t.put("DELETE FROM "+table+" WHERE app = $1 AND category = $2", int64(app), string(id)); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) PutGiftCategoryText(app live.AppID, id live.GiftCategoryID, l live.Language, text live.GiftText) error {
	t.about(appKey(app))
	return t.put(`INSERT INTO gift_category_texts (app, category, language, name, description) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (app, category, language) DO UPDATE SET name = excluded.name, description = excluded.description`,
		int64(app), string(id), string(l), text.Name, text.Desc)
}

func (t *tx) DeleteGiftCategoryText(app live.AppID, id live.GiftCategoryID, l live.Language) error {
	t.about(appKey(app))
	return t.put("DELETE FROM gift_category_texts WHERE app = $1 AND category = $2 AND language = $3",
		int64(app), string(id), string(l))
}

func (t *tx) PutGiftInCategory(app live.AppID, id live.GiftCategoryID, gift live.GiftID) error {
	t.about(appKey(app))
	return t.put(`INSERT INTO gift_relations (app, category, gift, place)
		VALUES ($1, $2, $3, (SELECT coalesce(max(place), 0) + 1 FROM gift_relations WHERE app = $1 AND category = $2))
		ON CONFLICT (app, category, gift) DO NOTHING`, int64(app), string(id), string(gift))
}

func (t *tx) DeleteGiftFromCategory(app live.AppID, id live.GiftCategoryID, gift live.GiftID) error {
	t.about(appKey(app))
	return t.put("DELETE FROM gift_relations WHERE app = $1 AND category = $2 AND gift = $3", int64(app), string(id), string(gift))
}
