package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/client"
	"github.com/greenroom-live/greenroom/webhook"
)

func TestMessageCommandsPrintForPeople(t *testing.T) {
	startServer(t)
	succeed(t, "room", "create", "hello")
	require.Equal(t, "sent message 1 of room hello\n", succeed(t, "message", "send", "hello", "Good evening"))
	require.Equal(t, "sent message 2 of room hello\n", succeed(t, "message", "send", "hello", "Good evening", "--from", "lin", "--extension", `{"lv":4}`, "--random", "7"))
	require.Equal(t, "sent message 2 of room hello\n", succeed(t, "message", "send", "hello", "Good evening", "--from", "lin", "--random", "7"))
	require.Equal(t, "sent message 3 of room hello\n", succeed(t, "message", "send-custom", "hello", "pin_card", `{"sku":"A-17"}`))
	require.Equal(t, "sent message 4 of room hello\n", succeed(t, "message", "send-custom", "hello", "bye", "--from", "lin", "--random", "0"))

	require.Equal(t, "sent message 5 of room hello\n", succeed(t, "message", "send-group", "hello", "Approved", "--from", "lin",
		"--priority", "High", "--custom-data", "x", "--unasked", "--unreported", "--random", "9"))
	require.Equal(t, "sent message 5 of room hello\n", succeed(t, "message", "send-group", "hello", "Approved", "--from", "lin", "--random", "9"))

	var out bytes.Buffer
	writeSent(&out, "hello\x1b", client.SentMessage{MsgDropReason: "MsgFreqCtrl"})
	require.Equal(t, `dropped: room "hello\x1b" gets no more messages in this second (MsgFreqCtrl)`+"\n", out.String())
}

func TestMessageCommandsPrintTheResponseForMachines(t *testing.T) {
	startServer(t)
	succeed(t, "room", "create", "hello")
	require.Regexp(t, `^\{"MsgTime":\d{10},"MsgSeq":1\}\n$`, succeed(t, "message", "send", "hello", "x", "--json"))
	require.Regexp(t, `^\{"MsgTime":\d{10},"MsgSeq":2\}\n$`, succeed(t, "message", "send-custom", "hello", "x", "--json"))
}

func TestMessageCommandsSayWhatIsWrong(t *testing.T) {
	startServer(t)
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"send", "nope", "x"}, "100004: "},
		{[]string{"send", "nope", ""}, "100002: TextContent"},
		{[]string{"send-custom", "nope", ""}, "100002: BusinessId"},
		{[]string{"send-group", "nope", "x"}, "10010: "},
		{[]string{"send-group", "nope", "x", "--priority", "Urgent"}, "10004: MsgPriority"},
		{[]string{"send", "nope"}, "accepts 2 arg"},
		{[]string{"send-custom", "nope"}, "accepts between 2 and 3 arg"},
		{[]string{"send", "nope", "x", "--random", "-1"}, "--random"},
		{[]string{"bogus"}, `unknown command "bogus" for "greenroom message"`},
	} {
		require.ErrorContains(t, fail(t, append([]string{"message"}, tc.args...)...), tc.want)
	}
}

func TestSendGroupLeavesTheAppServerOut(t *testing.T) {
	startServer(t)
	r, url, _ := startListen(t)
	succeed(t, "webhook", "set", url, "--commands", "BeforeSendMsg,AfterSendMsg")
	succeed(t, "room", "create", "hello")
	succeed(t, "message", "send-group", "hello", "one", "--unasked", "--unreported")
	succeed(t, "message", "send-group", "hello", "two", "--unasked")
	require.Regexp(t, `AfterSendMsg .*seq=2 TIMTextElem:\{"Text":"two"\}`, r.stdout.next(t), "nobody was asked, nor told of the first")
	require.NoError(t, r.stop())
}

func TestListenShowsQuestionsAndAllowsThem(t *testing.T) {
	startServer(t)
	r, url, _ := startListen(t)
	succeed(t, "webhook", "set", url, "--commands", "AfterCreateRoom,BeforeSendMsg,AfterSendMsg")
	succeed(t, "room", "create", "hello")
	require.Contains(t, r.stdout.next(t), "AfterCreateRoom")
	succeed(t, "message", "send", "hello", "Good evening", "--from", "lin")
	require.Regexp(t, `BeforeSendMsg +room=hello  by=administrator  from=lin TIMTextElem:\{"Text":"Good evening"\}  127.0.0.1 RESTAPI  id=ask_\S+  age=\d+ms  asked: allowed$`, r.stdout.next(t))
	require.Regexp(t, `AfterSendMsg +room=hello  by=administrator  from=lin seq=1 TIMTextElem:\{"Text":"Good evening"\}  127.0.0.1 RESTAPI  id=evt_\S+  age=\d+ms$`, r.stdout.next(t))
	require.NoError(t, r.stop())
}

func TestALineShowsWhatAQuestionWasAnswered(t *testing.T) {
	gift := webhook.BeforeSendGift{OperatorAccount: "lin", RoomID: "hello", GiftWater: webhook.GiftWater{
		FromAccount: "lin", ToAccount: []string{"mira"}, GiftID: "rose", Count: 3, Coins: 10}}
	a := arrivalOf(t, gift, "Web")
	a.decision = new(webhook.AnswerAllow)
	require.Equal(t, a.clock()+"  BeforeSendGift           room=hello  by=lin  from=lin to=[mira] gift=rose count=3 coins=10  203.0.113.9 Web"+
		"  id=evt_ABCDEFG…  asked: allowed", a.line())
	long := webhook.AfterSendMsg{GroupID: "hello", FromAccount: "lin", MsgSeq: 7, MsgBody: make([]webhook.MsgElement, 300)}
	for i := range long.MsgBody {
		long.MsgBody[i] = webhook.MsgElement{MsgType: "TIMTextElem", MsgContent: []byte(`{"Text":"a\u202eb"}`)}
	}
	a = arrivalOf(t, long, "")
	require.Less(t, len(a.line()), 300)
	require.NotContains(t, a.line(), "\u202e")
}

func TestListenCanRefuseWhatItIsAsked(t *testing.T) {
	for _, tc := range []struct {
		flags        []string
		shows, fails string
	}{
		{[]string{"--refuse"}, `asked: refused \(1\)$`, "10016: refused by greenroom listen"},
		{[]string{"--answer", "10123"}, `asked: refused \(10123\)$`, "10123: refused by greenroom listen"},
		{[]string{"--answer", "2"}, `asked: to vanish \(2\)$`, ""},
		{[]string{"--answer", "0", "--json"}, `"MsgContent":\{"Text":"x"\}\}\],"CloudCustomData":"","EventTime":\d+\},"answered":0\}$`, ""},
	} {
		startServer(t)
		r, url, _ := startListen(t, tc.flags...)
		succeed(t, "webhook", "set", url, "--commands", "BeforeSendMsg")
		succeed(t, "room", "create", "hello")
		args := []string{"message", "send", "hello", "x"}
		if tc.fails != "" {
			require.ErrorContains(t, fail(t, args...), tc.fails)
		} else {
			require.Equal(t, "sent message 1 of room hello\n", succeed(t, args...))
		}
		require.Regexp(t, tc.shows, r.stdout.next(t))
		require.NoError(t, r.stop())
	}
	require.ErrorContains(t, fail(t, "listen", "--refuse", "--answer", "2"), "none of the others can be")
}
