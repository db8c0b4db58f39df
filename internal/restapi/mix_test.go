package restapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

const mixView = `{"LocationX":360,"LocationY":640,"ImageWidth":180,"ImageHeight":320,"RoomId":"live_9002","Member_Account":"lin","StreamType":1,"ZOrder":5}`

// aMixRoom is live_9001 as a room whose streams can be mixed.
var aMixRoom = step{call: createRoom, body: roomInfo(`"SeatTemplate":"VideoDynamicGrid9Seats","IsUnlimitedRoomEnabled":true`)}

func TestSetMixStream(t *testing.T) {
	given := []step{aMixRoom}
	mix := func(fields string) string { return `{"RoomId":"live_9001",` + fields + `}` }
	one := func(field, value string) string {
		view := `{"Member_Account":"lin","` + field + `":` + value + `}`
		return mix(`"LayoutMode":1000,"LayoutInfo":{"LayoutList":[` + view + `]}`)
	}
	scenarios := []scenario{
		{name: "a grid", given: given, body: mix(`"LayoutMode":0`)},
		{name: "a grid by default", given: given, body: askRoom},
		{name: "a layout of one's own", given: given, body: mix(`"LayoutMode":1000,"VideoEncode":{"Width":720,"Height":1280},
			"LayoutInfo":{"LayoutList":[` + mixView + `],"MaxUserLayout":{"RoomId":"live_9001","Member_Account":"mia","StreamType":0,"ZOrder":1}}`)},
		{name: "only the big picture", given: given, body: mix(`"LayoutMode":1000,"LayoutInfo":{"MaxUserLayout":{"Member_Account":"mia"}}`)},
		{name: "32 pictures", given: given, body: mix(`"LayoutMode":1000,"LayoutInfo":{"LayoutList":[` + strings.Repeat(mixView+",", 31) + mixView + `]}`)},
		{name: "33 pictures", given: given, body: mix(`"LayoutMode":1000,"LayoutInfo":{"LayoutList":[` + strings.Repeat(mixView+",", 32) + mixView + `]}`),
			code: 100002, info: []string{"LayoutInfo.LayoutList", "32"}},
		{name: "another mode", given: given, body: mix(`"LayoutMode":1`), code: 100002, info: []string{"LayoutMode", "1000"}},
		{name: "a layout of one's own without one", given: given, body: mix(`"LayoutMode":1000`), code: 100002, info: []string{"LayoutInfo"}},
		{name: "an empty layout", given: given, body: mix(`"LayoutMode":1000,"LayoutInfo":{"LayoutList":[]}`), code: 100002, info: []string{"LayoutInfo"}},
		{name: "a picture of nobody", given: given, body: mix(`"LayoutMode":1000,"LayoutInfo":{"LayoutList":[` + mixView + `,{}]}`),
			code: 100002, info: []string{"LayoutInfo.LayoutList[1].Member_Account"}},
		{name: "a big picture of nobody", given: given, body: mix(`"LayoutInfo":{"MaxUserLayout":{}}`), code: 100002, info: []string{"LayoutInfo.MaxUserLayout.Member_Account"}},
		{name: "an account of 33 bytes", given: given, body: mix(`"LayoutInfo":{"LayoutList":[{"Member_Account":"` + strings.Repeat("a", 33) + `"}]}`), code: 100002, info: []string{"LayoutInfo.LayoutList[0].Member_Account"}},
		{name: "a room's id of 49 bytes", given: given, body: one("RoomId", `"`+strings.Repeat("r", 49)+`"`), code: 100002, info: []string{"LayoutInfo.LayoutList[0].RoomId"}},
		{name: "a room that never was", body: mix(`"LayoutMode":0`), code: 100004, info: []string{"live_9001"}},
		{name: "a room without seats", given: []step{{call: createRoom, body: roomInfo(`"IsUnlimitedRoomEnabled":true`)}}, body: askRoom, code: 100006, info: []string{"seats"}},
		{name: "a room not made for mixing", given: []step{{call: createRoom, body: roomInfo(`"SeatTemplate":"Karaoke"`)}}, body: askRoom, code: 100006, info: []string{"IsUnlimitedRoomEnabled"}},
		{
			name: "a room that was made fit for mixing", body: askRoom,
			given: []step{{call: createRoom, body: roomInfo(`"SeatTemplate":"Karaoke"`)}, {call: updateRoomInfo, body: change(`"IsUnlimitedRoomEnabled":true`)}},
		},
		{name: "no room", body: `{"LayoutMode":0}`, code: 100002, info: []string{"RoomId"}},
		{name: "an id of 49 bytes", body: `{"RoomId":"` + strings.Repeat("r", 49) + `","LayoutMode":0}`, code: 100002, info: []string{"RoomId"}},
	}
	for field, most := range map[string]int{"LocationX": 4096, "LocationY": 4096, "ImageWidth": 4096, "ImageHeight": 4096, "StreamType": 2, "ZOrder": 99} {
		at := "LayoutInfo.LayoutList[0]." + field
		scenarios = append(scenarios,
			scenario{name: field + " at most", given: given, body: one(field, fmt.Sprint(most))},
			scenario{name: field + " past it", given: given, body: one(field, fmt.Sprint(most+1)), code: 100002, info: []string{at, fmt.Sprint(most)}},
			scenario{name: field + " below 0", given: given, body: one(field, "-1"), code: 100002, info: []string{at}},
		)
	}
	for _, field := range []string{"Width", "Height"} {
		encode := func(n int) string { return mix(fmt.Sprintf(`"VideoEncode":{%q:%d}`, field, n)) }
		scenarios = append(scenarios,
			scenario{name: field + " at most", given: given, body: encode(4096)},
			scenario{name: field + " past it", given: given, body: encode(4097), code: 100002, info: []string{"VideoEncode." + field, "4096"}},
			scenario{name: field + " below 0", given: given, body: encode(-1), code: 100002, info: []string{"VideoEncode." + field}},
		)
	}
	play(t, setMixStream, scenarios)
}

func TestSetMixStreamKeepsTheLayout(t *testing.T) {
	d := everybodys.open(t)
	d.take([]step{aMixRoom,
		{call: setMixStream, body: `{"RoomId":"live_9001","LayoutMode":1000,"VideoEncode":{"Width":720,"Height":1280},"LayoutInfo":{
			"LayoutList":[` + mixView + `,{"Member_Account":"mia"}],"MaxUserLayout":{"Member_Account":"mia","ZOrder":1}}}`}})
	got, err := d.live.ResumeMix(ctx, live.System(d.app), "live_9001")
	require.NoError(t, err)
	require.Equal(t, live.MixLayout{
		Mode: live.MixCustom, Width: 720, Height: 1280,
		Views: []live.MixView{
			{Room: "live_9002", User: "lin", X: 360, Y: 640, Width: 180, Height: 320, StreamType: 1, ZOrder: 5}, {Room: "live_9001", User: "mia"},
		},
		Main: &live.MixView{Room: "live_9001", User: "mia", ZOrder: 1},
	}, got)
	d.take([]step{{call: resumeMcuTask, body: askRoom}, {call: setMixStream, body: askRoom}})
	got, err = d.live.ResumeMix(ctx, live.System(d.app), "live_9001")
	require.NoError(t, err)
	require.Equal(t, live.MixGrid, got.Mode)
	require.Empty(t, got.Views)
	require.Nil(t, got.Main)
}

func TestResumeMcuTask(t *testing.T) {
	play(t, resumeMcuTask, []scenario{
		{name: "a layout that was set", given: []step{aMixRoom, {call: setMixStream, body: askRoom}}, body: askRoom},
		{name: "none was set: the grid", given: []step{aMixRoom}, body: askRoom},
		{name: "a room that never was", body: askRoom, code: 100004, info: []string{"live_9001"}},
		{name: "a room without seats", given: []step{{call: createRoom, body: roomInfo(`"IsUnlimitedRoomEnabled":true`)}}, body: askRoom, code: 100006},
		{name: "a room not made for mixing", given: []step{{call: createRoom, body: roomInfo(`"SeatTemplate":"Karaoke"`)}}, body: askRoom, code: 100006},
		{name: "no room", body: `{}`, code: 100002, info: []string{"RoomId"}},
		{name: "an id of 49 bytes", body: `{"RoomId":"` + strings.Repeat("r", 49) + `"}`, code: 100002, info: []string{"RoomId"}},
	})
}
