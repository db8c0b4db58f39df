package restapi_test

import (
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

const (
	sendTextMsg   = "live_engine_http_srv/send_text_msg"
	sendCustomMsg = "live_engine_http_srv/send_custom_msg"
	sendGroupMsg  = "group_open_http_svc/send_group_msg"
)

func init() {
	good[sendTextMsg] = `{"RoomId":"live_9001","Sender_Account":"lin","TextContent":"good evening","ExtensionInfo":"{\"level\":4}","Random":7}`
	good[sendCustomMsg] = `{"RoomId":"live_9001","Sender_Account":"lin","BusinessId":"pin_card","Data":"{\"sku\":\"A-17\"}","Random":7}`
	good[sendGroupMsg] = `{"GroupId":"live_9001","Random":7,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hello all"},"CloudCustomData":"{\"lang\":\"en\"}"}],
		"From_Account":"lin","MsgPriority":"High","CloudCustomData":"{\"level\":4}","SupportMessageExtension":1,"OfflinePushInfo":{"PushFlag":0},
		"SendMsgControl":["NoMsgCheck"],"ForbidCallbackControl":["ForbidBeforeSendMsgCallback"],"OnlineOnlyFlag":1}`
	hugeList[sendGroupMsg] = []int{80002}
}

// The time of every message is 1765001300; a message is known by its sender and its Random.
func msgID(from string, random int) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(from))
	return fmt.Sprintf("%018d-1765001300-%d", h.Sum64()%1_000_000_000_000_000_000, random)
}

// mayISend is the question about a message with Random 7, body and cloud being JSON.
func mayISend(from, body, cloud string) string {
	return fmt.Sprintf(`{"CallbackCommand":"Group.CallbackBeforeSendMsg","GroupId":"live_9001","Type":"Live","From_Account":%q,
		"Operator_Account":"administrator","Random":7,"MsgId":%q,"MsgBody":[%s],"CloudCustomData":%s,"EventTime":1765001300444}`,
		from, msgID(from, 7), body, cloud)
}

// wasSent is the webhook of its delivery.
func wasSent(from string, seq int, body, cloud string) string {
	return fmt.Sprintf(`{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"live_9001","Type":"Live","From_Account":%q,
		"Operator_Account":"administrator","Random":7,"MsgId":%q,"MsgSeq":%d,"MsgTime":1765001300,"MsgBody":[%s],
		"CloudCustomData":%s,"EventTime":1765001300444}`, from, msgID(from, 7), seq, body, cloud)
}

// textElem is a text as a message's element.
func textElem(text string) string {
	return `{"MsgType":"TIMTextElem","MsgContent":{"Text":"` + text + `"}}`
}

// groupMsg is a body of send_group_msg; more are further fields.
func groupMsg(elements, more string) string {
	return `{"GroupId":"live_9001","Random":7,"From_Account":"lin","MsgBody":[` + elements + `]` + more + `}`
}

// delivered is the reply to a message that was.
func delivered(seq int) string { return fmt.Sprintf(`{"MsgTime":1765001300,"MsgSeq":%d}`, seq) }

// answering opens a door whose app server answers questions like that.
func answering(answer webhook.Answer) []func(*setup) {
	return []func(*setup){func(s *setup) {
		s.answers = func(webhook.Event) (webhook.Answer, error) { return answer, nil }
	}}
}

// silent is an app server that gives no valid answer.
func silent(s *setup) {
	s.answers = func(webhook.Event) (webhook.Answer, error) { return webhook.Answer{}, errors.New("no answer") }
}

// demanding refuses messages that were not answered.
func demanding(s *setup) { s.app.RefuseUnanswered = true }

func importedOnly(s *setup) { s.app.RequireImportedAccounts = true }

// elem makes an element of an answer.
func elem(msgType, content string) webhook.MsgElement {
	return webhook.MsgElement{MsgType: msgType, MsgContent: []byte(content)}
}

func TestSendTextMsg(t *testing.T) {
	const hello = `{"RoomId":"live_9001","Sender_Account":"lin","TextContent":"good evening","Random":7`
	text := textElem("good evening")
	play(t, sendTextMsg, []scenario{
		{
			name: "a text", given: []step{aRoom}, body: hello + `}`, reply: delivered(1),
			asks: []string{mayISend("lin", text, `""`)}, fires: []string{wasSent("lin", 1, text, `""`)},
		},
		{
			name: "with more information", given: []step{aRoom}, body: hello + `,"ExtensionInfo":"{\"lv\":4}"}`, reply: delivered(1),
			asks: []string{mayISend("lin", text, `"{\"lv\":4}"`)}, fires: []string{wasSent("lin", 1, text, `"{\"lv\":4}"`)},
		},
		{
			name: "texts are numbered", given: []step{aRoom, {call: sendTextMsg, body: `{"RoomId":"live_9001","Sender_Account":"oskar","TextContent":"hi"}`, reply: delivered(1)}},
			body: hello + `}`, reply: delivered(2), asks: []string{mayISend("lin", text, `""`)}, fires: []string{wasSent("lin", 2, text, `""`)},
		},
		{
			name: "the same Random again", given: []step{aRoom, {call: sendTextMsg, body: hello + `}`}, {call: sendTextMsg, body: hello + `,"Random":8}`, code: 60003},
				{call: sendTextMsg, body: strings.Replace(hello, ":7", ":8", 1) + `}`, reply: delivered(2)}},
			body: hello + `}`, reply: delivered(1),
		},
		{
			name: "of letters that JSON writes otherwise", given: []step{aRoom}, body: `{"RoomId":"live_9001","Sender_Account":"lin","TextContent":"\u003cb\u003e \"é\"\n","Random":7}`,
			reply: delivered(1), asks: []string{mayISend("lin", textElem(`<b> \"é\"\n`), `""`)}, fires: []string{wasSent("lin", 1, textElem(`<b> \"é\"\n`), `""`)},
		},
		{name: "no text", given: []step{aRoom}, body: `{"RoomId":"live_9001","Sender_Account":"lin"}`, code: 100002, info: []string{"TextContent"}},
		{name: "an empty text", given: []step{aRoom}, body: `{"RoomId":"live_9001","Sender_Account":"lin","TextContent":""}`, code: 100002, info: []string{"TextContent"}},
		{name: "no sender", given: []step{aRoom}, body: `{"RoomId":"live_9001","TextContent":"hi"}`, code: 100002, info: []string{"Sender_Account"}},
		{name: "a sender that cannot be", given: []step{aRoom}, body: `{"RoomId":"live_9001","Sender_Account":"` + strings.Repeat("u", 33) + `","TextContent":"hi"}`, code: 100002, info: []string{"Sender_Account"}},
		{name: "no room", given: []step{aRoom}, body: `{"Sender_Account":"lin","TextContent":"hi"}`, code: 100002, info: []string{"RoomId"}},
		{name: "a room that never was", body: hello + `}`, code: 100004, info: []string{"live_9001"}},
		{name: "a negative Random", given: []step{aRoom}, body: strings.Replace(hello, ":7", ":-1", 1) + `}`, code: 100002, info: []string{"Random"}},
		{name: "a Random of 33 bits", given: []step{aRoom}, body: strings.Replace(hello, ":7", ":4294967296", 1) + `}`, code: 100002, info: []string{"Random"}},
		{name: "an account that was never imported", with: []func(*setup){importedOnly}, given: []step{{call: accountImport, body: `{"UserID":"host_7"}`}, aRoom},
			body: hello + `}`, code: 100002, info: []string{"lin", "imported"}},
		{name: "refused", with: answering(webhook.Answer{ErrorCode: 1, ErrorInfo: "not today"}), given: []step{aRoom}, body: hello + `}`,
			asks: []string{mayISend("lin", text, `""`)}, code: 10016, info: []string{"not today"}},
		{name: "not answered, where that matters", with: []func(*setup){silent, demanding}, given: []step{aRoom}, body: hello + `}`,
			asks: []string{mayISend("lin", text, `""`)}, code: 80003},
	})
}

// TestSendTextMsgLimits: 12,288 bytes of packed message, of which 55 are not the text's.
func TestSendTextMsgLimits(t *testing.T) {
	send := func(text, more string) string {
		return `{"RoomId":"live_9001","Sender_Account":"lin","TextContent":"` + text + `","Random":7` + more + `}`
	}
	most := strings.Repeat("x", 12288-len("["+textElem("")+"]"))
	play(t, sendTextMsg, []scenario{
		{name: "the longest", given: []step{aRoom}, body: send(most, ""), reply: delivered(1),
			asks: []string{mayISend("lin", textElem(most), `""`)}, fires: []string{wasSent("lin", 1, textElem(most), `""`)}},
		{name: "one byte more", given: []step{aRoom}, body: send(most+"x", ""), code: 80002, info: []string{"12289", "12288"}},
		{name: "as long, but longer as JSON", given: []step{aRoom}, body: send(most[1:]+`\"`, ""), code: 80002},
		{name: "12,288 bytes of extension", given: []step{aRoom}, body: send("x", `,"ExtensionInfo":"`+strings.Repeat("e", 12288)+`"`), reply: delivered(1),
			asks:  []string{mayISend("lin", textElem("x"), `"`+strings.Repeat("e", 12288)+`"`)},
			fires: []string{wasSent("lin", 1, textElem("x"), `"`+strings.Repeat("e", 12288)+`"`)}},
		{name: "12,289 bytes of extension", given: []step{aRoom}, body: send("x", `,"ExtensionInfo":"`+strings.Repeat("e", 12289)+`"`), code: 80002},
		{name: "the greatest Random", given: []step{aRoom, {call: sendTextMsg, body: strings.Replace(send("x", ""), ":7", ":4294967295", 1), reply: delivered(1)}},
			body: send("y", ""), reply: delivered(2), asks: []string{mayISend("lin", textElem("y"), `""`)}, fires: []string{wasSent("lin", 2, textElem("y"), `""`)}},
	})
}

func TestSendCustomMsg(t *testing.T) {
	const pin = `{"RoomId":"live_9001","BusinessId":"pin_card","Data":"{\"sku\":\"A-17\"}","Random":7`
	packed := `{"MsgType":"TIMCustomElem","MsgContent":{"Data":"{\"BusinessId\":\"pin_card\",\"Data\":\"{\\\"sku\\\":\\\"A-17\\\"}\"}"}}`
	empty := `{"MsgType":"TIMCustomElem","MsgContent":{"Data":"{\"BusinessId\":\"bye\",\"Data\":\"\"}"}}`
	longest := strings.Repeat("x", 12288-len(`[`+strings.Replace(empty, "bye", "b", 1)+`]`))
	filled := strings.Replace(strings.Replace(empty, "bye", "b", 1), `\"Data\":\"`, `\"Data\":\"`+longest, 1)
	play(t, sendCustomMsg, []scenario{
		{name: "from the caller", given: []step{aRoom}, body: pin + `}`, reply: delivered(1),
			asks: []string{mayISend("administrator", packed, `""`)}, fires: []string{wasSent("administrator", 1, packed, `""`)}},
		{name: "from somebody", given: []step{aRoom}, body: pin + `,"Sender_Account":"lin"}`, reply: delivered(1),
			asks: []string{mayISend("lin", packed, `""`)}, fires: []string{wasSent("lin", 1, packed, `""`)}},
		{name: "refused by the app server", with: answering(webhook.Answer{ErrorCode: 1, ErrorInfo: "no pins"}), given: []step{aRoom},
			body: pin + `}`, asks: []string{mayISend("administrator", packed, `""`)}, code: 10016, info: []string{"no pins"}},
		{name: "with no data", given: []step{aRoom}, body: `{"RoomId":"live_9001","BusinessId":"bye","Data":"","Random":7}`, reply: delivered(1),
			asks: []string{mayISend("administrator", empty, `""`)}, fires: []string{wasSent("administrator", 1, empty, `""`)}},
		{name: "the longest", given: []step{aRoom}, body: `{"RoomId":"live_9001","BusinessId":"b","Data":"` + longest + `","Random":7}`, reply: delivered(1),
			asks: []string{mayISend("administrator", filled, `""`)}, fires: []string{wasSent("administrator", 1, filled, `""`)}},
		{name: "one byte more", given: []step{aRoom}, body: `{"RoomId":"live_9001","BusinessId":"b","Data":"` + longest + `x"}`, code: 80002},
		{name: "no kind", given: []step{aRoom}, body: `{"RoomId":"live_9001","Data":"x"}`, code: 100002, info: []string{"BusinessId"}},
		{name: "an empty kind", given: []step{aRoom}, body: `{"RoomId":"live_9001","BusinessId":"","Data":"x"}`, code: 100002, info: []string{"BusinessId"}},
		{name: "data missing", given: []step{aRoom}, body: `{"RoomId":"live_9001","BusinessId":"b"}`, code: 100002, info: []string{"Data"}},
		{name: "a sender that cannot be", given: []step{aRoom}, body: pin + `,"Sender_Account":"josé"}`, code: 100002, info: []string{"Sender_Account"}},
		{name: "a Random that cannot be", given: []step{aRoom}, body: `{"RoomId":"live_9001","BusinessId":"b","Data":"","Random":-7}`, code: 100002, info: []string{"Random"}},
		{name: "a room that never was", body: pin + `}`, code: 100004},
		{name: "no room", body: `{"BusinessId":"b","Data":"x"}`, code: 100002, info: []string{"RoomId"}},
		{name: "refused", with: answering(webhook.Answer{ErrorCode: 10123, ErrorInfo: "no cards"}), given: []step{aRoom}, body: pin + `}`,
			asks: []string{mayISend("administrator", packed, `""`)}, code: 10123, info: []string{"no cards"}},
		{name: "not answered, where that matters", with: []func(*setup){silent, demanding}, given: []step{aRoom}, body: pin + `}`,
			asks: []string{mayISend("administrator", packed, `""`)}, code: 80003},
	})
}

func TestSendGroupMsg(t *testing.T) {
	hello := textElem("hello")
	card := `{"MsgType":"TIMCustomElem","MsgContent":{"Data":"d","Desc":"e","Ext":"x","Sound":"s","New":[1]}}`
	face := `{"MsgType":"TIMFaceElem","MsgContent":{"Index":-3,"Data":"smile"}}`
	place := `{"MsgType":"TIMLocationElem","MsgContent":{"Latitude":29.340656774469956,"Desc":"x"}}`
	sends := func(name, elements string) scenario {
		return scenario{name: name, given: []step{aRoom}, body: groupMsg(elements, ""), reply: delivered(1),
			asks: []string{mayISend("lin", elements, `""`)}, fires: []string{wasSent("lin", 1, elements, `""`)}}
	}
	refuses := func(name, body string, code int, info ...string) scenario {
		return scenario{name: name, given: []step{aRoom}, body: body, code: code, info: info}
	}
	bad := func(name, element, info string) scenario {
		return refuses(name, groupMsg(hello+","+element, ""), 10004, "MsgBody[1]", info)
	}
	play(t, sendGroupMsg, []scenario{
		sends("a text", hello),
		sends("a text, a custom element, a face and a kind that is not known", strings.Join([]string{hello, card, face, place}, ",")),
		sends("elements with data of their own", `{"MsgType":"TIMTextElem","MsgContent":{"Text":"a"},"CloudCustomData":"{\"n\":1}"},`+textElem("b")),
		sends("an empty custom element", `{"MsgType":"TIMCustomElem","MsgContent":{}}`),
		{
			name: "from the caller", given: []step{aRoom}, body: `{"GroupId":"live_9001","Random":7,"MsgBody":[` + hello + `]}`, reply: delivered(1),
			asks: []string{mayISend("administrator", hello, `""`)}, fires: []string{wasSent("administrator", 1, hello, `""`)},
		},
		{
			name: "with white space, which is not passed on", given: []step{aRoom}, reply: delivered(1),
			body:  groupMsg(`{"MsgType":"TIMTextElem","MsgContent":{ "Text" : "hello" , "n" : [ 1.50 , null ] }}`, ""),
			asks:  []string{mayISend("lin", `{"MsgType":"TIMTextElem","MsgContent":{"Text":"hello","n":[1.50,null]}}`, `""`)},
			fires: []string{wasSent("lin", 1, `{"MsgType":"TIMTextElem","MsgContent":{"Text":"hello","n":[1.50,null]}}`, `""`)},
		},
		{
			name: "with everything that has no effect", given: []step{aRoom}, reply: delivered(1),
			body: groupMsg(hello, `,"MsgPriority":"Lowest","CloudCustomData":"c","SupportMessageExtension":1,"OnlineOnlyFlag":1,
				"OfflinePushInfo":{"PushFlag":1,"ApnsInfo":{}},"SendMsgControl":["NoUnread","NoMsgCheck"],"TopicId":"t"`),
			asks: []string{mayISend("lin", hello, `"c"`)}, fires: []string{wasSent("lin", 1, hello, `"c"`)},
		},
		{
			name: "an approved message, of which the app server is not asked again", given: []step{aRoom}, reply: delivered(1),
			body:  groupMsg(hello, `,"SendMsgControl":["NoMsgCheck"],"ForbidCallbackControl":["ForbidBeforeSendMsgCallback"]`),
			fires: []string{wasSent("lin", 1, hello, `""`)},
		},
		{
			name: "not told of", given: []step{aRoom}, body: groupMsg(hello, `,"ForbidCallbackControl":["ForbidAfterSendMsgCallback"]`),
			reply: delivered(1), asks: []string{mayISend("lin", hello, `""`)},
		},
		{
			name: "neither asked nor told of", given: []step{aRoom}, reply: delivered(1),
			body: groupMsg(hello, `,"ForbidCallbackControl":["ForbidAfterSendMsgCallback","ForbidBeforeSendMsgCallback"]`),
		},
		{
			name: "the same again", given: []step{aRoom, {call: sendGroupMsg, body: groupMsg(hello, "")}}, body: groupMsg(textElem("changed"), ""), reply: delivered(1),
			then: []step{{call: sendTextMsg, body: `{"RoomId":"live_9001","Sender_Account":"lin","TextContent":"x"}`, reply: delivered(2)}},
		},
		{
			name: "the same Random of somebody else", given: []step{aRoom, {call: sendGroupMsg, body: strings.Replace(groupMsg(hello, ""), "lin", "oskar", 1)}},
			body: groupMsg(hello, ""), reply: delivered(2), asks: []string{mayISend("lin", hello, `""`)}, fires: []string{wasSent("lin", 2, hello, `""`)},
		},

		refuses("no room", `{"Random":7,"MsgBody":[`+hello+`]}`, 10004, "GroupId"),
		refuses("a room that cannot be", `{"GroupId":"`+strings.Repeat("r", 49)+`","Random":7,"MsgBody":[`+hello+`]}`, 10004, "GroupId"),
		refuses("a room that never was", strings.Replace(groupMsg(hello, ""), "live_9001", "live_1", 1), 10010, "live_1"),
		refuses("no Random", `{"GroupId":"live_9001","MsgBody":[`+hello+`]}`, 10004, "Random"),
		refuses("a Random that cannot be", strings.Replace(groupMsg(hello, ""), ":7", ":4294967296", 1), 10004, "Random"),
		refuses("a sender that cannot be", strings.Replace(groupMsg(hello, ""), "lin", "li\\u00ed", 1), 10004, "From_Account"),
		refuses("no body", `{"GroupId":"live_9001","Random":7}`, 10004, "MsgBody"),
		refuses("an empty body", groupMsg("", ""), 10004, "MsgBody"),
		refuses("a priority that is none", groupMsg(hello, `,"MsgPriority":"normal"`), 10004, "MsgPriority"),
		refuses("a prohibition that is none", groupMsg(hello, `,"ForbidCallbackControl":["ForbidCallback"]`), 10004, "ForbidCallbackControl"),
		refuses("11 controls", groupMsg(hello, `,"SendMsgControl":`+list(11, func(int) string { return "NoUnread" })), 10004, "SendMsgControl"),
		refuses("11 prohibitions", groupMsg(hello, `,"ForbidCallbackControl":`+list(11, func(int) string { return "ForbidAfterSendMsgCallback" })), 10004, "ForbidCallbackControl"),
		bad("an empty text", textElem(""), "Text"),
		bad("a text that is a number", `{"MsgType":"TIMTextElem","MsgContent":{"Text":7}}`, "Text"),
		bad("a text under another name", `{"MsgType":"TIMTextElem","MsgContent":{"text":"x"}}`, "Text"),
		bad("data that is a number", `{"MsgType":"TIMCustomElem","MsgContent":{"Data":7}}`, "Data"),
		bad("an index that is a text", `{"MsgType":"TIMFaceElem","MsgContent":{"Index":"1"}}`, "Index"),
		bad("no kind", `{"MsgContent":{"Text":"x"}}`, "MsgType"),
		bad("a kind that is none", `{"MsgType":"Text","MsgContent":{"Text":"x"}}`, "MsgType"),
		bad("a kind of odd letters", `{"MsgType":"TIM\"Elem","MsgContent":{"Text":"x"}}`, "MsgType"),
		bad("no content", `{"MsgType":"TIMTextElem"}`, "MsgContent"),
		bad("null", `null`, "MsgContent"),
		refuses("content that is a text", groupMsg(`{"MsgType":"TIMTextElem","MsgContent":"x"}`, ""), 10004, "MsgBody[0].MsgContent"),
		refuses("content with a name given twice", groupMsg(`{"MsgType":"TIMXElem","MsgContent":{"a":1,"a":2}}`, ""), 60003),
		{name: "an account that was never imported", with: []func(*setup){importedOnly}, given: []step{{call: accountImport, body: `{"UserID":"host_7"}`}, aRoom},
			body: groupMsg(hello, ""), code: 10019, info: []string{"lin"}},
		{name: "an App admin needs no import", with: []func(*setup){importedOnly}, given: []step{{call: accountImport, body: `{"UserID":"host_7"}`}, aRoom},
			body: strings.Replace(groupMsg(hello, ""), "lin", admin, 1), reply: delivered(1),
			asks: []string{mayISend(admin, hello, `""`)}, fires: []string{wasSent(admin, 1, hello, `""`)}},
	})
}

func TestSendGroupMsgLimits(t *testing.T) {
	most := strings.Repeat("x", 12288-len("["+textElem("")+","+textElem("a")+"]"))
	full := textElem("a") + "," + textElem(most)
	owned := `{"MsgType":"TIMTextElem","MsgContent":{"Text":"a"},"CloudCustomData":"`
	owned += `\"` + strings.Repeat("o", 12288-len("["+owned+`\"`+`"}]`)) + `"}`
	play(t, sendGroupMsg, []scenario{
		{name: "12,288 bytes", given: []step{aRoom}, body: groupMsg(full, ""), reply: delivered(1),
			asks: []string{mayISend("lin", full, `""`)}, fires: []string{wasSent("lin", 1, full, `""`)}},
		{name: "12,288 bytes, an element's own data among them", given: []step{aRoom}, body: groupMsg(owned, ""), reply: delivered(1),
			asks: []string{mayISend("lin", owned, `""`)}, fires: []string{wasSent("lin", 1, owned, `""`)}},
		{name: "12,289 bytes, an element's own data among them", given: []step{aRoom}, body: groupMsg(strings.Replace(owned, `\"`, `\"o`, 1), ""), code: 80002, info: []string{"12289"}},
		{name: "12,289 bytes", given: []step{aRoom}, body: groupMsg(full[:len(full)-3]+`x"}}`, ""), code: 80002, info: []string{"12289"}},
		{name: "12,288 bytes and white space", given: []step{aRoom}, body: groupMsg(strings.Replace(full, `{"Text":"a"}`, `{ "Text" : "a" }`, 1), ""), reply: delivered(1),
			asks: []string{mayISend("lin", full, `""`)}, fires: []string{wasSent("lin", 1, full, `""`)}},
		{name: "12,289 bytes of CloudCustomData", given: []step{aRoom}, body: groupMsg(textElem("a"), `,"CloudCustomData":"`+strings.Repeat("c", 12289)+`"`), code: 80002},
		{name: "10 controls", given: []step{aRoom}, body: groupMsg(textElem("a"), `,"SendMsgControl":`+list(10, func(int) string { return "NoUnread" })), reply: delivered(1),
			asks: []string{mayISend("lin", textElem("a"), `""`)}, fires: []string{wasSent("lin", 1, textElem("a"), `""`)}},
	})
}

// TestWhatTheAppServerSaysAboutAMessage plays every answer (doc 74347).
func TestWhatTheAppServerSaysAboutAMessage(t *testing.T) {
	hello, changed := textElem("hello"), textElem("h***o")
	ask := []string{mayISend("lin", hello, `"c"`)}
	empty, other := "", "new"
	long := strings.Repeat("x", 12289)
	with := func(a webhook.Answer, more ...func(*setup)) []func(*setup) { return append(answering(a), more...) }
	passes := func(name string, with []func(*setup), body, cloud string) scenario {
		return scenario{name: name, with: with, given: []step{aRoom}, body: groupMsg(hello, `,"CloudCustomData":"c"`), reply: delivered(1),
			asks: ask, fires: []string{wasSent("lin", 1, body, cloud)}}
	}
	stops := func(name string, with []func(*setup), code int, info string) scenario {
		return scenario{name: name, with: with, given: []step{aRoom}, body: groupMsg(hello, `,"CloudCustomData":"c"`), asks: ask, code: code, info: []string{info},
			then: []step{{call: getRoomInfo, body: askRoom}}}
	}
	replace := func(body ...webhook.MsgElement) webhook.Answer { return webhook.Answer{MsgBody: body} }
	play(t, sendGroupMsg, []scenario{
		passes("yes", with(webhook.Answer{ActionStatus: "OK"}), hello, `"c"`),
		passes("yes, by its code alone", with(webhook.Answer{ActionStatus: "FAIL", ErrorInfo: "no"}), hello, `"c"`),
		passes("yes, with another text", with(replace(elem("TIMTextElem", `{ "Text":"h***o" }`))), changed, `"c"`),
		passes("yes, with another body and data", with(webhook.Answer{
			MsgBody: []webhook.MsgElement{elem("TIMTextElem", `{"Text":"h***o"}`), elem("TIMFaceElem", `{"Index":1}`)}, CloudCustomData: &other}),
			changed+`,{"MsgType":"TIMFaceElem","MsgContent":{"Index":1}}`, `"new"`),
		passes("yes, with data of an element's own", with(replace(webhook.MsgElement{
			MsgType: "TIMTextElem", MsgContent: []byte(`{"Text":"h***o"}`), CloudCustomData: "seen"})),
			`{"MsgType":"TIMTextElem","MsgContent":{"Text":"h***o"},"CloudCustomData":"seen"}`, `"c"`),
		passes("yes, without data", with(webhook.Answer{CloudCustomData: &empty}), hello, `""`),
		passes("yes, with an empty body, which is none", with(replace([]webhook.MsgElement{}...)), hello, `"c"`),
		passes("yes, with a body that cannot be delivered", with(replace(elem("TIMTextElem", `{"Text":""}`))), hello, `"c"`),
		passes("yes, with a body that is too long, and data", with(webhook.Answer{
			MsgBody: []webhook.MsgElement{elem("TIMTextElem", `{"Text":"`+long+`"}`)}, CloudCustomData: &other}), hello, `"c"`),
		passes("yes, with data that is too long, and a body", with(webhook.Answer{
			MsgBody: []webhook.MsgElement{elem("TIMTextElem", `{"Text":"h***o"}`)}, CloudCustomData: &long}), hello, `"c"`),
		stops("yes, with a body that cannot be delivered, where that matters", with(replace(elem("Text", `{"Text":"x"}`)), demanding), 80003, "answer"),
		stops("yes, with content that is nothing, where that matters", with(replace(elem("TIMTextElem", ``)), demanding), 80003, "answer"),

		stops("no", with(webhook.Answer{ActionStatus: "OK", ErrorCode: 1}), 10016, "refused"),
		stops("no, and why", with(webhook.Answer{ErrorCode: 1, ErrorInfo: "not here"}), 10016, "not here"),
		stops("no, with a body", with(webhook.Answer{ErrorCode: 1, MsgBody: []webhook.MsgElement{elem("TIMTextElem", `{"Text":"x"}`)}}), 10016, "refused"),
		stops("no, with a code below those of its own", with(webhook.Answer{ErrorCode: 10099}), 10016, "refused"),
		stops("no, with the first code of its own", with(webhook.Answer{ErrorCode: 10100, ErrorInfo: "first"}), 10100, "first"),
		stops("no, with the last code of its own", with(webhook.Answer{ErrorCode: 10200, ErrorInfo: "last"}), 10200, "last"),
		stops("no, with a code of its own and no words", with(webhook.Answer{ErrorCode: 10150}), 10150, "refused"),
		stops("no, with a code above those of its own", with(webhook.Answer{ErrorCode: 10201, ErrorInfo: "beyond"}), 10016, "beyond"),
		stops("no, with a negative code", with(webhook.Answer{ErrorCode: -1}), 10016, "refused"),
		stops("no, with another code", with(webhook.Answer{ErrorCode: 3}), 10016, "refused"),

		passes("nothing", []func(*setup){silent}, hello, `"c"`),
		stops("nothing, where that matters", []func(*setup){silent, demanding}, 80003, "answer"),
	})
}

// TestAMessageThatVanishes: its sender is told that it was sent, and nothing has happened.
func TestAMessageThatVanishes(t *testing.T) {
	d := everybodys.open(t, answering(webhook.Answer{ErrorCode: 2})...)
	d.take([]step{aRoom})
	before, told := d.state(), d.told()
	got := d.call(sendGroupMsg, groupMsg(textElem("hello"), ""))
	require.Zero(t, got.ErrorCode)
	require.JSONEq(t, delivered(1), got.Payload)
	require.Equal(t, before, d.state())
	require.Equal(t, told, d.told())
	d.requireAsked([]string{mayISend("lin", textElem("hello"), `""`)}, 0)
}

// TestWhoIsNotAsked: the app server is asked only if it wants to be, and never about what is refused anyway.
func TestWhoIsNotAsked(t *testing.T) {
	d := everybodys.open(t, bare)
	d.take([]step{aRoom, {call: sendGroupMsg, body: groupMsg(textElem("hello"), ""), reply: delivered(1)}})
	require.Empty(t, d.asked)
	require.Empty(t, d.fired())
	require.NoError(t, d.live.SetCallback(ctx, live.System(d.app), live.Callback{URL: "https://x/", Commands: []string{"Group.CallbackAfterSendMsg"}}))
	d.take([]step{{call: sendTextMsg, body: good[sendTextMsg], reply: delivered(1)}}) // Random 7 again
	d.take([]step{{call: sendTextMsg, body: strings.Replace(good[sendTextMsg], ":7", ":8", 1), reply: delivered(2)}})
	require.Empty(t, d.asked)
	require.Len(t, d.fired(), 1)
}

// mute mutes users of live_9001 until so long after the test's beginning.
func (d *door) mute(user live.UserID, until time.Duration) {
	d.t.Helper()
	require.NoError(d.t, d.store.Update(ctx, func(tx live.Tx) error {
		return tx.PutMute(d.app, "live_9001", live.Mute{User: user, Until: began.Add(until).Truncate(time.Second)})
	}))
}

func TestAMutedSenderIsMutedThroughRESTToo(t *testing.T) {
	d := everybodys.open(t)
	d.take([]step{{call: createRoom, body: `{"RoomInfo":{"RoomId":"live_9001","RoomType":"Live","Owner_Account":"host_7","IsMessageDisabled":true}}`}})
	d.mute("lin", time.Minute)
	d.mute(admin, time.Minute)
	asked := len(d.asked)
	before := d.state()
	d.take([]step{
		{call: sendTextMsg, body: good[sendTextMsg], code: 100017},
		{call: sendCustomMsg, body: good[sendCustomMsg], code: 100017},
		{call: sendCustomMsg, body: `{"RoomId":"live_9001","BusinessId":"b","Data":""}`, code: 100017},
		{call: sendGroupMsg, body: good[sendGroupMsg], code: 10017},
	})
	require.Equal(t, before, d.state())
	require.Len(t, d.asked, asked, "nobody is asked about what is refused anyway")
	d.take([]step{{call: sendTextMsg, body: strings.Replace(good[sendTextMsg], "lin", "oskar", 1), reply: delivered(1)}}) // muting the room is for users
	d.ahead.Store(int64(time.Minute))
	d.take([]step{{call: sendTextMsg, body: good[sendTextMsg], reply: `{"MsgTime":1765001360,"MsgSeq":2}`}})
}

// TestARandomIsForgottenAfterFiveMinutes: only within them is a message known again.
func TestARandomIsForgottenAfterFiveMinutes(t *testing.T) {
	d := everybodys.open(t)
	body := groupMsg(textElem("hello"), "")
	d.take([]step{aRoom, {call: sendGroupMsg, body: body, reply: delivered(1)}})
	d.ahead.Store(int64(5*time.Minute - 445*time.Millisecond))
	d.take([]step{{call: sendGroupMsg, body: body, reply: delivered(1)}})
	d.ahead.Store(int64(5 * time.Minute))
	d.take([]step{{call: sendGroupMsg, body: body, reply: `{"MsgTime":1765001600,"MsgSeq":2}`}})
	d.ahead.Store(int64(20 * time.Minute))
	d.take([]step{{call: sendTextMsg, body: strings.Replace(good[sendTextMsg], ":7", ":9", 1), reply: `{"MsgTime":1765002500,"MsgSeq":3}`}})
	kept := 0
	for _, row := range d.state() {
		if strings.HasPrefix(row, "room_sent_messages") {
			kept++
		}
	}
	require.Equal(t, 1, kept, "what is too old to be repeated is not kept")
}

// TestARoomsBudgetOfMessages: the 41st of a second is dropped, and its sender told so; urgent ones get as many again,
// those of little priority give way early.
func TestARoomsBudgetOfMessages(t *testing.T) {
	d := everybodys.open(t)
	d.take([]step{aRoom})
	random := 0
	send := func(priority string) (seq, dropped string) {
		t.Helper()
		random++
		body := fmt.Sprintf(`{"GroupId":"live_9001","Random":%d,"MsgPriority":%q,"MsgBody":[%s]}`, random, priority, textElem("x"))
		got := d.serve(d.request(sendGroupMsg, d.query(), strings.NewReader(body)))
		require.Zero(t, got.ErrorCode, got.ErrorInfo)
		return got.Payload, fmt.Sprintf(`{"MsgDropReason":"MsgFreqCtrl","MsgSeq":0,"MsgTime":%d}`, d.now().Unix())
	}
	sent := 0
	passes := func(n int, priority string) {
		t.Helper()
		for range n {
			sent++
			got, _ := send(priority)
			require.JSONEq(t, fmt.Sprintf(`{"MsgSeq":%d,"MsgTime":%d}`, sent, d.now().Unix()), got)
		}
	}
	drops := func(priority string) {
		t.Helper()
		before, told, fired := d.state(), d.told(), len(d.fired())
		got, want := send(priority)
		require.JSONEq(t, want, got)
		require.Equal(t, before, d.state())
		require.Equal(t, told, d.told())
		require.Len(t, d.fired(), fired)
	}
	passes(20, "Lowest")
	drops("Lowest")
	passes(10, "Low")
	drops("Low")
	passes(10, "Normal")
	drops("Normal")
	drops("")
	passes(40, "High")
	drops("High")
	asked := len(d.asked)
	drops("High")
	require.Len(t, d.asked, asked, "nobody is asked about what is dropped anyway")
	d.take([]step{
		{call: sendTextMsg, body: good[sendTextMsg], reply: `{"MsgTime":1765001300,"MsgSeq":0,"MsgDropReason":"MsgFreqCtrl"}`},
		{call: createRoom, body: `{"RoomInfo":{"RoomId":"live_9002","RoomType":"Live","Owner_Account":"host_7"}}`},
		{call: sendTextMsg, body: strings.Replace(good[sendTextMsg], "live_9001", "live_9002", 1), reply: delivered(1)},
	})
	d.ahead.Store(int64(time.Second - 1))
	drops("High")
	d.ahead.Store(int64(time.Second))
	passes(40, "Normal")
	drops("Normal")
}

func TestARoomWithoutABudgetOfMessages(t *testing.T) {
	d := everybodys.open(t, func(s *setup) { s.limits.MessagesPerSecond = 0 })
	d.take([]step{aRoom})
	for i := range 100 {
		d.take([]step{{call: sendGroupMsg, body: strings.Replace(groupMsg(textElem("x"), `,"MsgPriority":"Lowest"`), ":7", fmt.Sprint(":", i), 1), reply: delivered(i + 1)}})
	}
}
