package restapi_test

import (
	"fmt"
	"strings"
	"testing"
)

const (
	portraitSet = "profile/portrait_set"
	portraitGet = "profile/portrait_get"
)

func init() {
	good[portraitSet] = `{"From_Account":"shop_17","ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"Corner Shop"},
		{"Tag":"Tag_Profile_IM_Level","Value":7}]}`
	good[portraitGet] = `{"To_Account":["shop_17"],"TagList":["Tag_Profile_IM_Nick","Tag_Profile_IM_Image","Tag_Profile_IM_Level"]}`
	preparing[portraitGet] = []step{{call: portraitSet, body: good[portraitSet]}}
}

const displayed = `{"ErrorDisplay":""}`

// strict is an app that demands imports.
func strict(s *setup) { s.app.RequireImportedAccounts = true }

// writes is a call that sets items, each a tag without its prefix and a raw value.
func writes(user string, items ...string) string {
	return `{"From_Account":"` + user + `","ProfileItem":[` + itemsOf(items) + `]}`
}

func itemsOf(items []string) string {
	var all []string
	for i := 0; i < len(items); i += 2 {
		all = append(all, `{"Tag":"Tag_Profile_`+items[i]+`","Value":`+items[i+1]+`}`)
	}
	return strings.Join(all, ",")
}

// shows asks for everything that the app uses of one profile.
func shows(user string, items ...string) step {
	return step{
		call: portraitGet,
		body: `{"To_Account":["` + user + `"],"TagList":["Tag_Profile_IM_Nick","Tag_Profile_IM_Image","Tag_Profile_IM_Gender",
			"Tag_Profile_IM_BirthDay","Tag_Profile_IM_Location","Tag_Profile_IM_SelfSignature","Tag_Profile_IM_AllowType",
			"Tag_Profile_IM_Language","Tag_Profile_IM_AdminForbidType","Tag_Profile_IM_Level","Tag_Profile_IM_Role","Tag_Profile_Custom_Tier"]}`,
		reply: `{"UserProfileItem":[` + portrait(user, items...) + `],"ErrorDisplay":""}`,
	}
}

func portrait(user string, items ...string) string {
	return `{"To_Account":"` + user + `","ProfileItem":[` + itemsOf(items) + `],"ResultCode":0,"ResultInfo":""}`
}

func TestPortraitSet(t *testing.T) {
	text := func(n int) string { return `"` + strings.Repeat("x", n) + `"` }
	bad := func(name, tag, value string, code int) scenario {
		return scenario{
			name: name, body: writes("mia", "IM_Level", "3", tag, value), code: code, info: []string{"ProfileItem[1].Value"},
			then: []step{shows("mia"), is("NotImported", "mia")},
		}
	}
	twenty, letters := []string{}, "abcdefghijklmnopqrstuvwxyz"
	for i := range 20 {
		twenty = append(twenty, "Custom_"+letters[i:i+1], `"v"`)
	}
	play(t, portraitSet, []scenario{
		{
			name: "as the admin console sends it, for one whom nobody knew", body: writes("monitor_1", "IM_Nick", `"Watcher"`, "IM_Role", "1"), reply: displayed,
			then: []step{shows("monitor_1", "IM_Nick", `"Watcher"`, "IM_Role", "1"), is("Imported", "monitor_1")},
		},
		{
			name: "every standard tag and a custom one",
			body: writes("mia", "IM_Nick", `"Mia 🌟"`, "IM_Image", `"https://img.example.net/m.png"`, "IM_Gender", `"Gender_Type_Female"`,
				"IM_BirthDay", "20010203", "IM_Location", text(16), "IM_SelfSignature", text(500), "IM_AllowType", `"AllowType_Type_DenyAny"`,
				"IM_Language", "0", "IM_AdminForbidType", `"AdminForbid_Type_SendOut"`, "IM_Level", "4294967295", "IM_Role", "7", "Custom_Tier", text(500)),
			reply: displayed,
			then: []step{shows("mia", "IM_Nick", `"Mia 🌟"`, "IM_Image", `"https://img.example.net/m.png"`, "IM_Gender", `"Gender_Type_Female"`,
				"IM_BirthDay", "20010203", "IM_Location", text(16), "IM_SelfSignature", text(500), "IM_AllowType", `"AllowType_Type_DenyAny"`,
				"IM_Language", "0", "IM_AdminForbidType", `"AdminForbid_Type_SendOut"`, "IM_Level", "4294967295", "IM_Role", "7", "Custom_Tier", text(500))},
		},
		{
			name:  "what is not given stays, an empty text takes away",
			given: []step{{call: portraitSet, body: writes("mia", "IM_Nick", `"Mia"`, "IM_Image", `"i"`, "IM_Level", "3", "Custom_Tier", `"gold"`)}},
			body:  writes("mia", "IM_Image", `""`, "Custom_Tier", `""`, "IM_Gender", `""`), reply: displayed,
			then: []step{shows("mia", "IM_Nick", `"Mia"`, "IM_Level", "3")},
		},
		{
			name:  "what an import said is changed, and the other way round",
			given: []step{{call: accountImport, body: `{"UserID":"mia","Nick":"M","FaceUrl":"f"}`}},
			body:  writes("mia", "IM_Nick", `"Mia"`), reply: displayed,
			then: []step{shows("mia", "IM_Nick", `"Mia"`, "IM_Image", `"f"`), {call: accountImport, body: `{"UserID":"mia","Nick":"M"}`}, shows("mia", "IM_Nick", `"M"`, "IM_Image", `"f"`)},
		},
		{name: "20 custom fields", body: writes("mia", twenty...), reply: displayed},
		{name: "21 custom fields", body: writes("mia", append(twenty, "Custom_Tier", `"v"`)...), code: 40009, info: []string{"20"}, then: []step{shows("mia")}},
		{
			name: "the 21st custom field", given: []step{{call: portraitSet, body: writes("mia", twenty...)}},
			body: writes("mia", "Custom_Tier", `"v"`), code: 40009, then: []step{shows("mia")},
		},
		{
			name: "one custom field makes way for another", given: []step{{call: portraitSet, body: writes("mia", twenty...)}},
			body: writes("mia", "Custom_Tier", `"v"`, "Custom_a", `""`), reply: displayed, then: []step{shows("mia", "Custom_Tier", `"v"`)},
		},
		{name: "a custom field of 8 letters", body: writes("mia", "Custom_ABCDefgh", `"v"`), reply: displayed},
		{name: "a custom field of 9 letters", body: writes("mia", "Custom_ABCDefghi", `"v"`), code: 40009, info: []string{"ProfileItem[0].Tag"}},
		{name: "a custom field of none", body: writes("mia", "Custom_", `"v"`), code: 40009},
		{name: "a custom field with a digit", body: writes("mia", "Custom_Tier1", `"v"`), code: 40009},
		{name: "an unknown tag", body: writes("mia", "IM_Nick", `"Mia"`, "IM_Nickname", `"v"`), code: 40009, info: []string{"ProfileItem[1].Tag"}, then: []step{shows("mia")}},
		{name: "an empty tag", body: `{"From_Account":"mia","ProfileItem":[{"Tag":"","Value":"v"}]}`, code: 40001, info: []string{"ProfileItem[0].Tag"}},
		{name: "a tag without a value", body: `{"From_Account":"mia","ProfileItem":[{"Tag":"Tag_Profile_IM_Nick"}]}`, code: 40001, info: []string{"ProfileItem[0].Value"}},
		{name: "a tag twice", body: writes("mia", "IM_Nick", `"a"`, "IM_Nick", `"b"`), code: 40001, info: []string{"twice"}},
		bad("a text of 501 bytes", "IM_SelfSignature", text(501), 40601),
		bad("a name of 501 bytes", "IM_Nick", text(501), 40601),
		bad("a custom value of 501 bytes", "Custom_Tier", text(501), 40601),
		bad("a location of 17 bytes", "IM_Location", text(17), 40605),
		bad("a location of 501 bytes", "IM_Location", text(501), 40601),
		bad("a gender that is none", "IM_Gender", `"female"`, 40605),
		bad("a way to be befriended that is none", "IM_AllowType", `"AllowAny"`, 40605),
		bad("a ban that is none", "IM_AdminForbidType", `"None"`, 40605),
		bad("a number below zero", "IM_BirthDay", "-1", 40605),
		bad("a number past 32 bits", "IM_Language", "4294967296", 40605),
		bad("a fraction", "IM_Role", "1.5", 40605),
		bad("a text for a number", "IM_Role", `"1"`, 40610),
		bad("a number for a text", "IM_Nick", "7", 40610),
		bad("a number for a custom field", "Custom_Tier", "7", 40610),
		bad("a truth value", "IM_Nick", "true", 40610),
		bad("a list", "IM_Nick", `["a"]`, 40610),
		{name: "nothing to set", body: writes("mia"), code: 40001, info: []string{"ProfileItem"}},
		{name: "no list", body: `{"From_Account":"mia"}`, code: 40001, info: []string{"ProfileItem"}},
		{name: "nobody", body: `{"ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"n"}]}`, code: 40002, info: []string{"From_Account"}},
		{name: "an id of 33 bytes", body: writes(strings.Repeat("u", 33), "IM_Nick", `"n"`), code: 40001, info: []string{"From_Account"}},
		{name: "an id that is no string", body: `{"From_Account":7,"ProfileItem":[]}`, code: 60015, info: []string{"From_Account"}},
		{name: "never imported where that is demanded", with: []func(*setup){strict}, body: writes("mia", "IM_Nick", `"n"`), code: 40003, info: []string{"mia"}},
		{
			name: "imported where that is demanded", with: []func(*setup){strict}, given: []step{{call: accountImport, body: `{"UserID":"mia"}`}},
			body: writes("mia", "IM_Nick", `"n"`), reply: displayed, then: []step{shows("mia", "IM_Nick", `"n"`)},
		},
		{name: "an App admin needs no import", with: []func(*setup){strict}, body: writes(admin, "IM_Nick", `"n"`), reply: displayed},
	})
}

func TestPortraitGet(t *testing.T) {
	given := []step{{call: portraitSet, body: writes("mia", "IM_Nick", `"Mia"`, "IM_Level", "3", "Custom_Tier", `"gold"`)}}
	ask := func(users, tags string) string { return `{"To_Account":[` + users + `],"TagList":[` + tags + `]}` }
	nick, image := `"Tag_Profile_IM_Nick"`, `"Tag_Profile_IM_Image"`
	answers := func(items ...string) string {
		return `{"UserProfileItem":[` + strings.Join(items, ",") + `],"ErrorDisplay":""}`
	}
	hundred := list(100, func(int) string { return "mia" })
	manyTags := list(100, func(i int) string { return fmt.Sprintf("Tag_Profile_Custom_%c%c", 'a'+i/26, 'a'+i%26) })
	known := portrait("mia", "IM_Nick", `"Mia"`)
	play(t, portraitGet, []scenario{
		{
			name: "as the admin console asks: with repeats and strangers", given: given, body: ask(`"mia","ghost","mia"`, nick+","+image),
			reply: answers(known, portrait("ghost"), known), then: []step{is("NotImported", "ghost")},
		},
		{
			name: "in the order of the tags, each once", given: given, body: ask(`"mia"`, `"Tag_Profile_Custom_Tier","Tag_Profile_IM_Level",`+nick+`,"Tag_Profile_Custom_Tier"`),
			reply: answers(portrait("mia", "Custom_Tier", `"gold"`, "IM_Level", "3", "IM_Nick", `"Mia"`)),
		},
		{name: "tags that are not set are left out", given: given, body: ask(`"mia"`, image+`,"Tag_Profile_Custom_None"`), reply: answers(portrait("mia"))},
		{name: "100 accounts", given: given, body: `{"To_Account":` + hundred + `,"TagList":[` + nick + `]}`, reply: answers(strings.Split(strings.TrimSuffix(strings.Repeat(known+"\n", 100), "\n"), "\n")...)},
		{name: "101 accounts", body: `{"To_Account":["mia",` + hundred[1:] + `,"TagList":[` + nick + `]}`, code: 40001, info: []string{"To_Account", "100"}},
		{name: "100 tags", body: `{"To_Account":["mia"],"TagList":` + manyTags + `}`, reply: answers(portrait("mia"))},
		{name: "101 tags", body: `{"To_Account":["mia"],"TagList":[` + nick + `,` + manyTags[1:] + `}`, code: 40001, info: []string{"TagList", "100"}},
		{name: "no account", body: ask(``, nick), code: 40002, info: []string{"To_Account"}},
		{name: "no accounts", body: `{"TagList":[` + nick + `]}`, code: 40002, info: []string{"To_Account"}},
		{name: "no tag", body: ask(`"mia"`, ``), code: 40001, info: []string{"TagList"}},
		{name: "no tags", body: `{"To_Account":["mia"]}`, code: 40001, info: []string{"TagList"}},
		{name: "an unknown tag", body: ask(`"mia"`, nick+`,"Nick"`), code: 40009, info: []string{"TagList[1]"}},
		{name: "an id of 33 bytes", body: ask(`"`+strings.Repeat("u", 33)+`"`, nick), code: 40001, info: []string{"To_Account"}},
		{name: "an id that is no string", body: ask(`"mia",7`, nick), code: 60015, info: []string{"To_Account[1]"}},
		{
			name: "never imported where that is demanded", with: []func(*setup){strict}, given: []step{{call: accountImport, body: `{"UserID":"mia","Nick":"Mia"}`}},
			body: ask(`"ghost","mia","administrator"`, nick),
			reply: `{"UserProfileItem":[{"To_Account":"ghost","ResultCode":40003,"ResultInfo":"\"ghost\" was never imported"},` + known + `,` +
				portrait(admin) + `],"Fail_Account":["ghost"],"ErrorDisplay":""}`,
		},
	})
}
