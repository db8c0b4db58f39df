package main

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/greenroom-live/greenroom/client"
	"github.com/greenroom-live/greenroom/internal/config"
	"github.com/greenroom-live/greenroom/internal/server"
	"github.com/greenroom-live/greenroom/usersig"
)

func TestAccountCommandsPrintForPeople(t *testing.T) {
	startServer(t)
	text, err := partly(t, "account", "import", "alice", "店", "bob", "--nick", "Nick", "--face-url", "f.png")
	require.Equal(t, "imported 2 of 3\nnot imported: 店\n", text)
	require.EqualError(t, err, "refused for 1 of 3")
	require.Equal(t, "alice   Imported\nnobody  NotImported\n", succeed(t, "account", "check", "alice", "nobody"))
	require.Equal(t, "set the profile of alice\n",
		succeed(t, "account", "set-profile", "alice", "Nick=Alice = me", "Level=3", "Custom_Tier=gold", "Image=", "Tag_Profile_IM_Gender=Gender_Type_Female"))
	require.Equal(t, "Nick    Alice = me\nGender  Gender_Type_Female\nLevel   3\n", succeed(t, "account", "profile", "alice"))
	require.Equal(t, "Custom_Tier  gold\nLevel        3\n", succeed(t, "account", "profile", "alice", "Custom_Tier", "IM_Level", "Role"))
	require.Equal(t, "nothing of that is set for alice\n", succeed(t, "account", "profile", "alice", "Image"))
	require.Equal(t, "alice   Offline\nnobody  unknown\n", succeed(t, "account", "status", "alice", "nobody"))
	require.Equal(t, "kicked alice\n", succeed(t, "account", "kick", "alice"))
	text, err = partly(t, "account", "delete", "alice", "nobody", "administrator")
	require.Equal(t, "alice          deleted\nnobody         70107: Err_TLS_PT_Open_Login_Account_Not_Exist\n"+
		"administrator  71000: \"administrator\" is an App admin, who cannot be deleted\n", text)
	require.EqualError(t, err, "refused for 2 of 3")
	text, err = partly(t, "account", "delete", "nobody", "--json")
	require.JSONEq(t, `{"ResultItem":[{"UserID":"nobody","ResultCode":70107,"ResultInfo":"Err_TLS_PT_Open_Login_Account_Not_Exist"}]}`, text)
	require.EqualError(t, err, "refused for 1 of 1")
	require.Equal(t, "nothing of that is set for alice\n", succeed(t, "account", "profile", "alice"))
}

func TestAccountCommandsPrintTheAnswerForMachines(t *testing.T) {
	startServer(t)
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"import", "alice"}, `{"FailAccounts":[]}`},
		{[]string{"check", "alice"}, `{"ResultItem":[{"UserID":"alice","ResultCode":0,"ResultInfo":"","AccountStatus":"Imported"}]}`},
		{[]string{"set-profile", "alice", "Role=1"}, `{}`},
		{[]string{"profile", "alice"}, `{"UserProfileItem":[{"To_Account":"alice","ProfileItem":[{"Tag":"Tag_Profile_IM_Role","Value":1}],"ResultCode":0,"ResultInfo":""}],"ErrorDisplay":""}`},
		{[]string{"status", "alice"}, `{"QueryResult":[{"To_Account":"alice","Status":"Offline","Detail":[]}]}`},
		{[]string{"kick", "alice"}, `{}`},
		{[]string{"delete", "alice"}, `{"ResultItem":[{"UserID":"alice","ResultCode":0,"ResultInfo":""}]}`},
	} {
		require.JSONEq(t, tc.want, succeed(t, append(append([]string{"account"}, tc.args...), "--json")...), "%v", tc.args)
	}
}

func TestAccountCommandsFail(t *testing.T) {
	startServer(t)
	for want, args := range map[string][]string{
		`^70107: .+ \(RequestId \S+\)$`:      {"kick", "nobody"},
		`^40009: .+ \(RequestId \S+\)$`:      {"set-profile", "alice", "Shoe=43"},
		`^40605: .+ \(RequestId \S+\)$`:      {"set-profile", "alice", "Gender=f"},
		`^Level takes a number, not "high"$`: {"set-profile", "alice", "Level=high"},
		`^"Level" is not TAG=VALUE$`:         {"set-profile", "alice", "Level"},
		`^requires at least 1 arg\(s\)`:      {"import"},
		`^requires at least 2 arg\(s\)`:      {"set-profile", "alice"},
	} {
		require.Regexp(t, want, fail(t, append([]string{"account"}, args...)...).Error())
	}
}

func TestFollowCommands(t *testing.T) {
	startServer(t)
	succeed(t, "account", "import", "bob", "--nick", "Bob")
	text, err := partly(t, "follow", "add", "alice", "bob", "alice", "carol")
	require.Equal(t, "bob    follows now\nalice  30001: a user cannot follow itself\ncarol  follows now\n", text)
	require.EqualError(t, err, "refused for 1 of 3")
	succeed(t, "follow", "add", "bob", "alice")
	require.Equal(t, "bob    each follows the other\ncarol  is followed\ndave   neither follows the other\n", succeed(t, "follow", "check", "alice", "bob", "carol", "dave"))
	require.Equal(t, "alice  is a follower\n", succeed(t, "follow", "check", "carol", "alice"))
	require.Equal(t, "USER   FOLLOWERS  FOLLOWING  MUTUAL\nalice  1          2          1\n", succeed(t, "follow", "info", "alice"))
	require.Regexp(t, `^bob  20\S+Z  Bob\n$`, succeed(t, "follow", "list", "alice"))
	require.Regexp(t, `^bob  20\S+Z  Bob\n$`, succeed(t, "follow", "list", "alice", "--type", "mutual"))
	require.Equal(t, "nobody\n", succeed(t, "follow", "list", "carol", "--type", "following"))
	require.Regexp(t, `^(bob|carol)  20\S+Z .*\nthere are more: --cursor \d+\.(bob|carol)\n$`, succeed(t, "follow", "list", "alice", "--type", "following", "--count", "1"))
	require.Equal(t, "bob  follows no more\n", succeed(t, "follow", "delete", "alice", "bob"))
	require.JSONEq(t, `{"FollowInfo":[{"To_Account":"alice","ResultCode":0,"ResultInfo":"","FollowerCount":1,"FollowingCount":1,"MutualFollowingCount":0}]}`,
		succeed(t, "follow", "info", "alice", "--json"))
	require.JSONEq(t, `{"FollowItem":[],"NextCursor":""}`, succeed(t, "follow", "list", "alice", "--type", "mutual", "--json"))

	require.Regexp(t, `^30001: .+ \(RequestId \S+\)$`, fail(t, "follow", "list", "alice", "--count", "1001").Error())
	require.Regexp(t, `^--type must be`, fail(t, "follow", "list", "alice", "--type", "friends").Error())
	require.Regexp(t, `^requires at least 2 arg\(s\)`, fail(t, "follow", "add", "alice").Error())
}

// TestAKickOutlivesTheServer: a server that is started again refuses what was revoked before.
func TestAKickOutlivesTheServer(t *testing.T) {
	app := config.DefaultApp()
	app.SDKAppID, app.SecretKey = testApp, testKey
	c := config.Default()
	c.Listen, c.DataDir, c.Apps = "127.0.0.1:0", t.TempDir(), []config.App{app}
	serve := func(use func(url string)) {
		s, err := server.New(c, server.Options{Log: slog.New(slog.DiscardHandler), Version: "test"})
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		use(s.URL())
		cancel()
		require.NoError(t, <-ended)
	}
	old := usersig.New(testApp, testKey, "administrator", time.Now().Add(-time.Minute), time.Hour)
	for _, first := range []bool{true, false} {
		serve(func(url string) {
			api, err := client.New(url, client.WithUserSig(testApp, "administrator", old))
			require.NoError(t, err)
			if first {
				require.NoError(t, api.Kick(t.Context(), "administrator"))
			}
			_, err = api.CheckAccounts(t.Context(), "alice")
			require.ErrorIs(t, err, client.CodeUserSigRevoked)
		})
	}
}
