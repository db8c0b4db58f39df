package restapi_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/internal/live"
	"github.com/greenroom-live/greenroom/internal/restapi"
	"github.com/greenroom-live/greenroom/webhook"
)

// index is every command of the contract, by service, with the calls per second that its page allows. Where no page has
// a figure, the one of its nearest relative stands.
var index = map[string]map[string]float64{
	"live_engine_http_srv": {
		// rooms (docs 63401 to 63406, 80421, 69077, 72333)
		"create_room": 200, "destroy_room": 200, "update_room_info": 200, "get_room_info": 200, "get_room_list": 10,
		"get_room_stats": 100, "get_room_statistic": 100, "set_mix_stream": 20, "resume_mcu_task": 20,
		// metadata (docs 64374 to 64376)
		"set_room_metadata": 200, "get_room_metadata": 200, "del_room_metadata": 200,
		// members (docs 63407 to 63411, 66969, 69894, 72534, 1071/78156)
		"mute_member": 200, "get_muted_member_list": 200, "ban_member": 200, "unban_member": 200,
		"get_banned_member_list": 200, "modify_admin": 200, "get_admin_list": 200, "get_member_list": 200,
		"change_room_owner": 200,
		// messages (docs 74353, 74354)
		"send_text_msg": 200, "send_custom_msg": 200,
		// robots (docs 69079 to 69081)
		"add_robot": 100, "del_robot": 100, "get_robot": 100,
		// gifts (docs 74360, 72845 to 72859, 72556, 72557)
		"copy_default_gift_config": 0.1, "add_gift": 1, "get_gift": 1, "edit_gift": 1, "del_gift": 1, "get_gift_info_list": 200,
		"add_gift_category": 1, "get_gift_category": 1, "edit_gift_category": 1, "del_gift_category": 1,
		"add_gift_category_relations": 1, "get_gift_category_relations": 1, "del_gift_category_relations": 1,
		"set_gift_language": 1, "get_gift_language": 1, "del_gift_language": 1,
		"set_gift_category_language": 1, "get_gift_category_language": 1, "del_gift_category_language": 1,
		"send_gift": 200, "get_gift_count": 200,
	},
	// seats (docs 64427 to 64430, 72552, 72685)
	"room_engine_http_mic": {
		"get_seat_list": 200, "pick_user_on_seat": 200, "kick_user_off_seat": 200, "lock_seat": 200, "switch_seat": 200,
		"move_user_to_seat": 200,
	},
	// what only the sister service documents (doc 60708)
	"room_engine_http_srv": {"kick_user_out": 200},
	// battles (docs 68254 to 68256)
	"live_engine_http_pk": {"create_battle": 200, "set_battle_score": 200, "get_battle_info": 200},
	// webhooks (docs 64418 to 64421, 69528, 69529, 1071/78182)
	"live_config": {
		"set_callback": 200, "update_callback": 200, "get_callback": 200, "delete_callback": 200,
		"set_callback_token": 200, "get_callback_token": 200, "delete_callback_token": 200,
	},
	// accounts (docs 34953 to 34957)
	"im_open_login_svc": {
		"account_import": 200, "multiaccount_import": 100, "account_check": 100, "account_delete": 100, "kick": 200,
	},
	"openim":              {"query_online_status": 200},               // doc 35477
	"profile":             {"portrait_set": 200, "portrait_get": 200}, // docs 34916, 34917
	"group_open_http_svc": {"send_group_msg": 200},                    // doc 34959
	"follow": { // docs 70345 to 70350
		"follow_add": 200, "follow_delete": 200, "follow_check": 200, "follow_get": 200, "follow_get_info": 200,
	},
}

// extra are commands that are served and are in no index, each with its reason.
var extra = map[string]string{
	"live_engine_http_srv/kick_user_out": "the sister service's command, where the other commands on members are",
}

// figures is the index by path.
func figures() map[string]float64 {
	all := make(map[string]float64)
	for service, commands := range index {
		for name, perSecond := range commands {
			all[service+"/"+name] = perSecond
		}
	}
	return all
}

// TestEveryCommandOfTheContractIsServed walks the whole index: each command is in the registry, with its figure, and
// the registry has nothing else but what says why it is there.
func TestEveryCommandOfTheContractIsServed(t *testing.T) {
	figures, served := figures(), make(map[string]restapi.Description)
	for _, c := range restapi.Describe() {
		require.NotContains(t, served, c.Path, "the registry has it twice")
		served[c.Path] = c
	}
	for path, perSecond := range figures {
		c, ok := served[path]
		require.True(t, ok, "%s is in the contract and not in the registry", path)
		require.Equal(t, perSecond, c.PerSecond, "%s: calls per second", path)
	}
	for path := range served {
		if _, known := figures[path]; !known {
			require.NotEmpty(t, extra[path], "%s is in no index of the contract: why is it there?", path)
		}
	}
	require.Len(t, figures, 78)
}

// TestEveryRowOfTheRegistryIsWhole: what a row must say, beside what the compiler demands.
func TestEveryRowOfTheRegistryIsWhole(t *testing.T) {
	for _, c := range restapi.Describe() {
		require.Regexp(t, `^[A-Z].*\.$`, c.Does, "%s: a sentence", c.Path)
		require.Regexp(t, `^([0-9]+(/[0-9]+)?)?$`, c.Doc, "%s: a page number", c.Path)
		require.Positive(t, c.PerSecond, c.Path)
		require.NotZero(t, restapi.ParameterCode(c.Path), "%s: its service is in no family", c.Path)
		require.True(t, c.InResponse || c.Beside, c.Path)
		for _, code := range c.Codes {
			require.NotEmpty(t, code.Meaning(), "%s: %d", c.Path, code)
			require.NotContains(t, restapi.CommonCodes(), code, "%s: every command can answer with it", c.Path)
		}
	}
	for _, code := range restapi.CommonCodes() {
		require.NotEmpty(t, code.Meaning(), code)
	}
}

// TestEveryWebhookOfTheContractIsKnown holds the registry of webhooks against the documentation's list (doc 64413).
func TestEveryWebhookOfTheContractIsKnown(t *testing.T) {
	const after, before, flag = "after", "before", "switch"
	words := map[string]string{
		"Live.CallbackAfterCreateRoom": after, "Live.CallbackAfterDestroyRoom": after, "Live.CallbackAfterUpdateRoomInfo": after,
		"Live.CallbackAfterSetMetadata": after, "Live.CallbackAfterDelMetadata": after,
		"Live.CallbackAfterCreateRoomReachingThreshold": after, "Live.CallbackAfterMemberStateChanged": after,
		"Live.CallbackAfterChangeOwner": after, "Live.CallbackAfterModifyAdmin": after, "Mic.CallbackAfterSeatInfoChanged": after,
		"Live.CallbackAfterCreateBattle": after, "Live.CallbackAfterStartBattle": after, "Live.CallbackAfterEndBattle": after,
		"Live.CallbackBeforeSendGift": before, "Live.CallbackBeforeCallBackNotBlock": flag,
		"Group.CallbackBeforeSendMsg": before, "Group.CallbackAfterSendMsg": after,
		"Follow.CallbackAfterFollowAdd": after, "Follow.CallbackAfterFollowDelete": after,
		"Live.CallbackAfterCloudRecordingChanged": after,
	}
	got := make(map[string]string)
	for _, word := range webhook.Words() {
		kind, ok := webhook.Lookup(string(word))
		require.True(t, ok, word)
		got[string(word)] = after
		if kind.Before {
			got[string(word)] = before
		}
		if kind.Switch {
			got[string(word)] = flag
		}
		var omits []string
		if kind.OmitsClient {
			omits = append(omits, string(word))
		}
		require.Equal(t, slices.Contains(omitClient, string(word)), len(omits) == 1, "%s: ClientIP and OptPlatform", word)
	}
	require.Equal(t, words, got)
	require.Len(t, slices.Collect(maps.Keys(words)), 20)
}

// ofNoCommand are the codes that methods of clients answer with and no command does, and that of a command there is not.
var ofNoCommand = []live.Code{
	live.CodeMsgTooOften, live.CodeRoomFull, live.CodeBanned, live.CodeSeatsFull, live.CodeNotInBattle, live.CodeUnknownCommand,
}

// TestEveryCodeIsAnsweredByACommand: the reference names no code that nobody can get.
func TestEveryCodeIsAnsweredByACommand(t *testing.T) {
	answered := slices.Concat(restapi.CommonCodes(), ofNoCommand)
	for _, c := range restapi.Describe() {
		answered = append(answered, c.Codes...)
	}
	for _, code := range live.Codes() {
		assert.Contains(t, answered, code, "%d: %s", code, code.Meaning())
	}
}
