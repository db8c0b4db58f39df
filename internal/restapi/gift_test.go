package restapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
)

const (
	copyDefaultGiftConfig = "live_engine_http_srv/copy_default_gift_config"
	addGift               = "live_engine_http_srv/add_gift"
	getGift               = "live_engine_http_srv/get_gift"
	editGift              = "live_engine_http_srv/edit_gift"
	delGift               = "live_engine_http_srv/del_gift"
	getGiftInfoList       = "live_engine_http_srv/get_gift_info_list"
	setGiftLanguage       = "live_engine_http_srv/set_gift_language"
	getGiftLanguage       = "live_engine_http_srv/get_gift_language"
	delGiftLanguage       = "live_engine_http_srv/del_gift_language"
)

func init() {
	const car = `{"GiftId":"car02","IconUrl":"https://cdn.example.org/car.png","ResourceUrl":"https://cdn.example.org/car.mp4",
		"Coins":520,"Level":3,"ExtensionInfo":"{\"tag\":\"new\"}","DefaultName":"Sports car","DefaultDesc":"a red one"}`
	const dearerRose = `{"GiftId":"rose01","IconUrl":"https://cdn.example.org/rose2.png",
		"ResourceUrl":"https://cdn.example.org/rose2.mp4","Coins":6,"Level":3,"ExtensionInfo":"{\"tag\":\"season\"}",
		"DefaultName":"Red rose","DefaultDesc":"one red rose"}`
	exemplary[addGift], exemplary[editGift] = car, dearerRose
	chinese := `{"GiftId":"rose01","Language":"zh-Hans"}`
	inChinese := step{call: setGiftLanguage, body: `{"GiftId":"rose01","Language":"zh-Hans","Name":"玫瑰","Desc":"一朵玫瑰"}`}
	for command, body := range map[string]string{
		copyDefaultGiftConfig: `{}`,
		addGift:               inBothForms(car),
		getGift:               `{"GiftId":"rose01"}`,
		editGift:              inBothForms(dearerRose),
		delGift:               `{"GiftId":"rose01"}`,
		getGiftInfoList:       `{"Language":"zh"}`,
		setGiftLanguage:       inChinese.body,
		getGiftLanguage:       chinese,
		delGiftLanguage:       chinese,
	} {
		good[command] = body
		if command != copyDefaultGiftConfig {
			preparing[command] = []step{aRose}
		}
		contractPerSecond[command] = 1
	}
	delete(contractPerSecond, getGiftInfoList)
	preparing[getGiftLanguage] = []step{aRose, inChinese}
	preparing[delGiftLanguage] = preparing[getGiftLanguage]
	preparing[getGiftInfoList] = []step{aRose, inChinese, aCategory, {call: addGiftCategoryRelations, body: relate("hot", `["rose01"]`)}}
}

// inBothForms adds the form of older consoles, with a gift that loses, to the body of a gift.
func inBothForms(gift string) string {
	return strings.TrimSuffix(gift, "}") + `,"Gift":{"GiftId":"car03","Name":"Old","Desc":"o","IconUrl":"i","ResourceUrl":"r",
		"Coins":8,"Level":2,"ExtensionInfo":"2"}}`
}

// rose is a gift with everything, in the fields of a request; roseInfo is the same in an answer.
const (
	rose = `"GiftId":"rose01","IconUrl":"https://cdn.example.org/r.png","ResourceUrl":"https://cdn.example.org/r.mp4",
		"Coins":5,"Level":2,"ExtensionInfo":"{\"tag\":\"new\"}","DefaultName":"Rose","DefaultDesc":"one rose"`
	roseInfo = `{` + rose + `}`
)

var aRose = step{call: addGift, body: `{` + rose + `}`}

// newGift is the body that adds a gift with little more than fields says.
func newGift(fields string) string {
	return `{"GiftId":"car02","Coins":100,"DefaultName":"Car"` + strings.TrimSuffix(","+fields, ",") + `}`
}

// hasGift is what the catalogue says of a gift, as a step of its own.
func hasGift(id, info string) step {
	return step{call: getGift, body: `{"GiftId":"` + id + `"}`, reply: `{"GiftInfo":` + info + `}`}
}

func hasNoGift(id string) step {
	return step{call: getGift, body: `{"GiftId":"` + id + `"}`, code: 102002}
}

// carInfo is what the catalogue has of newGift, with one field changed.
func carInfo(field, value string) string {
	info := map[string]string{
		"GiftId": `"car02"`, "IconUrl": `""`, "ResourceUrl": `""`, "Coins": "100", "Level": "0", "ExtensionInfo": `""`,
		"DefaultName": `"Car"`, "DefaultDesc": `""`,
	}
	if field != "" {
		info[field] = value
	}
	var members []string
	for name, v := range info {
		members = append(members, `"`+name+`":`+v)
	}
	return "{" + strings.Join(members, ",") + "}"
}

// quoted writes a text of n bytes as JSON.
func quoted(n int) string { return `"` + strings.Repeat("x", n) + `"` }

func TestAddGift(t *testing.T) {
	id := func(id string) string { return `{"GiftId":` + id + `,"Coins":1,"DefaultName":"n"}` }
	chinese := strings.Repeat("花", 6) + "ab" // 20 bytes
	play(t, addGift, []scenario{
		{name: "with everything", body: `{` + rose + `}`, then: []step{hasGift("rose01", roseInfo)}},
		{name: "with what is required", body: newGift(``), then: []step{hasGift("car02", carInfo("", ""))}},
		{
			name: "as a console writes it: all keys, empty ones too",
			body: `{"GiftId":"car02","DefaultName":"Car","DefaultDesc":"","IconUrl":"","Coins":0,"ResourceUrl":"","Level":0,"ExtensionInfo":""}`,
			then: []step{hasGift("car02", carInfo("Coins", "0"))},
		},
		{
			name: "as older consoles write it",
			body: `{"Gift":{"GiftId":"rose01","Name":"Rose","IconUrl":"https://cdn.example.org/r.png","Coins":5,
				"ResourceUrl":"https://cdn.example.org/r.mp4","Level":2,"Desc":"one rose","ExtensionInfo":"{\"tag\":\"new\"}"}}`,
			then: []step{hasGift("rose01", roseInfo)},
		},
		{
			name: "in both ways at once: what stands outside wins",
			body: `{` + rose + `,"Gift":{"GiftId":"x","Name":"x","IconUrl":"x","Coins":7,"ResourceUrl":"x","Level":7,"Desc":"x","ExtensionInfo":"7"}}`,
			then: []step{hasGift("rose01", roseInfo), hasNoGift("x")},
		},
		{
			name: "in both ways, each with a part", body: `{"GiftId":"car02","Coins":100,"Gift":{"Name":"Car","Coins":7}}`,
			then: []step{hasGift("car02", carInfo("", ""))},
		},
		{name: "an id of 20 bytes", body: id(quoted(20)), then: []step{{call: getGift, body: `{"GiftId":` + quoted(20) + `}`}}},
		{name: "an id of 21 bytes", body: id(quoted(21)), code: 100002, info: []string{"GiftId", "20"}},
		{name: "an empty id", body: id(`""`), code: 100002, info: []string{"GiftId"}},
		{name: "no id", body: `{"Coins":1,"DefaultName":"n"}`, code: 100002, info: []string{"GiftId"}},
		{name: "an id of 20 bytes in other letters than ASCII", body: id(`"` + chinese + `"`), then: []step{{call: getGift, body: `{"GiftId":"` + chinese + `"}`}}},
		{name: "an id of 7 letters and 21 bytes", body: id(`"` + strings.Repeat("花", 7) + `"`), code: 100002, info: []string{"GiftId", "20"}},
		{name: "an id with a control character", body: id(`"ro\u0000se"`), code: 100002, info: []string{"GiftId"}},
		{name: "an id with a line's end", body: id(`"rose\u0085"`), code: 100002, info: []string{"GiftId"}},
		{name: "an id with a line break", body: id(`"a\nb"`), code: 100002, info: []string{"GiftId"}},
		{name: "an id with a space", body: id(`"a b"`), then: []step{{call: getGift, body: `{"GiftId":"a b"}`}}},
		{name: "an id that there is", given: []step{aRose}, body: id(`"rose01"`), code: 100002, info: []string{"rose01", "exists", "edit_gift"}, then: []step{hasGift("rose01", roseInfo)}},
		{name: "an id in other letters' case is another", given: []step{aRose}, body: id(`"Rose01"`), then: []step{hasGift("rose01", roseInfo)}},
		{name: "a name of 20 bytes", body: `{"GiftId":"car02","Coins":100,"DefaultName":"` + chinese + `"}`, then: []step{hasGift("car02", carInfo("DefaultName", `"`+chinese+`"`))}},
		{name: "a name of 21 bytes", body: `{"GiftId":"car02","Coins":100,"DefaultName":"` + strings.Repeat("花", 7) + `"}`, code: 100002, info: []string{"DefaultName", "21", "20"}},
		{name: "an empty name", body: `{"GiftId":"car02","Coins":100,"DefaultName":""}`, code: 100002, info: []string{"DefaultName"}},
		{name: "no name", body: `{"GiftId":"car02","Coins":100}`, code: 100002, info: []string{"DefaultName"}},
		{name: "a description of 20 bytes", body: newGift(`"DefaultDesc":` + quoted(20)), then: []step{hasGift("car02", carInfo("DefaultDesc", quoted(20)))}},
		{name: "a description of 21 bytes", body: newGift(`"DefaultDesc":` + quoted(21)), code: 100002, info: []string{"DefaultDesc", "20"}},
		{name: "a picture's address of 200 bytes", body: newGift(`"IconUrl":` + quoted(200)), then: []step{hasGift("car02", carInfo("IconUrl", quoted(200)))}},
		{name: "a picture's address of 201 bytes", body: newGift(`"IconUrl":` + quoted(201)), code: 100002, info: []string{"IconUrl", "200"}},
		{name: "an animation's address of 200 bytes", body: newGift(`"ResourceUrl":` + quoted(200)), then: []step{hasGift("car02", carInfo("ResourceUrl", quoted(200)))}},
		{name: "an animation's address of 201 bytes", body: newGift(`"ResourceUrl":` + quoted(201)), code: 100002, info: []string{"ResourceUrl", "200"}},
		{name: "for nothing", body: `{"GiftId":"car02","Coins":0,"DefaultName":"Car"}`, then: []step{hasGift("car02", carInfo("Coins", "0"))}},
		{name: "for 2147483647", body: `{"GiftId":"car02","Coins":2147483647,"DefaultName":"Car"}`, then: []step{hasGift("car02", carInfo("Coins", "2147483647"))}},
		{name: "for 2147483648", body: `{"GiftId":"car02","Coins":2147483648,"DefaultName":"Car"}`, code: 100002, info: []string{"Coins", "2147483647"}},
		{name: "for less than nothing", body: `{"GiftId":"car02","Coins":-1,"DefaultName":"Car"}`, code: 100002, info: []string{"Coins"}},
		{name: "no price", body: `{"GiftId":"car02","DefaultName":"Car"}`, code: 100002, info: []string{"Coins", "missing"}},
		{name: "level 99", body: newGift(`"Level":99`), then: []step{hasGift("car02", carInfo("Level", "99"))}},
		{name: "level 100", body: newGift(`"Level":100`), code: 100002, info: []string{"Level", "99"}},
		{name: "level -1", body: newGift(`"Level":-1`), code: 100002, info: []string{"Level"}},
		{name: "100 bytes of the app's own", body: newGift(`"ExtensionInfo":"[` + strings.Repeat("1", 98) + `]"`), then: []step{hasGift("car02", carInfo("ExtensionInfo", `"[`+strings.Repeat("1", 98)+`]"`))}},
		{name: "101 bytes of the app's own", body: newGift(`"ExtensionInfo":"[` + strings.Repeat("1", 99) + `]"`), code: 100002, info: []string{"ExtensionInfo", "101", "100"}},
		{name: "nothing of the app's own", body: newGift(`"ExtensionInfo":""`), then: []step{hasGift("car02", carInfo("", ""))}},
		{name: "something that is no JSON", body: newGift(`"ExtensionInfo":"{tag:1}"`), code: 100002, info: []string{"ExtensionInfo", "JSON"}},
		{name: "two JSON values", body: newGift(`"ExtensionInfo":"{}{}"`), code: 100002, info: []string{"ExtensionInfo"}},
		{name: "a space", body: newGift(`"ExtensionInfo":" "`), code: 100002, info: []string{"ExtensionInfo"}},
	})
}

func TestAddGiftUpToTheServersLimit(t *testing.T) {
	d := everybodys.open(t, func(s *setup) { s.limits.MaxGifts = 2 })
	third := step{call: addGift, body: newGift(``), code: 100013}
	d.take([]step{aRose, {call: addGift, body: `{"GiftId":"b","Coins":1,"DefaultName":"n"}`}, third, hasNoGift("car02")})
	third.code = 0
	d.take([]step{{call: delGift, body: `{"GiftId":"b"}`}, third})
}

func TestGetGift(t *testing.T) {
	play(t, getGift, []scenario{
		{name: "a gift", given: []step{aRose}, body: `{"GiftId":"rose01"}`, reply: `{"GiftInfo":` + roseInfo + `}`},
		{name: "one that there is not", given: []step{aRose}, body: `{"GiftId":"rose02"}`, code: 102002, info: []string{"rose02"}},
		{name: "no id", body: `{}`, code: 100002, info: []string{"GiftId"}},
		{name: "an id of 21 bytes", body: `{"GiftId":` + quoted(21) + `}`, code: 100002, info: []string{"GiftId"}},
	})
}

func TestEditGift(t *testing.T) {
	info := func(old, new string) step { return hasGift("rose01", strings.Replace(roseInfo, old, new, 1)) }
	edit := func(fields string) string { return `{"GiftId":"rose01",` + fields + `}` }
	given := []step{aRose}
	play(t, editGift, []scenario{
		{name: "the name alone", given: given, body: edit(`"DefaultName":"Red rose"`), then: []step{info(`"Rose"`, `"Red rose"`)}},
		{name: "the description", given: given, body: edit(`"DefaultDesc":"two"`), then: []step{info(`"one rose"`, `"two"`)}},
		{name: "the price", given: given, body: edit(`"Coins":0`), then: []step{info(`"Coins":5`, `"Coins":0`)}},
		{name: "the level", given: given, body: edit(`"Level":0`), then: []step{info(`"Level":2`, `"Level":0`)}},
		{name: "the app's own part alone", given: given, body: edit(`"ExtensionInfo":"7"`), then: []step{info(`"{\"tag\":\"new\"}"`, `"7"`)}},
		{name: "empty texts clear", given: given, body: edit(`"ExtensionInfo":""`), then: []step{info(`"{\"tag\":\"new\"}"`, `""`)}},
		{name: "no description any more", given: given, body: edit(`"DefaultDesc":""`), then: []step{info(`"one rose"`, `""`)}},
		{name: "no picture any more", given: given, body: edit(`"IconUrl":""`), then: []step{info(`"https://cdn.example.org/r.png"`, `""`)}},
		{name: "no animation any more", given: given, body: edit(`"ResourceUrl":""`), then: []step{info(`"https://cdn.example.org/r.mp4"`, `""`)}},
		{name: "nothing at all", given: given, body: `{"GiftId":"rose01"}`, then: []step{hasGift("rose01", roseInfo)}},
		{name: "as older consoles write it", given: given, body: `{"Gift":{"GiftId":"rose01","Desc":"two"}}`, then: []step{info(`"one rose"`, `"two"`)}},
		{
			name: "texts in languages stay", given: []step{aRose, {call: setGiftLanguage, body: `{"GiftId":"rose01","Language":"en","Name":"A rose"}`}},
			body: edit(`"DefaultName":"Red rose"`),
			then: []step{{call: getGiftLanguage, body: `{"GiftId":"rose01","Language":"en"}`, reply: inLanguage("A rose", "")}},
		},
		{name: "the name cannot be cleared", given: given, body: edit(`"DefaultName":""`), code: 100002, info: []string{"DefaultName"}},
		{name: "a limit, and nothing else is done either", given: given, body: edit(`"DefaultName":"Red","Level":100`), code: 100002, info: []string{"Level"}},
		{name: "a price past its limit", given: given, body: edit(`"Coins":2147483648`), code: 100002, info: []string{"Coins"}},
		{name: "no JSON", given: given, body: edit(`"ExtensionInfo":"{"`), code: 100002, info: []string{"ExtensionInfo"}},
		{name: "one that there is not", given: given, body: `{"GiftId":"rose02","Level":1}`, code: 102002, info: []string{"rose02"}},
		{name: "no id", given: given, body: `{"Level":1}`, code: 100002, info: []string{"GiftId"}},
	})
}

func TestDelGift(t *testing.T) {
	play(t, delGift, []scenario{
		{name: "a gift", given: []step{aRose}, body: `{"GiftId":"rose01"}`, then: []step{hasNoGift("rose01")}},
		{name: "one that there is not", given: []step{aRose}, body: `{"GiftId":"rose02"}`, then: []step{hasGift("rose01", roseInfo)}},
		{
			name:  "its texts and its places in categories go with it",
			given: append(aCategoryWith(`["rose01"]`), step{call: setGiftLanguage, body: `{"GiftId":"rose01","Language":"en","Name":"A rose"}`}),
			body:  `{"GiftId":"rose01"}`,
			then: []step{
				{call: getGiftCategoryRelations, body: `{"CategoryId":"hot"}`, reply: `{"Relation":{"CategoryId":"hot","GiftIdList":[]}}`},
				aRose, {call: getGiftLanguage, body: `{"GiftId":"rose01","Language":"en"}`, reply: inLanguage("Rose", "one rose")},
				{call: getGiftCategoryRelations, body: `{"CategoryId":"hot"}`, reply: `{"Relation":{"CategoryId":"hot","GiftIdList":[]}}`},
			},
		},
		{name: "no id", body: `{}`, code: 100002, info: []string{"GiftId"}},
		{name: "an id of 21 bytes", body: `{"GiftId":` + quoted(21) + `}`, code: 100002, info: []string{"GiftId"}},
	})
}

// inLanguage is a gift's text in both its places.
func inLanguage(name, desc string) string {
	text := fmt.Sprintf(`{"Name":%q,"Desc":%q}`, name, desc)
	return `{"Language":` + text + `,"GiftInfo":` + text + `}`
}

func TestSetGiftLanguage(t *testing.T) {
	set := func(fields string) string { return `{"GiftId":"rose01","Language":"zh-Hans",` + fields + `}` }
	is := func(name, desc string) []step {
		return []step{{call: getGiftLanguage, body: `{"GiftId":"rose01","Language":"zh-Hans"}`, reply: inLanguage(name, desc)}}
	}
	given, again := []step{aRose}, []step{aRose, {call: setGiftLanguage, body: set(`"Name":"玫瑰","Desc":"一朵"`)}}
	play(t, setGiftLanguage, []scenario{
		{name: "the first time", given: given, body: set(`"Name":"玫瑰","Desc":"一朵"`), then: is("玫瑰", "一朵")},
		{name: "the first time without a description", given: given, body: set(`"Name":"玫瑰"`), then: is("玫瑰", "")},
		{name: "the first time without a name", given: given, body: set(`"Desc":"一朵"`), code: 100002, info: []string{"Name"}, then: is("Rose", "one rose")},
		{name: "later the name alone", given: again, body: set(`"Name":"花"`), then: is("花", "一朵")},
		{name: "later the description alone", given: again, body: set(`"Desc":"花"`), then: is("玫瑰", "花")},
		{name: "later nothing", given: again, body: `{"GiftId":"rose01","Language":"zh-Hans"}`, then: is("玫瑰", "一朵")},
		{name: "an empty description clears", given: again, body: set(`"Name":"玫瑰","Desc":""`), then: is("玫瑰", "")},
		{name: "an empty name does not", given: again, body: set(`"Name":""`), code: 100002, info: []string{"Name"}, then: is("玫瑰", "一朵")},
		{name: "a name of 20 bytes", given: given, body: set(`"Name":` + quoted(20)), then: is(strings.Repeat("x", 20), "")},
		{name: "a name of 21 bytes", given: given, body: set(`"Name":` + quoted(21)), code: 100002, info: []string{"Name", "20"}},
		{name: "a description of 20 bytes", given: given, body: set(`"Name":"n","Desc":` + quoted(20)), then: is("n", strings.Repeat("x", 20))},
		{name: "a description of 21 bytes", given: given, body: set(`"Name":"n","Desc":` + quoted(21)), code: 100002, info: []string{"Desc", "20"}},
		{name: "English", given: given, body: `{"GiftId":"rose01","Language":"en","Name":"n"}`, then: is("Rose", "one rose")},
		{name: "traditional Chinese", given: given, body: `{"GiftId":"rose01","Language":"zh-Hant","Name":"n"}`, then: is("Rose", "one rose")},
		{name: "another language", given: given, body: `{"GiftId":"rose01","Language":"fr","Name":"n"}`, code: 100002, info: []string{"Language", "zh-Hans"}},
		{name: "a language as the SDK writes it", given: given, body: `{"GiftId":"rose01","Language":"zh-CN","Name":"n"}`, code: 100002, info: []string{"Language"}},
		{name: "no language", given: given, body: `{"GiftId":"rose01","Name":"n"}`, code: 100002, info: []string{"Language"}},
		{name: "a gift that there is not", body: set(`"Name":"n"`), code: 102002, info: []string{"rose01"}},
		{name: "no gift", body: `{"Language":"en","Name":"n"}`, code: 100002, info: []string{"GiftId"}},
	})
}

func TestGetGiftLanguage(t *testing.T) {
	given := []step{aRose, {call: setGiftLanguage, body: `{"GiftId":"rose01","Language":"zh-Hant","Name":"玫瑰"}`}}
	play(t, getGiftLanguage, []scenario{
		{name: "one that was set", given: given, body: `{"GiftId":"rose01","Language":"zh-Hant"}`, reply: inLanguage("玫瑰", "")},
		{name: "one that was not: the default", given: given, body: `{"GiftId":"rose01","Language":"zh-Hans"}`, reply: inLanguage("Rose", "one rose")},
		{name: "another language", given: given, body: `{"GiftId":"rose01","Language":"zh"}`, code: 100002, info: []string{"Language"}},
		{name: "no language", given: given, body: `{"GiftId":"rose01"}`, code: 100002, info: []string{"Language"}},
		{name: "a gift that there is not", given: given, body: `{"GiftId":"x","Language":"en"}`, code: 102002, info: []string{`"x"`}},
		{name: "no gift", given: given, body: `{"Language":"en"}`, code: 100002, info: []string{"GiftId"}},
	})
}

func TestDelGiftLanguage(t *testing.T) {
	given := []step{aRose, {call: setGiftLanguage, body: `{"GiftId":"rose01","Language":"en","Name":"A rose"}`}}
	is := func(name, desc string) []step {
		return []step{{call: getGiftLanguage, body: `{"GiftId":"rose01","Language":"en"}`, reply: inLanguage(name, desc)}}
	}
	play(t, delGiftLanguage, []scenario{
		{name: "one that was set", given: given, body: `{"GiftId":"rose01","Language":"en"}`, then: is("Rose", "one rose")},
		{name: "one that was not", given: given, body: `{"GiftId":"rose01","Language":"zh-Hans"}`, then: is("A rose", "")},
		{name: "of a gift that there is not", given: given, body: `{"GiftId":"x","Language":"en"}`, then: is("A rose", "")},
		{name: "another language", given: given, body: `{"GiftId":"rose01","Language":"EN"}`, code: 100002, info: []string{"Language"}},
		{name: "no language", given: given, body: `{"GiftId":"rose01"}`, code: 100002, info: []string{"Language"}},
		{name: "no gift", given: given, body: `{"Language":"en"}`, code: 100002, info: []string{"GiftId"}},
	})
}

func TestGetGiftInfoList(t *testing.T) {
	whole := `{"TotalCount":2,"GiftList":[
		{"GiftId":"car02","Name":"Car","Desc":"","IconUrl":"","ResourceUrl":"","Coins":100,"Level":0,"ExtensionInfo":"","CreateTime":1765001300,"LanguageList":[]},
		{"GiftId":"rose01","Name":"Rose","Desc":"one rose","IconUrl":"https://cdn.example.org/r.png","ResourceUrl":"https://cdn.example.org/r.mp4",
			"Coins":5,"Level":2,"ExtensionInfo":"{\"tag\":\"new\"}","CreateTime":1765001300,
			"LanguageList":[{"Language":"en","Name":"A rose","Desc":""},{"Language":"zh-Hans","Name":"玫瑰","Desc":"一朵"}]}],
		"CategoryList":[
		{"CategoryId":"hot","CategoryName":"Hot","CategoryDesc":"popular","ExtensionInfo":"{\"k\":1}","GiftIdList":["rose01","car02"],
			"LanguageList":[{"Language":"zh-Hant","CategoryName":"熱","CategoryDesc":"d"}]},
		{"CategoryId":"cold","CategoryName":"Cold","CategoryDesc":"","ExtensionInfo":"","GiftIdList":[],"LanguageList":[]}]}`
	given := []step{
		aRose, {call: addGift, body: newGift(``)}, aCategory, {call: addGiftCategory, body: `{"CategoryId":"cold","DefaultName":"Cold"}`},
		{call: addGiftCategoryRelations, body: relate("hot", `["rose01"]`)}, {call: addGiftCategoryRelations, body: relate("hot", `["car02"]`)},
		{call: setGiftLanguage, body: `{"GiftId":"rose01","Language":"zh-Hans","Name":"玫瑰","Desc":"一朵"}`},
		{call: setGiftLanguage, body: `{"GiftId":"rose01","Language":"en","Name":"A rose"}`},
		{call: setGiftCategoryLanguage, body: `{"CategoryId":"hot","Language":"zh-Hant","CategoryName":"熱","CategoryDesc":"d"}`},
	}
	edited := append(given[:len(given):len(given)], step{call: editGift, body: `{"GiftId":"rose01"}`}, step{call: editGiftCategory, body: `{"CategoryId":"hot"}`})
	play(t, getGiftInfoList, []scenario{
		{name: "an app without gifts", body: `{}`, reply: `{"TotalCount":0,"GiftList":[],"CategoryList":[]}`},
		{name: "the newest gifts and the oldest categories first", given: given, body: `{}`, reply: whole},
		{name: "editing does not change the order", given: edited, body: `{}`, reply: whole},
		{name: "a language that older consoles name", given: given, body: `{"Language":"zh"}`, reply: whole},
		{name: "a language that there is", given: given, body: `{"Language":"en"}`, reply: whole},
	})
}

func TestGiftsTellWhenTheyWereAdded(t *testing.T) {
	d := everybodys.open(t)
	d.take([]step{aRose})
	d.ahead.Store(int64(time.Hour))
	d.take([]step{{call: addGift, body: newGift(``)}, {call: editGift, body: `{"GiftId":"rose01","Level":1}`}})
	var list struct {
		Response struct {
			GiftList []struct {
				GiftID     string `json:"GiftId"`
				CreateTime int64
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(d.call(getGiftInfoList, `{}`).Payload), &list))
	require.Equal(t, "car02", list.Response.GiftList[0].GiftID)
	require.EqualValues(t, 1765004900, list.Response.GiftList[0].CreateTime)
	require.EqualValues(t, 1765001300, list.Response.GiftList[1].CreateTime)
}

func TestCopyDefaultGiftConfig(t *testing.T) {
	small := func(gifts, categories int) []func(*setup) {
		return []func(*setup){func(s *setup) { s.limits.MaxGifts, s.limits.MaxGiftCategories = gifts, categories }}
	}
	play(t, copyDefaultGiftConfig, []scenario{
		{
			name: "an app without gifts", body: `{}`,
			then: []step{{call: getGiftCategoryRelations, body: `{"CategoryId":"hello"}`,
				reply: `{"Relation":{"CategoryId":"hello","GiftIdList":["wave","tea","clap","cookie","kite"]}}`}},
		},
		{name: "an app with a gift", given: []step{aRose}, body: `{}`, code: 102010, info: []string{"1 gifts"}},
		{name: "an app with a category", given: []step{aCategory}, body: `{}`, code: 102010, info: []string{"1 gift categories"}},
		{name: "twice", given: []step{{call: copyDefaultGiftConfig, body: `{}`}}, body: `{}`, code: 102010, info: []string{"15", "3"}},
		{name: "an app whose gifts were deleted", given: []step{aRose, {call: delGift, body: `{"GiftId":"rose01"}`}}, body: `{}`},
		{name: "a server that allows just as many", with: small(15, 3), body: `{}`},
		{name: "a server that allows fewer gifts", with: small(14, 3), body: `{}`, code: 100013, info: []string{"15"}},
		{name: "a server that allows fewer categories", with: small(15, 2), body: `{}`, code: 100013, info: []string{"3"}},
	})
}

// TestTheDefaultGiftsKeepTheRules puts each of them in again by the commands that judge them.
func TestTheDefaultGiftsKeepTheRules(t *testing.T) {
	d, again := everybodys.open(t), everybodys.open(t)
	d.take([]step{{call: copyDefaultGiftConfig, body: `{}`}})
	var list struct {
		Response struct {
			TotalCount int
			GiftList   []struct {
				GiftID       string `json:"GiftId"`
				Name         string
				Coins, Level int
				LanguageList []struct{ Language, Name, Desc string }
			}
			CategoryList []struct {
				CategoryID   string `json:"CategoryId"`
				CategoryName string
				GiftIDList   []string `json:"GiftIdList"`
				LanguageList []struct{ Language, CategoryName, CategoryDesc string }
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(d.call(getGiftInfoList, `{}`).Payload), &list))
	require.Equal(t, 15, list.Response.TotalCount)
	require.Len(t, list.Response.CategoryList, 3)
	related := 0
	for _, c := range list.Response.CategoryList {
		require.Len(t, c.LanguageList, 3)
		related += len(c.GiftIDList)
		again.take([]step{{call: addGiftCategory, body: fmt.Sprintf(`{"CategoryId":%q,"DefaultName":%q}`, c.CategoryID, c.CategoryName)}})
		for _, l := range c.LanguageList {
			again.take([]step{{call: setGiftCategoryLanguage,
				body: fmt.Sprintf(`{"CategoryId":%q,"Language":%q,"CategoryName":%q}`, c.CategoryID, l.Language, l.CategoryName)}})
		}
	}
	require.Equal(t, 15, related)
	for _, g := range list.Response.GiftList {
		require.Len(t, g.LanguageList, 3)
		require.Positive(t, g.Coins)
		again.take([]step{{call: addGift, body: fmt.Sprintf(`{"GiftId":%q,"DefaultName":%q,"Coins":%d,"Level":%d}`, g.GiftID, g.Name, g.Coins, g.Level)}})
		for _, l := range g.LanguageList {
			again.take([]step{{call: setGiftLanguage, body: fmt.Sprintf(`{"GiftId":%q,"Language":%q,"Name":%q}`, g.GiftID, l.Language, l.Name)}})
		}
	}
}

func TestAppsHaveTheirOwnGifts(t *testing.T) {
	one, other := everybodys.open(t), everybodys.open(t)
	one.take(aCategoryWith(`["rose01"]`))
	other.take([]step{hasNoGift("rose01"), {call: getGiftInfoList, body: `{}`, reply: `{"TotalCount":0,"GiftList":[],"CategoryList":[]}`}})
	other.take([]step{aRose, aCategory, {call: delGift, body: `{"GiftId":"rose01"}`}, {call: delGiftCategory, body: `{"CategoryId":"hot"}`}})
	one.take([]step{hasGift("rose01", roseInfo), hasRelations(`["rose01"]`)})
}
