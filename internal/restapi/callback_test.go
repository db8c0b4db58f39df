package restapi_test

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/webhook"
)

const (
	hooks     = `{"Url":"https://hooks.example.net/live?tenant=eu1","CallbackCommandList":["Live.CallbackAfterCreateRoom","Live.CallbackAfterDelMetadata"]}`
	otherHook = `{"Url":"http://198.51.100.7:8080/","CallbackCommandList":["Live.CallbackAfterSetMetadata"]}`
)

// unconfigured are scenarios in an app without a webhook configuration.
func unconfigured(scenarios []scenario) []scenario {
	for i := range scenarios {
		scenarios[i].with = append(scenarios[i].with, bare)
	}
	return scenarios
}

// callbackWith is a configuration of that URL, or of that list.
func callbackWith(url, words string) string {
	quoted, err := json.Marshal(url)
	if err != nil {
		panic(err)
	}
	return `{"Url":` + string(quoted) + `,"CallbackCommandList":` + words + `}`
}

func TestSetCallback(t *testing.T) {
	configured := []step{{call: setCallback, body: hooks}}
	none := step{call: getCallback, body: `{}`, code: 100301}
	kept := func(reply string) []step { return []step{{call: getCallback, body: `{}`, reply: reply}} }
	aliases := callbackWith("https://hooks.example.net/",
		`["Live.CallbackMemberStateChanged","Follow.CallbackAfterCloudRecordingChanged","Live.CallbackAfterMemberStateChanged"]`)
	twice := callbackWith("https://hooks.example.net/", `["Live.CallbackAfterCreateRoom","Live.CallbackAfterCreateRoom"]`)
	var every []string
	for _, w := range webhook.Words() {
		every = append(every, string(w))
	}
	all := callbackWith("https://hooks.example.net/", `["`+strings.Join(every, `","`)+`"]`)
	empty := callbackWith("https://hooks.example.net/", `[]`)
	play(t, setCallback, unconfigured([]scenario{
		{name: "for the first time", body: hooks, then: kept(hooks)},
		{name: "a second time", given: configured, body: otherHook, code: 100300, info: []string{"update_callback"}, then: kept(hooks)},
		{name: "the same a second time", given: configured, body: hooks, code: 100300, then: kept(hooks)},
		{name: "again after it was deleted", given: append(configured[:1:1], step{call: deleteCallback, body: `{}`}), body: otherHook, then: kept(otherHook)},
		{name: "every word of the contract", body: all, then: kept(all)},
		{name: "other spellings are stored as they were given", body: aliases, then: kept(aliases)},
		{name: "a word given twice", body: twice, then: kept(twice)},
		{name: "no word", body: empty, then: kept(empty)},
		{
			name: "a word that does not exist", body: callbackWith("https://hooks.example.net/", `["Live.CallbackAfterCreateRoom","Live.CallbackAfterNothing"]`),
			code: 100002, info: []string{"CallbackCommandList", "Live.CallbackAfterNothing"}, then: []step{none},
		},
		{name: "a word in other letters", body: callbackWith("https://hooks.example.net/", `["live.callbackaftercreateroom"]`), code: 100002, info: []string{"live.callbackaftercreateroom"}, then: []step{none}},
		{name: "a word of the sister product", body: callbackWith("https://hooks.example.net/", `["Room.CallbackAfterCreateRoom"]`), code: 100002, info: []string{"Room.CallbackAfterCreateRoom"}},
		{name: "an empty word", body: callbackWith("https://hooks.example.net/", `[""]`), code: 100002, info: []string{"CallbackCommandList"}},
		{name: "a null word", body: callbackWith("https://hooks.example.net/", `[null]`), code: 100002, info: []string{"CallbackCommandList"}},
		{name: "a number for a word", body: callbackWith("https://hooks.example.net/", `[7]`), code: 100002, info: []string{"CallbackCommandList[0]"}},
		{name: "no list", body: `{"Url":"https://hooks.example.net/"}`, code: 100002, info: []string{"CallbackCommandList"}, then: []step{none}},
		{name: "null for the list", body: callbackWith("https://hooks.example.net/", `null`), code: 100002, info: []string{"CallbackCommandList"}},
		{name: "no URL", body: `{"CallbackCommandList":[]}`, code: 100002, info: []string{"Url"}, then: []step{none}},
		{name: "the URL in other letters", body: `{"URL":"https://hooks.example.net/","CallbackCommandList":[]}`, code: 100002, info: []string{"Url"}},
	}))
}

func TestSetCallbackURL(t *testing.T) {
	full := "https://hooks.example.net/" + strings.Repeat("x", 2048-len("https://hooks.example.net/"))
	var scenarios []scenario
	for _, url := range []string{
		"http://hooks.example.net", "https://hooks.example.net/", "https://hooks.example.net:8443/a/b?tenant=eu1&x=%20#part",
		"http://198.51.100.7/", "http://[2001:db8::7]:8080/live", "HTTPS://Hooks.Example.NET/", "http://127.0.0.1:9001/im-callback",
		"http://localhost/", full,
	} {
		body := callbackWith(url, `[]`)
		scenarios = append(scenarios, scenario{name: "accepts " + url[:min(len(url), 60)], body: body, then: []step{{call: getCallback, body: `{}`, reply: body}}})
	}
	for _, refused := range []struct{ url, info string }{
		{"", "missing"}, {full + "x", "2048"}, {"ftp://hooks.example.net/", "http"}, {"file:///etc/passwd", "valid"},
		{"//hooks.example.net/", "http"}, {"hooks.example.net/live", "valid"}, {"http:hooks.example.net", "valid"},
		{"javascript:alert(1)", "valid"}, {"http://", "valid"}, {"http:///live", "valid"}, {"http://:8080/", "valid"},
		{"http://user@hooks.example.net/", "password"}, {"http://user:pass@hooks.example.net/", "password"},
		{"http://@hooks.example.net/", "password"}, {"http://hooks.example.net/a b", "valid"}, {" http://hooks.example.net/", "valid"},
		{"http://hooks.example.net/ ", "valid"}, {"http://hooks example.net/", "valid"}, {"http://hooks.example.net/\r\nX: y", "valid"},
		{"http://hooks.example.net/\x00", "valid"}, {"http://hooks.example.net:port/", "valid"},
		{"http://hooks.example.net:65536/", "port"}, {"http://hooks.example.net:0/", "port"}, {"http://直播.example/", "valid"},
		{"http://%zz/", "valid"}, {"http://[::1/", "valid"},
	} {
		scenarios = append(scenarios, scenario{
			name: "refuses " + refused.url[:min(len(refused.url), 60)], body: callbackWith(refused.url, `[]`),
			code: 100002, info: []string{"Url", refused.info},
			then: []step{{call: getCallback, body: `{}`, code: 100301}},
		})
	}
	play(t, setCallback, unconfigured(scenarios))
}

func TestUpdateCallback(t *testing.T) {
	configured := []step{{call: setCallback, body: hooks}}
	kept := func(reply string) []step { return []step{{call: getCallback, body: `{}`, reply: reply}} }
	empty := callbackWith("https://hooks.example.net/", `[]`)
	play(t, updateCallback, unconfigured([]scenario{
		{name: "replaces it whole", given: configured, body: otherHook, then: kept(otherHook)},
		{name: "switches all off", given: configured, body: empty, then: kept(empty)},
		{name: "by what it was", given: configured, body: hooks, then: kept(hooks)},
		{name: "nothing is configured", body: hooks, code: 100301, then: []step{{call: getCallback, body: `{}`, code: 100301}}},
		{name: "it was deleted", given: append(configured[:1:1], step{call: deleteCallback, body: `{}`}), body: hooks, code: 100301},
		{name: "without a list", given: configured, body: `{"Url":"https://hooks.example.net/"}`, code: 100002, info: []string{"CallbackCommandList"}, then: kept(hooks)},
		{name: "without a URL", given: configured, body: `{"CallbackCommandList":[]}`, code: 100002, info: []string{"Url"}, then: kept(hooks)},
		{name: "with a bad URL", given: configured, body: callbackWith("ftp://x/", `[]`), code: 100002, info: []string{"Url"}, then: kept(hooks)},
		{name: "with a word that does not exist", given: configured, body: callbackWith("http://x/", `["Live.Nothing"]`), code: 100002, info: []string{"Live.Nothing"}, then: kept(hooks)},
	}))
}

func TestGetCallback(t *testing.T) {
	play(t, getCallback, unconfigured([]scenario{
		{name: "nothing is configured", body: `{}`, code: 100301},
		{name: "what was set", given: []step{{call: setCallback, body: hooks}}, body: `{}`, reply: hooks},
		{name: "with fields that it does not have", given: []step{{call: setCallback, body: hooks}}, body: `{"Url":7}`, reply: hooks},
	}))
}

func TestDeleteCallback(t *testing.T) {
	configured := []step{{call: setCallback, body: hooks}, {call: setCallbackToken, body: `{"Token":"Vb3kTq9ZsX","IsTokenEnable":true}`}}
	play(t, deleteCallback, unconfigured([]scenario{
		{name: "a configuration; the token stays", given: configured, body: `{}`, then: []step{
			{call: getCallback, body: `{}`, code: 100301},
			{call: getCallbackToken, body: `{}`, reply: `{"Token":"Vb3kTq9ZsX","IsTokenEnable":true}`},
		}},
		{name: "nothing is configured", body: `{}`, then: []step{{call: getCallback, body: `{}`, code: 100301}}},
		{name: "twice", given: append(configured[:2:2], step{call: deleteCallback, body: `{}`}), body: `{}`},
	}))
}

func TestSetCallbackToken(t *testing.T) {
	long := strings.Repeat("a", 128)
	set := []step{{call: setCallbackToken, body: `{"Token":"Vb3kTq9ZsX","IsTokenEnable":true}`}}
	kept := func(token, enabled string) []step {
		return []step{{call: getCallbackToken, body: `{}`, reply: `{"Token":"` + token + `","IsTokenEnable":` + enabled + `}`}}
	}
	none := []step{{call: getCallbackToken, body: `{}`, code: 100302}}
	play(t, setCallbackToken, unconfigured([]scenario{
		{name: "for the first time", body: `{"Token":"Vb3kTq9ZsX","IsTokenEnable":true}`, then: kept("Vb3kTq9ZsX", "true")},
		{name: "for later use", body: `{"Token":"Vb3kTq9ZsX","IsTokenEnable":false}`, then: kept("Vb3kTq9ZsX", "false")},
		{name: "both again", given: set, body: `{"Token":"other","IsTokenEnable":false}`, then: kept("other", "false")},
		{name: "another token only", given: set, body: `{"Token":"other"}`, then: kept("other", "true")},
		{name: "switched off only", given: set, body: `{"IsTokenEnable":false}`, then: kept("Vb3kTq9ZsX", "false")},
		{name: "null counts as not given", given: set, body: `{"Token":null,"IsTokenEnable":false}`, then: kept("Vb3kTq9ZsX", "false")},
		{name: "a token of one character", body: `{"Token":"a","IsTokenEnable":true}`, then: kept("a", "true")},
		{name: "a token of 128 characters", body: `{"Token":"` + long + `","IsTokenEnable":true}`, then: kept(long, "true")},
		{name: "a token of 129 characters", given: set, body: `{"Token":"` + long + `a"}`, code: 100002, info: []string{"Token", "128"}, then: kept("Vb3kTq9ZsX", "true")},
		{name: "an empty token", given: set, body: `{"Token":""}`, code: 100002, info: []string{"Token"}, then: kept("Vb3kTq9ZsX", "true")},
		{name: "a token in other letters than ASCII", body: `{"Token":"令牌","IsTokenEnable":true}`, code: 100002, info: []string{"Token"}, then: none},
		{name: "the first without the switch", body: `{"Token":"Vb3kTq9ZsX"}`, code: 100002, info: []string{"IsTokenEnable"}, then: none},
		{name: "the first without a token", body: `{"IsTokenEnable":true}`, code: 100002, info: []string{"Token"}, then: none},
		{name: "nothing", given: set, body: `{}`, code: 100002, info: []string{"Token", "IsTokenEnable"}, then: kept("Vb3kTq9ZsX", "true")},
		{name: "a switch that is no bool", given: set, body: `{"IsTokenEnable":1}`, code: 100002, info: []string{"IsTokenEnable"}, then: kept("Vb3kTq9ZsX", "true")},
		{name: "the first again after deletion", given: append(set[:1:1], step{call: deleteCallbackToken, body: `{}`}), body: `{"IsTokenEnable":true}`, code: 100002, then: none},
	}))
}

func TestGetCallbackToken(t *testing.T) {
	play(t, getCallbackToken, unconfigured([]scenario{
		{name: "none was set", body: `{}`, code: 100302},
		{
			name: "what was set", given: []step{{call: setCallbackToken, body: `{"Token":"Vb3kTq9ZsX","IsTokenEnable":false}`}},
			body: `{}`, reply: `{"Token":"Vb3kTq9ZsX","IsTokenEnable":false}`,
		},
	}))
}

func TestDeleteCallbackToken(t *testing.T) {
	set := []step{{call: setCallback, body: hooks}, {call: setCallbackToken, body: `{"Token":"Vb3kTq9ZsX","IsTokenEnable":true}`}}
	play(t, deleteCallbackToken, unconfigured([]scenario{
		{name: "a token; the configuration stays", given: set, body: `{}`, then: []step{
			{call: getCallbackToken, body: `{}`, code: 100302}, {call: getCallback, body: `{}`, reply: hooks},
		}},
		{name: "none was set", body: `{}`, then: []step{{call: getCallbackToken, body: `{}`, code: 100302}}},
		{name: "twice", given: append(set[:2:2], step{call: deleteCallbackToken, body: `{}`}), body: `{}`},
	}))
}

// TestConfigurationReachesTheDeliverer: what delivery reads of an app is what the commands set, and every change of it
// is announced.
func TestConfigurationReachesTheDeliverer(t *testing.T) {
	d := everybodys.open(t, bare)
	for i, s := range []struct {
		step
		url, token string
	}{
		{step{call: setCallback, body: hooks}, "https://hooks.example.net/live?tenant=eu1", ""},
		{step{call: setCallbackToken, body: `{"Token":"t1","IsTokenEnable":false}`}, "https://hooks.example.net/live?tenant=eu1", ""},
		{step{call: setCallbackToken, body: `{"IsTokenEnable":true}`}, "https://hooks.example.net/live?tenant=eu1", "t1"},
		{step{call: updateCallback, body: otherHook}, "http://198.51.100.7:8080/", "t1"},
		{step{call: deleteCallbackToken, body: `{}`}, "http://198.51.100.7:8080/", ""},
		{step{call: deleteCallback, body: `{}`}, "", ""},
	} {
		d.take([]step{s.step})
		e, err := d.store.Endpoint(ctx, d.app)
		require.NoError(t, err)
		require.Equal(t, s.url, e.URL)
		require.Equal(t, s.token, e.Token)
		require.Equal(t, i+1, d.told())
	}
}
