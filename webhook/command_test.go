package webhook_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/webhook"
)

func TestEveryWordOfTheContractCanBeConfigured(t *testing.T) {
	require.Equal(t, []webhook.Command{
		"Live.CallbackAfterCreateRoom",
		"Live.CallbackAfterDestroyRoom",
		"Live.CallbackAfterUpdateRoomInfo",
		"Live.CallbackAfterSetMetadata",
		"Live.CallbackAfterDelMetadata",
		"Live.CallbackAfterCreateRoomReachingThreshold",
		"Live.CallbackAfterMemberStateChanged",
		"Live.CallbackAfterChangeOwner",
		"Live.CallbackAfterModifyAdmin",
		"Mic.CallbackAfterSeatInfoChanged",
		"Live.CallbackAfterCreateBattle",
		"Live.CallbackAfterStartBattle",
		"Live.CallbackAfterEndBattle",
		"Live.CallbackBeforeSendGift",
		"Live.CallbackBeforeCallBackNotBlock",
		"Group.CallbackBeforeSendMsg",
		"Group.CallbackAfterSendMsg",
		"Follow.CallbackAfterFollowAdd",
		"Follow.CallbackAfterFollowDelete",
		"Live.CallbackAfterCloudRecordingChanged",
	}, webhook.Words())
	for _, word := range webhook.Words() {
		kind, ok := webhook.Lookup(string(word))
		require.True(t, ok, word)
		require.Equal(t, word, kind.Command)
	}
}

func TestWordsIsTheCallersToChange(t *testing.T) {
	webhook.Words()[0] = "changed"
	require.Equal(t, webhook.CommandAfterCreateRoom, webhook.Words()[0])
}

func TestOtherSpellingsNameTheSameWebhook(t *testing.T) {
	for alias, command := range map[string]webhook.Command{
		"Live.CallbackMemberStateChanged":             webhook.CommandAfterMemberStateChanged,
		"Follow.CallbackAfterCloudRecordingChanged":   webhook.CommandAfterCloudRecordingChanged,
		string(webhook.CommandAfterDelMetadata):       webhook.CommandAfterDelMetadata,
		string(webhook.CommandBeforeCallBackNotBlock): webhook.CommandBeforeCallBackNotBlock,
	} {
		kind, ok := webhook.Lookup(alias)
		require.True(t, ok, alias)
		require.Equal(t, command, kind.Command)
	}
}

func TestOtherWordsNameNothing(t *testing.T) {
	for _, word := range []string{"", "Live.", "live.callbackaftercreateroom", "Room.CallbackAfterCreateRoom", "Live.CallbackAfterCreateRoom "} {
		kind, ok := webhook.Lookup(word)
		require.False(t, ok, word)
		require.Empty(t, kind.Command)
	}
}

func TestWhatTheWebhooksDifferIn(t *testing.T) {
	var omit, before, switches []webhook.Command
	for _, word := range webhook.Words() {
		kind, _ := webhook.Lookup(string(word))
		if kind.OmitsClient {
			omit = append(omit, word)
		}
		if kind.Before {
			before = append(before, word)
		}
		if kind.Switch {
			switches = append(switches, word)
		}
	}
	require.Equal(t, []webhook.Command{
		webhook.CommandAfterMemberStateChanged, webhook.CommandAfterChangeOwner, webhook.CommandAfterModifyAdmin}, omit)
	require.Equal(t, []webhook.Command{webhook.CommandBeforeSendGift, webhook.CommandBeforeSendMsg}, before)
	require.Equal(t, []webhook.Command{webhook.CommandBeforeCallBackNotBlock}, switches)
}
