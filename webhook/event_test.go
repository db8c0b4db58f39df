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
		`"Metadata":[]`:      webhook.AfterSetMetadata{},
		`"Keys":[]`:          webhook.AfterDelMetadata{},
		`"MemberList":[]`:    webhook.AfterMemberStateChanged{},
		`"Admin_Account":[]`: webhook.AfterModifyAdmin{},
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
