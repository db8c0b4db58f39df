package gateway

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

// asks makes the app want to be asked about messages, and answer like that.
func (w *world) asks(answer func(live.Question) (webhook.Answer, error)) {
	w.t.Helper()
	w.answers = answer
	require.NoError(w.t, w.live.SetCallback(context.Background(), live.System(app1), live.Callback{
		URL: "http://x/", Commands: []string{"Group.CallbackBeforeSendMsg"}}))
}

// anonymous is somebody without a name or a picture.
func anonymous(user string) m { return m{"userID": user, "userName": "", "avatarURL": ""} }

// hearsMessage waits for a message with Random 7 from user.
func (c *client) hearsMessage(name, user string, sequence int, fields m) {
	c.t.Helper()
	e := receive(c.t, c.events, c.user+" hears "+name)
	require.Equal(c.t, name, e.Event)
	require.InDelta(c.t, time.Now().Unix(), e.Data["timestampInSecond"], 60)
	want := m{"sender": anonymous(user), "sequence": float64(sequence), "random": float64(7), "timestampInSecond": e.Data["timestampInSecond"]}
	for k, v := range fields {
		want[k] = v
	}
	require.Equal(c.t, want, e.Data)
}

// sent is the reply to a message that was delivered.
func (c *client) sent(reply m, sequence int) {
	c.t.Helper()
	require.InDelta(c.t, time.Now().Unix(), reply["timestampInSecond"], 60)
	require.Equal(c.t, m{"sequence": float64(sequence), "random": float64(7), "timestampInSecond": reply["timestampInSecond"]}, reply)
}

func TestMessagesReachEverybodyInTheRoom(t *testing.T) {
	w := newWorld(t)
	mia, ben := w.connect(app1, "mia"), w.connect(app1, "ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	mia.hearsMember("audience.onAudienceJoined", "audience", "ben", 2)

	ben.sent(ben.do("barrage.sendTextMessage", m{"text": "hello", "random": 7}), 1)
	mia.sent(mia.do("barrage.sendTextMessage", m{"liveID": "room_a", "text": "<hi> \"ben\"", "extensionInfo": m{"b": "2", "a": "1"}, "random": 7}), 2)
	ben.sent(ben.do("barrage.sendCustomMessage", m{"businessID": "dance", "data": `{"n":1}`, "random": 7}), 1) // Random 7 again
	mia.sent(mia.do("barrage.sendCustomMessage", m{"businessID": "dance", "random": 7, "liveID": "room_a"}), 2)
	reply := ben.do("barrage.sendCustomMessage", m{"businessID": "dance", "data": `{"n":1}`})
	for _, c := range []*client{mia, ben} {
		c.hearsMessage("barrage.onBarrageReceived", "ben", 1, m{"textContent": "hello"})
		c.hearsMessage("barrage.onBarrageReceived", "mia", 2, m{"textContent": "<hi> \"ben\"", "extensionInfo": m{"a": "1", "b": "2"}})
		c.hearsMessage("barrage.onCustomMessageReceived", "ben", 3, m{"businessID": "dance", "data": `{"n":1}`, "random": reply["random"]})
	}
	other := mia.do("barrage.sendTextMessage", m{"text": "again"})
	require.NotEqual(t, reply["random"], other["random"], "a Random that nobody chose is made up")
}

func TestMessagesOfTheAppServerReachTheRoomWhole(t *testing.T) {
	w := newWorld(t)
	mia := w.connect(app1, "mia")
	mia.starts("room_a")
	admin := live.Caller{App: app1, User: "administrator", Kind: live.KindAdmin}
	sequence := 0
	hears := func(name, cloud string, fields m, elements ...string) {
		t.Helper()
		sequence++
		spec := live.MessageSpec{From: "bot", CloudCustomData: cloud, Random: new(uint32(7))}
		var body []any
		for i := 0; i < len(elements); i += 2 {
			kind, own, _ := strings.Cut(elements[i], " with ") // CloudCustomData of its own
			spec.Body = append(spec.Body, webhook.MsgElement{MsgType: kind, MsgContent: []byte(elements[i+1]), CloudCustomData: own})
			var content m
			require.NoError(t, decode([]byte(elements[i+1]), &content))
			element := m{"MsgType": kind, "MsgContent": content}
			if own != "" {
				element["CloudCustomData"] = own
			}
			body = append(body, element)
		}
		if fields["msgBody"] != nil {
			fields["msgBody"] = body
		}
		*spec.Random += uint32(sequence) // none is a repetition
		_, err := w.live.SendMessage(context.Background(), admin, "room_a", spec)
		require.NoError(t, err)
		fields["random"] = float64(*spec.Random)
		mia.hearsMessage(name, "bot", sequence, fields)
	}
	const text, custom = "barrage.onBarrageReceived", "barrage.onCustomMessageReceived"
	hears(text, "", m{"textContent": "hi"}, "TIMTextElem", `{"Text":"hi"}`)
	hears(text, `{"lv":"4"}`, m{"textContent": "hi", "extensionInfo": m{"lv": "4"}}, "TIMTextElem", `{"Text":"hi"}`)
	hears(text, `{"lv":4}`, m{"textContent": "hi", "cloudCustomData": `{"lv":4}`}, "TIMTextElem", `{"Text":"hi"}`)
	hears(text, "{}", m{"textContent": "hi", "cloudCustomData": "{}"}, "TIMTextElem", `{"Text":"hi"}`)
	hears(text, "", m{"textContent": "hi", "msgBody": m{}}, "TIMTextElem", `{"Text":"hi","Font":"bold"}`)
	hears(text, "", m{"textContent": "hi", "msgBody": m{}}, "TIMTextElem with lang", `{"Text":"hi"}`)
	hears(custom, "", m{"businessID": "", "data": "", "msgBody": m{}}, "TIMCustomElem with lang", `{"Data":"{\"BusinessId\":\"b\",\"Data\":\"d\"}"}`)
	hears(text, "", m{"textContent": "hi there", "msgBody": m{}}, "TIMTextElem", `{"Text":"hi "}`, "TIMFaceElem", `{"Index":1}`, "TIMTextElem", `{"Text":"there"}`)
	hears(custom, "", m{"businessID": "b", "data": "d"}, "TIMCustomElem", `{"Data":"{\"BusinessId\":\"b\",\"Data\":\"d\"}"}`)
	hears(custom, "", m{"businessID": "", "data": "", "msgBody": m{}}, "TIMCustomElem", `{"Data":"{\"BusinessId\":\"b\",\"Data\":\"d\"}","Ext":"e"}`)
	hears(custom, "", m{"businessID": "", "data": "", "msgBody": m{}}, "TIMCustomElem", `{"Data":"{\"BusinessId\":\"b\",\"Data\":\"d\",\"More\":\"m\"}"}`)
	hears(custom, "", m{"businessID": "", "data": "", "msgBody": m{}}, "TIMCustomElem", `{"Data":"plain"}`)
	hears(custom, "c", m{"businessID": "", "data": "", "msgBody": m{}, "cloudCustomData": "c"}, "TIMLocationElem", `{"Desc":"here"}`)
}

func TestWhoMaySendMessages(t *testing.T) {
	w := newWorld(t)
	mia, ada, ben, eve := w.connect(app1, "mia"), w.connect(app1, "ada"), w.connect(app1, "ben"), w.connect(app1, "eve")
	mia.do("live.startLive", m{"liveInfo": m{"liveID": "room_a", "isMessageDisable": true}})
	ada.do("live.joinLive", m{"liveID": "room_a"})
	ben.do("live.joinLive", m{"liveID": "room_a"})
	w.makeAdmin("mia", "room_a", "ada")
	text, custom := m{"liveID": "room_a", "text": "hello"}, m{"liveID": "room_a", "businessID": "b", "data": ""}

	eve.fails(100005, "barrage.sendTextMessage", text)
	eve.fails(100005, "barrage.sendCustomMessage", custom)
	eve.fails(100002, "barrage.sendTextMessage", m{"text": "hello"})
	eve.fails(100004, "barrage.sendTextMessage", m{"liveID": "room_b", "text": "hello"})
	ben.fails(100017, "barrage.sendTextMessage", text)
	ben.fails(100017, "barrage.sendCustomMessage", custom)
	require.Equal(t, 1.0, mia.do("barrage.sendTextMessage", text)["sequence"])
	require.Equal(t, 2.0, ada.do("barrage.sendCustomMessage", custom)["sequence"])

	ben.fails(100002, "barrage.sendTextMessage", m{"text": ""})
	ben.fails(100002, "barrage.sendTextMessage", m{"text": 7})
	ben.fails(100002, "barrage.sendTextMessage", m{"text": "x", "extensionInfo": m{"a": 1}})
	ben.fails(100002, "barrage.sendTextMessage", m{"text": "x", "random": -1})
	ben.fails(100002, "barrage.sendCustomMessage", m{"data": "x"})
	ada.fails(80002, "barrage.sendTextMessage", m{"text": strings.Repeat("x", 12288)})
	ada.fails(80002, "barrage.sendTextMessage", m{"text": "x", "extensionInfo": m{"a": strings.Repeat("x", 12288)}})
}

func TestWhatTheAppServerSaysReachesTheSender(t *testing.T) {
	w := newWorld(t)
	mia := w.connect(app1, "mia")
	mia.starts("room_a")
	answers := map[string]webhook.Answer{
		"no": {ErrorCode: 1}, "never": {ErrorCode: 10111, ErrorInfo: "never"}, "vanish": {ErrorCode: 2},
		"change": {MsgBody: live.TextBody("changed")},
	}
	w.asks(func(q live.Question) (webhook.Answer, error) {
		asked := q.Event.(webhook.BeforeSendMsg)
		text, _ := textOf(asked.MsgBody)
		require.Equal(t, "mia", asked.FromAccount)
		require.Equal(t, "mia", asked.OperatorAccount)
		require.Equal(t, live.Platform("iOS"), q.By.Platform)
		if text == "silence" {
			return webhook.Answer{}, errors.New("no answer")
		}
		return answers[text], nil
	})
	mia.fails(10016, "barrage.sendTextMessage", m{"text": "no"})
	mia.fails(10111, "barrage.sendTextMessage", m{"text": "never"})
	mia.sent(mia.do("barrage.sendTextMessage", m{"text": "vanish", "random": 7}), 1)
	mia.do("barrage.sendTextMessage", m{"text": "change", "random": 7})
	mia.hearsMessage("barrage.onBarrageReceived", "mia", 1, m{"textContent": "changed"})
	mia.do("barrage.sendTextMessage", m{"text": "silence", "random": 8})
	mia.hearsMessage("barrage.onBarrageReceived", "mia", 2, m{"textContent": "silence", "random": 8.0})
}

// TestASlowAppServerHoldsUpOneConnectionOnly: while it thinks about ben's message, ben's other calls wait and nobody
// else's do, not even ben's on another device.
func TestASlowAppServerHoldsUpOneConnectionOnly(t *testing.T) {
	w := newWorld(t)
	mia, ben := w.connect(app1, "mia"), w.connect(app1, "ben")
	mia.starts("room_a")
	ben.joins("room_a", 2)
	mia.hearsMember("audience.onAudienceJoined", "audience", "ben", 2)
	thinking, decided := make(chan struct{}), make(chan struct{})
	w.asks(func(q live.Question) (webhook.Answer, error) {
		if text, _ := textOf(q.Event.(webhook.BeforeSendMsg).MsgBody); text == "slow" {
			close(thinking)
			<-decided
		}
		return webhook.Answer{}, nil
	})
	done := make(chan string, 2)
	call := func(text string) {
		_, err := ben.ask("barrage.sendTextMessage", m{"text": text, "random": 7 + len(text)})
		require.NoError(t, err)
		done <- text
	}
	go call("slow")
	receive(t, thinking, "the question")
	go call("after it")
	mia.do("barrage.sendTextMessage", m{"text": "meanwhile", "random": 7})
	tablet := w.connect(app1, "ben")
	tablet.do("live.joinLive", m{"liveID": "room_a"})
	tablet.do("barrage.sendTextMessage", m{"text": "from elsewhere", "random": 7})
	mia.do("live.updateLiveMetaData", m{"metaData": m{"k": "v"}})
	mia.hearsMessage("barrage.onBarrageReceived", "mia", 1, m{"textContent": "meanwhile"})
	mia.hearsMessage("barrage.onBarrageReceived", "ben", 2, m{"textContent": "from elsewhere"})
	mia.hearsMetadata("k", "v")
	require.Empty(t, done, "the calls of one connection wait for each other")
	close(decided)
	require.Equal(t, "slow", receive(t, done, "the slow reply"))
	require.Equal(t, "after it", receive(t, done, "the reply after it"))
	mia.hearsMessage("barrage.onBarrageReceived", "ben", 3, m{"textContent": "slow", "random": 11.0})
	mia.hearsMessage("barrage.onBarrageReceived", "ben", 4, m{"textContent": "after it", "random": 15.0})
}

func FuzzMessageNotice(f *testing.F) {
	f.Add("TIMTextElem", `{"Text":"x"}`, `{"a":"b"}`)
	f.Add("TIMCustomElem", `{"Data":"{\"BusinessId\":\"b\",\"Data\":\"d\"}"}`, "")
	f.Add("TIMCustomElem", `{"Data":7}`, "{")
	f.Add("x", "", "\xff")
	f.Fuzz(func(t *testing.T, msgType, content, cloud string) {
		n := messageNotice(live.Message{Body: []webhook.MsgElement{{MsgType: msgType, MsgContent: []byte(content)}}, CloudCustomData: cloud})
		require.Contains(t, []string{"barrage.onBarrageReceived", "barrage.onCustomMessageReceived"}, n.event)
	})
}
