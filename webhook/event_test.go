package webhook_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/webhook"
)

// sample is one event and what goes over the wire for it, to the byte.
type sample struct {
	name  string
	event webhook.Event
	body  string
}

var samples = []sample{
	{
		name: "room created",
		event: webhook.AfterCreateRoom{
			OperatorAccount: "administrator",
			RoomInfo: webhook.CreatedRoom{
				RoomID: "live_1", RoomName: "soirée <1> & more/less", RoomType: webhook.RoomTypeLive, OwnerAccount: "144115266666666666",
				MaxMemberCount: 300, IsMessageDisabled: true, CustomInfo: `{"a":1}`, IsSeatEnabled: true,
				TakeSeatMode: webhook.TakeSeatApply, MaxSeatCount: 9, CreateTime: 1767225600, IsPublicVisible: true,
				CoverURL: "https://img.example.org/c.png?a=1&b=2", Category: []int{4, 11},
			},
			EventTime: 1767225600123,
		},
		body: `{"CallbackCommand":"Live.CallbackAfterCreateRoom","Operator_Account":"administrator",` +
			`"RoomInfo":{"RoomId":"live_1","RoomName":"soirée <1> & more/less","RoomType":"Live","Owner_Account":"144115266666666666",` +
			`"MaxMemberCount":300,"IsMessageDisabled":true,"CustomInfo":"{\"a\":1}","IsSeatEnabled":true,"TakeSeatMode":"ApplyToTake",` +
			`"MaxSeatCount":9,"CreateTime":1767225600,"IsPublicVisible":true,"CoverURL":"https://img.example.org/c.png?a=1&b=2",` +
			`"Category":[4,11]},"EventTime":1767225600123}`,
	},
	{
		name: "room created with nothing set",
		event: webhook.AfterCreateRoom{
			OperatorAccount: "host_7",
			RoomInfo: webhook.CreatedRoom{
				RoomID: "live_2", RoomType: webhook.RoomTypeLive, OwnerAccount: "host_7",
				TakeSeatMode: webhook.TakeSeatNone, CreateTime: 1767225600,
			},
			EventTime: 1767225600123,
		},
		body: `{"CallbackCommand":"Live.CallbackAfterCreateRoom","Operator_Account":"host_7",` +
			`"RoomInfo":{"RoomId":"live_2","RoomName":"","RoomType":"Live","Owner_Account":"host_7","MaxMemberCount":0,` +
			`"IsMessageDisabled":false,"CustomInfo":"","IsSeatEnabled":false,"TakeSeatMode":"None","MaxSeatCount":0,` +
			`"CreateTime":1767225600,"IsPublicVisible":false,"CoverURL":""},"EventTime":1767225600123}`,
	},
	{
		name: "room dissolved by its owner",
		event: webhook.AfterDestroyRoom{
			OperatorAccount: "host_7", RoomID: "live_1", EventType: webhook.DestroyByUser, EventTime: 1767229200456,
			RoomInfo: webhook.DestroyedRoom{
				RoomID: "live_1", RoomName: "soirée", RoomType: webhook.RoomTypeLive, OwnerAccount: "host_7", IsSeatEnabled: true,
				TakeSeatMode: webhook.TakeSeatFree, MaxMemberCount: 300, MaxSeatCount: 9, Category: []int{4}, CustomInfo: "v2",
				IsMessageDisabled: true, CoverURL: "https://img.example.org/c.png", ActivityStatus: 2, IsPublicVisible: true,
				ViewCount: 57, BackgroundURL: "https://img.example.org/b.png", IsUnlimitedRoomEnabled: true,
			},
			Statistic: webhook.RoomStatistic{
				TotalViewers: 57, TotalGiftsSent: 8, TotalGiftCoins: 160, TotalUniqueGiftSenders: 3, TotalLikesReceived: 91,
			},
		},
		body: `{"CallbackCommand":"Live.CallbackAfterDestroyRoom","Operator_Account":"host_7","RoomId":"live_1",` +
			`"EventType":"DestroyByUser","EventTime":1767229200456,` +
			`"RoomInfo":{"RoomId":"live_1","RoomName":"soirée","RoomType":"Live","Owner_Account":"host_7","IsSeatEnabled":true,` +
			`"TakeSeatMode":"FreeToTake","MaxMemberCount":300,"MaxSeatCount":9,"Category":[4],"CustomInfo":"v2",` +
			`"IsMessageDisabled":true,"CoverURL":"https://img.example.org/c.png","ActivityStatus":2,"IsPublicVisible":true,` +
			`"ViewCount":57,"BackgroundURL":"https://img.example.org/b.png","IsUnlimitedRoomEnabled":true},` +
			`"Statistic":{"TotalViewers":57,"TotalGiftsSent":8,"TotalGiftCoins":160,"TotalUniqueGiftSenders":3,"TotalLikesReceived":91}}`,
	},
	{
		name: "room dissolved by the system",
		event: webhook.AfterDestroyRoom{
			OperatorAccount: webhook.SystemAccount, RoomID: "live_2", EventType: webhook.DestroyBySystem, EventTime: 1767229200456,
			RoomInfo: webhook.DestroyedRoom{
				RoomID: "live_2", RoomType: webhook.RoomTypeLive, OwnerAccount: "42", TakeSeatMode: webhook.TakeSeatNone,
			},
		},
		body: `{"CallbackCommand":"Live.CallbackAfterDestroyRoom","Operator_Account":"@TIM#SYSTEM","RoomId":"live_2",` +
			`"EventType":"DestroyBySystem","EventTime":1767229200456,` +
			`"RoomInfo":{"RoomId":"live_2","RoomName":"","RoomType":"Live","Owner_Account":"42","IsSeatEnabled":false,` +
			`"TakeSeatMode":"None","MaxMemberCount":0,"MaxSeatCount":0,"CustomInfo":"","IsMessageDisabled":false,"CoverURL":"",` +
			`"ActivityStatus":0,"IsPublicVisible":false,"ViewCount":0,"BackgroundURL":"","IsUnlimitedRoomEnabled":false},` +
			`"Statistic":{"TotalViewers":0,"TotalGiftsSent":0,"TotalGiftCoins":0,"TotalUniqueGiftSenders":0,"TotalLikesReceived":0}}`,
	},
	{
		name: "metadata written",
		event: webhook.AfterSetMetadata{
			OperatorAccount: "host_7", RoomID: "live_1",
			Metadata:  []webhook.Metadata{{Key: "theme", Value: "dark"}, {Key: "motto", Value: ""}},
			EventTime: 1767225700333,
		},
		body: `{"CallbackCommand":"Live.CallbackAfterSetMetadata","Operator_Account":"host_7","RoomId":"live_1",` +
			`"Metadata":[{"Key":"theme","Value":"dark"},{"Key":"motto","Value":""}],"EventTime":1767225700333}`,
	},
	{
		name: "metadata deleted",
		event: webhook.AfterDelMetadata{
			OperatorAccount: "administrator", RoomID: "live_1", Keys: []string{"theme", "lang"}, EventTime: 1767225800444,
		},
		body: `{"CallbackCommand":"Live.CallbackAfterDelMetadata","Operator_Account":"administrator","RoomId":"live_1",` +
			`"Keys":["theme","lang"],"EventTime":1767225800444}`,
	},
	{
		name: "members gone offline",
		event: webhook.AfterMemberStateChanged{
			RoomID: "live_1", EventType: webhook.MemberOffline, EventCause: webhook.CauseHeartbeatInterrupt,
			MemberList: []webhook.Member{{MemberAccount: "fan_1"}, {MemberAccount: "fan_2"}}, EventTime: 1767225900555,
		},
		body: `{"CallbackCommand":"Live.CallbackAfterMemberStateChanged","RoomId":"live_1","EventType":"Offline",` +
			`"EventCause":"HeartbeatInterrupt","MemberList":[{"Member_Account":"fan_1"},{"Member_Account":"fan_2"}],` +
			`"EventTime":1767225900555}`,
	},
	{
		name: "admin removed",
		event: webhook.AfterModifyAdmin{
			RoomID: "live_1", EventTime: 1767226000777, OperatorAccount: "host_7", AdminAccount: []string{"mod_1"},
			OpType: webhook.AdminDelete,
		},
		body: `{"CallbackCommand":"Live.CallbackAfterModifyAdmin","RoomId":"live_1","EventTime":1767226000777,` +
			`"Operator_Account":"host_7","Admin_Account":["mod_1"],"opType":"delete"}`,
	},
	{
		name: "room information changed",
		event: webhook.AfterUpdateRoomInfo{
			OperatorAccount: "host_7",
			RoomInfo: webhook.UpdatedRoom{
				RoomID: "live_1", RoomName: "late", MaxMemberCount: 300, IsMessageDisabled: true, CoverURL: "https://img.example.org/d.png",
				Category: []int{4}, ActivityStatus: 4, IsPublicVisible: true, TakeSeatMode: webhook.TakeSeatFree, CustomInfo: "v2",
			},
			EventTime: 1767226100111,
		},
		body: `{"CallbackCommand":"Live.CallbackAfterUpdateRoomInfo","Operator_Account":"host_7","RoomInfo":{"RoomId":"live_1",` +
			`"RoomName":"late","MaxMemberCount":300,"IsMessageDisabled":true,"CoverURL":"https://img.example.org/d.png","Category":[4],` +
			`"ActivityStatus":4,"IsPublicVisible":true,"TakeSeatMode":"FreeToTake","CustomInfo":"v2"},"EventTime":1767226100111}`,
	},
	{
		name: "room information changed to nothing",
		event: webhook.AfterUpdateRoomInfo{
			OperatorAccount: "administrator", RoomInfo: webhook.UpdatedRoom{RoomID: "live_1", Category: []int{}, TakeSeatMode: webhook.TakeSeatNone},
			EventTime: 1767226100111,
		},
		body: `{"CallbackCommand":"Live.CallbackAfterUpdateRoomInfo","Operator_Account":"administrator","RoomInfo":{"RoomId":"live_1",` +
			`"RoomName":"","MaxMemberCount":0,"IsMessageDisabled":false,"CoverURL":"","Category":[],"ActivityStatus":0,"IsPublicVisible":false,` +
			`"TakeSeatMode":"None","CustomInfo":""},"EventTime":1767226100111}`,
	},
	{
		name: "many rooms",
		event: webhook.AfterCreateRoomReachingThreshold{
			OperatorAccount: "host_7", EventTime: 1767226200222, CurRoomCount: 70, MaxRoomCount: 100,
		},
		body: `{"CallbackCommand":"Live.CallbackAfterCreateRoomReachingThreshold","Operator_Account":"host_7",` +
			`"EventTime":1767226200222,"CurRoomCount":70,"MaxRoomCount":100}`,
	},
	{
		name: "owner changed",
		event: webhook.AfterChangeOwner{
			RoomID: "live_1", EventTime: 1767226300333, OperatorAccount: "administrator",
			CurrentOwnerAccount: "host_8", OriginalOwnerAccount: "host_7",
		},
		body: `{"CallbackCommand":"Live.CallbackAfterChangeOwner","RoomId":"live_1","EventTime":1767226300333,` +
			`"Operator_Account":"administrator","CurrentOwner_Account":"host_8","OriginalOwner_Account":"host_7"}`,
	},
	{
		name: "seats changed",
		event: webhook.AfterSeatInfoChanged{
			RoomID: "live_1",
			SeatList: []webhook.Seat{
				{Index: 0, MemberAccount: "144115266666666666", IsVideoDisabled: true}, {Index: 1, IsTakenDisabled: true, IsAudioDisabled: true},
			},
			EventTime: 1767226400444,
		},
		body: `{"CallbackCommand":"Mic.CallbackAfterSeatInfoChanged","RoomId":"live_1",` +
			`"SeatList":[{"Index":0,"Member_Account":"144115266666666666","IsTakenDisabled":false,"IsVideoDisabled":true,"IsAudioDisabled":false},` +
			`{"Index":1,"IsTakenDisabled":true,"IsVideoDisabled":false,"IsAudioDisabled":true}],"EventTime":1767226400444}`,
	},
	{
		name: "battle created",
		event: webhook.AfterCreateBattle{
			OperatorAccount: "host_7", BattleID: "q0Zb+m1p/8m9=", FromRoomID: "live_1", ToRoomIDList: []string{"live_2", "live_3"},
			Timeout: 20_000, Duration: 180_000, NeedResponse: true, ExtensionInfo: "x", EventTime: 1767226500555,
		},
		body: `{"CallbackCommand":"Live.CallbackAfterCreateBattle","Operator_Account":"host_7","BattleId":"q0Zb+m1p/8m9=",` +
			`"FromRoomId":"live_1","ToRoomIdList":["live_2","live_3"],"Timeout":20000,"Duration":180000,"NeedResponse":true,` +
			`"ExtensionInfo":"x","EventTime":1767226500555}`,
	},
	{
		name: "battle begun",
		event: webhook.AfterStartBattle{
			BattleID: "b", Duration: 180_000, CreateTime: 1767226500, StartTime: 1767226506,
			FromRoomInfo: webhook.BattleRoom{RoomID: "live_1", OwnerAccount: "host_7"},
			ToRoomList:   []webhook.BattleRoom{{RoomID: "live_2", OwnerAccount: "host_9"}}, EventTime: 1767226506050,
		},
		body: `{"CallbackCommand":"Live.CallbackAfterStartBattle","BattleId":"b","Duration":180000,"CreateTime":1767226500,` +
			`"StartTime":1767226506,"FromRoomInfo":{"RoomId":"live_1","Owner_Account":"host_7"},` +
			`"ToRoomList":[{"RoomId":"live_2","Owner_Account":"host_9"}],"EventTime":1767226506050}`,
	},
	{
		name: "battle over",
		event: webhook.AfterEndBattle{
			BattleID: "b", Duration: 180_000, CreateTime: 1767226500, StartTime: 1767226506, EndTime: 1767226686,
			OpType: webhook.BattleDeserted, FromRoomInfo: webhook.BattleRoomScore{RoomID: "live_1", Score: 340, OwnerAccount: "host_7"},
			ToRoomList: []webhook.BattleRoomScore{{RoomID: "live_2", Score: 0, OwnerAccount: "host_9"}}, EventTime: 1767226686900,
		},
		body: `{"CallbackCommand":"Live.CallbackAfterEndBattle","BattleId":"b","Duration":180000,"CreateTime":1767226500,` +
			`"StartTime":1767226506,"EndTime":1767226686,"OpType":1,"FromRoomInfo":{"RoomId":"live_1","Score":340,"Owner_Account":"host_7"},` +
			`"ToRoomList":[{"RoomId":"live_2","Score":0,"Owner_Account":"host_9"}],"EventTime":1767226686900}`,
	},
	{
		name: "a gift is to be sent",
		event: webhook.BeforeSendGift{
			OperatorAccount: "fan_1", RoomID: "live_1", GiftWater: webhook.GiftWater{
				FromAccount: "fan_1", ToAccount: []string{"host_7"}, Time: 1767226600, GiftID: "rose", Count: 3, Coins: 10,
			},
		},
		body: `{"CallbackCommand":"Live.CallbackBeforeSendGift","Operator_Account":"fan_1","RoomId":"live_1",` +
			`"GiftWater":{"From_Account":"fan_1","To_Account":["host_7"],"Time":1767226600,"GiftId":"rose","Count":3,"Coins":10}}`,
	},
	{
		name: "a message is to be sent",
		event: webhook.BeforeSendMsg{
			GroupID: "live_1", Type: webhook.GroupTypeLive, FromAccount: "fan_1", OperatorAccount: "administrator", Random: 4294967295,
			MsgID: "144115299000000001-1767226700-4294967295", MsgBody: []webhook.MsgElement{
				{MsgType: webhook.MsgTypeText, MsgContent: []byte(`{"Text":"<hello> & \"é\""}`)},
				{MsgType: webhook.MsgTypeFace, MsgContent: []byte(`{"Index":1}`)},
			}, CloudCustomData: `{"lv":4}`, EventTime: 1767226700777,
		},
		body: `{"CallbackCommand":"Group.CallbackBeforeSendMsg","GroupId":"live_1","Type":"Live","From_Account":"fan_1",` +
			`"Operator_Account":"administrator","Random":4294967295,"MsgId":"144115299000000001-1767226700-4294967295",` +
			`"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"<hello> & \"é\""}},{"MsgType":"TIMFaceElem","MsgContent":{"Index":1}}],` +
			`"CloudCustomData":"{\"lv\":4}","EventTime":1767226700777}`,
	},
	{
		name: "a message was sent",
		event: webhook.AfterSendMsg{
			GroupID: "live_1", Type: webhook.GroupTypeLive, FromAccount: "fan_1", OperatorAccount: "fan_1", MsgID: "1-1767226700-0",
			MsgSeq: 58, MsgTime: 1767226700, MsgBody: []webhook.MsgElement{
				{MsgType: webhook.MsgTypeCustom, MsgContent: []byte(`{"Data":"{\"BusinessId\":\"b\",\"Data\":\"\"}"}`)},
			}, EventTime: 1767226700889,
		},
		body: `{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"live_1","Type":"Live","From_Account":"fan_1",` +
			`"Operator_Account":"fan_1","Random":0,"MsgId":"1-1767226700-0","MsgSeq":58,"MsgTime":1767226700,` +
			`"MsgBody":[{"MsgType":"TIMCustomElem","MsgContent":{"Data":"{\"BusinessId\":\"b\",\"Data\":\"\"}"}}],` +
			`"CloudCustomData":"","EventTime":1767226700889}`,
	},
	{
		name: "followed",
		event: webhook.AfterFollowAdd{
			FromAccount: "fan_1", FollowList: []webhook.Followed{{ToAccount: "host_7"}, {ToAccount: "host_8"}}, EventTime: 1767226800888,
		},
		body: `{"CallbackCommand":"Follow.CallbackAfterFollowAdd","From_Account":"fan_1",` +
			`"FollowList":[{"To_Account":"host_7"},{"To_Account":"host_8"}],"EventTime":1767226800888}`,
	},
	{
		name:  "followed no more",
		event: webhook.AfterFollowDelete{FromAccount: "fan_1", ToAccount: []string{"host_7", "host_8"}, EventTime: 1767226900999},
		body: `{"CallbackCommand":"Follow.CallbackAfterFollowDelete","From_Account":"fan_1","To_Account":["host_7","host_8"],` +
			`"EventTime":1767226900999}`,
	},
	{
		name: "a recorder began",
		event: webhook.AfterCloudRecordingChanged{
			EventGroupID: 3, EventType: 301, CallbackTs: 1767227000100, EventInfo: webhook.RecordingInfo{
				RoomID: []byte(`"live_1"`), EventTs: 1767227000, EventMsTs: 1767227000080, UserID: "rec_robot_1", TaskID: "task-7f3a",
				Payload: []byte(`{"Status":0}`),
			},
		},
		body: `{"CallbackCommand":"Live.CallbackAfterCloudRecordingChanged","EventGroupId":3,"EventType":301,"CallbackTs":1767227000100,` +
			`"EventInfo":{"RoomId":"live_1","EventTs":1767227000,"EventMsTs":1767227000080,"UserId":"rec_robot_1","TaskId":"task-7f3a",` +
			`"Payload":{"Status":0}}}`,
	},
	{
		name: "a recorder of a room with a number",
		event: webhook.AfterCloudRecordingChanged{
			EventGroupID: 8, EventType: 302, CallbackTs: 1, EventInfo: webhook.RecordingInfo{RoomID: []byte(`9001`), Payload: []byte(`{}`)},
		},
		body: `{"CallbackCommand":"Live.CallbackAfterCloudRecordingChanged","EventGroupId":8,"EventType":302,"CallbackTs":1,` +
			`"EventInfo":{"RoomId":9001,"EventTs":0,"EventMsTs":0,"UserId":"","TaskId":"","Payload":{}}}`,
	},
}

func TestAnEventGoesOverTheWireAsTheContractHasIt(t *testing.T) {
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			body, err := webhook.Encode(s.event)
			require.NoError(t, err)
			require.Equal(t, s.body, string(body))
		})
	}
}

func TestEveryWebhookHasASample(t *testing.T) {
	shown := map[webhook.Command]bool{}
	for _, s := range samples {
		shown[s.event.Command()] = true
	}
	for _, word := range webhook.Words() {
		kind, _ := webhook.Lookup(string(word))
		require.Equal(t, !kind.Switch, shown[word], word)
	}
}

func TestAnEventArrivesAsItWasSent(t *testing.T) {
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			event, err := webhook.Decode([]byte(s.body))
			require.NoError(t, err)
			require.Equal(t, s.event, event)
		})
	}
}

func TestListsAreSentAsListsWhenTheyAreEmpty(t *testing.T) {
	for member, event := range map[string]webhook.Event{
		`"Metadata":[]`:                               webhook.AfterSetMetadata{},
		`"Keys":[]`:                                   webhook.AfterDelMetadata{},
		`"MemberList":[]`:                             webhook.AfterMemberStateChanged{},
		`"Admin_Account":[]`:                          webhook.AfterModifyAdmin{},
		`"SeatList":[]`:                               webhook.AfterSeatInfoChanged{},
		`"ToRoomIdList":[]`:                           webhook.AfterCreateBattle{},
		`"ToRoomList":[],`:                            webhook.AfterStartBattle{},
		`"ToRoomList":[],"E`:                          webhook.AfterEndBattle{},
		`{"From_Account":"","To_Account":[]`:          webhook.BeforeSendGift{},
		`"MsgBody":[],"CloudCustomData":""`:           webhook.BeforeSendMsg{},
		`"MsgTime":0,"MsgBody":[]`:                    webhook.AfterSendMsg{},
		`"FollowList":[]`:                             webhook.AfterFollowAdd{},
		`"From_Account":"","To_Account":[],"EventTim`: webhook.AfterFollowDelete{},
	} {
		body, err := webhook.Encode(event)
		require.NoError(t, err)
		require.Contains(t, string(body), member)
	}
}

// impostor is somebody else's type under a command of the contract.
type impostor struct{}

func (impostor) Command() webhook.Command { return webhook.CommandAfterCreateRoom }

func TestEncodeTakesNothingButEventTypes(t *testing.T) {
	for name, event := range map[string]webhook.Event{
		"nil":           nil,
		"a pointer":     &webhook.AfterDelMetadata{},
		"a nil pointer": (*webhook.AfterDelMetadata)(nil),
		"unknown":       &webhook.Unknown{Word: webhook.CommandAfterDelMetadata, Body: []byte(`{}`)},
		"a stranger":    impostor{},
	} {
		t.Run(name, func(t *testing.T) {
			body, err := webhook.Encode(event)
			require.ErrorIs(t, err, webhook.ErrNotEncodable)
			require.Nil(t, body)
		})
	}
}

func TestEncodeRefusesTextThatIsNotUTF8(t *testing.T) {
	_, err := webhook.Encode(webhook.AfterDelMetadata{RoomID: "live\xff"})
	require.ErrorContains(t, err, "Live.CallbackAfterDelMetadata")
}

func TestDecodeGoesByTheBodysCommandWhereverItStands(t *testing.T) {
	event, err := webhook.Decode([]byte(`{"EventTime":7,"New":{"a":[1]},"Keys":["k"],"CallbackCommand":"Live.CallbackAfterDelMetadata"}`))
	require.NoError(t, err)
	require.Equal(t, webhook.AfterDelMetadata{Keys: []string{"k"}, EventTime: 7}, event)
}

func TestDecodeKnowsTheOtherSpellingOfMemberState(t *testing.T) {
	event, err := webhook.Decode([]byte(`{"CallbackCommand":"Live.CallbackMemberStateChanged","RoomId":"live_1"}`))
	require.NoError(t, err)
	require.Equal(t, webhook.AfterMemberStateChanged{RoomID: "live_1"}, event)
	require.Equal(t, webhook.CommandAfterMemberStateChanged, event.Command())
}

func TestDecodeKeepsWhatItHasNoTypeFor(t *testing.T) {
	for _, word := range []webhook.Command{"Room.CallbackAfterMemberEnter", "Live.CallbackAfterTomorrow"} {
		body := []byte(`{"CallbackCommand":"` + word + `","EventTime":7}`)
		event, err := webhook.Decode(body)
		require.NoError(t, err)
		require.Equal(t, &webhook.Unknown{Word: word, Body: body}, event)
		require.Equal(t, word, event.Command())
	}
}

func TestDecodeRefusesWhatIsNoEvent(t *testing.T) {
	const good = `{"CallbackCommand":"Live.CallbackAfterDelMetadata","Keys":["k"],"EventTime":7}`
	change := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	for name, body := range map[string]string{
		"nothing":             "",
		"not JSON":            "Keys=k",
		"null":                "null",
		"a list":              "[" + good + "]",
		"cut off":             good[:len(good)-1],
		"garbage behind":      good + "x",
		"no command":          change(`"CallbackCommand":"Live.CallbackAfterDelMetadata",`, ""),
		"an empty command":    change("Live.CallbackAfterDelMetadata", ""),
		"a number as command": change(`"Live.CallbackAfterDelMetadata"`, "7"),
		"command twice":       change("{", `{"CallbackCommand":"x",`),
		"a name twice":        change(`}`, `,"EventTime":8}`),
		"text as time":        change("7", `"7"`),
		"fraction as time":    change("7", "7.5"),
		"text as list":        change(`["k"]`, `"k"`),
		"numbers in the list": change(`["k"]`, `[1]`),
		"not UTF-8":           change("k", "\xff"),
	} {
		t.Run(name, func(t *testing.T) {
			event, err := webhook.Decode([]byte(body))
			require.ErrorIs(t, err, webhook.ErrBody)
			require.Nil(t, event)
		})
	}
}
