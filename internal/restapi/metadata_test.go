package restapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
)

// pairs writes n pairs of metadata, k0, k1 and so on, whose values have size bytes each.
func pairs(n, size int) string {
	elements := make([]string, n)
	for i := range elements {
		elements[i] = fmt.Sprintf(`{"Key":"k%d","Value":%q}`, i, strings.Repeat("v", size))
	}
	return strings.Join(elements, ",")
}

// write is the body that writes these pairs into live_9001.
func write(pairs string) string { return `{"RoomId":"live_9001","Metadata":[` + pairs + `]}` }

// wrote is the webhook of that.
func wrote(pairs string) string {
	return `{"CallbackCommand":"Live.CallbackAfterSetMetadata","Operator_Account":"administrator","RoomId":"live_9001",
		"Metadata":[` + pairs + `],"EventTime":1765001300444}`
}

// has is the room's whole metadata, as a step of its own.
func has(pairs string) step {
	return step{call: getRoomMetadata, body: `{"RoomId":"live_9001","Keys":[]}`, reply: `{"Metadata":[` + pairs + `]}`}
}

// aRoomWith is live_9001 holding these pairs.
func aRoomWith(pairs string) []step {
	return []step{aRoom, {call: setRoomMetadata, body: write(pairs)}}
}

const theme, lang = `{"Key":"theme","Value":"dark"}`, `{"Key":"lang","Value":"pt"}`

func TestSetRoomMetadata(t *testing.T) {
	play(t, setRoomMetadata, []scenario{
		{
			name: "the first pairs", given: []step{aRoom}, body: write(theme + `,` + lang),
			fires: []string{wrote(theme + `,` + lang)},
			then:  []step{has(lang + `,` + theme)},
		},
		{
			name:  "one key again and one more: the others stay, the app server hears of what was written",
			given: aRoomWith(theme + `,` + lang), body: write(`{"Key":"theme","Value":"dusk"},{"Key":"pin","Value":"7"}`),
			fires: []string{wrote(`{"Key":"theme","Value":"dusk"},{"Key":"pin","Value":"7"}`)},
			then:  []step{has(lang + `,{"Key":"pin","Value":"7"},{"Key":"theme","Value":"dusk"}`)},
		},
		{
			name: "the same value again is a write", given: aRoomWith(theme), body: write(theme),
			fires: []string{wrote(theme)}, then: []step{has(theme)},
		},
		{
			name: "an empty value", given: aRoomWith(theme), body: write(`{"Key":"theme","Value":""}`),
			fires: []string{wrote(`{"Key":"theme","Value":""}`)}, then: []step{has(`{"Key":"theme","Value":""}`)},
		},
		{
			name: "keys differ in their letters' case", given: aRoomWith(theme), body: write(`{"Key":"Theme","Value":"x"}`),
			fires: []string{wrote(`{"Key":"Theme","Value":"x"}`)}, then: []step{has(`{"Key":"Theme","Value":"x"},` + theme)},
		},
		{
			name: "fields that the command does not have", given: []step{aRoom},
			body:  `{"RoomId":"live_9001","Metadata":[{"Key":"theme","Value":"dark","Lang":7}],"Operator_Account":"mallory"}`,
			fires: []string{wrote(theme)}, then: []step{has(theme)},
		},
		{name: "a room that never was", body: write(theme), code: 100004, info: []string{"live_9001"}},
		{name: "a room that was dissolved", given: []step{aRoom, {call: destroyRoom, body: askRoom}}, body: write(theme), code: 100004},
		{name: "no room", given: []step{aRoom}, body: `{"Metadata":[` + theme + `]}`, code: 100002, info: []string{"RoomId"}},
		{name: "no metadata", given: []step{aRoom}, body: askRoom, code: 100002, info: []string{"Metadata"}},
		{name: "empty metadata", given: []step{aRoom}, body: write(``), code: 100002, info: []string{"Metadata"}},
		{name: "null metadata", given: []step{aRoom}, body: `{"RoomId":"live_9001","Metadata":null}`, code: 100002, info: []string{"Metadata"}},
		{name: "a null pair", given: []step{aRoom}, body: write(theme + `,null`), code: 100002, info: []string{"Metadata[1].Value"}, then: []step{has(``)}},
		{name: "a pair without a value", given: []step{aRoom}, body: write(theme + `,{"Key":"x"}`), code: 100002, info: []string{"Metadata[1].Value"}, then: []step{has(``)}},
		{name: "a null value", given: []step{aRoom}, body: write(`{"Key":"x","Value":null}`), code: 100002, info: []string{"Metadata[0].Value"}},
		{name: "a pair without a key", given: []step{aRoom}, body: write(theme + `,{"Value":"x"}`), code: 100002, info: []string{"Metadata[1].Key"}, then: []step{has(``)}},
		{name: "an empty key", given: []step{aRoom}, body: write(`{"Key":"","Value":"x"}`), code: 100002, info: []string{"Metadata[0].Key"}},
		{
			name: "the same key twice in one call", given: []step{aRoom}, body: write(theme + `,` + lang + `,` + theme),
			code: 100002, info: []string{"theme", "twice"}, then: []step{has(``)},
		},
		{name: "a number for a value", given: []step{aRoom}, body: write(`{"Key":"x","Value":7}`), code: 100002, info: []string{"Metadata[0].Value"}},
		{name: "an object for the list", given: []step{aRoom}, body: `{"RoomId":"live_9001","Metadata":{"theme":"dark"}}`, code: 100002, info: []string{"Metadata"}},
	})
}

// TestSetRoomMetadataLimits: each limit at its edge and just past it, judged on what the room would hold after the call.
func TestSetRoomMetadataLimits(t *testing.T) {
	key50, keyRunes := strings.Repeat("k", 50), strings.Repeat("鍵", 16)+"k2" // 16 times three bytes, and two
	value := func(s string) string { return fmt.Sprintf(`{"Key":"big","Value":%q}`, s) }
	named := func(key string) string { return fmt.Sprintf(`{"Key":%q,"Value":"v"}`, key) }
	runes := strings.Repeat("値", 682) + "vv" // 2,048 bytes
	nine := pairs(9, 1)
	play(t, setRoomMetadata, []scenario{
		{name: "10 keys at once", given: []step{aRoom}, body: write(pairs(10, 1)), fires: []string{wrote(pairs(10, 1))}, then: []step{has(pairs(10, 1))}},
		{name: "11 keys at once", given: []step{aRoom}, body: write(pairs(11, 1)), code: 100500, info: []string{"10"}, then: []step{has(``)}},
		{name: "the 10th key", given: aRoomWith(nine), body: write(theme), fires: []string{wrote(theme)}, then: []step{has(nine + `,` + theme)}},
		{name: "the 11th key", given: aRoomWith(pairs(10, 1)), body: write(theme), code: 100500, then: []step{has(pairs(10, 1))}},
		{
			name: "two more on nine, one of them would still fit", given: aRoomWith(nine), body: write(theme + `,` + lang),
			code: 100500, then: []step{has(nine)},
		},
		{
			name: "10 keys overwritten by the same 10", given: aRoomWith(pairs(10, 1)), body: write(pairs(10, 2)),
			fires: []string{wrote(pairs(10, 2))}, then: []step{has(pairs(10, 2))},
		},
		{
			name: "a full room may change a key but not in the same call add one", given: aRoomWith(pairs(10, 1)),
			body: write(`{"Key":"k0","Value":"new"},` + theme), code: 100500, then: []step{has(pairs(10, 1))},
		},

		{name: "a key of 50 bytes", given: []step{aRoom}, body: write(named(key50)), fires: []string{wrote(named(key50))}, then: []step{has(named(key50))}},
		{name: "a key of 51 bytes", given: []step{aRoom}, body: write(theme + `,` + named(key50+"k")), code: 100504, info: []string{"Metadata[1].Key", "51", "50"}, then: []step{has(``)}},
		{name: "a key of 50 bytes in 18 characters", given: []step{aRoom}, body: write(named(keyRunes)), fires: []string{wrote(named(keyRunes))}, then: []step{has(named(keyRunes))}},
		{name: "a key of 51 bytes in 17 characters", given: []step{aRoom}, body: write(named(strings.Repeat("鍵", 17))), code: 100504},

		{name: "a value of 2,048 bytes", given: []step{aRoom}, body: write(pairs(1, 2048)), fires: []string{wrote(pairs(1, 2048))}, then: []step{has(pairs(1, 2048))}},
		{name: "a value of 2,049 bytes", given: []step{aRoom}, body: write(theme + `,` + pairs(1, 2049)), code: 100501, info: []string{"k0", "2049", "2048"}, then: []step{has(``)}},
		{name: "a value of 2,048 bytes in 684 characters", given: []step{aRoom}, body: write(value(runes)), fires: []string{wrote(value(runes))}, then: []step{has(value(runes))}},
		{name: "a value of 2,049 bytes in 683 characters", given: []step{aRoom}, body: write(value(strings.Repeat("値", 683))), code: 100501},
		{
			name: "a value that is longer as it is written than as it is meant", given: []step{aRoom},
			body:  write(`{"Key":"k0","Value":"` + strings.Repeat(`\u0076`, 2048) + `"}`),
			fires: []string{wrote(pairs(1, 2048))},
		},

		{name: "16,384 bytes of values at once", given: []step{aRoom}, body: write(pairs(8, 2048)), fires: []string{wrote(pairs(8, 2048))}, then: []step{has(pairs(8, 2048))}},
		{
			name: "16,385 bytes of values at once", given: []step{aRoom}, body: write(pairs(8, 2048) + `,{"Key":"x","Value":"1"}`),
			code: 100502, info: []string{"16385", "16384"}, then: []step{has(``)},
		},
		{
			name: "one byte more than the room can hold", given: aRoomWith(pairs(8, 2048)), body: write(`{"Key":"x","Value":"1"}`),
			code: 100502, then: []step{has(pairs(8, 2048))},
		},
		{
			name: "nothing more on a full room", given: aRoomWith(pairs(8, 2048)), body: write(`{"Key":"x","Value":""}`),
			fires: []string{wrote(`{"Key":"x","Value":""}`)}, then: []step{has(pairs(8, 2048) + `,{"Key":"x","Value":""}`)},
		},
		{
			name: "one value gives up what another takes", given: aRoomWith(pairs(8, 2048)),
			body:  write(`{"Key":"x","Value":"12345"},{"Key":"k0","Value":` + fmt.Sprintf("%q", strings.Repeat("v", 2043)) + `}`),
			fires: []string{wrote(`{"Key":"x","Value":"12345"},{"Key":"k0","Value":` + fmt.Sprintf("%q", strings.Repeat("v", 2043)) + `}`)},
		},
		{
			name: "keys do not count as values", given: []step{aRoom},
			body:  write(pairs(8, 2048) + `,{"Key":"` + key50 + `","Value":""}`),
			fires: []string{wrote(pairs(8, 2048) + `,{"Key":"` + key50 + `","Value":""}`)},
		},
	})
}

func TestGetRoomMetadata(t *testing.T) {
	three := `{"Key":"a","Value":"1"},{"Key":"b","Value":"2"},{"Key":"c","Value":"3"}`
	given := aRoomWith(`{"Key":"c","Value":"3"},{"Key":"a","Value":"1"},{"Key":"b","Value":"2"}`)
	ask := func(keys string) string { return `{"RoomId":"live_9001","Keys":` + keys + `}` }
	play(t, getRoomMetadata, []scenario{
		{name: "an empty list asks for all", given: given, body: ask(`[]`), reply: `{"Metadata":[` + three + `]}`},
		{name: "no list asks for all", given: given, body: askRoom, reply: `{"Metadata":[` + three + `]}`},
		{name: "null asks for all", given: given, body: ask(`null`), reply: `{"Metadata":[` + three + `]}`},
		{name: "in the order asked", given: given, body: ask(`["b","c","a"]`), reply: `{"Metadata":[{"Key":"b","Value":"2"},{"Key":"c","Value":"3"},{"Key":"a","Value":"1"}]}`},
		{name: "keys that are not there are left out", given: given, body: ask(`["x","b","y"]`), reply: `{"Metadata":[{"Key":"b","Value":"2"}]}`},
		{name: "a key asked for twice is answered once", given: given, body: ask(`["b","a","b"]`), reply: `{"Metadata":[{"Key":"b","Value":"2"},{"Key":"a","Value":"1"}]}`},
		{name: "no key is there", given: given, body: ask(`["x",""]`), reply: `{"Metadata":[]}`},
		{name: "an empty room", given: []step{aRoom}, body: ask(`[]`), reply: `{"Metadata":[]}`},
		{name: "an empty room asked for keys", given: []step{aRoom}, body: ask(`["a"]`), reply: `{"Metadata":[]}`},
		{name: "a room that never was", body: ask(`[]`), code: 100004, info: []string{"live_9001"}},
		{name: "no room", given: given, body: `{"Keys":[]}`, code: 100002, info: []string{"RoomId"}},
		{name: "a string for the list", given: given, body: ask(`"a"`), code: 100002, info: []string{"Keys"}},
		{name: "a number in the list", given: given, body: ask(`["a",7]`), code: 100002, info: []string{"Keys[1]"}},
	})
}

func TestDelRoomMetadata(t *testing.T) {
	given := aRoomWith(`{"Key":"a","Value":"1"},{"Key":"b","Value":"2"},{"Key":"c","Value":"3"}`)
	remove := func(keys string) string { return `{"RoomId":"live_9001","Keys":` + keys + `}` }
	removed := func(keys string) []string {
		return []string{`{"CallbackCommand":"Live.CallbackAfterDelMetadata","Operator_Account":"administrator",
			"RoomId":"live_9001","Keys":` + keys + `,"EventTime":1765001300444}`}
	}
	a, b, c := `{"Key":"a","Value":"1"}`, `{"Key":"b","Value":"2"}`, `{"Key":"c","Value":"3"}`
	eleven := list(11, func(i int) string { return "x" + fmt.Sprint(i) })
	play(t, delRoomMetadata, []scenario{
		{name: "one key", given: given, body: remove(`["b"]`), fires: removed(`["b"]`), then: []step{has(a + `,` + c)}},
		{name: "all keys, in the order asked", given: given, body: remove(`["c","a","b"]`), fires: removed(`["c","a","b"]`), then: []step{has(``)}},
		{name: "some of them are there", given: given, body: remove(`["x","c","y","a"]`), fires: removed(`["c","a"]`), then: []step{has(b)}},
		{name: "a key named again", given: given, body: remove(`["b","a","b","b"]`), fires: removed(`["b","a"]`), then: []step{has(c)}},
		{name: "more keys than a room can have", given: given, body: remove(eleven[:len(eleven)-1] + `,"c","b","c"]`), fires: removed(`["c","b"]`), then: []step{has(a)}},
		{name: "none of them is there", given: given, body: remove(`["x","y"]`), code: 100503, then: []step{has(a + `,` + b + `,` + c)}},
		{name: "none of very many is there", given: given, body: remove(eleven), code: 100503},
		{name: "a key in other letters", given: given, body: remove(`["A"]`), code: 100503},
		{name: "an empty key", given: given, body: remove(`[""]`), code: 100503},
		{name: "a room without metadata", given: []step{aRoom}, body: remove(`["a"]`), code: 100503},
		{name: "a key that is gone already", given: append(given[:len(given):len(given)], step{call: delRoomMetadata, body: remove(`["b"]`)}), body: remove(`["b"]`), code: 100503},
		{name: "an empty list", given: given, body: remove(`[]`), code: 100002, info: []string{"Keys"}},
		{name: "no list", given: given, body: askRoom, code: 100002, info: []string{"Keys"}},
		{name: "null for the list", given: given, body: remove(`null`), code: 100002, info: []string{"Keys"}},
		{name: "a string for the list", given: given, body: remove(`"a"`), code: 100002, info: []string{"Keys"}},
		{name: "a number in the list", given: given, body: remove(`["a",7]`), code: 100002, info: []string{"Keys[1]"}, then: []step{has(a + `,` + b + `,` + c)}},
		{name: "a room that never was", body: remove(`["a"]`), code: 100004, info: []string{"live_9001"}},
		{name: "a room that was dissolved", given: append(given[:len(given):len(given)], step{call: destroyRoom, body: askRoom}), body: remove(`["a"]`), code: 100004},
		{name: "no room", given: given, body: `{"Keys":["a"]}`, code: 100002, info: []string{"RoomId"}},
	})
}

// TestDelRoomMetadataOfVeryManyKeys asks for 300,000 keys: what comes of it is as for ten.
func TestDelRoomMetadataOfVeryManyKeys(t *testing.T) {
	d := everybodys.open(t, func(s *setup) { s.options.MaxBody = 8 << 20 })
	d.take(aRoomWith(theme + `,` + lang))
	many := list(300_000, func(i int) string { return "key" + fmt.Sprint(i) })
	got := d.call(delRoomMetadata, `{"RoomId":"live_9001","Keys":`+many+`}`)
	require.Equal(t, 100503, got.ErrorCode)
	before := len(d.fired())
	got = d.call(delRoomMetadata, `{"RoomId":"live_9001","Keys":`+strings.Replace(many, `"key299999"`, `"lang","theme","lang"`, 1)+`}`)
	require.Zero(t, got.ErrorCode, got.ErrorInfo)
	d.requireFired([]string{`{"CallbackCommand":"Live.CallbackAfterDelMetadata","Operator_Account":"administrator",
		"RoomId":"live_9001","Keys":["lang","theme"],"EventTime":1765001300444}`}, d.fired()[before:])
	d.take([]step{has(``)})
}

// TestMetadataTextsComeBackAsTheyWent sends keys and values that are hard on encoders all the way.
func TestMetadataTextsComeBackAsTheyWent(t *testing.T) {
	d := everybodys.open(t)
	d.take([]step{aRoom})
	texts := map[string]string{
		"a\x00b": "c\x00", "\u2028": "</script>", `"\`: "\U0001F525", "null": "null", " ": "\x7f\t", "é": "e\u0301", "[0]": "%s%d",
	}
	type pair struct{ Key, Value string }
	var in struct {
		RoomID   string `json:"RoomId"`
		Metadata []pair
	}
	in.RoomID = "live_9001"
	for k, v := range texts {
		in.Metadata = append(in.Metadata, pair{k, v})
	}
	body, err := json.Marshal(in)
	require.NoError(t, err)
	d.take([]step{{call: setRoomMetadata, body: string(body)}})
	var out struct{ Response struct{ Metadata []pair } }
	require.NoError(t, json.Unmarshal([]byte(d.call(getRoomMetadata, askRoom).Payload), &out))
	require.ElementsMatch(t, in.Metadata, out.Response.Metadata)
	var hook struct{ Metadata []pair }
	fired := d.fired()
	require.NoError(t, json.Unmarshal(fired[len(fired)-1].Body, &hook))
	require.Equal(t, in.Metadata, hook.Metadata)
	for k := range texts {
		quoted, err := json.Marshal(k)
		require.NoError(t, err)
		d.take([]step{{call: delRoomMetadata, body: `{"RoomId":"live_9001","Keys":[` + string(quoted) + `]}`}})
	}
	d.take([]step{has(``)})
}

// TestWebhooksFireOnlyWhenSwitchedOn: the words of the configuration decide, from the very next call on.
func TestWebhooksFireOnlyWhenSwitchedOn(t *testing.T) {
	d := everybodys.open(t, bare)
	change := []step{{call: setRoomMetadata, body: write(theme)}, {call: delRoomMetadata, body: `{"RoomId":"live_9001","Keys":["theme"]}`}}
	configure := func(call, words string) step {
		return step{call: call, body: `{"Url":"https://hooks.example.net/","CallbackCommandList":[` + words + `]}`}
	}
	d.take([]step{aRoom})
	d.take(change)
	require.Empty(t, d.fired(), "nothing is configured")
	d.take([]step{configure(setCallback, `"Live.CallbackAfterDelMetadata"`)})
	d.take(change)
	require.Len(t, d.fired(), 1)
	require.Contains(t, string(d.fired()[0].Body), "Live.CallbackAfterDelMetadata")
	d.take([]step{configure(updateCallback, ``)})
	d.take(change)
	require.Len(t, d.fired(), 1, "an empty list switches all off")
	d.take([]step{configure(updateCallback, `"Live.CallbackAfterSetMetadata","Live.CallbackAfterDelMetadata"`)})
	d.take(change)
	require.Len(t, d.fired(), 3)
	d.take([]step{{call: deleteCallback, body: `{}`}})
	d.take(change)
	require.Len(t, d.fired(), 3)
}

// TestEventsCarryTheTimeOfTheirCall moves the clock between two calls.
func TestEventsCarryTheTimeOfTheirCall(t *testing.T) {
	d := everybodys.open(t)
	d.take([]step{aRoom})
	d.ahead.Store(int64(90*time.Second + 7*time.Millisecond + 999*time.Microsecond))
	before := len(d.fired())
	d.take([]step{{call: setRoomMetadata, body: write(theme)}})
	d.requireFired([]string{`{"CallbackCommand":"Live.CallbackAfterSetMetadata","Operator_Account":"administrator",
		"RoomId":"live_9001","Metadata":[{"Key":"theme","Value":"dark"}],"EventTime":1765001390451}`}, d.fired()[before:])
	require.Contains(t, d.call(getRoomInfo, askRoom).Payload, `"CreateTime":1765001300`)
}
