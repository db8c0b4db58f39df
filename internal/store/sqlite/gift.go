package sqlite

import (
	"time"

	"github.com/greenroom-live/greenroom/internal/live"
)

// LockCatalogue has nothing to do: updates are carried out one after the other.
func (t *tx) LockCatalogue(live.AppID) error { return nil }

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
	err := r.c.each(func(scan func(...any) error) error {
		g, err := scanGift(scan)
		gifts = append(gifts, g)
		return err
	}, "SELECT "+giftColumns+" FROM gifts WHERE app = ? "+which, args...)
	if err != nil || len(gifts) == 0 {
		return gifts, err
	}
	byID, err := giftTexts[live.GiftID](r, "SELECT gift, language, name, description FROM gift_texts WHERE app = ? "+texts, args...)
	for i := range gifts {
		gifts[i].Texts = byID[gifts[i].ID]
	}
	return gifts, err
}

// giftTexts reads texts by the ids of what they are of.
func giftTexts[ID ~string](r reader, query string, args ...any) (map[ID]map[live.Language]live.GiftText, error) {
	byID := make(map[ID]map[live.Language]live.GiftText)
	err := r.c.each(func(scan func(...any) error) error {
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
	return byID, err
}

func (r reader) Gift(app live.AppID, id live.GiftID) (live.Gift, bool, error) {
	gifts, err := r.gifts("AND gift = ?", "AND gift = ?", app, id)
	if err != nil || len(gifts) == 0 {
		return live.Gift{}, false, err
	}
	return gifts[0], true, nil
}

func (r reader) Gifts(app live.AppID) ([]live.Gift, error) {
	return r.gifts("ORDER BY place DESC", "", app)
}

func (r reader) CountGifts(app live.AppID) (n int, err error) {
	_, err = r.c.first("SELECT count(*) FROM gifts WHERE app = ?", []any{app}, &n)
	return n, err
}

func (t *tx) PutGift(app live.AppID, g live.Gift) error {
	return t.put(`INSERT INTO gifts (app, `+giftColumns+`, place)
		VALUES (?, ?,?,?,?,?,?,?,?,?, (SELECT coalesce(max(place), 0) + 1 FROM gifts WHERE app = ?))
		ON CONFLICT DO UPDATE SET name = excluded.name, description = excluded.description, icon_url = excluded.icon_url,
		resource_url = excluded.resource_url, coins = excluded.coins, level = excluded.level,
		extension_info = excluded.extension_info, created_at = excluded.created_at`,
		app, g.ID, g.Name, g.Desc, g.IconURL, g.ResourceURL, g.Coins, g.Level, g.ExtensionInfo, g.CreatedAt.Unix(), app)
}

func (t *tx) DeleteGift(app live.AppID, id live.GiftID) error {
	for _, table := range []string{"gifts", "gift_texts", "gift_relations"} {
		if err := t.put("DELETE FROM "+table+" WHERE app = ? AND gift = ?", app, id); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) PutGiftText(app live.AppID, id live.GiftID, l live.Language, text live.GiftText) error {
	return t.put(`INSERT INTO gift_texts (app, gift, language, name, description) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET name = excluded.name, description = excluded.description`, app, id, l, text.Name, text.Desc)
}

func (t *tx) DeleteGiftText(app live.AppID, id live.GiftID, l live.Language) error {
	return t.put("DELETE FROM gift_texts WHERE app = ? AND gift = ? AND language = ?", app, id, l)
}
