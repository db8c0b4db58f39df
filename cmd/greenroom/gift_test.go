package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGiftCommandsPrintForPeople(t *testing.T) {
	startServer(t)
	for _, step := range []struct {
		args []string
		want string
	}{
		{[]string{"list"}, "there are no gifts; `greenroom gift copy-defaults` makes some\n"},
		{[]string{"categories"}, "there are no gift categories\n"},
		{[]string{"add", "rose", "--name", "Red rose", "--coins", "5", "--level", "2", "--desc", "d", "--icon-url", "i", "--resource-url", "r", "--extension", "[1]"}, "added gift rose\n"},
		{[]string{"add", "a car", "--name", "Car\x1b", "--coins", "0"}, "added gift a car\n"},
		{[]string{"add-category", "hot", "--name", "Hot", "--desc", "d", "--extension", "1"}, "added gift category hot\n"},
		{[]string{"put", "hot", "rose", "nope", "a car"}, "gift category hot has now: rose, \"a car\"\nno gifts: nope\n"},
		{[]string{"in", "hot"}, "rose\na car\n"},
		{[]string{"take", "hot", "a car"}, "gift category hot no longer has: \"a car\"\n"},
		{[]string{"list"}, "\"a car\"  0 coins  level 0  \"Car\\x1b\"  []\nrose     5 coins  level 2  Red rose   [hot]\n"},
		{[]string{"edit", "rose", "--coins", "7", "--desc", ""}, "changed gift rose\n"},
		{[]string{"text", "rose", "zh-Hans", "玫瑰", "一朵"}, "set the texts of gift rose in zh-Hans\n"},
		{[]string{"text", "rose", "en", "Rose"}, "set the texts of gift rose in en\n"},
		{[]string{"text", "rose", "en", "--remove"}, "gift rose has no texts in en any more\n"},
		{[]string{"edit-category", "hot", "--name", "Hotter"}, "changed gift category hot\n"},
		{[]string{"category-text", "hot", "zh-Hant", "熱"}, "set the texts of gift category hot in zh-Hant\n"},
		{[]string{"category-text", "hot", "en", "Hot", "d"}, "set the texts of gift category hot in en\n"},
		{[]string{"category-text", "hot", "zh-Hant", "--remove"}, "gift category hot has no texts in zh-Hant any more\n"},
		{[]string{"categories"}, "hot  Hotter  [rose]\n"},
	} {
		require.Equal(t, step.want, succeed(t, append([]string{"gift"}, step.args...)...), "%v", step.args)
	}
	require.Regexp(t, `^\{"TotalCount":2,"GiftList":\[\{"GiftId":"a car",.*"GiftId":"rose","Name":"Red rose","Desc":"","IconUrl":"i","ResourceUrl":"r","Coins":7,"Level":2,"ExtensionInfo":"\[1\]",`+
		`"CreateTime":\d+,"LanguageList":\[\{"Language":"zh-Hans","Name":"玫瑰","Desc":"一朵"\}\]\}\],"CategoryList":\[\{"CategoryId":"hot","CategoryName":"Hotter",`+
		`"CategoryDesc":"d","ExtensionInfo":"1","GiftIdList":\["rose"\],"LanguageList":\[\{"Language":"en","CategoryName":"Hot","CategoryDesc":"d"\}\]\}\]\}\n$`,
		succeed(t, "gift", "list", "--json"))

	succeed(t, "room", "create", "hello", "--owner", "alice")
	require.Equal(t, "bob gave 3 of rose in room hello to alice, carl\n", succeed(t, "gift", "send", "hello", "rose", "--from", "bob", "--to", "alice,carl", "--count", "3"))
	require.Equal(t, "eve gave 1 of rose in room hello to alice\n", succeed(t, "gift", "send", "hello", "rose", "--from", "eve", "--to", "alice"))
	require.Equal(t, "7 gifts worth 49 coins from 2 users\n", succeed(t, "gift", "count", "hello"))
	require.Equal(t, "6 gifts worth 42 coins from 1 users\n", succeed(t, "gift", "count", "hello", "--from", "bob"))
	require.JSONEq(t, `{"Sequence":2,"TotalCount":7,"TotalCoins":49,"GiftSenderCount":2}`, succeed(t, "gift", "count", "hello", "--json"))

	require.Equal(t, "there is no gift rose any more\n", succeed(t, "gift", "delete", "rose"))
	require.Equal(t, "there is no gift category hot any more\n", succeed(t, "gift", "delete-category", "hot"))
	require.ErrorContains(t, fail(t, "gift", "copy-defaults"), "102010")
	succeed(t, "gift", "delete", "a car")
	require.Equal(t, "the app has the default gifts now\n", succeed(t, "gift", "copy-defaults"))
	require.Regexp(t, `(?m)^wave +1 coins +level 0 +Wave +\[hello\]$`, succeed(t, "gift", "list"))
}

func TestGiftCommandsSayWhatIsWrong(t *testing.T) {
	startServer(t)
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"bogus"}, `unknown command "bogus"`},
		{[]string{"add", "rose"}, "required flag"},
		{[]string{"send", "hello", "rose", "--from", "bob"}, "required flag"},
		{[]string{"send", "hello", "rose", "--from", "bob", "--to", "alice", "--count", "0"}, "--count must be 1 to 100000, not 0"},
		{[]string{"edit", "rose"}, "nothing to change"},
		{[]string{"edit-category", "hot"}, "nothing to change"},
		{[]string{"text", "rose", "en"}, "a name"},
		{[]string{"text", "rose", "en", "n", "d", "x"}, "a name"},
		{[]string{"text", "rose", "en", "n", "--remove"}, "an id and a language"},
		{[]string{"put", "hot"}, "requires at least 2 arg"},
		{[]string{"edit", "rose", "--level", "1"}, "102002"},
		{[]string{"add", "rose", "--name", "", "--coins", "1"}, "100002"},
		{[]string{"edit-category", "hot", "--name", "n"}, "100002"},
		{[]string{"put", "hot", "rose"}, "100002"},
		{[]string{"text", "rose", "fr", "n"}, "100002"},
		{[]string{"send", "nowhere", "rose", "--from", "bob", "--to", "alice"}, "100004"},
		{[]string{"count", "nowhere"}, "100004"},
	} {
		require.ErrorContains(t, fail(t, append([]string{"gift"}, tc.args...)...), tc.want, "%v", tc.args)
	}
}

// TestTheAppServerDecidesAboutGifts has a real app server asked over HTTP.
func TestTheAppServerDecidesAboutGifts(t *testing.T) {
	startServer(t)
	answers := []string{`{"ActionStatus":"FAIL","ErrorCode":102150,"ErrorInfo":"no coins left"}`, `oops`, `{"ErrorCode":0}`}
	asked := make(chan string, len(answers))
	appServer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = io.WriteString(w, answers[len(asked)])
		asked <- r.URL.Query().Get("CallbackCommand") + " " + string(body)
	}))
	defer appServer.Close()
	succeed(t, "webhook", "set", appServer.URL, "--commands", "Live.CallbackBeforeSendGift")
	succeed(t, "room", "create", "hello")
	succeed(t, "gift", "add", "rose", "--name", "Rose", "--coins", "5")
	send := []string{"gift", "send", "hello", "rose", "--from", "bob", "--to", "alice"}
	require.ErrorContains(t, fail(t, send...), "102150: no coins left")
	require.ErrorContains(t, fail(t, send...), "102004: ")
	require.Equal(t, "0 gifts worth 0 coins from 0 users\n", succeed(t, "gift", "count", "hello"))
	succeed(t, send...)
	require.Equal(t, "1 gifts worth 5 coins from 1 users\n", succeed(t, "gift", "count", "hello"))
	require.Len(t, asked, 3)
	require.Regexp(t, `^Live\.CallbackBeforeSendGift \{"CallbackCommand":"Live\.CallbackBeforeSendGift","Operator_Account":"administrator","RoomId":"hello",`+
		`"GiftWater":\{"From_Account":"bob","To_Account":\["alice"\],"Time":\d{10},"GiftId":"rose","Count":1,"Coins":5\}\}$`, <-asked)
}
