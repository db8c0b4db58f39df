package main

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/webhook"
)

// eventAt is the EventTime of the events below; they arrive 7 ms later.
const eventAt = 1_784_900_000_000

func arrivalOf(t *testing.T, event webhook.Event, platform string) *arrival {
	t.Helper()
	body, err := webhook.Encode(event)
	require.NoError(t, err)
	a := &arrival{
		at: time.UnixMilli(eventAt + 7), id: "evt_ABCDEFGHIJKLMN", event: event, status: http.StatusOK,
		delivery: webhook.Delivery{Body: body},
	}
	if platform != "" {
		a.delivery.Platform, a.delivery.ClientIP = platform, "203.0.113.9"
	}
	return a
}

func TestALineShowsWhatMattersOfEachEvent(t *testing.T) {
	const tail = "  id=evt_ABCDEFG…  age=7ms"
	for _, tc := range []struct {
		event    webhook.Event
		platform string
		want     string
	}{
		{webhook.AfterCreateRoom{OperatorAccount: "adm", RoomInfo: webhook.CreatedRoom{RoomID: "hello", RoomName: "Hello you", OwnerAccount: "mira"}, EventTime: eventAt}, "RESTAPI",
			`AfterCreateRoom          room=hello  by=adm  name="Hello you" owner=mira  203.0.113.9 RESTAPI`},
		{webhook.AfterDestroyRoom{OperatorAccount: "@TIM#SYSTEM", RoomID: "hello", EventType: webhook.DestroyBySystem, EventTime: eventAt, Statistic: webhook.RoomStatistic{TotalViewers: 3}}, "Unknown",
			`AfterDestroyRoom         room=hello  by=@TIM#SYSTEM  DestroyBySystem viewers=3  203.0.113.9 Unknown`},
		{webhook.AfterSetMetadata{OperatorAccount: "mira", RoomID: "hello", Metadata: []webhook.Metadata{{Key: "theme", Value: "dusk"}, {Key: "t", Value: strings.Repeat("x", 50)}}, EventTime: eventAt}, "Web",
			`AfterSetMetadata         room=hello  by=mira  metadata=[theme=dusk t=` + strings.Repeat("x", 39) + `…]  203.0.113.9 Web`},
		{webhook.AfterDelMetadata{OperatorAccount: "mira", RoomID: "hello", Keys: []string{"theme", "two words"}, EventTime: eventAt}, "iOS",
			`AfterDelMetadata         room=hello  by=mira  keys=[theme "two words"]  203.0.113.9 iOS`},
		{webhook.AfterMemberStateChanged{RoomID: "hello", EventType: webhook.MemberOnline, EventCause: webhook.CauseEnter, MemberList: []webhook.Member{{MemberAccount: "alice"}, {MemberAccount: "bob"}}, EventTime: eventAt}, "",
			`AfterMemberStateChanged  room=hello  Online Enter members=[alice bob]`},
		{webhook.AfterModifyAdmin{RoomID: "hello", OperatorAccount: "mira", AdminAccount: []string{"alice"}, OpType: webhook.AdminAdd, EventTime: eventAt}, "",
			`AfterModifyAdmin         room=hello  by=mira  add admins=[alice]`},
		{webhook.AfterUpdateRoomInfo{OperatorAccount: "mira", RoomInfo: webhook.UpdatedRoom{RoomID: "hello", RoomName: "Hello you"}, EventTime: eventAt}, "",
			`AfterUpdateRoomInfo      room=hello  by=mira  name="Hello you"`},
		{webhook.AfterChangeOwner{RoomID: "hello", OperatorAccount: "adm", CurrentOwnerAccount: "bo b", OriginalOwnerAccount: "mira", EventTime: eventAt}, "",
			`AfterChangeOwner         room=hello  by=adm  owner="bo b" before=mira`},
		{webhook.AfterCreateRoomReachingThreshold{OperatorAccount: "adm", CurRoomCount: 7, MaxRoomCount: 10, EventTime: eventAt}, "",
			`AfterCreateRoomReachingThreshold  by=adm  rooms=7 of 10`},
		{webhook.AfterSeatInfoChanged{RoomID: "hello", SeatList: []webhook.Seat{{Index: 0, MemberAccount: "bo b"}, {Index: 1}, {Index: 2, MemberAccount: "ann"}}, EventTime: eventAt}, "",
			`AfterSeatInfoChanged     room=hello  seats=[0="bo b" 2=ann]`},
		{webhook.AfterCreateBattle{OperatorAccount: "adm", FromRoomID: "hello", ToRoomIDList: []string{"there"}, EventTime: eventAt}, "",
			`AfterCreateBattle        by=adm  from=hello to=[there]`},
		{webhook.AfterStartBattle{FromRoomInfo: webhook.BattleRoom{RoomID: "hello"}, ToRoomList: []webhook.BattleRoom{{RoomID: "there"}}, EventTime: eventAt}, "",
			`AfterStartBattle         rooms=[hello there]`},
		{webhook.AfterEndBattle{FromRoomInfo: webhook.BattleRoomScore{RoomID: "hello", Score: 3}, ToRoomList: []webhook.BattleRoomScore{{RoomID: "there"}}, EventTime: eventAt}, "Unknown",
			`AfterEndBattle           scores=[hello=3 there=0]  203.0.113.9 Unknown`},
		{webhook.AfterFollowAdd{FromAccount: "ann", FollowList: []webhook.Followed{{ToAccount: "bob"}, {ToAccount: "c d"}}, EventTime: eventAt}, "",
			`AfterFollowAdd           from=ann to=[bob "c d"]`},
		{webhook.AfterFollowDelete{FromAccount: "ann", ToAccount: []string{"bob"}, EventTime: eventAt}, "",
			`AfterFollowDelete        from=ann to=[bob]`},
	} {
		a := arrivalOf(t, tc.event, tc.platform)
		require.Equal(t, a.clock()+"  "+tc.want+tail, a.line())
	}
}

func TestALineShowsTheBodyOfAnEventThatIsNotKnown(t *testing.T) {
	body := []byte(`{"CallbackCommand":"Live.CallbackAfterLunch","RoomId":7,"Dish":"soup"}`)
	event, err := webhook.Decode(body)
	require.NoError(t, err)
	a := &arrival{at: time.UnixMilli(eventAt), event: event, status: http.StatusOK, delivery: webhook.Delivery{Body: body}}
	require.Equal(t, a.clock()+"  AfterLunch               "+onLine(string(body)), a.line())
}

func TestALineStaysOneLineWhateverTheSenderPutsIn(t *testing.T) {
	hostile := "a\nb\x1b[31m\u202e"
	a := arrivalOf(t, webhook.AfterSetMetadata{OperatorAccount: hostile, RoomID: hostile, Metadata: []webhook.Metadata{{Key: hostile, Value: hostile}}, EventTime: eventAt}, hostile)
	a.id = "\n\x1b"
	refused := &arrival{at: a.at, status: 403, reason: hostile, id: hostile, query: url.Values{"CallbackCommand": {hostile}}}
	for _, line := range []string{a.line(), refused.line()} {
		require.NotContains(t, line, "\n")
		require.NotContains(t, line, "\x1b")
		require.NotContains(t, line, "\u202e")
	}
}

func TestJSONHasTheQueryAndTheBodyOnOneLine(t *testing.T) {
	a := arrivalOf(t, webhook.AfterDelMetadata{RoomID: "hello", Keys: []string{"theme"}, EventTime: eventAt}, "RESTAPI")
	a.delivery.Body = []byte("{\n \"b\": 1,\n \"a\": [ ]\n}")
	a.query = url.Values{"SdkAppid": {"7"}, "x": {"first", "second"}, "y": {"\xff"}}
	var out bytes.Buffer
	require.NoError(t, a.writeJSON(&out))
	require.Equal(t, `{"receivedAt":"`+a.at.UTC().Format("2006-01-02T15:04:05.000Z")+`","id":"evt_ABCDEFGHIJKLMN",`+
		`"query":{"SdkAppid":"7","x":"first","y":"`+"\uFFFD"+`"},"body":{"b":1,"a":[]}}`+"\n", out.String())
	require.Equal(t, "{\n \"b\": 1,\n \"a\": [ ]\n}", string(a.delivery.Body))
}
