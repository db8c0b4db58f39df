package client

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestEveryMethodSendsItsCommandAndReadsItsAnswer(t *testing.T) {
	type do = func(context.Context, *Client) (any, error)
	// data makes an answer with an object for Response.
	data := func(object string) string {
		return `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","Response":` + object + `}`
	}
	// only is for methods that return nothing but an error.
	only := func(call func(context.Context, *Client) error) do {
		return func(ctx context.Context, c *Client) (any, error) { return nil, call(ctx, c) }
	}
	hooks := Callback{URL: "https://hooks.example.net/live?a=1&b=2", Commands: []string{"Live.CallbackAfterDelMetadata"}}

	for name, tc := range map[string]struct {
		call   do
		path   string
		body   string
		answer string
		want   any
	}{
		"CreateRoom with little": {
			call:   func(ctx context.Context, c *Client) (any, error) { return c.CreateRoom(ctx, RoomInfo{}) },
			path:   "live_engine_http_srv/create_room",
			body:   `{"RoomInfo":{"RoomType":"Live"}}`,
			answer: data(`{"RoomId":"live_generated"}`), want: "live_generated",
		},
		"CreateRoom with much": {
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.CreateRoom(ctx, RoomInfo{
					RoomID: "live_mira7", RoomName: "Evening <sketches>", Owner: "mira7", SeatTemplate: "VideoDynamicGrid9Seats",
					TakeSeatMode: "ApplyToTake", KeepOwnerOnSeat: new(false), IsPublicVisible: new(false),
					IsUnlimitedRoomEnabled: true, Category: []int{4, 11},
				})
			},
			path: "live_engine_http_srv/create_room",
			body: `{"RoomInfo":{"RoomId":"live_mira7","RoomName":"Evening <sketches>","RoomType":"Live","Owner_Account":"mira7",` +
				`"SeatTemplate":"VideoDynamicGrid9Seats","TakeSeatMode":"ApplyToTake","KeepOwnerOnSeat":false,` +
				`"IsPublicVisible":false,"IsUnlimitedRoomEnabled":true,"Category":[4,11]}}`,
			answer: okAnswer, want: "live_mira7", // as older servers answer
		},
		"DestroyRoom": {
			call: func(ctx context.Context, c *Client) (any, error) { return c.DestroyRoom(ctx, "live_mira7") },
			path: "live_engine_http_srv/destroy_room",
			body: `{"RoomId":"live_mira7"}`,
			answer: data(`{"Statistic":{"TotalViewers":312,"TotalGiftsSent":18,"TotalGiftCoins":940,` +
				`"TotalUniqueGiftSenders":6,"TotalLikesReceived":2050}}`),
			want: Statistic{312, 18, 940, 6, 2050, 0},
		},
		"RoomInfo": {
			call: func(ctx context.Context, c *Client) (any, error) { return c.RoomInfo(ctx, "live_mira7") },
			path: "live_engine_http_srv/get_room_info",
			body: `{"RoomId":"live_mira7"}`,
			answer: data(`{"RoomInfo":{"RoomId":"live_mira7","RoomName":"Evening","RoomType":"Live","Owner_Account":"mira7",` +
				`"CreateTime":1767304800,"IsSeatEnabled":true,"TakeSeatMode":"ApplyToTake","MaxSeatCount":9,"MaxMemberCount":300,` +
				`"IsMessageDisabled":true,"CoverURL":"https://img.example.net/7.jpg","Category":[4,11],"ActivityStatus":2,` +
				`"ViewCount":57,"IsPublicVisible":false,"Notice":"Back at nine","SomethingNew":[1]}}`),
			want: RoomInfo{
				RoomID: "live_mira7", RoomName: "Evening", RoomType: "Live", Owner: "mira7", CreateTime: 1767304800,
				IsSeatEnabled: new(true), TakeSeatMode: "ApplyToTake", MaxSeatCount: 9, MaxMemberCount: 300,
				IsMessageDisabled: true, CoverURL: "https://img.example.net/7.jpg", Category: []int{4, 11},
				ActivityStatus: 2, ViewCount: 57, IsPublicVisible: new(false), Notice: "Back at nine",
			},
		},
		"UpdateRoom with little": {
			call:   only(func(ctx context.Context, c *Client) error { return c.UpdateRoom(ctx, "live_mira7", RoomUpdate{}) }),
			path:   "live_engine_http_srv/update_room_info",
			body:   `{"RoomInfo":{"RoomId":"live_mira7"}}`,
			answer: okAnswer,
		},
		"UpdateRoom with zeros": {
			call: only(func(ctx context.Context, c *Client) error {
				return c.UpdateRoom(ctx, "live_mira7", RoomUpdate{
					RoomName: new("Late"), MaxMemberCount: new(7), IsMessageDisabled: new(false), CoverURL: new(""), BackgroundURL: new(""),
					Category: &[]int{}, ActivityStatus: new(0), IsPublicVisible: new(false), TakeSeatMode: new("FreeToTake"), Notice: new(""),
					IsUnlimitedRoomEnabled: new(false), IsGiftEnabled: new(false), IsLikeEnabled: new(false),
				})
			}),
			path: "live_engine_http_srv/update_room_info",
			body: `{"RoomInfo":{"RoomId":"live_mira7","RoomName":"Late","MaxMemberCount":7,"IsMessageDisabled":false,"CoverURL":"",` +
				`"BackgroundURL":"","Category":[],"ActivityStatus":0,"IsPublicVisible":false,"TakeSeatMode":"FreeToTake","Notice":"",` +
				`"IsUnlimitedRoomEnabled":false,"IsGiftEnabled":false,"IsLikeEnabled":false}}`,
			answer: okAnswer,
		},
		"RoomList, the first": {
			call: func(ctx context.Context, c *Client) (any, error) { return c.RoomList(ctx, RoomQuery{}) },
			path: "live_engine_http_srv/get_room_list",
			body: `{"Next":"","Count":20}`,
			answer: data(`{"Next":"c2","RoomList":[{"RoomId":"a","RoomName":"A","Owner_Account":"mira7","OwnerName":"Mira","OwnerAvatarUrl":"m",` +
				`"Category":[4],"CreateTime":1767304800,"ViewCount":57,"OnlineCount":3,"IsGiftEnabled":false,"IsLikeEnabled":true}]}`),
			want: RoomPage{Next: "c2", Rooms: []RoomInfo{{
				RoomID: "a", RoomName: "A", Owner: "mira7", OwnerName: "Mira", OwnerAvatarURL: "m", Category: []int{4}, CreateTime: 1767304800,
				ViewCount: 57, OnlineCount: 3, IsGiftEnabled: new(false), IsLikeEnabled: new(true),
			}}},
		},
		"RoomList, another": {
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.RoomList(ctx, RoomQuery{Next: "c2", Count: 5, SortDirection: SortAscending})
			},
			path:   "live_engine_http_srv/get_room_list",
			body:   `{"Next":"c2","Count":5,"SortDirection":"ascend"}`,
			answer: data(`{"Next":"","RoomList":[]}`), want: RoomPage{Rooms: []RoomInfo{}},
		},
		"Statistic": {
			call: func(ctx context.Context, c *Client) (any, error) { return c.Statistic(ctx, "live_mira7") },
			path: "live_engine_http_srv/get_room_stats",
			body: `{"RoomId":"live_mira7"}`,
			answer: data(`{"TotalViewers":77,"TotalGiftsSent":3,"TotalGiftCoins":60,"TotalUniqueGiftSenders":2,` +
				`"TotalLikesReceived":410,"TotalMsgCount":128}`),
			want: Statistic{77, 3, 60, 2, 410, 128},
		},
		"ChangeOwner": {
			call:   only(func(ctx context.Context, c *Client) error { return c.ChangeOwner(ctx, "live_mira7", "oskar") }),
			path:   "live_engine_http_srv/change_room_owner",
			body:   `{"RoomId":"live_mira7","NewOwner_Account":"oskar"}`,
			answer: okAnswer,
		},
		"SetMixStream, grid": {
			call:   only(func(ctx context.Context, c *Client) error { return c.SetMixStream(ctx, "live_mira7", MixStream{}) }),
			path:   "live_engine_http_srv/set_mix_stream",
			body:   `{"RoomId":"live_mira7","LayoutMode":0}`,
			answer: okAnswer,
		},
		"SetMixStream, custom": {
			call: only(func(ctx context.Context, c *Client) error {
				return c.SetMixStream(ctx, "live_mira7", MixStream{
					LayoutMode: MixCustom, VideoEncode: &MixVideoEncode{720, 1280},
					LayoutInfo: &MixLayoutInfo{LayoutList: []MixView{{1, 2, 3, 4, "live_b", "lin", 1, 5}}, MaxUserLayout: &MixView{Member: "mira7"}},
				})
			}),
			path: "live_engine_http_srv/set_mix_stream",
			body: `{"RoomId":"live_mira7","LayoutMode":1000,"VideoEncode":{"Width":720,"Height":1280},"LayoutInfo":{"LayoutList":[` +
				`{"LocationX":1,"LocationY":2,"ImageWidth":3,"ImageHeight":4,"RoomId":"live_b","Member_Account":"lin","StreamType":1,"ZOrder":5}],` +
				`"MaxUserLayout":{"LocationX":0,"LocationY":0,"ImageWidth":0,"ImageHeight":0,"Member_Account":"mira7","StreamType":0,"ZOrder":0}}}`,
			answer: okAnswer,
		},
		"ResumeMix": {
			call:   only(func(ctx context.Context, c *Client) error { return c.ResumeMix(ctx, "live_mira7") }),
			path:   "live_engine_http_srv/resume_mcu_task",
			body:   `{"RoomId":"live_mira7"}`,
			answer: okAnswer,
		},
		"SetMetadata": {
			call: only(func(ctx context.Context, c *Client) error {
				return c.SetMetadata(ctx, "live_mira7", MetadataPair{"theme", "dusk & dawn"}, MetadataPair{"pin", ""})
			}),
			path:   "live_engine_http_srv/set_room_metadata",
			body:   `{"RoomId":"live_mira7","Metadata":[{"Key":"theme","Value":"dusk & dawn"},{"Key":"pin","Value":""}]}`,
			answer: okAnswer,
		},
		"Metadata, all": {
			call:   func(ctx context.Context, c *Client) (any, error) { return c.Metadata(ctx, "live_mira7") },
			path:   "live_engine_http_srv/get_room_metadata",
			body:   `{"RoomId":"live_mira7","Keys":[]}`,
			answer: data(`{"Metadata":[{"Key":"theme","Value":"dusk"},{"Key":"pin","Value":""}]}`),
			want:   []MetadataPair{{"theme", "dusk"}, {"pin", ""}},
		},
		"Metadata, one key": {
			call:   func(ctx context.Context, c *Client) (any, error) { return c.Metadata(ctx, "live_mira7", "theme") },
			path:   "live_engine_http_srv/get_room_metadata",
			body:   `{"RoomId":"live_mira7","Keys":["theme"]}`,
			answer: data(`{"Metadata":[]}`), want: []MetadataPair{},
		},
		"DeleteMetadata": {
			call:   only(func(ctx context.Context, c *Client) error { return c.DeleteMetadata(ctx, "live_mira7", "theme", "pin") }),
			path:   "live_engine_http_srv/del_room_metadata",
			body:   `{"RoomId":"live_mira7","Keys":["theme","pin"]}`,
			answer: okAnswer,
		},
		"ModifyAdmin, add": {
			call: only(func(ctx context.Context, c *Client) error {
				return c.ModifyAdmin(ctx, "live_mira7", AddAdmin, "oskar", "lin")
			}),
			path:   "live_engine_http_srv/modify_admin",
			body:   `{"RoomId":"live_mira7","Admin_Account":["oskar","lin"],"OpType":"add"}`,
			answer: okAnswer,
		},
		"ModifyAdmin, delete": {
			call: only(func(ctx context.Context, c *Client) error {
				return c.ModifyAdmin(ctx, "live_mira7", DeleteAdmin, "lin")
			}),
			path:   "live_engine_http_srv/modify_admin",
			body:   `{"RoomId":"live_mira7","Admin_Account":["lin"],"OpType":"delete"}`,
			answer: okAnswer,
		},
		"Admins": {
			call:   func(ctx context.Context, c *Client) (any, error) { return c.Admins(ctx, "live_mira7") },
			path:   "live_engine_http_srv/get_admin_list",
			body:   `{"RoomId":"live_mira7"}`,
			answer: data(`{"Admin_Account":["oskar","lin"]}`), want: []string{"oskar", "lin"},
		},
		"Seats": {
			call: func(ctx context.Context, c *Client) (any, error) { return c.Seats(ctx, "live_mira7") },
			path: "room_engine_http_mic/get_seat_list",
			body: `{"RoomId":"live_mira7"}`,
			answer: data(`{"SeatList":[{"Index":0,"Member_Account":"mira7","IsTakenDisabled":false,"IsVideoDisabled":true,` +
				`"IsAudioDisabled":false},{"Index":1,"IsTakenDisabled":true,"IsVideoDisabled":false,"IsAudioDisabled":true}]}`),
			want: []Seat{
				{Index: 0, UserID: "mira7", IsVideoDisabled: true}, {Index: 1, IsTakenDisabled: true, IsAudioDisabled: true},
			},
		},
		"PickUserOnSeat": {
			call:   only(func(ctx context.Context, c *Client) error { return c.PickUserOnSeat(ctx, "live_mira7", "lin", 0) }),
			path:   "room_engine_http_mic/pick_user_on_seat",
			body:   `{"RoomId":"live_mira7","Member_Account":"lin","Index":0}`,
			answer: okAnswer,
		},
		"KickUserOffSeat": {
			call:   only(func(ctx context.Context, c *Client) error { return c.KickUserOffSeat(ctx, "live_mira7", "lin", "") }),
			path:   "room_engine_http_mic/kick_user_off_seat",
			body:   `{"RoomId":"live_mira7","Member_Account":"lin","Data":""}`,
			answer: okAnswer,
		},
		"LockSeat, some": {
			call: only(func(ctx context.Context, c *Client) error {
				return c.LockSeat(ctx, "live_mira7", 0, SeatLock{ForbidTaken: new(true), ForbidAudio: new(false)})
			}),
			path:   "room_engine_http_mic/lock_seat",
			body:   `{"RoomId":"live_mira7","Index":0,"ForbidTaken":true,"ForbidAudio":false}`,
			answer: okAnswer,
		},
		"LockSeat, the other": {
			call: only(func(ctx context.Context, c *Client) error {
				return c.LockSeat(ctx, "live_mira7", 3, SeatLock{ForbidVideo: new(true)})
			}),
			path:   "room_engine_http_mic/lock_seat",
			body:   `{"RoomId":"live_mira7","Index":3,"ForbidVideo":true}`,
			answer: okAnswer,
		},
		"SwitchSeat": {
			call:   only(func(ctx context.Context, c *Client) error { return c.SwitchSeat(ctx, "live_mira7", "lin", 0) }),
			path:   "room_engine_http_mic/switch_seat",
			body:   `{"RoomId":"live_mira7","Member_Account":"lin","ToIndex":0}`,
			answer: okAnswer,
		},
		"MoveUserToSeat, giving up": {
			call: only(func(ctx context.Context, c *Client) error {
				return c.MoveUserToSeat(ctx, "live_mira7", "lin", 0, AbortWhenOccupied)
			}),
			path:   "room_engine_http_mic/move_user_to_seat",
			body:   `{"RoomId":"live_mira7","Member_Account":"lin","SeatIndex":0,"Policy":0}`,
			answer: okAnswer,
		},
		"MoveUserToSeat, changing places": {
			call: only(func(ctx context.Context, c *Client) error {
				return c.MoveUserToSeat(ctx, "live_mira7", "lin", 4, SwapPosition)
			}),
			path:   "room_engine_http_mic/move_user_to_seat",
			body:   `{"RoomId":"live_mira7","Member_Account":"lin","SeatIndex":4,"Policy":2}`,
			answer: okAnswer,
		},
		"AddRobots": {
			call: only(func(ctx context.Context, c *Client) error {
				return c.AddRobots(ctx, "live_mira7", "live_obs_mira7", "bot")
			}),
			path:   "live_engine_http_srv/add_robot",
			body:   `{"RoomId":"live_mira7","RobotList_Account":["live_obs_mira7","bot"]}`,
			answer: okAnswer,
		},
		"DeleteRobots": {
			call:   only(func(ctx context.Context, c *Client) error { return c.DeleteRobots(ctx, "live_mira7", "bot") }),
			path:   "live_engine_http_srv/del_robot",
			body:   `{"RoomId":"live_mira7","RobotList_Account":["bot"]}`,
			answer: okAnswer,
		},
		"Robots": {
			call:   func(ctx context.Context, c *Client) (any, error) { return c.Robots(ctx, "live_mira7") },
			path:   "live_engine_http_srv/get_robot",
			body:   `{"RoomId":"live_mira7"}`,
			answer: data(`{"RobotList_Account":["bot","live_obs_mira7"]}`), want: []string{"bot", "live_obs_mira7"},
		},
		"CreateBattle": {
			call: func(ctx context.Context, c *Client) (any, error) {
				id, calls, err := c.CreateBattle(ctx, BattleSpec{
					From: "live_mira7", To: []string{"live_oskar", "live_lin"}, Duration: 90 * time.Second, ExtensionInfo: "final",
				})
				if err != nil {
					return nil, err
				}
				return append([]BattleCall{{RoomID: id}}, calls...), nil
			},
			path: "live_engine_http_pk/create_battle",
			body: `{"FromRoomId":"live_mira7","ToRoomIdList":["live_oskar","live_lin"],"Duration":90000,"ExtensionInfo":"final"}`,
			answer: data(`{"BattleId":"q0Zb=","Result":[{"RoomId":"live_oskar","ResultCode":0,"ResultMessage":""},` +
				`{"RoomId":"live_lin","ResultCode":3,"ResultMessage":"busy"}]}`),
			want: []BattleCall{{RoomID: "q0Zb="}, {RoomID: "live_oskar"}, {"live_lin", BattleBusy, "busy"}},
		},
		"SetBattleScore": {
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.SetBattleScore(ctx, "q0Zb=", AddScore, RoomScore{"live_mira7", 30}, RoomScore{"live_lin", -2})
			},
			path:   "live_engine_http_pk/set_battle_score",
			body:   `{"BattleId":"q0Zb=","OpType":1,"ScoreList":[{"RoomId":"live_mira7","Score":30},{"RoomId":"live_lin","Score":-2}]}`,
			answer: data(`{"Result":[{"RoomId":"live_mira7","ResultCode":0},{"RoomId":"live_lin","ResultCode":1}]}`),
			want:   []string{"live_lin"},
		},
		"BattleInfo": {
			call: func(ctx context.Context, c *Client) (any, error) { return c.BattleInfo(ctx, "q0Zb=") },
			path: "live_engine_http_pk/get_battle_info",
			body: `{"BattleId":"q0Zb="}`,
			answer: data(`{"BattleId":"q0Zb=","Duration":90000,"StartTime":1765001300,"EndTime":1765001390,"Status":3,` +
				`"FromRoomInfo":{"RoomId":"live_mira7","Score":30,"Owner_Account":"mira7"},` +
				`"ToRoomList":[{"RoomId":"live_oskar","Score":12,"Owner_Account":"oskar"}]}`),
			want: Battle{"q0Zb=", 90000, 1765001300, 1765001390, BattleFinished,
				BattleRoom{"live_mira7", 30, "mira7"}, []BattleRoom{{"live_oskar", 12, "oskar"}}},
		},
		"RunningBattle": {
			call:   func(ctx context.Context, c *Client) (any, error) { return c.RunningBattle(ctx, "live_oskar") },
			path:   "live_engine_http_pk/get_battle_info",
			body:   `{"BattleId":"","RoomId":"live_oskar"}`,
			answer: data(`{"BattleId":"q0Zb=","Status":2}`),
			want:   Battle{BattleID: "q0Zb=", Status: BattleRunning},
		},
		"SendText": {
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.SendText(ctx, TextMessage{RoomID: "live_mira7", Sender: "lin", Text: "good <evening>"})
			},
			path:   "live_engine_http_srv/send_text_msg",
			body:   `{"RoomId":"live_mira7","Sender_Account":"lin","TextContent":"good <evening>"}`,
			answer: data(`{"MsgTime":1767305100,"MsgSeq":42}`), want: SentMessage{MsgTime: 1767305100, MsgSeq: 42},
		},
		"SendText with everything, dropped": {
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.SendText(ctx, TextMessage{RoomID: "live_mira7", Sender: "lin", Text: "x", ExtensionInfo: `{"lv":4}`, Random: new(uint32(0))})
			},
			path:   "live_engine_http_srv/send_text_msg",
			body:   `{"RoomId":"live_mira7","Sender_Account":"lin","TextContent":"x","ExtensionInfo":"{\"lv\":4}","Random":0}`,
			answer: data(`{"MsgTime":1767305100,"MsgSeq":0,"MsgDropReason":"MsgFreqCtrl"}`), want: SentMessage{1767305100, 0, "MsgFreqCtrl"},
		},
		"SendCustom": {
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.SendCustom(ctx, CustomMessage{RoomID: "live_mira7", BusinessID: "pin_card"})
			},
			path:   "live_engine_http_srv/send_custom_msg",
			body:   `{"RoomId":"live_mira7","BusinessId":"pin_card","Data":""}`,
			answer: data(`{"MsgTime":1767305100,"MsgSeq":43}`), want: SentMessage{MsgTime: 1767305100, MsgSeq: 43},
		},
		"SendCustom with everything": {
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.SendCustom(ctx, CustomMessage{"live_mira7", "bot", "pin_card", `{"sku":1}`, new(uint32(7))})
			},
			path:   "live_engine_http_srv/send_custom_msg",
			body:   `{"RoomId":"live_mira7","Sender_Account":"bot","BusinessId":"pin_card","Data":"{\"sku\":1}","Random":7}`,
			answer: data(`{"MsgTime":1767305100,"MsgSeq":43}`), want: SentMessage{MsgTime: 1767305100, MsgSeq: 43},
		},
		"SendGroupMessage": {
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.SendGroupMessage(ctx, GroupMessage{
					GroupID: "live_mira7", Sender: "lin", Priority: PriorityHigh, Random: new(uint32(4294967295)), CloudCustomData: "c",
					Body:                  []MsgElement{TextElem("hello"), {"TIMFaceElem", map[string]int{"Index": 1}, "own"}},
					ForbidCallbackControl: []string{"ForbidBeforeSendMsgCallback"},
				})
			},
			path: "group_open_http_svc/send_group_msg",
			body: `{"GroupId":"live_mira7","From_Account":"lin","MsgPriority":"High","Random":4294967295,` +
				`"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hello"}},{"MsgType":"TIMFaceElem","MsgContent":{"Index":1},"CloudCustomData":"own"}],` +
				`"CloudCustomData":"c","ForbidCallbackControl":["ForbidBeforeSendMsgCallback"]}`,
			answer: `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","MsgTime":1767305100,"MsgSeq":44}`,
			want:   SentMessage{MsgTime: 1767305100, MsgSeq: 44},
		},
		"SetCallback": {
			call:   only(func(ctx context.Context, c *Client) error { return c.SetCallback(ctx, hooks) }),
			path:   "live_config/set_callback",
			body:   `{"Url":"https://hooks.example.net/live?a=1&b=2","CallbackCommandList":["Live.CallbackAfterDelMetadata"]}`,
			answer: okAnswer,
		},
		"UpdateCallback to none": {
			call:   only(func(ctx context.Context, c *Client) error { return c.UpdateCallback(ctx, Callback{URL: "http://h/"}) }),
			path:   "live_config/update_callback",
			body:   `{"Url":"http://h/","CallbackCommandList":[]}`,
			answer: okAnswer,
		},
		"Callback": {
			call:   func(ctx context.Context, c *Client) (any, error) { return c.Callback(ctx) },
			path:   "live_config/get_callback",
			body:   `{}`,
			answer: data(`{"Url":"https://hooks.example.net/live?a=1&b=2","CallbackCommandList":["Live.CallbackAfterDelMetadata"]}`),
			want:   hooks,
		},
		"DeleteCallback": {
			call:   only(func(ctx context.Context, c *Client) error { return c.DeleteCallback(ctx) }),
			path:   "live_config/delete_callback",
			body:   `{}`,
			answer: okAnswer,
		},
		"SetCallbackToken, both": {
			call:   only(func(ctx context.Context, c *Client) error { return c.SetCallbackToken(ctx, new("s3cret"), new(true)) }),
			path:   "live_config/set_callback_token",
			body:   `{"Token":"s3cret","IsTokenEnable":true}`,
			answer: okAnswer,
		},
		"SetCallbackToken, switched off": {
			call:   only(func(ctx context.Context, c *Client) error { return c.SetCallbackToken(ctx, nil, new(false)) }),
			path:   "live_config/set_callback_token",
			body:   `{"IsTokenEnable":false}`,
			answer: okAnswer,
		},
		"SetCallbackToken, another token": {
			call:   only(func(ctx context.Context, c *Client) error { return c.SetCallbackToken(ctx, new("n3w"), nil) }),
			path:   "live_config/set_callback_token",
			body:   `{"Token":"n3w"}`,
			answer: okAnswer,
		},
		"CallbackToken": {
			call:   func(ctx context.Context, c *Client) (any, error) { return c.CallbackToken(ctx) },
			path:   "live_config/get_callback_token",
			body:   `{}`,
			answer: data(`{"Token":"s3cret","IsTokenEnable":true}`), want: CallbackToken{"s3cret", true},
		},
		"DeleteCallbackToken": {
			call:   only(func(ctx context.Context, c *Client) error { return c.DeleteCallbackToken(ctx) }),
			path:   "live_config/delete_callback_token",
			body:   `{}`,
			answer: okAnswer,
		},
		"ImportAccount": {
			call: only(func(ctx context.Context, c *Client) error {
				return c.ImportAccount(ctx, Account{UserID: "shop_17", Nick: "Corner Shop"})
			}),
			path:   "im_open_login_svc/account_import",
			body:   `{"UserID":"shop_17","Nick":"Corner Shop"}`,
			answer: okAnswer,
		},
		"CheckAccounts": {
			call: func(ctx context.Context, c *Client) (any, error) { return c.CheckAccounts(ctx, "shop_17", "nobody") },
			path: "im_open_login_svc/account_check",
			body: `{"CheckItem":[{"UserID":"shop_17"},{"UserID":"nobody"}]}`,
			answer: `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ResultItem":[` +
				`{"UserID":"shop_17","ResultCode":0,"ResultInfo":"","AccountStatus":"Imported"},` +
				`{"UserID":"nobody","ResultCode":0,"ResultInfo":"","AccountStatus":"NotImported"}]}`,
			want: []AccountCheck{{UserID: "shop_17", Status: "Imported"}, {UserID: "nobody", Status: "NotImported"}},
		},

		// gifts
		"CopyDefaultGifts": {
			call: only(func(ctx context.Context, c *Client) error { return c.CopyDefaultGifts(ctx) }),
			path: "live_engine_http_srv/copy_default_gift_config", body: `{}`, answer: okAnswer,
		},
		"AddGift": {
			call: only(func(ctx context.Context, c *Client) error {
				return c.AddGift(ctx, Gift{"rose01", "Rose", "one rose", "https://i", "https://r", 5, 2, "[1]"})
			}),
			path: "live_engine_http_srv/add_gift",
			body: `{"GiftId":"rose01","DefaultName":"Rose","DefaultDesc":"one rose","IconUrl":"https://i","ResourceUrl":"https://r",` +
				`"Coins":5,"Level":2,"ExtensionInfo":"[1]"}`,
			answer: okAnswer,
		},
		"EditGift, a part": {
			call: only(func(ctx context.Context, c *Client) error {
				return c.EditGift(ctx, GiftEdit{GiftID: "rose01", Desc: new(""), Coins: new(0)})
			}),
			path: "live_engine_http_srv/edit_gift", body: `{"GiftId":"rose01","DefaultDesc":"","Coins":0}`, answer: okAnswer,
		},
		"EditGift, all": {
			call: only(func(ctx context.Context, c *Client) error {
				return c.EditGift(ctx, GiftEdit{"rose01", new("n"), new("d"), new("i"), new("r"), new(1), new(2), new("3")})
			}),
			path: "live_engine_http_srv/edit_gift",
			body: `{"GiftId":"rose01","DefaultName":"n","DefaultDesc":"d","IconUrl":"i","ResourceUrl":"r","Coins":1,"Level":2,` +
				`"ExtensionInfo":"3"}`,
			answer: okAnswer,
		},
		"Gift": {
			call: func(ctx context.Context, c *Client) (any, error) { return c.Gift(ctx, "rose01") },
			path: "live_engine_http_srv/get_gift", body: `{"GiftId":"rose01"}`,
			answer: `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","GiftInfo":{"GiftId":"rose01","IconUrl":"i","ResourceUrl":"r",` +
				`"Coins":5,"Level":2,"ExtensionInfo":"e","DefaultName":"Rose","DefaultDesc":"d"}}`, // as the documentation has it
			want: Gift{"rose01", "Rose", "d", "i", "r", 5, 2, "e"},
		},
		"DeleteGift": {
			call: only(func(ctx context.Context, c *Client) error { return c.DeleteGift(ctx, "rose01") }),
			path: "live_engine_http_srv/del_gift", body: `{"GiftId":"rose01"}`, answer: okAnswer,
		},
		"GiftCatalogue": {
			call: func(ctx context.Context, c *Client) (any, error) { return c.GiftCatalogue(ctx) },
			path: "live_engine_http_srv/get_gift_info_list", body: `{}`,
			answer: data(`{"TotalCount":1,"GiftList":[{"GiftId":"rose01","Name":"Rose","Desc":"d","IconUrl":"i","ResourceUrl":"r","Coins":5,` +
				`"Level":2,"ExtensionInfo":"e","CreateTime":1760000000,"LanguageList":[{"Language":"en","Name":"n","Desc":"x"}]}],` +
				`"CategoryList":[{"CategoryId":"hot","CategoryName":"Hot","CategoryDesc":"d","ExtensionInfo":"e","GiftIdList":["rose01"],` +
				`"LanguageList":[{"Language":"en","CategoryName":"n","CategoryDesc":"x"}]}]}`),
			want: GiftCatalogue{
				[]ListedGift{{"rose01", "Rose", "d", "i", "r", 5, 2, "e", 1760000000, []GiftText{{"en", "n", "x"}}}},
				[]ListedGiftCategory{{"hot", "Hot", "d", "e", []string{"rose01"}, []GiftCategoryText{{"en", "n", "x"}}}},
			},
		},
		"SetGiftText": {
			call: only(func(ctx context.Context, c *Client) error {
				return c.SetGiftText(ctx, "rose01", GiftText{LanguageSimplifiedChinese, "玫瑰", ""})
			}),
			path: "live_engine_http_srv/set_gift_language",
			body: `{"GiftId":"rose01","Language":"zh-Hans","Name":"玫瑰","Desc":""}`, answer: okAnswer,
		},
		"GiftText": {
			call: func(ctx context.Context, c *Client) (any, error) { return c.GiftText(ctx, "rose01", LanguageEnglish) },
			path: "live_engine_http_srv/get_gift_language", body: `{"GiftId":"rose01","Language":"en"}`,
			answer: data(`{"Language":{"Name":"Rose","Desc":"d"},"GiftInfo":{"Name":"Rose","Desc":"d"}}`), want: GiftText{"en", "Rose", "d"},
		},
		"DeleteGiftText": {
			call: only(func(ctx context.Context, c *Client) error {
				return c.DeleteGiftText(ctx, "rose01", LanguageTraditionalChinese)
			}),
			path: "live_engine_http_srv/del_gift_language", body: `{"GiftId":"rose01","Language":"zh-Hant"}`, answer: okAnswer,
		},
		"AddGiftCategory": {
			call: only(func(ctx context.Context, c *Client) error {
				return c.AddGiftCategory(ctx, GiftCategory{"hot", "Hot", "popular", ""})
			}),
			path: "live_engine_http_srv/add_gift_category",
			body: `{"CategoryId":"hot","DefaultName":"Hot","DefaultDesc":"popular","ExtensionInfo":""}`, answer: okAnswer,
		},
		"EditGiftCategory": {
			call: only(func(ctx context.Context, c *Client) error {
				return c.EditGiftCategory(ctx, GiftCategoryEdit{CategoryID: "hot", Desc: new("")})
			}),
			path: "live_engine_http_srv/edit_gift_category", body: `{"CategoryId":"hot","DefaultDesc":""}`, answer: okAnswer,
		},
		"GiftCategory": {
			call: func(ctx context.Context, c *Client) (any, error) { return c.GiftCategory(ctx, "hot") },
			path: "live_engine_http_srv/get_gift_category", body: `{"CategoryId":"hot"}`,
			answer: data(`{"GiftCategoryInfo":{"CategoryId":"hot","ExtensionInfo":"e","DefaultName":"Hot","DefaultDesc":"d"}}`),
			want:   GiftCategory{"hot", "Hot", "d", "e"},
		},
		"DeleteGiftCategory": {
			call: only(func(ctx context.Context, c *Client) error { return c.DeleteGiftCategory(ctx, "hot") }),
			path: "live_engine_http_srv/del_gift_category", body: `{"CategoryId":"hot"}`, answer: okAnswer,
		},
		"AddGiftsToCategory": {
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.AddGiftsToCategory(ctx, "hot", "rose01", "no")
			},
			path: "live_engine_http_srv/add_gift_category_relations", body: `{"CategoryId":"hot","GiftIdList":["rose01","no"]}`,
			answer: data(`{"InvalidGiftIdList":["no"]}`), want: []string{"no"},
		},
		"RemoveGiftsFromCategory": {
			call: only(func(ctx context.Context, c *Client) error { return c.RemoveGiftsFromCategory(ctx, "hot", "rose01") }),
			path: "live_engine_http_srv/del_gift_category_relations", body: `{"CategoryId":"hot","GiftIdList":["rose01"]}`, answer: okAnswer,
		},
		"GiftsOfCategory": {
			call: func(ctx context.Context, c *Client) (any, error) { return c.GiftsOfCategory(ctx, "hot") },
			path: "live_engine_http_srv/get_gift_category_relations", body: `{"CategoryId":"hot"}`,
			answer: data(`{"Relation":{"CategoryId":"hot","GiftIdList":["rose01"]}}`), want: []string{"rose01"},
		},
		"SetGiftCategoryText": {
			call: only(func(ctx context.Context, c *Client) error {
				return c.SetGiftCategoryText(ctx, "hot", GiftCategoryText{"en", "n", "d"})
			}),
			path: "live_engine_http_srv/set_gift_category_language",
			body: `{"CategoryId":"hot","Language":"en","CategoryName":"n","CategoryDesc":"d"}`, answer: okAnswer,
		},
		"GiftCategoryText": {
			call: func(ctx context.Context, c *Client) (any, error) { return c.GiftCategoryText(ctx, "hot", "en") },
			path: "live_engine_http_srv/get_gift_category_language", body: `{"CategoryId":"hot","Language":"en"}`,
			answer: data(`{"CategoryInfo":{"CategoryName":"n","CategoryDesc":"d"}}`), want: GiftCategoryText{"en", "n", "d"},
		},
		"DeleteGiftCategoryText": {
			call: only(func(ctx context.Context, c *Client) error { return c.DeleteGiftCategoryText(ctx, "hot", "en") }),
			path: "live_engine_http_srv/del_gift_category_language", body: `{"CategoryId":"hot","Language":"en"}`, answer: okAnswer,
		},
		"SendGift": {
			call: only(func(ctx context.Context, c *Client) error {
				return c.SendGift(ctx, GiftSending{"live_mira7", "rose01", 3, "bob", []string{"mira7"}})
			}),
			path: "live_engine_http_srv/send_gift",
			body: `{"RoomId":"live_mira7","GiftId":"rose01","Count":3,"From_Account":"bob","ReceiverList_Account":["mira7"]}`, answer: okAnswer,
		},
		"SendGift, one": {
			call: only(func(ctx context.Context, c *Client) error {
				return c.SendGift(ctx, GiftSending{RoomID: "live_mira7", GiftID: "rose01", From: "bob", To: []string{"a", "b"}})
			}),
			path: "live_engine_http_srv/send_gift",
			body: `{"RoomId":"live_mira7","GiftId":"rose01","From_Account":"bob","ReceiverList_Account":["a","b"]}`, answer: okAnswer,
		},
		"GiftCount": {
			call: func(ctx context.Context, c *Client) (any, error) { return c.GiftCount(ctx, "live_mira7", "bob") },
			path: "live_engine_http_srv/get_gift_count", body: `{"RoomId":"live_mira7","From_Account":"bob"}`,
			answer: data(`{"Sequence":9,"TotalCount":3,"TotalCoins":15,"GiftSenderCount":1}`), want: GiftCount{9, 3, 15, 1},
		},

		// accounts
		"ImportAccounts": {
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.ImportAccounts(ctx, Account{UserID: "shop_17", Nick: "Corner Shop"}, Account{UserID: "店"})
			},
			path:   "im_open_login_svc/multiaccount_import",
			body:   `{"AccountList":[{"UserID":"shop_17","Nick":"Corner Shop"},{"UserID":"店"}]}`,
			answer: `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","FailAccounts":["店"]}`, want: []string{"店"},
		},
		"DeleteAccounts": {
			call: func(ctx context.Context, c *Client) (any, error) { return c.DeleteAccounts(ctx, "shop_17", "nobody") },
			path: "im_open_login_svc/account_delete",
			body: `{"DeleteItem":[{"UserID":"shop_17"},{"UserID":"nobody"}]}`,
			answer: `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ResultItem":[{"UserID":"shop_17","ResultCode":0,"ResultInfo":""},` +
				`{"UserID":"nobody","ResultCode":70107,"ResultInfo":"Err_TLS_PT_Open_Login_Account_Not_Exist"}]}`,
			want: []AccountResult{{UserID: "shop_17"}, {"nobody", 70107, "Err_TLS_PT_Open_Login_Account_Not_Exist"}},
		},
		"Kick": {
			call:   only(func(ctx context.Context, c *Client) error { return c.Kick(ctx, "mia") }),
			path:   "im_open_login_svc/kick",
			body:   `{"UserID":"mia"}`,
			answer: okAnswer,
		},
		"OnlineStatus": {
			call: func(ctx context.Context, c *Client) (any, error) {
				known, unknown, err := c.OnlineStatus(ctx, "mia", "ben", "nobody")
				return []any{known, unknown}, err
			},
			path: "openim/query_online_status",
			body: `{"To_Account":["mia","ben","nobody"],"IsNeedDetail":1}`,
			answer: `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","QueryResult":[{"To_Account":"mia","Status":"Online","Detail":[` +
				`{"Platform":"Web","Status":"Online"},{"Platform":"iPhone","Status":"PushOnline"}]},{"To_Account":"ben","Status":"Offline"}],` +
				`"ErrorList":[{"To_Account":"nobody","ErrorCode":70107}]}`,
			want: []any{[]OnlineStatus{{"mia", "Online", []string{"Web"}}, {"ben", "Offline", nil}}, []string{"nobody"}},
		},
		"Profiles": {
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.Profiles(ctx, []string{"mia", "ghost"}, TagNick, TagLevel)
			},
			path: "profile/portrait_get",
			body: `{"To_Account":["mia","ghost"],"TagList":["Tag_Profile_IM_Nick","Tag_Profile_IM_Level"]}`,
			answer: data(`{"UserProfileItem":[{"To_Account":"mia","ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"Mia"},` +
				`{"Tag":"Tag_Profile_IM_Level","Value":3}],"ResultCode":0,"ResultInfo":""},{"To_Account":"ghost","ResultCode":40003,"ResultInfo":"never"}]}`),
			want: []Profile{
				{UserID: "mia", Items: []ProfileItem{{TagNick, "Mia"}, {TagLevel, 3.0}}}, {UserID: "ghost", ResultCode: 40003, ResultInfo: "never"},
			},
		},
		"SetProfile": {
			call: only(func(ctx context.Context, c *Client) error {
				return c.SetProfile(ctx, "mia", ProfileItem{TagNick, "Mia"}, ProfileItem{TagRole, 1})
			}),
			path:   "profile/portrait_set",
			body:   `{"From_Account":"mia","ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"Mia"},{"Tag":"Tag_Profile_IM_Role","Value":1}]}`,
			answer: `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":""}`,
		},
		"Follow": {
			call: func(ctx context.Context, c *Client) (any, error) { return c.Follow(ctx, "fan_1", "host_7", "fan_1") },
			path: "follow/follow_add",
			body: `{"From_Account":"fan_1","FollowItem":[{"To_Account":"host_7"},{"To_Account":"fan_1"}]}`,
			answer: `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":"","ResultItem":[{"To_Account":"host_7","ResultCode":0,"ResultInfo":""},` +
				`{"To_Account":"fan_1","ResultCode":30001,"ResultInfo":"itself"}]}`,
			want: []FollowResult{{UserID: "host_7"}, {"fan_1", 30001, "itself"}},
		},
		"Unfollow": {
			call:   func(ctx context.Context, c *Client) (any, error) { return c.Unfollow(ctx, "fan_1", "host_7") },
			path:   "follow/follow_delete",
			body:   `{"From_Account":"fan_1","To_Account":["host_7"]}`,
			answer: `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":"","ResultItem":[{"To_Account":"host_7","ResultCode":0,"ResultInfo":""}]}`,
			want:   []FollowResult{{UserID: "host_7"}},
		},
		"CheckFollow": {
			call:   func(ctx context.Context, c *Client) (any, error) { return c.CheckFollow(ctx, "fan_1", "host_7") },
			path:   "follow/follow_check",
			body:   `{"From_Account":"fan_1","To_Account":["host_7"]}`,
			answer: `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":"","ResultItem":[{"To_Account":"host_7","FollowType":2,"ResultCode":0,"ResultInfo":""}]}`,
			want:   []FollowCheck{{FollowResult{UserID: "host_7"}, FollowsThem}},
		},
		"FollowInfo": {
			call: func(ctx context.Context, c *Client) (any, error) { return c.FollowInfo(ctx, "host_7") },
			path: "follow/follow_get_info",
			body: `{"From_Account":"administrator","To_Account":["host_7"]}`,
			answer: `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":"","FollowInfo":[{"To_Account":"host_7","ResultCode":0,` +
				`"ResultInfo":"","FollowerCount":9000000000,"FollowingCount":2,"MutualFollowingCount":1}]}`,
			want: []FollowInfo{{FollowResult{UserID: "host_7"}, 9000000000, 2, 1}},
		},
		"Followers": {
			call: func(ctx context.Context, c *Client) (any, error) { return collect(c.Followers(ctx, "host_7")) },
			path: "follow/follow_get",
			body: `{"From_Account":"host_7","FollowType":1,"StartCursor":"","WantNum":1000}`,
			answer: `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ErrorDisplay":"","NextCursor":"","FollowItem":[{"To_Account":"fan_1","FollowTime":1765001300,` +
				`"ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"Fan"}]},{"To_Account":"fan_2","FollowTime":1765001200,"ProfileItem":[]}]}`,
			want: []Followed{{"fan_1", 1765001300, []ProfileItem{{TagNick, "Fan"}}}, {"fan_2", 1765001200, []ProfileItem{}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, tc.answer)
			got, err := tc.call(t.Context(), s.client(t))
			require.NoError(t, err)
			require.Equal(t, tc.want, got)
			path, _, _ := strings.Cut(s.last.uri, "?")
			require.Equal(t, "/v4/"+tc.path, path)
			require.Equal(t, tc.body, s.last.body)

			s.answer = `{"ActionStatus":"FAIL","ErrorCode":100001,"ErrorInfo":"try again","RequestId":"Id-2"}`
			_, err = tc.call(t.Context(), s.client(t))
			require.ErrorIs(t, err, CodeInternal)
			require.ErrorContains(t, err, tc.path)
		})
	}
}

func TestRoomInfoWithoutARoomIsAnError(t *testing.T) {
	_, err := newServer(t, `{"ErrorCode":0,"Response":{}}`).client(t).RoomInfo(t.Context(), "live_1")
	require.ErrorContains(t, err, "no RoomInfo")
}

func TestImportedTellsAccountsApart(t *testing.T) {
	require.True(t, AccountCheck{Status: "Imported"}.Imported())
	require.False(t, AccountCheck{Status: "NotImported"}.Imported())
}
