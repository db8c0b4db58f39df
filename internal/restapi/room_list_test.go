package restapi_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
)

// listed is a room of host_7 as the list shows it.
func listed(id string, views int) string {
	return fmt.Sprintf(`{"RoomId":%q,"RoomName":%q,"RoomType":"Live","Owner_Account":"host_7","OwnerName":"Hana","OwnerAvatarUrl":"h.png",
		"CreateTime":1765001300,"IsSeatEnabled":false,"SeatTemplate":"","SeatLayoutTemplateId":0,"TakeSeatMode":"FreeToTake",
		"MaxSeatCount":0,"KeepOwnerOnSeat":false,"MaxMemberCount":100000,"IsMessageDisabled":false,"IsGiftEnabled":true,
		"IsLikeEnabled":true,"CoverURL":"","BackgroundURL":"","Category":[],"ActivityStatus":0,"ViewCount":%d,"MemberCount":0,
		"OnlineCount":0,"IsPublicVisible":true,"IsUnlimitedRoomEnabled":false,"Notice":"","CustomInfo":""}`, id, id, views)
}

func listing(next string, rooms ...string) string {
	return fmt.Sprintf(`{"Next":%q,"RoomList":[%s]}`, next, strings.Join(rooms, ","))
}

func madeRoom(id, fields string) step {
	return step{call: createRoom, body: fmt.Sprintf(`{"RoomInfo":{"RoomId":%q,"RoomType":"Live","Owner_Account":"host_7"%s}}`, id, fields)}
}

func TestGetRoomList(t *testing.T) {
	hana := step{call: accountImport, body: `{"UserID":"host_7","Nick":"Hana","FaceUrl":"h.png"}`}
	three := []step{hana, madeRoom("a", ""), madeRoom("c", ""), madeRoom("b", "")}
	afterC := base64.RawURLEncoding.EncodeToString([]byte("0.1765001300.c"))
	play(t, getRoomList, []scenario{
		{name: "an app without rooms", body: `{"Next":"","Count":20}`, reply: listing("")},
		{name: "every field of a room", given: []step{hana, madeRoom("a", "")}, body: `{"Next":"","Count":20}`, reply: listing("", listed("a", 0))},
		{name: "as the admin console asks for it", given: three, body: `{"Next":"0","Count":20,"SortDirection":"descend"}`,
			reply: listing("", listed("c", 0), listed("b", 0), listed("a", 0))},
		{name: "nothing said", given: three, body: `{}`, reply: listing("", listed("c", 0), listed("b", 0), listed("a", 0))},
		{name: "the other way round", given: three, body: `{"SortDirection":"ascend"}`, reply: listing("", listed("a", 0), listed("b", 0), listed("c", 0))},
		{name: "only public rooms", given: append(three, madeRoom("d", `,"IsPublicVisible":false`),
			step{call: updateRoomInfo, body: `{"RoomInfo":{"RoomId":"c","IsPublicVisible":false}}`}),
			body: `{}`, reply: listing("", listed("b", 0), listed("a", 0))},
		{name: "a dissolved room is gone", given: append(three, step{call: destroyRoom, body: `{"RoomId":"b"}`}),
			body: `{}`, reply: listing("", listed("c", 0), listed("a", 0))},
		{name: "a page that is not the last", given: three, body: `{"Count":1}`, reply: listing(afterC, listed("c", 0))},
		{name: "a full page that is the last", given: three, body: `{"Count":3}`, reply: listing("", listed("c", 0), listed("b", 0), listed("a", 0))},
		{name: "the page behind", given: three, body: `{"Count":2,"Next":"` + afterC + `"}`, reply: listing("", listed("b", 0), listed("a", 0))},
		{name: "behind a room that is gone", given: append(three, step{call: destroyRoom, body: `{"RoomId":"c"}`}),
			body: `{"Next":"` + afterC + `"}`, reply: listing("", listed("b", 0), listed("a", 0))},
		{name: "no room at all", given: three, body: `{"Count":0}`, code: 100002, info: []string{"Count", "20"}},
		{name: "fewer than none", given: three, body: `{"Count":-1}`, code: 100002, info: []string{"Count"}},
		{name: "more than a page may have", given: three, body: `{"Count":21}`, code: 100002, info: []string{"Count", "20"}},
		{name: "another direction", given: three, body: `{"SortDirection":"up"}`, code: 100002, info: []string{"SortDirection", "ascend", "descend"}},
	})
}

func TestGetRoomListWithABrokenCursor(t *testing.T) {
	var scenarios []scenario
	encode := base64.RawURLEncoding.EncodeToString
	for _, next := range []string{
		"1", "00", "x", "-1", "1767304800-88017", encode([]byte("0.1765001300")), encode([]byte("a.1.b")), encode([]byte("1.b.c")),
		encode([]byte("1.2.")), encode([]byte("1.2.\x00")), encode([]byte("99999999999999999999.1.a")), strings.Repeat("A", 161),
		encode([]byte("1.2." + strings.Repeat("r", 49))), encode([]byte("0.1765001300.c")) + "=", " ", `\u0000`,
	} {
		scenarios = append(scenarios, scenario{name: next, given: []step{aRoom}, body: `{"Next":"` + next + `"}`, code: 100002, info: []string{"Next"}})
	}
	play(t, getRoomList, scenarios)
}

// TestGetRoomListPageByPage goes through rooms of various views as the admin console does, and back again.
func TestGetRoomListPageByPage(t *testing.T) {
	d := everybodys.open(t, bare)
	enter := func(room live.RoomID, times int) {
		for i := range times {
			fan := live.Caller{App: d.app, User: live.UserID(fmt.Sprint("fan_", i)), Kind: live.KindUser}
			_, err := d.live.Enter(ctx, fan, room)
			require.NoError(t, err)
		}
	}
	const rooms = 45
	for i := range rooms {
		id := fmt.Sprintf("live_%02d", i)
		d.take([]step{madeRoom(id, "")})
		enter(live.RoomID(id), i%4)
	}
	type page struct {
		Response struct {
			Next     string
			RoomList []struct {
				RoomID      string `json:"RoomId"`
				ViewCount   int
				OnlineCount int
			}
		}
	}
	ask := func(next, direction string) (p page) {
		got := d.call(getRoomList, fmt.Sprintf(`{"Next":%q,"Count":20,"SortDirection":%q}`, next, direction))
		require.Zero(t, got.ErrorCode, got.ErrorInfo)
		require.NoError(t, json.Unmarshal([]byte(got.Payload), &p))
		return p
	}
	for _, direction := range []string{"descend", "ascend"} {
		cursors, seen, last := []string{"0"}, map[string]bool{}, -1
		for len(cursors) < 5 {
			p := ask(cursors[len(cursors)-1], direction)
			for _, r := range p.Response.RoomList {
				require.False(t, seen[r.RoomID], r.RoomID)
				seen[r.RoomID] = true
				require.Equal(t, r.ViewCount, r.OnlineCount)
				if last >= 0 && direction == "descend" {
					require.LessOrEqual(t, r.ViewCount, last)
				} else if last >= 0 {
					require.GreaterOrEqual(t, r.ViewCount, last)
				}
				last = r.ViewCount
			}
			if p.Response.Next == "" {
				break
			}
			require.Len(t, p.Response.RoomList, 20)
			cursors = append(cursors, p.Response.Next)
		}
		require.Len(t, cursors, 3)
		require.Len(t, seen, rooms)
		require.Equal(t, ask(cursors[1], direction), ask(cursors[1], direction), "a page can be asked for again")
		require.Equal(t, cursors[2], ask(cursors[1], direction).Response.Next)
	}
}

func TestGetRoomListOfAnotherApp(t *testing.T) {
	one, two := everybodys.open(t), everybodys.open(t)
	one.take([]step{madeRoom("a", "")})
	two.take([]step{{call: getRoomList, body: `{}`, reply: listing("")}})
}

func TestGetRoomStats(t *testing.T) {
	for _, command := range []string{getRoomStats, getRoomStatistic} {
		play(t, command, []scenario{
			{name: "a new room", given: []step{aRoom}, body: askRoom, reply: `{"TotalViewers":0,"TotalGiftsSent":0,"TotalGiftCoins":0,
				"TotalUniqueGiftSenders":0,"TotalLikesReceived":0,"TotalMsgCount":0}`},
			{name: "a room that never was", body: askRoom, code: 100004, info: []string{"live_9001"}},
			{name: "a room that was dissolved", given: []step{aRoom, {call: destroyRoom, body: askRoom}}, body: askRoom, code: 100004},
			{name: "no room", body: `{}`, code: 100002, info: []string{"RoomId"}},
			{name: "an id of 48 bytes", body: `{"RoomId":"` + strings.Repeat("r", 48) + `"}`, code: 100004},
			{name: "an id of 49 bytes", body: `{"RoomId":"` + strings.Repeat("r", 49) + `"}`, code: 100002, info: []string{"RoomId", "48"}},
		})
		d := everybodys.open(t)
		d.take([]step{aRoom})
		for _, id := range []live.UserID{"a", "b", "a"} {
			fan := live.Caller{App: d.app, User: id, Kind: live.KindUser}
			_, err := d.live.Enter(ctx, fan, "live_9001")
			require.NoError(t, err)
			require.NoError(t, d.live.Leave(ctx, fan, "live_9001"))
		}
		require.NoError(t, d.store.Update(ctx, func(tx live.Tx) error {
			return tx.AddTotals(d.app, "live_9001", live.Totals{GiftsSent: 4, GiftCoins: 50, GiftSenders: 2, LikesReceived: 700, Messages: 18})
		}))
		d.take([]step{{call: command, body: askRoom, reply: `{"TotalViewers":3,"TotalGiftsSent":4,"TotalGiftCoins":50,
			"TotalUniqueGiftSenders":2,"TotalLikesReceived":700,"TotalMsgCount":18}`}})
	}
}
