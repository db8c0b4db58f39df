package client

import (
	"context"
	"strings"
	"testing"

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
			want: Statistic{312, 18, 940, 6, 2050},
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
					Body:                  []MsgElement{TextElem("hello"), {"TIMFaceElem", map[string]int{"Index": 1}}},
					ForbidCallbackControl: []string{"ForbidBeforeSendMsgCallback"},
				})
			},
			path: "group_open_http_svc/send_group_msg",
			body: `{"GroupId":"live_mira7","From_Account":"lin","MsgPriority":"High","Random":4294967295,` +
				`"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hello"}},{"MsgType":"TIMFaceElem","MsgContent":{"Index":1}}],` +
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
