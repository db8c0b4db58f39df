package main

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/webhook"
)

const hookURL = "http://127.0.0.1:1/hooks?a=b"

// configured returns what the server has now.
func configured(t *testing.T) (url string, commands []string) {
	t.Helper()
	var callback struct {
		Url                 string
		CallbackCommandList []string
	}
	require.NoError(t, json.Unmarshal([]byte(succeed(t, "webhook", "get", "--json")), &callback))
	return callback.Url, callback.CallbackCommandList
}

func TestWebhookSetSwitchesOnEveryEventUnlessToldOtherwise(t *testing.T) {
	for _, args := range [][]string{nil, {"--all"}} {
		startServer(t)
		text := succeed(t, append([]string{"webhook", "set", hookURL}, args...)...)
		url, commands := configured(t)
		require.Equal(t, hookURL, url)
		require.Equal(t, "webhooks go to "+hookURL+"\n  "+strings.Join(commands, "\n  ")+"\n", text)
		require.Contains(t, commands, "Live.CallbackAfterDelMetadata")
		require.Contains(t, commands, "Follow.CallbackAfterFollowAdd")
		for _, word := range webhook.Words() {
			kind, known := webhook.Lookup(string(word))
			require.True(t, known)
			require.Equal(t, !kind.Before && !kind.Switch, strings.Contains(text, string(word)+"\n"), "%s", word)
		}
	}
}

func TestWebhookCommandsAreNamedInFullOrWithoutTheirPrefix(t *testing.T) {
	short := map[string]bool{}
	for _, word := range webhook.Words() {
		require.False(t, short[shortWord(word)], "%s is ambiguous", shortWord(word))
		short[shortWord(word)] = true
	}
	startServer(t)
	succeed(t, "webhook", "set", hookURL, "--commands", "AfterDelMetadata,Mic.CallbackAfterSeatInfoChanged,BeforeSendMsg")
	_, commands := configured(t)
	require.Equal(t, []string{"Live.CallbackAfterDelMetadata", "Mic.CallbackAfterSeatInfoChanged", "Group.CallbackBeforeSendMsg"}, commands)

	require.Regexp(t, `^100002: .*"AfterLunch"`, fail(t, "webhook", "update", "--commands", "AfterLunch").Error())
	require.ErrorContains(t, fail(t, "webhook", "update", "--commands", "AfterDelMetadata", "--all"), "none of the others can be")
}

func TestWebhookUpdateLeavesWhatIsNotGiven(t *testing.T) {
	startServer(t)
	require.Regexp(t, "^100301: ", fail(t, "webhook", "get").Error())
	require.Regexp(t, "^100301: ", fail(t, "webhook", "update", hookURL).Error())
	succeed(t, "webhook", "set", hookURL, "--commands", "AfterDelMetadata")
	require.Regexp(t, "^100300: ", fail(t, "webhook", "set", hookURL).Error())

	require.Equal(t, "webhooks go to http://127.0.0.1:2/\n  Live.CallbackAfterDelMetadata\n", succeed(t, "webhook", "update", "http://127.0.0.1:2/"))
	require.Equal(t, "webhooks go to http://127.0.0.1:2/\nnone is switched on\n", succeed(t, "webhook", "update", "--commands", ""))
	url, commands := configured(t)
	require.Equal(t, "http://127.0.0.1:2/", url)
	require.Empty(t, commands)

	succeed(t, "webhook", "update", "--all")
	_, commands = configured(t)
	require.Equal(t, eventWords(), commands)
	require.ErrorContains(t, fail(t, "webhook", "update"), "nothing to change")

	require.Equal(t, "{}\n", succeed(t, "webhook", "update", hookURL, "--json"))
	require.Equal(t, "webhooks are off\n", succeed(t, "webhook", "delete"))
	require.Regexp(t, "^100301: ", fail(t, "webhook", "get").Error())
}

func TestWebhookToken(t *testing.T) {
	startServer(t)
	require.Regexp(t, "^100302: ", fail(t, "webhook", "token", "get").Error())
	require.Equal(t, "the token signs the webhooks\n", succeed(t, "webhook", "token", "set", "s3cret"))
	require.Equal(t, "s3cret\nthe token signs the webhooks\n", succeed(t, "webhook", "token", "get"))
	require.Equal(t, "the token does not sign the webhooks\n", succeed(t, "webhook", "token", "set", "--enabled=false"))
	require.JSONEq(t, `{"Token":"s3cret","IsTokenEnable":false}`, succeed(t, "webhook", "token", "get", "--json"))
	require.ErrorContains(t, fail(t, "webhook", "token", "set"), "nothing to set")
	require.Regexp(t, "^100002: ", fail(t, "webhook", "token", "set", strings.Repeat("t", 129)).Error())
	require.Equal(t, "there is no token\n", succeed(t, "webhook", "token", "delete"))
	require.Regexp(t, "^100302: ", fail(t, "webhook", "token", "get").Error())
}

func TestShellCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		require.Contains(t, succeed(t, "completion", shell), "greenroom")
	}
	complete := func(args ...string) []string {
		stdout, _, err := greenroom(append([]string{"__complete"}, args...)...)
		require.NoError(t, err)
		return strings.Split(stdout, "\n")
	}
	require.Contains(t, complete("webhook", "set", hookURL, "--commands", ""), "Live.CallbackAfterSetMetadata")
	second := complete("webhook", "update", "--commands", "Live.CallbackAfterSetMetadata,")
	require.Contains(t, second, "Live.CallbackAfterSetMetadata,Live.CallbackAfterDelMetadata")
	require.NotContains(t, second, "Live.CallbackAfterSetMetadata,Live.CallbackAfterSetMetadata")
	require.Contains(t, complete("room", "create", "hello", "--take-seat-mode", ""), "ApplyToTake")
	require.Contains(t, strings.Join(complete("room", ""), "\n"), "set-metadata\tWrite metadata of a room")
}
