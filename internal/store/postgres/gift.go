package postgres

import (
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
)

// What is read of the catalogue locks nothing: who gives a gift only looks at it. Who changes the catalogue by what it reads
// begins with LockCatalogue.

func (t *tx) LockCatalogue(app live.AppID) error {
	t.about(appKey(app))
	return nil
}

const giftColumns = `gift, name, description, icon_url, resource_url, coins, level, extension_info, created_at`

func scanGift(scan func(...any) error) (live.Gift, error) {
	var g live.Gift
	var created int64
	err := scan(&g.ID, &g.Name, &g.Desc, &g.IconURL, &g.ResourceURL, &g.Coins, &g.Level, &g.ExtensionInfo, &created)
	g.CreatedAt = time.Unix(created, 0)
	return g, err
}

// gifts reads gifts by the end of a query, and their texts by the end of another.
func (r reader) gifts(which, texts string, args ...any) ([]live.Gift, error) {
	gifts := []live.Gift{}
	r.c.laterEach(func(scan func(...any) error) error {
		g, err := scanGift(scan)
		gifts = append(gifts, g)
		return err
	}, "SELECT "+giftColumns+" FROM gifts WHERE app = $1 "+which, args...)
	byID := laterGiftTexts[live.GiftID](r, "SELECT gift, language, name, description FROM gift_texts WHERE app = $1 "+texts, args...)
	err := r.c.flush()
	for i := range gifts {
		gifts[i].Texts = byID[gifts[i].ID]
	}
	return gifts, err
}

// laterGiftTexts reads texts by the ids of what they are of, with the next flush.
func laterGiftTexts[ID ~string](r reader, query string, args ...any) map[ID]map[live.Language]live.GiftText {
	byID := make(map[ID]map[live.Language]live.GiftText)
	r.c.laterEach(func(scan func(...any) error) error {
		var id ID
		var language live.Language
		var text live.GiftText
		if err := scan(&id, &language, &text.Name, &text.Desc); err != nil {
			return err
		}
		if byID[id] == nil {
			byID[id] = make(map[live.Language]live.GiftText)
		}
		byID[id][language] = text
		return nil
	}, query, args...)
	return byID
}

func (r reader) Gift(app live.AppID, id live.GiftID) (live.Gift, bool, error) {
	gifts, err := r.gifts("AND gift = $2", "AND gift = $2", int64(app), string(id))
	if err != nil || len(gifts) == 0 {
		return live.Gift{}, false, err
	}
	return gifts[0], true, nil
}

func (r reader) Gifts(app live.AppID) ([]live.Gift, error) {
	return r.gifts("ORDER BY place DESC", "", int64(app))
}

func (r reader) CountGifts(app live.AppID) (n int, err error) {
	_, err = r.c.first("SELECT count(*) FROM gifts WHERE app = $1", []any{int64(app)}, &n)
	return n, err
}

func (t *tx) PutGift(app live.AppID, g live.Gift) error {
	t.about(appKey(app))
	return t.put(`INSERT INTO gifts (app, `+giftColumns+`, place)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, (SELECT coalesce(max(place), 0) + 1 FROM gifts WHERE app = $1))
		ON CONFLICT (app, gift) DO UPDATE SET name = excluded.name, description = excluded.description,
		icon_url = excluded.icon_url, resource_url = excluded.resource_url, coins = excluded.coins, level = excluded.level,
		extension_info = excluded.extension_info, created_at = excluded.created_at`,
		int64(app), string(g.ID), g.Name, g.Desc, g.IconURL, g.ResourceURL, g.Coins, g.Level, g.ExtensionInfo, g.CreatedAt.Unix())
}

func (t *tx) DeleteGift(app live.AppID, id live.GiftID) error {
	t.about(appKey(app))
	for _, table := range []string{"gifts", "gift_texts", "gift_relations"} {
		if err := t.put("DELETE FROM "+table+" WHERE app = $1 AND gift = $2", int64(app), string(id)); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) PutGiftText(app live.AppID, id live.GiftID, l live.Language, text live.GiftText) error {
	t.about(appKey(app))
	return t.put(`INSERT INTO gift_texts (app, gift, language, name, description) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (app, gift, language) DO UPDATE SET name = excluded.name, description = excluded.description`,
		int64(app), string(id), string(l), text.Name, text.Desc)
}

func (t *tx) DeleteGiftText(app live.AppID, id live.GiftID, l live.Language) error {
	t.about(appKey(app))
	return t.put("DELETE FROM gift_texts WHERE app = $1 AND gift = $2 AND language = $3", int64(app), string(id), string(l))
}
