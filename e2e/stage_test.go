package e2e

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/testkit"
	"github.com/greenroom-live/greenroom/webhook"
)

// judgeStage answers before-webhooks: a text says itself what is to become of it, and thirteen gifts are too many.
func judgeStage(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	event, _ := webhook.Decode(body)
	answer := testkit.Success
	switch e := event.(type) {
	case webhook.BeforeSendMsg:
		switch text := string(e.MsgBody[0].MsgContent); {
		case strings.Contains(text, "with 10150"):
			answer = `{"ActionStatus":"OK","ErrorCode":10150,"ErrorInfo":"not today"}`
		case strings.Contains(text, "refuse"):
			answer = `{"ActionStatus":"OK","ErrorCode":1,"ErrorInfo":""}`
		case strings.Contains(text, "rewrite"):
			answer = `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"",
				"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"rewritten"}}]}`
		}
	case webhook.BeforeSendGift:
		switch e.GiftWater.Count {
		case 13:
			answer = `{"ActionStatus":"OK","ErrorCode":1,"ErrorInfo":""}`
		case 14:
			answer = `{"ActionStatus":"OK","ErrorCode":102150,"ErrorInfo":"no coins"}`
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, answer)
}

// stageStory puts the webhooks of the stage into short words.
func stageStory(event webhook.Event) string {
	switch e := event.(type) {
	case webhook.AfterModifyAdmin:
		return fmt.Sprintf(" %s %v", e.OpType, e.AdminAccount)
	case webhook.AfterChangeOwner:
		return " " + e.OriginalOwnerAccount + " to " + e.CurrentOwnerAccount
	case webhook.AfterUpdateRoomInfo:
		return " " + e.RoomInfo.TakeSeatMode
	case webhook.AfterSeatInfoChanged:
		var seats []string
		for _, s := range e.SeatList {
			if s.MemberAccount != "" || s.IsAudioDisabled {
				seats = append(seats, strings.TrimSpace(fmt.Sprintf("%d %s %v", s.Index, s.MemberAccount, s.IsAudioDisabled)))
			}
		}
		return fmt.Sprintf(" %q", seats)
	case webhook.BeforeSendMsg:
		return " " + e.FromAccount + " " + string(e.MsgBody[0].MsgContent)
	case webhook.AfterSendMsg:
		return fmt.Sprintf(" %s %d %s", e.FromAccount, e.MsgSeq, e.MsgBody[0].MsgContent)
	case webhook.BeforeSendGift:
		return fmt.Sprintf(" %s to %v: %d %s of %d", e.GiftWater.FromAccount, e.GiftWater.ToAccount, e.GiftWater.Count, e.GiftWater.GiftID, e.GiftWater.Coins)
	case webhook.AfterDestroyRoom:
		return " " + e.EventType + " " + e.OperatorAccount
	}
	return ""
}

type stage struct {
	Results struct {
		Snapshot  map[string]any `json:"snapshot"`
		Sent      map[string]any `json:"sent"`
		Again     map[string]any `json:"again"`
		Seat      map[string]any `json:"seat"`
		Gifts     map[string]any `json:"gifts"`
		Forbidden map[string]int `json:"forbidden"`
		Refused   map[string]int `json:"refused"`
	} `json:"results"`
	Seen map[string]struct {
		Events     []map[string]any `json:"events"`
		Subscribed []map[string]any `json:"subscribed"`
	} `json:"seen"`
}

// briefly tells an event in the words that matter; nothing of those whose number depends on how fast the rest is.
func briefly(t *testing.T, e map[string]any) string {
	name := e["event"].(string)
	data, _ := e["data"].(map[string]any)
	text := name
	switch name {
	case "audience.onAudienceJoined", "audience.onAudienceLeft", "audience.onAdminJoined", "audience.onAdminLeft",
		"audience.onOwnerJoined", "audience.onOwnerLeft", "audience.onAudienceCountChanged":
		return ""
	case "barrage.onBarrageReceived":
		text += fmt.Sprintf(" %v %v", data["sequence"], data["textContent"])
	case "seat.onSeatListChanged":
		text += fmt.Sprintf(" %d in, %d out", len(data["seatedList"].([]any)), len(data["leftList"].([]any)))
	case "coGuest.onKickedOffSeat":
		text += fmt.Sprint(" ", data["seatIndex"])
	case "gift.onReceiveGift":
		text += fmt.Sprint(" ", data["count"])
	case "live.onLiveInfoChanged":
		text += fmt.Sprint(" ", data["modifyFlagList"])
	case "unsubscribed":
	default:
		text += " " + compact(t, data)
	}
	if e["inPerson"] == true {
		return "to me: " + text
	}
	return text
}

func compact(t *testing.T, data any) string {
	text, err := json.Marshal(data, json.Deterministic(true))
	require.NoError(t, err)
	return string(text)
}

func (s stage) brief(t *testing.T, device string) []string {
	var all []string
	for _, e := range s.Seen[device].Events {
		if text := briefly(t, e); text != "" {
			all = append(all, text)
		}
	}
	return all
}

const banned = `to me: live.onKickedOutOfLive {"liveID":"stage","message":"enough","reason":"byServer"}`

// phoneSaw is the evening as the fan's phone is to see it.
var phoneSaw = []string{
	`audience.onUserInfoChanged {"user":{"role":"admin","userID":"mod"}}`,
	"barrage.onBarrageReceived 1 hello", "barrage.onBarrageReceived 2 rewritten",
	`barrage.onCustomMessageReceived {"businessID":"poll","data":"{\"q\":1}","random":0,"sender":{"avatarURL":"","userID":"mod","userName":""},"sequence":3,"timestampInSecond":0}`,
	"barrage.onBarrageReceived 4 welcome",
	"live.onLiveInfoChanged [notice seatMode]",
	"seat.onSeatListChanged 1 in, 0 out", "seat.onSeatListChanged 0 in, 0 out", "to me: seat.onLocalMicrophoneClosedByAdmin {}",
	"seat.onSeatListChanged 0 in, 1 out", "seat.onSeatListChanged 1 in, 0 out",
	"seat.onSeatListChanged 0 in, 1 out", "to me: coGuest.onKickedOffSeat 4",
	"gift.onReceiveGift 2", `gift.onGiftCountChanged {"totalGiftCoins":10,"totalGiftsSent":2,"totalUniqueGiftSenders":1}`,
	`like.onReceiveLikesMessage {"count":30,"sender":{"avatarURL":"","userID":"fan","userName":""},"totalLikesReceived":30}`,
	`audience.onAudienceMessageDisabled {"audience":{"avatarURL":"","userID":"fan","userName":""},"isDisable":true}`,
	`audience.onAudienceMessageDisabled {"audience":{"avatarURL":"","userID":"fan","userName":""},"isDisable":false}`,
	"barrage.onBarrageReceived 5 thanks",
	`to me: live.onKickedOutOfLive {"liveID":"stage","message":"a pause","reason":"byServer"}`, "unsubscribed",
	banned, "unsubscribed",
	`live.onRoomMetadataChanged {"key":"song","value":"Ode"}`,
	`audience.onUserInfoChanged {"user":{"role":"generalUser","userID":"host"}}`,
	`audience.onUserInfoChanged {"user":{"role":"owner","userID":"mod"}}`,
	`live.onLiveEnded {"liveID":"stage","message":"","reason":"endedByServer"}`, "unsubscribed",
}

func TestAnEveningOnStage(t *testing.T) {
	url := serve(t)
	hooks := appServer(t, url, app, key, "Live.CallbackAfterCreateRoom", "Live.CallbackAfterDestroyRoom",
		"Live.CallbackAfterUpdateRoomInfo", "Live.CallbackAfterSetMetadata", "Live.CallbackAfterMemberStateChanged",
		"Live.CallbackAfterChangeOwner", "Live.CallbackAfterModifyAdmin", "Mic.CallbackAfterSeatInfoChanged",
		"Live.CallbackBeforeSendGift", "Group.CallbackBeforeSendMsg", "Group.CallbackAfterSendMsg")
	hooks.Answer(judgeStage)
	var s stage
	runScript(t, "stage.mjs", url, &s)

	t.Run("replies say what there is", func(t *testing.T) {
		require.Equal(t, map[string]any{"userID": "fan", "role": "generalUser", "isMessageDisabled": false}, s.Results.Snapshot["self"])
		require.Len(t, s.Results.Snapshot["seatList"], 9)
		require.EqualValues(t, 1, s.Results.Sent["sequence"])
		require.Equal(t, s.Results.Sent, s.Results.Again, "a repetition is the message that it repeats")
		require.EqualValues(t, 2, s.Results.Seat["seatIndex"])
		require.Equal(t, map[string]any{"totalGiftsSent": 2.0, "totalGiftCoins": 10.0, "totalUniqueGiftSenders": 1.0}, s.Results.Gifts)
	})
	t.Run("who may not is refused with its code", func(t *testing.T) {
		for method, code := range s.Results.Forbidden {
			require.Equal(t, 100006, code, method)
		}
		require.Len(t, s.Results.Forbidden, 17)
		require.Equal(t, map[string]int{"adminUpdates": 100006, "adminEnds": 100006, "adminKicksOwner": 100006, "word": 10016,
			"ownCode": 10150, "secondSeat": 100203, "gift": 102004, "giftOwnCode": 102150, "noGift": 102002, "muted": 100017,
			"kicked": 100005, "banned": 100016, "formerOwner": 100006, "ended": 100004}, s.Results.Refused)
	})
	t.Run("both devices see everything in order", func(t *testing.T) {
		for _, e := range s.Seen["phone"].Events {
			if e["event"] == "barrage.onCustomMessageReceived" {
				e["data"].(map[string]any)["random"], e["data"].(map[string]any)["timestampInSecond"] = 0, 0
			}
		}
		require.Equal(t, phoneSaw, s.brief(t, "phone"))
		require.Equal(t, true, s.Seen["phone"].Subscribed[3]["recovered"], "nothing was lost with the connection")
		tablet := s.brief(t, "tablet")
		require.Contains(t, tablet, "to me: coGuest.onKickedOffSeat 4")
		require.Equal(t, banned, tablet[len(tablet)-1], "it is told of the ban, though it is not in the room")
	})
	t.Run("nobody else is told what concerns one alone", func(t *testing.T) {
		for _, device := range []string{"host", "mod"} {
			for _, e := range s.Seen[device].Events {
				require.NotEqual(t, true, e["inPerson"], "%s %v", device, e)
			}
		}
	})
	t.Run("the app server hears of it in order", func(t *testing.T) {
		requireStageHooks(t, hooks)
	})
}

// requireStageHooks requires the webhooks that ask and those that tell, each kind in its order.
func requireStageHooks(t *testing.T, hooks *testkit.AppServer) {
	told := []string{
		"AfterCreateRoom iOS", "AfterMemberStateChanged  host Enter", "AfterMemberStateChanged  fan Enter",
		"AfterMemberStateChanged  mod Enter", "AfterModifyAdmin  add [mod]",
		`AfterSendMsg Android fan 1 {"Text":"hello"}`, `AfterSendMsg Android fan 2 {"Text":"rewritten"}`,
		`AfterSendMsg Web mod 3 {"Data":"{\"BusinessId\":\"poll\",\"Data\":\"{\\\"q\\\":1}\"}"}`,
		`AfterSendMsg RESTAPI administrator 4 {"Text":"welcome"}`,
		"AfterUpdateRoomInfo iOS FreeToTake",
		`AfterSeatInfoChanged Android ["2 fan false"]`, `AfterSeatInfoChanged iOS ["2 fan true"]`,
		`AfterSeatInfoChanged Android ["2  true"]`, `AfterSeatInfoChanged iPad ["2  true" "4 fan false"]`,
		`AfterSeatInfoChanged Web ["2  true"]`,
		`AfterSendMsg Android fan 5 {"Text":"thanks"}`,
		"AfterMemberStateChanged  fan Kicked", "AfterMemberStateChanged  fan Enter",
		"AfterMemberStateChanged  fan Kicked", "AfterMemberStateChanged  fan Enter",
		"AfterSetMetadata RESTAPI [song]", "AfterChangeOwner  host to mod", "AfterMemberStateChanged  mod Leave",
		"AfterDestroyRoom Unknown DestroyBySystem @TIM#SYSTEM",
	}
	asked := []string{
		`BeforeSendMsg Android fan {"Text":"hello"}`, `BeforeSendMsg Android fan {"Text":"refuse this"}`,
		`BeforeSendMsg Android fan {"Text":"refuse this with 10150"}`, `BeforeSendMsg Android fan {"Text":"rewrite this"}`,
		`BeforeSendMsg Web mod {"Data":"{\"BusinessId\":\"poll\",\"Data\":\"{\\\"q\\\":1}\"}"}`,
		`BeforeSendMsg RESTAPI administrator {"Text":"welcome"}`,
		"BeforeSendGift Android fan to [host]: 13 rose of 5", "BeforeSendGift Android fan to [host]: 14 rose of 5",
		"BeforeSendGift Android fan to [host]: 2 rose of 5", `BeforeSendMsg Android fan {"Text":"thanks"}`,
	}
	all := stories(t, hooks.Wait(len(told)+len(asked)))
	before := func(story string) bool { return strings.HasPrefix(story, "Before") }
	require.Equal(t, told, slices.DeleteFunc(slices.Clone(all), before))
	require.Equal(t, asked, slices.DeleteFunc(all, func(story string) bool { return !before(story) }))
}
