package live

import (
	"context"
	"time"
)

// defaultCategory is a category of the set that an app can begin with. Its names are in the order of [Languages], and
// the English one is the default too.
type defaultCategory struct {
	id    GiftCategoryID
	names [3]string
	gifts []defaultGift
}

type defaultGift struct {
	id    GiftID
	coins int64
	level int
	names [3]string
}

// defaultGifts is a small set of our own, without pictures: what a gift looks like is for the app to say.
var defaultGifts = []defaultCategory{
	{"hello", [3]string{"Hello", "打招呼", "打招呼"}, []defaultGift{
		{"wave", 1, 0, [3]string{"Wave", "挥手", "揮手"}},
		{"tea", 2, 0, [3]string{"Cup of tea", "一杯茶", "一杯茶"}},
		{"clap", 5, 0, [3]string{"Clap", "鼓掌", "鼓掌"}},
		{"cookie", 10, 0, [3]string{"Cookie", "饼干", "餅乾"}},
		{"kite", 20, 1, [3]string{"Kite", "风筝", "風箏"}},
	}},
	{"garden", [3]string{"Garden", "花园", "花園"}, []defaultGift{
		{"seed", 3, 0, [3]string{"Seed", "种子", "種子"}},
		{"sunflower", 15, 0, [3]string{"Sunflower", "向日葵", "向日葵"}},
		{"lantern", 66, 1, [3]string{"Lantern", "灯笼", "燈籠"}},
		{"koi", 199, 2, [3]string{"Koi pond", "锦鲤池", "錦鯉池"}},
		{"greenhouse", 520, 3, [3]string{"Greenhouse", "温室", "溫室"}},
	}},
	{"stage", [3]string{"On stage", "舞台", "舞臺"}, []defaultGift{
		{"spotlight", 30, 1, [3]string{"Spotlight", "聚光灯", "聚光燈"}},
		{"drumroll", 50, 1, [3]string{"Drum roll", "鼓点", "鼓點"}},
		{"encore", 88, 2, [3]string{"Encore", "再来一曲", "再來一曲"}},
		{"curtain", 288, 3, [3]string{"Grand curtain", "大幕", "大幕"}},
		{"standing", 999, 3, [3]string{"Standing ovation", "全场起立", "全場起立"}},
	}},
}

// CopyDefaultGifts gives an app without any gift and category the server's own set of them (doc 74360);
// [CodeGiftsConfigured] when it has some, [CodeOverLimit] when the server allows fewer.
func (s *Service) CopyDefaultGifts(ctx context.Context, caller Caller) error {
	return s.updateCatalogue(ctx, caller, func(tx Tx) error {
		gifts, err := tx.CountGifts(caller.App)
		if err != nil {
			return err
		}
		categories, err := tx.CountGiftCategories(caller.App)
		if err != nil {
			return err
		}
		if gifts+categories > 0 {
			return Refuse(CodeGiftsConfigured, "there are %d gifts and %d gift categories already, delete them first", gifts, categories)
		}
		added := 0
		for _, c := range defaultGifts {
			if err := s.addDefaultCategory(tx, caller.App, c); err != nil {
				return err
			}
			added += len(c.gifts)
		}
		if added > s.limits.MaxGifts || len(defaultGifts) > s.limits.MaxGiftCategories {
			return Refuse(CodeOverLimit, "the set has %d gifts and %d gift categories, at most %d and %d are allowed",
				added, len(defaultGifts), s.limits.MaxGifts, s.limits.MaxGiftCategories)
		}
		return nil
	})
}

func (s *Service) addDefaultCategory(tx Tx, app AppID, c defaultCategory) error {
	if err := tx.PutGiftCategory(app, GiftCategory{ID: c.id, GiftText: GiftText{Name: c.names[0]}}); err != nil {
		return err
	}
	for i, l := range Languages {
		if err := tx.PutGiftCategoryText(app, c.id, l, GiftText{Name: c.names[i]}); err != nil {
			return err
		}
	}
	for _, g := range c.gifts {
		gift := Gift{
			ID: g.id, GiftText: GiftText{Name: g.names[0]}, Coins: g.coins, Level: g.level,
			CreatedAt: s.now().Truncate(time.Second),
		}
		if err := tx.PutGift(app, gift); err != nil {
			return err
		}
		for i, l := range Languages {
			if err := tx.PutGiftText(app, g.id, l, GiftText{Name: g.names[i]}); err != nil {
				return err
			}
		}
		if err := tx.PutGiftInCategory(app, c.id, g.id); err != nil {
			return err
		}
	}
	return nil
}
