package restapi_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/webhook"
)

// occasion is what makes a webhook fire, and its body then.
type occasion struct {
	with  []func(*setup)
	given []step
	on    step
	// fires is the body of the webhook, which may come between others; asks that of one that asks beforehand. Neither: it
	// never fires.
	fires, asks string
}

// duel is a battle of two rooms that has begun.
var duel = []step{
	{call: createRoom, body: `{"RoomInfo":{"RoomId":"live_9001","RoomType":"Live","Owner_Account":"host_7"}}`},
	{call: createRoom, body: `{"RoomInfo":{"RoomId":"live_9002","RoomType":"Live","Owner_Account":"host_9"}}`},
	{call: createBattle, body: `{"FromRoomId":"live_9001","ToRoomIdList":["live_9002"],"Duration":90000,"ExtensionInfo":"final"}`},
}

// duelID is its id.
const duelID = `"BattleId":"` + theBattle + `"`

// occasions has every webhook of the contract.
var occasions = map[webhook.Command]occasion{
	webhook.CommandAfterCreateRoom: {
		on: step{call: createRoom, body: `{"RoomInfo":{"RoomId":"live_9001","RoomType":"Live","RoomName":"evening show","Owner_Account":"host_7",
			"SeatTemplate":"VideoDynamicGrid9Seats","TakeSeatMode":"ApplyToTake","MaxMemberCount":500,"CoverURL":"https://img.example.org/c.png","Category":[3,8]}}`},
		fires: `{"CallbackCommand":"Live.CallbackAfterCreateRoom","Operator_Account":"administrator","RoomInfo":{"RoomId":"live_9001",
			"RoomName":"evening show","RoomType":"Live","Owner_Account":"host_7","MaxMemberCount":500,"IsMessageDisabled":false,"CustomInfo":"",
			"IsSeatEnabled":true,"TakeSeatMode":"ApplyToTake","MaxSeatCount":9,"CreateTime":1765001300,"IsPublicVisible":true,
			"CoverURL":"https://img.example.org/c.png","Category":[3,8]},"EventTime":1765001300444}`,
	},
	webhook.CommandAfterDestroyRoom: {
		given: []step{aRoom, entering("fan_1")}, on: step{call: destroyRoom, body: askRoom},
		fires: `{"CallbackCommand":"Live.CallbackAfterDestroyRoom","Operator_Account":"administrator","RoomId":"live_9001",
			"EventType":"DestroyByUser","EventTime":1765001300444,"RoomInfo":{"RoomId":"live_9001","RoomName":"live_9001","RoomType":"Live",
			"Owner_Account":"host_7","IsSeatEnabled":false,"TakeSeatMode":"None","MaxMemberCount":100000,"MaxSeatCount":0,"CustomInfo":"",
			"IsMessageDisabled":false,"CoverURL":"","ActivityStatus":0,"IsPublicVisible":true,"ViewCount":1,"BackgroundURL":"",
			"IsUnlimitedRoomEnabled":false},"Statistic":{"TotalViewers":1,"TotalGiftsSent":0,"TotalGiftCoins":0,"TotalUniqueGiftSenders":0,
			"TotalLikesReceived":0}}`,
	},
	webhook.CommandAfterUpdateRoomInfo: {
		given: []step{aRoom}, on: step{call: updateRoomInfo, body: `{"RoomInfo":{"RoomId":"live_9001","RoomName":"late show","ActivityStatus":4}}`},
		fires: `{"CallbackCommand":"Live.CallbackAfterUpdateRoomInfo","Operator_Account":"administrator","RoomInfo":{"RoomId":"live_9001",
			"RoomName":"late show","MaxMemberCount":100000,"IsMessageDisabled":false,"CoverURL":"","Category":[],"ActivityStatus":4,
			"IsPublicVisible":true,"TakeSeatMode":"None","CustomInfo":""},"EventTime":1765001300444}`,
	},
	webhook.CommandAfterSetMetadata: {
		given: []step{aRoom}, on: step{call: setRoomMetadata, body: `{"RoomId":"live_9001","Metadata":[{"Key":"theme","Value":"dark"},{"Key":"lang","Value":"pt"}]}`},
		fires: `{"CallbackCommand":"Live.CallbackAfterSetMetadata","Operator_Account":"administrator","RoomId":"live_9001",
			"Metadata":[{"Key":"theme","Value":"dark"},{"Key":"lang","Value":"pt"}],"EventTime":1765001300444}`,
	},
	webhook.CommandAfterDelMetadata: {
		given: aRoomWith(theme), on: step{call: delRoomMetadata, body: `{"RoomId":"live_9001","Keys":["theme"]}`},
		fires: `{"CallbackCommand":"Live.CallbackAfterDelMetadata","Operator_Account":"administrator","RoomId":"live_9001",
			"Keys":["theme"],"EventTime":1765001300444}`,
	},
	webhook.CommandAfterCreateRoomReachingThreshold: {
		with: []func(*setup){func(s *setup) { s.app.MaxRooms = 1 }}, on: aRoom,
		fires: `{"CallbackCommand":"Live.CallbackAfterCreateRoomReachingThreshold","Operator_Account":"administrator",
			"EventTime":1765001300444,"CurRoomCount":1,"MaxRoomCount":1}`,
	},
	webhook.CommandAfterMemberStateChanged: {
		given: []step{aRoom}, on: entering("fan_1"),
		fires: `{"CallbackCommand":"Live.CallbackAfterMemberStateChanged","RoomId":"live_9001","EventType":"Online","EventCause":"Enter",
			"MemberList":[{"Member_Account":"fan_1"}],"EventTime":1765001300444}`,
	},
	webhook.CommandAfterChangeOwner: {
		given: []step{aRoom}, on: step{call: changeRoomOwner, body: `{"RoomId":"live_9001","NewOwner_Account":"host_8"}`},
		fires: `{"CallbackCommand":"Live.CallbackAfterChangeOwner","RoomId":"live_9001","EventTime":1765001300444,
			"Operator_Account":"administrator","CurrentOwner_Account":"host_8","OriginalOwner_Account":"host_7"}`,
	},
	webhook.CommandAfterModifyAdmin: {
		given: []step{aRoom}, on: step{call: modifyAdmin, body: modify("add", `["mod_1"]`)},
		fires: `{"CallbackCommand":"Live.CallbackAfterModifyAdmin","RoomId":"live_9001","EventTime":1765001300444,
			"Operator_Account":"administrator","Admin_Account":["mod_1"],"opType":"add"}`,
	},
	webhook.CommandAfterSeatInfoChanged: {
		given: []step{
			{call: createRoom, body: `{"RoomInfo":{"RoomId":"live_9001","RoomType":"Live","SeatTemplate":"AudioSalon","MaxSeatCount":2}}`},
			entering("fan_1"),
		},
		on: step{call: pickUserOnSeat, body: `{"RoomId":"live_9001","Index":1,"Member_Account":"fan_1"}`},
		fires: `{"CallbackCommand":"Mic.CallbackAfterSeatInfoChanged","RoomId":"live_9001","SeatList":[
			{"Index":0,"IsTakenDisabled":false,"IsVideoDisabled":false,"IsAudioDisabled":false},
			{"Index":1,"Member_Account":"fan_1","IsTakenDisabled":false,"IsVideoDisabled":false,"IsAudioDisabled":false}],"EventTime":1765001300444}`,
	},
	webhook.CommandAfterCreateBattle: {
		given: duel[:2], on: duel[2],
		fires: `{"CallbackCommand":"Live.CallbackAfterCreateBattle","Operator_Account":"administrator",` + duelID + `,"FromRoomId":"live_9001",
			"ToRoomIdList":["live_9002"],"Timeout":0,"Duration":90000,"NeedResponse":false,"ExtensionInfo":"final","EventTime":1765001300444}`,
	},
	webhook.CommandAfterStartBattle: {
		given: duel[:2], on: duel[2],
		fires: `{"CallbackCommand":"Live.CallbackAfterStartBattle",` + duelID + `,"Duration":90000,"CreateTime":1765001300,"StartTime":1765001300,
			"FromRoomInfo":{"RoomId":"live_9001","Owner_Account":"host_7"},"ToRoomList":[{"RoomId":"live_9002","Owner_Account":"host_9"}],
			"EventTime":1765001300444}`,
	},
	webhook.CommandAfterEndBattle: {
		given: duel, on: step{call: destroyRoom, body: `{"RoomId":"live_9002"}`},
		fires: `{"CallbackCommand":"Live.CallbackAfterEndBattle",` + duelID + `,"Duration":90000,"CreateTime":1765001300,"StartTime":1765001300,
			"EndTime":1765001300,"OpType":1,"FromRoomInfo":{"RoomId":"live_9001","Score":0,"Owner_Account":"host_7"},
			"ToRoomList":[{"RoomId":"live_9002","Score":0,"Owner_Account":"host_9"}],"EventTime":1765001300444}`,
	},
	webhook.CommandBeforeSendGift: {
		given: []step{aRoom, aRose},
		on:    step{call: sendGift, body: `{"RoomId":"live_9001","GiftId":"rose01","Count":3,"From_Account":"fan_1","ReceiverList_Account":["host_7"]}`},
		asks: `{"CallbackCommand":"Live.CallbackBeforeSendGift","Operator_Account":"administrator","RoomId":"live_9001","GiftWater":{
			"From_Account":"fan_1","To_Account":["host_7"],"Time":1765001300,"GiftId":"rose01","Count":3,"Coins":5}}`,
	},
	webhook.CommandBeforeCallBackNotBlock: {
		with: []func(*setup){saysNothing}, given: []step{aRoom, aRose},
		on: step{call: sendGift, body: `{"RoomId":"live_9001","GiftId":"rose01","From_Account":"fan_1","ReceiverList_Account":["host_7"]}`},
	},
	webhook.CommandBeforeSendMsg: {
		given: []step{aRoom}, on: step{call: sendTextMsg, body: `{"RoomId":"live_9001","Sender_Account":"fan_1","TextContent":"hello","Random":7}`},
		asks: mayISend("fan_1", `{"MsgType":"TIMTextElem","MsgContent":{"Text":"hello"}}`, `""`),
	},
	webhook.CommandAfterSendMsg: {
		given: []step{aRoom}, on: step{call: sendTextMsg, body: `{"RoomId":"live_9001","Sender_Account":"fan_1","TextContent":"hello","Random":7}`},
		fires: wasSent("fan_1", 1, `{"MsgType":"TIMTextElem","MsgContent":{"Text":"hello"}}`, `""`),
	},
	webhook.CommandAfterFollowAdd: {
		on: step{call: followAdd, body: `{"From_Account":"fan_1","FollowItem":[{"To_Account":"host_7"},{"To_Account":"fan_1"}]}`},
		fires: `{"CallbackCommand":"Follow.CallbackAfterFollowAdd","From_Account":"fan_1","FollowList":[{"To_Account":"host_7"}],
			"EventTime":1765001300444}`,
	},
	webhook.CommandAfterFollowDelete: {
		given: []step{{call: followAdd, body: `{"From_Account":"fan_1","FollowItem":[{"To_Account":"host_7"}]}`}},
		on:    step{call: followDelete, body: `{"From_Account":"fan_1","To_Account":["host_7","host_8"]}`},
		fires: `{"CallbackCommand":"Follow.CallbackAfterFollowDelete","From_Account":"fan_1","To_Account":["host_7"],"EventTime":1765001300444}`,
	},
	// It tells of what a media server records, and there is none.
	webhook.CommandAfterCloudRecordingChanged: {given: []step{aRoom}, on: step{call: destroyRoom, body: askRoom}},
}

// TestWebhooks fires every webhook of the contract once, by its name: the exact body and query; and with everything
// switched on but that word, it does not fire on the same occasion.
func TestWebhooks(t *testing.T) {
	require.ElementsMatch(t, webhook.Words(), slices.Collect(maps.Keys(occasions)))
	for word, o := range occasions {
		t.Run(string(word), func(t *testing.T) {
			d := everybodys.open(t, o.with...)
			d.take(append(o.given[:len(o.given):len(o.given)], o.on))
			d.requireWord(o.fires, d.firedOf(word))
			d.requireWord(o.asks, d.askedOf(word))

			others := make([]string, 0)
			for _, w := range webhook.Words() {
				if w != word {
					others = append(others, string(w))
				}
			}
			if word == webhook.CommandBeforeCallBackNotBlock {
				return // it is what makes the occasion succeed
			}
			quiet := everybodys.open(t, append(o.with[:len(o.with):len(o.with)], bare)...)
			require.NoError(t, quiet.live.SetCallback(ctx, live.System(quiet.app), live.Callback{URL: "https://hooks.example.net/", Commands: others}))
			quiet.take(append(o.given[:len(o.given):len(o.given)], o.on))
			require.Empty(t, quiet.firedOf(word))
			require.Empty(t, quiet.askedOf(word))
		})
	}
}

// firedOf returns the bodies of the app's webhooks of one command, after a look at their queries.
func (d *door) firedOf(word webhook.Command) (bodies []string) {
	d.t.Helper()
	for _, e := range d.fired() {
		if e.Command == word {
			if e.ClientIP == "127.0.0.1" { // else a client did it
				d.requireQuery(e)
			}
			bodies = append(bodies, string(e.Body))
		}
	}
	return bodies
}

// askedOf returns the bodies of the questions of one command.
func (d *door) askedOf(word webhook.Command) (bodies []string) {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, body := range d.asked {
		event, err := webhook.Decode([]byte(body))
		require.NoError(d.t, err)
		if event.Command() == word {
			bodies = append(bodies, body)
		}
	}
	return bodies
}

// requireWord demands that one body alone is there, or none.
func (d *door) requireWord(want string, bodies []string) {
	d.t.Helper()
	if want == "" {
		require.Empty(d.t, bodies)
		return
	}
	require.Equal(d.t, []string{compact(d.t, want)}, bodies)
}
