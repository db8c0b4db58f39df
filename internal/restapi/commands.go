package restapi

import (
	"context"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/observe"
)

// command is one row of the registry. Every command is for App admins only (doc 63398).
type command struct {
	path string // service/command
	// perSecond is how often an app may call it in the cloud; enforced only where the operator asks for that.
	perSecond float64
	doc       string // its page in the vendor's documentation; empty for what only real clients show
	does      string // what it is for, in a sentence
	handler
	// codes are the refusals of its own, beside [commonCodes] and the code for bad parameters.
	codes []live.Code
	// both puts the payload beside the envelope's fields as well as into Response: real clients read both places.
	both bool
}

func codes(list ...live.Code) []live.Code { return list }

// commonCodes are the refusals that every command can answer with.
var commonCodes = []live.Code{
	live.CodeBadRequest, live.CodeBadJSON, live.CodeBadApp, live.CodeTooOften, live.CodeTimeout, live.CodeNotAppAdmin,
	live.CodeAppMissing, live.CodeBadContentType, live.CodeSigExpired, live.CodeSigMissing, live.CodeSigMalformed,
	live.CodeSigWrongKey, live.CodeSigOtherUser, live.CodeSigOtherApp, live.CodeUnknownApp, live.CodeSigRevoked,
	live.CodeInternal,
}

// family is what the commands of one service have in common.
type family struct {
	// flat puts the payload beside the envelope's fields, as the commands taken over from chat do.
	flat bool
	// parameter is the code for a bad parameter.
	parameter live.Code
}

// families are the services, by the first part of a command's path.
var families = map[string]family{
	"live_engine_http_srv": {parameter: live.CodeBadParameter},
	"live_engine_http_pk":  {parameter: live.CodeBadParameter},
	"room_engine_http_mic": {parameter: live.CodeBadParameter},
	"room_engine_http_srv": {parameter: live.CodeBadParameter},
	"live_config":          {parameter: live.CodeBadParameter},
	"im_open_login_svc":    {parameter: live.CodeLoginParameter, flat: true},
	"openim":               {parameter: live.CodeLoginParameter, flat: true},
	"profile":              {parameter: live.CodeProfileParameter, flat: true},
	"group_open_http_svc":  {parameter: live.CodeGroupParameter, flat: true},
	"follow":               {parameter: live.CodeRelParameter, flat: true},
}

func (c command) family() family {
	service, _, _ := strings.Cut(c.path, "/")
	return families[service]
}

// commands is the registry: every command that is served.
var commands = []command{
	// Rooms
	{path: "live_engine_http_srv/create_room", perSecond: 200, doc: "63401", does: "Creates a room.",
		handler: handle(createRoom), codes: codes(live.CodeRoomExists, live.CodeOverLimit, live.CodeTooManyTags, live.CodeOwnRoomExists, live.CodeBadRoomType, live.CodeCreateTooOften)},
	{path: "live_engine_http_srv/destroy_room", perSecond: 200, doc: "63406", does: "Ends a room, and all that belongs to it.",
		handler: handle(destroyRoom), codes: codes(live.CodeNoRoom)},
	{path: "live_engine_http_srv/get_room_info", perSecond: 200, doc: "63404", does: "Tells what a room is like now.",
		handler: handle(getRoomInfo), codes: codes(live.CodeNoRoom)},
	{path: "live_engine_http_srv/update_room_info", perSecond: 200, doc: "63403", does: "Changes what a room is like.",
		handler: handle(updateRoomInfo), codes: codes(live.CodeNoRoom, live.CodeTooManyTags, live.CodeOverLimit)},
	{path: "live_engine_http_srv/get_room_list", perSecond: 10, doc: "63405", does: "Lists the publicly visible rooms of the app, a page at a time.",
		handler: handle(getRoomList)},
	{path: "live_engine_http_srv/get_room_stats", perSecond: 100, doc: "80421", does: "Tells what a room has seen so far.",
		handler: handle(getRoomStats), codes: codes(live.CodeNoRoom)},
	{path: "live_engine_http_srv/get_room_statistic", perSecond: 100, does: "Is get_room_stats under the name that real clients call it by.",
		handler: handle(getRoomStats), codes: codes(live.CodeNoRoom)},
	{path: "live_engine_http_srv/change_room_owner", perSecond: 200, doc: "72534", does: "Gives a room to another owner.",
		handler: handle(changeRoomOwner), codes: codes(live.CodeNoRoom)},
	{path: "live_engine_http_srv/set_mix_stream", perSecond: 20, doc: "69077", does: "Sets the layout of a room's mixed stream, which is kept but not carried out: this server has no media.",
		handler: handle(setMixStream), codes: codes(live.CodeNoRoom, live.CodeNoPermission)},
	{path: "live_engine_http_srv/resume_mcu_task", perSecond: 20, doc: "72333", does: "Brings a room's mixed stream back, of which there is none here: the call is only checked.",
		handler: handle(resumeMcuTask), codes: codes(live.CodeNoRoom, live.CodeNoPermission)},
	{path: "live_engine_http_srv/set_room_metadata", perSecond: 200, doc: "64375", does: "Adds metadata to a room, or overwrites it.",
		handler: handle(setRoomMetadata), codes: codes(live.CodeNoRoom, live.CodeTooManyKeys, live.CodeValueTooBig, live.CodeMetadataTooBig, live.CodeKeyTooBig)},
	{path: "live_engine_http_srv/get_room_metadata", perSecond: 200, doc: "64374", does: "Tells a room's metadata.",
		handler: handle(getRoomMetadata), codes: codes(live.CodeNoRoom)},
	{path: "live_engine_http_srv/del_room_metadata", perSecond: 200, doc: "64376", does: "Deletes metadata of a room.",
		handler: handle(delRoomMetadata), codes: codes(live.CodeNoRoom, live.CodeNoSuchKey)},
	{path: "live_engine_http_srv/modify_admin", perSecond: 200, doc: "63411", does: "Makes users administrators of a room, or takes that from them.",
		handler: handle(modifyAdmin), codes: codes(live.CodeNoRoom, live.CodeTooManyAdmins)},
	{path: "live_engine_http_srv/get_admin_list", perSecond: 200, doc: "63409", does: "Tells who are a room's administrators.",
		handler: handle(getAdminList), codes: codes(live.CodeNoRoom)},

	// Members
	{path: "live_engine_http_srv/mute_member", perSecond: 200, doc: "66969", does: "Keeps users from sending messages to a room, or lets them send again.",
		handler: handle(muteMember), codes: codes(live.CodeNoRoom)},
	{path: "live_engine_http_srv/get_muted_member_list", perSecond: 200, doc: "69894", does: "Tells who is muted in a room.",
		handler: handle(getMutedMemberList), codes: codes(live.CodeNoRoom), both: true},
	{path: "live_engine_http_srv/ban_member", perSecond: 200, doc: "63407", does: "Removes users from a room and keeps them out of it.",
		handler: handle(banMember), codes: codes(live.CodeNoRoom, live.CodeNoPermission)},
	{path: "live_engine_http_srv/unban_member", perSecond: 200, doc: "63410", does: "Lets users who were banned enter a room again.",
		handler: handle(unbanMember), codes: codes(live.CodeNoRoom)},
	{path: "live_engine_http_srv/get_banned_member_list", perSecond: 200, doc: "63408", does: "Tells who is banned from a room.",
		handler: handle(getBannedMemberList), codes: codes(live.CodeNoRoom), both: true},
	{path: "room_engine_http_srv/kick_user_out", perSecond: 200, doc: "60708", does: "Removes users from a room; they may come back.",
		handler: handle(kickUserOut), codes: codes(live.CodeNoRoom, live.CodeNoPermission)},
	{path: "live_engine_http_srv/kick_user_out", perSecond: 200, doc: "60708", does: "Removes users from a room, as the command of that name of room_engine_http_srv does.",
		handler: handle(kickUserOut), codes: codes(live.CodeNoRoom, live.CodeNoPermission)},
	{path: "live_engine_http_srv/get_member_list", perSecond: 200, doc: "78156", does: "Tells who is in a room.",
		handler: handle(getMemberList), codes: codes(live.CodeNoRoom)},

	// Messages
	{path: "live_engine_http_srv/send_text_msg", perSecond: 200, doc: "74353", does: "Sends a text to a room. Beside the codes below, those from 10100 to 10200 with which the app server refuses a message are passed on.",
		handler: handle(sendTextMsg), codes: codes(live.CodeNoRoom, live.CodeMuted, live.CodeMsgRefused, live.CodeMsgTooLong, live.CodeMsgNoAnswer)},
	{path: "live_engine_http_srv/send_custom_msg", perSecond: 200, doc: "74354", does: "Sends a message of the app's own kind to a room. Beside the codes below, those from 10100 to 10200 with which the app server refuses a message are passed on.",
		handler: handle(sendCustomMsg), codes: codes(live.CodeNoRoom, live.CodeMuted, live.CodeMsgRefused, live.CodeMsgTooLong, live.CodeMsgNoAnswer)},
	{path: "group_open_http_svc/send_group_msg", perSecond: 200, doc: "34959", does: "Sends a message of any form to a room. Beside the codes below, those from 10100 to 10200 with which the app server refuses a message are passed on.",
		handler: handle(sendGroupMsg), codes: codes(live.CodeNoGroup, live.CodeSenderMuted, live.CodeNoGroupAccount, live.CodeMsgRefused, live.CodeMsgTooLong, live.CodeMsgNoAnswer)},

	// Seats
	{path: "room_engine_http_mic/get_seat_list", perSecond: 200, doc: "64427", does: "Tells who sits on a room's seats, and what is locked.",
		handler: handle(getSeatList), codes: codes(live.CodeNoRoom)},
	{path: "room_engine_http_mic/pick_user_on_seat", perSecond: 200, doc: "64428", does: "Puts a user of the room onto an empty seat.",
		handler: handle(pickUserOnSeat), codes: codes(live.CodeNoRoom, live.CodeNotMember, live.CodeSeatLocked, live.CodeOnSeat, live.CodeSeatHasUser, live.CodeNoSeats)},
	{path: "room_engine_http_mic/kick_user_off_seat", perSecond: 200, doc: "64429", does: "Takes a user off its seat.",
		handler: handle(kickUserOffSeat), codes: codes(live.CodeNoRoom, live.CodeNotOnSeat, live.CodeNoSeats)},
	{path: "room_engine_http_mic/lock_seat", perSecond: 200, doc: "64430", does: "Locks a seat, or its audio or video, or lifts such locks.",
		handler: handle(lockSeat), codes: codes(live.CodeNoRoom, live.CodeNoSeats)},
	{path: "room_engine_http_mic/switch_seat", perSecond: 200, doc: "72552", does: "Moves a user from its seat to an empty one.",
		handler: handle(switchSeat), codes: codes(live.CodeNoRoom, live.CodeNotMember, live.CodeSeatLocked, live.CodeNotOnSeat, live.CodeSeatHasUser, live.CodeNoSeats)},
	{path: "room_engine_http_mic/move_user_to_seat", perSecond: 200, doc: "72685", does: "Moves a user from its seat to another one, empty or not.",
		handler: handle(moveUserToSeat), codes: codes(live.CodeNoRoom, live.CodeNotMember, live.CodeNotOnSeat, live.CodeSeatHasUser, live.CodeNoSeats)},

	// Robots
	{path: "live_engine_http_srv/add_robot", perSecond: 100, doc: "69079", does: "Puts accounts into a room as robots, which need no client.",
		handler: handle(addRobot), codes: codes(live.CodeNoRoom, live.CodeOverLimit)},
	{path: "live_engine_http_srv/del_robot", perSecond: 100, doc: "69080", does: "Takes robots out of a room.",
		handler: handle(delRobot), codes: codes(live.CodeNoRoom)},
	{path: "live_engine_http_srv/get_robot", perSecond: 100, doc: "69081", does: "Tells which robots a room has.",
		handler: handle(getRobot), codes: codes(live.CodeNoRoom)},

	// Gifts
	{path: "live_engine_http_srv/copy_default_gift_config", perSecond: 0.1, doc: "74360", does: "Gives an app without gifts the server's own set: 15 gifts in 3 categories.",
		handler: handle(copyDefaultGiftConfig), codes: codes(live.CodeCreateTooOften, live.CodeOverLimit, live.CodeGiftsConfigured)},
	{path: "live_engine_http_srv/add_gift", perSecond: 1, doc: "72845", does: "Adds a gift to the catalogue.",
		handler: handle(addGift), codes: codes(live.CodeCreateTooOften, live.CodeOverLimit)},
	{path: "live_engine_http_srv/get_gift", perSecond: 1, doc: "72846", does: "Tells a gift of the catalogue.",
		handler: handle(getGift), codes: codes(live.CodeCreateTooOften, live.CodeNoSuchGift), both: true},
	{path: "live_engine_http_srv/edit_gift", perSecond: 1, doc: "", does: "Changes a gift of the catalogue; what is not given stays.",
		handler: handle(editGift), codes: codes(live.CodeCreateTooOften, live.CodeNoSuchGift)},
	{path: "live_engine_http_srv/del_gift", perSecond: 1, doc: "72847", does: "Removes a gift from the catalogue, with its texts and its places in categories.",
		handler: handle(delGift), codes: codes(live.CodeCreateTooOften)},
	{path: "live_engine_http_srv/get_gift_info_list", perSecond: 200, doc: "", does: "Tells the whole catalogue: gifts, categories and texts.",
		handler: handle(getGiftInfoList)},
	{path: "live_engine_http_srv/add_gift_category", perSecond: 1, doc: "72848", does: "Adds a category of gifts.",
		handler: handle(addGiftCategory), codes: codes(live.CodeCreateTooOften, live.CodeOverLimit)},
	{path: "live_engine_http_srv/get_gift_category", perSecond: 1, doc: "72849", does: "Tells a category of gifts.",
		handler: handle(getGiftCategory), codes: codes(live.CodeCreateTooOften), both: true},
	{path: "live_engine_http_srv/edit_gift_category", perSecond: 1, doc: "", does: "Changes a category of gifts; what is not given stays.",
		handler: handle(editGiftCategory), codes: codes(live.CodeCreateTooOften)},
	{path: "live_engine_http_srv/del_gift_category", perSecond: 1, doc: "72850", does: "Removes a category with its texts; its gifts stay in the catalogue.",
		handler: handle(delGiftCategory), codes: codes(live.CodeCreateTooOften)},
	{path: "live_engine_http_srv/add_gift_category_relations", perSecond: 1, doc: "72851", does: "Adds gifts to those of a category.",
		handler: handle(addGiftCategoryRelations), codes: codes(live.CodeCreateTooOften, live.CodeNoSuchGift), both: true},
	{path: "live_engine_http_srv/del_gift_category_relations", perSecond: 1, doc: "72852", does: "Takes gifts from a category.",
		handler: handle(delGiftCategoryRelations), codes: codes(live.CodeCreateTooOften)},
	{path: "live_engine_http_srv/get_gift_category_relations", perSecond: 1, doc: "72853", does: "Tells the gifts of a category.",
		handler: handle(getGiftCategoryRelations), codes: codes(live.CodeCreateTooOften), both: true},
	{path: "live_engine_http_srv/set_gift_language", perSecond: 1, doc: "72854", does: "Sets a gift's texts in a language.",
		handler: handle(setGiftLanguage), codes: codes(live.CodeCreateTooOften, live.CodeNoSuchGift)},
	{path: "live_engine_http_srv/get_gift_language", perSecond: 1, doc: "72855", does: "Tells a gift's texts in a language.",
		handler: handle(getGiftLanguage), codes: codes(live.CodeCreateTooOften, live.CodeNoSuchGift), both: true},
	{path: "live_engine_http_srv/del_gift_language", perSecond: 1, doc: "72856", does: "Removes a gift's texts in a language.",
		handler: handle(delGiftLanguage), codes: codes(live.CodeCreateTooOften)},
	{path: "live_engine_http_srv/set_gift_category_language", perSecond: 1, doc: "72857", does: "Sets a category's texts in a language.",
		handler: handle(setGiftCategoryLanguage), codes: codes(live.CodeCreateTooOften)},
	{path: "live_engine_http_srv/get_gift_category_language", perSecond: 1, doc: "72858", does: "Tells a category's texts in a language.",
		handler: handle(getGiftCategoryLanguage), codes: codes(live.CodeCreateTooOften), both: true},
	{path: "live_engine_http_srv/del_gift_category_language", perSecond: 1, doc: "72859", does: "Removes a category's texts in a language.",
		handler: handle(delGiftCategoryLanguage), codes: codes(live.CodeCreateTooOften)},
	{path: "live_engine_http_srv/send_gift", perSecond: 200, doc: "72556", does: "Gives gifts in a room, if the app server agrees; its own refusals are 102100 to 102200.",
		handler: handle(sendGift), codes: codes(live.CodeNoRoom, live.CodeOverLimit, live.CodeNoSuchGift, live.CodeGiftRefused, live.CodeGiftsOff)},
	{path: "live_engine_http_srv/get_gift_count", perSecond: 200, doc: "72557", does: "Tells how many gifts were given in a room, by everybody or by one user.",
		handler: handle(getGiftCount), codes: codes(live.CodeNoRoom)},

	// Battles
	{path: "live_engine_http_pk/create_battle", perSecond: 200, doc: "68254", does: "Starts a battle between rooms.",
		handler: handle(createBattle), codes: codes(live.CodeNoRoom, live.CodeTooManyInBattle, live.CodeNoRoomForBattle, live.CodeInOtherBattle)},
	{path: "live_engine_http_pk/set_battle_score", perSecond: 200, doc: "68255", does: "Adds to the scores of rooms in a running battle, or overwrites them.",
		handler: handle(setBattleScore), codes: codes(live.CodeNoBattle, live.CodeBattleEnded)},
	{path: "live_engine_http_pk/get_battle_info", perSecond: 200, doc: "68256", does: "Tells how a battle stands, or how it ended.",
		handler: handle(getBattleInfo), codes: codes(live.CodeNoBattle)},

	// Webhook configuration
	{path: "live_config/set_callback", perSecond: 200, doc: "64420", does: "Configures the app's webhooks for the first time.",
		handler: handle(setCallback), codes: codes(live.CodeCallbackExists)},
	{path: "live_config/update_callback", perSecond: 200, doc: "64419", does: "Replaces the configuration of the app's webhooks.",
		handler: handle(updateCallback), codes: codes(live.CodeNoCallback)},
	{path: "live_config/get_callback", perSecond: 200, doc: "64418", does: "Tells the configuration of the app's webhooks.",
		handler: handle(getCallback), codes: codes(live.CodeNoCallback)},
	{path: "live_config/delete_callback", perSecond: 200, doc: "64421", does: "Removes the configuration of the app's webhooks: none is sent any more.",
		handler: handle(deleteCallback)},
	{path: "live_config/set_callback_token", perSecond: 200, doc: "69528", does: "Sets the token that webhooks are signed with, or whether they are.",
		handler: handle(setCallbackToken)},
	{path: "live_config/get_callback_token", perSecond: 200, doc: "69529", does: "Tells the token that webhooks are signed with.",
		handler: handle(getCallbackToken), codes: codes(live.CodeNoCallbackToken)},
	{path: "live_config/delete_callback_token", perSecond: 200, doc: "1071/78182", does: "Removes the token that webhooks are signed with.",
		handler: handle(deleteCallbackToken)},

	// Accounts
	{path: "im_open_login_svc/account_import", perSecond: 200, doc: "34953", does: "Registers an account, or updates its profile.",
		handler: handle(accountImport), codes: codes(live.CodeProfileTooLong)},
	{path: "im_open_login_svc/account_check", perSecond: 100, doc: "34956", does: "Tells which accounts were imported.",
		handler: handle(accountCheck)},
	{path: "im_open_login_svc/multiaccount_import", perSecond: 100, doc: "34954", does: "Registers accounts, or updates their profiles.",
		handler: handle(multiaccountImport)},
	{path: "im_open_login_svc/account_delete", perSecond: 100, doc: "34955", does: "Deletes accounts with their profiles and follow relations, and ends their logins.",
		handler: handle(accountDelete), codes: codes(live.CodeNoAccount, live.CodeNoDeletion)},
	{path: "im_open_login_svc/kick", perSecond: 200, doc: "34957", does: "Ends a user's logins: UserSigs made before are refused, and connections closed.",
		handler: handle(kick), codes: codes(live.CodeNoAccount)},
	{path: "openim/query_online_status", perSecond: 200, doc: "35477", does: "Tells who is connected.",
		handler: handle(queryOnlineStatus), codes: codes(live.CodeNoAccount)},

	// Profiles
	{path: "profile/portrait_set", perSecond: 200, doc: "34916", does: "Writes values of a user's profile.",
		handler: handle(portraitSet), codes: codes(live.CodeProfileNobody, live.CodeProfileNoAccount, live.CodeProfileNoTag, live.CodeProfileTooLong, live.CodeProfileBadValue, live.CodeProfileBadType)},
	{path: "profile/portrait_get", perSecond: 200, doc: "34917", does: "Tells values of users' profiles.",
		handler: handle(portraitGet), codes: codes(live.CodeProfileNobody, live.CodeProfileNoAccount, live.CodeProfileNoTag), both: true},

	// Follow relations
	{path: "follow/follow_add", perSecond: 200, doc: "70345", does: "Makes a user follow others.",
		handler: handle(followAdd), codes: codes(live.CodeRelNoAccount, live.CodeFollowsTooMany)},
	{path: "follow/follow_delete", perSecond: 200, doc: "70346", does: "Ends that a user follows others.",
		handler: handle(followDelete), codes: codes(live.CodeRelNoAccount)},
	{path: "follow/follow_check", perSecond: 200, doc: "70349", does: "Tells how others stand to a user.",
		handler: handle(followCheck), codes: codes(live.CodeRelNoAccount)},
	{path: "follow/follow_get", perSecond: 200, doc: "70347", does: "Pages through a user's followers, whom the user follows, or both.",
		handler: handle(followGet), codes: codes(live.CodeRelNoAccount)},
	{path: "follow/follow_get_info", perSecond: 200, doc: "70350", does: "Tells how many followers users have, and how many they follow.",
		handler: handle(followGetInfo), codes: codes(live.CodeRelNoAccount)},
}

// Commands returns the paths of all commands, without the prefix.
func Commands() []string {
	paths := make([]string, len(commands))
	for i, c := range commands {
		paths[i] = c.path
	}
	return paths
}

// handler carries a command out: run decodes a body of type in, does it, and returns a payload of type out.
type handler struct {
	in, out reflect.Type
	run     func(ctx context.Context, c *call, body []byte, parameter live.Code) (any, error)
}

// handle makes a row's handler from a function on the decoded body. A nil Out has no payload.
func handle[In, Out any](f func(context.Context, *call, *In) (*Out, error)) handler {
	return handler{in: reflect.TypeFor[In](), out: reflect.TypeFor[Out](), run: func(ctx context.Context, c *call, body []byte, parameter live.Code) (any, error) {
		in := new(In)
		if err := decode(body, in, parameter); err != nil {
			return nil, err
		}
		out, err := f(ctx, c, in)
		if err != nil || out == nil {
			return nil, err
		}
		return out, nil
	}}
}

// none is the payload of commands that have none.
type none struct{}

// served is a command with its counters.
type served struct {
	command
	ok      prometheus.Counter
	failed  *prometheus.CounterVec
	seconds prometheus.Observer
}

func serve(c command, m *observe.Metrics) *served {
	return &served{
		command: c, ok: m.RESTCalls.WithLabelValues(c.path, "0"),
		failed: m.RESTCalls, seconds: m.RESTDuration.WithLabelValues(c.path),
	}
}

func (s *served) observe(code live.Code, took time.Duration) {
	s.seconds.Observe(took.Seconds())
	if code == 0 {
		s.ok.Inc()
		return
	}
	s.failed.WithLabelValues(s.path, strconv.Itoa(int(code))).Inc()
}
