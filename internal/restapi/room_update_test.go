package restapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

const (
	updateRoomInfo   = "live_engine_http_srv/update_room_info"
	getRoomList      = "live_engine_http_srv/get_room_list"
	getRoomStats     = "live_engine_http_srv/get_room_stats"
	getRoomStatistic = "live_engine_http_srv/get_room_statistic"
	changeRoomOwner  = "live_engine_http_srv/change_room_owner"
	setMixStream     = "live_engine_http_srv/set_mix_stream"
	resumeMcuTask    = "live_engine_http_srv/resume_mcu_task"
)

func init() {
	exemplary[createRoom] = `{"RoomInfo":{"RoomId":"live_9002","RoomName":"Evening sketches","RoomType":"Live","Owner_Account":"host_7",
		"SeatTemplate":"Karaoke","MaxSeatCount":6,"TakeSeatMode":"ApplyToTake","MaxMemberCount":300,"IsMessageDisabled":false,
		"IsPublicVisible":true,"CoverURL":"https://img.example.net/c/9002.jpg","BackgroundURL":"https://img.example.net/b/9002.jpg",
		"Notice":"Bring your own pencil","Category":[4,11],"ActivityStatus":1}}`
	good[updateRoomInfo] = `{"RoomInfo":{"RoomId":"live_9001","RoomName":"Late sketches","MaxMemberCount":500,"IsMessageDisabled":true,
		"CoverURL":"https://img.example.net/c/9001.jpg","BackgroundURL":"https://img.example.net/b/9001.jpg","Category":[4],"ActivityStatus":1,"IsPublicVisible":true,
		"TakeSeatMode":"FreeToTake","Notice":"Back at nine","IsUnlimitedRoomEnabled":true,"IsGiftEnabled":true,"IsLikeEnabled":true}}`
	good[getRoomList] = `{"Next":"0","Count":20,"SortDirection":"descend"}`
	good[getRoomStats], good[getRoomStatistic] = askRoom, askRoom
	lively := []step{
		{call: updateRoomInfo, body: change(`"RoomName":"Evening sketches","CoverURL":"https://img.example.net/c/9001.jpg",
			"Category":[4,11],"Notice":"Back at nine"`)},
		entering("lin", "oskar"), {call: sendTextMsg, body: `{"RoomId":"live_9001","Sender_Account":"lin","TextContent":"good evening"}`},
	}
	for _, command := range []string{getRoomInfo, getRoomList, getRoomStats, getRoomStatistic, destroyRoom} {
		furnishing[command] = lively
	}
	good[changeRoomOwner] = `{"RoomId":"live_9001","NewOwner_Account":"oskar"}`
	mixed := `"RoomId":"live_mixed","LayoutMode":1000,"VideoEncode":{"Width":720,"Height":1280},"LayoutInfo":{"LayoutList":[` +
		mixView + `],"MaxUserLayout":` + mixView + `}`
	good[setMixStream], good[resumeMcuTask] = `{`+mixed+`}`, `{"RoomId":"live_mixed"}`
	mixable := step{call: createRoom, body: `{"RoomInfo":{"RoomId":"live_mixed","RoomType":"Live",
		"SeatTemplate":"VideoDynamicGrid9Seats","IsUnlimitedRoomEnabled":true}}`}
	hugeList[setMixStream] = []int{60002} // so many pictures make too large a body
	contractPerSecond[getRoomList] = 10
	contractPerSecond[getRoomStats], contractPerSecond[getRoomStatistic] = 100, 100
	contractPerSecond[setMixStream], contractPerSecond[resumeMcuTask] = 20, 20
	preparing[setMixStream], preparing[resumeMcuTask] = []step{mixable}, []step{mixable}
}

// change is the body that changes these fields of live_9001.
func change(fields string) string {
	if fields != "" {
		fields = "," + fields
	}
	return `{"RoomInfo":{"RoomId":"live_9001"` + fields + `}}`
}

// updated is the webhook of that.
func updated(fields string) []string {
	return []string{`{"CallbackCommand":"Live.CallbackAfterUpdateRoomInfo","Operator_Account":"administrator",
		"RoomInfo":{"RoomId":"live_9001",` + fields + `,"CustomInfo":""},"EventTime":1765001300444}`}
}

// aFullRoom has everything that an update can change, and seats.
var aFullRoom = step{call: createRoom, body: roomInfo(`"Owner_Account":"host_7","RoomName":"evening show","SeatTemplate":"Karaoke",
	"TakeSeatMode":"ApplyToTake","MaxMemberCount":500,"IsMessageDisabled":true,"IsPublicVisible":false,"IsUnlimitedRoomEnabled":true,
	"CoverURL":"https://img.example.org/c.png","BackgroundURL":"https://img.example.org/b.png","Notice":"back at nine",
	"Category":[3,8],"ActivityStatus":-4,"IsGiftEnabled":false,"IsLikeEnabled":false`)}

// shown is the room as get_room_info tells it, with these fields in place of those of aFullRoom.
func shown(t *testing.T, change map[string]string) step {
	fields := map[string]string{
		"RoomId": `"live_9001"`, "RoomName": `"evening show"`, "RoomType": `"Live"`, "Owner_Account": `"host_7"`, "OwnerName": `""`,
		"OwnerAvatarUrl": `""`, "CreateTime": `1765001300`, "IsSeatEnabled": `true`, "SeatTemplate": `"Karaoke"`, "SeatLayoutTemplateId": `0`,
		"TakeSeatMode": `"ApplyToTake"`, "MaxSeatCount": `8`, "KeepOwnerOnSeat": `false`, "MaxMemberCount": `500`, "IsMessageDisabled": `true`,
		"IsGiftEnabled": `false`, "IsLikeEnabled": `false`, "CoverURL": `"https://img.example.org/c.png"`,
		"BackgroundURL": `"https://img.example.org/b.png"`, "Category": `[3,8]`, "ActivityStatus": `-4`, "ViewCount": `0`, "MemberCount": `0`,
		"OnlineCount": `0`, "IsPublicVisible": `false`, "IsUnlimitedRoomEnabled": `true`, "Notice": `"back at nine"`, "CustomInfo": `""`,
	}
	members := make([]string, 0, len(fields))
	for name, value := range change {
		require.Contains(t, fields, name)
		fields[name] = value
	}
	for name, value := range fields {
		members = append(members, `"`+name+`":`+value)
	}
	return step{call: getRoomInfo, body: askRoom, reply: `{"RoomInfo":{` + strings.Join(members, ",") + `}}`}
}

func TestUpdateRoomInfo(t *testing.T) {
	type m = map[string]string
	const as = `"RoomName":"evening show","MaxMemberCount":500,"IsMessageDisabled":true,"CoverURL":"https://img.example.org/c.png",
		"Category":[3,8],"ActivityStatus":-4,"IsPublicVisible":false,"TakeSeatMode":"ApplyToTake"`
	with := func(old, now string) []string {
		require.Contains(t, as, old)
		return updated(strings.Replace(as, old, now, 1))
	}
	given, unchanged := []step{aFullRoom}, []step{shown(t, nil)}
	play(t, updateRoomInfo, []scenario{
		{
			name: "every field there is", given: given,
			body: change(`"RoomName":"late ✨","MaxMemberCount":7,"IsMessageDisabled":false,"CoverURL":"c","BackgroundURL":"b","Category":[9],
				"ActivityStatus":2,"IsPublicVisible":true,"TakeSeatMode":"FreeToTake","Notice":"n","IsUnlimitedRoomEnabled":false,
				"IsGiftEnabled":true,"IsLikeEnabled":true`),
			fires: updated(`"RoomName":"late ✨","MaxMemberCount":7,"IsMessageDisabled":false,"CoverURL":"c","Category":[9],
				"ActivityStatus":2,"IsPublicVisible":true,"TakeSeatMode":"FreeToTake"`),
			then: []step{shown(t, m{
				"RoomName": `"late ✨"`, "MaxMemberCount": `7`, "IsMessageDisabled": `false`, "CoverURL": `"c"`, "BackgroundURL": `"b"`,
				"Category": `[9]`, "ActivityStatus": `2`, "IsPublicVisible": `true`, "TakeSeatMode": `"FreeToTake"`, "Notice": `"n"`,
				"IsUnlimitedRoomEnabled": `false`, "IsGiftEnabled": `true`, "IsLikeEnabled": `true`,
			})},
		},
		{
			name: "as the admin console mutes a room", given: given, body: change(`"IsUnlimitedRoomEnabled":true,"IsMessageDisabled":false`),
			fires: with(`"IsMessageDisabled":true`, `"IsMessageDisabled":false`), then: []step{shown(t, m{"IsMessageDisabled": `false`})},
		},
		{
			name: "as the admin console renames a room", given: given, body: change(`"IsUnlimitedRoomEnabled":true,"RoomName":"x","CoverURL":"y"`),
			fires: updated(`"RoomName":"x","MaxMemberCount":500,"IsMessageDisabled":true,"CoverURL":"y",
				"Category":[3,8],"ActivityStatus":-4,"IsPublicVisible":false,"TakeSeatMode":"ApplyToTake"`),
			then: []step{shown(t, m{"RoomName": `"x"`, "CoverURL": `"y"`})},
		},
		{
			name: "empty texts clear, an empty name is the room's id", given: given,
			body:  change(`"RoomName":"","CoverURL":"","BackgroundURL":"","Notice":""`),
			fires: updated(strings.NewReplacer(`evening show`, `live_9001`, `https://img.example.org/c.png`, ``).Replace(as)),
			then:  []step{shown(t, m{"RoomName": `"live_9001"`, "CoverURL": `""`, "BackgroundURL": `""`, "Notice": `""`})},
		},
		{
			name: "no categories any more", given: given, body: change(`"Category":[]`),
			fires: with(`[3,8]`, `[]`), then: []step{shown(t, m{"Category": `[]`})},
		},
		{name: "categories that are null stay", given: given, body: change(`"Category":null,"RoomName":null`), fires: updated(as), then: unchanged},
		{name: "zeros are values", given: given, body: change(`"ActivityStatus":0`), fires: with(`-4`, `0`), then: []step{shown(t, m{"ActivityStatus": `0`})}},
		{name: "the same again is a write", given: given, body: change(`"RoomName":"evening show"`), fires: updated(as), then: unchanged},
		{name: "nothing to change is a success", given: given, body: change(``), fires: updated(as), then: unchanged},
		{
			name: "fields that are unknown or cannot be changed, of whatever type", given: given,
			body: change(`"MaxSeatCount":"3","SeatTemplate":7,"Owner_Account":"mallory","RoomType":"Conference","CustomInfo":"x",
				"CreateTime":1,"ViewCount":9,"KeepOwnerOnSeat":true,"LifetimeAfterNoUsers":1,"x":null`),
			fires: updated(as), then: unchanged,
		},
		{
			name: "a room without seats says so", given: []step{aRoom}, body: change(`"TakeSeatMode":"ApplyToTake"`),
			fires: updated(`"RoomName":"live_9001","MaxMemberCount":100000,"IsMessageDisabled":false,"CoverURL":"",
				"Category":[],"ActivityStatus":0,"IsPublicVisible":true,"TakeSeatMode":"None"`),
		},
		{name: "as many members as the server allows", given: given, body: change(`"MaxMemberCount":100000`), fires: with(`500`, `100000`)},
		{name: "one member", given: given, body: change(`"MaxMemberCount":1`), fires: with(`500`, `1`)},
		{name: "no member", given: given, body: change(`"RoomName":"x","MaxMemberCount":0`), code: 100002, info: []string{"MaxMemberCount"}, then: unchanged},
		{name: "more members than the server allows", given: given, body: change(`"RoomName":"x","MaxMemberCount":100001`), code: 100013, info: []string{"MaxMemberCount", "100000"}, then: unchanged},
		{name: "three categories", given: given, body: change(`"Category":[1,2,3]`), fires: with(`[3,8]`, `[1,2,3]`)},
		{name: "four categories", given: given, body: change(`"Category":[1,2,3,4]`), code: 100009, info: []string{"Category", "3"}, then: unchanged},
		{name: "a category that is null", given: given, body: change(`"Category":[1,null]`), code: 100002, info: []string{"RoomInfo.Category[1]"}},
		{name: "a mode that does not exist", given: given, body: change(`"TakeSeatMode":"None"`), code: 100002, info: []string{"TakeSeatMode", "FreeToTake", "ApplyToTake"}},
		{name: "an empty mode", given: given, body: change(`"TakeSeatMode":""`), code: 100002, info: []string{"TakeSeatMode"}},
		{name: "a room that never was", body: change(`"RoomName":"x"`), code: 100004, info: []string{"live_9001"}},
		{name: "a room that was dissolved", given: []step{aRoom, {call: destroyRoom, body: askRoom}}, body: change(`"RoomName":"x"`), code: 100004},
		{name: "no RoomInfo", given: given, body: `{"RoomId":"live_9001","RoomName":"x"}`, code: 100002, info: []string{"RoomInfo"}},
		{name: "no room", given: given, body: `{"RoomInfo":{"RoomName":"x"}}`, code: 100002, info: []string{"RoomId"}},
		{name: "an id of 49 bytes", body: `{"RoomInfo":{"RoomId":"` + strings.Repeat("r", 49) + `"}}`, code: 100002, info: []string{"RoomId"}},
	})
}

func TestUpdateRoomInfoTexts(t *testing.T) {
	var scenarios []scenario
	for _, text := range []struct {
		field string
		max   int
	}{{"RoomName", 100}, {"Notice", 100}, {"CoverURL", 200}, {"BackgroundURL", 200}} {
		full := strings.Repeat("x", text.max-3) + "房" // limits count bytes
		scenarios = append(scenarios, scenario{
			name: text.field + " of its full length", with: []func(*setup){bare}, given: []step{aFullRoom},
			body: change(fmt.Sprintf("%q:%q", text.field, full)),
			then: []step{shown(t, map[string]string{text.field: fmt.Sprintf("%q", full)})},
		}, scenario{
			name: text.field + " a byte longer", given: []step{aFullRoom},
			body: change(fmt.Sprintf("%q:%q", text.field, "x"+full)),
			code: 100002, info: []string{text.field, fmt.Sprint(text.max), fmt.Sprint(text.max + 1)}, then: []step{shown(t, nil)},
		})
	}
	play(t, updateRoomInfo, scenarios)
}

func TestUpdateRoomInfoUpToTheServersLimits(t *testing.T) {
	small := func(s *setup) { s.limits = live.Limits{MaxMembers: 7, MaxSeats: 2, MaxAdmins: 1, MaxCategories: 1} }
	play(t, updateRoomInfo, []scenario{
		{name: "as many members", with: []func(*setup){small, bare}, given: []step{aRoom}, body: change(`"MaxMemberCount":7`)},
		{name: "more members", with: []func(*setup){small}, given: []step{aRoom}, body: change(`"MaxMemberCount":8`), code: 100013},
		{name: "as many categories", with: []func(*setup){small, bare}, given: []step{aRoom}, body: change(`"Category":[5]`)},
		{name: "more categories", with: []func(*setup){small}, given: []step{aRoom}, body: change(`"Category":[5,6]`), code: 100009},
	})
}

// TestARoomIsMadeWithGiftsAndLikesOn, unless it is said otherwise, and shows its owner's profile.
func TestARoomIsMadeWithGiftsAndLikesOn(t *testing.T) {
	d := everybodys.open(t)
	d.take([]step{
		{call: accountImport, body: `{"UserID":"host_7","Nick":"Hana ✨","FaceUrl":"https://img.example.org/h.png"}`},
		aFullRoom,
		shown(t, map[string]string{"OwnerName": `"Hana ✨"`, "OwnerAvatarUrl": `"https://img.example.org/h.png"`}),
	})
}

func TestCreateRoomUpToTheAppsQuota(t *testing.T) {
	d := everybodys.open(t, func(s *setup) { s.app.MaxRooms = 2 })
	numbered := func(i int) string { return fmt.Sprintf(`{"RoomInfo":{"RoomId":"live_%d","RoomType":"Live"}}`, i) }
	d.take([]step{{call: createRoom, body: numbered(1)}})
	require.Len(t, d.fired(), 1)
	d.take([]step{{call: createRoom, body: numbered(2)}})
	require.Len(t, d.fired(), 3)
	d.requireFired([]string{`{"CallbackCommand":"Live.CallbackAfterCreateRoomReachingThreshold","Operator_Account":"administrator",
		"EventTime":1765001300444,"CurRoomCount":2,"MaxRoomCount":2}`}, d.fired()[2:])
	before, told := d.state(), d.told()
	got := d.call(createRoom, numbered(3))
	require.Equal(t, 100013, got.ErrorCode)
	require.Contains(t, got.ErrorInfo, "2")
	require.Equal(t, before, d.state())
	require.Equal(t, told, d.told())
	d.take([]step{
		{call: createRoom, body: numbered(2), code: 100010}, {call: destroyRoom, body: `{"RoomId":"live_1"}`},
		{call: createRoom, body: numbered(3)}, {call: createRoom, body: numbered(1), code: 100013},
	})
}
