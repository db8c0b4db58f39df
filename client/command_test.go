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
