package restapi_test

import (
	"fmt"
	"strings"
	"testing"
)

const (
	addGiftCategory          = "live_engine_http_srv/add_gift_category"
	getGiftCategory          = "live_engine_http_srv/get_gift_category"
	editGiftCategory         = "live_engine_http_srv/edit_gift_category"
	delGiftCategory          = "live_engine_http_srv/del_gift_category"
	addGiftCategoryRelations = "live_engine_http_srv/add_gift_category_relations"
	delGiftCategoryRelations = "live_engine_http_srv/del_gift_category_relations"
	getGiftCategoryRelations = "live_engine_http_srv/get_gift_category_relations"
	setGiftCategoryLanguage  = "live_engine_http_srv/set_gift_category_language"
	getGiftCategoryLanguage  = "live_engine_http_srv/get_gift_category_language"
	delGiftCategoryLanguage  = "live_engine_http_srv/del_gift_category_language"
)

func init() {
	const fresh = `{"CategoryId":"fresh","ExtensionInfo":"{\"order\":2}","DefaultName":"New","DefaultDesc":"added this month"}`
	const hotter = `{"CategoryId":"hot","ExtensionInfo":"{\"order\":1}","DefaultName":"Very hot","DefaultDesc":"what everybody gives"}`
	const older = `,"Category":{"CategoryId":"old","CategoryName":"n","CategoryDesc":"d","ExtensionInfo":"2"}}`
	exemplary[addGiftCategory], exemplary[editGiftCategory] = fresh, hotter
	hotChinese := `{"CategoryId":"hot","Language":"zh-Hans"}`
	inChinese := step{
		call: setGiftCategoryLanguage, body: `{"CategoryId":"hot","Language":"zh-Hans","CategoryName":"热门","CategoryDesc":"大家都在送"}`,
	}
	for command, body := range map[string]string{
		addGiftCategory:          strings.TrimSuffix(fresh, "}") + older,
		getGiftCategory:          `{"CategoryId":"hot"}`,
		editGiftCategory:         strings.TrimSuffix(hotter, "}") + older,
		delGiftCategory:          `{"CategoryId":"hot"}`,
		addGiftCategoryRelations: relate("hot", `["rose01","boat03"]`),
		delGiftCategoryRelations: relate("hot", `["rose01"]`),
		getGiftCategoryRelations: `{"CategoryId":"hot"}`,
		setGiftCategoryLanguage:  inChinese.body,
		getGiftCategoryLanguage:  hotChinese,
		delGiftCategoryLanguage:  hotChinese,
	} {
		good[command] = body
		preparing[command] = []step{aRose, aCategory}
		contractPerSecond[command] = 1
	}
	preparing[delGiftCategoryRelations] = aCategoryWith(`["rose01","car02"]`)
	preparing[getGiftCategoryRelations] = preparing[delGiftCategoryRelations]
	preparing[getGiftCategoryLanguage] = []step{aCategory, inChinese}
	preparing[delGiftCategoryLanguage] = preparing[getGiftCategoryLanguage]
}

// hot is a category with everything, in the fields of a request and of an answer.
const hot = `{"CategoryId":"hot","ExtensionInfo":"{\"k\":1}","DefaultName":"Hot","DefaultDesc":"popular"}`

var aCategory = step{call: addGiftCategory, body: hot}

// relate is the body that puts gifts into a category, or takes them from it; gifts is a JSON array.
func relate(category, gifts string) string {
	return `{"CategoryId":"` + category + `","GiftIdList":` + gifts + `}`
}

// aCategoryWith is the category hot with these gifts, of rose01 and car02.
func aCategoryWith(gifts string) []step {
	return []step{aRose, {call: addGift, body: newGift(``)}, aCategory, {call: addGiftCategoryRelations, body: relate("hot", gifts)}}
}

func hasRelations(gifts string) step {
	return step{call: getGiftCategoryRelations, body: `{"CategoryId":"hot"}`, reply: `{"Relation":` + relate("hot", gifts) + `}`}
}

// hasCategory is what the catalogue says of a category, as a step of its own.
func hasCategory(id, info string) step {
	return step{call: getGiftCategory, body: `{"CategoryId":"` + id + `"}`, reply: `{"GiftCategoryInfo":` + info + `}`}
}

func TestAddGiftCategory(t *testing.T) {
	add := func(fields string) string { return `{"CategoryId":"cold","DefaultName":"Cold",` + fields + `}` }
	is := func(name, desc, extension string) []step {
		return []step{hasCategory("cold", fmt.Sprintf(`{"CategoryId":"cold","DefaultName":%q,"DefaultDesc":%q,"ExtensionInfo":%q}`, name, desc, extension))}
	}
	x := func(n int) string { return strings.Repeat("x", n) }
	play(t, addGiftCategory, []scenario{
		{name: "with everything", body: hot, then: []step{hasCategory("hot", hot), hasRelations(`[]`)}},
		{name: "with what is required", body: `{"CategoryId":"cold","DefaultName":"Cold"}`, then: is("Cold", "", "")},
		{name: "as a console writes it", body: add(`"DefaultDesc":""`), then: is("Cold", "", "")},
		{name: "as older consoles write it", body: `{"Category":{"CategoryId":"cold","CategoryName":"Cold","CategoryDesc":"d","ExtensionInfo":"1"}}`, then: is("Cold", "d", "1")},
		{
			name: "in both ways at once: what stands outside wins",
			body: add(`"DefaultDesc":"d","ExtensionInfo":"1","Category":{"CategoryId":"x","CategoryName":"x","CategoryDesc":"x","ExtensionInfo":"2"}`),
			then: append(is("Cold", "d", "1"), step{call: getGiftCategory, body: `{"CategoryId":"x"}`, code: 100002}),
		},
		{name: "an id of 20 bytes", body: `{"CategoryId":` + quoted(20) + `,"DefaultName":"n"}`, then: []step{{call: getGiftCategory, body: `{"CategoryId":` + quoted(20) + `}`}}},
		{name: "an id of 21 bytes", body: `{"CategoryId":` + quoted(21) + `,"DefaultName":"n"}`, code: 100002, info: []string{"CategoryId", "20"}},
		{name: "an id in other letters than ASCII", body: `{"CategoryId":"热","DefaultName":"n"}`, then: []step{{call: getGiftCategory, body: `{"CategoryId":"热"}`}}},
		{name: "an id with a control character", body: `{"CategoryId":"h\tot","DefaultName":"n"}`, code: 100002, info: []string{"CategoryId"}},
		{name: "no id", body: `{"DefaultName":"n"}`, code: 100002, info: []string{"CategoryId"}},
		{name: "an id that there is", given: []step{aCategory}, body: `{"CategoryId":"hot","DefaultName":"n"}`, code: 100002, info: []string{"hot", "exists"}, then: []step{hasCategory("hot", hot)}},
		{name: "a gift may have the same id", given: []step{aRose}, body: `{"CategoryId":"rose01","DefaultName":"n"}`, then: []step{hasGift("rose01", roseInfo)}},
		{name: "a name of 20 bytes", body: `{"CategoryId":"cold","DefaultName":"` + x(20) + `"}`, then: is(x(20), "", "")},
		{name: "a name of 21 bytes", body: `{"CategoryId":"cold","DefaultName":"` + x(21) + `"}`, code: 100002, info: []string{"DefaultName", "20"}},
		{name: "no name", body: `{"CategoryId":"cold"}`, code: 100002, info: []string{"DefaultName"}},
		{name: "an empty name", body: `{"CategoryId":"cold","DefaultName":""}`, code: 100002, info: []string{"DefaultName"}},
		{name: "a description of 60 bytes", body: add(`"DefaultDesc":` + quoted(60)), then: is("Cold", x(60), "")},
		{name: "a description of 61 bytes", body: add(`"DefaultDesc":` + quoted(61)), code: 100002, info: []string{"DefaultDesc", "60"}},
		{name: "100 bytes of the app's own", body: add(`"ExtensionInfo":"[` + strings.Repeat("1", 98) + `]"`), then: is("Cold", "", "["+strings.Repeat("1", 98)+"]")},
		{name: "101 bytes of the app's own", body: add(`"ExtensionInfo":"[` + strings.Repeat("1", 99) + `]"`), code: 100002, info: []string{"ExtensionInfo", "100"}},
		{name: "something that is no JSON", body: add(`"ExtensionInfo":"k"`), code: 100002, info: []string{"ExtensionInfo"}},
	})
}

func TestAddGiftCategoryUpToTheServersLimit(t *testing.T) {
	d := everybodys.open(t)
	number := func(n int) string { return fmt.Sprintf(`{"CategoryId":"c%d","DefaultName":"n"}`, n) }
	for n := range 10 {
		d.take([]step{{call: addGiftCategory, body: number(n)}})
	}
	d.take([]step{
		{call: addGiftCategory, body: number(10), code: 100013}, {call: getGiftCategory, body: `{"CategoryId":"c10"}`, code: 100002},
		{call: delGiftCategory, body: `{"CategoryId":"c3"}`}, {call: addGiftCategory, body: number(10)},
	})
	d = everybodys.open(t, func(s *setup) { s.limits.MaxGiftCategories = 1 })
	d.take([]step{aCategory, {call: addGiftCategory, body: number(1), code: 100013}})
}

func TestGetGiftCategory(t *testing.T) {
	play(t, getGiftCategory, []scenario{
		{name: "a category", given: aCategoryWith(`["rose01"]`), body: `{"CategoryId":"hot"}`, reply: `{"GiftCategoryInfo":` + hot + `}`},
		{name: "one that there is not", given: []step{aCategory}, body: `{"CategoryId":"cold"}`, code: 100002, info: []string{"CategoryId", "cold"}},
		{name: "no id", body: `{}`, code: 100002, info: []string{"CategoryId"}},
	})
}

func TestEditGiftCategory(t *testing.T) {
	given := []step{aCategory}
	info := func(old, new string) step { return hasCategory("hot", strings.Replace(hot, old, new, 1)) }
	play(t, editGiftCategory, []scenario{
		{name: "the name alone", given: given, body: `{"CategoryId":"hot","DefaultName":"Hotter"}`, then: []step{info(`"Hot"`, `"Hotter"`)}},
		{name: "an empty description clears", given: given, body: `{"CategoryId":"hot","DefaultDesc":""}`, then: []step{info(`"popular"`, `""`)}},
		{name: "an empty part of the app's own clears", given: given, body: `{"CategoryId":"hot","ExtensionInfo":""}`, then: []step{info(`"{\"k\":1}"`, `""`)}},
		{name: "as older consoles write it", given: given, body: `{"Category":{"CategoryId":"hot","CategoryDesc":"x"}}`, then: []step{info(`"popular"`, `"x"`)}},
		{name: "nothing", given: given, body: `{"CategoryId":"hot"}`, then: []step{hasCategory("hot", hot)}},
		{name: "its gifts stay", given: aCategoryWith(`["car02"]`), body: `{"CategoryId":"hot","DefaultName":"Hotter"}`, then: []step{hasRelations(`["car02"]`)}},
		{name: "the name cannot be cleared", given: given, body: `{"CategoryId":"hot","DefaultName":"","DefaultDesc":""}`, code: 100002, info: []string{"DefaultName"}, then: []step{hasCategory("hot", hot)}},
		{name: "a description of 61 bytes", given: given, body: `{"CategoryId":"hot","DefaultDesc":` + quoted(61) + `}`, code: 100002, info: []string{"DefaultDesc"}},
		{name: "one that there is not", given: given, body: `{"CategoryId":"cold","DefaultName":"n"}`, code: 100002, info: []string{"CategoryId", "cold"}},
		{name: "no id", body: `{"DefaultName":"n"}`, code: 100002, info: []string{"CategoryId"}},
	})
}

func TestDelGiftCategory(t *testing.T) {
	gone := step{call: getGiftCategory, body: `{"CategoryId":"hot"}`, code: 100002}
	play(t, delGiftCategory, []scenario{
		{name: "a category", given: []step{aCategory}, body: `{"CategoryId":"hot"}`, then: []step{gone}},
		{name: "one that there is not", given: []step{aCategory}, body: `{"CategoryId":"cold"}`, then: []step{hasCategory("hot", hot)}},
		{
			name: "its texts go with it and its gifts leave it, but they stay",
			given: append(aCategoryWith(`["rose01"]`), step{call: setGiftCategoryLanguage,
				body: `{"CategoryId":"hot","Language":"en","CategoryName":"n"}`}),
			body: `{"CategoryId":"hot"}`,
			then: []step{gone, aCategory, hasRelations(`[]`), hasGift("rose01", roseInfo),
				{call: getGiftCategoryLanguage, body: `{"CategoryId":"hot","Language":"en"}`, reply: categoryInLanguage("Hot", "popular")}},
		},
		{name: "no id", body: `{}`, code: 100002, info: []string{"CategoryId"}},
		{name: "an id of 21 bytes", body: `{"CategoryId":` + quoted(21) + `}`, code: 100002, info: []string{"CategoryId"}},
	})
}

func TestAddGiftCategoryRelations(t *testing.T) {
	given := []step{aRose, {call: addGift, body: newGift(``)}, aCategory}
	with := aCategoryWith(`["rose01"]`)
	none := `{"InvalidGiftIdList":[]}`
	strangers := func(n int) string { return list(n, func(i int) string { return fmt.Sprint("no", i) }) }
	play(t, addGiftCategoryRelations, []scenario{
		{name: "one gift", given: given, body: relate("hot", `["rose01"]`), reply: none, then: []step{hasRelations(`["rose01"]`)}},
		{name: "two gifts keep their order", given: given, body: relate("hot", `["rose01","car02"]`), reply: none, then: []step{hasRelations(`["rose01","car02"]`)}},
		{name: "to those that are there", given: with, body: relate("hot", `["car02"]`), reply: none, then: []step{hasRelations(`["rose01","car02"]`)}},
		{name: "one that is there", given: with, body: relate("hot", `["rose01"]`), reply: none, then: []step{hasRelations(`["rose01"]`)}},
		{name: "the same twice", given: given, body: relate("hot", `["car02","car02"]`), reply: none, then: []step{hasRelations(`["car02"]`)}},
		{
			name: "those that are no gifts are told, each once", given: given, body: relate("hot", `["no2","rose01","no1","no2"]`),
			reply: `{"InvalidGiftIdList":["no2","no1"]}`, then: []step{hasRelations(`["rose01"]`)},
		},
		{name: "none of them is a gift", given: given, body: relate("hot", `["no1","no2"]`), code: 102002, info: []string{"no1"}, then: []step{hasRelations(`[]`)}},
		{name: "100 gifts", given: given, body: relate("hot", strings.Replace(strangers(100), "no0", "rose01", 1)), reply: `{"InvalidGiftIdList":` + strings.Replace(strangers(100), `"no0",`, "", 1) + `}`},
		{name: "101 gifts", given: given, body: relate("hot", strangers(101)), code: 100002, info: []string{"GiftIdList", "100"}},
		{name: "no gifts", given: given, body: relate("hot", `[]`), code: 100002, info: []string{"GiftIdList"}},
		{name: "no list", given: given, body: `{"CategoryId":"hot"}`, code: 100002, info: []string{"GiftIdList"}},
		{name: "an id that cannot be one", given: given, body: relate("hot", `["rose01",`+quoted(21)+`]`), code: 100002, info: []string{"GiftIdList[1]", "20"}, then: []step{hasRelations(`[]`)}},
		{name: "an empty id", given: given, body: relate("hot", `[""]`), code: 100002, info: []string{"GiftIdList[0]"}},
		{name: "a category that there is not", given: given, body: relate("cold", `["rose01"]`), code: 100002, info: []string{"CategoryId", "cold"}},
		{name: "no category", given: given, body: `{"GiftIdList":["rose01"]}`, code: 100002, info: []string{"CategoryId"}},
	})
}

func TestDelGiftCategoryRelations(t *testing.T) {
	with := aCategoryWith(`["rose01","car02"]`)
	many := func(n int) string { return list(n, func(i int) string { return fmt.Sprint("no", i) }) }
	play(t, delGiftCategoryRelations, []scenario{
		{name: "one gift", given: with, body: relate("hot", `["rose01"]`), then: []step{hasRelations(`["car02"]`), hasGift("rose01", roseInfo)}},
		{name: "all, and some that are not in it", given: with, body: relate("hot", `["car02","no","rose01","car02"]`), then: []step{hasRelations(`[]`)}},
		{name: "one that is not in it", given: with, body: relate("hot", `["no"]`), then: []step{hasRelations(`["rose01","car02"]`)}},
		{name: "of a category that there is not", given: with, body: relate("cold", `["rose01"]`), then: []step{hasRelations(`["rose01","car02"]`)}},
		{name: "a gift comes back as the last", given: append(with, step{call: delGiftCategoryRelations, body: relate("hot", `["rose01"]`)}), body: relate("hot", `["x"]`), then: []step{
			{call: addGiftCategoryRelations, body: relate("hot", `["rose01"]`)}, hasRelations(`["car02","rose01"]`)}},
		{name: "100 gifts", given: with, body: relate("hot", many(100)), then: []step{hasRelations(`["rose01","car02"]`)}},
		{name: "101 gifts", given: with, body: relate("hot", many(101)), code: 100002, info: []string{"GiftIdList", "100"}},
		{name: "no gifts", given: with, body: relate("hot", `[]`), code: 100002, info: []string{"GiftIdList"}},
		{name: "an id that cannot be one", given: with, body: relate("hot", `["rose01","\u0007"]`), code: 100002, info: []string{"GiftIdList[1]"}, then: []step{hasRelations(`["rose01","car02"]`)}},
		{name: "no category", given: with, body: `{"GiftIdList":["rose01"]}`, code: 100002, info: []string{"CategoryId"}},
	})
}

func TestGetGiftCategoryRelations(t *testing.T) {
	play(t, getGiftCategoryRelations, []scenario{
		{name: "a category with gifts", given: aCategoryWith(`["rose01","car02"]`), body: `{"CategoryId":"hot"}`, reply: `{"Relation":` + relate("hot", `["rose01","car02"]`) + `}`},
		{name: "a category without", given: []step{aCategory}, body: `{"CategoryId":"hot"}`, reply: `{"Relation":` + relate("hot", `[]`) + `}`},
		{name: "one that there is not", given: []step{aCategory}, body: `{"CategoryId":"cold"}`, code: 100002, info: []string{"cold"}},
		{name: "no category", body: `{}`, code: 100002, info: []string{"CategoryId"}},
	})
}

// categoryInLanguage is a category's text in both its places.
func categoryInLanguage(name, desc string) string {
	text := fmt.Sprintf(`{"CategoryName":%q,"CategoryDesc":%q}`, name, desc)
	return `{"Language":` + text + `,"CategoryInfo":` + text + `}`
}

func TestSetGiftCategoryLanguage(t *testing.T) {
	set := func(fields string) string { return `{"CategoryId":"hot","Language":"zh-Hans",` + fields + `}` }
	is := func(name, desc string) []step {
		return []step{{call: getGiftCategoryLanguage, body: `{"CategoryId":"hot","Language":"zh-Hans"}`, reply: categoryInLanguage(name, desc)}}
	}
	given, again := []step{aCategory}, []step{aCategory, {call: setGiftCategoryLanguage, body: set(`"CategoryName":"热","CategoryDesc":"热门"`)}}
	play(t, setGiftCategoryLanguage, []scenario{
		{name: "the first time", given: given, body: set(`"CategoryName":"热","CategoryDesc":"热门"`), then: is("热", "热门")},
		{name: "the first time without a name", given: given, body: set(`"CategoryDesc":"热门"`), code: 100002, info: []string{"CategoryName"}},
		{name: "later the name alone", given: again, body: set(`"CategoryName":"火"`), then: is("火", "热门")},
		{name: "later the description alone", given: again, body: set(`"CategoryDesc":"火"`), then: is("热", "火")},
		{name: "an empty description clears", given: again, body: set(`"CategoryDesc":""`), then: is("热", "")},
		{name: "an empty name does not", given: again, body: set(`"CategoryName":""`), code: 100002, info: []string{"CategoryName"}},
		{name: "a name of 20 bytes", given: given, body: set(`"CategoryName":` + quoted(20)), then: is(strings.Repeat("x", 20), "")},
		{name: "a name of 21 bytes", given: given, body: set(`"CategoryName":` + quoted(21)), code: 100002, info: []string{"CategoryName", "20"}},
		{name: "a description of 60 bytes", given: given, body: set(`"CategoryName":"n","CategoryDesc":` + quoted(60)), then: is("n", strings.Repeat("x", 60))},
		{name: "a description of 61 bytes", given: given, body: set(`"CategoryName":"n","CategoryDesc":` + quoted(61)), code: 100002, info: []string{"CategoryDesc", "60"}},
		{name: "another language", given: given, body: `{"CategoryId":"hot","Language":"fr","CategoryName":"n"}`, code: 100002, info: []string{"Language"}},
		{name: "no language", given: given, body: `{"CategoryId":"hot","CategoryName":"n"}`, code: 100002, info: []string{"Language"}},
		{name: "a category that there is not", body: set(`"CategoryName":"n"`), code: 100002, info: []string{"CategoryId", "hot"}},
		{name: "no category", given: given, body: `{"Language":"en","CategoryName":"n"}`, code: 100002, info: []string{"CategoryId"}},
	})
}

func TestGetGiftCategoryLanguage(t *testing.T) {
	given := []step{aCategory, {call: setGiftCategoryLanguage, body: `{"CategoryId":"hot","Language":"en","CategoryName":"n"}`}}
	play(t, getGiftCategoryLanguage, []scenario{
		{name: "one that was set", given: given, body: `{"CategoryId":"hot","Language":"en"}`, reply: categoryInLanguage("n", "")},
		{name: "one that was not: the default", given: given, body: `{"CategoryId":"hot","Language":"zh-Hant"}`, reply: categoryInLanguage("Hot", "popular")},
		{name: "another language", given: given, body: `{"CategoryId":"hot","Language":"en-US"}`, code: 100002, info: []string{"Language"}},
		{name: "a category that there is not", given: given, body: `{"CategoryId":"cold","Language":"en"}`, code: 100002, info: []string{"cold"}},
		{name: "no category", given: given, body: `{"Language":"en"}`, code: 100002, info: []string{"CategoryId"}},
	})
}

func TestDelGiftCategoryLanguage(t *testing.T) {
	given := []step{aCategory, {call: setGiftCategoryLanguage, body: `{"CategoryId":"hot","Language":"en","CategoryName":"n"}`}}
	is := func(name, desc string) []step {
		return []step{{call: getGiftCategoryLanguage, body: `{"CategoryId":"hot","Language":"en"}`, reply: categoryInLanguage(name, desc)}}
	}
	play(t, delGiftCategoryLanguage, []scenario{
		{name: "one that was set", given: given, body: `{"CategoryId":"hot","Language":"en"}`, then: is("Hot", "popular")},
		{name: "one that was not", given: given, body: `{"CategoryId":"hot","Language":"zh-Hans"}`, then: is("n", "")},
		{name: "of a category that there is not", given: given, body: `{"CategoryId":"cold","Language":"en"}`, then: is("n", "")},
		{name: "another language", given: given, body: `{"CategoryId":"hot","Language":"fr"}`, code: 100002, info: []string{"Language"}},
		{name: "no category", given: given, body: `{"Language":"en"}`, code: 100002, info: []string{"CategoryId"}},
	})
}
