package restapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

// roomInfo wraps fields into the request of a room named live_9001.
func roomInfo(fields string) string {
	if fields != "" {
		fields = "," + fields
	}
	return `{"RoomInfo":{"RoomId":"live_9001","RoomType":"Live"` + fields + `}}`
}

const (
	created = `{"RoomId":"live_9001"}`
	askRoom = `{"RoomId":"live_9001"}`
)

func TestCreateRoom(t *testing.T) {
	noRoom := []step{{call: getRoomInfo, body: askRoom, code: 100004}}
	play(t, createRoom, []scenario{
		{
			name: "with nothing but what is required",
			body: roomInfo(""), reply: created,
			fires: []string{`{"CallbackCommand":"Live.CallbackAfterCreateRoom","Operator_Account":"administrator",
				"RoomInfo":{"RoomId":"live_9001","RoomName":"live_9001","RoomType":"Live","Owner_Account":"administrator",
				"MaxMemberCount":100000,"IsMessageDisabled":false,"CustomInfo":"","IsSeatEnabled":false,
				"TakeSeatMode":"None","MaxSeatCount":0,"CreateTime":1765001300,"IsPublicVisible":true,"CoverURL":""},
				"EventTime":1765001300444}`},
			then: []step{
				{call: getRoomInfo, body: askRoom, reply: `{"RoomInfo":{"RoomId":"live_9001","RoomName":"live_9001",
					"RoomType":"Live","Owner_Account":"administrator","OwnerName":"","OwnerAvatarUrl":"","IsGiftEnabled":true,"IsLikeEnabled":true,"CreateTime":1765001300,"IsSeatEnabled":false,
					"SeatTemplate":"","SeatLayoutTemplateId":0,"TakeSeatMode":"FreeToTake","MaxSeatCount":0,
					"KeepOwnerOnSeat":false,"MaxMemberCount":100000,"IsMessageDisabled":false,"CoverURL":"",
					"BackgroundURL":"","Category":[],"ActivityStatus":0,"ViewCount":0,"MemberCount":0,"OnlineCount":0,
					"IsPublicVisible":true,"IsUnlimitedRoomEnabled":false,"Notice":"","CustomInfo":""}}`},
				{call: getRoomMetadata, body: `{"RoomId":"live_9001","Keys":[]}`, reply: `{"Metadata":[]}`},
				{call: getAdminList, body: askRoom, reply: `{"Admin_Account":[]}`},
			},
		},
		{
			name: "with every field there is",
			body: roomInfo(`"RoomName":"Evening sketches ✨","Owner_Account":"host_7","SeatTemplate":"VideoFixedGrid9Seats",
				"TakeSeatMode":"ApplyToTake","MaxMemberCount":500,"IsMessageDisabled":true,"IsPublicVisible":false,
				"IsUnlimitedRoomEnabled":true,"KeepOwnerOnSeat":true,"CoverURL":"https://img.example.org/c.png",
				"BackgroundURL":"https://img.example.org/b.png","Notice":"back at nine","Category":[3,8,3],"ActivityStatus":-4`),
			reply: created,
			fires: []string{`{"CallbackCommand":"Live.CallbackAfterCreateRoom","Operator_Account":"administrator",
				"RoomInfo":{"RoomId":"live_9001","RoomName":"Evening sketches ✨","RoomType":"Live","Owner_Account":"host_7",
				"MaxMemberCount":500,"IsMessageDisabled":true,"CustomInfo":"","IsSeatEnabled":true,
				"TakeSeatMode":"ApplyToTake","MaxSeatCount":9,"CreateTime":1765001300,"IsPublicVisible":false,
				"CoverURL":"https://img.example.org/c.png","Category":[3,8,3]},"EventTime":1765001300444}`},
			then: []step{
				{call: getRoomInfo, body: askRoom, reply: `{"RoomInfo":{"RoomId":"live_9001","RoomName":"Evening sketches ✨",
					"RoomType":"Live","Owner_Account":"host_7","OwnerName":"","OwnerAvatarUrl":"","IsGiftEnabled":true,"IsLikeEnabled":true,"CreateTime":1765001300,"IsSeatEnabled":true,
					"SeatTemplate":"VideoFixedGrid9Seats","SeatLayoutTemplateId":800,"TakeSeatMode":"ApplyToTake","MaxSeatCount":9,
					"KeepOwnerOnSeat":true,"MaxMemberCount":500,"IsMessageDisabled":true,
					"CoverURL":"https://img.example.org/c.png","BackgroundURL":"https://img.example.org/b.png",
					"Category":[3,8,3],"ActivityStatus":-4,"ViewCount":0,"MemberCount":0,"OnlineCount":0,
					"IsPublicVisible":false,"IsUnlimitedRoomEnabled":true,"Notice":"back at nine","CustomInfo":""}}`},
				{call: accountCheck, body: `{"CheckItem":[{"UserID":"host_7"}]}`, reply: `{"ResultItem":[
					{"UserID":"host_7","ResultCode":0,"ResultInfo":"","AccountStatus":"Imported"}]}`},
			},
		},
		{
			name: "as the admin console asks for it",
			body: `{"RoomInfo":{"RoomId":"live_9001","RoomType":"Live","SeatTemplate":"VideoDynamicGrid9Seats",
				"Owner_Account":"host_7","IsUnlimitedRoomEnabled":true,"TakeSeatMode":"ApplyToTake","KeepOwnerOnSeat":false}}`,
			reply: created,
			fires: []string{`{"CallbackCommand":"Live.CallbackAfterCreateRoom","Operator_Account":"administrator",
				"RoomInfo":{"RoomId":"live_9001","RoomName":"live_9001","RoomType":"Live","Owner_Account":"host_7",
				"MaxMemberCount":100000,"IsMessageDisabled":false,"CustomInfo":"","IsSeatEnabled":true,
				"TakeSeatMode":"ApplyToTake","MaxSeatCount":9,"CreateTime":1765001300,"IsPublicVisible":true,"CoverURL":""},
				"EventTime":1765001300444}`},
		},
		{
			name: "a room of the same owner exists", given: []step{aRoom},
			body: roomInfo(`"Owner_Account":"host_7","RoomName":"another"`), code: 100010, info: []string{"live_9001", "host_7"},
		},
		{
			name: "a room of another owner exists", given: []step{aRoom},
			body: roomInfo(`"Owner_Account":"host_8","RoomName":"another"`), code: 100003, info: []string{"live_9001"},
		},
		{name: "RoomInfo is missing", body: `{}`, code: 100002, info: []string{"RoomInfo"}},
		{name: "RoomInfo is null", body: `{"RoomInfo":null}`, code: 100002, info: []string{"RoomInfo"}},
		{name: "RoomType is missing", body: `{"RoomInfo":{"RoomId":"live_9001"}}`, code: 100002, info: []string{"RoomType"}, then: noRoom},
		{
			name: "RoomType is of another product", body: `{"RoomInfo":{"RoomId":"live_9001","RoomType":"Conference"}}`,
			code: 100015, info: []string{"Live"}, then: noRoom,
		},
		{name: "RoomType in other letters", body: `{"RoomInfo":{"RoomId":"live_9001","RoomType":"live"}}`, code: 100015, then: noRoom},
		{name: "names of fields in other letters", body: `{"roominfo":{"RoomId":"live_9001","RoomType":"Live"}}`, code: 100002, info: []string{"RoomInfo"}},
		{
			name: "a mode of taking seats that does not exist", body: roomInfo(`"TakeSeatMode":"None"`),
			code: 100002, info: []string{"TakeSeatMode", "FreeToTake", "ApplyToTake"}, then: noRoom,
		},
		{name: "no member at all", body: roomInfo(`"MaxMemberCount":0`), code: 100002, info: []string{"MaxMemberCount"}, then: noRoom},
		{name: "fewer members than none", body: roomInfo(`"MaxMemberCount":-1`), code: 100002, info: []string{"MaxMemberCount"}, then: noRoom},
		{name: "more members than the server allows", body: roomInfo(`"MaxMemberCount":100001`), code: 100013, info: []string{"MaxMemberCount", "100000"}, then: noRoom},
		{name: "more members than any server allows", body: roomInfo(`"MaxMemberCount":9223372036854775807`), code: 100013, info: []string{"MaxMemberCount"}, then: noRoom},
		{name: "four categories", body: roomInfo(`"Category":[1,2,3,4]`), code: 100009, info: []string{"Category", "3"}, then: noRoom},
		{name: "a category that is null", body: roomInfo(`"Category":[1,null]`), code: 100002, info: []string{"RoomInfo.Category[1]"}, then: noRoom},
		{name: "more seats than the server allows", body: roomInfo(`"SeatTemplate":"Karaoke","MaxSeatCount":17`), code: 100013, info: []string{"MaxSeatCount", "16"}, then: noRoom},
		{name: "fewer seats than none", body: roomInfo(`"MaxSeatCount":-1`), code: 100002, info: []string{"MaxSeatCount"}, then: noRoom},
		{name: "a seat template that does not exist", body: roomInfo(`"SeatTemplate":"VideoRing5Seats"`), code: 100002, info: []string{"SeatTemplate", "VideoRing5Seats"}, then: noRoom},
		{name: "a layout below the first", body: roomInfo(`"SeatLayoutTemplateId":0`), code: 100002, info: []string{"SeatLayoutTemplateId"}, then: noRoom},
		{name: "a layout past the last", body: roomInfo(`"SeatLayoutTemplateId":1000`), code: 100002, info: []string{"SeatLayoutTemplateId"}, then: noRoom},
		{name: "an owner of 33 bytes", body: roomInfo(`"Owner_Account":"` + strings.Repeat("o", 33) + `"`), code: 100002, info: []string{"Owner_Account"}, then: noRoom},
		{name: "an owner in other letters than ASCII", body: roomInfo(`"Owner_Account":"主播"`), code: 100002, info: []string{"Owner_Account"}, then: noRoom},
		{name: "an owner who is no string", body: roomInfo(`"Owner_Account":144115225971632901`), code: 60015, info: []string{"RoomInfo.Owner_Account", "string"}, then: noRoom},
		{name: "an id of 49 bytes", body: `{"RoomInfo":{"RoomId":"` + strings.Repeat("r", 49) + `","RoomType":"Live"}}`, code: 100002, info: []string{"RoomId", "48"}},
		{name: "an id in other letters than ASCII", body: `{"RoomInfo":{"RoomId":"直播","RoomType":"Live"}}`, code: 100002, info: []string{"RoomId"}},
		{name: "an id with a control character", body: `{"RoomInfo":{"RoomId":"a\u0000b","RoomType":"Live"}}`, code: 100002, info: []string{"RoomId"}},
	})
}

func TestCreateRoomTexts(t *testing.T) {
	var scenarios []scenario
	for _, text := range []struct {
		field string
		max   int
	}{{"RoomName", 100}, {"Notice", 100}, {"CoverURL", 200}, {"BackgroundURL", 200}} {
		// The last character takes three bytes: limits count bytes, whatever the characters.
		full := strings.Repeat("x", text.max-3) + "房"
		scenarios = append(scenarios, scenario{
			name: text.field + " of its full length", with: []func(*setup){bare},
			body:  roomInfo(fmt.Sprintf("%q:%q", text.field, full)),
			reply: created,
		}, scenario{
			name: text.field + " a byte longer",
			body: roomInfo(fmt.Sprintf("%q:%q", text.field, "x"+full)),
			code: 100002, info: []string{text.field, fmt.Sprint(text.max), fmt.Sprint(text.max + 1)},
			then: []step{{call: getRoomInfo, body: askRoom, code: 100004}},
		})
	}
	play(t, createRoom, scenarios)
}

// TestCreateRoomSeats holds the three generations of asking for seats against what the room has then.
func TestCreateRoomSeats(t *testing.T) {
	for _, s := range []struct {
		fields   string
		template string
		layout   int
		enabled  bool
		seats    int
	}{
		{`"IsSeatEnabled":false`, "", 0, false, 0},
		{``, "", 0, false, 0},
		{`"MaxSeatCount":5,"MaxMemberCount":20,"IsSeatEnabled":false`, "", 0, false, 0},
		{`"MaxSeatCount":5,"MaxMemberCount":20,"IsSeatEnabled":true`, "", 0, true, 5},
		{`"IsSeatEnabled":true,"IsUnlimitedRoomEnabled":true,"SeatLayoutTemplateId":600,"MaxSeatCount":9`, "", 600, true, 9},
		{`"SeatTemplate":"VideoDynamicGrid9Seats","SeatLayoutTemplateId":600,"IsSeatEnabled":true,"MaxSeatCount":9`, "VideoDynamicGrid9Seats", 600, true, 9},
		{`"IsSeatEnabled":true`, "", 0, true, 16},
		{`"IsSeatEnabled":true,"MaxSeatCount":0`, "", 0, true, 16},
		{`"IsSeatEnabled":true,"MaxSeatCount":1`, "", 0, true, 1},
		{`"IsSeatEnabled":true,"MaxSeatCount":16`, "", 0, true, 16},
		{`"MaxSeatCount":5`, "", 0, false, 0},

		{`"SeatLayoutTemplateId":600`, "", 600, true, 9},
		{`"SeatLayoutTemplateId":601`, "", 601, true, 7},
		{`"SeatLayoutTemplateId":800`, "", 800, true, 9},
		{`"SeatLayoutTemplateId":801`, "", 801, true, 7},
		{`"SeatLayoutTemplateId":200`, "", 200, true, 4},
		{`"SeatLayoutTemplateId":70`, "", 70, true, 8},
		{`"SeatLayoutTemplateId":70,"MaxSeatCount":10`, "", 70, true, 10},
		{`"SeatLayoutTemplateId":600,"MaxSeatCount":3`, "", 600, true, 9},
		{`"SeatLayoutTemplateId":1`, "", 1, true, 16},
		{`"SeatLayoutTemplateId":999,"MaxSeatCount":3`, "", 999, true, 3},
		{`"SeatLayoutTemplateId":600,"IsSeatEnabled":false`, "", 600, false, 0},

		{`"SeatTemplate":"VideoDynamicGrid9Seats"`, "VideoDynamicGrid9Seats", 600, true, 9},
		{`"SeatTemplate":"VideoDynamicFloat7Seats"`, "VideoDynamicFloat7Seats", 601, true, 7},
		{`"SeatTemplate":"VideoFixedGrid9Seats"`, "VideoFixedGrid9Seats", 800, true, 9},
		{`"SeatTemplate":"VideoFixedFloat7Seats"`, "VideoFixedFloat7Seats", 801, true, 7},
		{`"SeatTemplate":"VideoLandscape4Seats"`, "VideoLandscape4Seats", 200, true, 4},
		{`"SeatTemplate":"VideoLandscape4Seat"`, "VideoLandscape4Seat", 200, true, 4},
		{`"SeatTemplate":"VideoLeftFocus9Seats"`, "VideoLeftFocus9Seats", 0, true, 9},
		{`"SeatTemplate":"VideoUniformGrid9Seats"`, "VideoUniformGrid9Seats", 0, true, 9},
		{`"SeatTemplate":"AudioSalon"`, "AudioSalon", 70, true, 8},
		{`"SeatTemplate":"AudioSalon","MaxSeatCount":16`, "AudioSalon", 70, true, 16},
		{`"SeatTemplate":"Karaoke","MaxSeatCount":3`, "Karaoke", 0, true, 3},
		{`"SeatTemplate":"karaoke"`, "karaoke", 0, true, 8},
		{`"SeatTemplate":"VideoFixedGrid9Seats","MaxSeatCount":3`, "VideoFixedGrid9Seats", 800, true, 9},
		{`"SeatTemplate":"Karaoke","IsSeatEnabled":false`, "Karaoke", 0, true, 8},
		{`"SeatTemplate":"Karaoke","SeatLayoutTemplateId":600`, "Karaoke", 0, true, 8},
	} {
		t.Run(s.fields, func(t *testing.T) {
			d := everybodys.open(t)
			require.Zero(t, d.call(createRoom, roomInfo(s.fields)).ErrorCode)
			var got struct {
				Response struct {
					RoomInfo struct {
						SeatTemplate         string
						SeatLayoutTemplateID int `json:"SeatLayoutTemplateId"`
						IsSeatEnabled        bool
						MaxSeatCount         int
					}
				}
			}
			require.NoError(t, json.Unmarshal([]byte(d.call(getRoomInfo, askRoom).Payload), &got))
			room := got.Response.RoomInfo
			require.Equal(t, s.template, room.SeatTemplate)
			require.Equal(t, s.layout, room.SeatLayoutTemplateID)
			require.Equal(t, s.enabled, room.IsSeatEnabled)
			require.Equal(t, s.seats, room.MaxSeatCount)
		})
	}
}

func TestCreateRoomUpToTheServersLimits(t *testing.T) {
	small := func(s *setup) { s.limits = live.Limits{MaxMembers: 7, MaxSeats: 2, MaxAdmins: 1, MaxCategories: 1} }
	play(t, createRoom, []scenario{
		{name: "as many members", with: []func(*setup){small, bare}, body: roomInfo(`"MaxMemberCount":7`), reply: created},
		{name: "more members", with: []func(*setup){small}, body: roomInfo(`"MaxMemberCount":8`), code: 100013},
		{name: "as many seats", with: []func(*setup){small, bare}, body: roomInfo(`"IsSeatEnabled":true,"MaxSeatCount":2`), reply: created},
		{name: "more seats", with: []func(*setup){small}, body: roomInfo(`"IsSeatEnabled":true,"MaxSeatCount":3`), code: 100013},
		{name: "as many categories", with: []func(*setup){small, bare}, body: roomInfo(`"Category":[5]`), reply: created},
		{name: "more categories", with: []func(*setup){small}, body: roomInfo(`"Category":[5,6]`), code: 100009},
	})
	d := everybodys.open(t, small)
	d.take([]step{{call: createRoom, body: roomInfo(`"SeatTemplate":"VideoDynamicGrid9Seats"`)}})
	require.Contains(t, d.call(getRoomInfo, askRoom).Payload, `"MaxSeatCount":2`, "a template has no more seats than the server allows")
}

func TestCreateRoomMakesUpAnID(t *testing.T) {
	d := everybodys.open(t)
	seen := make(map[string]bool)
	for _, body := range []string{`{"RoomInfo":{"RoomType":"Live"}}`, `{"RoomInfo":{"RoomId":"","RoomType":"Live"}}`} {
		var got struct {
			Response struct {
				RoomID string `json:"RoomId"`
			}
		}
		require.NoError(t, json.Unmarshal([]byte(d.call(createRoom, body).Payload), &got))
		id := got.Response.RoomID
		require.Regexp(t, `^live_[A-Z2-7]{26}$`, id)
		require.False(t, seen[id])
		seen[id] = true
		require.Zero(t, d.call(getRoomInfo, `{"RoomId":"`+id+`"}`).ErrorCode)
	}
	require.Len(t, d.fired(), 2)
}

func TestCreateRoomAcceptsEveryIDOfTheContract(t *testing.T) {
	d := everybodys.open(t)
	for _, id := range []string{"a", " ", strings.Repeat("r", 48), `#/%?&=~"\`, "live_mira-7@east.1"} {
		quoted, err := json.Marshal(id)
		require.NoError(t, err)
		require.Zero(t, d.call(createRoom, `{"RoomInfo":{"RoomType":"Live","RoomId":`+string(quoted)+`}}`).ErrorCode, id)
		got := d.call(getRoomInfo, `{"RoomId":`+string(quoted)+`}`)
		require.Contains(t, got.Payload, `"RoomId":`+string(quoted))
	}
}

func TestCreateRoomKeepsNumbersExactly(t *testing.T) {
	d := everybodys.open(t)
	const big = "9007199254740993" // 2^53 + 1, which a float does not hold
	d.take([]step{{call: createRoom, body: roomInfo(`"ActivityStatus":-` + big + `,"Category":[` + big + `,9223372036854775807]`)}})
	got := d.call(getRoomInfo, askRoom).Payload
	require.Contains(t, got, `"ActivityStatus":-`+big)
	require.Contains(t, got, `"Category":[`+big+`,9223372036854775807]`)
	require.Contains(t, string(d.fired()[0].Body), `"Category":[`+big+`,9223372036854775807]`)
}

func TestCreateRoomOncePerSecond(t *testing.T) {
	play(t, createRoom, []scenario{{
		name: "the same id twice within a second", with: []func(*setup){func(s *setup) { s.limits.CreateOncePerSecond = true }},
		given: []step{aRoom}, body: aRoom.body, code: 100012, info: []string{"live_9001"},
	}})
	d := everybodys.open(t, func(s *setup) { s.limits.CreateOncePerSecond = true })
	other := roomInfo("")[:len(`{"RoomInfo":{"RoomId":"live_900`)] + `2","RoomType":"Live"}}`
	d.take([]step{aRoom})
	before := d.state()
	got := d.call(createRoom, aRoom.body)
	require.Equal(t, 100012, got.ErrorCode)
	require.Contains(t, got.ErrorInfo, "live_9001")
	require.Equal(t, before, d.state())
	d.take([]step{{call: createRoom, body: other}, {call: destroyRoom, body: askRoom}})
	d.ahead.Store(int64(time.Second - time.Nanosecond))
	d.take([]step{{call: createRoom, body: aRoom.body, code: 100012}})
	d.ahead.Store(int64(time.Second))
	d.take([]step{aRoom})

	free := everybodys.open(t)
	free.take([]step{aRoom, {call: destroyRoom, body: askRoom}, aRoom})
}

func TestDestroyRoom(t *testing.T) {
	full := []step{
		{call: createRoom, body: roomInfo(`"RoomName":"evening show","Owner_Account":"host_7","SeatTemplate":"VideoFixedGrid9Seats",
			"TakeSeatMode":"ApplyToTake","MaxMemberCount":500,"IsUnlimitedRoomEnabled":true,"CoverURL":"https://img.example.org/c.png",
			"BackgroundURL":"https://img.example.org/b.png","Category":[3,8],"ActivityStatus":2`)},
		{call: setRoomMetadata, body: `{"RoomId":"live_9001","Metadata":[{"Key":"theme","Value":"dark"}]}`},
		{call: modifyAdmin, body: `{"RoomId":"live_9001","Admin_Account":["mod_1"],"OpType":"add"}`},
	}
	nothing := `{"Statistic":{"TotalViewers":0,"TotalGiftsSent":0,"TotalGiftCoins":0,"TotalUniqueGiftSenders":0,"TotalLikesReceived":0}}`
	play(t, destroyRoom, []scenario{
		{
			name: "a room with all that belongs to it", given: full, body: askRoom, reply: nothing,
			fires: []string{`{"CallbackCommand":"Live.CallbackAfterDestroyRoom","Operator_Account":"administrator",
				"RoomId":"live_9001","EventType":"DestroyByUser","EventTime":1765001300444,
				"RoomInfo":{"RoomId":"live_9001","RoomName":"evening show","RoomType":"Live","Owner_Account":"host_7",
				"IsSeatEnabled":true,"TakeSeatMode":"ApplyToTake","MaxMemberCount":500,"MaxSeatCount":9,"Category":[3,8],
				"CustomInfo":"","IsMessageDisabled":false,"CoverURL":"https://img.example.org/c.png","ActivityStatus":2,
				"IsPublicVisible":true,"ViewCount":0,"BackgroundURL":"https://img.example.org/b.png",
				"IsUnlimitedRoomEnabled":true},
				"Statistic":{"TotalViewers":0,"TotalGiftsSent":0,"TotalGiftCoins":0,"TotalUniqueGiftSenders":0,
				"TotalLikesReceived":0}}`},
			then: []step{
				{call: getRoomInfo, body: askRoom, code: 100004},
				{call: getRoomMetadata, body: askRoom, code: 100004},
				{call: getAdminList, body: askRoom, code: 100004},
				{call: destroyRoom, body: askRoom, code: 100004},
				{call: createRoom, body: roomInfo(`"Owner_Account":"host_8"`), reply: created}, // the id is free at once
				{call: getRoomMetadata, body: askRoom, reply: `{"Metadata":[]}`},
				{call: getAdminList, body: askRoom, reply: `{"Admin_Account":[]}`},
			},
		},
		{name: "a room that never was", body: askRoom, code: 100004, info: []string{"live_9001"}},
		{name: "a room in other letters", given: []step{aRoom}, body: `{"RoomId":"LIVE_9001"}`, code: 100004, info: []string{"LIVE_9001"}},
		{name: "no room", given: []step{aRoom}, body: `{}`, code: 100002, info: []string{"RoomId"}},
		{name: "an empty id", body: `{"RoomId":""}`, code: 100002, info: []string{"RoomId"}},
		{name: "an id of 49 bytes", body: `{"RoomId":"` + strings.Repeat("r", 49) + `"}`, code: 100002, info: []string{"RoomId"}},
	})
}

// TestDestroyRoomCountsItsViewers dissolves a room while people are in it: the app server hears of the room, and of
// nobody who was in it.
func TestDestroyRoomCountsItsViewers(t *testing.T) {
	d := everybodys.open(t)
	d.take([]step{aRoom})
	fan := live.Caller{App: d.app, User: "fan_1", Kind: live.KindUser, IP: "198.51.100.7", Platform: live.PlatformWeb}
	for range 3 {
		_, err := d.live.Enter(ctx, fan, "live_9001")
		require.NoError(t, err)
		require.NoError(t, d.live.Leave(ctx, fan, "live_9001"))
	}
	_, err := d.live.Enter(ctx, fan, "live_9001")
	require.NoError(t, err)
	require.Contains(t, d.call(getRoomInfo, askRoom).Payload, `"ViewCount":4,"MemberCount":1,"OnlineCount":1`)
	fired := len(d.fired())
	d.take([]step{{call: destroyRoom, body: askRoom, reply: `{"Statistic":{"TotalViewers":4,"TotalGiftsSent":0,
		"TotalGiftCoins":0,"TotalUniqueGiftSenders":0,"TotalLikesReceived":0}}`}})
	last := d.fired()[fired:]
	require.Len(t, last, 1)
	require.Contains(t, string(last[0].Body), `"ViewCount":4`)
	require.Contains(t, string(last[0].Body), `"TotalViewers":4`)
}

func TestGetRoomInfo(t *testing.T) {
	play(t, getRoomInfo, []scenario{
		{
			name: "a room", given: []step{aRoom}, body: askRoom,
			reply: `{"RoomInfo":{"RoomId":"live_9001","RoomName":"live_9001","RoomType":"Live","Owner_Account":"host_7","OwnerName":"","OwnerAvatarUrl":"","IsGiftEnabled":true,"IsLikeEnabled":true,
				"CreateTime":1765001300,"IsSeatEnabled":false,"SeatTemplate":"","SeatLayoutTemplateId":0,
				"TakeSeatMode":"FreeToTake","MaxSeatCount":0,"KeepOwnerOnSeat":false,"MaxMemberCount":100000,
				"IsMessageDisabled":false,"CoverURL":"","BackgroundURL":"","Category":[],"ActivityStatus":0,"ViewCount":0,
				"MemberCount":0,"OnlineCount":0,"IsPublicVisible":true,"IsUnlimitedRoomEnabled":false,"Notice":"","CustomInfo":""}}`,
		},
		{name: "fields that the command does not have", given: []step{aRoom}, body: `{"RoomId":"live_9001","Next":[{}],"x":null}`,
			reply: `{"RoomInfo":{"RoomId":"live_9001","RoomName":"live_9001","RoomType":"Live","Owner_Account":"host_7","OwnerName":"","OwnerAvatarUrl":"","IsGiftEnabled":true,"IsLikeEnabled":true,
				"CreateTime":1765001300,"IsSeatEnabled":false,"SeatTemplate":"","SeatLayoutTemplateId":0,
				"TakeSeatMode":"FreeToTake","MaxSeatCount":0,"KeepOwnerOnSeat":false,"MaxMemberCount":100000,
				"IsMessageDisabled":false,"CoverURL":"","BackgroundURL":"","Category":[],"ActivityStatus":0,"ViewCount":0,
				"MemberCount":0,"OnlineCount":0,"IsPublicVisible":true,"IsUnlimitedRoomEnabled":false,"Notice":"","CustomInfo":""}}`},
		{name: "a room that never was", body: askRoom, code: 100004, info: []string{"live_9001"}},
		{name: "a room that was dissolved", given: []step{aRoom, {call: destroyRoom, body: askRoom}}, body: askRoom, code: 100004},
		{name: "no room", body: `{}`, code: 100002, info: []string{"RoomId"}},
		{name: "the field in other letters", given: []step{aRoom}, body: `{"roomId":"live_9001"}`, code: 100002, info: []string{"RoomId"}},
		{name: "an id of 49 bytes", body: `{"RoomId":"` + strings.Repeat("r", 49) + `"}`, code: 100002, info: []string{"RoomId"}},
	})
}

// TestRoomTextsComeBackAsTheyWent sends texts that are hard on encoders all the way through the store and the webhook.
func TestRoomTextsComeBackAsTheyWent(t *testing.T) {
	for _, text := range []string{"a\x00b", "\u2028 \u2029", `"</script>\`, "e\u0301 \U0001F525", "\t\r\n\x1f\x7f", "   "} {
		d := everybodys.open(t)
		quoted, err := json.Marshal(text)
		require.NoError(t, err)
		d.take([]step{{call: createRoom, body: roomInfo(`"RoomName":` + string(quoted))}})
		var reply struct {
			Response struct{ RoomInfo struct{ RoomName string } }
		}
		require.NoError(t, json.Unmarshal([]byte(d.call(getRoomInfo, askRoom).Payload), &reply))
		require.Equal(t, text, reply.Response.RoomInfo.RoomName)
		var hook struct{ RoomInfo struct{ RoomName string } }
		require.NoError(t, json.Unmarshal(d.fired()[0].Body, &hook))
		require.Equal(t, text, hook.RoomInfo.RoomName)
	}
}

func TestAppsDoNotSeeEachOther(t *testing.T) {
	one, two := everybodys.open(t, bare), everybodys.open(t, bare)
	one.take([]step{
		aRoom,
		{call: setRoomMetadata, body: `{"RoomId":"live_9001","Metadata":[{"Key":"k","Value":"v"}]}`},
		{call: modifyAdmin, body: `{"RoomId":"live_9001","Admin_Account":["mod_1"],"OpType":"add"}`},
		{call: accountImport, body: `{"UserID":"shop_17"}`},
		{call: setCallback, body: `{"Url":"https://one.example.net/","CallbackCommandList":["Live.CallbackAfterDestroyRoom"]}`},
		{call: setCallbackToken, body: `{"Token":"Vb3kTq9ZsX","IsTokenEnable":true}`},
	})
	before := one.state()
	two.take([]step{
		{call: getRoomInfo, body: askRoom, code: 100004},
		{call: getRoomMetadata, body: askRoom, code: 100004},
		{call: setRoomMetadata, body: `{"RoomId":"live_9001","Metadata":[{"Key":"k","Value":"x"}]}`, code: 100004},
		{call: delRoomMetadata, body: `{"RoomId":"live_9001","Keys":["k"]}`, code: 100004},
		{call: getAdminList, body: askRoom, code: 100004},
		{call: modifyAdmin, body: `{"RoomId":"live_9001","Admin_Account":["mod_1"],"OpType":"delete"}`, code: 100004},
		{call: destroyRoom, body: askRoom, code: 100004},
		{call: accountCheck, body: `{"CheckItem":[{"UserID":"shop_17"}]}`,
			reply: `{"ResultItem":[{"UserID":"shop_17","ResultCode":0,"ResultInfo":"","AccountStatus":"NotImported"}]}`},
		{call: getCallback, body: `{}`, code: 100301},
		{call: getCallbackToken, body: `{}`, code: 100302},
		{call: deleteCallback, body: `{}`}, {call: deleteCallbackToken, body: `{}`},
		aRoom, // the same id is another room here
		{call: getRoomMetadata, body: askRoom, reply: `{"Metadata":[]}`},
		{call: destroyRoom, body: askRoom},
	})
	require.Equal(t, before, one.state())
	require.Empty(t, two.fired(), "webhooks of one app are not switched on by another")
	one.take([]step{{call: destroyRoom, body: askRoom}})
	require.Len(t, one.fired(), 1)
}
